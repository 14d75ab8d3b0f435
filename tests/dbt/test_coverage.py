"""Figures that too few schools stand behind: withheld where they are published, kept where not."""

import contextlib

import duckdb
import jinja2
import pytest
from conftest import INDICATORS, Warehouse
from gates import judge_cities_as
from hypothesis import given
from hypothesis import strategies as st

from orchestration.analysts.database import publish_database
from orchestration.editions.withholding import withhold
from orchestration.gate.rules import load_rules
from orchestration.ground.home import REPOSITORY
from orchestration.ground.ledger import open_ledger
from orchestration.ground.terms import Stage
from orchestration.warehouse import dbt as warehouse
from orchestration.warehouse.dbt import reading
from orchestration.warehouse.project import WRITTEN

DECLARED = "select indicator_id, minimum_coverage_pct from dim_indicator"


@pytest.fixture(scope="module")
def status(crafted):
    """Return the status of a figure; None without a row."""
    rows = crafted.rows("select area_level, area_code, indicator_id, status from fct_indicator")
    found = {row[:3]: row[3] for row in rows}
    return lambda level, code, indicator: found.get((level, code, indicator))


@pytest.fixture(scope="module")
def status_of():
    """Return what the macro makes of a level, schools counted, expected and a minimum.

    After these the share of weight that is covered, and its minimum: both unknown unless given.
    """
    macros = (WRITTEN / "macros" / "coverage.sql").read_text(encoding="utf-8")
    sql = (
        jinja2.Environment(extensions=["jinja2.ext.do"])
        .from_string(macros + "select {{ coverage_status('$1', '$2', '$3', '$4', '$5', '$6') }}")
        .render()
    )
    with duckdb.connect() as connection:
        for number, kind in (("1", "varchar"), ("4", "double"), ("5", "double"), ("6", "double")):
            sql = sql.replace(f"${number}", f"cast(${number} as {kind})")
        yield lambda *values: connection.execute(
            sql, (*values, None, None) if len(values) == 4 else values
        ).fetchone()[0]


@pytest.mark.parametrize(
    ("above", "below", "behind"),
    [(1, 1, 1), (1, 0, 0), (0, 1, 0), (1, None, 0), (12, 15, 12)],
)
def test_behind_a_ratio_are_the_schools_of_the_side_that_has_fewer(above, below, behind):
    macros = (WRITTEN / "macros" / "coverage.sql").read_text(encoding="utf-8")
    sql = (
        jinja2.Environment(extensions=["jinja2.ext.do"])
        .from_string(macros + "select {{ filers_behind('declared', 'filers') }}")
        .render()
    )
    tables = (
        "from (select $1::integer as filers) as numerators, (select $2::integer as filers) as "
        "denominators, (select $3::varchar as denominator) as declared"
    )
    with duckdb.connect() as connection:
        assert connection.execute(f"{sql} {tables}", [above, below, "d"]).fetchone() == (behind,)
        assert connection.execute(f"{sql} {tables}", [above, below, None]).fetchone() == (above,)


@pytest.mark.parametrize(
    ("counted", "expected", "minimum", "said"),
    [
        (12, 15, 80, "provisional"),  # exactly at the minimum
        (11, 15, 80, "withheld"),
        (0, 15, 80, "withheld"),
        (0, 0, 80, "provisional"),
        (1, 100, None, "provisional"),
        (99, 100, 100, "withheld"),
        (100, 100, 100, "provisional"),
        (2, 3, 66.7, "withheld"),
        (0, 3, 0, "provisional"),
    ],
)
def test_a_figure_below_its_minimum_is_withheld_and_one_at_it_is_not(
    status_of, counted, expected, minimum, said
):
    assert status_of("city", counted, expected, minimum) == said
    assert status_of("school", counted, expected, minimum) == "provisional"


@pytest.mark.parametrize(
    ("counted", "weight", "minimum_weight", "said"),
    [
        (10, 96.0, 80, "provisional"),  # the schools that are missing are small
        (14, 79.9, 80, "withheld"),  # the one that is missing is large
        (12, 80.0, 80, "provisional"),  # exactly at the minimum
        (14, None, 80, "provisional"),  # nobody knows how large it is: schools are counted
        (11, None, 80, "withheld"),
        (11, 96.0, None, "withheld"),  # no minimum of weight is declared
    ],
)
def test_where_the_weight_is_known_a_minimum_of_it_decides(
    status_of, counted, weight, minimum_weight, said
):
    assert status_of("city", counted, 15, 80, weight, minimum_weight) == said
    assert status_of("school", counted, 15, 80, weight, minimum_weight) == "provisional"


