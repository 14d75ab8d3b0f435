"""Zipped csv: one sheet a .csv, or a .txt where none is, and what else lies there, not read.

What belongs here: names in archives, code pages, delimiters, quotes. What does not: what the cells
say, and other kinds of archives (kinds.py).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Collection
from itertools import pairwise
from pathlib import PurePosixPath
from typing import NamedTuple

from orchestration.intake.workbook.limits import MAX_UNPACKED, broken, require_cells, require_size
from orchestration.intake.workbook.problems import ProblemKind, UnreadableFile
from orchestration.intake.workbook.sheet import (
    Cells,
    Hanging,
    Note,
    Sheet,
    Shown,
    Unread,
    short_name,
)

# What Windows, macOS, Linux and network drives put beside files or into each folder.
_SHADOWS = {
    *(".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".directory"),
    *("__macosx", "@eadir", ".fseventsd", ".spotlight-v100", ".trashes"),
}
_DELIMITERS = (",", "\t", ";", "|", "^")
_LONGEST_CELL = 32_767  # characters in a cell of Excel
_LEAST_LINES = 2  # of a cell that may have swallowed a row
_LEAST_TEXTS = 3  # files that are csv by another name, and no letters
_LEAST_LABELS = 2  # of a row that may be a header
# What a spreadsheet shows of a text that its writer kept from being taken for a number.
_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
_KEPT_DIGITS = re.compile(r"'[0-9][0-9A-Za-z.]*")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?")
_BEFORE_COMMA, _BEHIND_COMMA = re.compile(r"-?[1-9][0-9]{0,2}"), re.compile(r"[0-9]{3}(\.[0-9]+)?")
_BLANKS_BEHIND_QUOTE = re.compile(r'(?<=")[ \t]+(?=[,;\t|^\r\n]|\Z)')
_TOLD_DELIMITER = re.compile(r'\ufeff?"?sep=([,;\t|^])"?(?:\r\n?|\n)', re.IGNORECASE)
# Files that are numbered, or named with their year, are sheets of the name alone.
_NUMBER_BEFORE = re.compile(r"[0-9]{1,2}[_\-. ]+(?=\D)")
_YEAR_BEHIND = re.compile(r"[_\- ]{0,9}(20[0-9]{2})(?:年度?)?")


def holds_csv(names: Collection[str]) -> bool:
    """Tell whether files, named in small letters, are csv: some say so, or are texts by name."""
    return _ending_of(names) is not None


def _ending_of(names: Collection[str]) -> str | None:
    """Return how the names of an archive's csv end: .csv, or .txt where no name ends so."""
    if any(name.endswith(".csv") for name in names):
        return ".csv"
    return ".txt" if sum(name.endswith(".txt") for name in names) >= _LEAST_TEXTS else None


def read_csv_archive(archive: zipfile.ZipFile) -> list[Sheet]:
    """Return one sheet a csv, named as the file; UTF-8 or a Chinese code page.

    A file of another kind is a sheet as well, which says only that it is there.
    """
    sheets, texts, folders = list[Sheet](), list[tuple[Sheet, str, str]](), set[str]()
    ending = _ending_of({name.lower() for name in archive.namelist()})
    for member in archive.infolist():
        path = PurePosixPath(member_name(member).replace("\\", "/"))
        if member.is_dir() or is_shadow(path):
            continue
        name, folder = short_name(path.name), short_name(str(path.parent))
        # What a folder's name says is of all that lies in it, and is said once.
        said = [] if folder in {".", *folders} else [Note((0, 0), Hanging.folder, folder)]
        folders.add(folder)
        if path.suffix.lower() != ending:
            sheets.append(Sheet(name, [[name]], notes=said))
            continue
        text = _decode(name, archive.read(member)).rstrip("\x1a\x00")  # how DOS ends a file
        stem = path.stem.removesuffix(".csv")  # of a name to which Windows has added .txt
        sheets.append(Sheet(_sheet_name(short_name(stem)), [], notes=said))
        texts.append((sheets[-1], name, text))
    # What divides most lines of all sheets; one that holds sentences has commas of its own.
    delimiter, cells = _delimiter("\n".join(text for _, _, text in texts)), 0
    for sheet, name, text in texts:
        sheet.rows = _rows(name, text, _delimiter(text, delimiter))
        cells = require_cells(cells + sum(map(len, sheet.rows)))
    _require_line_ends([(name, text) for _, name, text in texts])
    return sheets


def is_shadow(path: PurePosixPath) -> bool:
    """Tell whether a program put a file there by itself: beside each other, or while it is open."""
    is_lock = path.name.startswith(("~$", ".~", "._"))
    is_in_shadow = any(folder.lower() in _SHADOWS for folder in path.parts[:-1])
    return is_lock or is_in_shadow or path.name.lower() in _SHADOWS


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


def _sheet_name(stem: str) -> str:
    """Return a file's name as a sheet's: without its number, and with a year said as one."""
    name = _NUMBER_BEFORE.sub("", stem, count=1) if _NUMBER_BEFORE.match(stem) else stem
    begin, year, end = (*_YEAR_BEHIND.split(name, maxsplit=1), "", "")[:3]
    return f"{begin}（{year}年）" if begin and year and not end else name


def _rows(name: str, text: str, delimiter: str) -> list[Cells]:
    """Return a csv's rows; `UnreadableFile` names the line where a quote is not closed."""
    csv.field_size_limit(MAX_UNPACKED)  # of the whole process: what it was is anybody's guess
    if told := _TOLD_DELIMITER.match(text):
        text, delimiter = text[told.end() :], told[1]
    try:
        lines = _lines(name, text, delimiter)
    except UnreadableFile:
        bare = _BLANKS_BEHIND_QUOTE.sub("", text)
        if bare == text:
            raise
        lines = _lines(name, bare, delimiter)
    _require_one_width(name, lines)
    if not _is_ended(text):
        _require_whole(name, lines)
    return [[_cell(text) for text in row] for _, _, row in lines]


