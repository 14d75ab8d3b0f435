"""One cell that names several or none, for which one record is counted: 华为、中兴; 5门课程.

What belongs here: telling it of one text. What does not: what becomes of the record (doubts.py).
A firm's registered name holds no mark, so any mark parts two. A course, certificate or speciality
may be called 电工、电子技术: only names that are whole in themselves on either side are several.
"""

from __future__ import annotations

import re
from functools import lru_cache

from orchestration.intake.plain_text import narrow

_MAY_BE = re.compile(r"[、,;/\n《②]|等|[及与和]|2[.)]|[门家个项本种部所篇]")
_BRACKETS = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]")
_OF_WORKS = r"(?:教材|课程|精品|在线|开放|规划|校本|示范|国家级|省级|市级|案例)*"
_WORK = rf"{_OF_WORKS}《[^《》]+》"
_WORKS = re.compile(rf"{_WORK}(?:\s*[、,;/和及与]?\s*{_WORK})+(?:等.{{0,8}})?")
_COUNT = r"(?:\d+|[一二两三四五六七八九十]+|[多数几]|若干)"
_KINDS = r"(?:课程|教材|企业|单位|公司|院校|学校|案例|证书|赛项|项目|工种)"
_AND_MORE = re.compile(
    rf".*[^中高初同平优特均对]等\s*{_COUNT}\s*[门家个项本种部所篇](?:精品|典型)?{_KINDS}?"
)
_AND_OTHERS = re.compile(rf".*[^中高初同平优特均对一二三四甲乙丙上下]等{_KINDS}?")
# 5门课程, 另有3所高职; 高等数学(5门). What it is behind one is of one name: 一所.
_NOTHING_BUT = re.compile(
    rf"(?:共计?|另有?|其[他它]|以上|合计)*\s*(?![一1][门家个项本种部所篇]){_COUNT}\s*[门家个项本种部所篇]"
    r"(?:高职|本科|中职|精品|合作|在线)*(?:课程?|教材|企业|单位|公司|院校|学校|学院|高校|案例|证书|赛项|项目|工种)?"
)
_COUNTED = re.compile(rf".+[(](?:共|等)?(?![一1][门家本部所篇]){_COUNT}\s*[门家本部所篇][)]")
_OF_BODIES = re.compile(
    r"(?:全部|所有|各|其[他它]|多所|省内|省外|市内|市外|合作|以上)*"
    r"(?:(?:高等职业|高职|高专|大专|专科|(?:职业|应用型)?本科|中职|中专)(?:院校|学校|学院|高校)?|院校|高校)"
)
_LISTED = re.compile(
    r"[(]?1[.、)]\s*[^\d\s].*?[\s;,、。(\u4e00-\u9fff]2[.、)]\s*[^\d\s]|①.+②", re.DOTALL
)
_MARKS = re.compile(r"[、,;/\n]+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_AN_INITIAL = re.compile(r"[A-Z0-9]{2,5}")  # ABB, H3C, and no translation of the name before
# Lucky signs behind 和, and words that hold 及 or 与, make one name of it.
_BOTH = re.compile(
    r"[\u4e00-\u9fff]{1,3}[^普埃涉波触以参温谦祥共饱]"
    r"(?:及(?![时第格其])|与(?!时)|和(?![谐平顺睦信泰美盛兴润记气众瑞盈创合丰天]))[\u4e00-\u9fff]{2,4}"
)
_ENDS_A_BODY = re.compile(r".*(?:公司|集团|厂|店|[院校社所站馆行]|大学|中学|中心|协会|园)")
_NO_PART = re.compile(r".*(?:组|级|方向|[批期届类年])|\d.*|(?:[高初中]级)?(?:工|技师)|高级技师")
# What names of one kind end in when they are whole.
_WHOLE = tuple(
    re.compile(rf".{{{least},}}(?:{ends})")
    for least, ends in (
        (1, "[工师员]"),
        (1, "班"),
        (0, "语文|数学|英语|物理|化学|历史|体育|音乐|美术|素描"),
        (1, "大赛|比赛|竞赛|联赛|展演"),
        (
            *(2,),
            "技术|基础|原理|概论|实务|制图|识图|教程|课程|入门|导论|工艺|英语|语文|数学|物理|化学|历史|体育|音乐|美术"
            "|法规|文化|礼仪|素描|应用|设计|加工|维修|检修|编程|检测|管理|营销|护理|会计|[力电光医药]学",
        ),
    )
)
_LEAST, _SHORT = 3, 6


@lru_cache(maxsize=65536)
def names_several(text: str, *, is_body: bool = False, is_title: bool = False) -> bool:
    """Tell whether one cell names several: `is_body` of firms and schools, `is_title` of texts."""
    said = narrow(text).strip()
    if is_body and _OF_BODIES.fullmatch(said):
        return True
    if _MAY_BE.search(said) is None:
        return False
    if _NOTHING_BUT.fullmatch(said) or _COUNTED.fullmatch(said):
        return True
    bare = _BRACKETS.sub("", said).strip("。. ")
    if _WORKS.fullmatch(bare) or _AND_MORE.fullmatch(bare) or _LISTED.match(said):
        return True
    if is_title:
        return False
    if _AND_OTHERS.fullmatch(bare):
        return True
    parts = [part.strip() for part in _MARKS.split(bare)]
    if is_body and _BOTH.fullmatch(bare):
        return not _ENDS_A_BODY.fullmatch(bare)
    if len(parts) < 2 or any(len(part) < 2 for part in parts):
        return False
    return _are_bodies(parts, bare) if is_body else _are_names(parts, bare)


def _are_bodies(parts: list[str], text: str) -> bool:
    """Tell whether parts are firms or schools; a line break alone may be within a name."""
    named = [part for part in parts if _HAN.search(part) or _AN_INITIAL.fullmatch(part)]
    if len(named) < 2:
        return False
    if _MARKS.findall(text).count("\n") < len(parts) - 1:
        return True
    whole = [_ENDS_A_BODY.fullmatch(part) is not None for part in parts]
    return all(whole) or (not any(whole) and all(len(part) <= _SHORT for part in parts))


def _are_names(parts: list[str], text: str) -> bool:
    """Tell whether parts are names that are whole in themselves."""
    if any(_NO_PART.fullmatch(part) for part in parts):
        return False
    if any(all(map(whole.fullmatch, parts)) for whole in _WHOLE):
        return True
    is_parted = "、" not in text and "\n" not in text
    return ";" in text or (is_parted and all(len(_HAN.findall(part)) >= _LEAST for part in parts))
