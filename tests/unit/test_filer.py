"""Cover code and name, the file's name and the roster agree, or it is said who contradicts whom."""

import pytest
from inboxes import YEAR, drop, problems, school, table
from workbooks import (
    BUREAU,
    CITY,
    CITY_CODE,
    CODE,
    NAME,
    OTHER,
    OTHER_NAME,
    ROOTS,
    Book,
    kinds,
    places,
    read,
)

from orchestration.forms.contract import load_form
from orchestration.intake.batch import take_in
from orchestration.intake.reading.filer import Bureau, Context, Cover, whose_bureau
from orchestration.intake.reading.records import ReadCell
from orchestration.intake.reading.said_of_all import Filed, names_another

VOID = [
    *("旧版", "旧", "备份", "样表", "模板", "old", "backup", "废", "退回", "已退回", "错误"),
    *("历史版本", "以后一份为准"),
]


def book(code=CODE, name=NAME):
    return Book().set("cover", "school_code", code).set("cover", "school_name", name).xlsx()


@pytest.mark.parametrize(
    ("code", "name", "file", "whose", "cell"),
    [
        (OTHER, NAME, f"{CODE}_示例.xlsx", CODE, "封面!B3"),
        (CODE, OTHER_NAME, f"{CODE}_示例.xlsx", CODE, "封面!B4"),
        (CODE, NAME, f"{OTHER}_示例.xlsx", CODE, "封面!B3"),
        (CODE, NAME, f"修订（{OTHER}）.xlsx", CODE, "封面!B3"),
        (CODE, NAME, "9900009999_示例.xlsx", CODE, "封面!B3"),
        (CODE, "别的学校", f"{OTHER}_示例.xlsx", None, "封面!B3"),
        (CODE, OTHER_NAME, "年报.xlsx", None, "封面!B4"),
        (CODE, OTHER_NAME, f"{OTHER}.xlsx", OTHER, "封面!B3"),
        (CODE, NAME, f"{OTHER_NAME}（更正）.xlsx", CODE, "封面!B3"),
        (CODE, NAME, f"{CODE}_{OTHER_NAME}.xlsx", CODE, "封面!B3"),
        (CODE, NAME, f"2024{OTHER}.xlsx", CODE, "封面!B3"),
        (CODE, NAME, f"{OTHER}9900009999.xlsx", CODE, "封面!B3"),
        (CODE, NAME, f"2023年{OTHER}_示例.xlsx", CODE, "封面!B3"),
    ],
)
def test_a_file_that_names_two_schools_is_contradicted_at_the_odd_cell(
    code, name, file, whose, cell
):
    found = read(book(code, name), file)
    assert places(found, "filer_is_contradicted") == [cell]
    assert (found.school_code, found.is_read) == (whose, whose is not None)
    (problem,) = (p for p in found.problems if p.kind == "filer_is_contradicted")
    for detail in (problem.detail.zh, problem.detail.en):
        assert "封面!B3" in detail and "封面!B4" in detail and code in detail


@pytest.mark.parametrize(
    "file",
    [
        *(f"{CODE}_{NAME}.xlsx", f"{NAME}和{OTHER_NAME}.xlsx", f"2024{CODE}.xlsx"),
        *(f"{CODE}_示例.xlsx", "年报.xlsx", "2024112509_年报.xlsx", f"{CODE}（{OTHER}对照）.xlsx"),
    ],
)
@pytest.mark.parametrize("name", [NAME, NAME.replace("（", " (").replace("）", ")"), "示例职专"])
def test_a_file_that_names_one_school_is_not_contradicted(file, name):
    found = read(book(name=name), file)
    assert (kinds(found), found.school_code, found.is_read) == ([], CODE, True)


@pytest.mark.parametrize(
    ("name", "file", "whose"),
    [
        (NAME, f"{CODE}_示例.xlsx", CODE),
        (NAME, f"{OTHER}_示例.xlsx", None),
        ("别的学校", f"{CODE}_示例.xlsx", None),
        (NAME, "年报.xlsx", None),
    ],
)
def test_a_wrong_digit_is_told_to_the_school_that_name_and_file_name_agree_on(name, file, whose):
    found = read(book("9900000003", name), file)
    assert kinds(found) == ["school_is_unknown"]
    assert (found.school_code, found.is_read) == (whose, False)


@pytest.mark.parametrize(
    ("name", "file", "is_whole"),
    [
        ("示例市", "市级填报.xlsx", True),
        ("示例市教育局", "示例_市级填报.xlsx", True),
        ("彼岸省示例市", "2024年示例市市级填报.xlsx", True),
        ("示例市（本级）", "全市汇总.xlsx", True),
        ("示例", "示例市_市级直属.xlsx", True),
        ("示例市西峰区", "x.xlsx", False),
        ("示例市、庆阳市", "x.xlsx", False),
        ("兰州市示例路", "x.xlsx", False),
        ("示例市", "兰州市_市级填报.xlsx", False),
        ("示例市", f"{CODE}_市级填报.xlsx", False),
        ("示例市", f"{NAME}.xlsx", False),
        (" 示例 市", "x.xlsx", True),
        ("庆阳市", "市级填报.xlsx", False),
        ("庆阳市", "示例市_市级填报.xlsx", False),
    ],
)
def test_a_bureaus_code_and_name_agree_or_it_is_not_read(name, file, is_whole):
    found = read(Book(content=BUREAU).set("bureau_cover", "city_name", name).xlsx(), file)
    assert kinds(found) == ([] if is_whole else ["filer_is_contradicted"])
    assert (found.city, found.is_read) == (CITY, is_whole)
    if not is_whole:
        detail = found.problems[0].detail
        assert "封面!B3 城市代码" in detail.zh and f"封面!B4 城市名称“{name}”" in detail.zh
        assert f"'{name}'" in detail.en


