"""Totals among a sheet's records: whether a row that says it is one is, and rows that do not say.

What belongs here: holding numbers against the sums of other rows. What does not: the words of
totals (intake/layout/row_words.py), and which rows bear one (intake/layout/rows/).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from operator import attrgetter
from typing import NamedTuple

from orchestration.forms.contract import Column
from orchestration.ground.text import Text
from orchestration.intake.layout.layout import Layout, TotalAt, cell_at, says
from orchestration.intake.layout.notes import says_blank
from orchestration.intake.plain_text import narrow, typed_text
from orchestration.intake.receipt import address
from orchestration.intake.workbook.problems import Problem, ProblemKind
from orchestration.intake.workbook.sheet import Cells, Shown

_NEAR = Decimal("0.000001")  # a binary fraction's noise
_NEAR_FLOAT = float(_NEAR)
_ROUNDED = Decimal("0.5")  # the most that a format takes off what it shows
_FIGURES = 3  # numbers of a row that are sums by no accident
_LEAST_OF_A_GROUP = 3  # rows of which one may be a line over the others
_HOW_MANY = re.compile(r"\s*[共计]?\s*(\d+)\s*[家个所项人条门]?\s*")
_IN_ALL = re.compile(
    r"[总一]?共[有计]?\s*(\d{1,6})\s*[家个所项人条门行]?(?:企业|单位|公司|记录|数据)?"
)
Amounts = dict[str, Decimal]  # by column
Span = tuple[int, int]  # the rows that lines stand between


class Line(NamedTuple):
    """A row's numbers as they are stored, by column; a blank is none."""

    row: int
    amounts: Amounts


def amounts_of(layout: Layout, cells: dict[str, tuple[int, int]], read: dict[str, str]) -> Amounts:
    """Return what cells hold that were read: of one that is shown rounded, what is behind it."""
    found = {}
    for name, text in read.items():
        amount = Decimal(text)
        value = cell_at(layout.grid, *cells[name])
        if isinstance(value, Shown) and isinstance(value.stored, int | float):
            stored = Decimal(typed_text(value.stored))
            amount = stored if abs(stored - amount) <= _ROUNDED else amount
        found[name] = amount
    return found


# -- rows that say that they are totals ------------------------------------------------------------


def problem_of_total(
    layout: Layout, total: TotalAt, own: Amounts, lines: list[Line], numeric: list[Column]
) -> Problem | None:
    """Return the problem of a total that is not, or not for certain, the sum of its rows.

    They are those up to the total before or behind it, all before it, or all there are. A word
    that may be part of a name makes a total only of several rows.
    """
    typed = {
        column.id: typed_text(value)
        for column in numeric
        for value in [cell_at(layout.grid, *total.cells[column.id])]
        if says(value) and not says_blank(value)
    }
    is_alone = len(_said(layout.grid[total.row])) == 1
    sums = _sums_of(layout, lines)
    places, end = sums.totals, len(layout.grid)
    at = bisect_left(places, total.row)
    before = places[at - 1] if at else -1
    behind = places[at + 1] if at + 1 < len(places) else end
    spans = [(before, total.row), (-1, total.row), (-1, end), (total.row, behind)]
    if not typed and total.is_plain and (is_alone or _counts(layout, total, sums, spans)):
        return None
    if is_alone and not typed and _counts_itself(layout, total, sums, spans):
        return None
    if own.keys() == typed.keys() and typed:
        least = 1 if total.is_plain else 2
        if any(sums.are(own, span, least, total.is_plain) for span in spans):
            return None
    is_over_its_rows = before < 0 and not sums.lines_in(spans[0])
    is_over_its_rows |= not sums.lines_in((-1, sums.totals[0]))
    due = {name: sums.of(name, spans[3 if is_over_its_rows else 0]) for name in typed}
    detail = _difference(total, typed, own, due, numeric)
    is_first = not any(map(says, layout.grid[total.row][: total.word[1]]))
    place = sums.ranges[total.row] if is_first else address(*total.word)
    word = typed_text(cell_at(layout.grid, *total.word))
    kind = ProblemKind.total_differs_from_its_rows
    return Problem(kind, layout.sheet, place, "", word, detail)


def _said(values: Cells) -> list[int]:
    """Return the columns of cells that say more than a dash."""
    return [at for at, value in enumerate(values) if says(value) and not says_blank(value)]


def _counts_itself(layout: Layout, total: TotalAt, sums: _Sums, spans: list[Span]) -> bool:
    """Tell whether a line such as 共20家 counts the rows there are."""
    found = _IN_ALL.fullmatch(narrow(typed_text(cell_at(layout.grid, *total.word))))
    return found is not None and int(found[1]) in {sums.lines_in(span) for span in spans}


def _counts(layout: Layout, total: TotalAt, sums: _Sums, spans: list[Span]) -> bool:
    """Tell whether all that stands beside a total's word is how many rows there are: 20家."""
    row, at = total.word
    beside = [layout.grid[row][n] for n in _said(layout.grid[row]) if n != at]
    numbers = {found[1] for v in beside if (found := _HOW_MANY.fullmatch(typed_text(v)))}
    due = {str(sums.lines_in(span)) for span in spans}
    return len(beside) == 1 and len(numbers & due) == 1


