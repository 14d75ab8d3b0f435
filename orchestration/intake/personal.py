"""Numbers of persons: an identity card's or a mobile telephone's, wherever they were typed.

What belongs here: telling such a number. What does not: what becomes of a text that holds one
(submission.py, problem_list.py).
"""

from __future__ import annotations

import re
from datetime import date

from orchestration.intake.normalise import narrow
from orchestration.intake.workbook.problems import ProblemKind

_IDENTITY = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86[- ]?)?1[3-9][0-9]([- ]?)[0-9]{4}\1[0-9]{4}(?![0-9])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


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
