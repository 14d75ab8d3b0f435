"""From what a clerk typed to what it says: one cell at a time, never a guess.

What belongs here: how a text is read as a number, a date, yes or no, a code. What does not: where
the cell stands. What cannot be read for certain is a problem with its kind, and has no value.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from orchestration.forms.contract import NO, NUMERIC_TYPES, YES, Code, Column, load_units
from orchestration.intake.workbook.unread import Unread

_DASHES = re.compile(r"[-‐‑‒–—―─/\\\\]+")
_BLANK_WORDS = frozenset({"", "无", "暂无", "没有", "N/A", "n/a", "NA"})
_ERRORS = frozenset(
    {"#REF!", "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#SPILL!", "#CALC!"}
)
_YES = frozenset({"是", "√", "✓", "✔", "有", "Y", "y", "yes", "YES", "Yes", "true", "TRUE", "1"})
_NO = frozenset({"否", "×", "✗", "✘", "N", "n", "no", "NO", "No", "false", "FALSE", "0"})
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_VAGUE = re.compile(r"约|近|余|多|左右|大概|以上|以下|\?|至|~|～")
# What a spreadsheet keeps of a number; a longer one has lost digits on its way.
_MOST_DIGITS = 15
_DATE = re.compile(
    r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?"
    r"(?:\s+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
)
_EXCEL_EPOCH = date(1899, 12, 30)
_SEPARATORS = re.compile(r"[、,，;；/\s]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
# ¹ ² ① ½ and their kind, which plain NFKC would turn into ordinary digits: 10² is not 102.
_MARKED_DIGITS = re.compile("([²³¹¼-¾⁰-₉⅐-⅟①-⓿❶-➓㈠-㊰])")
_PLAIN_CODE = re.compile(r"[0-9A-Za-z.+-]+")


class Reading(NamedTuple):
    """What a cell says: the read text or None, what was normalised, or what is wrong."""

    read: str | None
    normalised: str | None = None
    problem: str | None = None


_BLANK = Reading(None)


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
        return f"{value:.{_MOST_DIGITS}g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return "" if value is None else str(value)


def read_cell(
    value: Any, column: Column, codes: tuple[Code, ...] | None, typed: str | None = None
) -> Reading:
    """Read one cell of a column; blank is blank, whatever way a clerk writes it.

    `typed` is the value's `typed_text`, if the caller has it.
    """
    if value is None or value == "":
        return _BLANK
    if isinstance(value, Unread):
        return Reading(None, None, value.kind)
    kind, typed = column.type, typed_text(value) if typed is None else typed
    if kind in NUMERIC_TYPES and isinstance(value, int | float) and not isinstance(value, bool):
        return _number(typed, kind)
    if kind == "date" and isinstance(value, date):
        return Reading(value.isoformat()[:10])
    if kind == "date" and isinstance(value, int | float) and 20000 < value < 80000:
        found = _EXCEL_EPOCH + timedelta(days=int(value))
        return Reading(found.isoformat(), "excel_serial")
    text = narrow(typed)
    if text in _BLANK_WORDS or _DASHES.fullmatch(text):
        return Reading(None, "dash_is_blank" if text else "trimmed")
    if text in _ERRORS:
        return Reading(None, None, "cell_is_an_error")
    return _read_text(typed, text, column, codes or ())


def _read_text(typed: str, text: str, column: Column, codes: tuple[Code, ...]) -> Reading:
    how = "full_width" if text != typed.strip() else "trimmed" if text != typed else None
    match column.type:
        case "text":
            return _text(typed, text)
        case "integer" | "decimal":
            return _number_text(text, column, how)
        case "boolean":
            return _yes_or_no(text, how)
        case "date":
            return _date(text, how)
        case _:
            return _codes(text, column.type, codes, how)


def _yes_or_no(text: str, how: str | None) -> Reading:
    if text not in _YES and text not in _NO:
        return Reading(None, None, "cell_is_not_yes_or_no")
    return Reading(str(text in _YES).lower(), how if text in (YES, NO) else "yes_no_sign")


def narrow(text: str) -> str:
    """Return a text in ordinary width and without what nobody sees."""
    return text.strip() if text.isascii() else _narrow(text)


@lru_cache(maxsize=8192)
def _narrow(text: str) -> str:
    parts = _MARKED_DIGITS.split(_INVISIBLE.sub("", text))
    # Every second part is a marked digit, which stays as it is.
    parts[::2] = [unicodedata.normalize("NFKC", part) for part in parts[::2]]
    return "".join(parts).strip()


def _text(typed: str, text: str) -> Reading:
    """Keep a text as it is; a code in full-width digits is the same code."""
    if _PLAIN_CODE.fullmatch(text) and text != typed:
        return Reading(text, "trimmed" if text == typed.strip() else "full_width")
    bare = typed.strip()
    return Reading(bare, "trimmed" if bare != typed else None)


def _number_text(text: str, column: Column, how: str | None) -> Reading:
    if "%" in text:
        # A rate where a count or an amount belongs is not that count.
        return Reading(None, None, "cell_is_not_a_number")
    if _VAGUE.search(text):
        return Reading(None, None, "cell_is_ambiguous")
    bare = _without_unit(text, column.unit).replace("\u2212", "-")
    if bare != text:
        how = "unit_suffix"
    if _GROUPED.fullmatch(bare):
        bare, how = bare.replace(",", ""), "thousands_separator"
    if not _NUMBER.fullmatch(bare):
        return Reading(None, None, "cell_is_not_a_number")
    return _number(bare, column.type, how)


def _number(text: str, kind: str, how: str | None = None) -> Reading:
    plain = len(text) < _MOST_DIGITS and text.isascii() and text.isdecimal() and text[0] != "0"
    if plain and how is None:
        return Reading(text)  # what nearly every cell holds
    number = Decimal(text)
    # adjusted() is the exponent of the first digit; inf and nan have none.
    if not number.is_finite() or number.adjusted() >= _MOST_DIGITS:
        return Reading(None, None, "cell_is_not_a_number")
    if number < 0:
        return Reading(None, None, "number_is_negative")
    whole = number == number.to_integral_value()
    if kind == "integer" and not whole:
        return Reading(None, None, "count_has_decimals")
    read = str(int(number)) if whole else format(number.normalize(), "f")
    return Reading(read, how or (None if read == text else "written_plainly"))


@lru_cache
def _suffixes(unit: str | None) -> tuple[str, ...]:
    if unit is None:
        return ()
    words = {narrow(word) for word in load_units()[unit]["suffixes"]}
    return tuple(sorted(words, key=len, reverse=True))


def _without_unit(text: str, unit: str | None) -> str:
    for suffix in _suffixes(unit):
        if text.endswith(suffix):
            return text.removesuffix(suffix).strip()
    return text


def _date(text: str, how: str | None) -> Reading:
    matched = _DATE.fullmatch(text) or re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", text)
    if matched:
        try:
            read = date(*map(int, matched.groups())).isoformat()
        except ValueError:
            return Reading(None, None, "cell_is_not_a_date")
        return Reading(read, how if read == text else "text_date")
    return Reading(None, None, "cell_is_not_a_date")


def _codes(text: str, kind: str, codes: tuple[Code, ...], how: str | None) -> Reading:
    words = [word for word in _SEPARATORS.split(text) if word] if kind == "code_list" else [text]
    found = []
    for word in words:
        code, is_alias = _code_by_word(codes).get(word, (None, False))
        if code is None:
            return Reading(None, None, "code_is_not_in_list")
        how = "code_alias" if is_alias else how
        found.append(code)
    if not found:
        return Reading(None, None, "code_is_not_in_list")
    return Reading(";".join(dict.fromkeys(found)), how)


@lru_cache
def _code_by_word(codes: tuple[Code, ...]) -> dict[str, tuple[str, bool]]:
    words: dict[str, tuple[str, bool]] = {}
    for code in codes:
        for alias in code.aliases:
            words[narrow(alias)] = (code.code, True)
    for code in codes:
        words[narrow(code.zh)] = (code.code, False)
    return words


_IDENTITY = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86[- ]?)?1[3-9][0-9]([- ]?)[0-9]{4}\1[0-9]{4}(?![0-9])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def personal_number(text: str) -> str | None:
    """Return the problem kind if a text holds an identity-card or a mobile number.

    An identity-card number ends in a check digit (GB 11643-1999), which other long numbers miss.
    """
    text = narrow(text)
    for number in _IDENTITY.findall(text):
        total = sum(int(d) * w for d, w in zip(number[:17], _WEIGHTS, strict=True))
        if "10X98765432"[total % 11] == number[17].upper():
            return "text_holds_identity_number"
    return "text_holds_mobile_number" if _MOBILE.search(text) else None


def personal_number_typed(value: int | float) -> str | None:
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
        return "text_holds_identity_number" if 1900 <= born.year < 2100 else None
    return personal_number(digits)
