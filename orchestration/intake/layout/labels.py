"""What a label says: its name, what qualifies it, the unit it names; and what a column's head is.

What belongs here: the words of labels, heads and units. What does not: where on a sheet they stand
(fields.py, rows.py), the words that make a row no record (row_words.py).
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto
from functools import lru_cache
from typing import Any, NamedTuple

from orchestration.forms.contract import Column, Table, load_units
from orchestration.intake.normalise import narrow

_LONGEST = 60
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
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
_SHEET_NUMBER = re.compile(r"^(表?[一二三四五六七八九十\d]+[-.、．]?)+(?=\D)")
# What a bracket behind a label may say without making it another label.
_HINTS = re.compile(
    r"必填|选填|可选|可空|单选|多选|整数|小数|数字|文本|下拉|(?:请)?(?:从下拉框)?选择|如有|是|否"
    r"|保留.位小数|本年|当年|本年度|本校|全校|required|optional",
    re.IGNORECASE,
)
# 单位：万元, 单位（万元）, 以万元为单位, 金额以元计, 金额：元; the latter only with a known unit.
_SAYS_UNIT = re.compile(r"单位(?:均|统一|全部|都)?(?:为|是|:|=)[(]?([^()。;,]+)")
_MAY_SAY_UNIT = re.compile(
    r"单位[(]?([^():。;,]+)|[以按]([^,。;以按]{1,8}?)(?:为单位|计|填)|(?:金额|面积|人数)[:](?:单位)?([^()。;,]+)"
)
_INSTITUTION = re.compile(r"校|学院|教育|中心|局|公司|集团|办公|部门|政府|委")

# -- heads -----------------------------------------------------------------------------------------


class Head(Enum):
    """What a column's head on a sheet of labelled cells, or a column beyond the form's, is."""

    label = auto()
    value = auto()
    other = auto()  # another year's, or another measure's
    unit = auto()
    code = auto()
    note = auto()


_HEADS = {
    **dict.fromkeys(
        ("项目", "指标", "名称", "栏目", "指标名称", "项目名称", "填报项目"), Head.label
    ),
    **dict.fromkeys(("填报值", "数值", "填报内容", "内容", "数据", "值", "数量", "数"), Head.value),
    **dict.fromkeys(("填报数", "填报数据", "实有", "实有数", "实际", "实际数", "结果"), Head.value),
    **dict.fromkeys(("年末数", "期末数", "年末", "期末", "value", "Value"), Head.value),
    **dict.fromkeys(("单位", "计量单位", "unit", "Unit"), Head.unit),
    **dict.fromkeys(
        ("代码", "编码", "行次", "序号", "编号", "栏次", "行号", "No", "No."), Head.code
    ),
    **dict.fromkeys(("指标代码", "项目代码", "序"), Head.code),
    **dict.fromkeys(("备注", "说明", "备考", "注", "填报说明", "指标解释", "口径"), Head.note),
    **dict.fromkeys(("数据来源", "来源", "解释", "指标说明"), Head.note),
}
_OTHER = re.compile(
    r"上年|去年|上一年|上学年|上期|往年|前年|预算|计划|目标|累计|同比|环比|增减|增长|增幅|变化|变动"
    r"|比上|较上|差额|期初|年初|其中|预计|参考|平均|学期|半年|季度|届|新增|任务|下达|申报|批复|标准"
    r"|占比|比例|比重|百分|历年|前一年|合计|女|男|省|区县|县区|全区|外校|初稿|草稿"
    r"|(?<!\d)\d{1,2}(?:-\d{1,2})?月(?!\d)|二[〇○零0Oo][〇○零一二三四五六七八九0-9Oo]{2}年|2[Oo〇]\d\d年"
)
_SHORT_YEAR = re.compile(r"(?<!\d)(\d\d)(?:年|-\d\d学年)")
# What a text off the cells says that makes them other figures: another year's, a part's, a draft's.
_NOT_OURS = re.compile(
    r"上年|去年|上一年|上学年|上一学年|往年|前年|预算|计划数|累计|其中女|女生$|其中[:]?女|预测|预计|作废"
    r"|草稿|初稿|\(示例\)|示例表|^示例$|样表|样例|仅女|仅男|上期|历年"
)
_OWN = re.compile(r"本年|今年|当年|本期|本学年|填报值|填报数|数值|实有|填报内容")
_IS_WHOLE = re.compile(r"[^解释明来源依据口径]*")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_CHINESE = {c: str(n) for n, c in enumerate("〇一二三四五六七八九")} | {
    "○": "0",
    "零": "0",
    "O": "0",
}
_CHINESE_YEAR = re.compile(r"二[〇○零O]([〇○零一二三四五六七八九O]{2})年")


@lru_cache(maxsize=8192)
def head_of(text: str, year: int) -> Head | None:
    """Return what a head says of its column on the form of a year; none if it says nothing."""
    if len(text) > _LONGEST:
        return None
    name, wide = said(text).name, unicodedata.normalize("NFKC", text)
    years = years_said(wide)
    if name in _HEADS and not years and not said(text).qualifiers:
        return _HEADS[name]
    if _is_school_year(wide, year):
        return Head.value
    if years - {year} or _OTHER.search(wide):
        return Head.other
    if years or (_OWN.search(wide) and _IS_WHOLE.fullmatch(name)):
        return Head.value
    return _HEADS.get(name)


def years_said(text: str) -> set[int]:
    """Return the years that a text in ordinary width names, in four digits or in two."""
    years = {int(found) for found in _YEAR.findall(text)}
    return years | {2000 + int(found) for found in _SHORT_YEAR.findall(text)}


def _is_school_year(text: str, year: int) -> bool:
    """Tell whether a text names the year by the two that its school year lies in."""
    return years_said(text) == {year - 1, year} and not _OTHER.search(text.replace("学年", ""))


@lru_cache(maxsize=4096)
def says_otherwise(text: str, year: int) -> bool:
    """Tell whether a text off the cells, a title or a sheet's name, makes them other figures."""
    wide = unicodedata.normalize("NFKC", text)
    years = years_said(wide)
    if _CHINESE_YEAR.search(wide) and not years:
        digits = _CHINESE_YEAR.findall(wide)
        years = {int("20" + "".join(_CHINESE[d] for d in found)) for found in digits}
    is_of_another_year = bool(years) and year not in years
    return is_of_another_year or _NOT_OURS.search("".join(wide.split())) is not None


