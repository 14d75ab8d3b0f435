"""What is published of a year that waits for its release, or that its gate stops: no figure."""

import json
import re
import shutil
import signal
import stat
import time
from datetime import UTC, datetime, timedelta

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from commands import python
from dagster import build_sensor_context
from figures_shown import showing
from offices import Office
from story import CITY, YEAR, sign
from typer.testing import CliRunner

from orchestration.analysts.database import catch_up, publish_database, refresh_editions
from orchestration.cli import app
from orchestration.editions.contents import read_tables
from orchestration.editions.history import EditionRefused, city_year
from orchestration.editions.verify import verify_all
from orchestration.gate.current import current_state
from orchestration.ground.ledger import open_ledger
from orchestration.ground.lock import lock
from orchestration.line.resources import Deployment
from orchestration.line.sensors import signed_editions
from orchestration.publishing.publish import publish_edition, release_due
from orchestration.publishing.rebuild import rebuild
from orchestration.publishing.withdrawn import withdraw
from orchestration.web.frame.embargo import impact_shown

EDITION, TRACE = f"/{YEAR}/editions/{CITY}/v1", f"/{YEAR}/trace/{CITY}/graduates"
ADDRESSES = (EDITION, f"{EDITION}/page", f"{EDITION}/files/metrics.csv", TRACE, f"{TRACE}.csv")
RELEASE = datetime.now(UTC) + timedelta(days=120)
CLASSES_ABOVE = (
    "select distinct area_code, class_code from fct_indicator_breakdown "
    f"where area_code in ('620000', '000000') and year = {YEAR}"
)
NOTE = "在校生数由 14812 修订。"


@pytest.fixture
def office(story, tmp_path):
    yield from opened(tmp_path, story.before_release)


@pytest.fixture
def revising(story, tmp_path):
    """A final edition is out, and the next one provisional."""
    yield from opened(tmp_path, story.before_revision)


def opened(folder, like):
    office = Office(folder, like)
    (office.home.root / "settings.yml").write_text(
        "pre_release_readers: [qian]\n", encoding="utf-8"
    )
    with open_ledger(office.home) as ledger:
        publish_database(office.home, ledger)
    yield office
    office.accounts.close()


def figures_of(folder):
    """The edition's figures that nothing else is: of five digits, or four with decimals."""
    metrics = pq.read_table(folder / "tables" / "city_yearly_metrics.parquet").to_pylist()
    found = {float(row["value_printed"]) for row in metrics if row["value_printed"]}
    return {value for value in found if len(f"{value:g}".replace(".", "")) >= 4}


def of_nobody_else(home, figures):
    """Leave out what is also a figure of another city or another year."""
    with duckdb.connect(str(home.warehouse), read_only=True) as build:
        others = build.sql(
            " union all ".join(
                f"select {column} from {table} where city <> '{CITY}' or year <> {YEAR}"
                for table, column in (
                    *(("fct_indicator", "value"), ("fct_indicator_breakdown", "value")),
                    ("fct_finding_impact", "value_without"),
                )
            )
        ).fetchall()
    return figures - {round(abs(value), 2) for (value,) in others if value is not None}


def answers(browser):
    return {browser.get(address).status_code for address in ADDRESSES}


