"""Files of every kind, good and hostile: each is read, or stopped with a clear word and alone."""

import csv
import io
import pickle
import struct
import zipfile

import openpyxl
import pytest
import xlsxwriter
import xlwt
from workbooks import (
    CODE,
    Book,
    as_saved_by_excel,
    cell,
    compound,
    computed,
    kinds,
    only_problem,
    places,
    read,
    saved,
    value,
    with_member,
    zipped,
)
from xlwt import CompoundDoc

from orchestration.ground.text import Text
from orchestration.intake.workbook import limits, reader
from orchestration.intake.workbook.problems import UnreadableFile

FORMATS = {
    "xlsx": lambda book: book.xlsx(),
    "wps": lambda book: book.wps(),
    "xls": lambda book: book.xls(),
    "ods": lambda book: book.ods(),
    "csv in utf-8": lambda book: book.csv_zip("utf-8"),
    "csv in utf-8 with bom": lambda book: book.csv_zip("utf-8-sig"),
    "csv in gbk": lambda book: book.csv_zip("gbk"),
    "csv in utf-16": lambda book: book.csv_zip("utf-16"),
    "csv in a folder": lambda book: book.csv_zip("utf-8", folder="报表/2024/"),
}
every_format = pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)


# -- kinds of files --------------------------------------------------------------------------------


@every_format
def test_the_same_school_is_read_from_every_kind_of_file(write):
    found = read(write(Book()))
    assert kinds(found) == []
    assert found.is_read
    assert found.school_code == CODE
    assert cell(found, "students", "enrolled") == ("175", "175", "B4")
    assert [value(found, "programmes", "major_code", n) for n in (0, 1)] == ["710101", "610101"]
    assert value(found, "conditions", "campus_area_m2") == "20000.5"
    assert value(found, "students", "fitness_tested") is None


@every_format
def test_a_messy_cell_is_read_alike_from_every_kind_of_file(write):
    book = Book().set("students", "entrants", "６０人").set("students", "enrolled", "97.78%")
    found = read(write(book))
    assert cell(found, "students", "entrants") == ("６０人", "60", "B3")
    assert cell(found, "students", "enrolled") == ("97.78%", None, "B4")
    assert places(found, "cell_is_not_a_number") == ["学生!B4"]


@pytest.mark.parametrize("name", ["xlsx", "wps", "xls", "ods"])
def test_hidden_sheets_are_named_and_read(name):
    book = Book()
    book.hidden = {"学生"}
    if name in {"wps", "ods"}:
        book.hidden = set()
        assert kinds(read(FORMATS[name](book))) == []
        return
    found = read(FORMATS[name](book))
    assert places(found, "sheet_is_hidden") == ["学生!"]
    assert value(found, "students", "enrolled") == "175"


@pytest.mark.parametrize("name", ["xlsx", "wps", "xls", "ods", "csv in gbk"])
def test_a_cell_with_an_error_is_a_problem_and_neither_blank_nor_zero(name):
    found = read(FORMATS[name](Book().set("students", "enrolled", "#REF!")))
    assert places(found, "cell_is_an_error") == ["学生!B4"]
    assert cell(found, "students", "enrolled") == ("#REF!", None, "B4")
    assert "required_cell_is_empty" not in kinds(found)


@pytest.mark.parametrize("name", ["xlsx", "wps", "ods"])
def test_a_formula_that_was_never_computed_is_a_problem_and_neither_blank_nor_zero(name):
    book = Book().set("students", "enrolled", "=120+55").set("staff", "recruited_teachers", "=1+1")
    found = read(FORMATS[name](book))
    assert places(found, "cell_is_a_formula_without_value") == sorted(
        [book.at("students", "enrolled"), book.at("staff", "recruited_teachers")]
    )
    assert cell(found, "students", "enrolled") == ("=120+55", None, "B4")


def test_a_formula_is_read_by_the_value_that_was_computed_last():
    book = Book()
    data = computed(
        book,
        {
            book.at("students", "enrolled"): ("=SUM(专业设置!F3:F4)", 175),
            book.at("students", "entrants"): ("=[1]Sheet1!$A$1", 60),
            book.at("staff", "staff"): ("=1/0", "#DIV/0!"),
            book.at("staff", "recruited_teachers"): ("=1+1", ""),
        },
    )
    found = read(data)
    assert value(found, "students", "enrolled") == "175"
    assert value(found, "students", "entrants") == "60"
    assert places(found, "cell_is_an_error") == [book.at("staff", "staff")]
    assert places(found, "cell_is_a_formula_without_value") == [
        book.at("staff", "recruited_teachers")
    ]


