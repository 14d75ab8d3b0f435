"""Cities that have no 中等职业学校 in a year, which their province does not wait for.

What belongs here: reading cities/without_schools.csv. What does not: what a province's figures make
of it (the mart fct_expected_city).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Set
from pathlib import Path

from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.text import NianbaoError, line_of

COLUMNS = ("year", "city_code", "reason")
_LISTED = REPOSITORY / "dbt_project" / "seeds" / "province_cities.csv"


class BadCityWithoutSchools(NianbaoError):
    """A line of the file that cannot be used as it is; the place is the file, and its line."""


def cities_without_schools(
    home: Home, rostered: Set[tuple[int, str]], configured: Mapping[str, str]
) -> list[dict[str, str]]:
    """Return the file's lines: year, city_code and the reason, which readers are told.

    `rostered` has the years and codes of the cities with a roster, `configured` the home's cities
    by code. Raises `BadCityWithoutSchools` for a line that lacks something, names a city that
    nobody knows, says what is said already, or contradicts a roster.
    """
    path = home.cities_without_schools
    if not path.exists():
        return []
    rows, seen = _lines(path), set()
    known = {row["city_code"] for row in _lines(_LISTED)} | configured.keys()
    for line, row in enumerate(rows, start=2):
        year, code = row.get("year") or "", row.get("city_code") or ""
        if not year.isdecimal() or not code or not (row.get("reason") or "").strip():
            raise _bad(line, "年度、城市代码、理由须填全。", "Fill in year, city_code and reason.")
        if code not in known:
            raise _bad(line, f"没有代码为 {code} 的城市。", f"There is no city {code}.")
        if (year, code) in seen:
            raise _bad(line, f"{code} {year} 年重复。", f"{code} is listed twice for {year}.")
        if (int(year), code) in rostered:
            raise _bad(
                line,
                f"{configured[code]} {year} 年的名册中有学校。",
                f"The roster of {configured[code]} lists schools for {year}.",
            )
        seen.add((year, code))
    return rows


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _bad(line: int, zh: str, en: str) -> BadCityWithoutSchools:
    return BadCityWithoutSchools(zh, en, line_of("cities/without_schools.csv", line))
