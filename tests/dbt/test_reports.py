"""The seed cities' own templates, filled with what the sample schools filed."""

import csv
import io
import re
import time
import zipfile
from dataclasses import replace
from decimal import Decimal
from itertools import chain

import duckdb
import pandas as pd
import pytest
from gates import judge_cities_as
from lxml import html

from orchestration.editions.contents import city_tables
from orchestration.editions.withholding import withhold
from orchestration.forms.contract import read_yaml
from orchestration.ground.home import REPOSITORY
from orchestration.report.charts import CHARTS, chart
from orchestration.report.context import ReportContext
from orchestration.report.page import render_page
from orchestration.report.template import paragraphs
from orchestration.report.word import GENERIC_TEMPLATE, ReportContent, check_template, render_report
from orchestration.warehouse.dbt import compiled_models

CITIES = ("qingyang", "baoji")
TABLES = (
    *("city_yearly_metrics", "dim_school", "fct_school", "fct_student", "fct_staff"),
    *("fct_destination", "fct_condition_check", "fct_condition_school"),
    *("fct_indicator", "fct_indicator_breakdown", "fct_indicator_trend"),
    *("fct_decision", "fct_submission"),
)
NO_TRACE = pd.DataFrame(
    columns=[
        *("indicator_id", "part", "measure", "school_code", "school_name", "value", "cells"),
        *("file_name", "file_hash"),
    ]
)


def years(table):
    return "year <= 2024" if table == "fct_indicator_trend" else "year = 2024"


def contents_of(warehouse):
    """Each city's year 2024 as its edition holds it."""
    found = {}
    for city in CITIES:
        tables = {
            name: warehouse.frame(
                f"from {name} where city = '{city}' and {years(name)} order by all"
            )
            for name in TABLES
        }
        tables["dim_indicator"] = warehouse.frame("from dim_indicator order by all")
        tables["city"] = pd.DataFrame([read_yaml(REPOSITORY / "cities" / city / "city.yml")])
        found[city] = ReportContent(city, 2024, 1, "provisional", "2025-01-20T09:00:00", tables)
    return found


@pytest.fixture(scope="module")
def contents(samples):
    return contents_of(samples)


@pytest.fixture
def with_blank_ages(samples, tmp_path):
    """Return Qingyang's year as published where its first schools left the teachers' ages blank."""

    def made(schools):
        home = samples.copy(tmp_path)
        with duckdb.connect(str(home.warehouse)) as connection:
            connection.execute(
                "update fct_staff set age_under_35 = null, age_35_to_44 = null, "
                "age_45_to_54 = null, age_55_and_over = null where year = 2024 and school_code in "
                "(select school_code from fct_staff where city = 'qingyang' and year = 2024 "
                "order by full_time_teachers desc limit ?)",
                [schools],
            )
            compiled = compiled_models(home)
            for name in ("fct_teacher_age", "fct_indicator_breakdown"):
                connection.execute(f"create or replace table {name} as {compiled[name].sql}")
            withhold(connection)
        return contents_of(replace(samples, home=home))["qingyang"]

    return made


@pytest.fixture
def after_a_red_year(samples, tmp_path):
    """Qingyang's 2024 as its edition holds it, where the gate of 2023 is red."""
    home = samples.copy(tmp_path)
    judge_cities_as(home, blocked={("qingyang", 2023)})
    tables = {
        name: table.to_pandas() for name, table in city_tables(home, "qingyang", 2024).items()
    }
    return ReportContent("qingyang", 2024, 1, "provisional", "2025-01-20T09:00:00", tables)


def template_of(city):
    return (REPOSITORY / "cities" / city / "report.docx").read_bytes()


def named(template):
    """The names that a template's tags print, without what they are asked for."""
    text = "\n".join(paragraph.text for part in paragraphs(template) for paragraph in part)
    return set(re.findall(r"\{\{ ([a-z_0-9]+)", text))


def claims(city):
    path = REPOSITORY / "cities" / city / "claims_2024.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row["indicator_id"]]


def test_a_figure_of_a_year_that_its_gate_stopped_is_a_dash_that_names_the_year(after_a_red_year):
    content = after_a_red_year
    held = {row["indicator_id"] for row in content.rows("dim_indicator") if row["years_before"]}
    missed = []
    context = ReportContext(
        content, lambda *said: missed.append(said), lambda name: "", list(CHARTS)
    )
    for name in held:
        assert str(context.figures[name]) == "—（2023年数字不予公布）"
    assert {figure.indicator_id for figure, _ in missed} == held
    figure, reason = missed[0]
    assert "2023年关卡未通过" in reason.of(figure).zh and "of 2023" in reason.of(figure).en
    # Nothing else of the year 2024 is withheld by it, and no table has what is.
    for table in ("city_yearly_metrics", "fct_indicator", "fct_indicator_trend"):
        rows = [
            row
            for row in content.rows(table)
            if row["year"] == 2024 and row["status"] == "withheld"
        ]
        assert {row["indicator_id"] for row in rows} == held
        assert all(row["value"] is None or row["value"] != row["value"] for row in rows)
    (claim,) = [row for row in content.rows("fct_claim") if row["indicator_id"] in held]
    assert (claim["printed"], claim["computed"], claim["verdict"]) == ("81.82", None, "withheld")
    assert all(figure.last_year is None for figure in context.figures.values())


def shown_text(page):
    (main,) = html.document_fromstring(page).xpath("//main")
    return main.text_content()


