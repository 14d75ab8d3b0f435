"""The workbook that schools are given, generated from the form; also how samples are written.

What belongs here: sheets, drop-downs, validation, locks. What does not: which columns there are
(forms/) and how a filled workbook is read back (intake/reading/submission.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.forms.contract import (
    COVERS,
    NO,
    NUMERIC_TYPES,
    YES,
    Column,
    ColumnType,
    Filer,
    Form,
    Table,
    TableKind,
    form_years,
    load_form,
    load_units,
)

if TYPE_CHECKING:
    import xlsxwriter

FIRST_ROW = 2  # title and header come first; zero-based
EMPTY_ROWS = 60  # rows that a clerk may fill in a sheet of rows
INSTRUCTIONS = "填报说明"
LONGEST_LIST = 255  # characters of a drop-down that Excel keeps in the cell's own rule
# What a spreadsheet keeps as it was typed: 15 digits. A longer one is written as text.
_PLAIN_NUMBER = re.compile(r"-?(?=[0-9.]{1,16}$)(0|[1-9][0-9]{0,12})(\.[0-9]{1,6})?")
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_TEXT = (
    "1. 只填白色单元格；带 * 的为必填。Fill the white cells; * is required.",
    "2. 没有数据请留空，不要填 0；0 表示确实为零。Leave blank what is not known; 0 means none.",
    "3. 金额用万元，面积用平方米，人数填整数。Money in 10k CNY, areas in m², whole persons.",
    "4. 有下拉框的请从中选择。Choose from the list where there is one.",
    "5. 不要填写身份证号、手机号等个人信息。No identity-card or mobile numbers anywhere.",
    "6. 经验校验的疑点可在“情况说明”表中按规则编号说明，也可写在退回工作簿的“问题清单”表中。",
    "    Explain plausibility findings in 情况说明, or in 问题清单 of a returned workbook.",
)
# What templates said that went out before; they are still being filled in.
_EARLIER_TEXT = (
    "3. 金额单位为万元，面积单位为平方米，人数填整数。"
    "Money in 10k CNY, areas in m², whole persons.",
    "6. 经验校验的疑点可在“情况说明”表中按规则编号说明。Answer plausibility findings in 情况说明.",
)


def instruction_lines(form: Form, roots: Sequence[Path] = ()) -> frozenset[str]:
    """Return what a template's instructions say, cell by cell, by their `signs_of`.

    `roots` have the forms of other years, whose titles are known as well.
    """
    forms = [form, *(load_form(year, roots) for year in form_years(roots))]
    titles = (title for one in forms for title in (one.title, one.title_en))
    lists = (code.zh for codes in form.codes.values() for code in codes)
    return frozenset(map(signs_of, (*titles, *lists, *_TEXT, *_EARLIER_TEXT)))


@lru_cache(maxsize=4096)
def signs_of(text: str) -> str:
    """Return a text's letters and digits alone; other formats lose spaces, and the 2 of m²."""
    return "".join(sign for sign in text if sign.isalpha() or sign.isdecimal())


def header_of(column: Column) -> str:
    """Return a column's label as the sheet shows it: with its unit, and * if required."""
    unit = unit_name(column) if column.unit not in {"person", "year"} else ""
    return f"{column.label}{f'（{unit}）' if unit else ''}{'*' if column.required else ''}"


def unit_name(column: Column) -> str:
    """Return the Chinese name of a column's unit; empty where it has none."""
    return load_units()[column.unit].text.zh if column.unit else ""


def write_template(
    path: Path | BytesIO,
    form: Form,
    place: Mapping[str, str],
    filled: Mapping[str, Any] | None = None,
) -> None:
    """Write a school's workbook (`place` has school_code) or the bureau's (`place` has city_code).

    `filled` holds what a clerk would type: a mapping for a sheet of fields, a list of mappings for
    a sheet of rows, by table id. The file is the same, byte for byte, for the same content.
    """
    filer = Filer.school if "school_code" in place else Filer.bureau
    content = {**(filled or {})}
    cover = COVERS[filer]
    known = {"year": form.year, "form_version": form.version}
    keys = ("school_code", "school_name") if filer == Filer.school else ("city_code", "city_name")
    names = {"city_name": place.get("name_zh", "")}
    known |= {key: place.get(key) or names.get(key, "") for key in keys}
    content[cover] = {**known, **content.get(cover, {})}
    import xlsxwriter  # intake needs the words of a template, and writes none

    with xlsxwriter.Workbook(path, dict(_OPTIONS)) as workbook:
        workbook.set_properties({"title": form.title, "created": datetime(2000, 1, 1)})
        styles = _Styles(workbook)
        note = workbook.add_worksheet(INSTRUCTIONS)
        note.set_column(0, 0, 90)
        note.protect()
        for row, line in enumerate((form.title, form.title_en, *_TEXT)):
            note.write_string(row, 0, line, styles.title if row == 0 else None)
        lists = _write_lists(note, form, filer)
        for table in form.filed_by(filer):
            sheet = workbook.add_worksheet(table.sheet)
            sheet.protect("", {"format_columns": True, "insert_rows": True, "sort": True})
            sheet.write_string(0, 0, f"{table.sheet} {table.sheet_en}", styles.title)
            if table.kind == TableKind.fields:
                _write_fields(sheet, table, content.get(table.id, {}), styles, lists)
            else:
                _write_rows(sheet, table, content.get(table.id, []), styles, lists)


