"""From what a clerk typed to what it says: one cell at a time, never a guess.

What belongs here: how a text is read as a number, a date, yes or no, a code. What does not: where
the cell stands. What cannot be read for certain is a problem with its kind, and has no value.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from orchestration.forms.contract import (
    NO,
    NUMERIC_TYPES,
    YES,
    Code,
    Column,
    ColumnType,
    load_units,
)
from orchestration.ground.text import Term, Text
from orchestration.intake.plain_text import MOST_DIGITS, narrow, typed_text
from orchestration.intake.typed_dates import day_said
from orchestration.intake.typed_names import names_nothing
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import ShownDay, Unread

_DASHES = re.compile(r"[-‐‑‒–—―─/\\\\]+")
# In lower case and without brackets around them: what clerks and what programs write for a blank.
_BLANK_WORDS = frozenset(
    {"", "无", "暂无", "没有", "无。", "无.", "不涉及", "不适用", "未设", "空", "空白", "空值"}
    | {"n/a", "na", "n.a.", "null", "nil", "none", "nan", "nat"}
    | {"undefined", "\\n", "blank", "empty"}
)
_AROUND = "()[]<>"
_ERRORS = frozenset(
    {"#REF!", "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#SPILL!", "#CALC!"}
)
# In lower case.
_YES = frozenset({"是", "√", "✓", "✔", "有", "y", "yes", "true", "1"})
_NO = frozenset({"否", "×", "✗", "✘", "n", "no", "false", "0"})
_HAS_NOT = frozenset({"无", "没有", "无。", "无."})  # where 有 says yes
_AGREED = frozenset({"同意", "确认", "已确认"})  # below 校长确认
# One of two words is ticked, as on forms made from Word: ☑是 □否, 是（√）否（）.
_TICKED = r"(?:[☑■●◉√✓✔]|[(\[][√✓✔][)\]])"
_LEFT_OPEN = r"(?:[□○◯☐〇]|[(\[][)\]])"
_TICKED_YES = re.compile(
    rf"{_TICKED}是{_LEFT_OPEN}否|{_LEFT_OPEN}否{_TICKED}是"
    rf"|是{_TICKED}否{_LEFT_OPEN}|否{_LEFT_OPEN}是{_TICKED}"
)
_TICKED_NO = re.compile(
    rf"{_LEFT_OPEN}是{_TICKED}否|{_TICKED}否{_LEFT_OPEN}是"
    rf"|是{_LEFT_OPEN}否{_TICKED}|否{_TICKED}是{_LEFT_OPEN}"
)
# Words that say the same as the cell above, or yes and no: none of them is a name.
_AS_ABOVE = ("同上", "同前", "同左", "同", "ditto", "do", "〃", "′′", '"', "''")  # ″ as two ′
_NO_NAMES = frozenset({*_AS_ABOVE, "0.0", "1.0", *_YES, *_NO})
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_VAGUE = re.compile(r"约|近|余|多|左右|大概|以上|以下|\?|至|~|～")
# Looking a member up in its enum takes longer than the rest of a plain cell.
_TEXT, _BOOLEAN, _DAY = ColumnType.text, ColumnType.boolean, ColumnType.date
# Where a year was typed and the format makes a day of the number, 1978 is shown as 1905.
_YEARS_OF_YEARS = range(1904, 1907)
_EXCEL_EPOCH = date(1899, 12, 30)
_MOST_WORDS = 8
_PARTS, _NO_PART = re.compile(r"[/()]"), re.compile(r"[\s\"'“”‘’]+")
_SEPARATORS = re.compile(r"[、,，;；/\s]+")
# Signs that nobody types, those that a code page lost, those that let 0151 be drawn as 1510, and
# marks over or through no letter.
_MISDRAWN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\u202b\u202e\u2067\ufffd]"
    "|(?<![A-Za-z\u00c0-\u04ff])[\u0300-\u034e\u0350-\u036f\u20d0-\u20ff]"
)
_CURRENCY = re.compile(r"(?:¥|￥|RMB|CNY|人民币)\s*")
_WHOLE_AMOUNTS = ("元整", "圆整")  # as amounts end on cheques
_BRACKETED = re.compile(r"\(([^()]*)\)$")
_ONE = Fraction(1)
_PLAIN_CODE = re.compile(r"[0-9A-Za-z.+-]+")


class Normalisation(Term):
    """What was done to a cell to read it, or what a row is that is no record."""

    as_shown = "as_shown", "按显示的内容", "as it is shown"
    code_alias = "code_alias", "按代码表的另一写法", "another wording of the code"
    dash_is_blank = "dash_is_blank", "视为未填", "taken for blank"
    example_row = "example_row", "示例行", "an example"
    excel_serial = "excel_serial", "按日期序号", "serial number of a date"
    filled_down = "filled_down", "取自合并单元格", "filled down from a merged cell"
    full_width = "full_width", "全角或不可见字符", "full width or unseen characters"
    header_row = "header_row", "重复的表头", "the header again"
    note_row = "note_row", "注释行", "a note"
    nothing_row = "nothing_row", "写明没有", "says that there is none"
    number_row = "number_row", "栏次行", "numbers of the columns"
    problem_list = "problem_list", "退回的清单或回执", "the list or receipt that was sent back"
    text_date = "text_date", "按日期写法", "a date as text"
    thousands_separator = "thousands_separator", "去千分位", "thousands separators taken off"
    total_row = "total_row", "合计行", "a total"
    trimmed = "trimmed", "去空格", "spaces taken off"
    unit_converted = "unit_converted", "按所注单位换算", "converted from the unit that stands there"
    unit_suffix = "unit_suffix", "去单位", "its unit taken off"
    written_plainly = "written_plainly", "按通常写法", "written plainly"
    yes_no_sign = "yes_no_sign", "是否符号", "a sign for yes or no"


class Reading(NamedTuple):
    """What a cell says: the read text or None, what was normalised, or what is wrong."""

    read: str | None
    normalised: Normalisation | None = None
    problem: ProblemKind | None = None


_BLANK = Reading(None)


def _wrong(kind: ProblemKind) -> Reading:
    return Reading(None, None, kind)


def read_cell(
    value: Any,
    column: Column,
    codes: tuple[Code, ...] | None,
    typed: str | None = None,
    factor: Fraction = _ONE,
) -> Reading:
    """Read one cell of a column; blank is blank, whatever way a clerk writes it.

    `typed` is the value's `typed_text`, if the caller has it. `factor` makes a number in the unit
    that stands beside it one in the column's; a unit in the cell itself goes before.
    """
    if value is None or value == "":
        return _BLANK
    if isinstance(value, Unread):
        return _wrong(value.kind)
    kind, typed = column.type, typed_text(value) if typed is None else typed
    if kind in NUMERIC_TYPES and isinstance(value, int | float) and not isinstance(value, bool):
        return _number(typed, kind, None, factor)
    if not isinstance(value, str):
        of_day = _of_day(value, column)
        if of_day is not None:
            return of_day
    if _MISDRAWN.search(typed):
        return _wrong(ProblemKind.cell_shows_otherwise)
    text = narrow(typed)
    if kind == _BOOLEAN and text in _HAS_NOT:
        return Reading("false", Normalisation.yes_no_sign)
    if means_blank(text) and text not in _code_by_word(codes or ()):
        return Reading(None, Normalisation.dash_is_blank if text else Normalisation.trimmed)
    if text in _ERRORS:
        return _wrong(ProblemKind.cell_is_an_error)
    return _read_text(typed, text, column, codes or (), factor)


def _of_day(value: Any, column: Column) -> Reading | None:
    """Read a cell that holds a day or an hour; none of one that holds something else.

    A text is what is shown, a day or a year what is meant; a count whose cell was made to show a
    day is none, whatever digits are seen.
    """
    kind = column.type
    if isinstance(value, ShownDay) and kind == _TEXT:
        return Reading(value.shown.strip(), Normalisation.as_shown)
    if isinstance(value, ShownDay) and column.unit == "year" and str(value.year) in value.shown:
        if value.year in _YEARS_OF_YEARS:
            return _wrong(ProblemKind.cell_is_ambiguous)
        return Reading(str(value.year), Normalisation.as_shown)
    if kind == _TEXT and isinstance(value, date | time | timedelta):
        return _wrong(ProblemKind.cell_is_ambiguous)  # what it shows, nobody knows
    if kind == _DAY and isinstance(value, date):
        return Reading(value.isoformat()[:10])
    if kind == _DAY and isinstance(value, int | float) and 20000 < value < 80000:
        found = _EXCEL_EPOCH + timedelta(days=int(value))
        return Reading(found.isoformat(), Normalisation.excel_serial)
    return None


def means_blank(text: str) -> bool:
    """Tell whether a text without its dressing is what a clerk writes where nothing is to say."""
    return text.casefold().strip(_AROUND) in _BLANK_WORDS or _DASHES.fullmatch(text) is not None


def means_no(text: str) -> bool:
    """Tell whether a text without its dressing is one that says no."""
    return text.casefold() in _NO


def _read_text(
    typed: str, text: str, column: Column, codes: tuple[Code, ...], factor: Fraction
) -> Reading:
    how = _dressing(typed, text)
    kind = column.type
    if kind == _TEXT:
        is_none = names_nothing(text, column)
        return _wrong(ProblemKind.cell_is_ambiguous) if is_none else _text(typed, text)
    if kind in NUMERIC_TYPES:
        return _number_text(text, column, how, factor)
    if kind == _BOOLEAN:
        return _yes_or_no(text, column, how)
    if kind == _DAY:
        return _date(text, how)
    return _codes(text, kind, codes, how)


def _dressing(typed: str, text: str) -> Normalisation | None:
    """Return what was taken off a typed text to get at what it says."""
    if text == typed:
        return None
    return Normalisation.trimmed if text == typed.strip() else Normalisation.full_width


def _yes_or_no(text: str, column: Column, how: Normalisation | None) -> Reading:
    word = "".join(text.casefold().split())
    if _TICKED_YES.fullmatch(word) or (word in _AGREED and "确认" in column.label):
        return Reading("true", Normalisation.yes_no_sign)
    if _TICKED_NO.fullmatch(word):
        return Reading("false", Normalisation.yes_no_sign)
    if word not in _YES and word not in _NO:
        return _wrong(ProblemKind.cell_is_not_yes_or_no)
    return Reading(
        str(word in _YES).lower(), how if word in (YES, NO) else Normalisation.yes_no_sign
    )


def _text(typed: str, text: str) -> Reading:
    """Keep a text as it is; a code in full-width digits is the same code."""
    if text.casefold() in _NO_NAMES:
        return _wrong(ProblemKind.cell_is_ambiguous)
    if _PLAIN_CODE.fullmatch(text) and text != typed:
        return Reading(text, _dressing(typed, text))
    bare = typed.strip()
    return Reading(bare, _dressing(typed, bare))


def _number_text(text: str, column: Column, how: Normalisation | None, factor: Fraction) -> Reading:
    if "%" in text:
        # A rate where a count or an amount belongs is not that count.
        return _wrong(ProblemKind.cell_is_not_a_number)
    if _VAGUE.search(text):
        return _wrong(ProblemKind.cell_is_ambiguous)
    bare, own = _without_unit(text, column.unit)
    if own is None and bare != text:
        # A currency before the number: whether of one or of ten thousand of it, nobody says.
        return _wrong(ProblemKind.cell_is_ambiguous)
    bare = bare.replace("\u2212", "-")
    if own is not None:
        how, factor = Normalisation.unit_suffix, own
    if _GROUPED.fullmatch(bare):
        bare, how = bare.replace(",", ""), Normalisation.thousands_separator
    if not _NUMBER.fullmatch(bare):
        return _wrong(ProblemKind.cell_is_not_a_number)
    return _number(bare, column.type, how, factor)


def _number(
    text: str, kind: ColumnType, how: Normalisation | None = None, factor: Fraction = _ONE
) -> Reading:
    plain = len(text) < MOST_DIGITS and text.isascii() and text.isdecimal() and text[0] != "0"
    if plain and how is None and factor == _ONE:
        return Reading(text)  # what nearly every cell holds
    number = Decimal(text)
    # adjusted() is the exponent of the first digit; inf and nan have none.
    if not number.is_finite() or number.adjusted() >= MOST_DIGITS:
        return _wrong(ProblemKind.cell_is_not_a_number)
    if number < 0:
        return _wrong(ProblemKind.number_is_negative)
    if factor != _ONE:
        number, how = _converted(number, factor), Normalisation.unit_converted
    whole = number == number.to_integral_value()
    if kind == ColumnType.integer and not whole:
        return _wrong(ProblemKind.count_has_decimals)
    read = str(int(number)) if whole else format(number.normalize(), "f")
    return Reading(read, how or (None if read == text else Normalisation.written_plainly))


def _converted(number: Decimal, factor: Fraction) -> Decimal:
    """Return a number in another unit: exact where decimals can say it, else to two of them."""
    exact = Fraction(number) * factor
    found = Decimal(exact.numerator) / Decimal(exact.denominator)
    if Fraction(found) == exact:
        return found
    return found.quantize(Decimal("0.01"), ROUND_HALF_UP)


@lru_cache
def _factors(unit: str) -> dict[str, Fraction]:
    """Return what may be said for a unit, the longest words first, with their factors."""
    declared = load_units()[unit]
    factors = {narrow(word): factor for word, factor in declared.factors.items()}
    factors |= {narrow(word): _ONE for word in (declared.text.zh, *declared.suffixes)}
    return dict(sorted(factors.items(), key=lambda item: len(item[0]), reverse=True))


def factor_of(word: str, unit: str | None) -> Fraction | None:
    """Return by what a number in a said unit becomes one in a column's; none if it cannot."""
    return _factors(unit).get(narrow(word)) if unit else None


