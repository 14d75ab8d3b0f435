"""Days as clerks and programs type them, in figures or in Chinese numerals.

What belongs here: which day a text says. What does not: cells that hold a day themselves, which the
readers know, and what a column makes of it (normalise.py).
"""

from __future__ import annotations

import re
from datetime import date

from orchestration.ground.chinese_dates import with_year_in_digits

_DATE = re.compile(
    r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*[日号]?"
    r"(?:\s+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
)
_WEEKDAYS = "一二三四五六日"
_WEEKDAY = re.compile(rf"\s*\(?(?:星期|周)([{_WEEKDAYS}天])\)?$")
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
# A day as programs write it. The hour of another zone than ours may be of the day before or after.
_STAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?:[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:\+08:?00)?"
    r"|00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00))"
)


def day_said(text: str) -> str | None:
    """Return the day that a text in ordinary width says, as ISO 8601; none if it says none.

    A day of the week behind it must be its own.
    """
    text = with_year_in_digits(text)
    weekday = _WEEKDAY.search(text)
    text = text[: weekday.start()] if weekday else text
    stamped = _STAMP.fullmatch(text)
    text = stamped[1] if stamped else text
    matched = _DATE.fullmatch(text) or _DIGITS.fullmatch(text)
    if matched is None:
        return None
    try:
        day = date(*map(int, matched.groups()))
    except ValueError:
        return None
    said = weekday[1].replace("天", "日") if weekday else _WEEKDAYS[day.weekday()]
    return day.isoformat() if said == _WEEKDAYS[day.weekday()] else None
