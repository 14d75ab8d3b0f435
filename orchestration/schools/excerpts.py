"""Pieces of the workbooks themselves: the cells around a finding, last year's, two submissions.

What belongs here: reading originals from the archive for a person to look at. What does not:
pages. What looks like a personal number is not shown; who needs it downloads the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow.parquet as pq
from openpyxl.utils import column_index_from_string, get_column_letter

from orchestration.forms.contract import Table, UnknownFormYear, load_form
from orchestration.gate.cases import cells_named
from orchestration.ground.home import Home
from orchestration.intake.archive import original
from orchestration.intake.plain_text import typed_text
from orchestration.intake.reading.personal import without_personal_number
from orchestration.intake.workbook.problems import UnreadableFile
from orchestration.intake.workbook.reader import read_workbook
from orchestration.intake.workbook.sheet import Sheet

_CELL = re.compile(r"(.*)!([A-Z]{1,3})([0-9]{1,7})")
_ABOVE, _BELOW, _BESIDE = 4, 4, 4
_FARTHEST = 40  # rows between two bad cells that are still shown as one piece
_LONGEST = 200
_MOST_SEEN = 20  # cells of a finding whose contents are repeated


class Piece(NamedTuple):
    """Some rows and columns of a sheet, and which of its cells a finding is about."""

    sheet: str
    columns: list[str]
    rows: list[tuple[int, list[str]]]
    bad: list[str]


class FiledValue(NamedTuple):
    """One figure of a finding: the form's label, as typed now and a year before."""

    label: str
    now: str
    before: str | None


class Difference(NamedTuple):
    """One cell that two files have differently."""

    sheet: str
    cell: str
    before: str
    after: str


def pieces_around(home: Home, file_hash: str, cells: list[str]) -> list[Piece]:
    """Return the surroundings of cells ("学生!B3", "专业设置!J3:J18"), a piece a sheet and place.

    Empty where the file cannot be read or names no such sheet.
    """
    sheets = {sheet.name: sheet.rows for sheet in _sheets(home, file_hash)}
    places: dict[str, list[tuple[int, int]]] = {}
    for cell in cells:
        for one in cells_named(cell):
            match = _CELL.fullmatch(one)
            if match and match[1] in sheets:
                at = (int(match[3]), column_index_from_string(match[2]))
                places.setdefault(match[1], []).append(at)
    return [
        _piece(name, sheets[name], group)
        for name, spots in places.items()
        for group in _neighbours(sorted(set(spots)))
    ]


class Seen(NamedTuple):
    """What is stored in some cells, and what they show."""

    typed: list[str]
    shown: list[str]


def seen_at(home: Home, file_hash: str, cell: str | None, said: Collection[str] = ()) -> Seen:
    """Return what stands in the cells of a finding; of a cell that a sheet lacks, nothing.

    Where what is `said` hangs on the cell, as its comment, that stands in place of its content.
    """
    own, seen = list(_sheets(home, file_hash)), Seen([], [])
    sheets = {sheet.name: sheet.rows for sheet in own}
    hanging = {sheet.name: sheet.notes for sheet in own}
    for one in cells_named(cell)[:_MOST_SEEN]:
        match = _CELL.fullmatch(one)
        if match and match[1] in sheets:
            row, column = int(match[3]), column_index_from_string(match[2])
            notes = (n.text for n in hanging[match[1]] if n.place == (row - 1, column - 1))
            value = next((text for text in notes if without_personal_number(text) in said), None)
            value = _value(sheets[match[1]], row, column) if value is None else value
            seen.typed.append(_text(getattr(value, "stored", value)))
            seen.shown.append(_text(value))
    return seen


def differences(home: Home, before_hash: str, after_hash: str) -> list[Difference]:
    """Return every cell that two files have differently, sheet by sheet, row by row."""
    before, after = _texts(home, before_hash), _texts(home, after_hash)
    places = sorted({*before, *after}, key=lambda place: (place[0], place[1], place[2]))
    return [
        Difference(sheet, f"{get_column_letter(column)}{row}", one, other)
        for sheet, row, column in places
        if (one := before.get((sheet, row, column), ""))
        != (other := after.get((sheet, row, column), ""))
    ]


