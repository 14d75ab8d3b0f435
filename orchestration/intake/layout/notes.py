"""Notes that leave the figures what the form asks for: all that they say is known to do so.

What belongs here: how a note is taken apart, and remarks that say that all was looked at. What does
not: the words that change no figure (note_words.py), which texts are notes (row_words.py). A note
with any other word is asked about, so that nobody need think of all that people may write.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from orchestration.intake.layout.labels import is_hint
from orchestration.intake.layout.note_words import (
    CONTACT,
    GOVERNMENT,
    NUMBER,
    OFFICE,
    PERSON,
    PHRASES,
    PLACE,
    PREDICATES,
    SAID,
    SCHOOL,
    SOURCES,
    SUBJECTS,
    TAILS,
)
from orchestration.intake.layout.other_figures import (
    is_day_of_another_year,
    is_other_head,
    without_periods,
)
from orchestration.intake.layout.row_words import (
    asked_and_said,
    is_a_code,
    is_closing,
    is_signature,
    is_signer,
    row_word,
)
from orchestration.intake.layout.unit_lines import units_said
from orchestration.intake.layout.unit_words import is_unit, money_units
from orchestration.intake.normalise import Normalisation, means_blank
from orchestration.intake.plain_text import narrow, typed_text
from orchestration.intake.receipt import Mark, Outcome
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Unread

_LONGEST, _LONGEST_TITLE = 400, 60
_LONGEST_CLAUSE = 40  # a pattern goes back over what may be taken in two ways
_SENTENCE = re.compile("[,，。;；!！]")
# A new line, several blanks, one before a label: what stands behind says something else.
_APART = re.compile(r"\n|\s{2,}|\s(?=[^\s:]{2,10}:)")
_CLAUSES = re.compile(r"[,;。!]|(?<!\d)\.(?=\D|$)")
_NO_WORDS = re.compile(r"[\s:：、/|()\[\]【】〔〕<>“”\"'‘’*＊★※#—–~-]+")
_TO_SOURCES = r"来源于?|来自|取自|源自|由|以(?![上及])|按照?|根据|依据|与|从"
_VERBS = re.compile(rf"({_TO_SOURCES}|为(?!准)|是|系(?!统)|即)")
_BY_SOURCES = re.compile(_TO_SOURCES)
_IS_HELD_TO = re.compile("以|按|根据|依据")
_LOOKED_AT = frozenset({"审核", "核实", "核对"})  # what comes of it would hold instead
# 教职成厅函〔2024〕1号, 甘教厅发〔2024〕1号: places before offices.
_NUMBERED_PAPER = re.compile(
    r"(?:[^\W\d_]{0,3}[教职成厅局函发办政财人社国党委组字规计基学通令]{1,7})?[\[(〔【]20\d\d[\])〕】]第?\d{1,4}号(?:文件?)?"
)
_TITLED_PAPER = re.compile(r"《[^》]{0,60}》")
_OF_RULES = re.compile("标准|办法|规定|目录|通知|意见|指南|制度|法")
_HOUR = re.compile(r"(?<=\d)\s\d{1,2}:\d{2}(?::\d{2})?")
_BLANK_DAY = re.compile(r"年\s*月\s*日")  # left to be filled in by hand
_PARTED = re.compile(r"表\s+号")  # as printed forms set two signs as wide as four
_UNITS_BETWEEN = re.compile(r"[、,，;；/\s()]+")
_A_DAY = re.compile(r"\d{1,2}月\d{1,2}日")
_COUNTED_DAY = re.compile(r"(?<!\d)(?:9|1[0-2])月\d{1,2}日")
# Ends in what figures are of and bids nothing: 签订协议人数, 盖章金额.
_DEFINES = re.compile(
    rf"^(?!请|认真|如实|逐项|仔细|以上|上述|所有|表中).*(?:人数|金额|面积|时点)$|(?:{'|'.join(SUBJECTS)})$"
)
_BIDS = re.compile("请(?=[填按从用以与])")
_BEGS = re.compile(
    r"[:：。]|一式|报送|报至|上报|核[对实]|提供|请|负责|承诺|真实|第\d+页|(?:代码|标识码)\s?[A-Z\d]{6}"
)
_ORDINAL = re.compile(r"^[(（]?(?:\d{1,2}|[①-⑳]|[一二三四五六七八九十])[)）.、:：]")
# What a label asks for, and what may answer it.
_ALL = re.compile("全校(?:师生|学生|教师|教职工)?|本校|全部|所有|全体")
_INSIDE = re.compile(r"\(([^()]*)\)")
_IN_LABELS = re.compile("签字|签名|签章|盖章|公章|章|公章处|单位|学校|万?元|人|[州区]|\\d{0,2}")
_BARE = ("备注", "说明", "注")
_OF_SOME = re.compile("部门|科室|来源|范围|对象|口径|(?<!金额)(?<!货币)(?<!计量)(?<!面积)单位|学校")
_OF_SOURCES = re.compile("来源|依据")
_OF_WHICH = re.compile("范围|对象|口径")
_PEOPLE = rf"(?:{PERSON}|{OFFICE})(?:[、,，/\s]+(?:{PERSON}|{OFFICE}))*"
_PHONE = r"(?:[,，、\s]*(?:联系|手机)?(?:电话)?:?\s*[\d-]{7,13})?"
_OFFICE_OF_SCHOOL = re.compile(rf"{SCHOOL}?{OFFICE}")
_ANSWERS = (
    (
        "意见",
        r"(?:经审核)?[,，]?(?:数据|情况)?(?:属实)?[,，]?(?:同意(?:上报|报送)?|审核通过)?。?\s*(?:\([盖公]章\))?",
    ),
    ("状态", r"已?(?:完成|提交|上报|填报|审核|通过|定稿|确认)+|正常|完整|无误"),
    ("电话|邮|传真|网址|QQ|微信|技术支持|联系方式", CONTACT),
    (
        "县|区|市州|市.州|所在|地市|省份",
        rf"(?!.*(?:山|牧|林|郊|校|园|新|老|片|库|地)区){PLACE}{{1,3}}(?:[^,。;()]{{2,16}}[路街道号镇乡村楼城])?",
    ),
    (
        "^(?:[主抄呈]送|[抄呈]?报|报送):",
        rf"(?:{GOVERNMENT})(?:[、,，\s]+(?:{GOVERNMENT}))*|各?(?:中等)?职业学校",
    ),
    ("地址", r"[^,。;]{2,24}[路街道号镇乡村区县楼城]"),
    ("文号", r"[^\W\d_]{0,10}[\[(〔【]20\d\d[\])〕】]第?\d{1,4}号"),
    ("表号", rf"{NUMBER}|[^\W\d_]{{1,8}}\d{{1,3}}表"),
    ("代码|标识码|页[码次]", NUMBER),
    ("有效期", r"[\d年月日.~至/—–-]*"),
    ("机关|主管", GOVERNMENT),
    ("来源", rf"(?:学校|本校)?{OFFICE}"),
    ("人|者|员|负责|领导|[校院]长|审|复核|经办|承办|签|制表|编制|咨询|职务", _PEOPLE + _PHONE),
    ("单位|学校|部门|科室", rf"{SCHOOL}|(?:学校|本校)?{OFFICE}|{GOVERNMENT}|(?:合成)?示例"),
)


@lru_cache
def _answers() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    return [(re.compile(label), re.compile(answer)) for label, answer in _ANSWERS]


# -- remarks ---------------------------------------------------------------------------------------

ASIDE = Mark(Outcome.passed_over, Normalisation.note_row)

_LOOKED = r"(?:核对|核实|复核|审核|审阅|校对|确认|检查)"
_RIGHT = r"(?:完毕|通过|过)"  # 无误 and 属实 are words of their own below
_VOWS = r"(?:(?:本校|我校|学校|(?:本|我)单位|本人)?(?:郑重)?(?:承诺|保证|声明)[,，:：]?)?"
_OF_WHAT = r"(?:以上|本表)?(?:所填|填报|上报)?的?(?:数据|情况|内容|信息|材料)?"
_TRUE = r"(?:真实|准确|完整|有效|无误|属实|可靠)"
_WORD = (
    rf"(?:{_OF_WHAT}(?:均?已经?){_LOOKED}{_RIGHT}?|{_LOOKED}{_RIGHT}|均?已[核审阅]"
    rf"|{_VOWS}{_OF_WHAT}均?{_TRUE}|正确|同意(?:报送|上报)?|OK|[√✓✔☑])"
)
_CONFIRMS = re.compile(
    rf"(?:([\w·]{{1,12}})\s*[:：]\s*)?{_WORD}(?:[\s,，、;；。.和且]*{_WORD})*[\s。.!！]*",
    re.IGNORECASE,
)

_LOOKED_ON = re.compile(rf"是|否|{_PEOPLE}")


@lru_cache(maxsize=4096)
def says_who_checked(text: str) -> bool:
    """Tell whether a cell under 审核人 or 是否核对 says no more than a name, a tick, 是 or 否."""
    said = narrow(text)
    return not said or _LOOKED_ON.fullmatch(said) is not None or only_confirms(said)


@lru_cache(maxsize=4096)
def only_confirms(text: str) -> bool:
    """Tell whether a remark says that something was checked and is right, and nothing else.

    Who or what was is said before a colon; 上年数：无误 says that figures are last year's.
    """
    found = _CONFIRMS.fullmatch(text.strip()) if len(text) <= _LONGEST_CLAUSE else None
    what = found[1] if found else None
    is_other = what is not None and (is_other_head(what) or any(map(str.isdigit, what)))
    return found is not None and not is_other


def is_aside(value: Any, before: Any, year: int) -> bool:
    """Tell whether a cell off the table is a picture, or says nothing that a figure hangs on.

    What stands before it may ask who files, or when.
    """
    if isinstance(before, str) and is_signature(before):
        label = before.rstrip().rstrip(":：")
        if is_harmless_note(f"{label}：{typed_text(value)}", year):
            return True
    if isinstance(value, Unread):
        return value.kind == ProblemKind.cell_is_a_picture
    if not isinstance(value, str):
        return False
    is_told = only_confirms(value) or is_closing(value) or is_remark(value, year)
    return says_blank(value) or (is_told and not units_said(value))


def says_blank(value: Any) -> bool:
    """Tell whether a cell holds no more than a word or a dash for nothing."""
    return isinstance(value, str) and means_blank(narrow(value))


# -- notes -----------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def is_note(text: str) -> bool:
    """Tell whether a text says something of a table, by its first word or in sentences."""
    is_sentence = len(text) > _LONGEST_TITLE or _SENTENCE.search(text) is not None
    return is_sentence or row_word(text) == Normalisation.note_row


@lru_cache(maxsize=4096)
def is_remark(text: str, year: int) -> bool:
    """Tell whether a text that stands alone is a note, though it does not begin like one.

    It could be no name: it bids, vows, sends or asks, and all of it is known to change nothing.
    """
    return _BEGS.search(text) is not None and is_harmless_note(text, year)


@lru_cache(maxsize=4096)
def is_harmless_note(text: str, year: int) -> bool:
    """Tell whether all of a note is known to leave the figures of a year what the form asks for."""
    if len(text) > _LONGEST or is_day_of_another_year(text, year):
        return False
    own = re.compile(rf"(?<![〔\[(【]){year}(?:年度?|学年)?|{year - 1}-{year}学年")
    bare = _PARTED.sub("表号", _BLANK_DAY.sub("", _HOUR.sub("", narrow(text))))
    for piece in _APART.split(bare):
        said = without_periods(piece, year)
        if is_closing(piece) or _A_DAY.fullmatch(piece):
            continue
        if said is None or not _is_harmless(own.sub("", said)):
            return False
    return True


def heads_records(text: str) -> bool:
    """Tell whether a note with records below it may say which ones they are: 部门：继续教育中心."""
    label, said = asked_and_said(narrow(text))
    if not label or not said or is_closing(text) or is_unit(said) or only_confirms(said):
        return False
    return _OF_SOME.search(label) is not None or names_a_subject(said)


def _is_harmless(said: str) -> bool:
    label, _ = asked_and_said(said)
    if any(not _IN_LABELS.fullmatch(inside) for inside in _INSIDE.findall(label)):
        return False  # 审核人（数据有误）：
    is_known = is_a_code(said) or said in _BARE
    if is_closing(said) or is_signer(said) or is_hint(said) or is_known:
        return True
    label, answer = asked_and_said(said)
    if label:
        if _is_answered(label, answer):
            return True
        answer, _, rest = answer.partition(":")
        if _is_answered(label, answer) and (not rest or _is_harmless(rest)):
            return True
    return all(map(_changes_nothing, _CLAUSES.split(_without_papers(said))))


def _without_papers(text: str) -> str:
    """Return a text without the numbers and titles of rules; a report's title stays."""
    found = _NUMBERED_PAPER.sub("", text)
    return _TITLED_PAPER.sub(lambda m: "" if _OF_RULES.search(m[0]) else m[0], found)


