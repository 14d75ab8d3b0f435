"""The labels and heads on a sheet of labelled cells, and how far the line of each label reaches.

What belongs here: which text is a label of the form, which row is one of heads, labels that are
qualified or stand twice. What does not: which cell of a line is its value (places.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from orchestration.forms.contract import Column, Table
from orchestration.ground.text import Text
from orchestration.intake.layout.groups import is_own_group
from orchestration.intake.layout.heads import Head, head_of
from orchestration.intake.layout.labels import known_label
from orchestration.intake.layout.layout import Label, Layout, ends_in_colon, not_read, says
from orchestration.intake.receipt import Mark, address
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Cells, Sheet

_OF_NO_VALUES = (Head.unit, Head.code, Head.note, Head.filling, Head.checked)


class Line(NamedTuple):
    """A label of the form: where it stands, and where the next label or the row ends."""

    row: int
    at: int
    end: int
    column: Column
    heads: tuple[tuple[int, Head | None], ...]  # of the columns up to the end, and their kind
    head_row: int

    def head(self, at: int) -> Head | None:
        """Return what a column's head says."""
        return next((head for column, head in self.heads if column == at), None)


class FieldLabels:
    """The labels of one sheet; `marks` says what became of their cells and those of heads.

    A mark of None is a cell of the form's own. Labels that are qualified or stand twice are put to
    the sheet's layout as they are found.
    """

    def __init__(self, sheet: Sheet, table: Table, year: int, result: Layout) -> None:
        self.sheet, self.table, self.year, self.result = sheet, table, year, result
        self.marks: dict[tuple[int, int], Mark | None] = {}
        self.heads: dict[int, dict[int, Head | None]] = {}
        self.qualified: dict[str, tuple[int, int]] = {}
        # How far to the right a merged label or head reaches.
        self.spans = {(top, left): right for top, left, _, right in sheet.merged if right > left}
        self.lines = self._lines(self._found())

    def beside_lines(self) -> Iterator[tuple[int, int, Any]]:
        """Yield the cells of rows that have no label of the form: row, column, content."""
        rows = {line.row for line in self.lines} | {row for row, _ in self.qualified.values()}
        for row, values in enumerate(self.sheet.rows):
            if row not in rows:
                for at, value in enumerate(values):
                    yield row, at, value

    def columns_headed(self) -> set[tuple[int, int]]:
        """Return where heads stand that are of what the lines below them hold, by row and column.

        They name a label, a value or what goes with one; of any other, something stands below it.
        """
        found = set()
        for line in self.lines:
            values = self.sheet.rows[line.row]
            for at, head in self.heads.get(line.head_row, {}).items():
                is_of_lines = head not in (None, Head.other)
                if is_of_lines or (at < len(values) and says(values[at])):
                    found.add((line.head_row, at))
        return found

    @cached_property
    def own_words(self) -> str:
        """The words of the sheet and of all that the form asks in it."""
        return "".join([self.sheet.name, *(column.label for column in self.table.columns)])

    def say_as_much(self, text: str, start: int, end: int) -> bool:
        """Tell whether a text says no more than the labels of some rows do."""
        labels = [line.column.label for line in self.lines if start <= line.row < end]
        return is_own_group(text, labels, self.sheet.name, self.year)

    def _found(self) -> dict[tuple[int, int], Column]:
        """Return the form's labels by their place, of each column the first; those of heads not."""
        found: dict[tuple[int, int], tuple[Column, bool]] = {}
        for row, values in enumerate(self.sheet.rows):
            known = {}
            for at, value in enumerate(values):
                if isinstance(value, str) and value:
                    label = known_label(value, self.table, self.year)
                    if label is not None and self._head_above(row, at) != Head.value:
                        known[at] = label
            if known:
                found |= {(row, at): label for at, label in known.items()}
            else:
                self._take_heads(row, values)
        labels: dict[tuple[int, int], Column] = {}
        exact = {column.id for column, is_qualified in found.values() if not is_qualified}
        seen: set[str] = set()
        for (row, at), (column, is_qualified) in found.items():
            text = str(self.sheet.rows[row][at])
            if is_qualified:
                if column.id not in exact and column.id not in self.qualified:
                    self.qualified[column.id] = (row, at)
            elif column.id in seen:
                self.result.repeated.append(Label(address(row, at), text))
                self.marks[row, at] = not_read(ProblemKind.label_is_repeated)
            else:
                seen.add(column.id)
                labels[row, at] = column
                self.marks[row, at] = None
        self._object_to_qualified(found)
        return labels

    def _head_above(self, row: int, at: int) -> Head | None:
        for head_row in reversed(self.heads):
            if head_row < row and at in self.heads[head_row]:
                return self.heads[head_row][at]
        return None

    def _take_heads(self, row: int, values: Cells) -> None:
        """Take a row for one of heads: it names labels or a column to fill, or two others."""
        if any(isinstance(value, int | float) and value != self.year for value in values):
            return
        heads, before = {}, ""
        for at, value in enumerate(values):
            if isinstance(value, str) and says(value):
                is_label, is_asked_for = self._stands_over_labels(row, at), ends_in_colon(before)
                if is_label or not is_asked_for:
                    heads[at] = Head.label if is_label else head_of(value, self.year)
                before = value
        kinds = [head for head in heads.values() if head is not None]
        names_values = any(head not in _OF_NO_VALUES for head in kinds)
        if len(kinds) < 2 and not (kinds and names_values and (len(heads) > 1 or min(heads) > 0)):
            return
        self.heads[row] = heads
        for at, head in heads.items():
            # A merged head is that of every column it spans.
            for beside in range(at + 1, self.spans.get((row, at), at) + 1):
                heads_of_row = self.heads[row] = dict(self.heads[row])
                heads_of_row.setdefault(beside, head)

    def _stands_over_labels(self, row: int, at: int) -> bool:
        """Tell whether several labels of the form stand in a column below a row."""
        return row < self._last_but_one.get(at, -1)

    @cached_property
    def _last_but_one(self) -> dict[int, int]:
        """Return of each column the row of its last label of the form but one."""
        known: dict[int, list[int]] = defaultdict(list)
        for row, values in enumerate(self.sheet.rows):
            for at, value in enumerate(values):
                is_text = isinstance(value, str) and value
                if is_text and known_label(value, self.table, self.year):
                    known[at].append(row)
        return {at: rows[-2] for at, rows in known.items() if len(rows) > 1}

    def _object_to_qualified(self, found: dict[tuple[int, int], Any]) -> None:
        for name, (row, at) in self.qualified.items():
            column = found[row, at][0]
            text = str(self.sheet.rows[row][at])
            due = Text(column.label, column.label)
            mark = self.result.object(
                ProblemKind.label_is_qualified, address(row, at), text, name, due
            )
            self.result.qualified.add(name)
            values = self.sheet.rows[row]
            end = next((c for c in range(at + 1, len(values)) if (row, c) in found), len(values))
            for beside in range(at, end):
                self.marks.setdefault((row, beside), mark)

    def _lines(self, labels: dict[tuple[int, int], Column]) -> list[Line]:
        lines = []
        head_rows = sorted(self.heads)
        by_row: dict[int, list[int]] = defaultdict(list)
        for row, at in [*labels, *self.qualified.values()]:
            by_row[row].append(at)
        for (row, at), column in labels.items():
            above = [head_row for head_row in head_rows if head_row < row]
            width = max([len(self.sheet.rows[row]), *(max(self.heads[h]) + 1 for h in above[-1:])])
            end = min([other for other in by_row[row] if other > at], default=width)
            heads, head_row = {}, -1
            for candidate in reversed(above):
                heads = {c: head for c, head in self.heads[candidate].items() if at < c < end}
                if heads:
                    head_row = candidate
                    self.marks |= {
                        (candidate, c): None
                        for c, v in enumerate(self.sheet.rows[candidate])
                        if says(v)
                    }
                    break
            next_block = min((c for c, head in heads.items() if head == Head.label), default=end)
            kept = tuple((c, head) for c, head in heads.items() if c < next_block)
            lines.append(Line(row, at, next_block, column, kept, head_row))
        return lines
