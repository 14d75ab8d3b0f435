"""Trace: from a published figure back to the cells it was made from, and who accepted them.

What belongs here: what the command, the report's page and the workbook's sheet show of a trace.
What does not: what a figure rests on, which the warehouse's models say (models/marts/trace/), and
how a trace looks (cli/terminal.py, report pages).
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.ground.files import safe_cell
from orchestration.ground.text import NianbaoError, Term, Text
from orchestration.warehouse.dbt import quoted
from orchestration.warehouse.models import make_views

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

BUREAU = Text("市级填报", "Bureau")  # who filed what no school did
# One row a cell that a figure rests on; the columns after `file_hash` are for those who add up.
COLUMNS = (
    *("indicator_id", "part", "measure", "school_code", "school_name", "submission_id"),
    *("contribution", "sheet", "cell", "column_name", "typed", "file_name", "file_hash"),
    *("filed_year", "form_table", "row_no", "label", "value_read", "aggregation"),
    *("counted", "not_counted_because"),
)
_ORDER = (
    "order by indicator_id, part desc, school_code, row_no, counted, filed_year desc, form_table, "
    "cell"
)
_TABLES = {
    *("city_yearly_metrics", "dim_indicator", "dim_measure_cell", "dim_school", "fct_cell"),
    *("fct_condition_check", "fct_condition_check_before", "fct_contribution"),
    *("fct_decision", "fct_finding", "fct_indicator"),
}
# What editions of version 0.1.0 lack: tables and their columns. Their figures have no classes.
_LACKED_BY_OLDER = {
    "dim_breakdown": ("indicator_id", "breakdown", "numerator", "denominator"),
    "dim_measure_cell": ("class_code",),
    "fct_contribution_by_class": (
        *("city", "year", "school_code", "measure", "breakdown", "class_code", "row_no"),
        *("quantity", "counted"),
    ),
    "fct_indicator": ("city",),
    "fct_indicator_breakdown": (
        *("city", "year", "area_level", "indicator_id", "breakdown", "class_code"),
    ),
    "fct_roster_before": ("city", "year", "school_code", "school_name"),
    "fct_school_not_counted": ("city", "year", "school_code", "indicator_id", "reason"),
}
_PARTS = ("numerator", "denominator")


class NotCounted(Term):
    """Why a figure does not count a school, as fct_school_not_counted has it."""

    not_in_population = "not_in_population", "不在应报范围", "not of those who could file it"
    excluded = "excluded", "已具名排除", "excluded by name"
    not_accepted = "not_accepted", "没有通过的填报", "nothing accepted"
    blank = "blank", "有空白", "left blank"


class NothingToTrace(NianbaoError):
    """There is no such figure; the message says what there is instead."""


@dataclass(frozen=True)
class Part:
    """A numerator or denominator: its names, how it is computed, its value over the city."""

    part: str
    measure: str
    name_zh: str
    name_en: str
    formula: str
    value: float | None


@dataclass(frozen=True)
class Trace:
    """A published figure and all it rests on; the frames are in the order of schools and rows.

    `definition` is the row of dim_indicator, `figure` that of city_yearly_metrics. `schools` is
    `by_school`, `cells` is `trace_rows` of this figure. `decisions` has one row a decision on a
    finding of the submissions. `references` has one row a place that no school filed: measure,
    place, label, years_before. `conditions` has one row a condition of a school and year where the
    figure says whether they are met.
    """

    city: str
    year: int
    definition: dict[str, Any]
    figure: dict[str, Any]
    value: float | None
    value_printed: str | None
    parts: tuple[Part, ...]
    schools: pd.DataFrame
    cells: pd.DataFrame
    decisions: pd.DataFrame
    references: pd.DataFrame
    conditions: pd.DataFrame


@contextlib.contextmanager
def opened_edition(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an edition's folder as a database in memory, each of its tables under its plain name.

    Raises `NothingToTrace` where the folder lacks tables that a trace is made from.
    """
    import duckdb

    files = sorted((folder / "tables").glob("*.parquet"))
    missing = sorted(_TABLES - {file.stem for file in files})
    if missing:
        raise NothingToTrace(
            f"{folder} 无法追溯，缺少：{', '.join(missing)}。",
            f"{folder} cannot be traced; it lacks {', '.join(missing)}.",
        )
    with contextlib.closing(duckdb.connect()) as connection:
        given = {file.stem: f"from read_parquet({quoted(file)})" for file in files}
        for name, columns in _LACKED_BY_OLDER.items():
            none = f"select {', '.join(f'null as {column}' for column in columns)} where false"
            given[name] = f"{given[name]} union all by name {none}" if name in given else none
        for name, query in given.items():
            connection.execute(f'create view "{name}" as {query}')
        yield connection


