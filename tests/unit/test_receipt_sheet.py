"""The sheet 读取回执: what a school sees there, and that it is passed over when it comes back."""

import io
from collections import Counter

import openpyxl
import pytest
from workbooks import Book, kinds, read, saved, value

from orchestration.intake.reading.receipt_sheet import RECEIPT_SHEET, write_receipt
from orchestration.intake.receipt import Entry, Outcome, SheetReceipt
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.schools.receipts import as_lines, why

MOBILE = "13800138000"
ENTRIES = [
    Entry("学生", "B4", "enrolled", "１，１７５人", "1175", Outcome.converted, "unit_suffix"),
    Entry("学生", "D3:E5", "", f"=A1 {MOBILE}\n#N/A", None, Outcome.not_read, "cell_is_ambiguous"),
    Entry("没有", "A1", "", " ", None, Outcome.passed_over, "total_row"),
]
COUNTS = Counter({Outcome.label: 20, Outcome.read: 9, Outcome.converted: 1, Outcome.not_read: 6})
RECEIPTS = [SheetReceipt("学生", COUNTS, ENTRIES[:2]), SheetReceipt("没有", Counter(), ENTRIES[2:])]


def opened(school=None):
    """The good school's workbook with a receipt in it, as openpyxl has it."""
    book = openpyxl.load_workbook(io.BytesIO((school or Book()).xlsx()))
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    write_receipt(book, as_lines(RECEIPTS, ["示例说明 a note"]), sheets)
    return book


def grid(book, name=RECEIPT_SHEET):
    return [[cell.value for cell in row] for row in book[name].iter_rows()]


def account(found):
    """The receipt of the receipt's own sheet, None if it was taken for the school's."""
    own = [r for r in found.receipts if r.sheet.startswith(RECEIPT_SHEET)]
    passed = [r for r in own if r.counts[Outcome.passed_over]]
    return passed[0] if passed else None


def test_a_school_sees_counts_and_places_in_both_languages():
    sheet = openpyxl.load_workbook(io.BytesIO(saved(opened().save)))[RECEIPT_SHEET]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0].startswith("读取回执 Reading receipt")
    assert rows[1][0] == "示例说明 a note"
    head = ["工作表 Sheet", "已读 read", "换算后读入 read after conversion", "未计入 passed over"]
    assert rows[3] == [*head, "未读 not read", "表样 part of the form"]
    assert rows[4] == ["学生", 9, 1, 0, 6, 20]
    first, second, third = rows[8:11]
    assert first == [
        *("学生", "B4", "换算后读入 read after conversion", "１，１７５人", "1175"),
        "去单位 its unit taken off",
    ]
    assert second[3].startswith("***") or MOBILE not in second[3]
    assert second[5] == "内容不确定，见疑点 not definite, see the findings"
    assert third[5] == "合计行 a total"
    assert sheet["B9"].hyperlink.location == "'学生'!B4"
    assert sheet["B11"].hyperlink is None
    assert sheet.protection.sheet
    assert all(cell.protection.locked for row in sheet.iter_rows() for cell in row)
    assert not [c for row in sheet.iter_rows() for c in row if c.data_type in "fe"]


@pytest.mark.parametrize("save", ["xlsx", "xls", "ods", "csv_zip", "wps"])
def test_it_is_passed_over_when_it_comes_back_in_whatever_format(save):
    school = Book()
    school.sheets = {RECEIPT_SHEET: grid(opened()), **school.sheets}
    data = school.csv_zip("gb18030") if save == "csv_zip" else getattr(school, save)()
    found = read(data)
    assert kinds(found) == []
    assert value(found, "students", "enrolled") == "175"
    (entry,) = account(found).entries
    assert entry.range == "A1:F11"
    assert (entry.outcome, entry.kind) == ("passed_over", "problem_list")


def test_a_receipt_beside_a_schools_own_sheet_of_that_name_is_told_from_it():
    school = Book()
    school.sheets[RECEIPT_SHEET] = [["示例", 12]]
    book = opened(school)
    names = [name for name in book.sheetnames if name.startswith(RECEIPT_SHEET)]
    assert len(names) == 2
    found = read(saved(book.save))
    assert account(found).sheet == names[0]
    assert {problem.sheet for problem in found.problems} == {RECEIPT_SHEET}


@pytest.mark.parametrize("at", ["A5", "B6", "H1", "A20"])
def test_what_a_school_typed_on_it_is_not_passed_over(at):
    book = opened()
    book[RECEIPT_SHEET][at].value = "12"
    found = read(saved(book.save))
    assert account(found) is None
    assert RECEIPT_SHEET in {problem.sheet for problem in found.problems}


def test_an_empty_sheet_of_that_name_is_nothing():
    school = Book()
    school.sheets[RECEIPT_SHEET] = [[]]
    assert kinds(read(school.xlsx())) == []


def test_a_receipt_says_of_every_problem_what_it_is_in_words():
    for kind in ProblemKind:
        said = why(kind)
        assert said.zh.endswith("，见疑点")
        assert kind not in said.zh + said.en
