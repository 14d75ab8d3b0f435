"""Zipped csv: one sheet a .csv, and whatever else lies in the archive, named and not read.

What belongs here: names in archives, code pages, delimiters, quotes. What does not: what the cells
say, and other kinds of archives (kinds.py).
"""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import PurePosixPath

from orchestration.intake.workbook.limits import MAX_UNPACKED, broken, require_cells, require_size
from orchestration.intake.workbook.problems import UnreadableFile
from orchestration.intake.workbook.sheet import Cells, Sheet

_DELIMITERS = (",", "\t", ";", "|")
_LONGEST_CELL = 32_767  # characters in a cell of Excel
_LEAST_LINES = 2  # of a cell that may have swallowed a row


def read_csv_archive(archive: zipfile.ZipFile) -> list[Sheet]:
    """Return one sheet a .csv, named as the file; UTF-8 or a Chinese code page.

    A file of another kind is a sheet as well, which says only that it is there.
    """
    sheets, cells = [], 0
    for member in archive.infolist():
        path = PurePosixPath(member_name(member).replace("\\", "/"))
        if member.is_dir() or is_shadow(path):
            continue
        if path.suffix.lower() != ".csv":
            sheets.append(Sheet(path.name, [[path.name]]))
            continue
        text = _decode(path.name, archive.read(member)).rstrip("\x1a\x00")  # how DOS ends a file
        rows = _rows(path.name, text)
        cells = require_cells(cells + sum(map(len, rows)))
        sheets.append(Sheet(path.stem, rows))
    return sheets


def is_shadow(path: PurePosixPath) -> bool:
    """Tell whether a system put a file there by itself, as a Mac puts one beside every other."""
    return path.name.startswith("._") or path.name in {".DS_Store", "Thumbs.db", "desktop.ini"}


def member_name(member: zipfile.ZipInfo) -> str:
    """Return a member's name: without the UTF-8 flag it is in the sender's code page, here GBK."""
    if member.flag_bits & 0x800:
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return member.filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return member.filename


def _rows(name: str, text: str) -> list[Cells]:
    """Return a csv's rows; `UnreadableFile` names the line where a quote is not closed."""
    csv.field_size_limit(MAX_UNPACKED)  # of the whole process: what it was is anybody's guess
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[Cells] = []
    first, width = 1, 0
    try:
        for row in lines:
            width = max(width, len(row))
            require_size(PurePosixPath(name).stem, len(rows) + 1, len(row))
            if lines.line_num > first and _holds_rows(row, lines.dialect.delimiter, width):
                raise _open_quote(name, first)
            if max(map(len, row), default=0) > _LONGEST_CELL:
                raise _too_long(name, first, max(map(len, row)))
            rows.append(list(row))
            first = lines.line_num + 1
    except csv.Error as error:
        raise _open_quote(name, first) from error
    return rows


def _holds_rows(row: list[str], delimiter: str, width: int) -> bool:
    """Tell whether a cell of several lines has swallowed rows of the table.

    A quote that was never closed ends at the next one, and what stands between them is one cell:
    the rest of its row, whole rows, and the beginning of another. A text of several lines that
    somebody wrote is not divided just so.
    """
    last = width - 1  # delimiters in a whole row
    for at, cell in enumerate(row):
        counts = [line.count(delimiter) for line in cell.splitlines()]
        if len(counts) < _LEAST_LINES or last == 0:
            continue
        first, *between, end = counts
        rest = len(row) - 1 - at
        is_exact = (first, end) == (last - at, last - rest) and all(
            count == last for count in between
        )
        whole = sum(count == last for count in between)
        if is_exact or (last > 1 and whole > 1 and whole * 2 > len(between)):
            return True
    return False


def _open_quote(name: str, line: int) -> UnreadableFile:
    return broken(
        f"{name} 第 {line} 行的引号没有成对，后面的行会并入一格；请删除多余的引号后重新压缩报送",
        f"a quote in line {line} of {name} is not closed and swallows the lines after it; "
        "delete the stray quote, zip and hand in again",
    )


def _too_long(name: str, line: int, length: int) -> UnreadableFile:
    return broken(
        f"{name} 第 {line} 行有一格长 {length} 个字符，超出表格软件一格的上限 {_LONGEST_CELL}；"
        "请检查该行的引号和分隔符后重新压缩报送",
        f"line {line} of {name} has a cell of {length} characters, and no spreadsheet's cell holds "
        f"more than {_LONGEST_CELL}; check its quotes and delimiters, zip and hand in again",
    )


def _delimiter(text: str) -> str:
    """Return what divides most lines into cells: a comma, or a tab, or a semicolon."""
    lines = text.splitlines()
    return max(_DELIMITERS, key=lambda delimiter: sum(delimiter in line for line in lines))


def _decode(name: str, data: bytes) -> str:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise broken(f"{name} 的编码无法识别", f"the encoding of {name} is unknown")
