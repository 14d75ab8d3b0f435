"""Who is in time: when each school was due, when it first handed in, how many days are left.

What belongs here: what deadlines and received files say of a school on a day. What does not: the
deadlines themselves (intake/declared/) and what a school is told (schools/reminders.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger, open_ledger
from orchestration.ground.settings import zone_of
from orchestration.ground.text import Term
from orchestration.intake.declared.deadlines import (
    DEADLINES,
    KEY,
    PLACE,
    due_dates,
    extensions,
    roster,
)
from orchestration.intake.raw import read_submissions


class Timeliness(Term):
    """Where a school stands with its due date."""

    in_time = "in_time", "按时", "in time"
    late = "late", "迟报", "late"
    missing = "missing", "未报", "missing"
    overdue = "overdue", "逾期未报", "overdue"


_SCHOOLS = pa.schema([*PLACE, ("school_name", pa.string())])
_TIMED = ("first_received_on", "state", "days_left")
_RECEIVED = ("submission_id", *KEY, "received_at", "received_seq", "filed_by")


def timeliness(
    schools: pd.DataFrame,
    due: pd.DataFrame,
    received: pd.DataFrame,
    today: date,
    zone: ZoneInfo = clock.CHINA,
) -> pd.DataFrame:
    """Return when each school was due and when it first handed in.

    `schools` has city, year, school_code and school_name, `due` the columns `DEADLINES`,
    `received` one row a submission with its received_at. One row a school, in their order: the
    columns of `schools`, due_on and first_received_on (days or None), is_extended, reason, state
    (`Timeliness`) and days_left, which counts from today and is negative after the due date. A day
    is a day of `zone`, and the due date itself is in time.
    """
    first = received.groupby(KEY, as_index=False)["received_at"].min()
    rows = schools.merge(due, how="left", on=KEY).merge(first, how="left", on=KEY)
    rows = rows.astype(object).where(rows.notna(), None)
    received_on = [clock.day(at, zone) if at else None for at in rows["received_at"]]
    due_on = list(rows["due_on"])
    states = [_state(d, r, today) for d, r in zip(due_on, received_on, strict=True)]
    left = [None if d is None else (d - today).days for d in due_on]
    rows["is_extended"] = rows["extension_reason"].notna()
    rows["first_received_on"], rows["state"], rows["days_left"] = received_on, states, left
    rows = rows.rename(columns={"extension_reason": "reason"}).astype(
        {"year": "int64", "days_left": "Int64"}
    )
    return rows[[*schools.columns, "due_on", "is_extended", "reason", *_TIMED]]


def _state(due_on: date | None, received_on: date | None, today: date) -> Timeliness:
    if received_on is None:
        is_over = due_on is not None and today > due_on
        return Timeliness.overdue if is_over else Timeliness.missing
    is_late = due_on is not None and received_on > due_on
    return Timeliness.late if is_late else Timeliness.in_time


def city_timeliness(home: Home, ledger: Ledger, city: str, year: int, today: date) -> pd.DataFrame:
    """Return `timeliness` of a city's year: rosters, deadlines and extensions as they are now.

    Needs no run: before the first one, every school is missing.
    """
    listed = [
        {"city": city, "year": year} | {n: row[n] for n in ("school_code", "school_name")}
        for row in roster(home, city, year)
    ]
    schools = pa.Table.from_pylist(listed, schema=_SCHOOLS).to_pandas()
    rows = [row for row in due_dates(home, city, extensions(ledger)) if row["year"] == year]
    due = pa.Table.from_pylist(rows, schema=DEADLINES).to_pandas()
    received = received_submissions(home, city, year)
    return timeliness(schools, due, received, today, zone_of(home))


def timeliness_of(home: Home, cities: Iterable[str], year: int) -> pd.DataFrame:
    """Return `city_timeliness` of several cities as of now, its state as `timeliness`."""
    with open_ledger(home) as ledger:
        today = clock.today(zone_of(home))
        parts = [city_timeliness(home, ledger, city, year, today) for city in cities]
    columns = ["city", "school_code", "due_on", "state", "days_left", "reason", "is_extended"]
    whole = pd.concat(parts) if parts else pd.DataFrame(columns=columns)
    return whole.rename(columns={"state": "timeliness"})


def received_submissions(home: Home, city: str, year: int) -> pd.DataFrame:
    """Return the files that a city's schools handed in for a year, one a row, oldest first.

    Columns: submission_id, city, year, school_code, received_at and received_seq.
    """
    frame = read_submissions(home, year)[list(_RECEIVED)]
    is_own = frame["city"].eq(city) & frame["filed_by"].eq("school")
    return frame[is_own].drop(columns="filed_by").sort_values("received_seq", ignore_index=True)
