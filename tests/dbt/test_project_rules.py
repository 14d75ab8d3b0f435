"""The dbt project keeps the rules of project_rules.py, and each rule notices what breaks it."""

import copy
import json

import project_rules as rules
import pytest

from orchestration.forms.contract import SCHEMA_YEAR as YEAR
from orchestration.forms.contract import load_form
from orchestration.gate.frames import CHANGES, TABLES
from orchestration.gate.rules import load_rules
from orchestration.ground.home import REPOSITORY

RULES = [
    rules.sources_are_read_in_staging_alone,
    rules.a_source_table_is_staged_once,
    rules.staging_reads_nothing_but_sources,
    rules.layers_run_one_way,
    rules.names_say_the_layer,
    rules.models_stand_in_a_subjects_folder,
    rules.models_are_described_where_they_stand,
    rules.descriptions_end_in_the_grain,
    rules.every_model_has_a_data_test,
    rules.sources_are_described,
    rules.the_raw_zone_has_a_freshness,
    rules.macros_are_described_with_their_arguments,
    rules.no_source_table_is_unused,
    rules.no_macro_is_unused,
    rules.marts_have_an_enforced_contract,
    rules.exposures_rest_on_marts_alone,
    rules.a_tag_says_the_runs_step,
    rules.nothing_before_the_gate_reads_what_comes_after,
]
# What Python reads from the seeds' files: reasons of decisions, the report's checklist.
SEEDS_OF_OTHERS = {"decision_reasons", "annual_report_tables"}


def named(function):
    return function.__name__


@pytest.fixture(scope="module")
def manifest(samples):
    return json.loads(samples.home.manifest.read_text(encoding="utf-8"))


def read_by_python():
    """Return the tables that rules judge, the sheets, which are staged whoever reads them, and how
    schools stand, which pages ask of warehouse/standing.py.
    """
    frames = {rule.frame for rule in load_rules([REPOSITORY / "expectations"])}
    sheets = load_form(YEAR, [REPOSITORY / "forms"]).tables
    judged = {TABLES.get(name, f"stg_nianbao__{name}") for name in {*frames, *sheets}}
    return judged | {CHANGES, "int_schools_standing"}


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_the_project_keeps_the_rule(manifest, rule):
    assert rule(manifest) == []


def test_every_model_and_every_seed_is_read_by_somebody(manifest):
    assert rules.no_model_is_unused(manifest, read_by_python()) == []
    assert rules.no_seed_is_unused(manifest, SEEDS_OF_OTHERS) == []


def test_the_layers_are_all_there_is_beside_what_metricflow_wants(manifest):
    found = {rules.layer(model) for model in rules.ours(manifest, "model")}
    assert found == {*rules.LAYERS, "utilities"}


# --- each rule notices what breaks it ------------------------------------------------------------


def node(name, folder, kind="model", reads=(), **more):
    """Return a node of a good project: described, tagged, with a grain."""
    place = f"models/{folder}/{name}.sql"
    return {
        "name": name,
        "unique_id": f"{kind}.nianbao.{name}",
        "package_name": "nianbao",
        "resource_type": kind,
        "fqn": ["nianbao", *folder.split("/"), name],
        "original_file_path": place,
        "patch_path": f"nianbao://models/{folder}/_it.yml",
        "description": "What it is. Grain: one thing.",
        "tags": ["before_gate"],
        "config": {"contract": {"enforced": True}},
        "depends_on": {"nodes": list(reads), "macros": []},
        **more,
    }


def test_of(name):
    return {
        **node(f"test_of_{name}", "staging/raw", "test", [f"model.nianbao.{name}"]),
        "depends_on": {"nodes": [f"model.nianbao.{name}"], "macros": ["macro.nianbao.used"]},
    }


test_of.__test__ = False


def source(table, name="raw", **more):
    return {
        "name": table,
        "unique_id": f"source.nianbao.{name}.{table}",
        "package_name": "nianbao",
        "resource_type": "source",
        "source_name": name,
        "fqn": ["nianbao", "staging", name, table],
        "description": "What stands in it",
        "source_description": "Who writes it",
        "loaded_at_query": "select now()",
        "freshness": {"warn_after": {"count": 400}},
        "tags": [],
        **more,
    }


def macro(name, head, arguments=(), **more):
    return {
        "name": name,
        "unique_id": f"macro.nianbao.{name}",
        "package_name": "nianbao",
        "resource_type": "macro",
        "macro_sql": "{%- macro " + head + " -%} 1 {%- endmacro -%}",
        "description": "What it gives.",
        "arguments": [{"name": a, "description": "What it takes"} for a in arguments],
        "depends_on": {"macros": []},
        **more,
    }


STAGED, JOINED, MART = "model.nianbao.stg_raw__a", "model.nianbao.int_joined", "model.nianbao.fct_a"
GOOD = {
    "nodes": {
        n["unique_id"]: n
        for n in (
            node("stg_raw__a", "staging/raw", reads=["source.nianbao.raw.a"]),
            node("int_joined", "intermediate/things", reads=[STAGED, "seed.nianbao.codes"]),
            node("fct_a", "marts/things", reads=[JOINED]),
            node("codes", "codes", "seed"),
            test_of("stg_raw__a"),
            test_of("int_joined"),
            test_of("fct_a"),
        )
    },
    "sources": {"source.nianbao.raw.a": source("a")},
    "macros": {m["unique_id"]: m for m in (macro("used", "used(a, b=[1, 2])", ["a", "b"]),)},
    "exposures": {"e": node("report", "marts", "exposure", [MART], unique_id="exposure.report")},
}


