"""Days and hours of which a cell shows less than the whole, and formats that write in white."""

import io
import zipfile

import openpyxl
import pytest
import xlwt
from test_seen import ods, seen, xls, xlsx
from workbooks import Book, as_saved_by_excel, kinds, read, saved, value, with_member

from orchestration.intake.workbook.date_format import date_picture, is_whole_day, moment_of

CLASS, FOUNDED, FILLED = ("cases", "title"), ("profile", "founded_year"), ("cover", "filled_on")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("m-d", "1-2"),
        ('m"月"d"日";@', "1月2日"),
        ('[$-804]yyyy"年"m"月"', "2024年1月"),
        ("yy.mm", "24.01"),
        ("h:mm", "12:05"),
        ("m:ss", "5:30"),
        ("yyyy-mm-dd hh:mm:ss", "2024-01-02 12:05:30"),
        ("d-mmm", None),
        ("[h]:mm", None),
        ('[DBNum1][$-804]m"月"', None),
        ("h:mm AM/PM", None),
        ("ss.00", None),
    ],
)
def test_a_format_makes_a_text_of_a_moment_or_says_that_it_cannot(code, shown):
    moment = moment_of("45293.50381944")
    assert moment is not None
    assert date_picture(moment, code) == shown


def test_a_serial_number_is_a_moment_only_where_everybody_agrees_which():
    assert str(moment_of("45293")) == "2024-01-02 00:00:00"
    assert str(moment_of("43831", is_1904=True)) == "2024-01-02 00:00:00"
    assert [moment_of(one) for one in ("60", "-1", "1e9", "x", "nan")] == [None] * 5


def test_a_whole_day_shows_year_month_and_day():
    assert all(map(is_whole_day, ("yyyy/m/d", '[$-804]yyyy"年"m"月"d"日"', "m/d/yy h:mm")))
    assert not any(map(is_whole_day, ("m-d", "yyyy", "General", "0", "[white]yyyy-mm-dd")))


def with_day(place, code, built_in=None):
    """The good school's workbook with a day of 2024 at a place, shown by a format."""
    book = openpyxl.load_workbook(io.BytesIO(Book().set(*place, "@@").xlsx()))
    cell = next(c for sheet in book for row in sheet for c in row if c.value == "@@")
    cell.value, cell.number_format = 45293, code if built_in is None else "0.000000"
    data = as_saved_by_excel(saved(book.save))
    if built_in is None:
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        styles = archive.read("xl/styles.xml")
    begin, end = styles.index(b"<numFmts"), styles.index(b"</numFmts>") + len(b"</numFmts>")
    own = b'numFmtId="164"'
    assert own in styles
    styles = styles[:begin] + styles[end:]
    return with_member(data, "xl/styles.xml", styles.replace(own, b'numFmtId="%d"' % built_in))


@pytest.mark.parametrize(
    ("code", "built_in", "says"),
    [("m-d", None, "1-2"), ("", 58, "1月2日"), ("", 57, "2024年1月")],
)
def test_a_text_that_was_taken_for_a_day_is_read_as_it_is_shown(code, built_in, says):
    found = read(with_day(CLASS, code, built_in))
    assert kinds(found) == []
    assert value(found, *CLASS) == says


def test_a_day_that_stands_where_a_text_is_due_is_asked_about():
    assert kinds(read(with_day(CLASS, "yyyy-mm-dd"))) == ["cell_is_ambiguous"]
    assert "cell_is_ambiguous" in kinds(read(with_day(CLASS, "[$-804]d-mmm")))


def test_a_year_may_be_a_day_that_shows_its_year():
    found = read(with_day(FOUNDED, 'yyyy"年"'))
    assert kinds(found) == []
    assert value(found, *FOUNDED) == "2024"


def test_a_day_is_the_day_that_is_meant_however_little_of_it_is_shown():
    found = read(with_day(FILLED, 'm"月"d"日"'))
    assert kinds(found) == []
    assert value(found, *FILLED) == "2024-01-02"


@pytest.mark.parametrize("code", ["d", "m-d", "yyyy", "yyyy-mm-dd"])
def test_a_count_that_is_shown_as_a_day_is_no_count(code):
    assert kinds(read(with_day(("students", "entrants"), code))) == ["cell_is_not_a_number"]


def test_an_xls_and_an_ods_say_of_a_day_what_they_show():
    def change(sheet):
        sheet.write(2, 1, 45293, xlwt.easyxf(num_format_str="m-d"))

    assert seen(xls(change)).shown == "1-2"
    cell = (
        b"<table:table-cell office:value-type='date' office:date-value='%s'><text:p>%s</text:p>"
        b"</table:table-cell>"
    )
    assert seen(ods(cell % (b"2024-01-02", b"1-2"))).shown == "1-2"
    assert str(seen(ods(cell % (b"2024-01-02", b"2024/1/2")))) == "2024-01-02"


# -- what a format writes in white, or fills a cell with -------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("[white]0", "cell_shows_nothing"),
        ("[Color2]0", "cell_shows_nothing"),
        ("[白色]#,##0.00", "cell_shows_nothing"),
        ("[white]yyyy-mm-dd", "cell_shows_nothing"),
        ("0.00*元", "cell_shows_otherwise"),
        ("*10", "cell_shows_otherwise"),
    ],
)
def test_a_number_that_its_format_hides_or_fills_up_is_not_read(code, kind):
    def change(sheet, cell):
        cell.value, cell.number_format = 38, code

    assert kinds(read(xlsx(change))) == [kind]


@pytest.mark.parametrize("code", ["[red]0", "0;[white]-0", "_ * #,##0.00_ ", "[Color 3]0"])
def test_a_number_in_another_colour_or_with_room_around_it_is_read(code):
    def change(sheet, cell):
        cell.value, cell.number_format = 38, code

    found = read(xlsx(change))
    assert kinds(found) == []
    assert value(found, "finance", "fiscal_appropriation_10k_cny") == "38"


@pytest.mark.parametrize("code", ['m"月"d"日"', 'yyyy"年"m"月"', "yyyy-mm-dd"])
def test_a_day_that_stands_alone_below_the_records_is_when_the_sheet_was_filled(code):
    book = Book()
    book.sheets["满意度"].append(["@@"])
    opened = openpyxl.load_workbook(io.BytesIO(book.xlsx()))
    cell = next(c for row in opened["满意度"] for c in row if c.value == "@@")
    cell.value, cell.number_format = 45293, code
    assert kinds(read(as_saved_by_excel(saved(opened.save)))) == []
