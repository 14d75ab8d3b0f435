"""What notes say that leaves figures no longer the form's: parts left out, corrections, doubts.

What belongs here: those words, in a note of any sheet. What does not: other years, plans and
drafts, which titles and heads name as well (other_figures.py).
"""

from __future__ import annotations

import re

_N = r"\d[\d.,]*"
_PIECE = "[^,。;]"
# What is left out of figures by what they are, or that is a comparison: taxes, last year's rest.
_NO_PART = (
    r"(?:[增值]{0,2}税|重复|本数|折旧|利息|空|此|小数|附件|封面|标题|上年|去年|往年|历年|以前年度"
    r"|20\d\d|[^,。;]{0,6}(?:结转|结余))"
)
_LEFT_OUT = (
    rf"(?:不含|不包[含括]|未含|未包[含括]|(?<!请)(?<!应)[剔扣]除了?|除去)(?!{_NO_PART})(?=[^,。;)])"
    r"|(?<![有无]的)(?:年级|专业|班|部|系|校区|学生|教师|企业|数据|项目|人员)[^,。;的]{0,4}(?:[未没]有?|尚未)"
    r"(?:统计|上?报(?![名到考])|填|列|录入|计)"
    r"|[未没]有?(?:统计|更新)(?=$|[,。;)])|(?:数据|统计|资料)(?:不[全准]|缺失)|部分数据缺|缺[^,。;]{1,4}专业(?!课?教?师)"
    r"|^(?:注:?|备注:?)?缺[^编]"
    rf"|(?:含|包括)[^,。;]{{0,3}}(?:往届|历届|上届|已(?:离职|退休|毕业|退学|停)|返聘|函授|成人|幼儿园|技工部)"
)
_MORE_OR_LESS = (
    rf"[多少漏错重](?:统计|算|计|报|填|列|录)了?{_N}|[漏差]了?{_N}|(?:减去|减掉|[还应再]+加上?|扣减){_N}"
    rf"|重复(?:统计|计算|填报|计)了?{_N}|{_N}[人名家个]?重复|其中{_N}[人名](?:已|未)"
)
_ANOTHER = (
    rf"(?:准确|正确|真实|实际|确切|最终)(?:数[据字值]?|人数)?[为是:应]{{0,2}}{_N}(?!\s*(?:年|月))"
    rf"|{_N}\s*(?:→|➔|⇒|-+>|=>)\s*{_N}|[换改变]成{_N}"
    r"|(?<![不非])[为是按系用](?:报名|参考|参加考试|应考|录取|注册前|申报|计划|合同|登记|预算)(?:人|学生)?(?:数|人数|名单)"
)
_OUT_OF_USE = (
    r"(?:此|本|该)表(?:数据)?已?(?:废止|停用|作废|不用填?|不适用|同上)|[旧老]数据|沿用(?:旧|老|原|以前|上|去)"
    r"|此为第[一1]版|尚?未更新(?=$|[,。;])"
)
_DOUBTED = (
    r"仅?供参考|存疑|(?<!如)(?<!若)有(?:疑问|出入)(?!请|的?,?请)|[与和同][^,。;]{1,8}不符|随便|口头|来自网络|[,，]未核"
    r"|待[^,。;]{0,6}核[准实定]|以[^,。;]{0,4}(?:审计|决算|核定|最终)[^,。;]{0,4}(?:后|的)?[^,。;]{0,2}数据?为准"
)
_OTHERS = re.compile("|".join((_LEFT_OUT, _MORE_OR_LESS, _ANOTHER, _OUT_OF_USE, _DOUBTED)))
# All of the sheet is last year's, where one figure may well be as large as it was.
_AS_BEFORE = re.compile(
    r"(?:注|备注|说明)?\d?:?(?:本表|以上|各项|所[填有]|全部)?(?:的?数据?)?[均都]?(?:同|(?:与|和|同)(?:上年|去年|20\d\d年)度?"
    r"(?:的?数据?|年报)?(?:一致|相同|一样|持平))(?:上年|去年)?[。.]?"
)


def leaves_no_figures(text: str) -> bool:
    """Tell whether a note in ordinary width leaves figures out, gives others or doubts them."""
    return _OTHERS.search(text) is not None or _AS_BEFORE.fullmatch(text) is not None
