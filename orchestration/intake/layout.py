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
from typing import Any

from orchestration.forms.contract import Column, Table, load_units
from orchestration.intake.workbook.reader import Sheet

_NOISE = re.compile(r"[\s*＊:：“”\"'‘’]|[(（][^()（）]*[)）]")
_NUMBERING = re.compile(r"^(表?[一二三四五六七八九十\d]+[-.、．]?)+(?=\D)")
_VALUE_HEADS = {"填报值", "数值", "填报内容", "内容", "数据"}
_LABEL_HEADS = {"项目", "指标", "名称", "单位", "序号", "备注", *_VALUE_HEADS}
_TOTALS = {"合计", "总计", "小计", "共计"}
_NOTES = re.compile(r"^(注|备注|说明|填表|填报|单位负责人|负责人|审核|联系|制表)")
_HEADER_SEARCH = 30
_LONGEST_LABEL = 60


def plain(label: str) -> str:
    """Return a label without spaces, stars, units in brackets and width; long texts are none."""
    return _plain(label) if len(label) <= _LONGEST_LABEL else label


@lru_cache(maxsize=8192)
def _plain(label: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", label))


@lru_cache
def _unit_words() -> frozenset[str]:
    return frozenset(plain(word) for unit in load_units().values() for word in unit["suffixes"])


def is_blank(rows: list[list[Any]]) -> bool:
    """Tell whether no cell says anything; a zero does."""
    return all(value is None or value == "" for values in rows for value in values)


@lru_cache(maxsize=1024)
def plain_sheet(name: str) -> str:
    """Return a sheet's name without numbering, spaces and width."""
    return _NUMBERING.sub("", plain(name))


@lru_cache(maxsize=256)
def _labels(table: Table) -> dict[str, Column]:
    return {plain(column.label): column for column in table.columns}


@lru_cache(maxsize=65536)
def address(row: int, column: int) -> str:
    """Return the address of a zero-based cell: (4, 2) is C5."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


@dataclass
class Placement:
    """Where a table's columns were found, the records to read, and what did not fit."""

    # One record a thing: zero-based row, and the cell of each column that stands there.
    records: list[tuple[int, dict[str, tuple[int, int]]]] = field(default_factory=list)
    found: set[str] = field(default_factory=set)
    repeated: list[tuple[str, str]] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    # Rows that are no record: address, what it begins with, total_row or note_row.
    passed_over: list[tuple[str, str, str]] = field(default_factory=list)


def place(sheet: Sheet, table: Table) -> Placement:
    """Find a table's columns on its sheet."""
    return _place_fields(sheet, table) if table.kind == "fields" else _place_rows(sheet, table)


def _place_fields(sheet: Sheet, table: Table) -> Placement:
    labels, rows = _labels(table), sheet.rows
    result, cells = Placement(), dict[str, tuple[int, int]]()
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
                result.repeated.append((address(row, column), value))
                continue
            label_columns[column] = label_columns.get(column, 0) + 1
            cells[known.id] = (row, _value_beside(values, column, value_column, labels))
    result.found = set(cells)
    if cells:
        result.records.append((0, cells))
        main = max(label_columns, key=lambda c: label_columns[c])
        result.unknown = list(_unknown_labels(rows, main, labels, value_column))
    return result


def _value_column(rows: list[list[Any]]) -> int | None:
    """Return the column that a header row names as the one to fill, if there is one."""
    for values in rows[:_HEADER_SEARCH]:
        for column, value in enumerate(values):
            if type(value) is str and plain(value) in _VALUE_HEADS:
                return column
    return None


def _value_beside(
    values: list[Any], column: int, value_column: int | None, labels: dict[str, Column]
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
    for beside in range(first, min(column + 5, len(values))):
        word = _word(values, beside)
        if word in labels or word in _unit_words():
            break
        if values[beside] not in ("", None):
            return beside
    return first


def _word(values: list[Any], column: int) -> str:
    value = values[column] if column < len(values) else ""
    return plain(value) if type(value) is str else ""


def _unknown_labels(
    rows: list[list[Any]], main: int, labels: dict[str, Column], value_column: int | None
) -> Iterator[tuple[str, str]]:
    for row, values in enumerate(rows):
        label = values[main] if main < len(values) else ""
        if type(label) is not str or not label or plain(label) in labels:
            continue
        beside = value_column if value_column is not None else main + 1
        filled = beside < len(values) and values[beside] not in ("", None)
        if filled and plain(label) not in _LABEL_HEADS and not _NOTES.match(label):
            yield address(row, main), label


def _place_rows(sheet: Sheet, table: Table) -> Placement:
    labels, rows, result = _labels(table), sheet.rows, Placement()
    header = _find_header(rows, labels)
    if header is None:
        return result
    first, height, columns = header
    seen: dict[str, int] = {}
    for column, known in sorted(columns.items()):
        if known.id in seen:
            result.repeated.append((address(first, column), known.label))
        else:
            seen[known.id] = column
    result.found = set(seen)
    result.unknown = [
        (address(first + height - 1, column), label)
        for column, label in _header_labels(rows[first : first + height])
        if column not in columns and plain(label) not in _LABEL_HEADS
    ]
    width = sorted(seen.values())
    for row in range(first + height, len(rows)):
        values = rows[row]
        filled = [c for c in width if c < len(values) and values[c] not in ("", None)]
        if not filled:
            continue
        kind, begin = _total_or_note(values, filled)
        if kind:
            result.passed_over.append((address(row, filled[0]), begin, kind))
        else:
            result.records.append((row, {name: (row, c) for name, c in seen.items()}))
    return result


def _header_labels(header: list[list[Any]]) -> Iterator[tuple[int, str]]:
    """Yield each column's own label: the lowest cell of the header that says something."""
    for column in range(max(map(len, header))):
        cells = [values[column] for values in header if column < len(values)]
        labels = [value for value in cells if type(value) is str and value.strip()]
        if labels:
            yield column, labels[-1]


def _find_header(
    rows: list[list[Any]], labels: dict[str, Column]
) -> tuple[int, int, dict[int, Column]] | None:
    """Return the header's first row, its height and its columns: the one that knows most labels."""
    best: tuple[int, int, dict[int, Column]] = (0, 1, {})
    for row in range(min(_HEADER_SEARCH, len(rows))):
        one = _match_one(rows[row], labels)
        if _known(one) > _known(best[2]) or (_known(one) == _known(best[2]) and best[1] == 2):
            best = (row, 1, one)
        if _known(best[2]) == len(labels):
            break
        if row + 1 < len(rows):
            two = _match_two(rows[row], rows[row + 1], labels)
            if _known(two) > _known(best[2]):
                best = (row, 2, two)
    return best if _known(best[2]) >= min(2, len(labels)) else None


def _known(columns: dict[int, Column]) -> int:
    """Return how many labels a header knows; the same one twice, as when it spans, is one."""
    return len({column.id for column in columns.values()})


def _match_one(values: list[Any], labels: dict[str, Column]) -> dict[int, Column]:
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


def _total_or_note(values: list[Any], filled: list[int]) -> tuple[str, str]:
    """Return total_row or note_row for a row that is one, else nothing, and what it begins with."""
    first = next((v for v in values if v not in ("", None)), "")
    if isinstance(first, str):
        if plain(first) in _TOTALS:
            return "total_row", first
        if len(filled) == 1 and _NOTES.match(first.strip()):
            return "note_row", first
    return "", ""
