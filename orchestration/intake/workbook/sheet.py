"""What a file's reader gives: sheets of cells.

What belongs here: these records. What does not: how a file becomes them (reader.py, xls.py,
unread.py) and what a cell means (intake/reading/normalise.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from orchestration.intake.workbook.problems import ProblemKind


@dataclass(frozen=True)
class Unread:
    """A cell that says something which is no value; `text` is its formula or its error."""

    kind: ProblemKind
    text: str

    def __str__(self) -> str:
        return self.text


# A cell holds what a spreadsheet knows: text, number, truth, date, time, `Unread`, nothing.
Cells = list[Any]


@dataclass
class Sheet:
    """One sheet: rows of cells from A1 on. A cell without a readable value is an `Unread`.

    Rows and columns are zero-based; a merged range is its top, left, bottom and right.
    """

    name: str
    rows: list[Cells]
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