def test_a_formula_whose_result_is_the_empty_text_is_blank():
    data = Book().xlsx()
    member = "xl/worksheets/sheet4.xml"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(member)
    empty = b'<c r="B5" t="str"><f>IF(1,"","")</f><v></v></c>'
    assert xml.count(b'<c r="B5" t="n"><v>30</v></c>') == 1
    data = with_member(data, member, xml.replace(b'<c r="B5" t="n"><v>30</v></c>', empty))
    found = read(as_saved_by_excel(data))
    assert kinds(found) == []
    assert cell(found, "students", "certificate_holders") == ("", None, "B5")


def test_dates_are_read_from_real_dates_serials_and_texts():
    for typed in ("2024-12-25", "2024年12月25日", 45651):
        found = read(Book().set("cover", "filled_on", typed).xlsx())
        assert value(found, "cover", "filled_on") == "2024-12-25"
    opened = openpyxl.load_workbook(io.BytesIO(Book().set("cover", "filled_on", 45651).xlsx()))
    opened["封面"]["B7"].number_format = "yyyy/m/d"
    assert value(read(saved(opened.save)), "cover", "filled_on") == "2024-12-25"


@pytest.mark.parametrize(
    ("typed", "format", "day"),
    [
        (45651, "yyyy-mm-dd", "2024-12-25"),
        (45651, 'yyyy"年"m"月"d"日"', "2024-12-25"),
        (45651.75, "yyyy-mm-dd hh:mm", "2024-12-25"),
        (45651, "General", "2024-12-25"),
        (0.5, "hh:mm", None),
        (3_000_000, "yyyy-mm-dd", None),
    ],
)
def test_a_date_in_an_xls_is_the_day_that_it_is_shown_as(typed, format, day):
    book, at = Book(), Book().place("cover", "filled_on")
    made = xlwt.Workbook()
    for name, rows in book.sheets.items():
        sheet = made.add_sheet(name)
        for line, row in enumerate(rows):
            for column, content in enumerate(row):
                if content is not None:
                    sheet.write(line, column, content)
        if name == at[0]:
            sheet.write(*at[1:], typed, xlwt.easyxf(num_format_str=format))
    found = read(saved(made.save), f"{CODE}.xls")
    assert value(found, "cover", "filled_on") == day
    is_beyond = typed > 2_958_465  # Excel shows ##### for it
    problem = "cell_shows_otherwise" if is_beyond else "cell_is_not_a_date"
    assert kinds(found) == ([] if day else [problem])


def test_yes_in_an_xls_may_be_a_truth_value():
    found = read(Book().set("cover", "is_confirmed", True).xls(), f"{CODE}.xls")
    assert cell(found, "cover", "is_confirmed")[:2] == ("TRUE", "true")


def test_a_chart_sheet_does_not_stop_its_workbook():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for name, rows in Book().sheets.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                sheet.write_row(line, 0, row)
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=学生!$B$3:$B$4"})
        book.add_chartsheet("图表").set_chart(chart)
    found = read(target.getvalue())
    assert found.is_read
    assert kinds(found) == []


