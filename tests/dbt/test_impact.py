"""What findings do to their city's figures, and the figures as they would be by other verdicts.

`fct_finding_impact` takes a row's part from the totals; its oracle is every mart made again without
the row.
"""

import shutil
import subprocess
import sys
from graphlib import TopologicalSorter

import duckdb
import pandas as pd
import pytest
from conftest import Warehouse, _home
from gates import judge_cities_as

from orchestration.analysts.database import publish_database
from orchestration.forms.staging import FACTS
from orchestration.gate.frames import read_frame
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.warehouse import dbt as warehouse
from orchestration.warehouse.what_if import (
    WarehouseBusy,
    as_if_newest_counted,
    moved,
    scratch,
    write_impact,
)

IMPACT = "select * from fct_finding_impact order by finding_id, place"
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


def figures(connection):
    rows = connection.execute("select city, year, indicator_id, value from city_yearly_metrics")
    return {tuple(key): value for *key, value in rows.fetchall()}


# One cell each, of 2024, in Qingyang: a row of a sheet with rows, or the one row of its school.
CELLS = [
    "programmes.major_code",
    "partnerships.enterprise",
    "contests.event",
    "contests.student_entrants",
    "training.cumulative_trained",
    "satisfaction.satisfied",
    "articulation.entrants",
    "teacher_training.person_times",
    "students.enrolled",
    "destinations.graduates",
    "destinations.own_field_employed",
    "staff.full_time_teachers",
    "staff.staff_without_post",
    "conditions.books",
    "conditions.building_area_m2",
    "finance.special_funds_10k_cny",
]
PLACE = "city = 'qingyang' and year = 2024"
OF_FINDINGS = (
    *("stg_gate__findings", "int_finding_cells", "int_finding_sums"),
    *("trace_finding_rows", "fct_finding_impact"),
)


@pytest.fixture(scope="module")
def found_everywhere(samples, tmp_path_factory):
    """A home whose gate found something in each of these cells, and their places."""
    home = _home(tmp_path_factory.mktemp("found") / "home")
    shutil.copy(samples.home.warehouse, home.warehouse)
    shutil.copytree(samples.home.gate, home.gate, dirs_exist_ok=True)
    cells = samples.frame(
        "select form_table || '.' || column_name as place, school_code, submission_id, row_no, "
        f"cell from fct_cell where {PLACE} and filed_year = 2024 and value_read <> '0' "
        # Of entrants one that is in a figure, as others of the same school are.
        "and (column_name <> 'student_entrants' or (school_code, row_no) in (select "
        "(school_code, row_no) from fct_contribution where measure = 'provincial_contest_students' "
        "and quantity > 0 qualify sum(quantity) over (partition by school_code) > quantity)) "
        "qualify row_number() over "
        "(partition by place order by school_code desc, abs(row_no - 5)) = 1"
    )
    cells = cells[cells["place"].isin(CELLS)].set_index("place")
    blank = pd.read_parquet(home.gate / "findings.parquet").head(0)
    rows = [
        {"finding_id": place, "rule_id": "major_is_in_the_catalogue", "class": "explain"}
        | {"stage": "submission", "city": "qingyang", "year": 2024, "state": "open"}
        | row[["school_code", "submission_id", "cell"]].to_dict()
        for place, row in cells.iterrows()
    ]
    found = pd.concat([blank, pd.DataFrame(rows)]).astype(blank.dtypes)
    found.to_parquet(home.gate / "findings.parquet")
    results = warehouse.build(home, *OF_FINDINGS)
    # What can be supposed is every model, not these alone.
    shutil.copy(samples.home.target / "compiled.json", home.target)
    assert [result.message for result in results if not result.is_ok] == []
    return Warehouse(home, results), cells


