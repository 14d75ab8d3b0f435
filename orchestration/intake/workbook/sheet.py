"""What a file's reader gives: sheets of cells.

What belongs here: these records. What does not: how a file becomes them (reader.py, xls/sheets.py,
xlsx.py, ods/) and what a cell means (intake/normalise.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any, NamedTuple

from orchestration.ground.text import Term
from orchestration.intake.workbook.date_format import (
    date_picture,
    is_beyond,
    is_doubtful,
    is_whole_day,
    moment_of,
)
from orchestration.intake.workbook.limits import MAX_COLUMNS, MAX_ROWS, too_large
from orchestration.intake.workbook.number_format import (
    GENERAL,
    is_date,
    is_white,
    picture,
    text_picture,
)
from orchestration.intake.workbook.problems import ProblemKind


@dataclass(frozen=True)
class Unread:
    """A cell that says something which is no value; `text` is its formula or its error."""

    kind: ProblemKind
    text: str

    def __str__(self) -> str:
        return self.text


class Shown(str):
    """The text that a person sees in a cell, where what is stored says something else.

    It is read as if it had been typed; `stored` is the number or the whole text behind it.
    """

    stored: Any

    def __new__(cls, text: str, stored: Any) -> Shown:
        """Take what is shown and what is stored."""
        shown = super().__new__(cls, text)
        shown.stored = stored
        return shown


class ShownDay(datetime):
    """A day of which its cell shows less than the whole: `shown` is what a text says there."""

    shown = ""

    @classmethod
    def of(cls, moment: datetime, shown: str) -> ShownDay:
        """Take the moment that is stored and what is shown of it."""
        day = cls.combine(moment.date(), moment.time())
        day.shown = shown
        return day


class Hanging(Term):
    """Where a text stands that is in no cell."""

    comment = "comment", "的批注中", " in a comment"
    box = "box", "的文本框中", " in a text box"
    header = "header", "所在工作表的页眉中", " in the page header of the sheet"
    folder = "folder", "所在文件夹的名称中", " in the name of its folder"
    formula = "formula", "的公式中", " in a formula"
    cover = "cover", "被图片、图表或控件盖住", " under a picture, a chart or a control"
    footer = "footer", "所在工作表的页脚中", " in the page footer of the sheet"


class Note(NamedTuple):
    """A text that hangs on a cell, or lies over it; of a whole sheet or its pages, on its first.

    Of a cover it is the range that nobody sees: B3:C7.
    """

    place: Place
    hangs: Hanging
    text: str


Place = tuple[int, int]  # a zero-based row and column
MOST_COVERS = 500  # of a sheet; programs leave thousands of blank shapes behind
Range = tuple[int, int, int, int]  # zero-based: top, left, bottom, right
_ADDRESS = re.compile(r"\$?(?P<column>[A-Z]{1,3})\$?(?P<row>\d+)")


def place_of(address: str) -> Place:
    """Return the place of an address, C5 or $C$5 is (4, 2); what is none is taken for A1."""
    found = _ADDRESS.match(address)
    if found is None:
        return 0, 0
    column = 0
    for letter in found["column"]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(found["row"]) - 1, column - 1


_MOST_FILLED = 200_000  # cells that array formulas fill


@dataclass
class Look:
    """What a person sees of a sheet and the fast reader does not give.

    `cells` are to stand in place of the reader's; `strays` stand so far out that no form reaches
    there, and are not among the sheet's rows.
    """

    cells: dict[Place, Unread | ShownDay | str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    narrow_columns: set[int] = field(default_factory=set)  # with room for one digit
    merged: list[Range] = field(default_factory=list)
    strays: dict[Place, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    has_drawings: bool = False
    formulas: dict[Place, str] = field(default_factory=dict)  # as Excel spells them
    rounds_results: bool = False

    def hatch(self, numbers: dict[Place, str]) -> None:
        """Take numbers in columns too narrow for them for what is shown: ##."""
        merged = {(top, left) for top, left, _, _ in self.merged}
        for place, text in numbers.items():
            if len(text) > 1 and place not in merged:
                self.cells[place] = Unread(ProblemKind.cell_shows_otherwise, text)

    def fill(self, sheet: str, arrays: list[tuple[Range, Unread]]) -> None:
        """Take all cells of ranges for what their first one is: the formula fills them all."""
        left = _MOST_FILLED
        for (top, first, bottom, last), seen in arrays:
            rows = range(top, min(bottom + 1, MAX_ROWS))
            columns = range(first, min(last + 1, MAX_COLUMNS))
            left -= len(rows) * len(columns)
            if left < 0:
                raise too_large("数组公式的区域过大", "array formulas over too many cells", sheet)
            self.cells.update(dict.fromkeys(product(rows, columns), seen))


