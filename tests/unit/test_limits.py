"""Files that ask for too much: refused before they fill the memory, stopping only themselves."""

import io
import struct
import time
import zipfile
import zlib

import openpyxl
import pytest
import xlwt
from workbooks import (
    CODE,
    Book,
    computed,
    kinds,
    only_problem,
    read,
    saved,
    value,
    with_member,
    zipped,
)

from orchestration.intake.workbook import limits, reader
from orchestration.intake.workbook.reader import read_workbook


def test_a_file_over_the_limit_is_not_opened():
    assert only_problem(b"PK" + bytes(limits.MAX_BYTES)) == "file_is_too_large"


def test_a_zip_bomb_is_not_unpacked():
    bomb = zipped({"xl/workbook.xml": bytes(30_000_000), "[Content_Types].xml": ""})
    assert len(bomb) < 100_000
    assert only_problem(bomb) == "file_is_too_large"


def test_an_archive_of_too_many_members_is_not_read():
    many = zipped({f"{n}.csv": "" for n in range(limits.MAX_MEMBERS + 1)})
    assert only_problem(many) == "file_is_too_large"


def test_members_that_overlap_are_a_bomb():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("学生.csv", bytes(range(256)) * 40)
        for number in range(5):
            again = zipfile.ZipInfo(f"{number}.csv")
            first = archive.filelist[0]
            for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(again, name, getattr(first, name))
            archive.filelist.append(again)
    assert only_problem(target.getvalue()) == "file_is_too_large"


def test_a_member_that_lies_about_its_size_is_found_out(monkeypatch):
    monkeypatch.setattr(limits, "MAX_UNPACKED", 1_000_000)
    data = bytearray(zipped({"学生.csv": bytes(3_000_000)}))
    claimed = 1000
    directory = data.index(b"PK\x01\x02")
    for at in (14, directory + 16):
        data[at : at + 4] = struct.pack("<I", zlib.crc32(bytes(claimed)))
    for at in (22, directory + 24):
        data[at : at + 4] = struct.pack("<I", claimed)
    assert only_problem(bytes(data)) == "file_is_too_large"


def test_an_unknown_compression_is_no_surprise():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("学生.csv", "招生数,60")
    assert only_problem(target.getvalue()) == "file_is_broken"


def far_out(book, line, at):
    opened = openpyxl.load_workbook(io.BytesIO(book.xlsx()))
    opened["学生"].cell(line, at, "x")
    return saved(opened.save)


@pytest.mark.parametrize(("line", "at"), [(1048576, 16384), (1048576, 1), (1, 16384), (20001, 2)])
def test_a_cell_at_the_end_of_the_sheet_is_named_and_the_rest_is_read(line, at):
    found = read(far_out(Book(), line, at))
    assert found.is_read
    assert value(found, "students", "enrolled") == "175"
    assert [(p.kind, p.sheet, p.typed) for p in found.problems] == [
        ("content_is_not_read", "学生", "x")
    ]
    assert found.problems[0].cell == f"{openpyxl.utils.get_column_letter(at)}{line}"


@pytest.mark.parametrize(("line", "at"), [(1048576, 1), (1, 16384)])
def test_a_space_at_the_end_of_the_sheet_is_nothing(line, at):
    opened = openpyxl.load_workbook(io.BytesIO(Book().xlsx()))
    opened["学生"].cell(line, at, " ")
    found = read(saved(opened.save))
    assert found.is_read and kinds(found) == []


def test_much_content_beyond_the_form_is_a_file_too_large():
    opened = openpyxl.load_workbook(io.BytesIO(Book().xlsx()))
    for line in range(30_000, 30_010):
        opened["学生"].cell(line, 1, "x")
    assert only_problem(saved(opened.save)) == "file_is_too_large"


def test_a_sheet_of_the_greatest_length_is_read():
    found = read(far_out(Book(), 20000, 3))
    assert found.is_read
    assert kinds(found) == ["content_is_not_read"]


def test_cells_that_do_not_say_where_they_are_are_counted():
    data = Book().wps()
    rows = "<row/>" * 30_000 + "<row>" + "<c/>" * 400 + "<c><v>1</v></c></row>"
    xml = f"<worksheet><sheetData><row><c><v>1</v></c></row>{rows}</sheetData></worksheet>"
    filler = b"<!--" + "".join(chr(33 + n * n % 90) for n in range(40_000)).encode() + b"-->"
    data = with_member(data, "xl/worksheets/data4.xml", xml.encode())
    data = with_member(data, "docProps/filler.bin", filler)
    assert only_problem(data) == "file_is_too_large"


def test_an_xls_cell_at_the_end_of_the_sheet_does_not_fill_the_memory():
    book = xlwt.Workbook()
    sheet = book.add_sheet("学生")
    sheet.write(0, 0, 1)
    sheet.write(65535, 255, 1)
    (found,) = read_workbook(saved(book.save))
    assert len(found.rows) <= limits.MAX_ROWS
    assert found.strays == {(65535, 255): "1"}


def test_an_ods_that_repeats_a_cell_a_million_times_does_not_fill_the_memory():
    data = Book().ods()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("content.xml")
    wide = content.replace(
        b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="16384" ', 1
    )
    assert wide != content
    assert only_problem(with_member(data, "content.xml", wide)) == "file_is_too_large"


def test_a_long_text_that_is_stored_once_and_used_often_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(reader, "MAX_UNPACKED", 2_000_000)
    book = Book()
    book.sheets["典型案例"] += [["示例" * 2000, "示例" * 2000] for _ in range(200)]
    assert only_problem(computed(book, {})) == "file_is_too_large"


