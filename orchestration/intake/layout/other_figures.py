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
from orchestration.intake.layout.note_words import leaves_no_figures
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
# Behind a note of what it says; that a figure should be another one, that some are left out, or
# are none. Of 应为 0 至 100 only a range is said, and of 应为 2024 年 a time.
_A_FIGURE = (
    r"\D{0,4}?(?!0(?![\d.]))\d[\d.,]*+"
    r"(?!\s*(?:%?\s*(?:[-~—–至到]|之间)|年|月|日|号|以[上下]|位|或))"
)
_CORRECTS = (
    rf"应[为是填]{_A_FIGURE}|(?:实际|实为|实有|实填|[更修]?改[为成填])(?!\D{{0,3}}(?:填|发生)){_A_FIGURE}"
    r"|更正|订正|勘误|有误(?!的?,?请(?:联系|与|及时|重))|[漏少多错误]报|[漏错误]填|(?:填|报)错|少填|[未不][计列纳]入|未统计在?内|未列(?:[出示]|$)"
    r"|以[\d.]+[^,。;]{0,3}为准|按[\d.]+[^,。;]{0,3}(?:统计|计算|为准)|只(?:[填报统]计?了|含)|[^\W\d_]仅[为含]"
    r"|不算|请?予?删除?(?=$|[,。;)])|请(?:删|[扣剔]除)|已注销(?=$|[,。;)])|意向|拟签|名单不全|不齐全"
    r"|(?<![不勿免除或可无])重复(?=$|[,。;)])|为同一[家个]|其余[^,。;]{0,8}略"
    r"|另[有加](?:\d+|[一二三四五六七八九十]+)[家人名]"
    # What came of looking at the figures: that they do not stand.
    r"|(?:审[核批查阅]|复[核审]|核[对查]|检查|填报|上报|状态|进度)(?:结果|意见|状态|情况|进度)?[:为][^,。;]{0,6}?"
    r"(?:不(?:通过|合格|同意|符|予)|未(?:通过|完成|填完|审|定|核)|退回|驳回|返回|重[新填报做]|修改|删|补[填报充]|[填修]\w?中|待)"
    r"|退回(?:修改|重)|审核[不未]通过|(?:删除?|去掉|取消|剔除)第?\d+"
)
# Of a column's head alone: other measures, other places.
_OF_HEADS = (
    r"(?<!\d)\d{1,2}月(?!\d)|计划|目标|规划|同比|环比|增减|增长|增幅|变化|变动|比上|较上|差额|期初|年初|参考|平均|届|新增|任务|下达|申报"
    r"|批复|标准|占比|比例|比重|百分|合计|女|男|省|区县|县区|全区|外校|暂|旧|农村|城镇|部分|春|秋|未审|待核"
)
_SUMS_UP = re.compile("累计|其中")
_NOT_OF_YEAR = re.compile(f"{_OTHER_TIMES}|{_ANYWHERE}")
# What makes a part of what a title names behind it.
_A_PART_OF = re.compile(
    r"(?:[一二三四五]年级|[\d一二三四五]+级|[男女]|(?<!各)[系班]|(?<![各全])(?:专业|部)|[教老]师|职工|人员|外聘|非)$"
)
_IN_TEXTS = re.compile(f"{_ANYWHERE}|{_CORRECTS}")
_IN_TITLES = re.compile(f"{_OTHER_TIMES}|{_ANYWHERE}|{_CORRECTS}|{_OF_WHAT_FOLLOWS}")
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
# From the first day of a year to its last: all of it.
_WHOLE_YEAR = re.compile(
    r"(20\d\d)[年./-]0?1(?:[月./-]0?1日?)?月?\s*[-—–―─~至到]+\s*(?:\1[年./-])?12(?:[月./-]31日?|月)"
)
_A_DAY = re.compile(r"\W*(?:19|20)\d\d\s*[-./年]\s*[\w\s./-]{1,12}\W*")
# From September to August: the school year.
_SCHOOL_YEAR = re.compile(
    r"(20\d\d)[年./-]0?9(?:[月./-]0?1日?)?月?[-—–―─~至到]+(20\d\d)[年./-]0?8(?:[月./-]31日?|月)"
)
# What says of which time the figures are, and a part of a year.
_OF_A_PART = re.compile(
    r"(?:统计|数据|报告)(?:时间|时段|期间|周期|区间|期)(?:范围)?[:为是][^,。;]*?(?:半年|季度|学期|\d月)"
)
_FILED_IN = re.compile(
    r"(?:填报|填表|报送|上报|制表|编制|打印|审核|签字|盖章)(?:日期|时间|年月)?\s*[:为]?\s*20\d\d年?"
    r"|(?<!统计)(?<!截至)(?<!截止)(?:日期|时间)\s*:\s*20\d\d年?"
)
# What only mentions another year or a plan: a document, a cohort, a comparison, a carry-over.
_SOME_YEAR = r"(?:上年|去年|上一(?:学年|年度?)|上学年|往年|历年|前年|以前年度|(?:20)?\d\d年度?)"
_DOCUMENTS = (
    r"《[^》]{0,60}》|[\[(〔【]20\d\d[\])〕】]\s*(?:第?\s*\d{1,4}\s*号)|〔20\d\d〕|20\d\d年?第?\d{1,4}号"
    rf"|(?:自|从|于){_SOME_YEAR}\D{{0,8}}?(?:起|开始)"
    rf"|{_SOME_YEAR}(?:\d{{1,2}}月)?\D{{0,6}}?(?:文件|通知|办法|标准|建校|成立|获批)"
    rf"|(?:比|较|与|和|同|对比|相比于?){_SOME_YEAR}(?:度|同期|末|底|数)?"
    r"(?=相比|相同|一致|持平|增|减|多|少|上升|下降|提高|降低|有|基本|无|\D{0,6}?[增减])"
    rf"|{_SOME_YEAR}(?:度|末|底)?(?:结转|结余|滚存|余额|遗留)"
    r"|不含(?:增值)?税"
    # What not to do, what to do if something is wrong, and what is counted over all of a year.
    r"|(?:请勿|切勿|勿|不得|不要|不能|不可|不准|不许|禁止|严禁|避免|防止|杜绝|以免)[^,。;]{0,12}(?:、[^,。;]{1,6})*"
    r"|(?:如需?|若|凡|倘)(?:果|有|需|发现|存在|需要)?[^,。;]{0,10}?(?:更正|订正|有误|错误|[漏错误多少重][报填复])[^。;]*"
    r"|(?:20\d\d年?|本|当|今)?(?:全年|年度)累计"
)
_IN_ANY = re.compile(_DOCUMENTS)
_FORBIDS = re.compile(
    r"(?:请勿|切勿|勿|不得|不要|不能|不可|不准|不许|禁止|严禁|避免|防止|杜绝|以免|如|若|凡|倘)[^,。;]{0,14}"
)
_MENTIONS = re.compile(
    rf"{_DOCUMENTS}|(?:20)?\d\d[级届]"
    r"|(?:不是|而非|并非|非|不按|不用|不填|不含|不包括|未含|未包括|(?<!请)[剔扣]除)[^,。;]{0,8}"
    r"|(?<![为是系按用均])(?:预算|累计)(?!数|$)"
)
# That the figures are of another time: 本表为2023年数据, 数据来源于上年报表.
_IS_OF = re.compile(
    r"(?:为|是|系|按|用|取|填|同|即|:|属|沿用|于|来自|取自|截[至止]|^)[^,。;:为是系]{0,6}?"
    rf"(?:({_OTHER_TIMES})|(?<!\d)((?:(?:19|20)\d\d|[12]\d(?=年))(?:-(?:20)?\d\d)?))"
    r"(?:年|度|学年|末|底|全年|同期)*的?(?:[^,。;:]{0,8}?(?:数据?|数字|值|报表|年报|报告|情况|金额|统计|系统|口径|之和|合计|累计|总和))?"
    r"(?:填[报写]|上报)?(?=$|[,。;)])"
)
_OF_MONTHS = re.compile(r"20\d\d年\d{1,2}月(?!.{0,4}(?:修订|制定|印发|发布|版|起|前))")
_SENTENCE = re.compile(r"[,。;]")
_LONGEST_TITLE = 60
# A heading that begins figures beside the form's own, and whose they are.
_REFERS = re.compile(r"(?:参考|参照|对照|对比|另外?|附)\s*[:：、]|(?:参考|对照)(?:数|值|数据)?$")
_DASHES = re.compile("[—–―─~至]+")
# What the figures cover, and what leaves them all that the form asks for.
_COVERS = re.compile(
    r"(?:统计|填报|数据|调查)?(?:范围|对象|口径)(?:[:为是]|(?=\|))([^,。;:]{1,20})"
    r"|(?:以上|上述|以下|本表|表中)(?:所[填列])?(?:数据?|数字|人数|金额|企业|学生|教师|情况)?均?[为仅只是系]+"
    r"(?![填能需限可要])([^,。;:]{1,14})"
)
_ONLY = re.compile(r"^[仅只](?:统计|填[报写]|上报|包[括含]|[含限计填报])?")
_ALL = re.compile(
    r"全[校市日部体年]|本[校年表市单]|所有|实际|实有|真实|属实|在[籍册校岗职编]|学籍|注册|系统|平台|年报|报表|决算"
    r"|年末|期末|文件|规定|通知|要求|办法|制度|[指标]标|口径|必填|应届|各[校专年项]|20\d\d|学校|单位|[元人]$|学[年期]"
    r"|签[订约]|合作企业|合作单位|准确|完整|有效|无误|统计|调查|汇总|中职|中等职业|合成|示例|公式|自动|校企"
)
_PEOPLE = {"教师": "师教", "教职工": "师教", "学生": "生"}
_BRACKETS = re.compile(r"[(\[［【〔]([^()\[\]［］【】〔〕]*)[)\]］】〕]")
_BETWEEN = re.compile(r"[、,;/|]")
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
    return _periods(text, year) == ""


