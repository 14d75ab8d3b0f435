"""One file, read whole: its rows with their cells, its problems, what became of every cell.

What belongs here: which form a file is, and which sheet holds which table. What does not: what a
sheet holds (records.py), whose it is (filer.py), where files come from and where rows go
(intake/batch.py).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.forms.contract import COVERS, Filer, Form, form_years, load_form
from orchestration.ground.text import Language, Text
from orchestration.intake.layout.labels import names_of, plain_sheet
from orchestration.intake.layout.layout import is_blank
from orchestration.intake.layout.titles import is_harmless_title
from orchestration.intake.normalise import Normalisation
from orchestration.intake.reading.filer import (
    Bureau,
    Context,
    Cover,
    School,
    Whose,
    named_by_file,
    says_it_is_no_report,
    submission_id_of,
    whose_bureau,
    whose_school,
)
from orchestration.intake.reading.instructions import are_instructions, read_instructions
from orchestration.intake.reading.listed import read_sent_list
from orchestration.intake.reading.other_form import labels_missing, no_form, other_sheets, texts_on
from orchestration.intake.reading.personal import personal_numbers, without_personal_number
from orchestration.intake.reading.problem_list import is_list
from orchestration.intake.reading.receipt_sheet import is_sent_receipt, passed_over
from orchestration.intake.reading.records import FiledRow, read_table
from orchestration.intake.reading.said_of_all import (
    Filed,
    filed_by,
    records_of_schools,
    said_of_all,
    signatures_of_others,
    without_own_name,
)
from orchestration.intake.reading.unplaced import (
    account_for_other,
    account_for_strays,
    is_near,
    is_of_a_program,
    missing_sheet,
)
from orchestration.intake.receipt import (
    Entry,
    SheetReceipt,
)
from orchestration.intake.workbook.problems import Problem, ProblemKind, UnreadableFile
from orchestration.intake.workbook.reader import read_workbook
from orchestration.intake.workbook.sheet import Sheet

log = logging.getLogger(__name__)
_LEAST_SHEETS = 3
_LEAST_MISSING = 3  # columns of the form that are not there where it may be another year's
# A file of another year or another school stops only itself.
_OF_ANOTHER = {ProblemKind.year_is_not_the_inbox_year, ProblemKind.filer_is_contradicted}
_MISSING = {ProblemKind.column_is_missing, ProblemKind.sheet_is_missing}


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
    names_its_filer: bool = True
    is_workbook: bool = True

    def let_go(self) -> None:
        """Drop what was written of the file; keep what the run has to know of it."""
        self.problem_count = len(self.problems)
        kinds = {problem.kind for problem in self.problems}
        self.names_its_filer = not kinds & _OF_ANOTHER
        self.is_workbook = ProblemKind.file_is_not_a_workbook not in kinds
        self.rows, self.receipts, self.problems = {}, [], []


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
    except Exception as error:
        # A mistake of ours over one file must not stop the others, nor pass unsaid.
        log.exception("%s 读取时程序出错 the program failed over it", path.name)
        result.problems = [_ours(error)]
        result.rows, result.receipts, result.is_read = {}, [], False
    if result.city is None:
        _assign_by_file_name(result, context)
    for problem in result.problems:
        problem.typed = without_personal_number(problem.typed)
        zh, en = (without_personal_number(problem.detail[language]) for language in Language)
        problem.detail = Text(zh, en)
    for receipt in result.receipts:
        receipt.entries = [_shareable(entry) for entry in receipt.entries]
    return result


def _ours(error: Exception) -> Problem:
    name = type(error).__name__
    return Problem(ProblemKind.file_stops_the_program, detail=Text(name, name))


def _shareable(entry: Entry) -> Entry:
    """Return what a receipt lists without a personal number; the rows keep what was typed."""
    return entry._replace(
        typed=without_personal_number(entry.typed),
        read=entry.read and without_personal_number(entry.read),
    )


def _name_on(cover: list[FiledRow] | None) -> str:
    """Return what a cover that was read says is the school's name."""
    cell = cover[0].record.get("school_name") if cover else None
    return (cell.read if cell else None) or ""


