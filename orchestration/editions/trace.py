"""Trace: from a published figure back to the cells it was made from, and who accepted them.

What belongs here: the one query behind every trace, and what the command, the report's page and the
workbook's sheet show of it. What does not: what a measure reads, which the warehouse declares
(dim_measure_cell, fct_contribution, fct_cell), and how a trace looks (cli/terminal.py, report
pages).
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

BUREAU = "市级填报 Bureau"
# One row a cell that a figure rests on; the columns after `file_hash` are for those who add up.
COLUMNS = (
    *("indicator_id", "part", "measure", "school_code", "school_name", "submission_id"),
    *("contribution", "sheet", "cell", "column_name", "typed", "file_name", "file_hash"),
    *("filed_year", "form_table", "row_no", "label", "value_read", "aggregation"),
)
TRACE_SQL = """
with

parts as (

    select indicator_id, 'numerator' as part, numerator as measure
    from dim_indicator
    union all
    select indicator_id, 'denominator' as part, denominator as measure
    from dim_indicator
    where denominator is not null

),

-- Which class reads a cell is nothing to the figure over all classes.
sources as (

    select distinct
        measure,
        form_table,
        column_name,
        label,
        years_before,
        is_on_row,
        aggregation
    from dim_measure_cell
    where kind = 'cell'

)

select
    figures.indicator_id,
    parts.part,
    parts.measure,
    contributions.school_code,
    schools.school_name,
    cells.submission_id,
    contributions.quantity,
    contributions.counted,
    cells.sheet,
    cells.cell,
    cells.column_name,
    cells.typed,
    cells.file_name,
    cells.file_hash,
    cells.filed_year,
    cells.form_table,
    contributions.row_no,
    sources.label,
    cells.value_read,
    sources.aggregation
from city_yearly_metrics as figures
inner join parts on figures.indicator_id = parts.indicator_id
inner join fct_contribution as contributions
    on
        figures.city = contributions.city
        and figures.year = contributions.year
        and parts.measure = contributions.measure
inner join sources
    on parts.measure = sources.measure
inner join fct_cell as cells
    on
        contributions.city = cells.city
        and contributions.year = cells.year
        and contributions.school_code is not distinct from cells.school_code
        and contributions.year - sources.years_before = cells.filed_year
        and sources.form_table = cells.form_table
        and sources.column_name = cells.column_name
        and case when sources.is_on_row then contributions.row_no else 1 end = cells.row_no
left join dim_school as schools
    on
        contributions.city = schools.city
        and contributions.year = schools.year
        and contributions.school_code = schools.school_code
where figures.city = $city and figures.year = $year
"""
_ORDER = (
    "order by figures.indicator_id, parts.part desc, contributions.school_code, "
    "contributions.row_no, contributions.counted, cells.filed_year desc, cells.form_table, "
    "cells.cell"
)
_DECISIONS_SQL = """
select
    decisions.school_code,
    findings.submission_id,
    findings.rule_id,
    findings.cell,
    findings.sentence_zh,
    findings.sentence_en,
    findings.explanation,
    decisions.verb,
    decisions.reason_name_zh,
    decisions.reason_name_en,
    decisions.reason,
    decisions.asked_by,
    decisions.decided_by,
    decisions.decided_at,
    decisions.approved_by,
    decisions.approved_at
from fct_decision as decisions
inner join fct_finding as findings
    on
        decisions.finding_id = findings.finding_id
        and decisions.city = findings.city
        and decisions.year = findings.year
where decisions.city = $city and decisions.year = $year
    and list_contains($submissions, findings.submission_id)
