"""What formulas give, held against what a file keeps of them."""

import struct
from types import SimpleNamespace

import pytest
from test_seen_cells import SHEET, THREE, as_saved_by_excel, edited
from workbooks import Book, kinds, places, read

from orchestration.intake.workbook.computed import hold_results, moved
from orchestration.intake.workbook.ods.formulas import as_excel
from orchestration.intake.workbook.sheet import Sheet, Unread
from orchestration.intake.workbook.xls.formulas import UNSPELT, formulas_of


def is_held(formula, kept, **other):
    """Tell whether a result in A1 is taken for its formula's; B1 to B3 are 2, 3 and a text."""
    sheet = Sheet("甲", [[kept, 2.0], ["", 3.0], ["", "文"]], formulas={(0, 0): formula}, **other)
    hold_results([sheet, Sheet("乙 2", [[40.0, True]])])
    return not isinstance(sheet.rows[0][0], Unread)


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        *(("1+2*3", 7.0), ("(1+2)*3", 9.0), ("-2^2", 4.0), ("2^3^2", 64.0), ("50%*4", 2.0)),
        *(("SUM(B1:B3)", 5.0), ("sum(b1:b3,1)", 6.0), ("SUM(B3:B1)*2", 10.0), ("B1/B2", 2 / 3)),
        *(
            ("'乙 2'!A1+1", 41.0),
            ("SUM('乙 2'!A1:Z9)", 40.0),
            ("B9", 0.0),
            ("B9", ""),
            ("B3", "文"),
        ),
        *(("ROUND(2.5,0)", 3.0), ("ROUND(-2.5,0)", -3.0), ("ROUND(1234,-2)", 1200.0)),
        *(("1E2+.5", 100.5), ("COUNT(B1:B3)", 2.0), ("MAX(B9:B10)", 0.0), ("0.1+0.2-0.3", 0.0)),
        *(("IF(B1>1,5,6)", 5.0), ("IF(B1=B2,1/0,B2*2)", 6.0), ('IF(B3="文",1,FOO(1,2))', 1.0)),
        *(('IF(B9="",0,B9)', 0.0), ("IF(B1<>2,1,IF(B2<=3,8,9))", 8.0), ("IF(B1,B2,0)", 3.0)),
        *(("SUM(B:B)", 5.0), ("SUM('乙 2'!$A:$B,B1)", 42.0), ("IFERROR(B2/B1,0)", 1.5)),
        *(('SUMIF(B1:B3,">2")', 3.0), ('SUMIF(B:B,"文",C:C)', 0.0), ("SUMIF(B1:B3,2,B2:B4)", 3.0)),
        *(('COUNTIF(B:B,">=2")', 2.0), ('COUNTIF(B1:B3,"文")', 1.0), ("COUNTA(B1:B9)", 3.0)),
        *(('COUNTIF(B1:B3,"<>2")', 2.0), ("SUMPRODUCT(B1:B2,B1:B2)", 13.0)),
        *(("SUMPRODUCT(B1:B3)", 5.0), ("VLOOKUP(3,B1:B2,1,FALSE)", 3.0), ("ABS(B1-B2)", 1.0)),
        *(("VLOOKUP(B1,B:B,1,0)", 2.0), ("INT(-2.5)", -3.0), ("IF(TRUE,4)", 4.0)),
    ],
)
def test_a_result_is_held_against_its_formula(formula, result):
    assert is_held(formula, result)
    assert not is_held(formula, 77.0)


@pytest.mark.parametrize(
    "formula",
    [
        *("IF(B1>9,5)", "B3+1", "IF(B3,1,2)", "B1>1", "B1:B2", "1/0", "丙!A1", "(" * 5000, "((((1"),
        *(
            "'乙 2'!B1+1",
            "1 2",
            "",
            "ROUND(1,99)",
            "9^9^9^9",
            "(-8)^0.5",
            "AVERAGE(B3)",
            "{1;2}",
            "1+",
            "IF(B1=1,{1,2},{3,4})",
        ),
        *('SUMIF(B1:B3,"文*")', "SUMIF(B1:B3,2,B1:B2)", "VLOOKUP(3,B1:B2,1)", "VLOOKUP(9,B:B,1,0)"),
        *(
            "SUMPRODUCT((B1:B2>1)*B1:B2)",
            "IFERROR(1/0,2)",
            'COUNTIF(B1:B3,"")',
            '"文"+1',
            'B3>"1">2',
        ),
    ],
)
def test_what_is_not_understood_is_left_to_its_program(formula):
    assert is_held(formula, 77.0)


def test_a_result_follows_those_that_it_is_made_of():
    rows = [[5.0], [6.0], [7.0]]
    formulas = {(0, 0): "1+1", (1, 0): "A1+1"}
    sheet = Sheet("甲", rows, formulas=formulas)
    hold_results([sheet])
    assert [isinstance(row[0], Unread) for row in rows] == [True, True, False]


@pytest.mark.parametrize(("first", "is_left"), [(5.0, False), (2.0, True)])
def test_what_is_not_understood_is_asked_about_where_another_result_is_stale(first, is_left):
    rows = [[first], [7.0], ["文"]]
    formulas = {(0, 0): "1+1", (1, 0): "FOO(A1)", (2, 0): "FOO(A1)"}
    hold_results([Sheet("甲", rows, formulas=formulas)])
    assert (rows[1][0] == 7.0) is is_left
    assert rows[2][0] == "文"


