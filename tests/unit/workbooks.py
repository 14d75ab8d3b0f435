"""Real files for the intake's tests: one good school, in every dress that a workbook comes in.

What belongs here: building bytes, and asking what was read. What does not: what has to be read;
that is with the tests. The school is made up (合成示例).
"""

from __future__ import annotations

import csv
import io
import zipfile
from copy import deepcopy
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from orchestration.forms.contract import Form, load_form
from orchestration.forms.template import header_of
from orchestration.ground.home import REPOSITORY
from orchestration.intake.reading.filer import Bureau, Context, School
from orchestration.intake.reading.submission import Submission, read_submission
from orchestration.intake.receipt import address

ROOTS = [REPOSITORY / "forms"]
CITY, CITY_CODE = "shilishi", "990100"
CODE, NAME = "9900000001", "示例职业中专（合成示例）"
OTHER, OTHER_NAME = "9900000002", "示例技工学校（合成示例）"

# What the good school files, by table and column.
GOOD: dict[str, Any] = {
    "cover": {"school_code": CODE, "school_name": NAME, "year": 2024, "is_confirmed": "是"},
    "profile": {"ownership": "公办", "school_class": "普通中专", "founded_year": 1985},
    "programmes": [
        {"major_code": "710101", "major_name": "大数据技术应用", "entrants": 40, "enrolled": 120},
        {"major_code": "610101", "major_name": "作物生产技术", "entrants": 20, "enrolled": 55},
    ],
    "students": {"entrants": 60, "enrolled": 175, "certificate_holders": 30},
    "staff": {"staff": 30, "full_time_teachers": 24},
    "conditions": {"campus_area_m2": 20000.5, "books": 9000},
    "destinations": {
        **{"graduates": 50, "directly_employed": 20, "further_study": 28},
        "without_destination": 2,
    },
    "finance": {"fiscal_appropriation_10k_cny": 812.35},
    "satisfaction": [{"respondent": "学生", "surveyed": 100, "satisfied": 97}],
    "cases": [{"title": "示例案例", "body": "合成示例"}],
}
BUREAU: dict[str, Any] = {
    "bureau_cover": {
        "city_code": CITY_CODE,
        "city_name": "示例市",
        "year": 2024,
        "is_confirmed": "是",
    },
    "bureau": {"lead_colleges": 3},
}


def context(year: int = 2024) -> Context:
    """What reading the year's files needs to know: two schools of one city, and its bureau."""
    form = load_form(year, ROOTS)
    schools = {CODE: School(CITY, CODE, NAME), OTHER: School(CITY, OTHER, OTHER_NAME)}
    bureaus = {CITY_CODE: Bureau(CITY, CITY_CODE, "示例市")}
    return Context(form, schools, bureaus, ROOTS)


def read(data: bytes, name: str = f"{CODE}_示例.xlsx", year: int = 2024) -> Submission:
    """Read one file, as intake does."""
    return read_submission(Path(name), data, "0" * 64, context(year))


def cell(submission: Submission, table: str, column: str, row: int = 0) -> tuple[str, Any, str]:
    """What was typed, what was read, and the address, of one value."""
    return submission.rows[table][row][2][column]


def value(submission: Submission, table: str, column: str, row: int = 0) -> str | None:
    """What was read of one value."""
    return cell(submission, table, column, row)[1]


def kinds(submission: Submission) -> list[str]:
    """The kinds of all problems, sorted."""
    return sorted(problem.kind for problem in submission.problems)


def places(submission: Submission, kind: str) -> list[str]:
    """Where problems of a kind are."""
    return sorted(f"{p.sheet}!{p.cell}" for p in submission.problems if p.kind == kind)


def only_problem(data: bytes, name: str = f"{CODE}_示例.xlsx") -> str:
    """The one problem of a file that cannot be read; its school hears of it all the same."""
    found = read(data, name)
    assert not found.is_read
    assert found.rows == {}
    assert found.school_code == CODE
    assert len(found.problems) == 1
    problem = found.problems[0]
    assert problem.detail.zh and problem.detail.en
    return problem.kind


def entries(submission: Submission) -> list[tuple[Any, ...]]:
    """What is listed of all cells, as sheet, range, column, typed, read and kind."""
    return [(*e[:5], e.kind) for receipt in submission.receipts for e in receipt.entries]


