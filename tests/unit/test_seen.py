"""Cells as a person sees them: what is stored, struck out, raised, hidden or never computed."""

import io
import zipfile

import openpyxl
import pytest
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.styles.colors import Color
from workbooks import (
    Book,
    as_saved_by_excel,
    computed,
    entries,
    kinds,
    places,
    read,
    saved,
    value,
    with_member,
)

from orchestration.intake.workbook.reader import read_workbook
from orchestration.intake.workbook.sheet import Shown, Unread

PLACE = "经费!B3"
ODS_STYLES = (
    b'<office:automatic-styles xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0">'
    b'<style:style style:name="gone" style:family="text">'
    b'<style:text-properties style:text-crossing-out="single-line"/></style:style>'
    b'<style:style style:name="up" style:family="text">'
    b'<style:text-properties style:text-position="super 58%"/></style:style>'
    b'<style:style style:name="void" style:family="table-cell">'
    b'<style:text-properties style:text-line-through-style="solid"/></style:style>'
    b'<style:style style:name="pale" style:family="table-cell">'
    b'<style:text-properties xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    b' fo:color="#FFFFFF"/></style:style>'
    b'<number:number-style xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
    b' style:name="N1"><number:number number:decimal-places="1" number:display-factor="1000"/>'
    b"<number:text>\xe4\xb8\x87\xe5\x85\x83</number:text></number:number-style>"
    b'<style:style style:name="wan" style:family="table-cell" style:data-style-name="N1"/>'
    b"</office:automatic-styles>"
)


def xlsx(change):
    """The good school's workbook as Excel saves it, after a change to the sheet of finance."""
    opened = openpyxl.load_workbook(io.BytesIO(Book().xlsx()))
    change(opened["经费"], opened["经费"]["B3"])
    return as_saved_by_excel(saved(opened.save))


def xls(change):
    """A sheet 经费 of .xls whose third row a change writes."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("经费")
    sheet.write(1, 0, "项目")
    change(sheet)
    return saved(book.save)


def ods(cell, row=b"<table:table-row>"):
    """The good school's document, the third row of 经费 written otherwise."""
    data = Book().ods()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("content.xml")
    start = content.index("财政拨款".encode())
    begin = content.rindex(b"<table:table-row", 0, start)
    end = content.index(b"</table:table-row>", start)
    label = content[content.index(b">", begin) + 1 : content.index(b"</table:table-cell>", start)]
    changed = content[:begin] + row + label + b"</table:table-cell>" + cell + content[end:]
    changed = changed.replace(b"<office:automatic-styles/>", ODS_STYLES)
    assert ODS_STYLES in changed
    return with_member(data, "content.xml", changed)


def number_with(text, value, style=b"", kind=b"float"):
    return (
        b"<table:table-cell %soffice:value-type='%s' office:value='%s'><text:p>%s</text:p>"
        b"</table:table-cell>" % (style, kind, value, text)
    )


def seen(data):
    """What stands in B3 of the sheet of finance."""
    sheet = next(sheet for sheet in read_workbook(data) if sheet.name == "经费")
    return sheet.rows[2][1]


def formatted(code):
    def change(sheet, cell):
        cell.number_format = code

    return change


# -- numbers that their format shows otherwise -----------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "code", "read_as"),
    [
        (380000, '0!.0,"万元"', "38"),
        (38, '0"万元"', "38"),
        (38.126, "0.00", "38.13"),
        (38.1, "#,##0.00", "38.1"),
        (38.1, "General", "38.1"),
        (38.1, "@", "38.1"),
        (0, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "0"),
    ],
)
def test_a_number_is_read_as_it_is_shown(stored, code, read_as):
    def change(sheet, cell):
        cell.value, cell.number_format = stored, code

    found = read(xlsx(change))
    assert kinds(found) == []
    assert value(found, "finance", "fiscal_appropriation_10k_cny") == read_as


@pytest.mark.parametrize(
    ("stored", "code", "kind"),
    [
        (0.38, "0%", "cell_is_not_a_number"),
        (38, ";;;", "cell_shows_nothing"),
        (0, "0;-0;;@", "cell_shows_nothing"),
        (38, "0.00E+00", "cell_shows_otherwise"),
        (38, '0"约"', "cell_is_ambiguous"),
        (38, '"1"0', "cell_shows_otherwise"),
        (38, '"无"', "cell_shows_otherwise"),
    ],
)
def test_a_number_that_is_shown_as_no_such_value_is_not_read(stored, code, kind):
    def change(sheet, cell):
        cell.value, cell.number_format = stored, code

    found = read(xlsx(change))
    assert places(found, kind) == [PLACE]
    assert value(found, "finance", "fiscal_appropriation_10k_cny") is None


