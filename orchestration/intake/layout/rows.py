"""The layout of a sheet of rows: the records below its header, and the rows that are none.

What belongs here: totals, notes, examples, merged categories, cells in no column of the form. What
does not: the header (header.py), what the words say (labels.py), whether a total is the sum of its
rows and what a cell says (intake/reading/records.py).
"""

from __future__ import annotations

from typing import Any

from orchestration.forms.contract import NUMERIC_TYPES, Column, ColumnType, Table
from orchestration.ground.text import Text
from orchestration.intake.layout.header import Columns, columns_on
from orchestration.intake.layout.labels import says_otherwise, units_said
from orchestration.intake.layout.layout import (
    NOT_READ,
    Layout,
    RecordAt,
    UnitSaid,
    cell_at,
    not_read,
    refuse_unit,
    says,
)
from orchestration.intake.layout.row_words import (
    is_a_name,
    is_signature,
    may_be_no_name,
    row_word,
)
from orchestration.intake.normalise import Normalisation, factor_of, means_blank, narrow, typed_text
from orchestration.intake.receipt import address, address_of
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Cells, Sheet


def layout_of_rows(sheet: Sheet, table: Table, year: int) -> Layout:
    """Find a table's header and records on its sheet."""
    result = Layout(sheet.name, sheet.rows)
    columns = columns_on(result, table, year)
    if columns is not None:
        _records(result, sheet, columns)
        _heed_notes(result, columns, year)
        return result
    result.left = [
        (row, at, NOT_READ)
        for row, values in enumerate(sheet.rows)
        for at, value in enumerate(values)
        if says(value)
    ]
    return result


def _records(result: Layout, sheet: Sheet, columns: Columns) -> None:
    """Tell records from rows that are none, and list what stands in no column of the form."""
    rows, of_form, start = sheet.rows, columns.of_form, columns.start
    places = {name: at for name, (at, _) in of_form.items()}
    width = sorted(places.values())
    own, pairs = set(width), [*places.items()]
    # Where all is words, as in cases and explanations, a sentence is what is asked for.
    counts = any(column.type in NUMERIC_TYPES for _, column in of_form.values())
    counts |= any(column.type == ColumnType.boolean for _, column in of_form.values())
    is_whole = width == list(range(len(width)))  # the form's columns are the first ones
    texts = [at for at, column in of_form.values() if column.type == ColumnType.text]
    first = min(texts, default=width[0])
    filled_down = _filled_down(result, sheet, start, of_form)
    for row in range(start, len(rows)):
        values = rows[row]
        count = len(values) - values.count("") - values.count(None)
        if not count:
            continue
        word = _word_of(values, own)
        cells = {name: (row, at) for name, at in pairs}
        if word is not None and _is_passed_over(result, row, values, word, cells):
            continue
        if is_whole and len(values) <= len(width):
            filled = count
        else:
            filled = sum(at < len(values) and says(values[at]) for at in width)
            _beyond(result, row, values, columns, own)
        if not filled:
            continue
        if count == 1 and counts:
            _ask_about_note(result, row, rows, of_form)
        elif counts and isinstance(name := cell_at(rows, row, first), str) and may_be_no_name(name):
            result.object(ProblemKind.row_may_be_a_note, address(row, first), name)
        for name, at in pairs if filled_down else ():
            if (row, at) in filled_down and not says(cell_at(rows, row, at)):
                cells[name] = (filled_down[row, at], at)
        result.records.append(RecordAt(row, cells))


def _heed_notes(result: Layout, columns: Columns, year: int) -> None:
    """Refuse columns that a note below says to be in another unit than they are read in."""
    for note in result.passed_over:
        if note.kind == Normalisation.note_row and says_otherwise(note.begins, year):
            result.object(ProblemKind.text_says_otherwise, note.range, note.begins)
        for word in units_said(note.begins) if note.kind == Normalisation.note_row else ():
            for name, (_, column) in columns.of_form.items():
                factor = factor_of(word, column.unit) if column.type in NUMERIC_TYPES else None
                is_other = factor is not None and factor != result.units.get(name, 1)
                if is_other and name not in result.refused:
                    refuse_unit(result, column, UnitSaid(word, note.range))


def _word_of(values: Cells, own: set[int]) -> Normalisation | None:
    """Return what a word in a row makes of it; an example goes before all else."""
    word = None
    for value in values:
        if value and isinstance(value, str) and (found := row_word(value)) is not None:
            word = found if word is None or found == Normalisation.example_row else word
    # Beside the form's columns it marks an example; in them it may be a name.
    is_marked = word is None and "示例" in values
    if is_marked and any(v == "示例" for at, v in enumerate(values) if at not in own):
        return Normalisation.example_row
    return word


def _is_passed_over(
    result: Layout,
    row: int,
    values: Cells,
    word: Normalisation,
    cells: dict[str, tuple[int, int]],
) -> bool:
    """Pass a row over that is a total, an example or a note; tell whether it is one."""
    texts = [value for value in values if says(value)]
    if word == Normalisation.note_row:
        if len(texts) > 1 and not _are_notes(texts):
            result.object(
                ProblemKind.row_may_be_a_note, address(row, values.index(texts[0])), texts[0]
            )
            return False
    elif word == Normalisation.total_row:
        if len(texts) > 1 and all(isinstance(text, str) and not _has_digit(text) for text in texts):
            return False  # words beside words: a course on totals, not a total
        result.totals.append(RecordAt(row, cells))
    result.pass_over(row, values, word)
    if word == Normalisation.example_row:
        place, begins = result.passed_over[-1].range, typed_text(texts[0])
        result.object(ProblemKind.example_row_is_passed_over, place, begins)
    return True


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _are_notes(texts: list[Any]) -> bool:
    """Tell whether all cells of a row are notes or signatures, some with their names beside."""
    behind_colon = False
    for text in texts:
        is_note = isinstance(text, str) and row_word(text) == Normalisation.note_row
        if not is_note and not (behind_colon and isinstance(text, str)):
            return False
        behind_colon = is_note and is_signature(text)
    return True


def _ask_about_note(
    result: Layout, row: int, rows: list[Cells], of_form: dict[str, tuple[int, Column]]
) -> None:
    """Ask what a text is that stands alone; in a column of no texts its type tells."""
    for at, column in of_form.values():
        text = cell_at(rows, row, at)
        is_asked = isinstance(text, str) and column.type == ColumnType.text
        if is_asked and not means_blank(narrow(text)) and not is_a_name(text):
            result.object(ProblemKind.row_may_be_a_note, address(row, at), text)


def _beyond(result: Layout, row: int, values: Cells, columns: Columns, own: set[int]) -> None:
    """List what stands in columns that are not the form's; a column of numbers counts rows."""
    for at, value in enumerate(values):
        if at in own or not says(value):
            continue
        if at in columns.numbering and (not isinstance(value, str) or len(value) <= 6):
            result.labels += 1
        elif at in columns.unknown:
            mark = not_read(ProblemKind.column_is_unknown)
            result.left.append((row, at, mark))
        else:
            result.left.append((row, at, NOT_READ))


def _filled_down(
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
    return not is_alone and _word_of(values, set(by_column)) is None
