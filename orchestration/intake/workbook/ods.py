"""What a person sees of an OpenDocument spreadsheet and the fast reader does not give.

What belongs here: errors, formulas that nobody computed, numbers shown otherwise than stored,
struck-out and raised text, what is hidden, merged, or stands beyond every form. What does not: all
other cells (reader.py).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from itertools import islice, product
from typing import Any, NamedTuple

from lxml import etree

from orchestration.intake.workbook.limits import (
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_UNPACKED,
    require_size,
    too_large,
    with_members,
)
from orchestration.intake.workbook.number_format import GENERAL, is_date
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import (
    Look,
    Seen,
    Shown,
    Unread,
    number_as_shown,
    says_the_same,
)
from orchestration.intake.workbook.xml_steps import Step, local, steps

_CONTENT = "content.xml"
_MOST_REPEATED = 1000
_MOST_STRAYS = 5
_CELLS = ("table-cell", "covered-table-cell")
_CALCEXT_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_FORMATS = ("number-style", "percentage-style", "currency-style", "date-style", "time-style")
_NUMBERS = {"float", "percentage", "currency"}
_WHITE = "#ffffff"
_PLAIN = ("#000000", _WHITE)
_NOT_SHOWN = {"annotation", "frame", "custom-shape"}


class _Strokes(NamedTuple):
    """Names of the styles that strike text out, and of those that raise or lower it.

    `codes` has the number format of a cell's style, as a spreadsheet's own code, `colours` the
    colours of its signs and of what is behind them.
    """

    struck: set[str]
    raised: set[str]
    codes: dict[str, str]
    colours: dict[str, tuple[str, str]]

    def is_pale(self, style: str) -> bool:
        """Tell whether signs have the colour of what is behind them."""
        colour, behind = self.colours.get(style, _PLAIN)
        return colour == behind


def seen_in_ods(data: bytes, archive: zipfile.ZipFile) -> Seen:
    """Return what a person sees of a document otherwise than the fast reader gives it."""
    content = archive.read(_CONTENT)
    strokes = _Strokes(set(), set(), {}, {})
    for part in ("styles.xml", _CONTENT):
        if part in archive.namelist():
            _add_strokes(strokes, archive.read(part))
    looks = _looks(content, strokes)
    if not any(look.strays for look in looks.values()):
        return Seen(looks, data)
    for look in looks.values():
        look.strays = {place: text for place, text in look.strays.items() if text.strip()}
    return Seen(looks, with_members(archive, {_CONTENT: _without_strays(content)}))


def _add_strokes(strokes: _Strokes, xml: bytes) -> None:
    formats = {
        step.attributes.get("name", ""): _code(step.element)
        for step in steps(xml, *_FORMATS)
        if step.is_end
    }
    for step in steps(xml, "style"):
        if not step.is_end:
            continue
        name, parent = (step.attributes.get(key, "") for key in ("name", "parent-style-name"))
        colour, behind = strokes.colours.get(parent, _PLAIN)
        for part in step.element:
            said = {local(key): value for key, value in part.items()}
            colour = said.get("color", colour)
            behind = said.get("background-color", behind).replace("transparent", _WHITE)
            line = said.get("text-line-through-style") or said.get("text-line-through-type")
            if line not in (None, "none"):
                strokes.struck.add(name)
            if said.get("text-position", "0%").split()[0] not in ("0%", "auto"):
                strokes.raised.add(name)
        strokes.colours[name] = (colour.lower(), behind.lower())
        if parent in strokes.struck:
            strokes.struck.add(name)
        code = formats.get(step.attributes.get("data-style-name", ""), strokes.codes.get(parent))
        if code is not None:
            strokes.codes[name] = code


def _code(style: Any) -> str:
    """Return a data style as the code that a spreadsheet has for it; `is_date` tells a date's."""
    if local(style.tag) in ("date-style", "time-style"):
        return "yyyy-mm-dd"
    code = ""
    for part in style:
        said = {local(key): value for key, value in part.items()}
        if local(part.tag) == "number":
            code += _digits(said)
        elif local(part.tag) in ("text", "currency-symbol"):
            text = part.text or ""
            is_rate = local(style.tag) == "percentage-style" and text == "%"
            code += text if is_rate else f'"{text}"'
        elif local(part.tag) in ("fraction", "scientific-number"):
            code += "0E+00"  # a picture that nobody files
    return code or '""'


