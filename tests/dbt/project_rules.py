"""What a dbt project of ours keeps to, as dbt-project-evaluator has it: each rule names offenders.

A rule takes dbt's manifest and returns the names of what breaks it. What the project is made of,
ours and no package's, comes from `ours`.
"""

import re
from collections.abc import Iterator

LAYERS = ("staging", "intermediate", "marts")
PREFIXES = {
    "staging": ("stg_",),
    "intermediate": ("int_",),
    # A city's figures have the names that people know them by.
    "marts": ("dim_", "fct_", "city_", "published_", "trace_"),
}
GRAIN = re.compile(r"Grain:\s+(one|a)\b[^.]*\.$")
# What dbt itself calls, or MetricFlow.
CALLED_BY_TOOLS = {"metricflow_time_spine"}


def ours(manifest, kind) -> Iterator[dict]:
    """Yield the project's own nodes of a kind: model, test, seed, source, macro, exposure."""
    part = {"source": "sources", "macro": "macros", "exposure": "exposures"}.get(kind, "nodes")
    for node in manifest[part].values():
        if node["package_name"] == "nianbao" and node["resource_type"] == kind:
            yield node


def layer(node) -> str:
    """Return the first folder of a model; `seed` or `source` for what lies below all models."""
    return node["fqn"][1] if node["resource_type"] == "model" else node["resource_type"]


def parents(manifest, node) -> list[dict]:
    """Return the models, seeds and sources that a node reads."""
    every = manifest["nodes"] | manifest["sources"]
    return [every[name] for name in node["depends_on"]["nodes"] if name in every]


def sources_are_read_in_staging_alone(manifest):
    """A source has one door; whatever else reads it knows what only staging should know."""
    return [
        (model["name"], read["name"])
        for model in ours(manifest, "model")
        for read in parents(manifest, model)
        if read["resource_type"] == "source" and layer(model) != "staging"
    ]


def a_source_table_is_staged_once(manifest):
    """Two staging models of one table would be two truths; the long table of cells reads all."""
    found = {}
    for model in ours(manifest, "model"):
        reads = [r for r in parents(manifest, model) if r["resource_type"] == "source"]
        for read in reads if len(reads) == 1 else []:
            found.setdefault(read["unique_id"], []).append(model["name"])
    return [names for names in found.values() if len(names) > 1]


def staging_reads_nothing_but_sources(manifest):
    """Staging names and types what came in; what is combined is of the next layer."""
    return [
        (model["name"], read["name"])
        for model in ours(manifest, "model")
        for read in parents(manifest, model)
        if layer(model) == "staging" and read["resource_type"] != "source"
    ]


def layers_run_one_way(manifest):
    """No model reads a later layer."""
    return [
        (model["name"], read["name"])
        for model in ours(manifest, "model")
        for read in parents(manifest, model)
        if layer(model) in LAYERS
        and layer(read) in LAYERS
        and LAYERS.index(layer(read)) > LAYERS.index(layer(model))
    ]


def names_say_the_layer(manifest):
    """A model's name begins as its folder's do; a staging model's says source and table."""
    named = [
        model["name"]
        for model in ours(manifest, "model")
        if layer(model) in LAYERS and not model["name"].startswith(PREFIXES[layer(model)])
    ]
    return named + [
        model["name"]
        for model in ours(manifest, "model")
        if layer(model) == "staging" and "__" not in model["name"]
    ]


def models_stand_in_a_subjects_folder(manifest):
    """Within its layer a model has a folder, which is none of the run's steps."""
    return [
        model["name"]
        for model in ours(manifest, "model")
        if layer(model) in LAYERS and len(model["fqn"]) != 4
    ]


def models_are_described_where_they_stand(manifest):
    """A folder's YAML lies in the folder, so that nobody searches for it."""

    def folder(path):
        return path.removeprefix("nianbao://").rpartition("/")[0]

    return [
        model["name"]
        for model in ours(manifest, "model")
        if not model["patch_path"]
        or folder(model["patch_path"]) != folder(model["original_file_path"])
    ]


def descriptions_end_in_the_grain(manifest):
    """Who reads a table must know what one row of it is."""
    nodes = [*ours(manifest, "model"), *ours(manifest, "seed")]
    return [node["name"] for node in nodes if not GRAIN.search(node["description"].strip())]


def every_model_has_a_data_test(manifest):
    """Of a model without a test nobody would notice that its grain broke."""
    tested = {name for test in ours(manifest, "test") for name in test["depends_on"]["nodes"]}
    return [model["name"] for model in ours(manifest, "model") if model["unique_id"] not in tested]


