"""One school's file, read whole: whose it is, what is wrong with it, and where."""

import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbooks import (
    BUREAU,
    CITY,
    CODE,
    GOOD,
    NAME,
    ROOTS,
    Book,
    cell,
    context,
    entries,
    kinds,
    places,
    read,
    value,
)

from orchestration.forms.contract import UnknownFormYear, load_form
from orchestration.forms.template import write_template
from orchestration.ground.home import REPOSITORY
from orchestration.ground.text import Text
from orchestration.intake.reading import submission
from orchestration.intake.reading.filer import Context, submission_id_of
from orchestration.intake.reading.submission import read_submission
from orchestration.intake.workbook.problems import ProblemKind

IDENTITY = "11010519491231002X"  # the example of GB 11643-1999 itself
MOBILE = "13800138000"


def test_a_good_school_has_no_problems_and_no_normalisations():
    found = read(Book().xlsx())
    assert (found.city, found.school_code, found.school_name) == (CITY, CODE, NAME)
    assert (found.is_read, found.filed_by, found.year) == (True, "school", 2024)
    assert (found.problems, entries(found)) == ([], [])
    assert set(found.rows) == {table.id for table in context().form.filed_by("school")}


def test_the_bureaus_own_workbook_is_known_by_its_sheet():
    found = read(Book(content=BUREAU).xlsx(), name="市级填报.xlsx")
    assert (found.is_read, found.filed_by) == (True, "bureau")
    assert (found.city, found.school_code) == (CITY, None)
    assert value(found, "bureau", "lead_colleges") == "3"
    assert kinds(found) == []


def test_missing_is_not_zero():
    book = Book().set("students", "certificate_holders", None).set("staff", "recruited_teachers", 0)
    found = read(book.xlsx())
    assert cell(found, "students", "certificate_holders") == ("", None, "B5")
    assert value(found, "staff", "recruited_teachers") == "0"
    assert kinds(found) == []


@pytest.mark.parametrize("typed", [None, "—", "无", "/", "  "])
def test_a_required_cell_that_is_blank_in_any_way_is_named(typed):
    book = Book().set("students", "enrolled", typed).set("programmes", "entrants", typed, row=1)
    found = read(book.xlsx())
    assert places(found, "required_cell_is_empty") == ["专业设置!E4", "学生!B4"]
    assert value(found, "students", "enrolled") is None


@pytest.mark.parametrize(
    ("table", "column", "typed", "kind"),
    [
        ("students", "enrolled", "97.78%", "cell_is_not_a_number"),
        ("students", "enrolled", "约175", "cell_is_ambiguous"),
        ("students", "enrolled", "100余", "cell_is_ambiguous"),
        ("students", "enrolled", 175.5, "count_has_decimals"),
        ("students", "enrolled", -175, "number_is_negative"),
        ("conditions", "campus_area_m2", -0.5, "number_is_negative"),
        ("conditions", "campus_area_m2", "30里", "cell_is_not_a_number"),
        ("profile", "ownership", "公立", "code_is_not_in_list"),
        ("profile", "is_national_key", "或许", "cell_is_not_yes_or_no"),
        ("cover", "filled_on", "年底", "cell_is_not_a_date"),
    ],
)
def test_what_cannot_be_read_for_certain_is_a_problem_at_its_cell(table, column, typed, kind):
    book = Book().set(table, column, typed)
    found = read(book.xlsx())
    assert kinds(found) == [kind]
    assert places(found, kind) == [book.at(table, column)]
    problem = found.problems[0]
    assert (problem.column_id, problem.typed) == (column, str(typed))
    assert value(found, table, column) is None