@lru_cache(maxsize=4096)
def is_day_of_another_year(text: str, year: int) -> bool:
    """Tell whether a text is but a day or a month in which no form of the year is filed."""
    said = with_year_in_digits(unicodedata.normalize("NFKC", text))
    return _A_DAY.fullmatch(said) is not None and not years_said(said) <= {year, year + 1}


@lru_cache(maxsize=4096)
def says_otherwise(text: str, year: int) -> bool:
    """Tell whether a note says that the figures are other ones; to mention some is not enough."""
    found = _periods(text, year)
    if found is None:
        return True
    return _note_is_of_others(found, year)


@lru_cache(maxsize=4096)
def title_says_otherwise(text: str, year: int, name: str = "") -> bool:
    """Tell whether a title, a sheet's name or a line above makes what follows other figures.

    `name` is the plain name of the sheet: a bracket behind it that is not understood does, too.
    """
    found = _periods(text, year)
    if found is None:
        return True
    if len(found) > _LONGEST_TITLE or _SENTENCE.search(found):
        return _note_is_of_others(found, year)
    found = _IN_ANY.sub("", found)
    years = years_said(found)
    if (len(years) > 1 and not is_school_year(found, year)) or _OF_MONTHS.search(found):
        return True
    is_other = _is_of_others(found, year, _IN_TITLES) or _covers_a_part(found)
    return is_other or _parts(found, name) or _has_odd_bracket(found, year, name)