def sources_are_described(manifest):
    """A source is what somebody else writes: its description is all that there is to know."""
    return [
        source["name"]
        for source in ours(manifest, "source")
        if not (source["description"] and source["source_description"])
    ]


def the_raw_zone_has_a_freshness(manifest):
    """What came in says when; what a run writes itself is as old as the run."""
    return [
        source["name"]
        for source in ours(manifest, "source")
        if source["source_name"] == "raw"
        and not (source["loaded_at_query"] and source["freshness"]["warn_after"]["count"])
    ]


def macros_are_described_with_their_arguments(manifest):
    """An engine's wording of a macro is described with the macro, a way to build with its own."""
    offenders = []
    for macro in ours(manifest, "macro"):
        if macro["name"].startswith(("default__", "spark__", "materialization_")):
            continue
        head = re.search(
            r"{%-?\s*(?:macro|test)\s+\w+\((.*?)\)\s*-?%}", macro["macro_sql"], re.DOTALL
        )
        taken = [part.split("=")[0].strip() for part in re.split(r",\s*(?![^\[]*\])", head[1])]
        said = [argument["name"] for argument in macro["arguments"] if argument["description"]]
        if not macro["description"] or said != [name for name in taken if name]:
            offenders.append(macro["name"])
    return offenders


def no_source_table_is_unused(manifest, read_elsewhere=frozenset()):
    """What is declared and read by nobody is a lie about the house."""
    used = {name for model in ours(manifest, "model") for name in model["depends_on"]["nodes"]}
    return [
        source["name"]
        for source in ours(manifest, "source")
        if source["unique_id"] not in used and source["name"] not in read_elsewhere
    ]


def no_model_is_unused(manifest, read_elsewhere=frozenset()):
    """A model is read by a model, by an exposure, or by somebody who says so."""
    readers = [*ours(manifest, "model"), *ours(manifest, "exposure")]
    used = {name for reader in readers for name in reader["depends_on"]["nodes"]}
    return [
        model["name"]
        for model in ours(manifest, "model")
        if model["unique_id"] not in used and model["name"] not in read_elsewhere | CALLED_BY_TOOLS
    ]


def no_seed_is_unused(manifest, read_elsewhere=frozenset()):
    """The same of a seed."""
    used = {name for model in ours(manifest, "model") for name in model["depends_on"]["nodes"]}
    return [
        seed["name"]
        for seed in ours(manifest, "seed")
        if seed["unique_id"] not in used and seed["name"] not in read_elsewhere
    ]


def no_macro_is_unused(manifest):
    """A macro that nothing calls is dead; an engine's wording is called by its dispatcher.

    How a kind of model is built is called by dbt for each model of that kind.
    """
    callers = [*manifest["nodes"].values(), *manifest["macros"].values()]
    used = {name for caller in callers for name in caller["depends_on"]["macros"]}
    kinds = {model["config"].get("materialized") for model in ours(manifest, "model")}
    built_by = {f"macro.nianbao.materialization_{kind}_duckdb" for kind in kinds}
    return [
        macro["name"]
        for macro in ours(manifest, "macro")
        if macro["unique_id"] not in used | built_by
        and not any(macro["name"] == f"spark__{name.rpartition('.')[2]}" for name in used)
    ]


def marts_have_an_enforced_contract(manifest):
    """What people read keeps its columns and types."""
    return [
        model["name"]
        for model in ours(manifest, "model")
        if layer(model) == "marts" and not model["config"]["contract"]["enforced"]
    ]


def exposures_rest_on_marts_alone(manifest):
    """Who uses the warehouse uses what has a contract."""
    return [
        (exposure["name"], read["name"])
        for exposure in ours(manifest, "exposure")
        for read in parents(manifest, exposure)
        if layer(read) != "marts"
    ]


def a_tag_says_the_runs_step(manifest):
    """A model without one would be built in neither of a run's two builds, one with both twice."""
    steps = {"before_gate", "after_gate"}
    return [
        node["name"]
        for node in [*ours(manifest, "model"), *ours(manifest, "seed")]
        if len(steps & set(node["tags"])) != 1
    ]


def nothing_before_the_gate_reads_what_comes_after(manifest):
    """The first build finds neither verdicts nor marts."""
    return [
        (model["name"], read["name"])
        for model in ours(manifest, "model")
        for read in parents(manifest, model)
        if "before_gate" in model["tags"]
        and ("after_gate" in read["tags"] or read.get("source_name") == "gate")
    ]
