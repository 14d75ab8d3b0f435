"""What a label says: its name, what qualifies it, the unit it names.

What belongs here: the words of labels. What does not: those of heads (heads.py), of other figures
(other_figures.py) and of rows that are no records (row_words.py), and where they stand.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple

from orchestration.forms.contract import Column, Table
from orchestration.intake.layout.unit_words import bare_unit, is_unit
from orchestration.intake.plain_text import narrow, without_unseen

_LONGEST = 60
_NOISE = re.compile(r"[\s*＊★☆※▲△●◆■:：“”\"'‘’]")
_BRACKETS = re.compile(r"[(（\[［【〔]([^()（）\[\]［］【】〔〕]*)[)）\]］】〕]")
_BETWEEN = re.compile(r"[、,，;；/／|]")
_BEHIND = re.compile(r"[\s/／:：,，、]+")
_NUMBER = "[一二三四五六七八九十]{1,3}"
_NUMBERED = re.compile(
    r"\s*[*＊★☆※]?\s*(?:[①-⑳⑴-⒛㈠-㈩❶-❿Ⅰ-Ⅹ][.、．]?"
    rf"|[(（](?:{_NUMBER}|\d{{1,2}})[)）][.、．]?"
    rf"|(?:{_NUMBER}|\d{{1,2}}(?:\.\d{{1,2}})*)(?:[、)）:：]|[.．](?!\d))"
    r"|\d{1,2}(?:\.\d{1,2})+(?=\s*[^\d\s%％]))\s*(?=\S)"
)
# The same before a label that begins with digits itself: 18.35岁以下教师数.
_NUMBER_BEFORE_DIGITS = re.compile(r"\s*\d{1,2}(?:[.．]\d{1,2})*(?:[.．]\s*|\s+)(?=\d)")
_SHEET_NUMBER = re.compile(
    r"^(?:20\d\d年?度?)?(?:附?[表件]?[一二三四五六七八九十\d][-.、．]?)*(?=\D)"
)
_SHEET_ENDS = re.compile(r"(?<=.)(?:20\d\d(?:年度?)?|表)+$")
# How to fill in a cell; what a bracket behind a label may say without making it another label.
_FILLING = (
    r"必填项?|选填项?|可选|可空|单选|多选|整数|小数|数字|文本|请?从?(?:下拉框?)?(?:选择?)?(?<=[拉框选择])|年-月-日|yyyy-mm-dd"
    r"|文字|日期|代码|\d{1,2}位(?:代码)?|填?(?:规范|盖章|企业)?全称|规范名称|[按同与]?营业执照(?:名称|一致)?"
    "|保留.位小数|required|optional"
)
_IS_FOR_FILLING = re.compile(_FILLING, re.IGNORECASE)
_HINTS = re.compile(f"{_FILLING}|如有|是|否|本年|当年|本年度|本校|全校", re.IGNORECASE)
# -- labels ----------------------------------------------------------------------------------------


class Said(NamedTuple):
    """What a label says: its name without dressing, what qualifies it, the units it names."""

    name: str
    qualifiers: frozenset[str]
    units: tuple[str, ...]


def is_numbered(text: str) -> bool:
    """Tell whether a text begins with a number of its own: 一、 or 1.2."""
    return _NUMBERED.match(text) is not None


def without_number(text: str) -> str:
    """Return a text without a number of its own in front."""
    return _NUMBERED.sub("", text.strip(), count=1) if is_numbered(text) else text.strip()


@lru_cache(maxsize=16384)
def said(text: str) -> Said:
    """Take a label apart; a long text is none, and says itself."""
    if len(text) > _LONGEST:
        return Said(text, frozenset(), ())
    text = without_unseen(text)
    numbered = _NUMBERED.match(text)
    if numbered:
        text = text[numbered.end() :]
    qualifiers, units = set[str](), list[str]()
    for inside in _BRACKETS.findall(text):
        for piece in _BETWEEN.split(inside):
            word = bare_unit(piece)
            if is_unit(word):
                units.append(word)
            elif word and not _HINTS.fullmatch(word):
                qualifiers.add(_NOISE.sub("", word))
    bare = unicodedata.normalize("NFKC", _BRACKETS.sub("", text)).strip().rstrip("/")
    *before, last = _BEHIND.split(bare) if bare else [""]
    # A single letter behind a space is of the label: 赛 项.
    is_apart = bare[: -len(last)].endswith(tuple("/:,、")) if last else False
    if before and not units and is_unit(last) and (is_apart or len(last) > 1):
        units.append(bare_unit(last))
        bare = bare[: -len(last)].rstrip("/:,、 ")
    return Said(_NOISE.sub("", bare), frozenset(qualifiers), tuple(units))


def plain(label: str) -> str:
    """Return a label without numbering, spaces, stars, brackets and width; long texts are none."""
    return said(label).name


def is_hint(text: str) -> bool:
    """Tell whether a text is but a bracket that says how to fill in: （是/否）, （选填）."""
    return text.lstrip()[:1] in "(（[［【〔" and said(text) == ("", frozenset(), ())


@lru_cache(maxsize=1024)
def is_hint_for_filling(word: str) -> bool:
    """Tell whether a word where a unit may stand says how to fill in: 是/否, 年-月-日, 文本."""
    return word != "" and (is_hint(word) or is_hint(f"({word})"))


@lru_cache(maxsize=1024)
def says_how_to_fill(word: str) -> bool:
    """Tell whether a word alone says how to fill in a column, and is no value: 整数, 必填."""
    return _IS_FOR_FILLING.fullmatch(word.strip()) is not None


@lru_cache(maxsize=1024)
def plain_sheet(name: str) -> str:
    """Return a sheet's name without numbering, year, spaces, width and the word 表."""
    return _SHEET_ENDS.sub("", _SHEET_NUMBER.sub("", plain(name)))


