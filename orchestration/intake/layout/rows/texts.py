"""What one text makes of its row among records: no name, the rest of a note, a part of a case.

What belongs here: telling it of one text. What does not: the words (intake/layout/row_words.py),
and what becomes of the row (rows.py).
"""

from __future__ import annotations

import re
from typing import Any

from orchestration.intake.layout.labels import is_numbered
from orchestration.intake.layout.notes import only_confirms
from orchestration.intake.layout.row_words import is_a_name, is_closing, is_plain_total, row_word
from orchestration.intake.normalise import Normalisation, means_blank
from orchestration.intake.plain_text import narrow

_LEAST_OF_A_TEXT = 8
_LONGEST_BLANK = 5
_OF_RECORDS = re.compile(r"\s*[(（]?(?:以[上下]|本表|上述|前述)")
_PART = re.compile(r"第.{1,2}[部章节篇]|.*(?:19|20)\d\d[.年/-]\d{1,2}[.月/-]\d{1,2}日?$")


def is_note(text: str, word: Normalisation | None) -> bool:
    """Tell whether a cell is a note, ends a table, or says that all is right."""
    return word == Normalisation.note_row or is_closing(text) or only_confirms(text)


def is_of_records(text: str) -> bool:
    """Tell whether a text beside 填表人： speaks of records, and so names nobody who signs."""
    return _OF_RECORDS.match(text) is not None


def is_blank_name(name: Any) -> bool:
    """Tell whether a record has no name; a blank in words is short."""
    if name is None or name == "":
        return True
    return isinstance(name, str) and len(name) <= _LONGEST_BLANK and means_blank(narrow(name))


def is_no_name(text: str) -> bool:
    """Tell whether a text that stands alone is not surely what a record is about."""
    return not is_a_name(text)


def is_a_number(text: str) -> bool:
    """Tell whether a name is but a number."""
    return text.strip().replace(".", "", 1).isdecimal()


def may_be_no_text(text: str) -> bool:
    """Tell whether a text that stands alone among cases may be a remark: it is one, or short."""
    bare = text.strip()
    is_short = len(bare) < _LEAST_OF_A_TEXT and not bare.isascii()
    is_part = is_closing(bare) or is_plain_total(bare) or is_numbered(bare) or _PART.match(bare)
    return is_short or bool(is_part) or row_word(bare) is not None
