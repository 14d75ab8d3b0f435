"""The sample cities' marts: what they say, what they are documented with, dbt's unit tests."""

import csv
import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from orchestration.ground.home import REPOSITORY
from orchestration.warehouse.project import WRITTEN, generated_files

PUBLISHED = (
    "(table_name like 'dim_%' or table_name like 'fct_%' or table_name = 'city_yearly_metrics')"
)


def printed_claims():
    for path in sorted((REPOSITORY / "cities").glob("*/claims_*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield path.parent.name, row


@pytest.fixture(scope="module")
def manifest(samples):
    return json.loads(samples.home.manifest.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def marts(manifest):
    nodes = manifest["nodes"].values()
    return [n for n in nodes if n["resource_type"] == "model" and "marts" in n["fqn"]]


def test_every_model_is_built_and_every_data_test_passes(samples):
    failed = [(r.unique_id, r.message) for r in samples.results if not r.is_ok]
    assert failed == []
    assert {r.resource_type for r in samples.results} == {"model", "seed", "test"}


def test_every_printed_figure_comes_out_again(samples):
    verdicts = samples.rows("select city, claim_id, verdict from fct_claim")
    expected = {
        (city, row["claim_id"], "flagged" if row["is_flagged"] == "true" else "matched")
        for city, row in printed_claims()
    }
    assert expected - set(verdicts) == set()
    assert len(verdicts) == len(expected)


def test_every_sample_submission_is_accepted(samples):
    assert samples.rows("select distinct verdict from fct_submission") == [("accepted",)]


def test_each_level_adds_up_to_the_one_above(samples):
    totals = samples.frame(
        "select year, area_level, sum(value) as students from fct_indicator "
        "where indicator_id = 'enrolled' group by all"
    )
    per_year = totals.groupby("year")["students"].nunique()
    assert len(totals) == 10
    assert (per_year == 1).all()


def test_what_the_form_of_2023_did_not_ask_has_no_figure_for_2023(samples):
    years = samples.rows(
        "select indicator_id, min(year) from fct_indicator where indicator_id in "
        "('digital_economy_majors', 'flagship_agriculture_offerings', 'staff_without_post', "
        "'employed_locally', 'monitored_schools_previous', 'enrolled') group by all"
    )
    assert dict(years) == {
        "digital_economy_majors": 2024,
        "flagship_agriculture_offerings": 2024,
        "staff_without_post": 2024,
        "employed_locally": 2024,
        "monitored_schools_previous": 2024,
        "enrolled": 2023,
    }


def test_indicators_are_the_declared_metrics_and_name_the_cities_that_print_them(samples, manifest):
    declared = {
        metric["name"]: metric["config"]["meta"].get("cities", [])
        for metric in manifest["metrics"].values()
        if "unit" in metric["config"]["meta"]
    }
    rows = samples.rows("select indicator_id, cities from dim_indicator")
    assert {name: cities.split(";") if cities else [] for name, cities in rows} == declared


@pytest.mark.parametrize("name", ["fct_indicator", "fct_contribution"])
def test_what_is_written_from_the_metrics_reads_each_table_that_they_are_on(manifest, name):
    facts = {
        node
        for model in manifest["semantic_models"].values()
        for node in model["depends_on"]["nodes"]
    }
    assert len(facts) > 15
    assert facts <= set(manifest["nodes"][f"model.nianbao.{name}"]["depends_on"]["nodes"])


def test_every_indicator_has_a_figure_in_the_samples(samples):
    without = samples.rows(
        "select indicator_id from dim_indicator "
        "except select indicator_id from fct_indicator where area_level = 'city' and year = 2024"
    )
    assert without == []


def test_every_ratio_names_its_denominator(samples):
    rows = samples.rows(
        "select kind, denominator_name_zh, denominator_name_en, denominator_formula "
        "from dim_indicator"
    )
    assert Counter(kind for kind, *names in rows if all(names)) == Counter(
        kind for kind, *_ in rows if kind == "ratio"
    )


def test_tables_carry_their_grain_as_a_comment(samples):
    comments = samples.rows(f"select table_name, comment from duckdb_tables() where {PUBLISHED}")
    assert len(comments) > 30
    assert [name for name, text in comments if not (text and "Grain: one" in text)] == []
    assert [name for name, text in comments if not text.rstrip().endswith(".")] == []


def test_columns_and_reference_tables_carry_comments(samples):
    silent = samples.rows(
        "select table_name, column_name from duckdb_columns() where coalesce(comment, '') = '' "
        f"and ({PUBLISHED} or table_name in (select table_name from duckdb_tables()"
        " where table_name in ('majors', 'major_classes', 'divisions', 'conditions_standards',"
        " 'standards_classes'))) and schema_name = 'main'"
    )
    assert silent == []


def test_every_mart_has_a_contract_and_a_tested_grain(manifest, marts):
    grains = {
        test["attached_node"]
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test" and test["test_metadata"]["name"] == "has_grain"
    }
    for mart in marts:
        assert mart["config"]["contract"]["enforced"], mart["name"]
        keys = [c for c in mart["constraints"] if c["type"] == "primary_key"]
        assert keys or mart["unique_id"] in grains, mart["name"]
        assert all(c["data_type"] and c["description"] for c in mart["columns"].values())


def test_only_macros_name_functions_of_one_engine():
    """What Spark lacks or calls otherwise; `median`, `max_by` and others are shared."""
    foreign = (
        "string_agg(",
        "unnest(",
        "list_sort(",
        "string_split(",
        "generate_series",
        "exclude (",
    )
    texts = {path.name: path.read_text("utf-8") for path in (WRITTEN / "models").rglob("*.sql")}
    texts |= {path.name: text for path, text in generated_files().items() if path.suffix == ".sql"}
    found = {(name, word) for name in texts for word in foreign if word in texts[name]}
    assert found == set()


def test_dbts_unit_tests_pass(samples, tmp_path):
    """In a home and a process of their own: dbt keeps the warehouse open, which others read."""
    home = samples.copy(tmp_path)
    project = str(samples.home.dbt_project)
    folders = ("--project-dir", project, "--profiles-dir", project)
    output = ("--target-path", str(home.target), "--log-path", str(home.logs))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "--log-level-file", "none"),
            *("test", "--select", "test_type:unit", *folders, *output),
        ],
        env={**os.environ, "NIANBAO_HOME": str(home.root), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    results = json.loads((home.target / "run_results.json").read_text(encoding="utf-8"))
    assert len(results["results"]) > 10
    assert {result["status"] for result in results["results"]} == {"pass"}
