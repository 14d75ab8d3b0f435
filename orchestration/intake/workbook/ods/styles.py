"""The styles of an OpenDocument spreadsheet, as far as they change what a person sees of a cell.

What belongs here: what is struck out, raised or pale; number formats, written as a spreadsheet's
own codes. What does not: what a format makes of a number (intake/workbook/number_format.py).
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from orchestration.intake.workbook.colours import BLACK, WHITE, are_alike
from orchestration.intake.workbook.number_format import GENERAL, is_date
from orchestration.intake.workbook.sheet import is_of_symbols, number_as_shown
from orchestration.intake.workbook.xml_steps import local, opened, steps

_FORMATS = (
    *("number-style", "percentage-style", "currency-style", "date-style", "time-style"),
    "boolean-style",
)
_TEXTS = "text-style"
_DEFAULT = "\0"  # before a family, names its default style
_DEFAULT_OF_CELLS = _DEFAULT + "table-cell"
_PLAIN = (BLACK, WHITE)
_LENGTH = re.compile(r"([0-9]*\.?[0-9]+)(pt|cm|mm|in|px|pc)")
_POINTS = {"pt": 1.0, "cm": 28.35, "mm": 2.835, "in": 72.0, "px": 0.75, "pc": 12.0}
_DUST, _NARROW = 2, 12  # points
_UNKNOWN = "0E+00"  # a picture that nobody files
_PICTURES = {
    **{"text-content": "@", "boolean": '"TRUE"'},
    **dict.fromkeys(("fraction", "scientific-number"), _UNKNOWN),
}
_UNLESS_SAID = {"percentage": "0.00%", "currency": "0.00"}
# Where a code has no conditions, its sections mean these.
_SECTIONS = (["value()>=0"], ["value()>0", "value()<0"], ["value()>0", "value()<0", "value()=0"])


class Styles(NamedTuple):
    """Names of the styles that strike text out, and of those that raise or lower it.

    `codes` has the number format of a cell's style, as a spreadsheet's own code, `colours` the
    colours of its signs and of what is behind them, `spans` the colours that parts of a text
    have of their own. What is `unseen` has no signs, or a dust of them; `flat`, no height or width.
    """

    struck: set[str]
    raised: set[str]
    codes: dict[str, str]
    colours: dict[str, tuple[str, str]]
    spans: dict[str, str]
    unseen: set[str]
    filled: set[str]
    flat: set[str]
    symbols: set[str]  # in fonts that have a sign for every letter
    narrow: set[str]  # columns with room for one digit
    maps: dict[str, list[str]]  # which styles may take a style's place, on a condition
    pages: dict[str, str]  # the master page of a table's style

    def is_pale(self, style: str) -> bool:
        """Tell whether nobody sees signs, for their size or for what is behind them."""
        return style in self.unseen or are_alike(*self.colours.get(style, _PLAIN))

    def unseen_on(self, style: str, used: set[str]) -> set[str]:
        """Return the styles, of those used by parts of a text, that nobody sees in a cell."""
        behind = self.colours.get(style, _PLAIN)[1]
        pale = {one for one in used & self.spans.keys() if are_alike(self.spans[one], behind)}
        return (used & self.unseen) | pale

    def shows_otherwise(self, applied: str, style: str, value: str) -> bool:
        """Tell whether a cell may show something else when a condition applies another style."""
        if any(applied in odd for odd in (self.struck, self.unseen, self.symbols, self.filled)):
            return True
        new, old = (self.colours.get(one, _PLAIN) for one in (applied, style))
        kept = zip(new, old, _PLAIN, strict=True)
        drawn = [other if own == plain else own for own, other, plain in kept]
        if new != _PLAIN and are_alike(*drawn):
            return True
        code = self.codes.get(applied, GENERAL)
        is_other = code not in (GENERAL, self.codes.get(style))
        return is_other and (is_date(code) or number_as_shown(value, code) is not None)

    def code(self, style: str, kind: str, currency: str = "") -> str:
        """Return the format of a number of some kind; a text's format shows numbers as they are."""
        code = self.codes.get(style, GENERAL)
        if code == GENERAL or (code.endswith("@") and ";" not in code):
            is_ours = currency in ("", "CNY", "RMB")
            return ("" if is_ours else f'"{currency}"') + _UNLESS_SAID.get(kind, GENERAL)
        return code


