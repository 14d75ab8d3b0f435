"""The records of an .xls, of which its reader leaves some out: [MS-XLS] 2.1.4.

What belongs here: where records begin and end, and where those of each sheet do. What does not:
what they hold.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from xlrd.compdoc import CompDoc

_EOF, _BOUND_SHEET, _BOF = 0x0A, 0x85, 0x809
_HAS_CELLS = 0x00


def substreams(data: bytes) -> tuple[bytes, list[int]]:
    """Return a workbook's records, and where those of each sheet with cells begin, in order."""
    document = CompDoc(data, logfile=io.StringIO())
    streams = (document.locate_named_stream(name) for name in ("Workbook", "Book"))
    memory, base, length = next((s for s in streams if s[0]), (b"", 0, 0))
    content = bytes(memory or b"")[base : base + length]
    # Names are spelt in other ways before Excel 97; what comes before them is the same.
    return content, [
        struct.unpack_from("<I", body)[0]
        for kind, body, _ in records(content, 0)
        if kind == _BOUND_SHEET and body[5] == _HAS_CELLS
    ]


def records(content: bytes, at: int) -> Iterator[tuple[int, bytes, int]]:
    """Yield the records of one substream: kind, body, where the next begins."""
    depth = 0
    while at + 4 <= len(content):
        kind, length = struct.unpack_from("<HH", content, at)
        at += 4 + length
        yield kind, content[at - length : at], at
        depth += (kind == _BOF) - (kind == _EOF)
        if kind == _EOF and depth <= 0:
            return
