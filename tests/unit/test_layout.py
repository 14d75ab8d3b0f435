"""Where figures stand: whatever schools do to their sheets, the right cell is read."""

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbooks import GOOD, NAME, ROOTS, Book, cell, entries, kinds, places, read, saved, value

from orchestration.forms.contract import Column, Filer, Table, TableKind, load_form
from orchestration.intake.layout import header
from orchestration.intake.layout.fields import earlier
from orchestration.intake.layout.labels import plain, plain_sheet
from orchestration.intake.reading.records import layout_of
from orchestration.intake.receipt import address
from orchestration.intake.workbook.sheet import Sheet


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
    passed_over = [
        change for change in sorted(entries(found)) if change[5] in {"total_row", "note_row"}
    ]
    assert passed_over == [
        ("专业设置", "A6", "", "注：按专业代码排序", None, "note_row"),
        ("专业设置", "A7:F7", "", "合 计", None, "total_row"),
        ("学生", "A10", "", "注：招生数按学籍统计", None, "note_row"),
        ("学生", "A11:B11", "", "填表人：示例", None, "note_row"),
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


# -- how far one looks -----------------------------------------------------------------------------


def laid_out(table, rows):
    """The layout of a sheet of the 2024 form, and by column what stands in each record's cells."""
    layout = layout_of(Sheet("x", rows), load_form(2024, ROOTS).tables[table], 2024)
    return layout, [
        {
            name: rows[row][at] if at < len(rows[row]) else None
            for name, (row, at) in record.cells.items()
        }
        for record in layout.records
    ]


@pytest.mark.parametrize(
    ("above", "is_found"), [(11, True), (12, True), (29, True), (30, True), (31, False)]
)
def test_a_header_begins_in_the_first_thirty_rows(above, is_found):
    rows = [["说明"]] * above + [["标题", "正文"], ["丁", "己"]]
    layout, records = laid_out("cases", rows)
    assert layout.found == ({"title", "body"} if is_found else set())
    assert records == ([{"title": "丁", "body": "己"}] if is_found else [])


@pytest.mark.parametrize("above", [0, 11, 29, 30, 300])
def test_the_column_to_fill_is_the_one_that_a_head_above_names(above):
    rows = [[]] * above + [["项目", None, None, "填报值"], ["招生数", "去年", 58, 60]]
    _, (record,) = laid_out("students", rows)
    assert record == {"entrants": 60}


@pytest.mark.parametrize(("distance", "is_read"), [(1, True), (3, True), (4, True), (5, False)])
def test_a_value_stands_at_most_four_cells_behind_its_label(distance, is_read):
    _, (record,) = laid_out("students", [["招生数", *[None] * (distance - 1), 60]])
    assert record == {"entrants": 60 if is_read else None}


@pytest.mark.parametrize("behind", ["在校生数", "人", "名 "])
def test_a_value_that_was_left_blank_is_not_taken_from_behind_a_unit_or_another_label(behind):
    _, (record,) = laid_out("students", [["招生数", None, behind, 175]])
    assert record["entrants"] is None


def test_a_unit_right_behind_the_label_stands_before_the_value():
    _, (record,) = laid_out("students", [["招生数", "人", 60], ["在校生数", "人", None, "人", 7]])
    assert record == {"entrants": 60, "enrolled": None}


def test_what_stands_in_the_column_to_fill_is_no_label():
    rows = [["项目", "填报值"], ["招生数", "在校生数"], ["在校生数", 175]]
    layout, (record,) = laid_out("students", rows)
    assert record == {"entrants": "在校生数", "enrolled": 175}
    assert layout.repeated == []


def test_a_label_right_of_the_column_to_fill_has_its_value_beside_it():
    rows = [["项目", "填报值"], ["招生数", 60, "在校生数", 175]]
    assert laid_out("students", rows)[1] == [{"entrants": 60, "enrolled": 175}]


def test_an_unknown_label_is_named_only_where_a_value_stands_beside_it():
    rows = [["招生数", 60], ["留级生数", 3], ["学生情况", None], ["注：按学籍", 1], ["备注", "无"]]
    layout, _ = laid_out("students", rows)
    assert layout.unknown == [("A2", "留级生数")]


@pytest.mark.parametrize(
    "first", ["注：以下为新设专业", "备注", "说明：", "填表人：甲", "审核：乙"]
)
@pytest.mark.parametrize("filled", [1, 2, 3])
def test_a_note_fills_one_cell_and_a_row_that_fills_more_is_a_record(first, filled):
    rows = [["专业代码", "专业名称", "招生数"], [first, "作物生产技术", 20][:filled]]
    layout, records = laid_out("programmes", rows)
    assert len(records) == int(filled > 1)
    assert [row[:2] for row in layout.passed_over] == ([("A2", first)] if filled == 1 else [])


@pytest.mark.parametrize("closing", [["（公章）"], ["（公章）", "2025年3月1日"]])
def test_a_seal_ends_a_table_alone_or_with_a_day_beside_it(closing):
    rows = [["专业代码", "专业名称", "招生数"], ["710201", "作物生产技术", 20], closing]
    layout, records = laid_out("programmes", rows)
    assert len(records) == 1
    assert [row[1:3] for row in layout.passed_over] == [("（公章）", "note_row")]


@pytest.mark.parametrize("word", ["合计", "总 计", "小计", "共计：", "*合计"])
def test_a_total_is_no_record_however_many_cells_it_fills(word):
    rows = [["序号", "专业代码", "专业名称", "招生数"], [word, None, None, 60], [1, "x", "y", 60]]
    layout, records = laid_out("programmes", rows)
    assert [row[:3] for row in layout.passed_over] == [("A2:D2", word, "total_row")]
    assert [record["entrants"] for record in records] == [60]


def test_one_known_label_is_no_header_of_a_sheet_of_rows():
    assert laid_out("programmes", [["招生数"], [60]])[0].found == set()
    assert laid_out("programmes", [["招生数", "在校生数"], [60, 175]])[0].found == {
        *("entrants", "enrolled")
    }


def test_the_header_is_the_row_that_knows_most_labels_and_the_first_of_two_alike():
    two = ["专业代码", "专业名称"]
    rows = [two, [*two, "招生数"], ["710101", "大数据", 40], [*two, "招生数"]]
    layout, records = laid_out("programmes", rows)
    assert len(layout.found) == 3
    assert [record["entrants"] for record in records] == [40]
    assert [row[:3] for row in layout.passed_over] == [("A4:C4", "专业代码", "header_row")]


def test_a_header_of_one_row_goes_before_one_of_two_that_knows_no_more():
    rows = [["在校生数", None], ["专业代码", "专业名称"], ["710101", "大数据"]]
    layout, records = laid_out("programmes", rows)
    assert layout.found == {"major_code", "major_name"}
    assert [(r["major_code"], r["major_name"]) for r in records] == [("710101", "大数据")]


def test_an_unknown_label_is_looked_for_in_the_column_that_has_most_labels():
    rows = [
        ["招生数", 60, None, "在校生数", 175],
        ["体质测试人数", 9],
        ["留级生数", 3, None, "x", 1],
    ]
    assert laid_out("students", rows)[0].unknown == [("A3", "留级生数")]


def test_under_a_spanning_label_what_divides_it_is_the_columns_own_label():
    rows = [
        ["专业代码", "专业名称", "在校生数", "在校生数", "在校生数"],
        [None, None, "一年级", "二年级", "留级生"],
        ["710101", "大数据", 40, 41, 3],
    ]
    layout, (record,) = laid_out("programmes", rows)
    assert record == {
        **{"major_code": "710101", "major_name": "大数据"},
        **{"enrolled_grade_1": 40, "enrolled_grade_2": 41},
    }
    assert layout.unknown == [("E2", "留级生")]


def test_both_rows_of_a_header_together_go_before_the_lower_alone():
    labels = ("人数", "男生人数", "年龄")
    columns = tuple(Column(f"c{n}", label, "x", "integer") for n, label in enumerate(labels))
    table = Table("t", "x", "x", TableKind.rows, Filer.school, columns)
    rows = [["全部", "男生", "年龄"], ["人数", "人数", None], [60, 25, 17]]
    (record,) = layout_of(Sheet("x", rows), table, 2024).records
    assert record.cells == {"c0": (2, 0), "c1": (2, 1), "c2": (2, 2)}


# -- properties ------------------------------------------------------------------------------------

FORM = load_form(2024, ROOTS)
FIELDS = [t for t in FORM.tables.values() if t.kind == "fields"]
ROWS = [t for t in FORM.tables.values() if t.kind == "rows"]
FILLED = st.integers(0, 9999) | st.floats(0, 1e6) | st.sampled_from(["示例名", "0", "—", "12项目"])
TITLES = [[], ["中等职业学校质量年报"], ["填报单位：示例", None, "单位：人"], [None, "2024年"]]


def dressed(draw, label):
    """A label as clerks and printers dress it."""
    return draw(
        st.sampled_from(
            [label, f" {label}：", f"{label}*", f"{label}（人）", f"{label[:1]} {label[1:]}"]
        )
    )


def put(rows, row, at, value):
    rows[row] += [None] * (at + 1 - len(rows[row]))
    rows[row][at] = value


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_label_anywhere_has_the_value_that_a_person_sees_beside_it(data):
    table = data.draw(st.sampled_from(FIELDS))
    height = data.draw(st.integers(len(table.columns), 60))
    rows = [[] for _ in range(height)]
    everywhere = [(row, at) for row in range(height) for at in (0, 5, 10)]
    places = data.draw(st.permutations(everywhere))[: len(table.columns)]
    seen, distance = {}, {at: data.draw(st.integers(1, 4)) for at in (0, 5, 10)}
    for column, (row, at) in zip(table.columns, places, strict=True):
        put(rows, row, at, dressed(data.draw, column.label))
        seen[column.id] = data.draw(st.none() | FILLED)
        if seen[column.id] is not None:
            put(rows, row, at + distance[at], seen[column.id])
    layout, (record,) = laid_out(table.id, rows)
    assert record == seen
    assert (layout.repeated, layout.passed_over) == ([], [])


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_rows_under_a_header_anywhere_are_the_records_that_a_person_sees(data):
    table = data.draw(st.sampled_from(ROWS))
    rows = list(data.draw(st.lists(st.sampled_from(TITLES), max_size=29)))
    order = data.draw(st.permutations(table.columns))
    gaps = data.draw(st.lists(st.integers(0, 2), min_size=len(order), max_size=len(order)))
    places = {c.id: n + sum(gaps[: n + 1]) for n, c in enumerate(order)}
    head, seen, beside = len(rows), [], []
    rows.append([])
    for column in order:
        put(rows, head, places[column.id], dressed(data.draw, column.label))
    for kind in data.draw(st.lists(st.sampled_from(["record", "note_row", "total_row", ""]))):
        line = len(rows)
        rows.append([])
        if kind == "record":
            filled = {name: data.draw(st.none() | FILLED) for name in places}
            # A row of zeros or dashes below the last record is one that is prefilled.
            filled[order[0].id] = data.draw(FILLED.filter(lambda v: v not in (0, "0", "—")))
            seen.append(filled)
        else:
            word = {"note_row": "注：示例", "total_row": "合计", "": None}[kind]
            filled = {order[0].id: word} if word else {}
            if word:
                beside.append((address(line, places[order[0].id]), word, kind))
            if kind == "total_row":
                filled |= {column.id: 7 for column in order[1:]}
        for name, typed in filled.items():
            if typed is not None:
                put(rows, line, places[name], typed)
    layout, records = laid_out(table.id, rows)
    assert records == seen
    assert [(row[0].split(":")[0], *row[1:3]) for row in layout.passed_over] == beside
    assert (layout.found, layout.repeated, layout.unknown) == (set(places), [], [])


WORDS = [
    "",
    " ",
    0,
    7.0,
    2024.0,
    True,
    "12人",
    "人",
    "千元",
    "合计",
    "例：某校",
    "注：示例",
    "甲",
    "1",
]
WORDS += ["填报值", "上年数", "招生数", "在校生数（其中女生）", "备注", "单位：元"]
TYPED = st.none() | st.sampled_from(WORDS)


@pytest.mark.parametrize(
    ("table", "name"), [("finance", "经费（千元）"), ("partnerships", "校企合作（元）")]
)
def test_a_unit_in_a_sheet_s_name_is_read_whatever_was_read_before(table, name):
    book = Book()
    table = book.form.tables[table]
    rows = [list(row) for row in book.sheets[table.sheet]]
    alone = layout_of(Sheet(name, rows), table, 2024)
    layout_of(Sheet(table.sheet, rows), table, 2024)
    after = layout_of(Sheet(name, rows), table, 2024)
    assert after == alone
    assert after != layout_of(Sheet(table.sheet, rows), table, 2024)
    assert after.units or after.refused


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_a_sheet_is_laid_out_alike_whatever_sheets_were_read_before(data):
    book = Book()
    table = data.draw(
        st.sampled_from([book.form.tables[n] for n in ("students", "finance", "training")])
    )
    untouched = [list(row) for row in book.sheets[table.sheet]]
    spoilt = [list(row) for row in untouched]
    for _ in range(data.draw(st.integers(0, 4))):
        row = data.draw(st.integers(0, len(spoilt)))
        spoilt += [[] for _ in range(row + 1 - len(spoilt))]
        put(spoilt, row, data.draw(st.integers(0, 4)), data.draw(TYPED))
    for kept in (earlier._PLANS, earlier._VALUE_COLUMN, header._HEADERS, header._STARTS):
        kept.clear()
    alone = layout_of(Sheet("x", spoilt), table, 2024)
    layout_of(Sheet("x", untouched), table, 2024)
    layout_of(Sheet("x（元）", untouched), table, 2024)
    layout_of(Sheet("x", spoilt), table, 2024)
    assert layout_of(Sheet("x", spoilt), table, 2024) == alone


def test_a_blank_merged_range_below_the_last_row_is_nothing():
    book = Book()
    table = book.form.tables["students"]
    rows = [list(row) for row in book.sheets[table.sheet]]
    below = len(rows)
    merged = [(below, 0, below, 2), (below + 3, 3, below + 6, 5)]
    assert layout_of(Sheet("x", rows, merged=merged), table, 2024).problems == []