def _digits(said: dict[str, str]) -> str:
    if "decimal-places" not in said and "min-integer-digits" not in said:
        return GENERAL
    whole = "0" * int(said.get("min-integer-digits", "1")) or "#"
    decimals = int(said.get("decimal-places", "0"))
    least = int(said.get("min-decimal-places", str(decimals)))
    fraction = "0" * least + "#" * (decimals - least)
    thousands = len(str(int(float(said.get("display-factor", "1"))))) // 3
    grouped = "#,##" if said.get("grouping") == "true" else ""
    return grouped + whole + ("." + fraction if fraction else "") + "," * thousands


def _looks(content: bytes, strokes: _Strokes) -> dict[str, Look]:
    walk = _Walk(strokes)
    for step in steps(content, "table", "table-column", "table-row", "shapes", *_CELLS):
        if step.name in _CELLS and step.is_end:
            walk.cell(step)
        elif step.name not in _CELLS and not step.is_end:
            walk.around(step)
    return walk.looks


class _Walk:
    """Where a walk through a document's tables stands, and what it has seen."""

    def __init__(self, strokes: _Strokes) -> None:
        self.strokes, self.looks = strokes, dict[str, Look]()
        self.look, self.sheet, self.columns = Look(), "", list[str]()
        self.row = self.column = self.row_times = 0  # blanks may be repeated a million times
        self.length = 0

    def around(self, step: Step) -> None:
        """Take in what begins: a table, its pictures, a column, a row."""
        said = step.attributes
        is_hidden = said.get("visibility", "visible") != "visible"
        if step.name == "table":
            self.sheet, self.row, self.row_times, self.columns = said.get("name", ""), 0, 0, []
            self.look = self.looks.setdefault(self.sheet, Look())
        elif step.name == "shapes":
            self.look.has_drawings = True
        elif step.name == "table-column":
            begin = len(self.columns)
            times = min(int(said.get("number-columns-repeated", "1")), MAX_COLUMNS)
            self.columns += [said.get("default-cell-style-name", "")] * times
            if is_hidden:
                self.look.hidden_columns.update(range(begin, begin + times))
        else:
            self.row, self.column = self.row + self.row_times, 0
            self.row_times = int(said.get("number-rows-repeated", "1"))
            if is_hidden:
                last = min(self.row + self.row_times, MAX_ROWS)
                self.look.hidden_rows.update(range(self.row, last))

    def cell(self, step: Step) -> None:
        """Take in a cell that ends, as often as it is repeated."""
        times = int(step.attributes.get("number-columns-repeated", "1"))
        shown = "".join(_pieces(step.element))
        own = self.columns[self.column] if self.column < len(self.columns) else ""
        seen = _seen(step, shown, step.attributes.get("style-name") or own, self.strokes)
        if seen is not None or shown or _type(step):
            self._require_few_copies(len(shown) * self.row_times * times)
            is_far = self.row + self.row_times > MAX_ROWS or self.column + times > MAX_COLUMNS
            if is_far:
                self._stray(shown, self.row_times * times)
            elif seen is not None:
                self._put(seen, times)
        _see_around(self.look, step, self.row, self.column)
        self.column += times

    def _require_few_copies(self, length: int) -> None:
        self.length += length
        if self.length > MAX_UNPACKED:
            raise too_large("重复的长文本过多", "too many copies of a long text")

    def _stray(self, text: str, times: int) -> None:
        """Keep a cell that stands beyond every form; many such are a file too large."""
        self.look.strays[self.row, self.column] = text
        if len(self.look.strays) + times - 1 > _MOST_STRAYS:
            raise too_large("很远处有多处内容", "content far beyond the form", self.sheet)

    def _put(self, seen: Unread | Shown, times: int) -> None:
        places = product(range(self.row_times), range(times))
        for down, right in islice(places, _MOST_REPEATED):
            self.look.cells[self.row + down, self.column + right] = seen
            require_size(self.sheet, len(self.look.cells), 1)