def test_what_is_normalised_is_recorded_with_its_cell():
    book = Book().set("students", "enrolled", "１，１７５人").set("profile", "is_national_key", "√")
    book.set("students", "fitness_tested", "—")
    found = read(book.xlsx())
    assert kinds(found) == []
    key = book.at("profile", "is_national_key").split("!")[1]
    assert sorted(entries(found)) == [
        ("学校概况", key, "is_national_key", "√", "true", "yes_no_sign"),
        ("学生", "B4", "enrolled", "１，１７５人", "1175", "thousands_separator"),
        ("学生", "B6", "fitness_tested", "—", None, "dash_is_blank"),
    ]
    assert cell(found, "students", "enrolled") == ("１，１７５人", "1175", "B4")


# -- sheets ----------------------------------------------------------------------------------------


def test_missing_unknown_and_hidden_sheets_are_each_named():
    book = Book()
    del book.sheets["经费"]
    book.sheets["草稿"] = [["随手记", 1]]
    book.sheets["只有零"] = [[0]]
    book.sheets["空表"] = []
    book.hidden = {"草稿", "空表", "学生"}
    found = read(book.xlsx())
    assert places(found, "sheet_is_missing") == ["经费!"]
    assert places(found, "content_is_not_read") == ["只有零!A1", "草稿!A1:B1"]
    # Of one that is not read nothing is said as if it were.
    assert places(found, "sheet_is_hidden") == ["学生!"]
    assert "finance" not in found.rows


def test_two_sheets_that_could_be_the_same_table_are_named_and_the_first_is_read():
    book = Book()
    book.sheets["4.学生"] = [["学生"], ["项目", "填报值"], ["招生数", 61], ["在校生数", 176]]
    found = read(book.xlsx())
    assert kinds(found) == ["sheets_compete"]
    assert places(found, "sheets_compete") == ["4.学生!A1:B4"]
    assert found.problems[0].detail.zh == "“学生”"
    assert value(found, "students", "enrolled") == "175"


@pytest.mark.parametrize("name", ["学生修改版", "学生(2)", "学生 副本", "新学生表", "Sheet1"])
def test_a_sheet_under_any_name_that_has_a_tables_labels_competes_with_it(name):
    book = Book()
    book.sheets[name] = [list(row) for row in book.sheets["学生"]]
    found = read(book.xlsx())
    assert kinds(found) == ["sheets_compete"]
    assert found.problems[0].sheet == name


def test_a_blank_sheet_with_the_bureaus_name_leaves_a_school_a_school():
    book = Book()
    book.sheets["市级填报"] = [[" "]]
    found = read(book.xlsx())
    assert (found.filed_by, kinds(found)) == ("school", [])


def test_a_blank_sheet_gives_way_to_the_one_that_is_filled():
    book = Book()
    book.sheets = {"学生 ": [], **book.sheets}
    found = read(book.xlsx())
    assert kinds(found) == []
    assert value(found, "students", "enrolled") == "175"


def test_the_instructions_and_numbered_sheet_names_are_no_surprise():
    book = Book()
    book.sheets = {"填报说明": [[book.form.title], [" " + book.form.title_en]]} | {
        f"{n}.{name}": rows for n, (name, rows) in enumerate(book.sheets.items(), 1)
    }
    assert kinds(read(book.xlsx())) == []


@pytest.mark.parametrize(
    ("sheet", "name"), [("学生", "学生情况"), ("技能大赛", "技能大赛2"), ("封面", "封面1")]
)
def test_a_sheet_under_a_name_that_is_near_is_named_with_the_missing_one(sheet, name):
    book = Book()
    book.sheets[name] = book.sheets.pop(sheet)
    found = read(book.xlsx(), name="示例.xlsx")
    missing, other = sorted(found.problems, key=lambda one: one.kind == "content_is_not_read")
    assert (missing.kind, missing.typed) == ("sheet_is_missing", sheet)
    assert missing.detail == Text(f"；名称相近的是“{name}”", f"; the nearest name is '{name}'")
    assert (other.kind, other.sheet) == ("content_is_not_read", name)
    assert f"“{sheet}”" in other.detail.zh
    assert found.is_read is (sheet != "封面")


