"""What stands above and below a sheet on its printed pages: headers and footers.

What belongs here: their texts as Excel keeps them (18.3.1.46), without page numbers, days, names
and looks. What does not: those of OpenDocument (ods/), and what they may say (intake/reading/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from orchestration.intake.workbook.sheet import Hanging, Note
from orchestration.intake.workbook.xml_steps import steps

_CELLS_END, _SAID = b"sheetData", b"eaderFooter"
_VIEWS = re.compile(rb"<(\w+:)?customSheetViews\b.*?</\1?customSheetViews>", re.DOTALL)
_PART = re.compile(rb"<(\w+:)?headerFooter\b.*?</\1?headerFooter>", re.DOTALL)
_PREFIX = re.compile(rb"(?<=[</])\w+:(?=\w)")
_KINDS = {
    f"{which}{name}": hangs
    for which in ("odd", "even", "first")
    for name, hangs in (("Header", Hanging.header), ("Footer", Hanging.footer))
}
_SECTIONS = re.compile("&[LCR]")
_CODES = re.compile(
    r'&(?:"[^"]*"|K(?:[0-9A-Fa-f]{6}|[0-9]{2}[+-][0-9]{3})|[0-9]{1,3}|P[+-][0-9]+|[A-Za-z])'
)
# Around a number that is not kept: 第 页，共 页; Page of.
_PAGES = re.compile(r"(?:[\W_]|第|共|页码?|总|(?<!\d)\d{1,3}(?!\d)|pages?|of)*", re.IGNORECASE)


def pages_of(xml: bytes) -> list[Note]:
    """Return what the pages of a sheet of an .xlsx say, which follows its cells."""
    begin = max(xml.rfind(_CELLS_END), 0)
    part = _PART.search(_VIEWS.sub(b"", xml[begin:])) if xml.find(_SAID, begin) > 0 else None
    if part is None:
        return []
    found = steps(_PREFIX.sub(b"", part[0]), *_KINDS)
    return page_notes(
        (_KINDS[step.name], text)
        for step in found
        if step.is_end
        for text in sections("".join(step.element.itertext()))
    )


def sections(said: str) -> Iterator[str]:
    """Yield the texts of a header at the left, in the middle, at the right, without codes."""
    kept = said.replace("&&", "\0")  # a sign, as in R&&D
    for section in _SECTIONS.split(kept):
        yield _CODES.sub("", section).replace("\0", "&").strip()


def page_notes(said: Iterable[tuple[Hanging, str]]) -> list[Note]:
    """Return texts of pages once each, without those that only count the pages."""
    kept = [one for one in said if not _PAGES.fullmatch(one[1])]
    return [Note((0, 0), hangs, text) for hangs, text in dict.fromkeys(kept)]
