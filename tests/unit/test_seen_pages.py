"""Headers and footers of printed pages: what they say is read, and asked about unless it is due."""

import pytest
from test_seen_beside import finance, xlsx
from workbooks import OTHER_NAME, entries, kinds, places, read

from orchestration.intake.workbook.ooxml.pages import pages_of
from orchestration.intake.workbook.sheet import Hanging


def on_pages(sheet, _):
    sheet.oddHeader.left.text, sheet.oddHeader.right.text = "&A", "单位：千元"
    sheet.firstHeader.center.text = "R&&D作&B废"
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    sheet.evenFooter.left.text = "打印日期：&D"


def test_what_a_page_says_is_told_of_and_its_number_and_the_names_are_not():
    data = xlsx(on_pages)
    told = [(Hanging.header, "单位：千元"), (Hanging.header, "R&D作废")]
    aside = (Hanging.footer, "打印日期：")
    assert [note[1:] for note in finance(data).notes] == [told[0], aside, told[1]]
    found = read(data)
    assert [(p.typed, p.detail) for p in found.problems] == [(t, h.text) for h, t in told]
    assert {e[3]: e[5] for e in entries(found)}["打印日期："] == "note_row"


@pytest.mark.parametrize("text", ["示例职业中专（合成示例）", "2024年度质量年报", "经费", "第1页"])
def test_a_page_that_says_whose_and_of_which_year_it_is_asks_nobody(text):
    def change(sheet, _):
        sheet.oddHeader.center.text = text

    assert kinds(read(xlsx(change))) == []


def test_a_page_that_names_another_school_is_asked_about():
    def change(sheet, _):
        sheet.oddFooter.center.text = OTHER_NAME

    assert places(read(xlsx(change)), "content_is_not_read") == ["经费!A1"]


def test_a_page_of_a_view_that_nobody_prints_says_nothing():
    view = (
        b"<customSheetViews><customSheetView guid='{1}'><headerFooter><oddHeader>1</oddHeader>"
        b"</headerFooter></customSheetView></customSheetViews>"
    )
    said = (
        b"<x:headerFooter><x:oddHeader>&amp;L\xe4\xbd\x9c&amp;10 2</x:oddHeader></x:headerFooter>"
    )
    sheet = b"<x:sheetData/>%b%b" % (view, said)
    assert [note.text for note in pages_of(sheet)] == ["作 2"]
