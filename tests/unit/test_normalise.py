"""One cell at a time: what a clerk may type, and what it is read as."""

import math
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.forms.contract import Column, load_codes, load_units
from orchestration.ground.home import REPOSITORY
from orchestration.ground.text import Text
from orchestration.intake.normalise import (
    first_words,
    narrow,
    read_cell,
    typed_text,
)
from orchestration.intake.reading.personal import personal_number, personal_number_typed
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Unread

CODES = load_codes([REPOSITORY / "forms"])
IDENTITY = "11010519491231002X"  # the example of GB 11643-1999 itself
MOBILE = "13800138000"


def column(kind, unit=None, codes=None):
    return Column("c", "列", "column", kind, codes=codes, unit=unit)


def reading(typed, kind, unit=None, codes=None):
    return read_cell(typed, column(kind, unit, codes), CODES.get(codes or ""))


@pytest.mark.parametrize(
    ("typed", "read", "how"),
    [
        (12.0, "12", None),
        ("12", "12", None),
        ("１２", "12", "full_width"),
        (" 12 ", "12", "trimmed"),
        ("1,234", "1234", "thousands_separator"),
        ("１，２３４", "1234", "thousands_separator"),
        ("12人", "12", "unit_suffix"),
        ("12 名", "12", "unit_suffix"),
        ("1,234人", "1234", "thousands_separator"),
        ("12.0", "12", "written_plainly"),
        ("+12", "12", "written_plainly"),
        ("012", "12", "written_plainly"),
        ("\u200b12\ufeff", "12", "full_width"),
        (12.000000000000002, "12", None),
        ("0", "0", None),
        (-0.0, "0", None),
        ("1" * 15, "1" * 15, None),
        (111_111_111_111_111.0, "1" * 15, None),
    ],
)
def test_a_count_is_read_in_every_dress(typed, read, how):
    found = reading(typed, "integer", "person")
    assert (found.read, found.normalised, found.problem) == (read, how, None)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("97.78%", "cell_is_not_a_number"),
        ("97％", "cell_is_not_a_number"),
        ("约97%", "cell_is_not_a_number"),
        ("10至12", "cell_is_ambiguous"),
        ("约120", "cell_is_ambiguous"),
        ("100余", "cell_is_ambiguous"),
        ("100多人", "cell_is_ambiguous"),
        ("10～12", "cell_is_ambiguous"),
        ("20以上", "cell_is_ambiguous"),
        ("12?", "cell_is_ambiguous"),
        ("12.5", "count_has_decimals"),
        (12.5, "count_has_decimals"),
        (-3.0, "number_is_negative"),
        ("-3", "number_is_negative"),
        ("－３人", "number_is_negative"),
        ("−3", "number_is_negative"),
        (-0.5, "number_is_negative"),
        ("12个", "cell_is_not_a_number"),
        ("1,23", "cell_is_not_a_number"),
        ("12 34", "cell_is_not_a_number"),
        ("10²", "cell_is_not_a_number"),
        ("①", "cell_is_not_a_number"),
        ("1510㊱", "cell_is_not_a_number"),
        ("151㊿", "cell_is_not_a_number"),
        ("\U0001f102000", "cell_is_not_a_number"),
        ("1⒈", "cell_is_not_a_number"),
        ("15㉈", "cell_is_not_a_number"),
        ("1\u03365", "cell_shows_otherwise"),
        ("½", "cell_is_not_a_number"),
        ("十二", "cell_is_not_a_number"),
        ("1e3", "cell_is_not_a_number"),
        ("1.2万", "cell_is_not_a_number"),
        ("人", "cell_is_not_a_number"),
        ("1" * 16, "cell_is_not_a_number"),
        (1e300, "cell_is_not_a_number"),
        (math.inf, "cell_is_not_a_number"),
        (math.nan, "cell_is_not_a_number"),
        (True, "cell_is_not_a_number"),
        (date(1900, 1, 12), "cell_is_not_a_number"),
        ("#REF!", "cell_is_an_error"),
        ("#N/A", "cell_is_an_error"),
        (Unread("cell_is_a_formula_without_value", "=A1"), "cell_is_a_formula_without_value"),
    ],
)
def test_what_is_no_certain_count_is_a_problem_and_no_value(typed, problem):
    found = reading(typed, "integer", "person")
    assert (found.read, found.problem) == (None, problem)