@pytest.mark.parametrize(
    ("stored", "code", "is_asked"),
    [
        (1791.49, "0", True),
        (0.38, "#,##0", True),
        (2450, "0,", True),
        (42.63, '0.00,"千万元"', True),
        (1791.494, "0.00", False),
        (0.1 + 0.2, "0.00", False),
        (38, '0.00"万元"', False),
        (380000, '0!.0,"万元"', False),
    ],
)
def test_a_number_that_its_format_cuts_short_is_asked_about(stored, code, is_asked):
    def change(sheet, cell):
        cell.value, cell.number_format = stored, code

    found = read(xlsx(change))
    asking = {"shown_number_is_rounded", "cell_is_not_a_number"}
    assert set(kinds(found)) <= asking
    assert bool(kinds(found)) is is_asked


def test_a_picture_in_a_cell_is_asked_about_only_where_a_figure_is_due():
    formula = '=_xlfn.DISPIMG("ID_3F2A",1)'

    def change(at):
        return lambda sheet, cell: sheet.__setitem__(at, formula)

    assert places(read(xlsx(change("B3"))), "cell_is_a_picture") == [PLACE]
    found = read(xlsx(change("E9")))
    assert kinds(found) == []
    assert ("经费", "E9", "", "图片 picture", None, "note_row") in entries(found)


@pytest.mark.parametrize(
    ("stored", "read_as"),
    [("2450_x000D_", "2450"), ("_x0032_450", "2450"), ("_x005F_x0032_450", None)],
)
@pytest.mark.parametrize("written", [Book.xlsx, lambda book: computed(book, {})])
def test_signs_that_are_written_by_their_numbers_are_read(stored, read_as, written):
    """In texts that stand in their cells, and in shared ones."""
    book = Book().set("finance", "fiscal_appropriation_10k_cny", stored.replace("_x", "@@"))
    data = written(book)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    (name,) = (name for name, part in parts.items() if b"@@" in part)
    found = read(with_member(data, name, parts[name].replace(b"@@", b"_x")))
    assert value(found, "finance", "fiscal_appropriation_10k_cny") == read_as
    assert kinds(found) == ([] if read_as else ["cell_is_not_a_number"])


def test_a_zero_that_the_sheet_hides_is_not_taken_for_a_zero():
    def change(sheet, cell):
        cell.value = 0
        sheet.sheet_view.showZeros = False

    assert places(read(xlsx(change)), "cell_shows_nothing") == [PLACE]


@pytest.mark.parametrize(
    ("stored", "code", "shown"),
    [(380000, '0.0,"千元"', "380.0千元"), (38.126, "0.00", "38.13"), (38.5, "0.00", 38.5)],
)
def test_a_number_of_an_xls_is_read_as_it_is_shown(stored, code, shown):
    style = xlwt.easyxf(num_format_str=code)
    assert seen(xls(lambda sheet: sheet.write(2, 1, stored, style))) == shown


@pytest.mark.parametrize(
    ("text", "stored", "kind", "style", "shown"),
    [
        ("", b"130", b"float", b"", 130),
        ("38%", b"0.38", b"percentage", b"", "38%"),
        ("1,791.49", b"1791.49", b"float", b"", 1791.49),
        ("0.333333333", b"0.333333333333333", b"float", b"", "0.333333333"),
    ],
)
def test_a_number_of_an_ods_is_read_as_it_is_shown(text, stored, kind, style, shown):
    assert seen(ods(number_with(text.encode(), stored, style, kind))) == shown


@pytest.mark.parametrize(
    ("text", "stored", "style"),
    [
        ("130", b"0", b""),
        ("38.0万元", b"38000", b""),
        # The format divides by a thousand and says 万.
        ("38.0万元", b"38000", b'table:style-name="wan" '),
        ("", b"38000", b'table:style-name="wan" '),
        ("130", b"155", b'table:style-name="wan" '),
    ],
)
def test_a_number_of_an_ods_whose_text_is_not_what_its_format_shows_is_not_read(
    text, stored, style
):
    assert isinstance(seen(ods(number_with(text.encode(), stored, style))), Unread)


@pytest.mark.parametrize(
    ("typed", "code", "read_as"),
    [("38", '@"万元"', "38"), ("38", ';;;"约"@', None), ("38", ";;;", None)],
)
def test_a_text_is_read_as_it_is_shown(typed, code, read_as):
    def change(sheet, cell):
        cell.value, cell.number_format, cell.data_type = typed, code, "s"

    found = read(xlsx(change))
    assert value(found, "finance", "fiscal_appropriation_10k_cny") == read_as
    assert bool(kinds(found)) is (read_as is None)


WHITE, BLUE = "FFFFFFFF", "FF1F4E78"


