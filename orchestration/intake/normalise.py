"""From what a clerk typed to what it says: one cell at a time, never a guess.

What belongs here: how a text is read as a number, a date, yes or no, a code. What does not: where
the cell stands. What cannot be read for certain is a problem with its kind, and has no value.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from orchestration.forms import Code, Column
from orchestration.intake.template import load_units

BLANKS = frozenset({"", "—", "――", "-", "--", "–", "——", "/", "\\", "无", "暂无", "没有", "N/A", "n/a", "NA"})
_YES = frozenset({"是", "√", "✓", "✔", "有", "Y", "y", "yes", "YES", "Yes", "true", "TRUE", "1"})
_NO = frozenset({"否", "×", "✗", "✘", "N", "n", "no", "NO", "No", "false", "FALSE", "0"})
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_VAGUE = re.compile(r"约|近|余|多|左右|大概|以上|以下|\?|至|~|～")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_EXCEL_EPOCH = date(1899, 12, 30)
_SEPARATORS = re.compile(r"[、,，;；/\s]+")


class Reading(NamedTuple):
    """What a cell says: the read text or None, what was normalised, or what is wrong."""

    read: str | None
    normalised: str | None = None
    problem: str | None = None


_BLANK = Reading(None)


def typed_text(value: Any) -> str:
    """Return a cell's content as the text a person sees; whole numbers without a decimal point."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d") if value.time() == time() else value.isoformat(" ")
    return "" if value is None else str(value)


def read_cell(value: Any, column: Column, codes: tuple[Code, ...] | None) -> Reading:
    """Read one cell of a column; blank is blank, whatever way a clerk writes it."""
    if value is None or value == "":
        return _BLANK
    kind = column.type
    if kind in {"integer", "decimal"} and isinstance(value, int | float):
        if not isinstance(value, bool):
            return _plain_number(typed_text(value), kind)
    elif kind == "date" and isinstance(value, date):
        return Reading(value.strftime("%Y-%m-%d"))
    typed = typed_text(value)
    text = unicodedata.normalize("NFKC", typed).strip()
    if text in BLANKS and not (kind in {"boolean"} and text in _NO):
        return Reading(None, "dash_is_blank" if text else "trimmed")
    how = "full_width" if text != typed.strip() else "trimmed" if text != typed else None
    if kind == "text":
        return Reading(typed.strip(), "trimmed" if typed != typed.strip() else None)
    if kind in {"integer", "decimal"}:
        return _number(text, column, how)
    if kind == "boolean":
        if text in _YES or text in _NO:
            exact = text in {"是", "否"}
            return Reading(str(text in _YES).lower(), how if exact else "yes_no_sign")
        return Reading(None, None, "cell_is_not_yes_or_no")
    if kind == "date":
        return _date(value, text, how)
    return _codes(text, kind, codes or (), how)


def _plain_number(text: str, kind: str) -> Reading:
    if "e" in text or "n" in text:  # 1e+20, inf, nan
        return Reading(None, None, "cell_is_not_a_number")
    if kind == "integer" and "." in text:
        return Reading(None, None, "count_has_decimals")
    return Reading(text)


def _number(text: str, column: Column, how: str | None) -> Reading:
    if "%" in text:
        # A rate where a count or an amount belongs is not that count.
        return Reading(None, None, "cell_is_not_a_number")
    if _VAGUE.search(text):
        return Reading(None, None, "cell_is_ambiguous")
    bare = _without_unit(text, column.unit)
    if bare != text:
        how = "unit_suffix"
    if _GROUPED.fullmatch(bare):
        bare, how = bare.replace(",", ""), "thousands_separator"
    if not _NUMBER.fullmatch(bare):
        return Reading(None, None, "cell_is_not_a_number")
    try:
        number = Decimal(bare)
    except InvalidOperation:
        return Reading(None, None, "cell_is_not_a_number")
    if column.type == "integer":
        if number != number.to_integral_value():
            return Reading(None, None, "count_has_decimals")
        return Reading(str(int(number)), how)
    return Reading(format(number.normalize(), "f"), how)


@lru_cache
def _suffixes(unit: str | None) -> tuple[str, ...]:
    if unit is None:
        return ()
    words = (unicodedata.normalize("NFKC", word) for word in load_units()[unit]["suffixes"])
    return tuple(sorted(words, key=len, reverse=True))


def _without_unit(text: str, unit: str | None) -> str:
    for suffix in _suffixes(unit):
        if text.endswith(suffix):
            return text.removesuffix(suffix).strip()
    return text


def _date(value: Any, text: str, how: str | None) -> Reading:
    if isinstance(value, int | float) and 20000 < value < 80000 and float(value).is_integer():
        found = _EXCEL_EPOCH + timedelta(days=int(value))
        return Reading(found.isoformat(), "excel_serial")
    matched = _DATE.fullmatch(text.split(" ")[0])
    if matched is None and re.fullmatch(r"\d{8}", text):
        matched = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    if matched:
        try:
            return Reading(date(*map(int, matched.groups())).isoformat(), "text_date")
        except ValueError:
            pass
    return Reading(None, None, "cell_is_not_a_date")


def _codes(text: str, kind: str, codes: tuple[Code, ...], how: str | None) -> Reading:
    words = _SEPARATORS.split(text) if kind == "code_list" else [text]
    found = []
    for word in filter(None, words):
        code, is_alias = _code_by_word(codes).get(word, (None, False))
        if code is None:
            return Reading(None, None, "code_is_not_in_list")
        how = "code_alias" if is_alias else how
        found.append(code)
    return Reading(";".join(dict.fromkeys(found)), how)


@lru_cache
def _code_by_word(codes: tuple[Code, ...]) -> dict[str, tuple[str, bool]]:
    words: dict[str, tuple[str, bool]] = {}
    for code in codes:
        for alias in code.aliases:
            words[unicodedata.normalize("NFKC", alias)] = (code.code, True)
    for code in codes:
        words[unicodedata.normalize("NFKC", code.zh)] = (code.code, False)
    return words


_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def personal_number(text: str) -> str | None:
    """Return the problem kind if a text holds an identity-card or a mobile number.

    An identity-card number ends in a check digit (GB 11643-1999), which other long numbers miss.
    """
    for number in _IDENTITY.findall(text):
        total = sum(int(d) * w for d, w in zip(number[:17], _WEIGHTS, strict=True))
        if "10X98765432"[total % 11] == number[17].upper():
            return "text_holds_identity_number"
    return "text_holds_mobile_number" if _MOBILE.search(text) else None