@pytest.fixture(scope="module")
def with_a_blank(found_everywhere, tmp_path_factory):
    """The same home, but that the cell of entrants is blank in the marts: one row of many."""
    built, cells = found_everywhere
    home = built.copy(tmp_path_factory.mktemp("blank"))
    shutil.copytree(built.home.target, home.target, dirs_exist_ok=True)
    cell = cells.loc["contests.student_entrants"]
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "update fct_contest set student_entrants = null "
            f"where {PLACE} and school_code = ? and row_no = ?",
            [cell["school_code"], int(cell["row_no"])],
        )
    results = warehouse.build(home, "fct_contribution", "fct_indicator", *OF_FINDINGS)
    assert [result.message for result in results if not result.is_ok] == []
    shutil.copy(built.home.target / "compiled.json", home.target)
    return Warehouse(home, results), cell


@pytest.fixture(scope="module")
def figures_without(samples, tmp_path_factory):
    """Return the city's figures of 2024 as the marts make them without some rows of a fact.

    Each with the schools that it counts and those that it expects.
    """
    models = warehouse.compiled_models(samples.home)
    paths = {}

    def made_again(built, fact, condition, blank=None):
        """With the name of a column its values go, and the rows stay."""
        path = paths.get(built.home)
        if path is None:
            path = tmp_path_factory.mktemp("without") / built.home.warehouse.name
            paths[built.home] = shutil.copy(built.home.warehouse, path)
        changed = []
        order = TopologicalSorter({name: model.depends_on for name, model in models.items()})
        for name in order.static_order():
            reads = set(models[name].depends_on) if name in models else set()
            if reads & {fact, *changed} and name.startswith(("fct_", "dim_")):
                changed.append(name)
        with duckdb.connect(str(path)) as connection:
            connection.execute("begin")
            change = f"update {fact} set {blank} = null" if blank else f"delete from {fact}"
            connection.execute(f"{change} where {PLACE} and {condition}")
            for name in changed:
                if name in {"fct_indicator", *models["fct_indicator"].depends_on} | FACTS_OF_FACTS:
                    connection.execute(f"delete from {name}")
                    connection.execute(f"insert into {name} by name {models[name].sql}")
            rows = connection.execute(
                "select indicator_id, value, schools_counted, schools_expected "
                f"from fct_indicator where {PLACE} and area_level = 'city'"
            ).fetchall()
            connection.execute("rollback")
        return {indicator: tuple(figure) for indicator, *figure in rows}

    return made_again


FIGURES_OF_IMPACT = (
    "indicator_id, value, schools_counted, schools_expected, "
    "value_without, schools_counted_without, schools_expected_without"
)
# Facts that others are made of, none of which the figures read themselves.
FACTS_OF_FACTS = {"fct_condition_check"}


@pytest.mark.parametrize("place", CELLS)
def test_without_its_row_a_figure_is_what_the_marts_say_without_the_row(
    found_everywhere, figures_without, samples, place
):
    """Every figure that the cell is in, against the marts made again without the cell's row."""
    built, cells = found_everywhere
    cell = cells.loc[place]
    moves = built.rows(
        f"select {FIGURES_OF_IMPACT} from fct_finding_impact where finding_id = ?", place
    )
    assert moves, place
    now = figures_without(built, "fct_contest", "false")
    table, column = place.split(".")
    facts = dict(samples.rows("select indicator_id, fact from dim_indicator"))
    fact = FACTS.get(table, ("fct_programme",))[0]
    school = f"school_code = '{cell['school_code']}'"
    then = figures_without(built, fact, f"{school} and row_no = {cell['row_no']}")
    # Of a school's conditions it is the verdicts that go, not what they are made of.
    checks = samples.rows(
        "select distinct class_code from dim_measure_cell where class_code is not null "
        "and form_table = ? and column_name = ?",
        *(table, column),
    )
    listed = ", ".join(f"'{code}'" for (code,) in checks) or "null"
    unchecked = figures_without(
        built, "fct_condition_check", f"{school} and condition in ({listed})", blank="is_met"
    )
    is_check = {i: facts[i] == "fct_condition_check" for i in facts}
    then = {i: (unchecked if is_check[i] else then).get(i) for i in facts}
    for indicator, *figure in moves:
        assert tuple(figure[:3]) == now[indicator]
        _is_told_as(figure[3:], then.get(indicator), indicator)
    # Nothing that is made from the cell moves without being told.
    reads = samples.rows(
        "select indicator_id from dim_indicator where fact <> 'fct_condition_school' "
        "and list_contains(string_split(form_columns, ';'), ?)",
        place,
    )
    values = [{i: figure[0] for i, figure in made.items() if figure} for made in (now, then)]
    moved_ones = {i for (i,) in reads if values[0].get(i) != values[1].get(i)}
    assert moved_ones <= {indicator for indicator, *_ in moves}


