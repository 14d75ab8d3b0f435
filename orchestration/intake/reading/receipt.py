"""What became of every cell of a workbook: read, converted, passed over, or not read.

What belongs here: the outcomes, and a sheet's account of them. What does not: how a cell is found
and read (layout.py, normalise.py), and how the account is shown (schools/, web/).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from orchestration.ground.text import Term


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
