"""Titles above a table: what they may say without making the figures below other ones.

What belongs here: titles, and lines above a table that are no notes. What does not: notes
(notes.py), headings among labels (groups.py), heads of columns (heads.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from orchestration.forms.contract import Table
from orchestration.intake.layout.groups import is_own_group
from orchestration.intake.layout.heads import Head, head_of
from orchestration.intake.layout.labels import is_hint, is_hint_for_filling, without_number
from orchestration.intake.layout.layout import Layout, as_said
from orchestration.intake.layout.note_words import PLACE, SCHOOLS
from orchestration.intake.layout.notes import is_harmless_note, is_note, names_a_subject
from orchestration.intake.layout.other_figures import (
    is_filing_date,
    is_own_year,
    without_periods,
    years_said,
)
from orchestration.intake.layout.row_words import is_closing, is_signer
from orchestration.intake.layout.unit_words import bare_unit, is_unit
from orchestration.intake.plain_text import narrow
from orchestration.intake.receipt import address
from orchestration.intake.workbook.problems import ProblemKind

# Whose title it is: 甘肃省庆阳市, a school. 校区, 城区 and the like part what they name.
_PLACES = re.compile(
    rf"^{PLACE}{{1,3}}(?<!校区)(?<!城区)(?<!山区)(?<!地区)(?<!郊区)(?<!全区)(?<!园区)"
)
_SCHOOL = re.compile(
    rf"^(?!部分|附|联办|合并|撤并|民办|公办|委托|合作|不|仅|非|各|外|除)[^\W\d_]{{2,24}}?(?:{SCHOOLS})"
)
_NUMBER = re.compile(
    r"^(?:附?[表件]|表格)(?:[一二三四五六七八九十]{1,2}|\d{0,2}(?:-\d{1,2})?)[:.、]?|表(?:\d{1,2}(?:-\d{1,2})?)?$|^续"
)
_PARTS = re.compile("其[他它]|部分|就业|升学")
_OWN_PARTS = re.compile(r"第.部分")
_BRACKETS = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_BETWEEN = re.compile(r"[、,;/|\s]|单位[:为]?|(?:币种:)?人民币")
_NO_SIGN = re.compile("[\"'“”‘’()]")
_SIMPLE = str.maketrans("單萬圓", "单万元")
_MOST = 1000  # texts off a table that are looked at; no form has nearly as many
_DASHES = re.compile(r"(?<=\d)[—–―─~至]+(?=\d)")
# What titles of any sheet say.
_OF_ANY = re.compile(
    r"中等|在校|职业|中职|教育|学校|院校|质量|年度|年|年报|报告|情况|基本|统计|汇总|调查|采集|登记|明细|一览|名单|清单|台账|数据|信息|表|填报|上报|报送|的"
    r"|[审核批]{2}意见"
)


@lru_cache(maxsize=4096)
def is_harmless_title(text: str, table: Table, year: int, *, is_inside: bool = False) -> bool:
    """Tell whether a text above a table says no more than its name, whose it is, and the year.

    Inside a table, a heading may say as much as the labels do.
    """
    text = _without_units(text)
    is_of_paper = is_closing(text) or is_signer(text) or is_filing_date(text, year)
    is_how = is_hint(text) or is_hint_for_filling(text) or _are_units(text)
    if not text or is_of_paper or is_own_year(text, year) or is_how:
        return True
    if is_note(f"{text}：") or head_of(text, year) not in (None, Head.other):
        return True
    if not names_a_subject(text) and is_harmless_note(text.strip("()（） "), year):
        return True
    said = without_periods(_DASHES.sub("-", narrow(text)), year)
    if said is None:
        return False
    said = re.sub(rf"{year}(?:年度?|学年)?|{year - 1}-{year}学年", "", said)
    if years_said(said):
        return False
    said = _NUMBER.sub("", without_number(_NUMBER.sub("", said)))
    for whose in (_PLACES, _SCHOOL):
        said = whose.sub("", said)
    labels = [column.label for column in table.columns] if is_inside else []
    if not is_inside and _PARTS.search(_OWN_PARTS.sub("", said.replace(table.sheet, ""))):
        return False
    names = f"{table.sheet}{table.sheet_en}"
    said = _BRACKETS.sub(
        lambda m: m[1] if is_own_group(m[1], labels, names, year, _OF_ANY) else m[0], said
    )
    return is_own_group(said, labels, names, year, _OF_ANY)


def _without_units(text: str) -> str:
    """Return a title without units in brackets or behind 单位: they are heard elsewhere."""
    bare = _BRACKETS.sub(
        lambda m: "" if _are_units(m[1]) else m[0], narrow(text).translate(_SIMPLE)
    )
    before, marker, behind = bare.rpartition("单位")
    behind = behind.lstrip("为是:|- ")
    return before.strip() if marker and behind and _are_units(behind) else bare.strip()


def _are_units(text: str) -> bool:
    words = [bare_unit(word) for word in _BETWEEN.split(_NO_SIGN.sub("", text)) if word]
    return bool(words) and all(map(is_unit, words))


def heed_lines(
    layout: Layout,
    lines: Iterable[tuple[int, int, Any]],
    table: Table,
    year: int,
    inside: range = range(0),
) -> None:
    """Ask about titles and notes that may make a table's cells other figures than the form's.

    `inside` are the rows of the labels; what stands below them and is no note is accounted for
    elsewhere.
    """
    told = {problem.cell for problem in layout.problems}
    for number, (row, at, text, _) in enumerate(as_said(lines)):
        if number > _MOST:
            is_harmless = False
        elif is_note(text):
            is_harmless = is_harmless_note(text, year)
        else:
            is_below = bool(inside) and row >= inside.stop
            is_inside = row in inside
            is_harmless = is_below or is_harmless_title(text, table, year, is_inside=is_inside)
        if not is_harmless and address(row, at) not in told:
            layout.object(ProblemKind.text_says_otherwise, address(row, at), text)
        if number > _MOST:
            return
