"""What a home says of its cities, rosters, claims and forms, as raw tables.

What belongs here: reading cities/ and forms/ and writing them beside what the workbooks said. What
does not: workbooks.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import pyarrow as pa

from orchestration.forms.contract import (
    UnknownFormYear,
    load_codes,
    load_form,
    load_units,
    read_yaml,
)
from orchestration.ground.frames import table_of
from orchestration.ground.home import Home, configured_cities
from orchestration.ground.ledger import PUBLISHED, Ledger
from orchestration.ground.text import NianbaoError, Text, line_of
from orchestration.intake.declared.without_schools import COLUMNS as WITHOUT_SCHOOLS
from orchestration.intake.declared.without_schools import cities_without_schools
from orchestration.intake.raw import write_table

_NUMBERS = ("year", "since_year")
_TRUTHS = ("is_synthetic", "is_monitored", "is_flagged", "is_required")
_KINDS = dict.fromkeys(_NUMBERS, pa.int32()) | dict.fromkeys(_TRUTHS, pa.bool_())
_CITY_FACTS = "city city_code name_zh name_en province_code province_name_zh province_name_en"
# What of a roster's line figures rest on.
_ROSTER_CELLS = ("school_code", "is_monitored", "ownership")
# Each table's columns.
_TABLES = {
    "cities": f"{_CITY_FACTS} is_synthetic",
    "rosters": "city year school_code school_name county_code predecessor_codes is_monitored "
    "ownership",
    "roster_cells": "city year school_code column_name sheet cell typed value_read file_name "
    "file_hash",
    "standards": "indicator name_zh unit school_class province_code direction threshold evidence "
    "since_year",
    "claims": "city year claim_id section label_zh label_en indicator_id area_code compare printed "
    "unit note is_flagged",
    "form_columns": "year form_table column_name sheet_zh sheet_en label_zh label_en unit unit_zh "
    "unit_en is_required",
    "codes": "list_name code name_zh name_en",
    "cities_without_schools": " ".join(WITHOUT_SCHOOLS),
}


def city_facts(home: Home, city: str) -> dict[str, Any]:
    """Return a city's city.yml."""
    return read_yaml(home.cities / city / "city.yml")


def roster_rows(path: Path) -> list[dict[str, str]]:
    """Return the lines of a roster, of claims or of standards."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_printed(home: Home, ledger: Ledger) -> None:
    """Write of which years a city's figures are in print already: one row a city and year.

    They are in an edition, or in a report of another make that `city.yml` lists under
    `printed_reports`. Raises `BrokenCity` where that is no list of years.
    """
    said = {(e["payload"]["city"], e["payload"]["year"]) for e in ledger.events(PUBLISHED)}
    for city in configured_cities(home):
        years = city_facts(home, city).get("printed_reports") or []
        if not isinstance(years, list) or not all(type(year) is int for year in years):
            raise BrokenCity(
                "printed_reports 须写作年度的列表，如 [2022, 2023]。",
                "Write printed_reports as a list of years, [2022, 2023].",
                f"{city}/city.yml",
            )
        said |= {(city, year) for year in years}
    _write(home, "printed", "city year", sorted(said))


class BrokenCity(NianbaoError):
    """A city's folder that cannot be used as it is; the place is the file, and its line."""


def _require_usable_roster(
    path: Path, rows: list[dict[str, str]], seen: dict[tuple[str, str], Text]
) -> None:
    """Raise `BrokenCity` where a roster lacks a column or lists a school twice in a year."""
    needed = ("year", "school_code", "school_name", "county_code")
    for line, row in enumerate(rows, start=2):
        place = line_of(f"{path.parent.name}/{path.name}", line)
        if not all(map(row.get, needed)) or not row["year"].isdecimal():
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


