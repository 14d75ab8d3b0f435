"""What the names of files and folders say: how one is shown, and that what bears it is void.

What belongs here: names as text, and the words by which people put files and folders aside. What
does not: whom a name names (reading/filer.py), and what becomes of a file (inbox.py).
"""

from __future__ import annotations

import os
import re

from orchestration.intake.plain_text import narrow

# Words that make a file or a folder void where one is all that a part of its name says, and what
# may follow them there. Within a longer part such a word is no more than that: 旧州镇 is a place.
_VOID = (
    "旧|老版|作废|废|废弃|废止|备份|归档|存档|备查|退回|历史|删除|回收站|不用|过期|错误|草稿|初稿|未定稿|"
    "勿报|测试|样表|模板|old|backups?|archived?|trash|drafts?|deleted|void"
)
_PART = re.compile(rf"已?(?:{_VOID})(?:{_VOID}|的|版本?|本|文件夹?|数据|材料|表格?|件|稿|学校)*")
_ANYWHERE = re.compile(r"作废|草稿|初稿|未定稿|勿报")
_OF_A_FILE = re.compile(r"测试|上年|去年|以[后另下新].{0,3}为准")
# Control signs, line breaks, and signs that turn the order in which letters are shown.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def shown_name(name: str) -> str:
    r"""Return a file's name as text; one that is not UTF-8 came from a Chinese Windows.

    A sign that is none, or turns the order of others, is written out, as `\u202e`.
    """
    try:
        text = os.fsencode(name).decode("utf-8")
    except UnicodeDecodeError:
        text = os.fsencode(name).decode("gb18030", "replace")
    return _UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def folder_is_void(name: str) -> bool:
    """Tell whether people put away in a folder of this name what shall not count any more."""
    return _ANYWHERE.search(name) is not None or _has_void_part(name)


def file_is_void(name: str) -> bool:
    """Tell whether a file's name says that it is a draft, void or last year's."""
    text = "".join(narrow(name).split())
    wanted = _ANYWHERE.search(text) or _OF_A_FILE.search(text)
    return wanted is not None or _has_void_part(name)


def _has_void_part(name: str) -> bool:
    parts = re.split(r"[\W\d_]+", narrow(name).lower())
    return any(_PART.fullmatch(part) for part in parts)