@given(
    expected=st.integers(0, 7085),
    share=st.floats(0, 1),
    minimum=st.integers(0, 100),
    level=st.sampled_from(["county", "city", "province"]),
)
def test_a_school_more_never_withholds_a_figure(status_of, expected, share, minimum, level):
    counted = int(share * expected)
    fewer = status_of(level, counted, expected, minimum)
    more = status_of(level, counted + 1, expected, minimum)
    assert (fewer, more) != ("provisional", "withheld")
    assert (fewer == "withheld") == (counted * 100 < minimum * expected)


def test_each_level_is_judged_by_its_own_schools(status):
    rate = "own_field_employment_rate"
    assert status("school", "02", rate) == "provisional"
    assert status("county", "990101", rate) == "withheld"
    assert status("city", "990100", rate) == "withheld"
    assert status("province", "990000", rate) == "withheld"
    assert status("county", "990200", "schools") == "provisional"
    assert status("city", "990200", "schools") == "provisional"
    assert status("city", "990200", "graduates") == "withheld"


def test_a_sheet_that_not_every_school_fills_withholds_nothing(status):
    assert status("city", "990100", "donated_equipment_value") == "provisional"


def test_a_withheld_figure_keeps_its_row_in_the_city_s_metrics_and_no_value(crafted):
    metrics = "select value, value_printed, numerator, denominator, schools_counted, status"
    where = "from city_yearly_metrics where city = 'a' and indicator_id ="
    rate = "'graduate_destination_rate'"
    assert crafted.rows(f"{metrics} {where} {rate}") == [(None, None, None, None, 2, "withheld")]
    enterprises = crafted.rows(f"{metrics} {where} 'partner_enterprises'")
    assert enterprises == [(2, "2", 2, None, 2, "provisional")]


def test_only_of_a_withheld_breakdown_is_there_a_class_that_nobody_filed(crafted):
    """Classes of schools, which each have schools of their own, aside."""
    rows = crafted.rows(
        "select area_level, area_code, class_code, schools_counted, status "
        "from fct_indicator_breakdown where value is null "
        "and breakdown not in ('ownership', 'county') order by all"
    )
    assert {row[-1] for row in rows} <= {"withheld"}
    assert ("city", "990200", "title_junior", 0, "withheld") in rows
    assert "school" not in {row[0] for row in rows}


def test_the_build_keeps_what_is_withheld(crafted):
    rows = crafted.rows(
        "select value from fct_indicator where status = 'withheld' "
        "and area_code = '990100' and indicator_id = 'graduate_destination_rate'"
    )
    assert rows == [(62.5,)]


def test_publication_takes_withheld_values_out_and_leaves_all_others(crafted):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{crafted.home.warehouse}' as build (read_only)")
        for table in ("fct_indicator", "fct_indicator_breakdown", "fct_finding_impact"):
            connection.execute(f"create table {table} as select * from build.main.{table}")
        connection.execute(
            "insert into fct_finding_impact (city, year, finding_id, indicator_id, value, "
            "value_without, change_pct, impact_pct, sentence_zh) values "
            "('a', 2024, 'one', 'graduates', 400, 300, -25, 25, '由 400 变为 300'), "
            "('a', 2024, 'one', 'partner_enterprises', 2, 1, -50, 50, '由 2 变为 1'), "
            # The year before nothing of it was withheld.
            "('a', 2023, 'two', 'graduates', 390, 300, -23, 23, '由 390 变为 300'), "
            # A city of which nothing is withheld.
            "('nowhere', 2024, 'three', 'graduates', 9, 8, -11, 11, '由 9 变为 8')"
        )
        kept = "select * from fct_indicator where status <> 'withheld' order by all"
        before = connection.execute(kept).fetchall()
        withhold(connection)
        assert before
        assert connection.execute(kept).fetchall() == before
        withheld = connection.execute(
            "select count(*), count(value), count(numerator), count(denominator), "
            "count(schools_counted) from fct_indicator where status = 'withheld'"
        ).fetchone()
        assert withheld[0] == withheld[4] > 0
        assert withheld[1:4] == (0, 0, 0)
        classes = connection.execute(
            "select count(*), count(schools_counted), count(value), count(numerator), "
            "count(share_pct), count(value_rank) from fct_indicator_breakdown "
            "where status = 'withheld'"
        ).fetchone()
        assert classes[0] == classes[1] > 0
        assert classes[2:] == (0, 0, 0, 0)
        assert connection.execute(
            "select value, value_without, change_pct, impact_pct, sentence_zh "
            "from fct_finding_impact order by city, year, indicator_id"
        ).fetchall() == [
            (390, 300, -23, 23, "由 390 变为 300"),
            (None, None, None, None, None),
            (2, 1, -50, 50, "由 2 变为 1"),
            (9, 8, -11, 11, "由 9 变为 8"),
        ]


