"""Holding the results that a file keeps of its formulas against what these give.

A program that fills cells in without computing leaves the results of whatever stood there before.
What belongs here: the cells that formulas name, and what hangs on another file, the day or on
chance. What does not: what formulas say (computing/), and how a format spells them (ooxml/, xls/,
ods/); they all come here as Excel spells them. One that is not understood is left to its program.

Libraries that compute whole workbooks bring a hundred functions that no clerk uses, and the one for
writing has to be loaded for its tokens; nearly all formulas on forms are sums.
"""

from __future__ import annotations

import re
from typing import Any

from orchestration.intake.workbook.computing.formula import DEEPEST, Block, Formula, Token
from orchestration.intake.workbook.computing.values import (
    NotUnderstoodError,
    Value,
    is_same,
    number_in,
)
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

_MOVED = re.compile(
    r"\"[^\"]*\"|'[^']*'|(?<![\w.$])(\$?)([A-Z]{1,3})(\$?)([0-9]{1,7})(?![\w.(!])"
    r"|(?<![\w.$:])(\$?)([A-Z]{1,3}):(\$?)([A-Z]{1,3})(?![\w.(!:])"
)
# Another file, by its number or its name; the day; chance.
_OF_ELSEWHERE = re.compile(
    r"(?:^|[=+\-*/(,' ])\[[0-9]+\]|\[[^\[\]]*\.\w{2,4}\]|'file:|\b(?:RAND|RANDBETWEEN|TODAY|NOW)\(",
    re.IGNORECASE,
)
_MOST_READ = 1_000_000  # cells
_LAST_ROW = 1_048_575
_UNKNOWN = NotUnderstoodError()


def moved(formula: str, down: int, right: int) -> str:
    """Return a formula as it reads so many cells further on; fixed references stay."""

    def reference(found: re.Match[str]) -> str:
        if found[6]:
            ends = ((found[5], found[6]), (found[7], found[8]))
            return ":".join(
                f"{fixed}{_letters(place_of(f'{at}1'.upper())[1] + (0 if fixed else right))}"
                for fixed, at in ends
            )
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

    Where there is one, so is every number whose formula is not understood here: a program that
    computes nothing leaves them all. What hangs on another file, on the day or on chance is a note
    on its cell.
    """
    results = _Results(sheets)
    unknown, is_any_stale = list[tuple[Sheet, Place, str]](), False
    for sheet in sheets:
        for place, formula in sheet.formulas.items():
            kept = _at(sheet, place)
            if isinstance(kept, Unread) or place in sheet.strays:
                continue
            text = f"={formula}"
            is_number = isinstance(kept, int | float | Shown)
            if is_number and _OF_ELSEWHERE.search(formula):
                sheet.notes = [*sheet.notes, Note(place, Hanging.formula, text)]
            is_own = results.is_own(sheet, place)
            if is_own is False:
                is_any_stale = True
                _refuse(sheet, place, text)
            elif is_own is None and is_number:
                unknown.append((sheet, place, text))
    for sheet, place, text in unknown if is_any_stale else ():
        _refuse(sheet, place, text)


def _refuse(sheet: Sheet, place: Place, text: str) -> None:
    row, column = place
    sheet.rows[row] += [""] * (column + 1 - len(sheet.rows[row]))
    kind = ProblemKind.cell_is_a_formula_without_value
    sheet.rows[row][column] = Unread(kind, text)


def _at(sheet: Sheet, place: Place) -> Any:
    row, column = place
    is_there = row < len(sheet.rows) and column < len(sheet.rows[row])
    return sheet.rows[row][column] if is_there else ""


def _stored(value: Any) -> Value:
    """Return what a cell stores, whatever it shows; raises for what is no number and no text."""
    if isinstance(value, Shown):
        value = value.stored
    if isinstance(value, Unread):
        return number_in(value.text)
    if isinstance(value, bool):
        return str(value)  # which no sum of a range takes in
    if not (value is None or isinstance(value, int | float | str)):
        raise NotUnderstoodError
    if isinstance(value, str):
        return value if value.strip() else None
    return None if value is None else float(value)


class _Results:
    """What the formulas of a workbook give."""

    def __init__(self, sheets: list[Sheet]) -> None:
        self.sheets = {sheet.name: sheet for sheet in sheets}
        self.known = dict[tuple[str, Place], Value | NotUnderstoodError]()
        self.open, self.read = set[tuple[str, Place]](), 0

    def is_own(self, sheet: Sheet, place: Place) -> bool | None:
        """Tell whether a kept result is that of its formula; None if nobody here can tell."""
        try:
            given = self._computed(sheet, place)
            kept = _stored(_at(sheet, place))
        except NotUnderstoodError:
            return None
        return is_same(kept, given, sheet.rounds_results)

    def value(self, sheet: Sheet, place: Place) -> Value:
        """Return the value of a cell: of a formula what it gives, else what is kept."""
        self.read += 1
        if self.read > _MOST_READ or place in sheet.strays:
            raise NotUnderstoodError
        if place in sheet.formulas:
            try:
                return self._computed(sheet, place)
            except NotUnderstoodError:
                pass
        return _stored(_at(sheet, place))

    def _computed(self, sheet: Sheet, place: Place) -> Value:
        key = sheet.name, place
        if key not in self.known:
            if key in self.open or len(self.open) > DEEPEST:
                raise NotUnderstoodError
            self.open.add(key)
            try:
                self.known[key] = Formula(self, sheet, sheet.formulas[place]).value()
            except NotUnderstoodError:
                self.known[key] = _UNKNOWN
            self.open.remove(key)
        known = self.known[key]
        if isinstance(known, NotUnderstoodError):
            raise known
        return known

    def block(self, own: Sheet, token: Token) -> Block:
        """Return the values of what a reference on a sheet names; raises `NotUnderstoodError`."""
        name = token["sheet"]
        named = name.strip("'").replace("''", "'") if name else own.name
        sheet = self.sheets.get(named)
        if sheet is None:
            raise NotUnderstoodError
        (top, bottom), (left, right) = _ends(token)
        if any(top <= row <= bottom and left <= at <= right for row, at in sheet.strays):
            raise NotUnderstoodError
        return [
            [
                self.value(sheet, (row, at))
                for at in range(left, min(right, len(sheet.rows[row]) - 1) + 1)
            ]
            for row in range(top, min(bottom, len(sheet.rows) - 1) + 1)
        ]

    def shape(self, token: Token) -> tuple[int, int]:
        """Return how many rows and columns a reference names."""
        (top, bottom), (left, right) = _ends(token)
        return bottom - top, right - left


def _ends(token: Token) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first and last row, and the first and last column, of a reference."""
    if token["columns"]:
        names = token["columns"].replace("$", "").upper().split(":")
        left, right = sorted(place_of(f"{name}1")[1] for name in names)
        return (0, _LAST_ROW), (left, right)
    ends = [place_of(at.upper()) for at in (token["first"], token["last"] or token["first"])]
    rows, columns = (sorted(ends_of) for ends_of in zip(*ends, strict=True))
    return (rows[0], rows[1]), (columns[0], columns[1])