# -- labels ----------------------------------------------------------------------------------------


class Said(NamedTuple):
    """What a label says: its name without dressing, what qualifies it, the units it names."""

    name: str
    qualifiers: frozenset[str]
    units: tuple[str, ...]


def without_unseen(text: str) -> str:
    """Return a text without the signs that nobody sees."""
    return _INVISIBLE.sub("", text)


def is_numbered(text: str) -> bool:
    """Tell whether a text begins with a number of its own: 一、 or 1.2."""
    return _NUMBERED.match(text) is not None


@lru_cache(maxsize=16384)
def said(text: str) -> Said:
    """Take a label apart; a long text is none, and says itself."""
    if len(text) > _LONGEST:
        return Said(text, frozenset(), ())
    text = _INVISIBLE.sub("", text)
    numbered = _NUMBERED.match(text)
    if numbered:
        text = text[numbered.end() :]
    qualifiers, units = set[str](), list[str]()
    for inside in _BRACKETS.findall(text):
        for piece in _BETWEEN.split(inside):
            word = narrow(piece).removeprefix("单位").lstrip(":").strip()
            if is_unit(word):
                units.append(word)
            elif word and not _HINTS.fullmatch(word):
                qualifiers.add(_NOISE.sub("", word))
    bare = unicodedata.normalize("NFKC", _BRACKETS.sub("", text)).strip()
    *before, last = _BEHIND.split(bare) if bare else [""]
    # A single letter behind a space is of the label: 赛 项.
    is_apart = bare[: -len(last)].endswith(tuple("/:,、")) if last else False
    if before and not units and is_unit(last) and (is_apart or len(last) > 1):
        units.append(last)
        bare = bare[: -len(last)].rstrip("/:,、 ")
    return Said(_NOISE.sub("", bare), frozenset(qualifiers), tuple(units))


def plain(label: str) -> str:
    """Return a label without numbering, spaces, stars, brackets and width; long texts are none."""
    return said(label).name


@lru_cache(maxsize=1024)
def plain_sheet(name: str) -> str:
    """Return a sheet's name without numbering, spaces and width."""
    return _SHEET_NUMBER.sub("", plain(name))


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
    label = said(text)
    found = labels_of(table, year).get(label.name)
    if found is None:
        return None
    column, allowed = found
    lacks = said(column.label).qualifiers - label.qualifiers
    return Known(column, bool(lacks or label.qualifiers - allowed))


# -- units -----------------------------------------------------------------------------------------


@lru_cache
def _unit_words() -> frozenset[str]:
    return frozenset(
        narrow(word)
        for unit in load_units().values()
        for word in (unit.text.zh, *unit.suffixes, *unit.factors)
    )


@lru_cache(maxsize=4096)
def is_unit(word: str) -> bool:
    """Tell whether a text is a unit that some column of the forms could be said in."""
    return len(word) <= 12 and narrow(word).strip("()[] ") in _unit_words()


@lru_cache(maxsize=4096)
def units_said(text: str) -> tuple[str, ...]:
    """Return the units that a line names for all that stands below it: 单位：万元.

    A line that says which institution files, 单位：示例学校, names none.
    """
    found = list(said(text).units)
    bare = "".join(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).split())
    for words in _SAYS_UNIT.findall(bare):
        pieces = [narrow(piece) for piece in _BETWEEN.split(words) if piece]
        if not _INSTITUTION.search(words) and all(len(piece) <= 8 for piece in pieces):
            found += pieces
    for groups in _MAY_SAY_UNIT.findall(bare):
        found += [word for word in groups if word and is_unit(word)]
    if is_unit(bare):
        found.append(bare.strip("()[]"))
    return tuple(dict.fromkeys(found))


# -- rows of numbers -------------------------------------------------------------------------------

_STEMS = "甲乙丙丁戊己庚辛壬癸"


def is_numbering(values: list[Any]) -> bool:
    """Tell whether the cells that say something number the columns: 甲 乙 1 2, or 1 2 3."""
    words = [narrow(str(value)).strip("()（）[]. ").removesuffix(".0") for value in values]
    if words == list("ABCDEFGHIJKLMNOPQRST"[: len(words)]):
        return len(words) > 1
    stems = next((n for n, word in enumerate(words) if len(word) != 1 or word not in _STEMS), 0)
    if stems == 0 and words and all(len(w) == 1 and w in _STEMS for w in words):
        stems = len(words)
    if "".join(words[:stems]) != _STEMS[:stems]:
        return False
    numbers = words[stems:]
    if not all(word.isascii() and word.isdecimal() for word in numbers):
        return False
    counted = [int(word) for word in numbers]
    first = counted[0] if counted else 1
    return (
        len(words) > 1
        and first in (0, 1, stems + 1)
        and counted == list(range(first, first + len(counted)))
    )
