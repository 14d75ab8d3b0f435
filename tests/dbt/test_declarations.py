"""What is declared once: forms and the files made from them, metrics and what each must say."""

import csv
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
import yaml
from sqlfluff.core import FluffConfig, Linter

from orchestration.forms.contract import SCHEMA_YEAR as YEAR
from orchestration.forms.contract import load_codes, load_form, read_yaml
from orchestration.forms.staging import FACTS, FILED, STAGED, SUBMISSIONS
from orchestration.ground.home import REPOSITORY, Home
from orchestration.warehouse import dbt as warehouse
from orchestration.warehouse.project import WRITTEN, assemble, fingerprint, generated_files

REQUIRED = {"unit", "decimals", "section", "range"}
OPTIONAL = {"cities", "scale", "yoy_band_pct", "changed", "breakdowns"}
# What a semantic model says for all of its indicators, unless one says otherwise.
COVERAGE = {"population", "weight", "minimum_coverage_pct", "minimum_weight_pct"}
BREAKDOWN = {"breakdown_of", "breakdowns"}
CITIES = sorted(path.parent.name for path in (REPOSITORY / "cities").glob("*/city.yml"))


@pytest.fixture(scope="module")
def generated():
    return generated_files()


def documents():
    for path in sorted((WRITTEN / "models" / "marts" / "indicators").glob("*.yml")):
        yield path, yaml.safe_load(path.read_text(encoding="utf-8"))


METRICS = {m["name"]: m for _, document in documents() for m in document.get("metrics", [])}


def test_a_homes_project_is_what_is_written_and_what_is_made_of_the_forms(tmp_path, generated):
    home = Home(tmp_path)
    project = assemble(home)
    made = project / "generated"
    assert {p.relative_to(made) for p in made.rglob("*") if p.is_file()} == set(
        map(Path, generated)
    )
    assert (made / STAGED / "stg_nianbao__students.sql").read_text() in generated.values()
    for name in ("models", "macros", "seeds", "tests"):
        assert (project / name).resolve() == WRITTEN / name


def test_no_made_file_is_left_of_a_sheet_that_is_gone_and_none_is_touched_in_vain(tmp_path):
    project = assemble(Home(tmp_path))
    kept = project / "generated" / STAGED / "stg_nianbao__students.sql"
    made_at = kept.stat().st_mtime_ns
    gone = kept.with_name("stg_nianbao__gone.sql")
    gone.write_text("select 1")
    assemble(Home(tmp_path))
    assert not gone.exists()
    assert kept.stat().st_mtime_ns == made_at


def test_what_is_made_is_not_among_what_is_written(generated):
    written = {path.name for path in WRITTEN.rglob("*") if path.is_file()}
    assert written & {path.name for path in generated} == set()


def test_a_homes_project_has_its_time_zone_and_is_another_with_another(tmp_path):
    home = Home(tmp_path)
    before = fingerprint(home)
    assert read_yaml(assemble(home) / "dbt_project.yml")["vars"]["time_zone"] == "Asia/Shanghai"
    home.settings.write_text("time_zone: Asia/Urumqi\n")
    assert read_yaml(assemble(home) / "dbt_project.yml")["vars"]["time_zone"] == "Asia/Urumqi"
    assert fingerprint(home) != before


def test_every_sheet_is_staged_and_every_filed_fact_has_its_sheet(generated):
    form = load_form(YEAR, [REPOSITORY / "forms"])
    names = {path.stem for path in generated}
    assert {f"stg_nianbao__{table}" for table in form.tables} <= names
    assert set(FACTS) <= set(form.tables)


def test_no_made_model_names_a_column_twice(generated):
    for path, text in generated.items():
        body = re.search(r"^select\n(.*?)\nfrom ", text, re.DOTALL | re.MULTILINE)
        if path.suffix == ".sql" and body:
            names = [re.split(r"\.| ", line.strip(" ,"))[-1] for line in body[1].splitlines()]
            assert max(Counter(names).values()) == 1, path.name


def test_a_cover_keeps_what_it_says_apart_from_where_the_row_was_placed(generated):
    text = generated[STAGED / "stg_nianbao__cover.sql"]
    assert "school_code__read as filed_school_code," in text
    assert "try_cast(year__read as bigint) as filed_year," in text


@pytest.mark.parametrize(
    "path",
    [
        STAGED / "stg_nianbao__finance.sql",
        STAGED / "stg_nianbao__cells.sql",
        SUBMISSIONS / "int_submission_fields_joined.sql",
        FILED / "fct_finance.sql",
    ],
    ids=lambda path: path.stem,
)
def test_what_is_made_reads_like_what_is_written(generated, path):
    linter = Linter(config=FluffConfig.from_path(str(WRITTEN / "models")))
    found = linter.lint_string(generated[path], fname=path.name).get_violations()
    assert [str(violation) for violation in found] == []


