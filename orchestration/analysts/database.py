"""The analysts' database: the marts, copied whole and swapped in one step.

What belongs here: which tables analysts see and how the file is replaced under open readers.
What does not: what the tables mean; their comments are written in dbt_project/ and copied.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from orchestration.analysts.edition_tables import add_editions, comment
from orchestration.editions.contents import city_stage
from orchestration.editions.fields import descriptions, labelled
from orchestration.editions.history import every_city_year
from orchestration.editions.withholding import withhold
from orchestration.ground.files import written_whole
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.ground.settings import zone_of
from orchestration.warehouse.dbt import compiled_models, quoted
from orchestration.warehouse.what_if import attach_built

# The warehouse's schemas that hold marts and seeds; staging and raw stay inside.
_PUBLISHED_PREFIXES = ("dim_", "fct_", "city_yearly_metrics")
_GATE_COLUMNS = ("city", "year", "verdict", "must_open", "explain_open", "explained")
# What a red gate holds back: dbt cannot build it, since the city gate judges what dbt has built.
GATED = {
    "city_yearly_metrics": "gated_city_yearly_metrics",
    "fct_claim": "gated_claim",
    "fct_finding": "gated_finding",
    "fct_indicator": "gated_indicator",
    "fct_indicator_breakdown": "gated_indicator_breakdown",
    "fct_indicator_trend": "gated_indicator_trend",
}


def published_tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    """Return the marts of an attached warehouse, by name."""
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? order by table_name",
        [database],
    ).fetchall()
    return [name for (name,) in rows if name.startswith(_PUBLISHED_PREFIXES)]


def publish_database(home: Home, ledger: Ledger) -> int:
    """Copy every mart with its comments into a new file and swap it in; return the table count.

    City figures of a city whose gate is not green stay out of `city_yearly_metrics`; what was
    published of it stays in `fct_edition_metric`. A reader that has the old file open keeps reading
    the old file. Raises `WarehouseBusy` while a run writes the warehouse.
    """
    with _swapped_in(home) as connection:
        attach_built(connection, home, "build")
        # A model that the project no longer has leaves its table behind.
        models = compiled_models(home)
        tables = [name for name in published_tables(connection, "build") if name in models]
        for table in tables:
            connection.execute(f'create table "{table}" as select * from build.main."{table}"')
        _copy_comments(connection, tables)
        _publish_impact(connection, home)
        _publish_gate(connection, home)
        connection.execute("detach build")
        editions = add_editions(connection, every_city_year(home, ledger), zone_of(home))
    return len(tables) + 1 + editions


def refresh_editions(home: Home, ledger: Ledger) -> None:
    """Swap in a copy that holds the editions as they are now; the marts in it stay as they were.

    Before the first run there is nothing to refresh.
    """
    if home.analyst_database.exists():
        with _swapped_in(home, like=home.analyst_database) as connection:
            add_editions(connection, every_city_year(home, ledger), zone_of(home))


@contextlib.contextmanager
def _swapped_in(home: Home, like: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database beside the analysts' and put it in its place if nothing fails."""
    with written_whole(home.analyst_database) as beside:
        beside.unlink(missing_ok=True)  # what a killed process of the same number left
        if like is not None:
            shutil.copyfile(like, beside)
        with contextlib.closing(duckdb.connect(str(beside))) as connection:
            yield connection


def _publish_impact(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Let the impact be that of every filer's newest submission, accepted or not."""
    impact = home.gate / "impact.parquet"
    if impact.exists():
        connection.execute("delete from fct_impact")
        connection.execute(
            f"insert into fct_impact by name select * from read_parquet({quoted(impact)})"
        )


def _publish_gate(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Add what the city gate said, and hold back the figures of cities that it did not pass.

    A withheld figure keeps its row, without value; so does its province's, which it is part of.
    """
    said = f"from read_parquet({quoted(home.gate / 'city_verdicts.parquet')})"
    connection.execute(f"create table fct_city_gate as {said}")
    for mart, query in city_stage(home).items():
        connection.execute(f"insert into {mart} by name {query}")
    texts = descriptions("fct_city_gate", _GATE_COLUMNS)
    comment(
        connection,
        "fct_city_gate",
        "What the city gate of the latest run said. Grain: one city and year.",
        {column: labelled(column, text) for column, text in texts.items()},
    )
    withhold(connection, GATED)
    withhold(connection)


def _copy_comments(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    for table in tables:
        (text,) = connection.execute(
            "select comment from duckdb_tables() where database_name = 'build' and table_name = ?",
            [table],
        ).fetchone() or (None,)
        columns = connection.execute(
            "select column_name, comment from duckdb_columns() "
            "where database_name = 'build' and table_name = ? and comment is not null",
            [table],
        ).fetchall()
        comment(connection, table, text, {name: labelled(name, said) for name, said in columns})
