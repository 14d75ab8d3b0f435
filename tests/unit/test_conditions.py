"""Cells that look otherwise by a condition, by a default, or by a font, in .ods and .xls."""

import io
import struct
import time
import zipfile

import pytest
import xlwt
from workbooks import Book, saved, with_member

from orchestration.intake.workbook.ooxml.book import book_of
from orchestration.intake.workbook.ooxml.sheet_bytes import near_part
from orchestration.intake.workbook.problems import UnreadableFile
from orchestration.intake.workbook.reader import read_workbook
from orchestration.intake.workbook.sheet import Unread

NAMES = (
    b'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    b'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    b'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" '
    b'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def ods(styles, cell=b"", text=b"<text:p>1510</text:p>", conditions=b"", faces=b""):
    """The good school's document, its number of entrants written otherwise."""
    data = Book().ods()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("content.xml")
    table = content.index(b"<table:table ", content.index("学生".encode()) - 200)
    start = content.index("招生数".encode(), table)
    begin = content.index(b"<table:table-cell", start)
    end = content.index(b"</table:table-cell>", begin) + len(b"</table:table-cell>")
    number = (
        b'<table:table-cell %s office:value-type="float" office:value="1510">%s</table:table-cell>'
    )
    last = content.index(b"</table:table>", end)
    content = (
        content[:begin] + number % (cell, text) + content[end:last] + conditions + content[last:]
    )
    plain = b"<office:automatic-styles/>"
    assert plain in content
    named = b"%s<office:automatic-styles %s>%s</office:automatic-styles>" % (faces, NAMES, styles)
    return with_member(data, "content.xml", content.replace(plain, named, 1))


def style(name, text=b"", family=b"table-cell", more=b"", within=b""):
    return (
        b'<style:style style:name="%s" style:family="%s" %s><style:text-properties %s/>%s'
        b"</style:style>" % (name, family, more, text, within)
    )


WHITE, GONE = b'fo:color="#ffffff"', b'style:text-line-through-style="solid"'
GREEN, LARGE = b'fo:color="#00b050"', b'fo:font-size="20pt"'
OF_ONE = b'table:style-name="one"'
CHILD = b'style:parent-style-name="other"'
MAP = b'<style:map style:condition="cell-content()&gt;0" style:apply-style-name="other"/>'


def under_condition(part=b'<calcext:condition calcext:apply-style-name="other"/>', at="B3:学生.B3"):
    address = f"学生.{at}".encode()
    return (
        b"<calcext:conditional-formats %s><calcext:conditional-format "
        b'calcext:target-range-address="%s">%s</calcext:conditional-format>'
        b"</calcext:conditional-formats>" % (NAMES, address, part)
    )


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (ods(style(b"other", WHITE), conditions=under_condition()), "cell_shows_otherwise"),
        (ods(style(b"other", GONE), conditions=under_condition()), "cell_shows_otherwise"),
        (ods(style(b"other", GREEN), conditions=under_condition()), ""),
        (ods(style(b"other", WHITE), conditions=under_condition(at="D3")), ""),
        (
            ods(b"", conditions=under_condition(b'<calcext:data-bar calcext:show-value="false"/>')),
            "cell_shows_otherwise",
        ),
        (ods(b"", conditions=under_condition(b"<calcext:data-bar/>")), ""),
        (
            ods(style(b"one", within=MAP) + style(b"other", WHITE), OF_ONE),
            "cell_shows_otherwise",
        ),
        (ods(style(b"one", within=MAP) + style(b"other", LARGE), OF_ONE), ""),
        (ods(style(b"one", more=CHILD) + style(b"other", WHITE), OF_ONE), "cell_shows_nothing"),
        (ods(style(b"one", more=CHILD) + style(b"other", GONE), OF_ONE), "cell_is_struck_out"),
        (ods(style(b"one", more=CHILD) + style(b"other", GREEN), OF_ONE), ""),
        (
            ods(
                b'<style:default-style style:family="table-cell"><style:text-properties %s/>'
                b"</style:default-style>" % WHITE + style(b"one"),
                OF_ONE,
            ),
            "cell_shows_nothing",
        ),
        (
            ods(
                style(b"P1", WHITE, b"paragraph"),
                text=b'<text:p text:style-name="P1">1510</text:p>',
            ),
            "cell_shows_nothing",
        ),
        (
            ods(
                style(b"P1", GREEN, b"paragraph"),
                text=b'<text:p text:style-name="P1">1510</text:p>',
            ),
            "",
        ),
        (
            ods(
                style(b"T1", b'style:font-name="Wingdings"', b"text"),
                text=b'<text:p>151<text:span text:style-name="T1">0</text:span></text:p>',
            ),
            "cell_shows_otherwise",
        ),
        (
            ods(
                style(b"one", b'style:font-name="F1"'),
                OF_ONE,
                faces=b'<office:font-face-decls %s><style:font-face style:name="F1" '
                b'svg:font-family="Unheard Of" style:font-charset="x-symbol"/>'
                b"</office:font-face-decls>" % NAMES,
            ),
            "cell_shows_otherwise",
        ),
    ],
)
def test_what_a_style_of_a_document_may_do_to_a_number_is_asked_about(data, found):
    sheet = next(sheet for sheet in read_workbook(data) if sheet.name == "学生")
    content = sheet.rows[2][1]
    assert (content.kind if isinstance(content, Unread) else "") == found
    assert found or content == 1510