def test_a_long_chain_of_formulas_is_held_from_either_end():
    last = 5000
    for step in (1, -1):
        rows = [[float(row)] for row in range(last + 1)]
        formulas = {
            (row, 0): f"A{row + 1 - step}+{step}".replace("+-", "-") for row in range(1, last)
        }
        sheet = Sheet("甲", rows, formulas=formulas)
        hold_results([sheet])
        assert not any(isinstance(row[0], Unread) for row in rows)


def test_formulas_over_millions_of_cells_do_not_stop_the_program():
    rows = [[1.0] * 400 for _ in range(1000)]
    sheet = Sheet("甲", rows, formulas={(0, at): "SUM(A2:OJ1000)" for at in range(400)})
    hold_results([sheet])
    assert isinstance(rows[0][0], Unread)


def test_results_that_are_rounded_to_what_is_shown_are_as_close_as_that():
    assert is_held("2/3", 0.67, rounds_results=True)
    assert not is_held("2/3", 0.67)
    assert not is_held("2/3", 0.7, rounds_results=False)
    assert not is_held("2/3", 0.6, rounds_results=True)


def test_a_formula_moves_with_its_cell():
    assert moved("A1+$A1*A$1-SUM($A$1:B2)", 2, 1) == "B3+$A3*B$1-SUM($A$1:C4)"
    assert moved("SUM(B:B,$C:D,B2:B3)", 5, 1) == "SUM(C:C,$C:E,C7:C8)"
    assert moved("'A1'!A1&\"A1\"&Z9+LOG10(A1)", 1, 1) == "'A1'!B2&\"A1\"&AA10+LOG10(B2)"


def test_a_formula_of_opendocument_is_spelt_as_excel_does():
    assert as_excel('of:=SUM([.B3:.B5];"a;b";[$经费.B$3])') == 'SUM(B3:B5,"a;b",经费!B$3)'
    assert as_excel("of:=[$'a b'.B3:'a b'.B4]") == "'a b'!B3:B4"
    assert as_excel("msoxl:=SUM(B3,B4)") == "SUM(B3,B4)"


@pytest.mark.parametrize(("kept", "wrong"), [((60, 61), []), ((60, 62), ["学生!B4"])])
def test_a_formula_that_cells_share_is_read_in_each(kept, wrong):
    first, second = kept
    shared = f'<c r="B3"><f t="shared" ref="B3:B4" si="0">C3+60</f><v>{first}</v></c>'
    follower = f'<c r="B4"><f t="shared" si="0"/><v>{second}</v></c>'
    data = Book().set("students", "enrolled", 175).xlsx()
    data = edited(data, SHEET, (THREE, shared.encode()))
    data = edited(data, SHEET, (b'<c r="B4" t="n"><v>175</v></c>', follower.encode()))
    row_ends = b'</row><row r="5"'
    data = edited(data, SHEET, (row_ends, b'<c r="C4"><v>1</v></c>' + row_ends))
    found = read(as_saved_by_excel(data))
    assert places(found, "cell_is_a_formula_without_value") == wrong


def test_a_sum_has_no_empty_text_for_its_result():
    typed = b'<c r="B3" t="str"><f>100+60</f><v></v></c>'
    found = read(as_saved_by_excel(edited(Book().xlsx(), SHEET, (THREE, typed))))
    assert kinds(found) == ["cell_is_a_formula_without_value"]


def in_xls(*bodies, version=80):
    """Return the formulas of a sheet of an .xls, of which each record is a kind and a body."""
    content = b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in bodies)
    return formulas_of(SimpleNamespace(biff_version=version), content, 0)


def formula_at(row, column, tokens):
    head = struct.pack("<HHHdHIH", row, column, 0, 1.0, 0, 0, len(tokens))
    return 0x06, head + tokens


def test_a_formula_that_cells_of_an_xls_share_is_read_in_each():
    points = b"\x01" + struct.pack("<HH", 2, 1)
    one_left, two = b"\x4c" + struct.pack("<HH", 0, 0xC0FF), b"\x1e\x02\x00\x05"
    shared = struct.pack("<HHBBHH", 2, 3, 1, 1, 0, len(one_left + two)) + one_left + two
    found = in_xls(formula_at(2, 1, points), (0x4BC, shared), formula_at(3, 1, points))
    assert found == {(2, 1): "A3*2", (3, 1): "A4*2"}


@pytest.mark.parametrize(
    "tokens",
    [b"\x03", b"\x1f\x00", b"\x17\x02\x01A", b"\x1e\x01\x00\x1e\x01\x00", b"\xff", b"\x01"],
)
def test_tokens_of_an_xls_that_spell_nothing_known_are_a_formula_all_the_same(tokens):
    assert in_xls(formula_at(0, 0, tokens)) == {(0, 0): UNSPELT}


def test_texts_in_formulas_of_an_xls_are_spelt():
    assert in_xls(formula_at(0, 0, b"\x17\x01\x00A")) == {(0, 0): '"A"'}
    assert in_xls(formula_at(0, 0, b"\x17\x01\x01" + "是".encode("utf-16-le"))) == {(0, 0): '"是"'}


def test_formulas_from_before_excel_97_are_left_out():
    assert in_xls(formula_at(0, 0, b"\x1e\x02\x00")) == {(0, 0): "2"}
    assert in_xls(formula_at(0, 0, b"\x1e\x02\x00"), version=70) == {}
