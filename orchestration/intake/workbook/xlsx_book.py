"""What all sheets of an .xlsx share: styles, texts, and whether its formulas were computed.

What belongs here: how a style or a run of text makes a cell look otherwise than it is stored. What
does not: the cells of a sheet (xlsx.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from orchestration.intake.workbook.number_format import BUILT_IN, GENERAL, is_date
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Shown, Unread
from orchestration.intake.workbook.xml_steps import local, opened, steps

TRUE = {"1", "true"}
_RAISED = {"superscript", "subscript"}
# Colours of 18.8.27 and of the themes that everybody has; the window's are automatic.
_WHITE, _BLACK = "FFFFFF", "000000"
_INDEXED = {"0": _BLACK, "1": _WHITE, "8": _BLACK, "9": _WHITE, "65": _WHITE}
_THEME = {"0": _WHITE, "1": _BLACK}


@dataclass(frozen=True)
class Style:
    """How a cell is drawn: its number format, whether a line goes through it.

    `is_pale` is a cell whose signs have the colour of what is behind them.
    """

    code: str
    is_struck: bool = False
    is_pale: bool = False

    @property
    def is_quiet(self) -> bool:
        """Whether every number looks as it is stored."""
        is_odd = self.is_struck or self.is_pale
        return not is_odd and (self.code in (GENERAL, "@") or is_date(self.code))


@dataclass(frozen=True)
class Book:
    """What all sheets of a workbook share: styles, texts, whether formulas were computed."""

    styles: tuple[Style, ...]
    texts: bytes
    is_computed: bool

    @property
    def is_quiet(self) -> bool:
        """Whether no style and no text makes a cell look otherwise than it is stored."""
        return all(style.is_quiet for style in self.styles) and not _has_runs(self.texts)

    def text(self, number: str) -> str | Shown | Unread:
        """Return a shared text by its number, without what is struck out or raised."""
        texts = _shared(self.texts)
        return texts[int(number)] if number.isdecimal() and int(number) < len(texts) else ""


def book_of(workbook: bytes, styles: bytes, texts: bytes) -> Book:
    """Return what a workbook's sheets share, of the three parts that say it."""
    return Book(_styles(styles), texts, _is_computed(workbook))


@lru_cache(maxsize=16)
def _is_computed(workbook: bytes) -> bool:
    """Tell whether the results of formulas are those of their operands.

    A program that writes formulas without computing them asks for it on opening; by hand, nobody
    knows when they were computed last.
    """
    for properties in opened(workbook, "calcPr"):
        asks = properties.get("fullCalcOnLoad") in TRUE
        by_hand = properties.get("calcMode") == "manual"
        if asks or by_hand or properties.get("calcCompleted", "1") not in TRUE:
            return False
    return True


@lru_cache(maxsize=16)
def _styles(xml: bytes) -> tuple[Style, ...]:
    """Return a workbook's styles of cells, in the order in which cells name them."""
    codes, styles = dict(BUILT_IN), list[Style]()
    fonts, fills = list[tuple[bool, str]](), list[str]()
    for step in steps(xml, "numFmt", "fonts", "fills", "cellXfs") if xml else ():
        if step.name == "numFmt" and not step.is_end:
            codes[int(step.attributes["numFmtId"])] = step.attributes.get("formatCode", GENERAL)
        elif step.name == "fonts" and step.is_end:
            fonts = [(_is_struck(font), _colour_of(font, "color")) for font in step.element]
        elif step.name == "fills" and step.is_end:
            fills = [_behind(fill) for fill in step.element]
        elif step.name == "cellXfs" and step.is_end:
            for xf in step.element:
                number, font, fill = (
                    int(xf.get(key, 0)) for key in ("numFmtId", "fontId", "fillId")
                )
                is_struck, colour = fonts[font] if font < len(fonts) else (False, _BLACK)
                behind = fills[fill] if fill < len(fills) else _WHITE
                code = codes.get(number, _date_or_general(number))
                styles.append(Style(code, is_struck, colour == behind))
    return tuple(styles) or (Style(GENERAL),)


def _colour_of(drawn: Any, name: str) -> str:
    """Return the colour of a font or a fill as six digits; what is automatic is black."""
    for part in drawn.iter(f"{{*}}{name}"):
        said = part.attrib
        if "rgb" in said:
            return str(said["rgb"])[-6:].upper()
        if "theme" in said and float(said.get("tint", "0")) == 0:
            return _THEME.get(said["theme"], f"theme {said['theme']}")
        return _INDEXED.get(said.get("indexed", "8"), f"other {dict(said)}")
    return _BLACK


def _behind(fill: Any) -> str:
    """Return the colour that a fill puts behind a cell; none is white, a pattern like no other."""
    kind = next((p.get("patternType", "none") for p in fill.iter("{*}patternFill")), "pattern")
    if kind == "none":
        return _WHITE
    return _colour_of(fill, "fgColor") if kind == "solid" else "pattern"


def _date_or_general(number: int) -> str:
    """Return a stand-in for a format that a workbook need not spell out: of dates, or none."""
    return "yyyy-mm-dd" if 14 <= number <= 36 or 45 <= number <= 58 else GENERAL


def _is_struck(font: Any) -> bool:
    """Tell whether a font, or a run of text, is struck out."""
    return any(local(part.tag) == "strike" and part.get("val", "1") in TRUE for part in font.iter())


def _has_runs(texts: bytes) -> bool:
    return b"rPr" in texts and (b"strike" in texts or b"vertAlign" in texts)


@lru_cache(maxsize=4)
def _shared(xml: bytes) -> list[str | Shown | Unread]:
    """Return the shared texts, each as a person reads it."""
    items = steps(xml, "si") if xml else ()
    return [as_read(step.element) for step in items if step.is_end]


def as_read(item: Any) -> str | Shown | Unread:
    """Return a text without its parts that are struck out or raised, if it has any."""
    whole, kept, is_struck = "", "", False
    for part in item:
        if local(part.tag) == "t":
            whole, kept = whole + (part.text or ""), kept + (part.text or "")
        elif local(part.tag) == "r":
            text = "".join(t.text or "" for t in part if local(t.tag) == "t")
            whole += text
            if _is_struck(part):
                is_struck = True
            elif not _is_raised(part):
                kept += text
    if kept == whole:
        return whole
    if is_struck and not kept.strip():
        return Unread(ProblemKind.cell_is_struck_out, whole)
    return Shown(kept, whole)


def _is_raised(run: Any) -> bool:
    return any(local(part.tag) == "vertAlign" and part.get("val") in _RAISED for part in run.iter())