def _without_unit(text: str, unit: str | None) -> tuple[str, Fraction | None]:
    """Return a number without the unit behind or the currency before it, and the factor said."""
    if unit is None:
        return text, None
    sign = _CURRENCY.match(text)
    bare = text[sign.end() :] if sign and factor_of("元", unit) is not None else text
    if bare.endswith(_WHOLE_AMOUNTS):
        bare = bare.removesuffix("整")
    for said in (bare, _BRACKETED.sub(r"\1", bare)):
        for word, factor in _factors(unit).items():
            if said.endswith(word):
                return said.removesuffix(word).strip(), factor
    return bare, None


def _date(text: str, how: Normalisation | None) -> Reading:
    day = day_said(text)
    if day is None:
        return _wrong(ProblemKind.cell_is_not_a_date)
    return Reading(day, how if day == text else Normalisation.text_date)


def _codes(
    text: str, kind: ColumnType, codes: tuple[Code, ...], how: Normalisation | None
) -> Reading:
    words = (
        [word for word in _SEPARATORS.split(text) if word]
        if kind == ColumnType.code_list
        else [text]
    )
    found = []
    for word in words:
        code, is_alias = _code_said(word, codes)
        if code is None:
            return _wrong(ProblemKind.code_is_not_in_list)
        how = Normalisation.code_alias if is_alias else how
        found.append(code)
    if not found:
        return _wrong(ProblemKind.code_is_not_in_list)
    return Reading(";".join(dict.fromkeys(found)), how)


