"""What one school does to its city's figures, and the figures as they would be by other verdicts.

The two are each other's oracle: `fct_impact` takes a school's part from the totals, `scratch` makes
every mart again without the school's submission.
"""

import subprocess
import sys
from types import SimpleNamespace

import duckdb
import jinja2
import pandas as pd
import pytest
from gates import judge_cities_as

from orchestration.analysts.database import publish_database
from orchestration.gate.frames import read_frame
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.warehouse import dbt as warehouse
from orchestration.warehouse.project import WRITTEN
from orchestration.warehouse.what_if import (
    WarehouseBusy,
    as_if_newest_counted,
    moved,
    scratch,
    write_impact,
)

IMPACT = "select * from fct_impact order by city, year, school_code, indicator_id"
SCHOOL = "9962102708"


@pytest.fixture(scope="module")
def home(samples, tmp_path_factory):
    return samples.copy(tmp_path_factory.mktemp("impact"))


@pytest.fixture(scope="module")
def verdicts(home):
    return pd.read_parquet(home.gate / "verdicts.parquet")


@pytest.fixture(scope="module")
def without(samples, verdicts):
    """Return the verdicts with all submissions of some schools returned."""
    filed = samples.frame(
        "select submission_id, school_code from stg_nianbao__submissions"
    ).set_index("submission_id")["school_code"]

    def verdicts_without(schools):
        is_theirs = verdicts["submission_id"].map(filed).isin(schools)
        return verdicts.assign(verdict=verdicts["verdict"].mask(is_theirs, "returned"))

    return verdicts_without


@pytest.fixture(scope="module")
def with_one_returned(samples, without, tmp_path_factory):
    """A home whose gate returned one school after the marts were built with it."""
    home = samples.copy(tmp_path_factory.mktemp("returned"))
    without([SCHOOL]).to_parquet(home.gate / "verdicts.parquet", index=False)
    return home


def figures(connection):
    rows = connection.execute("select city, year, indicator_id, value from city_yearly_metrics")
    return {tuple(key): value for *key, value in rows.fetchall()}


@pytest.mark.parametrize("number", range(0, 15, 4))
def test_what_remains_is_what_the_marts_say_without_the_school(samples, home, without, number):
    """One school of each city at a time, over all its years; to the last bit."""
    schools = samples.frame("select distinct city, school_code from fct_student order by all")
    left_out = set(schools.groupby("city")["school_code"].nth(number))
    assert len(left_out) == 2
    moves = samples.rows(
        "select city, year, indicator_id, value, value_without from fct_impact "
        "where list_contains(?, school_code)",
        list(left_out),
    )
    with warehouse.reading(home.warehouse) as connection:
        expected = figures(connection)
    for *key, value, value_without in moves:
        assert expected[tuple(key)] == value
        expected[tuple(key)] = value_without
    with scratch(home, without(left_out)) as connection:
        found = figures(connection)
    assert found.keys() <= expected.keys()
    assert {key: found.get(key) for key in expected} == expected


def test_every_figure_that_schools_file_hangs_on_some_school(samples):
    assert not samples.rows(
        "select indicator_id from dim_indicator where filed_by = 'school' "
        "except select indicator_id from fct_impact"
    )
    assert not samples.rows(
        "select indicator_id from fct_impact "
        "intersect select indicator_id from dim_indicator where filed_by = 'bureau'"
    )


@pytest.fixture(scope="module")
def impact(samples, crafted):
    """Return value, value_without, change and change_pct of the crafted rows; None without one."""
    sql = warehouse.compiled_models(samples.home)["fct_impact"].sql
    found = {row[2:4]: row[4:] for row in crafted.rows(sql)}
    return lambda school, indicator: found.get((school, indicator))


