"""OpenDocument spreadsheets: what stands in a cell, what hangs on it, who computed its formulas."""

import io
import zipfile

import pytest
from test_seen import ods, seen
from workbooks import Book, kinds, only_problem, places, read, value, with_member

from orchestration.intake.workbook.reader import read_workbook
from orchestration.intake.workbook.sheet import Shown, Unread

DRAW = b' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
FUNDS = ("finance", "fiscal_appropriation_10k_cny")
PLACE = "经费!B3"


def cell(inside, said=b""):
    return b"<table:table-cell%s>%s</table:table-cell>" % (said and b" " + said, inside)


def text(inside):
    return ods(cell(inside, b"office:value-type='string'"))


def content_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("content.xml")


@pytest.mark.parametrize(
    "said",
    [b"", *(b"office:value-type='%s'" % kind for kind in (b"float", b"date", b"time", b"boolean"))],
)
def test_a_text_without_a_stored_value_is_read(said):
    assert seen(ods(cell(b"<text:p>130</text:p>", said))) == "130"
    assert not seen(ods(cell(b"", said)))


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        (b"<text:p>1</text:p><text:p>30</text:p>", "1\n30"),
        (b"<text:p>1<text:s text:c='2'/>30</text:p>", "1  30"),
        (b"<text:p>1<text:tab/>30</text:p>", "1\t30"),
        (b"<text:p>1<text:line-break/>30</text:p>", "1\n30"),
        (
            b"<text:p><text:ruby><text:ruby-base>130</text:ruby-base>"
            b"<text:ruby-text>9</text:ruby-text></text:ruby></text:p>",
            "130",
        ),
        (b"<text:p>\n  130\n  </text:p>", "130"),
        (b"<text:h>130</text:h>", "130"),
        (b"<text:list><text:list-item><text:p>130</text:p></text:list-item></text:list>", "130"),
        (b"<text:p>130</text:p>", "130"),
    ],
)
def test_pieces_of_a_text_stand_as_a_person_sees_them(inside, shown):
    assert seen(text(inside)) == shown


def test_lines_around_a_raised_mark_are_not_glued_together():
    mark = b"<text:span text:style-name='up'>9</text:span>"
    found = seen(text(b"<text:p>1%s</text:p><text:p>30</text:p>" % mark))
    assert isinstance(found, Shown)
    assert found == "1\n30"


def test_a_value_of_a_text_that_shows_another_one_is_not_read():
    for said, is_read in ((b"130", True), (b"99", False)):
        attributes = b"office:value-type='string' office:string-value='%s'" % said
        found = seen(ods(cell(b"<text:p>130</text:p>", attributes)))
        assert isinstance(found, Unread) is not is_read


def test_a_box_or_a_comment_is_told_of_and_is_no_part_of_its_cell():
    box = b"<draw:frame%s><draw:text-box><text:p>77</text:p></draw:text-box></draw:frame>" % DRAW
    comment = b"<office:annotation><text:p>77</text:p></office:annotation>"
    for beside in (box, comment):
        found = read(text(beside + b"<text:p>130</text:p>"))
        assert value(found, *FUNDS) == "130"
        assert places(found, "content_is_not_read") == [PLACE]


def test_our_own_comments_are_not_told_of():
    ours = "<text:p>【问题清单】</text:p><text:p>请核对</text:p>".encode()
    comment = b"<office:annotation>%s</office:annotation>" % ours
    assert kinds(read(text(comment + b"<text:p>130</text:p>"))) == []


def test_a_formula_has_a_value_where_a_spreadsheet_program_saved_it():
    data = ods(
        cell(
            b"<text:p>130</text:p>",
            b"table:formula='of:=100+30' office:value-type='float' office:value='130'",
        )
    )
    for generator, is_read in (
        (b"LibreOffice/7.4", True),
        (b"MicrosoftOffice/16.0", True),
        (b"ODFPY/1.4.1", False),
    ):
        meta = b"<m:meta xmlns:m='m'><m:generator>%s</m:generator></m:meta>" % generator
        found = seen(with_member(data, "meta.xml", meta))
        assert isinstance(found, Unread) is not is_read