@lru_cache(maxsize=256)
def names_of(table: Table) -> tuple[str, str]:
    """Return the plain names of a table's sheet: in Chinese, and with the English one behind."""
    return plain_sheet(table.sheet), plain_sheet(f"{table.sheet}{table.sheet_en}")


@lru_cache(maxsize=256)
def labels_of(table: Table, year: int) -> dict[str, tuple[Column, frozenset[str]]]:
    """Return a table's columns by their labels' names, with what qualifies them on the form."""
    own = {f"{year}", f"{year}年", f"{year}年度", f"{year - 1}-{year}学年"}
    return {
        label.name: (column, frozenset(label.qualifiers | own))
        for column in table.columns
        for label in [said(column.label)]
    }


class Known(NamedTuple):
    """A column of the form whose label a text is, qualified or not."""

    column: Column
    is_qualified: bool


@lru_cache(maxsize=65536)
def known_label(text: str, table: Table, year: int) -> Known | None:
    """Return the column whose label a text is, if it is one's.

    With a qualifier that the form's label has not, or without one that it has, it is another's.
    """
    label, labels = said(text), labels_of(table, year)
    if label.name not in labels:
        label = said(_NUMBER_BEFORE_DIGITS.sub("", text, count=1))
    found = labels.get(label.name)
    if found is None:
        return None
    column, allowed = found
    lacks = said(column.label).qualifiers - label.qualifiers
    return Known(column, bool(lacks or label.qualifiers - allowed))


# -- rows of numbers -------------------------------------------------------------------------------

_STEMS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
_COUNTS = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四"),
    ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV"),
)
_BEGINS = {_STEMS[0], *(count[0] for count in _COUNTS)}
_AROUND_A_COUNT = "第栏列()[]. "
_COUNT = re.compile(
    rf"(?:no|[a-z]{{0,3}})[.-]?\d{{1,9}}(?:[-./]\d{{1,4}})*|[{_STEMS}①-⑳]|[a-z]|[ivx]{{1,5}}|[十百]?{_NUMBER}"
)


@lru_cache(maxsize=4096)
def is_count(text: str) -> bool:
    """Tell whether a text beside a record is no more than its number: 1, (1), A-01, 一, 第3."""
    bare = narrow(text).casefold().strip(f"{_AROUND_A_COUNT}、号家项")
    return bare.strip("-/—") == "" or _COUNT.fullmatch(bare) is not None


def is_numbering(values: list[Any]) -> bool:
    """Tell whether the cells that say something number the columns: 甲 乙 1 2, 1 2 3, 栏1 栏2."""
    begin = _counted(values[0]) if len(values) > 1 else ""
    if begin not in _BEGINS and not begin.isdecimal():
        return False
    words = [begin, *map(_counted, values[1:])]
    stems = next((n for n, word in enumerate(words) if word != _STEMS[n : n + 1]), len(words))
    if any(words == list(count[: len(words)]) for count in _COUNTS):
        return True
    numbers = words[stems:]
    if not all(word.isascii() and word.isdecimal() for word in numbers):
        return False
    counted = [int(word) for word in numbers]
    first = counted[0] if counted else 1
    return first in (0, 1, stems + 1) and counted == list(range(first, first + len(counted)))


def _counted(value: Any) -> str:
    return narrow(str(value)).strip(_AROUND_A_COUNT).removesuffix(".0")