@pytest.mark.parametrize(
    ("look", "fill", "is_read"),
    [
        (InlineFont(color=WHITE), PatternFill(), False),
        (InlineFont(color=Color(theme=0)), PatternFill(), False),
        (InlineFont(sz=1), PatternFill(), False),
        (InlineFont(color=WHITE), PatternFill("solid", fgColor=BLUE), True),
        (InlineFont(color="FFFF0000"), PatternFill(), True),
    ],
)
def test_a_text_with_signs_that_nobody_sees_is_not_read(look, fill, is_read):
    def change(sheet, cell):
        cell.value, cell.fill = CellRichText("81", TextBlock(look, "2")), fill
        cell.font = Font(color=BLUE if fill.fill_type is None else "FFFFFF00")

    found = read(xlsx(change))
    assert places(found, "cell_shows_otherwise") == ([] if is_read else [PLACE])
    assert value(found, "finance", "fiscal_appropriation_10k_cny") == ("812" if is_read else None)


def test_a_number_under_a_line_from_corner_to_corner_is_struck_out():
    def change(at):
        def cross(sheet, cell):
            sheet[at].border = Border(diagonal=Side("thin"), diagonalUp=True)

        return cross

    assert places(read(xlsx(change("B3"))), "cell_is_struck_out") == [PLACE]
    assert kinds(read(xlsx(change("A2")))) == []  # a head in two parts
    assert kinds(read(xlsx(change("B4")))) == []  # a blank


@pytest.mark.parametrize(
    ("font", "fill", "is_read"),
    [
        (Font(color=WHITE), PatternFill(), False),
        (Font(color=Color(theme=0)), PatternFill(), False),
        (Font(color=Color(theme=0, tint=-0.05)), PatternFill(), False),
        (Font(color="FFF2F2F2"), PatternFill(), False),
        (Font(color="FFFEFEFE"), PatternFill(), False),
        (Font(color="FFA6A6A6"), PatternFill(), True),
        (Font(color=Color(theme=0, tint=-0.35)), PatternFill(), True),
        (Font(color="FFFF0000"), PatternFill("solid", fgColor="FFC7CE"), True),
        (Font(color=BLUE), PatternFill("solid", fgColor=BLUE), False),
        (Font(color=WHITE), PatternFill("solid", fgColor=BLUE), True),
        (Font(color=BLUE), PatternFill(), True),
    ],
)
def test_a_number_in_the_colour_of_its_cell_is_not_shown(font, fill, is_read):
    def change(sheet, cell):
        cell.value, cell.font, cell.fill = 38, font, fill

    found = read(xlsx(change))
    assert places(found, "cell_shows_nothing") == ([] if is_read else [PLACE])
    read_as = value(found, "finance", "fiscal_appropriation_10k_cny")
    assert read_as == ("38" if is_read else None)


def test_a_number_in_white_is_not_shown_in_older_and_open_workbooks():
    for look, is_read in (
        ("font: color white", False),
        ("font: color white; pattern: pattern solid, fore_color blue", True),
        ("font: color blue; pattern: pattern solid, fore_color blue", False),
        ("font: color red", True),
    ):
        style = xlwt.easyxf(look)
        found = seen(xls(lambda sheet, style=style: sheet.write(2, 1, 38, style)))
        assert isinstance(found, Unread) is not is_read
    pale = seen(ods(number_with(b"38", b"38", b'table:style-name="pale" ')))
    assert isinstance(pale, Unread)


# -- struck out and raised -------------------------------------------------------------------------


def rich(struck, plain, **font):
    def change(sheet, cell):
        parts = (TextBlock(InlineFont(**font), struck), TextBlock(InlineFont(), plain))
        cell.value = CellRichText(*(parts if struck != "1" else reversed(parts)))

    return change


@pytest.mark.parametrize(
    "change", [rich("120", "130", strike=True), rich("1", "130", vertAlign="superscript")]
)
def test_what_is_struck_out_or_raised_is_no_part_of_a_number(change):
    found = read(xlsx(change))
    assert value(found, "finance", "fiscal_appropriation_10k_cny") == "130"
    assert kinds(found) == []
    (entry,) = [entry for receipt in found.receipts for entry in receipt.entries]
    assert (entry.range, entry.read, entry.kind) == ("B3", "130", "as_shown")
    assert entry.typed in ("120130", "1301")


def test_a_number_that_is_struck_out_is_not_filed():
    def change(sheet, cell):
        cell.font = Font(strike=True)

    found = read(xlsx(change))
    assert places(found, "cell_is_struck_out") == [PLACE]
    assert value(found, "finance", "fiscal_appropriation_10k_cny") is None


def test_an_xls_has_its_struck_out_and_raised_text_left_out():
    gone, up = xlwt.easyfont("struck_out true"), xlwt.easyfont("escapement superscript")
    plain = xlwt.easyfont("")
    parts = [(("120", gone), ("130", plain)), (("130", plain), ("1", up))]
    for rich_text in parts:
        assert seen(xls(lambda sheet, text=rich_text: sheet.write_rich_text(2, 1, text))) == "130"
    style = xlwt.easyxf("font: struck_out true")
    assert isinstance(seen(xls(lambda sheet: sheet.write(2, 1, 130, style))), Unread)


