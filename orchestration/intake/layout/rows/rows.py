"""The layout of a sheet of rows: the records below its header, and the rows that are none.

What belongs here: totals, notes, examples, cells in no column of the form. What does not: records
that may be none (doubts.py), the header (intake/layout/header.py), what the words say
(intake/layout/row_words.py), whether a total is the sum of its rows (intake/reading/totals.py) and
what a cell says (intake/normalise.py).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from orchestration.forms.contract import NUMERIC_TYPES, Table
from orchestration.intake.layout.header import Columns, columns_on
from orchestration.intake.layout.labels import plain_sheet
from orchestration.intake.layout.layout import (
    NOT_READ,
    Layout,
    RecordAt,
    TotalAt,
    cell_at,
    says,
)
from orchestration.intake.layout.notes import is_remark, only_confirms
from orchestration.intake.layout.other_figures import is_own_year
from orchestration.intake.layout.row_words import (
    is_closing,
    is_plain_total,
    is_signature,
    is_signer,
    row_word,
    says_more,
    says_none,
)
from orchestration.intake.layout.rows.again import OTHER_ORDER
from orchestration.intake.layout.rows.around import ask_between_headers, heed_notes, list_beyond
from orchestration.intake.layout.rows.doubts import Doubts, Words, lead_of
from orchestration.intake.layout.rows.nothing import is_prefilled, says_nothing
from orchestration.intake.layout.rows.texts import (
    is_blank_name,
    is_note,
    is_of_records,
)
from orchestration.intake.layout.titles import is_harmless_title
from orchestration.intake.normalise import Normalisation
from orchestration.intake.plain_text import narrow
from orchestration.intake.receipt import Mark, address, address_of
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Cells, Sheet, Unread


def layout_of_rows(sheet: Sheet, table: Table, year: int, own: str = "") -> Layout:
    """Find a table's header and records on its sheet; `own` is who files it, and signs below."""
    result = Layout(sheet.name, sheet.rows)
    columns = columns_on(result, table, year)
    if columns is not None:
        ask_between_headers(result, columns, table, year)
        _Records(result, sheet, columns, table, year, own).find()
        heed_notes(result, columns, year)
        return result
    result.left = [
        (row, at, NOT_READ)
        for row, values in enumerate(sheet.rows)
        for at, value in enumerate(values)
        if says(value)
    ]
    return result