@pytest.fixture
def published(samples, tmp_path):
    """Return the analysts' database of samples of which a city's year is held back."""

    def publish(blocked):
        home = samples.copy(tmp_path)
        with duckdb.connect(str(home.warehouse)) as connection:
            connection.execute(
                "update fct_indicator set status = 'withheld' "
                "where city = 'baoji' and area_level = 'city' and indicator_id = 'enrolled'"
            )
        judge_cities_as(home, blocked)
        with open_ledger(home) as ledger:
            publish_database(home, ledger)
        return home.analyst_database

    return publish


def test_analysts_see_no_withheld_value_and_no_last_year_that_was_held_back(published):
    counted = (
        "select city, year, count(*) > 0, count(value) > 0, count({}) > 0 from {} "
        "group by all order by all"
    )
    with reading(published({("qingyang", 2023)})) as connection:
        enrolled = connection.execute(
            "select year, value, schools_counted from fct_indicator where city = 'baoji' "
            "and area_level = 'city' and indicator_id = 'enrolled' order by year"
        ).fetchall()
        metrics = connection.execute(
            counted.format("previous_value", "city_yearly_metrics")
        ).fetchall()
        trend = connection.execute(
            counted.format("previous_year_value", "fct_indicator_trend")
        ).fetchall()
        compared = connection.execute(
            "select city, count(*) from fct_indicator_trend where is_comparable group by city"
        ).fetchall()
        leaked = [
            connection.execute(
                f"select area_level, count(*), count(value) from {table} where city = 'qingyang' "
                "and year = 2023 and area_level <> 'school' group by all order by all"
            ).fetchall()
            for table in ("fct_indicator", "fct_indicator_breakdown")
        ]
        whole = connection.execute(
            "select area_code, year, count(value) > 0, cities_counted, cities_expected, "
            "bool_and(has_coverage_note) from fct_indicator "
            "where area_level in ('province', 'country') group by all order by all"
        ).fetchall()
        added = [
            connection.execute(f"select distinct city, year from {table} order by all").fetchall()
            for table in ("fct_contribution", "fct_contribution_by_class")
        ]
        missing = connection.execute(
            "select list(city_name) from fct_expected_city "
            "where province_code = '610000' and year = 2024 and not is_counted"
        ).fetchone()[0]
    # A province of one city never passes for whole, nor does the country.
    assert whole == [
        *(("000000", 2023, False, 2, 369, True), ("000000", 2024, True, 2, 369, True)),
        *(("610000", 2023, True, 1, 10, True), ("610000", 2024, True, 1, 10, True)),
        *(("620000", 2023, False, 1, 14, True), ("620000", 2024, True, 1, 14, True)),
    ]
    # What rows add to a figure adds up to it.
    assert added == [[("baoji", 2023), ("baoji", 2024), ("qingyang", 2024)]] * 2
    assert len(missing) == 9 and "西安市" in missing and "宝鸡市" not in missing
    for levels in leaked:
        assert [(level, rows > 50, values) for level, rows, values in levels] == [
            ("city", True, 0),
            ("county", True, 0),
        ]
    assert enrolled == [(2023, None, 17), (2024, None, 17)]
    assert metrics == [
        ("baoji", 2023, True, True, False),
        ("baoji", 2024, True, True, True),
        ("qingyang", 2024, True, True, False),
    ]
    assert trend == metrics
    assert [city for city, _ in compared] == ["baoji"]


def test_nothing_of_the_healthy_samples_is_withheld(samples):
    assert samples.rows("select indicator_id from fct_indicator where status = 'withheld'") == []


