"""Where on a sheet the form's columns stand: titles, notes, moved and multi-row headers.

What belongs here: finding sheets, labels, header rows and the rows to read. What does not: what a
cell says (normalise.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from orchestration.forms.contract import Column, Table, TableKind, load_units
from orchestration.intake.reading.normalise import Normalisation
from orchestration.intake.workbook.sheet import Cells, Sheet

_NOISE = re.compile(r"[\s*＊:：“”\"'‘’]|[(（][^()（）]*[)）]")
_NUMBERING = re.compile(r"^(表?[一二三四五六七八九十\d]+[-.、．]?)+(?=\D)")
_VALUE_HEADS = {"填报值", "数值", "填报内容", "内容", "数据"}
_LABEL_HEADS = {"项目", "指标", "名称", "单位", "序号", "备注", *_VALUE_HEADS}
_TOTALS = {"合计", "总计", "小计", "共计"}
_NOTES = re.compile(r"^(注|备注|说明|填表|填报|单位负责人|负责人|审核|联系|制表)")
_HEADER_SEARCH = 30  # rows from the top in which a header may stand
_VALUE_REACH = 5  # columns from a label in which its value may stand
_LONGEST_LABEL = 60


def plain(label: str) -> str:
    """Return a label without spaces, stars, units in brackets and width; long texts are none."""
    return _plain(label) if len(label) <= _LONGEST_LABEL else label


@lru_cache(maxsize=8192)
def _plain(label: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", label))


@lru_cache
def _unit_words() -> frozenset[str]:
    return frozenset(plain(word) for unit in load_units().values() for word in unit.suffixes)


def is_blank(rows: list[Cells]) -> bool:
    """Tell whether no cell says anything; a zero does."""
    return not any(_says(value) for values in rows for value in values)


def _says(value: Any) -> bool:
    return value is not None and value != ""


@lru_cache(maxsize=1024)
def plain_sheet(name: str) -> str:
    """Return a sheet's name without numbering, spaces and width."""
    return _NUMBERING.sub("", plain(name))


@lru_cache(maxsize=256)
def _labels(table: Table) -> dict[str, Column]:
    return {plain(column.label): column for column in table.columns}


# Return the address of a zero-based cell: (4, 2) is C5.
address = lru_cache(maxsize=65536)(xl_rowcol_to_cell)


class Label(NamedTuple):
    """A label and the address it stands at."""

    cell: str
    text: str


class PassedOver(NamedTuple):
    """A row that is no record: its address, what it begins with, and what it is instead."""

    cell: str
    begins: str
    kind: Normalisation


class RecordAt(NamedTuple):
    """A record to read: its zero-based row, and each column's cell as row and column."""

    row: int
    cells: dict[str, tuple[int, int]]


@dataclass
class Layout:
    """Where a table's columns were found, the records to read, and what did not fit."""

    records: list[RecordAt] = field(default_factory=list)
    found: set[str] = field(default_factory=set)
    repeated: list[Label] = field(default_factory=list)
    unknown: list[Label] = field(default_factory=list)
    passed_over: list[PassedOver] = field(default_factory=list)


def layout_of(sheet: Sheet, table: Table) -> Layout:
    """Find a table's columns on its sheet."""
    if table.kind == TableKind.fields:
        return _layout_of_fields(sheet, table)
    return _layout_of_rows(sheet, table)


def _layout_of_fields(sheet: Sheet, table: Table) -> Layout:
    labels, rows = _labels(table), sheet.rows
    result, cells = Layout(), dict[str, tuple[int, int]]()
    value_column = _value_column(rows)
    label_columns: dict[int, int] = {}
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if type(value) is not str or not value:
                continue
            known = labels.get(plain(value))
            if known is None or column == value_column:
                continue
            if known.id in cells:
                result.repeated.append(Label(address(row, column), value))
                continue
            label_columns[column] = label_columns.get(column, 0) + 1
            cells[known.id] = (row, _value_beside(values, column, value_column, labels))
    result.found = set(cells)
    if cells:
        result.records.append(RecordAt(0, cells))
        main = max(label_columns, key=lambda c: label_columns[c])
        result.unknown = list(_unknown_labels(rows, main, labels, value_column))
    return result


def _value_column(rows: list[Cells]) -> int | None:
    """Return the column that a header row names as the one to fill, if there is one."""
    for values in rows[:_HEADER_SEARCH]:
        for column, value in enumerate(values):
            if type(value) is str and plain(value) in _VALUE_HEADS:
                return column
    return None


def _value_beside(
    values: Cells, column: int, value_column: int | None, labels: dict[str, Column]
) -> int:
    """Return the column of a label's value: the named one, or the next cell that says something.

    A merged label leaves blanks between itself and its value. A unit right after the label stands
    before the value; one farther on stands behind a value that was left blank, as does a label.
    """
    if value_column is not None and value_column > column:
        return value_column
    first = column + 1
    if _word(values, first) in _unit_words():
        first += 1
    for beside in range(first, min(column + _VALUE_REACH, len(values))):
        word = _word(values, beside)
        if word in labels or word in _unit_words():
            break
        if _says(values[beside]):
            return beside
    return first