def test_a_file_is_read_without_the_forms_of_other_years():
    """As a school does that checks its own workbook."""
    data = io.BytesIO()
    form = load_form(2024, ROOTS)
    write_template(data, form, {"school_code": CODE}, GOOD)
    name = Path(f"{CODE}_示例.xlsx")
    found = read_submission(name, data.getvalue(), "", Context(form, {}, {}))
    assert kinds(found) == ["school_is_unknown"]


def test_another_form_is_told_by_its_sheets():
    book = Book()
    book.sheets = {"工资表": [["姓名", "金额"]], "封面": [["学校标识码", CODE]]}
    found = read(book.xlsx())
    assert kinds(found) == ["file_is_another_form"]
    assert found.problems[0].typed == "工资表、封面"
    assert (found.is_read, found.school_code) == (False, CODE)


# -- whose file, and of which year -----------------------------------------------------------------


def test_a_code_in_full_width_or_typed_as_a_number_is_the_same_school():
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in CODE)
    for typed in (wide, int(CODE), f" {CODE} "):
        found = read(Book().set("cover", "school_code", typed).xlsx())
        assert (found.is_read, found.school_code) == (True, CODE)
        assert kinds(found) == []


@pytest.mark.parametrize(("name", "whose"), [("年报.xlsx", None), (f"{CODE}_示例.xlsx", CODE)])
def test_a_code_on_no_roster_is_not_read_and_told_to_whom_name_and_file_name_agree_on(name, whose):
    found = read(Book().set("cover", "school_code", "9900009999").xlsx(), name)
    assert kinds(found) == ["school_is_unknown"]
    assert places(found, "school_is_unknown") == ["封面!B3"]
    assert found.problems[0].typed == "9900009999"
    assert (found.is_read, found.school_code) == (False, whose)


def test_a_cover_without_a_code_goes_back_to_the_school_that_the_file_is_named_after():
    found = read(Book().set("cover", "school_code", None).xlsx())
    assert kinds(found) == ["required_cell_is_empty", "school_is_unknown"]
    assert (found.is_read, found.school_code) == (False, CODE)
    nameless = read(Book().set("cover", "school_code", None).xlsx(), name="年报.xlsx")
    assert nameless.school_code is None


def test_a_file_of_another_year_is_named_and_belongs_to_the_inboxs_year():
    found = read(Book().set("cover", "year", "2023年").xlsx())
    assert kinds(found) == ["year_is_not_the_inbox_year"]
    assert places(found, "year_is_not_the_inbox_year") == ["封面!B5"]
    assert (found.problems[0].typed, found.problems[0].detail.zh) == ("2023年", "2024")
    assert found.year == 2024


@pytest.mark.parametrize("said", [2023, 2024])
@pytest.mark.parametrize("name", [f"{CODE}_示例.xlsx", "年报.xlsx"])
def test_the_form_of_last_year_is_told_in_one_sentence_to_its_school(said, name):
    found = read(Book(year=2023).set("cover", "year", said).xlsx(), name)
    assert (found.is_read, found.rows, found.school_code) == (False, {}, CODE)
    assert kinds(found) == ["file_is_another_form"]
    (problem,) = found.problems
    assert problem.typed == "2023"
    assert problem.detail.zh.startswith("是 2023 年的报表；")
    assert "the template of 2024" in problem.detail.en


def test_a_form_of_the_year_with_labels_missing_is_still_the_years_form():
    book = Book()
    for name in ("学生", "教职工", "办学条件"):
        book.sheets[name] = book.sheets[name][:3]
    found = read(book.xlsx())
    assert found.is_read
    assert set(kinds(found)) == {"column_is_missing"}


def test_the_same_bytes_have_an_id_a_year():
    assert submission_id_of(2023, "a") != submission_id_of(2024, "a")


def test_a_year_without_a_form_says_what_to_add():
    with pytest.raises(UnknownFormYear, match=r"forms/1999/form\.yml"):
        load_form(1999, [REPOSITORY / "forms"])


