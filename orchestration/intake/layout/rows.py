"""The layout of a sheet of rows: the records below its header, and the rows that are none.

What belongs here: totals, notes, examples, merged categories, cells in no column of the form. What
does not: the header (header.py), what the words say (row_words.py), whether a total is the sum of
its rows (intake/reading/totals.py) and what a cell says (intake/normalise.py).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from orchestration.forms.contract import NUMERIC_TYPES, Column, ColumnType, Table
from orchestration.ground.text import Text
from orchestration.intake.layout.header import Columns, columns_on
from orchestration.intake.layout.labels import is_numbered, known_label, plain
from orchestration.intake.layout.layout import (
    NOT_READ,
    Layout,
    RecordAt,
    TotalAt,
    UnitSaid,
    cell_at,
    is_odd_unit,
    not_read,
    refuse_unit,
    says,
)
from orchestration.intake.layout.other_figures import says_otherwise
from orchestration.intake.layout.row_words import (
    is_a_name,
    is_closing,
    is_plain_total,
    is_signature,
    may_be_no_name,
    row_word,
    says_more,
    says_none,
)
from orchestration.intake.layout.unit_lines import units_said
from orchestration.intake.normalise import Normalisation, factor_of, means_blank, narrow, typed_text
from orchestration.intake.receipt import Mark, address, address_of, blocks
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Cells, Sheet, Unread


def layout_of_rows(sheet: Sheet, table: Table, year: int) -> Layout:
    """Find a table's header and records on its sheet."""
    result = Layout(sheet.name, sheet.rows)
    columns = columns_on(result, table, year)
    if columns is not None:
        _between_headers(result, columns, table, year)
        _Records(result, sheet, columns).find()
        _heed_notes(result, columns, year)
        return result
    result.left = [
        (row, at, NOT_READ)
        for row, values in enumerate(sheet.rows)
        for at, value in enumerate(values)
        if says(value)
    ]
    return result


Where = tuple[int, int, str, Mark]
Words = dict[int, Normalisation]  # what the words of a row's cells make of it, by column


def _lead(values: Cells) -> int | None:
    """Return the column of the first text of a row, which says what the row is."""
    for at, value in enumerate(values):
        if value and isinstance(value, str) and says(value) and not value.strip().isdecimal():
            return at
    return None