def _is_answered(label: str, said: str) -> bool:
    """Tell whether what stands behind a label is no more than what the label asks for."""
    if not said or only_confirms(said) or is_closing(said):
        return True
    if len(said) > _LONGEST_CLAUSE:
        return False
    if _OF_WHICH.search(label):
        return _ALL.fullmatch(said) is not None
    units = _UNITS_BETWEEN.split(said)
    if _OF_SOURCES.search(label) and _is_harmless_behind("由", said):
        return True
    if "单位" in label and all(not one or is_unit(one) or PHRASES.fullmatch(one) for one in units):
        return True  # which one is due is asked elsewhere
    kinds = (answer for asked, answer in _answers() if asked.search(label))
    answer = next(kinds, None)
    return answer is not None and answer.fullmatch(said) is not None


def _changes_nothing(clause: str) -> bool:
    """Tell whether a clause is a phrase that is known, or of words of which none does harm."""
    label, clause = asked_and_said(_ORDINAL.sub("", clause))
    clause = _ORDINAL.sub("", clause)
    if label and asked_and_said(clause)[0]:
        return _changes_nothing(clause)  # 注：统计范围：
    if label and _is_answered(label, clause):
        return True
    if len(clause) > _LONGEST_CLAUSE or (_OF_WHICH.search(label) and not _VERBS.match(clause)):
        return False
    if not clause or PHRASES.fullmatch(clause) or only_confirms(clause) or is_closing(clause):
        return True
    if is_unit(clause.strip("()")) or _OFFICE_OF_SCHOOL.fullmatch(clause):
        return True
    for unit in sorted(money_units().intersection(units_said(clause)), key=len, reverse=True):
        clause = clause.replace(unit, "")  # as above
    if PHRASES.fullmatch(clause):
        return True
    bare = _BIDS.sub("", _NO_WORDS.sub("", _COUNTED_DAY.sub("", clause)))
    of, *what = _VERBS.split(bare)
    if not is_made_of(of, SAID | SUBJECTS) or (not what and _DEFINES.search(of)):
        return False
    return all(map(_is_harmless_behind, what[::2], what[1::2]))


def _is_harmless_behind(verb: str, said: str) -> bool:
    """Tell whether what stands behind a verb is a source, or says of figures nothing new."""
    if not _BY_SOURCES.fullmatch(verb):
        return is_made_of(said, PREDICATES)
    tails = TAILS - _LOOKED_AT if _IS_HELD_TO.match(verb) else TAILS
    return is_made_of(re.sub(OFFICE, "", said), SOURCES | tails)


def is_made_of(text: str, words: frozenset[str]) -> bool:
    """Tell whether a text is nothing but words of a list, one behind the other."""
    ends, longest = {0}, max(map(len, words))
    for start in range(len(text)):
        if start in ends:
            ends |= {e for e in range(start + 1, start + longest + 1) if text[start:e] in words}
    return len(text) in ends


def names_a_subject(text: str) -> bool:
    """Tell whether a text names what figures may be of."""
    return any(subject in text for subject in SUBJECTS)
