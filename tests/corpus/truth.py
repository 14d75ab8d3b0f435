"""What a careful clerk would say is filed, beside what was done to the workbook.

What belongs here: a case, its mess and its truth. What does not: the cases (cases/), and holding
what was read against them (judge.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from grids import Book

# Two readings are as likely, or none: whatever is read, somebody has to be asked.
NOBODY_CAN_TELL = object()
ALL = ("xlsx", "xls", "ods", "csv.zip")
SHEETS = ("xlsx", "xls", "ods")


@dataclass
class Truth:
    """What differs from the untouched workbook: nothing, or these values and these records.

    `values` are by table and column, `records` by table; `None` is a blank. A sheet in `asked`
    holds what no value came from and what somebody has to be asked about all the same.
    """

    values: dict[tuple[str, str], Any] = field(default_factory=dict)
    records: dict[str, Any] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    # Sheets where a finding may stand instead: the copy beside the original.
    beside: set[str] = field(default_factory=set)
    # A word for what the file is, which its one finding has to say.
    told: str = ""


@dataclass(frozen=True)
class Case:
    """One mess: a function that makes it and returns the truth, in every format that can hold it.

    A good file is read as it is meant, and nobody is asked anything.
    """

    kind: str
    name: str
    mess: Callable[[Book], Truth | None]
    formats: Sequence[str] = ALL
    is_good: bool = False
    filer: str = "school"
    write: Callable[[Book], bytes] | None = None  # instead of the format's own writer

    def files(self) -> list[tuple[str, str]]:
        return [(f"{self.kind}: {self.name}", kind) for kind in self.formats]