def _periods(text: str, year: int) -> str | None:
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
        if is_of_school_year or (year, 9) <= (its_year, month) <= (year if until else year + 1, 12):
            return " "
        is_other |= bool(until)
        return matched.group()

    wide = _SCHOOL_YEAR.sub(r"\1-\2学年", _WHOLE_YEAR.sub(r"\1年", wide))
    found = _DATE.sub(without, wide)
    for filed in _FILED_IN.findall(found):
        is_other |= not years_said(filed) <= {year, year + 1}
    found = _FILED_IN.sub(" ", found)
    return None if is_other else "".join(found.split())


def _note_is_of_others(text: str, year: int) -> bool:
    """Tell whether a note says that the figures are other ones, not only that there are some."""
    if leaves_no_figures(_FORBIDS.sub("", text)):
        return True
    told = _MENTIONS.sub("", text)
    own = {f"{year}", f"{year}"[2:], f"{year - 1}-{year}"}
    times = [other or named for other, named in _IS_OF.findall(told)]
    is_other = any(time not in own for time in times) or _IN_TEXTS.search(told) is not None
    is_other = is_other or _OF_A_PART.search(told) is not None
    return is_other or _covers_a_part(told)


def _covers_a_part(text: str) -> bool:
    """Tell whether a text says what its figures cover, and it is not all that the form asks for."""
    said = [_ONLY.sub("", one or other) for one, other in _COVERS.findall(text)]
    return any(not _ALL.search(words) and not is_unit(words) for words in said)


def _is_of_others(text: str, year: int, words: re.Pattern[str]) -> bool:
    years = years_said(text)
    return (bool(years) and year not in years) or words.search(text) is not None


def _parts(title: str, name: str) -> bool:
    """Tell whether what stands before a sheet's name in its title makes a part of it: 男学生."""
    before, found, _ = title.partition(name) if name else ("", "", "")
    return bool(found) and _A_PART_OF.search(before) is not None


def total_says_otherwise(text: str, year: int) -> bool:
    """Tell whether the word of a total says that its numbers are another year's, or planned."""
    said = _SUMS_UP.sub("", unicodedata.normalize("NFKC", text))
    years = years_said(said)
    return (bool(years) and year not in years) or _NOT_OF_YEAR.search(said) is not None


def _has_odd_bracket(text: str, year: int, name: str) -> bool:
    """Tell whether a bracket behind a sheet's name, or one that stands alone, says what is odd."""
    _, found, behind = text.partition(name) if name else ("", "", "")
    is_alone = _BRACKETS.fullmatch(text) is not None
    brackets = _BRACKETS.findall(behind if found else text if is_alone else "")
    pieces = [piece for inside in brackets for piece in _BETWEEN.split(inside)]
    return any(not is_harmless(piece, year) for piece in pieces)