def test_until_its_release_nothing_that_is_published_shows_a_figure_and_then_all_does(office):
    home = office.home
    folder = home.editions(CITY, YEAR) / "v1"
    figures = of_nobody_else(home, figures_of(folder)) | {14812.0}
    before = showing(home.published, figures)
    assert len(figures) > 25 and len(before) > 20, "what is looked for is found where it is"
    assert {"nianbao.duckdb fct_edition_metric", f"{CITY}/{YEAR}/v1/report.docx"} < before.keys()
    with open_ledger(home) as ledger:
        sign(home, ledger, 1, release_at=RELEASE, note=NOTE)
        assert not folder.exists() and stat.S_IMODE(home.embargoed.stat().st_mode) == 0o700
        refresh_editions(home, ledger)
        assert showing(home.published, figures) == {}
        assert verify_all(home, ledger) == (1, []), "it is where nobody looks, as it was"
        publish_database(home, ledger)
        assert showing(home.published, figures) == {}, "nor after the next run"
        with duckdb.connect(str(home.analyst_database), read_only=True) as reader:
            # What was deleted would stay in the file's free pages.
            assert reader.sql("select sum(free_blocks) from pragma_database_size()").fetchall() == [
                (0,)
            ]
            of_year = f"where city = '{CITY}' and year = {YEAR}"
            assert reader.sql(f"from fct_student {of_year}").fetchall() == []
            assert reader.sql(f"from fct_city_gate {of_year}").fetchall() != []
            named = reader.sql(CLASSES_ABOVE).fetchall()
            assert named == [], "classes that the province has of this city"
            of_others = reader.sql("select count(*) from fct_student").fetchall()
            assert of_others > [(0,)]
        (final,) = release_due(home, ledger, RELEASE + timedelta(seconds=1))
        assert final.folder.is_relative_to(home.published) and folder.is_dir()
        refresh_editions(home, ledger)
        after = showing(home.published, figures)
        assert before.keys() < after.keys(), "the marts are back without another run"
        with duckdb.connect(str(home.analyst_database), read_only=True) as reader:
            assert reader.sql(CLASSES_ABOVE).fetchall() != []
        assert city_year(home, ledger, CITY, YEAR).current == final
        assert verify_all(home, ledger) == (2, [])
    assert not home.whole_database.exists()


def test_until_its_release_pages_are_for_the_named_alone(office):
    home = office.home
    viewer, steward = office.browser("viewer"), office.browser("steward")
    named, approver = office.browser("viewer", name="qian"), office.browser("approver")
    everybody = (viewer, steward, named, approver)
    assert [answers(browser) for browser in everybody] == [{200}] * 4
    found, link = f"/{YEAR}/cases?city={CITY}&state=open", f"/{YEAR}/findings/"
    assert link in viewer.get(found).text
    with open_ledger(home) as ledger:
        sign(home, ledger, 1, release_at=RELEASE, note=NOTE)
        assert [answers(browser) for browser in everybody] == [{403}, {403}, {200}, {200}]
    assert "尚未到发布时间" in viewer.get(EDITION).text
    listed = [NOTE in browser.get(f"/{YEAR}/editions").text for browser in everybody]
    assert listed == [False, False, True, True]
    # What is found in the city's figures names them.
    assert [link in browser.get(found).text for browser in everybody] == [False, False, True, True]
    assert [browser.get("/ledger").status_code for browser in everybody] == [403, 403, 200, 200]


def test_until_its_release_a_steward_sees_what_schools_filed_and_no_figure_of_the_city(office):
    home, said = office.home, ("某校填报的疑点", "全市毕业生 1843 人")
    of_city = pd.read_parquet(home.gate / "city_findings.parquet")
    of_city = of_city[of_city["city"].eq(CITY) & of_city["year"].eq(YEAR)].head(1)
    files = current_state(home).submissions
    own = files[files["city"].eq(CITY) & files["year"].eq(YEAR) & files["filed_by"].eq("school")]
    file = {name: own.iloc[0][name] for name in ("school_code", "submission_id")}
    for name, told in (
        ("findings", {**file, "stage": "submission", "sentence_zh": said[0]}),
        ("city_findings", {"sentence_zh": said[1]}),
    ):
        one = of_city.assign(finding_id=name, case_id=name, state="open", **told)
        one.to_parquet(home.gate / f"{name}.parquet", index=False)
    steward, named = office.browser("steward"), office.browser("steward", name="qian")
    everybody = (office.browser("viewer"), steward, named, office.browser("approver"))

    def seen():
        text = [b.get(f"/{YEAR}/cases?city={CITY}&state=open").text for b in everybody]
        return [[sentence in page for page in text] for sentence in said]

    assert seen() == [[True] * 4, [True] * 4]
    with open_ledger(home) as ledger:
        sign(home, ledger, 1, release_at=RELEASE, note=NOTE)
    assert seen() == [[False, True, True, True], [False, False, True, True]]
    case = f"/{YEAR}/findings/city_findings"
    assert [browser.get(case).status_code for browser in everybody] == [404, 404, 200, 200]


