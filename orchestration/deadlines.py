"""Deadlines for handing in: each school's due date, its extensions, and who is in time.

What belongs here: what a city declares in deadlines.csv, extensions as events of the ledger, and
what follows for a school on a day. What does not: locking a late workbook out (a rule of the gate)
and what a school is told (publication/reminders.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.home import Home, configured_cities
from orchestration.intake.raw import SUBMISSIONS, replace_table
from orchestration.intake.reference import BrokenCity, roster_rows
from orchestration.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd

KIND = "extended"
# A due date is a day in Asia/Shanghai, which has had no summer time since 1991.
CHINA = timezone(timedelta(hours=8))
_KEY = ["city", "year", "school_code"]
_PLACE = [("city", pa.string()), ("year", pa.int32()), ("school_code", pa.string())]
DEADLINES = pa.schema([*_PLACE, ("due_on", pa.date32()), ("extension_reason", pa.string())])
_SCHOOLS = pa.schema([*_PLACE, ("school_name", pa.string())])
_TIMED = ("first_received_on", "state", "days_left")
_RECEIVED = ("submission_id", *_KEY, "received_at", "received_seq", "filed_by")


class BadExtension(Exception):
    """An extension that may not be registered; nothing was written."""


@dataclass(frozen=True)
class Extension:
    """Until when one school may hand in, and why; who said so is in the ledger."""

    until: date
    reason: str


Extensions = Mapping[tuple[str, int, str], Extension]


def extend(
    ledger: Ledger,
    home: Home,
    city: str,
    year: int,
    school_code: str,
    until: date | str,
    reason: str,
    actor: str,
) -> None:
    """Register the last day on which a school may hand in, which may also be an earlier one.

    A text is a date as 2025-02-15. Raises `BadExtension` with what is wrong, `BrokenCity` where
    the city's deadlines cannot be read.
    """
    if city not in configured_cities(home):
        raise BadExtension(f"没有城市“{city}”。There is no city '{city}'.")
    if not any(row["school_code"] == school_code for row in roster(home, city, year)):
        raise BadExtension(
            f"{city} {year} 年的名册中没有学校 {school_code}。"
            f"School {school_code} is not on the roster of {city} for {year}."
        )
    if year not in _declared(home, city):
        raise BadExtension(
            f"{city} {year} 年没有截止日期，无需延期；请先填写 deadlines.csv。"
            f"{city} has no deadline for {year}: put it into deadlines.csv first."
        )
    last = until if isinstance(until, date) else _day(until)
    if last is None:
        raise BadExtension(f"日期“{until}”须写作 2025-02-15。Write the date as 2025-02-15.")
    if not reason.strip():
        raise BadExtension("请写明延期理由。Say why the school is given another date.")
    if not actor.strip():
        raise BadExtension("请写明登记人。Say who registers the extension.")
    payload = {"city": city, "year": year, "school_code": school_code}
    payload |= {"until": last.isoformat(), "reason": reason.strip()}
    ledger.append(KIND, payload, actor.strip())


def extensions(ledger: Ledger) -> Extensions:
    """Return the extensions in force: of each city, year and school the one registered last."""
    payloads = (event["payload"] for event in ledger.events(KIND))
    return {
        (p["city"], p["year"], p["school_code"]): Extension(
            date.fromisoformat(p["until"]), p["reason"]
        )
        for p in payloads
    }


def due_dates(home: Home, city: str, granted: Extensions) -> list[dict[str, Any]]:
    """Return one row (`DEADLINES`) a rostered school and year that has a due date.

    A year that deadlines.csv does not name has none. Raises `BrokenCity` for a line of that file
    that cannot be used.
    """
    rows = []
    for year, due_on in _declared(home, city).items():
        for school in roster(home, city, year):
            key = (city, year, school["school_code"])
            one = granted.get(key, Extension(due_on, ""))
            rows.append(
                dict(zip(_KEY, key, strict=True))
                | {"due_on": one.until, "extension_reason": one.reason or None}
            )
    return rows


def write_deadlines(home: Home, ledger: Ledger) -> None:
    """Write the due dates of every city into the raw zone, as they are now."""
    granted = extensions(ledger)
    rows = [row for city in configured_cities(home) for row in due_dates(home, city, granted)]
    folder = home.raw / "deadlines"
    folder.mkdir(parents=True, exist_ok=True)
    replace_table(folder / "deadlines.parquet", pa.Table.from_pylist(rows, schema=DEADLINES))


def _declared(home: Home, city: str) -> dict[int, date]:
    """Return a city's due date by year; none where it has no deadlines.csv."""
    path = home.cities / city / "deadlines.csv"
    declared: dict[int, date] = {}
    for line, row in enumerate(roster_rows(path) if path.exists() else [], start=2):
        place = f"{city}/{path.name} 第 {line} 行 line {line}"
        year, due_on = row.get("year") or "", _day(row.get("due_on") or "")
        if not year.isdecimal() or due_on is None:
            raise BrokenCity(
                f"{place}：须填写年度和截止日期，日期写作 2025-01-31。"
                "Fill in year and due_on, the date as 2025-01-31."
            )
        if int(year) in declared:
            raise BrokenCity(
                f"{place}：{year} 年的截止日期已在前面填写。{year} has a due date already."
            )
        declared[int(year)] = due_on
    return declared


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def roster(home: Home, city: str, year: int) -> list[dict[str, str]]:
    """Return the lines of schools.csv of one year, none where the year is not on it."""
    rows = roster_rows(home.cities / city / "schools.csv")
    return [row for row in rows if row.get("year") == str(year)]


