"""What a number format makes of a number: the text that a person sees in the cell.

What belongs here: the formats of ECMA-376 part 1, 18.8.31, as far as clerks use them for counts and
amounts. What does not: dates (date_format.py); fractions, exponents and other pictures that
nobody files are said to be unknown, never guessed.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

GENERAL = "General"
# Ids that a workbook need not spell out (18.8.30); those of dates are not here.
BUILT_IN = {
    0: GENERAL,
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
    42: '_ "¥"* #,##0_ ;_ "¥"* -#,##0_ ;_ "¥"* "-"_ ;_ @_ ',
    43: '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    44: '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ',
    48: "##0.0E+0",
    49: "@",
}
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|_(?P<padding>.)|\*(?P<fill>.)'
    r"|\[(?P<bracket>[^\]]*)\]|(?P<general>General|G/通用格式)|(?P<digit>[0#?])|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?(?:[0-9]+\.?[0-9]*|\.[0-9]+))")
_COLOUR = re.compile(
    r"black|blue|cyan|green|magenta|red|white|yellow|colou?r ?[0-9]+|[一-鿿]+色?\d*", re.I
)
_WHITE = re.compile(r"white|colou?r ?2|白色?|颜色 ?2", re.IGNORECASE)
_COLOURS = {
    **{"black": "000000", "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00"},
    **{"magenta": "FF00FF", "red": "FF0000", "yellow": "FFFF00"},
    **{"黑色": "000000", "蓝色": "0000FF", "青色": "00FFFF", "绿色": "00FF00"},
    **{"洋红": "FF00FF", "红色": "FF0000", "黄色": "FFFF00"},
}
_CURRENCY = re.compile(r"\$([^-]*)(-.*)?")
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    **{"<": operator.lt, "<=": operator.le, ">": operator.gt},
    **{">=": operator.ge, "=": operator.eq, "<>": operator.ne},
}
_UNKNOWN = re.compile(r"[/ymdhse]", re.IGNORECASE)
_LONG = Context(prec=600)  # digits of the largest number, and of the longest format


@lru_cache(maxsize=512)
def is_date(code: str) -> bool:
    """Tell whether a format shows a number as a date or a time; the readers know those."""
    said = [token["other"] for token in _TOKEN.finditer(code) if token["other"]]
    return any(sign.lower() in "ymdhs" for sign in said)


@lru_cache(maxsize=512)
def colours_of(code: str) -> frozenset[str]:
    """Return the colours, as six digits, in which a format writes something."""
    named = (token["bracket"] for token in tokens(code) if token["bracket"])
    return frozenset(_COLOURS[name] for name in map(str.lower, named) if name in _COLOURS)


@lru_cache(maxsize=512)
def is_white(code: str) -> bool:
    """Tell whether a format writes something in white, whatever the cell's own colour is."""
    return any(map(_is_white, _TOKEN.finditer(code)))


def _is_white(token: re.Match[str]) -> bool:
    return _WHITE.fullmatch(token["bracket"] or "") is not None


class _Section(NamedTuple):
    """One picture of a format: its parts in order, digits and what stands between them."""

    parts: tuple[tuple[str, str], ...]  # kind and text: literal, digit, point, general
    condition: tuple[str, Decimal] | None
    is_known: bool
    is_white: bool
    is_grouped: bool
    scale: int  # powers of ten by which the number is multiplied before it is shown


def picture(number: float, code: str) -> str | None:
    """Return the text that a format makes of a number; none if it cannot be told.

    An empty text is a number that the format hides, or writes in white.
    """
    value, sections = Decimal(f"{number:.15g}"), _sections(code)
    section, is_sign_shown = _chosen(value, sections)
    if section is None or not section.is_known:
        return None
    if section.is_white:
        return ""
    if any(kind == "general" for kind, _ in section.parts):
        text = f"{abs(value) if is_sign_shown else value:.15g}"
        return "".join(text if kind == "general" else part for kind, part in section.parts)
    return _shown(value, section, is_sign_shown)


def text_picture(text: str, code: str) -> str:
    """Return what a format makes of a text: its fourth section, or the only one that has an @."""
    sections = _split(code)
    section = sections[-1]
    has_place = any(token["other"] == "@" for token in section)
    if len(sections) < 4 and not has_place:
        return text
    if any(map(_is_white, section)):
        return ""
    shown = ""
    for token in section:
        kind = str(token.lastgroup)
        if kind in ("padding", "fill"):
            # What fills a cell stands there as often as there is room.
            shown += " " if kind == "padding" else token[kind].strip() * 2
        elif kind != "bracket":
            shown += text if token["other"] == "@" else token[kind]
    return shown


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...]:
    return tuple(map(_section, _split(code)))


def tokens(code: str) -> list[re.Match[str]]:
    """Return the tokens of all sections."""
    return list(_TOKEN.finditer(code))


def first_section(code: str) -> list[re.Match[str]]:
    """Return the tokens of the section for numbers above zero, which dates are."""
    return _split(code)[0]


