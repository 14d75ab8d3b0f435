"""Legacy .xls, read by xlrd: calamine gives its error cells as blanks and can be made to abort.

What belongs here: what a person sees in an .xls, as a sheet's cells. What does not: records that
xlrd leaves out or gives otherwise (formulas.py), and other formats (intake/workbook/reader.py).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any, NamedTuple

import xlrd
from xlrd.biffh import (
    XL_CELL_BOOLEAN,
    XL_CELL_DATE,
    XL_CELL_ERROR,
    XL_CELL_NUMBER,
    XL_CELL_TEXT,
    XLRDError,
    error_text_from_code,
    unpack_string,
    unpack_unicode,
)
from xlrd.xldate import XLDateError, xldate_as_datetime

from orchestration.intake.workbook.colours import WHITE, are_alike
from orchestration.intake.workbook.date_format import BUILT_IN_DATES
from orchestration.intake.workbook.limits import MAX_COLUMNS, MAX_ROWS, require_cells, too_large
from orchestration.intake.workbook.marks import raised, without_marks
from orchestration.intake.workbook.ooxml.notes import of_the_filer
from orchestration.intake.workbook.ooxml.pages import page_notes, sections
from orchestration.intake.workbook.problems import ProblemKind, UnreadableFile
from orchestration.intake.workbook.sheet import (
    Hanging,
    Look,
    Note,
    Place,
    Range,
    Sheet,
    Shown,
    Unread,
    date_as_shown,
    is_in_fonts,
    is_of_symbols,
    is_repeated,
    number_as_shown,
    picture_in_cell,
    shows_signs,
    text_as_shown,
)
from orchestration.intake.workbook.xls.drawings import boxes_of
from orchestration.intake.workbook.xls.formulas import formulas_of, rounds_results, uncomputed
from orchestration.intake.workbook.xls.records import records, substreams

_MOST_STRAYS = 5
# Records of [MS-XLS] 2.3: what they hold is told where they are read.
_CONDITIONS, _CONDITION, _HEAD_OF_CONDITION, _MOST_COMPARED = 0x1B0, 0x1B1, 12, 2_000_000
_SAYS_FORMAT, _SAYS_FONT, _SAYS_ALIGNMENT, _SAYS_BORDER, _SAYS_FILL = (
    1 << bit for bit in (25, 26, 27, 28, 29)
)
_PAGES = {0x14: Hanging.header, 0x15: Hanging.footer}
_FILL = 4  # how a cell is aligned that its content fills
_SYMBOL_SET = 2  # of a font, as against that of a language
# Twentieths of a point; of a column 256ths of a sign. What is smaller shows nothing.
_LEAST_HEIGHT, _LEAST_WIDTH, _NARROW, _DUST = 40, 179, 487, 40


def read_xls(data: bytes) -> list[Sheet]:
    """Return the sheets of a legacy workbook.

    Raises `UnreadableFile` for a password or a sheet too large, and whatever xlrd raises for a
    damaged file.
    """
    try:
        # Ragged rows: one cell at the end of a sheet must not fill all before it.
        book = xlrd.open_workbook(
            file_contents=data,
            logfile=io.StringIO(),
            ragged_rows=True,
            on_demand=True,
            formatting_info=True,
        )
    except XLRDError as error:
        if "encrypted" not in str(error):
            raise
        raise UnreadableFile(
            ProblemKind.file_is_encrypted, "文件有密码", "it has a password"
        ) from error
    content, begins = substreams(data)
    is_rounded = rounds_results(content)
    sheets, cells = [], 0
    for number in range(book.nsheets):
        sheet = book.sheet_by_index(number)
        height, width = min(sheet.nrows, MAX_ROWS), min(sheet.ncols, MAX_COLUMNS)
        cells = require_cells(cells + sum(map(sheet.row_len, range(height))))
        rows = [
            [_cell(book, sheet, row, at) for at in range(min(sheet.row_len(row), width))]
            for row in range(height)
        ]
        look = _look(sheet)
        look.hatch(
            {
                (row, at): _text(value)
                for row, cells_of_row in enumerate(rows)
                for at, value in enumerate(cells_of_row)
                if at in look.narrow_columns and isinstance(value, float)
            }
        )
        look.cells |= {
            place: Unread(ProblemKind.cell_is_a_formula_without_value, "=…")
            for place in uncomputed(content, begins[number])
            if place[0] < height and place[1] < width
        }
        look.formulas = formulas_of(book, content, begins[number])
        look.rounds_results = is_rounded
        said = [
            (kind, body)
            for kind, body, _ in records(content, begins[number])
            if kind in (_CONDITIONS, _CONDITION, *_PAGES)
        ]
        boxes = boxes_of(content, begins[number])
        own = ((place, of_the_filer(text)) for place, text in boxes)
        look.notes += [Note(place, Hanging.box, text) for place, text in own if text]
        look.notes += page_notes(_on_pages(said, book))
        for place in _conditioned(book, sheet, rows, _changes(said)):
            seen = look.cells.get(place, rows[place[0]][place[1]])
            if not isinstance(seen, Unread):
                look.cells[place] = Unread(ProblemKind.cell_shows_otherwise, _text(seen))
        sheets.append(Sheet(sheet.name, rows, bool(sheet.visibility)).as_seen(look))
        book.unload_sheet(number)
    return sheets


def _look(sheet: Any) -> Look:
    look = Look()
    look.hidden_rows = {
        n
        for n, row in sheet.rowinfo_map.items()
        if row.hidden or (row.height is not None and row.height <= _LEAST_HEIGHT)
    }
    look.hidden_columns = {
        n
        for n, column in sheet.colinfo_map.items()
        if column.hidden or column.width <= _LEAST_WIDTH
    }
    look.narrow_columns = {
        n for n, column in sheet.colinfo_map.items() if _LEAST_WIDTH < column.width < _NARROW
    }
    notes = [(place, of_the_filer(note.text)) for place, note in sheet.cell_note_map.items()]
    look.notes = [Note(place, Hanging.comment, text) for place, text in notes if text]
    look.merged = [(top, left, end - 1, right - 1) for top, end, left, right in sheet.merged_cells]
    for row in range(MAX_ROWS, sheet.nrows):
        for column, value in enumerate(sheet.row_values(row)):
            if str(value).strip():
                look.strays[row, column] = _text(value)
        if len(look.strays) > _MOST_STRAYS:
            raise too_large("很远处有多处内容", "content far beyond the form", sheet.name)
    return look


def _cell(book: Any, sheet: Any, row: int, column: int) -> Any:
    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind == XL_CELL_ERROR:
        return Unread(ProblemKind.cell_is_an_error, error_text_from_code.get(value, "#"))
    if kind == XL_CELL_DATE:
        value = _moment(value, book.datemode)
    elif kind == XL_CELL_BOOLEAN:
        value = bool(value)
    elif kind not in (XL_CELL_NUMBER, XL_CELL_TEXT) or value == "":
        return value
    style = book.xf_list[sheet.cell_xf_index(row, column)]
    drawn = _drawn_otherwise(book, style, _text(value))
    if drawn is not None:
        return drawn
    if kind == XL_CELL_BOOLEAN:
        return value
    code = BUILT_IN_DATES.get(style.format_key) or book.format_map[style.format_key].format_str
    if kind == XL_CELL_DATE:
        serial = _text(sheet.cell_value(row, column))
        return date_as_shown(serial, code, bool(book.datemode)) or value
    if kind == XL_CELL_NUMBER:
        seen = number_as_shown(_text(value), code, not sheet.show_zero_values)
        return value if seen is None else seen
    runs = sheet.rich_text_runlist_map.get((row, column))
    if runs:
        return _as_read(book, style, value, runs)
    return picture_in_cell(value) or text_as_shown(value, code) or value


def _drawn_otherwise(book: Any, style: Any, said: str) -> Unread | None:
    """Return what a cell says as unread where its style lets nobody read it so."""
    if book.font_list[style.font_index].struck_out:
        return Unread(ProblemKind.cell_is_struck_out, said)
    is_odd = _is_of_symbols(book.font_list[style.font_index]) and shows_signs(said)
    if is_odd or (style.alignment.hor_align == _FILL and is_repeated(said)):
        return Unread(ProblemKind.cell_shows_otherwise, said)
    return Unread(ProblemKind.cell_shows_nothing, said) if _is_pale(book, style) else None


def _is_of_symbols(font: Any) -> bool:
    return is_of_symbols(font.name, font.character_set == _SYMBOL_SET)


def _text(value: Any) -> str:
    """Return a value as a person sees it where no format says how."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _is_pale(book: Any, style: Any, number: int | None = None) -> bool:
    """Tell whether nobody sees a cell's signs, for their size or for what is behind them.

    `number` is the font's of a part of its text, where that is another one.
    """
    font = book.font_list[style.font_index if number is None else number]
    if 0 < font.height <= _DUST:
        return True
    return _is_on(book, style, font.colour_index)


