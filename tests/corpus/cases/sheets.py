"""Sheets: copies, newer ones, hidden ones, scratch paper; what stands far from the form."""

import io
import zipfile

from grids import Book
from judge import untouched
from truth import ALL, NOBODY_CAN_TELL, SHEETS, Case, Truth
from writers import xlsx


def newer(name: str, first: bool = False):
    """A second sheet with the form's labels and other values."""

    def mess(book: Book) -> Truth:
        grid = book.copy_of("学生", name)
        for row, value in enumerate((1520, 2460, 160, 2390, 2260), start=2):
            grid.set(row, 1, value)
        if first:
            book.sheets.insert(0, book.sheets.pop())
        columns = untouched("school")["students"][0]
        return Truth({("students", c): NOBODY_CAN_TELL for c in columns}, beside={name})

    return mess


def newer_records(name: str):
    def mess(book: Book) -> Truth:
        grid = book.copy_of("培训服务", name)
        grid.append("电工培训", "企业委托", 2, 80, 16, 4, None, None)
        return Truth(records={"training": NOBODY_CAN_TELL}, beside={name})

    return mess


def same_again(name: str):
    """A copy that says the same: whichever counts, the values are right."""

    def mess(book: Book) -> Truth:
        book.copy_of("学生", name)
        return Truth(asked={"学生"}, beside={name})

    return mess


def hidden_sheet(book: Book) -> Truth:
    book["学生"].is_hidden = True
    columns = untouched("school")["students"][0]
    return Truth({("students", c): NOBODY_CAN_TELL for c in columns})


def hidden_old_copy(book: Book) -> Truth:
    newer("学生旧")(book)
    book["学生旧"].is_hidden = True
    columns = untouched("school")["students"][0]
    return Truth({("students", c): NOBODY_CAN_TELL for c in columns}, beside={"学生旧"})


def scratch(name: str):
    """A sheet with figures that are not of the form."""

    def mess(book: Book) -> Truth:
        book.add(name, [["班级", "人数"], ["一班", 45], ["二班", 44]])
        return Truth(asked={name})

    return mess


def renamed(book: Book) -> Truth:
    """The form's sheet has another name."""
    book["学生"].name = "学生情况一览"
    columns = untouched("school")["students"][0]
    return Truth({("students", c): NOBODY_CAN_TELL for c in columns}, beside={"学生情况一览"})


def stray(sheet: str, row: int, column: int, value, *, is_said: bool = True):
    def mess(book: Book) -> Truth:
        book[sheet].set(row, column, value)
        return Truth(asked={sheet} if is_said else set())

    return mess


def last_row(text: str):
    """Something in the last row that a sheet can have."""

    def write(book: Book) -> bytes:
        names = [grid.name for grid in book.sheets]
        member = f"xl/worksheets/sheet{names.index('学生') + 1}.xml"
        cell = f'<c r="A1048576" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        target = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(xlsx(book))) as read,
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written,
        ):
            for name in read.namelist():
                part = read.read(name)
                if name == member:
                    row = f'<row r="1048576">{cell}</row></sheetData>'.encode()
                    part = part.replace(b"</sheetData>", row)
                written.writestr(name, part)
        return target.getvalue()

    return write


def nothing(book: Book) -> None:
    """What is wrong is done in writing."""


def asked_of(sheet: str):
    def mess(book: Book) -> Truth:
        return Truth(asked={sheet})

    return mess


def case(kind: str, name: str, mess, formats=ALL, **more) -> Case:
    return Case(kind, name, mess, formats, **more)


CASES = [
    case("sheets", "学生修改版", newer("学生修改版")),
    case("sheets", "学生 (2)", newer("学生 (2)")),
    case("sheets", "学生副本", newer("学生副本"), ("xlsx", "ods")),
    case("sheets", "学生（新）", newer("学生（新）"), ("xlsx", "xls")),
    case("sheets", "学生2", newer("学生2"), ("xlsx", "csv.zip")),
    case("sheets", "学生-最终版", newer("学生-最终版"), ("xlsx",)),
    case("sheets", "新学生, in front", newer("新学生", first=True), ("xlsx",)),
    case("sheets", "Sheet1", newer("Sheet1"), ("xlsx", "xls")),
    case("sheets", "培训服务（更正）", newer_records("培训服务（更正）"), ("xlsx", "csv.zip")),
    case("sheets", "a copy that says the same", same_again("学生 (2)"), ("xlsx",)),
    case("sheets", "hidden", hidden_sheet, SHEETS),
    case("sheets", "a hidden old copy", hidden_old_copy, SHEETS),
    case("sheets", "scratch paper", scratch("草稿")),
    case("sheets", "scratch paper Sheet1", scratch("Sheet1"), ("xlsx",)),
    case("sheets", "another name", renamed, ("xlsx", "csv.zip")),
    case("stray", "a word far out", stray("学生", 60, 25, "内部资料")),
    case("stray", "a figure far out", stray("学生", 3000, 30, 2451), ("xlsx", "xls")),
    case("stray", "a figure beside the form", stray("学生", 4, 5, 160)),
    case("stray", "a figure below the form", stray("学生", 9, 1, 2451), ("xlsx", "csv.zip")),
    case("stray", "a figure above the form", stray("学生", 0, 2, 2451), ("xlsx", "ods")),
    case("stray", "a figure beside records", stray("培训服务", 2, 9, 500), ("xlsx", "csv.zip")),
    case("stray", "a space far out", stray("学生", 40, 20, " ", is_said=False), is_good=True),
    case("stray", "a figure on the instructions", stray("填报说明", 30, 0, 2451), ("xlsx",)),
    case("stray", "a space in the last row", nothing, ("xlsx",), is_good=True, write=last_row(" ")),
    case("stray", "a word in the last row", asked_of("学生"), ("xlsx",), write=last_row("草稿")),
]