class Seen(NamedTuple):
    """The looks by a sheet's number, of sheets that have something to be seen; the bytes to read.

    `sheets` is how many there are: names may be spelt with signs that not everybody reads alike.
    The bytes lack the cells that stand beyond every form: the fast reader makes a grid of all that
    lies between the first cell and the last.
    """

    looks: dict[int, Look]
    sheets: int
    data: bytes
    is_changed: bool = False  # in its members, not merely packed otherwise


_PICTURE = re.compile(r"=?(?:_xlfn\.)?DISPIMG\(")


def picture_in_cell(text: str) -> Unread | None:
    """Return a picture that WPS keeps in a cell, by the formula that stands there in its place."""
    is_one = _PICTURE.match(text) is not None
    return Unread(ProblemKind.cell_is_a_picture, "图片 picture") if is_one else None


_ZEROS_BEFORE = re.compile("0[0-9]")
_BELOW_ZERO = "-－−–(（负△▲"  # what a number below zero is told by


def says_the_same(shown: str, stored: str) -> bool:
    """Tell whether a text is a number's digits, whatever parts its thousands."""
    try:
        return Decimal(shown.strip().replace(",", "")) == Decimal(f"{float(stored):.15g}")
    except (ArithmeticError, ValueError):
        return False


def number_as_shown(value: str, code: str, hides_zeros: bool = False) -> Unread | Shown | None:
    """Return a stored number as its format shows it; none if that says the same.

    A number whose picture nobody can tell, or that is not shown at all, is no value.
    """
    if code == "@" or is_date(code):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    shown = "" if hides_zeros and number == 0 else picture(number, code)
    if shown is None:
        return Unread(ProblemKind.cell_shows_otherwise, value)
    return as_shown(shown, value)


def as_shown(shown: str, value: str) -> Unread | Shown | None:
    """Return what a text says that stands for a stored number; none if that says the same."""
    text, number = shown.strip(), float(value)
    if not text:
        return Unread(ProblemKind.cell_shows_nothing, value)
    if (number == 0 and text == "-") or says_the_same(text, value):
        # Zeros in front are part of a code, and nothing to a number.
        return Shown(text, number) if _ZEROS_BEFORE.match(text) else None
    is_below_zero = number < 0 and any(sign in "123456789" for sign in text)
    is_sign_lost = is_below_zero and not any(sign in _BELOW_ZERO for sign in text)
    is_other = _says_another_size(text, number)
    if is_sign_lost or is_other or not any(sign.isdigit() for sign in text):
        return Unread(ProblemKind.cell_shows_otherwise, value)
    return Shown(text, number)


_SIZED = re.compile(r"[-+(（]?([\d,]+)(?:\.(\d+))?\s*([百千]?[千万亿])")
_SIZES = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_KEPT_IN = (1, 1000, 10_000)  # yuan, thousands or ten thousands of them


def _says_another_size(text: str, number: float) -> bool:
    """Tell whether a format writes a size behind a number that is another one: 12345 as 12.3万.

    Its comma divides by a thousand. As 1.2万, or 12345万, the stored number may well be meant.
    """
    found = _SIZED.match(text)
    if found is None or not number:
        return False
    decimals, size = found[2] or "", prod(_SIZES[sign] for sign in found[3])
    seen, half = float(f"{found[1].replace(',', '')}.{decimals or 0}"), 0.5 / 10 ** len(decimals)
    times = {1.0, *(size / unit for unit in _KEPT_IN)}
    return not any(abs(abs(number) / n - seen) <= half * 1.000001 for n in times)


def date_as_shown(serial: str, code: str, is_1904: bool = False) -> Unread | ShownDay | None:
    """Return a stored day or hour as its format shows it; none if that is the whole day.

    Where nobody can tell what it shows, it is none as well: the readers know days by their numbers.
    """
    if is_white(code):
        return Unread(ProblemKind.cell_shows_nothing, serial)
    if is_doubtful(code) or is_beyond(serial, is_1904):
        return Unread(ProblemKind.cell_shows_otherwise, serial)
    moment = None if is_whole_day(code) else moment_of(serial, is_1904)
    shown = None if moment is None else date_picture(moment, code)
    if moment is None or not shown:
        return None
    return ShownDay.of(moment, shown)


