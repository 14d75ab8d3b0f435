"""The layout of a sheet of labelled cells: for each label the only cell that can be its value.

What belongs here: unit cells, what else stands on a line and off all lines. What does not: where
labels and heads stand (labels.py), which column has the values (places.py), reading a value
(intake/reading/records.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from typing import Any

from orchestration.forms.contract import NUMERIC_TYPES, Column, Table
from orchestration.ground.text import Text
from orchestration.intake.layout.fields.before_labels import own_before_labels
from orchestration.intake.layout.fields.earlier import layout_as_before, remember
from orchestration.intake.layout.fields.labels import FieldLabels, Line
from orchestration.intake.layout.fields.places import ONLY_HERE, Places, has_digit, may_be
from orchestration.intake.layout.fields.signs import (
    is_note_row,
    is_number_text,
    is_of_filling,
    may_be_code,
    ticks,
)
from orchestration.intake.layout.groups import may_be_part, says_how
from orchestration.intake.layout.heads import Head, head_of
from orchestration.intake.layout.labels import (
    is_hint,
    is_hint_for_filling,
)
from orchestration.intake.layout.layout import (
    NOT_READ,
    Label,
    Layout,
    RecordAt,
    UnitSaid,
    brackets_of,
    cell_at,
    lines_units,
    not_read,
    refuse_unit,
    says,
    settle_unit,
    text_before,
)
from orchestration.intake.layout.notes import ASIDE, says_blank, says_who_checked
from orchestration.intake.layout.other_figures import (
    begins_others,
    is_filing_date,
)
from orchestration.intake.layout.row_words import is_closing, row_word
from orchestration.intake.layout.titles import heed_lines
from orchestration.intake.layout.unit_lines import units_said
from orchestration.intake.layout.unit_words import bare_unit, is_unit
from orchestration.intake.normalise import Normalisation, factor_of
from orchestration.intake.plain_text import typed_text
from orchestration.intake.receipt import address, address_of
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Cells, Sheet


def layout_of_fields(sheet: Sheet, table: Table, year: int) -> Layout:
    """Find a table's labels and values on its sheet."""
    if sheet.merged:
        return _Fields(sheet, table, year).layout()
    known = layout_as_before(sheet, table, year)
    if known is not None:
        return known
    found = _Fields(sheet, table, year)
    layout = found.layout()
    if found.hangs_on_labels_alone():
        remember(found.rows, table, year, layout)
    return layout


