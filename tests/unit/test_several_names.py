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


def test_no_speciality_of_the_catalogue_is_several():
    path = REPOSITORY / "dbt_project" / "seeds" / "majors.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        names = [row[of] for row in csv.DictReader(lines) for of in ("name", "class_name")]
    assert len(names) > 100
    assert not [name for name in names if names_several(name)]


def test_a_mark_parts_firms_but_not_a_course():
    assert names_several("庆阳电工、电子技术", is_body=True)
    assert not names_several("庆阳电工、电子技术")
