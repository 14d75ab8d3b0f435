"""Deadlines: what a city declares, who has longer, and who is in time on a day."""

from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from inboxes import YEAR, drop, school
from typer.testing import CliRunner
from workbooks import BUREAU, CITY, CODE, OTHER, Book

from orchestration.cli import app
from orchestration.ground.clock import CHINA
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.text import line_of
from orchestration.intake.batch import take_in
from orchestration.intake.declared.deadlines import (
    BadExtension,
    Extension,
    due_dates,
    extend,
    extensions,
)
from orchestration.intake.declared.reference import BrokenCity
from orchestration.intake.raw import SUBMISSIONS
from orchestration.schools.timeliness import city_timeliness, received_submissions, timeliness

DUE = date(2025, 1, 31)
TODAY = date(2025, 2, 10)


def declare(home, *lines):
    path = home.cities / CITY / "deadlines.csv"
    path.write_text("\n".join(["year,due_on", *lines]) + "\n", encoding="utf-8")


def kept(home):
    return pq.read_table(home.raw / "deadlines" / "deadlines.parquet").to_pylist()


def by_school(frame):
    return {row["school_code"]: row for row in frame.to_dict("records")}


# -- what a city declares --------------------------------------------------------------------------


def test_without_a_deadline_nothing_is_ever_late(home, ledger):
    drop(home, f"{CODE}.xlsx", school())
    take_in(home, [YEAR], ledger)
    assert kept(home) == []
    rows = by_school(city_timeliness(home, ledger, CITY, YEAR, date(2099, 1, 1)))
    assert (rows[CODE]["state"], rows[OTHER]["state"]) == ("in_time", "missing")
    assert rows[CODE]["due_on"] is None
    assert pd.isna(rows[CODE]["days_left"])


def test_a_deadline_is_each_rostered_schools_due_date(home, ledger):
    declare(home, "2024,2025-01-31", "2022,2023-01-31")
    take_in(home, [YEAR], ledger)
    place = {"city": CITY, "year": 2024, "due_on": DUE, "extension_reason": None}
    assert kept(home) == [{**place, "school_code": code} for code in (CODE, OTHER)]


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (["2024,2025/1/31"], 2),
        (["2024,"], 2),
        (["二〇二四,2025-01-31"], 2),
        (["2024,2025-01-31", ",2025-01-31"], 3),
        (["2023,2024-01-31", "2024,2025-02-30"], 3),
        (["2024,2025-01-31", "2024,2025-02-28"], 3),
    ],
)
def test_a_line_that_cannot_be_used_is_named(home, ledger, lines, line):
    declare(home, *lines)
    with pytest.raises(BrokenCity) as refused:
        take_in(home, [YEAR], ledger)
    assert refused.value.place == line_of(f"{CITY}/deadlines.csv", line)
    assert f"deadlines.csv 第 {line} 行：" in str(refused.value)
    assert f"deadlines.csv line {line}: " in str(refused.value)


def test_a_new_city_starts_without_a_deadline(tmp_path, monkeypatch):
    monkeypatch.setenv("NIANBAO_HOME", str(tmp_path))
    assert CliRunner().invoke(app, ["init", "--city", "newtown"]).exit_code == 0
    assert due_dates(Home(tmp_path), "newtown", {}) == []
    path = tmp_path / "cities" / "newtown" / "deadlines.csv"
    assert path.read_text(encoding="utf-8") == "year,due_on\n"


# -- extensions ------------------------------------------------------------------------------------


