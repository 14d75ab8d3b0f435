"""What stands beside a figure says what its formula computes: names of indicators, sentences of
the reports' templates."""

import csv
import re
from functools import cache
from typing import NamedTuple

import pytest
import yaml

from orchestration.forms.contract import load_units
from orchestration.ground.home import REPOSITORY
from orchestration.report.figure import unit_key
from orchestration.report.template import paragraphs

INDICATORS = REPOSITORY / "dbt_project" / "models" / "marts" / "indicators"
TEMPLATES = {
    "qingyang": REPOSITORY / "cities" / "qingyang" / "report.docx",
    "baoji": REPOSITORY / "cities" / "baoji" / "report.docx",
    "generic": REPOSITORY / "orchestration" / "report" / "templates" / "report.docx",
}
LEVELS = ("世界级", "国家级", "省级", "市级", "校级")
# Who is named one by one ends so, wherever it lies; 职教集团, 企业, 职教中心 alone are kinds.
NAMED = re.compile(r"公司|基金会|职业中等专业学校|职专")
TAG = re.compile(r"\{[{%].*?[}%]\}")
ONLY_IN = re.compile(r"\{% if year == \d{4} %\}.*?\{% endif %\}")


class Indicator(NamedTuple):
    """An indicator as declared: its words, unit and the formula of its measure."""

    id: str
    zh: str
    en: str
    unit: str
    expr: str
    model: str


