"""Records of a sheet of rows that may be none: what is asked about them.

What belongs here: texts that stand alone, odd, void and numbered names; where the form's columns
stand. What does not: telling records from rows that are none (rows.py), and what the words say
(intake/layout/row_words.py, intake/layout/void_words.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from orchestration.forms.contract import ColumnType
from orchestration.intake.layout.header import Columns
from orchestration.intake.layout.labels import is_numbered
from orchestration.intake.layout.layout import (
    NOT_READ,
    Layout,
    cell_at,
    says,
)
from orchestration.intake.layout.other_figures import names_other_figures
from orchestration.intake.layout.row_words import (
    is_plain_total,
    is_signer,
    may_be_no_name,
    names_a_group,
    sums_up,
)
from orchestration.intake.layout.rows.again import header_of, kinds_of
from orchestration.intake.layout.rows.merged import filled_down
from orchestration.intake.layout.rows.several import names_several
from orchestration.intake.layout.rows.texts import (
    is_a_number,
    is_no_name,
    may_be_no_text,
)
from orchestration.intake.layout.void_words import is_void, names_none
from orchestration.intake.normalise import Normalisation, means_blank
from orchestration.intake.plain_text import narrow, typed_text
from orchestration.intake.receipt import Mark, address, blocks
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Cells, Sheet

_PUNCTUATED = re.compile("[，。；：:“”]|表示|见附|见情况|本页|^共")
Where = tuple[int, int, str, Mark]
Says = Callable[[str], bool]
Words = dict[int, Normalisation]  # what the words of a row's cells make of it, by column


def lead_of(values: Cells) -> int | None:
    """Return the column of the first text of a row, which says what the row is."""
    for at, value in enumerate(values):
        if value and isinstance(value, str) and says(value) and not value.strip().isdecimal():
            return at
    return None


class Doubts:
    """What stands where on a sheet of rows, and what of its records is to be asked about."""

    def __init__(self, result: Layout, sheet: Sheet, columns: Columns, year: int) -> None:
        self.result, self.columns, self.year = result, columns, year
        self.beside = columns.numbering | columns.asides
        of_form = columns.of_form
        header = self.header = header_of(columns)
        self.heads, self.own = header.texts, header.own
        self.is_prose, self.has_numbers = header.is_prose, header.has_numbers
        self.counts = header.counts
        self.take(header.places)
        self.filled_down = filled_down(result, sheet, columns.start, of_form)
        self.alone: list[Where] = []  # texts of which nobody can tell what they are
        self.odd: dict[tuple[int, int], str] = {}
        self.several: dict[tuple[int, int], str] = {}
        self.bare: list[tuple[int, Says]] = []  # rows whose name is a number, or begins with one

    def take(self, places: dict[str, int]) -> None:
        """Read what follows by where a header has the form's columns."""
        self.places = places
        header = self.header
        is_first = places is header.places
        kinds = header.kinds if is_first else kinds_of(self.columns, places)
        self.types, self.texts, self.first, self.words, self.bodies = kinds

    def ask(self, row: int, values: Cells, count: int, words: Words) -> None:
        """Ask about a record that may be none: a text that stands alone, an odd name or word."""
        is_short = count <= 1 + len(self.beside)
        if is_short and count - sum(says(cell_at([values], 0, at)) for at in self.beside) <= 1:
            self._ask_alone(row, values)
            return
        lead = lead_of(values) if words else None
        for at, word in words.items():
            if self.types.get(at) != ColumnType.text:
                continue
            is_sum = sums_up(values[at], beside_figures=self.has_numbers)
            if not self.counts:
                is_example = at == lead and word == Normalisation.example_row
                is_odd = is_example or (not self.is_prose and is_sum)
            else:
                is_lead = at == lead and self.has_numbers
                is_odd = word != Normalisation.total_row or is_lead or is_sum
            if is_odd or (at == lead and is_plain_total(values[at])):
                self.odd[row, at] = values[at]
        if self.counts:
            self._ask_about_name(row, values)
        if not self.is_prose:
            self._ask_about_void_texts(row, values)
            return
        title = cell_at([values], 0, self.first)
        if isinstance(title, str) and names_several(title, is_title=True):
            self.several[row, self.first] = title

    def _ask_about_void_texts(self, row: int, values: Cells) -> None:
        """Ask about a record whose name names nothing, or that is void by a remark behind one."""
        for at, is_required in self.texts:
            text = values[at] if at < len(values) else None
            if not text or not isinstance(text, str):
                continue
            is_none = is_required and names_none(text) and not means_blank(narrow(text))
            if is_none or is_void(text, self.year, is_title=not self.counts):
                self.odd[row, at] = text
            elif names_several(text, is_body=at in self.bodies):
                self.several[row, at] = text

    def _ask_about_name(self, row: int, values: Cells) -> None:
        """Ask about a record's name that may be none by its words, or beside figures alone."""
        name = values[self.first] if self.first < len(values) else None
        if isinstance(name, int | float) or (isinstance(name, str) and is_a_number(name)):
            self.bare.append((row, is_a_number))
        elif isinstance(name, str):
            if may_be_no_name(name) or is_signer(name) or name.strip("（）() ") in self.heads:
                self.odd[row, self.first] = name
            elif self._has_figures_alone(values):
                if names_other_figures(name, self.year) or names_a_group(name):
                    self.odd[row, self.first] = name
                if is_numbered(name):
                    self.bare.append((row, is_numbered))

    def _goes_on(self, row: int, at: int) -> bool:
        """Tell whether a text without a title stands right below a record that has both."""
        if at == self.first or (row, self.first) in self.filled_down:
            return False
        rows = self.result.grid
        return self.result.records[-1:] != [] and all(
            says(cell_at(rows, row - 1, column)) for column in (self.first, at)
        )

    def _has_figures_alone(self, values: Cells) -> bool:
        """Tell whether a record has no other word than its name, where the form asks for some."""
        words = (values[at] for at in self.words if at < len(values))
        return bool(self.words) and not any(map(says, words))

    def _ask_about_numbers(self) -> None:
        """Ask about names that are a number, or begin with one, where most names do not."""
        rows, at = self.result.grid, self.first
        for row, is_so in self.bare:
            names = [typed_text(cell_at(rows, one.row, at)) for one in self.result.records]
            if 2 * sum(map(is_so, names)) < len(names):
                self.odd[row, at] = typed_text(rows[row][at])

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
                may_be_none = may_be_no_text if self.is_prose else is_no_name
                is_odd = may_be_none(text) or (self.is_prose and self._goes_on(row, at))
                is_odd |= self.counts and is_void(text, self.year)
                is_several = names_several(text, is_body=at in self.bodies, is_title=self.is_prose)
                if is_several:
                    self.several[row, at] = text
                elif is_odd:
                    self.alone.append((row, at, text.strip(), NOT_READ))
                    if _PUNCTUATED.search(text):
                        self.result.sentences.add(row)

    def put(self) -> None:
        """Put all that is asked to the layout, once every record is known."""
        self._ask_about_numbers()
        for block in blocks(self.alone):
            self.result.object(ProblemKind.row_may_be_a_note, block.range, block.typed)
        for (row, at), text in self.several.items():
            self.result.object(ProblemKind.cell_names_several, address(row, at), text)
        for (row, at), text in self.odd.items():
            if (row, at) in self.several:
                continue
            self.result.object(ProblemKind.row_may_be_a_note, address(row, at), text)