def test_the_extension_registered_last_counts_and_may_shorten(home, ledger):
    declare(home, "2024,2025-01-31")
    extend(ledger, home, CITY, 2024, CODE, "2025-03-01", "学校搬迁", "王科长")
    extend(ledger, home, CITY, 2024, CODE, date(2025, 1, 15), " 已具备条件 ", "李科长")
    assert extensions(ledger) == {
        (CITY, 2024, CODE): Extension(date(2025, 1, 15), "已具备条件"),
    }
    events = list(ledger.events("extended"))
    assert [event["actor"] for event in events] == ["王科长", "李科长"]
    assert events[1]["payload"] == {
        **{"city": CITY, "year": 2024, "school_code": CODE},
        **{"until": "2025-01-15", "reason": "已具备条件"},
    }
    take_in(home, [YEAR], ledger)
    own, other = kept(home)
    assert (own["due_on"], own["extension_reason"]) == (date(2025, 1, 15), "已具备条件")
    assert (other["due_on"], other["extension_reason"]) == (DUE, None)
    assert ledger.verify() == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"city": "nowhere"}, "没有城市"),
        ({"school_code": "9900000099"}, "名册"),
        ({"year": 2022}, "名册"),
        ({"year": 2023}, "deadlines.csv"),
        ({"until": "15.2.2025"}, "2025-02-15"),
        ({"until": ""}, "2025-02-15"),
        ({"reason": " "}, "理由"),
        ({"actor": ""}, "登记人"),
    ],
)
def test_an_extension_that_may_not_be_is_refused_and_not_written(home, ledger, wrong, said):
    declare(home, "2024,2025-01-31")
    good = {"city": CITY, "year": 2024, "school_code": CODE, "until": "2025-03-01"}
    good |= {"reason": "学校搬迁", "actor": "王科长"}
    with pytest.raises(BadExtension, match=said):
        extend(ledger, home, **{**good, **wrong})
    assert list(ledger.events()) == []


# -- who is in time --------------------------------------------------------------------------------


def timed(due_on, received, today, reason=None, zone=CHINA):
    place = {"city": CITY, "year": 2024, "school_code": CODE}
    schools = pd.DataFrame([{**place, "school_name": "甲"}])
    due = pd.DataFrame([{**place, "due_on": due_on, "extension_reason": reason}])
    files = pd.DataFrame(
        [{**place, "received_at": at} for at in received], columns=[*place, "received_at"]
    )
    (row,) = records(timeliness(schools, due, files.astype({"year": "int64"}), today, zone))
    return row


@pytest.mark.parametrize(
    ("received", "today", "state", "days_left"),
    [
        ([], DUE, "missing", 0),
        ([], date(2025, 2, 1), "overdue", -1),
        (["2025-01-31T15:59:59+00:00"], TODAY, "in_time", -10),
        # Half past seven in the morning of 1 February, in Shanghai.
        (["2025-01-31T23:30:00+00:00"], TODAY, "late", -10),
        (["2025-01-30T23:30:00+00:00"], TODAY, "in_time", -10),
        (["2025-02-05T00:00:00+00:00", "2025-01-20T00:00:00+00:00"], TODAY, "in_time", -10),
    ],
)
def test_a_day_is_a_day_in_shanghai_and_the_due_date_is_in_time(received, today, state, days_left):
    row = timed(DUE, received, today)
    assert (row["state"], row["days_left"]) == (state, days_left)
    assert row["is_extended"] is False


@pytest.mark.parametrize(
    ("zone", "state"), [("Asia/Shanghai", "late"), ("UTC", "in_time"), ("Pacific/Auckland", "late")]
)
def test_a_day_is_a_day_of_the_homes_zone(zone, state):
    assert timed(DUE, ["2025-01-31T20:00:00+00:00"], TODAY, zone=ZoneInfo(zone))["state"] == state


def test_the_homes_zone_decides_who_is_late(home, ledger):
    declare(home, "2024,2025-01-31")
    drop(home, f"{CODE}.xlsx", school())
    take_in(home, [YEAR], ledger)
    path = next((home.raw / "submissions" / f"year={YEAR}").glob("*.parquet"))
    rows = [
        {**row, "received_at": "2025-01-31T20:00:00+00:00"}
        for row in pq.read_table(path).to_pylist()
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=SUBMISSIONS), path)
    states = []
    for zone in ("Asia/Shanghai", "UTC"):
        home.settings.write_text(f"time_zone: {zone}\n", encoding="utf-8")
        states.append(by_school(city_timeliness(home, ledger, CITY, YEAR, TODAY))[CODE]["state"])
    assert states == ["late", "in_time"]


