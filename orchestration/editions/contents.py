"""What an edition is made from: the city's rows of every mart, as tables with exact types.

What belongs here: reading them from the warehouse, and reading them back from an edition's folder.
What does not: files that are made from them (publishing/publish.py and the writers it calls).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.editions.withholding import GATED_FIGURES, withhold
from orchestration.ground.home import Home
from orchestration.ground.terms import DecisionVerb, GateVerdict
from orchestration.warehouse.dbt import compiled_models, quoted, reading

if TYPE_CHECKING:
    import duckdb

TABLES = "tables"  # their folder in an edition
METRICS = "city_yearly_metrics"
IMPACT = "fct_finding_impact"
# What its greatest impact says of a finding, by the names beside a finding's own columns.
_SAID = {"impact_pct": "impact_pct", "impact_zh": "sentence_zh", "impact_en": "sentence_en"}
# Definitions are the same for every city and come whole.
DEFINITIONS = (
    "dim_breakdown",
    "dim_breakdown_class",
    "dim_indicator",
    "dim_measure_cell",
    "dim_rule",
)
# A series holds the years before as well.
_SERIES = ("fct_indicator_trend",)
_STAGED = {"city": "stg_nianbao__cities", "deadline": "stg_nianbao__deadlines"}

Tables = dict[str, pa.Table]


def city_tables(home: Home, city: str, year: int) -> Tables:
    """Return, by name, what the warehouse says of a city's year, in a stable order of rows.

    Every mart with a city and a year, the definitions, the city's own row, its schools' deadlines,
    `data_dictionary` (one row a column of the marts) and `input`: the submissions that count, of
    this year and those before, one row each.
    """
    # A model that the project no longer has leaves its table behind.
    models = compiled_models(home)
    with reading(home.warehouse) as connection:
        marts = [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_columns() where schema_name = 'main' and "
                "(table_name like 'fct_%' or table_name like 'dim_%' or table_name = ?) "
                "group by table_name having count(*) filter (column_name in ('city', 'year')) = 2 "
                "order by table_name",
                [METRICS],
            ).fetchall()
            if name in models
        ]
        added = city_stage(home)
        for name in marts:
            rows = f'main."{name}"'
            if name in added:
                rows = f"(from {rows} union all by name {added[name]})"
            years = "year <= ?" if name in _SERIES else "year = ?"
            # A temporary table bears the mart's name and comes before it.
            connection.execute(
                f'create temp table "{name}" as select * from {rows} where city = ? and {years}',
                [city, year],
            )
        _let_out(connection, home, city, year)
        tables = {
            name: _rows(connection, f'select * from "{name}"') for name in (*marts, *DEFINITIONS)
        }
        tables["data_dictionary"] = _rows(
            connection,
            "select distinct table_name, column_index, column_name, data_type, "
            "comment as description from duckdb_columns() "
            "where database_name = current_database() and schema_name = 'main' "
            "and list_contains($names, table_name)",
            names=[*marts, *DEFINITIONS],
        )
        for name, view in _STAGED.items():
            tables[name] = _rows(connection, f"select * from {view} where city = $city", city=city)
        tables["input"] = _rows(
            connection,
            "select a.year, a.filed_by, a.school_code, a.submission_id, s.file_name, s.file_hash, "
            "s.received_at from int_submissions_accepted as a "
            "inner join stg_nianbao__submissions as s on a.submission_id = s.submission_id "
            "where a.city = $city and a.year <= $year",
            city=city,
            year=year,
        )
    return tables


def _let_out(connection: duckdb.DuckDBPyConnection, home: Home, city: str, year: int) -> None:
    """Leave of the copied marts what is published, and of years before what their gates passed.

    That the year itself passed is known by who publishes it.
    """
    connection.execute(
        "create temp table city_years_passed as select city, year "
        f"from read_parquet({quoted(home.gate / 'city_verdicts.parquet')}) "
        "where verdict = $passed union select $city, $year",
        {"passed": GateVerdict.passed.value, "city": city, "year": year},
    )
    withhold(connection, GATED_FIGURES)
    withhold(connection)


def accepted_explanations(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return the rows of `fct_decision` by which an explanation stands in for a correction.

    Not those that sent something back. What was decided on a replaced file is not among them, for
    its findings rest (`gate.verdicts.with_superseded`).
    """
    return tables["fct_decision"].filter(pc.field("verb") == DecisionVerb.accept.value)


def explanations_by_impact(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return `accepted_explanations`, each with the impact of its finding, the greatest first.

    Adds impact_pct, impact_zh and impact_en, null where the finding moves no figure of the city.
    """
    accepted = accepted_explanations(tables)
    if IMPACT not in tables:  # editions of older software
        nothing = pa.nulls(accepted.num_rows, pa.string())
        for name in _SAID:
            accepted = accepted.append_column(name, nothing)
        return accepted
    first = tables[IMPACT].filter(pc.field("place") == 1).select(["finding_id", *_SAID.values()])
    with_impact = accepted.join(first.rename_columns(["finding_id", *_SAID]), "finding_id")
    order = [
        ("impact_pct", "descending"),
        ("finding_id", "ascending"),
        ("decision_id", "ascending"),
    ]
    return with_impact.sort_by(order)


def city_stage(home: Home) -> dict[str, str]:
    """Return, by mart, the query of what the city gate adds to it after dbt has built it."""
    files = {"fct_finding": "city_findings.parquet", "fct_decision": "city_decisions.parquet"}
    return {mart: f"from read_parquet({quoted(home.gate / name)})" for mart, name in files.items()}


def _rows(connection: duckdb.DuckDBPyConnection, query: str, **values: object) -> pa.Table:
    """Return the rows of a query as a table without anything that a machine added to it."""
    table = connection.sql(f"{query} order by all", params=values).to_arrow_table()
    return table.replace_schema_metadata(None)


def content_hash(tables: Mapping[str, pa.Table], *others: str) -> str:
    """Return one hash over tables and whatever else an edition is made from."""
    parts = {name: hashlib.sha256(parquet(table)).hexdigest() for name, table in tables.items()}
    return hashlib.sha256(repr((sorted(parts.items()), others)).encode()).hexdigest()


def parquet(table: pa.Table) -> bytes:
    """Return a table as parquet; the same table gives the same bytes."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def write_tables(folder: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write each table into the edition's `tables/`."""
    (folder / TABLES).mkdir(exist_ok=True)
    for name, table in tables.items():
        (folder / TABLES / f"{name}.parquet").write_bytes(parquet(table))


def read_tables(folder: Path) -> Tables:
    """Return the tables of an edition's folder by name."""
    return {path.stem: pq.read_table(path) for path in sorted((folder / TABLES).glob("*.parquet"))}


@contextlib.contextmanager
def over_tables(tables: Mapping[str, pa.Table]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory in which each table has its plain name."""
    import duckdb

    with contextlib.closing(duckdb.connect()) as connection:
        for name, table in tables.items():
            connection.register("given", table)
            connection.execute(f'create table "{name}" as select * from given')
            connection.unregister("given")
        yield connection
