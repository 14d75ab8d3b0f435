"""Every published figure traces to cells, and comes out again from what these cells say.

The recomputation is its own: it takes the traced cells alone, the declared expressions, and what no
school files (the roster, the catalogue of majors, the thresholds), and none of the facts.
"""

import csv
import hashlib
import io
import json
import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain
from types import SimpleNamespace

import duckdb
import jinja2
import openpyxl
import pandas as pd
import pytest
import yaml
from python_calamine import CalamineWorkbook

from orchestration.editions.trace import NothingToTrace, class_rows, opened_edition, trace_rows
from orchestration.forms.contract import SCHEMA_YEAR as YEAR
from orchestration.forms.contract import load_form
from orchestration.forms.staging import sql_type
from orchestration.ground.home import REPOSITORY
from orchestration.warehouse.models import make_views
from orchestration.warehouse.project import WRITTEN

EDITIONS = [(city, year) for city in ("baoji", "qingyang") for year in (2023, 2024)]
FILED = load_form(YEAR, [REPOSITORY / "forms"]).tables.values()
TYPES = {(table.id, column.id): sql_type(column) for table in FILED for column in table.columns}
# What the bureau's roster says of a school.
TYPES |= {("rosters", "school_code"): "string", ("rosters", "ownership"): "string"}
TYPES[("rosters", "is_monitored")] = "boolean"
CONDITION_CELLS = (
    *("campus_area_m2", "building_area_m2", "equipment_value_10k_cny", "books"),
    *("enrolled", "full_time_teachers"),
)
DERIVED = {"is_met", "is_monitored", "was_monitored", "is_meeting_all", "was_meeting_all"}


def documents():
    for path in sorted((WRITTEN / "models" / "marts" / "indicators").glob("*.yml")):
        yield yaml.safe_load(path.read_text(encoding="utf-8"))


MEASURES = {
    measure["name"]: (measure["agg"], str(measure.get("expr", measure["name"])), model["name"])
    for document in documents()
    for model in document.get("semantic_models", [])
    for measure in model["measures"]
}
METRICS = {m["name"]: m for document in documents() for m in document.get("metrics", [])}


