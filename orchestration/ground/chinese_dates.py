"""Years, months and days in Chinese words, 二〇二五年一月十日, as digits.

What belongs here: that conversion. What does not: which text is a date (intake/normalise.py).
"""

from __future__ import annotations

import re

_CHINESE = {sign: str(n) for n, sign in enumerate("〇一二三四五六七八九")} | dict.fromkeys(
    "○零Oo0", "0"
)
_CHINESE_DATE = re.compile(
    r"(二[〇○零Oo0][〇○零一二三四五六七八九Oo0]{2})(年)(?:([一二三四五六七八九十]{1,3})(月)(?:([一二三四五六七八九十]{1,3})(日))?)?"
)


def with_year_in_digits(text: str) -> str:
    """Return a text with 二〇二五年一月十日 in digits."""
    return _CHINESE_DATE.sub(_in_digits, text) if "二" in text and "年" in text else text


def _in_digits(matched: re.Match[str]) -> str:
    year, *rest = matched.groups("")
    words = [str(_below_hundred(word)) if word and word not in "月日年" else word for word in rest]
    return "".join(_CHINESE[sign] for sign in year) + "".join(words)


def _below_hundred(word: str) -> int:
    tens, ten, ones = word.rpartition("十")
    return (int(_CHINESE.get(tens, "1")) * 10 if ten else 0) + int(_CHINESE.get(ones, "0"))
