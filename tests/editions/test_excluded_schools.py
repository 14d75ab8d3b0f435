"""A city that lacks a school: blocked, published without it by name, and with it once it filed.

In the same home another school leaves one cell blank, which a steward accepts, and a third corrects
a figure after the first edition: what is said of a figure at each step is what the workbooks hold.
"""

import os
import re
import shutil
import zipfile

import openpyxl
import pandas as pd
from schools_said import hold_each_figure_to_its_schools
from story import (
    CITY,
    CORRECTED,
    LATE,
    YEAR,
    add_to,
    beside,
    change,
    go_through_the_line,
    inbox_file,
)

from orchestration.editions import history
from orchestration.editions.checklist import checklist
from orchestration.editions.contents import read_tables
from orchestration.editions.trace import opened_edition, trace_of, trace_rows
from orchestration.gate.decisions import Proposal, decide, propose, settle
from orchestration.gate.findings import finding_rows
from orchestration.gate.run import city_outcome
from orchestration.ground import clock
from orchestration.ground.home import REPOSITORY
from orchestration.ground.ledger import open_ledger
from orchestration.line.outcome import city_status, open_findings
from orchestration.publishing.rebuild import rebuild
from orchestration.schools.excluding import exclude_school
from orchestration.warehouse.dbt import reading

NOTE = "该校当年未报送，已另行公告。"
KEY = (CITY, YEAR, LATE)
# What one school leaves blank and another corrects later.
LEFT_BLANK, PLACE, FIGURE = "9962102304", ("教职工", "校外兼职教师数"), "external_teachers"
BLANK = "cell_that_a_figure_needs_is_filled"


def printed(edition):
    with zipfile.ZipFile(edition.folder / "report.docx") as archive:
        return archive.read("word/document.xml").decode()


def said(edition):
    return re.sub("<[^>]+>", "", printed(edition))


def filed(home):
    """What each of the city's schools has in that cell, as the workbooks of the inbox stand."""
    found = {}
    for path in sorted((home.inbox / str(YEAR)).glob(f"{LATE[:4]}*.xlsx")):
        book = openpyxl.load_workbook(path, read_only=True)
        found[path.name[: len(LATE)]] = beside(book, *PLACE).value
    return found


def accept_the_blank(ledger, found):
    """Let a steward accept what is asked of the school, one thing, and another person approve."""
    is_asked = found["school_code"].eq(LEFT_BLANK) & found["class"].eq("explain")
    (row,) = finding_rows(found[is_asked & found["state"].eq("open") & found["year"].eq(YEAR)])
    assert row["rule_id"] == BLANK
    assert f"{PLACE[1]} 13/15 所学校" in row["sentence_zh"]
    proposal = Proposal("accept", "exceptional_year", "台账遗失，无法填报")
    made = decide(ledger, propose([row], proposal, "李审核", {}, clock.today()), 0)
    settle(ledger, made.decision_id, approve=True, text="", actor="王复核", is_approver=True)


