"""The workbook that schools are given: what a clerk sees, and that it comes back as filled."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from workbooks import BUREAU, CITY_CODE, CODE, GOOD, NAME, ROOTS, entries, kinds, read, value

from orchestration.forms.contract import Code, load_form
from orchestration.forms.template import INSTRUCTIONS, LONGEST_LIST, write_template
from orchestration.intake.reading.problem_list import PROBLEM_LIST

SCHOOL = {"school_code": CODE, "school_name": NAME}
YEARS = [2023, 2024]
every_year = pytest.mark.parametrize("year", YEARS)


def written(form, place=SCHOOL, filled=None):
    target = io.BytesIO()
    write_template(target, form, place, filled)
    return target.getvalue()


def opened(form, place=SCHOOL, filled=None):
    return openpyxl.load_workbook(io.BytesIO(written(form, place, filled)))


def rules(sheet):
    """The validation of each cell, by address."""
    found = {}
    for rule in sheet.data_validations.dataValidation:
        for cells in rule.sqref.ranges:
            for row in sheet[cells.coord] if ":" in cells.coord else [[sheet[cells.coord]]]:
                for cell in row:
                    found[cell.coordinate] = rule
    return found


def inputs(sheet, table):
    """Each column with the cells that a clerk fills."""
    for number, column in enumerate(table.columns):
        if table.kind == "fields":
            yield column, [sheet.cell(3 + number, 2)]
        else:
            yield column, [sheet.cell(row, number + 1) for row in (3, 62)]


@every_year
def test_instructions_come_first_and_then_the_sheets_in_the_forms_order(year):
    form = load_form(year, ROOTS)
    book = opened(form)
    assert book.sheetnames == [INSTRUCTIONS, *(t.sheet for t in form.filed_by("school"))]
    told = [cell.value for cell in book[INSTRUCTIONS]["A"]]
    assert told[0] == form.title
    assert any("不要填 0" in line and "Leave blank" in line for line in told)


@every_year
def test_instructions_name_both_places_where_a_finding_can_be_explained(year):
    book = opened(load_form(year, ROOTS))
    zh, en = (c.value for c in book[INSTRUCTIONS]["A"] if c.value and PROBLEM_LIST in c.value)
    assert "退回" in zh and "returned" in en
    assert "情况说明" in zh and "情况说明" in en and "情况说明" in book.sheetnames


@every_year
def test_the_school_and_its_year_are_filled_in(year):
    form = load_form(year, ROOTS)
    cover = opened(form)["封面"]
    filled = {c.id: cells[0].value for c, cells in inputs(cover, form.tables["cover"])}
    signed = ("confirmed_by", "confirmed_on") if year >= 2024 else ()
    assert filled == {
        **SCHOOL,
        **{"year": year, "form_version": form.version},
        **dict.fromkeys(("filled_on", "is_confirmed", *signed)),
    }


@every_year
def test_every_sheet_is_protected_with_locked_labels_and_unlocked_inputs(year):
    form = load_form(year, ROOTS)
    book = opened(form)
    for table in form.filed_by("school"):
        sheet = book[table.sheet]
        assert sheet.protection.sheet
        assert sheet["A1"].protection.locked is not False or table.kind == "rows"
        for number, (column, cells) in enumerate(inputs(sheet, table)):
            at = (3 + number, 1) if table.kind == "fields" else (2, number + 1)
            label = sheet.cell(*at)
            assert label.protection.locked
            assert column.label in label.value
            assert ("*" in label.value) == column.required
            unlocked = [cells[0]] if table.kind == "fields" else []
            assert not any(cell.protection.locked for cell in unlocked)
        if table.kind == "rows":
            for number in range(len(table.columns)):
                letter = openpyxl.utils.get_column_letter(number + 1)
                dimension = next(
                    d for d in sheet.column_dimensions.values() if d.min <= number + 1 <= d.max
                )
                assert not dimension.protection.locked, letter
    assert book[INSTRUCTIONS].protection.sheet


@every_year
def test_codes_have_drop_downs_and_numbers_are_held_at_zero_or_more(year):
    form = load_form(year, ROOTS)
    book = opened(form)
    checked = set()
    for table in form.filed_by("school"):
        found = rules(book[table.sheet])
        for column, cells in inputs(book[table.sheet], table):
            for cell in cells:
                rule = found.get(cell.coordinate)
                if column.type == "code":
                    words = [code.zh for code in form.codes[column.codes]]
                    assert (rule.type, rule.formula1) == ("list", f'"{",".join(words)}"')
                elif column.type == "boolean":
                    assert (rule.type, rule.formula1) == ("list", '"是,否"')
                elif column.type in {"integer", "decimal"}:
                    kind = "whole" if column.type == "integer" else "decimal"
                    assert (rule.type, rule.operator) == (kind, "greaterThanOrEqual")
                    assert float(rule.formula1) == 0
                    assert "不小于 0" in rule.error
                else:
                    assert rule is None
                checked.add(column.type)
                if rule is not None:
                    assert rule.allowBlank
    assert checked >= {"integer", "decimal", "boolean", "code", "text", "date"}


@pytest.mark.parametrize(
    "words",
    [[f"示例类别第{n}种" for n in range(60)], ["甲,乙", "丙"]],
    ids=["longer than Excel keeps", "with a comma"],
)
def test_a_list_that_a_cells_rule_cannot_hold_stands_in_the_instructions(words):
    form = load_form(2024, ROOTS)
    codes = tuple(Code(f"c{n}", word, "example") for n, word in enumerate(words))
    long = replace(form, codes={**form.codes, "ownership": codes})
    data = written(
        long, filled={**GOOD, "profile": {"ownership": words[1], "school_class": "职高"}}
    )
    book = openpyxl.load_workbook(io.BytesIO(data))
    rule = rules(book["学校概况"])["B3"]
    assert rule.type == "list"
    assert len(rule.formula1) <= LONGEST_LIST
    name, cells = rule.formula1.rsplit("!", 1)
    assert name.strip("'") == INSTRUCTIONS
    assert [cell.value for (cell,) in book[INSTRUCTIONS][cells.replace("$", "")]] == words
    assert kinds(read(data)) == ["code_is_not_in_list"]  # only the reader's list is the old one


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://example.invalid","点")', "+1+1", "@SUM(A1)", "-2", "<b>示例</b>"]
)
def test_a_schools_name_is_a_text_whatever_it_begins_with(name):
    form = load_form(2024, ROOTS)
    cell = opened(form, {"school_code": CODE, "school_name": name})["封面"]["B4"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (name, "s", None)


def test_a_template_as_it_is_given_misses_only_what_a_clerk_has_to_fill():
    found = read(written(load_form(2024, ROOTS)))
    assert set(kinds(found)) == {"required_cell_is_empty"}
    assert (found.is_read, found.school_code) == (True, CODE)
    assert entries(found) == []


def test_the_bureaus_template_comes_back_as_the_bureaus():
    form = load_form(2024, ROOTS)
    place = {"city_code": CITY_CODE, "name_zh": "示例市"}
    assert opened(form, place).sheetnames == [INSTRUCTIONS, "封面", "市级填报"]
    found = read(written(form, place, {"bureau": BUREAU["bureau"]}), name="市级填报.xlsx")
    assert found.filed_by == "bureau"
    assert value(found, "bureau_cover", "city_name") == "示例市"
    assert value(found, "bureau", "lead_colleges") == "3"


@every_year
def test_the_same_content_is_the_same_file_byte_for_byte(year):
    form = load_form(year, ROOTS)
    assert written(form, filled=GOOD) == written(form, filled=GOOD)


def test_more_rows_than_a_template_shows_are_all_written_and_read():
    rows = [{"project": f"示例项目{n}", "kind": "公益", "person_times": n} for n in range(300)]
    found = read(written(load_form(2024, ROOTS), filled={**GOOD, "training": rows}))
    assert kinds(found) == []
    assert [value(found, "training", "person_times", n) for n in (0, 299)] == ["0", "299"]


# -- the round trip --------------------------------------------------------------------------------

# Marks as 、 part several names.
WORDS = st.text("甲乙丙丁（）+=@-<>&'\"abcAZ09 ", max_size=12).map(lambda text: f"示例名{text}")
# Eleven digits may be a mobile number, as may a text with a 1 in it.
COUNTS = st.integers(0, 10**10 - 1)
AMOUNTS = st.builds(
    lambda n, places: Decimal(n).scaleb(-places), st.integers(0, 10**9), st.integers(0, 6)
)


def filled_values(column, codes):
    """What a clerk may fill in a column, each with what it has to be read as."""
    words = st.sampled_from(codes.get(column.codes) or [Code("", "", "")])
    several = st.lists(words, min_size=1, max_size=3, unique=True)
    return {
        "text": WORDS.map(lambda text: (text, text.strip())),
        "integer": COUNTS.map(lambda n: (n, str(n))),
        "decimal": AMOUNTS.map(lambda n: (format(n, "f"), format(n, "f"))),
        "boolean": st.sampled_from([("是", "true"), ("否", "false")]),
        "date": st.dates(date(1950, 1, 1), date(2050, 1, 1)).map(lambda d: (d.isoformat(),) * 2),
        "code": words.map(lambda code: (code.zh, code.code)),
        "code_list": several.map(
            lambda them: ("、".join(c.zh for c in them), ";".join(c.code for c in them))
        ),
    }[column.type]


@st.composite
def filled_forms(draw, year):
    """A form filled by a careful clerk: by table its records, each column with typed and read."""
    form, forms = load_form(year, ROOTS), {}
    for table in form.filed_by("school"):
        records = []
        for _ in range(1 if table.kind == "fields" else draw(st.integers(0, 2))):
            record = {}
            for column in table.columns:
                if column.required or not record or draw(st.booleans()):
                    record[column.id] = draw(filled_values(column, form.codes))
            records.append(record)
        forms[table.id] = records
    forms["cover"][0] |= {"school_code": (CODE, CODE), "year": (year, str(year))}
    return forms


def lone_texts(form, filled):
    """How many sheets have rows of one cell alone, which only a person can tell to be a name.

    Where all columns are of words, a text that is long enough is one by itself.
    """
    counting, words = {"integer", "decimal", "boolean"}, {"text", "date"}
    found = 0
    for table in form.filed_by("school"):
        types = {column.type for column in table.columns}
        is_asked = table.kind == "rows" and table.columns[0].type == "text"
        least = 8 if types <= words else 41 if types & counting else 0
        alone = [record for record in filled[table.id] if len(record) == 1]
        shortest = min((len(*(pair[1] for pair in one.values())) for one in alone), default=99)
        found += is_asked and shortest < least
    return found


# A whole form takes minutes to shrink; what failed is told by its table and column anyway.
@every_year
@settings(deadline=None, max_examples=25, phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_what_is_filled_in_a_template_is_what_is_read_from_it(year, data):
    form, filled = load_form(year, ROOTS), data.draw(filled_forms(year))
    typed = {}
    for name, records in filled.items():
        rows = [{column: pair[0] for column, pair in record.items()} for record in records]
        typed[name] = rows[0] if form.tables[name].kind == "fields" else rows
    found = read(written(form, filled=typed), year=year)
    assert kinds(found) == ["row_may_be_a_note"] * lone_texts(form, filled)
    assert found.is_read
    for name, records in filled.items():
        assert len(found.rows[name]) == len(records)
        for (_, _, cells), record in zip(found.rows[name], records, strict=True):
            assert set(cells) == {column.id for column in form.tables[name].columns}
            for column in form.tables[name].columns:
                read_back, wanted = cells[column.id][1], record.get(column.id, (None, None))[1]
                if name == "cover" and column.id == "form_version" and wanted is None:
                    wanted = form.version
                if column.type == "decimal" and wanted is not None:
                    assert Decimal(read_back) == Decimal(wanted)
                else:
                    assert read_back == wanted, (name, column.id)


def test_both_years_fill_the_same_raw_columns():
    new, old = (load_form(year, ROOTS).tables for year in (2024, 2023))
    found = read(
        written(load_form(2023, ROOTS), filled=GOOD | {"cover": {"is_confirmed": "是"}}), year=2023
    )
    assert kinds(found) == []
    assert value(found, "students", "enrolled") == "175"
    for name, table in old.items():
        assert {column.id for column in table.columns} <= {
            column.id for column in new[name].columns
        }
