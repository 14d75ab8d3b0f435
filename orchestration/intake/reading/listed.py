"""What the list that a school was sent explains beyond the school's own sheet.

What belongs here: adding it to the explanations that were filed. What does not: where the list
stands in a workbook and what it holds (problem_list.py), and reading other tables (records.py).
"""

from __future__ import annotations

from orchestration.forms.contract import Column, Form, Table
from orchestration.intake.layout.layout import is_blank
from orchestration.intake.normalise import read_cell
from orchestration.intake.reading.problem_list import BETWEEN, ListedExplanation, read_list
from orchestration.intake.reading.receipt_sheet import passed_over
from orchestration.intake.reading.records import ABSENT, FiledRow, ReadCell, Record
from orchestration.intake.receipt import Entry, Outcome, SheetReceipt
from orchestration.intake.workbook.problems import Problem
from orchestration.intake.workbook.sheet import Sheet

_EXPLANATIONS = "explanations"


def read_sent_list(
    sheet: Sheet, form: Form, rows: dict[str, list[FiledRow]]
) -> tuple[SheetReceipt | None, list[Problem]]:
    """Add what a school typed on the list that it was sent to what its own sheet explains.

    Return the sheet's receipt, none for a blank one, and what is wrong with it.
    """
    listed, problems = read_list(sheet)
    if is_blank(sheet.rows):
        return None, problems
    receipt = passed_over(sheet)
    if listed and _EXPLANATIONS in form.tables:
        filed, before = rows.setdefault(_EXPLANATIONS, []), len(receipt.entries)
        _add_listed(sheet.name, listed, form.tables[_EXPLANATIONS], filed, receipt.entries)
        converted = {e.range for e in receipt.entries[before:] if e.column_id == "explanation"}
        receipt.counts[Outcome.converted] = len(converted)
        receipt.counts[Outcome.read] = len(listed) - len(converted)
        receipt.counts[Outcome.passed_over] -= len(listed)
    return receipt, problems


def _add_listed(
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
