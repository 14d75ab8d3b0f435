"""What single cells beside the labels of a sheet may be: codes, ticks, signatures, others' figures.

What belongs here: telling it by what they hold. What does not: where they stand (fields.py), and
what may be a value (places.py).
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from orchestration.forms.contract import Column, ColumnType
from orchestration.intake.layout.fields.places import has_digit
from orchestration.intake.layout.labels import says_how_to_fill
from orchestration.intake.layout.notes import only_confirms
from orchestration.intake.layout.other_figures import is_other_head, names_other_figures
from orchestration.intake.layout.row_words import is_signature, row_word
from orchestration.intake.normalise import Normalisation
from orchestration.intake.plain_text import narrow, typed_text
from orchestration.intake.workbook.sheet import Cells

_CODE = re.compile(
    r"[(（]?(?:[A-Za-z]{0,6}-?[\d.、-]+|第\d+[项行栏条]|[一二三四五六七八九十]{1,3}|[A-Z甲乙丙丁])[)）、.]?"
)
_PARTS = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,2}")


def is_note_row(values: Cells, left: list[int]) -> bool:
    """Tell whether all that stands in a row is notes or signatures, with names behind colons."""
    behind_colon = False
    for at in left:
        value = values[at]
        text = value.strip() if isinstance(value, str) else ""
        is_note = bool(text) and row_word(text) == Normalisation.note_row
        if not is_note and not (behind_colon and text and not is_number_text(text)):
            return False
        behind_colon = is_note and (is_signature(text) or text in ("备注", "说明", "注"))
    return True


def ticks(word: str, column: Column) -> bool:
    """Tell whether a sign beside a place for yes or no may be what should stand in it."""
    return column.type == ColumnType.boolean and only_confirms(word)


def is_of_others(text: str, year: int) -> bool:
    """Tell whether a text before labels may make what stands beside them other figures."""
    return names_other_figures(text, year) or is_other_head(text) or has_digit(text)


def may_be_code(value: Any) -> bool:
    """Tell whether a cell may number its line or be its code, and says nothing else."""
    if isinstance(value, str):
        return _CODE.fullmatch(value.strip()) is not None
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def is_restarting(values: list[Any]) -> bool:
    """Tell whether values number lines part by part: 1 2, 1 2 3; or with parts: 3, 3.1, 3.2."""
    words = [narrow(typed_text(value)) for value in values]
    parts = [tuple(map(int, word.split("."))) for word in words if _PARTS.fullmatch(word)]
    if len(parts) != len(words) or len({*parts}) < 2 or parts[0] not in ((1,), (1, 1)):
        return False
    for before, part in pairwise(parts):
        is_next = any(part == (*before[:depth], before[depth] + 1) for depth in range(len(before)))
        if not (is_next or part in ((1,), (*before, 1))):
            return False
    return True


def is_of_filling(word: str) -> bool:
    """Tell whether a word under 是否必填 or 数据类型 says how to fill in its line."""
    return says_how_to_fill(word) or narrow(word) in ("是", "否", "Y", "N", "√", "*")


def is_number_text(text: str) -> bool:
    """Tell whether a text is a number and what dresses one."""
    return has_digit(text) and not any(letter.isalpha() for letter in text)