def test_why_an_edition_was_withdrawn_before_its_release_is_told_to_nobody_else(office):
    home, why = office.home, "在校生数应为 14813。"
    index = home.editions(CITY, YEAR) / "editions.csv"
    with open_ledger(home) as ledger:
        sign(home, ledger, 1, release_at=RELEASE, note=NOTE)
        withdraw(home, ledger, city_year(home, ledger, CITY, YEAR).numbered(1), "李批准", why)
        refresh_editions(home, ledger)
    listed = index.read_text(encoding="utf-8-sig")
    assert "withdrawn" in listed and why not in listed
    assert showing(home.published, {14813.0}) == {}
    assert why not in office.browser("viewer").get(f"/{YEAR}/editions").text
    assert why in office.browser("approver").get(f"/{YEAR}/editions").text


def test_what_was_released_before_stays_and_stands_for_all_until_the_revision_is_out(revising):
    home, viewer = revising.home, revising.browser("viewer")
    current = f"select edition from fct_edition where is_current and city = '{CITY}'"
    as_of_now = f"select distinct edition from indicator_as_of('{CITY}', {YEAR}, now())"
    with open_ledger(home) as ledger:
        sign(home, ledger, 3, release_at=RELEASE, note=NOTE)
        refresh_editions(home, ledger)
    shown = sorted(path.name for path in home.editions(CITY, YEAR).iterdir())
    assert shown == ["editions.csv", "v1", "v2"]
    listed = (home.editions(CITY, YEAR) / "editions.csv").read_text(encoding="utf-8-sig")
    is_current = {line.split(",")[0]: line.split(",")[3] for line in listed.splitlines()[1:]}
    assert is_current == {"v1": "false", "v2": "true", "v3": "false"} and NOTE not in listed
    with duckdb.connect(str(home.analyst_database), read_only=True) as reader:
        assert [reader.sql(q).fetchall() for q in (current, as_of_now)] == [[(2,)], [(2,)]]
    traced = viewer.get(TRACE)
    assert traced.status_code == 200 and "v2</a>" in traced.text
    assert "v3</a>" in revising.browser("approver").get(TRACE).text


def test_a_year_whose_gate_stopped_it_is_no_year_before(office):
    home, verdicts = office.home, office.home.gate / "city_verdicts.parquet"
    before = read_tables(home.editions(CITY, YEAR) / "v1")
    assert any(before["city_yearly_metrics"]["previous_value"].to_pylist())
    frame = pd.read_parquet(verdicts)
    frame.loc[frame["city"].eq(CITY) & frame["year"].eq(YEAR - 1), "verdict"] = "blocked"
    frame.to_parquet(verdicts, index=False)
    with open_ledger(home) as ledger:
        tables = read_tables(publish_edition(home, ledger, CITY, YEAR).edition.folder)
    assert not any(tables["city_yearly_metrics"]["previous_value"].to_pylist())
    trend = tables["fct_indicator_trend"]
    assert set(trend["year"].to_pylist()) == {YEAR}
    assert not any(trend["previous_year_value"].to_pylist() + trend["change"].to_pylist())


def test_a_run_during_an_embargo_makes_its_edition_where_nobody_looks(office):
    home = office.home
    with open_ledger(home) as ledger:
        sign(home, ledger, 1, release_at=RELEASE)
        withdraw(home, ledger, city_year(home, ledger, CITY, YEAR).numbered(1), "李批准", "有误。")
        one = city_year(home, ledger, CITY, YEAR).numbered(1)
        assert all(file.is_equal for file in rebuild(home, ledger, one).files)
        made = publish_edition(home, ledger, CITY, YEAR)
        assert made.is_new and made.edition.folder == home.embargoed_editions(CITY, YEAR) / "v2"
        shown = sorted(path.name for path in home.editions(CITY, YEAR).iterdir())
        assert shown == ["editions.csv"], "a withdrawal before its time lets nothing out"
        index = home.editions(CITY, YEAR) / "editions.csv"
        assert "有误。" not in index.read_text(encoding="utf-8-sig")
        sign(home, ledger, 2)
        (final,) = release_due(home, ledger, datetime.now(UTC))
        assert (final.number, final.made_from, final.state) == (3, 2, "final")
    shown = sorted(path.name for path in home.editions(CITY, YEAR).iterdir())
    assert shown == ["editions.csv", "v1", "v1_已撤回_withdrawn", "v2", "v3"]
    assert "有误。" in index.read_text(encoding="utf-8-sig"), "with what follows it is told"


