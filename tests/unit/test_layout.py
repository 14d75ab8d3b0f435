"""Where figures stand: whatever schools do to their sheets, the right cell is read."""

import openpyxl
import pytest
from workbooks import GOOD, NAME, Book, cell, kinds, places, read, saved, value

from orchestration.intake.layout import address, plain, plain_sheet


def test_an_address_is_what_a_spreadsheet_shows():
    assert [address(0, 0), address(4, 2), address(9, 26), address(0, 701), address(0, 702)] == [
        *("A1", "C5", "AA10", "ZZ1", "AAA1")
    ]


def test_a_label_is_known_without_its_dressing():
    assert plain("招生数（人）＊") == plain(" 招 生 数 ：") == "招生数"
    assert plain("ＧＤＰ") == "GDP"
    assert {plain_sheet(n) for n in ("学生", "3.学生", "表三、学生", "学生 ", "（3）学生")} == {
        "学生"
    }


def test_titles_and_notes_above_and_below_are_no_figures():
    book = Book()
    book.sheets["学生"] = [
        ["中等职业学校质量年报"],
        ["填报单位：示例", None, "单位：人"],
        [],
        *book.sheets["学生"][1:],
        ["注：招生数按学籍统计"],
        ["填表人：示例", "审核：示例"],
    ]
    programmes = book.sheets["专业设置"]
    book.sheets["专业设置"] = [
        ["专业情况"],
        [],
        *programmes[1:],
        ["注：按专业代码排序"],
        ["合 计", None],
    ]
    book.sheets["专业设置"][-1] += [None, None, 60, 175]
    found = read(book.xlsx())
    assert kinds(found) == []
    assert cell(found, "students", "enrolled") == ("175", "175", "B6")
    assert [value(found, "programmes", "enrolled", n) for n in (0, 1)] == ["120", "55"]
    assert len(found.rows["programmes"]) == 2
    passed_over = [change for change in found.normalised if change[5] in {"total_row", "note_row"}]
    assert passed_over == [
        ("专业设置", "A6", "", "注：按专业代码排序", None, "note_row"),
        ("专业设置", "A7", "", "合 计", None, "total_row"),
    ]


def test_moved_columns_are_found_by_their_labels():
    book = Book()
    book.sheets["专业设置"] = [
        [row[0] if n == 0 else None, *reversed(row)]
        for n, row in enumerate(book.sheets["专业设置"])
    ]
    book.sheets["专业设置"][1][0] = "序号"
    found = read(book.xlsx())
    assert kinds(found) == []
    assert value(found, "programmes", "major_code", 1) == "610101"
    assert cell(found, "programmes", "enrolled", 1)[2] == "F4"


def test_fields_may_stand_in_any_order_and_in_two_columns_side_by_side():
    book = Book()
    book.sheets["学生"] = [
        ["学生情况"],
        ["在校生数", 175, "人", "招生数", 60, "人"],
        ["体质测试人数", None, "人", "体质测试合格人数", None, "人"],
        ["职业技能等级证书获证人数", "人", 30],
    ]
    found = read(book.xlsx())
    assert kinds(found) == []
    assert cell(found, "students", "enrolled") == ("175", "175", "B2")
    assert cell(found, "students", "entrants") == ("60", "60", "E2")
    assert cell(found, "students", "fitness_tested") == ("", None, "B3")
    assert cell(found, "students", "certificate_holders") == ("30", "30", "C4")


def merged(book, sheet, *ranges):
    opened = openpyxl.Workbook()
    opened.remove(opened.active)
    for name, rows in book.sheets.items():
        made = opened.create_sheet(name)
        for row in rows:
            made.append(row)
    for cells in ranges:
        opened[sheet].merge_cells(cells)
    return saved(opened.save)


def test_a_merged_header_of_two_rows_is_read_by_both_its_rows():
    book = Book()
    book.sheets["专业设置"] = [
        ["专业设置情况", *[None] * 8],
        [
            "专业代码",
            "专业名称",
            "招生数",
            "在校生数",
            "在校生数",
            None,
            None,
            "毕业生数",
            "特色专业",
        ],
        [None, None, None, None, "一年级", "二年级", "三年级", None, None],
        ["710101", "大数据技术应用", 40, 120, 40, 40, 40, 38, "是"],
    ]
    data = merged(book, "专业设置", "A1:I1", "A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:G2", "H2:H3")
    found = read(data)
    assert kinds(found) == ["column_is_missing"]
    assert [p.column_id for p in found.problems] == ["themes"]
    assert [value(found, "programmes", f"enrolled_grade_{n}") for n in (1, 2, 3)] == ["40"] * 3
    assert cell(found, "programmes", "graduates") == ("38", "38", "H4")


def test_a_column_that_nobody_mapped_is_named_under_a_header_of_two_rows_too():
    book = Book()
    book.sheets["专业设置"] = [
        ["专业代码", "专业名称", "招生数", "在校生数", "在校生数", None, "备用一"],
        [None, None, None, None, "一年级", "留级生", None],
        ["710101", "大数据技术应用", 40, 120, 40, 3, 9],
    ]
    found = read(book.xlsx())
    assert places(found, "column_is_unknown") == ["专业设置!F2", "专业设置!G2"]
    assert [p.typed for p in found.problems if p.kind == "column_is_unknown"] == [
        "留级生",
        "备用一",
    ]


