"""Words that make figures other ones than the form's: of another year, a part, a plan, a draft.

What belongs here: those words, once for titles, notes and heads; and telling a period from the day
on which somebody filed. What does not: what a head is otherwise (heads.py), units (unit_lines.py).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from orchestration.ground.chinese_dates import with_year_in_digits
from orchestration.intake.layout.labels import without_number
from orchestration.intake.layout.unit_lines import units_said
from orchestration.intake.layout.unit_words import is_unit, may_be_money

# Of titles and heads; a note that has one must say that the figures are of it.
_OTHER_TIMES = (
    r"上年|去年|上一(?:学年|年度?)|上学年|上期|往年|前年|前一年|历年|历届|基期|近[两二三四五六十\d]+年"
    r"|[两二三四五六]年(?:合计|累计|平均|总)"
)
# Wherever they stand.
_ANYWHERE = (
    r"预算|计划数|规划数|目标数|预测|预计|预填|预报|估计|估算|预估|暂估|估数|暂定"
    r"|快报|作废|草稿|初稿|样表|样例|\(示例\)|示例表|^示例$|示例数据|(?:模拟|测试|演示)数据|累计"
    r"|为示例|其中[:]?女(?!\D{0,4}\d)|女生$|仅女|仅男|未经?审[核计]|尚?未核[实对]|不完全统计"
    r"|(?:[为系是填]|本表)(?:20\d\d年)?(?:估|抽样|抽测|样本|计划|意向)"
    r"|待[定核补](?!岗)"
)
# In titles, sections and heads, where they say what the figures are; a note may mention them.
_OF_WHAT_FOLLOWS = (
    r"其中|半年|季度|学期|\d{1,2}月?-\d{1,2}月|分校|校区|附设|联办"
    r"|已(?:终止|停止|退出|解除|注销|到期|取消)|农村|城镇户|户籍|中职部|技工部|成人教育|成教|高职部|[(]计划[)]|调整前|修改前|更正前|变更前|旧表|不含"
)
# Of a column's head alone: other measures, other places.
_OF_HEADS = (
    r"(?<!\d)\d{1,2}月(?!\d)|计划|目标|规划|同比|环比|增减|增长|增幅|变化|变动|比上|较上|差额|期初|年初|参考|平均|届|新增|任务|下达|申报"
    r"|批复|标准|占比|比例|比重|百分|合计|女|男|省|区县|县区|全区|外校|暂|旧|农村|城镇|部分|春|秋|未审|待核"
)
_SUMS_UP = re.compile("累计|其中")
_NOT_OF_YEAR = re.compile(f"{_OTHER_TIMES}|{_ANYWHERE}")
_IN_TITLES = re.compile(f"{_OTHER_TIMES}|{_ANYWHERE}|{_OF_WHAT_FOLLOWS}")
_IN_HEADS = re.compile(
    f"{_OTHER_TIMES}|{_ANYWHERE}|{_OF_WHAT_FOLLOWS}|{_OF_HEADS}"
    r"|二[〇○零0Oo][〇○零一二三四五六七八九0-9Oo]{2}年|2[Oo〇]\d\d年"
)

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SHORT_YEAR = re.compile(r"(?<!\d)([12]\d)(?:年|-\d\d学年)")
# 2025年1月10日, 2025-01-10, 2025.1; no 2024年1-6月.
_DATE = re.compile(
    r"(截[至止]到?(?:(?:日期|时间)\s*[:为]?)?\s*)?(?<!\d)(20\d\d|[12]\d(?=\s*年))\s*"
    r"(?:年\s*(\d{1,2})\s*月(?:\s*\d{1,2}\s*日?)?|([-./])\s*(\d{1,2})(?:\4\s*\d{1,2})?(?![\d月]))"
)
_PART_OF_A_YEAR = (10, 11)  # in September schools are counted, in December a year ends
# From the first day of a year to its last: all of it.
_WHOLE_YEAR = re.compile(
    r"(20\d\d)[年./-]0?1(?:[月./-]0?1日?)?月?\s*[-—–―─~至到]+\s*(?:\1[年./-])?12(?:[月./-]31日?|月)"
)
_A_DAY = re.compile(r"\W*(?:19|20)\d\d\s*[-./年]\s*[\w\s./-]{1,12}\W*")
# From September to August: the school year.
_SCHOOL_YEAR = re.compile(
    r"(20\d\d)[年./-]0?9(?:[月./-]0?1日?)?月?[-—–―─~至到]+(20\d\d)[年./-]0?8(?:[月./-]31日?|月)"
)
_FILED_IN = re.compile(
    r"(?:填报|填表|报送|上报|制表|编制|打印|审核|签字|盖章)(?:日期|时间|年月)?\s*[:为]?\s*20\d\d年?"
    r"|(?<!统计)(?<!截至)(?<!截止)(?:日期|时间)\s*:\s*20\d\d年?"
)
_OF_MONTHS = re.compile(r"20\d\d年\d{1,2}月(?!.{0,4}(?:修订|制定|印发|发布|版|起|前))")
# A heading that begins figures beside the form's own, and whose they are.
_REFERS = re.compile(r"(?:参考|参照|对照|对比|另外?|附)\s*[:：、]|(?:参考|对照)(?:数|值|数据)?$")
_DASHES = re.compile("[—–―─~至]+")
_PEOPLE = {"教师": "师教", "教职工": "师教", "学生": "生"}
# What a bracket behind a title, a sheet's name or a head says without making it other figures.
_HARMLESS = re.compile(
    r"[表附]?[一二三四五六七八九十\d]{1,3}|续表?|副[本表]|终稿|定稿|最终版?|正式版?|已?核对?|已?审核?|核实|已核对"
    r"|报送?|上报|校级|市级|学校|本校|全校|由?(?:各校|学校|市级)填?[报写]?|决算数?|实际数?|实有数?"
    r"|年末数?|期末数?|本年度?|当年|今年|合成示例?|合成"
    r"|中职|中等职业.{0,6}|汇总表?|报表|年报|年度报表|人数|金额|必填|选填|填报|单位:.*|盖章|公章|签[字章]|章|校长.*"
    r"|(?:注:)?(?:[带标有注打]?[*＊星]号?的?[栏项]?)?[为是]?必填项?"
    r"|[A-Za-z .&-]{2,}|第.{1,3}[页版稿]|共.{1,3}页|[Vv]\d.*"
)


def years_said(text: str) -> set[int]:
    """Return the years that a text in ordinary width names, in four digits or in two."""
    years = {int(found) for found in _YEAR.findall(text)}
    return years | {2000 + int(found) for found in _SHORT_YEAR.findall(text)}


def is_school_year(text: str, year: int) -> bool:
    """Tell whether a text names the year by the two that its school year lies in."""
    return years_said(text) == {year - 1, year}


def is_other_head(text: str) -> bool:
    """Tell whether a head in ordinary width is another year's, another measure's or a part's."""
    return _IN_HEADS.search(text) is not None