def test_what_is_published_shows_no_figure_of_a_city_that_its_gate_stopped(office):
    home = office.home
    folder = home.editions(CITY, YEAR) / "v1"
    figures = of_nobody_else(home, figures_of(folder))
    with duckdb.connect(str(home.warehouse), read_only=True) as build:
        of_schools = build.sql("select value from fct_indicator where area_level = 'school'")
        figures -= {round(value, 2) for (value,) in of_schools.fetchall() if value is not None}
        of_bureau = build.sql(f"from fct_bureau where city = '{CITY}'").fetchall()
        figures -= {float(v) for row in of_bureau for v in row if isinstance(v, int | float)}
    shutil.rmtree(folder)
    verdicts = pd.read_parquet(home.gate / "city_verdicts.parquet")
    with open_ledger(home) as ledger:
        publish_database(home, ledger)
        assert "nianbao.duckdb fct_indicator" in showing(home.published, figures)
        of_year = verdicts["city"].eq(CITY) & verdicts["year"].eq(YEAR)
        verdicts.loc[of_year, "verdict"] = "blocked"
        verdicts.to_parquet(home.gate / "city_verdicts.parquet", index=False)
        publish_database(home, ledger)
    assert len(figures) > 20
    assert showing(home.published, figures) == {}


def test_commands_say_that_it_is_not_released_and_sql_lacks_it_at_once(office, monkeypatch):
    monkeypatch.setenv("NIANBAO_HOME", str(office.home.root))

    def nianbao(*arguments):
        return CliRunner().invoke(app, [*map(str, arguments)])

    later = ("--by", "李批准", "--release-at", "2999-01-01 09:00")
    signed = nianbao("approve", CITY, YEAR, "v1", *later)
    assert signed.exit_code == 0 and "此前不公开" in signed.output
    with duckdb.connect(str(office.home.analyst_database), read_only=True) as reader:
        assert reader.sql("from fct_edition").fetchall() == []
    assert "请勿外传" in nianbao("trace", CITY, YEAR, "graduates").output
    # What is compared with a printed report is told as before, to whoever has a shell here.
    assert "请勿外传" in nianbao("claims", "--city", CITY, "--year", YEAR).output
    status = nianbao("status", "--year", YEAR, "--format", "json")
    assert status.exit_code == 0 and "请勿外传" in status.stderr
    assert [one["edition"] for one in json.loads(status.stdout) if one["city"] == CITY] == [1]
    assert "1 个版次与发布时一致" in nianbao("verify").output


def of_other_software(home):
    """The marts as an older version left them, of which this one finds a column lacking."""
    with duckdb.connect(str(home.analyst_database)) as connection:
        connection.execute("alter table fct_indicator drop column status")


def test_where_the_database_cannot_follow_a_signature_it_is_taken_away_and_comes_back(
    office, monkeypatch
):
    home = office.home
    monkeypatch.setenv("NIANBAO_HOME", str(home.root))
    figures = of_nobody_else(home, figures_of(home.editions(CITY, YEAR) / "v1"))
    of_other_software(home)
    later = ("--by", "李批准", "--release-at", "2999-01-01 09:00")
    signed = CliRunner().invoke(app, ["approve", CITY, str(YEAR), "v1", *later])
    assert signed.exit_code == 1
    for said in ("已撤下", "仍然有效", "was taken away", "nianbao run", "status"):
        assert said in signed.stderr
    assert len(figures) > 20 and showing(home.published, figures) == {}
    assert not home.analyst_database.exists()
    released = CliRunner().invoke(app, ["release"])
    assert released.exit_code == 1 and "已撤下" in released.stderr, "the cause is still there"
    with open_ledger(home) as ledger:
        publish_database(home, ledger)  # as the next run does
    with duckdb.connect(str(home.analyst_database), read_only=True) as reader:
        assert reader.sql("from fct_edition").fetchall() == []
    assert showing(home.published, figures) == {}


