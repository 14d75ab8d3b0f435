"""Rows whose numbers are the sums of the rows right above or below them.

What belongs here: lines over groups of records, and how much it takes to hold a sum for no
accident. What does not: sums of all rows (of_others.py), and which of these rows are odd among
their like (untold.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from math import inf, prod
from operator import add
from typing import NamedTuple

_NEAR = 1e-6  # a binary fraction's noise
_LEAST_OF_A_GROUP = 3  # rows of which one may be a line over the others
_OF_ODD, _OF_ALL = 20, 100_000  # against one that sums are no accident
_MORE = inf  # than any number, where no two rows are
_LEVELS = 4  # of lines over lines: specialities, categories, departments, all
Rows = Sequence[tuple[Sequence[float], Sequence[str | None]]]  # their numbers and their words


def heads_of_groups(rows: Rows) -> list[int]:
    """Return the indices of rows whose numbers are the sums of the rows that follow.

    A row is given as its numbers, a blank as 0, and its words. Such a line
    has no word where most rows have one, and it adds up what follows up to the next of its kind;
    where words tell nothing, all rows of the sheet are lines with their sums or in one of these.
    """
    if len(rows) < _LEAST_OF_A_GROUP:
        return []
    filled = [sum(map(bool, c)) for c in zip(*(words for _, words in rows), strict=True)]
    most = [2 * count >= len(rows) for count in filled]
    lines = [
        index
        for index, (values, words) in enumerate(rows)
        if any(values) and any(due and not has for due, has in zip(most, words, strict=True))
    ]
    ends = [*lines[1:], len(rows)][: len(lines)]
    found = [line for line, end in zip(lines, ends, strict=True) if end in _ends(rows, line, end)]
    return found if any(most) else _parts_of_all(rows)


def _ends(rows: Rows, line: int, last: int) -> Iterator[int]:
    """Yield where rows end that begin below a line and add up to its numbers, up to some row."""
    own = rows[line][0]
    numbers = [n for n, value in enumerate(own) if value]
    sums = dict.fromkeys(numbers, 0.0)
    for row in range(line + 1, last):
        for n in numbers:
            sums[n] += rows[row][0][n]
        if any(sums[n] > own[n] + _NEAR for n in numbers):
            return
        if all(abs(sums[n] - own[n]) < _NEAR for n in numbers):
            yield row + 1


def _parts_of_all(rows: Rows) -> list[int]:
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


# -- lines beside the rows they add up, whatever they are called -----------------------------------


Numbers = tuple[float, ...]  # of a column, from row to row


class Block(NamedTuple):
    """A row and the consecutive ones, first to last, of which its numbers are the sums."""

    at: int
    first: int
    last: int


def sums_of_neighbours(columns: list[Numbers], is_odd: Callable[[Block], bool]) -> list[Block]:
    """Return the rows whose numbers are the sums of two rows or more right above or below them.

    The columns are of one length, a blank is 0. Numbers that are sums by accident are the likelier
    the smaller and rounder they are; of a row that is odd among its like, less is asked for. What
    was found adds nothing to lines over it.
    """
    found = dict[int, Block]()
    for _ in range(_LEVELS):
        new = [
            block
            for at, step in _sums_of_two(columns)
            if (block := _whole(columns, at, step)) is not None
            and _odds(columns, block) >= (_OF_ODD if is_odd(block) else _OF_ALL)
        ]
        if not new:
            break
        found.update((block.at, block) for block in new)
        columns = [tuple(0.0 if n in found else v for n, v in enumerate(c)) for c in columns]
    return sorted(found.values())


def _sums_of_two(columns: list[Numbers]) -> Iterator[tuple[int, int]]:
    """Yield rows, and on which side, of which the two rows next to them have no more.

    Told by the first number that is filled: nearly all other rows are done with here.
    """
    rest: Collection[int] = range(len(columns[0]) if columns else 0)
    for column in columns:
        if not rest:
            return
        two = [*map(add, column, column[1:])]
        above, below = (_MORE, _MORE, *two[:-1]), (*two[1:], _MORE, _MORE)
        for index, (value, before, behind) in enumerate(zip(column, above, below, strict=True)):
            if value and (before <= value + _NEAR or behind <= value + _NEAR) and index in rest:
                if behind <= value + _NEAR:
                    yield index, 1
                if before <= value + _NEAR:
                    yield index, -1
        rest = [index for index in rest if not column[index]]


def _whole(columns: list[Numbers], at: int, step: int) -> Block | None:
    """Return the rows on one side of which all of a row's numbers are the sums, if there are."""
    own = [column for column in columns if column[at]]
    if all(c[at].is_integer() for c in own) and prod(c[at] for c in own) < _OF_ODD:
        return None
    furthest, last = at, len(columns[0]) - 1
    for column in own:
        left, other = column[at], at
        while left > _NEAR and 0 <= other + step <= last:
            other += step
            left -= column[other]
        if not -_NEAR < left < _NEAR:
            return None
        furthest = max(furthest, other) if step > 0 else min(furthest, other)
    first, end = (at + 1, furthest + 1) if step > 0 else (furthest, at)
    if end - first < _LEAST_OF_A_GROUP - 1:
        return None
    are_sums = all(abs(sum(column[first:end]) - column[at]) < _NEAR for column in own)
    return Block(at, first, end - 1) if are_sums else None


def _odds(columns: list[Numbers], block: Block) -> int:
    """Return against how many it stands that numbers are sums by accident.

    Columns that say the same count once, and rows that all have the same numbers as one number.
    """
    added = {c[block.first : block.last + 1] for c in columns if c[block.at]}
    parts = [[*filter(None, part)] for part in added]
    digits = [_digits(sum(part)) for part in parts if len(part) > 1]
    are_alike = all(len(set(part)) == 1 for part in parts)
    return max(digits, default=0) if are_alike else prod(digits) if digits else 0


def _digits(number: float) -> int:
    """Return the digits of a number that carry something: 18.6 is 186, 400 is 4."""
    return int(f"{number:.6f}".replace(".", "").strip("0") or 0)