def seed(name):
    text = (WRITTEN / "seeds" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@dataclass
class Reference:
    """What no school files."""

    rosters: dict
    majors: dict
    classes: dict
    standards: list
    standard_of: dict

    def standard(self, school_class, condition, year, province):
        """Return the row in force: the province's before the country's, then the newest."""
        rows = [
            row
            for row in self.standards
            if row["school_class"] == self.standard_of.get(school_class)
            and row["indicator"] == condition
            and int(row["since_year"]) <= year
            and row["province_code"] in {"", province}
        ]
        return max(rows, key=lambda row: (row["province_code"], row["since_year"]), default=None)


@pytest.fixture(scope="session")
def reference(samples):
    rows = samples.rows(
        "select city, year, school_code, is_monitored, province_code "
        "from stg_nianbao__rosters inner join stg_nianbao__cities using (city)"
    )
    return Reference(
        rosters={(year, school): rest for _, year, school, *rest in rows},
        majors={row["code"]: row for row in seed("majors")},
        classes={row["class_code"]: row for row in seed("major_classes")},
        standards=seed("conditions_standards"),
        standard_of={r["school_class"]: r["standards_class"] for r in seed("standards_classes")},
    )


@pytest.fixture(scope="session")
def traces(editions):
    """Return, by city and year, what is traced and what was published."""
    found = {}
    for key, folder in editions.items():
        with opened_edition(folder) as connection:
            published = connection.sql("from city_yearly_metrics").df()
            found[key] = (trace_rows(connection, *key), published)
    return found


# --- the cells ---------------------------------------------------------------------------------


def text_of(value):
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def grids_of(data, sheets):
    """Return the cells of each sheet of a workbook, or of a roster, which has one."""
    if "schools.csv" in sheets:
        return {"schools.csv": list(csv.reader(data.decode("utf-8-sig").splitlines()))}
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {
        sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in sheets
    }


def cells_that_differ(rows, read):
    """Return the cells that do not hold what the trace says was typed; `read` opens a hash."""
    differing = []
    cells = rows[["file_hash", "sheet", "cell", "typed"]].drop_duplicates()
    for file_hash, own in cells.groupby("file_hash"):
        grids = grids_of(read(file_hash), own["sheet"].unique())
        for _, sheet, cell, typed in own.itertuples(index=False):
            named, address = cell.split("!")
            row, column = openpyxl.utils.cell.coordinate_to_tuple(address)
            held = text_of(grids[sheet][row - 1][column - 1])
            if (named, held) != (sheet, typed):
                differing.append((file_hash, cell, typed, held))
    return differing


@pytest.fixture(scope="session")
def archived(samples):
    rosters = [path.read_bytes() for path in samples.home.cities.glob("*/schools.csv")]
    by_hash = {hashlib.sha256(data).hexdigest(): data for data in rosters}

    def read(file_hash):
        if file_hash in by_hash:
            return by_hash[file_hash]
        return next(samples.home.archive.glob(f"*/{file_hash}.*")).read_bytes()

    return read


@pytest.mark.parametrize("key", EDITIONS)
def test_each_cell_of_the_archived_workbooks_holds_what_the_trace_says(traces, archived, key):
    rows, _ = traces[key]
    assert len(rows) > 4000
    assert cells_that_differ(rows, archived) == []


def test_an_altered_copy_of_a_workbook_is_noticed(traces, archived):
    rows, _ = traces["qingyang", 2024]
    one = rows[rows["measure"].eq("graduates")].iloc[0]

    def altered(file_hash):
        data = archived(file_hash)
        if file_hash != one["file_hash"]:
            return data
        book = openpyxl.load_workbook(io.BytesIO(data))
        book[one["sheet"]][one["cell"].split("!")[1]] = int(one["typed"]) + 1
        copy = io.BytesIO()
        book.save(copy)
        return copy.getvalue()

    expected = (one["file_hash"], one["cell"], one["typed"], str(int(one["typed"]) + 1))
    assert cells_that_differ(rows, altered) == [expected]


# --- the figures, from these cells alone -------------------------------------------------------


def verdicts_of(cells, monitored, year, reference):
    """Return whether each condition that the school's class has is met; null where unknown."""
    number = {n: None if cells.get(n) is None else float(cells[n]) for n in CONDITION_CELLS}
    students, teachers = number["enrolled"], number["full_time_teachers"]

    def over(value, by, scale=1):
        return None if value is None or not by else scale * value / by

    values = {
        "campus_area": number["campus_area_m2"],
        "campus_area_per_student": over(number["campus_area_m2"], students),
        "building_area": number["building_area_m2"],
        "building_area_per_student": over(number["building_area_m2"], students),
        "full_time_teachers": teachers,
        "student_teacher_ratio": over(students or None, teachers),
        "equipment_value": number["equipment_value_10k_cny"],
        "equipment_value_per_student": over(number["equipment_value_10k_cny"], students, 10000),
        "books_per_student": over(number["books"], students),
    }
    verdicts = {}
    for condition, value in values.items():
        row = reference.standard(cells.get("school_class"), condition, year, monitored[1])
        if row is None:
            continue
        limit = float(row["threshold"])
        is_min = row["direction"] == "min"
        verdicts[condition] = (
            None if value is None else round(value, 6) >= limit if is_min else value <= limit
        )
    return verdicts


def meets_all(cells, monitored, year, reference):
    """Return whether all conditions that the school's class has are met; null where unknown."""
    verdicts = verdicts_of(cells, monitored, year, reference).values()
    return False if False in verdicts else None if None in verdicts else True


def judged_conditions(prefix, cells, school, year, reference):
    """Return whether the school is monitored and meets all conditions, as columns of a fact."""
    listed = reference.rosters[year, school]
    all_met = meets_all(cells, listed, year, reference)
    return {
        f"{prefix}_monitored": str(listed[0]),
        f"{prefix}_meeting_all": None if all_met is None else str(all_met),
    }


def derived(fact, cells, before, school, year, reference):
    """Return the rows of the fact that one filed row becomes, made from its cells."""
    if fact == "programme":
        code = cells.get("major_code") or ""
        known = reference.majors.get(code) or reference.classes.get(code[:4]) or {}
        return [cells | {name: known.get(name) for name in ("class_code", "category_code")}]
    if fact == "programme_theme":
        return [cells | {"theme": theme} for theme in (cells.get("themes") or "").split(";")]
    if fact == "condition_check":
        listed = reference.rosters.get((year, school))
        if not listed:
            return []
        verdicts = verdicts_of(cells, listed, year, reference)
        return [
            {"condition": condition, "is_monitored": str(listed[0]), "is_met": met and str(met)}
            for condition, met in verdicts.items()
        ]
    if fact == "roster_before":
        return [{"was_monitored": before["is_monitored"]}]
    if fact == "condition_school":
        return [cells | judged_conditions("is", cells, school, year, reference)]
    if fact == "condition_school_before":
        return [judged_conditions("was", before, school, year - 1, reference)]
    return [cells]


def key_of(name):
    """Return a name by its letters and digits, by Unicode's own account of them."""
    plain = unicodedata.normalize("NFKC", name).lower()
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] in "LNS")


