"""What the head of a column on a sheet of labelled cells says of it.

What belongs here: the words of heads. What does not: words that make figures other ones than the
form's (other_figures.py), where heads stand (fields/labels.py, header.py).
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto
from functools import lru_cache

from orchestration.intake.layout.labels import said
from orchestration.intake.layout.other_figures import (
    is_harmless,
    is_other_head,
    is_school_year,
    years_said,
)
from orchestration.intake.layout.unit_words import is_unit

_LONGEST = 60


class Head(Enum):
    """What a column's head on a sheet of labelled cells, or a column beyond the form's, is."""

    label = auto()
    value = auto()
    plain = auto()  # of a value where no other head names one: 合计, 现有
    other = auto()  # another year's, another measure's, or what nobody understands of a value
    unit = auto()
    code = auto()
    note = auto()
    filling = auto()  # how a line is filled in: 是否必填, 数据类型
    checked = auto()  # who filled in or checked a line, and whether: 审核人, 是否核对


_HEADS = {
    **dict.fromkeys(
        ("项目", "指标", "名称", "栏目", "指标名称", "项目名称", "填报项目"), Head.label
    ),
    **dict.fromkeys(("填报值", "数值", "内容", "数据", "值", "数量", "数"), Head.value),
    **dict.fromkeys(("合计", "总数", "全校", "本校", "现有", "现状", "情况"), Head.plain),
    **dict.fromkeys(
        ("填报数", "填报数据", "实有", "实有数", "实际", "实际数", "结果", "金额"), Head.value
    ),
    **dict.fromkeys(("年末数", "期末数", "年末", "期末", "value", "Value"), Head.value),
    **dict.fromkeys(("单位", "计量单位", "unit", "Unit"), Head.unit),
    **dict.fromkeys(
        ("代码", "编码", "行次", "序号", "编号", "栏次", "行号", "No", "No."), Head.code
    ),
    **dict.fromkeys(("指标代码", "项目代码", "序", "项次", "号", "#", "NO"), Head.code),
    **dict.fromkeys(("备注", "说明", "备考", "注", "填报说明", "指标解释", "口径"), Head.note),
    **dict.fromkeys(("数据来源", "来源", "解释", "指标说明"), Head.note),
    **dict.fromkeys(
        ("ID", "Id", "id", "代号", "排序", "序列号", "顺序号", "栏号", "行"), Head.code
    ),
    **dict.fromkeys(("题号", "指标编号", "指标序号", "S/N", "SN", "Nr", "Unnamed0"), Head.code),
    **dict.fromkeys(("是否必填", "必填", "填报要求", "填写要求", "数据类型"), Head.filling),
}
# What an English bracket behind a head may say; of another one nobody knows what it makes of it.
_ENGLISH = frozenset(
    {
        "value",
        "values",
        "number",
        "amount",
        "data",
        "figure",
        "figures",
        "total",
        "actual",
        "content",
    }
    | {"required", "optional", "school", "person", "persons"}
)
_OWN = re.compile(r"本年|今年|当年|本期|本学年|填报值|填报数|数值|实有|填报内容")
_CHECKED = re.compile(
    r"(?:是否)?已?(?:审核|核对|复核|校对|审批)(?:情况|结果)?"
    r"|(?:审核|核对|复核|校对|审批|填报|填表|制表|录入|统计|经办)(?:人员?|者|员)(?:签字|签名|姓名)?"
)
_IS_WHOLE = re.compile(r"[^解释明来源依据口径]*")
# All of a head that is of the form's year and of nothing else.
_VALUE = re.compile(
    r"(?:截[至止])?(?:(?:19|20)?\d\d(?:年度?|学年)?|本年度?|今年|当年|本期|本学年|年度)?"
    r"(?:年?[末底]|[年.\-/]?12(?:月(?:31日)?|[.\-/]31)|期末|全年)?的?"
    r"(?:填[报写]|具体|指标|结果|现有|实有|实际|完成|上报|统计|报送|决算|在册|发生|数据|情况"
    r"|学生|教师|本校|学校|全校)*"
    r"(?:数|值|数值|数量|内容|情况|额|人数|金额|人民币)?"
)
_ENDS = re.compile(r".*[数值据容况额报写]")


def _is_harmless(word: str, year: int) -> bool:
    """Tell whether a bracket leaves a head what it is: girls only does not, nor does 市级."""
    if word.isascii() and any(map(str.isalpha, word)):
        return word.casefold() in _ENGLISH or is_unit(word)
    return word != "市级" and is_harmless(word, year)


def is_usual_head(text: str) -> bool:
    """Tell whether a text is nothing but the usual head of a column: 项目, 填报值, 单位."""
    return text in _HEADS


@lru_cache(maxsize=8192)
def head_of(text: str, year: int) -> Head | None:
    """Return what a head says of its column on the form of a year; none if it says nothing."""
    if len(text) > _LONGEST:
        return None
    label, wide = said(text), unicodedata.normalize("NFKC", text)
    years, known = years_said(wide), _HEADS.get(label.name)
    odd = {word for word in label.qualifiers if not _is_harmless(word, year)}
    if known is not None and not years and not odd:
        return known
    if _CHECKED.fullmatch(wide.strip()):
        return Head.checked
    is_ours = is_school_year(wide, year)
    if (years - {year} and not is_ours) or is_other_head(
        wide.replace("学年", "") if is_ours else wide
    ):
        return Head.other
    if known not in (None, Head.value):
        return Head.other if odd and known == Head.plain else known
    is_own = years or _OWN.search(wide)
    is_value = _VALUE.fullmatch(label.name) and (is_own or _ENDS.fullmatch(label.name))
    if is_ours or known or is_value:
        return Head.other if odd else Head.value
    return Head.other if years or (is_own and _IS_WHOLE.fullmatch(label.name)) else None