def _read(data: bytes, context: Context, result: Submission) -> None:
    sheets = []
    for sheet in read_workbook(data):
        if is_sent_receipt(sheet):
            result.receipts.append(passed_over(sheet))
        else:
            sheets.append(sheet)
    if all(is_blank(sheet.rows) for sheet in sheets):
        raise UnreadableFile(ProblemKind.file_is_empty, "没有任何内容", "nothing in it")
    found = _match_sheets(sheets, context, result)
    wanted = context.form.filed_by(result.filed_by)
    if len(found) < min(_LEAST_SHEETS, len(wanted)):
        # Nothing else that is odd about it matters any more.
        result.problems = [other_sheets(sheets, context.form)]
        result.receipts = []
        return
    for table in wanted:
        if table.id in found:
            own = _name_on(result.rows.get(COVERS[result.filed_by]))
            sheet, codes, year = found[table.id], context.form.codes, context.form.year
            read = read_table(sheet, table, codes, year, own)
            result.rows[table.id] = read.rows
            result.problems += read.problems
            result.receipts.append(read.receipt)
        else:
            result.problems.append(missing_sheet(table, sheets, found.values()))
    other = _form_of_another_year(sheets, context, result) or no_form(
        found, wanted, result.problems
    )
    if other is not None:
        result.problems, result.rows, result.receipts = [other], {}, []
        return
    for sheet in sheets:
        _account_for_sent(sheet, context, result)
    result.problems += [problem for sheet in sheets for problem in personal_numbers(sheet)]
    _identify(result, context)
    filed, school = filed_by(result.city, result.school_code, context), result.school_name or ""
    _account_for_strays(sheets, filed, context, result)
    result.problems += said_of_all(found, wanted, filed, context)
    result.problems += signatures_of_others(sheets, result.receipts, filed, context)
    result.problems = without_own_name(result.problems, school)
    result.problems += records_of_schools(context, result.rows, school, result.problems)


def _match_sheets(sheets: list[Sheet], context: Context, result: Submission) -> dict[str, Sheet]:
    """Return the sheets that hold a table; two that could hold the same one are a problem."""
    form = context.form
    result.filed_by = _filer_of(sheets, context)
    wanted = context.tables_by_name[result.filed_by]
    found: dict[str, Sheet] = {}
    odd, others = [], list[Sheet]()
    blank = {sheet.name: is_blank(sheet.rows) for sheet in sheets}
    # A blank sheet stands for its table only where no other does, and hides nothing.
    for sheet in sorted(sheets, key=lambda sheet: blank[sheet.name]):
        table, is_filled = wanted.get(plain_sheet(sheet.name)), not blank[sheet.name]
        is_sent = is_list(sheet) or are_instructions(sheet, context)
        if table is not None and table not in found:
            found[table] = sheet
            if sheet.is_hidden and is_filled and not is_sent:
                odd.append(Problem(ProblemKind.sheet_is_hidden, sheet=sheet.name, typed=sheet.name))
        elif is_filled and not is_sent:
            others.append(sheet)
    if found:
        odd += [
            Problem(ProblemKind.text_says_otherwise, sheet=sheet.name, typed=sheet.name)
            for table, sheet in found.items()
            if not is_harmless_title(sheet.name, form.tables[table], form.year)
        ]
        result.problems += odd
        tables = [form.tables[table] for table in found]
        missing = [t for t in form.filed_by(result.filed_by) if t.id not in found]
        names = [sheet.name for sheet in sheets]
        for sheet in others:
            if is_of_a_program(sheet, names):
                result.receipts.append(passed_over(sheet, Normalisation.note_row))
                continue
            near = next((table for table in missing if is_near(sheet.name, table)), None)
            problem, receipt = account_for_other(sheet, tables, found, near, form.year)
            result.problems.append(problem)
            result.receipts.append(receipt)
    return found


def _filer_of(sheets: list[Sheet], context: Context) -> Filer:
    """Tell whose workbook it is by the sheets that say something; a blank one says nothing.

    A bureau's sheet among those of a school's form does not make it the bureau's.
    """
    names = {plain_sheet(sheet.name) for sheet in sheets if not is_blank(sheet.rows)}

    def own(filer: Filer) -> int:
        tables, cover = context.tables_by_name[filer], COVERS[filer]
        return sum(tables.get(name, cover) != cover for name in names)

    is_school = own(Filer.school) >= _LEAST_SHEETS
    return Filer.bureau if own(Filer.bureau) and not is_school else Filer.school


def _account_for_sent(sheet: Sheet, context: Context, result: Submission) -> None:
    """Say what became of the list and the instructions that the school was sent."""
    if is_list(sheet):
        receipt, problems = read_sent_list(sheet, context.form, result.rows)
        result.receipts += [receipt] if receipt is not None else []
        result.problems += problems
    elif are_instructions(sheet, context):
        receipt, problems = read_instructions(sheet, context)
        result.receipts.append(receipt)
        result.problems += problems