def _coded(
    path: Path, rows: list[dict[str, str]], ownerships: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Yield the lines of a roster with their ownership as its code; `BrokenCity` for another word.

    A roster need not say it: blank, or without the column.
    """
    for line, row in enumerate(rows, start=2):
        word = (row.get("ownership") or "").strip()
        if word and word not in ownerships:
            names = "、".join(ownerships)
            raise BrokenCity(
                f"办学性质“{word}”无法识别，可填：{names}。",
                f"Ownership '{word}' is none of: {names}.",
                line_of(f"{path.parent.name}/{path.name}", line),
            )
        yield {**row, "ownership": ownerships.get(word, "")}


def _cells(
    path: Path, rows: list[dict[str, str]], listed: list[dict[str, str]]
) -> Iterator[dict[str, Any]]:
    """Yield a roster's filled cells, named as a spreadsheet names them: `schools.csv!B7`.

    `listed` has the same lines, as they are read.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for line, (row, read) in enumerate(zip(rows, listed, strict=True), start=2):
        for letter, (column, typed) in zip(ascii_uppercase, row.items(), strict=False):
            if column in _ROSTER_CELLS and typed:
                yield {
                    **{name: read[name] for name in ("city", "year", "school_code")},
                    **{"column_name": column, "sheet": path.name, "file_name": path.name},
                    **{"cell": f"{path.name}!{letter}{line}", "file_hash": digest},
                    **{"typed": typed, "value_read": _read(column, read[column])},
                }


def _read(column: str, value: str) -> str:
    return str(_is_true(value)).lower() if column in _TRUTHS else value


def _is_true(value: Any) -> bool:
    return str(value).lower() in {"true", "是", "1"}


def write_reference(home: Home) -> None:
    """Write what the home says of cities, rosters, claims, standards and forms into the raw zone.

    Raises `BrokenCity` for facts or a roster that cannot be used, and `BadCityWithoutSchools`.
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in _TABLES}
    codes = load_codes(home.forms)
    ownerships = {
        word: code.code
        for code in codes["ownership"]
        for word in (code.zh, code.code, *code.aliases)
    }
    seen: dict[tuple[str, str], Text] = {}
    for city in configured_cities(home):
        facts = city_facts(home, city)
        blank = [name for name in _CITY_FACTS.split() if not facts.get(name)]
        if blank:
            names = ", ".join(blank)
            raise BrokenCity(f"请填写 {names}。", f"Fill in {names}.", f"{city}/city.yml")
        rows["cities"].append(facts)
        path = home.cities / city / "schools.csv"
        schools = roster_rows(path)
        _require_usable_roster(path, schools, seen)
        listed = [{"city": city, **row} for row in _coded(path, schools, ownerships)]
        rows["rosters"] += listed
        rows["roster_cells"] += _cells(path, schools, listed)
        for path in sorted((home.cities / city).glob("claims_*.csv")):
            place = {"city": city, "year": path.stem.removeprefix("claims_")}
            rows["claims"] += [place | row for row in roster_rows(path)]
    codes_of = {facts["city"]: str(facts["city_code"]) for facts in rows["cities"]}
    rows["cities_without_schools"] = cities_without_schools(
        home,
        {(int(row["year"]), codes_of[row["city"]]) for row in rows["rosters"]},
        {str(facts["city_code"]): facts["name_zh"] for facts in rows["cities"]},
    )
    rows["standards"] = roster_rows(home.standards) if home.standards.exists() else []
    rows["form_columns"] = _form_columns(home, {int(row["year"]) for row in rows["rosters"]})
    rows["codes"] = [
        {"list_name": name, "code": code.code, "name_zh": code.zh, "name_en": code.en}
        for name, coded in codes.items()
        for code in coded
    ]
    for name, columns in _TABLES.items():
        _write(home, name, columns, ([row.get(c) for c in columns.split()] for row in rows[name]))


def _form_columns(home: Home, years: Iterable[int]) -> list[dict[str, Any]]:
    """Return what the forms of the rosters' years ask for, a row a column; no form, no row."""
    rows = []
    for year in sorted(years):
        try:
            tables = load_form(year, home.forms).tables.values()
        except UnknownFormYear:
            continue
        for table in tables:
            sheet = {"sheet_zh": table.sheet, "sheet_en": table.sheet_en}
            place = {"year": year, "form_table": table.id, **sheet}
            for column in table.columns:
                labels = {"label_zh": column.label, "label_en": column.label_en}
                row = {**place, "column_name": column.id, **labels, "unit": column.unit}
                if column.unit:
                    unit = load_units()[column.unit].text
                    row |= {"unit_zh": unit.zh, "unit_en": unit.en}
                rows.append(row | {"is_required": column.required})
    return rows


def _write(home: Home, name: str, columns: str, rows: Iterable[Iterable[Any]]) -> None:
    names = columns.split()
    schema = pa.schema([(column, _KINDS.get(column, pa.string())) for column in names])
    values = ([_value(*said) for said in zip(names, row, strict=True)] for row in rows)
    write_table(home.raw / name / f"{name}.parquet", table_of(values, schema))


def _value(column: str, said: Any) -> Any:
    if column in _TRUTHS:
        return _is_true(said)
    if column in _NUMBERS:
        return int(said)
    return None if said is None or said == "" else said
