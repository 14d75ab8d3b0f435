"""What hangs on cells or changes their look from elsewhere: comments, boxes, conditions, parts."""

import io
import re
import struct
import zipfile

import openpyxl
import pytest
import xlsxwriter
import xlwt
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, DataBarRule, Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
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
    zipped,
)
from xlwt.CompoundDoc import XlsDoc

from orchestration.intake.workbook.ooxml.notes import notes_of
from orchestration.intake.workbook.reader import read_workbook
from orchestration.intake.workbook.sheet import Hanging, Note, Unread

PLACE = "经费!B3"
OURS = "【问题清单】\n总数不等于各项之和，见 经费!B3\nIt is not the sum, see 经费!B3"
THREAD = (
    '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/'
    'threadedcomments"><threadedComment ref="B3" id="{1}"><text>应为 130</text></threadedComment>'
    "</ThreadedComments>"
)
THREADED = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"


def xlsx(change):
    """The good school's workbook as Excel saves it, after a change to the sheet of finance."""
    opened = openpyxl.load_workbook(io.BytesIO(Book().xlsx()))
    change(opened["经费"], opened["经费"]["B3"])
    return as_saved_by_excel(saved(opened.save))


def parts_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def finance(data):
    return next(sheet for sheet in read_workbook(data) if sheet.name == "经费")


def member_of_finance():
    data = Book().xlsx()
    number = 1 + [sheet.name for sheet in read_workbook(data)].index("经费")
    return f"xl/worksheets/sheet{number}.xml"


def commented(text):
    def change(sheet, cell):
        cell.comment = Comment(text, "clerk")

    return change


# -- comments and boxes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("应为 130", "应为 130"),
        (f"应为 130\n{OURS}", "应为 130"),
        (OURS, None),
        (f"{OURS}\n应为 130", "应为 130"),
        (f"甲\n{OURS}\n乙，见 经费!B3\nb, see 经费!B3、'a b'!B4:C5\n丙", "甲\n丙"),
    ],
)
def test_a_comment_of_the_school_is_told_of_and_ours_is_not(text, kept):
    data = xlsx(commented(text))
    assert finance(data).notes == ([Note((2, 1), Hanging.comment, kept)] if kept else [])
    found = read(data)
    assert places(found, "content_is_not_read") == ([PLACE] if kept else [])
    assert value(found, "finance", "fiscal_appropriation_10k_cny") == "812.35"


@pytest.mark.parametrize(
    "text",
    [
        *("已核对", "校长：已审核，同意报送。", "OK", "√", "数据属实", "核对无误", "必填"),
        *("数据已与学籍系统核对一致", "来源：学籍系统", "教务处提供", "此处填整数"),
    ],
)
def test_a_comment_that_changes_no_figure_asks_nobody(text):
    found = read(xlsx(commented(text)))
    assert kinds(found) == []
    listed = [entry for entry in entries(found) if entry[0] == "经费"]
    assert listed == [("经费", "B3", "", text, None, "note_row")]


def test_a_comment_that_says_more_is_told_of_as_one():
    for text in ("请核对", "已核对，应为 130", "单位：元"):
        (problem,) = read(xlsx(commented(text))).problems
        assert (problem.cell, problem.typed, problem.detail) == ("B3", text, Hanging.comment.text)


def test_a_thread_of_comments_is_told_of_once():
    data = xlsx(commented("[线程批注] 你的 Excel 版本不能显示"))
    relations = member_of_finance().replace("sheets/", "sheets/_rels/") + ".rels"
    said = parts_of(data)[relations].decode()
    link = f'<Relationship Id="t" Type="{THREADED}" Target="../threadedComments/t1.xml"/>'
    data = with_member(data, "xl/threadedComments/t1.xml", THREAD.encode())
    data = with_member(data, relations, said.replace("</Rel", link + "</Rel").encode())
    assert finance(data).notes == [Note((2, 1), Hanging.comment, "应为 130")]


