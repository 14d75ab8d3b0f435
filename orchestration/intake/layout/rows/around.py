"""What stands around the records of a sheet: between headers, in other columns, in notes below.

What belongs here: cells that are no record's. What does not: which rows are records (rows.py).
"""

from __future__ import annotations

from orchestration.forms.contract import NUMERIC_TYPES, Table
from orchestration.intake.layout.header import Columns
from orchestration.intake.layout.labels import is_count, known_label
from orchestration.intake.layout.layout import (
    NOT_READ,
    Layout,
    UnitSaid,
    is_odd_unit,
    not_read,
    refuse_unit,
    says,
)
from orchestration.intake.layout.other_figures import says_otherwise
from orchestration.intake.layout.unit_lines import units_said
from orchestration.intake.normalise import Normalisation, factor_of
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Cells


def ask_between_headers(result: Layout, columns: Columns, table: Table, year: int) -> None:
    """Ask about what stands between a header that knows fewer labels and the one that is read."""
    rows, least = result.grid, 2
    if columns.start <= least + 1:
        return
    heads = [
        row
        for row in range(columns.start)
        if sum(map(says, rows[row])) >= least
        and any(isinstance(v, str) and v and known_label(v, table, year) for v in rows[row])
    ]
    between = range(heads[0] + 1, heads[-1]) if heads else range(0)
    if not any(sum(map(says, rows[row])) >= least for row in between):
        return
    for row in between:
        for at, value in enumerate(rows[row]):
            # A number there is listed already.
            if says(value) and (isinstance(value, str) or value == year):
                result.labels -= 1
                result.left.append((row, at, NOT_READ))


def heed_notes(result: Layout, columns: Columns, year: int) -> None:
    """Refuse columns that a note below says to be in another unit than they are read in."""
    for note in result.passed_over:
        if note.kind == Normalisation.note_row and says_otherwise(note.begins, year):
            result.object(ProblemKind.text_says_otherwise, note.range, note.begins)
        for word in units_said(note.begins) if note.kind == Normalisation.note_row else ():
            for name, (_, column) in columns.of_form.items():
                if column.type not in NUMERIC_TYPES:
                    continue
                factor = factor_of(word, column.unit)
                is_other = factor is not None and factor != result.units.get(name, 1)
                is_other |= is_odd_unit(word, column)
                if is_other and name not in result.refused:
                    refuse_unit(result, column, UnitSaid(word, note.range))


def list_beyond(result: Layout, row: int, values: Cells, columns: Columns, own: set[int]) -> None:
    """List what stands in columns that are not the form's; a column of numbers counts rows."""
    for at, value in enumerate(values):
        if at in own or not says(value):
            continue
        if at in columns.numbering and (not isinstance(value, str) or is_count(value)):
            result.labels += 1
        elif at in columns.unknown:
            mark = not_read(ProblemKind.column_is_unknown)
            result.left.append((row, at, mark))
        else:
            result.left.append((row, at, NOT_READ))
