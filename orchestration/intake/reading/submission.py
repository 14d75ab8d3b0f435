"""One file, read whole: its rows with their cells, its problems, what became of every cell.

What belongs here: which form and which school a file is, and which sheet holds which table. What
does not: what a sheet holds (records.py), where files come from and where rows go
(intake/batch.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.forms.contract import COVERS, Filer, Form
from orchestration.forms.template import INSTRUCTIONS
from orchestration.ground.text import Language, Text
from orchestration.intake.reading.layout import is_blank, plain_sheet
from orchestration.intake.reading.personal import personal_numbers, without_personal_number
from orchestration.intake.reading.problem_list import PROBLEM_LIST, read_list
from orchestration.intake.reading.receipt import SheetReceipt
from orchestration.intake.reading.records import (
    ABSENT,
    FiledRow,
    ReadCell,
    add_listed,
    read_table,
)
from orchestration.intake.workbook.problems import Problem, ProblemKind, UnreadableFile
from orchestration.intake.workbook.reader import read_workbook
from orchestration.intake.workbook.sheet import Sheet

_LEAST_SHEETS = 3
_EXPLANATIONS = "explanations"


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
    receipts: list[SheetReceipt] = field(default_factory=list)
    problem_count: int = 0
    is_of_its_year: bool = True

    def let_go(self) -> None:
        """Drop what was written of the file; keep what the run has to know of it."""
        self.problem_count = len(self.problems)
        kinds = {problem.kind for problem in self.problems}
        self.is_of_its_year = ProblemKind.year_is_not_the_inbox_year not in kinds
        self.rows, self.receipts, self.problems = {}, [], []


@dataclass(frozen=True)
class Context:
    """What reading one year's files needs to know."""

    form: Form
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
        _read(data, context, result)
    except UnreadableFile as error:
        result.problems.append(Problem(error.kind, detail=error.text))
    if result.city is None:
        _assign_by_file_name(result, context)
    for problem in result.problems:
        problem.typed = without_personal_number(problem.typed)
        zh, en = (without_personal_number(problem.detail[language]) for language in Language)
        problem.detail = Text(zh, en)
    return result


def _read(data: bytes, context: Context, result: Submission) -> None:
    sheets = read_workbook(data)
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
            read = read_table(found[table.id], table, context.form.codes)
            result.rows[table.id] = read.rows
            result.problems += read.problems
            result.receipts.append(read.receipt)
        else:
            result.problems.append(
                Problem(ProblemKind.sheet_is_missing, sheet=table.sheet, typed=table.sheet)
            )
    for sheet in sheets:
        if plain_sheet(sheet.name) == PROBLEM_LIST:
            _read_list(sheet, context.form, result)
    result.problems += [problem for sheet in sheets for problem in personal_numbers(sheet)]
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


def _read_list(sheet: Sheet, form: Form, result: Submission) -> None:
    """Add what a school typed on the list that it was sent to what its own sheet explains."""
    listed, problems = read_list(sheet)
    result.problems += problems
    if listed and _EXPLANATIONS in form.tables:
        filed = result.rows.setdefault(_EXPLANATIONS, [])
        receipt = SheetReceipt(sheet.name)
        result.receipts.append(receipt)
        add_listed(sheet.name, listed, form.tables[_EXPLANATIONS], filed, receipt.entries)


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
    return next((row.record[column] for row in rows if column in row.record), ABSENT)


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
