"""One file, read whole: its rows with their cells, its problems, what was normalised.

What belongs here: which form and which school a file is, and reading each table of it. What does
not: where files come from and where rows go (batch.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from orchestration.forms.contract import (
    COVERS,
    NUMERIC_TYPES,
    Code,
    Column,
    Filer,
    Form,
    Table,
    TableKind,
)
from orchestration.forms.template import INSTRUCTIONS
from orchestration.ground.text import Language, Text
from orchestration.intake.layout import address, is_blank, layout_of, plain_sheet
from orchestration.intake.normalise import Normalisation, read_cell, typed_text
from orchestration.intake.personal import personal_number, personal_number_typed
from orchestration.intake.problem_list import BETWEEN, PROBLEM_LIST, read_list
from orchestration.intake.workbook.problems import Problem, ProblemKind, UnreadableFile
from orchestration.intake.workbook.reader import read_workbook
from orchestration.intake.workbook.sheet import Sheet

_COUNTS = {float(number): str(number) for number in range(10_000)}
_PERSONAL = 1e10  # below are no numbers of persons
_LEAST_SHEETS = 3
_EXPLANATIONS = "explanations"


class ReadCell(NamedTuple):
    """One cell: what was typed, what it was read as, and its address."""

    typed: str
    read: str | None
    cell: str


_ABSENT = ReadCell("", None, "")
Record = dict[str, ReadCell]  # by column


class FiledRow(NamedTuple):
    """One record of a table and where it stands."""

    sheet: str
    row_no: int
    record: Record


class Change(NamedTuple):
    """What was done to a cell to read it, or to a row that is no record."""

    sheet: str
    cell: str
    column_id: str
    typed: str
    read: str | None
    kind: Normalisation


@dataclass(frozen=True)
class School:
    """One line of a roster."""

    city: str
    code: str
    name: str


@dataclass
class Submission:
    """What one file holds, its rows by table."""

    submission_id: str
    file_hash: str
    file_name: str
    size: int
    year: int
    city: str | None = None
    school_code: str | None = None
    school_name: str | None = None
    form_version: str | None = None
    filed_by: Filer = Filer.school
    is_read: bool = False
    rows: dict[str, list[FiledRow]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    normalised: list[Change] = field(default_factory=list)
    problem_count: int = 0
    is_of_its_year: bool = True

    def let_go(self) -> None:
        """Drop what was written of the file; keep what the run has to know of it."""
        self.problem_count = len(self.problems)
        kinds = {problem.kind for problem in self.problems}
        self.is_of_its_year = ProblemKind.year_is_not_the_inbox_year not in kinds
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
        result.problems.append(Problem(error.kind, detail=error.text))
    if result.city is None:
        _assign_by_file_name(result, context)
    for problem in result.problems:
        _hide_personal_numbers(problem)
    return result


def _read(path: Path, data: bytes, context: Context, result: Submission) -> None:
    sheets = read_workbook(path, data)
    if all(is_blank(sheet.rows) for sheet in sheets):
        raise UnreadableFile(ProblemKind.file_is_empty, "没有任何内容", "nothing in it")
    found = _match_sheets(sheets, context.form, result)
    wanted = context.form.filed_by(result.filed_by)
    if len(found) < min(_LEAST_SHEETS, len(wanted)):
        names = "、".join(sheet.name for sheet in sheets[:8])
        detail = Text(f"工作表：{names}", f"sheets: {names}")
        # Nothing else that is odd about it matters any more.
        result.problems = [Problem(ProblemKind.file_is_another_form, typed=names, detail=detail)]
        return
    for table in wanted:
        if table.id in found:
            _read_table(found[table.id], table, context, result)
        else:
            result.problems.append(
                Problem(ProblemKind.sheet_is_missing, sheet=table.sheet, typed=table.sheet)
            )
    for sheet in sheets:
        if plain_sheet(sheet.name) == PROBLEM_LIST:
            _read_list(sheet, context, result)
    _scan_for_personal_numbers(sheets, result)
    _identify(result, context)
    result.is_read = result.city is not None


def _match_sheets(sheets: list[Sheet], form: Form, result: Submission) -> dict[str, Sheet]:
    """Return the sheets that hold a table; two that could hold the same one are a problem."""
    names = {plain_sheet(sheet.name) for sheet in sheets}
    cover = COVERS[Filer.bureau]
    bureau = {plain_sheet(t.sheet) for t in form.filed_by(Filer.bureau) if t.id != cover}
    if names & bureau:
        result.filed_by = Filer.bureau
    wanted = {plain_sheet(table.sheet): table.id for table in form.filed_by(result.filed_by)}
    found: dict[str, Sheet] = {}
    odd = []
    # A blank sheet stands for its table only where no other does, and hides nothing.
    for sheet in sorted(sheets, key=lambda sheet: is_blank(sheet.rows)):
        table, says = wanted.get(plain_sheet(sheet.name)), not is_blank(sheet.rows)
        if sheet.is_hidden and says:
            odd.append(Problem(ProblemKind.sheet_is_hidden, sheet=sheet.name, typed=sheet.name))
        if table is not None and table not in found:
            found[table] = sheet
        elif says and plain_sheet(sheet.name) not in {INSTRUCTIONS, PROBLEM_LIST}:
            is_unknown = table is None
            kind = ProblemKind.sheet_is_unknown if is_unknown else ProblemKind.sheet_is_repeated
            odd.append(Problem(kind, sheet=sheet.name, typed=sheet.name))
    if found:
        result.problems += odd
    return found


def _read_table(sheet: Sheet, table: Table, context: Context, result: Submission) -> None:
    layout = layout_of(sheet, table)
    for label in layout.repeated:
        problem = Problem(ProblemKind.label_is_repeated, sheet.name, label.cell, typed=label.text)
        result.problems.append(problem)
    for label in layout.unknown:
        problem = Problem(ProblemKind.column_is_unknown, sheet.name, label.cell, typed=label.text)
        result.problems.append(problem)
    result.problems += [
        Problem(ProblemKind.column_is_missing, sheet.name, "", column.id, column.label)
        for column in table.columns
        if column.id not in layout.found and not column.may_be_absent
    ]
    result.normalised += [
        Change(sheet.name, row.cell, "", row.begins, None, row.kind) for row in layout.passed_over
    ]
    columns = [column for column in table.columns if column.id in layout.found]
    required = [column.id for column in columns if column.required]
    kind, is_of_fields = ProblemKind.required_cell_is_empty, table.kind == TableKind.fields
    records = result.rows.setdefault(table.id, [])
    for row, cells in layout.records:
        record, problems = _read_record(sheet, columns, cells, context, result)
        if is_of_fields:
            records.append(FiledRow(sheet.name, 1, record))
        elif problems or any(cell.read is not None for cell in record.values()):
            records.append(FiledRow(sheet.name, row + 1, record))
        else:
            continue
        result.problems += problems
        empty = [name for name in required if record[name].read is None]
        if empty:
            unreadable = {problem.column_id for problem in problems}
            result.problems += [
                Problem(kind, sheet.name, record[name].cell, name, record[name].typed)
                for name in empty
                if name not in unreadable
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
            record[column.id] = ReadCell("", None, cell)
            continue
        if type(value) is float and column.type in NUMERIC_TYPES and value in _COUNTS:
            # What nearly every cell holds: a count, typed as a number.
            typed = _COUNTS[value]
            record[column.id] = ReadCell(typed, typed, cell)
            continue
        typed = typed_text(value)
        reading = read_cell(value, column, context.codes.get(column.codes or ""), typed)
        record[column.id] = ReadCell(typed, reading.read, cell)
        if reading.normalised:
            result.normalised.append(
                Change(sheet.name, cell, column.id, typed, reading.read, reading.normalised)
            )
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
    filed = result.rows.setdefault(_EXPLANATIONS, [])
    own = [_explanation(row.record) for row in filed if row.sheet != sheet.name]
    for row_no, cells in listed:
        record = {
            column.id: _read_listed(sheet, column, *cells[column.id], result)
            for column in table.columns
            if column.id in cells
        }
        left = _not_yet_said(_explanation(record), own)
        if left:
            record["explanation"] = record["explanation"]._replace(read=left)
            filed.append(FiledRow(sheet.name, row_no, record))


class _Explanation(NamedTuple):
    """What a school says of one rule, at one place or anywhere."""

    rule_id: str | None
    place: str | None
    text: str | None


def _explanation(record: Record) -> _Explanation:
    names = ("rule_id", "place", "explanation")
    return _Explanation(*(record.get(name, _ABSENT).read for name in names))


def _not_yet_said(listed: _Explanation, own: list[_Explanation]) -> str:
    """Return what a list's explanation says beyond what the school's own sheet says there.

    The list was sent with all that the school had explained; what its own sheet still says of this
    place is not said a second time.
    """
    said = {
        piece
        for one in own
        if one.text and one.rule_id == listed.rule_id and one.place in (None, listed.place)
        for piece in one.text.split(BETWEEN)
    }
    return BETWEEN.join(p for p in (listed.text or "").split(BETWEEN) if p not in said)


def _read_listed(
    sheet: Sheet, column: Column, typed: str, cell: str, result: Submission
) -> ReadCell:
    """Return a cell of the list; on it, nothing that was typed is a problem."""
    if column.id == "place":
        # As the finding names it; a sheet's name may begin with a space.
        return ReadCell(typed, typed or None, cell)
    reading = read_cell(typed, column, None)
    if reading.problem:
        return ReadCell(typed, typed.strip(), cell)
    if reading.normalised:
        change = (typed, reading.read, reading.normalised)
        result.normalised.append(Change(sheet.name, cell, column.id, *change))
    return ReadCell(typed, reading.read, cell)


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
    problem.typed = _without_personal_number(problem.typed)
    zh, en = (_without_personal_number(problem.detail[language]) for language in Language)
    problem.detail = Text(zh, en)


def _without_personal_number(text: str) -> str:
    return "***" if len(text) >= 11 and personal_number(text) else text


# -- whose it is -----------------------------------------------------------------------------------


def _identify(result: Submission, context: Context) -> None:
    """Find the school or the bureau on the cover, and hold the year against the inbox's."""
    filer = result.filed_by
    key = "city_code" if filer == Filer.bureau else "school_code"
    code = _cover_cell(result, filer, key)
    result.form_version = _cover_cell(result, filer, "form_version").read
    if filer == Filer.bureau:
        result.city = context.bureaus.get(code.read or "")
    else:
        school = context.schools.get(code.read or "")
        if school is not None:
            _assign(result, school)
    sheet = next((row.sheet for row in result.rows.get(COVERS[filer], [])), "")
    if result.city is None:
        place = (sheet if code.cell else "", code.cell, key, code.typed)
        result.problems.append(Problem(ProblemKind.school_is_unknown, *place))
    year, wanted = _cover_cell(result, filer, "year"), str(context.form.year)
    if year.read is not None and year.read != wanted:
        place = (sheet, year.cell, "year", year.typed)
        other = Problem(ProblemKind.year_is_not_the_inbox_year, *place, Text(wanted, wanted))
        result.problems.append(other)


def _cover_cell(result: Submission, filer: Filer, column: str) -> ReadCell:
    """Return a cell of the cover; an empty one where it does not stand there."""
    rows = result.rows.get(COVERS[filer], [])
    return next((row.record[column] for row in rows if column in row.record), _ABSENT)


def _assign(result: Submission, school: School) -> None:
    result.city, result.school_code = school.city, school.code
    result.school_name = school.name


def _assign_by_file_name(result: Submission, context: Context) -> None:
    """Give an unreadable file to the school whose code begins its name, so that it hears of it.

    A file whose cover names some other, unknown school is not given to anybody.
    """
    school = context.schools.get(result.file_name[:10])
    if school is not None and not _cover_cell(result, Filer.school, "school_code").typed:
        _assign(result, school)
