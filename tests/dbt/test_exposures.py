"""What uses the marts is declared, and dbt's page of it all opens without a network."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from orchestration.analysts.database import published_tables
from orchestration.cli import app
from orchestration.editions.contents import DEFINITIONS
from orchestration.gate.frames import TABLES
from orchestration.ground.home import REPOSITORY, Home
from orchestration.warehouse.dbt import BuildFailed, document, reading

# What the rules on a city judge is not published beside what they let through.
OF_THE_GATE = {
    *("city_coverage", "city_metrics_compared"),
    "city_claims_by_cause",
}
# What one of these is made of and nobody else reads.
OF_CLAIMS = {"city_claims_compared", "city_claim_causes"}
# What the impact of findings is made of.
OF_IMPACT = {"trace_finding_rows"}


@pytest.fixture(scope="module")
def manifest(samples):
    return json.loads(samples.home.manifest.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def used(manifest):
    """Return, by exposure, the models that it depends on."""
    return {
        exposure["name"]: {node.split(".")[2] for node in exposure["depends_on"]["nodes"]}
        for exposure in manifest["exposures"].values()
    }


@pytest.fixture(scope="module")
def marts(manifest):
    nodes = manifest["nodes"].values()
    return {
        node["name"]: set(node["columns"])
        for node in nodes
        if node["resource_type"] == "model" and "marts" in node["fqn"]
    }


def test_there_is_an_exposure_for_everything_that_is_published(used):
    published = {*("editions", "report", "analysts_database", "city_gate", "review_app", "trace")}
    assert set(used) == published


def test_exposures_depend_on_marts_alone_which_are_all_used(used, marts):
    assert set().union(*used.values()) == set(marts)


def test_an_edition_has_every_mart_with_a_city_and_a_year_and_the_definitions(used, marts):
    with_both = {name for name, columns in marts.items() if {"city", "year"} <= columns}
    elsewhere = OF_THE_GATE | OF_CLAIMS | OF_IMPACT | used["trace"]
    assert used["editions"] == (with_both - elsewhere) | set(DEFINITIONS)


def test_the_city_gate_judges_the_marts_that_its_frames_are(used):
    tables = {table for name, table in TABLES.items() if not table.startswith("int_")}
    assert used["city_gate"] == tables | OF_CLAIMS | {"city_yearly_metrics", "dim_indicator"}
    assert used["city_gate"] >= OF_THE_GATE


def test_analysts_have_every_mart_that_is_copied(used, samples):
    with reading(samples.home.warehouse) as connection:
        copied = published_tables(connection, samples.home.warehouse.stem)
    assert used["analysts_database"] == set(copied)


def test_an_exposure_has_both_languages_and_an_owner_without_address(manifest):
    for exposure in manifest["exposures"].values():
        assert exposure["owner"]["email"] is None
        for said in (exposure["label"], exposure["description"], exposure["owner"]["name"]):
            assert re.search(r"[\u4e00-\u9fff]", said)
            assert re.search(r"[A-Za-z]{4}", said)


def test_without_a_warehouse_there_is_nothing_to_document(tmp_path):
    done = CliRunner().invoke(app, ["dbt-docs", "--home", str(tmp_path)])
    assert done.exit_code == 1
    assert "还没有数据仓库" in done.output
    assert not Home(tmp_path).dbt_docs.exists()
    with pytest.raises(BuildFailed, match="No warehouse yet"):
        document(Home(tmp_path))


@pytest.fixture(scope="module")
def page(samples, tmp_path_factory):
    """The page of a home of its own, made by the command as a person types it."""
    # A name that JSON writes otherwise must not slip through either.
    home = Home(tmp_path_factory.mktemp("docs") / "年报")
    home.create()
    shutil.copy(samples.home.warehouse, home.warehouse)
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "dbt-docs", "--home", str(home.root)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(home.dbt_docs) in done.stdout
    return home.dbt_docs


def test_dbts_page_shows_exposures_tables_and_metrics(page):
    text = page.read_text(encoding="utf-8")
    for name in ("exposure.nianbao.editions", "fct_indicator_trend", "graduate_destination_rate"):
        assert name in text
    assert "nianbao \\u5e74\\u62a5" in text or "nianbao 年报" in text


def test_dbts_page_names_no_path_of_this_machine_and_leaves_nothing_else(page):
    text = page.read_text(encoding="utf-8")
    home = page.parents[1]
    for path in (home, REPOSITORY):
        assert str(path) not in text
        assert json.dumps(str(path))[1:-1] not in text
    assert [path.name for path in page.parent.iterdir()] == [page.name]
    assert list((home / "target").glob("docs.*")) == []


def test_dbts_page_tells_nobody_that_it_is_read(page):
    assert '"send_anonymous_usage_stats": false' in page.read_text(encoding="utf-8")
