"""Records that may be totals though they do not say so: which, and of what they are the sums.

What belongs here: what is said of them, and when one is odd among its like. What does not: finding
sums (of_others.py, of_groups.py), and totals that say that they are (intake/reading/totals.py).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from orchestration.ground.text import Text
from orchestration.intake.layout.row_words import names_a_group
from orchestration.intake.reading.sums.of_groups import Block, heads_of_groups, sums_of_neighbours
from orchestration.intake.reading.sums.of_others import sums_of_others

LEAST_ROWS = 3  # of which one is the sum of the others
_OF_OTHERS = Text("，各数等于其他各行之和", ": its numbers are the sums of other rows")
_OF_BELOW = Text("，各数等于其下各行之和", ": its numbers are the sums of rows below")


class Untold(NamedTuple):
    """A record that may be a total; `is_head`, if it lacks words that its like have."""

    at: int
    detail: Text
    is_head: bool = False


def untold_totals(
    row_numbers: list[int],
    numbers: list[list[float]],
    words: list[list[str | None]],
    totals: list[int],
) -> Iterator[Untold]:
    """Yield the records that may be totals.

    Of each record there are the row it stands in, its numbers, a blank as 0, and its words, of
    which the first is what it is about; `totals` are the rows that say that they are one.
    """
    columns = [column for column in zip(*numbers, strict=True) if any(column)]
    if not columns:
        return
    ends = [bisect_right(sorted(row_numbers), row) for row in totals]
    filled = [*zip(*columns, strict=True)]
    rows = [(own, texts[1:]) for own, texts in zip(filled, words, strict=True)]
    for index in sums_of_others([(own, any(texts)) for own, texts in rows], ends):
        yield Untold(index, _OF_OTHERS)
    for index in heads_of_groups(rows):
        yield Untold(index, _OF_BELOW, is_head=True)

    def is_odd(block: Block) -> bool:
        return _is_odd(words[block.at], words[block.first : block.last + 1])

    for block in sums_of_neighbours(columns, is_odd):
        yield Untold(block.at, _of_rows(row_numbers[block.first], row_numbers[block.last]))


def _of_rows(first: int, last: int) -> Text:
    return Text(
        f"，各数等于第 {first} 至 {last} 行之和，是合计吗",
        f": its numbers are the sums of rows {first} to {last}; is it a total?",
    )


def _is_odd(own: list[str | None], others: list[list[str | None]]) -> bool:
    """Tell whether a record is unlike those that it adds up: by its code, its name, a blank.

    7102 among 710201 and 710202; 信息技术类; a name without a code; the code of one of them again.
    """
    codes = [words[0] for words in others if words and words[0] and words[0].isdigit()]
    code = own[0] if own and own[0] and own[0].isdigit() else None
    if code and codes and (code in codes or len(code) not in set(map(len, codes))):
        return True
    lacks = any(not word and all(column) for word, *column in zip(own, *others, strict=True))
    return not own or lacks or any(word and names_a_group(word) for word in own[:2])
