"""What a home says of its cities, rosters, claims and forms, as raw tables.

What belongs here: reading cities/ and forms/ and writing them beside what the workbooks said. What
does not: workbooks.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.forms.contract import UnknownFormYear, load_form, load_units, read_yaml
from orchestration.ground.home import Home, configured_cities
from orchestration.ground.text import NianbaoError, Text, line_of
from orchestration.intake.raw import write_table

_CITY = (
    *("city", "city_code", "name_zh", "name_en"),
    *("province_code", "province_name_zh", "province_name_en"),
)
_SCHOOL = ("city", "school_code", "school_name", "county_code", "predecessor_codes")
_CLAIM = (
    *("city", "claim_id", "section", "label_zh", "label_en", "indicator_id", "area_code"),
    *("compare", "printed", "unit", "note"),
)
_STANDARD = (
    *("indicator", "name_zh", "unit", "school_class", "province_code", "direction"),
    *("threshold", "evidence"),
)
_FORM_COLUMN = (
    *("form_table", "column_name", "sheet_zh", "sheet_en", "label_zh", "label_en", "unit"),
    *("unit_zh", "unit_en"),
)


def city_facts(home: Home, city: str) -> dict[str, Any]:
    """Return a city's city.yml."""
    return read_yaml(home.cities / city / "city.yml")


def roster_rows(path: Path) -> list[dict[str, str]]:
    """Return the lines of a roster, of claims or of standards."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class BrokenCity(NianbaoError):
    """A city's folder that cannot be used as it is; the place is the file, and its line."""


def _require_usable_roster(
    path: Path, rows: list[dict[str, str]], seen: dict[tuple[str, str], Text]
) -> None:
    """Raise `BrokenCity` where a roster lacks a column or lists a school twice in a year."""
    for line, row in enumerate(rows, start=2):
        place = line_of(f"{path.parent.name}/{path.name}", line)
        missing = [
            c for c in ("year", "school_code", "school_name", "county_code") if not row.get(c)
        ]
        if missing or not row["year"].isdecimal():
            raise BrokenCity(
                "年度、学校标识码、名称、县区代码须填全。",
                "Year, school code, name and county code have to be filled in.",
                place,
            )
        key = (row["year"], row["school_code"])
        if key in seen:
            raise BrokenCity(
                f"学校 {key[1]} 在 {key[0]} 年已列于 {seen[key].zh}。",
                f"School {key[1]} is on the roster of {key[0]} already: {seen[key].en}.",
                place,
            )
        seen[key] = place
    _require_known_predecessors(path, rows)


def _require_known_predecessors(path: Path, rows: list[dict[str, str]]) -> None:
    """Raise `BrokenCity` where a school continues one that is still there or never was."""
    listed = {(int(row["year"]), row["school_code"]) for row in rows}
    years = {year for year, _ in listed}
    for line, row in enumerate(rows, start=2):
        year = int(row["year"])
        for code in filter(None, (row.get("predecessor_codes") or "").split(";")):
            never_was = year - 1 in years and (year - 1, code) not in listed
            if never_was or (year, code) in listed:
                raise BrokenCity(
                    f"前身学校 {code} 应在 {year - 1} 年名册中，且不在 {year} 年名册中。",
                    f"A school that another continues is on the roster of {year - 1} "
                    f"and no longer on that of {year}: {code}.",
                    line_of(f"{path.parent.name}/{path.name}", line),
                )


def write_reference(home: Home) -> None:
    """Write what the home says of cities, rosters, claims, standards and forms into the raw zone.

    Raises `BrokenCity` for facts or a roster that cannot be used.
    """
    cities, rosters, claims = [], [], []
    seen: dict[tuple[str, str], Text] = {}
    for city in configured_cities(home):
        facts = city_facts(home, city)
        blank = [name for name in _CITY if not facts.get(name)]
        if blank:
            names = ", ".join(blank)
            raise BrokenCity(f"请填写 {names}。", f"Fill in {names}.", f"{city}/city.yml")
        cities.append(facts)
        path = home.cities / city / "schools.csv"
        rows = roster_rows(path)
        _require_usable_roster(path, rows, seen)
        rosters += [{"city": city, **row} for row in rows]
        for path in sorted((home.cities / city).glob("claims_*.csv")):
            year = path.stem.removeprefix("claims_")
            claims += [{"city": city, "year": year, **row} for row in roster_rows(path)]
    _reference(home, "cities", cities, _CITY, truths=("is_synthetic",))
    _reference(home, "rosters", rosters, _SCHOOL, numbers=("year",), truths=("is_monitored",))
    own = roster_rows(home.standards) if home.standards.exists() else []
    _reference(home, "standards", own, _STANDARD, numbers=("since_year",))
    _reference(home, "claims", claims, _CLAIM, numbers=("year",), truths=("is_flagged",))
    asked = _form_columns(home, {int(row["year"]) for row in rosters})
    _reference(home, "form_columns", asked, _FORM_COLUMN, ("year",), ("is_required",))


def _form_columns(home: Home, years: Iterable[int]) -> list[dict[str, Any]]:
    """Return what the forms of the rosters' years ask for, a row a column; no form, no row."""
    rows = []
    for year in sorted(years):
        try:
            tables = load_form(year, home.forms).tables.values()
        except UnknownFormYear:
            continue
        rows += [
            {
                **{"year": year, "form_table": table.id, "column_name": column.id},
                **{"sheet_zh": table.sheet, "sheet_en": table.sheet_en, "unit": column.unit},
                **{"label_zh": column.label, "label_en": column.label_en},
                **{"unit_zh": unit.zh if unit else None, "unit_en": unit.en if unit else None},
                "is_required": column.required,
            }
            for table in tables
            for column in table.columns
            for unit in [load_units()[column.unit].text if column.unit else None]
        ]
    return rows


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
    write_table(home.raw / name / f"{name}.parquet", pa.table(columns))


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)
