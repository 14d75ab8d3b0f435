"""Cells that the fast reader gives as blanks though they are none: errors, formulas without value.

What belongs here: finding such cells in the XML of .xlsx and .ods, and cells so far out that a grid
of them would fill the memory. What does not: .xls (xls.py) and every other cell (reader.py).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product
from typing import Any
from xml.parsers import expat

from orchestration.intake.workbook.limits import MAX_UNPACKED, require_size, too_large, unpack
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Unread

# A cell or row that opens with its reference is told from all others by counting bytes.
_ELSEWHERE = (b"<f", b":c", b":row", b'"e"', b"'e'")
_FAR_OUT = re.compile(rb'r="(?:[A-Za-z]{3,}[0-9]|[A-Za-z]*[0-9]{5})')  # past ZZ or 9999
_REFERENCE = re.compile(r"([A-Za-z]{1,7})([0-9]{1,9})")
_MOST_REPEATED = 1000


OddCells = dict[tuple[int, int], Unread]  # by zero-based row and column


def odd_cells_of_xlsx(data: bytes, archive: zipfile.ZipFile) -> dict[str, OddCells]:
    """Return the odd cells by sheet name, of those sheets that may have some."""
    found = {}
    for name, member in _sheet_members(data, archive):
        xml = unpack(data, member)
        if not _is_plain(xml):
            found[name] = _XlsxSheet(name).read(xml)
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
    for tag, attributes in _elements(relations):
        if tag == "Relationship":
            target = attributes.get("Target", "")
            path = target if target.startswith("/") else f"xl/{target}"
            targets[attributes.get("Id", "")] = _member(path)
    sheets = (attributes for tag, attributes in _elements(workbook) if tag == "sheet")
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


def _elements(xml: bytes) -> list[tuple[str, dict[str, str]]]:
    """Return every element with its attributes, both without their namespaces."""
    elements: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, attributes: elements.append(
        (_local(tag), {_local(name): value for name, value in attributes.items()})
    )
    parser.Parse(xml, True)
    return elements


def _parser() -> Any:
    """Return a parser that refuses document types, and with them every trick of entities."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise expat.ExpatError("a workbook declares no document type")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _XlsxSheet:
    """One pass over a sheet's XML."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: OddCells = {}
        self.row = self.column = -1
        self.type = self.formula = self.value = ""
        self.has_formula = self.has_value = False
        self.inside = ""

    def read(self, xml: bytes) -> OddCells:
        parser = _parser()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.Parse(xml, True)
        return self.found

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = _local(tag)
        if tag == "row":
            given = attributes.get("r", "")
            self.row = int(given) - 1 if given.isdecimal() else self.row + 1
            self.column = -1
        elif tag == "c":
            self.column += 1
            matched = _REFERENCE.fullmatch(attributes.get("r", ""))
            if matched:
                self.row, self.column = int(matched[2]) - 1, _column_number(matched[1])
            self.type, self.formula, self.value = attributes.get("t", ""), "", ""
            self.has_formula = self.has_value = False
        elif tag in ("f", "v", "is"):
            self.inside = tag
            self.has_formula |= tag == "f"
            self.has_value |= tag != "f"

    def end(self, tag: str) -> None:
        tag = _local(tag)
        if tag in ("f", "v", "is"):
            self.inside = ""
        elif tag == "c":
            self.close()

    def text(self, text: str) -> None:
        if self.inside == "f":
            self.formula += text
        elif self.inside:
            self.value += text

    def close(self) -> None:
        if not (self.has_value or self.has_formula or self.type == "e"):
            return
        require_size(self.name, self.row + 1, self.column + 1)
        # A formula whose result is the empty text has t="str" and an empty <v>: that is a value.
        computed = bool(self.value) or (self.has_value and self.type == "str")
        if self.type == "e":
            unread = Unread(ProblemKind.cell_is_an_error, self.value or "#")
        elif self.has_formula and not computed:
            unread = Unread(ProblemKind.cell_is_a_formula_without_value, f"={self.formula}")
        else:
            return
        self.found[self.row, self.column] = unread


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def odd_cells_of_ods(archive: zipfile.ZipFile) -> dict[str, OddCells]:
    """Return the odd cells by sheet name, of every sheet."""
    sheet = _OdsContent()
    parser = _parser()
    parser.StartElementHandler = sheet.start
    parser.EndElementHandler = sheet.end
    parser.CharacterDataHandler = sheet.text
    parser.Parse(archive.read("content.xml"), True)
    return sheet.found


class _OdsContent:
    """One pass over an OpenDocument's tables; blanks may be repeated a million times."""

    def __init__(self) -> None:
        self.found: dict[str, OddCells] = {}
        self.name = ""
        self.row = self.column = self.row_times = 0
        self.times, self.texts = 1, 0
        self.cell: dict[str, str] | None = None
        self.shown = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = _local(tag)
        named = {_local(name): value for name, value in attributes.items()}
        if tag == "table":
            self.name = named.get("name", "")
            self.found.setdefault(self.name, {})
            self.row = self.row_times = 0
        elif tag == "table-row":
            self.row += self.row_times
            self.row_times = int(named.get("number-rows-repeated", "1"))
            self.column = 0
        elif tag in ("table-cell", "covered-table-cell"):
            # calcext tells an error that office calls a text; it has the last word.
            named |= {"type": attributes.get("calcext:value-type", named.get("value-type", ""))}
            self.cell, self.shown = named, ""
            self.times = int(named.get("number-columns-repeated", "1"))

    def text(self, text: str) -> None:
        if self.cell is not None:
            self.shown += text

    def end(self, tag: str) -> None:
        if _local(tag) not in ("table-cell", "covered-table-cell") or self.cell is None:
            return
        formula, kind = self.cell.get("formula", ""), self.cell["type"]
        unread = None
        if kind == "error" or (formula and self.shown.startswith(("#", "Err:"))):
            unread = Unread(ProblemKind.cell_is_an_error, self.shown)
        elif formula and not kind:
            text = f"={formula.partition('=')[2]}"
            unread = Unread(ProblemKind.cell_is_a_formula_without_value, text)
        if unread is not None or kind or self.shown:
            require_size(self.name, self.row + self.row_times, self.column + self.times)
            self.texts += len(self.shown) * self.row_times * self.times
            if self.texts > MAX_UNPACKED:
                raise too_large("重复的长文本过多", "too many copies of a long text")
        if unread is not None:
            places = product(range(self.row_times), range(self.times))
            for down, right in islice(places, _MOST_REPEATED):
                self.found[self.name][self.row + down, self.column + right] = unread
                require_size(self.name, len(self.found[self.name]), 1)
        self.column += self.times
        self.cell = None