def test_macros_and_links_are_never_run_only_read_past():
    data = with_member(Book().xlsx(), "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 macro")
    data = with_member(data, "xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    found = read(data, f"{CODE}.xlsm")
    assert found.is_read
    assert kinds(found) == []


def test_markup_and_formula_texts_stay_texts():
    texts = [
        "<script>alert(1)</script>",
        '=HYPERLINK("http://example.invalid","点这里")',
        "@SUM(A1)",
    ]
    book = Book()
    book.sheets["典型案例"] = book.sheets["典型案例"][:2] + [[text, text] for text in texts]
    found = read(computed(book, {}))
    assert places(found, "row_may_be_a_note") == ["典型案例!A5"]  # SUM is a total's word
    assert kinds(found) == ["row_may_be_a_note"]
    assert [value(found, "cases", "title", n) for n in range(3)] == texts
    assert [value(found, "cases", "body", n) for n in range(3)] == texts
    # What a csv holds is a formula to whoever opens it, and nobody sees its result.
    found = read(book.csv_zip("gbk"))
    assert kinds(found).count("cell_is_a_formula_without_value") == 2
    assert [value(found, "cases", "title", n) for n in range(3)] == [texts[0], None, texts[2]]


# -- files that are no workbooks -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "file_is_empty"),
        (b"PK", "file_is_broken"),
        (Book().xlsx()[:4000], "file_is_broken"),
        (Book().xls()[:4000], "file_is_broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_is_broken"),
        (compound("Root Entry", "WordDocument"), "file_is_not_a_workbook"),
        (compound("Root Entry", "Workbook"), "file_is_broken"),
        (compound("Root Entry", "EncryptionInfo", "EncryptedPackage"), "file_is_encrypted"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "file_is_not_a_workbook"),
        ("招生数,60".encode("gbk"), "file_is_not_a_workbook"),
        (b"%PDF-1.7", "file_is_not_a_workbook"),
        (
            zipped({"word/document.xml": "<a/>", "[Content_Types].xml": ""}),
            "file_is_not_a_workbook",
        ),
        (zipped({"x.xlsx": Book().xlsx()}), "file_is_not_a_workbook"),
        (zipped({"xl/workbook.xml": "<workbook", "[Content_Types].xml": ""}), "file_is_broken"),
        (zipped({"学生.csv": b"\xff\x00\x80\x81\xff"}), "file_is_broken"),
        (zipped({"学生.csv": "x" * 200_000}), "file_is_broken"),
        (zipped({"学生.csv": ""}), "file_is_empty"),
        (zipped({}), "file_is_not_a_workbook"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_what_is_no_workbook_says_which_kind_of_none(data, kind):
    assert only_problem(data) == kind


@pytest.mark.parametrize("limit", [10_000, 2**30])
def test_a_cell_longer_than_any_is_told_of_whatever_else_reads_csv_beside(limit):
    """Python's limit is the whole process's, and dbt's tables set their own."""
    before = csv.field_size_limit(limit)
    try:
        found = read(zipped({"学生.csv": f"指标,本年\n招生数,{'6' * 200_000}\n"}))
        fits = read(zipped({"学生.csv": f"指标,本年\n招生数,{'6' * 32_767}\n"}))
    finally:
        csv.field_size_limit(before)
    (problem,) = found.problems
    assert problem.kind == "file_is_broken"
    assert "第 2 行" in problem.detail.zh and "200000" in problem.detail.zh
    assert "line 2 of 学生.csv" in problem.detail.en
    assert kinds(fits) == ["file_is_another_form"]


def test_a_workbook_with_blank_sheets_only_is_empty():
    assert only_problem(saved(openpyxl.Workbook().save)) == "file_is_empty"


def test_a_file_that_is_cut_off_is_never_read_as_if_it_were_whole():
    for data in (Book().xlsx(), Book().xls(), Book().ods(), Book().csv_zip("gbk")):
        # The very last bytes of an .xls pad its directory; without them it is whole.
        for length in range(1, len(data) - 21, len(data) // 23):
            found = read(data[:length])
            assert not found.is_read
            assert set(kinds(found)) <= {"file_is_broken", "file_is_not_a_workbook"}


def test_flipped_bytes_stop_at_most_their_own_file():
    good = Book().xlsx()
    for at in range(0, len(good), len(good) // 60):
        found = read(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
        assert found.is_read or found.problems


def test_a_password_is_told_in_every_kind_of_file():
    stream = xlwt.Workbook()
    stream.add_sheet("学生")
    records = stream.get_biff_data()
    first = 4 + struct.unpack_from("<H", records, 2)[0]
    locked = records[:first] + struct.pack("<HH", 0x2F, 54) + bytes(54) + records[first:]
    target = io.BytesIO()
    CompoundDoc.XlsDoc().save(target, locked)
    assert only_problem(target.getvalue(), f"{CODE}.xls") == "file_is_encrypted"

    archive = bytearray(Book().csv_zip("utf-8"))
    directory = archive.index(b"PK\x01\x02")
    archive[directory + 8] |= 1
    assert only_problem(bytes(archive)) == "file_is_encrypted"


# -- names in archives -----------------------------------------------------------------------------


def test_paths_in_an_archive_lead_nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sheets = Book().sheets
    tricks = ["../../", "/", "C:\\", "..\\..\\", "a/b/"]
    parts = {}
    for number, (name, rows) in enumerate(sheets.items()):
        lines = "\n".join(",".join("" if v is None else str(v) for v in row) for row in rows)
        parts[f"{tricks[number % len(tricks)]}{name}.csv"] = lines
    found = read(zipped(parts))
    assert kinds(found) == []
    assert found.is_read
    assert list(tmp_path.iterdir()) == []


def test_a_macs_shadow_files_are_passed_over():
    data = with_member(Book().csv_zip("utf-8"), "__MACOSX/._学生.csv", b"\x00\x05\x16\x07")
    assert kinds(read(data)) == []


def test_unreadable_says_its_kind_and_both_sentences():
    with pytest.raises(UnreadableFile) as caught:
        reader.read_workbook(b"%PDF")
    assert caught.value.kind == "file_is_not_a_workbook"
    assert "PDF" in caught.value.text.zh and "PDF" in caught.value.text.en


def test_unreadable_is_the_same_in_another_process():
    again = pickle.loads(pickle.dumps(limits.too_large("太大", "too large", "学生")))
    assert (again.kind, str(again.place)) == ("file_is_too_large", "学生 学生")
    assert again.text == Text("学生：太大", "学生: too large")
