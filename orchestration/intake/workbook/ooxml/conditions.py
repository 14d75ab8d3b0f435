"""Conditional formats of a sheet of an .xlsx: which cells may look otherwise, should one hold.

What belongs here: their ranges, and finding those of a cell. What does not: what a format makes of
a cell (intake/workbook/ooxml/book.py); whether its condition holds, which nobody here computes.
"""

from __future__ import annotations

import re

from orchestration.intake.workbook.limits import too_large
from orchestration.intake.workbook.ooxml.book import TRUE, Book, Change, change_of
from orchestration.intake.workbook.sheet import Range, place_of
from orchestration.intake.workbook.xml_steps import local, steps

_REFERENCE = re.compile(r"[A-Za-z]{1,3}[0-9]{1,9}")
_MOST_COMPARED = 10_000_000  # cells with ranges of conditional formats


def conditions_of(xml: bytes, book: Book) -> list[tuple[Range, Change]]:
    """Return the ranges where cells may show something else, should a condition hold."""
    if not book.changes and b":dxf>" not in xml and b"showValue" not in xml:
        return []
    found: list[tuple[Range, Change]] = []
    for step in steps(xml, "conditionalFormatting"):
        if not step.is_end:
            continue
        parts = [part for part in step.element.iter() if isinstance(part.tag, str)]
        ranges = step.attributes.get("sqref", "")
        ranges += " ".join(part.text or "" for part in parts if local(part.tag) == "sqref")
        changes = [book.changes.get(part.get("dxfId", "")) for part in parts]
        changes += [change_of(part) for part in parts if local(part.tag) == "dxf"]
        is_hiding = any(part.get("showValue", "1") not in TRUE for part in parts)
        changes += [Change(is_hiding=True)] if is_hiding else []
        for range_ in ranges.upper().split():
            begin, _, end = range_.partition(":")
            if _REFERENCE.fullmatch(begin) and _REFERENCE.fullmatch(end or begin):
                corners = (*place_of(begin), *place_of(end or begin))
                found += [(corners, change) for change in changes if change]
    return found


class Conditions:
    """The conditional formats of a sheet; looking for those of a cell is counted."""

    def __init__(self, sheet: str, ranges: list[tuple[Range, Change]]) -> None:
        self.sheet, self.ranges, self.compared = sheet, ranges, 0

    def at(self, row: int, column: int) -> list[Change]:
        """Return what may change a cell; `UnreadableFile` where that has taken long enough."""
        self.compared += len(self.ranges)
        if self.compared > _MOST_COMPARED:
            raise too_large("条件格式过多", "too many conditional formats", self.sheet)
        return [
            change
            for (top, left, bottom, right), change in self.ranges
            if top <= row <= bottom and left <= column <= right
        ]
