"""The words that make a row a total, a note or an example, and the texts that name a record.

What belongs here: those words. What does not: what labels and heads say (labels.py), and what
becomes of a row (rows.py).
"""

from __future__ import annotations

import re
from functools import lru_cache

from orchestration.intake.layout.labels import is_numbered, plain, without_unseen
from orchestration.intake.normalise import Normalisation

_TOTAL = re.compile(
    r".{0,20}(?:合计|总计|小计|共计|合計|總計|汇总|累计|总和|求和)(?:数|金额|人数|值|额|人次)?"
    r"|.{0,8}(?:总额|总数|总量|总值|总人数|总价值)|(?:合计|总计|小计|共计)\d.{0,6}|计|总|共|全部"
    r"|承前页|过次页|[Σ∑]|(?:总共|一共|共有?)(?:\d+.{0,8})?|其中(?:[:：].{0,12})?|其中[男女].{0,6}"
    r"|(?:sub|grand)?\s*total|sum|平均|平均值|均值",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"例\s*[:：、.．)）]|例如|如\s*[:：]|[(（【\[〔]\s*(?:例|示例|样例|范例|填写示例|填报示例|举例)"
    r"|(?:示例|样例|范例|填写示例|填报示例|填表示例|填写样例|举例|样表)\d*\s*(?:[:：]|行|数据|仅供参考)"
    r"|(?:样例|范例|填写示例|填报示例|填表示例|填写样例|举例|样表|例)\s*\d?\s*$|e\.?g\.?\b"
    r"|[某×xX*○]{2,}|某(?:学校|企业|公司|单位|项目)|[“\"]?示例[”\"]?\d*\s*(?:$|[:：,，])"
    r"|(?:[※*]|\d\s*[.、])\s*(?:例|示例)\s*[:：]|例\s*\d?\s*[:：]|例\s|此行(?:为|是)(?:示例|例)"
    r"|(?:参考|例子|示范|样本|模板|格式如下)\s*[:：]|[<＜《]\s*示例\s*[>＞》]|示例[一二三四五\s。—-]"
    r"|[(（](?:参考|填写时删除|企业全称)[)）]|模板$|测试$|example\b|企业全称$",
    re.IGNORECASE,
)
_EXAMPLE_BEHIND = re.compile(r"[(（【]\s*(?:例|示例|样例|范例)\s*[)）】]\s*$")
_NOTE_WORD = (
    "注|备注|说明|填表说明|填报说明|注意|注意事项|提示|填表人|填报人|填表|填报|制表人?|审核人?|复核人?"
    "|单位负责人|部门负责人|负责人|联系人|联系方式|联系电话|电话|填表单位|填报单位|填表日期|填报日期"
    "|报送日期|填表时间|日期|校长|签字|签名|盖章|数据来源|来源|统计口径|口径"
    "|单位|金额单位|货币单位|计量单位|面积单位"
)
_NOTE = re.compile(
    rf"[*＊※]?\s*(?:{_NOTE_WORD})\s*(?:[(（][^()（）]*[)）])?\s*(?:\d{{1,2}}|[①-⑳])?\s*[:：]"
)
_NUMBERED_NOTE = re.compile(r"[*＊※]?\s*(?:注|备注|说明)\s*(?:\d{1,2}|[①-⑳一二三四五])\s*[.、．\s]")
_SENTENCE = re.compile(r"[，。；]")
_ENTERPRISE = re.compile(
    r".*(?:公司|集团|厂|店|医院|学院|学校|中心|研究院|协会|合作社|事务所|馆|银行|酒店)"
    r"(?:[(（][^()（）]{1,12}[)）])?"
)
_NO_NAME = re.compile(
    r"本校|本单位|暂|无|没有|合作|市内|市外|以上|以下|另|其他|其它|见|共|已|合计|主要|学校[(（]|盖章|签字|意见"
    r"|名单|名称|终止|\d{4}年"
)


@lru_cache(maxsize=65536)
def row_word(text: str) -> Normalisation | None:
    """Return what a text in a row makes of the row, if it makes it no record."""
    bare = without_unseen(text).strip()
    if _NOTE.match(bare) or _NUMBERED_NOTE.match(bare) or bare in ("备注", "说明", "注"):
        return Normalisation.note_row
    if _EXAMPLE.match(bare) or _EXAMPLE_BEHIND.search(bare):
        return Normalisation.example_row
    if len(bare) <= 28 and _TOTAL.fullmatch(plain(bare)):
        return Normalisation.total_row
    return None


def is_signature(text: str) -> bool:
    """Tell whether a text asks for a name or a date that stands in the next cell: 填表人：."""
    bare = text.strip()
    return bare.endswith((":", "：")) and not bare.startswith(("注", "备注", "说明", "填报说明"))


@lru_cache(maxsize=4096)
def is_a_name(text: str) -> bool:
    """Tell whether a text that stands alone in its row is surely what a record is about.

    Any other may be a note, a title of what stands below, or a count, and only a person can tell.
    """
    bare = text.strip()
    is_odd = _SENTENCE.search(bare) or is_numbered(bare) or len(bare) > 40
    return bool(_ENTERPRISE.fullmatch(bare)) and not is_odd and not _NO_NAME.match(bare)


# Beside filled cells as well: several in one, the rest of them, parts of them.
_ODD_NAME = re.compile(
    r"(?:其他|其它|另有?|以上|以下|本表|合计|加总|总数量|注\d|待定)(?:$|[:：,，、\d]|企业|均|捐赠)"
    r"|[※*]?其中(?:[:：,，]|市|软件)|.*等\s*\d+\s*[家所个]"
    r"|.*(?:公司|集团|学院|学校|大学|厂)\s*[、,，;；\n]\s*.*(?:公司|集团|学院|学校|大学|厂)",
    re.DOTALL,
)


@lru_cache(maxsize=65536)
def may_be_no_name(text: str) -> bool:
    """Tell whether a text, in the column that says what a record is about, may be no one's name."""
    return _ODD_NAME.match(text.strip()) is not None