@pytest.mark.parametrize("kind", ["integer", "decimal", "text", "boolean", "date", "code"])
@pytest.mark.parametrize(
    "typed",
    [
        *["—", "——", "-", "--", "－", "/", "／", "无", " 无 ", "暂无", "N/A", "  ", "\u3000"],
        *["nan", "NaT", "<NA>", "Null", "nil", "undefined", "\\N", "(空)", "（空白）", "[blank]"],
        *["\u3164", "\u115f", "\uffa0", "\u034f", "\u2800", "\U000e0020", "\u2800 \u200b"],
    ],
)
def test_a_dash_is_blank_in_every_column_and_never_zero(kind, typed):
    found = reading(typed, kind, codes="ownership")
    if kind == "boolean" and typed.strip() == "无":
        return  # 有 says yes there, and 无 no
    assert (found.read, found.problem) == (None, None)
    assert found.normalised in {"dash_is_blank", "trimmed"}


@pytest.mark.parametrize(
    ("typed", "read"), [("无", "other"), (" 不涉及", "other"), ("其他", "other"), ("—", None)]
)
def test_a_list_that_has_a_code_for_none_reads_none_as_that_code_and_a_dash_as_blank(typed, read):
    found = reading(typed, "code_list", codes="theme")
    assert (found.read, found.problem) == (read, None)


@pytest.mark.parametrize("typed", ["无", " 无 ", "没有"])
def test_a_word_for_having_none_says_no_where_one_for_having_says_yes(typed):
    assert reading("有", "boolean").read == "true"
    assert reading(typed, "boolean").read == "false"


def test_an_empty_cell_is_blank_and_nothing_was_done_to_it():
    assert reading(None, "integer") == reading("", "integer") == (None, None, None)


@pytest.mark.parametrize(
    ("typed", "unit", "read"),
    [
        ("12.50万元", "10k_cny", "12.5"),
        ("1,234.5", "10k_cny", "1234.5"),
        ("300平方米", "m2", "300"),
        ("300m²", "m2", "300"),
        ("300㎡", "m2", "300"),
        (0.00001, "m2", "0.00001"),
        (0.1 + 0.2, "m2", "0.3"),
        (0.123456789012345, "m2", "0.123456789012345"),
    ],
)
def test_an_amount_is_read_with_its_own_unit(typed, unit, read):
    assert reading(typed, "decimal", unit).read == read


@pytest.mark.parametrize(
    ("typed", "unit", "read"),
    [
        *[
            ("120000元", "10k_cny", "12"),
            ("1.2亿元", "10k_cny", "12000"),
            ("¥380000元", "10k_cny", "38"),
        ],
        *[
            ("426.3千元", "10k_cny", "42.63"),
            ("￥38万元", "10k_cny", "38"),
            ("2亿", "10k_cny", "20000"),
        ],
        *[("30亩", "m2", "20000"), ("1亩", "m2", "666.67"), ("1.5公顷", "m2", "15000")],
        *[
            ("1Gbps", "mbps", "1000"),
            ("1.5万册", "volume", "15000"),
            ("0.12万人", "person", "1200"),
        ],
    ],
)
def test_an_amount_in_another_unit_of_its_dimension_is_converted_on_record(typed, unit, read):
    found = reading(typed, "decimal", unit)
    assert found.read == read
    assert found.normalised in {"unit_converted", "unit_suffix"}


@pytest.mark.parametrize(
    ("value", "factor", "read"),
    [(27530000.0, "1/10000", "2753"), (426.3, "1/10", "42.63"), ("38万元", "1/10000", "38")],
)
def test_a_number_is_converted_from_the_unit_beside_it_unless_it_says_its_own(value, factor, read):
    place = column("decimal", "10k_cny")
    assert read_cell(value, place, None, None, Fraction(factor)).read == read


def test_a_count_that_a_unit_makes_whole_is_a_count():
    place = column("integer", "person")
    assert read_cell(0.12, place, None, None, Fraction(10000)).read == "1200"
    assert read_cell(0.12345, place, None, None, Fraction(10000)).problem == "count_has_decimals"


@pytest.mark.parametrize("typed", ["120000角", "3亩", "97.78%", "3人"])
def test_an_amount_in_another_unit_is_a_problem(typed):
    found = reading(typed, "decimal", "10k_cny")
    assert (found.read, found.problem) == (None, "cell_is_not_a_number")