def test_what_every_school_files_has_a_minimum_unless_it_says_that_it_has_none(samples):
    minima = dict(samples.rows(DECLARED))
    assert minima["graduates"] == minima["graduate_destination_rate"] == minima["enrolled"] == 80
    # Private schools have no part in it, and are not among those that are asked for.
    assert minima["public_school_staff"] == 80
    assert minima["provincial_contest_students"] is None
    assert minima["education_groups"] is None


POPULATIONS = {
    *("all", "public", "monitored", "monitored_before", "graduating", "filing", "stating"),
    "bureau",
}


def test_every_indicator_says_who_could_file_it_and_what_they_weigh(samples):
    rows = samples.rows("select indicator_id, filed_by, population, weight from dim_indicator")
    assert {population for _, _, population, _ in rows} == POPULATIONS
    of_bureaus = {name for name, filed_by, *_ in rows if filed_by == "bureau"}
    assert of_bureaus == {name for name, _, population, _ in rows if population == "bureau"}
    assert {weight for _, who, _, weight in rows if who == "school"} == {"enrolled", "graduates"}
    assert {weight for _, who, _, weight in rows if who == "bureau"} == {None}


def test_a_figure_of_the_healthy_samples_covers_its_population(samples):
    assert (
        samples.rows(
            # Some things one of the two bureaus alone files, which the country has of one.
            "select * from fct_indicator where (schools_counted <> schools_expected and not ("
            "area_level = 'country' and indicator_id in "
            "(select indicator_id from dim_indicator where filed_by = 'bureau'))) "
            "or weight_covered_pct <> 100 "
            # A province and the country lack the cities that are not here.
            "or has_coverage_note <> coalesce(cities_counted < cities_expected, false)"
        )
        == []
    )


@pytest.fixture(scope="module")
def covered(crafted):
    """Return schools counted, expected, per cent of weight covered, and whether n of m is said."""
    rows = crafted.rows(
        "select area_level, area_code, indicator_id, schools_counted, schools_expected, "
        "weight_covered_pct, has_coverage_note from fct_indicator"
    )
    found = {row[:3]: row[3:] for row in rows}
    return lambda level, code, indicator: found.get((level, code, indicator))


def test_a_population_is_of_those_alone_who_could_file(covered):
    """Of city b both schools are public, one is monitored and one has no graduates."""
    assert covered("city", "990200", "enrolled_by_school") is None
    assert covered("city", "990200", "schools")[:2] == (2, 2)
    assert covered("city", "990200", "monitored_schools")[:2] == (2, 2)
    assert covered("city", "990200", "schools_not_meeting_conditions")[:2] == (1, 1)
    assert covered("city", "990200", "directly_employed")[:2] == (0, 1)
    # A school that never filed could be public and have graduates.
    assert covered("city", "990100", "directly_employed")[:2] == (2, 3)
    assert covered("city", "990100", "partner_enterprises")[:2] == (2, 3)
    assert covered("city", "990100", "donated_equipment_value")[:2] == (1, 2)


def test_weight_is_known_where_every_school_s_is(covered):
    assert covered("city", "990200", "staff")[2] == 0
    assert covered("city", "990200", "student_teacher_ratio")[2] == 100
    assert covered("city", "990100", "graduates")[2] is None
    assert covered("county", "990200", "graduates")[2] is None  # of no graduates
    assert covered("school", "02", "graduates")[2] == 100


def test_a_rate_and_the_count_beside_it_say_n_of_m_where_they_differ(crafted, covered):
    """School 02 of city a alone filed dual-qualified beside specialised teachers."""
    beside = dict(crafted.rows("select indicator_id, counts_beside from dim_indicator"))
    assert beside["own_field_employment_rate"] == "directly_employed;own_field_employed"
    assert beside["dual_qualified_share_of_specialised"] == (
        "dual_qualified_teachers;specialised_teachers"
    )
    assert beside["parent_satisfaction_rate"] == "parents_satisfied;parents_surveyed"
    assert beside["graduates"] is None
    # Of specialised teachers both schools of the county filed the number, and one the rate.
    assert covered("city", "990100", "specialised_teachers") == (2, 3, None, True)


