"""Texts that stand where a name may be given and name nothing: 待定, 见附件, 2个班.

What belongs here: telling them. What does not: a row's name, of which the row hangs
(layout/row_words.py), and words for a blank (normalise.py).
"""

from __future__ import annotations

import re

from orchestration.forms.contract import Column

_NAME = "名称"
_NONE_YET = re.compile(
    r"(?:拟(?:开|设|签|建|定)|未(?:定|开|设|签|建|命名)|待(?:定|开|建|签|命名)|暂(?:缓|停|未|定|不)"
    r"|已(?:停|终止|取消|撤|结束|毕业)|筹[备建划]|计划|意向|洽谈|商谈|取消|终止|停[办招]|(?:详?见|另)附"
    r"|去年|上年|往年|同(?:上|前|左|企业)|合计).{0,10}"
    r"|(?:暂|尚|均|本年|目前|[,，])*(?:[无没]有?(?:冠名|订单|定向|合作|开[设办班]|此|该|相关|班).{0,8}|[无没]有)"
    r"|不(?:设|开|办|冠名|涉及|适用)(?:班|冠名.{0,4}|[设办班])?|(?:已|有|是|共)*(?:开设|有|冠名|订单|定向)*(?:冠名|订单|定向)班?"
    r"|已?开[设办]班?|从?略|省略|若干.?|多个班?|等|开设中?|(?:共计?|约)?\d+(?:\.\d+)?个?[班人名届期]?|[一二两三四五六七八九十]+个班?"
    r"|(?:19|20)\d\d[年级]?(?:班|.{0,2}开[设班办]|拟.{0,4}|计划)?|\W*班|[\W\d_]+"
)


def names_nothing(text: str, column: Column) -> bool:
    """Tell whether a text in a column for names that may be left blank gives none."""
    may_name = _NAME in column.label and not column.required
    return may_name and _NONE_YET.fullmatch(text) is not None