def recomputed(rows, measure, year, reference):
    """Return a measure's value from its traced cells; null where no cell adds anything."""
    aggregation, expression, fact = MEASURES[measure]
    cells = {}
    for school, row_no, filed_year, name, value in rows[
        ["school_code", "row_no", "filed_year", "column_name", "value_read"]
    ].itertuples(index=False):
        years = cells.setdefault((school, row_no), ({}, {}))
        years[year - filed_year][name] = None if pd.isna(value) else value
    records = [
        row
        for (school, _), (now, before) in cells.items()
        for row in derived(fact, now, before, school, year, reference)
    ]
    words = set(re.findall("[a-z_][a-z0-9_]*", re.sub("'[^']*'", "", expression)))
    filed = {c: TYPES[t, c] for t, c in zip(rows["form_table"], rows["column_name"], strict=True)}
    types = filed | {n: "boolean" for n in DERIVED}
    keys = {f"{name}_key" for name in filed}
    named = words & {*filed, *DERIVED, *keys, "class_code", "category_code", "theme"}
    frame = pd.DataFrame(records, dtype=object)
    for name in named & keys:
        frame[name] = frame[name.removesuffix("_key")].map(key_of, na_action="ignore")
    frame = frame.reindex(columns=[*sorted(named), "one"])
    columns = [
        f"cast({name} as {types.get(name, 'string')}) as {name}" for name in sorted(named)
    ] or ["1 as one"]
    inner = f"(select {', '.join(columns)} from frame)"
    total = (
        f"count(distinct {expression})"
        if aggregation == "count_distinct"
        else f"sum(cast({expression} as decimal(38, 6)))"
    )
    # duckdb finds the frame by its name.
    frame = frame.astype("string")
    return duckdb.sql(f"select {total} from {inner}").fetchall()[0][0]


def printed(rows, metric, year, reference):
    """Return the figure of one indicator as a report would print it, from its cells."""
    meta, parts = metric["config"]["meta"], metric["type_params"]
    names = [parts[p] for p in ("measure", "numerator", "denominator") if p in parts]
    sides = ["numerator", "denominator"]
    values = [
        recomputed(rows[rows["part"].eq(part)], measure, year, reference)
        for measure, part in zip(names, sides, strict=False)
    ]
    if None in values or (len(values) == 2 and not values[1]):
        return None
    value = Decimal(values[0])
    if len(values) == 2:
        value = Decimal(meta.get("scale", 1)) * value / Decimal(values[1])
    return str(value.quantize(Decimal(1).scaleb(-meta["decimals"]), ROUND_HALF_UP))


def figures_that_differ(rows, published, year, reference):
    """Return the published figures that their cells do not give: id, as published, recomputed."""
    cells = dict(list(rows.groupby("indicator_id")))
    differing = []
    for indicator, said in zip(published["indicator_id"], published["value_printed"], strict=True):
        own = cells.get(indicator, rows.iloc[:0])
        figure = printed(own, METRICS[indicator], year, reference) if len(own) else "no cell"
        if figure != (None if pd.isna(said) else said):
            differing.append((indicator, said, figure))
    return differing


@pytest.mark.parametrize("key", EDITIONS)
def test_every_published_figure_comes_out_of_the_cells_that_it_names(traces, reference, key):
    rows, published = traces[key]
    differing = figures_that_differ(rows, published, key[1], reference)
    traced = 1 - len(differing) / len(published)
    print(f"{key}: {len(published)} figures, {traced:.0%} traced")
    assert len(published) > 110
    assert differing == []
    assert traced == 1


def test_a_cell_that_says_otherwise_changes_the_figures_that_rest_on_it(traces, reference):
    rows, published = traces["qingyang", 2024]
    one = rows[rows["measure"].eq("graduates")].iloc[0]
    theirs = rows["cell"].eq(one["cell"]) & rows["file_hash"].eq(one["file_hash"])
    altered = rows.assign(value_read=rows["value_read"].mask(theirs, "9999"))
    resting = set(rows.loc[theirs, "indicator_id"])
    some = published[published["indicator_id"].isin({*resting, "enrolled", "majors", "schools"})]
    found = figures_that_differ(altered, some, 2024, reference)
    assert {indicator for indicator, *_ in found} == resting >= {"graduates"}


