"""Reminders: which schools the bureau has to remind, and what it sends through its own channel.

What belongs here: choosing the schools and wording the message. What does not: sending anything,
and who is in time (intake/declared/deadlines.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from orchestration.forms.headings import headings
from orchestration.gate.findings import is_unsettled
from orchestration.ground.clock import day
from orchestration.ground.files import csv_text
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.settings import zone_of
from orchestration.ground.terms import FindingState, Verdict
from orchestration.ground.text import Language, Term
from orchestration.intake.declared.exclusions import exclusions
from orchestration.intake.declared.reference import city_facts
from orchestration.schools.timeliness import Timeliness, city_timeliness, received_submissions
from orchestration.warehouse.standing import submissions_of

LOCK = "workbook_is_handed_in_by_the_deadline"  # expectations/submission/deadline.yml
_LISTED = (
    *("school_code", "school_name", "state", "due_on", "days_left", "open_findings"),
    "message",
)


def _named(term: Term) -> tuple[str, str, str]:
    return term.value, term.zh, term.en


class Reminded(Term):
    """Why a school is reminded."""

    missing = _named(Timeliness.missing)
    overdue = _named(Timeliness.overdue)
    returned = _named(Verdict.returned)
    waiting = _named(Verdict.waiting)


def reminders(home: Home, city: str, year: int, today: date) -> pd.DataFrame:
    """Return one row a school of a city that has something to do, by school code.

    That is: nothing handed in (missing, overdue), or its newest file was returned or waits at the
    latest run. One that the city is published without, by name, has nothing to do.

    Columns: city, year, school_code, school_name, state, due_on (a day or None), days_left
    (negative after the due date), open_findings, is_locked (it came too late),
    sentence_zh and sentence_en. Needs no run: before the first one, every school is missing.
    """
    zone = zone_of(home)
    with open_ledger(home) as ledger:
        schools = city_timeliness(home, ledger, city, year, today)
        excluded = exclusions(ledger)
    rows = schools.merge(_newest_files(home, city, year), how="left", on="school_code")
    rows["state"] = rows["verdict"].where(rows["verdict"].notna(), rows["state"])
    rows["is_locked"] = [
        pd.notna(at) and bool(due_on) and day(at, zone) > due_on
        for at, due_on in zip(rows["received_at"], rows["due_on"], strict=True)
    ]
    # The lock is as the deadlines are now: an extension may have come after the latest run.
    rows["open_findings"] = rows["open_findings"].fillna(0).astype("int64") + rows["is_locked"]
    has_to_act = rows["verdict"].isna() | rows["open_findings"].gt(0)
    is_excluded = pd.Series([(city, year, code) in excluded for code in rows["school_code"]])
    asked = rows["state"].isin(list(Reminded)) & has_to_act & ~is_excluded.astype(bool)
    rows = rows[asked].sort_values("school_code", ignore_index=True)
    facts = city_facts(home, city)
    reminded = records(rows)
    rows["sentence_zh"] = [_sentence_zh(facts["name_zh"], row) for row in reminded]
    rows["sentence_en"] = [_sentence_en(facts["name_en"], row) for row in reminded]
    columns = ["city", "year", "school_code", "school_name", "state", "due_on", "days_left"]
    return rows[[*columns, "open_findings", "is_locked", "sentence_zh", "sentence_en"]]


def _newest_files(home: Home, city: str, year: int) -> pd.DataFrame:
    """Return each school's newest file with what the latest run said of it, if there was one.

    `open_findings` leaves out the lock; of these, `asked` are explained and wait for the bureau.
    """
    standing = submissions_of(home)
    newest = standing[standing["is_newest"] & standing["has_filer"]]
    findings = _kept(home.gate / "findings.parquet", ["submission_id", "rule_id", "class", "state"])
    unsettled = findings[is_unsettled(findings) & findings["rule_id"].ne(LOCK)]
    of_file = unsettled["state"].eq(FindingState.asked).groupby(unsettled["submission_id"])
    received = received_submissions(home, city, year)[["submission_id", "received_at"]]
    files = newest[["school_code", "submission_id", "verdict"]].merge(received, on="submission_id")
    return files.assign(
        open_findings=files["submission_id"].map(of_file.size()),
        asked=files["submission_id"].map(of_file.sum()),
    )


def _kept(path: Path, columns: list[str]) -> pd.DataFrame:
    if path.exists():
        return pd.read_parquet(path, columns=columns)
    return pd.DataFrame(columns=columns, dtype="string")


def _sentence_zh(city: str, row: Mapping[str, Any]) -> str:
    due_on, left = row["due_on"], row["days_left"]
    count = row["open_findings"] - row["is_locked"]
    if row["is_locked"]:
        what = f"工作簿收到时已过截止日期 {due_on}，现已锁定，请先向主管部门申请延期"
        what += f"；另有 {count} 处疑点，见退回的“问题清单”。" if count else "。"
    elif row["asked"] == count > 0:
        what = f"填报的 {count} 处疑点已收到说明，待主管部门审核，暂时无需重新报送。"
    else:
        what = {
            Reminded.returned: f"填报已退回，有 {count} 处疑点，请按“问题清单”改正后重新报送",
            Reminded.waiting: f"填报有 {count} 处疑点待处理，"
            "请按“问题清单”改正或填写情况说明后重新报送",
        }.get(row["state"], "尚未报送工作簿，请按模板填报后报送")
        if not due_on:
            what += "。"
        elif left < 0:
            what += f"；截止日期 {due_on} 已过 {-left} 天，须先向主管部门申请延期。"
        else:
            what += f"；截止日期 {due_on}，" + (f"还有 {left} 天。" if left else "即今天。")
    return f"【{city}中职质量年报】{row['school_name']}：{row['year']} 年度{what}"


def _sentence_en(city: str, row: Mapping[str, Any]) -> str:
    due_on, left = row["due_on"], row["days_left"]
    count = row["open_findings"] - row["is_locked"]
    findings = f"{count} finding" + "s" * (count != 1)
    if row["is_locked"]:
        what = f"your workbook came in after the due date {due_on} and is locked out. "
        what += "Ask the bureau for an extension first."
        what += f" It also has {findings}, listed in the file sent back to you." if count else ""
    elif row["asked"] == count > 0:
        what = f"the bureau has yet to decide on your explanation of {findings}; nothing to do now."
    else:
        what = {
            Reminded.returned: f"your workbook was returned with {findings}. "
            "Correct what its list names and hand it in again.",
            Reminded.waiting: f"your workbook waits with {findings}. "
            "Correct or explain what its list names and hand it in again.",
        }.get(row["state"], "your workbook is missing. Fill in the template and hand it in.")
        if due_on and left < 0:
            what += f" The due date {due_on} passed {_days(-left)} ago: "
            what += "ask the bureau for an extension first."
        elif due_on:
            what += f" It is due on {due_on}, " + (f"in {_days(left)}." if left else "today.")
    return f"[{city} quality report {row['year']}] {row['school_name']}: {what}"


def _days(count: int) -> str:
    return f"{count} day" + "s" * (count != 1)


def as_text(frame: pd.DataFrame, language: Language) -> str:
    """Return the messages of `reminders`, one a school and line; empty if nobody is reminded."""
    sentences = frame[f"sentence_{language}"]
    return "".join(f"{' '.join(sentence.split())}\n" for sentence in sentences)


def as_csv(frame: pd.DataFrame, language: Language) -> str:
    """Return `reminders` as CSV for a spreadsheet: with a byte order mark, and no formula in it."""
    listed = frame.assign(
        state=[Reminded(state).text[language] for state in frame["state"]],
        message=frame[f"sentence_{language}"],
    )
    header = [heading[language] for heading in headings(_LISTED).values()]
    return csv_text(header, (row.values() for row in records(listed[list(_LISTED)])))