def test_the_pages_say_that_the_database_was_taken_away_and_a_release_brings_it_back(
    office, monkeypatch
):
    home = office.home
    name = "orchestration.analysts.database.add_editions"
    with monkeypatch.context() as broken:
        broken.setattr(name, lambda *_: (_ for _ in ()).throw(OSError("No space left")))
        told = office.browser("approver").submit(
            f"{EDITION}/withdraw", step="confirm", note="数字有误。"
        )
    assert "已撤回" in told.text and "分析库未能更新，已撤下" in told.text
    assert "No space left" in told.text and not home.analyst_database.exists()
    monkeypatch.setenv("NIANBAO_HOME", str(home.root))
    assert CliRunner().invoke(app, ["release"]).exit_code == 0
    with duckdb.connect(str(home.analyst_database), read_only=True) as reader:
        assert reader.sql("select state, is_current from fct_edition").fetchall() == [
            ("withdrawn", False)
        ]
    assert not home.whole_database.exists()


def test_what_findings_move_of_a_year_that_waits_is_on_no_page_of_those_it_is_closed_to():
    moves = {"impact_pct": 5.0, "is_unread": False, "impact_zh": "由 100 变为 95", "impact_en": "5"}
    rows = pd.DataFrame([{"city": CITY, "year": year, **moves} for year in (YEAR, YEAR - 1)])
    shown = impact_shown(rows, {(CITY, YEAR)})
    assert shown["impact_zh"].isna().tolist() == [True, False]
    assert shown["impact_pct"].isna().tolist() == [True, False]
    assert impact_shown(rows, set()).equals(rows)


def with_another_report(home):
    """Let the bureau change its template, so that the next edition says something else."""
    from docx import Document

    path = home.cities / CITY / "report.docx"
    document = Document(path)
    document.add_paragraph("补充说明。")
    document.save(path)


def pass_the_release(monkeypatch):
    """Let the release time be past."""
    after = (RELEASE + timedelta(hours=1)).replace(microsecond=0)
    monkeypatch.setattr("orchestration.ground.clock.now", lambda: after)


def test_newer_data_can_be_signed_after_an_older_edition_is_released(office, monkeypatch):
    home = office.home
    with open_ledger(home) as ledger:
        sign(home, ledger, 1, release_at=RELEASE)
        with_another_report(home)
        newer = publish_edition(home, ledger, CITY, YEAR).edition
        pass_the_release(monkeypatch)
        (final,) = release_due(home, ledger, RELEASE + timedelta(seconds=1))
        assert (newer.number, final.number, final.made_from) == (2, 3, 1)
        # There is nothing new since, so that a run makes nothing.
        assert not publish_edition(home, ledger, CITY, YEAR).is_new
    with open_ledger(home) as ledger:
        editions = city_year(home, ledger, CITY, YEAR)
        assert (editions.current.number, editions.to_be_signed.number) == (3, 2)
        with pytest.raises(EditionRefused, match="v2; v3 is current"):
            sign(home, ledger, 3)
        sign(home, ledger, 2, by="周批准", release_at=RELEASE)
        (revised,) = release_due(home, ledger, RELEASE + timedelta(hours=2))
        assert (revised.number, revised.status, revised.made_from) == (4, "revised", 2)
        assert verify_all(home, ledger) == (4, [])
        assert all(file.is_equal for file in rebuild(home, ledger, revised).files)