@pytest.fixture(scope="module")
def blanks(samples, tmp_path_factory):
    """Return who is asked about which blanks after some cells of 庆阳 2024 were emptied.

    The first public and the first private school by code leave two cells blank, the last school,
    which has no graduates now, one. In sheets of many rows: the first contest of the first school,
    and the prizes of all contests of the city that were held in its second.
    """
    home = samples.copy(tmp_path_factory.mktemp("blanks"))
    with duckdb.connect(str(home.warehouse)) as connection:
        schools = connection.execute(
            "select school_code, submission_id, ownership from dim_school "
            "where city = 'qingyang' and year = 2024 order by school_code"
        ).fetchall()
        public = next(row for row in schools if row[2] == "public")
        private = next(row for row in schools if row[2] == "private")
        for _, submission, _ in (public, private):
            connection.execute(
                "update int_submission_fields_joined set staff__staff_without_post__typed = null, "
                "destinations__own_field_employed__typed = null, "
                "destinations__enlisted__typed = null, destinations__to_bachelor__typed = null, "
                "staff__staff_without_post = null, destinations__own_field_employed = null, "
                "destinations__enlisted = null, destinations__to_bachelor = null "
                "where submission_id = ?",
                [submission],
            )
        connection.execute(
            "update int_submission_fields_joined set destinations__graduates = 0, "
            "destinations__own_field_employed__typed = null where submission_id = ?",
            [schools[-1][1]],
        )
        for sheet in (
            *("stg_nianbao__contests", "stg_nianbao__partnerships"),
            "stg_nianbao__programmes",
        ):
            connection.execute(f"create table held as from {sheet}")
            connection.execute(f"drop view {sheet}")
            connection.execute(f"alter table held rename to {sheet}")
        row = (
            "select min(row_no) from stg_nianbao__contests where submission_id = $1 "
            "and track = 'student_skills' and level = 'provincial'"
        )
        connection.execute(
            "update stg_nianbao__contests set student_entrants = null, "
            "student_entrants__typed = null "
            f"where submission_id = $1 and row_no = ({row})",
            [public[1]],
        )
        # What a blank stands in is no row that the figures are about.
        connection.execute(
            "update stg_nianbao__contests set first_prizes = null, first_prizes__typed = null "
            "where level = 'city'"
        )
        # Of what a school may state a blank lacks nothing.
        connection.execute(
            "update stg_nianbao__partnerships set donated_value_10k_cny__typed = null"
        )
        # Whether a major is a flagship one is counted of one theme.
        connection.execute(
            "update stg_nianbao__programmes set is_flagship = null, is_flagship__typed = null "
            "where submission_id = (select max(submission_id) from fct_programme_theme where "
            "city = 'qingyang' and year = 2024 and theme = 'agriculture') "
            "or themes is null or not themes like '%agriculture%'"
        )
        # The theme of a flagship major of the first school.
        connection.execute(
            "update stg_nianbao__programmes set themes = null, themes__typed = null, "
            "is_flagship = true where submission_id = $1 and row_no = (select min(row_no) "
            "from stg_nianbao__programmes where submission_id = $1)",
            [public[1]],
        )
        # One who types 无 says that there is none.
        connection.execute(
            "update stg_nianbao__programmes set themes = 'other', themes__typed = '无' "
            "where submission_id = $1",
            [private[1]],
        )
        # Of what event it was nobody knows; of a city's contest no figure asks.
        connection.execute(
            "update stg_nianbao__contests set event = null, event_key = null, event__typed = null "
            "where level in ('national', 'city')"
        )
    warehouse.build(home, "int_figure_cells_left_blank")
    built = Warehouse(home, [])
    found = built.rows(
        "select school_code, form_column, figures_zh, value__cell from int_figure_cells_left_blank"
    )
    return {row[:2]: row[2:] for row in found}, public[0], private[0], schools[-1][0]


def test_a_blank_that_a_figure_lacks_names_the_figures_and_how_many_schools_they_count(blanks):
    found, public, private, _ = blanks
    said, cell = found[public, "destinations__own_field_employed"]
    # One of the fifteen has no graduates, and two left it blank, who have a fifth of these or more.
    wanted = ["对口就业人数 12/14（不予公布）", "对口就业率 12/14（不予公布）"]
    assert said.split("、") == wanted
    assert "!" in cell
    assert found[private, "destinations__own_field_employed"][0] == said
    assert "公办中职无编制教职工数 7/8" in found[public, "staff__staff_without_post"][0]
    assert "公办" not in found.get((private, "staff__staff_without_post"), ("",))[0]


