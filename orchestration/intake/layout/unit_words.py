"""Words that are units of the forms, however they are dressed: （万元）, 单位：万元, 以万元计.

What belongs here: whether one word is a unit, and of money. What does not: lines and labels that
name one among other words (unit_lines.py, labels.py), and what a unit is worth (forms/units.yml).
"""

from __future__ import annotations

import re
from functools import lru_cache

from orchestration.forms.contract import load_units
from orchestration.intake.plain_text import narrow

_LONGEST = 16
_YUAN = "元"
_DRESSED = re.compile(r"[\s()\[\]【】〔〕\"“”'‘’「」。.,;:单折以按整计/]")
_AROUND = re.compile(r"[\s\"“”'‘’「」]+|\((?:人民币|RMB|CNY)\)|(?:整|/年)$|[。.,;:、]+$")
_BRACKETS = "()[]【】〔〕<>《》"
_BEFORE = re.compile(
    r"^(?:(?:计量|金额|货币|面积|人数)?单位(?:均为|为|是|:)?|折合(?:为|成|人民币)?|折算(?:为|成)|[以按])"
)
_BEHIND = re.compile(r"(?:为单位|[计填]报?)$")
# What may be a sum of money and is none of the units: 千, K, 美元, 元整.
_MONEY = re.compile(r"元|圆|^[块角K十百千万亿]+$|RMB|CNY|USD|EUR|HKD|[¥$€]|yuan|美金|人民币", re.I)
_MULTIPLE = re.compile(r"[K十百千万亿]+", re.I)
_NO_MONEY = re.compile(r"单元|元旦|元素|多元|公元|元月|元宵|千(?=[人册米兆])")


@lru_cache
def _unit_words() -> frozenset[str]:
    return frozenset(
        narrow(word)
        for unit in load_units().values()
        for word in (unit.text.zh, *unit.suffixes, *unit.factors)
    )


@lru_cache
def money_units() -> frozenset[str]:
    """Return the words for units of money."""
    return frozenset(
        narrow(word)
        for unit in load_units().values()
        if _YUAN in unit.factors
        for word in (unit.text.zh, *unit.suffixes, *unit.factors)
    )


@lru_cache(maxsize=4096)
def bare_unit(text: str) -> str:
    """Return a unit without its dressing; a text that is no unit as it is, in ordinary width."""
    word = narrow(text)
    if word in _unit_words() or len(word) > _LONGEST or not _DRESSED.search(word):
        return word
    bare = _AROUND.sub("", _AROUND.sub("", word).strip(_BRACKETS))
    for one in (bare, _BEFORE.sub("", bare, count=1), _BEHIND.sub("", _BEFORE.sub("", bare, 1))):
        if one.strip(_BRACKETS) in _unit_words():
            return one.strip(_BRACKETS)
    return word


@lru_cache(maxsize=4096)
def is_unit(text: str) -> bool:
    """Tell whether a text is a unit that some column of the forms could be said in."""
    return len(text) <= _LONGEST and bare_unit(text) in _unit_words()


def is_multiple(text: str) -> bool:
    """Tell whether a text is a multiple of nobody knows what."""
    return _MULTIPLE.fullmatch(text) is not None


def may_be_money(text: str) -> bool:
    """Tell whether a text that is no unit of the forms names money, or a multiple of anything."""
    return _MONEY.search(_NO_MONEY.sub("", text)) is not None and not is_unit(text)
