"""What became of every cell of a workbook: read, converted, passed over, or not read.

What belongs here: the outcomes, and a sheet's account of them. What does not: how a cell is found
and read (layout/, normalise.py), and how the account is shown (schools/, web/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from orchestration.ground.text import Term


@lru_cache(maxsize=65536)
def address(row: int, column: int) -> str:
    """Return the address of a zero-based cell: (4, 2) is C5."""
    letters, left = "", column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"


def address_of(top: int, left: int, bottom: int, right: int) -> str:
    """Return the address of a range; of one cell, that cell's."""
    first, last = address(top, left), address(bottom, right)
    return first if first == last else f"{first}:{last}"


class Outcome(Term):
    """What became of a cell that says something; it has one of these and no other."""

    label = "label", "表样", "part of the form"
    read = "read", "已读", "read"
    converted = "converted", "换算后读入", "read after conversion"
    passed_over = "passed_over", "未计入", "passed over"
    not_read = "not_read", "未读", "not read"


class Entry(NamedTuple):
    """A cell, or adjoining cells of one outcome, that a person should see accounted for.

    `typed` is what stands there as it is shown, `read` what it was read as; `kind` says how it was
    converted or why it was not read, as the id of a `Normalisation` or of a rule.
    """

    sheet: str
    range: str
    column_id: str
    typed: str
    read: str | None
    outcome: Outcome
    kind: str


@dataclass
class SheetReceipt:
    """One sheet's account: how many cells had which outcome, and those that are listed.

    A label and a cell read as it stands are counted only; the raw tables hold the latter.
    """

    sheet: str
    counts: Counter[Outcome] = field(default_factory=Counter)
    entries: list[Entry] = field(default_factory=list)


class Mark(NamedTuple):
    """What became of one cell: its outcome and, for one that is listed, what is listed of it."""

    outcome: Outcome
    kind: str


_LONGEST = 60
_MOST_OPEN = 64  # blocks that a cell is compared with
_MOST_BLOCKS = 50  # of one mark on a sheet; those behind them become one, however far apart


class Block(NamedTuple):
    """Adjoining cells of which the same became, with the first of what stands there."""

    top: int
    left: int
    bottom: int
    right: int
    mark: Mark
    texts: tuple[str, ...]
    places: int = 1  # how many blocks were joined that do not adjoin

    @property
    def range(self) -> str:
        """Its address: one cell, or the first and the last."""
        return address_of(self.top, self.left, self.bottom, self.right)

    @property
    def typed(self) -> str:
        """What stands there, as far as a list has room for it."""
        text = "、".join(self.texts[:3])
        if self.places > 1:
            return f"{text[:_LONGEST]}…（×{self.places}）"
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

    @property
    def is_full(self) -> bool:
        """Whether no more of what stands there is kept."""
        return len(self.texts) > 2

    def touches(self, row: int, column: int) -> bool:
        """Tell whether a cell below or right of its first adjoins it."""
        return row <= self.bottom + 1 and self.left - 1 <= column <= self.right + 1


def blocks(cells: Iterable[tuple[int, int, str, Mark]]) -> list[Block]:
    """Join cells, given row by row with what stands there, to blocks of one mark.

    Cells scattered over a sheet would be a finding each: beyond some fifty, the rest are one.
    """
    found: list[Block] = []
    for row, column, text, mark in cells:
        for number in range(len(found) - 1, max(-1, len(found) - 1 - _MOST_OPEN), -1):
            block = found[number]
            if block.mark == mark and block.touches(row, column):
                if row == block.bottom and block.left <= column <= block.right and block.is_full:
                    break
                left, right = min(block.left, column), max(block.right, column)
                texts = block.texts if block.is_full else (*block.texts, text)
                found[number] = Block(block.top, left, row, right, mark, texts)
                break
        else:
            found.append(Block(row, column, row, column, mark, (text,)))
    return found if len(found) <= _MOST_BLOCKS else _few(found)


def _few(found: list[Block]) -> list[Block]:
    """Return the first blocks of each mark, and one in the place of all behind them."""
    kept, rest = list[Block](), dict[Mark, list[Block]]()
    counts = Counter[Mark]()
    for block in found:
        counts[block.mark] += 1
        if counts[block.mark] <= _MOST_BLOCKS:
            kept.append(block)
        else:
            rest.setdefault(block.mark, []).append(block)
    return [*kept, *(_joined(mark, blocks) for mark, blocks in rest.items())]


def _joined(mark: Mark, blocks: list[Block]) -> Block:
    top, left = min(block.top for block in blocks), min(block.left for block in blocks)
    bottom, right = (
        max(block.bottom for block in blocks),
        max(block.right for block in blocks),
    )
    texts = tuple(text for block in blocks[:3] for text in block.texts)[:3]
    return Block(top, left, bottom, right, mark, texts, len(blocks))