def _is_told_as(told, expected, indicator):
    """Hold value, schools counted and schools expected against those of the marts made again."""
    value, *schools = expected or (None, None, None)
    assert told[0] == (value and pytest.approx(value, rel=1e-9)), indicator
    # What nobody has a value of any more is of no schools, and no row of the marts says so.
    assert schools in ([None, None], told[1:]), indicator


def test_without_a_blank_row_the_schools_other_rows_are_in_the_figure_again(
    with_a_blank, figures_without, samples
):
    built, cell = with_a_blank
    (figure,) = built.rows(
        f"select {FIGURES_OF_IMPACT}, sentence_zh, sentence_en from fct_finding_impact "
        "where finding_id = 'contests.student_entrants'"
    )
    indicator, *figure, zh, en = figure
    now = figures_without(built, "fct_contest", "false")
    whole = figures_without(samples, "fct_contest", "false")
    then = figures_without(
        built,
        "fct_contest",
        f"school_code = '{cell['school_code']}' and row_no = {cell['row_no']}",
    )
    assert tuple(figure[:3]) == now[indicator]
    assert tuple(figure[3:]) == then[indicator]
    blank, counted, expected = now[indicator]
    assert blank < then[indicator][0] < whole[indicator][0]
    assert then[indicator][1:] == whole[indicator][1:] == (expected, expected)
    assert counted == expected - 1
    value = then[indicator][0]
    assert zh.endswith(f"由 {blank:.0f}（{counted}/{expected}所） 变为 {value:.0f}")
    assert en.endswith(f"from {blank:.0f} ({counted} of {expected} schools) to {value:.0f}")


@pytest.fixture(scope="module")
def with_an_only_row_blank(with_a_blank, tmp_path_factory):
    """The same, where the blank stands in the school's only row of the kind."""
    built, cell = with_a_blank
    home = built.copy(tmp_path_factory.mktemp("only"))
    shutil.copytree(built.home.target, home.target, dirs_exist_ok=True)
    place = [cell["school_code"], int(cell["row_no"])]
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            f"delete from fct_contest where {PLACE} and school_code = ? and row_no <> ?", place
        )
        connection.execute("create table held as from stg_nianbao__cells")
        connection.execute("drop view stg_nianbao__cells")
        connection.execute("alter table held rename to stg_nianbao__cells")
        connection.execute(
            "update stg_nianbao__cells set typed = null, value_read = null "
            "where submission_id = ? and cell = ?",
            [cell["submission_id"], cell["cell"]],
        )
    results = warehouse.build(home, "fct_contribution", "fct_indicator", *OF_FINDINGS)
    assert [result.message for result in results if not result.is_ok] == []
    return Warehouse(home, results)