# -- who is in time --------------------------------------------------------------------------------


def today_in_china() -> date:
    """Return the day it is in Asia/Shanghai."""
    return datetime.now(CHINA).date()


def day_received(received_at: str) -> date:
    """Return the day in Asia/Shanghai of the ledger's kind of time, ISO text."""
    return datetime.fromisoformat(received_at).astimezone(CHINA).date()


def timeliness(
    schools: pd.DataFrame, due: pd.DataFrame, received: pd.DataFrame, today: date
) -> pd.DataFrame:
    """Return when each school was due and when it first handed in.

    `schools` has city, year, school_code and school_name, `due` the columns `DEADLINES`,
    `received` one row a submission with its received_at. One row a school, in their order: the
    columns of `schools`, due_on and first_received_on (days or None), is_extended, reason, state
    and days_left. State is in_time, late, missing or, with the due date past, overdue; days_left
    counts from today and is negative after the due date.
    """
    first = received.groupby(_KEY, as_index=False)["received_at"].min()
    rows = schools.merge(due, how="left", on=_KEY).merge(first, how="left", on=_KEY)
    rows = rows.astype(object).where(rows.notna(), None)
    received_on = [day_received(at) if at else None for at in rows["received_at"]]
    due_on = list(rows["due_on"])
    states = [_state(d, r, today) for d, r in zip(due_on, received_on, strict=True)]
    left = [None if d is None else (d - today).days for d in due_on]
    rows["is_extended"] = rows["extension_reason"].notna()
    rows["first_received_on"], rows["state"], rows["days_left"] = received_on, states, left
    rows = rows.rename(columns={"extension_reason": "reason"}).astype(
        {"year": "int64", "days_left": "Int64"}
    )
    return rows[[*schools.columns, "due_on", "is_extended", "reason", *_TIMED]]


def _state(due_on: date | None, received_on: date | None, today: date) -> str:
    if received_on is None:
        return "overdue" if due_on is not None and today > due_on else "missing"
    return "late" if due_on is not None and received_on > due_on else "in_time"


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
    return timeliness(schools, due, received_submissions(home, city, year), today)


def received_submissions(home: Home, city: str, year: int) -> pd.DataFrame:
    """Return the files that a city's schools handed in for a year, one a row, oldest first.

    Columns: submission_id, city, year, school_code, received_at and received_seq.
    """
    parts = sorted((home.raw / "submissions" / f"year={year}").glob("*.parquet"))
    tables = [pq.read_table(path, columns=list(_RECEIVED)) for path in parts]
    schema = pa.schema([SUBMISSIONS.field(name) for name in _RECEIVED])
    frame = pa.concat_tables([schema.empty_table(), *tables]).to_pandas()
    is_own = frame["city"].eq(city) & frame["filed_by"].eq("school")
    return frame[is_own].drop(columns="filed_by").sort_values("received_seq", ignore_index=True)