def styles_of(parts: list[bytes]) -> Styles:
    """Return the styles of a document's parts: those of all sheets, then the cells' own."""
    styles = Styles(set(), set(), {}, {}, {}, set(), set(), set(), set(), set(), {}, {})
    formats, faces = dict[str, str](), dict[str, bool]()
    for xml in parts:
        _add(styles, formats, faces, xml)
    return styles


class _Said(NamedTuple):
    """What one style says: its name, its parent's, attributes of its own and of its parts."""

    name: str
    parent: str
    attributes: dict[str, str]
    parts: list[dict[str, str]]


def _add(styles: Styles, formats: dict[str, str], faces: dict[str, bool], xml: bytes) -> None:
    for step in steps(xml, *_FORMATS, _TEXTS):
        if step.is_end:
            formats[step.attributes.get("name", "")] = _code(step.element, formats)
    for face in opened(xml, "font-face"):
        is_said = face.get("font-charset") == "x-symbol"
        family = face.get("font-family", "").strip("'\"")
        faces[face.get("name", "")] = is_of_symbols(family, is_said)
    for one in _parents_first(xml):
        _add_one(styles, formats, faces, one)
        # A cell without a style has the default's.
        if one.name in (_DEFAULT_OF_CELLS, "Default"):
            _add_one(styles, formats, faces, one._replace(name=""))


def _parents_first(xml: bytes) -> list[_Said]:
    """Return the styles of a part, each behind its parent, in whatever order they are written."""
    found = dict[str, _Said]()
    for step in steps(xml, "style", "default-style"):
        if not step.is_end:
            continue
        default = _DEFAULT + step.attributes.get("family", "")
        is_default = step.name == "default-style"
        name = default if is_default else step.attributes.get("name", "")
        parent = step.attributes.get("parent-style-name") or default
        parts = [{local(key): value for key, value in part.items()} for part in step.element]
        found[name] = _Said(name, "" if is_default else parent, step.attributes, parts)
    ordered = dict[str, _Said]()
    for one in found.values():
        line = list[_Said]()
        at: _Said | None = one
        while at is not None and at.name not in ordered and at not in line:
            line.append(at)
            at = found.get(at.parent)
        ordered |= {each.name: each for each in reversed(line)}
    return list(ordered.values())


def _add_one(styles: Styles, formats: dict[str, str], faces: dict[str, bool], one: _Said) -> None:
    name, parent = one.name, one.parent
    _add_unseen(styles, one, faces)
    colour, behind = styles.colours.get(parent, _PLAIN)
    for said in one.parts:
        colour = _digits_of(said["color"]) if "color" in said else colour
        behind = _digits_of(said["background-color"]) if "background-color" in said else behind
        # How it is said today, and how programs of old said it.
        ways = ("text-line-through-style", "text-line-through-type", "text-crossing-out")
        line = next((said[way] for way in ways if said.get(way)), None)
        if line not in (None, "none"):
            styles.struck.add(name)
        if said.get("text-position", "0%").split()[0] not in ("0%", "auto"):
            styles.raised.add(name)
    styles.colours[name] = (colour, behind)
    if parent in styles.struck:
        styles.struck.add(name)
    applied = [said["apply-style-name"] for said in one.parts if "apply-style-name" in said]
    if applied or parent in styles.maps:
        styles.maps[name] = applied or styles.maps[parent]
    page = one.attributes.get("master-page-name") or styles.pages.get(parent)
    if page:
        styles.pages[name] = page
    code = formats.get(one.attributes.get("data-style-name", ""), styles.codes.get(parent))
    if code is not None:
        styles.codes[name] = code


