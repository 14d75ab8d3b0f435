"""Merged cells on a sheet of rows: categories that are filled down, numbers that nobody can place.

What belongs here: what a merged cell is of. What does not: which rows are records (rows.py).
"""

from __future__ import annotations

from orchestration.forms.contract import NUMERIC_TYPES, Column
from orchestration.ground.text import Text
from orchestration.intake.layout.layout import Layout, cell_at, says
from orchestration.intake.layout.row_words import row_word
from orchestration.intake.receipt import address_of
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Cells, Sheet


def filled_down(
    result: Layout, sheet: Sheet, start: int, of_form: dict[str, tuple[int, Column]]
) -> dict[tuple[int, int], int]:
    """Return for cells that a merged category covers the row in which it stands.

    A merged number may be each row's or all rows' together; nobody can tell. Nor can one whose
    merged cell covers several of the form's columns tell of which it is.
    """
    found: dict[tuple[int, int], int] = {}
    by_column = {at: column for at, column in of_form.values()}
    for top, left, bottom, right in sheet.merged:
        if top < start or top >= len(sheet.rows):
            continue
        value = cell_at(sheet.rows, top, left)
        if says(value) and _covers_columns(sheet.rows[top], (left, right), by_column):
            place = address_of(top, left, bottom, right)
            why = Text("合并的单元格不知属于哪一栏", "a merged cell may be of any of its columns")
            result.object(ProblemKind.values_compete, place, value, detail=why)
        if bottom == top:
            continue
        for at in range(left, right + 1):
            column = by_column.get(at)
            if column is None or not says(value) or at != left:
                continue
            covered = [row for row in range(top + 1, min(bottom + 1, len(sheet.rows)))]
            if column.type not in NUMERIC_TYPES:
                found |= {(row, at): top for row in covered}
            elif any(any(map(says, sheet.rows[row])) for row in covered):
                place = address_of(top, left, bottom, right)
                why = Text("合并的数不知属于哪一行", "a merged number may be of any of its rows")
                result.object(ProblemKind.values_compete, place, value, column.id, why)
    return found


def _covers_columns(values: Cells, merged: tuple[int, int], by_column: dict[int, Column]) -> bool:
    """Tell whether a cell of a record is merged over several columns; headings and notes are."""
    left, right = merged
    if sum(left <= at <= right for at in by_column) < 2:
        return False
    is_alone = sum(map(says, values)) == 1 and isinstance(values[left], str)
    return not is_alone and not any(isinstance(v, str) and v and row_word(v) for v in values)
