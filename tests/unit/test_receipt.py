"""The account of a workbook: every cell that says something has one outcome."""

import io
from collections import Counter

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from workbooks import Book, entries, read, saved

from orchestration.forms.contract import load_form
from orchestration.forms.template import write_template
from orchestration.ground.home import REPOSITORY
from orchestration.intake.layout.layout import says
from orchestration.intake.receipt import Mark, Outcome, address, blocks
from orchestration.intake.workbook.reader import read_workbook
from orchestration.intake.workbook.sheet import place_of


def account(data):
    """By sheet: how many cells had which outcome, and how many there are."""
    found = read(data)
    counts = {receipt.sheet: receipt.counts for receipt in found.receipts}
    cells = {
        sheet.name: sum(says(value) for row in sheet.rows for value in row) + len(sheet.strays)
        for sheet in read_workbook(data)
    }
    return found, counts, cells


def template(**filled):
    target = io.BytesIO()
    write_template(target, load_form(2024, [REPOSITORY / "forms"]), filled, {})
    return openpyxl.load_workbook(io.BytesIO(target.getvalue()))


def messy():
    """Cells converted, refused and beside the form, a total, a note, a sheet of the school's."""
    book = Book().set("students", "enrolled", "175人").set("staff", "staff", "约30")
    book.set("finance", "fiscal_appropriation_10k_cny", "#REF!")
    book.sheets["学生"][4] += [None, None, "旁边写的", 12]
    book.sheets["专业设置"] += [["合计", None, None, None, 175], ["注：示例"], ["说明不全"]]
    book.sheets["草稿"] = [[], [None, "示例", 3]]
    return book


@pytest.mark.parametrize("save", ["xlsx", "xls", "ods"])
def test_every_cell_of_a_messy_workbook_is_counted_once(save):
    found, counts, cells = account(getattr(messy(), save)())
    assert {sheet: sum(c.values()) for sheet, c in counts.items()} == {
        sheet: number for sheet, number in cells.items() if number or sheet in counts
    }
    listed = Counter(entry.outcome for r in found.receipts for entry in r.entries)
    assert counts["学生"][Outcome.converted] == 1
    assert counts["教职工"][Outcome.not_read] == 1
    assert counts["教职工"][Outcome.converted] == 0
    assert counts["草稿"][Outcome.not_read] == 2
    assert listed[Outcome.converted] == 1 and listed[Outcome.passed_over] >= 2


def test_every_cell_of_the_template_is_the_forms_or_was_filled_in_before():
    _, counts, cells = account(saved(template(school_code="9900000001").save))
    assert {sheet: sum(c.values()) for sheet, c in counts.items()} == cells
    assert "填报说明" in counts and counts["填报说明"][Outcome.label] == cells["填报说明"]
    assert sum(c[Outcome.not_read] + c[Outcome.passed_over] for c in counts.values()) == 0


def test_a_list_that_came_back_is_passed_over_but_for_what_was_typed_there():
    book = Book()
    book.sheets["问题清单"] = [["编号 No.", "说明 Explanation", "规则 Rule"], ["1", "属实", "r"]]
    found, counts, _ = account(book.xlsx())
    assert counts["问题清单"][Outcome.passed_over] == 5
    assert counts["问题清单"][Outcome.read] == 1
    assert ("问题清单", "A1:C2", "problem_list") in [(*e[:2], e[-1]) for e in entries(found)]


def scattered(count):
    mark = Mark(Outcome.not_read, "content_is_not_read")
    return [(2 * number, 4 + 2 * (number % 5), "7", mark) for number in range(count)]


def test_cells_scattered_over_a_sheet_are_not_a_finding_each():
    found = blocks(scattered(10_000))
    assert len(found) == 51
    assert (found[-1].places, found[-1].range) == (9950, "E101:M19999")
    assert found[-1].typed == "7、7、7…（×9950）"


def test_some_cells_beside_a_form_are_a_finding_each():
    found = blocks(scattered(50))
    assert [block.places for block in found] == [1] * 50


@pytest.mark.parametrize("place", [(0, 0), (4, 2), (9, 25), (0, 26), (19_999, 499), (9, 16_383)])
def test_addresses_are_those_of_spreadsheets(place):
    row, column = place[0] + 1, get_column_letter(place[1] + 1)
    assert address(*place) == f"{column}{row}"
    assert place_of(f"{column}{row}") == place_of(f"${column}${row}") == place