@pytest.mark.parametrize(
    ("typed", "how"),
    [
        ("2024-12-25", None),
        ("2024/12/25", "text_date"),
        ("2024.12.25", "text_date"),
        ("2024年12月25日", "text_date"),
        ("2024 年 12 月 25 日", "text_date"),
        ("２０２４－１２－２５", "full_width"),
        ("20241225", "text_date"),
        (20241225.0, "text_date"),
        ("2024-12-25 10:30:00", "text_date"),
        ("2024-12-25T00:00:00", "text_date"),
        ("2024-12-25T10:30:00.5", "text_date"),
        ("2024-12-25T00:00:00Z", "text_date"),
        ("2024-12-25 23:30:00+08:00", "text_date"),
        (45651.0, "excel_serial"),
        (45651.75, "excel_serial"),
        (date(2024, 12, 25), None),
        (datetime(2024, 12, 25, 10, 30), None),
    ],
)
def test_a_date_is_read_as_text_and_as_a_serial(typed, how):
    assert reading(typed, "date") == ("2024-12-25", how, None)


@pytest.mark.parametrize(
    "typed",
    [
        20000.0,
        80000.0,
        "2024年12月",
        "2024-13-01",
        "2023-02-29",
        "12月25日",
        "2024-12-25 前后",
        "2024-12-24T16:00:00Z",  # midnight in China, of the day after
        "2024-12-25T00:00:00-05:00",
        12.0,
        "去年",
    ],
)
def test_what_is_no_whole_date_is_a_problem(typed):
    assert reading(typed, "date") == (None, None, "cell_is_not_a_date")


def test_a_number_is_a_day_between_1954_and_2119_only():
    assert reading(20001.0, "date").read == "1954-10-04"
    assert reading(79999.0, "date").read == "2119-01-10"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("是", "true"),
        ("√", "true"),
        (True, "true"),
        ("Ｙ", "true"),
        ("True", "true"),
        ("False", "false"),
        ("否", "false"),
        (0.0, "false"),
    ],
)
def test_yes_and_no_are_read_by_their_signs(typed, read):
    assert reading(typed, "boolean").read == read


def test_what_is_neither_yes_nor_no_is_a_problem():
    assert reading("可能", "boolean").problem == "cell_is_not_yes_or_no"


def test_codes_are_read_by_their_words_and_aliases():
    assert reading("公办", "code", codes="ownership") == ("public", None, None)
    assert reading("国家级", "code", codes="contest_level") == ("national", "code_alias", None)
    wide = reading("３＋２", "code", codes="articulation_programme")
    assert wide == ("3+2", "full_width", None)
    both = reading("涉农、数字经济，涉农", "code_list", codes="theme")
    assert both.read == "agriculture;digital_economy"


@pytest.mark.parametrize(
    ("typed", "codes", "read"),
    [
        ("四级/中级工", "certificate_level", "intermediate"),
        ("中级（四级）", "certificate_level", "intermediate"),
        ("中级（三级）", "certificate_level", None),
        ("中级（校内）", "certificate_level", None),
        ("3 + 2", "articulation_programme", "3+2"),
        ("“3+2”", "articulation_programme", "3+2"),
        ("3+4/3+2", "articulation_programme", None),
        ("（）", "ownership", None),
    ],
)
def test_several_words_of_one_code_are_that_code(typed, codes, read):
    assert reading(typed, "code", codes=codes).read == read


def test_a_list_is_said_by_its_first_words():
    assert first_words(CODES["ownership"]) == Text("公办、民办", "公办 (public), 民办 (private)")


@pytest.mark.parametrize("typed", ["公立", "涉农、航天", "、"])
def test_a_word_of_no_list_is_a_problem(typed):
    kind, codes = ("code", "ownership") if typed == "公立" else ("code_list", "theme")
    assert reading(typed, kind, codes=codes) == (None, None, "code_is_not_in_list")


def test_a_text_stays_as_it_was_typed_but_a_code_gets_ordinary_width():
    assert reading("  示例（合成）  ", "text") == ("示例（合成）", "trimmed", None)
    assert reading("９９０００００００１", "text") == ("9900000001", "full_width", None)
    assert reading(9900000001.0, "text").read == "9900000001"
    assert reading("=HYPERLINK(1)", "text").read == "=HYPERLINK(1)"


@pytest.mark.parametrize("typed", ["同上", "True", "FALSE", True, 0.0, "0.0", "是", "✔"])
def test_what_says_yes_or_no_or_the_same_is_no_name(typed):
    assert reading(typed, "text").problem == "cell_is_ambiguous"