def test_a_blank_condition_is_asked_about_with_what_is_printed_of_it(samples, tmp_path):
    """Of two monitored schools that left it blank one misses another condition."""
    home = samples.copy(tmp_path)
    schools = (
        "select min(school_code) from fct_condition_check where city = 'qingyang' and year = 2024 "
        "and is_monitored group by school_code having bool_and(is_met) = {} order by 1 limit 1"
    )
    with duckdb.connect(str(home.warehouse)) as connection:
        meets, misses = (connection.execute(schools.format(said)).fetchone()[0] for said in (1, 0))
        connection.execute(
            "update int_submission_fields_joined set conditions__books = null, "
            "conditions__books__typed = null, conditions__campus_area_m2 = case when "
            "submission_id in (select submission_id from dim_school where school_code = $2) "
            "then 0 else conditions__campus_area_m2 end where submission_id in (select "
            "submission_id from dim_school where year = 2024 and school_code in ($1, $2))",
            [meets, misses],
        )
    warehouse.build(home, "int_conditions_checked", "int_figure_cells_left_blank")
    warehouse.build(home, "fct_condition_check", "fct_condition_school", *INDICATORS)
    built = Warehouse(home, [])
    found = dict(built.rows("select school_code, figures_zh from int_figure_cells_left_blank"))
    printed = built.rows(
        "select name_zh || ' ' || schools_counted || '/' || schools_expected "
        "from fct_indicator inner join dim_indicator using (indicator_id) where city = 'qingyang' "
        "and year = 2024 and area_level = 'city' and fact = 'fct_condition_school'"
    )
    printed = [said for (said,) in printed]
    assert all(said.endswith(" 10/11") for said in printed) and len(printed) == 3
    assert sorted(found[meets].split("、")) == sorted(["图书册数 13/15", *printed])
    assert found[misses] == "图书册数 13/15"


def test_a_dash_is_asked_about_as_a_blank_and_what_intake_asked_of_is_not_asked_again(
    samples, tmp_path
):
    """Of a labelled cell and of a row: 甲 typed a dash, 乙 what nobody can read."""
    home = samples.copy(tmp_path)
    with duckdb.connect(str(home.warehouse)) as connection:
        filers = connection.execute(
            "select submission_id, school_code from dim_school inner join "
            "(select distinct submission_id from fct_contest where level = 'provincial' and "
            "track = 'student_skills') using (submission_id) where city = 'qingyang' "
            "and year = 2024 and ownership = 'public' order by 2 limit 2"
        ).fetchall()
        for view in ("receipts", "contests", "programmes"):
            connection.execute(f"create table held as from stg_nianbao__{view}")
            connection.execute(f"drop view stg_nianbao__{view}")
            connection.execute(f"alter table held rename to stg_nianbao__{view}")
        for (submission, _), typed in zip(filers, ("—", "约3"), strict=True):
            for table, sheet, column, where in (
                ("int_submission_fields_joined", "staff", "staff__staff_without_post", "true"),
                (
                    *("stg_nianbao__contests", "contests", "student_entrants"),
                    "row_no = (select min(row_no) from stg_nianbao__contests where submission_id "
                    "= $1 and level = 'provincial' and track = 'student_skills')",
                ),
                (
                    *("stg_nianbao__programmes", "programmes", "themes"),
                    "row_no = (select min(row_no) from stg_nianbao__programmes "
                    "where submission_id = $1)",
                ),
            ):
                said = connection.execute(
                    f"update {table} set {column} = null, {column}__typed = $2 "
                    f"where submission_id = $1 and {where} returning {column}__cell",
                    [submission, typed],
                ).fetchone()
                kind = "dash_is_blank" if typed == "—" else "number_is_unreadable"
                connection.execute(
                    "insert into stg_nianbao__receipts by name select $1 as submission_id, "
                    "$2 as sheet, $3 as range, $4 as column_id, $5 as typed, $6 as kind",
                    [submission, sheet, said[0], column.split("__")[-1], typed, kind],
                )
    warehouse.build(home, "int_figure_cells_left_blank")
    asked = Warehouse(home, []).rows(
        "select school_code, form_column, figures_zh from int_figure_cells_left_blank"
    )
    (dash, _) = (code for _, code in filers)
    assert {row[:2] for row in asked} == {
        (dash, "staff__staff_without_post"),
        (dash, "contests__student_entrants"),
        (dash, "programmes__themes"),
    }
    said = {column: figures for _, column, figures in asked}
    # Neither school has a value, whatever was typed.
    assert "公办中职无编制教职工数 6/8" in said["staff__staff_without_post"]