class _Styles:
    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self.title = workbook.add_format({"bold": True, "font_size": 14})
        self.head = workbook.add_format({"bold": True, "bg_color": "#DDE7F3", "border": 1})
        self.input = workbook.add_format({"locked": False, "border": 1})
        self.text = workbook.add_format({"locked": False, "border": 1, "num_format": "@"})

    def of(self, column: Column) -> Any:
        return self.input if column.type in NUMERIC_TYPES else self.text


def _write_lists(note: Any, form: Form, filer: Filer) -> dict[str, Any]:
    """Return each code list as the source of a drop-down.

    A list that is too long for the cell's rule, or has a comma in it, stands in a hidden column of
    the instructions; the sheet itself is no form sheet, so it is never read back.
    """
    used = {c.codes for t in form.filed_by(filer) for c in t.columns if c.type == ColumnType.code}
    lists: dict[str, Any] = {}
    at = 2
    for name in sorted(name for name in used if name):
        words = [code.zh for code in form.codes[name]]
        if len(",".join(words)) <= LONGEST_LIST and not any("," in word for word in words):
            lists[name] = words
            continue
        for row, word in enumerate(words):
            note.write_string(row, at, word)
        note.set_column(at, at, None, None, {"hidden": True})
        from xlsxwriter.utility import xl_rowcol_to_cell

        last = xl_rowcol_to_cell(len(words) - 1, at, row_abs=True, col_abs=True)
        first = xl_rowcol_to_cell(0, at, row_abs=True, col_abs=True)
        lists[name] = f"='{INSTRUCTIONS}'!{first}:{last}"
        at += 1
    return lists


def _write_fields(
    sheet: Any, table: Table, values: Mapping[str, Any], styles: _Styles, lists: Mapping[str, Any]
) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 24)
    for offset, label in enumerate(("项目", "填报值", "单位")):
        sheet.write_string(1, offset, label, styles.head)
    sheet.freeze_panes(FIRST_ROW, 1)
    for row, column in enumerate(table.columns, start=FIRST_ROW):
        star = "*" if column.required else ""
        sheet.write_string(row, 0, column.label + star, styles.head)
        _write_value(sheet, row, 1, values.get(column.id), styles.of(column))
        sheet.write_string(row, 2, unit_name(column), styles.head)
        _validate(sheet, row, row, 1, column, lists)


def _write_rows(
    sheet: Any,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    styles: _Styles,
    lists: Mapping[str, Any],
) -> None:
    sheet.set_column(0, len(table.columns), 18)
    sheet.freeze_panes(FIRST_ROW, 0)
    last = FIRST_ROW + max(EMPTY_ROWS, len(rows)) - 1
    for offset, column in enumerate(table.columns):
        sheet.write_string(1, offset, header_of(column), styles.head)
        sheet.set_column(offset, offset, 18, styles.of(column))
        _validate(sheet, FIRST_ROW, last, offset, column, lists)
    for row, values in enumerate(rows, start=FIRST_ROW):
        for offset, column in enumerate(table.columns):
            _write_value(sheet, row, offset, values.get(column.id), styles.of(column))


def _write_value(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value, style)
    elif _PLAIN_NUMBER.fullmatch(str(value)) and style.num_format == "General":
        sheet.write_number(row, column, float(value), style)
    else:
        sheet.write_string(row, column, str(value), style)


def _validate(
    sheet: Any, first: int, last: int, offset: int, column: Column, lists: Mapping[str, Any]
) -> None:
    rule: dict[str, Any]
    if column.type == ColumnType.boolean:
        rule = {"validate": "list", "source": [YES, NO]}
    elif column.type == ColumnType.code and column.codes:
        rule = {"validate": "list", "source": lists[column.codes]}
    elif column.type in NUMERIC_TYPES:
        rule = {"validate": column.type, "criteria": ">=", "value": 0}
        rule["error_message"] = "请填写不小于 0 的数。A number of 0 or more."
    else:
        return
    sheet.data_validation(first, offset, last, offset, {"ignore_blank": True, **rule})