def test_a_text_over_the_sheet_is_told_of_where_its_box_begins():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("经费")
        sheet.write(0, 0, "经费")
        sheet.insert_textbox("C4", "以上数字\n均为估计")
        sheet.insert_textbox("F4", "")
    # The blank box is filled, so that nobody sees what is under it.
    assert finance(target.getvalue()).notes == [
        Note((3, 2), Hanging.box, "以上数字\n均为估计"),
        Note((3, 5), Hanging.cover, "F4:H9"),
    ]


def test_what_has_a_size_and_no_end_covers_as_many_cells_as_usually_fit():
    drawing = (
        "<x:wsDr xmlns:x='urn:x'><x:oneCellAnchor><x:from><x:col>1</x:col><x:row>2</x:row></x:from>"
        "<x:ext cx='1219200' cy='190500'/><x:pic><x:cNvPr/></x:pic></x:oneCellAnchor></x:wsDr>"
    )
    relations = b"<R><Relationship Type='/drawing' Target='d'/></R>"
    for said, notes in (
        (drawing, [Note((2, 1), Hanging.cover, "B3:C3")]),
        (drawing.replace("<x:cNvPr/>", "<x:cNvPr hidden='1'/>"), []),
        (drawing.replace("190500", "0"), []),
    ):
        assert notes_of("经费", relations, lambda target, xml=said: xml.encode()) == notes


# -- conditions ------------------------------------------------------------------------------------


def condition(font=None, fill=None, code=""):
    def change(sheet, cell):
        number = NumberFormat(200, code) if code else None
        look = DifferentialStyle(font=font, fill=fill, numFmt=number)
        rule = Rule(type="expression", formula=["B3>0"], dxf=look)
        sheet.conditional_formatting.add("B3:B4 D9", rule)

    return change


RED = PatternFill(bgColor="FFFFC7CE")


@pytest.mark.parametrize(
    ("change", "is_read"),
    [
        (condition(Font(color="FFFFFFFF")), False),
        (condition(Font(strike=True)), False),
        (condition(code=";;;"), False),
        (condition(code='0"0"'), False),
        (condition(fill=PatternFill(bgColor="FF000000")), False),
        (condition(Font(color="FFFFC7CE"), RED), False),
        (condition(Font(color="FF9C0006"), RED), True),
        (condition(Font(bold=True)), True),
        (condition(code="0.00"), True),
        (condition(Font(color="FFFFFFFF"), PatternFill(bgColor="FF1F4E78")), True),
    ],
)
def test_a_number_that_a_condition_may_hide_or_change_is_not_read(change, is_read):
    found = read(xlsx(change))
    assert kinds(found) == ([] if is_read else ["cell_shows_otherwise"])
    assert places(found, "cell_shows_otherwise") == ([] if is_read else [PLACE])


def test_a_picture_in_the_place_of_a_number_is_no_number():
    def change(shows):
        rule = DataBarRule("min", None, "max", None, color="FF638EC6", showValue=shows)
        return lambda sheet, cell: sheet.conditional_formatting.add("B3", rule)

    assert places(read(xlsx(change(False))), "cell_shows_otherwise") == [PLACE]
    assert kinds(read(xlsx(change(True)))) == []


def test_a_rule_that_only_colours_asks_nobody():
    def change(sheet, cell):
        sheet.conditional_formatting.add(
            "A1:Z99", CellIsRule(operator="equal", formula=["0"], fill=RED)
        )

    assert kinds(read(xlsx(change))) == []


# -- parts elsewhere, values written oddly ---------------------------------------------------------


def elsewhere(data, old, new):
    """The same workbook, a part of it under another name."""
    parts = parts_of(data)
    parts[new] = parts.pop(old)
    for name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
        before, after = (path.rpartition("/")[2].encode() for path in (old, new))
        assert before in parts[name]
        parts[name] = parts[name].replace(before, after)
    return parts