def _see_around(look: Look, step: Step, row: int, column: int) -> None:
    down, right = (
        int(step.attributes.get(f"number-{n}-spanned", "1")) for n in ("rows", "columns")
    )
    if down > 1 or right > 1:
        look.merged.append((row, column, row + down - 1, column + right - 1))
    if any(local(part.tag) == "frame" for part in step.element):
        look.has_drawings = True


def _pieces(element: Any) -> Iterator[str]:
    """Yield the texts of a cell, without its comment and its pictures."""
    if element.text:
        yield element.text
    for part in element:
        if local(part.tag) not in _NOT_SHOWN:
            yield from _pieces(part)
        if part.tail:
            yield part.tail


def _kept(element: Any, strokes: _Strokes) -> Iterator[str]:
    """Yield what is left of a text without its struck-out and its raised parts."""
    if element.text:
        yield element.text
    for part in element:
        style = next((v for k, v in part.items() if local(k) == "style-name"), "")
        if local(part.tag) not in _NOT_SHOWN and style not in strokes.struck | strokes.raised:
            yield from _kept(part, strokes)
        if part.tail:
            yield part.tail


def _type(step: Step) -> str:
    # calcext tells an error that office calls a text; it has the last word.
    return step.element.get(_CALCEXT_TYPE) or step.attributes.get("value-type", "")


def _seen(step: Step, shown: str, style: str, strokes: _Strokes) -> Unread | Shown | None:
    formula, kind = step.attributes.get("formula", ""), _type(step)
    if kind == "error" or (formula and shown.startswith(("#", "Err:"))):
        return Unread(ProblemKind.cell_is_an_error, shown)
    if formula and not kind:
        text = f"={formula.partition('=')[2]}"
        return Unread(ProblemKind.cell_is_a_formula_without_value, text)
    kept = "".join(_kept(step.element, strokes))
    stored = step.attributes.get("value", "")
    is_left = kept == shown or bool(kept.strip())
    if (shown or stored) and (style in strokes.struck or not is_left):
        return Unread(ProblemKind.cell_is_struck_out, shown or stored)
    if (shown or stored).strip() and strokes.is_pale(style):
        return Unread(ProblemKind.cell_shows_otherwise, shown or stored)
    if kind in _NUMBERS and not shown.strip():
        # Some programs leave it to the reader to say how a number is shown.
        code = strokes.codes.get(style, GENERAL)
        if is_date(code):
            return Unread(ProblemKind.cell_shows_otherwise, stored)
        return number_as_shown(stored, code)
    if kind in _NUMBERS:
        return None if says_the_same(kept, stored) else Shown(kept.strip(), stored)
    return None if kept == shown else Shown(kept, shown)


def _without_strays(content: bytes) -> bytes:
    """Return the document's content without rows and columns that no form has."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    tree = etree.fromstring(content, parser)
    for row in tree.iter("{*}table-row"):
        _keep_first(list(row.iterchildren(*(f"{{*}}{name}" for name in _CELLS))), MAX_COLUMNS)
    for table in tree.iter("{*}table"):
        _keep_first(list(table.iter("{*}table-row")), MAX_ROWS)
    return etree.tostring(tree)


def _keep_first(elements: list[Any], most: int) -> None:
    """Drop what stands behind so many rows or cells, repeated ones counted."""
    at = 0
    for element in elements:
        repeated = next((key for key in element.attrib if key.endswith("-repeated")), None)
        times = int(element.get(repeated, "1")) if repeated else 1
        if at + times > most:
            if at >= most or repeated is None:
                element.getparent().remove(element)
            else:
                element.set(repeated, str(most - at))
        at += times
