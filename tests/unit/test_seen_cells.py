"""What is stored in a cell's neighbourhood and changes what a person sees of it."""

import io
import re
import zipfile

import pytest
from test_seen import ods, xlsx
from workbooks import (
    Book,
    as_saved_by_excel,
    computed,
    kinds,
    only_problem,
    places,
    read,
    value,
    with_member,
)

ENTRANTS = ("students", "entrants")
SHEET = "xl/worksheets/sheet4.xml"


def part_of(data, name):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def edited(data, name, *edits):
    xml = part_of(data, name)
    for old, new in edits:
        assert old in xml, old
        xml = xml.replace(old, new, 1)
    return with_member(data, name, xml)


def shared(*texts):
    return "".join(f"<si><t>{text}</t></si>" for text in texts).encode() + b"</sst>"


# -- empty texts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("style", [b"", b"struck", b"white", b"format", b"crossed"])
@pytest.mark.parametrize("empty", ["", "_x000D_", "_x0007_"])
def test_an_empty_text_is_a_blank_whatever_its_number_and_its_style(empty, style):
    data = computed(Book().set(*ENTRANTS, "@@"), {})
    texts = part_of(data, "xl/sharedStrings.xml")
    told = texts.replace(b"<t>@@</t>", b"<t>%s</t>" % empty.encode())
    told = told.replace(b"</sst>", shared("a_x000D_"))
    assert told != texts
    data = with_member(data, "xl/sharedStrings.xml", told)
    if style:
        looks = {b"struck": b"<strike/>", b"white": b'<color rgb="FFFFFFFF"/>'}
        code = b'<numFmts><numFmt numFmtId="200" formatCode="0;;;@&quot;x&quot;"/></numFmts>'
        border = b'<border diagonalUp="1"><diagonal style="thin"/></border>'
        xml = part_of(data, "xl/styles.xml")
        xml = xml.replace(b"<fonts", (code if style == b"format" else b"") + b"<fonts", 1)
        xml = xml.replace(b"</fonts>", b"<font>%s</font></fonts>" % looks.get(style, b""))
        xml = xml.replace(b"</borders>", border + b"</borders>")
        numbers = xml.count(b"<font>") - 1, 1 * (style == b"crossed"), 200 * (style == b"format")
        xf = b'<xf fontId="%d" fillId="0" borderId="%d" numFmtId="%d"/></cellXfs>' % numbers
        data = with_member(data, "xl/styles.xml", xml.replace(b"</cellXfs>", xf))
        last = xml[xml.index(b"<cellXfs") : xml.index(b"</cellXfs>")].count(b"<xf ")
        sheet = re.sub(rb'<c r="B3"', b'<c r="B3" s="%d"' % last, part_of(data, SHEET))
        data = with_member(data, SHEET, sheet)
    found = read(data)
    assert value(found, *ENTRANTS) is None
    assert set(kinds(found)) <= {"required_cell_is_empty"}


# -- names of sheets -------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["\n", "\t", "&#10;", " "])
def test_what_is_seen_of_a_sheet_is_kept_whatever_signs_end_its_name(sign):
    def strike(sheet, cell):
        cell.font = cell.font.copy(strike=True)

    name = "经费"
    data = xlsx(strike)
    old = f'name="{name}"'.encode()
    data = edited(data, "xl/workbook.xml", (old, f'name="{name}{sign}"'.encode()))
    assert "cell_is_struck_out" in kinds(read(data))
    void = b"<table:table-cell table:style-name='void' office:value-type='float' office:value='1'/>"
    data = edited(ods(void), "content.xml", (old, f'name="{name}{sign}"'.encode()))
    assert "cell_is_struck_out" in kinds(read(data))


def test_two_sheets_of_one_name_are_not_told_apart():
    one, other = (f'name="{name}"'.encode() for name in ("学生", "教职工"))
    assert only_problem(edited(Book().xlsx(), "xl/workbook.xml", (one, other))) == "file_is_broken"
    assert only_problem(edited(Book().ods(), "content.xml", (one, other))) == "file_is_broken"