class _Line(NamedTuple):
    """A row of a csv: its line, how many fields it has, those up to the last that is not blank."""

    number: int
    fields: int
    cells: list[str]


def _lines(name: str, text: str, delimiter: str) -> list[_Line]:
    """Return the rows up to the last that says something."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, blank = list[_Line](), list[_Line]()
    first, width = 1, 0
    try:
        for row in lines:
            fields, width = len(row), max(width, len(row))
            if lines.line_num > first and _holds_rows(row, delimiter, width):
                raise _open_quote(name, first)
            if max(map(len, row), default=0) > _LONGEST_CELL:
                raise _too_long(name, first, max(map(len, row)))
            while row and not row[-1].strip():
                del row[-1]
            blank.append(_Line(first, fields, row))
            first = lines.line_num + 1
            if row:
                rows += blank
                blank = []
                require_size(PurePosixPath(name).stem, len(rows), len(row))
    except csv.Error as error:
        raise _open_quote(name, first) from error
    return rows


def _require_one_width(name: str, lines: list[_Line]) -> None:
    """Raise `UnreadableFile` for a row that has more fields than its header by a stray comma.

    1,200 without quotes is two fields, and all behind it stand under the labels of others. Where
    something stands beyond the header, that is asked about by itself.
    """
    labels = [line for line in lines if not any(map(_NUMBER.fullmatch, line.cells))]
    said = [sum(map(bool, line.cells)) for line in labels]
    if max(said, default=0) < _LEAST_LABELS:
        return
    header = labels[said.index(max(said))]
    for line in lines:
        is_wide = line.number > header.number and line.fields > header.fields
        is_blank = len(line.cells) <= header.fields
        if is_wide and (is_blank or _has_parted_number(line.cells)):
            raise broken(
                f"{name} 第 {line.number} 行有 {line.fields} 个字段，表头只有 {header.fields} 个；"
                "请检查该行是否有未加引号的逗号（如千分位），改正后重新压缩报送",
                f"line {line.number} of {name} has {line.fields} fields, and its header "
                f"{header.fields}; look for a comma without quotes, as in 1,200, correct it, zip "
                "and hand in again",
            )


def _is_ended(text: str) -> bool:
    """Tell whether a text's last line ends; of two signs that end one, the second may be lost."""
    return text.endswith("\n") or (text.endswith("\r") and "\n" not in text)


def _require_whole(name: str, lines: list[_Line]) -> None:
    """Raise `UnreadableFile` where a file stops in its last line, before the fields that all have.

    A note below the table has one field, and the lines before it no fewer than it has.
    """
    if len(lines) <= _LEAST_LINES:
        return
    last, fields = lines[-1], min(line.fields for line in lines[1:-1])
    if last.fields < fields:
        raise broken(
            f"{name} 停在第 {last.number} 行：该行只有 {last.fields} 个字段，其他行有 {fields} 个，"
            "且没有换行，可能没有保存或传送完整；请核对后重新导出、压缩报送",
            f"{name} stops in line {last.number}, which has {last.fields} fields where the others "
            f"have {fields} and no line end: it may be cut; export, zip and hand it in again",
        )


def _require_line_ends(texts: list[tuple[str, str]]) -> None:
    """Raise `UnreadableFile` where one file of many has no line end, and may have lost signs."""
    open_ended = [name for name, text in texts if not _is_ended(text)]
    if len(open_ended) == 1 and len(texts) >= _LEAST_TEXTS:
        raise broken(
            f"{open_ended[0]} 的最后一行没有换行，而其他文件都有，可能没有保存或传送完整；"
            "请核对最后一行后重新导出、压缩报送",
            f"the last line of {open_ended[0]} has no line end, where all other files have one: it "
            "may be cut; check that line, export, zip and hand in again",
        )


def _has_parted_number(cells: list[str]) -> bool:
    """Tell whether two fields of a row without a gap may be one number; 6 and 420 may be two."""
    return all(map(str.strip, cells)) and any(
        _BEFORE_COMMA.fullmatch(one.strip()) and _BEHIND_COMMA.fullmatch(other.strip())
        for one, other in pairwise(cells)
    )


def _cell(text: str) -> str | Unread:
    """Return what a spreadsheet would show of a field that it takes for a formula."""
    if text[:1] == "=" and text.strip("="):
        kept = _TEXT_FORMULA.fullmatch(text)
        if kept is None:
            return Unread(ProblemKind.cell_is_a_formula_without_value, text)
        return Shown(kept[1].replace('""', '"'), text)
    return Shown(text[1:], text) if _KEPT_DIGITS.fullmatch(text) else text


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


def _delimiter(text: str, usual: str = "") -> str:
    """Return what divides most lines into cells, or what is usual where nothing divides half."""
    lines = [line for line in text.splitlines() if line.strip()]
    counts = {one: sum(one in line for line in lines) for one in _DELIMITERS}
    likest = max(_DELIMITERS, key=lambda one: counts[one])
    return usual if usual and counts[likest] * 2 < len(lines) else likest


def _decode(name: str, data: bytes) -> str:
    is_marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    # Without its mark UTF-16 is told by every other byte, which is nought in what ends a line.
    bare = ("utf-16-le", "utf-16-be") if b"\n\0" in data or b"\0\n" in data else ()
    for encoding in ("utf-16",) if is_marked else (*bare, "utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding not in bare or ("\n" in text and "\0" not in text):
            return text
    raise broken(f"{name} 的编码无法识别", f"the encoding of {name} is unknown")
