"""Cells that the fast reader gives as blanks though they are none: errors, formulas without value.

What belongs here: finding such cells in the XML of .xlsx and .ods, and cells so far out that a grid
of them would fill the memory. What does not: .xls (xls.py) and every other cell (reader.py).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from itertools import islice, product
from typing import Any, NamedTuple

from lxml import etree
from xlsxwriter.utility import xl_cell_to_rowcol

from orchestration.intake.workbook.limits import (
    MAX_UNPACKED,
    broken,
    require_size,
    too_large,
    unpack,
)
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Unread

# A cell or row that opens with its reference is told from all others by counting bytes.
_ELSEWHERE = (b"<f", b":c", b":row", b'"e"', b"'e'")
_FAR_OUT = re.compile(rb'r="(?:[A-Za-z]{3,}[0-9]|[A-Za-z]*[0-9]{5})')  # past ZZ or 9999
_REFERENCE = re.compile(r"[A-Za-z]{1,3}[0-9]{1,9}")
_MOST_REPEATED = 1000
_ODS_CELLS = ("table-cell", "covered-table-cell")
_CALCEXT_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"

OddCells = dict[tuple[int, int], Unread]  # by zero-based row and column


def odd_cells_of_xlsx(data: bytes, archive: zipfile.ZipFile) -> dict[str, OddCells]:
    """Return the odd cells by sheet name, of those sheets that may have some."""
    found = {}
    for name, member in _sheet_members(data, archive):
        xml = unpack(data, member)
        if not _is_plain(xml):
            found[name] = _odd_cells_of_sheet(name, xml)
    return found


def _is_plain(xml: bytes) -> bool:
    """Tell whether a sheet has no formula, no error and no cell far out, and says so plainly.

    Most sheets do; searching bytes is far cheaper than parsing them. Whatever is written in another
    way than Excel, WPS and the template write it is not plain, and gets parsed.
    """
    begin, end = xml.find(b"<sheetData"), xml.rfind(b"</sheetData>")
    if begin < 0 or end < 0 or b"\0" in xml[:100]:
        return False
    cells = xml[begin:end]
    if any(word in cells for word in _ELSEWHERE):
        return False
    if any(cells.count(tag) != cells.count(tag + b' r="') for tag in (b"<c", b"<row")):
        return False
    return _FAR_OUT.search(cells) is None


def _sheet_members(data: bytes, archive: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """Yield each sheet's name and its file, as the workbook relates them."""
    there = {_member(member.filename): member for member in archive.infolist()}
    relations, workbook = there.get("xl/_rels/workbook.xml.rels"), there.get("xl/workbook.xml")
    if relations is None or workbook is None:
        return
    for name, path in _related(unpack(data, relations), unpack(data, workbook)):
        if path in there:
            yield name, there[path]


@lru_cache(maxsize=16)
def _related(relations: bytes, workbook: bytes) -> list[tuple[str, str]]:
    """Return each sheet's name and path; the same for all workbooks made from one template."""
    targets = {}
    for relation in _opened(relations, "Relationship"):
        target = relation.get("Target", "")
        path = target if target.startswith("/") else f"xl/{target}"
        targets[relation.get("Id", "")] = _member(path)
    sheets = _opened(workbook, "sheet")
    return [(sheet.get("name", ""), targets.get(sheet.get("id", ""), "")) for sheet in sheets]


@lru_cache(maxsize=1024)
def _member(path: str) -> str:
    """Return a member's path without its dressings: slashes, case, steps up."""
    parts: list[str] = []
    for part in path.replace("\\", "/").lower().split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _opened(xml: bytes, tag: str) -> Iterator[dict[str, str]]:
    """Yield the attributes of every element of a name."""
    for step in _steps(xml, tag):
        if not step.is_end:
            yield step.attributes


class _Step(NamedTuple):
    """An element that begins, or that ends with all that is in it; names without namespaces."""

    is_end: bool
    name: str
    attributes: dict[str, str]
    element: Any