def test_a_bureaus_file_that_is_named_after_another_city_is_contradicted():
    bureaus = {
        CITY_CODE: Bureau(CITY, CITY_CODE, "示例市"),
        "990200": Bureau("other", "990200", "彼岸市"),
    }
    context = Context(load_form(2024, ROOTS), {}, bureaus)
    cells = {
        "city_code": ReadCell(CITY_CODE, CITY_CODE, "B3"),
        "city_name": ReadCell("示例市", "示例市", "B4"),
    }
    assert (
        whose_bureau(Cover(cells, "封面", "示例和彼岸.xlsx"), context).filer == bureaus[CITY_CODE]
    )
    own = whose_bureau(Cover(cells, "封面", f"{CITY_CODE}_市级填报.xlsx"), context)
    assert own.filer == bureaus[CITY_CODE]
    for name in ("990200_市级填报.xlsx", "彼岸_市级填报.xlsx"):
        whose = whose_bureau(Cover(cells, "封面", name), context)
        assert whose.filer == bureaus[CITY_CODE]  # cover code and name are two against one
        assert whose.problem is not None and name in whose.problem.detail.zh
    other = cells | {"city_name": ReadCell("彼岸市", "彼岸市", "B4")}
    assert whose_bureau(Cover(other, "封面", "彼岸.xlsx"), context).filer == bureaus["990200"]
    wrong = other | {"city_code": ReadCell("990300", "990300", "B3")}
    whose = whose_bureau(Cover(wrong, "封面", "x.xlsx"), context)
    assert whose.filer == bureaus["990200"]
    assert whose.problem is not None and whose.problem.kind == "school_is_unknown"


@pytest.mark.parametrize(
    ("file", "whose"),
    [
        (f"2024_{CODE}.docx", (CITY, CODE)),
        (f"{NAME}.docx", (CITY, CODE)),
        ("示例市_市级填报.docx", (CITY, None)),
        (f"{CODE}和{OTHER}.docx", (None, None)),
        ("年报.docx", (None, None)),
    ],
)
def test_an_unreadable_file_is_told_to_whom_its_name_names(file, whose):
    found = read(b"PK no workbook", file)
    assert not found.is_read and (found.city, found.school_code) == whose


def test_a_file_that_names_somebody_else_stops_only_itself(home, ledger):
    drop(home, f"{CODE}.xlsx", school())
    drop(home, "年报.xlsx", book(CODE, OTHER_NAME))
    drop(home, f"{CODE}_新.xlsx", book(OTHER, NAME))
    take_in(home, [YEAR], ledger)
    assert problems(home, "filer_is_contradicted") == [f"{CODE}_新.xlsx", "年报.xlsx"]
    assert problems(home, "two_files_for_one_school") == []
    whose = {row["file_name"]: row["school_code"] for row in table(home, "submissions")}
    assert whose == {f"{CODE}.xlsx": CODE, "年报.xlsx": None, f"{CODE}_新.xlsx": CODE}


@pytest.mark.parametrize(
    ("file", "is_asked"),
    [
        (f"{CODE}_示例（作废）.xlsx", True),
        (f"{CODE}_2023年.xlsx", True),
        (f"{CODE}_2022-2023学年.xlsx", True),
        (f"{CODE}_草稿.xlsx", True),
        (f"{CODE}_2024年模板（勿报）.xlsx", True),
        *((f"{CODE}_示例_{word}.xlsx", True) for word in VOID),
        (f"{CODE}_旧州职专.xlsx", False),
        (f"{CODE}_退回后重报.xlsx", False),
        (f"{CODE}_退回修改.xlsx", False),
        (f"{CODE}_老师核对.xlsx", False),
        (f"{CODE}_以此为准.xlsx", False),
        (f"{CODE}_2024年模板.xlsx", False),
        (f"{CODE}_2024年度年报.xlsx", False),
        (f"{CODE}_2024年与2023年对照.xlsx", False),
        (f"{CODE}_2025年1月报送.xlsx", False),
        (f"{CODE}_2025年初报.xlsx", False),
        (f"{CODE}_20250110（更正）.xlsx", False),
        (f"{CODE}（2）最终版 - 副本.xlsx", False),
    ],
)
def test_a_file_that_is_named_void_a_draft_or_another_years_is_asked_about(file, is_asked):
    found = read(book(), file)
    asked = [problem.typed for problem in found.problems if problem.kind == "text_says_otherwise"]
    assert asked == ([file] if is_asked else [])
    assert found.is_read


@pytest.mark.parametrize(
    ("text", "is_another"),
    [
        *(("正宁县学生情况表", False), ("宁县学生情况表", True), ("甘肃省庆阳市学生情况", False)),
        *(("填报单位：正宁县教育局", False), ("宝 鸡 市学生情况", True), ("陕西省学生情况", True)),
    ],
)
def test_a_county_is_its_own_though_another_ones_name_is_part_of_its_name(text, is_another):
    context = Context(load_form(YEAR, ROOTS), {}, {})
    filed = Filed("正宁职业中等专业学校", "9962102506", "621025")
    assert names_another(text, filed, context) == is_another