def _split(code: str) -> list[list[re.Match[str]]]:
    """Return the tokens of each section."""
    sections: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code):
        if token["other"] == ";":
            sections.append([])
        else:
            sections[-1].append(token)
    return sections


def _section(tokens: list[re.Match[str]]) -> _Section:
    parts: list[tuple[str, str]] = []
    condition, is_known = None, True
    for token in tokens:
        kind, text = str(token.lastgroup), token[str(token.lastgroup)]
        compared = _CONDITION.fullmatch(text) if kind == "bracket" else None
        if compared:
            condition = (compared[1], Decimal(compared[2]))
        elif kind == "bracket":
            currency = _CURRENCY.fullmatch(text)
            is_known &= bool(currency or _COLOUR.fullmatch(text))
            parts.append(("literal", currency[1] if currency else ""))
        elif kind == "other":
            is_known &= _UNKNOWN.fullmatch(text) is None
            parts.append((_kind(text), text))
        elif kind in ("digit", "general"):
            parts.append((kind, text))
        elif kind == "fill":
            is_known &= not text.strip()  # it stands there as often as there is room
        else:
            is_known &= not text.strip().isdigit()  # nobody tells such digits from the number's
            parts.append(("literal", " " if kind == "padding" else text))
    section = _with_commas(parts, condition, is_known)
    return section._replace(is_white=any(map(_is_white, tokens)))


def _kind(sign: str) -> str:
    return {".": "point", ",": "comma", "%": "percent"}.get(sign, "literal")


def _with_commas(
    parts: list[tuple[str, str]], condition: tuple[str, Decimal] | None, is_known: bool
) -> _Section:
    """Tell commas that part thousands from those that divide by a thousand."""
    digits = [n for n, (kind, _) in enumerate(parts) if kind == "digit"]
    last = digits[-1] if digits else -1
    behind = sum(kind == "comma" for kind, _ in parts[last + 1 :])
    between = any(kind == "comma" for kind, _ in parts[:last])
    percents = sum(kind == "percent" for kind, _ in parts)
    kept = tuple(
        ("literal", part) if kind == "percent" else (kind, part)
        for kind, part in parts
        if kind != "comma"
    )
    return _Section(kept, condition, is_known, False, between, 2 * percents - 3 * behind)


def _chosen(value: Decimal, sections: tuple[_Section, ...]) -> tuple[_Section | None, bool]:
    """Return the section for a number, and whether it shows a minus of its own."""
    numeric = sections[:3] if len(sections) > 3 else sections
    if any(section.condition for section in numeric):
        for section in numeric:
            if section.condition is None:
                return section, False
            sign, bound = section.condition
            if _COMPARE[sign](value, bound):
                return section, False
        return None, False
    if value < 0 and len(numeric) > 1:
        return numeric[1], True
    if value == 0 and len(numeric) > 2:
        return numeric[2], True
    return numeric[0], False


def _shown(value: Decimal, section: _Section, is_sign_shown: bool) -> str | None:
    parts = section.parts
    point = next((n for n, (kind, _) in enumerate(parts) if kind == "point"), len(parts))
    decimals = [part for kind, part in parts[point:] if kind == "digit"]
    if not any(kind == "digit" for kind, _ in parts):
        return "".join(part for _, part in parts)
    scaled = abs(value).scaleb(section.scale)
    try:
        rounded = scaled.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP, _LONG)
    except InvalidOperation:
        return None
    whole, _, fraction = f"{rounded:f}".partition(".")
    text = _whole(whole.lstrip("0"), parts[:point], section.is_grouped)
    text += _fraction(fraction, parts[point:])
    is_minus = value < 0 and not is_sign_shown and rounded != 0
    return f"-{text}" if is_minus else text


def _whole(digits: str, parts: tuple[tuple[str, str], ...], is_grouped: bool) -> str:
    """Fill the digits in from the right; those left over stand at the first place."""
    places = [n for n, (kind, _) in enumerate(parts) if kind == "digit"]
    if not places:
        return "".join(part for _, part in parts) + digits
    left, filled = list(digits), dict[int, str]()
    count = 0
    for place in reversed(places):
        taken = [left.pop()] if left else []
        if place == places[0]:
            taken = left + taken
        if not taken and parts[place][1] == "0":
            taken = ["0"]
        shown = ""
        for digit in reversed(taken):
            shown = digit + ("," if is_grouped and count and count % 3 == 0 else "") + shown
            count += 1
        filled[place] = shown
    return "".join(filled.get(n, part) for n, (_, part) in enumerate(parts))


def _fraction(digits: str, parts: tuple[tuple[str, str], ...]) -> str:
    """Fill the decimals in; where the format asks for no zeros, those at the end are not shown."""
    optional = [part != "0" for kind, part in parts if kind == "digit"]
    kept = len(digits)
    while kept and optional[kept - 1] and digits[kept - 1] == "0":
        kept -= 1
    text, at = "", 0
    for kind, part in parts:
        if kind == "digit":
            text += digits[at] if at < kept else ""
            at += 1
        else:
            text += part
    return text