def _steps(xml: bytes, *names: str) -> Iterator[_Step]:
    """Yield where the elements of some names begin and end, and keep none of them.

    A document type is refused as a broken file, and with it every trick of entities.
    """
    events = etree.iterparse(
        BytesIO(xml),
        events=("start", "end"),
        tag=[f"{{*}}{name}" for name in names],
        remove_comments=True,
        resolve_entities=False,
    )
    for event, element in events:
        if element.getroottree().docinfo.doctype:
            raise broken("文件不是由表格软件保存的", "no spreadsheet program saved this file")
        attributes = {_local(name): value for name, value in element.items()}
        yield _Step(event == "end", _local(element.tag), attributes, element)
        if event == "end":
            element.clear()


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _odd_cells_of_sheet(sheet: str, xml: bytes) -> OddCells:
    """Return the odd cells of one sheet of .xlsx."""
    found: OddCells = {}
    row = column = -1
    for step in _steps(xml, "row", "c"):
        place = step.attributes.get("r", "")
        if step.name == "row" and not step.is_end:
            row, column = int(place) - 1 if place.isdecimal() else row + 1, -1
        elif step.name == "c" and step.is_end:
            column += 1
            if _REFERENCE.fullmatch(place):
                row, column = xl_cell_to_rowcol(place.upper())
            texts = {_local(part.tag): "".join(part.itertext()) for part in step.element}
            kind = step.attributes.get("t", "")
            if texts or kind == "e":
                require_size(sheet, row + 1, column + 1)
            if unread := _odd_cell(kind, texts):
                found[row, column] = unread
    return found


def _odd_cell(kind: str, texts: dict[str, str]) -> Unread | None:
    """Return what is odd about a cell: `texts` are those of its formula (f) and value (v, is)."""
    value = texts.get("v") or texts.get("is") or ""
    if kind == "e":
        return Unread(ProblemKind.cell_is_an_error, value or "#")
    # A formula whose result is the empty text has t="str" and an empty <v>: that is a value.
    if "f" not in texts or value or (kind == "str" and "v" in texts):
        return None
    return Unread(ProblemKind.cell_is_a_formula_without_value, f"={texts['f']}")


def odd_cells_of_ods(archive: zipfile.ZipFile) -> dict[str, OddCells]:
    """Return the odd cells by sheet name, of every sheet."""
    found: dict[str, OddCells] = {}
    sheet, row, column, texts = "", 0, 0, 0
    row_times = 0  # blanks may be repeated a million times
    for step in _steps(archive.read("content.xml"), "table", "table-row", *_ODS_CELLS):
        if step.name == "table" and not step.is_end:
            sheet, row, row_times = step.attributes.get("name", ""), 0, 0
            found.setdefault(sheet, {})
        elif step.name == "table-row" and not step.is_end:
            row, column = row + row_times, 0
            row_times = int(step.attributes.get("number-rows-repeated", "1"))
        elif step.name in _ODS_CELLS and step.is_end:
            times = int(step.attributes.get("number-columns-repeated", "1"))
            shown = "".join(step.element.itertext())
            unread = _odd_cell_of_ods(step, shown)
            if unread or shown or _ods_type(step):
                require_size(sheet, row + row_times, column + times)
                texts += len(shown) * row_times * times
            if texts > MAX_UNPACKED:
                raise too_large("重复的长文本过多", "too many copies of a long text")
            if unread:
                places = product(range(row_times), range(times))
                for down, right in islice(places, _MOST_REPEATED):
                    found[sheet][row + down, column + right] = unread
                    require_size(sheet, len(found[sheet]), 1)
            column += times
    return found


def _ods_type(step: _Step) -> str:
    # calcext tells an error that office calls a text; it has the last word.
    return step.element.get(_CALCEXT_TYPE) or step.attributes.get("value-type", "")


def _odd_cell_of_ods(step: _Step, shown: str) -> Unread | None:
    formula, kind = step.attributes.get("formula", ""), _ods_type(step)
    if kind == "error" or (formula and shown.startswith(("#", "Err:"))):
        return Unread(ProblemKind.cell_is_an_error, shown)
    if formula and not kind:
        text = f"={formula.partition('=')[2]}"
        return Unread(ProblemKind.cell_is_a_formula_without_value, text)
    return None