class Book:
    """The good school's workbook as plain grids, to be changed and written in some format."""

    def __init__(self, year: int = 2024, content: dict[str, Any] | None = None) -> None:
        self.form: Form = load_form(year, ROOTS)
        self.hidden: set[str] = set()
        content = deepcopy(content or GOOD)
        filer = "bureau" if "bureau" in content else "school"
        if "cover" in content:
            content["cover"]["year"] = year
        self.sheets: dict[str, list[list[Any]]] = {}
        for table in self.form.filed_by(filer):
            grid: list[list[Any]] = [[table.sheet]]
            if table.kind == "fields":
                grid.append(["项目", "填报值"])
                own = content.get(table.id, {})
                grid += [[header_of(c), own.get(c.id)] for c in table.columns]
            else:
                grid.append([header_of(c) for c in table.columns])
                for row in content.get(table.id, []):
                    grid.append([row.get(c.id) for c in table.columns])
            self.sheets[table.sheet] = grid

    def place(self, table: str, column: str, row: int = 0) -> tuple[str, int, int]:
        """The sheet and the zero-based cell of a value."""
        found = self.form.tables[table]
        at = [c.id for c in found.columns].index(column)
        return (found.sheet, at + 2, 1) if found.kind == "fields" else (found.sheet, row + 2, at)

    def at(self, table: str, column: str, row: int = 0) -> str:
        """The same as an address with its sheet."""
        sheet, line, column_number = self.place(table, column, row)
        return f"{sheet}!{address(line, column_number)}"

    def set(self, table: str, column: str, typed: Any, row: int = 0) -> Book:
        """Type something over a value."""
        sheet, line, at = self.place(table, column, row)
        self.sheets[sheet][line][at] = typed
        return self

    def xlsx(self) -> bytes:
        """As openpyxl writes it: a text that begins with = is a formula without a value."""
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in self.sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
            if name in self.hidden:
                sheet.sheet_state = "hidden"
        return saved(book.save)

    def xls(self) -> bytes:
        """As Excel 97 to 2003 wrote it; `#…` is an error cell."""
        book = xlwt.Workbook()
        for name, rows in self.sheets.items():
            sheet = book.add_sheet(name)
            sheet.visibility = 1 if name in self.hidden else 0
            for line, row in enumerate(rows):
                for at, content in enumerate(row):
                    if isinstance(content, str) and content.startswith("#"):
                        sheet.row(line).set_cell_error(at, content)
                    elif content is not None:
                        sheet.write(line, at, content)
        return saved(book.save)

    def ods(self) -> bytes:
        """As LibreOffice and WPS write OpenDocument; a text that begins with = has no value."""
        book = OpenDocumentSpreadsheet()
        for name, rows in self.sheets.items():
            table = Table(name=name)
            for row in rows:
                line = TableRow()
                for content in row:
                    line.addElement(_ods_cell(content))
                table.addElement(line)
            book.spreadsheet.addElement(table)
        return saved(book.save)

    def csv_zip(self, encoding: str, folder: str = "") -> bytes:
        """As zipped csv, file names in the same code page as their content."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, rows in self.sheets.items():
                text = io.StringIO(newline="")
                csv.writer(text).writerows(rows)
                member = f"{folder}{name}.csv"
                if encoding == "gbk":
                    # A Chinese Windows writes the bytes without the flag that says UTF-8.
                    member = member.encode("gbk").decode("cp437")
                info = _Unflagged(member) if encoding == "gbk" else zipfile.ZipInfo(member)
                archive.writestr(info, text.getvalue().encode(encoding))
        return target.getvalue()

    def wps(self) -> bytes:
        """As other producers write .xlsx: inline texts, prefixes, unusual file names and order."""
        names = list(self.sheets)
        ids = {name: f"rId{100 - number}" for number, name in enumerate(names)}
        sheets = "".join(
            f"<x:sheet name={quoteattr(n)} sheetId='{k}' r:id='{ids[n]}'/>"
            for k, n in enumerate(names, 1)
        )
        links = "".join(
            f"<Relationship Id='{ids[n]}' Type='{_OFFICE}/relationships/worksheet' "
            f"Target='/xl/worksheets/data{k}.xml'/>"
            for k, n in reversed(list(enumerate(names, 1)))
        )
        parts = {
            "[Content_Types].xml": _content_types(len(names)),
            "_rels/.rels": f"<Relationships xmlns='{_PACKAGE}/relationships'><Relationship Id='a' "
            f"Type='{_OFFICE}/relationships/officeDocument' Target='xl/workbook.xml'/>"
            "</Relationships>",
            "xl/workbook.xml": f"<x:workbook xmlns:x='{_MAIN}' xmlns:r='{_OFFICE}/relationships'>"
            f"<x:sheets>{sheets}</x:sheets></x:workbook>",
            "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{_PACKAGE}/relationships'>{links}"
            "</Relationships>",
        }
        for number, rows in enumerate(self.sheets.values(), 1):
            parts[f"xl/worksheets/data{number}.xml"] = _sheet_xml(rows)
        return zipped(parts)


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """An archive of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    """The archive with one member more, or another content of it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {n: archive.read(n) for n in archive.namelist()}
    return zipped({**parts, name: content})


def computed(book: Book, formulas: dict[str, tuple[str, Any]]) -> bytes:
    """As Excel saves it: by `sheet!cell` a formula with the value that was computed last."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False}) as written:
        for name, rows in book.sheets.items():
            sheet = written.add_worksheet(name)
            for line, row in enumerate(rows):
                for at, content in enumerate(row):
                    found = formulas.get(f"{name}!{address(line, at)}")
                    if found:
                        sheet.write_formula(line, at, found[0], None, found[1])
                    else:
                        sheet.write(line, at, content)
    return as_saved_by_excel(target.getvalue())


