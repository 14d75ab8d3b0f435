"""Totals among a sheet's records: whether a row that says it is one is.

What belongs here: holding numbers of totals against the sums of their rows. What does not: the
words of totals (intake/layout/row_words.py), which rows bear one (intake/layout/rows/), and totals
that do not say so (sums/).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from decimal import Decimal
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
_ROUNDED = Decimal("0.5")  # the most that a format takes off what it shows
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
