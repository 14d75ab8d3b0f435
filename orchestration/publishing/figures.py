"""An edition's figures as a workbook that readers open and print.

What belongs here: how figures, definitions, revisions and traces look in it. What does not: what
the figures are (editions/contents.py), SDMX (sdmx.py), and the report (report/word.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.editions.history import FigureStatus, State
from orchestration.forms.headings import HEADINGS
from orchestration.report.content import ABSENT
from orchestration.report.figure import COVERAGE, schools_behind, unit_of

if TYPE_CHECKING:
    import pandas as pd

_A4 = 9
# Of a sheet in which things are looked up.
_ROWS_PRINTED = 30
# Stands behind last year's number where the two years cannot be compared.
_MARK = "※"
_COMPARED: dict[Any, str] = {True: "可比", False: f"{_MARK} 不可比"}
# What stands above the columns of the sheet that is printed, and how wide each is.
_PRINTED = {
    "指标 Indicator": 44,
    "数值 Value": 14,
    "单位 Unit": 10,
    "统计学校 Schools": 16,
    "上年 Last year": 14,
    "上年统计学校 Schools last year": 16,
    "与上年相比 Compared": 28,
    "状态 Status": 12,
}


def write_workbook(
    path: Path,
    title: str,
    notes: list[str],
    metrics: pd.DataFrame,
    sheets: Mapping[str, Any],
) -> None:
    """Write a workbook a reader can open: notes, figures to print, then frames to look things up.

    Whoever prints it gets the notes and the figures on a few landscape pages; of the other sheets,
    which hold thousands of rows, the first page alone. The same frames give the same bytes.
    """
    import xlsxwriter

    # Text that looks like a formula or an address stays text.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"title": title, "created": datetime(2000, 1, 1)})
        head = workbook.add_format({"bold": True, "bg_color": "#DDE7F3", "border": 1})
        note = workbook.add_worksheet("说明 Notes")
        note.set_column(0, 0, 100)
        _for_print(note, title)
        note.write_string(0, 0, title, head)
        for row, text in enumerate(notes, start=1):
            note.write_string(row, 0, text)
        _write_printed(workbook, head, title, metrics)
        for name, frame in sheets.items():
            sheet = workbook.add_worksheet(name)
            _for_print(sheet, f"{title} {name}")
            sheet.repeat_rows(0)
            sheet.print_area(0, 0, min(len(frame), _ROWS_PRINTED), max(len(frame.columns) - 1, 0))
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(frame.columns), 18)
            sheet.autofilter(0, 0, len(frame), max(len(frame.columns) - 1, 0))
            for column, label in enumerate(frame.columns):
                heading = f"{HEADINGS[label].zh} {label}" if label in HEADINGS else label
                sheet.write_string(0, column, heading, head)
            for row, values in enumerate(frame.itertuples(index=False), start=1):
                for column, value in enumerate(values):
                    _write_cell(sheet, row, column, value)


def _for_print(sheet: Any, title: str) -> None:
    """Fit a sheet to the width of landscape pages that say what they are and which."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    # An ampersand begins a code of headers.
    sheet.set_header(f"&L{title.replace('&', '&&')}")
    sheet.set_footer("&C第 &P 页，共 &N 页")


def _write_printed(workbook: Any, head: Any, title: str, metrics: pd.DataFrame) -> None:
    """Write one row a figure as people print it: names and units in words, numbers as numbers."""
    sheet = workbook.add_worksheet("打印 To print")
    _for_print(sheet, title)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 0)
    sheet.print_area(0, 0, len(metrics), len(_PRINTED) - 1)
    for column, (heading, width) in enumerate(_PRINTED.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, head)
    plain = workbook.add_format({"border": 1, "text_wrap": True, "valign": "vcenter"})
    partial = workbook.add_format({"border": 1, "bold": True, "bg_color": "#FFF2CC"})
    numbers = {
        decimals: workbook.add_format(
            {"border": 1, "num_format": f"0.{'0' * decimals}" if decimals else "0"}
        )
        for decimals in range(5)
    }
    marked = {
        decimals: workbook.add_format(
            {
                **{"border": 1, "bg_color": "#FFF2CC"},
                "num_format": f'0.{"0" * decimals}"{_MARK}"' if decimals else f'0"{_MARK}"',
            }
        )
        for decimals in range(5)
    }
    for row, figure in enumerate(metrics.to_dict("records"), start=1):
        number = numbers[int(figure["decimals"])]
        # Missing where nothing can be compared, and in editions of an earlier version.
        compared = _COMPARED.get(figure.get("is_comparable"), ABSENT)
        is_broken = compared == _COMPARED[False]
        before_number = marked[int(figure["decimals"])] if is_broken else number
        before = {part: figure.get(f"previous_{part}") for part in COVERAGE}
        sheet.write_string(row, 0, figure["name_zh"], plain)
        _write_number(sheet, row, 1, figure["value_printed"], number)
        sheet.write_string(row, 2, unit_of(figure["unit"]).zh, plain)
        _write_schools(sheet, row, 3, figure, plain, partial)
        _write_number(sheet, row, 4, figure["previous_value"], before_number)
        _write_schools(sheet, row, 5, figure | before, plain, partial)
        compared += f"：{figure['break_zh']}" if is_broken else ""
        sheet.write_string(row, 6, compared, plain)
        sheet.write_string(row, 7, _STATUS[figure["status"]].zh, plain)


_STATUS = {term: term for term in (*State, *FigureStatus)}


def _write_schools(
    sheet: Any, row: int, column: int, figure: Mapping[Any, Any], plain: Any, partial: Any
) -> None:
    """Write of how many schools a figure is, so that a lack is seen; — where there is no figure."""
    counted, expected = (figure[part] for part in COVERAGE)
    if counted is None or counted != counted:
        sheet.write_string(row, column, ABSENT, plain)
    else:
        form = partial if counted < expected else plain
        sheet.write_string(row, column, schools_behind(figure).zh, form)


def _write_number(sheet: Any, row: int, column: int, value: Any, form: Any) -> None:
    """Write a number with its decimals; — where there is none."""
    if value is None or value != value:
        sheet.write_string(row, column, ABSENT, form)
    else:
        sheet.write_number(row, column, float(value), form)


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or value != value:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        sheet.write_string(row, column, str(value))
    else:
        sheet.write_number(row, column, value)
