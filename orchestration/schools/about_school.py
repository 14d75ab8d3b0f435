"""What the latest run and the decisions since say of one school.

What belongs here: choosing a school's rows of the gate's current state. What does not: reading that
state (gate/current.py), and pages.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from orchestration.gate.current import CurrentState
from orchestration.ground.frames import records

_MOST_MOVED = 12


def findings_of_school(now: CurrentState, school_code: str | None) -> pd.DataFrame:
    """Return a school's findings of every year; of None, nobody's."""
    return now.findings[_is(now.findings["school_code"], school_code)]


def files_of_school(now: CurrentState, year: int, school_code: str | None) -> pd.DataFrame:
    """Return the files that a school handed in for a year, the newest first."""
    files = now.submissions
    own = files[files["year"].eq(year) & _is(files["school_code"], school_code)]
    return own.sort_values("received_seq", ascending=False)


def standing_submission(now: CurrentState, year: int, school_code: str | None) -> str | None:
    """Return the submission of a school's year that counts, None if there is none."""
    schools = now.schools
    own = schools[schools["year"].eq(year) & _is(schools["school_code"], school_code)]
    standing = own["standing_submission_id"].dropna()
    return None if standing.empty else str(standing.iloc[0])


def file_named(now: CurrentState, submission_id: str | None) -> dict[str, Any] | None:
    """Return the row of one submission, None if there is none."""
    named = records(now.submissions[now.submissions["submission_id"] == submission_id])
    return named[0] if named else None


def impacts_of(now: CurrentState, finding_id: str) -> list[dict[str, Any]]:
    """Return the city's figures that a finding moves most, most first."""
    return records(now.impact[now.impact["finding_id"] == finding_id].head(_MOST_MOVED))


def _is(column: pd.Series, value: str | None) -> pd.Series:
    """Return where a column holds a value; what is missing equals nothing."""
    if value is None:
        return pd.Series(False, index=column.index)
    return column.eq(value).fillna(False).astype(bool)