def test_many_wide_sheets_are_too_many_cells(monkeypatch):
    monkeypatch.setattr(limits, "MAX_CELLS", 1000)
    book = Book()
    book.sheets["学生"] += [["x"] * 40] * 40
    assert only_problem(book.xlsx()) == "file_is_too_large"
    assert only_problem(book.csv_zip("utf-8")) == "file_is_too_large"


def test_a_document_type_is_refused_with_its_entities():
    data = Book().xlsx()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("xl/worksheets/sheet4.xml")
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + xml.replace(
        b'<c r="B3" t="n"><v>60</v></c>', b'<c r="B3" t="str"><f>1</f><v>&b;</v></c>'
    )
    assert only_problem(with_member(data, "xl/worksheets/sheet4.xml", bomb)) == "file_is_broken"


def test_a_sheet_that_claims_to_be_endless_takes_no_more_than_it_holds():
    data, member = Book().xlsx(), "xl/worksheets/sheet4.xml"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(member)
    whole = b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    for old, new, asked in (
        (b'<dimension ref="A1:B7"', b'<dimension ref="A1:XFD1048576"', set()),
        # A person sees the first of merged cells, and nothing of what is below it.
        (b"</sheetData>", b"</sheetData>" + whole, {"column_is_missing", "content_is_not_read"}),
    ):
        assert old in xml
        found = read(with_member(data, member, xml.replace(old, new)))
        assert (found.is_read, set(kinds(found))) == (True, asked)


@pytest.mark.parametrize("rows", [65536, 2**31, 2**32 - 1])
def test_an_xls_that_claims_to_be_endless_takes_no_more_than_it_holds(rows):
    data = bytearray(Book().xls())
    size = data.index(struct.pack("<HH", 0x200, 14))
    data[size + 8 : size + 12] = struct.pack("<I", rows)
    found = read(bytes(data), f"{CODE}.xls")
    assert (found.is_read, kinds(found)) == (True, [])


def test_an_xls_of_many_sheets_stops_at_its_cells_and_not_at_its_sheets(monkeypatch):
    monkeypatch.setattr(limits, "MAX_CELLS", 1000)
    book = Book()
    book.sheets["学生"] += [["x"] * 40] * 40
    assert only_problem(book.xls(), f"{CODE}.xls") == "file_is_too_large"


def students(*edits):
    """A workbook as xlsx whose sheet of students is edited as bytes."""
    data, member = Book().xlsx(), "xl/worksheets/sheet4.xml"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(member)
    for old, new in edits:
        assert old in xml
        xml = xml.replace(old, new, 1)
    return with_member(data, member, xml)


ENTRANTS, END = b'<c r="B3" t="n"><v>60</v></c>', b"</sheetData>"
HIDING = b'<conditionalFormatting sqref="H%d"><cfRule type="cellIs"><x:dxf xmlns:x="urn:x"><x:font>'
HIDING += b"<x:strike/></x:font></x:dxf></cfRule></conditionalFormatting>"
LOOKED_AT = b'<c r="B3" h="hidden"><v>60</v></c>'  # no plain cell, though it shows what it says


def blank_rows(last, columns="A"):
    cells = "".join(f'<c r="{column}{{0}}" s="0"/>' for column in columns)
    rows = (f'<row r="{n}">{cells.format(n)}</row>' for n in range(20, last))
    return "".join(rows).encode()


WIDE = [chr(65 + n) for n in range(26)] + [f"A{chr(65 + n)}" for n in range(26)]


@pytest.mark.parametrize(
    "edits",
    [
        [(END, b'<row r="20">' + b'<c r="AA20" h="hidden"></c >' * 20_000 + b"</row>" + END)],
        [(ENTRANTS, LOOKED_AT), (END, b"<row " * 20_000 + END)],
        [
            (ENTRANTS, LOOKED_AT),
            (
                END,
                blank_rows(2000, "ABCDEFGHIJ") + END + b"".join(HIDING % n for n in range(1, 6000)),
            ),
        ],
        [(ENTRANTS, LOOKED_AT), (END, blank_rows(10_000, WIDE) + END)],
        [(END, blank_rows(300_000) + END), (b">60<", b">6<!-- -->0<")],
        [
            (ENTRANTS, b'<c r="B3" t="inlineStr"><is><t>60&#10;</t></is></c>'),
            (END, blank_rows(300_000) + END),
        ],
        [(END, b"<!--" * 200_000 + END)],
    ],
    ids=["cells", "rows", "conditions", "blanks", "comment", "line break", "open comments"],
)
def test_no_sheet_takes_longer_than_its_length(edits):
    began = time.process_time()
    found = read(students(*edits))
    assert time.process_time() - began < 8
    if found.is_read:
        assert value(found, "students", "entrants") == "60"
    else:
        assert kinds(found) == ["file_is_broken"]


def test_more_conditions_and_cells_than_anybody_looks_through_are_too_large():
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(20, 3000))
    data = students((END, rows + END + b"".join(HIDING % n for n in range(1, 6000))))
    assert only_problem(data) == "file_is_too_large"


@pytest.mark.parametrize("aside", [b"<!-- x -->", b"<?x y?>", b"<!-- <row r='3'> -->"])
def test_what_is_said_aside_in_a_sheet_changes_nothing(aside):
    found = read(students((ENTRANTS, aside + LOOKED_AT), (END, blank_rows(30_000) + aside + END)))
    assert found.is_read and kinds(found) == []
    assert value(found, "students", "entrants") == "60"


def test_a_text_that_is_kept_from_being_markup_is_a_text():
    text = b'<c r="B3" t="inlineStr"><is><t><![CDATA[60<!-- & -->]]></t></is></c>'
    found = read(students((ENTRANTS, text)))
    assert [(p.kind, p.typed) for p in found.problems] == [
        ("cell_is_not_a_number", "60<!-- & -->"),
    ]
