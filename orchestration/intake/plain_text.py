"""What is in a cell as plain text: as typed, in ordinary width, without what nobody sees.

What belongs here: texts as texts. What does not: what a column makes of one (normalise.py).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time
from functools import lru_cache
from itertools import groupby
from typing import Any

# What a spreadsheet keeps of a number; a longer one has lost digits on its way.
MOST_DIGITS = 15
# Signs that nobody sees, as ranges; dbt's `name_key` leaves out the same ones.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)


def typed_text(value: Any) -> str:
    """Return a cell's content as the text a person sees; whole numbers without a decimal point.

    A spreadsheet shows 15 digits at most, so the rest of a binary fraction is no one's typing.
    """
    if isinstance(value, str):
        return value
    if type(value) is float and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.{MOST_DIGITS}g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return "" if value is None else str(value)


def narrow(text: str) -> str:
    """Return a text in ordinary width and without what nobody sees."""
    return text.strip() if text.isascii() else _narrow(text)


@lru_cache(maxsize=8192)
def _narrow(text: str) -> str:
    parts = groupby(without_unseen(text), _is_marked_digit)
    said = ("".join(part) if marked else _normal("".join(part)) for marked, part in parts)
    return "".join(said).strip()


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _is_marked_digit(sign: str) -> bool:
    """Tell whether a sign is ², ①, ½ or the like, of which NFKC makes digits: 10² is not 102."""
    is_number = sign.isnumeric() and not sign.isdecimal()
    return is_number and any(map(str.isnumeric, _normal(sign)))


def without_unseen(text: str) -> str:
    """Return a text without the signs that nobody sees."""
    return text if text.isascii() else _UNSEEN.sub("", text)