def says_the_figure(home, edition, value, counted):
    """Hold what edition, report and SQL say of the figure against the workbooks' own sum."""
    metrics = read_tables(edition.folder)["city_yearly_metrics"].to_pandas()
    row = metrics.set_index("indicator_id").loc[FIGURE]
    assert (row["value"], row["schools_counted"], row["schools_expected"]) == (value, counted, 15)
    assert f"{value}人（{counted}/15所）" in said(edition)
    with reading(home.analyst_database) as connection:
        (shown,) = connection.execute(
            "select value, schools_counted, schools_expected from fct_indicator where city = ? "
            "and year = ? and area_level = 'city' and indicator_id = ?",
            [CITY, YEAR, FIGURE],
        ).fetchall()
    assert shown == (value, counted, 15)


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
        exclude_school(ledger, home, KEY, "学校停办，联系不上", NOTE, "王排除")
        change(inbox_file(home, LEFT_BLANK), *PLACE, lambda _: None)
        without = go_through_the_line(
            home, ledger, lambda found: accept_the_blank(ledger, found)
        ).edition
        assert filed(home)[LEFT_BLANK] is None and LATE not in filed(home)
        first = sum(filter(None, filed(home).values()))
        says_the_figure(home, without, first, 13)
        assert city_outcome(home, CITY, YEAR)[0] == "passed"
        (status,) = [one for one in city_status(home, YEAR) if one.city == CITY]
        assert (status.excluded, status.missing, status.must) == (1, 0, 0)
        assert (status.accepted, status.explained) == (14, 1)
        # Neither what is excluded by name nor what is explained is open any more.
        listed = {row["rule_id"] for row in open_findings(home, YEAR)}
        assert listed.isdisjoint({"school_has_handed_in", BLANK})
        tables = read_tables(without.folder)
        (explained,) = tables["fct_decision"].to_pylist()
        assert (explained["school_code"], explained["rule_id"]) == (LEFT_BLANK, BLANK)
        (impact,) = [
            row
            for row in tables["fct_finding_impact"].to_pylist()
            if row["finding_id"] == explained["finding_id"]
        ]
        assert impact["sentence_zh"].startswith(f"{PLACE[1]}现为 {first}（13/15所），缺此项")
        (row,) = tables["fct_exclusion"].to_pylist()
        assert (row["school_code"], row["public_note"], row["excluded_by"]) == (
            LATE,
            NOTE,
            "王排除",
        )
        with opened_edition(without.folder) as connection:
            which = "breakdown is null and indicator_id = $id"
            traced = trace_rows(connection, CITY, YEAR, which, id="schools")
            behind = trace_of(connection, CITY, YEAR, FIGURE).schools
        assert behind["value"].sum() == first and behind["is_counted"].sum() == 13
        out = behind[behind["is_counted"].eq(False)]
        assert dict(zip(out["school_code"], out["not_counted_because"], strict=True)) == {
            LEFT_BLANK: "blank",
            LATE: "excluded",
        }
        assert out["school_name"].notna().all() and out["value"].isna().all()
        assert "未计入：已具名排除" in (without.folder / "page.html").read_text("utf-8")
        assert traced["cell"].str.startswith("schools.csv!B").all()
        assert LATE in set(traced["school_code"]) and len(traced) == 15
        (listed,) = without.manifest()["exclusions"]
        assert listed["school_name"] == row["school_name"]
        text = printed(without)
        assert f"本报告不含{row['school_name']}的数据" in text and NOTE in text
        assert "应报学校15所，本版统计14所" in re.sub("<[^>]+>", "", text)
        assert NOTE in (without.folder / "page.html").read_text("utf-8")
        # The school is in the monitoring, so that this year's rate is over fewer than last year's.
        assert "，本年为90.00%（10/11所），两年统计的学校或口径不同，不能直接比较。" in said(
            without
        )
        lacking = hold_each_figure_to_its_schools(home, without)
        assert lacking[FIGURE] == (13, 15) and lacking["graduates"] == (14, 15)
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
        assert not signs("王排除（审批）") and not signs("王排除主任")
        assert not signs("李审核") and not signs("王复核")
        assert all(file.is_equal for file in rebuild(home, ledger, without).files)

        late = home.inbox / str(YEAR) / f"{LATE}_补报.xlsx"
        shutil.copyfile(inbox_file(story.home, LATE), late)
        os.utime(late, (1_700_000_000, 1_700_000_000))  # nobody is still writing it
        # And a school that was printed already finds that it had counted one too few.
        before = add_to(inbox_file(home, CORRECTED), *PLACE, 1)
        go_through_the_line(home, ledger)
        whole = history.city_year(home, ledger, CITY, YEAR).current
        assert whole.number == without.number + 1 and whole.manifest()["exclusions"] == []
        assert NOTE not in printed(whole) and "不能直接比较" not in said(whole)
        second = sum(filter(None, filed(home).values()))
        assert second == first + 1 + filed(home)[LATE] and filed(home)[CORRECTED] == before + 1
        says_the_figure(home, whole, second, 14)
        revision = read_tables(whole.folder)["revision"].to_pylist()
        moved = {r["cause"]: r["change"] for r in revision if r["indicator_id"] == FIGURE}
        assert moved == {"corrected_submission": 1, "late_school": second - first - 1}
        assert "unexplained" not in {r["cause"] for r in revision}
        (kept,) = read_tables(whole.folder)["fct_decision"].to_pylist()
        assert kept["decision_id"] == explained["decision_id"]
        (status,) = [one for one in city_status(home, YEAR) if one.city == CITY]
        assert (status.missing, status.excluded) == (0, 0)
        coverage = pd.read_parquet(home.gate / "city_findings.parquet")
        assert "every_school_is_accepted" not in set(
            coverage.loc[coverage["city"] == CITY, "rule_id"]
        )
        # Then the cell is filled, so that what was decided on the replaced file rests: who decided
        # it had no part in this edition, nor had who named a school that files by now.
        change(inbox_file(home, LEFT_BLANK), *PLACE, lambda _: 3, day="2025-02-03")
        filled = go_through_the_line(home, ledger).edition
        assert filled.number == whole.number + 1
        assert read_tables(filled.folder)["fct_decision"].num_rows == 0
        for actor in ("李审核", "王复核", "王排除"):
            items = {i.id: i for i in checklist(home, ledger, filled, actor, "n")}
            assert items["signer_decided_nothing"].is_met
            assert items["nothing_is_explained"].is_met