def _code_said(word: str, codes: tuple[Code, ...]) -> tuple[str | None, bool]:
    """Return the code that a word says and whether by another wording than the form's.

    Several words that all say the same one, 四级/中级工 or 中级（四级）, say it.
    """
    by_word = _code_by_word(codes)
    if word in by_word:
        return by_word[word]
    parts = (part for part in _PARTS.split(_NO_PART.sub("", word)) if part)
    said = {by_word.get(part, (None, True))[0] for part in parts}
    return (said.pop() if len(said) == 1 else None), True


def first_words(codes: tuple[Code, ...]) -> Text:
    """Return what a cell of a list may say, as far as a sentence has room for it."""
    more, first = len(codes) > _MOST_WORDS, codes[:_MOST_WORDS]
    zh, en = (code.zh for code in first), (f"{code.zh} ({code.en})" for code in first)
    return Text("、".join(zh) + "等" * more, ", ".join(en) + ", …" * more)


@lru_cache
def _code_by_word(codes: tuple[Code, ...]) -> dict[str, tuple[str, bool]]:
    words: dict[str, tuple[str, bool]] = {}
    for code in codes:
        for alias in code.aliases:
            words[narrow(alias)] = (code.code, True)
    for code in codes:
        words[narrow(code.zh)] = (code.code, False)
    return words
