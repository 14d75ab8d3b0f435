"""What all sheets of an .xlsx share: styles, texts, and whether its formulas were computed.

What belongs here: how a style, a condition or a run of text makes a cell look otherwise than it is
stored. What does not: the cells of a sheet (intake/workbook/xlsx.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml.etree import QName

from orchestration.intake.workbook.colours import BLACK, WHITE, are_alike
from orchestration.intake.workbook.date_format import BUILT_IN_DATES, is_whole_day
from orchestration.intake.workbook.marks import raised, without_marks
from orchestration.intake.workbook.number_format import BUILT_IN, GENERAL, is_date
from orchestration.intake.workbook.ooxml.colours import colour_of, with_own_colours
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import (
    Shown,
    Unread,
    is_in_fonts,
    is_of_symbols,
    number_as_shown,
    shows_signs,
    text_as_shown,
)
from orchestration.intake.workbook.xml_steps import local, opened, steps

TRUE, _FALSE = {"1", "true"}, {"0", "false", "off"}
_PROGRAM = re.compile(rb"<(?:\w+:)?Application>([^<]*)<")
# Excel itself says by which of its versions a workbook was computed.
_COMPUTES = re.compile(
    rb"Office|WPS|Kingsoft|Collabora|Gnumeric|Calligra|Google|Zoho|Yozo|PlanMaker|Numbers|Tencent"
    rb"|Feishu|Lark|DingTalk|^\s*$",
    re.IGNORECASE,
)
_ESCAPE, _UNSEEN = re.compile("_x([0-9A-Fa-f]{4})_"), re.compile(r"[\x00-\x08\x0b-\x1f]")
_RAISED = {"superscript", "subscript"}
_MOST_COLOURS = 2000  # that a conditional format is compared with
# Runs of a text that are white, nearly white, or dust.
_PALE_RUN = re.compile(
    rb"rgb=.(?:[0-9A-F]{2})?(?:[EF][0-9A-F]){3}\b|theme=.0\b|tint=|indexed=.(?:1|9|65)\b"
    rb"|sz\s+val=.(?:0*[0-2]?\.|0*[0-2]\b)",
    re.I,
)
_SYMBOLS = re.compile(rb"dings|dingbats|marlett|mt extra|charset\s+val=.2\b", re.I)
_NUMBER_RUN = re.compile(rb">[-+0-9.,%\s]+</(?:\w+:)?t>\s*</(?:\w+:)?r>")


@dataclass(frozen=True)
class Style:
    """How a cell is drawn: its number format, whether a line goes through it, its colours."""

    code: str
    is_struck: bool = False
    is_tiny: bool = False
    colour: str = BLACK
    behind: str = WHITE
    is_crossed: bool = False  # by a border from corner to corner
    is_filled: bool = False  # with its content, as often as there is room
    is_symbols: bool = False  # a sign for every letter

    @property
    def is_pale(self) -> bool:
        """Whether nobody sees its signs, for their size or for what is behind them."""
        return self.is_tiny or are_alike(self.colour, self.behind)

    @property
    def is_quiet(self) -> bool:
        """Whether every number looks as it is stored."""
        is_odd = self.is_struck or self.is_pale or self.is_filled or self.is_crossed
        return not (is_odd or self.is_symbols) and (
            self.code in (GENERAL, "@") or is_whole_day(self.code)
        )


@dataclass(frozen=True)
class Change:
    """What a conditional format makes of a cell's style; what it does not say stays.

    `is_hiding` is a picture in the place of a number.
    """

    code: str = ""
    is_struck: bool = False
    colour: str = ""
    behind: str = ""
    is_hiding: bool = False

    def shows_otherwise(self, value: str, style: Style) -> bool:
        """Tell whether a cell shows something else where the condition holds."""
        if self.is_hiding or self.is_struck:
            return True
        is_coloured = bool(self.colour or self.behind)
        drawn = self.colour or style.colour, self.behind or style.behind
        if is_coloured and are_alike(*drawn):
            return True
        if not self.code or self.code == style.code:
            return False
        seen = number_as_shown(value, self.code) or text_as_shown(value, self.code)
        return seen is not None or is_date(self.code)

    def matters(self, colours: set[str], behind: set[str]) -> bool:
        """Tell whether a cell of a workbook's colours may show something else by it."""
        if self.code or self.is_struck or not (self.colour or self.behind):
            return bool(self.code) or self.is_struck
        colours = {self.colour} if self.colour else colours
        behind = {self.behind} if self.behind else behind
        # Who has so many colours has no use for the time that it takes to compare them all.
        is_many = len(colours) * len(behind) > _MOST_COLOURS
        return is_many or any(are_alike(one, other) for one in colours for other in behind)