def _add_unseen(styles: Styles, one: _Said, faces: dict[str, bool]) -> None:
    """Take in what hides signs, repeats them, or takes the room from under them."""
    name, parent = one.name, one.parent
    said = {key: value for part in one.parts for key, value in part.items()}
    if one.attributes.get("family") in ("text", "paragraph") and "color" in said:
        styles.spans[name] = _digits_of(said["color"])
    is_tiny = _points(said.get("font-size")) <= _DUST
    is_as_parent = parent in styles.unseen and "font-size" not in said
    if said.get("display") == "none" or is_tiny or is_as_parent:
        styles.unseen.add(name)
    if said.get("repeat-content", str(parent in styles.filled).lower()) == "true":
        styles.filled.add(name)
    named = (said.get("font-name") or said.get("font-family") or "").strip("'\"")
    is_said = said.get("font-charset") == "x-symbol"
    if (
        faces.get(named)
        or is_of_symbols(named, is_said)
        or (not named and parent in styles.symbols)
    ):
        styles.symbols.add(name)
    if min(_points(said.get(size)) for size in ("row-height", "column-width")) < 1:
        styles.flat.add(name)
    elif _points(said.get("column-width", "1in")) < _NARROW:
        styles.narrow.add(name)


def _points(length: str | None) -> float:
    """Return a length in points; of what is no length, that of an ordinary sign."""
    found = _LENGTH.fullmatch(length or "")
    return float(found[1]) * _POINTS[found[2]] if found else 10


def _digits_of(colour: str) -> str:
    """Return a colour as six digits; what is transparent has the paper's behind it."""
    return WHITE if colour == "transparent" else colour.removeprefix("#").upper()


def _code(style: Any, formats: dict[str, str]) -> str:
    """Return a data style as the code that a spreadsheet has for it; `is_date` tells a date's."""
    white = _white(style)
    if local(style.tag) in ("date-style", "time-style"):
        return f"{white}yyyy-mm-dd"
    code, conditions, sections = white, list[str](), list[str]()
    for part in style:
        name, said = local(part.tag), {local(key): value for key, value in part.items()}
        if name == "number":
            code += _UNKNOWN if len(part) else _digits(said)
        elif name in ("text", "currency-symbol"):
            text = part.text or ""
            is_rate = local(style.tag) == "percentage-style" and text == "%"
            code += text if is_rate else f'"{text}"'
        elif name in _PICTURES:
            code += _PICTURES[name]
        elif name == "map":
            conditions.append(said.get("condition", "").replace("!=", "<>"))
            sections.append(formats.get(said.get("apply-style-name", ""), _UNKNOWN))
    code += '""' if code == white else ""
    if not sections:
        return code
    if conditions not in _SECTIONS:
        told = [condition.removeprefix("value()") for condition in conditions]
        sections = [
            f"[{condition}]{section}" for condition, section in zip(told, sections, strict=True)
        ]
    return ";".join([*sections, code])


def _white(style: Any) -> str:
    """Return what a code has for a data style that writes in white, or nothing."""
    colours = (value for part in style for key, value in part.items() if local(key) == "color")
    return "[white]" if any(are_alike(_digits_of(one), WHITE) for one in colours) else ""


def _digits(said: dict[str, str]) -> str:
    is_grouped = said.get("grouping") == "true"
    if not said.keys() & {"decimal-places", "display-factor"} and not is_grouped:
        return GENERAL
    whole = "0" * int(said.get("min-integer-digits", "1")) or "#"
    decimals = int(said.get("decimal-places", "0"))
    least = int(said.get("min-decimal-places", str(decimals)))
    fraction = "0" * least + "#" * (decimals - least)
    thousands = len(str(int(float(said.get("display-factor", "1"))))) // 3
    grouped = "#,##" if is_grouped else ""
    return grouped + whole + ("." + fraction if fraction else "") + "," * thousands
