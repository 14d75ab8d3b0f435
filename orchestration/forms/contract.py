"""The forms: what a year's workbook asks for, sheet by sheet and column by column.

What belongs here: reading forms/<year>/, forms/codes.yml and units.yml. What does not: workbooks
themselves (intake/) and how columns become models (staging.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from orchestration.ground.home import REPOSITORY
from orchestration.ground.text import NianbaoError, Term, Text, line_of

# The form whose columns the raw tables and staging have; other years' lack some of them at most.
SCHEMA_YEAR = 2024
YES, NO = "是", "否"


class Filer(Term):
    """Who files a workbook."""

    school = "school", "学校", "school"
    bureau = "bureau", "主管部门", "bureau"


# The sheet that says whose workbook it is.
COVERS = {Filer.school: "cover", Filer.bureau: "bureau_cover"}


class TableKind(StrEnum):
    """How a sheet is filled: one value a labelled cell, or one row a thing."""

    fields = auto()
    rows = auto()


class ColumnType(StrEnum):
    """What a column's cells are read as."""

    integer = auto()
    decimal = auto()
    text = auto()
    boolean = auto()
    date = auto()
    code = auto()
    code_list = auto()


NUMERIC_TYPES = {ColumnType.integer, ColumnType.decimal}
_CODED_TYPES = {ColumnType.code, ColumnType.code_list}


class BrokenYaml(NianbaoError):
    """A file of forms, cities or rules cannot be read as YAML."""


class UnknownFormYear(NianbaoError):
    """There is no form for a year."""


class BrokenForm(NianbaoError):
    """A form names something that is not there."""


# Columns, tables and codes are compared by identity: they are looked up for every cell, and a form
# is read once.
@dataclass(frozen=True, eq=False)
class Column:
    """One column, or one labelled cell, of a sheet."""

    id: str
    label: str
    label_en: str
    type: ColumnType
    codes: str | None = None
    unit: str | None = None
    required: bool = False
    # Added after templates had gone out: a workbook without it reads as one that left it blank.
    may_be_absent: bool = False
    # Names something that several rows and schools may name, each in its own spelling.
    is_name: bool = False

    @cached_property
    def is_number(self) -> bool:
        """Whether its cells hold numbers."""
        return self.type in NUMERIC_TYPES


@dataclass(frozen=True, eq=False)
class Table:
    """One sheet of a workbook."""

    id: str
    sheet: str
    sheet_en: str
    kind: TableKind
    filed_by: Filer
    columns: tuple[Column, ...]


@dataclass(frozen=True, eq=False)
class Code:
    """One entry of a code list: the warehouse's code, what a cell says, other wordings."""

    code: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unit:
    """A unit: its names, how a cell may say it, and what others of its dimension are of it."""

    text: Text
    suffixes: tuple[str, ...]
    factors: Mapping[str, Fraction]


@dataclass(frozen=True)
class Form:
    """The form of one year: its sheets in their order, those of schools and those of the bureau."""

    year: int
    version: str
    title: str
    title_en: str
    tables: dict[str, Table]
    codes: dict[str, tuple[Code, ...]]

    def filed_by(self, filer: Filer) -> list[Table]:
        """Return the sheets that a school or the bureau files, in their order."""
        return [table for table in self.tables.values() if table.filed_by == filer]


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds; with the C parser, which is eight times as fast.

    Raises `BrokenYaml` with file and line for one that is none.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = line_of(str(path), mark.line + 1) if mark else str(path)
        why = getattr(error, "problem", None) or str(error)
        raise BrokenYaml(f"不是可读的 YAML：{why}。", f"Not YAML: {why}.", place) from error


def load_form(year: int, roots: Sequence[Path]) -> Form:
    """Return the form of a year from the last of `roots` that has it.

    Raises `UnknownFormYear` if none has, `BrokenForm` if it names what is not declared.
    """
    return _load_form(year, tuple(roots))


def form_years(roots: Sequence[Path]) -> list[int]:
    """Return the years that have a form, the newest first."""
    files = (path for root in roots for path in root.glob("[0-9][0-9][0-9][0-9]/form.yml"))
    return sorted({int(path.parent.name) for path in files}, reverse=True)


