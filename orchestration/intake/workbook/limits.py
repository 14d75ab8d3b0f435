"""How much one file may ask for, so that none stops the others.

What belongs here: limits, and looking at an archive before anything of it is unpacked. What does
not: what is inside (reader.py).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Mapping
from heapq import nlargest
from operator import itemgetter

from orchestration.intake.workbook.problems import ProblemKind, UnreadableFile

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200
MAX_MEMBERS = 2000
MAX_ROWS = 20_000
MAX_COLUMNS = 500
MAX_CELLS = 2_000_000  # of all sheets, blanks between the first and the last cell included
MOST_STRAYS = 5  # cells that stand apart from all others of a sheet
_LARGE = 260_000  # cells between a sheet's first and its last; fewer cost nothing to speak of
_MOST_DEFLATED = 1032  # no deflated stream becomes longer than this many times itself


def too_large(zh: str, en: str, sheet: str = "") -> UnreadableFile:
    """Return the exception of a file that asks for too much."""
    return UnreadableFile(ProblemKind.file_is_too_large, zh, en, sheet)


def broken(zh: str, en: str) -> UnreadableFile:
    """Return the exception of a file that is not whole."""
    return UnreadableFile(ProblemKind.file_is_broken, zh, en)


def require_size(sheet: str, rows: int, columns: int) -> None:
    """Raise `UnreadableFile` for a sheet with more rows or columns than any form has."""
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        raise too_large(f"{rows} × {columns}", f"{rows} × {columns}", sheet)


def require_cells(cells: int, sheet: str = "") -> int:
    """Return how many cells a file has; raise `UnreadableFile` if they would fill the memory."""
    if cells > MAX_CELLS:
        raise too_large(f"{cells} 个单元格", f"{cells} cells", sheet)
    return cells


def is_large(rows: int, columns: int) -> bool:
    """Tell whether a sheet reaches so far that it may be a stray cell that makes it large."""
    return rows * columns > _LARGE


def reach(places: Collection[tuple[int, int]]) -> tuple[int, int]:
    """Return how many rows and columns hold a sheet's cells, but for a few that stand far out.

    All of them are held where it is more than a few that make a sheet large.
    """
    first = MOST_STRAYS + 1
    low = nlargest(first, places)
    right = nlargest(first, places, key=itemgetter(1))
    gone = set[tuple[int, int]]()
    for _ in range(first):
        lowest = next((place for place in low if place not in gone), (-1, -1))
        rightmost = next((place for place in right if place not in gone), (-1, -1))
        rows, columns = lowest[0] + 1, rightmost[1] + 1
        if not is_large(rows, columns):
            return rows, columns
        # What stands alone in its direction is left out first.
        below = next((row for row, _ in low if (row, _) not in gone | {lowest}), -1) + 1
        behind = next((at for _, at in right if (_, at) not in gone | {rightmost}), -1) + 1
        gone.add(lowest if below * columns <= rows * behind else rightmost)
    return low[0][0] + 1, right[0][1] + 1


def open_archive(data: bytes) -> zipfile.ZipFile:
    """Return an archive, having looked at its members' sizes before unpacking any."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, RuntimeError) as error:
        raise broken("文件不完整", "the file is incomplete") from error
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    bomb = unpacked > max(MAX_RATIO * len(data), 1024 * 1024) or unpacked > MAX_UNPACKED
    # Members that overlap in the file are longer together than the file: only bombs do that.
    if bomb or packed > len(data) or len(members) > MAX_MEMBERS:
        size = f"{unpacked / 1024 / 1024:.0f} MB"
        raise too_large(f"解压后 {size}", f"{size} unpacked")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFile(
            ProblemKind.file_is_encrypted, "压缩包有密码", "the archive has a password"
        )
    known = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    if any(member.compress_type not in known for member in members):
        raise broken("压缩方式不支持", "the compression is not supported")
    if packed * _MOST_DEFLATED > MAX_UNPACKED:
        for member in members:
            _require_true_size(data, member)
    return archive


def unpack(data: bytes, member: zipfile.ZipInfo) -> bytes:
    """Return a member's content; `UnreadableFile` if it is not what it says.

    `ZipFile.read` does the same three times slower, and a workbook has twenty members.
    """
    packed = _packed(data, member)
    if member.compress_type == zipfile.ZIP_STORED:
        return _undamaged(packed, member)
    # Given the room at once, it is not copied together from pieces; `open_archive` knows the most.
    content = zlib.decompress(packed, -zlib.MAX_WBITS, max(1, member.file_size))
    if len(content) != member.file_size:
        raise broken("文件不完整", "the file is incomplete")
    return _undamaged(content, member)


def _undamaged(content: bytes, member: zipfile.ZipInfo) -> bytes:
    """Return a content that has its checksum, which the fast reader does not look at."""
    if zlib.crc32(content) != member.CRC:
        raise broken("文件损坏", "the file is damaged")
    return content


def _packed(data: bytes, member: zipfile.ZipInfo) -> bytes:
    head = member.header_offset
    name, extra = (int.from_bytes(data[head + at : head + at + 2], "little") for at in (26, 28))
    start = head + 30 + name + extra
    return data[start : start + member.compress_size]


def _require_true_size(data: bytes, member: zipfile.ZipInfo) -> None:
    """Raise `UnreadableFile` if a member unpacks to more than it says.

    The size in an archive's directory is only a claim, and not every unpacker stops at it.
    """
    if member.compress_type == zipfile.ZIP_STORED:
        return
    rest = _packed(data, member)
    inflate, length = zlib.decompressobj(-zlib.MAX_WBITS), 0
    try:
        while rest and not inflate.eof:
            length += len(inflate.decompress(rest, 1024 * 1024))
            rest = inflate.unconsumed_tail
            if length > member.file_size:
                raise too_large("解压后超出所称大小", "it unpacks to more than it says")
    except zlib.error as error:
        raise broken("文件损坏", "the file is damaged") from error


_LOCAL, _ENTRY = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_IN_UTF8, _FIRST_DAY = 0x800, 0x21  # how its name is written, 1980-01-01


def stored(data: bytes, archive: zipfile.ZipFile, unpacked: Mapping[str, bytes]) -> bytes:
    """Return an archive of the same members, of which those that were unpacked stay so.

    Who reads on need not unpack them again, and reads the very bytes that were looked through.
    """
    parts, entries, at = list[bytes](), list[bytes](), 0
    for member in archive.infolist():
        name, content = member.filename.encode(), unpacked.get(member.filename)
        method = zipfile.ZIP_STORED if content is not None else member.compress_type
        packed = _packed(data, member) if content is None else content
        size = len(packed), member.file_size, len(name)
        said = 20, _IN_UTF8, method, 0, _FIRST_DAY, member.CRC, *size, 0
        entries += (_ENTRY.pack(b"PK\1\2", 20, *said, 0, 0, 0, 0, at), name)
        parts += (_LOCAL.pack(b"PK\3\4", *said), name, packed)
        at += _LOCAL.size + len(name) + len(packed)
    directory, count = b"".join(entries), len(archive.infolist())
    end = _END.pack(b"PK\5\6", 0, 0, count, count, len(directory), at, 0)
    return b"".join((*parts, directory, end))


def with_members(archive: zipfile.ZipFile, changed: dict[str, bytes]) -> bytes:
    """Return an archive with some of its members' contents replaced, or with more members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as made:
        for member in archive.infolist():
            name = member.filename
            made.writestr(name, changed[name] if name in changed else archive.read(member))
        for name in changed.keys() - set(archive.namelist()):
            made.writestr(name, changed[name])
    return target.getvalue()
