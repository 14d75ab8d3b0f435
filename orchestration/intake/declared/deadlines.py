"""Deadlines for handing in: each school's due date and its extensions.

What belongs here: what a city declares in deadlines.csv, and extensions as events of the ledger.
What does not: who is in time (schools/timeliness.py), and locking a late workbook out (a rule of
the gate).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from orchestration.ground.frames import table_of
from orchestration.ground.home import Home, configured_cities
from orchestration.ground.ledger import Ledger
from orchestration.ground.text import NianbaoError, line_of
from orchestration.intake.declared.reference import BrokenCity, roster_rows
from orchestration.intake.raw import write_table

KIND = "extended"
KEY = ["city", "year", "school_code"]
PLACE = [("city", pa.string()), ("year", pa.int32()), ("school_code", pa.string())]
DEADLINES = pa.schema([*PLACE, ("due_on", pa.date32()), ("extension_reason", pa.string())])


class BadExtension(NianbaoError):
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
        raise BadExtension(f"没有城市“{city}”。", f"There is no city '{city}'.")
    if not any(row["school_code"] == school_code for row in roster(home, city, year)):
        raise BadExtension(
            f"{city} {year} 年的名册中没有学校 {school_code}。",
            f"School {school_code} is not on the roster of {city} for {year}.",
        )
    if year not in _declared(home, city):
        raise BadExtension(
            f"{city} {year} 年没有截止日期，无需延期；请先填写 deadlines.csv。",
            f"{city} has no deadline for {year}: put it into deadlines.csv first.",
        )
    last = until if isinstance(until, date) else _day(until)
    if last is None:
        raise BadExtension(
            f"日期“{until}”须写作 2025-02-15。", f"Write the date '{until}' as 2025-02-15."
        )
    if not reason.strip():
        raise BadExtension("请写明延期理由。", "Say why the school is given another date.")
    if not actor.strip():
        raise BadExtension("请写明登记人。", "Say who registers the extension.")
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
                dict(zip(KEY, key, strict=True))
                | {"due_on": one.until, "extension_reason": one.reason or None}
            )
    return rows


def write_deadlines(home: Home, ledger: Ledger) -> None:
    """Write the due dates of every city into the raw zone, as they are now."""
    granted = extensions(ledger)
    rows = [row for city in configured_cities(home) for row in due_dates(home, city, granted)]
    table = table_of((row.values() for row in rows), DEADLINES)
    write_table(home.raw / "deadlines" / "deadlines.parquet", table)


def _declared(home: Home, city: str) -> dict[int, date]:
    """Return a city's due date by year; none where it has no deadlines.csv."""
    path = home.cities / city / "deadlines.csv"
    declared: dict[int, date] = {}
    for line, row in enumerate(roster_rows(path) if path.exists() else [], start=2):
        place = line_of(f"{city}/{path.name}", line)
        year, due_on = row.get("year") or "", _day(row.get("due_on") or "")
        if not year.isdecimal() or due_on is None:
            raise BrokenCity(
                "须填写年度和截止日期，日期写作 2025-01-31。",
                "Fill in year and due_on, the date as 2025-01-31.",
                place,
            )
        if int(year) in declared:
            raise BrokenCity(
                f"{year} 年的截止日期已在前面填写。", f"{year} has a due date already.", place
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