def test_styles_are_those_that_the_workbook_names():
    def change(sheet, cell):
        cell.value, cell.number_format = 380000, '0!.0,"万元"'

    parts = elsewhere(xlsx(change), "xl/styles.xml", "xl/looks.xml")
    decoy = {"xl/styles.xml": parts_of(Book().xlsx())["xl/styles.xml"]}
    for data in (zipped(parts), zipped(parts | decoy)):
        found = read(data)
        assert kinds(found) == []
        assert value(found, "finance", "fiscal_appropriation_10k_cny") == "38"


def test_texts_are_those_that_the_workbook_names():
    parts = elsewhere(computed(Book(), {}), "xl/sharedStrings.xml", "xl/texts.xml")
    wrong = parts["xl/texts.xml"].replace("公办".encode(), "民办".encode())
    assert wrong != parts["xl/texts.xml"]
    for data in (zipped(parts), zipped(parts | {"xl/sharedStrings.xml": wrong})):
        found = read(data)
        assert kinds(found) == []
        assert value(found, "profile", "ownership") == "public"


@pytest.mark.parametrize(
    "written", [b"13<!-- x -->0", b"1&#51;0", b"<![CDATA[130]]>", b"13<?x y?>0", b"130"]
)
def test_a_number_is_what_its_xml_says(written):
    member = member_of_finance()
    data = as_saved_by_excel(Book().xlsx())
    xml, count = re.subn(
        rb'(<c r="B3"[^>]*><v>)[^<]*', lambda m: m[1] + written, parts_of(data)[member]
    )
    assert count == 1
    found = read(with_member(data, member, xml))
    assert value(found, "finance", "fiscal_appropriation_10k_cny") == "130"
    assert kinds(found) == []


def test_a_text_is_what_its_xml_says():
    data = computed(Book(), {})
    texts = parts_of(data)["xl/sharedStrings.xml"]
    label = "财政".encode()
    assert label in texts
    odd = texts.replace(label, label[:3] + b"<!-- x -->" + label[3:])
    found = read(with_member(data, "xl/sharedStrings.xml", odd))
    assert kinds(found) == []
    assert value(found, "finance", "fiscal_appropriation_10k_cny") == "812.35"


# -- signs, sizes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "code", "kind"),
    [
        (-38, "0.00;[Red]0.00", "cell_shows_otherwise"),
        (-38, "0.00", "number_is_negative"),
        (-38, "0.00_);(0.00)", None),
        (38, "0.00;[Red]0.00", None),
    ],
)
def test_a_number_that_lost_its_minus_is_not_read(stored, code, kind):
    def change(sheet, cell):
        cell.value, cell.number_format = stored, code

    found = read(xlsx(change))
    read_as = value(found, "finance", "fiscal_appropriation_10k_cny")
    assert read_as == "38" if stored > 0 else read_as != "38"
    assert kinds(found) == ([kind] if kind else kinds(found))
    assert bool(kinds(found)) is (stored < 0)


def test_a_number_in_letters_of_a_point_is_not_shown():
    for size, is_read in ((1, False), (2, False), (9, True)):

        def change(sheet, cell, size=size):
            cell.font = Font(sz=size)

        found = places(read(xlsx(change)), "cell_shows_nothing")
        assert found == ([] if is_read else [PLACE])


@pytest.mark.parametrize(
    ("column", "is_hidden"),
    [
        (b"<col min='3' max='3' width='0' customWidth='1'/>", True),
        (b'<col min="3" max="3" width="0.05" customWidth="1"/>', True),
        (b'<col min="3" max="3" width="0.5" customWidth="1"/>', True),
        (b'<col min="3" max="3" width="0.9" customWidth="1"/>', False),
        (b"<col min='3' max='3' width='9' customWidth='1'/>", False),
    ],
)
def test_a_column_too_narrow_for_anything_is_hidden(column, is_hidden):
    data, member = Book().xlsx(), member_of_finance()
    begin = b"<sheetData>"
    xml = parts_of(data)[member].replace(begin, b"<cols>" + column + b"</cols>" + begin)
    assert finance(with_member(data, member, xml)).hidden_columns == ({2} if is_hidden else set())


