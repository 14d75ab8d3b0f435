"""The line with a deadline: what comes late is locked out and goes back, until it is extended."""

import csv
import io
import json
from datetime import timedelta

import openpyxl
import pandas as pd
import pytest

from orchestration.ground import clock
from orchestration.ground.clock import day
from orchestration.ground.home import Home
from orchestration.schools.timeliness import received_submissions

CITY = ("--city", "qingyang", "--year", "2024")
LATE, EXTENDED = "9962100201", "9962102102"
LOCK = "workbook_is_handed_in_by_the_deadline"
YESTERDAY, TOMORROW = (str(clock.today() + timedelta(days=n)) for n in (-1, 1))


class Moment:
    """What the home says now, since the next step changes it."""

    def __init__(self, deployment):
        home = Home(deployment.root)
        text = deployment.nianbao("reminders", *CITY, "--format", "csv")
        rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
        self.reminded = {row["学校标识码"]: row for row in rows}
        rows = json.loads(deployment.nianbao("deadlines", *CITY, "--format", "json"))
        self.states = {row["school_code"]: row["state"] for row in rows}
        self.files = received_submissions(home, "qingyang", 2024)
        self.returned = {
            path.name[:10]: openpyxl.load_workbook(path)
            for path in (home.returned / "2024").glob("*.xlsx")
        }
        if (home.gate / "verdicts.parquet").exists():
            verdicts = pd.read_parquet(home.gate / "verdicts.parquet")
            own = self.files.merge(verdicts, on="submission_id")
            self.verdicts = dict(zip(own["school_code"], own["verdict"], strict=True))
            self.every_verdict = verdicts
            findings = pd.read_parquet(home.gate / "findings.parquet")
            self.locks = findings[findings["rule_id"] == LOCK]


@pytest.fixture(scope="module")
def before(deployment):
    """A city of two schools whose deadline was yesterday, before its first run."""
    deployment.nianbao("init", "--city", "qingyang")
    roster = deployment.root / "cities" / "qingyang" / "schools.csv"
    head, *lines = roster.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.split(",")[1] in {LATE, EXTENDED}]
    roster.write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    deadlines = roster.with_name("deadlines.csv")
    deadlines.write_text(f"year,due_on\n2024,{YESTERDAY}\n", encoding="utf-8")
    moment = Moment(deployment)
    deployment.nianbao("sample")
    for path in (deployment.root / "inbox").glob("*/[0-9]*.xlsx"):
        if path.name[:10] not in {LATE, EXTENDED}:
            path.unlink()
    return moment


@pytest.fixture(scope="module")
def locked(deployment, before):
    deployment.run(expect=1)
    return Moment(deployment)


@pytest.fixture(scope="module")
def announced(deployment, locked):
    """An extension is registered, and no run was since."""
    by = ("--school", EXTENDED, "--until", TOMORROW, "--reason", "学校搬迁", "--by", "王科长")
    deployment.nianbao("extend", *CITY, *by)
    return Moment(deployment)


@pytest.fixture(scope="module")
def after(deployment, announced):
    deployment.run(expect=1)
    return Moment(deployment)


def test_before_the_first_run_every_school_is_overdue(before):
    assert before.states == {LATE: "overdue", EXTENDED: "overdue"}
    assert {row["状态"] for row in before.reminded.values()} == {"逾期未报"}


def test_late_workbooks_are_locked_out_and_nothing_else_is_found(locked):
    assert locked.verdicts == {LATE: "returned", EXTENDED: "returned"}
    assert set(locked.locks["school_code"]) == {LATE, EXTENDED}
    sentence = locked.locks["sentence_zh"].iloc[0]
    assert str(day(locked.files["received_at"].iloc[0])) in sentence
    assert YESTERDAY in sentence
    assert "申请延期" in sentence
    assert locked.states == {LATE: "late", EXTENDED: "late"}
    assert {row["状态"] for row in locked.reminded.values()} == {"已退回"}


def test_the_bureau_and_a_year_without_deadline_are_not_locked(locked):
    own = set(locked.files["submission_id"])
    others = locked.every_verdict[~locked.every_verdict["submission_id"].isin(own)]
    assert len(others) >= 3
    assert set(others["verdict"]) == {"accepted"}


def test_the_school_gets_its_workbook_back_with_what_to_do(locked):
    assert set(locked.returned) == {LATE, EXTENDED}
    rows = locked.returned[LATE]["问题清单"].iter_rows(values_only=True)
    listed = [" ".join(str(cell) for cell in row if cell) for row in rows]
    (line,) = [text for text in listed if LOCK in text]
    assert YESTERDAY in line and "同一份文件" in line


def test_an_extended_school_is_in_time_at_once_and_no_longer_reminded(announced):
    assert announced.states == {LATE: "late", EXTENDED: "in_time"}
    assert list(announced.reminded) == [LATE]


def test_the_next_run_accepts_the_very_same_file(deployment, locked, after):
    assert after.verdicts == {LATE: "returned", EXTENDED: "accepted"}
    assert after.files.equals(locked.files)
    assert set(after.returned) == {LATE}
    assert "账本完整" in deployment.nianbao("ledger", "verify")
