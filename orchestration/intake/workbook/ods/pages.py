"""What stands above and below the sheets of an OpenDocument spreadsheet on their printed pages.

What belongs here: the texts of the master pages, without page numbers, days and names. What does
not: which sheet has which page (styles.py, seen.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orchestration.intake.workbook.ods.text import line_of
from orchestration.intake.workbook.ooxml.pages import page_notes
from orchestration.intake.workbook.sheet import Hanging, Note
from orchestration.intake.workbook.xml_steps import local, steps

DEFAULT_PAGE = "Default"
_FIELDS = ("page-number", "page-count", "sheet-name", "file-name", "date", "time", "title")
_KINDS = {"header": Hanging.header, "footer": Hanging.footer}


def pages_of(styles: bytes) -> dict[str, list[Note]]:
    """Return what the pages say, by the name of their master page."""
    if b"<style:header" not in styles and b"<style:footer" not in styles:
        return {}
    return {
        step.attributes.get("name", ""): page_notes(_said(step.element))
        for step in steps(styles, "master-page")
        if step.is_end
    }


def _said(page: Any) -> Iterator[tuple[Hanging, str]]:
    for part in page:
        hangs = _KINDS.get(local(part.tag).partition("-")[0])
        is_off = any(local(key) == "display" and said == "false" for key, said in part.items())
        if hangs is None or is_off:
            continue
        for field in part.iter(*(f"{{*}}{name}" for name in _FIELDS)):
            field.text = ""
        # In its regions, at the left, in the middle and at the right, or without any.
        regions = [one for one in part if local(one.tag).startswith("region")] or [part]
        for region in regions:
            lines = (line_of(line).strip() for line in region.iter("{*}p"))
            yield hangs, "\n".join(filter(None, lines))