@pytest.mark.parametrize("city", CITIES)
def test_each_figure_that_the_report_printed_is_a_placeholder_and_each_placeholder_is_known(
    city, contents
):
    printed = {claim["indicator_id"] for claim in claims(city)}
    assert printed <= named(template_of(city))
    context = ReportContext(contents[city], lambda *_: "", str, list(CHARTS))
    loops = {"school", "c", "d", "s", "v", "i", "e", "note"}
    assert named(template_of(city)) <= context.placeholders.keys() | loops
    assert not context.figures.keys() & {"city", "year", "edition", "table", "chart", "names"}


@pytest.mark.parametrize("city", CITIES)
def test_each_printed_figure_stands_in_the_report_again(city, contents):
    page = render_page(template_of(city), contents[city], NO_TRACE)
    links = html.document_fromstring(page).xpath("//main//a[@class='figure']")
    found = {}
    for link in links:
        found.setdefault(link.get("href"), set()).add(link.text.removesuffix("%"))
    for claim in claims(city):
        if claim["compare"] == "set":
            assert set(claim["printed"].split(";")) <= set(
                re.split("[、，。]|为", shown_text(page))
            )
            continue
        figures = found[f"#trace-{claim['indicator_id']}"]
        if claim["compare"] == "ge":
            assert all(Decimal(figure) >= Decimal(claim["printed"]) for figure in figures)
        else:
            scaled = str(Decimal(claim["printed"]).scaleb(-4).normalize())  # printed in 万
            assert figures & {claim["printed"], scaled}, claim["claim_id"]


def test_a_chart_whose_classes_lack_one_school_says_so(with_blank_ages, contents):
    content, whole = with_blank_ages(1), contents["qingyang"]
    drawn, before = chart("teachers", content), chart("teachers", whole)
    lacking = [
        (then - now)
        for now, then in zip(drawn.series[0].values, before.series[0].values, strict=True)
    ]
    assert [group for group, lacks in zip(drawn.groups, lacking, strict=True) if lacks] == [
        "年龄"
    ] * 4
    assert before.note.zh == ""
    assert set(before.series[0].coverage) == {"15/15"}
    assert drawn.note.zh == "年龄：15所学校中统计14所。"
    assert drawn.series[0].coverage == ("15/15",) * 7 + ("14/15",) * 4
    assert drawn.note.zh in render_page(template_of("qingyang"), content, NO_TRACE)
    with zipfile.ZipFile(io.BytesIO(render_report(template_of("qingyang"), content))) as report:
        assert drawn.note.zh in report.read("word/document.xml").decode()


@pytest.mark.parametrize("city", CITIES)
def test_the_chart_of_conditions_counts_the_monitored_schools_alone(city, contents):
    drawn = chart("conditions", contents[city])
    monitored = int(contents[city].tables["dim_school"]["is_monitored"].sum())
    assert {*chain(*(series.coverage for series in drawn.series))} == {f"{monitored}/{monitored}"}
    bars = zip(*(series.values for series in drawn.series), strict=True)
    assert {sum(bar) for bar in bars} == {monitored}
    assert drawn.note.zh == "只计纳入监测的学校。"


def test_classes_that_too_many_schools_left_blank_are_withheld_together(with_blank_ages):
    content = with_blank_ages(4)
    drawn = chart("teachers", content)
    values = dict(zip(drawn.rows, drawn.series[0].values, strict=True))
    assert drawn.note.zh == "年龄不予公布：15所学校中统计11所。"
    assert values["35岁以下"] is values["55岁及以上"] is None
    assert values["正高级"] > 0
    of_ages = content.tables["fct_indicator_breakdown"].query("breakdown == 'age'")
    of_city = of_ages[of_ages["area_level"] == "city"]
    assert set(of_city["status"]) == {"withheld"}
    assert of_city[["value", "numerator", "share_pct", "value_rank"]].isna().all(axis=None)


@pytest.mark.parametrize("city", CITIES)
def test_report_and_page_are_made_in_seconds_and_are_small(city, contents):
    began = time.monotonic()
    report = render_report(template_of(city), contents[city])
    page = render_page(template_of(city), contents[city], NO_TRACE)
    assert time.monotonic() - began < 30  # about 3 s on an idle machine
    assert len(report) < 1_000_000
    assert len(page.encode()) < 4_000_000
    assert render_report(template_of(city), contents[city]) == report


def test_the_generic_template_fits_any_city(contents):
    for content in contents.values():
        assert check_template(GENERIC_TEMPLATE.read_bytes(), content) == ([], [])


@pytest.mark.parametrize("city", CITIES)
def test_every_school_and_every_condition_has_its_row(city, contents):
    tables = html.document_fromstring(
        render_page(template_of(city), contents[city], NO_TRACE)
    ).xpath("//main//div[@class='table'][@aria-label]")
    by_caption = {table.get("aria-label"): table for table in tables}
    schools = list(contents[city].tables["dim_school"]["school_name"])
    (of_schools,) = (t for name, t in by_caption.items() if "基本情况" in name)
    assert [row[1].text_content() for row in of_schools.xpath(".//tbody/tr")] == schools
    (of_conditions,) = (t for name, t in by_caption.items() if "办学条件" in name)
    assert {len(row) for row in of_conditions.xpath(".//tr")} == {3 + 9}


def test_each_row_of_the_outlines_names_an_indicator_there_is_or_none(samples):
    missing = samples.rows(
        "select table_name, row_no, indicator_id from annual_report_tables "
        "where indicator_id is not null and indicator_id not in "
        "(select indicator_id from dim_indicator)"
    )
    assert missing == []
    ((rows, filled, vouched),) = samples.rows(
        "select count(*), count(indicator_id), count(evidence_zh) from annual_report_tables"
    )
    assert (rows, vouched) == (315, 315)
    assert filled > 40