def test_a_mapped_column_that_is_gone_and_an_unmapped_one_are_both_named():
    book = Book()
    rows = book.sheets["专业设置"]
    rows[1][rows[1].index("在校生数*")] = "在籍人数"
    students = book.sheets["学生"]
    students[3][0] = "在籍学生"
    found = read(book.xlsx())
    assert places(found, "column_is_unknown") == ["专业设置!F2", "学生!A4"]
    missing = [(p.sheet, p.typed) for p in found.problems if p.kind == "column_is_missing"]
    assert missing == [("专业设置", "在校生数"), ("学生", "在校生数")]
    assert "enrolled" not in found.rows["students"][0][2]


EXPLAINED = {"rule_id": "enrolled_is_plausible", "place": "学生!B4", "explanation": "两校合并"}


def without(table, column):
    """The good school's book, an explanation in it, without one column of a sheet of rows."""
    book = Book(content={**GOOD, "explanations": [EXPLAINED]})
    sheet, _, at = book.place(table, column)
    for row in book.sheets[sheet][1:]:
        del row[at]
    return book


def test_a_column_that_may_be_absent_reads_as_blank_where_it_is_gone():
    found = read(without("explanations", "place").xlsx())
    assert kinds(found) == []
    ((_, row_no, record),) = found.rows["explanations"]
    assert row_no == 3
    assert record == {
        "rule_id": ("enrolled_is_plausible", "enrolled_is_plausible", "A3"),
        "explanation": ("两校合并", "两校合并", "B3"),
    }


def test_a_column_that_may_be_absent_is_read_where_it_stands():
    found = read(Book(content={**GOOD, "explanations": [EXPLAINED]}).xlsx())
    assert kinds(found) == []
    assert cell(found, "explanations", "place") == ("学生!B4", "学生!B4", "B3")


@pytest.mark.parametrize(
    ("table", "column"),
    [("explanations", "explanation"), ("programmes", "themes"), ("programmes", "enrolled")],
)
def test_an_ordinary_or_required_column_is_named_where_it_is_gone(table, column):
    found = read(without(table, column).xlsx())
    assert [(p.kind, p.column_id) for p in found.problems] == [("column_is_missing", column)]


def test_a_label_that_stands_twice_is_named_and_the_first_is_read():
    book = Book()
    book.sheets["学生"].append(["招生数", 61])
    book.sheets["专业设置"][1].append("招生数*")
    book.sheets["专业设置"][2].append(41)
    found = read(book.xlsx())
    assert places(found, "label_is_repeated") == ["专业设置!K2", "学生!A8"]
    assert value(found, "students", "entrants") == "60"
    assert value(found, "programmes", "entrants") == "40"


def test_a_merged_label_leaves_its_value_where_it_is():
    book = Book()
    book.sheets["学生"] = [["招生数", None, 60], ["在校生数", None, 175]]
    found = read(merged(book, "学生", "A1:B1", "A2:B2"))
    assert cell(found, "students", "enrolled") == ("175", "175", "C2")


def test_numbered_rows_that_nobody_filled_are_no_records():
    book = Book()
    book.sheets["专业设置"] = [
        [n if n > 1 else "序号", *row] for n, row in enumerate(book.sheets["专业设置"])
    ]
    book.sheets["专业设置"] += [[n, *[None] * 10] for n in range(5, 30)]
    book.sheets["专业设置"].append([30, "—", "/", "无"])
    found = read(book.xlsx())
    assert kinds(found) == []
    assert [row for _, row, _ in found.rows["programmes"]] == [3, 4]


def test_a_row_of_nothing_but_formulas_without_value_is_not_passed_over():
    book = Book()
    book.sheets["专业设置"].append([None, None, None, None, "=E3", "=F3"])
    found = read(book.xlsx())
    assert places(found, "cell_is_a_formula_without_value") == ["专业设置!E5", "专业设置!F5"]
    assert places(found, "required_cell_is_empty") == ["专业设置!A5", "专业设置!B5"]


def test_a_note_that_is_no_note_is_a_row_with_empty_required_cells():
    book = Book()
    book.sheets["专业设置"].append(["以上数据截至年底"])
    assert places(read(book.xlsx()), "required_cell_is_empty") == [
        *("专业设置!B5", "专业设置!E5", "专业设置!F5")
    ]


@pytest.mark.parametrize("rows", [[], [["专业设置"]], [["随便写的", 1], ["什么", 2]]])
def test_a_sheet_without_its_header_misses_every_column(rows):
    book = Book()
    book.sheets["专业设置"] = rows
    found = read(book.xlsx())
    missing = [p for p in found.problems if p.kind == "column_is_missing"]
    assert len(missing) == len(book.form.tables["programmes"].columns)
    assert found.rows["programmes"] == []
    assert value(found, "cover", "school_name") == NAME
