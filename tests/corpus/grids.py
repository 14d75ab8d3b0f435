"""Workbooks as grids that a case may spoil, taken from the sample workbooks of one city.

What belongs here: cells with what stands around them (formats, struck text, formulas), sheets with
what hides and merges them, and finding the form's places in them. What does not: how a grid becomes
a file (writers.py) and what is done to it (cases/).
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
from sample_workbooks import write_samples

from orchestration.forms.contract import Form, TableKind, load_form
from orchestration.ground.home import REPOSITORY, Home

CITY, CITY_CODE, OTHER_CITY_CODE = "qingyang", "621000", "610300"
CODE, NAME, COUNTY = "9962100201", "西峰职业中等专业学校", "621002"
OTHER, OTHER_NAME = "9962102102", "庆城县职业中等专业学校"
YEAR = 2024
FIRST = 2  # title and header stand above the first record, zero-based


@dataclass(frozen=True)
class Cell:
    """A cell that is more than its content.

    `parts` are pieces of text, each plain (""), "struck", "raised", "bold" or "red"; a `formula`
    has `value` as what was computed last, None if it never was.
    """

    value: Any = None
    number_format: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    is_struck: bool = False
    formula: str = ""

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


@dataclass
class Grid:
    """One sheet: rows of plain values and `Cell`s; rows and columns are zero-based."""

    name: str
    rows: list[list[Any]]
    is_hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filtered: set[int] = field(default_factory=set)  # rows that a filter hides
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # first, last: row, col
    formatted_rows: int = 0  # rows below the last that carry a border and nothing else
    header: str = ""  # of its printed pages, as Excel writes it: &C in the middle, &P the page
    footer: str = ""
    pictures: list[tuple[int, int, int, int]] = field(default_factory=list)  # as `merged`

    def set(self, row: int, column: int, value: Any) -> None:
        """Put something into a cell, however far out it is."""
        self.rows += [[] for _ in range(row + 1 - len(self.rows))]
        self.rows[row] += [None] * (column + 1 - len(self.rows[row]))
        self.rows[row][column] = value

    def insert_column(self, at: int, values: dict[int, Any]) -> None:
        """Move what stands from a column on to the right, and fill the new column by row."""
        for number, row in enumerate(self.rows):
            if len(row) >= at:
                row.insert(at, values.get(number))

    def insert_row(self, at: int, *values: Any) -> None:
        self.rows.insert(at, list(values))

    def append(self, *values: Any) -> int:
        """Add a row below the last; return its number."""
        self.rows.append(list(values))
        return len(self.rows) - 1

    def last(self) -> int:
        return len(self.rows) - 1


@dataclass
class Book:
    """A workbook, and where the form's values stand in it as long as nobody moved them."""

    form: Form
    sheets: list[Grid]
    file_name: str
    calculation: str = ""  # "on_load", "manual", "manual_saved": when formulas are computed
    has_inline_text: bool = False

    def __getitem__(self, name: str) -> Grid:
        return next(sheet for sheet in self.sheets if sheet.name == name)

    def sheet(self, table: str) -> Grid:
        return self[self.form.tables[table].sheet]

    def place(self, table: str, column: str, record: int = 0) -> tuple[int, int]:
        """Return the zero-based row and column of a value of the untouched workbook."""
        found = self.form.tables[table]
        at = [one.id for one in found.columns].index(column)
        return (FIRST + at, 1) if found.kind == TableKind.fields else (FIRST + record, at)

    def put(self, table: str, column: str, value: Any, record: int = 0) -> None:
        """Type something over a value."""
        self.sheet(table).set(*self.place(table, column, record), value)

    def label(self, table: str, column: str, text: str) -> None:
        """Type something over a value's label."""
        row, at = self.place(table, column)
        is_of_fields = self.form.tables[table].kind == TableKind.fields
        self.sheet(table).set(*((row, 0) if is_of_fields else (FIRST - 1, at)), text)

    def unit(self, table: str, column: str, text: str) -> None:
        """Type something over the unit beside a value."""
        self.sheet(table).set(self.place(table, column)[0], 2, text)

    def add(self, name: str, rows: list[list[Any]]) -> Grid:
        """Add a sheet behind the others."""
        self.sheets.append(Grid(name, rows))
        return self.sheets[-1]

    def copy_of(self, sheet: str, name: str) -> Grid:
        """Add a copy of a sheet under another name."""
        return self.add(name, deepcopy(self[sheet].rows))


@cache
def _samples() -> dict[str, Book]:
    """Return the school's and the bureau's sample workbook."""
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.create()
        paths = write_samples(home, [CITY], years=(YEAR,))
        wanted = {"school": CODE, "bureau": CITY}
        return {
            filer: book_of(next(path for path in paths if path.name.startswith(begins)))
            for filer, begins in wanted.items()
        }


def book_of(path: Path) -> Book:
    """Return a workbook that the template's writer wrote, to be spoilt."""
    book = openpyxl.load_workbook(path)
    form = load_form(YEAR, [REPOSITORY / "forms"])
    return Book(form, [Grid(sheet.title, _rows(sheet)) for sheet in book], path.name)


def _rows(sheet: Any) -> list[list[Any]]:
    """Return a sheet's rows without the blank ones that the template ends with."""
    rows = [[None if v == "" else v for v in row] for row in sheet.iter_rows(values_only=True)]
    while rows and not any(value is not None for value in rows[-1]):
        rows.pop()
    return rows


def sample(filer: str = "school") -> Book:
    """Return the untouched workbook of the school or of the bureau, to be spoilt."""
    book = _samples()[filer]
    return Book(book.form, deepcopy(book.sheets), book.file_name)
