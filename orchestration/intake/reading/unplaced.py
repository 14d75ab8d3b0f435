"""What stands in no table of the form: other sheets, cells far out, comments, texts of boxes.

What belongs here: saying that it was not read, and what it may be. What does not: which sheet holds
which table (submission.py), and what stands beside a table on its own sheet (records.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches

from orchestration.forms.contract import Filer, Table
from orchestration.ground.text import Text
from orchestration.intake.layout.labels import names_of, plain_sheet
from orchestration.intake.layout.layout import NOT_READ, not_read, says
from orchestration.intake.layout.notes import ASIDE, is_harmless_note, only_confirms
from orchestration.intake.layout.titles import is_harmless_title
from orchestration.intake.layout.unit_lines import units_said
from orchestration.intake.plain_text import typed_text
from orchestration.intake.reading.filer import Context, says_it_is_no_report
from orchestration.intake.reading.records import FiledRow, layout_of
from orchestration.intake.reading.said_of_all import Filed, names_another
from orchestration.intake.receipt import Entry, Outcome, SheetReceipt, address, address_of
from orchestration.intake.workbook.problems import Problem, ProblemKind
from orchestration.intake.workbook.sheet import Hanging, Sheet, place_of

_PICTURES_OF_WPS = "WpsReserved_CellImgList"
_OF_PICTURES = re.compile(r"ID_[0-9A-F]+|image\d*|=?DISPIMG\(.*\)|\d+")
_OF_PROGRAMS = re.compile(
    r"Evaluation Warning ?: ?The document was created with|此文稿已从 Numbers"
)
# What a list of sheets says beside their names.
_OF_LISTS = re.compile(
    r"(?:返回)?目录|序号|表名|表号|名称|页码|工作表|链接"
    r"|Numbers 表格(?:工作表|的表格)名称|Excel 工作表名称"
    r"|表格 \d+|[附表]{1,2}[一二三四五六七八九十\d]{1,3}"
)
# Of a folder, whose name need not say which report it holds.
_OF_NO_REPORT = re.compile(r"样[例表本]|模板|示例|去年|上年|往年|预算|计划|单位\W*[千百万亿]*元")
_YEAR = re.compile(r"20\d\d")
_NEAR = 0.6  # how alike sheets' names are of which one may be the other


def account_for_other(
    sheet: Sheet,
    tables: list[Table],
    found: Mapping[str, Sheet],
    near: Table | None,
    year: int,
) -> tuple[Problem, SheetReceipt]:
    """Say what became of a sheet that holds no table: a copy of one, or something of its own.

    `near` is the missing one that may be meant by its name.
    """
    cells = [
        (row, at, typed_text(value))
        for row, values in enumerate(sheet.rows)
        for at, value in enumerate(values)
        if says(value)
    ]
    rows, columns = [row for row, _, _ in cells], [at for _, at, _ in cells]
    range_ = address_of(min(rows), min(columns), max(rows), max(columns))
    typed = "、".join(text.strip() for _, _, text in cells[:3])[:60]
    twin = next((table for table in tables if _is_same_table(sheet, table, year)), None)
    kind, detail = ProblemKind.content_is_not_read, Text("", "")
    if twin is not None:
        kind, other = ProblemKind.sheets_compete, found[twin.id].name
        detail = Text(f"“{other}”", f"'{other}'")
    elif near is not None:
        zh, en = near.sheet, f" (the sheet's name is near the form's '{near.sheet}')"
        detail = Text(f"（工作表名与报表的“{zh}”相近）", en)
    elif sheet.is_hidden:
        detail = Text("（隐藏的工作表）", " (a hidden sheet)")
    receipt = SheetReceipt(sheet.name)
    receipt.counts[Outcome.not_read] = len(cells)
    receipt.entries.append(Entry(sheet.name, range_, "", typed, None, Outcome.not_read, kind))
    return Problem(kind, sheet.name, range_, typed=typed, detail=detail), receipt


def is_of_a_program(sheet: Sheet, names: Collection[str]) -> bool:
    """Tell whether a program added a sheet of its own, or one lists the others and nothing else.

    `names` are those of all sheets. What it says beside all that is somebody's, and is asked about.
    """
    texts = [typed_text(v).strip() for values in sheet.rows for v in values if says(v)]
    if not texts:
        return False
    own = {*names, *map(plain_sheet, names)}
    if sheet.name == _PICTURES_OF_WPS:
        return sheet.is_hidden and all(map(_OF_PICTURES.fullmatch, texts))
    is_told = _OF_PROGRAMS.match(texts[0]) is not None
    rest = texts[1:] if is_told else texts
    is_listed = sum(text in own for text in rest) > 1 or (is_told and not rest)
    return is_listed and all(
        text in own or _OF_LISTS.fullmatch(text) or (text.isdecimal() and int(text) <= len(names))
        for text in rest
    )


def account_for_strays(
    sheet: Sheet,
    receipt: SheetReceipt,
    rows: Iterable[FiledRow],
    filed: Filed,
    context: Context,
) -> list[Problem]:
    """Return problems for what stands far beyond a sheet's table, and what hangs on its cells.

    The account of the sheet gets an entry for each; `rows` are what was read of it.
    """
    problems, year = [*_of_covers(sheet, receipt, rows)], context.form.year
    strays = [(place, text, Text("", ""), False) for place, text in sheet.strays.items()]
    for place, hangs, text in sheet.notes:
        if hangs == Hanging.cover:
            continue
        is_of_page = hangs in (Hanging.header, Hanging.footer)
        is_aside = is_of_page and _is_due_on_page(text, sheet, filed, context)
        is_aside |= not (is_of_page or units_said(text)) and is_harmless_note(text, year)
        is_aside |= hangs == Hanging.folder and _is_folder_of(text, filed, context)
        strays.append((place, text, hangs.text, is_aside or only_confirms(text)))
    kind = ProblemKind.content_is_not_read
    for place, text, where, is_aside in strays:
        at = (sheet.name, address(*place))
        what = ASIDE if is_aside else NOT_READ
        if not is_aside:
            problems.append(Problem(kind, *at, typed=text, detail=where))
        receipt.counts[what.outcome] += 1
        receipt.entries.append(Entry(*at, "", text, None, *what))
    return problems


def _of_covers(sheet: Sheet, receipt: SheetReceipt, rows: Iterable[FiledRow]) -> Iterator[Problem]:
    """Account for pictures and the like; yield a problem for each over cells that were read."""
    covers = [range_ for _, hangs, range_ in sheet.notes if hangs == Hanging.cover]
    if not covers:
        return
    own = [row.record.values() for row in rows if row.sheet == sheet.name]
    read = [place_of(cell.cell) for cells in own for cell in cells if cell.typed]
    kind = ProblemKind.cells_are_covered
    for range_ in covers:
        first, _, last = range_.partition(":")
        (top, left), (bottom, right) = place_of(first), place_of(last or first)
        is_over = any(top <= row <= bottom and left <= at <= right for row, at in read)
        what = not_read(kind) if is_over else ASIDE
        receipt.entries.append(Entry(sheet.name, range_, "", range_, None, *what))
        receipt.counts[what.outcome] += 1
        if is_over:
            yield Problem(kind, sheet.name, range_, typed=range_)


def _is_due_on_page(text: str, sheet: Sheet, filed: Filed, context: Context) -> bool:
    """Tell whether a page's header or footer leaves the figures what they are, and whose they are.

    A unit there is of all columns, and no form has one for all.
    """
    if units_said(text) or names_another(text, filed, context):
        return False
    form, name = context.form, plain_sheet(sheet.name)
    if plain_sheet(text) == name or is_harmless_note(text, form.year):
        return True
    tables = (context.tables_by_name[filer].get(name) for filer in Filer)
    return any(table and is_harmless_title(text, form.tables[table], form.year) for table in tables)


def _is_folder_of(path: str, filed: Filed, context: Context) -> bool:
    """Tell whether folders are called as it is no matter: after nobody else, no year, no unit."""
    year = context.form.year
    return not names_another(path, filed, context) and not any(
        units_said(name)
        or says_it_is_no_report(name, year)
        or _OF_NO_REPORT.search(name)
        or (_YEAR.fullmatch(name) and name != str(year))
        for name in path.split("/")
    )


def _is_same_table(sheet: Sheet, table: Table, year: int) -> bool:
    """Tell whether a sheet has most labels of a table, or bears its name."""
    if plain_sheet(sheet.name) in names_of(table):
        return True
    layout = layout_of(sheet, table, year)
    return len(layout.found | layout.qualified) * 2 >= max(len(table.columns), 4)


def missing_sheet(table: Table, sheets: Iterable[Sheet], found: Iterable[Sheet]) -> Problem:
    """Return the problem of a table that is on no sheet; it says which may be meant for it."""
    taken, detail = {sheet.name for sheet in found}, Text("", "")
    names = (sheet.name for sheet in sheets if sheet.name not in taken)
    near = next((name for name in names if is_near(name, table)), None)
    if near is not None:
        detail = Text(f"；名称相近的是“{near}”", f"; the nearest name is '{near}'")
    name = table.sheet
    return Problem(ProblemKind.sheet_is_missing, sheet=name, typed=name, detail=detail)


def is_near(name: str, table: Table) -> bool:
    """Tell whether a sheet's name may be meant for a table's."""
    one, other = plain_sheet(name), plain_sheet(table.sheet)
    return other in one or bool(get_close_matches(one, [other], 1, _NEAR))