def trace_rows(
    connection: duckdb.DuckDBPyConnection,
    city: str,
    year: int,
    which: str = "breakdown is null",
    **values: str,
) -> pd.DataFrame:
    """Return every cell that the city's figures of the year rest on; columns as in `COLUMNS`.

    One row a cell, filed row and part of an indicator. `contribution` is what the cell adds, so
    that those of a part add up to it, missing where the school is not counted, for
    `not_counted_because` (a `NotCounted`); `counted` the key that a distinct count meets there.
    What bureaus filed has no school_code.
    `which` narrows it, as SQL over `trace_cells` with `values` as its parameters.
    """
    make_views(connection, "trace_cells")
    frame = connection.execute(
        "select c.*, n.reason as not_counted_because from trace_cells as c "
        "left join fct_school_not_counted as n using (city, year, indicator_id, school_code) "
        f"where city = $city and year = $year and {which} {_ORDER}",
        {"city": city, "year": year, **values},
    ).df()
    adds = frame["adds"].where(frame["not_counted_because"].isna())
    frame["contribution"] = adds.map(plain, na_action="ignore").astype(object)
    frame["school_name"] = frame["school_name"].where(frame["school_code"].notna(), str(BUREAU))
    return frame[list(COLUMNS)]


def class_rows(
    connection: duckdb.DuckDBPyConnection, city: str, year: int, indicator_id: str, of_class: str
) -> pd.DataFrame:
    """Return every cell that one class of a broken down figure rests on; else as `trace_rows`.

    `of_class` is a breakdown and a class of it, `age=age_under_35`. Raises `NothingToTrace` where
    the edition has no such class, with the classes that it has.
    """
    which = "indicator_id = $indicator and breakdown || '=' || class_code = $of_class"
    rows = trace_rows(connection, city, year, which, indicator=indicator_id, of_class=of_class)
    if rows.empty:
        classes = connection.execute(
            "select distinct breakdown || '=' || class_code as name from trace_cells "
            "where city = ? and year = ? and indicator_id = ? and breakdown is not null "
            "order by name",
            [city, year, indicator_id],
        ).fetchall()
        names = ", ".join(name for (name,) in classes) or "-"
        raise NothingToTrace(
            f"“{indicator_id}”没有分组 {of_class}，现有：{names}。",
            f"'{indicator_id}' has no class {of_class}; there are: {names}.",
        )
    return rows


