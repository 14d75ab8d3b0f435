"""Tables and views of DuckDB are made in their place, with all that the project says of them."""

import json
import shutil

import duckdb
import pytest

from orchestration.ground.home import Home
from orchestration.warehouse import dbt as warehouse


@pytest.fixture(scope="module")
def models(samples):
    nodes = json.loads(samples.home.manifest.read_text(encoding="utf-8"))["nodes"].values()
    return [node for node in nodes if node["resource_type"] == "model"]


def test_what_a_contract_forbids_the_built_table_forbids(samples, models):
    """DuckDB refuses a row without what the contract says is never missing; types are as said."""
    declared = {
        (model["name"], column["name"])
        for model in models
        if model["config"]["contract"]["enforced"] and model["config"]["materialized"] == "table"
        for column in model["columns"].values()
        if any(limit["type"] == "not_null" for limit in column["constraints"])
    }
    built = samples.rows(
        "select table_name, column_name from duckdb_columns() where not is_nullable"
    )
    assert len(declared) > 50
    assert declared <= set(built)


def test_descriptions_are_the_comments_of_tables_views_and_columns(samples, models):
    said = {
        (model["name"], column["name"]): column["description"].strip()
        for model in models
        if model["config"]["persist_docs"] and model["config"]["enabled"]
        for column in model["columns"].values()
    }
    rows = samples.rows("select table_name, column_name, comment from duckdb_columns()")
    built = {(table, column): (text or "").strip() for table, column, text in rows}
    assert len(said) > 500
    assert [key for key, text in said.items() if built.get(key) != text] == []


def test_nothing_is_left_beside_what_was_built(samples):
    names = samples.rows(
        "select table_name from duckdb_columns() where table_name like '%\\_\\_dbt%'"
    )
    assert names == []


def test_a_table_that_was_a_view_and_a_view_that_was_a_table_are_built_anew(samples, tmp_path):
    """As after an update of the project in a home that was built before it."""
    home = Home(tmp_path / "home")
    shutil.copytree(samples.home.root, home.root, symlinks=True)
    table, view = "int_figure_cells_left_blank", "stg_nianbao__profile"
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(f"drop table {table}; create view {table} as select 1 as old")
        connection.execute(f"drop view {view}; create table {view} as select 1 as old")
    warehouse.require_success(warehouse.build(home, view, table))
    with warehouse.reading(home.warehouse) as connection:
        kinds = connection.execute(
            "select table_name, table_type from information_schema.tables "
            "where table_name in (?, ?) order by table_name",
            [table, view],
        ).fetchall()
    assert kinds == [(table, "BASE TABLE"), (view, "VIEW")]
