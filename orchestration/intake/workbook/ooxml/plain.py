"""Telling sheets of an .xlsx that are what they look like, by their bytes: nearly all are.

What belongs here: signs of whatever may be seen otherwise, or stands twice or far out. What does
not: what is seen then (intake/workbook/xlsx.py), and what is cut out of a sheet (sheet_bytes.py).
"""

from __future__ import annotations

import re
from functools import lru_cache

from orchestration.intake.workbook.limits import is_large
from orchestration.intake.workbook.number_format import is_date
from orchestration.intake.workbook.ooxml.book import Book
from orchestration.intake.workbook.ooxml.sheet_bytes import FAR_COLUMN
from orchestration.intake.workbook.sheet import place_of

# A cell or row that opens with its reference is told from all others by counting bytes.
# Each with a sign that plain cells seldom have: a single one is found ten times faster.
_IN_CELLS = (
    *(
        (b"f", b"<f"),
        (b"e", b'"e"'),
        (b"e", b"'e'"),
        (b"Z", b'"d"'),
        (b"h", b"hidden"),
        (b"h", b' ht="0'),
        (b"h", b"ht='"),
        (b"h", b'ht=".'),
        (b"h", b"\tht"),
        *((b"h", b' ht="%s' % least) for least in (b'1"', b"1.", b'2"')),
    ),
    *((b"!", b"<!"), (b"?", b"<?"), (b"&", b"&#"), (b"_", b"_x")),
    # What programs write for nothing where a number is due; a text that is not where texts are.
    *((b"N", b"<v>N"), (b"n", b"<v>n"), (b"u", b"<v>u"), (b"S", b'inlineStr"><v')),
)
_AROUND = (
    *(b"mergeCell", b"hidden", b"drawing", b"sparkline", b"showZeros", b"showValue", b":dxf>"),
    b'baseColWidth="0',
)
_NARROW = re.compile(rb"(?:\bwidth|ColWidth)\s*=\s*(?:'|\"\s*(?:[.&+]|0|1[.\"&]))")
_CELLS = b"<sheetData"
# More than the last day that a format shows, or less than the first.
_BEYOND_DAYS = re.compile(rb"<v>(?:-[0-9]|[3-9][0-9]{6}|[0-9]{8})")
_PLACE = re.compile(rb'<c r="([A-Z]+[0-9]+)"')
_MAYBE_FAR_OUT = 4  # signs of a place, as AA10
_FAR_OUT = re.compile(rb'r="(?:' + FAR_COLUMN + rb"[0-9]|[A-Z]*(?:[2-9][0-9]{4}|[0-9]{6}))", re.I)
_ROW_NUMBER, _WIDE_COLUMN = (
    re.compile(rb'<row r="([0-9]{1,7})'),
    re.compile(rb'r="([A-Za-z]{2,3})[0-9]'),
)
_SAYING = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^<>]*(?<!/)>(?!</c>)')
_MOST_TOLD = 1_000_000  # cells that say something, of which each place is looked at
_LONG = 8_000_000  # bytes of sheets whose cells are not told apart by their places


def are_plain(sheets: list[bytes], book: Book) -> bool:
    """Tell whether sheets have nothing that may be seen otherwise, and say so plainly.

    Most sheets do; searching bytes is far cheaper than parsing them. Whatever is written in another
    way than Excel, WPS and the template write it is not plain, and gets parsed.
    """
    within, around = [], []
    for xml in sheets:
        begin, end = xml.find(_CELLS), xml.rfind(b"</sheetData>")
        if begin < 0 or end < 0 or b"\0" in xml[:100]:
            return False
        # The element's own name has signs that cells seldom have.
        within.append(xml[begin + len(_CELLS) : end])
        around += [xml[:begin], xml[end:]]
    cells = b"".join(within)
    if any(sign in cells and word in cells for sign, word in _IN_CELLS):
        return False
    if any(is_date(style.code) for style in book.styles) and _BEYOND_DAYS.search(cells):
        return False
    if not all(map(_is_plain_around, around)):
        return False
    if book.changes and any(b"conditionalF" in part for part in around):
        return False
    if len(cells) > _LONG:
        # Blank cells, nearly all of them; there is no room for the places of so many.
        is_told = _has_no_more(cells, cells.count(b'<c r="')) and not _reaches_far(cells)
        return is_told and cells.count(b"<v") <= _MOST_TOLD and not any(map(_is_doubled, within))
    found = [_PLACE.findall(xml) for xml in within]
    if not _has_no_more(cells, sum(map(len, found))):
        return False
    if any(len(set(places)) < len(places) for places in found):
        return False  # two cells at one place
    longest = max((max(map(len, places), default=0) for places in found), default=0)
    return longest < _MAYBE_FAR_OUT or not _reaches_far(cells)


def _has_no_more(cells: bytes, places: int) -> bool:
    """Tell whether nothing begins but rows and cells that say where they are, and one value each.

    A value that ends where its cell does has begun once, and a text in its cell has two beginnings:
    whatever else begins, a formula, a second value or an element with a prefix, is one too many.
    """
    rows, texts = cells.count(b'<row r="'), cells.count(b"</t></is></c>")
    known = rows + places + cells.count(b"</v></c>") + 2 * texts
    more = cells.count(b"<") - cells.count(b"</") - known
    return not more or more == cells.count(b"<v/></c>") + cells.count(b"<v /></c>")


def _is_doubled(cells: bytes) -> bool:
    """Tell whether two cells of a sheet say something at one place."""
    places = _SAYING.findall(cells)
    return len(set(places)) < len(places)


def _reaches_far(cells: bytes) -> bool:
    """Tell whether some cell may stand apart from the others, or beyond every form."""
    if _FAR_OUT.search(cells) is not None:
        return True
    rows = max(map(int, _ROW_NUMBER.findall(cells)), default=0)
    widest = max((place_of(f"{at.decode()}1")[1] for at in _wide(cells)), default=25)
    return is_large(rows, widest + 1)


def _wide(cells: bytes) -> set[bytes]:
    return {at.upper() for at in _WIDE_COLUMN.findall(cells)}


@lru_cache(maxsize=256)
def _is_plain_around(xml: bytes) -> bool:
    """Tell whether a sheet before or behind its cells is plain; a template's are always alike."""
    return not any(word in xml for word in _AROUND) and _NARROW.search(xml) is None
