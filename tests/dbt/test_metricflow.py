"""An independent oracle: MetricFlow, on the same declarations, gives what fct_indicator says."""

import json

import pandas as pd
import pytest
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

# The country is every area together: MetricFlow is asked for no area at all.
COUNTRY = "country"
LEVELS = ("school", "county", "city", "province", COUNTRY)


class SqlOnly:
    """What MetricFlow has to know of an engine to write its SQL, which is run elsewhere."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


@pytest.fixture(scope="module")
def manifest(samples):
    return json.loads((samples.home.target / "semantic_manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def engine(manifest):
    parsed = parse_manifest_from_dbt_generated_manifest(json.dumps(manifest))
    return MetricFlowEngine(SemanticManifestLookup(parsed), SqlOnly())


def asked_by_area(engine, warehouse, metrics, groups):
    """Return what MetricFlow says by these groups, in columns of their names."""
    named = [group for group in groups if group != COUNTRY]
    request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=named)
    frame = warehouse.frame(engine.explain(request).sql_statement.sql)
    return frame.assign(**{COUNTRY: "000000"}) if COUNTRY in groups else frame


def asked_of_metricflow(engine, warehouse, indicators, level):
    """Return MetricFlow's figures: one row an area, year and indicator that has a value."""
    wide = asked_by_area(engine, warehouse, indicators, ["metric_time__year", level])
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
    who = ("school", "roster", *(["bureau"] if level in {"city", "province", COUNTRY} else []))
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


def classes_of_metricflow(engine, warehouse, metric, level, by):
    """Return MetricFlow's figures by class: one row an area, year and class that has a value."""
    groups = list(dict.fromkeys(["metric_time__year", level, by]))
    frame = asked_by_area(engine, warehouse, [metric], groups)
    frame = frame.dropna(subset=[metric, level])
    years = pd.to_datetime(frame["metric_time__year"]).dt.year
    classes = frame[by].fillna("other")
    return {
        key: float(value)
        for *key, value in zip(years, frame[level], classes, frame[metric], strict=True)
        for key in [tuple(key)]
    }


def differences_by_class(engine, manifest, warehouse, level):
    """Return what the two disagree on of breakdowns, and how many figures were compared."""
    entities = {
        model["node_relation"]["alias"]: model["primary_entity"]
        for model in manifest["semantic_models"]
    }
    found, compared = {}, 0
    for indicator, breakdown, metric, fact, scale in warehouse.rows(
        "select indicator_id, breakdown, metric, fact, scale from dim_breakdown"
    ):
        ours = {
            (year, area, code): value / scale
            for year, area, code, value in warehouse.rows(
                "select year, area_code, class_code, value from fct_indicator_breakdown where "
                "area_level = ? and indicator_id = ? and breakdown = ? and value is not null",
                *(level, indicator, breakdown),
            )
        }
        by = breakdown if breakdown in LEVELS else f"{entities[fact]}__{breakdown}"
        theirs = classes_of_metricflow(engine, warehouse, metric, level, by)
        compared += len(ours)
        found |= {
            (indicator, breakdown, *key): (theirs.get(key), ours.get(key))
            for key in ours.keys() | theirs.keys()
            if ours.get(key) != pytest.approx(theirs.get(key), rel=1e-12)
        }
    return found, compared


@pytest.mark.parametrize("level", LEVELS)
def test_metricflow_gives_the_same_classes_for_the_samples(engine, manifest, samples, level):
    found, compared = differences_by_class(engine, manifest, samples, level)
    assert found == {}
    assert compared > 200


@pytest.mark.parametrize("level", LEVELS)
def test_metricflow_gives_the_same_classes_for_gaps_and_zeros(engine, manifest, crafted, level):
    found, compared = differences_by_class(engine, manifest, crafted, level)
    # School 01 left a row of its class blank: MetricFlow sums its other rows, our figures do not.
    lacking = {"school": "01", "county": "990101", "city": "990100", "province": "990000"}
    assert set(found) == {
        ("enrolled", "major_category", 2024, lacking.get(level, "000000"), "71"),
    }
    assert compared > 5


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