def changed(unique_id, **more):
    def change(manifest):
        part = next(p for p in manifest.values() if unique_id in p)
        part[unique_id] |= more

    return change


def reading(reader, *reads):
    return changed(reader, depends_on={"nodes": list(reads), "macros": []})


def added(part, new):
    return lambda manifest: manifest[part].update({new["unique_id"]: new})


BROKEN = [
    (rules.sources_are_read_in_staging_alone, reading(JOINED, "source.nianbao.raw.a")),
    (rules.sources_are_read_in_staging_alone, reading(MART, JOINED, "source.nianbao.raw.a")),
    (
        rules.a_source_table_is_staged_once,
        added("nodes", node("stg_raw__b", "staging/raw", reads=["source.nianbao.raw.a"])),
    ),
    (rules.staging_reads_nothing_but_sources, reading(STAGED, "seed.nianbao.codes")),
    (rules.layers_run_one_way, reading(JOINED, MART)),
    (rules.layers_run_one_way, reading(STAGED, JOINED)),
    (rules.names_say_the_layer, changed(STAGED, name="raw__a")),
    (rules.names_say_the_layer, changed(STAGED, name="stg_a")),
    (rules.names_say_the_layer, changed(JOINED, name="joined")),
    (rules.names_say_the_layer, changed(MART, name="int_a")),
    (rules.models_stand_in_a_subjects_folder, changed(MART, fqn=["nianbao", "marts", "fct_a"])),
    (rules.models_are_described_where_they_stand, changed(MART, patch_path=None)),
    (
        rules.models_are_described_where_they_stand,
        changed(MART, patch_path="nianbao://models/marts/_all.yml"),
    ),
    (rules.descriptions_end_in_the_grain, changed(MART, description="")),
    (rules.descriptions_end_in_the_grain, changed(MART, description="Grain: one thing. More.")),
    (rules.descriptions_end_in_the_grain, changed("seed.nianbao.codes", description="Codes.")),
    (
        rules.every_model_has_a_data_test,
        lambda manifest: manifest["nodes"].pop("test.nianbao.test_of_int_joined"),
    ),
    (rules.sources_are_described, changed("source.nianbao.raw.a", description="")),
    (rules.sources_are_described, changed("source.nianbao.raw.a", source_description="")),
    (rules.the_raw_zone_has_a_freshness, changed("source.nianbao.raw.a", loaded_at_query=None)),
    (
        rules.the_raw_zone_has_a_freshness,
        changed("source.nianbao.raw.a", freshness={"warn_after": {"count": None}}),
    ),
    (
        rules.macros_are_described_with_their_arguments,
        changed("macro.nianbao.used", description=""),
    ),
    (rules.macros_are_described_with_their_arguments, changed("macro.nianbao.used", arguments=[])),
    (
        rules.macros_are_described_with_their_arguments,
        added("macros", macro("other", "other()", ["gone"])),
    ),
    (rules.no_source_table_is_unused, added("sources", source("b"))),
    (rules.no_model_is_unused, added("nodes", node("fct_b", "marts/things"))),
    (rules.no_seed_is_unused, added("nodes", node("names", "names", "seed"))),
    (rules.no_macro_is_unused, added("macros", macro("other", "other()"))),
    (rules.no_macro_is_unused, added("macros", macro("spark__other", "spark__other()"))),
    (rules.no_macro_is_unused, added("macros", macro("materialization_table_duckdb", "m()"))),
    (
        rules.marts_have_an_enforced_contract,
        changed(MART, config={"contract": {"enforced": False}}),
    ),
    (rules.exposures_rest_on_marts_alone, reading("e", MART, JOINED)),
    (rules.a_tag_says_the_runs_step, changed(MART, tags=[])),
    (rules.a_tag_says_the_runs_step, changed(MART, tags=["before_gate", "after_gate"])),
    (rules.nothing_before_the_gate_reads_what_comes_after, changed(JOINED, tags=["after_gate"])),
    (
        rules.nothing_before_the_gate_reads_what_comes_after,
        changed("source.nianbao.raw.a", source_name="gate"),
    ),
]
EVERY = [*RULES, rules.no_model_is_unused, rules.no_seed_is_unused]


@pytest.mark.parametrize("rule", EVERY, ids=named)
def test_a_good_project_breaks_no_rule(rule):
    assert rule(GOOD) == []


@pytest.mark.parametrize(("rule", "broken"), BROKEN, ids=lambda case: getattr(case, "__name__", ""))
def test_a_rule_notices_what_breaks_it(rule, broken):
    manifest = copy.deepcopy(GOOD)
    broken(manifest)
    assert len(rule(manifest)) == 1


def test_every_rule_has_a_case_that_breaks_it():
    assert {rule for rule, _ in BROKEN} == set(EVERY)


def test_a_model_that_only_somebody_else_reads_is_used():
    manifest = copy.deepcopy(GOOD)
    manifest["exposures"].clear()
    assert rules.no_model_is_unused(manifest) == ["fct_a"]
    assert rules.no_model_is_unused(manifest, {"fct_a"}) == []