def test_a_blank_in_an_only_row_is_told_of_the_figures_that_lack_the_school(with_an_only_row_blank):
    """Without the row the school is none that is asked, and the figure is as it is."""
    rows = with_an_only_row_blank.rows(
        f"select {FIGURES_OF_IMPACT}, lacking_pct, impact_pct, sentence_zh "
        "from fct_finding_impact where finding_id = 'contests.student_entrants'"
    )
    ((indicator, value, counted, expected, *without, lacking, impact, told),) = rows
    assert indicator == "provincial_contest_students"
    assert without == [value, counted, expected - 1]
    assert counted == expected - 1
    assert 0 < lacking == impact
    assert f"现为 {value:.0f}（{counted}/{expected}所），缺此项，该校约占" in told


def test_a_finding_points_at_each_of_its_cells_and_at_no_other(found_everywhere):
    built, cells = found_everywhere
    rows = built.rows(
        "select finding_id, form_table || '.' || column_name, row_no from int_finding_cells"
    )
    assert sorted(rows) == sorted((place, place, row["row_no"]) for place, row in cells.iterrows())


def test_findings_of_submissions_that_do_not_count_have_no_impact_in_the_marts(samples):
    """The pages show them all the same: as if each filer's newest file counted, see below."""
    assert not samples.rows(
        "select finding_id from int_finding_cells as cells left join int_submissions_accepted "
        "as accepted on cells.submission_id = accepted.submission_id "
        "where accepted.submission_id is null"
    )


def test_the_gates_own_verdicts_give_every_table_as_it_is(home, verdicts):
    with warehouse.reading(home.warehouse) as built, scratch(home, verdicts) as connection:
        names = built.execute(
            "select table_name from information_schema.tables where table_name not in "
            "('fct_cell', 'fct_condition_check_before', 'fct_school_not_counted', 'trace_cells', "
            "'trace_conditions', 'trace_schools')"
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


@pytest.fixture
def with_one_returned(found_everywhere, without, tmp_path):
    """A home whose gate returned one school with findings after the marts were built with it."""
    built, cells = found_everywhere
    home = built.copy(tmp_path)
    school = cells.loc["programmes.major_code", "school_code"]
    without([school]).to_parquet(home.gate / "verdicts.parquet", index=False)
    return home, school


def test_findings_of_a_returned_school_have_an_impact_as_if_it_counted(
    found_everywhere, with_one_returned
):
    built, _ = found_everywhere
    home, school = with_one_returned
    rows = write_impact(home)
    impact = pd.read_parquet(home.gate / "finding_impact.parquet")
    pd.testing.assert_frame_equal(impact, built.frame(IMPACT), check_dtype=False)
    assert len(impact) == rows and len(impact[impact["school_code"] == school]) > 3
    assert [path.name for path in home.gate.glob(".*")] == []


def test_where_every_newest_submission_counts_the_marts_impact_is_kept(
    found_everywhere, tmp_path, monkeypatch
):
    built, _ = found_everywhere
    monkeypatch.setattr("orchestration.warehouse.what_if.scratch", None)
    assert write_impact(built.copy(tmp_path)) == len(built.frame(IMPACT))


def test_analysts_see_a_returned_schools_impact_and_no_withheld_figure(
    found_everywhere, with_one_returned
):
    built, _ = found_everywhere
    home, _ = with_one_returned
    home.published.mkdir()
    judge_cities_as(home, blocked={("qingyang", 2024)})
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("delete from fct_finding_impact")
    write_impact(home)
    with Ledger(f"sqlite:///{home.ledger}") as ledger:
        publish_database(home, ledger)
    expected = built.frame(IMPACT)
    assert expected["value"].notna().any()
    figures = ["value", "value_without", "value_corrected", "change_pct"]
    expected[figures] = float("nan")
    expected[["sentence_zh", "sentence_en"]] = None
    expected["impact_pct"] = expected["lacking_pct"]
    with warehouse.reading(home.analyst_database) as connection:
        found = connection.sql(IMPACT).df()
        pd.testing.assert_frame_equal(found, expected, check_dtype=False)
        (silent,) = connection.execute(
            "select count(*) from duckdb_columns() "
            "where table_name = 'fct_finding_impact' and comment is null"
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