def test_metric_names_are_unique():
    names = [m["name"] for _, document in documents() for m in document.get("metrics", [])]
    assert len(names) == len(set(names)) > 100


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_metric_says_all_that_is_asked_of_it(name):
    metric = METRICS[name]
    meta = metric["config"]["meta"]
    assert re.search(r"[\u4e00-\u9fff]", metric["label"])
    assert metric["description"].isascii()
    if "breakdown_of" in meta:
        assert set(meta) == BREAKDOWN
        assert "breakdown_of" not in METRICS[meta["breakdown_of"]]["config"]["meta"]
        return
    assert REQUIRED <= set(meta) <= REQUIRED | OPTIONAL | COVERAGE
    assert len(meta["range"]) == 2
    assert meta["decimals"] in range(5)
    assert set(meta.get("cities", [])) <= set(CITIES)
    if metric["type"] == "ratio":
        assert (meta["unit"] == "percent") == (meta.get("scale") == 100)
    if meta["unit"] == "percent":
        assert meta["range"] == [0, 100]


def test_an_indicator_is_broken_down_by_a_thing_in_one_place():
    pairs = [
        (meta.get("breakdown_of", name), breakdown)
        for name, metric in METRICS.items()
        for meta in [metric["config"]["meta"]]
        for breakdown in meta.get("breakdowns", ())
    ]
    assert len(pairs) == len(set(pairs)) > 15


def test_the_classes_of_code_lists_are_called_as_the_form_calls_them():
    with (WRITTEN / "seeds" / "breakdown_classes.csv").open(encoding="utf-8") as file:
        classes = {(r["breakdown"], r["class_code"]): r["name_zh"] for r in csv.DictReader(file)}
    codes = load_codes([REPOSITORY / "forms"])["ownership"]
    assert {(code.code, code.zh) for code in codes} == {
        (code, name)
        for (breakdown, code), name in classes.items()
        if breakdown == "ownership" and code != "other"
    }


def test_parts_of_ratios_have_names_and_are_used():
    measures = {
        measure["name"]: measure
        for _, document in documents()
        for model in document.get("semantic_models", [])
        for measure in model["measures"]
    }
    parts = {name for name, measure in measures.items() if measure.get("create_metric")}
    used = {
        metric["type_params"][side]
        for metric in METRICS.values()
        if metric["type"] == "ratio"
        for side in ("numerator", "denominator")
    }
    simple = {m["type_params"]["measure"] for m in METRICS.values() if m["type"] == "simple"}
    assert parts == used - set(METRICS)
    assert set(measures) == parts | simple
    for name in parts:
        assert re.search(r"[\u4e00-\u9fff]", measures[name]["label"])
        assert measures[name]["description"].isascii()


@pytest.mark.parametrize("city", CITIES)
def test_a_metric_names_the_cities_whose_report_prints_it(city):
    with (REPOSITORY / "cities" / city / "claims_2024.csv").open(encoding="utf-8") as file:
        printed = {r["indicator_id"] for r in csv.DictReader(file) if r["compare"] != "set"}
    declared = {n for n, m in METRICS.items() if city in m["config"]["meta"].get("cities", [])}
    assert declared == printed


def test_a_selection_that_names_nothing_stops_the_run(crafted):
    with pytest.raises(warehouse.BuildFailed, match="tag:nothing"):
        warehouse.build(crafted.home, "tag:nothing")


def test_a_home_that_was_copied_with_its_links_followed_is_put_right(tmp_path):
    home = Home(tmp_path / "home")
    project = assemble(home)
    macros = project / "macros"
    macros.unlink()
    macros.mkdir()
    (macros / "old.sql").write_text("{% macro old() %}{% endmacro %}", encoding="utf-8")
    assemble(home)
    assert macros.is_symlink() and not (macros / "old.sql").exists()


def test_a_home_is_parsed_once_and_a_copy_of_it_reads_its_own_files(tmp_path):
    first, copy = Home(tmp_path / "first"), Home(tmp_path / "copy")
    manifest = warehouse.parse(first)
    made = manifest.stat().st_mtime_ns
    assert warehouse.parse(first).stat().st_mtime_ns == made
    shutil.copytree(first.root, copy.root, symlinks=True)
    told = warehouse.parse(copy).read_text(encoding="utf-8")
    assert str(copy.root) in told
    assert str(first.root) not in told
