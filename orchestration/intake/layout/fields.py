"""The layout of a sheet of labelled cells: for each label the only cell that can be its value.

What belongs here: candidates for a value, unit cells, what else stands on a line and off all lines.
What does not: where labels and heads stand (field_labels.py), reading a value
(intake/reading/records.py).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

from orchestration.forms.contract import NUMERIC_TYPES, Column, Table
from orchestration.ground.text import Text
from orchestration.intake.layout.earlier import layout_as_before, remember
from orchestration.intake.layout.field_labels import FieldLabels, Line
from orchestration.intake.layout.heads import Head
from orchestration.intake.layout.labels import said
from orchestration.intake.layout.layout import (
    NOT_READ,
    Label,
    Layout,
    RecordAt,
    UnitSaid,
    brackets_of,
    cell_at,
    heed_lines,
    lines_units,
    not_read,
    says,
    settle_unit,
)
from orchestration.intake.layout.other_figures import is_filing_date
from orchestration.intake.layout.row_words import is_signature, row_word
from orchestration.intake.layout.unit_lines import units_said
from orchestration.intake.layout.unit_words import bare_unit, is_unit
from orchestration.intake.normalise import Normalisation, factor_of, typed_text
from orchestration.intake.receipt import address, address_of
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Cells, Sheet, Unread

_REACH = 4  # columns from a label in which its value may stand where no head names its column
_CODE = re.compile(
    r"[(（]?(?:[A-Za-z]{0,3}[\d.、-]+|[一二三四五六七八九十]{1,3}|[A-Z甲乙丙丁])[)）、.]?"
)
_ONLY_HERE = Text("每项只能有一个填报值", "one value a label")


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
        self.marks, self.spans = self.labels.marks, self.labels.spans
        self.cells: dict[str, tuple[int, int]] = {}
        self.blank_in_other_units: set[str] = set()

    def layout(self) -> Layout:
        result = self.result
        lines = self.labels.lines
        groups: dict[tuple[int, int, tuple[Any, ...]], list[Line]] = defaultdict(list)
        for line in lines:
            groups[line.head_row, line.at, line.heads].append(line)
        beside = [*self.labels.beside_lines()]
        above = lines_units(beside) + [(word, "") for word in units_said(result.sheet)]
        head_rows = self.labels.heads.keys()
        # What has a number beside it is asked about as a label that is not the form's.
        counted = {row for row, _, value in beside if isinstance(value, int | float)}
        passed_by = head_rows | counted
        off_heads = (line for line in beside if line[0] not in passed_by)
        end = max((line.row + 1 for line in lines), default=len(self.rows))
        heed_lines(result, off_heads, self.labels.year, end)
        for group in groups.values():
            self._read_group(group, above)
        self._object_to_merged()
        self._heed_merged_units(lines)
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

    # -- the only candidate ------------------------------------------------------------------------

    def _read_group(self, group: list[Line], above: list[tuple[str, str]]) -> None:
        """Find the values of lines that have the same label column and the same heads."""
        chosen = self._by_heads(group) if group[0].heads else self._by_rank(group)
        for line in group:
            at = chosen.get(line)
            if at is None:
                first = self._first(line)
                at = next((c for c, head in line.heads if head == Head.value), first)
                self.result.refused[line.column.id] = ProblemKind.values_compete
            self._read_line(line, at, above)

    def _by_heads(self, group: list[Line]) -> dict[Line, int]:
        heads = group[0].heads
        named = [at for at, head in heads if head == Head.value]
        open_to_all = [at for at, head in heads if head is None]
        kinds = {at for at, head in heads if head is not None}
        beyond = range(group[0].at + 1, max(line.end for line in group))
        open_to_all += [at for at in beyond if at not in dict(heads)] if not named else []
        filled = self._filled(group, named or open_to_all)
        if len(filled) > 1 and not named:
            return self._by_rank(group)
        if len(filled) > 1:
            self._object_to_heads(group, filled)
            return {}
        if not filled and not named and any(dict(heads)[at] == Head.other for at in kinds):
            self._object_to_heads(group, [at for at, head in heads if head == Head.other])
            return {}
        candidates = filled or named or open_to_all
        at = candidates[0] if candidates else group[0].at + 1
        is_headed = says(cell_at(self.rows, group[0].head_row, at))
        if not named and is_headed and (filled or self._filled(group, [at])):
            self._object_to_heads(group, [at])  # a head, and it is none of values
            return {}
        upper = self._other_head_above(group[0].head_row, at)
        if upper is not None:
            self._object_to_heads(group, [at], upper)
            return {}
        return dict.fromkeys(group, at)

    def _filled(self, group: list[Line], columns: list[int]) -> list[int]:
        """Return those of some columns in which a line has something that may be its value."""
        return [
            at
            for at in columns
            if any(
                line.at < at < line.end and _may_be(cell_at(self.rows, line.row, at), line.column)
                for line in group
            )
        ]

    def _other_head_above(self, head_row: int, at: int) -> int | None:
        """Return the row of a head over a column's own that makes it other figures, if any."""
        lines = [line.row for line in self.labels.lines if line.row < head_row]
        for row in range(head_row - 1, max(lines, default=-1), -1):
            if self.labels.heads.get(row, {}).get(at) == Head.other:
                return row
        return None

    def _object_to_heads(self, group: list[Line], columns: list[int], above: int = -1) -> None:
        row = above if above >= 0 else group[0].head_row
        words = "、".join(typed_text(cell_at(self.rows, row, at)) for at in columns)
        place = address_of(row, columns[0], row, columns[-1])
        self.result.object(ProblemKind.values_compete, place, words, "", _ONLY_HERE)

    def _by_rank(self, group: list[Line]) -> dict[Line, int]:
        """Choose the place in which most labels have their only candidate."""
        votes: Counter[int] = Counter()
        several = []
        for line in group:
            found = self._candidates(line)
            if len(found) == 1:
                votes[found[0] - self._first(line)] += 1
            elif found:
                several.append((line, found))
        if not votes and several:
            line, found = several[0]
            last = several[-1][0].row
            place = f"{address(line.row, found[0])}:{address(last, found[-1])}"
            words = "、".join(typed_text(cell_at(self.rows, line.row, at)) for at in found)
            self.result.object(ProblemKind.values_compete, place, words, line.column.id, _ONLY_HERE)
            competing = {line for line, _ in several}
            return {line: self._first(line) for line in group if line not in competing}
        if not votes:
            votes = self._votes_of_texts(group)
        rank = min(votes, key=lambda rank: (-votes[rank], rank), default=0)
        return {line: self._first(line) + rank for line in group}

    def _votes_of_texts(self, group: list[Line]) -> Counter[int]:
        """Count where words stand that are no values of their columns, if nothing else stands."""
        votes: Counter[int] = Counter()
        for line in group:
            for at in range(self._first(line), min(line.end, line.at + _REACH + 1)):
                value = cell_at(self.rows, line.row, at)
                if isinstance(value, str) and is_unit(value):
                    break
                if says(value) and line.head(at) in (None, Head.value):
                    votes[at - self._first(line)] += 1
        return votes

    def _first(self, line: Line) -> int:
        """Return the first cell behind a label and the unit that stands right behind it."""
        merged = self.spans.get((line.row, line.at), line.at)
        first = line.at + 1
        beside = cell_at(self.rows, line.row, first) if merged == line.at else None
        return first + (isinstance(beside, str) and beside != "" and is_unit(beside))

    def _candidates(self, line: Line) -> list[int]:
        """Return where a line's value may stand, if no head says so: before any farther unit."""
        found = []
        for at in range(self._first(line), min(line.end, line.at + _REACH + 1)):
            value = cell_at(self.rows, line.row, at)
            if isinstance(value, str) and is_unit(value):
                break
            if line.head(at) in (None, Head.value) and _may_be(value, line.column):
                found.append(at)
        return found

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
        elif any(factor_of(word, column.unit) != 1 for word, _ in (*units, *above)):
            self.blank_in_other_units.add(column.id)

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
            elif head == Head.unit and word and not _has_digit(word):
                if not is_settled:
                    units.append(UnitSaid(word, address(row, beside)))
                    self.marks[row, beside] = not_read(ProblemKind.unit_is_not_known)
            elif head == Head.code and self._is_code(other, beside):
                self.marks[row, beside] = None
            elif head != Head.other and _may_be(other, column):
                is_note = head == Head.note and column.type not in NUMERIC_TYPES
                rivals += [] if is_note else [beside]
        return units, rivals

    def _is_code(self, value: Any, at: int) -> bool:
        """Tell whether a cell under 序号 or 代码 is no more than that: one of several."""
        lines = self.labels.lines
        codes = [line for line in lines if _may_be_code(cell_at(self.rows, line.row, at))]
        return _may_be_code(value) and len(codes) > min(1, len(lines) - 1)

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
            self.result.object(kind, place, typed, numbers[0], _ONLY_HERE)
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

    def _pass_over(self, lines: list[Line], main: int | None) -> None:
        """Tell unknown labels, notes and the form's own texts from what nobody can place."""
        labelled = {line.row for line in lines}
        first = min(labelled, default=len(self.rows))
        for row, values in enumerate(self.rows):
            left = [c for c, v in enumerate(values) if (row, c) not in self.marks and says(v)]
            if left and row < first:
                texts = [
                    c for c in left if isinstance(values[c], str) and not _is_number(values[c])
                ]
                self.marks |= {(row, c): None for c in texts}
            elif left and row not in labelled and isinstance(values[left[0]], str):
                self._pass_over_row(row, values, left, main)

    def _pass_over_row(self, row: int, values: Cells, left: list[int], main: int | None) -> None:
        text = values[left[0]]
        if _is_note_row(values, left):
            self.result.pass_over(row, values, Normalisation.note_row)
            self.marks |= {(row, at): None for at in left}
            self.result.labels -= len(left)
        elif row_word(text) == Normalisation.note_row:
            return  # a note with a number beside it
        elif left[0] == main and any((at in self.value_columns) for at in left[1:]):
            self.result.unknown.append(Label(address(row, main), text))
            self.marks |= {(row, at): not_read(ProblemKind.column_is_unknown) for at in left}
        elif len(left) == 1 and is_filing_date(text, self.labels.year):
            self.marks[row, left[0]] = None
        elif len(left) == 1 and said(text).name != "".join(text.split()) and len(text) < 30:
            self.marks[row, left[0]] = None  # a numbered title of what stands below

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


def _is_note_row(values: Cells, left: list[int]) -> bool:
    """Tell whether all that stands in a row is notes or signatures, with names behind colons."""
    behind_colon = False
    for at in left:
        value = values[at]
        text = value.strip() if isinstance(value, str) else ""
        is_note = bool(text) and row_word(text) == Normalisation.note_row
        if not is_note and not (behind_colon and text and not _is_number(text)):
            return False
        behind_colon = is_note and (is_signature(text) or text in ("备注", "说明", "注"))
    return True


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _may_be_code(value: Any) -> bool:
    """Tell whether a cell may number its line or be its code, and says nothing else."""
    if isinstance(value, str):
        return _CODE.fullmatch(value.strip()) is not None
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def _is_number(text: str) -> bool:
    return _has_digit(text) and not any(letter.isalpha() for letter in text)


def _may_be(value: Any, column: Column) -> bool:
    """Tell whether a cell could be a column's value: for a number, it has a digit in it."""
    if not says(value):
        return False
    if isinstance(value, str):
        is_countable = column.type in NUMERIC_TYPES
        return not is_unit(value) and (not is_countable or _has_digit(value))
    return isinstance(value, Unread) or column.type in NUMERIC_TYPES or not isinstance(value, bool)