# -- personal numbers ------------------------------------------------------------------------------


def test_personal_numbers_anywhere_are_reported_without_being_repeated():
    book = Book()
    book.set("cases", "body", f"联系人张某，电话 {MOBILE}")
    book.set("profile", "ownership", IDENTITY)
    book.set("students", "fitness_tested", float(MOBILE))
    book.sheets["封面"].append(["联系电话", MOBILE])
    book.sheets["专业设置"].append(["注：身份证 " + IDENTITY])
    book.sheets["专业设置"][1].append(f"电话{MOBILE}")
    book.sheets["草稿"] = [[None, 110105194912310020]]
    found = read(book.xlsx())
    assert places(found, "text_holds_mobile_number") == sorted(
        ["典型案例!B3", "学生!B6", "封面!B11", "专业设置!K2"]
    )
    assert places(found, "text_holds_identity_number") == ["专业设置!A5", "学校概况!B3", "草稿!B1"]
    assert places(found, "code_is_not_in_list") == ["学校概况!B3"]
    told = str(found.problems)
    assert IDENTITY not in told
    assert MOBILE not in told


# -- the list of kinds -----------------------------------------------------------------------------


def test_every_declared_kind_is_raised_somewhere():
    sources = [
        path.read_text(encoding="utf-8")
        for path in (REPOSITORY / "orchestration" / "intake").rglob("*.py")
        if path.name != "problems.py"
    ]
    raised = set(re.findall(r"ProblemKind\.(\w+)", "\n".join(sources)))
    assert raised == set(ProblemKind)


# -- a property ------------------------------------------------------------------------------------

TYPED = st.one_of(
    st.none(),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["合计", "填报值", "招生数", "=A1", "#REF!", "注：", "人", "—", "97%"]),
)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_whatever_is_typed_anywhere_never_raises_and_is_kept_as_evidence(data):
    book = Book()
    for _ in range(data.draw(st.integers(1, 8))):
        rows = book.sheets[data.draw(st.sampled_from(sorted(book.sheets)))]
        row = data.draw(st.integers(0, len(rows) - 1))
        at = data.draw(st.integers(0, len(rows[row]) - 1))
        rows[row][at] = data.draw(TYPED)
    found = read(book.csv_zip("gb18030"))
    for records in found.rows.values():
        for _, _, record in records:
            for typed, said, _ in record.values():
                assert said != ""
                assert typed or said is None
    assert found.is_read or found.problems


def test_a_cover_without_a_year_is_not_said_to_be_of_another_year():
    assert "year_is_not_the_inbox_year" not in kinds(read(Book().set("cover", "year", None).xlsx()))


def test_a_sheet_of_labelled_cells_that_is_left_empty_is_a_record_with_its_required_cells_missing():
    book = Book()
    for column in context().form.tables["students"].columns:
        book.set("students", column.id, None)
    found = read(book.xlsx())
    assert len(found.rows["students"]) == 1
    assert book.at("students", "enrolled") in places(found, "required_cell_is_empty")


def test_a_row_of_one_space_is_no_record_and_asks_nobody():
    book = Book()
    book.sheets["专业设置"].append([" "])
    found = read(book.xlsx())
    assert found.is_read and kinds(found) == []
    assert len(found.rows["programmes"]) == 2


def test_a_mistake_of_the_program_over_one_file_is_told_and_stops_only_that(monkeypatch, caplog):
    def fails(*_):
        raise StopIteration

    with monkeypatch.context() as broken:
        broken.setattr(submission, "read_table", fails)
        found = read(Book().xlsx())
    assert (found.is_read, found.rows, found.receipts) == (False, {}, [])
    assert kinds(found) == ["file_stops_the_program"]
    assert found.school_code == CODE
    assert "StopIteration" in caplog.text
    assert read(Book().xlsx()).is_read
