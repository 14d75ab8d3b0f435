"""The seed cities' own templates, filled with what the sample schools filed."""

import csv
import re
import time
from decimal import Decimal

import pandas as pd
import pytest
from lxml import html

from orchestration.forms.contract import read_yaml
from orchestration.ground.home import REPOSITORY
from orchestration.report.charts import CHARTS
from orchestration.report.context import ReportContext
from orchestration.report.page import render_page
from orchestration.report.template import paragraphs
from orchestration.report.word import GENERIC_TEMPLATE, ReportContent, check_template, render_report

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


@pytest.fixture(scope="module")
def contents(samples):
    """Each city's year 2024 as its edition holds it."""
    found = {}
    for city in CITIES:
        tables = {
            name: samples.frame(f"from {name} where city = '{city}' and {years(name)} order by all")
            for name in TABLES
        }
        tables["dim_indicator"] = samples.frame("from dim_indicator order by all")
        tables["city"] = pd.DataFrame([read_yaml(REPOSITORY / "cities" / city / "city.yml")])
        found[city] = ReportContent(city, 2024, 1, "provisional", "2025-01-20T09:00:00", tables)
    return found


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
        assert check_template(GENERIC_TEMPLATE.read_bytes(), content) == []


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
