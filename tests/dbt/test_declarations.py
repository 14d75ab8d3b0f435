"""What is declared once: forms and the files made from them, metrics and what each must say."""

import csv
import re
from collections import Counter

import pytest
import yaml

from orchestration.forms.contract import load_form
from orchestration.forms.staging import FACTS, MODELS, YEAR, generated_files
from orchestration.ground.home import REPOSITORY

REQUIRED = {"unit", "decimals", "section", "range"}
OPTIONAL = {"cities", "scale", "yoy_band_pct", "minimum_coverage_pct", "changed"}
CITIES = sorted(path.parent.name for path in (REPOSITORY / "cities").glob("*/city.yml"))


@pytest.fixture(scope="module")
def generated():
    return generated_files(load_form(YEAR, [REPOSITORY / "forms"]))


def documents():
    for path in sorted((MODELS / "marts" / "indicators").glob("*.yml")):
        yield path, yaml.safe_load(path.read_text(encoding="utf-8"))


METRICS = {m["name"]: m for _, document in documents() for m in document.get("metrics", [])}


def test_generated_files_are_fresh(generated):
    stale = [p.name for p, text in generated.items() if p.read_text(encoding="utf-8") != text]
    assert stale == [], "run: python -m orchestration.forms.staging"


def test_no_generated_file_is_left_of_a_sheet_that_is_gone(generated):
    folders = {MODELS / "staging", MODELS / "marts" / "filed"}
    files = {path for folder in folders for path in folder.iterdir()}
    marked = {p for p in files if "Generated from forms/" in p.read_text(encoding="utf-8")}
    assert marked == {path for path in generated if path.parent in folders}


def test_every_sheet_is_staged_and_every_filed_fact_has_its_sheet(generated):
    form = load_form(YEAR, [REPOSITORY / "forms"])
    names = {path.stem for path in generated}
    assert {f"stg_nianbao__{table}" for table in form.tables} <= names
    assert set(FACTS) <= set(form.tables)


def test_no_generated_model_names_a_column_twice(generated):
    for path, text in generated.items():
        if path.suffix == ".sql" and MODELS in path.parents:
            body = re.search(r"^select\n(.*?)\nfrom ", text, re.DOTALL | re.MULTILINE).group(1)
            names = [re.split(r"\.| ", line.strip(" ,"))[-1] for line in body.splitlines()]
            assert max(Counter(names).values()) == 1, path.name


def test_a_cover_keeps_what_it_says_apart_from_where_the_row_was_placed(generated):
    text = generated[MODELS / "staging" / "stg_nianbao__cover.sql"]
    assert "school_code__read as filed_school_code," in text
    assert "try_cast(year__read as bigint) as filed_year," in text


def test_metric_names_are_unique():
    names = [m["name"] for _, document in documents() for m in document.get("metrics", [])]
    assert len(names) == len(set(names)) > 100


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_metric_says_all_that_is_asked_of_it(name):
    metric = METRICS[name]
    meta = metric["config"]["meta"]
    assert REQUIRED <= set(meta) <= REQUIRED | OPTIONAL
    assert re.search(r"[\u4e00-\u9fff]", metric["label"])
    assert metric["description"].isascii()
    assert len(meta["range"]) == 2
    assert meta["decimals"] in range(5)
    assert set(meta.get("cities", [])) <= set(CITIES)
    if metric["type"] == "ratio":
        assert (meta["unit"] == "percent") == (meta.get("scale") == 100)
    if meta["unit"] == "percent":
        assert meta["range"] == [0, 100]


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
