"""From bytes to grids of cells; every workbook is hostile until it is read.

What belongs here: file kinds, their limits and their dangers. What does not: what a cell means
(layout.py, normalise.py). Nothing is executed, no link is followed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook, SheetVisibleEnum

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200
MAX_MEMBERS = 2000
MAX_ROWS = 20_000
MAX_COLUMNS = 500
EXTENSIONS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv.zip", ".zip", ".et")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ERRORS = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*t="e"[^>]*>')
# A formula whose result was never computed: no <v> between <f> and the end of the cell.
_FORMULA = re.compile(rb'<c r="([A-Z]+\d+)"([^>]*)>(<f[ />].*?)</c>', re.DOTALL)


class UnreadableFile(Exception):
    """A file that cannot be read as a workbook; `kind` is the rule it breaks."""

    def __init__(self, kind: str, zh: str, en: str) -> None:
        """Take the rule's id and what to add to its sentence, in both languages."""
        super().__init__(f"{zh} {en}")
        self.kind, self.zh, self.en = kind, zh, en


@dataclass
class Sheet:
    """One sheet: rows of cells from A1 on, and what is odd about it."""

    name: str
    rows: list[list[Any]]
    is_hidden: bool = False
    uncomputed: frozenset[str] = field(default_factory=frozenset)
    errors: frozenset[str] = field(default_factory=frozenset)


def read_workbook(path: Path, data: bytes) -> list[Sheet]:
    """Return the sheets of a workbook, whatever its kind; raises `UnreadableFile`."""
    if not data:
        raise UnreadableFile("file_is_empty", "文件为空", "the file is empty")
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1024 / 1024:.1f} MB"
        raise UnreadableFile("file_is_too_large", size, size)
    if data.startswith(_OLE):
        if b"E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k" in data:
            raise UnreadableFile("file_is_encrypted", "文件有密码", "it has a password")
        return _read_calamine(data, {})
    if data.startswith(b"PK"):
        names = _check_archive(data)
        if any(name.lower().endswith(".csv") for name in names):
            return _read_csv_archive(data)
        if "mimetype" not in names and "[Content_Types].xml" not in names:
            raise UnreadableFile(
                "file_is_not_a_workbook", "压缩包里没有工作簿", "the archive holds no workbook"
            )
        return _read_calamine(data, _odd_cells(data, names))
    raise UnreadableFile(
        "file_is_not_a_workbook", f"{path.suffix} 文件不是工作簿", f"{path.suffix} is no workbook"
    )


def _check_archive(data: bytes) -> list[str]:
    """Return the members' names, having looked at their sizes before unpacking any."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableFile("file_is_broken", "文件不完整", "the file is incomplete") from error
    unpacked = sum(member.file_size for member in members)
    bomb = unpacked > max(MAX_RATIO * len(data), 1024 * 1024) or unpacked > MAX_UNPACKED
    if bomb or len(members) > MAX_MEMBERS:
        size = f"{unpacked / 1024 / 1024:.0f} MB"
        raise UnreadableFile("file_is_too_large", f"解压后 {size}", f"{size} unpacked")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFile("file_is_encrypted", "压缩包有密码", "the archive has a password")
    return [member.filename for member in members]


def _read_calamine(data: bytes, odd: dict[str, tuple[frozenset[str], frozenset[str]]]) -> list[Sheet]:
    # calamine raises its own errors and, on hostile input, panics; both mean the file is broken.
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = []
        for meta in book.sheets_metadata:
            content = book.get_sheet_by_name(meta.name)
            if content.height > MAX_ROWS or content.width > MAX_COLUMNS:
                size = f"{meta.name}: {content.height} × {content.width}"
                raise UnreadableFile("file_is_too_large", size, size)
            rows = content.to_python(skip_empty_area=False)
            hidden = meta.visible is not SheetVisibleEnum.Visible
            uncomputed, errors = odd.get(meta.name, (frozenset(), frozenset()))
            sheets.append(Sheet(meta.name, rows, hidden, uncomputed, errors))
    except UnreadableFile:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        if "password" in str(error).lower():
            raise UnreadableFile("file_is_encrypted", "文件有密码", "it has a password") from error
        raise UnreadableFile("file_is_broken", "文件损坏", "the file is damaged") from error
    return sheets


def _odd_cells(data: bytes, names: list[str]) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Return, by sheet, formula cells that were never computed and cells that hold an error.

    Only the XML of .xlsx tells; most workbooks have no formula, so the bytes are searched first.
    """
    if "xl/workbook.xml" not in names:
        return {}
    result = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in names:
            if not member.startswith("xl/worksheets/sheet"):
                continue
            xml = archive.read(member)
            if b"<f" not in xml and b't="e"' not in xml:
                continue
            bare = frozenset(
                match[1].decode() for match in _FORMULA.finditer(xml) if not _has_value(match[3])
            )
            errors = frozenset(match[1].decode() for match in _ERRORS.finditer(xml))
            result[member] = (bare, errors)
        if not result:
            return {}
        return _by_sheet_name(archive, result)


def _has_value(cell: bytes) -> bool:
    found = re.search(rb"<v>(.*?)</v>", cell, re.DOTALL)
    return bool(found and found[1])


def _by_sheet_name(archive: zipfile.ZipFile, by_member: dict[str, Any]) -> dict[str, Any]:
    from html import unescape

    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    targets = {}
    for tag in re.findall(r"<Relationship [^>]*>", links):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        targets[attributes.get("Id")] = "xl/" + attributes.get("Target", "").lstrip("/").removeprefix("xl/")
    named = {}
    for tag in re.findall(r"<sheet [^>]*>", book):
        attributes = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        member = targets.get(attributes.get("r:id"))
        if member in by_member:
            named[unescape(attributes.get("name", ""))] = by_member[member]
    return named


def _read_csv_archive(data: bytes) -> list[Sheet]:
    """Return one sheet a .csv, named as the file; UTF-8 or a Chinese code page."""
    sheets = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if not member.filename.lower().endswith(".csv"):
                continue
            name = member.filename
            if not member.flag_bits & 0x800:
                # Without the flag the name is in the sender's code page, which here is GBK.
                try:
                    name = name.encode("cp437").decode("gb18030")
                except UnicodeError:
                    name = member.filename
            text = _decode(archive.read(member))
            rows: list[list[Any]] = [list(row) for row in csv.reader(io.StringIO(text))]
            sheets.append(Sheet(Path(name).stem, rows))
    return sheets


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("file_is_broken", "CSV 编码无法识别", "the CSV's encoding is unknown")
