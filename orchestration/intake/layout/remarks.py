"""What stands beside a table and changes no figure: words that it was checked, pictures.

What belongs here: telling such cells and comments. What does not: notes and titles that say what
the figures are (labels.py).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from orchestration.intake.layout.other_figures import is_other_head
from orchestration.intake.normalise import Normalisation, means_blank
from orchestration.intake.plain_text import narrow
from orchestration.intake.receipt import Mark, Outcome
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Unread

ASIDE = Mark(Outcome.passed_over, Normalisation.note_row)

_LOOKED = r"(?:核对|核实|复核|审核|审阅|校对|确认|检查)"
_RIGHT = r"(?:完毕|无误|通过|属实|过)"
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


@lru_cache(maxsize=4096)
def only_confirms(text: str) -> bool:
    """Tell whether a remark says that something was checked and is right, and nothing else.

    Who or what was is said before a colon; 上年数：无误 says that figures are last year's.
    """
    found = _CONFIRMS.fullmatch(text.strip())
    what = found[1] if found else None
    is_other = what is not None and (is_other_head(what) or any(map(str.isdigit, what)))
    return found is not None and not is_other


def is_aside(value: Any) -> bool:
    """Tell whether a cell off the table is a picture, says that all is right, or says nothing."""
    if isinstance(value, Unread):
        return value.kind == ProblemKind.cell_is_a_picture
    return says_blank(value) or (isinstance(value, str) and only_confirms(value))


def says_blank(value: Any) -> bool:
    """Tell whether a cell holds no more than a word or a dash for nothing."""
    return isinstance(value, str) and means_blank(narrow(value))
