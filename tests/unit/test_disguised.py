"""Workbooks that show one thing and store another: two documents, two values, runs, doubles."""

import io
import re
import time
import zipfile

import pytest
from workbooks import Book, computed, kinds, read, value, with_member

from orchestration.forms.contract import load_form
from orchestration.ground.home import REPOSITORY
from orchestration.intake.reading.records import layout_of
from orchestration.intake.workbook.ooxml import plain
from orchestration.intake.workbook.sheet import Sheet

SHEET = "xl/worksheets/sheet4.xml"
PLACE = re.compile(rb'<c r="B3"[^>]*><v>[0-9.]+</v></c>')


def member(data, name):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def with_cell(cell, data=None):
    """The good school's workbook, its number of entrants written otherwise."""
    data = data or computed(Book(), {})
    xml = member(data, SHEET)
    assert len(PLACE.findall(xml)) == 1
    return with_member(data, SHEET, PLACE.sub(lambda _: cell, xml))


def both(*names):
    """A workbook with other parts beside its own."""
    data = computed(Book(), {})
    for name in names:
        data = with_member(data, name, b"<workbook/>")
    return data


def test_a_package_that_names_another_document_than_the_usual_one_is_not_read():
    other = both("xl/workbook2.xml")
    relations = member(other, "_rels/.rels").replace(b"xl/workbook.xml", b"xl/workbook2.xml")
    assert kinds(read(with_member(other, "_rels/.rels", relations))) == ["file_is_broken"]
    assert kinds(read(other)) == []


def test_a_package_with_two_kinds_of_documents_is_not_read():
    assert kinds(read(both("content.xml"))) == ["file_is_broken"]


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="B3"><v>1510</v><is><t>9999</t></is></c>',
        b'<c r="B3"><v>1510</v><v>9999</v></c>',
        b'<c r="B3" t="inlineStr"><is><t>1510</t></is><is><t>9999</t></is></c>',
        b'<c r="B3"><v>1510</v><is/></c>',
        b'<c r="B3"><v>1510</v></c><c r="B3"><v>9999</v></c>',
    ],
)
def test_a_cell_with_two_values_is_asked_about(cell, monkeypatch):
    assert kinds(read(with_cell(cell))) == ["cell_is_ambiguous"]
    monkeypatch.setattr(plain, "_LONG", 0)
    assert kinds(read(with_cell(cell))) == ["cell_is_ambiguous"]


def test_a_cell_with_one_value_is_not():
    data = with_cell(b'<c r="B3" t="inlineStr"><is><t>1510</t></is></c>')
    assert kinds(read(data)) == []
    assert value(read(data), "students", "entrants") == "1510"


@pytest.mark.parametrize(
    ("look", "is_read"),
    [
        (b'<rFont val="Webdings"/>', False),
        (b'<rFont val="WINGDINGS"/>', False),
        (b'<rFont val="Zapf Dingbats"/>', False),
        (b'<rFont val="MT Extra"/>', False),
        (b'<rFont val="Unheard Of"/><charset val="2"/>', False),
        (b'<rFont val="Unheard Of"/>', False),
        (b"<color rgb='FFFFFFFF'/>", False),
        (b'<color indexed="65"/>', False),
        (b'<color theme="1" tint="0.9999"/>', False),
        (b'<sz val="0.5"/>', False),
        (b'<sz val="11"/><rFont val="Calibri"/><charset val="134"/>', True),
        (b'<color theme="1"/><b/>', True),
    ],
)
def test_a_digit_in_a_run_that_nobody_can_read_is_asked_about(look, is_read):
    cell = (
        b'<c r="B3" t="inlineStr"><is><r><rPr><rFont val="Calibri"/></rPr><t>151</t></r>'
        b"<r><rPr>%s</rPr><t>0</t></r></is></c>" % look
    )
    assert kinds(read(with_cell(cell))) == ([] if is_read else ["cell_shows_otherwise"])
    # The same among the texts that all sheets share.
    data = computed(Book(), {})
    texts = member(data, "xl/sharedStrings.xml")
    count = texts.count(b"<si>")
    shared = re.search(rb"<is>(.*)</is>", cell)[1]
    texts = texts.replace(b"</sst>", b"<si>%s</si></sst>" % shared)
    data = with_member(data, "xl/sharedStrings.xml", texts)
    data = with_cell(b'<c r="B3" t="s"><v>%d</v></c>' % count, data)
    assert kinds(read(data)) == ([] if is_read else ["cell_shows_otherwise"])


def test_a_roster_beside_the_form_takes_no_longer_than_it_is_long():
    table = load_form(2024, [REPOSITORY / "forms"]).tables["students"]
    rows = [[f"学生{row}-{at}" for at in range(20)] for row in range(2000)]
    began = time.process_time()
    assert not layout_of(Sheet("花名册", rows), table, 2024).found
    assert time.process_time() - began < 5
