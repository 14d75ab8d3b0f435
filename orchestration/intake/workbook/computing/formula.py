"""One formula: the four rules, comparisons, and the few functions that clerks fill forms with.

What belongs here: reading a formula as Excel spells it. What does not: the cells that it names
(intake/workbook/computed.py). A formula with anything else in it is not understood.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from itertools import zip_longest
from math import floor, isfinite
from typing import Any, Protocol

from orchestration.intake.workbook.computing.values import (
    COMPARING,
    NotUnderstoodError,
    Value,
    as_number,
    compared,
    criterion,
    rounded,
)
from orchestration.intake.workbook.sheet import Sheet

_CELL = r"\$?[A-Z]{1,3}\$?[0-9]{1,7}"
_TOKEN = re.compile(
    r"(?:(?P<sheet>'(?:[^']|'')+'|\w[\w.]*)!)?"
    rf"(?:(?P<first>{_CELL})(?::(?P<last>{_CELL}))?|(?P<columns>\$?[A-Z]{{1,3}}:\$?[A-Z]{{1,3}}))"
    r"(?![\w.(!:])"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:E[-+]?[0-9]+)?)(?![\w.!])"
    r"|(?P<name>[A-Z]+)\(|(?P<truth>TRUE|FALSE)(?![\w.(!])|(?P<text>\"(?:[^\"]|\"\")*\")"
    r"|(?P<sign><=|>=|<>|[-+*/^%(),<>=])|\s+|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST, DEEPEST = 4000, 60  # signs; brackets and steps
_ADD, _MULTIPLY = {"+": operator.add, "-": operator.sub}, {"*": operator.mul, "/": operator.truediv}
_OVER: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "MIN": lambda values: min(values, default=0.0),
    "MAX": lambda values: max(values, default=0.0),
    "AVERAGE": lambda values: sum(values) / len(values),
    "COUNT": len,
}
Token = re.Match[str]
Block = list[list[Value]]  # what a reference names, row by row; rows end with their last cell


class Cells(Protocol):
    """The cells that formulas name."""

    def block(self, own: Sheet, token: Token) -> Block:
        """Return the values of what a reference on a sheet names."""

    def shape(self, token: Token) -> tuple[int, int]:
        """Return how many rows and columns a reference names."""


class Formula:
    """One formula, read from left to right."""

    def __init__(self, cells: Cells, sheet: Sheet, text: str) -> None:
        """Part a formula; raises `NotUnderstoodError` if it is too long."""
        if len(text) > _LONGEST or text.count("(") > DEEPEST:
            raise NotUnderstoodError
        self.cells, self.sheet = cells, sheet
        self.tokens = [token for token in _TOKEN.finditer(text) if token[0].strip()]
        self.at = 0

    def value(self) -> Value:
        """Return what the whole gives; of a mere reference, what stands there."""
        given = self._comparison()
        is_no_number = isinstance(given, bool) or (isinstance(given, float) and not isfinite(given))
        if self.at < len(self.tokens) or is_no_number:
            raise NotUnderstoodError
        return None if given == "" else given

    def _next(self, *signs: str) -> str:
        """Return the sign that comes next, if it is one of these, and pass it."""
        sign = self.tokens[self.at]["sign"] if self.at < len(self.tokens) else None
        if sign is None or sign not in signs:
            return ""
        self.at += 1
        return sign

    def _comparison(self) -> Value:
        value = self._sum()
        while sign := self._next(*COMPARING):
            value = compared(value, sign, self._sum())
        return value

    def _sum(self) -> Value:
        value = self._product()
        while sign := self._next("+", "-"):
            value = self._safely(_ADD[sign], value, self._product())
        return value

    def _product(self) -> Value:
        value = self._power()
        while sign := self._next("*", "/"):
            value = self._safely(_MULTIPLY[sign], value, self._power())
        return value

    def _power(self) -> Value:
        value = self._signed()
        while self._next("^"):
            value = self._safely(operator.pow, value, self._signed())
        return value

    @staticmethod
    def _safely(compute: Callable[[float, float], Any], one: Value, other: Value) -> float:
        try:
            return float(compute(as_number(one), as_number(other)))
        except (ArithmeticError, TypeError):
            raise NotUnderstoodError from None

    def _signed(self) -> Value:
        factor = 1.0
        has_sign = False
        while sign := self._next("+", "-"):
            factor, has_sign = -factor if sign == "-" else factor, has_sign or sign == "-"
        value = self._one()
        while self._next("%"):
            factor, has_sign = factor / 100, True
        return as_number(value) * factor if has_sign else value

    def _one(self) -> Value:
        if self.at == len(self.tokens):
            raise NotUnderstoodError
        token = self.tokens[self.at]
        self.at += 1
        if token["number"]:
            return float(token["number"])
        if token["text"]:
            return token["text"][1:-1].replace('""', '"')
        if token["truth"]:
            return token["truth"].upper() == "TRUE"
        if token["first"] and not token["last"]:
            return next((value for row in self._block(token) for value in row), None)
        if token["sign"] == "(":
            value = self._comparison()
            self._close()
            return value
        return self._function((token["name"] or "").upper())

    def _block(self, token: Token) -> Block:
        return self.cells.block(self.sheet, token)

    def _close(self) -> None:
        """Pass the end of a bracket."""
        if not self._next(")"):
            raise NotUnderstoodError

    # -- functions ---------------------------------------------------------------------------------

    def _function(self, name: str) -> Value:
        if name in _OVER:
            values = [value for argument in self._arguments() for value in argument]
            return self._safely(lambda *_: _OVER[name](values), 0.0, 0.0)
        if name not in _OWN:
            raise NotUnderstoodError
        value = _OWN[name](self)
        self._close()
        return value

    def _arguments(self) -> Iterator[list[float]]:
        """Yield the numbers of each argument; of references those that are numbers."""
        while True:
            token = self._reference()
            if token is None:
                yield [as_number(self._comparison())]
            else:
                yield [v for row in self._block(token) for v in row if type(v) is float]
            if not self._next(","):
                return self._close()

    def _reference(self) -> Token | None:
        """Pass a reference that is a whole argument, and return it."""
        ahead = self.tokens[self.at : self.at + 2]
        if len(ahead) < 2 or ahead[1]["sign"] not in (",", ")"):
            return None
        if not (ahead[0]["first"] or ahead[0]["columns"]):
            return None
        self.at += 1
        return ahead[0]

    def _range(self) -> Token:
        token = self._reference()
        if token is None:
            raise NotUnderstoodError
        return token

    def _comma(self) -> None:
        if not self._next(","):
            raise NotUnderstoodError

    def _skip(self) -> None:
        """Pass an argument that gives nothing."""
        depth = 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token[0] in "{}" or (depth == 0 and token["sign"] in (",", ")")):
                break
            depth += bool(token["name"]) + (token["sign"] == "(") - (token["sign"] == ")")
            self.at += 1

    def _round(self) -> Value:
        value = as_number(self._comparison())
        digits = as_number(self._comparison()) if self._next(",") else 0.0
        return rounded(value, int(digits))

    def _if(self) -> Value:
        condition = self._comparison()
        if isinstance(condition, str):
            raise NotUnderstoodError
        self._comma()
        if not condition:
            self._skip()
            self._comma()
            return self._comparison()
        value = self._comparison()
        if self._next(","):
            self._skip()
        return value

    def _if_error(self) -> Value:
        """Return what has no error; of what has one, nobody here can tell."""
        value = self._comparison()
        self._comma()
        self._skip()
        return value

    def _count_all(self) -> Value:
        count = 0
        while True:
            block = self._block(self._range())
            count += sum(value is not None for row in block for value in row)
            if not self._next(","):
                return float(count)

    def _count_if(self) -> Value:
        block = self._block(self._range())
        self._comma()
        is_met = criterion(self._comparison())
        return float(sum(is_met(value) for row in block for value in row))

    def _sum_if(self) -> Value:
        asked = self._range()
        self._comma()
        is_met = criterion(self._comparison())
        summed = self._range() if self._next(",") else asked
        return float(sum(v for met, v in self._pairs(asked, summed) if is_met(met) and _counts(v)))

    def _sum_of_products(self) -> Value:
        one, other = self._range(), None
        if self._next(","):
            other = self._range()
        pairs = self._pairs(one, other or one)
        numbers = ((a, b if other else 1.0) for a, b in pairs if _counts(a) and _counts(b))
        return float(sum(a * b for a, b in numbers))

    def _pairs(self, one: Token, other: Token) -> Iterator[tuple[Any, Any]]:
        if self.cells.shape(one) != self.cells.shape(other):
            raise NotUnderstoodError
        for rows in zip_longest(self._block(one), self._block(other), fillvalue=()):
            yield from zip_longest(*rows)

    def _look_up(self) -> Value:
        """Return what stands beside a value in the first column, if it has to be that very one."""
        key = self._comparison()
        self._comma()
        block = self._block(self._range())
        self._comma()
        column = int(as_number(self._comparison())) - 1
        self._comma()
        if as_number(self._comparison()) or key is None or column < 0:
            raise NotUnderstoodError
        for row in block:
            if row and row[0] is not None and compared(row[0], "=", key):
                return row[column] if column < len(row) else None
        raise NotUnderstoodError


def _counts(value: Any) -> bool:
    return type(value) is float


_OWN: dict[str, Callable[[Formula], Value]] = {
    "ROUND": Formula._round,
    "ABS": lambda own: abs(as_number(own._comparison())),
    "INT": lambda own: float(floor(as_number(own._comparison()))),
    "IF": Formula._if,
    "IFERROR": Formula._if_error,
    "COUNTA": Formula._count_all,
    "COUNTIF": Formula._count_if,
    "SUMIF": Formula._sum_if,
    "SUMPRODUCT": Formula._sum_of_products,
    "VLOOKUP": Formula._look_up,
    "TRUE": lambda own: True,
    "FALSE": lambda own: False,
}