def plain(number: float) -> str:
    """Return a number as a person writes it: 1793 and 12.5, not 1793.0."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def by_school(
    connection: duckdb.DuckDBPyConnection, city: str, year: int, rows: pd.DataFrame
) -> pd.DataFrame:
    """Return each school's own part of each figure of `trace_rows`, also that it has none.

    One row an indicator, part and school: indicator_id, part, measure, school_code, school_name,
    value, is_counted and not_counted_because (as `trace_schools` has them), and as lists `cells`
    (`毕业生去向!C5 = 1793`) and `files`, a name and a hash for each that the cells stand in.
    """
    import pandas as pd

    make_views(connection, "trace_schools")
    found = connection.execute(
        "select indicator_id, part, measure, school_code, school_name, value, is_counted, "
        "not_counted_because from trace_schools "
        "where city = ? and year = ? and list_contains(?, indicator_id) "
        "order by indicator_id, part desc, school_code",
        [city, year, rows["indicator_id"].unique().tolist()],
    ).df()
    # Where a bureau alone filed, the codes would be taken for missing numbers.
    found = found.astype({"school_code": object})
    found["school_name"] = found["school_name"].where(found["school_code"].notna(), str(BUREAU))
    named = rows.assign(
        cells=rows["cell"] + " = " + rows["typed"],
        files=pd.Series(
            zip(rows["file_name"], rows["file_hash"], strict=True), rows.index, dtype=object
        ),
    )
    key = ["indicator_id", "part", "school_code"]
    listed = named.groupby(key, sort=False, dropna=False)[["cells", "files"]].agg(_once_each)
    found = found.merge(listed.reset_index().astype({"school_code": object}), "left", on=key)
    for name in ("cells", "files"):
        found[name] = [known if isinstance(known, list) else [] for known in found[name]]
    return found


def counted_or_why(row: Mapping[str, Any]) -> Text:
    """Return whether a figure counts a school, and why not; nothing where an edition is silent."""
    if row["not_counted_because"]:
        why = NotCounted(row["not_counted_because"])
        return Text(f"未计入：{why.zh}", f"not counted: {why.en}")
    return Text("计入", "counted") if row["is_counted"] else Text("", "")


def _once_each(values: pd.Series) -> list[Any]:
    return list(dict.fromkeys(values))


def as_csv(rows: pd.DataFrame) -> str:
    """Return `trace_rows` as CSV; what a spreadsheet would take for a formula stands quoted."""
    texts = rows.select_dtypes(exclude="number").columns
    return rows.assign(**rows[texts].map(safe_cell)).to_csv(index=False)


def trace_of(
    connection: duckdb.DuckDBPyConnection, city: str, year: int, indicator_id: str
) -> Trace:
    """Return all that one published figure rests on.

    Raises `NothingToTrace` for a city, year or indicator without a figure, with near names.
    """
    figure = _figure(connection, city, year, indicator_id)
    place = {"city": city, "year": year}
    (definition,) = _rows(
        connection, "select * from dim_indicator where indicator_id = $id", id=indicator_id
    )
    parts = tuple(
        Part(
            part,
            definition[part],
            definition[f"{part}_name_zh"],
            definition[f"{part}_name_en"],
            definition[f"{part}_formula"],
            figure[part],
        )
        for part in _PARTS
        if definition[part] is not None
    )
    which = "breakdown is null and indicator_id = $indicator"
    cells = trace_rows(connection, city, year, which, indicator=indicator_id)
    submissions = cells["submission_id"].dropna().unique().tolist()
    make_views(connection, "trace_references", "trace_conditions", "trace_decisions")
    references = connection.execute(
        "select * from trace_references where list_contains(?, measure) order by all",
        [[part.measure for part in parts]],
    ).df()
    thresholds = references[references["place"].str.startswith("conditions_standards.")]
    conditions = connection.execute(
        "select * from trace_conditions where city = $city and year = $year "
        "and list_contains($years_before, years_before) "
        "order by checked_year desc, school_code, condition",
        {**place, "years_before": [int(years) for years in set(thresholds["years_before"])]},
    ).df()
    decisions = connection.execute(
        "select * from trace_decisions where city = $city and year = $year "
        "and list_contains($submissions, submission_id) "
        "order by decided_at, decision_id, finding_id",
        {**place, "submissions": submissions},
    ).df()
    return Trace(
        city=city,
        year=year,
        definition=definition,
        figure=figure,
        value=figure["value"],
        value_printed=figure["value_printed"],
        parts=parts,
        schools=by_school(connection, city, year, cells),
        cells=cells,
        decisions=decisions,
        references=references,
        conditions=conditions[conditions["school_code"].isin(cells["school_code"])],
    )


def _figure(
    connection: duckdb.DuckDBPyConnection, city: str, year: int, indicator_id: str
) -> dict[str, Any]:
    """Return the figure's row of city_yearly_metrics, or say what there is instead."""
    query = "from city_yearly_metrics where city = $city and year = $year and indicator_id = $id"
    if found := _rows(connection, query, city=city, year=year, id=indicator_id):
        return found[0]
    known = connection.sql("select distinct city, year from city_yearly_metrics order by all")
    places = [f"{city} {year}" for city, year in known.fetchall()]
    if f"{city} {year}" not in places:
        names = ", ".join(places) or "-"
        raise NothingToTrace(
            f"没有 {city} {year} 年的数字，现有：{names}。",
            f"There are no figures of {city} {year}; there are: {names}.",
        )
    names_known = connection.execute(
        "select indicator_id, name_zh from city_yearly_metrics where city = ? and year = ?",
        [city, year],
    ).fetchall()
    ids = {word: name for name, name_zh in names_known for word in (name, name_zh)}
    near = difflib.get_close_matches(indicator_id, ids, n=5, cutoff=0.5)
    names = ", ".join(dict.fromkeys(ids[word] for word in near)) or "-"
    raise NothingToTrace(
        f"{city} {year} 年没有发布指标“{indicator_id}”，相近的有：{names}。",
        f"{city} {year} publishes no figure '{indicator_id}'; near names: {names}.",
    )


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, **values: object
) -> list[dict[str, Any]]:
    return connection.sql(query, params=values).to_arrow_table().to_pylist()