def test_rows_that_hold_nothing_are_not_kept_and_too_many_are_refused():
    data = ods(b"")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("content.xml")
    row = b"<table:table-row><table:table-cell/></table:table-row>"
    many = content.replace(b"</office:spreadsheet>", row * 300_001 + b"</office:spreadsheet>")
    with pytest.raises(UnreadableFile):
        read_workbook(with_member(data, "content.xml", many))


def xls(records=b"", font=None):
    """A sheet with 1510 in B3, and records at its end."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("学生")
    look = xlwt.XFStyle()
    if font is not None:
        font(look.font)
    sheet.write(2, 1, 1510, look)
    plain = sheet.get_biff_data
    sheet.get_biff_data = lambda: plain()[:-4] + records + plain()[-4:]
    (found,) = read_workbook(saved(book.save))
    return found.rows[2][1]


def condition(flags, blocks, at=1):
    ranges = struct.pack("<HHHH", 2, 2, at, at)
    head = struct.pack("<HH", 1, 1) + ranges + struct.pack("<H", 1) + ranges
    body = struct.pack("<BBHHIH", 1, 5, 0, 0, flags, 0) + blocks
    return b"".join(
        struct.pack("<HH", kind, len(data)) + data for kind, data in ((0x1B0, head), (0x1B1, body))
    )


def font_block(colour=-1, is_struck=False):
    block = bytearray(118)
    block[68] = 0x80 if is_struck else 0
    block[88] = 0 if is_struck else 0x80
    block[80:84] = struct.pack("<i", colour)
    return bytes(block)


FONT, FILL = 1 << 26, 1 << 29


@pytest.mark.parametrize(
    ("records", "is_read"),
    [
        (condition(FONT, font_block(9)), False),
        (condition(FONT, font_block(is_struck=True)), False),
        (condition(FONT, font_block(10)), True),
        (condition(FONT, font_block(9), at=3), True),
        (condition(FONT | FILL, font_block(9) + struct.pack("<HH", 1 << 10, 12 << 7)), True),
        (condition(FONT | FILL, font_block(12) + struct.pack("<HH", 1 << 10, 12 << 7)), False),
        (condition(FILL, struct.pack("<HH", 1 << 10, 13 << 7)), True),
    ],
)
def test_what_a_condition_of_an_xls_may_do_to_a_number_is_asked_about(records, is_read):
    assert isinstance(xls(records), Unread) is not is_read


def test_a_font_of_another_character_set_in_an_xls_is_asked_about():
    def odd(font):
        font.name, font.charset = "Unheard Of", 2

    def plain(font):
        font.name, font.charset = "宋体", 134

    assert isinstance(xls(font=odd), Unread)
    assert xls(font=plain) == 1510


def test_blanks_within_a_cell_take_no_longer_than_they_are_long():
    cells = b'<c r="E9">' + b" " * 100_000 + b"x</c>"
    xml = b"<worksheet><sheetData><row r='9'>%s</row></sheetData></worksheet>" % cells
    book = book_of(b"<workbook/>", b"", b"", lambda: b"")
    began = time.process_time()
    assert near_part("学生", xml, book)[0] == xml
    assert time.process_time() - began < 2