def test_a_figure_without_its_cells_is_named(traces, reference):
    rows, published = traces["baoji", 2024]
    left = rows[rows["indicator_id"].ne("majors")]
    some = published[published["indicator_id"].isin({"enrolled", "majors", "schools"})]
    found = figures_that_differ(left, some, 2024, reference)
    assert [(indicator, figure) for indicator, _, figure in found] == [("majors", "no cell")]


def test_a_class_leads_to_the_cells_of_its_own_column_or_rows(editions):
    with opened_edition(editions["qingyang", 2024]) as connection:
        published = connection.sql(
            "select indicator_id, breakdown, class_code, numerator from fct_indicator_breakdown "
            "where area_level = 'city' and breakdown in ('age', 'sector', 'major_category') "
            "and indicator_id in ('full_time_teachers', 'directly_employed', 'enrolled')"
        ).fetchall()
        for indicator, breakdown, code, numerator in published:
            rows = class_rows(connection, "qingyang", 2024, indicator, f"{breakdown}={code}")
            assert rows["value_read"].astype(float).sum() == numerator, (indicator, code)
            if breakdown != "major_category":
                assert set(rows["column_name"]) == {code}
        with pytest.raises(NothingToTrace, match="age=age_under_35"):
            class_rows(connection, "qingyang", 2024, "full_time_teachers", "age=youth")
    assert len(published) > 20


@pytest.mark.parametrize("key", EDITIONS)
def test_contributions_of_a_class_add_up_to_its_figure(editions, key):
    with opened_edition(editions[key]) as connection:
        differing = connection.sql(
            "select indicator_id, breakdown, class_code, f.numerator, c.total "
            "from (from fct_indicator_breakdown where area_level = 'city') as f "
            "inner join (select indicator_id, breakdown, numerator as measure from dim_breakdown) "
            "as d using (indicator_id, breakdown) "
            "left join (select measure, breakdown, class_code, case when count(quantity) > 0 then "
            "cast(sum(cast(quantity as decimal(38, 6))) as double) else count(distinct counted) "
            "end as total from fct_contribution_by_class group by all) as c "
            "using (measure, breakdown, class_code) where f.numerator is distinct from c.total"
        ).fetchall()
    assert differing == []


@pytest.mark.parametrize("key", EDITIONS)
def test_contributions_add_up_to_the_published_numerators_and_denominators(editions, key):
    with opened_edition(editions[key]) as connection:
        differing = connection.sql(
            "select indicator_id, part, f.published, c.total from ("
            "unpivot (select m.indicator_id, m.numerator, m.denominator from city_yearly_metrics m)"
            " on numerator, denominator into name part value published) as f "
            "inner join (select indicator_id, 'numerator' as part, numerator as measure "
            "from dim_indicator union all select indicator_id, 'denominator', denominator "
            "from dim_indicator) as d using (indicator_id, part) "
            "left join (select measure, case when count(quantity) > 0 then "
            "cast(sum(cast(quantity as decimal(38, 6))) as double) else count(distinct counted) "
            "end as total from fct_contribution group by measure) as c using (measure) "
            "where f.published is distinct from c.total"
        ).fetchall()
    assert differing == []


@pytest.mark.parametrize("key", EDITIONS)
def test_what_the_cells_of_a_figure_add_is_the_figure(editions, key):
    """Every figure and every class of it, above and below the line: the column can be added up."""
    with opened_edition(editions[key]) as connection:
        make_views(connection, "trace_cells")
        differing, compared = [], 0
        for parts, joined_by in (
            (
                "from (unpivot (select indicator_id, cast(null as varchar) as breakdown, "
                "cast(null as varchar) as class_code, numerator, denominator "
                "from city_yearly_metrics) "
                "on numerator, denominator into name part value published)",
                "breakdown is null",
            ),
            (
                "from (unpivot (select indicator_id, breakdown, class_code, numerator, denominator "
                "from fct_indicator_breakdown where area_level = 'city') "
                "on numerator, denominator into name part value published)",
                "breakdown is not null",
            ),
        ):
            rows = connection.sql(
                f"with parts as ({parts}), added as (select indicator_id, breakdown, class_code, "
                "part, coalesce(sum(adds), 0) as total from trace_cells "
                f"where {joined_by} group by all) "
                "select parts.*, added.total from parts left join added on "
                "parts.indicator_id = added.indicator_id and parts.part = added.part and "
                "parts.breakdown is not distinct from added.breakdown and "
                "parts.class_code is not distinct from added.class_code "
                "where published is not null"
            ).fetchall()
            compared += len(rows)
            differing += [row for row in rows if row[-1] is None or abs(row[-1] - row[-2]) > 1e-6]
    assert differing == []
    assert compared > 100


