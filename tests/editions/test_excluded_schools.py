"""A city that lacks a school: blocked, published without it by name, and with it once it filed."""

import os
import re
import shutil
import zipfile

import pandas as pd
from story import CITY, LATE, YEAR, go_through_the_line, inbox_file

from orchestration.editions import history
from orchestration.editions.checklist import checklist
from orchestration.editions.contents import read_tables
from orchestration.editions.trace import opened_edition, trace_rows
from orchestration.gate.run import city_outcome
from orchestration.ground.home import REPOSITORY
from orchestration.ground.ledger import open_ledger
from orchestration.intake.declared.exclusions import exclude
from orchestration.line.outcome import city_status, open_findings
from orchestration.publishing.rebuild import rebuild

NOTE = "该校当年未报送，已另行公告。"
KEY = (CITY, YEAR, LATE)


def printed(edition):
    with zipfile.ZipFile(edition.folder / "report.docx") as archive:
        return archive.read("word/document.xml").decode()


def test_a_city_without_a_school_is_published_by_name_and_says_so_until_the_school_files(
    story, tmp_path
):
    home = type(story.home)(tmp_path / "home")
    shutil.copytree(story.before_release.root, home.root)
    # Now the school is on the roster, and its file is not there.
    shutil.copyfile(
        REPOSITORY / "cities" / CITY / "schools.csv", home.cities / CITY / "schools.csv"
    )
    with open_ledger(home) as ledger:
        exclude(ledger, home, KEY, "学校停办，联系不上", NOTE, "王排除")
        without = go_through_the_line(home, ledger).edition
        assert city_outcome(home, CITY, YEAR)[0] == "passed"
        (status,) = [one for one in city_status(home, YEAR) if one.city == CITY]
        assert (status.excluded, status.missing, status.must) == (1, 0, 0)
        assert "school_has_handed_in" not in {row["rule_id"] for row in open_findings(home, YEAR)}
        tables = read_tables(without.folder)
        (row,) = tables["fct_exclusion"].to_pylist()
        assert (row["school_code"], row["public_note"], row["excluded_by"]) == (
            LATE,
            NOTE,
            "王排除",
        )
        with opened_edition(without.folder) as connection:
            which = "breakdown is null and indicator_id = $id"
            traced = trace_rows(connection, CITY, YEAR, which, id="schools")
        assert traced["cell"].str.startswith("schools.csv!B").all()
        assert LATE in set(traced["school_code"]) and len(traced) == 15
        (listed,) = without.manifest()["exclusions"]
        assert listed["school_name"] == row["school_name"]
        text = printed(without)
        assert f"本报告不含{row['school_name']}的数据" in text and NOTE in text
        assert "应报学校15所，本版统计14所" in re.sub("<[^>]+>", "", text)
        assert NOTE in (without.folder / "page.html").read_text("utf-8")
        metrics = tables["city_yearly_metrics"].to_pandas().set_index("indicator_id")
        enrolled = metrics.loc["enrolled"]
        assert enrolled["schools_counted"] == enrolled["schools_expected"] - 1
        assert f"{enrolled['value_printed']}（14/15所）" in re.sub("<[^>]+>", "", text)
        # The roster knows its schools, whether they file or not.
        rostered = ["schools", "public_schools", "private_schools", "monitored_schools"]
        assert metrics.loc[rostered, "value"].tolist() == [15, 8, 7, 11]
        assert metrics.loc[rostered, "schools_counted"].eq(15).all()

        def signs(actor):
            items = {i.id: i for i in checklist(home, ledger, without, actor, "n")}
            assert row["school_name"] in items["no_school_is_excluded"].text.zh
            return items["signer_decided_nothing"].is_met

        assert not signs("王排除") and not signs(" 王排除 ") and signs("李批准")
        assert all(file.is_equal for file in rebuild(home, ledger, without).files)

        late = home.inbox / str(YEAR) / f"{LATE}_补报.xlsx"
        shutil.copyfile(inbox_file(story.home, LATE), late)
        os.utime(late, (1_700_000_000, 1_700_000_000))  # nobody is still writing it
        go_through_the_line(home, ledger)
        whole = history.city_year(home, ledger, CITY, YEAR).current
        assert whole.number == without.number + 1 and whole.manifest()["exclusions"] == []
        assert NOTE not in printed(whole)
        causes = {r["cause"] for r in read_tables(whole.folder)["revision"].to_pylist()}
        assert "late_school" in causes and "unexplained" not in causes
        (status,) = [one for one in city_status(home, YEAR) if one.city == CITY]
        assert (status.missing, status.excluded) == (0, 0)
        coverage = pd.read_parquet(home.gate / "city_findings.parquet")
        assert "every_school_is_accepted" not in set(
            coverage.loc[coverage["city"] == CITY, "rule_id"]
        )
