"""Numbers that a cell shows with fewer digits than it stores, so that a figure hangs on them.

What belongs here: telling such a loss from a rounding that the form's own decimals do. What does
not: what a format shows (intake/workbook/number_format.py).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from orchestration.forms.contract import Column, ColumnType

_DIGITS = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+")
# What rounding may take: an amount is shown with at least one decimal, a count with none.
_KEPT = {ColumnType.integer: Decimal("0.5"), ColumnType.decimal: Decimal("0.05")}


def loses_digits(shown: str, stored: Any, read: str | None, column: Column) -> bool:
    """Tell whether what was read of a cell is another figure than what it stores."""
    found = _DIGITS.search(shown)
    kept = _KEPT.get(column.type)
    if found is None or read is None or kept is None or not isinstance(stored, int | float):
        return False
    number, value = Decimal(found[0].replace(",", "")), abs(Decimal(f"{stored:.15g}"))
    if not number or not value:
        return value > kept
    # By how many places the point was moved, as 0, and 0!.0, do; without a word nobody sees it.
    moved = round((value / number).log10())
    if moved and found[0] == shown.strip():
        return True
    lost = abs(value.scaleb(-moved) - number) * abs(Decimal(read)) / number
    return lost > (_KEPT[ColumnType.decimal] if moved else kept)