# --- what is declared --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def manifest(samples):
    return json.loads(samples.home.manifest.read_text(encoding="utf-8"))


def test_every_measure_rests_on_cells_of_the_form_and_every_declared_place_exists(
    samples, manifest
):
    rows = samples.rows("select measure, kind, form_table, column_name from dim_measure_cell")
    cells = {(table, column) for _, kind, table, column in rows if kind == "cell"}
    # A ratio's side that is an indicator of its own is held to the filers that filed both.
    made = {
        f"{metric['type_params'][side]}_of_{name}"
        for name, metric in METRICS.items()
        if metric["type"] == "ratio"
        for side in ("numerator", "denominator")
    }
    measures = {measure for measure, kind, *_ in rows if kind == "cell"}
    assert set(MEASURES) == measures - made
    assert len(measures & made) == 11
    assert cells <= set(TYPES)
    declared = {
        (name.split("_")[0], place)
        for node in manifest["nodes"].values()
        for meta in [node["config"].get("meta", {}), *column_metas(node)]
        for name in meta
        if name.startswith(("cells", "references", "row_cells"))
        for place in (
            chain.from_iterable(meta[name].values()) if name == "cells_of_class" else meta[name]
        )
    }
    assert {place for kind, place in declared if kind != "references"} <= {
        f"{table}.{column}" for table, column in TYPES
    }
    used = {f"{table}.{column}" for _, kind, table, column in rows if kind == "reference"}
    assert used == {place for kind, place in declared if kind == "references"}


def column_metas(node):
    return [column["config"].get("meta", {}) for column in node["columns"].values()]


def resolved(columns, expression, form_tables=("students",), labels=("students.enrolled",)):
    """Return what the macro finds for an expression over a made-up fact, and what it refuses."""
    refused, found = [], []
    fact = SimpleNamespace(
        name="fct_made_up",
        columns={n: SimpleNamespace(config=SimpleNamespace(meta=m)) for n, m in columns.items()},
        config=SimpleNamespace(meta={"form_tables": form_tables, "row_cells": ["cover.code"]}),
    )
    text = (WRITTEN / "macros" / "trace.sql").read_text(encoding="utf-8")
    jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(
        text + "{{ cells_of_measure(fact, measure, labels) }}",
        globals={
            "fact": fact,
            "measure": SimpleNamespace(name="m", expr=expression),
            "labels": dict.fromkeys((*labels, "cover.code"), "text"),
            "modules": SimpleNamespace(re=re),
            "exceptions": SimpleNamespace(raise_compiler_error=refused.append),
            "return": found.extend,
        },
    ).render()
    return found, refused


def test_a_column_is_the_forms_column_of_its_name_unless_it_says_otherwise():
    enrolled = ("cell", 0, "students.enrolled", None)
    assert resolved({"enrolled": {}}, "enrolled") == ([enrolled], [])
    assert resolved({"enrolled": {}}, "case when kind = 'enrolled' then 1 end") == (
        [("cell", 0, "cover.code", None)],
        [],
    )
    made = {"size": {"cells_of_year_before": ["students.enrolled"]}}
    assert resolved(made, "cast(size > 2 as integer)")[0] == [
        ("cell", 1, "students.enrolled", None),
        ("cell", 0, "cover.code", None),
    ]
    by_class = {"teachers": {"cells_of_class": {"senior": ["students.enrolled"]}}}
    assert resolved(by_class, "teachers")[0] == [("cell", 0, "students.enrolled", "senior")]


@pytest.mark.parametrize(
    ("columns", "sheets"),
    [
        ({"size": {}}, ("students",)),
        ({"enrolled": {}}, ("students", "programmes")),
        ({"size": {"cells": ["students.gone"]}}, ("students",)),
        ({"size": {"cells_of_class": {"a": ["students.gone"]}}}, ("students",)),
        ({"size": {"references": ["rosters.gone"]}}, ("students",)),
    ],
)
def test_a_column_from_nowhere_or_from_two_places_is_refused(columns, sheets):
    labels = ("students.enrolled", "programmes.enrolled")
    # dbt stops at the first refusal; what the macro makes of the column afterwards is not used.
    try:
        _, refused = resolved(columns, next(iter(columns)), sheets, labels)
    except jinja2.UndefinedError as error:
        refused = [str(error)]
    assert refused