def test_the_page_of_newer_data_names_the_current_edition_and_offers_to_sign(office):
    home = office.home
    with open_ledger(home) as ledger:
        sign(home, ledger, 1, release_at=datetime.now(UTC) + timedelta(seconds=1))
        with_another_report(home)
        publish_edition(home, ledger, CITY, YEAR)
        time.sleep(1.1)
        assert len(release_due(home, ledger, datetime.now(UTC))) == 1
    browser = office.browser("approver")
    page = browser.get(f"/{YEAR}/editions/{CITY}/v2").text
    assert re.search(r"现行版次</dt><dd><a href=[^>]*>v3</a>", page)
    assert f"{EDITION[:-1]}2/approve" in page and "须是最新的暂定版次（为 v2；现行为 v3）" in page
    assert "数据较现行版次新" in browser.get(f"/{YEAR}/editions").text


def test_an_edition_withdrawn_before_its_release_is_marked_at_once_and_let_out_without_a_run(
    office, monkeypatch
):
    home = office.home
    with open_ledger(home) as ledger:
        sign(home, ledger, 1, release_at=RELEASE)
        refresh_editions(home, ledger)
        withdraw(home, ledger, city_year(home, ledger, CITY, YEAR).numbered(1), "李批准", "有误。")
    marked = "v1_已撤回_withdrawn"
    waiting = home.embargoed_editions(CITY, YEAR)
    assert sorted(path.name for path in waiting.iterdir()) == ["v1", marked]
    assert "有误。" in (waiting / marked / "page.html").read_text("utf-8")
    assert "撤回：有误。" in office.browser("approver").get(f"{EDITION}/page").text
    pass_the_release(monkeypatch)
    monkeypatch.setenv("NIANBAO_HOME", str(home.root))
    said = CliRunner().invoke(app, ["editions", CITY, str(YEAR)])
    assert said.exit_code == 0 and "现已更新" in said.stderr
    published = home.editions(CITY, YEAR)
    assert {"v1", marked} <= {path.name for path in published.iterdir()}
    assert not any(waiting.iterdir())
    assert "有误。" in (published / "editions.csv").read_text(encoding="utf-8-sig")
    with duckdb.connect(str(home.analyst_database), read_only=True) as reader:
        rows = reader.sql("select edition, state, withdrawal_note from fct_edition").fetchall()
    assert rows == [(1, "withdrawn", "有误。")]
    assert "现已更新" not in CliRunner().invoke(app, ["editions", CITY, str(YEAR)]).stderr


KILLED = """
import os, signal, sys
from orchestration.analysts import database
database.refresh_editions = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from orchestration.cli import app
app(sys.argv[1:])
"""


@pytest.mark.parametrize("next_command", ["status", "editions", "sql page", "sensor"])
def test_what_was_cut_off_after_a_signature_is_done_by_whoever_comes_next(office, next_command):
    home = office.home
    figures = of_nobody_else(home, figures_of(home.editions(CITY, YEAR) / "v1"))
    at = ("--home", str(home.root))
    signing = ("--by", "李批准", "--release-at", "2999-01-01 09:00")
    killed = python(KILLED, "approve", CITY, str(YEAR), "v1", *signing, *at).done()
    assert killed.returncode == -signal.SIGKILL
    assert showing(home.published, figures) != {}, "the database does not know yet"
    if next_command == "sql page":
        assert office.browser("approver").get("/sql").status_code == 200
    elif next_command == "sensor":
        deployment = Deployment(root=str(home.root))
        signed_editions.evaluate_tick(build_sensor_context(resources={"deployment": deployment}))
    else:
        where = ["--year", str(YEAR)] if next_command == "status" else [CITY, str(YEAR)]
        said = CliRunner().invoke(app, [next_command, *where, *at])
        assert said.exit_code == 0 and "what is published was behind" in said.stderr.casefold()
    assert showing(home.published, figures) == {}
    with duckdb.connect(str(home.analyst_database), read_only=True) as reader:
        assert reader.sql("from fct_edition").fetchall() == []


def test_whoever_comes_next_does_not_wait_for_one_who_publishes(office):
    home = office.home
    with open_ledger(home) as ledger, lock(home):
        ledger.append(
            *("edition_withdrawn", {"city": CITY, "year": YEAR, "edition": 1, "note": "有误"}, "李")
        )
        assert not catch_up(home, ledger)
    with open_ledger(home) as ledger:
        assert catch_up(home, ledger) and not catch_up(home, ledger)
