"""Names that only a person who knows the school can tell to be several are not asked about."""

import csv

import pytest

from orchestration.ground.home import REPOSITORY
from orchestration.intake.layout.rows.several import names_several

# Parts of which one is not whole in itself, as in 电工、电子技术, which is the name of one course.
LEFT_SILENT = (
    *("茶艺、插花", "数控车、数控铣", "市场营销、电子商务", "机械制图、CAD", "电工/电子技术"),
    *("文明风采\n技能大赛", "焊工、电工、钳工培训", "机械制图 电工基础", "机械制图和电工基础"),
)
# Of firms, words that make no mark, and a name broken where another may begin.
FIRMS_LEFT_SILENT = ("华为 中兴", "Siemens, Bosch", "甘肃省庆阳市西峰区\n董志镇卫生院")


@pytest.mark.parametrize("text", LEFT_SILENT)
def test_a_name_whose_parts_may_share_a_word_is_one(text):
    assert not names_several(text)


@pytest.mark.parametrize("text", FIRMS_LEFT_SILENT)
def test_firms_without_a_mark_between_them_are_one(text):
    assert not names_several(text, is_body=True)


@pytest.mark.parametrize(
    "text",
    [
        "5门课程",
        "共5门",
        "另有3门",
        "五门",
        "甲（5门）",
        "①汽车保养②电工基础",
        "1.汽车保养2.电工基础",
    ],
)
def test_a_count_and_a_numbered_list_are_several(text):
    assert names_several(text)


@pytest.mark.parametrize(
    "text", ["3所高职", "高职院校", "全部高职", "3所院校", "各本科院校", "高职"]
)
def test_a_kind_of_school_is_no_school(text):
    assert names_several(text, is_body=True)


@pytest.mark.parametrize(
    ("text", "is_body"),
    [
        *(
            ("一门课程", False),
            ("数控机床2.0", False),
            ("汽车保养（一）", False),
            ("公差与配合", False),
        ),
        *(("高等数学（5个专题）", False), ("兰州职业技术学院", True), ("九江职业大学", True)),
        *(("庆阳一中", True), ("甘肃高等职业学院", True), ("三门峡职业技术学院", True)),
        *(("五家渠职业学校", True), ("百家饭店有限公司", True), ("七匹狼公司", True)),
    ],
)
def test_a_name_with_a_number_in_it_is_one(text, is_body):
    assert not names_several(text, is_body=is_body)


def test_no_speciality_of_the_catalogue_is_several():
    path = REPOSITORY / "dbt_project" / "seeds" / "majors.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        names = [row[of] for row in csv.DictReader(lines) for of in ("name", "class_name")]
    assert len(names) > 100
    assert not [name for name in names if names_several(name)]


def test_a_mark_parts_firms_but_not_a_course():
    assert names_several("庆阳电工、电子技术", is_body=True)
    assert not names_several("庆阳电工、电子技术")
