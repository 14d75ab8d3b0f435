"""What a red gate holds back of the figures that analysts see: the models, over crafted marts."""

import contextlib

import duckdb
import pytest

from orchestration.editions.withholding import GATED, withhold

# Two cities of one province and one of another; the gate judged two years, and `late` only one.
# Each figure stands once for the year itself, and once as one of the year before.
MARTS = """
create table fct_city_gate as from (values
    ('green', 2023, 'passed'), ('green', 2024, 'passed'),
    ('red', 2023, 'passed'), ('red', 2024, 'blocked'),
    ('late', 2024, 'passed')
) as t (city, year, verdict);
create table dim_area as from (values
    ('province', '1', null, null), ('province', '2', null, null),
    ('city', '11', '1', 'green'), ('city', '12', '1', 'red'), ('city', '21', '2', 'late'),
    ('city', '22', '2', 'without_schools')
) as t (area_level, area_code, parent_code, city);
create table dim_indicator as from (values ('now', 0, '达标率'), ('before', 1, '上年达标率')) as t (
    indicator_id, years_before, name_zh
);
create table fct_expected_city as from (values
    ('11', 2024, true), ('22', 2023, false), ('22', 2024, false)
) as t (city_code, year, is_expected);
create table dim_rule as from (values
    ('range', 'range', '共 7 所'), ('change', 'year_on_year', '共 7 所'),
    ('claim_of_now', 'claims', 'c1 率：印 8，计算得 7'),
    ('claim_of_before', 'claims', '已印发的不同：c1 率 8→7；c2 率 8→7'),
    ('range_of_before', 'range', '上年达标率 107 高于上限')
) as t (rule_id, family, sentence);
create table fct_indicator as
select indicator_id, v.city, y.year, v.area_level, v.area_code, 7.0 as value, v.status
from (values
    ('green', 'school', 's1', 'provisional'), ('red', 'school', 's2', 'provisional'),
    ('green', 'city', '11', 'provisional'), ('red', 'city', '12', 'provisional'),
    ('red', 'county', '121', 'provisional'), ('late', 'city', '21', 'withheld'),
    (null, 'province', '1', 'provisional'), (null, 'province', '2', 'provisional'),
    (null, 'country', '000000', 'provisional')
) as v (city, area_level, area_code, status)
cross join (values (2023), (2024)) as y (year)
cross join dim_indicator;
create table fct_indicator_breakdown as select *, 'age' as breakdown from fct_indicator;
create table city_yearly_metrics as
select indicator_id, c.city, y.year, 7.0 as value, '7' as value_printed, 7.0 as numerator,
    null::double as denominator, 'provisional' as status, 6e0 as previous_value,
    7 as previous_schools_counted, 8 as previous_schools_expected
from (values ('green'), ('red'), ('late')) as c (city)
cross join (values (2023), (2024), (2025)) as y (year)
cross join dim_indicator;
create table fct_indicator_trend as
select indicator_id, city, year, value, value_printed, status,
    previous_value as previous_year_value, 1e0 as change,
    16.7e0 as change_pct, city <> 'red' as is_comparable
from city_yearly_metrics;
create table fct_claim as
select city, year, claim_id, '率' as label_zh, indicator_id, 7.0 as computed,
    'wrong' as verdict, '因' as cause_zh, 'cause' as cause_en
from (values ('green', 2024), ('red', 2024), ('unjudged', 2024), ('red', 2025)) as c (city, year)
cross join (values ('c1', 'now'), ('c2', 'before'), ('c3', 'leading_names')) as i (
    claim_id, indicator_id
);
create table fct_finding as
select concat_ws(' ', city, year, stage, rule_id) as finding_id, rule_id, city, year, stage,
    '7' as values_typed, sentence as sentence_zh, '7 schools' as sentence_en
from (values ('green', 2024), ('red', 2024), ('red', 2025)) as c (city, year)
cross join (values ('city'), ('submission')) as s (stage)
cross join dim_rule;
create table fct_bureau as
select *, 34 as paired_schools from (values ('green', 2024), ('red', 2024)) as c (city, year);
create table fct_contribution as
select city, year, school_code, 34e0 as quantity from fct_bureau
cross join (values (null), ('s')) as s (school_code);
create table fct_contribution_by_class as
select *, 'one' as class_code from fct_contribution;
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
        f"select area_code, year from {table} where status = 'withheld' "
        "and indicator_id = 'now' order by all"
    ).fetchall()
    # `late` was not judged in 2023; in 2024 too few schools stand behind its figures.
    assert found == [
        *(("000000", 2023), ("000000", 2024)),
        *(("1", 2024), ("12", 2024), ("121", 2024)),
        *(("2", 2023), ("21", 2023), ("21", 2024)),
    ]
    # The row stays with its value, which the models of what is published take out.
    assert analysts.execute(f"select count(*), count(value) from {table}").fetchone() == (36, 36)


@pytest.mark.parametrize("table", ["fct_indicator", "fct_indicator_breakdown"])
def test_a_figure_of_the_year_before_is_withheld_as_well_where_that_year_did_not_pass(
    analysts, table
):
    found = analysts.execute(
        "select before.area_code, before.year "
        f"from {table} as before inner join {table} as now using (area_level, area_code, year) "
        "where before.status = 'withheld' and now.status <> 'withheld' "
        "and before.indicator_id = 'before' and now.indicator_id = 'now' order by all"
    ).fetchall()
    # Of 2022 nothing passed, of the second province nothing in 2023.
    assert found == [("1", 2023), ("11", 2023), ("12", 2023), ("121", 2023), ("2", 2024)]


def test_a_citys_metrics_are_those_of_the_years_that_passed(analysts):
    found = analysts.execute(
        "select city, year, previous_value, previous_schools_counted, previous_schools_expected "
        "from city_yearly_metrics where indicator_id = 'now' order by all"
    ).fetchall()
    none = (None, None, None)
    assert found == [
        *(("green", 2023, *none), ("green", 2024, 6.0, 7, 8)),
        ("late", 2024, *none),
        *(("red", 2023, *none), ("red", 2025, *none)),
    ]


@pytest.mark.parametrize("table", ["city_yearly_metrics", "fct_indicator_trend"])
def test_a_figure_of_the_year_before_has_no_value_where_that_year_did_not_pass(analysts, table):
    found = analysts.execute(
        f"select city, year, indicator_id, value, value_printed, status from {table} order by all"
    ).fetchall()
    shown, held = (7.0, "7", "provisional"), (None, None, "withheld")
    assert [row for row in found if row[2] == "before"] == [
        *(("green", 2023, "before", *held), ("green", 2024, "before", *shown)),
        ("late", 2024, "before", *held),
        *(("red", 2023, "before", *held), ("red", 2025, "before", *held)),
    ]
    assert {row[3:] for row in found if row[2] == "now"} == {shown}


def test_no_year_is_compared_with_one_that_did_not_pass(analysts):
    found = analysts.execute(
        "select city, year, previous_year_value, change, change_pct, is_comparable "
        "from fct_indicator_trend where indicator_id = 'now' order by all"
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
        "select city, year, claim_id, computed, verdict, cause_zh, cause_en from fct_claim "
        "order by all"
    ).fetchall()
    shown, held = (7.0, "wrong", "因", "cause"), (None, "withheld", None, None)
    # The third claim is of names, which are no indicator.
    claims = ("c1", "c2", "c3")
    assert found == [
        *(("green", 2024, "c1", *shown), ("green", 2024, "c2", *shown)),
        ("green", 2024, "c3", *shown),
        *(("red", 2024, claim, *held) for claim in claims),
        *(("red", 2025, "c1", *shown), ("red", 2025, "c2", *held), ("red", 2025, "c3", *shown)),
        *(("unjudged", 2024, claim, *held) for claim in claims),
    ]


def test_sentences_about_a_citys_figures_say_none_where_it_did_not_pass(analysts):
    found = analysts.execute(
        "select city, year, stage, rule_id, values_typed, sentence_zh, sentence_en "
        "from fct_finding order by all"
    ).fetchall()
    held = {row[:4]: row[4:] for row in found if row[4] is None}
    rules = ("change", "claim_of_before", "claim_of_now", "range", "range_of_before")
    # In 2025 what compares it with 2024 is told no more, for that says what 2024 was; nor what
    # names a figure of 2024, be it beside a printed one.
    assert list(held) == [
        *(("red", 2024, "city", rule) for rule in rules),
        *(("red", 2025, "city", rule) for rule in ("change", "claim_of_before", "range_of_before")),
    ]
    for values, zh, en in held.values():
        assert values is None
        assert zh == "本市2024年关卡未通过，不公布涉及的数字"
        assert en == "The city gate of 2024 is not green: its figures are not published"


@pytest.mark.parametrize("table", ["fct_contribution", "fct_contribution_by_class"])
def test_what_rows_add_to_a_figure_is_not_shown_where_the_figure_is_not(analysts, table):
    """It adds up to the figures of a city whose gate is red."""
    found = analysts.execute(f"select city, count(*) from {table} group by all").fetchall()
    assert found == [("green", 2)]


@pytest.mark.parametrize("table", ["fct_bureau", "fct_cell"])
def test_what_a_bureau_filed_is_its_citys_figure_and_not_shown_where_it_did_not_pass(
    analysts, table
):
    rows = analysts.execute(f"select * from {table}").df()
    bureaus = rows if table == "fct_bureau" else rows[rows["school_code"].isna()]
    assert set(bureaus["city"]) == {"green"}
    # What its schools filed is theirs.
    assert table == "fct_bureau" or set(rows["city"]) == {"green", "red"}