@cache
def indicators():
    found = {}
    for path in sorted(INDICATORS.glob("*.yml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for model in document.get("semantic_models", ()):
            measures = {measure["name"]: measure for measure in model["measures"]}
            for metric in document["metrics"]:
                meta, params = metric["config"]["meta"], metric["type_params"]
                measure = measures.get(params.get("measure", params.get("numerator")))
                if measure is None or "unit" not in meta:
                    continue
                found[metric["name"]] = Indicator(
                    *(metric[part] for part in ("name", "label", "description")),
                    meta["unit"],
                    measure.get("expr", measure["name"]),
                    model["name"],
                )
    return found


@cache
def codes():
    """The words of each code, by its column: {("level", "provincial"): {("省级", …)}, …}."""
    lists = yaml.safe_load((REPOSITORY / "forms" / "codes.yml").read_text(encoding="utf-8"))
    found = {}
    for name, entries in lists.items():
        columns = {name, name.rpartition("_")[2]}
        for entry in entries:
            for column in columns:
                zh = entry["zh"]
                if column == "level":
                    zh = f"{zh.removesuffix('级')}级"  # 省 alone would be found in any 省
                found.setdefault((column, entry["code"]), set()).add((zh, entry["en"]))
    return found


def conditions(expr):
    """The codes that a formula asks for: [("level", "provincial"), …]."""
    one = re.findall(r"(\w+) = '([^']+)'", expr)
    many = re.findall(r"(\w+) in \(([^)]*)\)", expr)
    return one + [(column, code) for column, held in many for code in re.findall(r"'(.*?)'", held)]


def plain(text):
    return text.lower().replace("-", " ")


def lacking(indicator, text_zh, text_en=None):
    """The codes of an indicator's formula whose words stand in neither text."""
    missed = []
    for condition in conditions(indicator.expr):
        names = codes()[condition]
        if not any(zh in text_zh for zh, _ in names):
            missed.append((condition, text_zh))
        if text_en is not None and not any(
            plain(en).rstrip("sy") in plain(text_en) for _, en in names
        ):
            missed.append((condition, text_en))
    return missed


@pytest.mark.parametrize("name", sorted(indicators()))
def test_an_indicators_name_says_every_code_that_its_formula_asks_for(name):
    indicator = indicators()[name]
    assert lacking(indicator, indicator.zh, indicator.en) == []


def test_a_name_that_leaves_a_code_out_is_seen():
    narrow = indicators()["class_teacher_contest_teachers"]
    assert lacking(narrow, "班主任能力比赛参赛教师数") == [
        (("level", "provincial"), "班主任能力比赛参赛教师数")
    ]


@pytest.mark.parametrize("name", sorted(indicators()))
def test_an_indicators_name_names_no_level_that_its_formula_does_not_ask_for(name):
    indicator = indicators()[name]
    if indicator.model not in ("contest", "course", "teacher_training", "training"):
        return  # elsewhere the level belongs to the name of the form's own column
    asked = {zh for condition in conditions(indicator.expr) for zh, _ in codes()[condition]}
    assert [level for level in LEVELS if level in indicator.zh and level not in asked] == []


@cache
def form_columns():
    """The Chinese name and unit of each column by its sheet and id."""
    found = {}
    for path in sorted((REPOSITORY / "forms" / "2024").glob("*.yml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for column in document.get("columns", ()):
            found[document["table"], column["id"]] = (column["label"], column.get("unit"))
    return found


def summed_columns():
    """The indicators that sum one column of a sheet as it stands, with that column."""
    sheets = {
        **{"staff": "staff", "student": "students", "destination": "destinations"},
        **{"finance": "finance", "condition": "conditions", "bureau": "bureau"},
    }
    return [
        (indicator, sheets[indicator.model], indicator.expr)
        for indicator in indicators().values()
        if indicator.model in sheets and (sheets[indicator.model], indicator.expr) in form_columns()
        if indicator.unit != "percent"
    ]


def test_an_indicator_that_sums_a_column_is_called_as_the_form_calls_it_with_its_unit():
    differ = {
        indicator.id: (indicator.zh, label, indicator.unit, unit)
        for indicator, sheet, column in summed_columns()
        for label, unit in [form_columns()[sheet, column]]
        if (indicator.zh, unit_key(indicator.unit)) != (label, unit)
    }
    assert len(summed_columns()) > 60
    assert differ == {}


@pytest.mark.parametrize("name", sorted(indicators()))
def test_person_times_are_no_persons(name):
    indicator = indicators()[name]
    assert ("人次" in indicator.zh) == (indicator.unit == "person-time")


# -- sentences of the templates --------------------------------------------------------------------


@cache
def body(template):
    """The template's paragraphs outside tables, those for one year alone left out."""
    found, is_for_one_year = [], False
    for paragraph in paragraphs(TEMPLATES[template].read_bytes())[0]:
        if paragraph.text.startswith("{%p if year =="):
            is_for_one_year = True
        elif paragraph.text == "{%p endif %}":
            is_for_one_year = False
        elif not is_for_one_year and not paragraph.in_row:
            found.append(ONLY_IN.sub("", paragraph.text))
    return found


def sentences(template):
    """Each sentence with figures, and the ids of these: [("毕业生{{ graduates }}人", […]), …]."""
    found = []
    for text in body(template):
        for sentence in re.split(r"[。；]", text):
            ids = [name for name in re.findall(r"\{\{ (\w+)", sentence) if name in indicators()]
            if ids:
                found.append((sentence, ids))
    return found


@cache
def proper_names():
    """The names of every city's schools and counties, and of the cities themselves."""
    with (REPOSITORY / "dbt_project" / "seeds" / "divisions.csv").open(encoding="utf-8-sig") as f:
        divisions = list(csv.DictReader(f))
    found = {row["name"] for row in divisions} | {row["city_name"] for row in divisions}
    found |= {name[:-1] for name in found if len(name) > 2}  # 西峰 for 西峰区
    for template in ("qingyang", "baoji"):
        roster = TEMPLATES[template].with_name("schools.csv")
        with roster.open(encoding="utf-8-sig") as f:
            found |= {row["school_name"] for row in csv.DictReader(f)}
    return found | {"徐州"}


def names_in(text):
    said = TAG.sub("", text)
    return sorted({name for name in proper_names() if name in said} | set(NAMED.findall(said)))


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_sentence_with_a_figure_names_one_school_firm_or_place(template):
    assert len(sentences(template)) >= 3
    assert {text: names_in(text) for text, _ in sentences(template) if names_in(text)} == {}


@pytest.mark.parametrize(
    "text",
    [
        "环县职业中等专业学校举办焊工岗前培训，培训{{ pre_job_trainees }}人次",
        "西峰职专承办培训{{ international_training_sessions }}期",
        "徐州市来访{{ exchange_received }}人",
        "与某某家电有限公司共建冠名班的学校{{ schools_with_named_classes }}所",
    ],
)
def test_a_name_beside_a_figure_is_seen(text):
    assert names_in(text)


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_names_one_school_is_printed_for_its_year_alone(template):
    assert {text: names_in(text) for text in body(template) if names_in(text)} == {}


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_sentence_says_every_code_that_the_formulas_of_its_figures_ask_for(template):
    missed = [
        (name, lacking(indicators()[name], sentence))
        for sentence, ids in sentences(template)
        for name in ids
        if lacking(indicators()[name], sentence)
    ]
    assert missed == []


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_words_behind_a_figure_are_its_unit(template):
    wrong = []
    for sentence, _ in sentences(template):
        printed = re.findall(r"\{\{ (\w+)(\.in_ten_thousands|\.at\(\d\))? \}\}(.{0,4})", sentence)
        for name, how, behind in printed:
            if name not in indicators():
                continue
            unit = load_units()[unit_key(indicators()[name].unit)]
            words = ("",) if unit.text.zh == "%" else (unit.text.zh, *unit.suffixes)
            if indicators()[name].unit == "person-time":
                words = ("人次",)
            if how == ".in_ten_thousands":
                words = tuple(f"万{word}" for word in words)
            is_other = indicators()[name].unit == "person" and behind.startswith("人次")
            if is_other or not behind.startswith(words):
                wrong.append((name, behind))
    assert wrong == []


# What each sentence with figures says and counts. A figure that is put into another sentence, or
# taken from it, is put here by whoever has held its words against the formula.
BESIDE = yaml.safe_load(
    (REPOSITORY / "tests" / "unit" / "words_beside_figures.yml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_sentence_stands_beside_the_figures_that_were_held_against_it(template):
    assert {TAG.sub("…", text).strip(): ids for text, ids in sentences(template)} == BESIDE[
        template
    ]