order by decisions.decided_at, decisions.decision_id, findings.finding_id
"""
_CHECK_COLUMNS = (
    "school_code, condition, condition_name, unit, value, direction, threshold, evidence, is_met"
)
_TABLES = {
    *("city_yearly_metrics", "dim_indicator", "dim_measure_cell", "dim_school", "fct_cell"),
    *("fct_condition_check", "fct_condition_check_before", "fct_contribution"),
    *("fct_decision", "fct_finding"),
}
_PARTS = ("numerator", "denominator")
# A number with its sign is none.
_FORMULA = r"^(?:[=@\t\r]|[+-](?![\d.]+$))"


class NothingToTrace(Exception):
    """There is no such figure; the message says in both languages what there is instead."""


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

    `definition` is the row of dim_indicator. `schools` is `by_school`, `cells` is `trace_rows` of
    this figure. `decisions` has one row a decision on a finding of the submissions. `references`
    has one row a place that no school filed: measure, place, label, years_before. `conditions`
    has one row a condition of a school and year where the figure says whether they are met.
    """

    city: str
    year: int
    definition: dict[str, Any]
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
            f"{folder} 无法追溯，缺少：{', '.join(missing)}。\n"
            f"{folder} cannot be traced; it lacks {', '.join(missing)}."
        )
    with contextlib.closing(duckdb.connect()) as connection:
        for file in files:
            path = str(file).replace("'", "''")
            name = file.stem.replace('"', '""')
            connection.execute(f"create view \"{name}\" as from read_parquet('{path}')")
        yield connection


def trace_rows(connection: duckdb.DuckDBPyConnection, city: str, year: int) -> pd.DataFrame:
    """Return every cell that the city's figures of the year rest on; columns as in `COLUMNS`.

    One row a cell, filed row and part of an indicator. `contribution` is what that row adds to the
    part: a quantity, or of a distinct count the key. What bureaus filed has no school_code.
    """
    return _rows(connection, TRACE_SQL + _ORDER, city, year)


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, city: str, year: int, **more: str
) -> pd.DataFrame:
    frame = connection.execute(query, {"city": city, "year": year, **more}).df()
    frame["contribution"] = frame["counted"].where(
        frame["quantity"].isna(), frame["quantity"].map(plain, na_action="ignore")
    )
    frame["school_name"] = frame["school_name"].where(frame["school_code"].notna(), BUREAU)
    return frame[list(COLUMNS)]


def plain(number: float) -> str:
    """Return a number as a person writes it: 1793 and 12.5, not 1793.0."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def by_school(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each school's own part of each figure of `trace_rows`.

    One row an indicator, part and school: indicator_id, part, measure, school_code, school_name,
    value (a sum, or how many keys the school has, which other schools may have too), cells
    (`毕业生去向!C5 = 1793；…`), file_name, file_hash (of all files that the cells stand in).
    """
    import pandas as pd

    key = ["indicator_id", "part", "measure", "school_code", "school_name"]
    own = rows.drop_duplicates([*key, "row_no", "contribution"])
    is_sum = own["aggregation"].eq("sum")
    quantity = pd.to_numeric(own["contribution"].where(is_sum))
    added = own.assign(value=quantity.where(is_sum, own["contribution"].notna().astype(float)))
    # A key that stands on two rows of a school is one.
    once = added[is_sum | ~added.duplicated([*key, "contribution"])]
    values = once.groupby(key, sort=False, dropna=False)["value"].sum()
    texts = (
        rows.assign(said=rows["cell"] + " = " + rows["typed"])
        .groupby(key, sort=False, dropna=False)
        .agg(
            cells=("said", _listed),
            file_name=("file_name", _listed),
            file_hash=("file_hash", _listed),
        )
    )
    return texts.assign(value=values).reset_index()[
        [*key, "value", "cells", "file_name", "file_hash"]
    ]


def as_csv(rows: pd.DataFrame) -> str:
    """Return `trace_rows` as CSV; what a spreadsheet would take for a formula stands quoted."""
    texts = rows.select_dtypes(exclude="number").columns
    quoted = rows[texts].apply(lambda c: c.str.replace(_FORMULA, r"'\g<0>", regex=True))
    return rows.assign(**quoted).to_csv(index=False)


def _listed(values: pd.Series) -> str:
    return "；".join(dict.fromkeys(values))


