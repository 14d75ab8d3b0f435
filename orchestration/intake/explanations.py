"""What a school explains: on its own sheet of explanations, and on the list that it was sent.

What belongs here: adding the one to the other without saying anything twice. What does not: how a
list is found and read (problem_list.py).
"""

from __future__ import annotations

from orchestration.forms.contract import Column, Table
from orchestration.intake.normalise import read_cell
from orchestration.intake.problem_list import BETWEEN, ListedExplanation
from orchestration.intake.records import ABSENT, Change, FiledRow, ReadCell, Record

EXPLANATIONS = "explanations"


def add_listed(
    sheet: str,
    listed: list[ListedExplanation],
    table: Table,
    filed: list[FiledRow],
    changes: list[Change],
) -> None:
    """Add to the filed explanations what a list's say beyond them.

    The list was sent with all that the school had explained; what its own sheet still says of a
    place is not said a second time.
    """
    own = [row.record for row in filed if row.sheet != sheet]
    for row_no, cells in listed:
        record = {
            column.id: _read(sheet, column, *cells[column.id], changes)
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


def _read(sheet: str, column: Column, typed: str, cell: str, changes: list[Change]) -> ReadCell:
    """Return a cell of the list; on it, nothing that was typed is a problem."""
    if column.id == "place":
        # As the finding names it; a sheet's name may begin with a space.
        return ReadCell(typed, typed or None, cell)
    reading = read_cell(typed, column, None)
    if reading.problem:
        return ReadCell(typed, typed.strip(), cell)
    if reading.normalised:
        changes.append(Change(sheet, cell, column.id, typed, reading.read, reading.normalised))
    return ReadCell(typed, reading.read, cell)
