"""What people see of a trace: one figure's, the command, the SQL of the docs."""

import io
import re
import shutil

import duckdb
import pandas as pd
import pytest

from orchestration.editions.history import PUBLISHED
from orchestration.editions.trace import (
    BUREAU,
    COLUMNS,
    NothingToTrace,
    as_csv,
    by_school,
    opened_edition,
    trace_of,
    trace_rows,
)
from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.ledger import open_ledger
from orchestration.warehouse.models import make_views

# A side of a rate is over the schools that filed both.
ABOVE = "sum(case when graduates is not null then directly_employed + further_study end)"
BOTH = "directly_employed is not null and further_study is not null"
RATE = "graduate_destination_rate"
PREVIOUS = "schools_meeting_all_conditions_previous"
SCHOOL = "9962100201"


@pytest.fixture
def opened(editions):
    with opened_edition(editions["qingyang", 2024]) as connection:
        yield connection


@pytest.fixture
def traced(opened):
    def of(indicator_id):
        return trace_of(opened, "qingyang", 2024, indicator_id)

    return of


def test_a_ratio_names_its_parts_with_formula_and_value(traced):
    found = traced(RATE)
    assert (found.value_printed, found.definition["scale"]) == ("97.78", 100)
    assert [(part.part, part.formula, part.value) for part in found.parts] == [
        ("numerator", ABOVE, 1802),
        ("denominator", f"sum(case when {BOTH} then graduates end)", 1843),
    ]


def test_schools_values_add_up_to_a_sum_and_name_their_cells(traced):
    found = traced(RATE)
    assert found.schools.groupby("part")["value"].sum().to_dict() == {
        "numerator": 1802,
        "denominator": 1843,
    }
    own = found.schools[found.schools["school_code"].eq(SCHOOL)].set_index("part")
    assert own.loc["numerator", "cells"] == [
        *("毕业生去向!B3 = 322", "毕业生去向!B4 = 124", "毕业生去向!B5 = 189")
    ]
    assert own.loc["numerator", "value"] == 313
    ((name, file_hash),) = own.loc["numerator", "files"]
    assert re.fullmatch(rf"{SCHOOL}_\S+\.xlsx", name)
    assert re.fullmatch("[0-9a-f]{64}", file_hash)


def test_a_key_that_two_schools_have_is_counted_by_both_and_once_by_the_city(traced):
    found = traced("majors")
    assert found.schools["value"].sum() > found.value
    assert found.cells["counted"].nunique() == found.value
    assert found.cells["contribution"].astype(float).sum() == found.value


def test_a_school_whose_rows_hold_no_key_was_looked_at(traced):
    schools = traced("schools_with_named_classes").schools
    assert schools["value"].sum() == 1
    assert len(schools) > 1


def test_a_count_of_zero_rests_on_the_cells_that_were_looked_at(editions):
    with opened_edition(editions["baoji", 2024]) as connection:
        found = trace_of(connection, "baoji", 2024, "energy_chemical_majors")
    assert found.value_printed == "0"
    assert found.cells["contribution"].isna().all()
    assert "产业主题 Themes" in set(found.cells["label"])


def test_a_school_that_a_figure_is_not_about_is_listed_and_not_counted(traced):
    found = traced("conditions_compliance_rate")
    out = found.schools[~found.schools["is_counted"].astype(bool)]
    monitored = found.figure["schools_counted"]
    assert len(found.schools) - len(out) == 2 * monitored
    assert set(out["not_counted_because"]) == {"not_in_population"} and out["value"].isna().all()
    cells = found.cells[found.cells["school_code"].isin(out["school_code"])]
    assert len(cells) and cells["contribution"].isna().all()
    assert set(cells["not_counted_because"]) == {"not_in_population"}


@pytest.mark.parametrize("city", ["qingyang", "baoji"])
def test_the_schools_that_a_trace_counts_are_those_that_the_figure_says(editions, city):
    with opened_edition(editions[city, 2024]) as connection:
        make_views(connection, "trace_schools")
        parts = connection.sql(
            "select count(*) filter (t.is_counted) - any_value(m.schools_counted), "
            "count(*) filter (coalesce(t.not_counted_because, '') <> 'not_in_population') "
            "- any_value(m.schools_expected), count(*) filter (t.is_counted is null) "
            "from trace_schools as t inner join city_yearly_metrics as m using (indicator_id) "
            "where t.school_code is not null group by indicator_id, t.part"
        ).fetchall()
    assert len(parts) > 100 and set(parts) == {(0, 0, 0)}


