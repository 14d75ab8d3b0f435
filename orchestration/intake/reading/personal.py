"""Numbers of persons: an identity card's or a mobile telephone's, wherever they were typed.

What belongs here: telling such a number, and leaving it out of what is shown. What does not: a list
that goes back to its school (problem_list.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from orchestration.intake.plain_text import narrow
from orchestration.intake.receipt import address
from orchestration.intake.workbook.problems import Problem, ProblemKind
from orchestration.intake.workbook.sheet import Sheet

_IDENTITY = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86[- ]?)?1[3-9][0-9]([- ]?)[0-9]{4}\1[0-9]{4}(?![0-9])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SHORTEST = 11  # digits, as a text has characters
_LEAST = 10 ** (_SHORTEST - 1)


@lru_cache(maxsize=8192)  # labels are the same in every workbook
def personal_number(text: str) -> ProblemKind | None:
    """Return the problem kind if a text holds an identity-card or a mobile number.

    An identity-card number ends in a check digit (GB 11643-1999), which other long numbers miss.
    """
    text = narrow(text)
    for number in _IDENTITY.findall(text):
        total = sum(int(d) * w for d, w in zip(number[:17], _WEIGHTS, strict=True))
        if "10X98765432"[total % 11] == number[17].upper():
            return ProblemKind.text_holds_identity_number
    return ProblemKind.text_holds_mobile_number if _MOBILE.search(text) else None


def personal_number_typed(value: int | float) -> ProblemKind | None:
    """Return the problem kind if a number is personal.

    A spreadsheet keeps 15 digits of an identity number, so its date of birth has to tell it.
    """
    if not 1.3e10 <= value < 1e18 or value != int(value):
        return None
    digits = f"{value:.0f}"
    if len(digits) == 18:
        try:
            born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
        except ValueError:
            return None
        return ProblemKind.text_holds_identity_number if 1900 <= born.year < 2100 else None
    return personal_number(digits)


def personal_numbers(sheet: Sheet) -> Iterator[Problem]:
    """Yield a problem for each cell with such a number; the number itself is not repeated."""
    # Without a call a cell: there are hundreds of cells a sheet, and hardly ever one such.
    long: list[tuple[int, int, Any]] = [
        (row, column, value)
        for row, values in enumerate(sheet.rows)
        for column, value in enumerate(values)
        if value
        and (
            (type(value) is str and len(value) >= _SHORTEST)
            or ((type(value) is float or type(value) is int) and value >= _LEAST)
        )
    ]
    for row, column, value in long:
        kind = personal_number(value) if type(value) is str else personal_number_typed(value)
        if kind:
            yield Problem(kind, sheet.name, address(row, column))


def without_personal_number(text: str) -> str:
    """Return what may be shown of a text; the address of its cell finds the rest."""
    return "***" if len(text) >= _SHORTEST and personal_number(text) else text
