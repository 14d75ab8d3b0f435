"""Where the values of labels stand: the only candidate, as heads or most lines have it.

What belongs here: choosing the column of the values, and saying where several compete. What does
not: what is made of a value and of what stands beside it (fields.py).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from orchestration.forms.contract import NUMERIC_TYPES, Column
from orchestration.ground.text import Text
from orchestration.intake.layout.fields.labels import FieldLabels, Line
from orchestration.intake.layout.groups import says_how
from orchestration.intake.layout.heads import Head
from orchestration.intake.layout.layout import Layout, cell_at, says
from orchestration.intake.layout.unit_words import is_unit
from orchestration.intake.plain_text import typed_text
from orchestration.intake.receipt import address, address_of
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Unread

ONLY_HERE = Text("每项只能有一个填报值", "one value a label")
_MAY_HEAD_VALUES = (None, Head.value, Head.plain)
_REACH = 4  # columns from a label in which its value may stand where no head names its column


class Places:
    """The columns in which the lines of one sheet may have their values."""

    def __init__(self, labels: FieldLabels, result: Layout) -> None:
        self.labels, self.result, self.rows = labels, result, labels.sheet.rows

    def chosen(self, group: list[Line]) -> dict[Line, int]:
        """Return the column of each line's value, of lines with the same label column and heads.

        A line is left out where several places compete; the layout's problems say so.
        """
        return self._by_heads(group) if group[0].heads else self._by_rank(group)

    def _by_heads(self, group: list[Line]) -> dict[Line, int]:
        heads = group[0].heads
        named = [at for at, head in heads if head == Head.value]
        open_to_all = [at for at, head in heads if head in (None, Head.plain)]
        kinds = {at for at, head in heads if head is not None}
        beyond = range(group[0].at + 1, max(line.end for line in group))
        open_to_all += [at for at in beyond if at not in dict(heads)] if not named else []
        filled = self._filled(group, named or open_to_all)
        if len(filled) > 1 and not named:
            ranked = self._by_rank(group)
            for at in sorted({*ranked.values()} & set(dict(heads))):
                self._ask_about_head(group[0].head_row, at, dict(heads)[at])
            return ranked
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
            # A head, and it is none of values; the only column that it may be is read all the same.
            if dict(heads).get(at) not in (None, Head.plain):
                self._object_to_heads(group, [at])
                return {}
            self._ask_about_head(group[0].head_row, at, dict(heads).get(at))
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
                line.at < at < line.end and may_be(cell_at(self.rows, line.row, at), line.column)
                for line in group
            )
        ]

    def _other_head_above(self, head_row: int, at: int) -> int | None:
        """Return the row of a head over a column's own that makes it other figures, if any."""
        lines = [line.row for line in self.labels.lines if line.row < head_row]
        for row in range(head_row - 1, max(lines, default=-1), -1):
            text = cell_at(self.rows, row, at)
            is_plain = isinstance(text, str) and says_how(text, self.labels.year)
            if self.labels.heads.get(row, {}).get(at) == Head.other and not is_plain:
                return row
        return None

    def _ask_about_head(self, row: int, at: int, head: Head | None) -> None:
        """Ask about a head over the values of which nobody knows what it says."""
        if head is None and says(cell_at(self.rows, row, at)):
            kind, place = ProblemKind.text_says_otherwise, address(row, at)
            self.result.object(kind, place, cell_at(self.rows, row, at))

    def _object_to_heads(self, group: list[Line], columns: list[int], above: int = -1) -> None:
        row = above if above >= 0 else group[0].head_row
        words = "、".join(typed_text(cell_at(self.rows, row, at)) for at in columns)
        place = address_of(row, columns[0], row, columns[-1])
        due = Text(f"{place} 应为“填报值”", f"{place} should read 填报值")
        why = due if len(columns) == 1 else ONLY_HERE
        self.result.object(ProblemKind.values_compete, place, words, "", why)

    def _by_rank(self, group: list[Line]) -> dict[Line, int]:
        """Choose the place in which most labels have their only candidate."""
        votes: Counter[int] = Counter()
        several = []
        for line in group:
            found = self._candidates(line)
            if len(found) == 1:
                votes[found[0] - self.first(line)] += 1
            elif found:
                several.append((line, found))
        if not votes and several:
            line, found = several[0]
            last = several[-1][0].row
            place = f"{address(line.row, found[0])}:{address(last, found[-1])}"
            words = "、".join(typed_text(cell_at(self.rows, line.row, at)) for at in found)
            self.result.object(ProblemKind.values_compete, place, words, line.column.id, ONLY_HERE)
            competing = {line for line, _ in several}
            return {line: self.first(line) for line in group if line not in competing}
        if not votes:
            votes = self._votes_of_texts(group)
        rank = min(votes, key=lambda rank: (-votes[rank], rank), default=0)
        return {line: self.first(line) + rank for line in group}

    def _votes_of_texts(self, group: list[Line]) -> Counter[int]:
        """Count where words stand that are no values of their columns, if nothing else stands."""
        votes: Counter[int] = Counter()
        for line in group:
            for at in range(self.first(line), min(line.end, line.at + _REACH + 1)):
                value = cell_at(self.rows, line.row, at)
                if isinstance(value, str) and is_unit(value):
                    break
                if says(value) and line.head(at) in _MAY_HEAD_VALUES:
                    votes[at - self.first(line)] += 1
        return votes

    def first(self, line: Line) -> int:
        """Return the first cell behind a label and the unit that stands right behind it."""
        merged = self.labels.spans.get((line.row, line.at), line.at)
        first = line.at + 1
        beside = cell_at(self.rows, line.row, first) if merged == line.at else None
        return first + (isinstance(beside, str) and beside != "" and is_unit(beside))

    def _candidates(self, line: Line) -> list[int]:
        """Return where a line's value may stand, if no head says so: before any farther unit."""
        found = []
        for at in range(self.first(line), min(line.end, line.at + _REACH + 1)):
            value = cell_at(self.rows, line.row, at)
            if isinstance(value, str) and is_unit(value):
                break
            if line.head(at) in _MAY_HEAD_VALUES and may_be(value, line.column):
                found.append(at)
        return found


def may_be(value: Any, column: Column) -> bool:
    """Tell whether a cell could be a column's value: for a number, it has a digit in it."""
    if not says(value):
        return False
    if isinstance(value, str):
        is_countable = column.type in NUMERIC_TYPES
        return not is_unit(value) and (not is_countable or has_digit(value))
    return isinstance(value, Unread) or column.type in NUMERIC_TYPES or not isinstance(value, bool)


def has_digit(text: str) -> bool:
    """Tell whether a text has a digit anywhere."""
    return any(letter.isdigit() for letter in text)