def test_an_indented_document_is_read():
    data = Book().ods()
    content = content_of(data)
    for name in (b"<table:table-row", b"</table:table-row", b"<table:table-cell", b"<text:p>"):
        content = content.replace(name, b"\n   " + name)
    content = content.replace(b"</table:table-cell", b"\n </table:table-cell")
    indented = read_workbook(with_member(data, "content.xml", content))
    assert [sheet.rows for sheet in indented] == [s.rows for s in read_workbook(data)]


def test_a_row_may_strike_its_cells_out():
    struck = b'<table:table-row table:default-cell-style-name="void">'
    assert isinstance(seen(ods(cell(b"<text:p>130</text:p>"), struck)), Unread)


def format_of(*maps, main):
    """A number style with conditions, as LibreOffice writes it."""
    style = "<number:number-style style:name='{}'>{}</number:number-style>"
    parts = "".join(style.format(f"P{n}", shown) for n, (_, shown) in enumerate(maps))
    told = "".join(
        f"<style:map style:condition='{condition}' style:apply-style-name='P{n}'/>"
        for n, (condition, _) in enumerate(maps)
    )
    own = "<style:style style:name='own' style:family='table-cell' style:data-style-name='N'/>"
    return (parts + style.format("N", main + told) + own).encode()


DIGITS = "<number:number number:decimal-places='0' number:min-integer-digits='1'/>"
DASH = "<number:text>-</number:text>"
SIGNS = (("value()&gt;0", DIGITS), ("value()&lt;0", DASH + DIGITS))


@pytest.mark.parametrize(
    ("stored", "formats", "shown"),
    [
        ("0", format_of(*SIGNS, main="<number:text/>"), None),
        ("155", format_of(*SIGNS, main="<number:text/>"), 155),
        ("0", format_of(*SIGNS, main=DASH), 0),
        ("155", format_of(("value()&gt;=0", "<number:text/>"), main=DIGITS), None),
        ("0", format_of(("value()=0", "<number:text/>"), main=DIGITS), None),
        ("155", format_of(("value()=0", "<number:text/>"), main=DIGITS), 155),
        ("155.4", format_of(main="<number:number number:min-integer-digits='1'/>"), 155.4),
    ],
)
def test_a_format_with_conditions_tells_what_is_shown(stored, formats, shown):
    said = f"table:style-name='own' office:value-type='float' office:value='{stored}'"
    data = ods(cell(b"", said.encode()))
    end = b"</office:automatic-styles>"
    names = b"<office:automatic-styles xmlns:number='urn:oasis:names:tc:opendocument:xmlns:"
    names += b"datastyle:1.0' "
    content = content_of(data).replace(end, formats + end)
    content = content.replace(b"<office:automatic-styles ", names)
    found = seen(with_member(data, "content.xml", content))
    assert isinstance(found, Unread) if shown is None else found == shown


def test_a_format_of_the_whole_document_is_known_to_its_cells():
    styles = (
        b"<s xmlns:style='urn:oasis:names:tc:opendocument:xmlns:style:1.0' xmlns:number='n'>"
        b"<number:number-style style:name='NN'><number:number number:decimal-places='0'/>"
        b"</number:number-style></s>"
    )
    own = b"<style:style style:name='own' style:family='table-cell' style:data-style-name='NN'/>"
    said = b"table:style-name='own' office:value-type='float' office:value='42.63'"
    data = ods(cell(b"<text:p>43</text:p>", said))
    end = b"</office:automatic-styles>"
    data = with_member(data, "content.xml", content_of(data).replace(end, own + end))
    assert seen(with_member(data, "styles.xml", styles)) == "43"


def test_a_document_with_a_password_and_a_template_are_named_for_what_they_are():
    manifest = b"<manifest><file-entry><encryption-data/></file-entry></manifest>"
    assert only_problem(with_member(Book().ods(), "META-INF/manifest.xml", manifest)) == (
        "file_is_encrypted"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet-template"
    found = read(with_member(Book().ods(), "mimetype", kind))
    assert kinds(found) == ["file_is_not_a_workbook"]
    assert "ots" in found.problems[0].detail.zh