def _is_on(book: Any, style: Any, colour_index: int, behind_index: int | None = None) -> bool:
    """Tell whether nobody sees a colour on what is behind a cell, or on another one there."""
    background = style.background
    if behind_index is None and background.fill_pattern > 1:
        return False
    if behind_index is None and background.fill_pattern == 1:
        behind_index = background.pattern_colour_index
    colour = _digits_of(book, colour_index)
    behind = WHITE if behind_index is None else _digits_of(book, behind_index)
    return bool(colour and behind) and are_alike(colour, behind)


def _digits_of(book: Any, index: int) -> str:
    """Return a colour of the palette as six digits; none for the window's own."""
    return "".join(f"{part:02X}" for part in book.colour_map.get(index) or ())


def _as_read(book: Any, style: Any, text: str, runs: list[tuple[int, int]]) -> str | Shown | Unread:
    """Return a text without what is struck out or unseen of it, and without raised marks."""
    begins = [(0, style.font_index), *runs, (len(text), style.font_index)]
    kept, is_struck, fonts, is_odd = "", False, list[str](), False
    for (begin, number), (end, _) in pairwise(begins):
        font = book.font_list[number]
        fonts += [font.name] if end > begin else []
        is_odd |= _is_of_symbols(font) and shows_signs(text[begin:end])
        is_struck |= bool(font.struck_out and end > begin)
        if not (font.struck_out or _is_pale(book, style, number)):
            kept += raised(text[begin:end]) if font.escapement else text[begin:end]
    said = without_marks(kept)
    if is_odd or is_in_fonts(text, fonts):
        return Unread(ProblemKind.cell_shows_otherwise, text)
    if said == text:
        return text
    if said is None:
        return Unread(ProblemKind.cell_shows_otherwise, text)
    if not said.strip() and text.strip():
        kind = ProblemKind.cell_is_struck_out if is_struck else ProblemKind.cell_shows_nothing
        return Unread(kind, text)
    return Shown(said, text)


