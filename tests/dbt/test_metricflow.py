"""An independent oracle: MetricFlow, on the same declarations, gives what fct_indicator says."""

import pandas as pd
import pytest
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

LEVELS = ("school", "county", "city", "province")


class SqlOnly:
    """What MetricFlow has to know of an engine to write its SQL, which is run elsewhere."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


@pytest.fixture(scope="module")
def engine(samples):
    text = (samples.home.target / "semantic_manifest.json").read_text(encoding="utf-8")
    manifest = parse_manifest_from_dbt_generated_manifest(text)
    return MetricFlowEngine(SemanticManifestLookup(manifest), SqlOnly())


def asked_of_metricflow(engine, warehouse, indicators, level):
    """Return MetricFlow's figures: one row an area, year and indicator that has a value."""
    request = MetricFlowQueryRequest.create(
        metric_names=indicators, group_by_names=["metric_time__year", level]
    )
    wide = warehouse.frame(engine.explain(request).sql_statement.sql)
    long = wide.melt(["metric_time__year", level], var_name="indicator_id").dropna()
    years = pd.to_datetime(long["metric_time__year"]).dt.year
    return {
        (year, area, indicator): float(value)
        for year, area, indicator, value in zip(
            years, long[level], long["indicator_id"], long["value"], strict=True
        )
    }


def differences(engine, warehouse, level):
    """Return what the two disagree on: (year, area, indicator) with MetricFlow's and our figure."""
    who = ("school", "bureau") if level in {"city", "province"} else ("school",)
    declared = warehouse.rows("select indicator_id, filed_by, scale from dim_indicator")
    scale = {indicator: scale for indicator, filed_by, scale in declared if filed_by in who}
    ours = {
        (year, area, indicator): value / scale[indicator]
        for year, area, indicator, value in warehouse.rows(
            "select year, area_code, indicator_id, value from fct_indicator "
            "where area_level = ? and value is not null",
            level,
        )
    }
    theirs = asked_of_metricflow(engine, warehouse, sorted(scale), level)
    assert ours
    return {
        key: (theirs.get(key), ours.get(key))
        for key in ours.keys() | theirs.keys()
        if ours.get(key) != pytest.approx(theirs.get(key), rel=1e-12)
    }


@pytest.mark.parametrize("level", LEVELS)
def test_metricflow_gives_the_same_figures_for_the_samples(engine, samples, level):
    assert differences(engine, samples, level) == {}


@pytest.mark.parametrize("level", LEVELS)
def test_metricflow_gives_the_same_figures_for_gaps_and_zeros(engine, crafted, level):
    assert differences(engine, crafted, level) == {}


def test_the_comparison_finds_a_figure_that_differs(engine, samples, monkeypatch):
    rows = samples.rows

    def one_changed(sql, *parameters):
        first, *rest = rows(sql, *parameters)
        return [(*first[:-1], first[-1] + 1), *rest] if "fct_indicator" in sql else [first, *rest]

    monkeypatch.setattr(type(samples), "rows", lambda self, *arguments: one_changed(*arguments))
    assert len(differences(engine, samples, "city")) == 1