def test_what_the_bureau_filed_traces_without_a_school(traced):
    found = traced("education_week_activities")
    assert found.schools["school_name"].tolist() == [str(BUREAU)]
    assert found.schools["school_code"].isna().all()
    assert found.schools["value"].tolist() == [found.value]


def test_nine_conditions_name_values_thresholds_and_the_notice(traced):
    found = traced("schools_meeting_all_conditions")
    assert set(found.conditions["checked_year"]) == {2024}
    assert found.conditions["evidence"].notna().all()
    met = found.conditions.groupby("school_code")["is_met"].all()
    kept = found.schools.set_index("school_code")["value"].eq(1)
    assert (met & kept).sum() == found.value
    assert set(found.references["place"]) == {
        "conditions_standards.threshold",
        "rosters.is_monitored",
    }


def test_a_figure_of_the_year_before_names_the_cells_and_thresholds_of_that_year(traced):
    found = traced(PREVIOUS)
    assert set(found.conditions["checked_year"]) == {2023}
    filed = found.cells.groupby("filed_year")["column_name"].agg(set)
    assert {"books", "school_code", "school_class"} < filed[2023]
    assert list(filed.index) == [2023]


def test_figures_without_conditions_have_none(traced):
    assert traced(RATE).conditions.empty
    assert traced(RATE).references.empty


