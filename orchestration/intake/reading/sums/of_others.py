"""Rows whose numbers are the sums of all rows above them, or of all others.

What belongs here: running sums over a sheet. What does not: the sums of a few rows beside
(of_groups.py), and what is said of these rows (untold.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate

_NEAR = 1e-6  # a binary fraction's noise
_FIGURES = 3  # numbers of a row that are sums by no accident


def sums_of_others(
    rows: Sequence[tuple[Sequence[float], bool]], totals: list[int]
) -> Iterator[int]:
    """Yield the indices of rows that are the sums of rows above them, or of all others.

    A row is given as its numbers, a blank as 0, and whether words stand beside them; `totals` are
    how many rows stand above each row that says that it is one. Two rows at least must add up;
    beside words, several numbers must agree.
    """
    columns = [_Running(column) for column in zip(*(values for values, _ in rows), strict=True)]
    after_totals, last = set(totals), len(rows)
    for index, (values, has_words) in enumerate(rows):
        if index in after_totals:
            for column in columns:
                column.begin_anew(index)
        filled = [(columns[n], value) for n, value in enumerate(values) if value]
        if not filled or (has_words and len(filled) < _FIGURES):
            continue
        column, value = filled[0]
        if column.is_none(index, value):  # mostly the first one tells
            continue
        above = [(column.above(index), value) for column, value in filled]
        below = [(column.since(index), value) for column, value in filled]
        every = [(column.others(last, value), value) for column, value in filled]
        if any(_adds_up(block, has_words) for block in (above, below, every)):
            yield index
            for column, value in zip(columns, values, strict=True):
                column.begin_anew(index)
                column.leave_out(value)


_Sum = tuple[float, int]  # what lines add up to, and how many of them say something


class _Running:
    """What a column's lines add up to from row to row; those that are sums themselves add nothing.

    `sums` and `counts` are up to each row, those of all rows last.
    """

    def __init__(self, numbers: tuple[float, ...]) -> None:
        self.numbers = numbers
        self.sums = [*accumulate(numbers, initial=0.0)]
        self.left_out: _Sum = (0.0, 0)
        self.base: _Sum = (0.0, 0)  # of lines above the last total

    @cached_property
    def counts(self) -> list[int]:
        return [*accumulate(map(bool, self.numbers), initial=0)]

    def is_none(self, index: int, value: float) -> bool:
        """Tell whether a number is surely none of the sums."""
        above, every = self.sums[index] - self.left_out[0], self.sums[-1]
        due = (above, above - self.base[0], every - value)
        return all(abs(one - value) > _NEAR for one in due)

    def above(self, index: int) -> _Sum:
        """Return the lines above a row."""
        return self.sums[index] - self.left_out[0], self.counts[index] - self.left_out[1]

    def since(self, index: int) -> _Sum:
        """Return the lines between the last total and a row."""
        above, count = self.above(index)
        return above - self.base[0], count - self.base[1]

    def others(self, last: int, value: float) -> _Sum:
        """Return all lines but one."""
        return self.sums[last] - value, self.counts[last] - bool(value)

    def begin_anew(self, index: int) -> None:
        """Take a row for a total."""
        self.base = self.above(index)

    def leave_out(self, value: float) -> None:
        """Leave a row out of the sums of those that follow."""
        self.left_out = self.left_out[0] + value, self.left_out[1] + bool(value)


def _adds_up(found: list[tuple[_Sum, float]], has_words: bool) -> bool:
    """Tell whether numbers are the sums of lines, of which two at least add to one of them."""
    if any(abs(total - value) > _NEAR for (total, _), value in found):
        return False
    return sum(count > 1 for (_, count), _ in found) > int(has_words)
