"""What is cut out of a sheet of an .xlsx by its bytes, before anybody parses it.

What belongs here: comments, blank cells, rows and columns that no form has, which would fill the
memory if they were parsed first. What does not: what the cells show that are left
(intake/workbook/xlsx.py). Each pattern takes time in proportion to the length of the sheet,
whatever the sheet is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from orchestration.intake.workbook.limits import (
    MAX_COLUMNS,
    MAX_ROWS,
    MOST_STRAYS,
    reach,
    too_large,
)
from orchestration.intake.workbook.ooxml.book import Book
from orchestration.intake.workbook.sheet import Place, place_of
from orchestration.intake.workbook.xml_steps import parsed

# Written in other ways than by its signs, which the fast reader takes for the end of a value.
# One that never ends reaches to the end of the file.
_ASIDE = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[(?P<text>.*?)(?:\]\]>|\Z)|<\?(?!xml\s).*?(?:\?>|\Z)", re.DOTALL
)
_EXTENSION = re.compile(
    rb"<(?:\w+:)?extLst\b(?:[^<>]*/>|[^<>]*>.*?(?:</(?:\w+:)?extLst\s*>|\Z))", re.DOTALL
)
_DECLARATION = 100  # bytes that a document may begin with before its first element
_MOST_CELLS = 200_000  # that say something, on a sheet where some have to be looked at
# Past SF, the last of MAX_COLUMNS, or past row 19999.
FAR_COLUMN = rb"(?:[A-Z]{3}|S[G-Z]|[T-Z][A-Z])"
# A tag ends at its first `>`, and none has a `<`: else one that never ends is gone through from
# every other one.
_ROW = re.compile(rb"<(?:\w+:)?row\b[^<>]*?\br=[\"'](?P<number>[0-9]+)[\"']")
_FAR_ROW = re.compile(rb"<(?:\w+:)?row\b[^<>]*?\br=[\"'](?P<number>[2-9][0-9]{4}|[0-9]{6,7})[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c\b[^<>]*?\br=[\"'](?P<place>[A-Za-z]+[0-9]+)[\"'][^<>]*>")
_FAR_CELL = re.compile(
    rb"<(?:\w+:)?c\b[^<>]*?\br=[\"']" + FAR_COLUMN + rb"[0-9]+[\"'][^<>]*>", re.IGNORECASE
)
_CELL_END = re.compile(rb"</(?:\w+:)?c\s*>")
_VALUE = re.compile(rb"<(?:\w+:)?[vt](?:\s[^<>]*)?>(?P<value>[^<]*)<")
# Cells that only have a style; where each cell says its place, they can go before the rest is read.
_PLACELESS = re.compile(rb"<(?:\w+:)?c(?:\s*/?>|\s(?![^<>]*\br=))")
_BLANK = re.compile(
    rb"<(?P<c>(?:\w+:)?c)\s[^<>]*(?:/>|(?<!/)>(?:\s*<(?P<v>(?:\w+:)?v)\s*(?:/>|>\s*</(?P=v)>))?\s*</(?P=c)\s*>)"
)
# A cell that has something in it.
_SAYING = re.compile(
    rb"<(?:\w+:)?c\b[^<>]*?\br=[\"'](?P<place>[A-Za-z]{1,3}[0-9]{1,7})[\"'][^<>]*(?<!/)>(?!\s*</)"
)


def near_part(sheet: str, xml: bytes, book: Book) -> tuple[bytes, bytes, dict[Place, str]]:
    """Return what the fast reader is to read of a sheet, what to look through, and the strays.

    Those are cells that stand beyond every form. Raises `UnreadableFile` for too many of them.
    """
    near, strays = _without_strays(sheet, _without_extensions(_without_asides(xml)), book)
    cells = _without_blanks(sheet, near)
    if b"&#" in cells:
        near = cells = plainly(cells)
    return near, cells, strays


def _without_asides(xml: bytes) -> bytes:
    """Return the same XML without comments and instructions, and with no texts but by their signs.

    What is cut off by its bytes has to be what it looks like, and parsing it all fills the memory.
    """
    is_odd = xml.find(b"<!", _DECLARATION) >= 0 or xml.find(b"<?", _DECLARATION) >= 0
    return _ASIDE.sub(lambda found: _escaped(found["text"] or b""), xml) if is_odd else xml


def _without_extensions(xml: bytes) -> bytes:
    """Return a sheet without what its cells hold for programs that are to come."""
    begin, end = xml.find(b"<sheetData"), xml.rfind(b"</sheetData>")
    if xml.find(b"extLst", max(0, begin), max(0, end)) < 0:
        return xml
    return xml[:begin] + _EXTENSION.sub(b"", xml[begin:end]) + xml[end:]


def _escaped(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _without_blanks(sheet: str, xml: bytes) -> bytes:
    """Return a sheet without the cells that only have a style, where the others say their places.

    Raises `UnreadableFile` where more is left than anybody looks through in some seconds.
    """
    if _PLACELESS.search(xml) is None:
        xml = _BLANK.sub(b"", xml)
    cells = xml.count(b"<c ") + xml.count(b":c ")
    if cells > _MOST_CELLS:
        raise too_large(f"{cells} 个单元格", f"{cells} cells", sheet)
    return xml


def plainly(xml: bytes) -> bytes:
    """Return the same XML without comments, its values written by their signs alone."""
    written: bytes = etree.tostring(parsed(xml), encoding="utf-8", xml_declaration=True)
    return written


def _without_strays(sheet: str, xml: bytes, book: Book) -> tuple[bytes, dict[Place, str]]:
    """Return a sheet without rows and columns that no form has, and what is said there.

    Raises `UnreadableFile` where more is said out there than a stray cell or two.
    """
    far = _far_rows(sheet, xml)
    end = far[0] if far else len(xml)
    spans = [*_far_cells(xml, 0, end), *([far] if far else [])]
    spans = sorted([*spans, *_apart(xml, end)])
    if not spans:
        return xml, {}
    strays: dict[Place, str] = {}
    for begin, end in spans:
        for place, text in _said(xml, begin, end, book):
            at = place_of(place)
            strays[at] = strays.get(at, "") + text
            if len(strays) > MOST_STRAYS:
                raise too_large(f"{place} 等多处有内容", f"content as far out as {place}", sheet)
    ends = [0, *(end for _, end in spans)]
    begins = [*(begin for begin, _ in spans), len(xml)]
    return b"".join(xml[end:begin] for end, begin in zip(ends, begins, strict=True)), strays


def _apart(xml: bytes, end: int) -> Iterator[tuple[int, int]]:
    """Yield where cells begin and end that stand apart from all others of a large sheet."""
    cells = {_place(found): found for found in _SAYING.finditer(xml, 0, end)}
    near = {at for at in cells if at[0] < MAX_ROWS and at[1] < MAX_COLUMNS}
    rows, columns = reach(near)
    for at in near:
        closed = _CELL_END.search(xml, cells[at].end(), end)
        if closed and (at[0] >= rows or at[1] >= columns):
            yield cells[at].start(), closed.end()


def _place(cell: re.Match[bytes]) -> Place:
    row, column = place_of(cell["place"].decode().upper())
    return row, column


def _said(xml: bytes, begin: int, end: int, book: Book) -> Iterator[tuple[str, str]]:
    """Yield the address of each cell that says something, and what."""
    place, kind = "", b""
    for value in _VALUE.finditer(xml, begin, end):
        if not value["value"].strip():
            continue
        for cell in _CELL.finditer(xml, begin, value.start()):
            place, kind = cell["place"].decode().upper(), cell[0]
        begin, text = value.end(), value["value"].decode("utf-8", "replace")
        text = str(book.text(text)) if b't="s"' in kind or b"t='s'" in kind else text
        if place and text.strip():
            yield place, text


def _far_rows(sheet: str, xml: bytes) -> tuple[int, int] | None:
    """Return where the rows beyond every form begin and end."""
    begin = next(
        (row.start() for row in _FAR_ROW.finditer(xml) if int(row["number"]) > MAX_ROWS), None
    )
    if begin is None:
        return None
    end = xml.rfind(b"</", 0, xml.rfind(b"sheetData>") + 1)
    if any(int(row["number"]) <= MAX_ROWS for row in _ROW.finditer(xml, begin, end)):
        raise too_large("行的次序混乱", "its rows are in no order", sheet)
    return begin, end


def _far_cells(xml: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the cells beyond every form's columns begin and end."""
    for cell in _FAR_CELL.finditer(xml, at, end):
        if cell.start() < at:
            continue
        closed = cell if cell[0].endswith(b"/>") else _CELL_END.search(xml, cell.end(), end)
        if closed is None:
            return  # no XML, which its parser will say
        at = closed.end()
        yield cell.start(), at