def test_a_row_too_low_for_anything_is_hidden():
    data, member = Book().xlsx(), member_of_finance()
    for height, hidden in (
        (b"0.5", {2}),
        (b"1.5", {2}),
        (b"2", {2}),
        (b"9", set()),
        (b"12", set()),
    ):
        row = b'<row r="3" ht="%s" customHeight="1"' % height
        xml = parts_of(data)[member].replace(b'<row r="3"', row)
        assert finance(with_member(data, member, xml)).hidden_rows == hidden


# -- .xls ------------------------------------------------------------------------------------------


def xls(change):
    book = xlwt.Workbook()
    sheet = book.add_sheet("经费")
    sheet.write(1, 0, "项目")
    change(sheet)
    return saved(book.save)


def test_an_xls_hides_zeros_and_narrow_columns_as_an_xlsx_does():
    def change(sheet):
        sheet.write(2, 1, 0)
        sheet.write(2, 2, 5)
        sheet.show_zero_values = False
        sheet.col(2).width = 0

    found = finance(xls(change))
    assert isinstance(found.rows[2][1], Unread) and found.rows[2][2] == 5
    assert found.hidden_columns == {2}
    plain = finance(xls(lambda sheet: sheet.write(2, 1, 0)))
    assert plain.rows[2][1] == 0 and not plain.hidden_columns


def test_an_xls_is_quoted_as_a_person_sees_it():
    style = xlwt.easyxf("font: struck_out true")
    found = finance(xls(lambda sheet: sheet.write(2, 1, 155, style)))
    assert str(found.rows[2][1]) == "155"
    tiny = finance(xls(lambda sheet: sheet.write(2, 1, 155, xlwt.easyxf("font: height 20"))))
    assert isinstance(tiny.rows[2][1], Unread) and str(tiny.rows[2][1]) == "155"


def record(kind, body=b""):
    return struct.pack("<HH", kind, len(body)) + body


def excel_95(name, cells, result=b""):
    """A sheet as Excel 95 saved it: names in the code page; `result` is a formula's in B3."""

    def begun(kind):
        return record(0x809, struct.pack("<HHHH", 0x500, kind, 0x0DBB, 0x07CC))

    title = bytes([len(name.encode("gbk"))]) + name.encode("gbk")
    font = record(0x31, struct.pack("<5H4B", 200, 0, 0x7FFF, 400, 0, 0, 0, 134, 0) + b"\4Song")
    style = record(0xE0, struct.pack("<8H", 0, 0, 1, 0x20, 0x20C0, 0, 0, 0))
    sheet = begun(0x10)
    for (row, column), content in cells.items():
        text = content.encode("gbk")
        sheet += record(0x204, struct.pack("<4H", row, column, 0, len(text)) + text)
    if result:
        sheet += record(6, struct.pack("<HHH", 2, 1, 0) + result + bytes(6) + b"\3\0\x1e\1\0")
    before = begun(5) + record(0x42, struct.pack("<H", 936)) + font * 4 + style
    at = len(before) + len(record(0x85, bytes(6) + title)) + 4
    stream = before + record(0x85, struct.pack("<IH", at, 0) + title) + record(0x0A)
    data = bytearray(saved(lambda target: XlsDoc().save(target, stream + sheet + record(0x0A))))
    entry = data.find("Workbook".encode("utf-16-le"))
    data[entry : entry + 66] = "Book".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 10)
    return bytes(data)


@pytest.mark.parametrize("name", ["经费", "A", "Sheet1"])
def test_a_workbook_of_excel_95_is_read(name):
    (sheet,) = read_workbook(excel_95(name, {(1, 0): "项目"}, struct.pack("<d", 130)))
    assert sheet.name == name
    assert sheet.rows[1][0] == "项目" and sheet.rows[2][1] == 130
    (sheet,) = read_workbook(excel_95(name, {}, bytes.fromhex("030000000000ffff")))
    assert isinstance(sheet.rows[2][1], Unread)
