"""What lies over the cells of an .xls: texts of boxes and shapes, which its reader leaves out.

What belongs here: the records of drawings, [MS-XLS] 2.4.170, 2.4.181, 2.4.329. What does not:
comments, which the reader gives (sheets.py).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from orchestration.intake.workbook.sheet import Place
from orchestration.intake.workbook.xls.records import records

_DRAWING, _OBJECT, _TEXT, _CONTINUED = 0xEC, 0x5D, 0x1B6, 0x3C
_COMMENT = 0x19  # what an object is
# Where a shape begins and ends: OfficeArtClientAnchorSheet, of 18 bytes.
_ANCHOR = re.compile(rb"\x10\xf0\x12\0\0\0..(?P<corners>.{16})", re.DOTALL)


def boxes_of(content: bytes, begin: int) -> Iterator[tuple[Place, str]]:
    """Yield the texts of a sheet's boxes and shapes, at the cells where these begin."""
    place, kind, missing, text = (0, 0), 0, 0, ""
    for record, body, _ in records(content, begin):
        if record == _CONTINUED and missing > 0:
            piece = _piece(body, missing)
            text, missing = text + piece, missing - len(piece)
            if missing <= 0 or not piece:
                yield place, text
                missing = 0
        elif record == _DRAWING:
            anchors = _ANCHOR.findall(body)
            if anchors:
                left, _, top, *_ = struct.unpack("<8H", anchors[-1])
                place = top, left
        elif record == _OBJECT and len(body) >= 6:
            kind = struct.unpack_from("<H", body, 4)[0]
        elif record == _TEXT and len(body) >= 12 and kind != _COMMENT:
            missing, text = struct.unpack_from("<H", body, 10)[0], ""


def _piece(body: bytes, most: int) -> str:
    """Return the signs of a piece of text, of which the first byte says how long each is."""
    width, encoding = (2, "utf-16-le") if body[:1] == b"\1" else (1, "latin-1")
    return body[1 : 1 + width * most].decode(encoding, "replace")