@dataclass(frozen=True)
class Book:
    """What all sheets of a workbook share: styles, texts, whether formulas were computed.

    `changes` are the conditional formats by which a cell may show something else.
    """

    styles: tuple[Style, ...]
    changes: dict[str, Change]
    texts: bytes
    is_computed: bool
    is_1904: bool  # days are counted from
    rounds_results: bool  # of formulas, to what is shown

    @property
    def is_quiet(self) -> bool:
        """Whether no style and no text makes a cell look otherwise than it is stored."""
        is_on_white = all(style.behind == WHITE for style in self.styles)
        is_quiet = all(style.is_quiet for style in self.styles)
        return is_quiet and not _has_runs(self.texts, is_on_white)

    @property
    def is_escaped(self) -> bool:
        """Whether a text has signs written by their numbers: 生 as _x751F_."""
        return b"_x" in self.texts

    def text(self, number: str, behind: str = WHITE) -> str | Shown | Unread:
        """Return a shared text by its number, without what is struck out or raised."""
        texts = _shared(self.texts, behind)
        return texts[int(number)] if number.isdecimal() and int(number) < len(texts) else ""


def book_of(workbook: bytes, styles: bytes, texts: bytes, program: Callable[[], bytes]) -> Book:
    """Return what a workbook's sheets share; `program` gives the part that says who wrote it."""
    is_computed, is_1904 = _is_computed(workbook, program), _counts_from_1904(workbook)
    styles, texts = with_own_colours(styles, texts)
    return Book(*_styles(styles), texts, is_computed, is_1904, b"fullPrecision" in workbook)


@lru_cache(maxsize=16)
def _counts_from_1904(workbook: bytes) -> bool:
    return any(said.get("date1904") in TRUE for said in opened(workbook, "workbookPr"))


def _is_computed(workbook: bytes, program: Callable[[], bytes]) -> bool:
    """Tell whether the results of formulas are those of their operands.

    A program that writes formulas without computing them may ask for it on opening; by hand, nobody
    knows when they were computed last. Where no version of Excel's is named that computed them,
    some other program has, or nobody: libraries write 0 for what they never computed.
    """
    is_computed = _computed(workbook)
    if is_computed is None:
        named = _PROGRAM.search(program())
        return named is None or _COMPUTES.search(named[1]) is not None
    return is_computed


@lru_cache(maxsize=16)
def _computed(workbook: bytes) -> bool | None:
    """Tell whether formulas were computed, as far as a workbook itself says so."""
    versions = list[str]()
    for properties in opened(workbook, "calcPr"):
        asks = {properties.get("fullCalcOnLoad"), properties.get("forceFullCalc")} & TRUE
        by_hand = properties.get("calcMode") == "manual"
        if asks or by_hand or properties.get("calcCompleted", "1") not in TRUE:
            return False
        versions.append(properties.get("calcId", "0"))
    return True if any(version.strip("0") for version in versions) else None


@lru_cache(maxsize=16)
def _styles(xml: bytes) -> tuple[tuple[Style, ...], dict[str, Change]]:
    """Return a workbook's styles of cells, in the order in which cells name them, and changes."""
    codes = BUILT_IN | BUILT_IN_DATES
    styles, changes = list[Style](), list[Change]()
    fonts, fills = list[tuple[bool, bool, str]](), list[str]()
    crossed, symbols = set[int](), set[int]()  # borders, fonts
    for step in (
        steps(xml, "numFmts", "fonts", "fills", "borders", "cellXfs", "dxfs") if xml else ()
    ):
        if not step.is_end or not _is_of_the_book(step.element):
            continue
        if step.name == "numFmts":
            for code in step.element:
                codes[int(code.get("numFmtId"))] = code.get("formatCode", GENERAL)
        elif step.name == "fonts":
            fonts = [(_is_struck(f), _is_tiny(f), colour_of(f, "color")) for f in step.element]
            symbols = {n for n, font in enumerate(step.element) if _is_of_symbols(font)}
        elif step.name == "fills":
            fills = [_behind(fill) for fill in step.element]
        elif step.name == "borders":
            crossed = {n for n, border in enumerate(step.element) if _is_crossed(border)}
        elif step.name == "dxfs":
            changes = [change_of(changed) for changed in step.element]
        else:
            for xf in step.element:
                number, font, fill = (
                    int(xf.get(key, 0)) for key in ("numFmtId", "fontId", "fillId")
                )
                drawn = fonts[font] if font < len(fonts) else (False, False, BLACK)
                behind = fills[fill] if fill < len(fills) else WHITE
                code = codes.get(number, GENERAL)
                is_filled = any(part.get("horizontal") == "fill" for part in xf)
                is_crossed = int(xf.get("borderId", 0)) in crossed
                styles.append(Style(code, *drawn, behind, is_crossed, is_filled, font in symbols))
    known = tuple(styles) or (Style(GENERAL),)
    drawn_in, drawn_on = {style.colour for style in known}, {style.behind for style in known}
    return known, {
        str(n): change for n, change in enumerate(changes) if change.matters(drawn_in, drawn_on)
    }


def _is_of_the_book(element: Any) -> bool:
    """Tell whether a part of the styles is the workbook's own, and no extension's."""
    parent = element.getparent()
    is_inner = parent is None or parent.getparent() is not None
    return not is_inner and QName(element).namespace == QName(parent).namespace


