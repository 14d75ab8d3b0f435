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
from orchestration.intake.layout.groups import is_own_group, says_how
from orchestration.intake.layout.heads import Head, head_of
from orchestration.intake.layout.labels import without_number
from orchestration.intake.layout.layout import Layout, as_said
from orchestration.intake.layout.note_words import PLACE
from orchestration.intake.layout.notes import is_harmless_note, is_note, names_a_subject
from orchestration.intake.layout.other_figures import without_periods, years_said
from orchestration.intake.layout.row_words import is_closing, is_signer
from orchestration.intake.plain_text import narrow
from orchestration.intake.receipt import address
from orchestration.intake.workbook.problems import ProblemKind

# Whose title it is: 甘肃省庆阳市, a school. 校区, 城区 and the like part what they name.
_PLACES = re.compile(
    rf"^{PLACE}{{1,3}}(?<!校区)(?<!城区)(?<!山区)(?<!地区)(?<!郊区)(?<!全区)(?<!园区)"
)
_SCHOOL = re.compile(
    r"^(?!部分|附设|不|仅|非|各|外|除)[^\W\d_]{2,24}?(?:学校|职业中专|[职中]专|职高|学院|职教中心|职业中学)"
)
_NUMBER = re.compile(
    r"^(?:附?[表件]|表格)\d{0,2}(?:-\d{1,2})?[:.、]?|表(?:\d{1,2}(?:-\d{1,2})?)?$|^续"
)
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
    if is_closing(text) or is_signer(text) or says_how(text, year):
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
    return is_own_group(said, labels, f"{table.sheet}{table.sheet_en}", year, _OF_ANY)


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
