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

from orchestration.forms.contract import NUMERIC_TYPES, Code, Column, Form, Table
from orchestration.forms.template import INSTRUCTIONS
from orchestration.intake.layout import address, is_blank, place, plain_sheet
from orchestration.intake.normalise import (
    personal_number,
    personal_number_typed,
    read_cell,
    typed_text,
)
from orchestration.intake.problem_list import BETWEEN, PROBLEM_LIST, read_list
from orchestration.intake.workbook.problems import Problem, UnreadableFile
from orchestration.intake.workbook.reader import Sheet, read_workbook

_COUNTS = {float(number): str(number) for number in range(10_000)}
_PERSONAL = 1e10  # below are no numbers of persons
_LEAST_SHEETS = 3
_EXPLANATIONS = "explanations"

Record = dict[str, tuple[str, str | None, str]]  # by column: typed, read, cell


@dataclass(frozen=True)
class School:
    """One line of a roster."""

    city: str
    code: str
    name: str


@dataclass
class Submission:
    """What one file holds; `rows` has, by table, each record's sheet, row number and cells."""

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
    rows: dict[str, list[tuple[str, int, Record]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    # sheet, cell, column id, typed, read, what was done
    normalised: list[tuple[str, str, str, str, str | None, str]] = field(default_factory=list)
    problem_count: int = 0
    is_of_its_year: bool = True

    def let_go(self) -> None:
        """Drop what was written of the file; keep what the run has to know of it."""
        self.problem_count = len(self.problems)
        kinds = {problem.kind for problem in self.problems}
        self.is_of_its_year = "year_is_not_the_inbox_year" not in kinds
        self.rows, self.normalised, self.problems = {}, [], []


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
        _read(path, data, context, result)
    except UnreadableFile as error:
        result.problems.append(Problem(error.kind, zh=error.zh, en=error.en))
    if result.city is None:
        _place_by_file_name(result, context)
    for problem in result.problems:
        _hide_personal_numbers(problem)
    return result


def _read(path: Path, data: bytes, context: Context, result: Submission) -> None:
    sheets = read_workbook(path, data)
    if all(is_blank(sheet.rows) for sheet in sheets):
        raise UnreadableFile("file_is_empty", "没有任何内容", "nothing in it")
    found = _match_sheets(sheets, context.form, result)
    wanted = context.form.filed_by(result.filed_by)
    if len(found) < min(_LEAST_SHEETS, len(wanted)):
        names = "、".join(sheet.name for sheet in sheets[:8])
        zh, en = f"工作表：{names}", f"sheets: {names}"
        # Nothing else that is odd about it matters any more.
        result.problems = [Problem("file_is_another_form", typed=names, zh=zh, en=en)]
        return
    for table in wanted:
        if table.id in found:
            _read_table(found[table.id], table, context, result)
        else:
            result.problems.append(
                Problem("sheet_is_missing", sheet=table.sheet, typed=table.sheet)
            )
    for sheet in sheets:
        if plain_sheet(sheet.name) == PROBLEM_LIST:
            _read_list(sheet, context, result)
    _scan_for_personal_numbers(sheets, result)
    _identify(result, context)
    result.is_read = result.city is not None


def _place_by_file_name(result: Submission, context: Context) -> None:
    """Give an unreadable file to the school whose code begins its name, so that it hears of it.

    A file whose cover names some other, unknown school is not given to anybody.
    """
    school = context.schools.get(result.file_name[:10])
    if school is not None and not _cover_value(result, "cover", "school_code")[0]:
        result.city, result.school_code = school.city, school.code
        result.school_name = school.name


def _match_sheets(sheets: list[Sheet], form: Form, result: Submission) -> dict[str, Sheet]:
    """Return the sheets that hold a table; two that could hold the same one are a problem."""
    names = {plain_sheet(sheet.name) for sheet in sheets}
    bureau = {plain_sheet(t.sheet) for t in form.filed_by("bureau") if t.id != "bureau_cover"}
    if names & bureau:
        result.filed_by = "bureau"
    wanted = {plain_sheet(table.sheet): table.id for table in form.filed_by(result.filed_by)}
    found: dict[str, Sheet] = {}
    odd = []
    # A blank sheet stands for its table only where no other does, and hides nothing.
    for sheet in sorted(sheets, key=lambda sheet: is_blank(sheet.rows)):
        table, says = wanted.get(plain_sheet(sheet.name)), not is_blank(sheet.rows)
        if sheet.is_hidden and says:
            odd.append(Problem("sheet_is_hidden", sheet=sheet.name, typed=sheet.name))
        if table is not None and table not in found:
            found[table] = sheet
        elif says and plain_sheet(sheet.name) not in {INSTRUCTIONS, PROBLEM_LIST}:
            kind = "sheet_is_unknown" if table is None else "sheet_is_repeated"
            odd.append(Problem(kind, sheet=sheet.name, typed=sheet.name))
    if found:
        result.problems += odd
    return found


def _read_table(sheet: Sheet, table: Table, context: Context, result: Submission) -> None:
    placed = place(sheet, table)
    problem = result.problems.append
    for cell, label in placed.repeated:
        problem(Problem("label_is_repeated", sheet.name, cell, typed=label))
    for cell, label in placed.unknown:
        problem(Problem("column_is_unknown", sheet.name, cell, typed=label))
    for column in table.columns:
        if column.id not in placed.found and not column.may_be_absent:
            problem(Problem("column_is_missing", sheet.name, "", column.id, column.label))
    for cell, begin, kind in placed.passed_over:
        result.normalised.append((sheet.name, cell, "", begin, None, kind))
    columns = [column for column in table.columns if column.id in placed.found]
    records = result.rows.setdefault(table.id, [])
    for row, cells in placed.records:
        record, problems = _read_record(sheet, columns, cells, context, result)
        if table.kind == "fields":
            records.append((sheet.name, 1, record))
        elif problems or any(read is not None for _, read, _ in record.values()):
            records.append((sheet.name, row + 1, record))
        else:
            continue
        result.problems += problems
        result.problems += [
            Problem("required_cell_is_empty", sheet.name, record[c.id][2], c.id, record[c.id][0])
            for c in columns
            if c.required and record[c.id][1] is None
            if not any(p.column_id == c.id for p in problems)
        ]


def _read_record(
    sheet: Sheet,
    columns: list[Column],
    cells: dict[str, tuple[int, int]],
    context: Context,
    result: Submission,
) -> tuple[Record, list[Problem]]:
    """Return what one record's cells say, and what could not be read of them."""
    record: Record = {}
    problems = []
    for column in columns:
        row, at = cells[column.id]
        values, cell = sheet.rows[row], address(row, at)
        value = values[at] if at < len(values) else None
        if value is None or value == "":
            record[column.id] = ("", None, cell)
            continue
        if type(value) is float and column.type in NUMERIC_TYPES and value in _COUNTS:
            # What nearly every cell holds: a count, typed as a number.
            typed = _COUNTS[value]
            record[column.id] = (typed, typed, cell)
            continue
        typed = typed_text(value)
        reading = read_cell(value, column, context.codes.get(column.codes or ""), typed)
        record[column.id] = (typed, reading.read, cell)
        if reading.normalised:
            change = (typed, reading.read, reading.normalised)
            result.normalised.append((sheet.name, cell, column.id, *change))
        if reading.problem:
            problems.append(Problem(reading.problem, sheet.name, cell, column.id, typed))
    return record, problems


def _read_list(sheet: Sheet, context: Context, result: Submission) -> None:
    """Add what a school typed on the list that it was sent to what its own sheet explains."""
    listed, problems = read_list(sheet)
    result.problems += problems
    table = context.form.tables.get(_EXPLANATIONS)
    if table is None or not listed:
        return
    records = result.rows.setdefault(_EXPLANATIONS, [])
    own = [_said(record) for name, _, record in records if name != sheet.name]
    for row_no, cells in listed:
        record = {
            column.id: _read_listed(sheet, column, *cells[column.id], result)
            for column in table.columns
            if column.id in cells
        }
        rule, where, text = _said(record)
        # The list was sent with all that the school had explained; what its own sheet still says of
        # this place is not said a second time.
        told = {
            piece
            for own_rule, own_where, own_text in own
            if own_text and own_rule == rule and own_where in (None, where)
            for piece in own_text.split(BETWEEN)
        }
        left = BETWEEN.join(piece for piece in (text or "").split(BETWEEN) if piece not in told)
        if left:
            typed, _, cell = record["explanation"]
            record["explanation"] = (typed, left, cell)
            records.append((sheet.name, row_no, record))


def _read_listed(
    sheet: Sheet, column: Column, typed: str, cell: str, result: Submission
) -> tuple[str, str | None, str]:
    """Return a cell of the list; on it, nothing that was typed is a problem."""
    if column.id == "place":
        # As the finding names it; a sheet's name may begin with a space.
        return (typed, typed or None, cell)
    reading = read_cell(typed, column, None)
    if reading.problem:
        return (typed, typed.strip(), cell)
    if reading.normalised:
        change = (typed, reading.read, reading.normalised)
        result.normalised.append((sheet.name, cell, column.id, *change))
    return (typed, reading.read, cell)


def _said(record: Record) -> list[str | None]:
    """Return rule, place and text of an explanation."""
    absent = ("", None, "")
    return [record.get(name, absent)[1] for name in ("rule_id", "place", "explanation")]


def _scan_for_personal_numbers(sheets: list[Sheet], result: Submission) -> None:
    for sheet in sheets:
        for row, values in enumerate(sheet.rows):
            if not any(map(_may_be_personal, values)):
                continue
            for column, value in enumerate(values):
                if not _may_be_personal(value):
                    continue
                is_text = type(value) is str
                kind = personal_number(value) if is_text else personal_number_typed(value)
                if kind:
                    # The number itself is not repeated in findings.
                    result.problems.append(Problem(kind, sheet.name, address(row, column)))


def _may_be_personal(value: Any) -> bool:
    if type(value) is str:
        return len(value) >= 11
    return (type(value) is float or type(value) is int) and value >= _PERSONAL


def _hide_personal_numbers(problem: Problem) -> None:
    """Leave a personal number out of what a problem says; the cell's address finds it."""
    for name in ("typed", "zh", "en"):
        text = getattr(problem, name)
        if len(text) >= 11 and personal_number(text):
            setattr(problem, name, "***")


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
            result.city, result.school_code = school.city, school.code
            result.school_name = school.name
    if result.city is None:
        result.problems.append(Problem("school_is_unknown", sheet, cell, key, typed))
    typed, year, cell, sheet = _cover_value(result, cover, "year")
    if year is not None and year != str(context.form.year):
        wanted = str(context.form.year)
        result.problems.append(
            Problem("year_is_not_the_inbox_year", sheet, cell, "year", typed, zh=wanted, en=wanted)
        )