# -- array formulas --------------------------------------------------------------------------------

THREE = b'<c r="B3" t="n"><v>60</v></c>'


@pytest.mark.parametrize("kind", ["array", "dataTable"])
def test_all_cells_of_a_formula_that_nobody_computed_are_without_value(kind):
    formula = f'<c r="B3"><f t="{kind}" ref="B3:B5">A1:A3</f></c>'.encode()
    found = read(edited(Book().xlsx(), SHEET, (THREE, formula)))
    wanted = [f"学生!B{row}" for row in (3, 4, 5)]
    assert places(found, "cell_is_a_formula_without_value") == wanted
    computed_ = formula.replace(b"</f>", b"</f><v>60</v>")
    found = read(as_saved_by_excel(edited(Book().xlsx(), SHEET, (THREE, computed_))))
    assert kinds(found) == []
    assert value(found, *ENTRANTS) == "60"


def test_a_formula_that_several_cells_share_is_none_of_those_that_were_typed_over():
    formula = b'<c r="B3"><f t="shared" ref="B3:B5" si="0">A1</f></c>'
    found = read(edited(Book().xlsx(), SHEET, (THREE, formula)))
    assert places(found, "cell_is_a_formula_without_value") == ["学生!B3"]


def test_all_cells_of_a_matrix_that_nobody_computed_are_without_value():
    data = Book().ods()
    content = part_of(data, "content.xml").decode()
    begin = content.index('office:value="60"')
    matrix = 'table:formula="of:={1;2}" table:number-matrix-rows-spanned="3" '
    matrix += 'table:number-matrix-columns-spanned="1" '
    data = with_member(data, "content.xml", (content[:begin] + matrix + content[begin:]).encode())
    found = read(data)
    wanted = [f"学生!B{row}" for row in (3, 4, 5)]
    assert places(found, "cell_is_a_formula_without_value") == wanted


def test_array_formulas_over_more_cells_than_any_form_has_are_too_large():
    formula = b'<c r="B3"><f t="array" ref="A1:XFD1048576">1</f></c>'
    assert only_problem(edited(Book().xlsx(), SHEET, (THREE, formula))) == "file_is_too_large"


# -- styles of programs to come --------------------------------------------------------------------

LATER = (
    b'<extLst><ext uri="x" xmlns:x14="urn:x14"><x14:dxfs count="1"><x14:dxf/></x14:dxfs>'
    b"<x14:fonts/><x14:cellXfs/></ext></extLst></styleSheet>"
)


def test_styles_of_an_extension_are_not_those_of_the_workbook():
    data = edited(Book().xlsx(), "xl/styles.xml", (b"</styleSheet>", LATER))
    styles = part_of(data, "xl/styles.xml")
    gone = b'<dxfs count="1"><dxf><font><color rgb="FFFFFFFF"/></font></dxf></dxfs>'
    told = re.sub(rb"<dxfs[^>]*/>|<dxfs.*?</dxfs>", gone, styles, count=1, flags=re.DOTALL)
    told = told if gone in told else styles.replace(b"<extLst>", gone + b"<extLst>", 1)
    data = with_member(data, "xl/styles.xml", told)
    hiding = b'</sheetData><conditionalFormatting sqref="B3"><cfRule type="expression" dxfId="0" '
    hiding += b'priority="1"><formula>1</formula></cfRule></conditionalFormatting>'
    found = read(edited(data, SHEET, (b"</sheetData>", hiding)))
    assert places(found, "cell_shows_otherwise") == ["学生!B3"]


# -- what programs write for nothing ---------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        *(b'<c r="B3"><v>%s</v></c>' % word for word in (b"None", b"NaN", b"null", b"undefined")),
        b'<c r="B3" t="inlineStr"><v>60</v></c>',
    ],
)
def test_a_cell_with_something_in_it_that_is_no_number_is_no_blank(written):
    found = read(edited(Book().xlsx(), SHEET, (THREE, written)))
    assert places(found, "cell_is_ambiguous") == ["学生!B3"]
    assert value(found, *ENTRANTS) is None
