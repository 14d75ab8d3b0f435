"""What a home says of its cities, rosters and claims, as raw tables.

What belongs here: reading cities/ and writing it beside what the workbooks said. What does not:
workbooks.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.forms import read_yaml
from orchestration.home import Home, configured_cities
from orchestration.intake.raw import replace_table

_CITY = (
    *("city", "city_code", "name_zh", "name_en"),
    *("province_code", "province_name_zh", "province_name_en"),
)
_SCHOOL = ("city", "school_code", "school_name", "county_code")
_CLAIM = (
    *("city", "claim_id", "section", "label_zh", "label_en", "indicator_id", "area_code"),
    *("compare", "printed", "unit", "note"),
)


def city_facts(home: Home, city: str) -> dict[str, Any]:
    """Return a city's city.yml."""
    return read_yaml(home.cities / city / "city.yml")


def roster_rows(path: Path) -> list[dict[str, str]]:
    """Return the lines of a roster or of claims."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_reference(home: Home) -> None:
    """Write what the home says of its cities, rosters and claims into the raw zone."""
    cities, rosters, claims = [], [], []
    for city in configured_cities(home):
        facts = city_facts(home, city)
        cities.append(facts)
        rosters += [
            {"city": city, **row} for row in roster_rows(home.cities / city / "schools.csv")
        ]
        for path in sorted((home.cities / city).glob("claims_*.csv")):
            year = path.stem.removeprefix("claims_")
            claims += [{"city": city, "year": year, **row} for row in roster_rows(path)]
    _reference(home, "cities", cities, _CITY, truths=("is_synthetic",))
    _reference(home, "rosters", rosters, _SCHOOL, numbers=("year",), truths=("is_monitored",))
    _reference(home, "claims", claims, _CLAIM, numbers=("year",), truths=("is_flagged",))


def _reference(
    home: Home,
    name: str,
    rows: list[dict[str, Any]],
    text: Sequence[str],
    numbers: Sequence[str] = (),
    truths: Sequence[str] = (),
) -> None:
    columns: dict[str, pa.Array] = {
        column: pa.array([_text(row.get(column)) for row in rows], pa.string()) for column in text
    }
    for column in numbers:
        columns[column] = pa.array([int(row[column]) for row in rows], pa.int32())
    for column in truths:
        said = [str(row.get(column, "")).lower() in {"true", "是", "1"} for row in rows]
        columns[column] = pa.array(said, pa.bool_())
    folder = home.raw / name
    folder.mkdir(parents=True, exist_ok=True)
    replace_table(folder / f"{name}.parquet", pa.table(columns))


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)