def test_a_blank_row_of_a_sheet_of_many_is_asked_about_where_a_figure_lacks_it(samples, blanks):
    found, public, *_ = blanks
    of_rows = {key: said for key, said in found.items() if key[1] == "contests__student_entrants"}
    assert set(of_rows) == {(public, "contests__student_entrants")}
    ((schools,),) = samples.rows(
        "select count(distinct school_code) from fct_contest "
        "where city = 'qingyang' and year = 2024 and level = 'provincial' "
        "and track in ('student_skills', 'teacher_skills')"
    )
    ((name,),) = samples.rows(
        "select name_zh from dim_indicator where indicator_id = 'provincial_contest_students'"
    )
    said, cell = of_rows[public, "contests__student_entrants"]
    assert said == f"{name} {schools - 1}/{schools}"
    assert cell.startswith("技能大赛!")


def test_a_yes_or_no_is_asked_about_where_a_count_hangs_on_it_and_blank_is_not_no(blanks):
    found, *_ = blanks
    of_rows = {key[1]: said for key, said in found.items() if key[1].startswith("programmes__")}
    assert set(of_rows) == {"programmes__is_flagship", "programmes__themes"}
    said, cell = of_rows["programmes__is_flagship"]
    assert said == "涉农类特色专业点数 13/15"
    assert cell.startswith("专业设置!D")


def test_a_blank_in_a_column_that_chooses_rows_is_asked_about(samples, blanks):
    """The theme of a major, for each count of a theme; the event of a national contest."""
    found, public, private, _ = blanks
    said, cell = found[public, "programmes__themes"]
    assert cell.startswith("专业设置!C")
    assert sorted(said.split("、")) == sorted(
        [
            *("数字经济类专业数 14/15", "涉农专业数 14/15", "能源化工类专业数 14/15"),
            *("低空经济类专业数 14/15", "一老一小类专业数 14/15", "涉农类特色专业点数 13/15"),
        ]
    )
    assert (private, "programmes__themes") not in found
    events = {code: said for (code, column), (said, _) in found.items() if "event" in column}
    national = samples.rows(
        "select distinct school_code from fct_contest where level = 'national' "
        "and city = 'qingyang' and year = 2024"
    )
    assert {(code,) for code in events} == set(national) != set()
    assert all(said.startswith("国家级比赛参赛赛项数 ") for said in events.values()), events


def test_a_blank_kind_of_employment_or_level_of_study_is_asked_about_once(blanks):
    """The figures need each, so that the rule on blanks asks; no other rule may ask the same."""
    found, public, _, _ = blanks
    columns = ("destinations__enlisted", "destinations__to_bachelor")
    assert all((public, column) in found for column in columns)
    asking = {
        rule.id
        for rule in load_rules([REPOSITORY / "expectations"], Stage.submission)
        for column in columns
        if f"{column}.notna()" in str(rule.kwargs.get("condition", ""))
    }
    assert asking == set()


def test_a_school_is_asked_about_no_blank_that_no_figure_lacks(blanks):
    found, public, private, without_graduates = blanks
    of_rows = ("programmes__", "contests__")
    of_one_row = {code for code, column in found if not column.startswith(of_rows)}
    assert of_one_row == {public, private}
    assert (without_graduates, "destinations__own_field_employed") not in found


def test_the_healthy_samples_are_asked_about_no_blank(samples):
    assert samples.rows("select * from int_figure_cells_left_blank") == []