@lru_cache
def _load_form(year: int, roots: tuple[Path, ...]) -> Form:
    folder = next((r / str(year) for r in reversed(roots) if (r / str(year)).is_dir()), None)
    if folder is None:
        raise UnknownFormYear(
            f"没有 {year} 年的报表，请添加 forms/{year}/form.yml（可写 based_on 沿用上一年）。",
            f"There is no form for {year}: add forms/{year}/form.yml (based_on takes over one).",
        )
    text = read_yaml(folder / "form.yml")
    if "based_on" in text:
        tables = _differing(load_form(text["based_on"], roots).tables, text)
    else:
        tables = {name: _read_table(folder / f"{name}.yml") for name in _order(text)}
    codes = load_codes(roots)
    for table in tables.values():
        _require_declared(year, table, codes)
    return Form(
        year=text["year"],
        version=text["version"],
        title=text["title"],
        title_en=text["title_en"],
        tables={name: tables[name] for name in _order(text)},
        codes=codes,
    )


def _require_declared(year: int, table: Table, codes: Mapping[str, tuple[Code, ...]]) -> None:
    """Raise `BrokenForm` for a column of a unit or a code list that nobody declares.

    So does one that is required and yet may be absent.
    """
    for column in table.columns:
        place = f"forms/{year} {table.id}.{column.id}"
        if column.required and column.may_be_absent:
            raise BrokenForm(
                "必填的栏目不能缺，required 与 may_be_absent 只写一个。",
                "A required column cannot be absent: declare required or may_be_absent, not both.",
                place,
            )
        if column.unit is not None and column.unit not in load_units():
            raise _undeclared(place, Text("单位", "unit"), column.unit)
        if column.type in _CODED_TYPES and column.codes not in codes:
            raise _undeclared(place, Text("代码表", "code list"), column.codes)


def _undeclared(place: str, what: Text, name: object) -> BrokenForm:
    return BrokenForm(
        f"{what.zh}“{name}”未声明。", f"The {what.en} '{name}' is not declared.", place
    )


def _order(text: dict[str, Any]) -> list[str]:
    return [*text["school"], *text["bureau"]]


def _read_table(path: Path) -> Table:
    text = read_yaml(path)
    return Table(
        id=text["table"],
        sheet=text["sheet"],
        sheet_en=text["sheet_en"],
        kind=TableKind(text["kind"]),
        filed_by=Filer(text["filed_by"]),
        columns=tuple(_read_column(path, column) for column in text["columns"]),
    )


def _read_column(path: Path, declared: dict[str, Any]) -> Column:
    column = Column(**declared)
    if column.type not in list(ColumnType):
        place = f"forms/{path.parent.name} {path.stem}.{column.id}"
        raise _undeclared(place, Text("类型", "type"), column.type)
    return replace(column, type=ColumnType(column.type))


def _differing(tables: dict[str, Table], text: dict[str, Any]) -> dict[str, Table]:
    """Return the tables of another year with this year's labels, order and absences."""
    labels, absent = text.get("labels", {}), text.get("absent", {})
    order, sheets = text.get("order", {}), text.get("sheets", {})
    named = {*labels, *(f"{t}.{c}" for part in (absent, order) for t in part for c in part[t])}
    there = {f"{name}.{column.id}" for name, table in tables.items() for column in table.columns}
    if strange := (named - there) | (set(sheets) - set(tables)):
        names = ", ".join(sorted(strange))
        raise BrokenForm(
            f"{text['based_on']} 年报表中没有 {names}。",
            f"The form of {text['based_on']} has no {names}.",
            f"forms/{text['year']}/form.yml",
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
def load_units() -> dict[str, Unit]:
    """Return the units by id."""
    declared = read_yaml(REPOSITORY / "forms" / "units.yml")
    return {
        name: Unit(
            Text(unit["zh"], unit["en"]),
            tuple(unit["suffixes"]),
            {word: Fraction(str(factor)) for word, factor in unit.get("factors", {}).items()},
        )
        for name, unit in declared.items()
    }


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
