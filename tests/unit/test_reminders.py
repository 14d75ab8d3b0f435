"""Reminders: who gets one, what it says, and that a spreadsheet takes it for text."""

import csv
import io
from datetime import date

import pandas as pd
import pytest
from inboxes import YEAR, drop, school, table
from typer.testing import CliRunner
from workbooks import CITY, CODE, NAME, OTHER

from orchestration.cli import app
from orchestration.gate.rules import load_rules
from orchestration.ground import clock
from orchestration.ground.home import REPOSITORY
from orchestration.ground.terms import Stage
from orchestration.ground.text import Language
from orchestration.intake.batch import take_in
from orchestration.intake.declared.deadlines import extend
from orchestration.intake.declared.exclusions import end_exclusion
from orchestration.schools.excluding import exclude_school
from orchestration.schools.reminders import LOCK, as_csv, as_text, reminders

FAR, PAST = "2099-12-31", "2025-01-31"


@pytest.fixture
def due(home):
    def write(due_on):
        path = home.cities / CITY / "deadlines.csv"
        path.write_text(f"year,due_on\n2024,{due_on}\n", encoding="utf-8")

    return write


def judge(home, verdict, *findings):
    """Leave what a gate would say of the newest file of the school that handed in."""
    newest = table(home, "submissions")[-1]["submission_id"]
    verdicts = pd.DataFrame([{"submission_id": newest, "verdict": verdict}])
    verdicts.to_parquet(home.gate / "verdicts.parquet")
    columns = ["rule_id", "class", "state"]
    rows = pd.DataFrame(findings, columns=columns, dtype="string").assign(submission_id=newest)
    rows.to_parquet(home.gate / "findings.parquet")


def told(home, today=date(2025, 2, 5)):
    frame = reminders(home, CITY, 2024, today)
    return {row["school_code"]: row for row in frame.to_dict("records")}


def hand_in(home, ledger, **kwargs):
    drop(home, f"{CODE}.xlsx", school(), **kwargs)
    take_in(home, [YEAR], ledger)


MUST = ("graduates_are_all_accounted_for", "must", "open")
EXPLAIN = ("major_class_is_known", "explain", "asked")
OPEN = ("enrolment_is_near_last_year", "explain", "open")
LOCKED = (LOCK, "must", "open")


def test_the_lock_is_a_rule_of_the_gate():
    assert LOCK in {rule.id for rule in load_rules([REPOSITORY / "expectations"], Stage.submission)}


def test_before_any_run_every_school_is_missing(home):
    rows = told(home)
    assert {code: row["state"] for code, row in rows.items()} == {CODE: "missing", OTHER: "missing"}
    message = f"【示例市中职质量年报】{NAME}：2024 年度尚未报送工作簿，请按模板填报后报送。"
    assert rows[CODE]["sentence_zh"] == message
    assert rows[CODE]["sentence_en"].endswith("is missing. Fill in the template and hand it in.")


@pytest.mark.parametrize(
    ("today", "state", "zh", "en"),
    [
        (date(2025, 1, 30), "missing", "截止日期 2025-01-31，还有 1 天。", "2025-01-31, in 1 day."),
        (date(2025, 1, 31), "missing", "截止日期 2025-01-31，即今天。", "2025-01-31, today."),
        (date(2025, 2, 5), "overdue", "已过 5 天，须先向主管部门申请延期。", "5 days ago: ask the"),
    ],
)
def test_a_missing_school_hears_how_much_time_is_left(home, due, today, state, zh, en):
    due(PAST)
    row = told(home, today)[CODE]
    assert row["state"] == state
    assert zh in row["sentence_zh"]
    assert en in row["sentence_en"]
    assert row["days_left"] == (date(2025, 1, 31) - today).days


def test_a_file_that_no_run_has_judged_yet_needs_no_reminder(home, ledger):
    hand_in(home, ledger)
    assert list(told(home)) == [OTHER]


def test_an_accepted_school_hears_nothing_and_a_returned_one_how_many_findings(home, ledger, due):
    due(FAR)
    hand_in(home, ledger)
    judge(home, "accepted", ("major_class_is_known", "explain", "explained"))
    assert list(told(home)) == [OTHER]
    judge(home, "returned", MUST, EXPLAIN, ("an_info", "info", "open"))
    row = told(home)[CODE]
    assert (row["state"], row["open_findings"], row["is_locked"]) == ("returned", 2, False)
    assert "填报已退回，有 2 处疑点" in row["sentence_zh"]
    assert "returned with 2 findings" in row["sentence_en"]
    judge(home, "waiting", OPEN)
    row = told(home)[CODE]
    assert (row["state"], row["open_findings"]) == ("waiting", 1)
    assert "waits with 1 finding." in row["sentence_en"]