class _Sums:
    """The sums of all spans of a sheet's rows: adding up the rows of each total takes too long."""

    def __init__(self, layout: Layout, lines: list[Line]) -> None:
        self.layout, self.of_sheet = layout, lines
        self.lines = sorted(lines, key=attrgetter("row"))
        self.totals = sorted(total.row for total in layout.totals)
        self.ranges = {one.row: one.range for one in reversed(layout.passed_over)}
        self.rows = [line.row for line in self.lines]
        self.upto: dict[str, list[Decimal]] = {}
        self.adding: dict[frozenset[str], list[int]] = {}

    def _ends(self, span: Span) -> tuple[int, int]:
        """Return the numbers of lines above a span's first row and up to its last."""
        first = bisect_right(self.rows, span[0])
        return first, max(first, bisect_left(self.rows, span[1]))

    def lines_in(self, span: Span) -> int:
        """Return how many lines stand between two rows."""
        first, last = self._ends(span)
        return last - first

    def of(self, column: str, span: Span) -> Decimal:
        """Return the sum of a column between two rows."""
        if column not in self.upto:
            amounts = (line.amounts.get(column, Decimal(0)) for line in self.lines)
            self.upto[column] = [*accumulate(amounts, initial=Decimal(0))]
        first, last = self._ends(span)
        return self.upto[column][last] - self.upto[column][first]

    def are(self, own: Amounts, span: Span, least: int, may_be_zero: bool) -> bool:
        """Tell whether numbers are the sums of the lines between two rows, of some at least."""
        adding = self.lines_in(span) if may_be_zero else self._adding(own, span)
        return adding >= least and all(abs(self.of(n, span) - v) < _NEAR for n, v in own.items())

    def _adding(self, own: Amounts, span: Span) -> int:
        columns = frozenset(own)
        if columns not in self.adding:
            has = (any(line.amounts.get(n) for n in columns) for line in self.lines)
            self.adding[columns] = [*accumulate(map(int, has), initial=0)]
        first, last = self._ends(span)
        return self.adding[columns][last] - self.adding[columns][first]


_last: list[_Sums] = []  # of the sheet whose totals are being held against its rows


def _sums_of(layout: Layout, lines: list[Line]) -> _Sums:
    if not _last or _last[0].layout is not layout or _last[0].of_sheet is not lines:
        _last[:] = [_Sums(layout, lines)]
    return _last[0]


def _difference(
    total: TotalAt, typed: dict[str, str], own: Amounts, sums: Amounts, numeric: list[Column]
) -> Text:
    """Say what stands in a total where the sum of its rows is due."""
    if not typed:
        return Text("该行没有可核对的数", "no number of it can be held against them")
    formulas = [name for name, text in typed.items() if name not in own and text.startswith("=")]
    if formulas:
        cells = [address(*total.cells[name]) for name in formulas]
        return Text(
            f"{'、'.join(cells)} 的公式没有计算结果",
            f"the formula at {', '.join(cells)} has no result",
        )
    differing = [n for n in typed if n not in own or abs(own[n] - sums[n]) >= _NEAR]
    if all(name in own and abs(own[name] - sums[name]) < _NEAR for name in typed):
        return Text("只有一行与它的数相同，可能不是合计", "only one row has its numbers")
    labels = {column.id: column.label for column in numeric}
    said = [(labels[n], typed[n], f"{sums[n].normalize():f}") for n in differing]
    return Text(
        "、".join(f"{label} {text}（各行之和 {due}）" for label, text, due in said),
        ", ".join(f"{label} {text} (sum {due})" for label, text, due in said),
    )


# -- rows that are totals and do not say so --------------------------------------------------------


def sums_of_others(rows: list[tuple[list[float], bool]], totals: list[int]) -> Iterator[int]:
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
        return all(abs(one - value) > _NEAR_FLOAT for one in due)

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
    if any(abs(total - value) > _NEAR_FLOAT for (total, _), value in found):
        return False
    return sum(count > 1 for (_, count), _ in found) > int(has_words)


# -- lines above the rows they add up --------------------------------------------------------------


def heads_of_groups(rows: list[tuple[list[float], list[bool]]]) -> list[int]:
    """Return the indices of rows whose numbers are the sums of the rows that follow.

    A row is given as its numbers, a blank as 0, and which columns of words are filled. Such a line
    has no word where most rows have one, and it adds up what follows up to the next of its kind;
    where words tell nothing, all rows of the sheet are lines with their sums or in one of these.
    """
    if len(rows) < _LEAST_OF_A_GROUP:
        return []
    filled = [sum(column) for column in zip(*(words for _, words in rows), strict=True)]
    most = [2 * count >= len(rows) for count in filled]
    lines = [
        index
        for index, (values, words) in enumerate(rows)
        if any(values) and any(due and not has for due, has in zip(most, words, strict=True))
    ]
    ends = [*lines[1:], len(rows)][: len(lines)]
    found = [line for line, end in zip(lines, ends, strict=True) if end in _ends(rows, line, end)]
    return found if any(most) else _parts_of_all(rows)


def _ends(rows: list[tuple[list[float], list[bool]]], line: int, last: int) -> Iterator[int]:
    """Yield where rows end that begin below a line and add up to its numbers, up to some row."""
    own = rows[line][0]
    numbers = [n for n, value in enumerate(own) if value]
    sums = dict.fromkeys(numbers, 0.0)
    for row in range(line + 1, last):
        for n in numbers:
            sums[n] += rows[row][0][n]
        if any(sums[n] > own[n] + _NEAR_FLOAT for n in numbers):
            return
        if all(abs(sums[n] - own[n]) < _NEAR_FLOAT for n in numbers):
            yield row + 1


def _parts_of_all(rows: list[tuple[list[float], list[bool]]]) -> list[int]:
    """Return the lines that part a whole sheet into groups with their sums, two at least."""
    found, at, is_sum_of_several = list[int](), 0, False
    while at < len(rows):
        end = next(_ends(rows, at, len(rows)), None) if all(rows[at][0]) else None
        if end is None:
            return []
        found.append(at)
        is_sum_of_several |= end > at + 2
        at = end
    return found if len(found) > 1 and is_sum_of_several else []
