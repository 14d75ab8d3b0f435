"""The texts of a cell of an OpenDocument spreadsheet: its own, and those that only hang on it.

What belongs here: lines, spaces, tabs, readings above signs; comments and the texts of boxes. What
does not: what a cell's type and style make of them (seen.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from orchestration.intake.workbook.marks import raised
from orchestration.intake.workbook.ooxml.notes import of_the_filer
from orchestration.intake.workbook.sheet import Hanging
from orchestration.intake.workbook.xml_steps import local

_DRAWING = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_GAPS = re.compile(r"[ \t\r\n]+")
# XML has none of these signs: they keep what is said to be a gap from being folded like others.
_SPACE, _TAB, _BREAK = "\0", "\1", "\2"
_SAID = str.maketrans({_SPACE: " ", _TAB: "\t", _BREAK: "\n"})
_AS_EVERYBODY_READS = {"p", "s", "span", "a"}


def cell_text(cell: Any, left_out: Collection[str] = (), high: Collection[str] = ()) -> str:
    """Return what a cell says, a line a paragraph, without parts in styles that are left out.

    Parts in `high` styles are given as raised.
    """
    lines = _paragraphs(cell)
    return "\n".join(
        _line(part, left_out, high)
        for part in lines
        if not (left_out and _style_of(part) in left_out)
    )


def _paragraphs(cell: Any) -> Iterator[Any]:
    """Yield the paragraphs of a cell, headings and those of lists too."""
    for part in cell:
        if local(part.tag) in ("p", "h"):
            yield part
        elif local(part.tag) == "list":
            yield from part.iter("{*}p", "{*}h")


def styles_in(cell: Any) -> set[str]:
    """Return the styles that the parts of a cell's text name."""
    if not any(len(part) or part.attrib for part in cell):
        return set()
    return {_style_of(part) for part in cell.iterdescendants()}


def _style_of(part: Any) -> str:
    return next((said for name, said in part.items() if local(name) == "style-name"), "")


def is_plain(cell: Any, text: str) -> bool:
    """Tell whether the fast reader reads this text too."""
    if len(cell) == 1 and not len(cell[0]):
        return not (cell.text or cell[0].tail) and (cell[0].text or "") == text
    parts = list(cell.iterdescendants())
    gaps = [cell.text, *(part.tail for part in cell)]
    return (
        not any(gaps)
        and {local(part.tag) for part in parts} <= _AS_EVERYBODY_READS
        and all(_is_folded(part.text or "") and _is_folded(part.tail or "") for part in parts)
    )


def _is_folded(text: str) -> bool:
    return text == _GAPS.sub(" ", text)


def notes_on(element: Any) -> Iterator[tuple[Hanging, str]]:
    """Yield what comments and boxes say that hang on a cell or lie over a sheet; ours are none."""
    for hangs, text in _notes(element):
        if own := of_the_filer(text):
            yield hangs, own


def _notes(element: Any) -> Iterator[tuple[Hanging, str]]:
    for part in element:
        if has_place_of_its_own(part):
            is_comment = local(part.tag) == "annotation"
            text = "\n".join(map(line_of, part.iter("{*}p")))
            yield Hanging.comment if is_comment else Hanging.box, text
        else:
            yield from _notes(part)


def covers_on(element: Any) -> Iterator[str]:
    """Yield where pictures, charts and controls without words end that begin in a cell."""
    for part in element:
        is_one = has_place_of_its_own(part) and local(part.tag) in ("frame", "control")
        if is_one and not any(line_of(p).strip() for p in part.iter("{*}p")):
            end = next((v for k, v in part.attrib.items() if local(k) == "end-cell-address"), "")
            yield end.rpartition(".")[2]


def has_place_of_its_own(part: Any) -> bool:
    """Tell comments, boxes and pictures from what stands in a cell."""
    return local(part.tag) == "annotation" or part.tag.startswith(_DRAWING)


def line_of(paragraph: Any) -> str:
    """Return what a paragraph says that stands in no cell."""
    return _line(paragraph, ())


def _line(paragraph: Any, left_out: Collection[str], high: Collection[str] = ()) -> str:
    text = _GAPS.sub(" ", "".join(_pieces(paragraph, left_out, high)))
    return text.strip(" ").translate(_SAID)


def _pieces(element: Any, left_out: Collection[str], high: Collection[str]) -> Iterator[str]:
    if element.text:
        yield element.text
    for part in element:
        name, said = local(part.tag), {local(key): value for key, value in part.items()}
        if name == "s":
            yield _SPACE * int(said.get("c", "1"))
        elif name in ("tab", "line-break"):
            yield _TAB if name == "tab" else _BREAK
        elif (
            name != "ruby-text"
            and not has_place_of_its_own(part)
            and said.get("style-name", "") not in left_out
        ):
            if said.get("style-name", "") in high:
                yield raised("".join(_pieces(part, left_out, ())))
            else:
                yield from _pieces(part, left_out, high)
        if part.tail:
            yield part.tail