@pytest.mark.parametrize("typed", ["\u0300", "甲\u0300公司", "公\u0336司\u0336"])
def test_a_name_with_marks_over_no_letter_is_not_what_anybody_sees(typed):
    assert reading(typed, "text").problem == "cell_shows_otherwise"
    assert reading("Cafe\u0301", "text").read == "Cafe\u0301"


@pytest.mark.parametrize(
    "text",
    [IDENTITY, f"张某 {IDENTITY}", "１１０１０５１９４９１２３１００２Ｘ", IDENTITY.lower()],
)
def test_an_identity_number_is_found_in_any_text(text):
    assert personal_number(text) == "text_holds_identity_number"


@pytest.mark.parametrize(
    "text",
    [
        f"电话{MOBILE}",
        "138-0013-8000",
        "138 0013 8000",
        "+86 13800138000",
        "１３８００１３８０００",
    ],
)
def test_a_mobile_number_is_found_in_any_text(text):
    assert personal_number(text) == "text_holds_mobile_number"


@pytest.mark.parametrize(
    "text", ["110105194912310021", "9900000001", "12800138000", "138001380001", "2024-12-25 10:00"]
)
def test_other_long_numbers_are_nobodys(text):
    assert personal_number(text) is None


def test_personal_numbers_that_were_typed_as_numbers_are_found():
    assert personal_number_typed(float(MOBILE)) == "text_holds_mobile_number"
    assert personal_number_typed(110105194912310020.0) == "text_holds_identity_number"
    for figure in (
        110105299912310020.0,
        12.5,
        13800138000.5,
        20000000000.0,
        123456789012345678.0,
        math.inf,
        math.nan,
    ):
        assert personal_number_typed(figure) is None


# -- properties ------------------------------------------------------------------------------------

KINDS = ["integer", "decimal", "text", "boolean", "date", "code", "code_list"]
ANYTHING = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="0123456789.,-+%人约年月日/—① ", max_size=12),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.none(),
)


@settings(deadline=None, max_examples=400)
@given(ANYTHING, st.sampled_from(KINDS), st.sampled_from([None, *load_units()]))
def test_anything_is_a_value_or_blank_or_a_declared_problem(typed, kind, unit):
    found = reading(typed, kind, unit, "theme")
    assert found.problem is None or (found.read is None and found.problem in set(ProblemKind))
    assert found.read != ""
    if found.read is not None and kind in {"integer", "decimal"}:
        assert Decimal(found.read) >= 0
        assert kind == "decimal" or "." not in found.read
    typed_text(typed)
    personal_number(str(typed))


def full_width(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@st.composite
def dressed_numbers(draw):
    """A number, its unit, and one of the ways in which a clerk may write it."""
    unit = draw(st.sampled_from([None, *load_units()]))
    places = draw(st.integers(0, 4))
    number = Decimal(draw(st.integers(0, 10**10))).scaleb(-places)
    text = format(number, draw(st.sampled_from(["f", ",f"])))
    if unit:
        text += draw(st.sampled_from(["", " "])) + draw(
            st.sampled_from(["", *load_units()[unit].suffixes])
        )
    text = draw(st.sampled_from([text, full_width(text), f" {text}\u3000"]))
    return number, unit, text


@settings(deadline=None, max_examples=400)
@given(dressed_numbers())
def test_a_number_in_any_dress_is_that_number(case):
    number, unit, text = case
    assert Decimal(reading(text, "decimal", unit).read or "nan") == number
    whole = reading(text, "integer", unit)
    if number == int(number):
        assert whole.read == str(int(number))
    else:
        assert whole == (None, None, "count_has_decimals")


@given(st.text())
def test_narrowing_twice_changes_nothing_more(text):
    assert narrow(narrow(text)) == narrow(text)


@pytest.mark.parametrize(
    ("typed", "unit", "read"),
    [
        ("2450（人）", "person", "2450"),
        ("2450(人)", "person", "2450"),
        ("988.4（万元）", "10k_cny", "988.4"),
        ("988.4万元整", "10k_cny", "988.4"),
        ("9884000元整", "10k_cny", "988.4"),
        ("155（含复读）", "person", None),
        ("155（人次）", "person", None),
        ("155整", "person", None),
        ("￥988.4", "10k_cny", None),
    ],
)
def test_a_unit_may_stand_in_brackets_and_an_amount_end_as_on_a_cheque(typed, unit, read):
    assert reading(typed, "decimal", unit).read == read
