"""Totals among a sheet's records: whether a row that says it is one is, and rows that do not say.

What belongs here: holding numbers against the sums of other rows. What does not: the words of
totals (intake/layout/row_words.py), and which rows bear one (intake/layout/rows/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from operator import add
from typing import NamedTuple

from orchestration.forms.contract import Column
from orchestration.ground.text import Text
from orchestration.intake.layout.layout import Layout, TotalAt, cell_at, says
from orchestration.intake.normalise import typed_text
from orchestration.intake.receipt import address
from orchestration.intake.workbook.problems import Problem, ProblemKind
from orchestration.intake.workbook.sheet import Shown

_NEAR = Decimal("0.000001")  # a binary fraction's noise
_NEAR_FLOAT = float(_NEAR)
_ROUNDED = Decimal("0.5")  # the most that a format takes off what it shows
_FIGURES = 3  # numbers of a row that are sums by no accident
_LEAST_OF_A_GROUP = 3  # rows of which one may be a line over the others
_HOW_MANY = re.compile(r"\s*[共计]?\s*(\d+)\s*[家个所项人条门]?\s*")
Amounts = dict[str, Decimal]  # by column


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
        if says(value := cell_at(layout.grid, *total.cells[column.id]))
    }
    is_alone = sum(map(says, layout.grid[total.row])) == 1
    places = [one.row for one in layout.totals]
    at, end = places.index(total.row), len(layout.grid)
    before = places[at - 1] if at else -1
    behind = places[at + 1] if at + 1 < len(places) else end
    spans = [(before, total.row), (-1, total.row), (-1, end), (total.row, behind)]
    if not typed and total.is_plain and (is_alone or _counts(layout, total, lines, spans)):
        return None
    if own.keys() == typed.keys() and typed:
        least = 1 if total.is_plain else 2
        if any(_is_sum_of(own, _between(lines, *span), least, total.is_plain) for span in spans):
            return None
    detail = _difference(layout, total, typed, own, _between(lines, *spans[0]), numeric)
    range_ = next(one.range for one in layout.passed_over if one.row == total.row)
    is_first = not any(map(says, layout.grid[total.row][: total.word[1]]))
    place = range_ if is_first else address(*total.word)
    word = typed_text(cell_at(layout.grid, *total.word))
    kind = ProblemKind.total_differs_from_its_rows
    return Problem(kind, layout.sheet, place, "", word, detail)


def _counts(
    layout: Layout, total: TotalAt, lines: list[Line], spans: list[tuple[int, int]]
) -> bool:
    """Tell whether all that stands beside a total's word is how many rows there are: 20家."""
    row, at = total.word
    beside = [v for n, v in enumerate(layout.grid[row]) if n != at and says(v)]
    numbers = {found[1] for v in beside if (found := _HOW_MANY.fullmatch(typed_text(v)))}
    due = {str(len(_between(lines, *span))) for span in spans}
    return len(beside) == 1 and len(numbers & due) == 1


def _between(lines: list[Line], first: int, last: int) -> list[Line]:
    return [line for line in lines if first < line.row < last]


def _sum(lines: list[Line], column: str) -> Decimal:
    return sum((line.amounts.get(column, Decimal(0)) for line in lines), Decimal(0))


def _is_sum_of(own: Amounts, lines: list[Line], least: int, may_be_zero: bool) -> bool:
    adding = [line for line in lines if may_be_zero or any(line.amounts.get(n) for n in own)]
    return len(adding) >= least and all(abs(_sum(lines, n) - v) < _NEAR for n, v in own.items())


def _difference(
    layout: Layout,
    total: TotalAt,
    typed: dict[str, str],
    own: Amounts,
    lines: list[Line],
    numeric: list[Column],
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
    sums = {name: _sum(lines, name) for name in typed}
    differing = [n for n in typed if n not in own or abs(own[n] - sums[n]) >= _NEAR] or [*typed][:1]
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
    every = [sum(column) for column in zip(*(values for values, _ in rows), strict=True)]
    above, lines = [0.0] * len(every), list[list[float]]()
    base, first = above, 0  # the sums and the lines above the block
    for index, (values, has_words) in enumerate(rows):
        if index in totals:
            base, first = above, len(lines)
        filled = [n for n, value in enumerate(values) if value]
        if filled and (not has_words or len(filled) >= _FIGURES):
            n, value = filled[0], values[filled[0]]
            sums = (above[n], above[n] - base[n], every[n] - value)
            if any(abs(one - value) < _NEAR_FLOAT for one in sums):
                others = [line for line, _ in rows if line is not values]
                blocks = (lines, lines[first:], others)
                if any(_adds_up(values, filled, block, has_words) for block in blocks):
                    yield index
                    base, first = above, len(lines)
                    continue
        above = list(map(add, above, values))
        lines.append(values)


def _adds_up(
    values: list[float], filled: list[int], lines: list[list[float]], has_words: bool
) -> bool:
    """Tell whether numbers are the sums of lines, of which two at least add to one of them."""
    if any(abs(sum(line[n] for line in lines) - values[n]) > _NEAR_FLOAT for n in filled):
        return False
    several = sum(sum(1 for line in lines if line[n]) > 1 for n in filled)
    return several > int(has_words)


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
    found = [line for line, end in zip(lines, ends, strict=True) if end in _ends(rows, line)]
    return found if any(most) else _parts_of_all(rows)


def _ends(rows: list[tuple[list[float], list[bool]]], line: int) -> Iterator[int]:
    """Yield where rows end that begin below a line and add up to its numbers."""
    own = rows[line][0]
    numbers = [n for n, value in enumerate(own) if value]
    sums = dict.fromkeys(numbers, 0.0)
    for row in range(line + 1, len(rows)):
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
        end = next(_ends(rows, at), None) if all(rows[at][0]) else None
        if end is None:
            return []
        found.append(at)
        is_sum_of_several |= end > at + 2
        at = end
    return found if len(found) > 1 and is_sum_of_several else []
