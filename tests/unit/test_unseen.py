"""What a style, a program or a name keeps from whoever looks at a cell."""

import datetime
import io
import zipfile

import pytest
import xlwt
from openpyxl.styles import Alignment
from test_seen import ODS_STYLES, number_with, ods, seen, xls, xlsx
from workbooks import Book, kinds, places, read, value, with_member

from orchestration.intake.workbook.sheet import Shown, Unread

PLACE = "经费!B3"
FUNDS = ("finance", "fiscal_appropriation_10k_cny")
STRUCK, WHITE = "font: struck_out on", "font: colour white"


# -- .xls ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "style", "kind", "typed"),
    [
        (True, STRUCK, "cell_is_struck_out", "True"),
        (True, WHITE, "cell_shows_nothing", "True"),
        (datetime.date(2024, 12, 11), STRUCK, "cell_is_struck_out", "2024-12-11"),
        (15, "align: horiz filled", "cell_shows_otherwise", "15"),
    ],
)
def test_an_xls_cell_of_any_type_is_what_its_style_shows(stored, style, kind, typed):
    code = "yyyy-mm-dd" if isinstance(stored, datetime.date) else "General"
    plain, odd = (xlwt.easyxf(one, num_format_str=code) for one in ("", style))
    assert seen(xls(lambda sheet: sheet.write(2, 1, stored, plain))) == stored
    found = seen(xls(lambda sheet: sheet.write(2, 1, stored, odd)))
    assert isinstance(found, Unread) and (found.kind, found.text) == (kind, typed)


@pytest.mark.parametrize(
    ("font", "kept"), [(WHITE, "13"), ("font: height 20", "13"), ("font: colour red", None)]
)
def test_a_part_of_a_text_of_an_xls_that_nobody_sees_is_not_read(font, kept):
    def change(sheet):
        sheet.write_rich_text(2, 1, [("13", xlwt.Font()), ("0", xlwt.easyxf(font).font)])

    assert seen(xls(change)) == (kept or "130")


def test_a_text_of_an_xls_that_nobody_sees_any_part_of_is_not_read():
    def change(sheet):
        white = xlwt.easyxf(WHITE).font
        sheet.write_rich_text(2, 1, [("13", white), ("0", white)])

    found = seen(xls(change))
    assert isinstance(found, Unread) and found.kind == "cell_shows_nothing"


# -- .xlsx -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stored", "is_read"), [(15, False), (1234567.5, True)])
def test_a_short_number_that_fills_its_cell_shows_more_than_once(stored, is_read):
    def change(sheet, cell):
        cell.value, cell.alignment = stored, Alignment(horizontal="fill")

    assert places(read(xlsx(change)), "cell_shows_otherwise") == ([] if is_read else [PLACE])


def computed_by(program, calculation, result):
    def change(sheet, cell):
        cell.value = 1500

    data = xlsx(change)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = next(
            name
            for name in archive.namelist()
            if b"<v>1500</v>" in archive.read(name) and "sheet" in name
        )
        sheet, workbook = archive.read(member), archive.read("xl/workbook.xml")
    sheet = sheet.replace(b"<v>1500</v>", b"<f>30+8</f><v>%s</v>" % result)
    begin, end = workbook.index(b"<calcPr"), workbook.index(b"/>", workbook.index(b"<calcPr")) + 2
    workbook = workbook[:begin] + calculation + workbook[end:]
    data = with_member(with_member(data, member, sheet), "xl/workbook.xml", workbook)
    app = b"<Properties><Application>%s</Application></Properties>" % program
    return with_member(data, "docProps/app.xml", app)


@pytest.mark.parametrize(
    ("program", "calculation"),
    [
        (b"Microsoft Excel", b'<calcPr calcId="191029"/>'),
        (b"WPS Office_12.1.0.1_F1E327BC", b'<calcPr calcId="144525"/>'),
        (b"WPS Office_12.1.0.1_F1E327BC", b""),
        (b"LibreOffice/7.4.7.2$Linux_X86_64", b'<calcPr iterateCount="100" iterate="false"/>'),
        (b"", b""),
        (b"Apache POI", b'<calcPr calcId="191029"/>'),
    ],
)
def test_a_formula_that_some_program_computed_is_read(program, calculation):
    found = read(computed_by(program, calculation, b"38"))
    assert kinds(found) == []
    assert value(found, *FUNDS) == "38"