def _word(values: Cells, column: int) -> str:
    value = values[column] if column < len(values) else ""
    return plain(value) if type(value) is str else ""


def _unknown_labels(
    rows: list[Cells], main: int, labels: dict[str, Column], value_column: int | None
) -> Iterator[Label]:
    for row, values in enumerate(rows):
        label = values[main] if main < len(values) else ""
        if type(label) is not str or not label or plain(label) in labels:
            continue
        beside = value_column if value_column is not None else main + 1
        is_filled = beside < len(values) and _says(values[beside])
        if is_filled and plain(label) not in _LABEL_HEADS and not _NOTES.match(label):
            yield Label(address(row, main), label)


class _Header(NamedTuple):
    """A header's first row, how many rows it has, and the column of the form at each column."""

    row: int
    height: int
    columns: dict[int, Column]

    @property
    def known(self) -> int:
        """How many labels it knows; the same one twice, as when it spans, is one."""
        return len({column.id for column in self.columns.values()})


def _layout_of_rows(sheet: Sheet, table: Table) -> Layout:
    rows, result = sheet.rows, Layout()
    header = _find_header(rows, _labels(table))
    if header is None:
        return result
    first, height, columns = header
    seen: dict[str, int] = {}
    for column, known in sorted(columns.items()):
        if known.id in seen:
            result.repeated.append(Label(address(first, column), known.label))
        else:
            seen[known.id] = column
    result.found = set(seen)
    result.unknown = [
        Label(address(first + height - 1, column), label)
        for column, label in _header_labels(rows[first : first + height])
        if column not in columns and plain(label) not in _LABEL_HEADS
    ]
    width = sorted(seen.values())
    for row in range(first + height, len(rows)):
        values = rows[row]
        filled = [c for c in width if c < len(values) and values[c] not in ("", None)]
        if not filled:
            continue
        no_record = _total_or_note(values, len(filled))
        if no_record is None:
            result.records.append(RecordAt(row, {name: (row, c) for name, c in seen.items()}))
        else:
            result.passed_over.append(PassedOver(address(row, filled[0]), *no_record))
    return result


def _header_labels(header: list[Cells]) -> Iterator[tuple[int, str]]:
    """Yield each column's own label: the lowest cell of the header that says something."""
    for column in range(max(map(len, header))):
        cells = [values[column] for values in header if column < len(values)]
        labels = [value for value in cells if type(value) is str and value.strip()]
        if labels:
            yield column, labels[-1]


def _find_header(rows: list[Cells], labels: dict[str, Column]) -> _Header | None:
    """Return the header that knows most labels, of one row or of two; none if it knows too few."""
    best = _Header(0, 1, {})
    for row in range(min(_HEADER_SEARCH, len(rows))):
        one = _Header(row, 1, _match_one(rows[row], labels))
        # A header of one row goes before one of two that knows no more.
        if one.known > best.known or (one.known == best.known and best.height == 2):
            best = one
        if best.known == len(labels):
            break
        if row + 1 < len(rows):
            two = _Header(row, 2, _match_two(rows[row], rows[row + 1], labels))
            if two.known > best.known:
                best = two
    return best if best.known >= min(2, len(labels)) else None


def _match_one(values: Cells, labels: dict[str, Column]) -> dict[int, Column]:
    found = {}
    for column, value in enumerate(values):
        if type(value) is str and value:
            known = labels.get(plain(value))
            if known is not None:
                found[column] = known
    return found


def _match_two(upper: list[Any], lower: list[Any], labels: dict[str, Column]) -> dict[int, Column]:
    """Match a header of two rows, of which the upper spans columns and the lower divides them."""
    found, above = {}, ""
    for column in range(max(len(upper), len(lower))):
        top = upper[column] if column < len(upper) else ""
        bottom = lower[column] if column < len(lower) else ""
        if isinstance(top, str) and top:
            above = plain(top)
        below = plain(bottom) if isinstance(bottom, str) else ""
        own = above if isinstance(top, str) and top else ""
        for label in (below + above, above + below, below, own if not below else ""):
            if label and label in labels:
                found[column] = labels[label]
                break
    return found


def _total_or_note(values: Cells, filled: int) -> tuple[str, Normalisation] | None:
    """Return what a row begins with and what it is, if it is a total or a note and no record.

    `filled` is how many of the form's cells say something: a note has one.
    """
    first = next(filter(_says, values), None)
    if not isinstance(first, str):
        return None
    if plain(first) in _TOTALS:
        return first, Normalisation.total_row
    if filled == 1 and _NOTES.match(first.strip()):
        return first, Normalisation.note_row
    return None