def as_saved_by_excel(data: bytes) -> bytes:
    """A library that never computes asks Excel to; Excel itself saves what it computed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        workbook = archive.read("xl/workbook.xml")
    asked = b' fullCalcOnLoad="1"'
    assert asked in workbook
    return with_member(data, "xl/workbook.xml", workbook.replace(asked, b""))


def compound(*streams: str) -> bytes:
    """The beginning of a compound file, with the names of its streams in it."""
    names = "".join(name.ljust(32, "\0") for name in streams)
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + names.encode("utf-16-le")


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


class _Unflagged(zipfile.ZipInfo):
    """A member whose name is written in the code page, without the flag of UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("cp437"), self.flag_bits


def saved(save: Any) -> bytes:
    target = io.BytesIO()
    save(target)
    return target.getvalue()


def _ods_cell(content: Any) -> TableCell:
    if content is None:
        return TableCell()
    if isinstance(content, int | float):
        return TableCell(valuetype="float", value=str(content))
    if content.startswith("="):
        return TableCell(formula=f"of:{content}")
    if content.startswith("#"):
        made = TableCell(formula="of:=[.#REF!]", valuetype="string", stringvalue="")
    else:
        made = TableCell(valuetype="string")
    made.addElement(P(text=content))
    return made


def _content_types(sheets: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = "".join(
        f"<Override PartName='/xl/worksheets/data{n}.xml' ContentType='{kind}.worksheet+xml'/>"
        for n in range(1, sheets + 1)
    )
    return (
        f"<Types xmlns='{_PACKAGE}/content-types'><Default Extension='xml' "
        "ContentType='application/xml'/><Default Extension='rels' "
        "ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
        f"<Override PartName='/xl/workbook.xml' ContentType='{kind}.sheet.main+xml'/>"
        f"{parts}</Types>"
    )


def _sheet_xml(rows: list[list[Any]]) -> str:
    lines = []
    for row in rows:
        cells = []
        for content in row:
            if content is None:
                cells.append("<x:c/>")
            elif isinstance(content, int | float):
                cells.append(f"<x:c><x:v>{content}</x:v></x:c>")
            elif content.startswith("="):
                cells.append(f"<x:c><x:f>{escape(content[1:])}</x:f></x:c>")
            elif content.startswith("#"):
                cells.append(f"<x:c t='e'><x:v>{content}</x:v></x:c>")
            else:
                text = f"<x:is><x:t>{escape(content)}</x:t></x:is>"
                cells.append(f"<x:c t='inlineStr'>{text}</x:c>")
        lines.append(f"<x:row>{''.join(cells)}</x:row>")
    return (
        f"<x:worksheet xmlns:x='{_MAIN}'><x:sheetData>{''.join(lines)}</x:sheetData></x:worksheet>"
    )