@pytest.mark.parametrize(
    ("city", "year", "indicator", "zh", "en"),
    [
        ("qingyan", 2024, RATE, "没有 qingyan 2024 年的数字", "there are: qingyang 2024"),
        ("qingyang", 2019, RATE, "没有 qingyang 2019 年的数字", "there are: qingyang 2024"),
        ("qingyang", 2024, "graduate_destinaton_rate", "相近的有", f"near names: {RATE}"),
        ("qingyang", 2024, "就业率数", "相近的有", f"near names: {RATE}"),
        ("qingyang", 2024, "zzzz", "相近的有：-", "near names: -"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(opened, city, year, indicator, zh, en):
    with pytest.raises(NothingToTrace) as refusal:
        trace_of(opened, city, year, indicator)
    assert zh in str(refusal.value)
    assert en in str(refusal.value)


def test_an_edition_that_lacks_a_table_says_which(editions, tmp_path):
    folder = tmp_path / "v1"
    shutil.copytree(editions["qingyang", 2024], folder)
    (folder / "tables" / "fct_cell.parquet").unlink()
    with pytest.raises(NothingToTrace, match="it lacks fct_cell\\."), opened_edition(folder):
        pass


def test_the_decisions_on_a_figures_submissions_say_who_accepted_what(editions, tmp_path):
    folder = tmp_path / "v1"
    shutil.copytree(editions["qingyang", 2024], folder)
    with opened_edition(folder) as connection:
        rows = trace_rows(connection, "qingyang", 2024)
        one = rows[rows["measure"].eq("graduates")].iloc[0]
        columns = {
            name: connection.sql(f"from {name} limit 0").columns
            for name in ("fct_finding", "fct_decision")
        }
    said = {
        **{"city": "qingyang", "year": 2024, "school_code": one["school_code"]},
        **{"finding_id": "f1", "decision_id": "d1", "rule_id": "r1", "verb": "accept"},
        **{"submission_id": one["submission_id"], "cell": one["cell"], "explanation": "扩招"},
        **{"decided_by": "李", "approved_by": "王", "decided_at": "2025-01-02T03:04:05+00:00"},
    }
    other = said | {"finding_id": "f2", "decision_id": "d2", "submission_id": "another"}
    for name, own in columns.items():
        frame = pd.DataFrame([said, other]).reindex(columns=own)
        frame.to_parquet(folder / "tables" / f"{name}.parquet")
    with opened_edition(folder) as connection:
        decisions = trace_of(connection, "qingyang", 2024, "graduates").decisions
        none = trace_of(connection, "qingyang", 2024, "education_week_activities").decisions
    assert decisions[
        ["rule_id", "verb", "explanation", "decided_by", "approved_by"]
    ].values.tolist() == [["r1", "accept", "扩招", "李", "王"]]
    assert none.empty


def made_up(**columns):
    frame = pd.DataFrame(columns)
    return frame.assign(
        **{
            name: f"{name} text"
            for name in COLUMNS
            if name not in frame and name not in {"school_code", "row_no"}
        }
    )


@pytest.fixture
def added_up():
    """What schools add to a figure whose cells are made up."""

    def add_up(quantity=None, counted=None, **columns):
        rows = made_up(**columns)
        cells = rows.assign(city="c", year=2024, breakdown=None, class_code=None)
        cells["quantity"] = pd.array(quantity or [None] * len(rows), dtype="Float64")
        cells["counted"] = pd.array(counted or [None] * len(rows), dtype="string")
        with duckdb.connect() as connection:
            connection.execute("create table trace_cells as from cells")
            # Of schools an edition of older software does not say which are counted.
            for table, columns in {
                "city_yearly_metrics": "'' as city, 0 as year, '' as indicator_id",
                "dim_indicator": "'' as indicator_id, '' as numerator, '' as denominator",
                "fct_indicator": "'' as city, 0 as year, '' as area_code, '' as indicator_id, "
                "'' as area_level, 0 as schools_counted",
                "fct_school_not_counted": "'' as city, 0 as year, '' as school_code, "
                "'' as indicator_id, '' as reason",
                "dim_school": "'' as city, 0 as year, '' as school_code, '' as school_name",
                "fct_roster_before": "'' as city, 0 as year, '' as school_code, '' as school_name",
            }.items():
                connection.execute(f"create table {table} as select {columns} where false")
            return by_school(connection, "c", 2024, rows)

    return add_up


def test_a_sum_counts_a_row_once_however_many_cells_it_has(added_up):
    found = added_up(
        school_code=["1", "1", "1", "2"],
        row_no=[3, 3, 4, 3],
        quantity=[5, 5, 5, 1],
        cell=["S!A3", "S!B3", "S!A4", "S!A3"],
        aggregation="sum",
    )
    assert found[["school_code", "value"]].values.tolist() == [["1", 10], ["2", 1]]
    assert found["cells"].iloc[0] == [f"S!{cell} = typed text" for cell in ("A3", "B3", "A4")]


def test_a_distinct_count_counts_a_key_once_and_a_row_without_one_never(added_up):
    found = added_up(
        school_code=["1", "1", "1", "2"],
        row_no=[3, 4, 5, 3],
        counted=["710201", "710201", "710202", None],
        aggregation="count_distinct",
    )
    assert found[["school_code", "value"]].values.tolist() == [["1", 2], ["2", 0]]


def test_a_row_of_a_bureau_adds_though_it_has_no_school(added_up):
    found = added_up(school_code=[None, "2"], row_no=1, quantity=[7, 1], aggregation="sum")
    bureau = found["school_code"].isna()
    assert found.loc[bureau, "value"].tolist() == [7]
    assert found.loc[bureau, "school_name"].tolist() == [str(BUREAU)]
    assert found.loc[bureau, "is_counted"].tolist() == [True]


def test_no_cell_becomes_a_formula_of_a_spreadsheet():
    typed = ["=1+1", "@x", "+cmd", "-5", "-1.5", "12"]
    rows = made_up(school_code="1", row_no=1, typed=typed)
    shown = pd.read_csv(io.StringIO(as_csv(rows)), dtype=str)["typed"].tolist()
    assert shown == ["'=1+1", "'@x", "'+cmd", "-5", "-1.5", "12"]


@pytest.fixture(scope="module")
def command(editions, tmp_path_factory):
    """Return the command on a home with one edition, in Chinese, English and as CSV."""
    from typer.testing import CliRunner

    from orchestration.cli import app

    home = Home(tmp_path_factory.mktemp("traced") / "home")
    shutil.copytree(REPOSITORY / "cities" / "qingyang", home.cities / "qingyang")
    shutil.copytree(editions["qingyang", 2024], home.editions("qingyang", 2024) / "v1")
    told = {"city": "qingyang", "year": 2024, "edition": 1, "status": "provisional"}
    told |= {"published_at": "2025-01-20T01:00:00+00:00", "made_from": None}
    with open_ledger(home) as ledger:
        ledger.append(PUBLISHED, told | {"content_hash": "", "manifest_hash": ""}, "annual_run")

    def run(*arguments, expect=0):
        done = CliRunner().invoke(app, ["trace", *arguments, "--home", str(home.root)])
        assert done.exit_code == expect, done.output
        return done.output

    return run


def test_the_command_shows_formula_schools_cells_and_files(command):
    text = command("qingyang", "2024", RATE)
    assert "就业率 graduate_destination_rate = 97.78 %" in text
    assert "统计学校：15/15 所" in text
    above = f"就业学生数（直接就业与升学）（两项均填报的学校） [{ABOVE} = 1802]"
    assert f"= 100 × {above} ÷ 毕业生数（两项均填报的学校）" in text
    assert re.search(
        r"西峰职业中等专业学校 +│ 313 +│ 322 +│ 计入 +│ 9962100201_\S+\.xlsx +│ [0-9a-f]{12}", text
    )
    assert re.search(
        r"西峰职业中等专业学校 +│ 分子 +│ +2024 +│ 毕业生去向!B4 +│ 直接就业人数", text
    )
    assert "这些填报没有处理决定。" in text


def test_the_command_says_of_a_bureaus_own_figure_that_it_is_of_no_number_of_schools(command):
    assert "统计学校：市级填报" in command("qingyang", "2024", "flagship_major_groups")
    english = command("qingyang", "2024", "flagship_major_groups", "--lang", "en")
    assert "Schools counted: filed by the bureau" in english


def test_the_command_shows_the_cells_of_one_class_and_writes_them_as_csv(command):
    of_class = ("qingyang", "2024", "full_time_teachers", "--class", "age=age_under_35")
    text = command(*of_class)
    assert "qingyang 2024 v1\nfull_time_teachers age=age_under_35\n" in text
    assert re.search(r"西峰职业中等专业学校 +│ 分子 +│ +2024 +│ \S+!\w+ +│", text)
    written = pd.read_csv(io.StringIO(command(*of_class, "--csv")), dtype=str)
    assert list(written.columns) == list(COLUMNS) and len(written)


def test_the_command_speaks_english(command):
    text = command("qingyang", "2024", PREVIOUS, "--lang", "en")
    assert "Monitored schools meeting every running condition the year before" in text
    assert "Running conditions and the thresholds applied" in text
    assert "教职成" in text
    assert "No decision was needed on them." in text


def test_the_command_writes_the_cells_as_csv(command, editions):
    frame = pd.read_csv(io.StringIO(command("qingyang", "2024", RATE, "--csv")), dtype=str)
    assert list(frame.columns) == list(COLUMNS)
    with opened_edition(editions["qingyang", 2024]) as connection:
        rows = trace_rows(connection, "qingyang", 2024)
    assert len(frame) == rows["indicator_id"].eq(RATE).sum()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("xian", "2024", RATE), "No city 'xian'"),
        (("qingyang", "2019", RATE), "There is no edition of qingyang 2019 yet"),
        (("qingyang", "2024", RATE, "--edition", "7"), "there are: v1"),
        (("qingyang", "2024", "graduate_rate"), "near names: graduate"),
    ],
)
def test_the_command_refuses_what_is_not_there(command, arguments, said):
    assert said in command(*arguments, expect=1)


