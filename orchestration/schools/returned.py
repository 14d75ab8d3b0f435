"""Workbooks that go back to their schools: their own file, marked, with a list and a receipt.

What belongs here: what a school sees of its findings in its own workbook. What does not: which
findings there are (gate/) and the list itself (intake/reading/problem_list.py). The original in the
archive stays as it was filed; what goes back is a copy.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from orchestration.gate.findings import is_unsettled
from orchestration.ground.files import written_whole
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.terms import RuleClass, Verdict
from orchestration.intake.archive import original
from orchestration.intake.layout.labels import plain_sheet
from orchestration.intake.raw import cells_of, read_receipts, read_submissions
from orchestration.intake.reading.problem_list import (
    PROBLEM_LIST,
    drop_list,
    places_of,
    sendable,
    write_list,
    write_text,
)
from orchestration.intake.reading.receipt_sheet import is_sent_receipt, write_receipt
from orchestration.intake.receipt import SheetReceipt
from orchestration.intake.workbook.limits import MAX_COLUMNS
from orchestration.intake.workbook.ooxml.notes import OUR_NOTE, of_the_filer
from orchestration.intake.workbook.problems import UnreadableFile
from orchestration.intake.workbook.reader import read_workbook
from orchestration.intake.workbook.sheet import Sheet, Unread
from orchestration.schools.receipts import as_lines
from orchestration.warehouse.standing import submissions_of

log = logging.getLogger(__name__)

_MARK = "FFF2A900"
_AUTHOR = "年报 nianbao"
_MOST_OPENED = 30 * 1024 * 1024  # unpacked; openpyxl takes ten times that of memory
_MOST_CELLS = 200_000  # of a sheet that are looked at for marks of an earlier round
_NOT_IN_TITLES = re.compile(r"[\\*?:/\[\]\x00-\x1f]")
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')  # on any system
_CONVERTED = (
    "原文件已转换为 xlsx 格式：只保留了各单元格的内容，没有保留公式和格式。"
    "The file was converted to xlsx: only what stands in its cells was taken over, no formulas and "
    "no layout."
)
_WITHOUT_MACROS = (
    "原文件中的宏已去除，不随文件退回。The macros of the file were left out and are not sent back."
)
_WITHOUT_DRAWINGS = (
    "原文件有图形或迷你图：文本框、形状和迷你图不随副本退回，原文件不变。The file has drawings or "
    "sparklines: text boxes, shapes and sparklines are not in this copy; your own file has them."
)
_UNSIGNED = (
    "校长确认已清空：改正后由校长重新核对，选“是”，并填写确认人和确认当天的日期。The "
    "principal's confirmation is cleared: once corrected, the principal checks the workbook again, "
    "chooses 是, and writes name and day."
)
_SIGN_OFF = ("is_confirmed", "confirmed_by", "confirmed_on")
_UNREADABLE = "原文件无法打开，只退回清单。The file could not be opened: only this list comes back."
_RANK = {rule_class: rank for rank, rule_class in enumerate(RuleClass)}
_OF_FILE = ["submission_id", "school_code", "school_name", "file_hash", "file_name"]
_OF_RULE = ["rule_id", "why_zh", "why_en", "fix_zh", "fix_en"]

Finding = Mapping[str, Any]


def write_returned(home: Home, year: int) -> list[Path]:
    """Write what goes back to each school whose newest submission is returned or waiting.

    Returns the files, one a school, in the order of their codes. A school with nothing open any
    more has its file taken away. A workbook goes back as it was filed, with the bad cells coloured
    and commented, a list in front and the reading receipt behind it; one of another format as an
    .xlsx of its contents; what cannot be opened comes as a list alone. The principal's confirmation
    is of the file that came in, so that what goes back bears none.
    """
    folder = home.returned / str(year)
    folder.mkdir(parents=True, exist_ok=True)
    handed_in = submissions_of(home)
    is_newest = handed_in["is_newest"] & handed_in["school_code"].notna()
    goes_back = is_newest & handed_in["verdict"].isin([Verdict.returned, Verdict.waiting])
    findings = _read(home, handed_in.loc[handed_in["year"].eq(year) & goes_back, "submission_id"])
    receipts = read_receipts(home, year, {finding["submission_id"] for finding in findings})
    written = []
    for code, own in groupby(findings, key=lambda finding: finding["school_code"]):
        several = list(own)
        name = _NOT_IN_FILE_NAMES.sub("_", f"{code}_{several[0]['school_name']}")
        path = folder / f"{name}.xlsx"
        submission_id = several[0]["submission_id"]
        signed = cells_of(home, year, submission_id, "cover", _SIGN_OFF)
        _write(home, several, receipts.get(submission_id, []), path, signed)
        written.append(path)
    for path in set(folder.glob("*.xlsx")) - set(written):
        path.unlink()
    return written


def write_marked(home: Home, submission_id: str, path: Path) -> bool:
    """Write one submission's marked workbook; tell whether there was anything to mark."""
    findings = _read(home, [submission_id])
    if findings:
        receipts = read_receipts(home, findings[0]["year"], [submission_id])
        # It is still with its school, which confirms what it hands in.
        _write(home, findings, receipts.get(submission_id, []), path, signed={})
    return bool(findings)


