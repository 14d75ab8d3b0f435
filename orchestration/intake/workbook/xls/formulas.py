"""The formulas of an .xls, which its reader gives as their results.

What belongs here: which of them nobody computed, and how each is spelt, as far as
intake/workbook/computed.py knows what it says. What does not: what they give.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from xlrd.formula import get_externsheet_local_range  # type: ignore[attr-defined]

from orchestration.intake.receipt import address
from orchestration.intake.workbook.sheet import Place
from orchestration.intake.workbook.xls.records import records

_CALC_MODE, _PRECISION = 0x0D, 0x0E
_FORMULA, _STRING, _SHARED, _BETWEEN = 0x06, 0x207, 0x4BC, {0x4BC, 0x221, 0x236, 0x37}
_CALCULATE_ON_LOAD = 0x02
_HEAD = 22  # bytes of a formula's record before its tokens
_SINCE_97 = 80  # Excel's version; before, tokens are of other lengths
# Tokens of [MS-XLS] 2.5.198.
_BETWEEN_TWO = {
    **{3: "+", 4: "-", 5: "*", 6: "/", 7: "^"},
    **{9: "<", 10: "<=", 11: "=", 12: ">=", 13: ">", 14: "<>"},
}
_EXP, _PLUS, _MINUS, _PERCENT, _BRACKETS, _TEXT, _ATTRIBUTE, _TRUTH, _WHOLE, _NUMBER = (
    *(0x01, 0x12, 0x13, 0x14, 0x15),
    *(0x17, 0x19, 0x1D, 0x1E, 0x1F),
)
_FUNCTION, _FUNCTION_OF_ANY, _REFERENCE, _AREA, _NEAR_REFERENCE, _NEAR_AREA = (
    *(0x21, 0x22, 0x24, 0x25),
    *(0x2C, 0x2D),
)
_REFERENCE_3D, _AREA_3D = 0x3A, 0x3B
# Attributes: volatile, where IF goes on, spaces.
_IS_SUM, _IS_HARMLESS = 0x10, 0x01 | 0x02 | 0x08 | 0x40
_NAMES = {
    **{0: "COUNT", 1: "IF", 4: "SUM", 5: "AVERAGE", 6: "MIN", 7: "MAX"},
    **{102: "VLOOKUP", 169: "COUNTA", 228: "SUMPRODUCT", 345: "SUMIF"},
}
_NAMES_OF_FIXED = {
    **{24: ("ABS", 1), 25: ("INT", 1), 27: ("ROUND", 2), 34: ("TRUE", 0), 35: ("FALSE", 0)},
    **{63: ("RAND", 0), 74: ("NOW", 0), 221: ("TODAY", 0), 346: ("COUNTIF", 2)},
}
UNSPELT = "…"  # a formula of which nobody here can say what it gives
_ROWS, _COLUMNS = 65536, 256


def uncomputed(content: bytes, begin: int) -> Iterator[Place]:
    """Yield the formulas of a sheet that nobody computed.

    Their result is empty, or they ask to be computed on opening, or all are computed by hand.
    [MS-XLS] 2.4.127.
    """
    by_hand = False
    waiting: Place | None = None  # a formula whose text is said to follow
    for kind, body, _ in records(content, begin):
        if kind == _CALC_MODE:
            by_hand = body[:2] == b"\0\0"
        if waiting is not None and kind not in _BETWEEN:
            if kind != _STRING:
                yield waiting
            waiting = None
        if kind == _FORMULA and len(body) >= 16:
            row, column = struct.unpack_from("<HH", body)
            result, flags = body[6:14], struct.unpack_from("<H", body, 14)[0]
            is_other = result[6:] == b"\xff\xff"
            if by_hand or flags & _CALCULATE_ON_LOAD or (is_other and result[0] == 3):
                yield row, column
            elif is_other and result[0] == 0:
                waiting = row, column


def rounds_results(content: bytes) -> bool:
    """Tell whether results are kept as they are shown: [MS-XLS] 2.4.35."""
    return any(kind == _PRECISION and body[:2] == b"\0\0" for kind, body, _ in records(content, 0))


def formulas_of(book: Any, content: bytes, begin: int) -> dict[Place, str]:
    """Return the formulas of a sheet by their places, spelt, or as unspelt."""
    found, shared = dict[Place, bytes](), dict[Place, bytes]()
    last: Place = 0, 0
    for kind, body, _ in records(content, begin) if book.biff_version >= _SINCE_97 else ():
        if kind == _FORMULA and len(body) > _HEAD:
            last = struct.unpack_from("<HH", body)
            length = struct.unpack_from("<H", body, _HEAD - 2)[0]
            found[last] = body[_HEAD : _HEAD + length]
        elif kind == _SHARED and len(body) > 10:
            shared[last] = body[10 : 10 + struct.unpack_from("<H", body, 8)[0]]
    spelt = dict[Place, str]()
    for place, tokens in found.items():
        if tokens[0] == _EXP and len(tokens) >= 5:
            tokens = shared.get(struct.unpack_from("<HH", tokens, 1), b"")
        spelt[place] = _spelt(book, tokens, place) or UNSPELT
    return spelt


def _spelt(book: Any, tokens: bytes, place: Place) -> str:
    """Return tokens, of which operands come first, as Excel spells them; else nothing."""
    stack, at = list[str](), 0
    try:
        while at < len(tokens):
            kind, at = tokens[at], at + 1
            base = kind & 0x1F | 0x20 if kind >= 0x20 else kind  # whatever is wanted of it
            at += _put(book, base, tokens[at:], place, stack)
    except (IndexError, LookupError, struct.error, TypeError, UnicodeError):
        return ""
    return stack[0] if len(stack) == 1 else ""


def _put(book: Any, kind: int, rest: bytes, place: Place, stack: list[str]) -> int:
    """Put one token's text on the stack; return how long it was. Raises `LookupError`."""
    if kind in _BETWEEN_TWO:
        one, other = _taken(stack, 2)
        stack.append(f"{one}{_BETWEEN_TWO[kind]}{other}")
        return 0
    if kind in (_PLUS, _MINUS, _PERCENT, _BRACKETS):
        (one,) = _taken(stack, 1)
        texts = {_PLUS: f"+{one}", _MINUS: f"-{one}", _PERCENT: f"{one}%", _BRACKETS: f"({one})"}
        stack.append(texts[kind])
        return 0
    if kind == _ATTRIBUTE:
        if rest[0] & _IS_SUM:
            stack.append(f"SUM({_taken(stack, 1)[0]})")
        elif rest[0] & ~_IS_HARMLESS:
            raise LookupError
        return 3
    if kind in (_TEXT, _TRUTH, _WHOLE, _NUMBER):
        text, length = _constant(kind, rest)
        stack.append(text)
        return length
    if kind in (_FUNCTION, _FUNCTION_OF_ANY):
        return _put_function(kind, rest, stack)
    return _put_reference(book, kind, rest, place, stack)


