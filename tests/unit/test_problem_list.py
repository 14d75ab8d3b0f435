"""The sheet 问题清单: what a school sees there, and that what it types there is read."""

import io
import random

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbooks import BUREAU, GOOD, Book, entries, kinds, places, read, saved, value

from orchestration.intake.normalise import read_cell
from orchestration.intake.reading.problem_list import (
    COLUMNS,
    PROBLEM_LIST,
    drop_list,
    sendable,
    write_list,
)

AT = {column.id: number for number, column in enumerate(COLUMNS)}
EXPLAIN, MUST, INFO = 2, 3, 4  # the rows of `FINDINGS`
MOBILE = "13800138000"
IDENTITY = "11010519491231002X"  # the example of GB 11643-1999 itself
HTML = "<b>示例</b>&amp;<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://example.invalid","点")'


def finding(**changed):
    return {
        **{"finding_id": "0123456789abcdef", "class": "explain", "rule_id": "enterprise_once"},
        **{"cell": "学生!B4、学生!B3", "sentence_zh": "在校生 175 偏多，见 学生!B4"},
        **{"sentence_en": "175 enrolled are many, see 学生!B4", "state": "open"},
        **{"why_zh": "示例原因", "why_en": "A reason", "fix_zh": "示例办法", "fix_en": "A way"},
        **{"explanation": None, "answer": None},
        **changed,
    }


FINDINGS = [
    finding(),
    finding(finding_id="1" * 16, **{"class": "must"}, rule_id="total_is_right", cell="学生!B4"),
    finding(finding_id="2" * 16, **{"class": "info"}, rule_id="sheet_is_hidden", cell=None),
]


def opened(findings=(), school=None, notes=()):
    """The good school's workbook with a list of findings in front, as openpyxl has it."""
    book = openpyxl.load_workbook(io.BytesIO((school or Book()).xlsx()))
    write_list(book, findings, {sheet.title: sheet for sheet in book.worksheets}, notes)
    return book


def explaining(*rows):
    """The good school's workbook with explanations on its own sheet."""
    return Book(content={**GOOD, "explanations": list(rows)})


def type_in(book, row, column, text):
    cell = book[PROBLEM_LIST].cell(row, AT[column] + 1)
    cell.value = text
    cell.data_type = "s"


def back(book, year=2024):
    return read(saved(book.save), year=year)


def listed(found):
    """What was read from the list: rule, place and text, each as read."""
    return [
        tuple(record[name][1] for name in record)
        for sheet, _, record in found.rows["explanations"]
        if sheet == PROBLEM_LIST
    ]


def grid(book):
    """The list as plain values, to be saved in another format."""
    return [[cell.value for cell in row] for row in book[PROBLEM_LIST].iter_rows()]


# -- what a school sees ----------------------------------------------------------------------------


def test_a_row_says_what_is_wrong_where_why_and_how_to_mend_it_in_both_languages():
    sheet = opened([finding(answer="请写明原因", state="refused", explanation="属实")])[
        PROBLEM_LIST
    ]
    shown = dict(zip(AT, [cell.value for cell in sheet[2]], strict=True))
    assert shown == {
        **{"number": "0123.4567.89ab.cdef", "class": "经验校验（更正或说明）explain"},
        **{"place": "学生!B4、学生!B3", "zh": "在校生 175 偏多，见 学生!B4"},
        **{"en": "175 enrolled are many, see 学生!B4", "why": "示例原因\nA reason"},
        **{"fix": "示例办法\nA way", "explanation": "属实", "rule_id": "enterprise_once"},
        "answer": "说明未通过 Your explanation was not accepted\n请写明原因",
        "check": shown["check"],
    }
    assert shown["check"].isalpha()
    assert sheet.cell(2, AT["place"] + 1).hyperlink.location == "'学生'!B4"
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet[1]] == [column.heading for column in COLUMNS]
    assert all(cell.alignment.wrap_text for cell in sheet[2])


def test_only_the_explanation_of_an_explain_can_be_typed():
    sheet = opened(FINDINGS)[PROBLEM_LIST]
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    unlocked = [c.coordinate for row in sheet.iter_rows() for c in row if not c.protection.locked]
    assert unlocked == ["I2"]
    assert sheet["I2"].number_format == "@"
    assert sheet["I2"].fill.start_color.rgb != sheet["I3"].fill.start_color.rgb
    assert "须更正" in sheet["I3"].value
    assert "无需说明" in sheet["I4"].value
    assert sheet["C4"].hyperlink is None


def test_what_a_school_typed_stays_text():
    sheet = opened([finding(sentence_zh=FORMULA, sentence_en=HTML, answer="#REF!", cell="=A1")])[
        PROBLEM_LIST
    ]
    for column, text in {"zh": FORMULA, "en": HTML, "answer": "#REF!", "place": "=A1"}.items():
        cell = sheet.cell(2, AT[column] + 1)
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_the_list_comes_first_is_opened_and_replaces_an_older_one():
    book = opened(FINDINGS)
    book.active = 3
    book[book.sheetnames[3]].sheet_view.tabSelected = True
    write_list(book, FINDINGS[:1], {}, ["示例说明 a note"])
    again = openpyxl.load_workbook(io.BytesIO(saved(book.save)))
    assert again.sheetnames[0] == again.active.title == PROBLEM_LIST
    assert again.sheetnames.count(PROBLEM_LIST) == 1
    selected = [sheet.title for sheet in again if sheet.sheet_view.tabSelected]
    assert selected == [PROBLEM_LIST]
    assert again[PROBLEM_LIST].cell(5, 1).value == "示例说明 a note"
    drop_list(again)
    assert PROBLEM_LIST not in again.sheetnames


