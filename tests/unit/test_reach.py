"""How far a sheet reaches, and what stands apart from all else on it."""

import time

import pytest
from test_seen_cells import THREE, edited, part_of
from workbooks import Book, kinds, only_problem, places, read, value, with_member, zipped

from orchestration.intake.workbook.limits import reach

ENTRANTS = ("students", "entrants")
SHEET, END = "xl/worksheets/sheet4.xml", b"</sheetData>"


@pytest.mark.parametrize(
    ("strays", "reached"),
    [
        ([], (10, 5)),
        ([(15_000, 134)], (10, 5)),
        ([(19_000, 400), (3, 499)], (10, 500)),
        ([(19_000, 3)], (19_001, 5)),
        ([(19_000 + n, 400) for n in range(6)], (19_006, 401)),
    ],
)
def test_a_few_cells_that_make_a_sheet_large_are_not_reached(strays, reached):
    table = [(row, at) for row in range(10) for at in range(5)]
    assert reach([*table, *strays]) == reached


def test_a_stray_cell_within_the_limits_is_named_and_the_rest_is_read():
    stray = b'<row r="15000"><c r="EE15000" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    found = read(edited(Book().xlsx(), SHEET, (END, stray)))
    assert places(found, "content_is_not_read") == ["学生!EE15000"]
    assert value(found, *ENTRANTS) == "60"
    row = (
        '<table:table-row table:number-rows-repeated="14990"><table:table-cell/></table:table-row>'
    )
    row += (
        '<table:table-row><table:table-cell table:number-columns-repeated="134"/><table:table-cell '
    )
    row += 'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
    content = part_of(Book().ods(), "content.xml")
    content = content.replace(b"</table:table>", row.encode() + b"</table:table>", 5)
    found = read(with_member(Book().ods(), "content.xml", content))
    assert len(places(found, "content_is_not_read")) == 5
    assert value(found, *ENTRANTS) == "60"


def test_an_ods_that_repeats_values_on_many_sheets_is_too_large_before_anybody_expands_it():
    content = part_of(Book().ods(), "content.xml")
    bomb = "".join(
        f'<table:table table:name="t{n}"><table:table-row table:number-rows-repeated="19999">'
        '<table:table-cell office:value-type="float" office:value="1" '
        'table:number-columns-repeated="499"/></table:table-row></table:table>'
        for n in range(8)
    ).encode()
    end = b"</office:spreadsheet>"
    data = with_member(Book().ods(), "content.xml", content.replace(end, bomb + end))
    assert only_problem(data) == "file_is_too_large"


@pytest.mark.parametrize(
    "blank",
    [
        '<c r="{}" s="0"/>',
        '<c r="{}" s="0" t="n"/>',
        '<c r="{}" s="0" t="str"><v></v></c>',
        '<c r="{}" s="0"></c>',
        '<c s="0" r="{}" />',
    ],
)
def test_blank_cells_are_not_counted_however_they_are_written(blank):
    rows = "".join(
        f'<row r="{n}">' + "".join(blank.format(f"{at}{n}") for at in "ABCDEFGHIJK") + "</row>"
        for n in range(20, 19_000)
    )
    asked = THREE.replace(b"t=", b'h="hidden" t=')
    began = time.process_time()
    found = read(edited(Book().xlsx(), SHEET, (THREE, asked), (END, rows.encode() + END)))
    assert time.process_time() - began < 8
    assert found.is_read and kinds(found) == []


def test_parts_that_repeat_what_is_looked_for_take_no_longer_than_their_length():
    began = time.process_time()
    relations = "xl/_rels/workbook.xml.rels"
    aside = b"<!-- " + b"Target=x" * 45_000 + b" --></Relationships>"
    assert read(edited(Book().xlsx(), relations, (b"</Relationships>", aside))).is_read
    meta = b"<m:meta xmlns:m='m'>" + b"generator>" * 50_000 + b"</m:meta>"
    assert read(with_member(Book().ods(), "meta.xml", meta)).is_read
    read(zipped({"_" * 60_000 + ".csv": "a,b\n1,2\n"}))
    assert time.process_time() - began < 5