@pytest.mark.parametrize(
    ("school", "indicator", "moves"),
    [
        # 甲 is the partner of both schools, 乙 of the second alone.
        ("01", "partner_enterprises", (2, 2, 0, 0)),
        ("02", "partner_enterprises", (2, 1, -1, -50)),
        ("01", "majors", (2, 1, -1, -50)),
        ("02", "majors", (2, 2, 0, 0)),
        ("01", "programme_offerings", (3, 1, -2, pytest.approx(-200 / 3))),
        # Rows of the sheet and nothing to count: zero as long as another school has rows.
        ("01", "schools_with_named_classes", (0, 0, 0, None)),
        ("01", "graduate_destination_rate", (62.5, 50, -12.5, -20)),
        ("02", "graduate_destination_rate", (62.5, 100, 37.5, 60)),
        # What one school alone filed has no figure without it, and hangs on no other school.
        ("11", "majors", (2, None, None, None)),
        ("02", "own_field_employment_rate", (50, None, None, None)),
        ("01", "own_field_employment_rate", None),
        ("01", "donated_equipment_value", (1.5, None, None, None)),
        # A ratio over nothing, before or after.
        ("12", "student_teacher_ratio", (19.98, None, None, None)),
        ("11", "student_teacher_ratio", (19.98, 19.98, 0, 0)),
        ("11", "graduate_destination_rate", (None, None, None, None)),
        ("03", "majors", None),
    ],
)
def test_a_school_moves_what_it_alone_holds(impact, school, indicator, moves):
    assert impact(school, indicator) == moves


def test_an_aggregate_of_which_nobody_knows_a_schools_part_is_refused():
    macros = (WRITTEN / "macros" / "impact.sql").read_text(encoding="utf-8")
    refused = []
    measure = SimpleNamespace(name="oldest", agg="max")
    jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(
        macros + "{{ measures_held_by_schools() }}",
        globals={
            "read_declared_facts": lambda: None,
            "semantic_models_sorted": lambda: [SimpleNamespace(measures=[measure])],
            "filed_by": lambda model: "school",
            "exceptions": SimpleNamespace(raise_compiler_error=refused.append),
        },
    ).render()
    assert [message.split(":")[0] for message in refused] == ["oldest"]


def test_the_gates_own_verdicts_give_every_table_as_it_is(home, verdicts):
    with warehouse.reading(home.warehouse) as built, scratch(home, verdicts) as connection:
        names = built.execute(
            "select table_name from information_schema.tables where table_name not in "
            "('fct_cell', 'fct_contribution', 'fct_contribution_by_class', "
            "'fct_condition_check_before', 'trace_cells', 'trace_conditions', 'trace_schools')"
        ).fetchall()
        assert len(names) > 60
        made = connection.execute("select table_name from information_schema.tables").fetchall()
        assert sorted(made) == sorted(names)
        for (name,) in names:
            table = f'select * from "{name}" order by all'
            pd.testing.assert_frame_equal(
                connection.sql(table).df(), built.sql(table).df(), obj=name
            )


def test_rules_can_judge_what_if(home, without):
    with scratch(home, without([SCHOOL])) as connection:
        coverage = read_frame(connection, home, "city_coverage")
        frames = [
            read_frame(connection, home, name)
            for name in ("metrics", "city_figures", "claims", "conditions", "coverage", "staff")
        ]
    latest = coverage[coverage["year"] == 2024].set_index("city")
    missing = latest["schools_expected"] - latest["schools_accepted"]
    assert missing.to_dict() == {"qingyang": 1, "baoji": 0}
    assert not any(frame.empty for frame in frames)


def test_two_can_suppose_at_once_and_no_one_keeps_a_run_from_writing(home, without):
    write = f"import duckdb; duckdb.connect({str(home.warehouse)!r})"
    with scratch(home, without([SCHOOL])) as one, scratch(home, without([])) as other:
        assert figures(one) != figures(other)
        subprocess.run([sys.executable, "-c", write], check=True)


