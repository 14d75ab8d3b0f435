"""The units that a line, a title or a note names for all that stands on its sheet.

What belongs here: finding them among other words. What does not: which word is a unit
(unit_words.py), and of which columns it is (layout.py).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from orchestration.intake.layout.labels import said
from orchestration.intake.layout.unit_words import bare_unit, is_unit, may_be_money, money_units
from orchestration.intake.plain_text import without_unseen

_SIMPLE = str.maketrans("單萬圓額幣種為貨計價", "单万圆额币种为货计价", "\"“”'‘’「」『』")
_INSTITUTION = re.compile(
    r"[校院厂店]|教育|中心|局|公司|集团|办公|部门|政府|委|职[高专教中业]|中专|处$|科$"
)
# Not the unit of an amount: 填报单位：某学校.
_NO_AMOUNT = "".join(
    f"(?<!{word})"
    for word in ("填报", "填表", "编制", "报送", "主管", "所属", "用人", "合作", "举办", "建设")
)
_MARKER = re.compile(
    rf"{_NO_AMOUNT}单位(?:均|统一|全部|都)?(?:为|是|采用|用|[:=|/∶→(\s]|[-—]+)\s*|\bunits?\s*[:=]\s*",
    re.I,
)
_WORD = re.compile(r"[^\s,;、/|()。:]+")
_NEXT = re.compile(r"\s*[,;、/|和及或]\s*|\s+")
# What may be a unit is short: a line is gone through once, however long it is.
_MAY_SAY = re.compile(
    rf"{_NO_AMOUNT}单位[(]?([^():。;,]{{1,16}})|[以按用]([^,。;以按用]{{1,8}}?)(?:为单位|作单位|计|填)"
    r"|(?:金额|面积|人数|经费|货币|币种|款项)[^,。;:]{0,6}?(?:为|用|按|以|填|是|:)(?:单位)?"
    r"([^()。;,:]{1,12}?)(?:表示|填写|填报)?(?=$|[()。;,])"
    r"|[以按用]([^,。;以按用]{1,6}?)(?:填写|填报|表示)|币种:人民币([^()。;,:]{1,3})"
)
_CONVERTED = re.compile(
    r"(?:换算|折算|折合|转换|四舍五入)(?:后)?(?:成|为|到|至)?([^\s()。;,]{1,6}?)(?=$|[\s()。;,])"
)
_PRECISE = re.compile(r"(?:精确|保留)(?:到|至)[^\s()。;,]{1,6}")
# 请勿按元填写 names a unit that it is not.
_FORBIDDEN = re.compile(
    r"(?:请勿|切勿|勿|不得|不要|不能|不可|不是|而非|并非|不按|不用|不以)[^,。;]{0,10}"
)
_AMOUNT = re.compile(
    r"\d[\d.,]*\s*[十百千万亿]*[元圆]?|[一二两三四五六七八九十壹贰叁肆伍陆柒捌玖][十百千万亿零拾佰仟"
    r"一二三四五六七八九壹贰叁肆伍陆柒捌玖]{0,12}元|人民币"
)
_CURRENCY = re.compile(r"币种\s*:\s*(?:人民币|RMB|CNY)", re.I)
_OF_MONEY = re.compile(rf"{_NO_AMOUNT}单位|币种|货币|金额|计价|\bunit|\bin\b", re.I)
_MOST_SHOWN = 30


@lru_cache(maxsize=4096)
def units_said(text: str) -> tuple[str, ...]:
    """Return the units that a line names for all that stands below it: 单位：万元.

    A line that says which institution files, 单位：示例学校, names none. One that speaks of units
    and money and is not understood is itself returned, so that it is a unit that nobody knows.
    """
    line = unicodedata.normalize("NFKC", without_unseen(text)).translate(_SIMPLE)
    line = re.sub(r"单\s+位", "单位", line)
    for word in _CONVERTED.findall(line):
        if is_unit(word):
            return (bare_unit(word),)  # what the figures were converted to, not what from
    line = _FORBIDDEN.sub("", _PRECISE.sub("", line))
    found = [bare_unit(word) for word in said(line).units]
    institutions = []
    for marker in _MARKER.finditer(line):
        words = _after(line[marker.end() :])
        if words and _INSTITUTION.search(words[0]):
            institutions.append(words[0])
        else:
            found += words
    together = "".join(line.split())
    for groups in _MAY_SAY.findall(together):
        found += [bare_unit(word) for word in groups if word and is_unit(word)]
    whole = said(line).name
    if is_unit(whole):
        found.append(bare_unit(whole))
    if not any(word in money_units() or may_be_money(word) for word in found):
        found += _odd_money(line, institutions)
    return tuple(dict.fromkeys(found))


def _after(text: str) -> list[str]:
    """Return the words behind 单位：, up to one that is neither a unit nor in a list of them."""
    words: list[str] = []
    is_listed = False
    while matched := _WORD.match(text):
        word, text = matched.group(), text[matched.end() :]
        if text.startswith(":") or len(word) > 8 or (words and not is_unit(word) and not is_listed):
            break
        words.append(bare_unit(word))
        apart = _NEXT.match(text)
        if apart is None:
            break
        is_listed, text = bool(apart.group().strip()), text[apart.end() :]
    return words


def _odd_money(line: str, institutions: list[str]) -> list[str]:
    """Return a line that says of money what nobody understands."""
    if not _OF_MONEY.search(line):
        return []
    for word in institutions:
        line = line.replace(word, "")
    rest = _AMOUNT.sub("", _CURRENCY.sub("", line))
    return [line.strip()[:_MOST_SHOWN]] if may_be_money(rest) else []