def filed_values(
    home: Home, finding: Mapping[str, Any], frame: str, before_id: str | None
) -> list[FiledValue]:
    """Return what a finding's columns say, by the form's labels, beside what was said a year ago.

    `frame` is the rule's table; `before_id` the school's submission of the year before that counts.
    What stands in rows, and not in a field of its own, has no counterpart and no `before`.
    """
    year = int(finding["year"])
    tables = _tables_of_form(home, year)
    typed: dict[str, str] = json.loads(finding["values_typed"] or "{}")
    filed = []
    for name, now in typed.items():
        table_id, _, column_id = name.rpartition("__") if "__" in name else (frame, "", name)
        table = tables.get(table_id)
        column = next((c for c in table.columns if c.id == column_id), None) if table else None
        before = None
        if table and column and table.kind == "fields" and before_id:
            before = _typed_in_field(home, table_id, year - 1, column_id, before_id)
        filed.append(FiledValue(column.label if column else name, now, before))
    return filed


def _tables_of_form(home: Home, year: int) -> Mapping[str, Table]:
    """Return the form's tables by id; none where the form of the year was taken away."""
    try:
        return load_form(year, home.forms).tables
    except UnknownFormYear:
        return {}


def _typed_in_field(
    home: Home, table: str, year: int, column: str, submission_id: str
) -> str | None:
    typed = f"{column}__typed"
    for path in sorted((home.raw / table / f"year={year}").glob("*.parquet")):
        if not {"submission_id", typed} <= set(pq.read_schema(path).names):
            continue
        rows = pq.read_table(path, columns=[typed], filters=[("submission_id", "=", submission_id)])
        if rows.num_rows:
            return rows[typed][0].as_py()
    return None


def _neighbours(spots: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    group: list[tuple[int, int]] = []
    for spot in spots:
        if group and spot[0] - group[-1][0] > _FARTHEST:
            yield group
            group = []
        group.append(spot)
    if group:
        yield group


def _piece(name: str, rows: list[list[Any]], spots: list[tuple[int, int]]) -> Piece:
    first, last = max(1, spots[0][0] - _ABOVE), spots[-1][0] + _BELOW
    columns = [column for _, column in spots]
    left, right = max(1, min(columns) - _BESIDE), max(columns) + _BESIDE
    width = max((len(row) for row in rows), default=1)
    shown = range(left, min(right, max(width, max(columns))) + 1)
    bottom = min(last, max(len(rows), spots[-1][0]))
    return Piece(
        name,
        [get_column_letter(column) for column in shown],
        [
            (row, [_shown(rows, row, column) for column in shown])
            for row in range(first, bottom + 1)
        ],
        [f"{get_column_letter(column)}{row}" for row, column in spots],
    )


def _shown(rows: list[list[Any]], row: int, column: int) -> str:
    return _text(_value(rows, row, column))


def _value(rows: list[list[Any]], row: int, column: int) -> Any:
    values = rows[row - 1] if row <= len(rows) else []
    return values[column - 1] if column <= len(values) else None


def _text(value: Any) -> str:
    return without_personal_number(typed_text(value))[:_LONGEST]


@lru_cache(maxsize=16)
def _sheets(home: Home, file_hash: str) -> tuple[Sheet, ...]:
    try:
        return tuple(read_workbook(original(home, file_hash)))
    except UnreadableFile:
        return ()


def _texts(home: Home, file_hash: str) -> dict[tuple[str, int, int], str]:
    return {
        (sheet.name, row, column): text
        for sheet in _sheets(home, file_hash)
        for row, values in enumerate(sheet.rows, start=1)
        for column, value in enumerate(values, start=1)
        if (text := _text(value))
    }