def _read(home: Home, submission_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return the unsettled findings of submissions, in the order in which they are listed."""
    found = pd.read_parquet(home.gate / "findings.parquet")
    found = found[found["submission_id"].isin(list(submission_ids))]
    found = found[is_unsettled(found, *RuleClass)].drop(columns=["school_code", "file_name"])
    rules = pd.read_parquet(home.gate / "rules.parquet", columns=_OF_RULE)
    listed = found.merge(read_submissions(home)[_OF_FILE], on="submission_id")
    listed = listed.merge(rules, on="rule_id").assign(rank=listed["class"].map(_RANK))
    order = ["school_code", "rank", "cell", "rule_id", "finding_id"]
    return records(listed.sort_values(order))


def _write(
    home: Home,
    findings: Sequence[Finding],
    receipts: Sequence[SheetReceipt],
    path: Path,
    signed: Mapping[str, tuple[str, str]],
) -> None:
    """Write a submission's workbook whole or not at all, without what stands in `signed`."""
    first = findings[0]
    name, data = Path(first["file_name"]), original(home, first["file_hash"])
    with written_whole(path) as beside:
        try:
            _save(_unsigned(_open(name, data), signed), findings, receipts, beside)
        except Exception:
            # What openpyxl opens it cannot always save; one odd file must not stop the others.
            log.warning("%s 只按内容退回 goes back by its contents alone", name, exc_info=True)
            opened = _open(name, data, as_filed=False)
            _save(_unsigned(opened, signed), findings, receipts, beside)


def _save(
    opened: _Opened, findings: Sequence[Finding], receipts: Sequence[SheetReceipt], path: Path
) -> None:
    for finding in findings:
        for sheet, cell in places_of(finding["cell"]):
            if sheet in opened.sheets:
                _mark(_top_left(opened.sheets[sheet], cell), finding)
    write_list(opened.book, findings, opened.sheets, opened.notes)
    if receipts:
        write_receipt(opened.book, as_lines(receipts, opened.notes), opened.sheets)
    opened.book.save(path)


# -- the school's own workbook ---------------------------------------------------------------------


class _Opened(NamedTuple):
    """A workbook to be marked: its sheets by the names that findings call them, and notes on it."""

    book: Any
    sheets: dict[str, Any]
    notes: list[str]


def _open(path: Path, data: bytes, as_filed: bool = True) -> _Opened:
    """Return the workbook as it was filed, else its contents, else a blank one."""
    import openpyxl

    blank = openpyxl.Workbook()
    blank.remove(blank.active)
    try:
        grids = read_workbook(data)  # within its limits, or not at all
    except UnreadableFile:
        return _Opened(blank, {}, [_UNREADABLE])
    book = _as_filed(data) if as_filed else None
    if book is None:
        return _Opened(blank, _take_over(blank, grids), [_CONVERTED])
    drop_list(book)
    for grid in filter(is_sent_receipt, grids):
        del book[grid.name]
    for sheet in book.worksheets:
        for cell in _cells(sheet):
            _unmark(cell)
    # What was computed last is lost with openpyxl; Excel and WPS compute it again.
    book.calculation.fullCalcOnLoad = True
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    notes = [_WITHOUT_MACROS] if b"vbaProject.bin" in data else []
    notes += [_WITHOUT_DRAWINGS] if any(grid.has_drawings for grid in grids) else []
    return _Opened(book, sheets, notes)


def _cells(sheet: Any) -> Iterable[Any]:
    """Return a sheet's cells, row by row, so many as may be made.

    openpyxl makes a cell wherever it is asked for one, and a format may reach to the last row.
    """
    columns = min(sheet.max_column, MAX_COLUMNS)
    rows = min(sheet.max_row, _MOST_CELLS // columns)
    return chain.from_iterable(sheet.iter_rows(max_row=rows, max_col=columns))


def _as_filed(data: bytes) -> Any:
    """Return an Excel workbook with all that openpyxl keeps of it; none if it cannot open it."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MOST_OPENED:
                return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(io.BytesIO(data), rich_text=True)
    except Exception:
        # Intake has read it, so its contents can go back; an odd style must not stop the others.
        log.warning("openpyxl 打不开一份工作簿 cannot open a workbook", exc_info=True)
        return None


def _take_over(book: Any, grids: Iterable[Sheet]) -> dict[str, Any]:
    """Write what stands in the cells of other formats, at the same addresses."""
    sheets: dict[str, Any] = {}
    for grid in grids:
        if plain_sheet(grid.name) == PROBLEM_LIST or is_sent_receipt(grid):
            continue
        title = _NOT_IN_TITLES.sub("_", grid.name).strip("'")[:31]
        sheet = sheets[grid.name] = book.create_sheet(title or "_")
        sheet.sheet_state = "hidden" if grid.is_hidden else "visible"
        sheet.sheet_format.defaultColWidth = 18
        for row, values in enumerate(grid.rows, start=1):
            for column, value in enumerate(values, start=1):
                if value is not None and value != "":
                    _write_value(sheet.cell(row, column), value)
    return sheets


def _write_value(cell: Any, value: Any) -> None:
    is_text = isinstance(value, str | Unread) or (isinstance(value, float) and not isfinite(value))
    if is_text:
        write_text(cell, str(value))
    else:
        cell.value = value


def _unsigned(opened: _Opened, signed: Mapping[str, tuple[str, str]]) -> _Opened:
    """Return a workbook without the sign-off that came with it, and say so in its list."""
    cells = [_top_left(opened.sheets[s], at) for s, at in signed.values() if s in opened.sheets]
    for cell in cells:
        cell.value = None
    return opened._replace(notes=[*opened.notes, _UNSIGNED]) if cells else opened


# -- marks -----------------------------------------------------------------------------------------


def _top_left(sheet: Any, at: str) -> Any:
    """Return a cell, or of merged cells the one that can be coloured."""
    for merged in sheet.merged_cells.ranges:
        if at in merged:
            return sheet.cell(merged.min_row, merged.min_col)
    return sheet[at]


def _mark(cell: Any, finding: Finding) -> None:
    """Colour a cell and say there what is wrong with it, below what the school says there."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell.fill = PatternFill("solid", start_color=_MARK, end_color=_MARK)
    text, author = (cell.comment.text, cell.comment.author) if cell.comment else ("", _AUTHOR)
    if OUR_NOTE not in text:
        text = f"{text}\n{OUR_NOTE}".strip()
    sentence = sendable(f"{finding['sentence_zh']}\n{finding['sentence_en']}")
    cell.comment = Comment(f"{text}\n{sentence}", author, height=160, width=360)


def _unmark(cell: Any) -> None:
    """Take away what an earlier round marked; what colour was there before, nobody knows."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    comment = cell.comment
    if comment is not None and OUR_NOTE in comment.text:
        own = of_the_filer(comment.text)
        cell.comment = Comment(own, comment.author) if own else None
    if cell.fill.fill_type == "solid" and cell.fill.start_color.rgb == _MARK:
        cell.fill = PatternFill()