def test_an_ods_has_its_struck_out_and_raised_text_left_out():
    for text in (
        b'<text:span text:style-name="gone">120</text:span>130',
        b'130<text:span text:style-name="up">1</text:span>',
    ):
        cell = b"<table:table-cell office:value-type='string'><text:p>%s</text:p>" % text
        found = seen(ods(cell + b"</table:table-cell>"))
        assert isinstance(found, Shown) and found == "130"
    void = number_with(b"130", b"130", b'table:style-name="void" ')
    assert isinstance(seen(ods(void)), Unread)


# -- formulas that nobody computed -----------------------------------------------------------------


@pytest.mark.parametrize(
    "properties",
    [
        b'<calcPr calcId="124519" fullCalcOnLoad="1"/>',
        b'<calcPr calcId="191029" calcMode="manual" calcCompleted="0"/>',
        b'<calcPr calcId="191029" calcMode="manual"/>',
        b'<calcPr calcId="191029" calcCompleted="0"/>',
    ],
)
def test_a_formula_of_a_workbook_that_was_not_computed_has_no_value(properties):
    book = Book()
    data = computed(book, {PLACE: ("=100+55", 155)})
    assert value(read(data), "finance", "fiscal_appropriation_10k_cny") == "155"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        workbook = archive.read("xl/workbook.xml")
    told = workbook.replace(b'<calcPr calcId="124519"/>', properties)
    assert told != workbook
    found = read(with_member(data, "xl/workbook.xml", told))
    assert places(found, "cell_is_a_formula_without_value") == [PLACE]


def test_a_formula_of_an_xls_that_was_never_computed_has_no_value():
    """The library writes a formula without computing it, as programs of that time do."""
    found = seen(xls(lambda sheet: sheet.write(2, 1, xlwt.Formula("100+55"))))
    assert isinstance(found, Unread)


# -- hidden, merged --------------------------------------------------------------------------------


def test_what_is_hidden_and_merged_is_known_in_every_kind_of_file():
    def change(sheet, cell):
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True
        sheet.merge_cells("A5:B6")

    def change_xls(sheet):
        sheet.write(2, 1, 1)
        sheet.row(2).hidden = True
        sheet.col(2).hidden = True
        sheet.write_merge(4, 5, 0, 1, "x")

    hidden = b'<table:table-row table:visibility="collapse">'
    merged = number_with(b"1", b"1", b'table:number-rows-spanned="2" ')
    for data, ranges in (
        (xlsx(change), [(4, 0, 5, 1)]),
        (xls(change_xls), [(4, 0, 5, 1)]),
        (ods(merged, hidden), [(2, 1, 3, 1)]),
    ):
        sheet = next(sheet for sheet in read_workbook(data) if sheet.name == "经费")
        assert sheet.hidden_rows == {2}
        assert sheet.merged == ranges
    assert next(s for s in read_workbook(xlsx(change)) if s.name == "经费").hidden_columns == {2}


def test_a_row_that_is_there_is_seen_where_the_sheet_hides_all_that_are_not():
    def change(sheet, cell):
        sheet.sheet_format.zeroHeight = True
        sheet.row_dimensions[3].hidden = True

    sheet = next(sheet for sheet in read_workbook(xlsx(change)) if sheet.name == "经费")
    assert sheet.hidden_rows == {2}


def test_rows_and_columns_drawn_together_until_nothing_is_left_are_hidden():
    data = Book().xlsx()
    row, columns = b'<row r="3"', b"<sheetData>"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        number = 1 + [s.name for s in read_workbook(data)].index("经费")
        member = f"xl/worksheets/sheet{number}.xml"
        xml = archive.read(member)
    assert row in xml
    flat = with_member(data, member, xml.replace(row, row + b' ht="0" customHeight="1"'))
    sheet = next(sheet for sheet in read_workbook(flat) if sheet.name == "经费")
    assert sheet.hidden_rows == {2}
    cols = b'<cols><col min="3" max="3" width="0" customWidth="1"/></cols>'
    flat = with_member(data, member, xml.replace(columns, cols + columns, 1))
    sheet = next(sheet for sheet in read_workbook(flat) if sheet.name == "经费")
    assert sheet.hidden_columns == {2}


def test_a_plain_workbook_has_nothing_to_be_seen():
    for sheet in read_workbook(Book().xlsx()):
        assert not (sheet.hidden_rows or sheet.hidden_columns or sheet.merged or sheet.strays)
        assert not sheet.has_drawings
        assert not any(isinstance(v, Shown | Unread) for row in sheet.rows for v in row)