def is_harmless(piece: str, year: int) -> bool:
    """Tell whether a piece of a bracket leaves what stands before it what it is."""
    own = {f"{year}", f"{year}年", f"{year}年度", f"{year - 1}-{year}学年", f"{year}.12"}
    if not piece or _DASHES.sub("-", piece) in own:
        return True
    units = units_said(piece)
    is_understood = bool(units or _HARMLESS.fullmatch(piece)) and not may_be_money(piece)
    return is_understood and all(map(is_unit, units))


def begins_others(text: str, own: str) -> bool:
    """Tell whether a heading among labels begins a reference, or figures of other people.

    `own` is what the sheet and its labels are called.
    """
    bare, own = without_number(text), own.replace("研究生", "")
    if _REFERS.match(bare):
        return True
    return any(who in bare and not set(sign) & set(own) for who, sign in _PEOPLE.items())


def is_own_year(text: str, year: int) -> bool:
    """Tell whether a text is nothing but the year of the form: 2024年度."""
    said = unicodedata.normalize("NFKC", text).strip()
    return said in (f"{year}", f"{year}年", f"{year}年度")


def is_filing_date(text: str, year: int) -> bool:
    """Tell whether a text is nothing but a day on which the form of a year is filed."""
    return without_periods(text, year) == ""


@lru_cache(maxsize=4096)
def is_day_of_another_year(text: str, year: int) -> bool:
    """Tell whether a text is but a day or a month in which no form of the year is filed."""
    said = with_year_in_digits(unicodedata.normalize("NFKC", text))
    return _A_DAY.fullmatch(said) is not None and not years_said(said) <= {year, year + 1}


@lru_cache(maxsize=4096)
def names_other_figures(text: str, year: int) -> bool:
    """Tell whether a short text names other figures than the form's: of other times, of a part."""
    found = without_periods(text, year)
    if found is None or _OF_MONTHS.search(found) or _IN_TITLES.search(found):
        return True
    years = years_said(found)
    return bool(years - {year}) and not is_school_year(found, year)


def without_periods(text: str, year: int) -> str | None:
    """Return a text in ordinary width without the dates of filing; none if a date says otherwise.

    A form is filed from the autumn of its year on. What it counts until then is not all of a year.
    """
    wide = with_year_in_digits(unicodedata.normalize("NFKC", text)).replace("元月", "1月")
    is_other = False

    def without(matched: re.Match[str]) -> str:
        nonlocal is_other
        until, its_year = matched[1], int(matched[2])
        its_year += 2000 if its_year < 100 else 0
        month = int(matched[3] or matched[5])
        is_of_school_year = bool(until) and (its_year, month) == (year, 8) and "31" in matched[0]
        is_autumn = (year, 9) <= (its_year, month) <= (year if until else year + 1, 12)
        if is_of_school_year or (is_autumn and not (until and month in _PART_OF_A_YEAR)):
            return " "
        is_other |= bool(until)
        return matched.group()

    wide = _SCHOOL_YEAR.sub(r"\1-\2学年", _WHOLE_YEAR.sub(r"\1年", wide))
    found = _DATE.sub(without, wide)
    for filed in _FILED_IN.findall(found):
        is_other |= not years_said(filed) <= {year, year + 1}
    found = _FILED_IN.sub(" ", found)
    return None if is_other else "".join(found.split())


def total_says_otherwise(text: str, year: int) -> bool:
    """Tell whether the word of a total says that its numbers are another year's, or planned."""
    said = _SUMS_UP.sub("", unicodedata.normalize("NFKC", text))
    years = years_said(said)
    return (bool(years) and year not in years) or _NOT_OF_YEAR.search(said) is not None
