"""Cells of a legacy .xls that hold an error, which the fast reader gives as blanks.

What belongs here: as much of the compound file and its BIFF records as it takes to find them, and
cells too far out. What does not: any other cell (reader.py). A formula in .xls always has a result.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from orchestration.intake.workbook.limits import hold_size
from orchestration.intake.workbook.problems import UnreadableFile
from orchestration.intake.workbook.unread import OddCells, Unread

_ERRORS = {
    **{0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!"},
    **{0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"},
}
_EOF, _PASSWORD, _SHEET, _FORMULA, _BOOLERR, _SIZE = 0x0A, 0x2F, 0x85, 0x06, 0x205, 0x200
# Formula, boolean or error, number, label, rich and shared text, packed number: place comes first.
_CELLS = {_FORMULA, _BOOLERR, 0x203, 0x204, 0xD6, 0xFD, 0x27E}
_PACKED = 0xBD  # a row of packed numbers: its last two bytes are its last column
_LAST_SECTOR = 0xFFFFFFFA  # this and above are marks, not sectors


def odd_cells_of_xls(data: bytes) -> dict[str, OddCells]:
    """Return the cells that hold an error, by sheet name.

    Raises `UnreadableFile` for a password or a sheet too large, `ValueError` for a damaged file.
    Layouts: [MS-CFB] for the file, [MS-XLS] for the records.
    """
    try:
        compound = _Compound(data)
        book, is_new = compound.stream("Workbook"), True
        if not book:
            book, is_new = compound.stream("Book"), False
        found = {}
        for kind, body in _records(book, 0):
            if kind == _PASSWORD:
                raise UnreadableFile("file_is_encrypted", "文件有密码", "it has a password")
            if kind == _SHEET:
                start = struct.unpack_from("<I", body)[0]
                name = _sheet_name(body, is_new)
                found[name] = _errors(name, book, start)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError("the compound file is damaged") from error
    return found


def _sheet_name(body: bytes, is_new: bool) -> str:
    """Return a sheet's name; before Excel 97 names were in the code page of the machine."""
    if not is_new:
        return body[7 : 7 + body[6]].decode("gb18030", "replace")
    if body[7] & 1:
        return body[8 : 8 + 2 * body[6]].decode("utf-16-le")
    return body[8 : 8 + body[6]].decode("latin-1")


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield records from `at` to the end of their part of the stream."""
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + length]
        if kind == _EOF:
            return
        at += 4 + length


def _errors(name: str, book: bytes, start: int) -> OddCells:
    found: OddCells = {}
    for kind, body in _records(book, start):
        if kind == _SIZE and len(body) >= 14 and struct.unpack_from("<II", body)[1] > 65536:
            raise ValueError("no sheet of .xls is as long as this one says")
        if kind == _PACKED:
            hold_size(name, body[0] + 256 * body[1] + 1, body[-2] + 256 * body[-1] + 1)
        if kind not in _CELLS:
            continue
        row, column = struct.unpack_from("<HH", body)
        hold_size(name, row + 1, column + 1)
        code = None
        if kind == _BOOLERR and body[7]:
            code = body[6]
        elif kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
            code = body[8]
        if code is not None:
            found[row, column] = Unread("cell_is_an_error", _ERRORS.get(code, "#"))
    return found


class _Compound:
    """A compound file: streams in chains of sectors, short ones in a stream of their own."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = 1 << struct.unpack_from("<H", data, 30)[0]
        first_directory, _, self.short = struct.unpack_from("<III", data, 48)
        first_short, _, more, _ = struct.unpack_from("<IIII", data, 60)
        sectors = list(struct.unpack_from("<109I", data, 76))
        while more < _LAST_SECTOR and len(sectors) < len(data):
            *several, more = self._numbers(self._sector(more))
            sectors += several
        self.table: list[int] = []
        for sector in sectors:
            if sector < _LAST_SECTOR:
                self.table += self._numbers(self._sector(sector))
        self.short_table = self._numbers(self._chain(first_short))
        directory = self._chain(first_directory)
        self.entries = {}
        for at in range(0, len(directory) - 127, 128):
            length = struct.unpack_from("<H", directory, at + 64)[0]
            name = directory[at : at + max(length - 2, 0)].decode("utf-16-le")
            self.entries[name.lower()] = struct.unpack_from("<II", directory, at + 116)

    def stream(self, name: str) -> bytes:
        """Return a stream's bytes, none if there is no such stream."""
        start, size = self.entries.get(name.lower(), (_LAST_SECTOR, 0))
        if size >= self.short:
            return self._whole(self._chain(start), size)
        block = self._chain(self.entries["root entry"][0]) if size else b""
        parts: list[bytes] = []
        while start < _LAST_SECTOR and len(parts) <= len(self.short_table):
            parts.append(block[start * 64 : start * 64 + 64])
            start = self.short_table[start]
        return self._whole(b"".join(parts), size)

    def _whole(self, data: bytes, size: int) -> bytes:
        if len(data) < size:
            raise ValueError("the compound file is cut off")
        return data[:size]

    def _sector(self, number: int) -> bytes:
        return self.data[(number + 1) * self.size : (number + 2) * self.size]

    def _numbers(self, data: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))

    def _chain(self, number: int) -> bytes:
        parts: list[bytes] = []
        while number < _LAST_SECTOR and len(parts) <= len(self.table):
            parts.append(self._sector(number))
            number = self.table[number]
        return b"".join(parts)