class _Fields:
    """One sheet while its layout is found; what becomes of its cells is marked."""

    def __init__(self, sheet: Sheet, table: Table, year: int) -> None:
        self.table, self.rows, self.merged = table, sheet.rows, sheet.merged
        self.result = Layout(sheet.name, sheet.rows)
        self.labels = FieldLabels(sheet, table, year, self.result)
        self.places = Places(self.labels, self.result)
        self.marks = self.labels.marks
        self.cells: dict[str, tuple[int, int]] = {}
        self.blank_in_other_units: set[str] = set()
        self.said: list[tuple[Column, tuple[int, int], list[UnitSaid]]] = []

    def layout(self) -> Layout:
        result = self.result
        lines = self.labels.lines
        groups: dict[tuple[int, int, tuple[Any, ...]], list[Line]] = defaultdict(list)
        for line in lines:
            groups[line.head_row, line.at, line.heads].append(line)
        beside = [*self.labels.beside_lines()]
        above = lines_units(beside) + [(word, "") for word in units_said(result.sheet)]
        for group in groups.values():
            self._read_group(group, above)
        self._heed(lines, beside)
        self._ask_about_inner_heads(lines)
        self._ask_about_headings(lines)
        self.marks |= dict.fromkeys(own_before_labels(self.labels))
        self._object_to_merged()
        self._heed_merged_units(lines)
        self._refuse_units_said_once()
        result.found = set(self.cells)
        if self.cells:
            result.records.append(RecordAt(0, self.cells))
        main = Counter(line.at for line in lines).most_common(1)
        self._pass_over(lines, main[0][0] if main else None)
        self._sweep()
        return result

    def hangs_on_labels_alone(self) -> bool:
        """Tell whether any values in the one column that a head names would be laid out alike."""
        result = self.result
        odd = (
            *(result.left, result.problems, result.passed_over, result.unknown, result.repeated),
            *(result.units, result.refused, self.labels.qualified, self.blank_in_other_units),
        )
        columns = {at for _, at in self.cells.values()}
        named = {
            at for heads in self.labels.heads.values() for at, h in heads.items() if h == Head.value
        }
        return bool(self.cells) and not any(odd) and len(columns) == 1 and columns == named

    def _read_group(self, group: list[Line], above: list[tuple[str, str]]) -> None:
        """Find the values of lines that have the same label column and the same heads."""
        chosen = self.places.chosen(group)
        for line in group:
            at = chosen.get(line)
            if at is None:
                first = self.places.first(line)
                at = next((c for c, head in line.heads if head == Head.value), first)
                self.result.refused[line.column.id] = ProblemKind.values_compete
            self._read_line(line, at, above)

    def _heed(self, lines: list[Line], beside: list[tuple[int, int, Any]]) -> None:
        """Hear the heads of labels, and the texts that head no column of what the lines hold."""
        # What has a number beside it is asked about as a label that is not the form's.
        counted = {row for row, _, value in beside if isinstance(value, int | float)}
        columns = self.labels.columns_headed()
        rows = {line.row for line in lines}
        inside = range(min(rows, default=0), max(rows, default=-1) + 1)
        off_columns = (
            line for line in beside if line[0] not in counted and line[:2] not in columns
        )
        over_labels = {(line.head_row, line.at) for line in lines if line.head_row >= 0}
        heads = ((row, at, cell_at(self.rows, row, at)) for row, at in sorted(over_labels))
        table, year = self.labels.table, self.labels.year
        heed_lines(self.result, heads, table, year)
        heed_lines(self.result, off_columns, table, year, inside)

    # -- one line ----------------------------------------------------------------------------------

    def _read_line(self, line: Line, at: int, above: list[tuple[str, str]]) -> None:
        """Take a label's value, its units, and mark what else stands on its line."""
        column, row, rows = line.column, line.row, self.rows
        self.cells[column.id] = (row, at)
        value = cell_at(rows, row, at)
        is_refused = column.id in self.result.refused
        self.marks[row, at] = None  # a refused value is accounted for where records are read
        label = typed_text(cell_at(rows, row, line.at))
        units = brackets_of(label, address(row, line.at))
        if line.head_row >= 0 and any(c == at for c, _ in line.heads):
            head = cell_at(rows, line.head_row, at)
            if isinstance(head, str):
                units += brackets_of(head, address(line.head_row, at))
        beside, rivals = self._beside(line, at)
        units = beside + units
        if rivals and not says(value) and not is_refused:
            kind = ProblemKind.values_compete
            place, typed = address(row, rivals[0]), cell_at(rows, row, rivals[0])
            mark = self.result.object(
                kind,
                place,
                typed,
                column.id,
                Text(f"应填在 {address(row, at)}", f"its place is {address(row, at)}"),
            )
            self.result.refused[column.id] = kind
            self.marks |= {(row, beside): mark for beside in rivals}
        if is_refused:
            self.marks |= {(row, beside): not_read(ProblemKind.values_compete) for beside in rivals}
        if says(value):
            settle_unit(self.result, column, units, above)
            self.said.append((column, (row, at), units))
        elif any(factor_of(word, column.unit) != 1 for word, _ in (*units, *above)):
            self.blank_in_other_units.add(column.id)

    def _refuse_units_said_once(self) -> None:
        """Refuse figures whose unit cell is blank where another of the kind has another unit.

        千元 in the first line may be meant for the lines below it.
        """
        units, refused = self.result.units, self.result.refused
        others = {c.unit: words[0] for c, _, words in self.said if words and c.id in units}
        for column, place, words in self.said:
            if column.unit in others and not words and not {column.id} & {*units, *refused}:
                blank = UnitSaid("", address(*place))
                refuse_unit(self.result, column, blank, others[column.unit])

    def _beside(self, line: Line, at: int) -> tuple[list[UnitSaid], list[int]]:
        """Mark what stands beside a value; return the unit said there, and what else may be it."""
        column, row = line.column, line.row
        units: list[UnitSaid] = []
        rivals: list[int] = []
        is_settled = not column.unit or not says(cell_at(self.rows, row, at))
        for beside in range(line.at + 1, line.end):
            other, head = cell_at(self.rows, row, beside), line.head(beside)
            if beside == at or not says(other):
                continue
            word = other.strip() if isinstance(other, str) else ""
            # Under 单位 stands 人数 as well.
            bare = bare_unit(word.removesuffix("数") if head == Head.unit else word)
            if word and is_unit(bare):
                units.append(UnitSaid(bare, address(row, beside)))
                self.marks[row, beside] = None
            elif head == Head.unit and not column.unit and is_hint_for_filling(word):
                self.marks[row, beside] = None
            elif head == Head.unit and word and not (has_digit(word) or ticks(word, column)):
                if not is_settled:
                    units.append(UnitSaid(word, address(row, beside)))
                    self.marks[row, beside] = not_read(ProblemKind.unit_is_not_known)
            elif (head == Head.code and self._is_code(other, beside)) or (
                head == Head.filling and is_of_filling(word)
            ):
                self.marks[row, beside] = None
            elif head == Head.checked and word and says_who_checked(word):
                self.marks[row, beside] = ASIDE
            elif head != Head.other and may_be(other, column) and not says_blank(other):
                is_note = head == Head.note and column.type not in NUMERIC_TYPES
                rivals += [] if is_note else [beside]
        return units, rivals

    def _is_code(self, value: Any, at: int) -> bool:
        """Tell whether a cell under 序号 or 代码 is no more than that: one of several."""
        lines = self.labels.lines
        codes = [line for line in lines if may_be_code(cell_at(self.rows, line.row, at))]
        return may_be_code(value) and len(codes) > min(1, len(lines) - 1)

    def _object_to_merged(self) -> None:
        """Refuse a number that is merged over the places of several: nobody knows whose it is."""
        columns = {column.id: column for column in self.table.columns}
        for top, left, bottom, right in self.merged:
            over = [
                name
                for name, (row, at) in self.cells.items()
                if top <= row <= bottom and left <= at <= right
            ]
            typed = cell_at(self.rows, top, left)
            numbers = [name for name in over if columns[name].type in NUMERIC_TYPES]
            if len(over) < 2 or not numbers or not says(typed):
                continue
            place = address_of(top, left, bottom, right)
            kind = ProblemKind.values_compete
            self.result.object(kind, place, typed, numbers[0], ONLY_HERE)
            self.result.refused |= dict.fromkeys(numbers, kind)

    def _heed_merged_units(self, lines: list[Line]) -> None:
        """Let a unit that is merged over several lines be that of each."""
        for top, left, bottom, _ in self.merged:
            word = cell_at(self.rows, top, left)
            if bottom == top or not isinstance(word, str) or not is_unit(word):
                continue
            for line in lines:
                is_other = line.column.id not in self.result.refused | self.result.units
                if is_other and top < line.row <= bottom and line.at < left < line.end:
                    said_here = [UnitSaid(word.strip(), address(top, left))]
                    settle_unit(self.result, line.column, said_here, [])

    # -- the rest ----------------------------------------------------------------------------------

    def _ask_about_inner_heads(self, lines: list[Line]) -> None:
        """Ask about texts between a head and its first label that stand over the values alone.

        What divides a column of values, 城区 | 乡镇, makes them a part of what the form asks.
        """
        first: dict[tuple[int, int], Line] = {}
        for line in lines:
            first.setdefault((line.head_row, self.cells[line.column.id][1]), line)
        year, labelled = self.labels.year, {line.row for line in lines}
        for (head_row, at), line in first.items():
            for row in range(head_row + 1, line.row) if head_row >= 0 else ():
                text = cell_at(self.rows, row, at)
                is_beside = row in labelled or says(cell_at(self.rows, row, line.at))
                if is_beside or not isinstance(text, str) or not says(text):
                    continue
                is_plain = is_unit(text) or is_hint_for_filling(text.strip())
                if not is_plain and not may_be_code(text) and head_of(text, year) != Head.value:
                    self._ask_whose(row, at)
            if head_row >= 0:
                self._ask_about_head(head_row, at)
        for row, at in {(line.head_row, line.at) for line in lines if line.head_row >= 0}:
            # Over labels stands what they are called, or whose figures they all are of.
            text = cell_at(self.rows, row, at)
            is_odd = isinstance(text, str) and head_of(text, year) in (None, Head.other)
            if is_odd and says(text) and may_be_part(text, "", self._names, year):
                self._ask_whose(row, at)

    @cached_property
    def _names(self) -> list[str]:
        return [self.result.sheet, *(column.label for column in self.table.columns)]

    def _ask_about_head(self, row: int, at: int) -> None:
        """Ask about the head of the values if it names others, and about parts over it."""
        head, year = cell_at(self.rows, row, at), self.labels.year
        if isinstance(head, str) and begins_others(head, self.labels.own_words):
            self._ask_whose(row, at)
        labelled = [line.row for line in self.labels.lines if line.row < row]
        for above in range(max(labelled, default=-1) + 1, row):
            upper = cell_at(self.rows, above, at)
            if isinstance(upper, str) and says(upper):
                is_part = may_be_part(upper, text_before(self.rows[above], at), self._names, year)
                if is_part and head_of(upper, year) not in (Head.value, Head.plain):
                    self._ask_whose(above, at)

    def _ask_about_headings(self, lines: list[Line]) -> None:
        """Ask about headings among the labels that begin a reference or name others than these."""
        rows, year = {line.row for line in lines}, self.labels.year
        own, first = self.labels.own_words, min(rows, default=0)
        heads = [line.head_row + 1 for line in lines if 0 <= line.head_row < first]
        for row in range(min(heads, default=first), max(rows, default=0)):
            filled = [at for at, value in enumerate(self.rows[row]) if says(value)]
            if row in rows or len(filled) != 1:
                continue
            text = self.rows[row][filled[0]]
            if not isinstance(text, str):
                continue
            is_own = row > first or says_how(text, year) or self._is_heading(row, text)
            if begins_others(text, own) or not is_own:
                self._ask_whose(row, filled[0])

    def _ask_whose(self, row: int, at: int) -> None:
        place = address(row, at)
        if place not in {problem.cell for problem in self.result.problems}:
            kind = ProblemKind.text_says_otherwise
            self.result.object(kind, place, cell_at(self.rows, row, at))

    def _pass_over(self, lines: list[Line], main: int | None) -> None:
        """Tell unknown labels, notes and the form's own texts from what nobody can place."""
        labelled = {line.row for line in lines}
        first = min(labelled, default=len(self.rows))
        for row, values in enumerate(self.rows):
            left = [c for c, v in enumerate(values) if (row, c) not in self.marks and says(v)]
            if left and row < first:
                own = [c for c in left if self._is_of_titles(values[c])]
                self.marks |= {(row, c): None for c in own}
            elif left and row not in labelled and isinstance(values[left[0]], str):
                self._pass_over_row(row, values, left, main)

    def _is_of_titles(self, value: Any) -> bool:
        is_text = isinstance(value, str) and not is_number_text(value)
        return is_text or is_filing_date(typed_text(value), self.labels.year)

    def _pass_over_row(self, row: int, values: Cells, left: list[int], main: int | None) -> None:
        text = values[left[0]]
        if is_note_row(values, left):
            self.result.pass_over(row, values, Normalisation.note_row)
            self.marks |= {(row, at): None for at in left}
            self.result.labels -= len(left)
        elif row_word(text) == Normalisation.note_row:
            return  # a note with a number beside it
        elif left[0] == main and any((at in self.value_columns) for at in left[1:]):
            self.result.unknown.append(Label(address(row, main), text))
            self.marks |= {(row, at): not_read(ProblemKind.column_is_unknown) for at in left}
        elif len(left) == 1 and self._is_heading(row, text):
            self.marks[row, left[0]] = None

    def _is_heading(self, row: int, text: str) -> bool:
        """Tell whether a text alone is a title of what stands below, or ends what stands above."""
        if is_filing_date(text, self.labels.year) or (is_closing(text) and not has_digit(text)):
            return True
        return is_hint(text) or self.labels.say_as_much(text, row, len(self.rows))

    @property
    def value_columns(self) -> set[int]:
        return {at for _, at in self.cells.values()}

    def _sweep(self) -> None:
        """Count the form's own cells, and list those of which nothing was said."""
        record = set(self.cells.values())
        for row, values in enumerate(self.rows):
            for at, value in enumerate(values):
                if not says(value):
                    continue
                mark = self.marks.get((row, at), NOT_READ)
                if mark is not None:
                    self.result.left.append((row, at, mark))
                elif (row, at) not in record:
                    self.result.labels += 1