def trace_of(
    connection: duckdb.DuckDBPyConnection, city: str, year: int, indicator_id: str
) -> Trace:
    """Return all that one published figure rests on.

    Raises `NothingToTrace` for a city, year or indicator without a figure, with near names.
    """
    figure = _figure(connection, city, year, indicator_id)
    place = {"city": city, "year": year}
    definition = _first(
        connection.execute("select * from dim_indicator where indicator_id = ?", [indicator_id])
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
    one = " and figures.indicator_id = $indicator "
    cells = _rows(connection, TRACE_SQL + one + _ORDER, city, year, indicator=indicator_id)
    submissions = cells["submission_id"].dropna().unique().tolist()
    references = connection.execute(
        "select measure, form_table || '.' || column_name as place, label, years_before "
        "from dim_measure_cell where kind = 'reference' and list_contains(?, measure) "
        "order by all",
        [[part.measure for part in parts]],
    ).df()
    thresholds = references[references["place"].str.startswith("conditions_standards.")]
    conditions = _conditions(connection, place, sorted(set(thresholds["years_before"])))
    return Trace(
        city=city,
        year=year,
        definition=definition,
        value=figure["value"],
        value_printed=figure["value_printed"],
        parts=parts,
        schools=by_school(cells),
        cells=cells,
        decisions=connection.execute(_DECISIONS_SQL, {**place, "submissions": submissions}).df(),
        references=references,
        conditions=conditions[conditions["school_code"].isin(cells["school_code"])],
    )


def _conditions(
    connection: duckdb.DuckDBPyConnection, place: dict[str, Any], years_before: list[int]
) -> pd.DataFrame:
    """Return each school's conditions, of this year (0), the year before (1), or both."""
    sources = {
        0: f"select year as checked_year, {_CHECK_COLUMNS} from fct_condition_check",
        1: f"select checked_year, {_CHECK_COLUMNS} from fct_condition_check_before",
    }
    queries = [f"{sources[n]} where city = $city and year = $year" for n in years_before]
    if not queries:
        queries = [f"{sources[0]} where city = $city and year = $year and false"]
    query = " union all by name ".join(queries)
    return connection.execute(
        f"select * from ({query}) order by checked_year desc, school_code, condition", place
    ).df()


def _figure(
    connection: duckdb.DuckDBPyConnection, city: str, year: int, indicator_id: str
) -> dict[str, Any]:
    """Return the figure's row of city_yearly_metrics, or say what there is instead."""
    figures = connection.execute(
        "select * from city_yearly_metrics where city = ? and year = ? and indicator_id = ?",
        [city, year, indicator_id],
    )
    row = _first(figures)
    if row:
        return row
    known = connection.sql("select distinct city, year from city_yearly_metrics order by all")
    places = [f"{city} {year}" for city, year in known.fetchall()]
    if f"{city} {year}" not in places:
        names = ", ".join(places) or "-"
        raise NothingToTrace(
            f"没有 {city} {year} 年的数字，现有：{names}。\n"
            f"There are no figures of {city} {year}; there are: {names}."
        )
    names_known = connection.execute(
        "select indicator_id, name_zh from city_yearly_metrics where city = ? and year = ?",
        [city, year],
    ).fetchall()
    ids = {word: name for name, name_zh in names_known for word in (name, name_zh)}
    near = difflib.get_close_matches(indicator_id, ids, n=5, cutoff=0.5)
    names = ", ".join(dict.fromkeys(ids[word] for word in near)) or "-"
    raise NothingToTrace(
        f"{city} {year} 年没有发布指标“{indicator_id}”，相近的有：{names}。\n"
        f"{city} {year} publishes no figure '{indicator_id}'; near names: {names}."
    )


def _first(result: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return the first row by its columns' names, empty if there is none."""
    names = [column[0] for column in result.description or []]
    row = result.fetchone()
    return dict(zip(names, row, strict=True)) if row else {}
