"""What stands around the records of a sheet: between headers, in other columns, in notes below.

What belongs here: cells that are no record's. What does not: which rows are records (rows.py).
"""

from __future__ import annotations

from datetime import date

from orchestration.forms.contract import NUMERIC_TYPES, Table
from orchestration.intake.layout.header import Columns
from orchestration.intake.layout.labels import is_count, known_label
from orchestration.intake.layout.layout import (
    NOT_READ,
    Layout,
    UnitSaid,
    as_said,
    is_odd_unit,
    not_read,
    refuse_unit,
    says,
)
from orchestration.intake.layout.notes import ASIDE, heads_records, is_harmless_note
from orchestration.intake.layout.other_figures import total_says_otherwise
from orchestration.intake.layout.unit_lines import units_said
from orchestration.intake.normalise import Normalisation, factor_of
from orchestration.intake.plain_text import typed_text
from orchestration.intake.receipt import address
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
    """Hear every text of rows that are no records, as lines above the header are heard.

    A unit of notes, titles and totals refuses columns that are read in another one; a note asks
    that says of the records, or of those that follow, that they are other ones.
    """
    last = max((record.row for record in result.records), default=-1)
    for row in result.passed_over:
        if row.kind not in _HEARD:
            continue
        cells = result.grid[row.row]
        words = [typed_text(value) if isinstance(value, date) else value for value in cells]
        texts = [*as_said((row.row, at, word) for at, word in enumerate(words))]
        if row.kind == Normalisation.header_row and len(texts) > 1:
            continue  # the header once more, of which each text is a column's
        for number, (_, at, text, own) in enumerate(texts):
            place = address(row.row, at) if number else row.range
            is_note = row.kind == Normalisation.note_row
            is_total = row.kind == Normalisation.total_row and number == 0
            is_odd = not is_harmless_note(text, year) or (row.row < last and heads_records(text))
            if (is_note and is_odd) or (is_total and total_says_otherwise(text, year)):
                result.object(ProblemKind.text_says_otherwise, place, text)
            for word in dict.fromkeys((*units_said(text), *units_said(own))):
                _heed_unit(result, columns, UnitSaid(word, place))


_HEARD = {Normalisation.note_row, Normalisation.header_row, Normalisation.total_row}


def _heed_unit(result: Layout, columns: Columns, unit: UnitSaid) -> None:
    for name, (_, column) in columns.of_form.items():
        if column.type not in NUMERIC_TYPES or name in result.refused:
            continue
        factor = factor_of(unit.word, column.unit)
        is_other = factor is not None and factor != result.units.get(name, 1)
        if is_other or is_odd_unit(unit.word, column):
            refuse_unit(result, column, unit)


def list_beyond(result: Layout, row: int, values: Cells, columns: Columns, own: set[int]) -> None:
    """List what stands in columns that are not the form's; a column of numbers counts rows."""
    for at, value in enumerate(values):
        if at in own or not says(value):
            continue
        if at in columns.numbering and (not isinstance(value, str) or is_count(value)):
            result.labels += 1
        elif at in columns.asides:
            result.left.append((row, at, ASIDE))
        elif at in columns.unknown:
            mark = not_read(ProblemKind.column_is_unknown)
            result.left.append((row, at, mark))
        else:
            result.left.append((row, at, NOT_READ))
