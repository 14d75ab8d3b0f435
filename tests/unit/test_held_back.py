"""What a red gate holds back of the figures that analysts see: the models, over crafted marts."""

import contextlib

import duckdb
import pytest

from orchestration.analysts.held_back import GATED
from orchestration.editions.withholding import withhold

# Two cities of one province and one of another; the gate judged two years, and `late` only one.
MARTS = """
create table fct_city_gate as from (values
    ('green', 2023, 'passed'), ('green', 2024, 'passed'),
    ('red', 2023, 'passed'), ('red', 2024, 'blocked'),
    ('late', 2024, 'passed')
) as t (city, year, verdict);
create table dim_area as from (values
    ('province', '1', null, null), ('province', '2', null, null),
    ('city', '11', '1', 'green'), ('city', '12', '1', 'red'), ('city', '21', '2', 'late')
) as t (area_level, area_code, parent_code, city);
create table fct_indicator as
select v.city, y.year, v.area_level, v.area_code, 7.0 as value, v.status
from (values
    ('green', 'school', 's1', 'provisional'), ('red', 'school', 's2', 'provisional'),
    ('green', 'city', '11', 'provisional'), ('red', 'city', '12', 'provisional'),
    ('red', 'county', '121', 'provisional'), ('late', 'city', '21', 'withheld'),
    (null, 'province', '1', 'provisional'), (null, 'province', '2', 'provisional'),
    (null, 'country', '000000', 'provisional')
) as v (city, area_level, area_code, status)
cross join (values (2023), (2024)) as y (year);
create table fct_indicator_breakdown as select *, 'age' as breakdown from fct_indicator;
create table city_yearly_metrics as
select c.city, y.year, 7.0 as value, 6e0 as previous_value,
    7 as previous_schools_counted, 8 as previous_schools_expected
from (values ('green'), ('red'), ('late')) as c (city)
cross join (values (2023), (2024), (2025)) as y (year);
create table fct_indicator_trend as
select city, year, value, previous_value as previous_year_value, 1e0 as change,
    16.7e0 as change_pct, city <> 'red' as is_comparable
from city_yearly_metrics;
create table fct_claim as
select city, year, 7.0 as computed, 'wrong' as verdict, '因' as cause_zh, 'cause' as cause_en
from (values ('green', 2024), ('red', 2024), ('unjudged', 2024)) as c (city, year);
create table fct_finding as
select city, year, stage, '7' as values_typed, '共 7 所' as sentence_zh, '7 schools' as sentence_en
from (values ('green', 2024), ('red', 2024)) as c (city, year)
cross join (values ('city'), ('submission')) as s (stage);
create table fct_bureau as
select *, 34 as paired_schools from (values ('green', 2024), ('red', 2024)) as c (city, year);
create table fct_contribution as
select city, year, school_code, 34e0 as quantity from fct_bureau
cross join (values (null), ('s')) as s (school_code);
create table fct_cell as
select city, y.year, c.year as filed_year, school_code, '34' as typed from fct_contribution as c
cross join (values (2024), (2025)) as y (year);
insert into fct_city_gate values ('red', 2025, 'passed');
"""


@pytest.fixture(scope="module")
def analysts():
    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute(MARTS)
        withhold(connection, GATED)
        yield connection


@pytest.mark.parametrize("table", ["fct_indicator", "fct_indicator_breakdown"])
def test_a_city_that_did_not_pass_its_counties_its_province_and_the_country_are_withheld(
    analysts, table
):
    found = analysts.execute(
        f"select area_code, year from {table} where status = 'withheld' order by all"
    ).fetchall()
    # `late` was not judged in 2023; in 2024 too few schools stand behind its figures.
    assert found == [
        *(("000000", 2023), ("000000", 2024)),
        *(("1", 2024), ("12", 2024), ("121", 2024)),
        *(("2", 2023), ("21", 2023), ("21", 2024)),
    ]
    # The row stays with its value, which the models of what is published take out.
    assert analysts.execute(f"select count(*), count(value) from {table}").fetchone() == (18, 18)


def test_a_citys_metrics_are_those_of_the_years_that_passed(analysts):
    found = analysts.execute(
        "select city, year, previous_value, previous_schools_counted, previous_schools_expected "
        "from city_yearly_metrics order by all"
    ).fetchall()
    none = (None, None, None)
    assert found == [
        *(("green", 2023, *none), ("green", 2024, 6.0, 7, 8)),
        ("late", 2024, *none),
        *(("red", 2023, *none), ("red", 2025, *none)),
    ]


def test_no_year_is_compared_with_one_that_did_not_pass(analysts):
    found = analysts.execute(
        "select city, year, previous_year_value, change, change_pct, is_comparable "
        "from fct_indicator_trend order by all"
    ).fetchall()
    nothing = (None, None, None)
    # That two years cannot be compared stays said; that they can be is no longer known.
    assert found == [
        *(("green", 2023, *nothing, None), ("green", 2024, 6.0, 1.0, 16.7, True)),
        ("late", 2024, *nothing, None),
        *(("red", 2023, *nothing, False), ("red", 2025, *nothing, False)),
    ]


def test_what_a_report_printed_is_compared_with_no_figure_of_a_city_that_did_not_pass(analysts):
    found = analysts.execute(
        "select city, computed, verdict, cause_zh, cause_en from fct_claim order by city"
    ).fetchall()
    assert found == [
        ("green", 7.0, "wrong", "因", "cause"),
        ("red", None, "withheld", None, None),
        ("unjudged", None, "withheld", None, None),
    ]


def test_sentences_about_a_citys_figures_say_none_where_it_did_not_pass(analysts):
    found = analysts.execute(
        "select city, stage, values_typed, sentence_zh from fct_finding order by all"
    ).fetchall()
    assert [row for row in found if row[:2] != ("red", "city")] == [
        ("green", "city", "7", "共 7 所"),
        ("green", "submission", "7", "共 7 所"),
        ("red", "submission", "7", "共 7 所"),
    ]
    (held,) = [row for row in found if row[:2] == ("red", "city")]
    assert held[2] is None and "不公布" in held[3]


@pytest.mark.parametrize("table", ["fct_bureau", "fct_contribution", "fct_cell"])
def test_what_a_bureau_filed_is_its_citys_figure_and_not_shown_where_it_did_not_pass(
    analysts, table
):
    rows = analysts.execute(f"select * from {table}").df()
    bureaus = rows if table == "fct_bureau" else rows[rows["school_code"].isna()]
    assert set(bureaus["city"]) == {"green"}
    # What its schools filed is theirs.
    assert table == "fct_bureau" or set(rows["city"]) == {"green", "red"}
