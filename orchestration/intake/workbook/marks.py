"""Raised and lowered signs of a text: which are marks of a footnote, and which say something.

What belongs here: telling 155¹ from m² and from 42⁰5. What does not: how each kind of file says
that signs are raised (ooxml/book.py, xls/sheets.py, ods/text.py).
"""

from __future__ import annotations

import re

# No file's text has these signs.
_BEGIN, _END = "\3", "\4"
_RAISED = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")
_MARK = re.compile(r"[\[(（【]?(?:注?[0-9]{1,2}|注|[a-z]|注?[①-⑳]|[*＊※†‡#△▲]{1,3})[\])）】]?")
_POWER = re.compile(r"[×xX*^·]\s*10")
_SMALL = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LONGEST_NUMBER = 20  # signs of a text that may be a number, whatever stands around it


def raised(text: str) -> str:
    """Return a part of a text as one that is raised or lowered, for `without_marks`."""
    return f"{_BEGIN}{text}{_END}"


def without_marks(text: str) -> str | None:
    """Return a text without the marks of footnotes; none where raised signs may be of a number.

    A mark stands behind a label or a number. What is raised elsewhere is a part of the text.
    """
    if _BEGIN not in text:
        return text
    pieces = _RAISED.split(text.replace(_END + _BEGIN, ""))
    is_short = len("".join(pieces)) <= _LONGEST_NUMBER
    for at in range(1, len(pieces), 2):
        before, after = pieces[at - 1].rstrip(), pieces[at + 1].lstrip(" ")
        is_beside_digits = _is_of_number(before[-1:]) or _is_of_number(after[:1])
        if _is_mark(pieces[at].strip(), before, after):
            pieces[at] = ""
        elif is_beside_digits and pieces[at].strip() and is_short:
            return None
        elif is_beside_digits or before[-1:] in ("m", "M"):
            pieces[at] = pieces[at].translate(_SMALL)
    return "".join(pieces)


def _is_mark(text: str, before: str, after: str) -> bool:
    """Tell whether a raised text marks what stands before it, and no more than a unit follows."""
    behind = before[-1:]
    is_of_word = not behind or (behind.isascii() and behind.isalpha())
    is_last = not after or after[0] in "\n（(:："
    return is_last and not is_of_word and bool(_MARK.fullmatch(text)) and not _is_power(before)


def _is_power(before: str) -> bool:
    return _POWER.search(before[-5:]) is not None and before.endswith("10")


def _is_of_number(sign: str) -> bool:
    return sign.isdigit() or sign in tuple(".,，")
