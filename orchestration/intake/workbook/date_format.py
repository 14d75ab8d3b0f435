"""What a number format makes of a date or a time: the text that a person sees in the cell.

What belongs here: the formats of ECMA-376 part 1, 18.8.30 and 18.8.31, of days and hours in
digits. What does not: numbers (number_format.py); months and weekdays in words, eras and durations,
of which no picture is guessed.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

from orchestration.intake.workbook.number_format import first_section, is_date, is_white, tokens

# Ids that a workbook need not spell out, as Excel and WPS show them in Chinese.
_YEAR, _MONTH, _DAY = 'yyyy"年"', 'm"月"', 'd"日"'
BUILT_IN_DATES = {
    14: "yyyy/m/d",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy/m/d h:mm",
    30: "m-d-yy",
    31: _YEAR + _MONTH + _DAY,
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    **dict.fromkeys((27, 36, 50, 52, 57), _YEAR + _MONTH),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), _MONTH + _DAY),
    **dict.fromkeys((34, 55), '上午/下午h"时"mm"分"'),
    **dict.fromkeys((35, 56), '上午/下午h"时"mm"分"ss"秒"'),
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
}
_FIELDS = {
    **{"y": "%y", "yy": "%y", "yyy": "%Y", "yyyy": "%Y", "dd": "%d", "mm": "%m"},
    **{"hh": "%H", "ss": "%S", "minutes": "%M"},
}
_BRACKET = re.compile(r"\$[^-]*-0*(?:804|1000804|409)", re.IGNORECASE)
# Nobody agrees on the days of the first two months: Lotus had a 29th of February 1900.
_FIRST_SERIAL, _LAST_SERIAL = 61, 2_958_465
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)


@lru_cache(maxsize=512)
def is_whole_day(code: str) -> bool:
    """Tell whether a format shows year, month and day: everybody takes that for a day."""
    if is_doubtful(code):
        return False
    others = [token["other"].lower() for token in first_section(code) if token["other"]]
    return is_date(code) and {"y", "m", "d"} <= set(others) and not is_white(code)


@lru_cache(maxsize=512)
def is_doubtful(code: str) -> bool:
    """Tell whether a format shows digits of its own among a date's, or not every number alike."""
    said = [token["quoted"] or token["escaped"] or token["other"] for token in tokens(code)]
    is_with_digits = any(sign.isdigit() for text in said if text for sign in text)
    brackets = [token["bracket"] for token in tokens(code) if token["bracket"]]
    return is_with_digits or any(text[0] in "<>=" for text in brackets)


def is_beyond(serial: str, is_1904: bool = False) -> bool:
    """Tell whether a number is none of a day: Excel shows ##### for it, however wide the cell."""
    try:
        days = float(serial)
    except ValueError:
        return False
    return not 0 <= days < _LAST_SERIAL + 1 - (1462 if is_1904 else 0)


def moment_of(serial: str, is_1904: bool = False) -> datetime | None:
    """Return the moment of a serial number; none of one that is none, or none for certain."""
    try:
        days = float(serial)
    except ValueError:
        return None
    if is_1904:
        return _after(_EPOCH_1904, days) if 0 <= days <= _LAST_SERIAL - 1462 else None
    return _after(_EPOCH, days) if _FIRST_SERIAL <= days <= _LAST_SERIAL else None


def _after(epoch: datetime, days: float) -> datetime:
    return epoch + timedelta(seconds=round(days * 86400))


def date_picture(moment: datetime, code: str) -> str | None:
    """Return the text that a format makes of a moment; none if it cannot be told."""
    parts = _parts(code)
    if parts is None:
        return None
    return "".join(_shown(moment, text) if is_field else text for is_field, text in parts)


def _shown(moment: datetime, field: str) -> str:
    if field in _FIELDS:
        return moment.strftime(_FIELDS[field])
    plain = {"m": moment.month, "d": moment.day, "h": moment.hour, "s": moment.second}
    return str(plain.get(field, moment.minute))


@lru_cache(maxsize=512)
def _parts(code: str) -> tuple[tuple[bool, str], ...] | None:
    """Return a format's parts, each a field or a text; none where one is not known."""
    parts: list[tuple[bool, str]] = []
    for token in first_section(code):
        kind = str(token.lastgroup)
        text = token[kind]
        if kind == "other" and text.isascii() and text.isalpha():
            sign = text.lower()
            if parts and parts[-1][0] and parts[-1][1][0] == sign:
                parts[-1] = (True, parts[-1][1] + sign)
            else:
                parts.append((True, sign))
        elif kind in ("quoted", "escaped", "other"):
            parts.append((False, text))
        elif kind == "padding" or (kind == "bracket" and _BRACKET.fullmatch(text)):
            parts.append((False, " " if kind == "padding" else ""))
        else:
            return None
    if "上午/下午" in "".join(text for is_field, text in parts if not is_field):
        return None
    fields = [n for n, (is_field, _) in enumerate(parts) if is_field]
    for before, at, behind in zip([None, *fields], fields, [*fields[1:], None], strict=False):
        is_hour = before is not None and parts[before][1] in ("h", "hh")
        is_minute = is_hour or (behind is not None and parts[behind][1] in ("s", "ss"))
        if parts[at][1] in ("m", "mm") and is_minute:
            parts[at] = (True, "minutes" if parts[at][1] == "mm" else "minute")
    known = {*_FIELDS, "m", "d", "h", "s", "minute"}
    return tuple(parts) if all(parts[n][1] in known for n in fields) else None
