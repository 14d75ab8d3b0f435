"""Series over the years: what the sample cities' say, and from an indicator to the form's columns.

How changes are told apart has dbt's unit tests, beside the models.
"""

import re
from types import SimpleNamespace

import duckdb
import jinja2
import pytest

from orchestration.warehouse.project import WRITTEN

TREND = "from fct_indicator_trend where city = 'qingyang' and year = 2024 and indicator_id = ?"


def rendered(call, **globals_):
    macros = "".join(
        (WRITTEN / "macros" / name).read_text(encoding="utf-8")
        for name in ("literals.sql", "comparability.sql")
    )
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    type_string = SimpleNamespace(type_string=lambda: "varchar")
    return environment.from_string(macros + call, globals={"dbt": type_string} | globals_).render()


def test_what_the_form_of_2023_did_not_ask_breaks_the_series(samples):
    row = samples.rows(
        "select is_comparable, previous_year_value, break_kinds, break_zh, break_en " + TREND,
        "employed_locally",
    )
    assert row == [
        (
            False,
            None,
            "column_added",
            "报表“毕业生去向”新增“本地就业人数”。",
            '"Employed locally" is new on the form (Graduate destinations).',
        )
    ]


def test_a_new_label_is_noted_and_breaks_nothing(samples):
    row = samples.rows(
        "select is_comparable, break_kinds, note_kinds, note_zh " + TREND, "entrants"
    )
    assert row == [(True, None, "column_relabelled", "报表“学生”的“招收新生数”改称“招生数”。")]


def test_only_what_2023_was_not_asked_cannot_be_compared(samples):
    kinds = samples.rows(
        "select year, is_comparable, break_kinds, count(*) from fct_indicator_trend group by all"
    )
    assert {row[:3] for row in kinds} == {
        (2023, None, None),
        (2024, None, None),
        (2024, True, None),
        (2024, False, "column_added"),
    }
    nothing_before = samples.rows(
        "select distinct indicator_id from fct_indicator_trend "
        "where year = 2024 and is_comparable is null order by 1"
    )
    # The roster of 2022 is not known, so nothing was monitored the year before 2023.
    assert [name for (name,) in nothing_before] == [
        "conditions_compliance_rate_previous",
        "monitored_schools_previous",
        "schools_meeting_all_conditions_previous",
    ]


def test_the_trend_says_what_is_printed(samples):
    assert (
        samples.rows(
            "select city, year, indicator_id, value, value_printed, previous_year_value "
            "from fct_indicator_trend except "
            "select city, year, indicator_id, value, value_printed, previous_value "
            "from city_yearly_metrics"
        )
        == []
    )


def test_every_indicator_names_the_forms_columns_that_it_is_made_of(samples):
    found = dict(samples.rows("select indicator_id, form_columns from dim_indicator"))
    assert {name for name, columns in found.items() if columns is None} == {
        "monitored_schools",
        "monitored_schools_previous",
        "programme_offerings",
        "schools",
    }
    columns = {c for names in found.values() if names for c in names.split(";")}
    form = samples.rows(
        "select form_table || '.' || column_name from stg_nianbao__form_columns where year = 2024"
    )
    assert columns <= {name for (name,) in form}


@pytest.mark.parametrize(
    ("indicator", "columns"),
    [
        (
            "graduate_destination_rate",
            "destinations.graduates;destinations.directly_employed;destinations.further_study",
        ),
        # Words of a value are none of the form's columns.
        (
            "provincial_contest_students",
            "contests.level;contests.track;contests.student_entrants",
        ),
        # By way of facts that are made of facts.
        ("public_school_staff", "profile.ownership;staff.staff"),
        ("student_teacher_ratio", "staff.full_time_teachers;students.enrolled"),
        ("major_categories", "programmes.major_code"),
        ("digital_economy_majors", "programmes.themes;programmes.major_code"),
        ("exchanged_persons", "bureau.exchange_sent;bureau.exchange_received"),
    ],
)
def test_an_indicators_columns_are_those_of_its_formula(samples, indicator, columns):
    rows = samples.rows("select form_columns from dim_indicator where indicator_id = ?", indicator)
    assert rows == [(columns,)]


def test_a_result_of_nine_conditions_names_what_all_nine_are_made_of(samples):
    ((columns,),) = samples.rows(
        "select form_columns from dim_indicator where indicator_id = 'conditions_compliance_rate'"
    )
    assert {name.split(".")[0] for name in columns.split(";")} == {
        *("profile", "students", "staff", "conditions"),
    }


def test_a_declared_change_of_definition_is_a_row_with_both_texts():
    metrics = [
        {
            "metric": SimpleNamespace(name="rate"),
            "meta": {"changed": {2024: {"zh": "含灵活就业。", "en": "It's with flexible work."}}},
        },
        {"metric": SimpleNamespace(name="plain"), "meta": {}},
    ]
    call = "{{ definition_changes() }}"
    sql = rendered(call, indicators_sorted=lambda: metrics)
    none = rendered(call, indicators_sorted=list)
    with duckdb.connect() as connection:
        assert connection.execute(sql).fetchall() == [
            (2024, "rate", "含灵活就业。", "It's with flexible work.")
        ]
        assert connection.execute(none).fetchall() == []


def test_no_column_of_a_formula_is_passed_over(samples):
    """What a fact computes from other columns says so; the roster is no form."""
    computed = {"class_code", "category_code", "theme", "is_met"}
    computed |= {"is_meeting_all", "was_meeting_all"}
    of_the_roster = {"is_monitored", "was_monitored", "school_code"}
    columns = {}
    for table, column in samples.rows("select table_name, column_name from duckdb_columns()"):
        columns.setdefault(table, set()).add(column)
    formulas = samples.rows(
        "select indicator_id, fact, numerator_formula, form_columns from dim_indicator union all "
        "select indicator_id, fact, denominator_formula, form_columns from dim_indicator "
        "where denominator is not null"
    )
    missed = set()
    for indicator, fact, formula, filed in formulas:
        words = set(re.findall("[a-z_][a-z0-9_]*", re.sub("'[^']*'", "", formula)))
        named = {name.split(".")[1] for name in (filed or "").split(";") if name}
        keys = {f"{name}_key" for name in named}
        unknown = (words & columns[fact]) - named - keys - computed - of_the_roster
        missed |= {(indicator, word) for word in unknown}
    assert missed == set()
