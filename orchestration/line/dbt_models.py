"""The dbt project as assets: two steps, each table with its columns, rows and tests.

What belongs here: what Dagster shows of dbt's models, and which of them a step builds. What does
not: running dbt (warehouse/dbt.py), what a model computes (dbt_project/).
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    TableColumn,
    TableSchema,
    multi_asset,
)
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtProject,
    build_dbt_asset_specs,
)

from orchestration.ground.home import Home
from orchestration.line.assets import (
    ENGINEERS,
    RAW_WORKBOOKS,
    SUBMISSION_GATE,
    Results,
    markdown_table,
)
from orchestration.line.resources import Deployment
from orchestration.warehouse import dbt as warehouse

DATA_TESTS = "data_tests_pass"
_BUILT = {"model", "seed"}


class Translator(DagsterDbtTranslator):
    """Groups dbt's models by their layer, and ties its sources to the assets that write them."""

    def __init__(self) -> None:
        """Allow many sources to come from one asset; tests are shown by their model."""
        super().__init__(
            DagsterDbtTranslatorSettings(
                enable_duplicate_source_asset_keys=True, enable_asset_checks=False
            )
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        """Return the intake's or the gate's key for a source, the model's name otherwise."""
        if dbt_resource_props["resource_type"] == "source":
            from_gate = dbt_resource_props["source_name"] == "gate"
            return SUBMISSION_GATE if from_gate else RAW_WORKBOOKS
        return AssetKey(dbt_resource_props["name"])

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> AssetSpec:
        """Return a model with its layer as group, its SQL's hash as version, and its owners."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id)
        if node is None:
            return spec
        group = "seeds" if node["resource_type"] == "seed" else node["fqn"][1]
        return spec.replace_attributes(
            group_name=group, owners=[ENGINEERS], kinds={"dbt", "duckdb"}
        )


def build_dbt_assets(home: Home) -> list[AssetsDefinition]:
    """Return the dbt project as two steps: what the submission gate reads, and what comes after."""
    path, translator = warehouse.parse(home), Translator()
    manifest = json.loads(path.read_text(encoding="utf-8"))
    steps = (("dbt_staging", warehouse.BEFORE_GATE), ("dbt_marts", warehouse.AFTER_GATE))
    return [_build_step(manifest, translator, name, select) for name, select in steps]


def _build_step(
    manifest: Mapping[str, Any], translator: Translator, name: str, select: str
) -> AssetsDefinition:
    specs = build_dbt_asset_specs(
        manifest=manifest, dagster_dbt_translator=translator, select=select
    )
    built, tests = {spec.key for spec in specs}, _tests_by_key(manifest, translator)

    @multi_asset(
        name=name,
        specs=specs,
        check_specs=[
            AssetCheckSpec(DATA_TESTS, asset=key, description=", ".join(names))
            for key, names in tests.items()
            if key in built
        ],
    )
    def build(deployment: Deployment) -> Results:
        results = warehouse.build(deployment.home, select)
        yield from _materialized(deployment.home, manifest, translator, results)
        yield from tested(manifest, translator, results)
        warehouse.require_success(results)

    return build


def _tests_by_key(
    manifest: Mapping[str, Any], translator: Translator
) -> Mapping[AssetKey, list[str]]:
    """Return the names of each model's data tests."""
    tests = defaultdict(list)
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node["attached_node"]:
            model = manifest["nodes"].get(node["attached_node"])
            if model:
                tests[translator.get_asset_key(model)].append(node["name"])
    return tests


def _materialized(
    home: Home,
    manifest: Mapping[str, Any],
    translator: Translator,
    results: list[warehouse.NodeResult],
) -> Results:
    """Say which tables were built, how long each took, its columns and how many rows it has."""
    columns, rows = _columns(home), _row_counts(home)
    for result in results:
        if result.resource_type in _BUILT and result.is_ok:
            name = manifest["nodes"][result.unique_id]["name"]
            counted = {"dagster/row_count": rows[name]} if name in rows else {}
            schema = TableSchema(columns=columns[name])
            yield MaterializeResult(
                asset_key=translator.get_asset_key(manifest["nodes"][result.unique_id]),
                metadata={"seconds": result.seconds, "dagster/column_schema": schema, **counted},
            )


def _columns(home: Home) -> Mapping[str, list[TableColumn]]:
    """Return the columns of every table and view as they were built."""
    columns = defaultdict(list)
    with warehouse.reading(home.warehouse) as connection:
        built = connection.execute(
            "select table_name, column_name, data_type, comment from duckdb_columns() "
            "where not internal order by table_name, column_index"
        ).fetchall()
    for table, name, kind, comment in built:
        columns[table].append(TableColumn(name, kind, comment))
    return columns


def _row_counts(home: Home) -> Mapping[str, int]:
    """Return the rows of every table; to count a view's would be to compute it once more."""
    with warehouse.reading(home.warehouse) as connection:
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()
        counts = [f"select '{name}', count(*) from \"{name}\"" for (name,) in tables]
        return dict(connection.execute(" union all ".join(counts)).fetchall())


def tested(
    manifest: Mapping[str, Any], translator: Translator, results: list[warehouse.NodeResult]
) -> Results:
    """Say of each model how its data tests came out, one check a model."""
    tests: dict[str, list[warehouse.NodeResult]] = defaultdict(list)
    for result in results:
        if result.resource_type == "test" and result.status != "skipped":
            tests[manifest["nodes"][result.unique_id]["attached_node"]].append(result)
    for model, outcomes in tests.items():
        rows = (
            (manifest["nodes"][o.unique_id]["name"], o.status, str(o.failures)) for o in outcomes
        )
        only_warned = all(o.is_ok for o in outcomes)
        yield AssetCheckResult(
            asset_key=translator.get_asset_key(manifest["nodes"][model]),
            check_name=DATA_TESTS,
            passed=all(o.status == "pass" for o in outcomes),
            severity=AssetCheckSeverity.WARN if only_warned else AssetCheckSeverity.ERROR,
            metadata={"tests": markdown_table(("test", "status", "failures"), rows)},
        )
