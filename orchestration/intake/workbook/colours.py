"""Colours, and which of them nobody tells apart: the same for every kind of workbook.

What belongs here: comparing two. What does not: how a kind of workbook names one (its reader).
"""

from __future__ import annotations

import re
from functools import lru_cache

WHITE, BLACK = "FFFFFF", "000000"  # as six digits, upper case
_HEX = re.compile("[0-9A-F]{6}")
_NEARLY = 24  # of 255, by which red, green and blue may each differ


@lru_cache(maxsize=1024)
def are_alike(one: str, other: str) -> bool:
    """Tell whether nobody sees one colour on the other."""
    if one == other or not (_HEX.fullmatch(one) and _HEX.fullmatch(other)):
        return one == other
    return all(
        abs(int(one[n : n + 2], 16) - int(other[n : n + 2], 16)) <= _NEARLY for n in (0, 2, 4)
    )