@pytest.mark.parametrize(
    ("program", "calculation"),
    [
        (b"Apache POI", b""),
        (b"SheetJS", b""),
        (b"Go Excelize", b'<calcPr calcId="0"/>'),
        (b"Microsoft Excel", b""),
        (b"Microsoft Excel", b'<calcPr calcId="191029" forceFullCalc="1"/>'),
    ],
)
def test_a_formula_that_nobody_computed_has_no_value(program, calculation):
    found = read(computed_by(program, calculation, b"0.0"))
    assert places(found, "cell_is_a_formula_without_value") == [PLACE]


# -- .ods ------------------------------------------------------------------------------------------

FO = b' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
FO += b' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
FO += b' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'


def styled(cell, family, properties, row=b"<table:table-row>"):
    style = b'<style:style%s style:name="odd" style:family="%s"><style:%s/></style:style>'
    data = ods(cell, row)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("content.xml")
    end = b"</office:automatic-styles>"
    assert ODS_STYLES in content
    content = content.replace(end, style % (FO, family, properties) + end)
    return with_member(data, "content.xml", content)


SPAN = (
    b"<table:table-cell %soffice:value-type='string'><text:p>130"
    b"<text:span text:style-name='odd'>0</text:span></text:p></table:table-cell>"
)


@pytest.mark.parametrize(
    ("properties", "is_seen"),
    [
        (b'text-properties fo:color="#ffffff"', False),
        (b'text-properties fo:color="#fafafa"', False),
        (b'text-properties text:display="none"', False),
        (b'text-properties fo:font-size="1pt"', False),
        (b'text-properties fo:color="#c00000"', True),
        (b'text-properties fo:font-size="9pt"', True),
    ],
)
def test_a_part_of_a_text_that_nobody_sees_is_not_read(properties, is_seen):
    found = seen(styled(SPAN % b"", b"text", properties))
    assert found == ("1300" if is_seen else "130")
    assert isinstance(found, Shown) is not is_seen


@pytest.mark.parametrize(
    "properties",
    [
        b'text-properties fo:color="#fefefe"',
        b'text-properties fo:font-size="1pt"',
        b'text-properties text:display="none"',
        b'table-cell-properties style:repeat-content="true"',
    ],
)
def test_a_number_that_a_document_does_not_show_as_it_is_stored_is_not_read(properties):
    cell = number_with(b"38", b"38", b"table:style-name='odd' ")
    assert isinstance(seen(styled(cell, b"table-cell", properties)), Unread)


@pytest.mark.parametrize(
    ("height", "is_hidden"), [(b"0cm", True), (b"0.2mm", True), (b"0.45cm", False)]
)
def test_a_row_of_a_document_too_low_for_anything_is_hidden(height, is_hidden):
    properties = b'table-row-properties style:row-height="%s"' % height
    row = b"<table:table-row table:style-name='odd'>"
    found = read(styled(number_with(b"38", b"38"), b"table-row", properties, row))
    assert bool(places(found, "rows_are_hidden")) is is_hidden
    assert value(found, *FUNDS) == "38"


@pytest.mark.parametrize(("shown", "is_hidden"), [(b"false", True), (b"true", False)])
def test_a_row_of_a_group_that_is_not_shown_is_hidden(shown, is_hidden):
    data = ods(number_with(b"38", b"38"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("content.xml")
    begin = content.rindex(b"<table:table-row", 0, content.index("财政拨款".encode()))
    end = content.index(b"</table:table-row>", begin) + len(b"</table:table-row>")
    group = b'<table:table-row-group table:display="%s">%s</table:table-row-group>'
    content = content[:begin] + group % (shown, content[begin:end]) + content[end:]
    found = read(with_member(data, "content.xml", content))
    assert bool(places(found, "rows_are_hidden")) is is_hidden


def test_what_a_document_keeps_of_another_one_is_no_sheet_of_its_own():
    data = Book().ods()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("content.xml")
    name = b"'file:///C:/a.ods'#Sheet1"
    kept = b'<table:table table:name="%s"><table:table-row><table:table-cell office:value-type='
    kept = kept % name + b"'float' office:value='7'/></table:table-row></table:table>"
    end = b"</office:spreadsheet>"
    assert end in content
    found = read(with_member(data, "content.xml", content.replace(end, kept + end)))
    assert found.is_read and kinds(found) == []


def test_a_document_that_was_packed_without_its_type_is_read():
    data, target = Book().ods(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as full, zipfile.ZipFile(target, "w") as bare:
        for name in full.namelist():
            if name != "mimetype":
                bare.writestr(name, full.read(name))
    found = read(target.getvalue())
    assert found.is_read and kinds(found) == []