def test_control_characters_are_left_out_and_texts_cut_to_what_a_cell_holds():
    book = opened([finding(sentence_zh="甲\x00\x0b\ufffe乙\r\n丙", sentence_en="x" * 40_000)])
    sheet = openpyxl.load_workbook(io.BytesIO(saved(book.save)))[PROBLEM_LIST]
    assert sheet.cell(2, AT["zh"] + 1).value == "甲乙\n丙"
    assert len(sheet.cell(2, AT["en"] + 1).value) == 32_767
    assert kinds(back(book)) == []


# -- what comes back -------------------------------------------------------------------------------


def test_a_list_that_nobody_wrote_on_says_nothing():
    found = back(opened(FINDINGS, notes=["注：示例"]))
    assert kinds(found) == []
    assert listed(found) == []
    assert entries(found) == [(PROBLEM_LIST, "A1:K7", "", PROBLEM_LIST, None, "problem_list")]


@pytest.mark.parametrize("own", [0, 1])
def test_an_explanation_on_the_list_is_one_of_the_rule_at_its_place(own):
    book = opened(FINDINGS, explaining(*[{"rule_id": "other", "explanation": "表内说明"}] * own))
    type_in(book, EXPLAIN, "explanation", " 合成示例：属实\n已核对 ")
    found = back(book)
    assert kinds(found) == []
    assert len(found.rows["explanations"]) == own + 1
    assert found.rows["explanations"][-1] == (
        PROBLEM_LIST,
        2,
        {
            "rule_id": ("enterprise_once", "enterprise_once", "J2"),
            "place": ("学生!B4、学生!B3", "学生!B4、学生!B3", "C2"),
            "explanation": (" 合成示例：属实\n已核对 ", "合成示例：属实\n已核对", "I2"),
        },
    )
    assert [entry[:3] for entry in entries(found)] == [
        (PROBLEM_LIST, "A1:K6", ""),
        (PROBLEM_LIST, "I2", "explanation"),
    ]


def test_a_finding_without_a_place_is_explained_for_its_whole_rule():
    book = opened([finding(cell=None)])
    type_in(book, EXPLAIN, "explanation", "属实")
    assert listed(back(book)) == [("enterprise_once", None, "属实")]


def test_a_form_without_places_takes_the_rule_and_the_text():
    book = opened(FINDINGS, Book(2023))
    type_in(book, EXPLAIN, "explanation", "属实")
    found = back(book, 2023)
    assert kinds(found) == []
    assert listed(found) == [("enterprise_once", "属实")]


def test_the_bureaus_explanations_are_read_as_well():
    book = opened([finding(cell="市级填报!B3")], Book(content=BUREAU))
    type_in(book, EXPLAIN, "explanation", "属实")
    assert listed(back(book)) == [("enterprise_once", "市级填报!B3", "属实")]


@pytest.mark.parametrize("blank", ["无", "—", " "])
def test_a_blank_is_no_explanation(blank):
    book = opened(FINDINGS)
    type_in(book, EXPLAIN, "explanation", blank)
    found = back(book)
    assert (kinds(found), listed(found)) == ([], [])


@pytest.mark.parametrize("typed", ["#N/A", "=A1+1", 12, "12%", "约"])
def test_nothing_that_is_typed_there_is_a_problem(typed):
    book = opened(FINDINGS)
    book[PROBLEM_LIST]["I2"].value = typed
    found = back(book)  # openpyxl takes the first two for an error and a formula
    assert kinds(found) == []
    assert listed(found) == [("enterprise_once", "学生!B4、学生!B3", str(typed))]


def test_what_the_schools_own_sheet_says_is_not_said_twice_however_often_it_goes_round():
    """The list is sent with all that was explained, and the workbook still says its own part."""
    school = explaining({"rule_id": "enterprise_once", "explanation": "甲；乙"})
    assert listed(back(opened([finding(explanation="甲；乙")], school))) == []
    (again,) = listed(back(opened([finding(explanation="甲；乙；；丙")], school)))
    assert again[2] == "；丙"
    elsewhere = explaining(
        {"rule_id": "enterprise_once", "place": "学生!B9", "explanation": "甲"},
        {"rule_id": "other", "explanation": "甲"},
    )
    (told,) = listed(back(opened([finding(explanation="甲")], elsewhere)))
    assert told[2] == "甲"


