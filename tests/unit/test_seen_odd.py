"""Fonts of symbols, narrow columns, palettes, and what stands in a package or a sheet twice."""

import io
import struct
import zipfile

import pytest
import xlwt
from openpyxl.styles import Font
from test_seen import number_with, ods, seen, xls, xlsx
from workbooks import Book, computed, kinds, only_problem, places, read, value, with_member

from orchestration.intake.workbook.reader import read_workbook
from orchestration.intake.workbook.sheet import Unread

ENTRANTS = ("students", "entrants")
FUNDS = ("finance", "fiscal_appropriation_10k_cny")
SHEET = "xl/worksheets/sheet4.xml"
CELL = b'<c r="B3"><v>60</v></c>'


def edited(name, *edits, data=None):
    data = computed(Book(), {}) if data is None else data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(name)
    for old, new in edits:
        assert old in xml, (old, xml[:2000])
        xml = xml.replace(old, new, 1)
    return with_member(data, name, xml)


# -- fonts that have a sign for every letter -------------------------------------------------------


def test_a_number_in_signs_of_wingdings_is_not_read():
    def change(sheet, cell):
        cell.value, cell.font = 38, Font(name="Wingdings 2")

    assert kinds(read(xlsx(change))) == ["cell_shows_otherwise"]


def test_a_word_that_wingdings_lacks_is_read_and_so_is_a_number_in_a_font_of_letters():
    def ticked(sheet, cell):
        cell.value, cell.font = 38, Font(name="仿宋_GB2312")
        sheet["D3"].value, sheet["D3"].font = "√", Font(name="Wingdings")

    found = read(xlsx(ticked))
    assert value(found, *FUNDS) == "38"
    assert "cell_shows_otherwise" not in kinds(found)


def test_an_xls_and_an_ods_have_fonts_of_symbols_too():
    def change(sheet):
        sheet.write(2, 1, 38, xlwt.easyxf("font: name Webdings"))

    assert isinstance(seen(xls(change)), Unread)
    fonts = (
        b"<style:style style:name='sign' style:family='table-cell'><style:text-properties "
        b"style:font-name='Wingdings'/></style:style></office:automatic-styles>"
    )
    data = ods(number_with(b"38", b"38", b"table:style-name='sign' "))
    data = edited("content.xml", (b"</office:automatic-styles>", fonts), data=data)
    assert isinstance(seen(data), Unread)


# -- columns without room --------------------------------------------------------------------------


def columns(*said):
    cols = b"<cols>%s</cols><sheetData>" % b"".join(said)
    return edited(SHEET, (b"<sheetData>", cols))


def test_a_number_in_a_column_with_room_for_one_digit_shows_none():
    found = read(columns(b'<col min="2" max="2" width="1.5" customWidth="1"/>'))
    assert set(kinds(found)) == {"cell_shows_otherwise"}
    assert value(found, *ENTRANTS) is None


def test_a_number_in_a_merged_cell_or_in_an_ordinary_column_has_room():
    narrow = columns(b'<col min="2" max="2" width="1.5" customWidth="1"/>')
    merged = (b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="B3:C3"/></mergeCells>')
    found = read(edited(SHEET, merged, data=narrow))
    assert value(found, *ENTRANTS) == "60"
    assert kinds(read(columns(b'<col min="2" max="2" width="12" customWidth="1"/>'))) == []


def test_columns_of_no_width_are_hidden_but_for_those_that_have_one():
    default = (b"<sheetData>", b'<sheetFormatPr defaultColWidth="0"/><sheetData>')
    found = read(edited(SHEET, default))
    assert "rows_are_hidden" in kinds(found)
    assert any(place.startswith("学生!") for place in places(found, "rows_are_hidden"))
    shown = columns(b'<col min="1" max="4" width="12" customWidth="1"/>')
    found = read(
        edited(SHEET, (b"<cols>", b'<sheetFormatPr defaultColWidth="0"/><cols>'), data=shown)
    )
    assert kinds(found) == []


def test_a_narrow_column_of_an_xls_shows_no_number():
    def change(sheet):
        sheet.write(2, 1, 38)
        sheet.col(1).width = 400

    assert isinstance(seen(xls(change)), Unread)


# -- colours of a workbook's own palette -----------------------------------------------------------


@pytest.mark.parametrize(("own", "is_read"), [(b"00FFFFFF", False), (b"00123456", True)])
def test_a_colour_of_a_workbooks_own_palette_is_what_the_palette_says(own, is_read):
    def change(sheet, cell):
        cell.value, cell.font = 38, Font(name="Arial", color="00810203")

    data = edited(
        "xl/styles.xml",
        (b'rgb="00810203"', b'indexed="16"'),
        (b'<rgbColor rgb="00800000"/>', b'<rgbColor rgb="%s"/>' % own),
        data=xlsx(change),
    )
    assert (value(read(data), *FUNDS) == "38") is is_read
    assert kinds(read(data)) == ([] if is_read else ["cell_shows_nothing"])


# -- what stands twice -----------------------------------------------------------------------------


def test_two_cells_at_one_place_are_asked_about():
    twice = edited(SHEET, (CELL, CELL + CELL.replace(b"60", b"99")))
    assert kinds(read(twice)) == ["cell_is_ambiguous"]
    row = (b"</sheetData>", b'<row r="3">%s</row></sheetData>' % CELL.replace(b"60", b"99"))
    assert kinds(read(edited(SHEET, row))) == ["cell_is_ambiguous"]


def test_a_blank_cell_beside_one_at_its_place_says_nothing():
    found = read(edited(SHEET, (CELL, CELL + b'<c r="B3"/>')))
    assert kinds(found) == []
    assert value(found, *ENTRANTS) == "60"


def with_more(name, data=None):
    target = io.BytesIO(computed(Book(), {}))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, archive.read(SHEET).replace(b"60", b"99"))
    return target.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", [SHEET, SHEET.replace("sheet4", "SHEET4"), f"/{SHEET}"])
