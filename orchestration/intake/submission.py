"""One file, read whole: its rows with their cells, its problems, what was normalised.

What belongs here: which form and which school a file is, and reading each table of it. What does
not: where files come from and where rows go (batch.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration.forms import Code, Form, Table
from orchestration.intake.layout import address, place, plain_sheet
from orchestration.intake.normalise import personal_number, read_cell, typed_text
from orchestration.intake.reader import Sheet, UnreadableFile, read_workbook
from orchestration.intake.template import INSTRUCTIONS

_LEAST_SHEETS = 3


@dataclass(frozen=True)
class School:
    """One line of a roster."""

    city: str
    code: str
    name: str


@dataclass
class Problem:
    """One thing that could not be read for certain; `kind` is a rule's id."""

    kind: str
    sheet: str = ""
    cell: str = ""
    column_id: str = ""
    typed: str = ""
    zh: str = ""
    en: str = ""


@dataclass
class Submission:
    """What one file holds. `rows` has, by table: sheet, row number, {column: (typed, read, cell)}."""

    submission_id: str
    file_hash: str
    file_name: str
    size: int
    year: int
    city: str | None = None
    school_code: str | None = None
    school_name: str | None = None
    form_version: str | None = None
    filed_by: str = "school"
    is_read: bool = False
    rows: dict[str, list[tuple[str, int, dict[str, tuple[str, str | None, str]]]]] = field(
        default_factory=dict
    )
    problems: list[Problem] = field(default_factory=list)
    # sheet, cell, column id, typed, read, what was done
    normalised: list[tuple[str, str, str, str, str | None, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Context:
    """What reading one year's files needs to know."""

    form: Form
    codes: Mapping[str, tuple[Code, ...]]
    schools: Mapping[str, School]
    # City code to city, for the bureau's own workbook.
    bureaus: Mapping[str, str]


def submission_id_of(year: int, file_hash: str) -> str:
    """Return the id of one file handed in for one year."""
    return hashlib.sha256(f"{year}:{file_hash}".encode()).hexdigest()[:16]


def read_submission(path: Path, data: bytes, file_hash: str, context: Context) -> Submission:
    """Read one file; whatever is wrong with it becomes a problem, never an exception."""
    year = context.form.year
    result = Submission(
        submission_id=submission_id_of(year, file_hash),
        file_hash=file_hash,
        file_name=path.name,
        size=len(data),
        year=year,
    )
    try:
        sheets = read_workbook(path, data)
    except UnreadableFile as error:
        result.problems.append(Problem(error.kind, zh=error.zh, en=error.en))
        _place_by_file_name(result, context)
        return result
    if not any(any(v not in ("", None) for v in row) for sheet in sheets for row in sheet.rows):
        result.problems.append(Problem("file_is_empty", zh="没有任何内容", en="nothing in it"))
        _place_by_file_name(result, context)
        return result
    found = _match_sheets(sheets, context.form, result)
    if len(found) < min(_LEAST_SHEETS, len(context.form.filed_by(result.filed_by))):
        names = "、".join(sheet.name for sheet in sheets[:8])
        result.problems.append(
            Problem("file_is_another_form", typed=names, zh=f"工作表：{names}", en=f"sheets: {names}")
        )
        _place_by_file_name(result, context)
        return result
    for table in context.form.filed_by(result.filed_by):
        if table.id in found:
            _read_table(found[table.id], table, context, result)
        else:
            result.rows[table.id] = []
            result.problems.append(Problem("sheet_is_missing", sheet=table.sheet, typed=table.sheet))
    _scan_for_personal_numbers(sheets, result)
    _identify(result, context)
    result.is_read = result.city is not None
    return result


def _place_by_file_name(result: Submission, context: Context) -> None:
    """Give an unreadable file to the school whose code begins its name, so that it hears of it."""
    school = context.schools.get(result.file_name[:10])
    if school is not None:
        result.city, result.school_code, result.school_name = school.city, school.code, school.name


def _match_sheets(sheets: list[Sheet], form: Form, result: Submission) -> dict[str, Sheet]:
    names = {plain_sheet(sheet.name): sheet for sheet in sheets}
    bureau = [table for table in form.filed_by("bureau") if table.id != "bureau_cover"]
    if any(plain_sheet(table.sheet) in names for table in bureau):
        result.filed_by = "bureau"
    wanted = {plain_sheet(table.sheet): table.id for table in form.filed_by(result.filed_by)}
    found = {wanted[name]: sheet for name, sheet in names.items() if name in wanted}
    for sheet in sheets:
        if sheet.is_hidden:
            result.problems.append(Problem("sheet_is_hidden", sheet=sheet.name, typed=sheet.name))
        name = plain_sheet(sheet.name)
        if found and name not in wanted and name != INSTRUCTIONS and any(map(any, sheet.rows)):
            result.problems.append(Problem("sheet_is_unknown", sheet=sheet.name, typed=sheet.name))
    return found


def _read_table(sheet: Sheet, table: Table, context: Context, result: Submission) -> None:
    placed = place(sheet, table)
    problem = result.problems.append
    for cell, label in placed.repeated:
        problem(Problem("label_is_repeated", sheet.name, cell, typed=label))
    for cell, label in placed.unknown:
        problem(Problem("column_is_unknown", sheet.name, cell, typed=label))
    for column in table.columns:
        if column.id not in placed.found:
            problem(Problem("column_is_missing", sheet.name, "", column.id, column.label))
    columns = [
        (column, context.codes.get(column.codes or "")) for column in table.columns
        if column.id in placed.found
    ]
    records = []
    for row, cells in placed.records:
        record: dict[str, tuple[str, str | None, str]] = {}
        is_filled = False
        for column, codes in columns:
            at = cells[column.id]
            values = sheet.rows[at[0]]
            value = values[at[1]] if at[1] < len(values) else None
            if value is None or value == "":
                cell = address(*at)
                record[column.id] = ("", None, cell)
                if cell in sheet.uncomputed or cell in sheet.errors:
                    kind = "cell_is_an_error" if cell in sheet.errors else (
                        "cell_is_a_formula_without_value"
                    )
                    problem(Problem(kind, sheet.name, cell, column.id))
                    is_filled = True
                continue
            cell, typed = address(*at), typed_text(value)
            if cell in sheet.uncomputed or typed.startswith("#") and cell in sheet.errors:
                kind = "cell_is_an_error" if cell in sheet.errors else (
                    "cell_is_a_formula_without_value"
                )
                problem(Problem(kind, sheet.name, cell, column.id, typed))
                record[column.id] = (typed, None, cell)
                is_filled = True
                continue
            reading = read_cell(value, column, codes)
            record[column.id] = (typed, reading.read, cell)
            if reading.read is not None:
                is_filled = True
            if reading.problem:
                is_filled = True
                problem(Problem(reading.problem, sheet.name, cell, column.id, typed))
            if reading.normalised:
                result.normalised.append(
                    (sheet.name, cell, column.id, typed, reading.read, reading.normalised)
                )
        if table.kind == "fields" or is_filled:
            records.append((sheet.name, row + 1 if table.kind == "rows" else 1, record))
            _require(table, sheet.name, record, result)
    result.rows[table.id] = records


def _require(
    table: Table, sheet: str, record: dict[str, tuple[str, str | None, str]], result: Submission
) -> None:
    unread = {(p.sheet, p.cell) for p in result.problems if p.cell}
    for column in table.columns:
        if column.required and column.id in record:
            typed, read, cell = record[column.id]
            if read is None and (sheet, cell) not in unread:
                result.problems.append(
                    Problem("required_cell_is_empty", sheet, cell, column.id, typed)
                )


def _scan_for_personal_numbers(sheets: list[Sheet], result: Submission) -> None:
    for sheet in sheets:
        for row, values in enumerate(sheet.rows):
            for column, value in enumerate(values):
                if type(value) is str:
                    if len(value) < 11:
                        continue
                    kind = personal_number(value)
                elif type(value) is float and value >= 1.3e10:
                    kind = personal_number(typed_text(value))
                else:
                    continue
                if kind:
                    # The number itself is not repeated in findings.
                    result.problems.append(Problem(kind, sheet.name, address(row, column)))


def _cover_value(result: Submission, table: str, column: str) -> tuple[str, str | None, str, str]:
    for sheet, _, record in result.rows.get(table, []):
        if column in record:
            return (*record[column], sheet)
    return ("", None, "", "")


def _identify(result: Submission, context: Context) -> None:
    """Find the school or the bureau on the cover, and hold the year against the inbox's."""
    is_bureau = result.filed_by == "bureau"
    cover = "bureau_cover" if is_bureau else "cover"
    key = "city_code" if is_bureau else "school_code"
    typed, code, cell, sheet = _cover_value(result, cover, key)
    result.form_version = _cover_value(result, cover, "form_version")[1]
    if is_bureau:
        result.city = context.bureaus.get(code or "")
    else:
        school = context.schools.get(code or "")
        if school is not None:
            result.city, result.school_code, result.school_name = school.city, school.code, school.name
    if result.city is None:
        result.problems.append(Problem("school_is_unknown", sheet, cell, key, typed))
    typed, year, cell, sheet = _cover_value(result, cover, "year")
    if year is not None and year != str(context.form.year):
        result.problems.append(
            Problem("year_is_not_the_inbox_year", sheet, cell, "year", typed,
                    zh=str(context.form.year), en=str(context.form.year))
        )