def test_a_school_that_has_explained_everything_hears_that_it_is_the_bureaus_turn(home, ledger):
    hand_in(home, ledger)
    judge(home, "waiting", EXPLAIN, OPEN)
    assert "请按“问题清单”改正或填写情况说明" in told(home)[CODE]["sentence_zh"]
    judge(home, "waiting", EXPLAIN)
    row = told(home)[CODE]
    assert row["sentence_zh"].endswith("1 处疑点已收到说明，待主管部门审核，暂时无需重新报送。")
    assert row["sentence_en"].endswith("nothing to do now.")


def test_a_returned_school_hears_that_its_due_date_has_passed(home, ledger, due):
    due(clock.today().isoformat())
    hand_in(home, ledger)
    judge(home, "returned", MUST)
    row = told(home, date(2099, 1, 1))[CODE]
    assert not row["is_locked"]
    assert "须先向主管部门申请延期" in row["sentence_zh"]


def test_a_locked_school_is_sent_to_the_bureau_until_it_has_an_extension(home, ledger, due):
    due(PAST)
    hand_in(home, ledger)
    judge(home, "returned", LOCKED)
    row = told(home)[CODE]
    assert (row["state"], row["open_findings"], row["is_locked"]) == ("returned", 1, True)
    assert row["sentence_zh"].endswith("现已锁定，请先向主管部门申请延期。")
    assert row["sentence_en"].endswith("Ask the bureau for an extension first.")
    judge(home, "returned", LOCKED, MUST)
    assert "另有 1 处疑点" in told(home)[CODE]["sentence_zh"]

    extend(ledger, home, CITY, 2024, CODE, FAR, "学校搬迁", "王科长")
    assert told(home)[CODE]["open_findings"] == 1
    judge(home, "returned", LOCKED)
    assert CODE not in told(home)


def test_a_school_that_the_city_is_published_without_is_not_reminded(home, ledger):
    key = (CITY, 2024, OTHER)
    exclude_school(ledger, home, key, "停办", "该校本年停办", "赵主任")
    assert list(told(home)) == [CODE]
    end_exclusion(ledger, home, key, "恢复办学", "赵主任")
    assert list(told(home)) == [CODE, OTHER]


def test_only_the_newest_file_of_a_school_counts(home, ledger):
    hand_in(home, ledger)
    judge(home, "returned", MUST)
    returned = pd.read_parquet(home.gate / "verdicts.parquet")
    drop(home, f"{CODE}_更正.xlsx", school(enrolled=176))
    take_in(home, [YEAR], ledger)
    judge(home, "accepted")
    both = pd.concat([returned, pd.read_parquet(home.gate / "verdicts.parquet")])
    both.to_parquet(home.gate / "verdicts.parquet")
    assert list(told(home)) == [OTHER]


# -- lists -----------------------------------------------------------------------------------------


def test_a_list_opens_in_a_spreadsheet_and_holds_no_formula(home, due):
    due(PAST)
    path = home.cities / CITY / "schools.csv"
    text = path.read_text(encoding="utf-8").replace(NAME, '"=HYPERLINK(""http://x"")"')
    path.write_text(text, encoding="utf-8")
    frame = reminders(home, CITY, 2024, date(2025, 2, 5))
    text = as_csv(frame, Language.zh)
    head = "学校标识码,学校名称,状态,截止日期,剩余天数,未解决疑点,提醒内容"
    assert text.startswith(f"\ufeff{head}\r\n")
    first, _ = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert first["学校名称"] == '\'=HYPERLINK("http://x")'
    assert (first["状态"], first["截止日期"], first["剩余天数"]) == ("逾期未报", PAST, "-5")
    assert "school code,school,state" in as_csv(frame, Language.en)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_begins_like_a_formula(home, begin):
    frame = reminders(home, CITY, 2024, date(2025, 2, 5)).assign(school_name=f"{begin}1+1")
    rows = list(csv.reader(io.StringIO(as_csv(frame, Language.zh), newline="")))
    assert {row[1] for row in rows[1:]} == {f"'{begin}1+1"}


def test_a_text_is_one_line_a_school(home):
    path = home.cities / CITY / "schools.csv"
    text = path.read_text(encoding="utf-8").replace(NAME, '"两行的\n校名"')
    path.write_text(text, encoding="utf-8")
    frame = reminders(home, CITY, 2024, date(2025, 2, 5))
    lines = as_text(frame, Language.zh).splitlines()
    assert len(lines) == 2
    assert "两行的 校名" in lines[0]
    assert as_text(frame.head(0), Language.zh) == ""
    assert len(as_csv(frame.head(0), Language.zh).splitlines()) == 1


def test_the_command_writes_both(home, monkeypatch, tmp_path):
    monkeypatch.setenv("NIANBAO_HOME", str(home.root))
    command = ["reminders", "--city", CITY, "--year", "2024"]
    shown = CliRunner().invoke(app, [*command, "--lang", "en"])
    assert shown.exit_code == 0
    assert shown.output.count("is missing") == 2
    path = tmp_path / "lists" / "提醒.csv"
    done = CliRunner().invoke(app, [*command, "--format", "csv", "--output", str(path)])
    assert done.exit_code == 0
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "未报" in path.read_text(encoding="utf-8")