def test_a_warehouse_that_a_run_is_writing_says_so_in_both_languages(home, verdicts):
    write = f"import duckdb; c = duckdb.connect({str(home.warehouse)!r}); print(); input()"
    with subprocess.Popen(
        [sys.executable, "-c", write], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as run:
        run.stdout.readline()
        with pytest.raises(WarehouseBusy, match=r"请稍后再试。A run is writing"):
            scratch(home, verdicts).__enter__()
        run.communicate(b"\n")


def test_a_filers_newest_readable_submission_is_the_one_that_would_count(tmp_path):
    home = Home(tmp_path)
    home.gate.mkdir()
    rows = [
        ("older", False, "accepted"),
        ("newest", True, "returned"),
        ("unreadable", False, "returned"),
        ("bureaus", True, "returned"),
    ]
    filed = pd.DataFrame(rows, columns=["submission_id", "is_newest_read", "verdict"])
    filed[["submission_id", "verdict"]].to_parquet(home.gate / "verdicts.parquet")
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create table int_submissions_received as select * from filed")
    supposed = as_if_newest_counted(home).set_index("submission_id")["verdict"]
    assert supposed.to_dict() == {
        "older": "accepted",
        "newest": "accepted",
        "unreadable": "returned",
        "bureaus": "accepted",
    }


def test_a_returned_school_has_an_impact_as_if_it_counted(samples, with_one_returned):
    home = with_one_returned
    rows = write_impact(home)
    impact = pd.read_parquet(home.gate / "impact.parquet")
    pd.testing.assert_frame_equal(impact, samples.frame(IMPACT), check_dtype=False)
    assert len(impact) == rows
    assert len(impact[impact["school_code"] == SCHOOL]) > 100
    assert [path.name for path in home.gate.glob(".*")] == []


def test_where_every_newest_submission_counts_the_marts_impact_is_kept(samples, home, monkeypatch):
    monkeypatch.setattr("orchestration.warehouse.what_if.scratch", None)
    assert write_impact(home) == len(samples.frame(IMPACT))


def test_analysts_see_a_returned_schools_impact_and_no_withheld_figure(samples, with_one_returned):
    home = with_one_returned
    home.published.mkdir()
    judge_cities_as(home, blocked={("qingyang", 2024)})
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("delete from fct_impact")
    write_impact(home)
    with Ledger(f"sqlite:///{home.ledger}") as ledger:
        publish_database(home, ledger)
    expected = samples.frame(IMPACT)
    is_blocked = expected["city"].eq("qingyang") & expected["year"].eq(2024)
    expected.loc[is_blocked, ["value", "value_without", "change", "change_pct"]] = None
    with warehouse.reading(home.analyst_database) as connection:
        pd.testing.assert_frame_equal(connection.sql(IMPACT).df(), expected)
        (silent,) = connection.execute(
            "select count(*) from duckdb_columns() "
            "where table_name = 'fct_impact' and comment is null"
        ).fetchone()
    assert silent == 0


def test_what_moved_is_what_would_be_printed_otherwise():
    names = {"city": "a", "year": 2024, "name_zh": "名", "name_en": "name", "unit": "person"}

    def state(**printed):
        rows = [{**names, "indicator_id": i, "value_printed": p} for i, p in printed.items()]
        return pd.DataFrame(rows)

    before = state(same="1", over_nothing=None, other="2.50", gone="3", blank_now="4")
    after = state(same="1", over_nothing=None, other="2.51", new="5", blank_now=None)
    rows = moved(before, after)
    assert list(rows.columns) == [
        *("city", "year", "indicator_id", "name_zh", "name_en", "unit", "before", "after")
    ]
    found = rows.astype(object).where(rows.notna(), None).set_index("indicator_id")
    assert found[["before", "after"]].T.to_dict("list") == {
        "blank_now": ["4", None],
        "gone": ["3", None],
        "new": [None, "5"],
        "other": ["2.50", "2.51"],
    }
    assert set(found["name_zh"]) == {"名"}