class _Records:
    """Tells the records of a sheet from rows that are none; lists what stands in no column."""

    def __init__(self, result: Layout, sheet: Sheet, columns: Columns) -> None:
        self.result, self.columns, self.start = result, columns, columns.start
        of_form = columns.of_form
        self.places = {name: at for name, (at, _) in of_form.items()}
        self.width = sorted(self.places.values())
        self.own = set(self.width)
        self.types = {at: column.type for at, column in of_form.values()}
        types = set(self.types.values())
        # Where all is words, as in cases and explanations, a sentence is what is asked for.
        self.is_prose = types <= {ColumnType.text, ColumnType.date}
        self.has_numbers = bool(types & NUMERIC_TYPES)
        self.counts = self.has_numbers or ColumnType.boolean in types
        texts = [at for at, kind in self.types.items() if kind == ColumnType.text]
        self.first = min(texts, default=self.width[0])
        self.heads = {
            text
            for values in result.grid[: columns.start]
            for value in values
            if value and isinstance(value, str)
            for text in (value, value.strip(), plain(value))
            if text
        }
        self.filled_down = _filled_down(result, sheet, columns.start, of_form)
        self.alone: list[Where] = []  # texts of which nobody can tell what they are
        self.odd: dict[tuple[int, int], str] = {}

    def find(self) -> None:
        """Put the sheet's records and the rows that are none to the layout."""
        rows, width, result = self.result.grid, self.width, self.result
        is_whole = width == list(range(len(width)))  # the form's columns are the first ones
        pairs = [*self.places.items()]
        for row in range(self.start, len(rows)):
            values = rows[row]
            count = len(values) - values.count("") - values.count(None)
            if not count:
                continue
            words = self._words(values)
            may_be_none = words is not None or count == 1
            if may_be_none and self._is_passed_over(row, values, count, words or {}):
                continue
            if is_whole and len(values) <= len(width):
                filled = count
            else:
                filled = sum(at < len(values) and says(values[at]) for at in width)
                _beyond(result, row, values, self.columns, self.own)
            if not filled:
                continue
            self._ask(row, values, count, words or {})
            cells = {name: (row, at) for name, at in pairs}
            for name, at in pairs if self.filled_down else ():
                if (row, at) in self.filled_down and not says(cell_at(rows, row, at)):
                    cells[name] = (self.filled_down[row, at], at)
            result.records.append(RecordAt(row, cells))
        for block in blocks(self.alone):
            result.object(ProblemKind.row_may_be_a_note, block.range, block.typed)
        for (row, at), text in self.odd.items():
            result.object(ProblemKind.row_may_be_a_note, address(row, at), text)

    def _words(self, values: Cells) -> Words | None:
        """Return what the words of a row make of it; none where nothing could make it none."""
        is_plain = self.heads.isdisjoint(values) and not any(
            says_more(value) for value in values if value and isinstance(value, str)
        )
        if is_plain:
            return None
        return {
            at: word
            for at, value in enumerate(values)
            if value and isinstance(value, str) and (word := row_word(value)) is not None
        }

    # -- rows that are none ------------------------------------------------------------------------

    def _is_passed_over(self, row: int, values: Cells, count: int, words: Words) -> bool:
        """Pass a row over that is no record; tell whether it is one."""
        lead = _lead(values)
        if lead is None:
            # A date alone ends a table, as one in words does.
            is_date = count == 1 and any(isinstance(value, date) for value in values)
            if is_date:
                self.result.pass_over(row, values, Normalisation.note_row)
            return is_date
        text, word = values[lead], words.get(lead)
        marked = lead if word == Normalisation.example_row else self._mark_beside(values)
        if marked is not None:
            return self._is_example(row, values, marked)
        if word == Normalisation.note_row or (count < 3 and is_closing(text)):
            is_none, kind = self._are_notes(lead, values, words), Normalisation.note_row
        elif Normalisation.total_row in words.values():
            is_none, kind = self._is_total(row, values, lead, words), Normalisation.total_row
        elif text.strip() in self.heads:
            is_none, kind = self._is_header(values, count), Normalisation.header_row
        else:
            is_none = lead <= self.first and says_none(text) and all(map(_says_nothing, values))
            kind = Normalisation.nothing_row
        if is_none:
            self.result.pass_over(row, values, kind)
        return is_none

    def _mark_beside(self, values: Cells) -> int | None:
        """Return where 示例 stands beside the form's columns; in them it may be a name."""
        if "示例" not in values:
            return None
        beside = (at for at, v in enumerate(values) if v == "示例" and at not in self.own)
        return next(beside, None)

    def _is_example(self, row: int, values: Cells, marked: int) -> bool:
        if self.is_prose:
            return False
        result = self.result
        result.pass_over(row, values, Normalisation.example_row)
        is_first = not any(map(says, values[:marked]))
        place = result.passed_over[-1].range if is_first else address(row, marked)
        result.object(ProblemKind.example_row_is_passed_over, place, values[marked])
        return True

    def _are_notes(self, lead: int, values: Cells, words: Words) -> bool:
        """Tell whether all cells of a row are notes or signatures, some with their names beside.

        Among words, what ends other tables may be a text, and a note stands before the first.
        """
        if self.is_prose and (lead > self.first or lead not in words):
            return False
        behind_colon = False
        for at, text in enumerate(values):
            if not says(text):
                continue
            is_text = isinstance(text, str)
            is_note = is_text and (words.get(at) == Normalisation.note_row or is_closing(text))
            if not is_note and not (behind_colon and is_text):
                return False
            behind_colon = is_note and is_signature(text)
        return True

    def _is_total(self, row: int, values: Cells, lead: int, words: Words) -> bool:
        """Tell whether a row is a total: by a word that can be no name, or by its first one.

        A word that may be a name's makes a total of numbers only; beside words, a record.
        """
        totals = [at for at, word in words.items() if word == Normalisation.total_row]
        plain = [at for at in totals if is_plain_total(values[at])]
        if not plain and (lead not in totals or self.is_prose):
            return False
        at = plain[0] if plain else lead
        is_beside_words = any(
            says(value) and column != at and not self._is_of_a_total(column, value)
            for column, value in enumerate(values)
        )
        if is_beside_words and not (plain and self.has_numbers):
            return False
        cells = {name: (row, column) for name, column in self.places.items()}
        self.result.totals.append(TotalAt(row, cells, (row, at), bool(plain)))
        return True

    def _is_of_a_total(self, at: int, value: Any) -> bool:
        """Tell whether a cell beside a total's word is a number of it, or counts the rows."""
        is_number = isinstance(value, int | float | Unread) and not isinstance(value, bool)
        in_numbers = at in self.columns.numbering or self.types.get(at) in NUMERIC_TYPES
        return is_number or in_numbers

    def _is_header(self, values: Cells, count: int) -> bool:
        """Tell whether a row's texts stand above the records as well: the next page begins."""
        texts = [value for value in values if says(value)]
        are_heads = all(isinstance(text, str) and text.strip() in self.heads for text in texts)
        return are_heads and (count > 1 or texts == [v for v in self.result.grid[0] if says(v)])

    # -- records that may be none ------------------------------------------------------------------

    def _ask(self, row: int, values: Cells, count: int, words: Words) -> None:
        """Ask about a record that may be none: a text that stands alone, an odd name or word."""
        numbering = self.columns.numbering
        if count == 1 or (count == 2 and any(says(cell_at([values], 0, at)) for at in numbering)):
            self._ask_alone(row, values)
            return
        lead = _lead(values) if words else None
        for at, word in words.items():
            if self.types.get(at) != ColumnType.text:
                continue
            if not self.counts:
                is_odd = at == lead and word == Normalisation.example_row
            else:
                is_odd = word != Normalisation.total_row or (at == lead and self.has_numbers)
            if is_odd or (at == lead and is_plain_total(values[at])):
                self.odd[row, at] = values[at]
        name = values[self.first] if self.first < len(values) else None
        if not self.counts or not name or not isinstance(name, str):
            return
        if may_be_no_name(name) or name.strip("（）() ") in self.heads:
            self.odd[row, self.first] = name

    def _ask_alone(self, row: int, values: Cells) -> None:
        """Ask what a text is that stands alone; in a column of no texts its type tells."""
        if not (self.counts or self.is_prose):
            return
        for at in self.own:
            text = values[at] if at < len(values) else None
            if self.types[at] != ColumnType.text:
                continue
            if isinstance(text, int | float) and self.counts:
                self.alone.append((row, at, typed_text(text), NOT_READ))
            elif not isinstance(text, str):
                continue
            elif says(text) and not means_blank(narrow(text)):
                is_odd = _may_be_no_text(text) if self.is_prose else not is_a_name(text)
                if is_odd:
                    self.alone.append((row, at, text.strip(), NOT_READ))


_LEAST_OF_A_TEXT = 8
_PART = re.compile(r"第.{1,2}[部章节篇]|.*(?:19|20)\d\d[.年/-]\d{1,2}[.月/-]\d{1,2}日?$")


def _may_be_no_text(text: str) -> bool:
    """Tell whether a text that stands alone among cases may be a remark: it is one, or short."""
    bare = text.strip()
    is_short = len(bare) < _LEAST_OF_A_TEXT and not bare.isascii()
    is_part = is_closing(bare) or is_plain_total(bare) or is_numbered(bare) or _PART.match(bare)
    return is_short or bool(is_part) or row_word(bare) is not None


def _says_nothing(value: Any) -> bool:
    if isinstance(value, str):
        return not says(value) or says_none(value) or narrow(value) in ("0", "否", "-", "/", "—")
    return value is None or (value == 0 and not isinstance(value, bool))


def _between_headers(result: Layout, columns: Columns, table: Table, year: int) -> None:
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


def _heed_notes(result: Layout, columns: Columns, year: int) -> None:
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
    return not is_alone and not any(isinstance(v, str) and v and row_word(v) for v in values)
