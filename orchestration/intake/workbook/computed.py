"""Holding the results that a file keeps of its formulas against what these give.

A program that fills cells in without computing leaves the results of whatever stood there before.
What belongs here: what clerks add up, with signs and a few functions, and what hangs on another
file, the day or on chance. What does not: how a format spells formulas (ooxml/, xls/, ods/), which
all come here as Excel spells them. A formula that is not understood is left to its program.

Libraries that compute whole workbooks bring a hundred functions that no clerk uses, and the one for
writing has to be loaded for its tokens; nearly all formulas on forms are sums.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import Any

from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import (
    Hanging,
    Note,
    Place,
    Sheet,
    Shown,
    Unread,
    place_of,
)

_CELL = r"\$?[A-Z]{1,3}\$?[0-9]{1,7}"
_TOKEN = re.compile(
    rf"(?:(?P<sheet>'(?:[^']|'')+'|\w[\w.]*)!)?(?P<first>{_CELL})(?::(?P<last>{_CELL}))?(?![\w.(!:])"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:E[-+]?[0-9]+)?)(?![\w.!])"
    r"|(?P<name>[A-Z]+)\(|(?P<text>\"(?:[^\"]|\"\")*\")|(?P<sign>[-+*/^%(),])|\s+|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_MOVED = re.compile(r"\"[^\"]*\"|'[^']*'|(?<![\w.$])(\$?)([A-Z]{1,3})(\$?)([0-9]{1,7})(?![\w.(!])")
# Another file, by its number or its name; the day; chance.
_OF_ELSEWHERE = re.compile(
    r"(?:^|[=+\-*/(,' ])\[[0-9]+\]|\[[^\[\]]*\.\w{2,4}\]|'file:|\b(?:RAND|RANDBETWEEN|TODAY|NOW)\(",
    re.IGNORECASE,
)
_LONGEST, _DEEPEST, _MOST_READ = 4000, 60, 1_000_000  # signs, brackets and steps, cells
_MOST_DIGITS = 12  # to which a number is rounded
_CLOSE = 1e-9  # relative; what computing in another order makes of a sum
_ADD, _MULTIPLY = {"+": operator.add, "-": operator.sub}, {"*": operator.mul, "/": operator.truediv}
_OVER: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "MIN": lambda values: min(values, default=0.0),
    "MAX": lambda values: max(values, default=0.0),
    "AVERAGE": lambda values: sum(values) / len(values),
    "COUNT": len,
}
_Value = float | str | None  # of a cell: a number, a text, a blank


class _NotUnderstoodError(Exception):
    """A formula with something in it that is not computed here, or that has no number."""


_UNKNOWN = _NotUnderstoodError()


def moved(formula: str, down: int, right: int) -> str:
    """Return a formula as it reads so many cells further on; fixed references stay."""

    def reference(found: re.Match[str]) -> str:
        if found[2] is None:
            return found[0]
        row, column = place_of(f"{found[2]}{found[4]}".upper())
        column += 0 if found[1] else right
        row += 0 if found[3] else down
        return f"{found[1]}{_letters(column)}{found[3]}{row + 1}"

    return _MOVED.sub(reference, formula)


def _letters(column: int) -> str:
    letters, left = "", column + 1
    while left > 0:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def hold_results(sheets: list[Sheet]) -> None:
    """Take results that are not those of their formulas for what nobody computed.

    What hangs on another file, on the day or on chance is a note on its cell.
    """
    results = _Results(sheets)
    for sheet in sheets:
        for place, formula in sheet.formulas.items():
            kept = _at(sheet, place)
            if isinstance(kept, Unread) or place in sheet.strays:
                continue
            text = f"={formula}"
            if isinstance(kept, int | float | Shown) and _OF_ELSEWHERE.search(formula):
                sheet.notes = [*sheet.notes, Note(place, Hanging.formula, text)]
            if not results.is_own(sheet, place):
                row, column = place
                sheet.rows[row] += [""] * (column + 1 - len(sheet.rows[row]))
                kind = ProblemKind.cell_is_a_formula_without_value
                sheet.rows[row][column] = Unread(kind, text)


def _at(sheet: Sheet, place: Place) -> Any:
    row, column = place
    is_there = row < len(sheet.rows) and column < len(sheet.rows[row])
    return sheet.rows[row][column] if is_there else ""


def _stored(value: Any) -> _Value:
    """Return what a cell stores, whatever it shows; raises for what is no number and no text."""
    if isinstance(value, Shown):
        value = value.stored
    if isinstance(value, Unread):
        return _number(value.text)
    if isinstance(value, bool):
        return str(value)  # which no sum of a range takes in
    if not (value is None or isinstance(value, int | float | str)):
        raise _NotUnderstoodError
    if isinstance(value, str):
        return value if value.strip() else None
    return None if value is None else float(value)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise _NotUnderstoodError from None


class _Results:
    """What the formulas of a workbook give."""

    def __init__(self, sheets: list[Sheet]) -> None:
        self.sheets = {sheet.name: sheet for sheet in sheets}
        self.known = dict[tuple[str, Place], _Value | _NotUnderstoodError]()
        self.open, self.read = set[tuple[str, Place]](), 0

    def is_own(self, sheet: Sheet, place: Place) -> bool:
        """Tell whether a kept result is that of its formula, as far as anybody here can tell."""
        try:
            given = self._computed(sheet, place)
            kept = _stored(_at(sheet, place))
        except _NotUnderstoodError:
            return True
        return _is_same(kept, given, sheet.rounds_results)

    def value(self, sheet: Sheet, place: Place) -> _Value:
        """Return the value of a cell: of a formula what it gives, else what is kept."""
        self.read += 1
        if self.read > _MOST_READ or place in sheet.strays:
            raise _NotUnderstoodError
        if place in sheet.formulas:
            try:
                return self._computed(sheet, place)
            except _NotUnderstoodError:
                pass
        return _stored(_at(sheet, place))

    def _computed(self, sheet: Sheet, place: Place) -> _Value:
        key = sheet.name, place
        if key not in self.known:
            if key in self.open or len(self.open) > _DEEPEST:
                raise _NotUnderstoodError
            self.open.add(key)
            try:
                self.known[key] = _Formula(self, sheet, sheet.formulas[place]).value()
            except _NotUnderstoodError:
                self.known[key] = _UNKNOWN
            self.open.remove(key)
        known = self.known[key]
        if isinstance(known, _NotUnderstoodError):
            raise known
        return known

    def range(self, own: Sheet, token: re.Match[str]) -> Iterator[_Value]:
        """Yield the values of what a reference names."""
        name = token["sheet"]
        named = name.strip("'").replace("''", "'") if name else own.name
        sheet = self.sheets.get(named)
        if sheet is None:
            raise _NotUnderstoodError
        ends = [place_of(at.upper()) for at in (token["first"], token["last"] or token["first"])]
        (top, bottom), (left, right) = (sorted(ends_of) for ends_of in zip(*ends, strict=True))
        if any(top <= row <= bottom and left <= at <= right for row, at in sheet.strays):
            raise _NotUnderstoodError
        bottom = min(bottom, len(sheet.rows) - 1)
        for row in range(top, bottom + 1):
            for at in range(left, min(right, len(sheet.rows[row]) - 1) + 1):
                yield self.value(sheet, (row, at))


class _Formula:
    """One formula, read from left to right."""

    def __init__(self, results: _Results, sheet: Sheet, text: str) -> None:
        if len(text) > _LONGEST or text.count("(") > _DEEPEST:
            raise _NotUnderstoodError
        self.results, self.sheet = results, sheet
        self.tokens = [token for token in _TOKEN.finditer(text) if token[0].strip()]
        self.at = 0

    def value(self) -> _Value:
        """Return what the whole gives; of a mere reference, what stands there."""
        if len(self.tokens) == 1 and self.tokens[0]["first"] and not self.tokens[0]["last"]:
            return next(self.results.range(self.sheet, self.tokens[0]), None)
        given = self._sum()
        if self.at < len(self.tokens) or not isfinite(given):
            raise _NotUnderstoodError
        return given

    def _next(self, signs: str) -> str:
        """Return the sign that comes next, if it is one of these, and pass it."""
        sign = self.tokens[self.at]["sign"] if self.at < len(self.tokens) else None
        if sign is None or sign not in signs:
            return ""
        self.at += 1
        return sign

    def _sum(self) -> float:
        value = self._product()
        while sign := self._next("+-"):
            value = _ADD[sign](value, self._product())
        return value

    def _product(self) -> float:
        value = self._power()
        while sign := self._next("*/"):
            value = self._safely(_MULTIPLY[sign], value, self._power())
        return value

    def _power(self) -> float:
        value = self._signed()
        while self._next("^"):
            value = self._safely(operator.pow, value, self._signed())
        return value

    @staticmethod
    def _safely(compute: Callable[[float, float], Any], one: float, other: float) -> float:
        try:
            return float(compute(one, other))
        except (ArithmeticError, TypeError):
            raise _NotUnderstoodError from None

    def _signed(self) -> float:
        is_minus = False
        while sign := self._next("+-"):
            is_minus ^= sign == "-"
        value = self._one()
        while self._next("%"):
            value /= 100
        return -value if is_minus else value

    def _one(self) -> float:
        if self.at == len(self.tokens):
            raise _NotUnderstoodError
        token = self.tokens[self.at]
        self.at += 1
        if token["number"]:
            return float(token["number"])
        if token["first"] and not token["last"]:
            return _as_number(next(self.results.range(self.sheet, token), None))
        if token["sign"] == "(":
            value = self._sum()
            self._close()
            return value
        return self._function((token["name"] or "").upper())

    def _close(self) -> None:
        """Pass the end of a bracket."""
        if not self._next(")"):
            raise _NotUnderstoodError

    def _function(self, name: str) -> float:
        if name == "ROUND":
            value = self._sum()
            digits = self._sum() if self._next(",") else 0.0
            self._close()
            return _rounded(value, int(digits))
        if name not in _OVER:
            raise _NotUnderstoodError
        values = [value for argument in self._arguments() for value in argument]
        return self._safely(lambda *_: _OVER[name](values), 0, 0)

    def _arguments(self) -> Iterator[list[float]]:
        """Yield the numbers of each argument; of references those that are numbers."""
        while True:
            ahead = self.tokens[self.at : self.at + 2]
            if len(ahead) > 1 and ahead[0]["first"] and ahead[1]["sign"] in (",", ")"):
                self.at += 1
                found = self.results.range(self.sheet, ahead[0])
                yield [value for value in found if isinstance(value, float)]
            else:
                yield [self._sum()]
            if not self._next(","):
                return self._close()


def _as_number(value: _Value) -> float:
    return _number(value) if isinstance(value, str) else value or 0.0


def _rounded(value: float, digits: int) -> float:
    """Return a number rounded as spreadsheets do it: a half away from zero."""
    if abs(digits) > _MOST_DIGITS:
        raise _NotUnderstoodError
    step = Decimal(1).scaleb(-digits)
    return float((Decimal(f"{value:.15g}") / step).quantize(Decimal(1), ROUND_HALF_UP) * step)


def _is_same(kept: _Value, given: _Value, is_rounded: bool) -> bool:
    """Tell whether two values are one; a reference to a blank is 0 or blank."""
    if given is None:
        return not kept
    if isinstance(given, str) and isinstance(kept, str):
        return given.split() == kept.split()
    try:
        one, other = (_number(v) if isinstance(v, str) else v for v in (kept, given))
    except _NotUnderstoodError:
        return False
    if one is None or other is None:
        return False
    if is_rounded:
        _, _, decimals = f"{one:f}".rstrip("0").partition(".")
        other = _rounded(other, len(decimals))
    return abs(one - other) <= _CLOSE * max(1.0, abs(one), abs(other))
