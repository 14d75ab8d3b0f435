"""Headings and groups that people put among labels: the form's own, or parts of what it asks.

What belongs here: telling by its words whether a heading is of the labels that it stands over. What
does not: where headings stand, and what becomes of them (fields/fields.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from orchestration.intake.layout.labels import is_hint, is_hint_for_filling, said
from orchestration.intake.layout.other_figures import is_filing_date, is_harmless, is_own_year
from orchestration.intake.layout.row_words import is_closing, is_signature, is_signer, row_word
from orchestration.intake.layout.unit_lines import units_said
from orchestration.intake.normalise import Normalisation

_LONGEST = 30
# What a heading over any of the forms' labels may say beside their own words. None of them parts
# people or money: 城区 and 中专部 are in no label, and are asked about.
_OF_ANY = re.compile(
    "总体|基本|基础|主要|其[他它]|综合|整体|[有相]关|各类|本校|结构|规模|情况|概况|状况|数量|数据|信息化?"
    "|指标|项目|内容|部分|方面|类别?|统计|填报|表|以?及|与|和|的|人?数|年龄|职称|学历|师资|队伍|人员"
    "|健康|素质|技能|荣誉|称号|等级|收入|支出|投入|来源|使用|经费|资金|土地|用地|建筑|设备|设施|条件"
    "|名称|事项|主要|具体|分类|栏目?|考核|调查|上报|填写|[Ii]tems?|[Ii]ndicators?|[Nn]ames?|就业|升学|去向|建设|合作|交流|活动|融合|培养|发展|教学"
)
_DRESS = re.compile(r"\W|_|20\d\d年?度?")
_NAMES_ITS_OWN = re.compile(r".{3,}(?:学校|职[高专]|[校院]|中心|[局厅])$")
_LONGEST_PART = 8  # signs; what is longer is a title


def is_own_group(
    text: str, labels: Iterable[str], sheet: str, year: int, also: re.Pattern[str] = _OF_ANY
) -> bool:
    """Tell whether a heading says no more than the labels below it do, or than any heading may.

    `also` are words that it may have besides.
    """
    if len(text) >= _LONGEST:
        return False
    name, qualifiers, _ = said(text)
    if any(not is_harmless(word, year) for word in qualifiers):
        return False
    words, own = _DRESS.sub("", name), "\n".join([sheet, *labels])
    ends = {0}  # up to where pieces of two signs or more, and the words of any heading, reach
    for start in range(len(words)):
        if start in ends:
            reach = range(start + 1, len(words) + 1)
            ends |= {e for e in reach if any(w.fullmatch(words, start, e) for w in (_OF_ANY, also))}
            ends |= {end for end in reach[1:] if words[start:end] in own}
    return len(words) in ends


def says_how(text: str, year: int) -> bool:
    """Tell whether a text at a table says a unit, how to fill in, who files, or the form's year."""
    is_plain = is_hint(text) or is_hint_for_filling(text.strip()) or is_own_year(text, year)
    is_of_filing = is_filing_date(text, year) or row_word(text) == Normalisation.note_row
    return is_plain or is_of_filing or bool(units_said(text))


def may_be_part(text: str, before: str, names: list[str], year: int) -> bool:
    """Tell whether a text over a head parts what stands below it, and is no title.

    `before` is what stands to the left of it: 填报单位： says what the text is; `names` are the
    sheet's and those of all that the form asks in it.
    """
    is_name = _NAMES_ITS_OWN.fullmatch(text.strip()) is not None
    is_note = row_word(f"{text}：") == Normalisation.note_row
    is_of_paper = is_note or is_signer(text) or is_closing(text)
    if len(text.strip()) > _LONGEST_PART or is_name or is_of_paper or says_how(text, year):
        return False
    is_said = is_signature(before) or row_word(f"{before}：") == Normalisation.note_row
    is_own = is_own_group(text, names[1:], names[0], year) and text.strip() not in ("其他", "其它")
    return not (before and is_said) and not is_own
