"""Cities without any school are declared with a reason; a line that cannot be used is named."""

import pyarrow.parquet as pq
import pytest
from workbooks import CITY_CODE

from orchestration.intake.declared.reference import write_reference
from orchestration.intake.declared.snapshot import keep_reference, reference_files
from orchestration.intake.declared.without_schools import BadCityWithoutSchools

HEAD = "year,city_code,reason"
LISTED = "130100"  # of the list of all cities


def declare(home, *lines):
    text = "\n".join([HEAD, *lines]) + "\n"
    home.cities_without_schools.write_text(text, encoding="utf-8")


def kept(home):
    write_reference(home)
    name = "cities_without_schools"
    return pq.read_table(home.raw / name / f"{name}.parquet").to_pylist()


def test_a_home_need_not_declare_any(home):
    assert kept(home) == []


def test_a_city_is_declared_for_a_year_with_its_reason_and_kept_with_what_else_is_declared(home):
    declare(home, f"2024,{LISTED},无中等职业学校", f"2022,{CITY_CODE},当年尚未设立")
    assert kept(home) == [
        {"year": 2024, "city_code": LISTED, "reason": "无中等职业学校"},
        {"year": 2022, "city_code": CITY_CODE, "reason": "当年尚未设立"},
    ]
    assert "cities/without_schools.csv" in reference_files(home, keep_reference(home))


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        ([f"2024,{LISTED},"], 2, "须填全"),
        ([f"今年,{LISTED},无"], 2, "须填全"),
        (["2024,,无"], 2, "须填全"),
        (["2024,130199,无"], 2, "没有代码为 130199 的城市"),
        ([f"2024,{LISTED},无", f"2024,{LISTED},无"], 3, "重复"),
        ([f"2024,{CITY_CODE},无"], 2, "示例市 2024 年的名册中有学校"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(home, lines, line, said):
    declare(home, *lines)
    with pytest.raises(BadCityWithoutSchools, match=rf"without_schools.csv 第 {line} 行：.*{said}"):
        write_reference(home)