class _Records(Doubts):
    """Tells the records of a sheet from rows that are none; lists what stands in no column."""

    def __init__(
        self, result: Layout, sheet: Sheet, columns: Columns, table: Table, year: int, own: str
    ) -> None:
        super().__init__(result, sheet, columns, year)
        self.table, self.filer = table, narrow(own)
        self.again = -1  # the row of a header that came again, or the last of its
        self.unheaded: Mark | None = None  # below a header that orders the columns otherwise

    def find(self) -> None:
        """Put the sheet's records and the rows that are none to the layout."""
        rows, result = self.result.grid, self.result
        spare: list[int] = []  # rows of which nobody knows yet whether records follow
        for row in range(self.columns.start, len(rows)):
            values = rows[row]
            count = len(values) - values.count("") - values.count(None)
            if not count:
                continue
            if self._is_of_a_header(row, values):
                continue
            words = self._words(values)
            may_be_none = words is not None or count == 1
            if may_be_none and self._is_passed_over(row, values, count, words or {}):
                continue
            name = values[self.first] if self.first < len(values) else None
            if is_blank_name(name) and self._is_spare(row, values):
                spare.append(row)
                continue
            for row_before in spare:
                self._take_record(row_before, {}, sum(map(says, rows[row_before])))
            spare.clear()
            self._take_record(row, words or {}, count)
        for row in spare:
            result.pass_over(row, rows[row], Normalisation.nothing_row)
        self.put()

    def _take_record(self, row: int, words: Words, count: int) -> None:
        """Take a row for a record, if anything stands in the form's columns."""
        values, width, filled = self.result.grid[row], self.header.width, count
        if not self.header.is_whole or len(values) > len(width):
            filled = sum(at < len(values) and says(values[at]) for at in width)
            list_beyond(self.result, row, values, self.columns, self.own)
        if filled:
            self.ask(row, values, count, words)
            self.result.records.append(RecordAt(row, self._cells(row)))

    def _is_of_a_header(self, row: int, values: Cells) -> bool:
        """Tell whether a row is the rest of a repeated header, or below an unread one."""
        if self.unheaded is not None:
            mark = self.unheaded
            self.result.left += [(row, at, mark) for at, v in enumerate(values) if says(v)]
            return True
        kind = self.header.goes_on(values) if row - 1 == self.again else None
        if kind is not None:
            self.result.pass_over(row, values, kind)
            self.again = row
        return kind is not None

    def _is_spare(self, row: int, values: Cells) -> bool:
        """Tell whether a row without a name is one that is prefilled and was not used."""
        is_named = (row, self.first) in self.filled_down
        own, counts = self.own, self.columns.numbering
        return self.counts and not is_named and is_prefilled(values, own, counts)

    def _cells(self, row: int) -> dict[str, tuple[int, int]]:
        """Return where a record's cells stand; of a merged category, in the row that has it."""
        cells = {name: (row, at) for name, at in self.places.items()}
        for name, at in self.places.items() if self.filled_down else ():
            if (row, at) in self.filled_down and not says(cell_at(self.result.grid, row, at)):
                cells[name] = (self.filled_down[row, at], at)
        return cells

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
        lead = lead_of(values)
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
        is_signed = is_signer(text) or (count < 3 and is_closing(text))
        is_aside = count == 1 and (only_confirms(text) or is_remark(text, self.year))
        if word == Normalisation.note_row or is_signed or is_aside:
            is_none, kind = self._are_notes(lead, values, words), Normalisation.note_row
        elif count == 1 and self._is_signature(row, text):
            is_none, kind = True, Normalisation.note_row
        elif Normalisation.total_row in words.values():
            is_none, kind = self._is_total(row, values, lead, words), Normalisation.total_row
        elif text.strip() in self.heads:
            is_none, kind = self._is_header(row, values, count), Normalisation.header_row
        elif count == 1 and self._is_title(text):
            is_none, kind = True, Normalisation.header_row
        else:
            is_none = lead <= self.first and says_none(text) and all(map(says_nothing, values))
            kind = Normalisation.nothing_row
        if is_none:
            self.result.pass_over(row, values, kind)
        return is_none

    def _is_signature(self, row: int, text: str) -> bool:
        """Tell whether who files the sheet signs it: the name alone, a day below, and no more."""
        if not self.filer or narrow(text) != self.filer:
            return False
        rows = self.result.grid
        below = [value for values in rows[row + 1 :] for value in values if says(value)]
        return below != [] and all(
            isinstance(value, date) or (isinstance(value, str) and is_closing(value))
            for value in below
        )

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
            is_one = is_text and (is_note(text, words.get(at)) or is_remark(text, self.year))
            is_name = isinstance(text, date) or (is_text and not is_of_records(text))
            if not is_one and not (behind_colon and is_name):
                return False
            behind_colon = is_one and is_signature(text)
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

    def _is_header(self, row: int, values: Cells, count: int) -> bool:
        """Tell whether a row's texts stand above the records as well: the next page begins.

        In another order they are the header of what follows, if they are all of the form's.
        """
        header = self.header
        if not header.is_again(values) or (count == 1 and not header.is_title(values)):
            return False
        places = header.places_of(values)
        if places is None or (self.filled_down and places != self.places):
            at = [at for at, value in enumerate(values) if says(value)]
            place, text = address_of(row, at[0], row, at[-1]), values[at[0]]
            self.unheaded = self.result.object(
                ProblemKind.values_compete, place, text, detail=OTHER_ORDER
            )
        else:
            self.again = row
            for name, column in header.lost_units(values, places):
                if name in self.result.units:
                    kind = ProblemKind.text_says_otherwise
                    self.result.object(kind, address(row, column), values[column])
            self.take(places)
        return True

    def _is_title(self, text: str) -> bool:
        """Tell whether a text is the sheet's name, its title or its year, and of nothing else."""
        names = {plain_sheet(self.result.sheet), *map(plain_sheet, self.header.titles)}
        is_again = plain_sheet(text) in names - {""} or is_own_year(text, self.year)
        return is_again and is_harmless_title(text, self.table, self.year)