def test_the_bureaus_own_workbook_is_no_schools(home, ledger):
    drop(home, f"{CODE}.xlsx", school())
    drop(home, "市级填报.xlsx", Book(content=BUREAU).xlsx())
    assert take_in(home, [YEAR], ledger).parsed == 2
    assert list(received_submissions(home, CITY, YEAR)["school_code"]) == [CODE]


def test_an_extension_brings_a_late_school_back_in_time():
    late = timed(DUE, ["2025-02-05T02:00:00+00:00"], TODAY)
    extended = timed(date(2025, 2, 15), ["2025-02-05T02:00:00+00:00"], TODAY, "学校搬迁")
    assert (late["state"], extended["state"]) == ("late", "in_time")
    assert late["first_received_on"] == extended["first_received_on"] == date(2025, 2, 5)
    assert (extended["is_extended"], extended["reason"]) == (True, "学校搬迁")
    assert extended["days_left"] == 5


def test_a_city_is_told_before_any_run_and_at_once_after_an_extension(home, ledger):
    declare(home, "2024,2025-01-31")
    rows = by_school(city_timeliness(home, ledger, CITY, 2024, TODAY))
    assert {row["state"] for row in rows.values()} == {"overdue"}
    drop(home, f"{CODE}.xlsx", school())
    take_in(home, [YEAR], ledger)
    extend(ledger, home, CITY, 2024, OTHER, "2025-02-28", "学校搬迁", "王科长")
    rows = by_school(city_timeliness(home, ledger, CITY, 2024, TODAY))
    assert (rows[CODE]["state"], rows[OTHER]["state"]) == ("late", "missing")
    assert rows[OTHER]["days_left"] == 18


def test_a_city_without_roster_has_nobody_to_tell_of(home, ledger):
    declare(home, "2022,2023-01-31")
    assert city_timeliness(home, ledger, CITY, 2022, TODAY).empty


# -- the commands ----------------------------------------------------------------------------------


@pytest.fixture
def nianbao(home, monkeypatch):
    monkeypatch.setenv("NIANBAO_HOME", str(home.root))
    monkeypatch.setenv("COLUMNS", "200")

    def invoke(*arguments, expect=0):
        done = CliRunner().invoke(app, list(arguments))
        assert done.exit_code == expect, done.output
        return done.output

    return invoke


def test_an_extension_is_registered_and_shown(home, nianbao):
    declare(home, "2024,2025-01-31")
    place = ("--city", CITY, "--year", "2024")
    assert "逾期未报" in nianbao("deadlines", *place)
    by = ("--school", CODE, "--until", "2099-12-31", "--reason", "学校搬迁", "--by", "王科长")
    assert "2099-12-31" in nianbao("extend", *place, *by)
    shown = nianbao("deadlines", *place)
    assert "学校搬迁" in shown and "2099-12-31" in shown
    listed = nianbao("deadlines", *place, "--format", "json")
    assert '"due_on": "2099-12-31"' in listed and '"reason": null' in listed


def test_a_command_says_what_is_wrong(home, nianbao):
    declare(home, "2024,31.1.2025")
    place = ("--city", CITY, "--year", "2024")
    for command in ("deadlines", "reminders"):
        assert "第 2 行" in nianbao(command, *place, expect=1)
    declare(home, "2024,2025-01-31")
    assert "没有 2031 年" in nianbao("reminders", "--city", CITY, "--year", "2031", expect=1)
    by = ("--school", "0", "--until", "2099-12-31", "--reason", "x", "--by", "y")
    assert "名册" in nianbao("extend", *place, *by, expect=1)
