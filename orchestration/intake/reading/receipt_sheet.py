"""The sheet 读取回执 of a workbook that goes back to its school: written, and known again.

What belongs here: telling our own sheet from one of the school's, and writing it. What does not:
what the receipt says (schools/receipts.py). A sheet on which anything was changed is not ours any
more, so that what a school types there is not passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from orchestration.intake.layout.labels import plain_sheet
from orchestration.intake.layout.layout import is_blank, says
from orchestration.intake.normalise import Normalisation
from orchestration.intake.plain_text import typed_text
from orchestration.intake.reading.problem_list import (
    letters_of,
    link_to,
    lock,
    sendable,
    write_head,
    write_text,
)
from orchestration.intake.receipt import Entry, Outcome, SheetReceipt, address
from orchestration.intake.workbook.sheet import Sheet

RECEIPT_SHEET = "读取回执"
_TITLE = "读取回执 Reading receipt　校验码 Check "
_WIDTHS = (24, 14, 22, 44, 24, 40)


class Line(NamedTuple):
    """One row: its texts, whether it stands above others, and the sheet and cell it is about."""

    texts: Sequence[str | int] = ()
    is_head: bool = False
    place: tuple[str, str] | None = None


def write_receipt(book: Any, lines: Iterable[Line], sheets: Mapping[str, Any]) -> None:
    """Put a receipt second in an openpyxl workbook, locked; places link to their sheets."""
    from openpyxl.styles import Alignment, Font

    sheet = book.create_sheet(RECEIPT_SHEET, 1)
    said = []
    for row, line in enumerate(lines, start=2):
        texts = [sendable(str(text)) for text in line.texts]
        said += texts
        if line.is_head:
            write_head(sheet, row, texts)
            continue
        for number, text in enumerate(texts, start=1):
            cell = sheet.cell(row, number)
            write_text(cell, text)
            if isinstance(line.texts[number - 1], int):
                cell.value = line.texts[number - 1]
            cell.alignment = Alignment(wrap_text=len(texts) > 1, vertical="top")
        if line.place and line.place[0] in sheets:
            link_to(sheet.cell(row, 2), sheets[line.place[0]], line.place[1])
    write_text(sheet.cell(1, 1), _check_of(said))
    sheet.cell(1, 1).font = Font(bold=True)
    for number, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[sheet.cell(1, number).column_letter].width = width
    lock(sheet)


def is_sent_receipt(sheet: Sheet) -> bool:
    """Tell whether a sheet is a receipt as it was sent, whichever format it was saved in."""
    if not plain_sheet(sheet.name).startswith(RECEIPT_SHEET) or is_blank(sheet.rows):
        return False
    check, *said = [typed_text(value) for row in sheet.rows for value in row if says(value)]
    return letters_of([check]) == letters_of([_check_of(said)])


def passed_over(sheet: Sheet, kind: Normalisation = Normalisation.problem_list) -> SheetReceipt:
    """Return the account of a sheet that is not read: one that was sent, or a program's own."""
    rows = [[column for column, value in enumerate(row) if says(value)] for row in sheet.rows]
    last = address(len(rows) - 1, max(column for row in rows for column in row))
    entry = Entry(sheet.name, f"A1:{last}", "", sheet.name, None, Outcome.passed_over, kind)
    counts = Counter({Outcome.passed_over: sum(map(len, rows))})
    return SheetReceipt(sheet.name, counts, [entry])


def _check_of(texts: Iterable[str]) -> str:
    return _TITLE + letters_of(text for text in texts if text.strip())
