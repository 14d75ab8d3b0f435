"""Packages that are put together in unusual ways, and what cells hold for programs to come."""

import io
import struct
import zipfile

import pytest
from workbooks import Book, computed, kinds, read, value, with_member

from orchestration.intake.workbook.limits import open_archive, stored

SHEET = "xl/worksheets/sheet4.xml"
ENTRANTS = ("students", "entrants")


def repacked(rename=lambda name: name, edit=lambda name, part: part):
    """The good school's workbook with other names of parts, and other parts."""
    target = io.BytesIO()
    data = computed(Book(), {})
    with zipfile.ZipFile(io.BytesIO(data)) as read_, zipfile.ZipFile(target, "w") as made:
        for name in read_.namelist():
            made.writestr(rename(name), edit(name, read_.read(name)))
    return target.getvalue()


def in_relations(old, new):
    def edit(name, part):
        return part.replace(old, new) if name.endswith(".rels") or name[0] == "[" else part

    return edit


def to_sheets(dressing):
    def edit(name, part):
        if name != "xl/_rels/workbook.xml.rels":
            return part
        assert b'Target="worksheets' in part
        return part.replace(b'Target="worksheets', b'Target="%sworksheets' % dressing)

    return edit


def wide(*names):
    def edit(name, part):
        if not name.startswith(names):
            return part
        return part.decode().replace("UTF-8", "UTF-16").encode("utf-16")

    return edit


PACKAGES = {
    "another name of the workbook": repacked(
        lambda name: name.replace("workbook.xml", "workbook22.xml"),
        in_relations(b"workbook.xml", b"workbook22.xml"),
    ),
    "members with a slash": repacked(lambda name: f"/{name}"),
    "steps up": repacked(edit=to_sheets(b"../xl/")),
    "steps nowhere": repacked(edit=to_sheets(b"./")),
    "a space": repacked(
        lambda name: name.replace("sheet4.xml", "she et4.xml"),
        in_relations(b"sheet4.xml", b"she%20et4.xml"),
    ),
    "texts in UTF-16": repacked(edit=wide("xl/sharedStrings")),
    "sheets in UTF-16": repacked(edit=wide("xl/worksheets/")),
}


@pytest.mark.parametrize("data", PACKAGES.values(), ids=PACKAGES)
def test_a_package_in_an_unusual_order_is_read(data):
    found = read(data)
    assert found.is_read and kinds(found) == []
    assert value(found, *ENTRANTS) == "60"


def test_a_package_whose_parts_are_not_there_is_broken():
    found = read(repacked(edit=to_sheets(b"../xl/no")))
    assert kinds(found) == ["file_is_broken"]


def test_a_sheet_whose_checksum_is_another_is_broken():
    data = Book().xlsx()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        checksum = struct.pack("<L", archive.getinfo(SHEET).CRC)
    assert data.count(checksum) == 2
    assert kinds(read(data)) == []
    assert kinds(read(data.replace(checksum, b"\0\1\2\3"))) == ["file_is_broken"]


def test_what_was_unpacked_is_packed_no_more_and_the_rest_is_as_it_was():
    data = Book().xlsx()
    with open_archive(data) as archive:
        members = {member.filename: archive.read(member) for member in archive.infolist()}
        made = stored(data, archive, {SHEET: members[SHEET]})
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == members
        unpacked = [m.filename for m in archive.infolist() if m.compress_type == 0]
    assert unpacked == [SHEET]


def with_cell(cell, member=SHEET, old=b'<c r="B3" t="n"><v>60</v></c>'):
    data = Book().xlsx()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(member)
    assert old in xml
    return with_member(data, member, xml.replace(old, cell, 1))


@pytest.mark.parametrize(
    "inside",
    [
        b'<extLst><ext uri="x"><v>77</v></ext></extLst>',
        b'<x:extLst xmlns:x="urn:x"><x:ext/></x:extLst>',
        b"<extLst/>",
    ],
)
def test_what_a_cell_holds_for_programs_to_come_is_no_value(inside):
    found = read(with_cell(b'<c r="B3"><v>60</v>%s</c>' % inside))
    assert found.is_read and kinds(found) == []
    assert value(found, *ENTRANTS) == "60"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (b"2024-12-10T00:00:00.000Z", "2024-12-10"),
        (b"2024-12-10T00:00:00Z", "2024-12-10"),
        (b"2024-12-09T16:00:00.000Z", None),
    ],
)
def test_a_day_of_the_whole_world_is_a_day_and_a_moment_is_not_guessed(written, day):
    old = b'</c></row><row r="8">'
    cell = b'</c><c r="B7" t="d"><v>%s</v></c></row><row r="8">' % written
    found = read(with_cell(cell, "xl/worksheets/sheet1.xml", old))
    assert value(found, "cover", "filled_on") == day
    assert kinds(found) == ([] if day else ["cell_is_not_a_date"])
