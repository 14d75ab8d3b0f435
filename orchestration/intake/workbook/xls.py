"""Legacy .xls, read by xlrd: calamine gives its error cells as blanks and can be made to abort.

What belongs here: what xlrd calls a cell, as a sheet's cell. What does not: other formats
(reader.py). A formula in .xls always has a result.
"""

from __future__ import annotations

import io
from datetime import date, datetime, time
from itertools import repeat
from typing import Any, Literal

import xlrd
from xlrd.biffh import (
    XL_CELL_BOOLEAN,
    XL_CELL_DATE,
    XL_CELL_ERROR,
    XLRDError,
    error_text_from_code,
)
from xlrd.xldate import XLDateError, xldate_as_datetime

from orchestration.intake.workbook.limits import require_cells, require_size
from orchestration.intake.workbook.problems import ProblemKind, UnreadableFile
from orchestration.intake.workbook.sheet import Sheet, Unread


def read_xls(data: bytes) -> list[Sheet]:
    """Return the sheets of a legacy workbook.

    Raises `UnreadableFile` for a password or a sheet too large, and whatever xlrd raises for a
    damaged file.
    """
    try:
        # Ragged rows: one cell at the end of a sheet must not fill all before it.
        book = xlrd.open_workbook(
            file_contents=data, logfile=io.StringIO(), ragged_rows=True, on_demand=True
        )
    except XLRDError as error:
        if "encrypted" not in str(error):
            raise
        raise UnreadableFile(
            ProblemKind.file_is_encrypted, "文件有密码", "it has a password"
        ) from error
    sheets, cells = [], 0
    for number in range(book.nsheets):
        sheet = book.sheet_by_index(number)
        require_size(sheet.name, sheet.nrows, sheet.ncols)
        cells = require_cells(cells + sheet.nrows * sheet.ncols)
        rows = [
            list(map(_cell, sheet.row_types(row), sheet.row_values(row), repeat(book.datemode)))
            for row in range(sheet.nrows)
        ]
        sheets.append(Sheet(sheet.name, rows, bool(sheet.visibility)))
        book.unload_sheet(number)
    return sheets


def _cell(kind: int, value: Any, datemode: Literal[0, 1]) -> Any:
    if kind == XL_CELL_DATE:
        return _moment(value, datemode)
    if kind == XL_CELL_BOOLEAN:
        return bool(value)
    if kind == XL_CELL_ERROR:
        return Unread(ProblemKind.cell_is_an_error, error_text_from_code.get(value, "#"))
    return value


def _moment(value: float, datemode: Literal[0, 1]) -> date | time | datetime | float:
    """Return a number that is shown as a date or a time; as it is where it can be neither."""
    try:
        moment = xldate_as_datetime(value, datemode)
    except (XLDateError, OverflowError, ValueError):
        return value
    if 0 <= value < 1:
        return moment.time()
    return moment.date() if moment.time() == time() else moment