def change_of(changed: Any) -> Change:
    """Return what a differential format (18.8.14) says of what a cell shows."""
    parts = {local(part.tag): part for part in changed}
    code = parts["numFmt"].get("formatCode", "") if "numFmt" in parts else ""
    font, fill = parts.get("font"), parts.get("fill")
    colour = behind = ""
    if font is not None and next(font.iter("{*}color"), None) is not None:
        colour = colour_of(font, "color")
    for name in ("fgColor", "bgColor"):
        if fill is not None and next(fill.iter(f"{{*}}{name}"), None) is not None:
            behind = colour_of(fill, name)  # the background's, as here a solid fill has that
    return Change(code, font is not None and _is_struck(font), colour, behind)


def _is_in_colour(run: Any, behind: str) -> bool:
    """Tell whether a run of text has a colour of its own, which nobody sees on what is behind."""
    is_coloured = next(run.iter("{*}color"), None) is not None
    return is_coloured and are_alike(colour_of(run, "color"), behind)


def _says_signs(run: Any, text: str) -> bool:
    return _is_of_symbols(run) and shows_signs(text)


def _is_crossed(border: Any) -> bool:
    """Tell whether a border has a line from corner to corner."""
    is_said = any(border.get(side, "0") not in _FALSE for side in ("diagonalUp", "diagonalDown"))
    lines = border.iter("{*}diagonal")
    return is_said and any(line.get("style", "none") != "none" for line in lines)


def _behind(fill: Any) -> str:
    """Return the colour that a fill puts behind a cell; none is white, a pattern like no other."""
    kind = next((p.get("patternType", "none") for p in fill.iter("{*}patternFill")), "pattern")
    if kind == "none":
        return WHITE
    return colour_of(fill, "fgColor") if kind == "solid" else "pattern"


def _is_tiny(font: Any) -> bool:
    """Tell whether a font is a dust of points."""
    sizes = [part.get("val", "") for part in font.iter("{*}sz")]
    return any(size.replace(".", "", 1).isdecimal() and float(size) <= 2 for size in sizes)


def _is_of_symbols(font: Any) -> bool:
    """Tell whether a font, or that of a run of text, has a sign for every letter and digit."""
    is_said = any(part.get("val") == "2" for part in font.iter("{*}charset"))
    return any(is_of_symbols(name, is_said) for name in _names_of(font) or [""])


def _names_of(font: Any) -> list[str]:
    return [part.get("val", "") for part in font.iter("{*}name", "{*}rFont")]


def _is_struck(font: Any) -> bool:
    """Tell whether a font, or a run of text, is struck out."""
    return any(
        local(part.tag) == "strike" and part.get("val", "1") not in _FALSE for part in font.iter()
    )


def _has_runs(texts: bytes, is_on_white: bool) -> bool:
    if b"_x" in texts or b"DISPIMG(" in texts:
        return True
    if b"rPr" not in texts:
        return False
    if b"strike" in texts or b"vertAlign" in texts or (b"color" in texts and not is_on_white):
        return True
    return any(odd.search(texts) is not None for odd in (_PALE_RUN, _SYMBOLS, _NUMBER_RUN))


@lru_cache(maxsize=16)
def _shared(xml: bytes, behind: str) -> list[str | Shown | Unread]:
    """Return the shared texts, each as a person reads it."""
    items = steps(xml, "si") if xml else ()
    return [as_read(step.element, behind) for step in items if step.is_end]


def as_read(item: Any, behind: str = WHITE) -> str | Shown | Unread:
    """Return a text without its parts that are struck out, and without raised marks.

    One with a part that nobody sees on the colour behind it is not read.
    """
    whole, kept, is_struck, unseen = "", "", False, ""
    fonts = list[str]()  # of its runs
    for part in item:
        if local(part.tag) == "t":
            whole, kept = whole + (part.text or ""), kept + unescaped(part.text or "")
        elif local(part.tag) == "r":
            text = "".join(t.text or "" for t in part if local(t.tag) == "t")
            whole += text
            fonts += _names_of(part)[:1] if text else []
            if _is_tiny(part) or _is_in_colour(part, behind) or _says_signs(part, text):
                unseen += text
            if _is_struck(part):
                is_struck = True
            else:
                kept += raised(unescaped(text)) if _is_raised(part) else unescaped(text)
    whole, said = unescaped(whole), without_marks(kept)
    if unseen.strip():
        is_all = unseen.strip() == whole.strip()
        kind = ProblemKind.cell_shows_nothing if is_all else ProblemKind.cell_shows_otherwise
        return Unread(kind, whole)
    if said == whole and not is_in_fonts(whole, fonts):
        return whole
    if said is None or said == whole:
        return Unread(ProblemKind.cell_shows_otherwise, whole)
    if is_struck and not said.strip():
        return Unread(ProblemKind.cell_is_struck_out, whole)
    return Shown(said, whole)


def unescaped(text: str) -> str:
    """Return a text with what is escaped in it (18.9.1): _x000D_ is the end of a line."""
    if "_x" not in text:
        return text
    units = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    whole = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _UNSEEN.sub("", whole)


def _is_raised(run: Any) -> bool:
    return any(local(part.tag) == "vertAlign" and part.get("val") in _RAISED for part in run.iter())
