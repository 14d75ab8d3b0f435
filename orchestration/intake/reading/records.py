"""One sheet's records: what each cell of a form's table was typed and read as, and where.

What belongs here: reading a table of a form from its sheet, and what the list that a school was
sent explains beyond its own sheet. What does not: which sheet holds which table (submission.py),
where a column stands (layout.py, problem_list.py), what a cell says (normalise.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from orchestration.forms.contract import NUMERIC_TYPES, Code, Column, Table, TableKind
from orchestration.intake.reading.layout import address, layout_of
from orchestration.intake.reading.normalise import read_cell, typed_text
from orchestration.intake.reading.problem_list import BETWEEN, ListedExplanation
from orchestration.intake.reading.receipt import Entry, Outcome, SheetReceipt
from orchestration.intake.workbook.problems import Problem, ProblemKind
from orchestration.intake.workbook.sheet import Sheet

_COUNTS = {float(number): str(number) for number in range(10_000)}


class ReadCell(NamedTuple):
    """One cell: what was typed, what it was read as, and its address."""

    typed: str
    read: str | None
    cell: str


ABSENT = ReadCell("", None, "")
Record = dict[str, ReadCell]  # by column


class FiledRow(NamedTuple):
    """One record of a table and where it stands."""

    sheet: str
    row_no: int
    record: Record


@dataclass
class ReadTable:
    """What a sheet holds of a table, what is wrong with it, and what became of its cells."""

    receipt: SheetReceipt
    rows: list[FiledRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_table(sheet: Sheet, table: Table, codes: Mapping[str, tuple[Code, ...]]) -> ReadTable:
    """Read a table of the form from the sheet that holds it."""
    layout, result = layout_of(sheet, table), ReadTable(SheetReceipt(sheet.name))
    odd = [(ProblemKind.label_is_repeated, label) for label in layout.repeated]
    odd += [(ProblemKind.column_is_unknown, label) for label in layout.unknown]
    result.problems = [Problem(kind, sheet.name, at, typed=text) for kind, (at, text) in odd]
    result.problems += [
        Problem(ProblemKind.column_is_missing, sheet.name, "", column.id, column.label)
        for column in table.columns
        if column.id not in layout.found and not column.may_be_absent
    ]
    result.receipt.entries = [
        Entry(sheet.name, row.cell, "", row.begins, None, Outcome.passed_over, row.kind)
        for row in layout.passed_over
    ]
    columns = [column for column in table.columns if column.id in layout.found]
    required = [column.id for column in columns if column.required]
    is_of_fields = table.kind == TableKind.fields
    for row, cells in layout.records:
        record, problems = _read_record(sheet, columns, cells, codes, result.receipt.entries)
        says = problems or any(cell.read is not None for cell in record.values())
        if not (is_of_fields or says):
            continue
        result.rows.append(FiledRow(sheet.name, 1 if is_of_fields else row + 1, record))
        result.problems += problems
        unreadable = {problem.column_id for problem in problems}
        result.problems += [
            Problem(
                *(ProblemKind.required_cell_is_empty, sheet.name, record[name].cell),
                *(name, record[name].typed),
            )
            for name in required
            if record[name].read is None and name not in unreadable
        ]
    return result


def _read_record(
    sheet: Sheet,
    columns: list[Column],
    cells: dict[str, tuple[int, int]],
    codes: Mapping[str, tuple[Code, ...]],
    entries: list[Entry],
) -> tuple[Record, list[Problem]]:
    """Return what one record's cells say, and what could not be read; list what was converted."""
    record: Record = {}
    problems = []
    for column in columns:
        row, at = cells[column.id]
        values, cell = sheet.rows[row], address(row, at)
        value = values[at] if at < len(values) else None
        if value is None or value == "":
            record[column.id] = ReadCell("", None, cell)
            continue
        if type(value) is float and column.type in NUMERIC_TYPES and value in _COUNTS:
            # What nearly every cell holds: a count, typed as a number.
            typed = _COUNTS[value]
            record[column.id] = ReadCell(typed, typed, cell)
            continue
        typed = typed_text(value)
        reading = read_cell(value, column, codes.get(column.codes or ""), typed)
        record[column.id] = ReadCell(typed, reading.read, cell)
        if reading.normalised:
            what = (column.id, typed, reading.read, Outcome.converted, reading.normalised)
            entries.append(Entry(sheet.name, cell, *what))
        if reading.problem:
            problems.append(Problem(reading.problem, sheet.name, cell, column.id, typed))
    return record, problems


# -- the list that came back ----------------------------------------------------------------------


def add_listed(
    sheet: str,
    listed: list[ListedExplanation],
    table: Table,
    filed: list[FiledRow],
    entries: list[Entry],
) -> None:
    """Add to the filed explanations what a list's say beyond them.

    The list was sent with all that the school had explained; what its own sheet still says of a
    place is not said a second time.
    """
    own = [row.record for row in filed if row.sheet != sheet]
    for row_no, cells in listed:
        record = {
            column.id: _read_listed(sheet, column, *cells[column.id], entries)
            for column in table.columns
            if column.id in cells
        }
        said = {piece for one in own if _is_of_same(one, record) for piece in _pieces(one)}
        left = BETWEEN.join(piece for piece in _pieces(record) if piece not in said)
        if left:
            record["explanation"] = record["explanation"]._replace(read=left)
            filed.append(FiledRow(sheet, row_no, record))


def _of(record: Record, column: str) -> str | None:
    return record.get(column, ABSENT).read


def _pieces(record: Record) -> list[str]:
    return (_of(record, "explanation") or "").split(BETWEEN)


def _is_of_same(own: Record, listed: Record) -> bool:
    """Tell whether an explanation is of the listed one's rule, at its place or anywhere."""
    is_there = _of(own, "place") in (None, _of(listed, "place"))
    return is_there and _of(own, "rule_id") == _of(listed, "rule_id")


def _read_listed(
    sheet: str, column: Column, typed: str, cell: str, entries: list[Entry]
) -> ReadCell:
    """Return a cell of the list; on it, nothing that was typed is a problem."""
    if column.id == "place":
        # As the finding names it; a sheet's name may begin with a space.
        return ReadCell(typed, typed or None, cell)
    reading = read_cell(typed, column, None)
    if reading.problem:
        return ReadCell(typed, typed.strip(), cell)
    if reading.normalised:
        what = (column.id, typed, reading.read, Outcome.converted, reading.normalised)
        entries.append(Entry(sheet, cell, *what))
    return ReadCell(typed, reading.read, cell)