def text_as_shown(text: str, code: str) -> Unread | Shown | None:
    """Return a stored text as its format shows it; none if that says the same."""
    if code in (GENERAL, "@") or not text.strip():
        return None
    shown = text_picture(text, code)
    if not shown.strip():
        return Unread(ProblemKind.cell_shows_nothing, text)
    return None if shown.strip() == text.strip() else Shown(shown.strip(), text)


# Fonts that have a sign for every letter and digit; what they lack another font shows.
SYMBOLS = re.compile(r"(?:wing|web)dings|(?:itc )?zapf ?dingbats|marlett|mt extra", re.IGNORECASE)
_LETTERS = "symbol"  # a font of the same kind that has digits for digits
_OF_SYMBOLS = re.compile(r"[!-~\u00a1-\u00ff\uf021-\uf0ff]")


def shows_signs(text: str) -> bool:
    """Tell whether such a font shows signs for letters of a text."""
    return _OF_SYMBOLS.search(text) is not None


def is_of_symbols(font: str, is_so_said: bool = False) -> bool:
    """Tell whether a font has signs for digits, by its name or by the character set it names."""
    return SYMBOLS.match(font) is not None or (is_so_said and font.lower() != _LETTERS)


_NUMBER = re.compile(r"\s*[-+]?[0-9][0-9,.]*%?\s*")


def is_in_fonts(text: str, fonts: Collection[str]) -> bool:
    """Tell whether parts of a number name different fonts: one of them may have other signs."""
    return len(set(fonts) - {""}) > 1 and _NUMBER.fullmatch(text) is not None


_LONGEST_REPEATED = 6  # signs; few columns have room for a longer text twice


def is_repeated(text: str) -> bool:
    """Tell whether a cell that its content fills may show it more than once, 15 as 1515."""
    return 0 < len(text.strip()) <= _LONGEST_REPEATED


_LONGEST_NAME, _KEPT_OF_NAME = 255, 60


def short_name(name: str) -> str:
    """Return a name, or the beginning of one that no file system and no spreadsheet takes."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:_KEPT_OF_NAME]}…"


# A cell holds what a spreadsheet knows: text, number, truth, date, time, `Unread`, nothing.
Cells = list[Any]


@dataclass
class Sheet:
    """One sheet: rows of cells from A1 on. A cell without a readable value is an `Unread`.

    Rows and columns are zero-based; a merged range is its top, left, bottom and right.
    """

    name: str
    rows: list[Cells]
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: list[Range] = field(default_factory=list)
    strays: dict[Place, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    has_drawings: bool = False
    formulas: dict[Place, str] = field(default_factory=dict)
    rounds_results: bool = False  # of formulas, to what is shown

    def __post_init__(self) -> None:
        self.name = short_name(self.name)

    def as_seen(self, look: Look) -> Sheet:
        """Return the sheet with what a person sees of it."""
        for (row, column), seen in look.cells.items():
            self.rows += [[] for _ in range(row + 1 - len(self.rows))]
            self.rows[row] += [""] * (column + 1 - len(self.rows[row]))
            self.rows[row][column] = seen
        self.hidden_rows = frozenset(look.hidden_rows)
        self.hidden_columns = frozenset(look.hidden_columns)
        self.merged, self.strays, self.notes = look.merged, look.strays, look.notes
        self.has_drawings = look.has_drawings
        self.formulas, self.rounds_results = look.formulas, look.rounds_results
        self._cover()
        return self

    def _cover(self) -> None:
        """Take what a merged range covers for what it is: nobody sees it, whatever it says."""
        for top, left, bottom, right in self.merged:
            for row in range(top, min(bottom + 1, len(self.rows))):
                values = self.rows[row]
                for column in range(left, min(right + 1, len(values))):
                    value = values[column]
                    if (row, column) == (top, left) or value is None or not str(value).strip():
                        continue
                    is_same = value == self.rows[top][left]
                    kind = ProblemKind.cell_shows_nothing
                    values[column] = "" if is_same else Unread(kind, str(value))