def _constant(kind: int, rest: bytes) -> tuple[str, int]:
    """Return a constant and how long it was; each character of a text has one byte or two."""
    if kind == _WHOLE:
        return str(struct.unpack_from("<H", rest)[0]), 2
    if kind == _NUMBER:
        return f"{struct.unpack_from('<d', rest)[0]!r}", 8
    if kind == _TRUTH:
        return "TRUE" if rest[0] else "FALSE", 1
    is_wide = rest[1] & 1
    length = 2 + (rest[0] << is_wide)
    text = rest[2:length].decode("utf-16-le" if is_wide else "latin-1").replace('"', '""')
    return f'"{text}"', length


def _taken(stack: list[str], count: int) -> list[str]:
    if count > len(stack):
        raise LookupError
    taken = stack[len(stack) - count :]
    del stack[len(stack) - count :]
    return taken


def _put_function(kind: int, rest: bytes, stack: list[str]) -> int:
    if kind == _FUNCTION:
        name, count = _NAMES_OF_FIXED[struct.unpack_from("<H", rest)[0]]
        length = 2
    else:
        name, count = _NAMES[struct.unpack_from("<H", rest, 1)[0]], rest[0]
        length = 3
    stack.append(f"{name}({','.join(_taken(stack, count))})")
    return length


def _put_reference(book: Any, kind: int, rest: bytes, place: Place, stack: list[str]) -> int:
    sheet, length = "", 0
    if kind in (_REFERENCE_3D, _AREA_3D):
        sheet, length = _sheet(book, struct.unpack_from("<H", rest)[0]), 2
    is_near = kind in (_NEAR_REFERENCE, _NEAR_AREA)
    if kind in (_AREA, _NEAR_AREA, _AREA_3D):
        top, bottom, left, right = struct.unpack_from("<4H", rest, length)
        ends = [_address(top, left, place, is_near), _address(bottom, right, place, is_near)]
    elif kind in (_REFERENCE, _NEAR_REFERENCE, _REFERENCE_3D):
        row, column = struct.unpack_from("<HH", rest, length)
        ends = [_address(row, column, place, is_near)]
    else:
        raise LookupError
    stack.append(sheet + ":".join(ends))
    return length + 4 * len(ends)


def _address(row: int, column: int, place: Place, is_near: bool) -> str:
    """Return an address; of one that is near, the distance from its own cell is stored."""
    is_row_near, is_column_near = is_near and column & 0x8000, is_near and column & 0x4000
    column &= 0xFF
    if is_row_near:
        row = (row + place[0]) % _ROWS
    if is_column_near:
        column = (column + place[1]) % _COLUMNS
    return address(row, column)


def _sheet(book: Any, number: int) -> str:
    """Return how another sheet is named before its cells; of another file, its number there."""
    first, last = get_externsheet_local_range(book, number)
    if first < 0:
        return "[0]!"
    if first != last:
        raise LookupError
    name = book.sheet_names()[first].replace("'", "''")
    return f"'{name}'!"