def test_the_docs_sql_gives_what_the_trace_gives(opened, traced):
    text = (REPOSITORY / "docs" / "trace.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    shown = [opened.sql(query).df() for query in queries]
    assert len(queries) == 3
    assert all(len(frame) for frame in shown)
    by_sql = set(shown[0][["school_code", "cell", "typed", "file_hash"]].itertuples(index=False))
    cells = traced(RATE).cells[["school_code", "cell", "typed", "file_hash"]]
    assert by_sql == set(cells.itertuples(index=False))


def test_the_warehouse_traces_as_an_edition_does_a_cell_once_a_row_and_part(samples, opened):
    place = "where city = 'qingyang' and year = 2024 order by all"
    in_warehouse = samples.frame(f"select * from trace_cells {place}")
    trace_rows(opened, "qingyang", 2024)
    pd.testing.assert_frame_equal(in_warehouse, opened.sql(f"from trace_cells {place}").df())
    key = ["indicator_id", "breakdown", "class_code", "part", "school_code", "row_no", "counted"]
    assert not in_warehouse.duplicated([*key, "filed_year", "form_table", "cell"]).any()
    assert in_warehouse["breakdown"].notna().any() and in_warehouse["breakdown"].isna().any()
    schools = samples.frame(f"select * from trace_schools {place}")
    assert not schools.duplicated(["indicator_id", "part", "school_code"]).any()