@pytest.fixture(scope="module")
def all_blank(samples, tmp_path_factory):
    """The samples with every optional cell left blank, and these cells: pairs of sheet, column."""
    optional = samples.rows(
        "select form_table, column_name from stg_nianbao__form_columns "
        "where year = 2024 and not is_required and form_table <> 'bureau'"
    )
    home = samples.copy(tmp_path_factory.mktemp("all_blank"))
    with duckdb.connect(str(home.warehouse)) as connection:
        tables = dict(
            connection.execute(
                "select table_name, list(column_name) from duckdb_columns() group by all"
            ).fetchall()
        )
        for table in {table for table, _ in optional}:
            sheet, fields = f"stg_nianbao__{table}", "int_submission_fields_joined"
            is_of_rows = not any(name.startswith(f"{table}__") for name in tables[fields])
            held, before = (sheet, "") if is_of_rows else (fields, f"{table}__")
            names = [
                f"{before}{column}{part}"
                for of, column in optional
                for part in ("", "__typed", "_key")
                if of == table and f"{before}{column}{part}" in tables[held]
            ]
            connection.execute(f"create table held as from {held}")
            for kind in ("view", "table"):
                with contextlib.suppress(duckdb.CatalogException):
                    connection.execute(f"drop {kind} {held}")
            connection.execute(f"alter table held rename to {held}")
            if names:
                blank = ", ".join(f"{name} = null" for name in names)
                connection.execute(f"update {held} set {blank}")
    return home, optional


def test_every_optional_cell_may_be_blank_in_what_is_accepted(all_blank):
    """Whoever accepts a blank must not stop the next run of all cities."""
    home, _ = all_blank
    results = warehouse.build(home, "int_conditions_checked", warehouse.AFTER_GATE)
    warehouse.require_success(results)
    assert len(results) > 100


def test_every_optional_cell_that_an_indicator_reads_is_asked_about_where_it_is_blank(
    samples, all_blank
):
    """What an indicator says that it reads, chosen by or counted, against what blanks are asked."""
    home, optional = all_blank
    warehouse.build(home, "int_conditions_checked", "int_figure_cells_left_blank")
    asked: dict[str, str] = {}
    for place, figures in Warehouse(home, []).rows(
        "select replace(form_column, '__', '.'), figures_zh from int_figure_cells_left_blank "
        "where year = 2024"
    ):
        asked[place] = f"{asked.get(place, '')}、{figures}"
    declared = samples.rows(
        "select name_zh, unnest(string_split(form_columns, ';')) as place from dim_indicator "
        # What a school may state it may leave out, and what cannot be judged is told by the rest.
        "where filed_by = 'school' and population not in ('stating', 'monitored_before') "
        "and fact <> 'fct_condition_check'"
    )
    places = {f"{table}.{column}" for table, column in optional}
    lacking = {
        (place, name)
        for name, place in declared
        if place in places and f"、{name} " not in asked.get(place, "")
    }
    # Where no class is named there is none: the formula asks whether a name is there. A project
    # that states neither those trained to date nor those employed is none of theirs.
    of_projects = {found for found in lacking if found[0].startswith("training.cumulative_")}
    assert lacking - of_projects == {("partnerships.named_class", "开设企业冠名班的学校数")}
    assert {name for _, name in of_projects} == {
        *("培训项目累计培训人数", "培训项目累计就业人数", "培训项目累计就业率")
    }
    assert len([1 for _, place in declared if place in places]) > 60


def test_a_sheet_that_was_emptied_since_last_year_is_named(samples, tmp_path):
    home = samples.copy(tmp_path)
    with duckdb.connect(str(home.warehouse)) as connection:
        for sheet in ("contests", "satisfaction"):
            view = f"stg_nianbao__{sheet}"
            connection.execute(f"create table held as from {view}")
            connection.execute(f"drop view {view}")
            connection.execute(f"alter table held rename to {view}")
        # The first school has no contest any more; the second never had any.
        schools = connection.execute(
            "select distinct school_code from stg_nianbao__contests where city = 'qingyang' "
            "and year = 2023 order by 1 limit 2"
        ).fetchall()
        (first,), (second,) = schools
        connection.execute(
            "delete from stg_nianbao__contests where school_code = $1 and year = 2024 "
            "or school_code = $2",
            [first, second],
        )
        connection.execute(
            "delete from stg_nianbao__satisfaction where school_code = $1 and year = 2024", [first]
        )
    warehouse.build(home, "int_submission_changes_compared")
    asked = Warehouse(home, []).rows(
        "select distinct school_code, sheets_emptied_zh, sheets_emptied_en "
        "from int_submission_changes_compared where sheets_emptied_zh is not null"
    )
    assert asked == [(first, "技能大赛、满意度", "Contests, Satisfaction")]