def test_a_package_with_two_parts_of_one_name_is_refused(name):
    assert only_problem(with_more(name)) == "file_is_broken"


def test_a_package_with_one_more_part_is_read():
    assert kinds(read(with_more("xl/worksheets/sheet4_old.xml"))) == []


@pytest.mark.parametrize("kind", [b"dialogsheet", b"chartsheet"])
def test_a_sheet_of_cells_that_is_said_to_be_none_is_refused(kind):
    data = computed(Book(), {})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        relations = archive.read("xl/_rels/workbook.xml.rels")
    parts = relations.split(b"<Relationship ")
    changed = b"<Relationship ".join(
        part.replace(b"relationships/worksheet", b"relationships/%s" % kind)
        if b"sheet4.xml" in part
        else part
        for part in parts
    )
    assert changed != relations
    assert (
        only_problem(with_member(data, "xl/_rels/workbook.xml.rels", changed)) == "file_is_broken"
    )


def test_an_amount_of_another_currency_is_no_yuan():
    def amount(currency):
        return read(
            ods(
                b"<table:table-cell office:value-type='currency' office:currency='%s' "
                b"office:value='988.4'/>" % currency
            )
        )

    assert value(amount(b"USD"), *FUNDS) is None
    assert value(amount(b"CNY"), *FUNDS) == "988.4"


def test_a_number_that_an_ods_shows_as_true_or_in_white_is_no_number():
    styles = (
        b"<number:%s-style xmlns:number='urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0' "
        b"xmlns:fo='urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0' style:name='N9'>"
        b"%s</number:%s-style><style:style style:name='odd' style:family='table-cell' "
        b"style:data-style-name='N9'/></office:automatic-styles>"
    )
    white = b"<style:text-properties fo:color='#%s'/><number:number number:decimal-places='0'/>"
    for kind, content, is_read in (
        (b"boolean", b"<number:boolean/>", False),
        (b"number", white % b"ffffff", False),
        (b"number", white % b"ff0000", True),
    ):
        for text in (b"", b"38"):
            data = ods(number_with(text, b"38", b"table:style-name='odd' "))
            data = edited(
                "content.xml",
                (b"</office:automatic-styles>", styles % (kind, content, kind)),
                data=data,
            )
            is_text_shown = kind == b"boolean" and text
            if not is_text_shown:
                assert isinstance(seen(data), Unread) is not is_read, (kind, content, text)


@pytest.mark.parametrize(("width", "is_read"), [(b"0.3cm", False), (b"2.2cm", True)])
def test_a_narrow_column_of_an_ods_shows_no_number(width, is_read):
    style = (
        b"<style:style style:name='thin' style:family='table-column'>"
        b"<style:table-column-properties style:column-width='%s'/></style:style>"
        b"</office:automatic-styles>" % width
    )
    data = ods(number_with(b"38", b"38"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("content.xml")
    begin = content.rindex(b"<table:table ", 0, content.index("财政拨款".encode()))
    begin = content.index(b">", begin) + 1
    columns = b"<table:table-column/><table:table-column table:style-name='thin'/>"
    content = content[:begin] + columns + content[begin:]
    content = content.replace(b"</office:automatic-styles>", style)
    assert isinstance(seen(with_member(data, "content.xml", content)), Unread) is not is_read


# -- boxes over an .xls ----------------------------------------------------------------------------


def records(*bodies):
    return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in bodies)


def boxed(text, kind=6, pieces=1):
    """A box from E3 on, as Excel writes it; 6 is a box, 25 a comment."""
    anchor = struct.pack("<HHI9H", 0, 0xF010, 18, 0, 4, 0, 2, 0, 6, 0, 5, 0)
    object_ = struct.pack("<HHHH14x", 0x15, 0x12, kind, 1)
    is_wide = not text.isascii()
    signs = text.encode("utf-16-le" if is_wide else "latin-1")
    step = 2 * -(-len(text) // pieces) if is_wide else len(signs)
    said = [signs[at : at + step] for at in range(0, len(signs), step or 1)]
    texts = [(0x3C, bytes([is_wide]) + piece) for piece in said]
    head = struct.pack("<HH6xHHI", 0, 0, len(text), 16, 0)
    return records((0xEC, anchor), (0x5D, object_), (0x1B6, head), *texts, (0x3C, bytes(16)))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (boxed("本表为2023年数据"), ["本表为2023年数据"]),
        (boxed("本表为2023年数据", pieces=3), ["本表为2023年数据"]),
        (boxed("draft") + boxed("单位：元"), ["draft", "单位：元"]),
        (boxed("【问题清单】请核对", 6), []),
        (boxed(""), []),
    ],
)
def test_what_a_box_over_an_xls_says_is_a_note(raw, said):
    def change(sheet):
        sheet.write(2, 1, 1)
        sheet._Worksheet__bmp_rec = raw

    (sheet,) = read_workbook(xls(change))
    assert [(note.place, note.hangs, note.text) for note in sheet.notes] == [
        ((2, 4), "box", text) for text in said
    ]