def _account_for_strays(
    sheets: list[Sheet], filed: Filed, context: Context, result: Submission
) -> None:
    """Say what became of what is far from a sheet's table or hangs on it, if anything is."""
    for sheet in sheets:
        if not sheet.strays and not sheet.notes:
            continue
        receipt = next((r for r in result.receipts if r.sheet == sheet.name), None)
        if receipt is None:
            receipt = SheetReceipt(sheet.name)
            result.receipts.append(receipt)
        rows = (row for of_table in result.rows.values() for row in of_table)
        result.problems += account_for_strays(sheet, receipt, rows, filed, context)


# -- the form of another year ------------------------------------------------------------------


def _form_of_another_year(
    sheets: list[Sheet], context: Context, result: Submission
) -> Problem | None:
    """Return the one problem of a file that is another year's form, and give it to its filer.

    Told by its labels: another form misses at most half of what this one misses.
    """
    if sum(problem.kind in _MISSING for problem in result.problems) < _LEAST_MISSING:
        return None
    texts = texts_on(sheets)
    years = [year for year in form_years(context.roots) if year != context.form.year]
    forms = [context.form, *(load_form(year, context.roots) for year in years)]
    missing = {form.year: labels_missing(form, result.filed_by, texts) for form in forms}
    likest = min(forms, key=lambda form: missing[form.year])
    if missing[likest.year] * 2 > missing[context.form.year] or likest is context.form:
        return None
    _identify_by(likest, sheets, context, result)
    this = context.form.year
    return Problem(
        ProblemKind.file_is_another_form,
        typed=str(likest.year),
        detail=Text(
            f"是 {likest.year} 年的报表；{this} 年的数据请填入 {this} 年的模板，"
            f"{likest.year} 年的数据请报送到 {likest.year} 年",
            f"it is the form of {likest.year}; put figures of {this} into the template of {this}, "
            f"and hand in those of {likest.year} for {likest.year}",
        ),
    )


def _identify_by(form: Form, sheets: list[Sheet], context: Context, result: Submission) -> None:
    """Give a file to the filer whom its cover names, read by another form; it is not read."""
    table = form.tables[COVERS[result.filed_by]]
    named = names_of(table)
    cover = next((sheet for sheet in sheets if plain_sheet(sheet.name) in named), None)
    if cover is not None:
        result.rows = {table.id: read_table(cover, table, form.codes, form.year).rows}
        _assign(result, _whose(result, context).filer)


# -- whose it is -----------------------------------------------------------------------------------


def _identify(result: Submission, context: Context) -> None:
    """Find the school or the bureau on the cover, and hold the year against the inbox's.

    Who is named without being sure hears of it; nothing of the file is taken for its own.
    """
    cover = _cover(result)
    result.form_version = cover.cell("form_version").read
    whose = _whose(result, context)
    _assign(result, whose.filer)
    # Where there is no cover its school hears of that alone.
    if whose.problem is not None and COVERS[result.filed_by] in result.rows:
        result.problems.append(whose.problem)
    unsure = {ProblemKind.school_is_unknown}
    if result.filed_by == Filer.bureau:
        unsure.add(ProblemKind.filer_is_contradicted)
    is_sure = whose.problem is None or whose.problem.kind not in unsure
    result.is_read = result.city is not None and is_sure
    if says_it_is_no_report(result.file_name, context.form.year):
        kind = ProblemKind.text_says_otherwise
        result.problems.append(Problem(kind, typed=result.file_name))
    year, wanted = cover.cell("year"), str(context.form.year)
    if year.read is not None and year.read != wanted:
        place = (cover.sheet, year.cell, "year", year.typed)
        other = Problem(ProblemKind.year_is_not_the_inbox_year, *place, Text(wanted, wanted))
        result.problems.append(other)


def _whose(result: Submission, context: Context) -> Whose:
    find = whose_bureau if result.filed_by == Filer.bureau else whose_school
    return find(_cover(result), context)


def _cover(result: Submission) -> Cover:
    row = next(iter(result.rows.get(COVERS[result.filed_by], [])), FiledRow("", 0, {}))
    return Cover(row.record, row.sheet, result.file_name)


def _assign(result: Submission, filer: School | Bureau | None) -> None:
    if filer is None:
        return
    result.city = filer.city
    if isinstance(filer, School):
        result.school_code, result.school_name = filer.code, filer.name


def _assign_by_file_name(result: Submission, context: Context) -> None:
    """Give an unreadable file to the school or bureau that its name names, so that it hears of it.

    A file whose cover names some other, unknown school is not given to anybody.
    """
    if not _cover(result).cell("school_code").typed:
        filer = named_by_file(result.file_name, context)
        if isinstance(filer, Bureau):
            result.filed_by = Filer.bureau
        _assign(result, filer)
