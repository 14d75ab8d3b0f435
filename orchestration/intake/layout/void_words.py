"""Words that make a record none of this year's: a name that names nothing, a remark behind one.

What belongs here: those words, for names of any kind. What does not: the names of firms and rows
that are totals, notes or examples (row_words.py), and what becomes of such a record (rows/).
"""

from __future__ import annotations

import re
from functools import lru_cache

from orchestration.intake.layout.other_figures import is_school_year, years_said
from orchestration.intake.layout.row_words import says_none
from orchestration.intake.plain_text import narrow

_N = "[一二两三四五六七八九十\\d]+"
_BEGUN = r"(?:开[设展办班]|新[签增设建办开]|签[约订]|设[立置]|建[设立]|举办|申报|引进|合作)"
_ENDED = r"(?:停[办招开用止课]|撤[销消回]|取消|终止|注销|作废|解除|结束|停止|淘汰|到期)"
_UNDER_WAY = r"(?:筹[建备办划]|申报|申请|洽谈|商谈|协商|对接|审批|报批|待[批补定签核审验建开]|在建)"
# All that a name says, where nobody has one.
_NO_NAME = re.compile(
    rf"(?:(?:19|20)\d\d年?|[本明今来]年)?(?:拟|计划|准备|预备|正在)(?:{_BEGUN}|[建设办开签]).{{0,8}}"
    rf"|(?:正在?)?{_UNDER_WAY}(?:中|充|立)?|已?{_ENDED}"
    r"|(?:我校|本校|本年度?|[,，])*(?:[未没]有?|尚未|暂未)(?:参[赛加]|组织|获[奖批]|发证|开[班设]|安排|统计).{0,4}"
    r"|(?:暂|尚)[无未](?:合作|企业|公司|项目|证书|课程|成果|培训|开展|此|相关).{0,6}"
    r"|若干.{0,3}|[多数几][家个所项种门].{0,2}|各[类种](?:企业|单位|项目|证书|课程)?|未知|不详|不明|保密|不便?公开"
    rf"|待(?:补|定|核)[充实]?|从?略|省略|空缺?|等+|其[他它余](?:{_BEGUN}|企业|单位|公司|项目)?"
    r"|[(]?详?见(?:附.{0,3}|情况说明)[)]?|[.?…]+|删除|重复|不计入?"
    r"|(?:企业|公司|单位|项目|证书|课程|专业|学校|院校|名称)(?:名称)?[A-Za-z\d一二三甲乙丙]?|[A-Z甲乙丙](?:公司|企业|单位|项目|证书)"
)
# What a remark says behind a name, in a bracket or a colon before it.
_VOID = (
    rf"(?:[^()\[\]【】]{{0,4}}?已)?{_ENDED}(?!.{{0,6}}(?:技术|管理|处理)).{{0,4}}|{_UNDER_WAY}中?"
    r"|[^()\[\]【】]{0,4}?(?:[未没不]有?(?:发|开|计|算|签|报|获|参|招|设|办|实施|完成|组织|在册|合格|通过|统计|[包]?含)|尚未|暂[停缓未定无])"
    r"[^()\[\]【】]{0,4}"
    rf"|拟(?:{_BEGUN}|[建设办开签定招聘])?(?:中|企业|单位|班|项目)?|待[定批补签核审验建开].{{0,2}}|计划(?:数|中|[内外])?|意向.{{0,4}}|预计.{{0,4}}"
    r"|(?:含?上|去|往|前|明|下|来)年度?(?:的?数据?)?|历[史年届].{0,2}|重复|不计入?|不算|删除?|核减|估计?|草稿?|初稿|[?？]|外校"
    r"|(?:包?含|计|列)在[上下][一]?[行栏格]?|并[入到].{0,6}|合并.{0,4}|(?:资金|金额|单位):?[千百万]?元|人天|人日|.{0,6}待办|同一[家个]?(?:企业|单位|公司|项目)?|(?:[与和同].{1,12})(?:相同|一样|重复|合并|同一.{0,2})|同(?:上|前|第\d).{0,4}"
    r"|作废|停用"
    rf"|共?{_N}[家个所户](?:班|企业|公司|单位)?"
)
# The same without a bracket, where longer words may be of the name.
_PLAINLY = (
    rf"已?{_ENDED}|尚?[未没]有?(?:开[展班设]|发证|签.{{0,2}}|获奖|统计)"
    r"|拟签|待定|意向|删除?|重复|不计入?|不算|[上去]年"
)
_BEHIND = re.compile(
    rf".+?(?:[(\[【〔]\s*(?:{_VOID})\s*[)\]】〕]|\s*(?::|[-—–]+|\s)\s*(?:{_PLAINLY})$|已{_ENDED}$|[×*]\s*\d{{1,2}}$)"
)
_MAY_BE_VOID = re.compile(r"[(\[【〔:×*?？—–\s-]|已|等\d")
_DATED = re.compile(
    r"[(\[【〔]\s*((?:19|20)\d\d(?:年度?)?(?:[^\w()]{1,2}(?:19|20)?\d\d(?:学?年度?)?)?(?:数据?)?)\s*[)\]】〕](?![级届号])"
)
_SEVERAL = re.compile(r".*等\s*\d+\s*[家所个项]")


@lru_cache(maxsize=65536)
def names_none(text: str) -> bool:
    """Tell whether a text where a name is due names nothing: 未开展, 筹建中, 若干家."""
    bare = narrow(text).rstrip("。!！")
    return says_none(text) or _NO_NAME.fullmatch(bare) is not None


@lru_cache(maxsize=65536)
def is_void(text: str, year: int, *, is_title: bool = False) -> bool:
    """Tell whether a remark behind a name says that it is void, a plan or of another year.

    A title may itself end in a question mark.
    """
    bare = narrow(text)
    if _MAY_BE_VOID.search(bare) is None:
        return False
    if bare.endswith(("?", "？")) and not is_title:
        return True
    dated = _DATED.search(bare)
    if dated and year not in years_said(dated[1]) and not is_school_year(dated[1], year):
        return True
    return _BEHIND.match(bare) is not None or _SEVERAL.match(bare) is not None