def _moment(value: float, datemode: Any) -> date | time | datetime | float:
    """Return a number that is shown as a date or a time; as it is where it can be neither."""
    try:
        moment = xldate_as_datetime(value, datemode)
    except (XLDateError, OverflowError, ValueError):
        return value
    if 0 <= value < 1:
        return moment.time()
    return moment.date() if moment.time() == time() else moment


# -- pages and conditional formats, which xlrd leaves out ------------------------------------------


def _on_pages(said: list[tuple[int, bytes]], book: Any) -> Iterator[tuple[Hanging, str]]:
    """Yield what stands above and below a sheet on paper: [MS-XLS] 2.4.136, 2.4.124."""
    for kind, body in said:
        if kind in _PAGES and len(body) > 2:
            is_old = book.biff_version < 80  # of before Excel 97
            text = unpack_string(body, 0, book.encoding) if is_old else unpack_unicode(body, 0)
            yield from ((_PAGES[kind], section) for section in sections(text))


class _Change(NamedTuple):
    """What a conditional format makes of the cells in its ranges; no colour is the cell's own."""

    ranges: list[Range]
    hides: bool  # strikes out, or has a number format of its own
    colour: int | None
    behind: int | None


def _conditioned(
    book: Any, sheet: Any, rows: list[list[Any]], changes: Iterable[_Change]
) -> Iterator[Place]:
    """Yield the cells that say something and may show something else, should a condition hold."""
    left = _MOST_COMPARED
    for change in changes:
        for top, first, bottom, last in change.ranges:
            for row in range(top, min(bottom + 1, len(rows))):
                for at in range(first, min(last + 1, len(rows[row]))):
                    left -= 1
                    if left < 0:
                        raise too_large("条件格式过多", "too many conditional formats", sheet.name)
                    if str(rows[row][at]).strip() and _may_change(book, sheet, row, at, change):
                        yield row, at


def _may_change(book: Any, sheet: Any, row: int, at: int, change: _Change) -> bool:
    if change.hides:
        return True
    if change.colour is None and change.behind is None:
        return False
    style = book.xf_list[sheet.cell_xf_index(row, at)]
    own = book.font_list[style.font_index].colour_index
    return _is_on(book, style, own if change.colour is None else change.colour, change.behind)


def _changes(said: list[tuple[int, bytes]]) -> Iterator[_Change]:
    """Yield the conditional formats of a sheet: [MS-XLS] 2.4.56, 2.4.42, 2.5.92."""
    ranges = list[Range]()
    for kind, body in said:
        if kind == _CONDITIONS:
            count = struct.unpack_from("<H", body, 12)[0]
            corners = [struct.unpack_from("<4H", body, 14 + 8 * n) for n in range(count)]
            ranges = [(top, left, bottom, right) for top, bottom, left, right in corners]
        elif kind == _CONDITION and len(body) >= _HEAD_OF_CONDITION:
            yield _change(ranges, body)


def _change(ranges: list[Range], body: bytes) -> _Change:
    flags, at = struct.unpack_from("<I", body, 6)[0], _HEAD_OF_CONDITION
    if flags & _SAYS_FORMAT:
        return _Change(ranges, True, None, None)
    is_struck, colour, behind = False, None, None
    if flags & _SAYS_FONT:
        is_struck = bool(body[at + 68] & 0x80) and not body[at + 88] & 0x80
        index = struct.unpack_from("<i", body, at + 80)[0]
        colour, at = (index if index >= 0 else None), at + 118
    at += 8 * bool(flags & _SAYS_ALIGNMENT) + 8 * bool(flags & _SAYS_BORDER)
    if flags & _SAYS_FILL:
        behind = struct.unpack_from("<H", body, at + 2)[0] >> 7 & 0x7F
    return _Change(ranges, is_struck, colour, behind)
