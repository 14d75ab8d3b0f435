"""Values of cells and formulas: numbers, texts, blanks, truths, and when two of them are one.

What belongs here: comparing, rounding, criteria. What does not: formulas (formula.py).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

Value = float | str | bool | None  # of a cell: a number, a text, a truth, a blank
_MOST_DIGITS = 12  # to which a number is rounded
_CLOSE = 1e-9  # relative; what computing in another order makes of a sum
_CRITERION = re.compile(r"(<=|>=|<>|[<>=]?)([^*?~]*)")
_ORDER: dict[str, Callable[[float | str, float | str], bool]] = {
    **{"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge},
    **{"=": operator.eq, "<>": operator.ne},
}
COMPARING = tuple(_ORDER)


class NotUnderstoodError(Exception):
    """A formula with something in it that is not computed here, or that has no number."""


def number_in(text: str) -> float:
    """Return the number that a text is; raises `NotUnderstoodError`."""
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise NotUnderstoodError from None


def as_number(value: Value) -> float:
    """Return a value as arithmetic takes it, a blank as 0; raises `NotUnderstoodError`."""
    return number_in(value) if isinstance(value, str) else float(value or 0.0)


def rounded(value: float, digits: int) -> float:
    """Return a number rounded as spreadsheets do it: a half away from zero."""
    if abs(digits) > _MOST_DIGITS:
        raise NotUnderstoodError
    step = Decimal(1).scaleb(-digits)
    return float((Decimal(f"{value:.15g}") / step).quantize(Decimal(1), ROUND_HALF_UP) * step)


def are_close(one: float, other: float) -> bool:
    """Tell whether two numbers are one but for the order of computing."""
    return abs(one - other) <= _CLOSE * max(1.0, abs(one), abs(other))


def is_same(kept: Value, given: Value, is_rounded: bool) -> bool:
    """Tell whether two values are one; a reference to a blank is 0 or blank."""
    if given is None:
        return not kept
    if isinstance(given, str) and isinstance(kept, str):
        return given.split() == kept.split()
    try:
        one, other = (number_in(v) if isinstance(v, str) else v for v in (kept, given))
    except NotUnderstoodError:
        return False
    if one is None or other is None:
        return False
    if is_rounded:
        _, _, decimals = f"{one:f}".rstrip("0").partition(".")
        other = rounded(other, len(decimals))
    return are_close(one, other)


def compared(one: Value, sign: str, other: Value) -> bool:
    """Return how two values compare as spreadsheets do it; raises `NotUnderstoodError`."""
    if one is None:
        one = "" if isinstance(other, str) else 0.0
    if other is None:
        other = "" if isinstance(one, str) else 0.0
    if isinstance(one, str) and isinstance(other, str):
        return _ORDER[sign](one.casefold(), other.casefold())
    if isinstance(one, str) or isinstance(other, str):
        if sign in ("=", "<>"):
            return sign == "<>"
        raise NotUnderstoodError
    return _ORDER[sign](one, one if are_close(one, other) else other)


def criterion(wanted: Value) -> Callable[[Value], bool]:
    """Return what SUMIF asks of each cell: 3, 是, >=60. Raises `NotUnderstoodError`."""
    found = _CRITERION.fullmatch(wanted) if isinstance(wanted, str) else None
    if wanted is None or isinstance(wanted, bool) or (isinstance(wanted, str) and not found):
        raise NotUnderstoodError
    sign, text = (found[1] or "=", found[2].strip()) if found else ("=", "")
    if found and not text:
        raise NotUnderstoodError
    try:
        due: float | str = number_in(text) if found else as_number(wanted)
    except NotUnderstoodError:
        due = text

    def is_met(value: Value) -> bool:
        if isinstance(value, float) and isinstance(due, float):
            return compared(value, sign, due)
        is_text = isinstance(value, str) and isinstance(due, str)
        return compared(value, sign, due) if is_text else sign == "<>"

    return is_met