def test_the_personal_number_in_an_explanation_is_found_and_none_is_sent():
    book = opened(
        [finding(sentence_zh=f"企业“示例 {MOBILE}”填写了两行", finding_id=f"a{MOBILE}bcde")]
    )
    assert MOBILE not in str(grid(book))
    assert "企业“示例***”" in str(grid(book))
    assert kinds(back(book)) == []
    type_in(book, EXPLAIN, "explanation", f"请联系 {MOBILE}")
    assert places(back(book), "text_holds_mobile_number") == [f"{PROBLEM_LIST}!I2"]


# -- a locked part was changed ---------------------------------------------------------------------


@pytest.mark.parametrize("column", sorted(set(AT) - {"explanation"}))
def test_a_changed_row_is_told_and_its_explanation_kept(column):
    book = opened(FINDINGS)
    type_in(book, EXPLAIN, "explanation", "属实")
    type_in(book, EXPLAIN, column, "changed")
    found = back(book)
    assert kinds(found) == ["problem_list_was_edited"]
    assert places(found, "problem_list_was_edited") == [f"{PROBLEM_LIST}!I2"]
    assert found.problems[0].detail.zh and found.problems[0].detail.en
    assert [text for *_, text in listed(found)] == ["属实"]


def test_a_must_that_is_explained_by_force_is_told_and_kept():
    book = opened(FINDINGS)
    type_in(book, MUST, "explanation", "属实")
    found = back(book)
    assert places(found, "problem_list_was_edited") == [f"{PROBLEM_LIST}!I3"]
    assert listed(found) == [("total_is_right", "学生!B4", "属实")]


@pytest.mark.parametrize("column", ["number", "rule_id"])
def test_an_explanation_without_its_number_or_rule_is_told_and_kept(column):
    book = opened(FINDINGS)
    type_in(book, EXPLAIN, "explanation", "属实")
    type_in(book, EXPLAIN, column, None)
    found = back(book)
    assert "没有编号或规则" in found.problems[0].detail.zh
    assert [text for *_, text in listed(found)] == ["属实"]


@pytest.mark.parametrize("column", ["check", "rule_id", "place", "number"])
def test_a_deleted_column_is_told_once_and_the_explanations_kept(column):
    book = opened(FINDINGS)
    type_in(book, EXPLAIN, "explanation", "属实")
    book[PROBLEM_LIST].delete_cols(AT[column] + 1)
    found = back(book)
    assert kinds(found) == ["problem_list_was_edited"]
    assert next(c.heading for c in COLUMNS if c.id == column) in found.problems[0].detail.zh
    assert [record["explanation"][1] for *_, record in found.rows["explanations"]] == ["属实"]


def test_a_sheet_of_that_name_with_something_else_on_it_is_told():
    book = Book()
    book.sheets[PROBLEM_LIST] = [["随手记"], ["示例"]]
    assert kinds(read(book.xlsx())) == ["content_is_not_read"]
    book.sheets[PROBLEM_LIST] = [[]]
    assert kinds(read(book.xlsx())) == []


def test_rows_and_columns_may_be_moved():
    book = opened([finding(), finding(finding_id="3" * 16, cell="学生!B3")])
    type_in(book, EXPLAIN, "explanation", "甲")
    type_in(book, 3, "explanation", "乙")
    head, first, second, *rest = grid(book)
    order = random.Random(1).sample(range(len(COLUMNS)), len(COLUMNS))
    moved = [[row[at] for at in order] for row in [head, second, first, *rest]]
    school = Book()
    school.sheets[PROBLEM_LIST] = [["标题"], [], *moved]
    found = read(school.xlsx())
    assert kinds(found) == []
    assert {text for *_, text in listed(found)} == {"甲", "乙"}


# -- every format, every text ----------------------------------------------------------------------


@pytest.mark.parametrize("save", ["xls", "ods", "csv_zip", "wps"])
def test_a_clerk_may_save_it_in_another_format(save):
    book = opened([finding(sentence_zh=f"甲\n{HTML}"), *FINDINGS[1:]])
    type_in(book, EXPLAIN, "explanation", "属实")
    school = Book()
    school.sheets = {PROBLEM_LIST: grid(book), **school.sheets}
    data = school.csv_zip("gb18030") if save == "csv_zip" else getattr(school, save)()
    found = read(data)
    assert kinds(found) == []
    assert listed(found) == [("enterprise_once", "学生!B4、学生!B3", "属实")]


TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(["_x000D_", "_x005F_x000D_", "=1+1", "'01", "#REF!", "a；b", "；", "无", HTML]),
    st.sampled_from([f"电话{MOBILE}。", "１３８-0013-8000", "+86 138 0013 8000", f"1{IDENTITY}"]),
    st.just(f"身份证 {IDENTITY}，编号 2024-001"),
)


@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS)
def test_any_explanation_comes_back_as_it_was_sent(explanation, sentence):
    text = finding(explanation=explanation, sentence_zh=sentence, answer=sentence)
    found = back(opened([text]))
    assert kinds(found) == []
    assert value(found, "students", "enrolled") == "175"
    typed = sendable(explanation)
    reading = read_cell(typed, Book().form.tables["explanations"].columns[-1], None)
    wanted = typed.strip() if reading.problem else reading.read
    assert [said for *_, said in listed(found)] == ([wanted] if wanted else [])
