"""The forms: what a year's workbook asks for, sheet by sheet and column by column.

What belongs here: reading forms/<year>/, forms/codes.yml and units.yml. What does not: workbooks
themselves (intake/) and how columns become models (staging.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from orchestration.ground.home import REPOSITORY

YES, NO = "是", "否"
NUMERIC_TYPES = {"integer", "decimal"}
TYPES = {*NUMERIC_TYPES, "text", "boolean", "date", "code", "code_list"}


class UnknownFormYear(Exception):
    """There is no form for a year; the message says what to add."""


class BrokenForm(Exception):
    """A form names something that is not there; the message says where and what."""


# Columns, tables and codes are compared by identity: they are looked up for every cell, and a form
# is read once.
@dataclass(frozen=True, eq=False)
class Column:
    """One column, or one labelled cell, of a sheet."""

    id: str
    label: str
    label_en: str
    type: str
    codes: str | None = None
    unit: str | None = None
    required: bool = False
    # Added after templates had gone out: a workbook without it reads as one that left it blank.
    may_be_absent: bool = False


@dataclass(frozen=True, eq=False)
class Table:
    """One sheet: `fields` has one value a labelled cell, `rows` one row a thing."""

    id: str
    sheet: str
    sheet_en: str
    kind: str
    filed_by: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, eq=False)
class Code:
    """One entry of a code list: the warehouse's code, what a cell says, other wordings."""

    code: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """The form of one year: its sheets in their order, those of schools and those of the bureau."""

    year: int
    version: str
    title: str
    title_en: str
    tables: dict[str, Table]
    codes: dict[str, tuple[Code, ...]]

    def filed_by(self, who: str) -> list[Table]:
        """Return the sheets that a school or the bureau files, in their order."""
        return [table for table in self.tables.values() if table.filed_by == who]


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds; with the C parser, which is eight times as fast."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)


def load_form(year: int, roots: Sequence[Path]) -> Form:
    """Return the form of a year from the last of `roots` that has it.

    Raises `UnknownFormYear` if none has, `BrokenForm` if it names what is not declared.
    """
    return _load_form(year, tuple(roots))


@lru_cache
def _load_form(year: int, roots: tuple[Path, ...]) -> Form:
    folder = next((r / str(year) for r in reversed(roots) if (r / str(year)).is_dir()), None)
    if folder is None:
        raise UnknownFormYear(
            f"没有 {year} 年的报表，请添加 forms/{year}/form.yml（可写 based_on 沿用上一年）。"
            f"There is no form for {year}: add forms/{year}/form.yml (based_on takes over another)."
        )
    text = read_yaml(folder / "form.yml")
    if "based_on" in text:
        tables = _differing(load_form(text["based_on"], roots).tables, text)
    else:
        tables = {name: _read_table(folder / f"{name}.yml") for name in _order(text)}
    codes = load_codes(roots)
    for table in tables.values():
        _hold(table, codes)
    return Form(
        year=text["year"],
        version=text["version"],
        title=text["title"],
        title_en=text["title_en"],
        tables={name: tables[name] for name in _order(text)},
        codes=codes,
    )


def _hold(table: Table, codes: Mapping[str, tuple[Code, ...]]) -> None:
    """Raise `BrokenForm` for a column of a type, a unit or a code list that nobody declares.

    So does one that is required and yet may be absent.
    """
    for column in table.columns:
        if column.required and column.may_be_absent:
            raise BrokenForm(
                f"{table.id}.{column.id}: 必填的栏目不能缺，required 与 may_be_absent 只写一个。"
                "A required column cannot be absent: declare required or may_be_absent, not both."
            )
        wants_codes = column.type in {"code", "code_list"}
        if (
            column.type not in TYPES
            or (column.unit is not None and column.unit not in load_units())
            or (wants_codes and column.codes not in codes)
        ):
            raise BrokenForm(
                f"{table.id}.{column.id}: 类型、单位或代码表未声明。"
                f"Its type, unit or code list is not declared: "
                f"{column.type}, {column.unit}, {column.codes}."
            )


def _order(text: dict[str, Any]) -> list[str]:
    return [*text["school"], *text["bureau"]]


def _read_table(path: Path) -> Table:
    text = read_yaml(path)
    columns = tuple(Column(**column) for column in text["columns"])
    return Table(
        id=text["table"],
        sheet=text["sheet"],
        sheet_en=text["sheet_en"],
        kind=text["kind"],
        filed_by=text["filed_by"],
        columns=columns,
    )


def _differing(tables: dict[str, Table], text: dict[str, Any]) -> dict[str, Table]:
    """Return the tables of another year with this year's labels, order and absences."""
    labels, absent = text.get("labels", {}), text.get("absent", {})
    order, sheets = text.get("order", {}), text.get("sheets", {})
    named = {*labels, *(f"{t}.{c}" for part in (absent, order) for t in part for c in part[t])}
    there = {f"{name}.{column.id}" for name, table in tables.items() for column in table.columns}
    if strange := (named - there) | (set(sheets) - set(tables)):
        raise BrokenForm(
            f"forms/{text['year']}/form.yml: {text['based_on']} 年报表中没有 {sorted(strange)}。"
            f"The form of {text['based_on']} has none of these."
        )
    result = {}
    for name, table in tables.items():
        first = order.get(name, [])
        columns = [c for c in table.columns if c.id not in absent.get(name, [])]
        columns.sort(key=lambda c: first.index(c.id) if c.id in first else len(first))
        result[name] = replace(
            table,
            sheet=sheets.get(name, table.sheet),
            columns=tuple(replace(c, label=labels.get(f"{name}.{c.id}", c.label)) for c in columns),
        )
    return result


@lru_cache
def load_units() -> dict[str, dict[str, Any]]:
    """Return the units by id: zh, en, suffixes that a cell may carry."""
    return read_yaml(REPOSITORY / "forms" / "units.yml")


@lru_cache
def _load_codes(roots: tuple[Path, ...]) -> dict[str, tuple[Code, ...]]:
    lists: dict[str, tuple[Code, ...]] = {}
    for root in roots:
        path = root / "codes.yml"
        if path.exists():
            text = read_yaml(path)
            for name, entries in text.items():
                lists[name] = tuple(
                    Code(e["code"], e["zh"], e["en"], tuple(e.get("aliases", ()))) for e in entries
                )
    return lists


def load_codes(roots: Sequence[Path]) -> dict[str, tuple[Code, ...]]:
    """Return every code list by name; a list in a later root replaces an earlier one whole."""
    return _load_codes(tuple(roots))
