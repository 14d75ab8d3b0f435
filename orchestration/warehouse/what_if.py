"""The figures as they would be if other submissions counted, in well under a second.

What belongs here: the marts made again in memory from the SQL that dbt left, over verdicts that
somebody supposes. What does not: what a mart computes (dbt_project/), which verdicts follow from
a decision (gate/), and dbt itself, whose import alone takes longer than all this.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

import pandas as pd

from orchestration.ground.files import written_whole
from orchestration.ground.home import Home
from orchestration.ground.terms import Verdict
from orchestration.ground.text import NianbaoError
from orchestration.warehouse.dbt import Compiled, compiled_models, quoted
from orchestration.warehouse.standing import verdicts_of

if TYPE_CHECKING:
    import duckdb

_VERDICTS = "stg_gate__verdicts"
# What figures rest on, and nothing else is made from.
_TRACE = (
    *("fct_cell", "fct_condition_check_before", "fct_school_not_counted"),
    *("trace_cells", "trace_conditions", "trace_schools"),
)
_FIGURE = ["city", "year", "indicator_id"]
_NAMES = ["name_zh", "name_en", "unit"]


class WarehouseBusy(NianbaoError):
    """A run is writing the warehouse, which nobody can read meanwhile."""


@contextlib.contextmanager
def scratch(home: Home, verdicts: pd.DataFrame) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse as it would be had the gate given these verdicts; it ends with the block.

    `verdicts` has submission_id and verdict, one row a submission; one without a row has no
    verdict. Every table has its plain name; those of the trace are absent, for nobody asks for the
    cells of a figure that is only supposed. Raises `WarehouseBusy` while a run writes, and
    `FileNotFoundError` before the first run.
    """
    models = compiled_models(home)
    anew = _downstream(models)
    with _beside_the_warehouse(home) as connection:
        # An open reader would keep a run from writing: what is needed is copied, and let go of.
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'built' "
            "and not list_contains(?, table_name)",
            [list(_TRACE)],
        ).fetchall():
            rows = "limit 0" if name in anew else ""
            connection.execute(f'create table "{name}" as select * from built."{name}" {rows}')
        views = connection.execute(
            "select view_name, sql from duckdb_views() where database_name = 'built' "
            "and not internal and not list_contains(?, view_name)",
            [[_VERDICTS, *_TRACE]],
        ).fetchall()
        for _, view in views:
            connection.execute(view)
        connection.execute("detach built")
        _suppose(connection, home, verdicts)
        for name in (n for n in anew if n not in dict(views)):
            # The database bears the warehouse's name: what the SQL names is what is supposed here.
            connection.execute(f'insert into "{name}" by name {models[name].sql}')
        yield connection


def _suppose(connection: duckdb.DuckDBPyConnection, home: Home, verdicts: pd.DataFrame) -> None:
    """Put in the supposed verdicts, each with what else the gate counted of the submission."""
    kept = verdicts_of(home).drop(columns="verdict")
    supposed = verdicts[["submission_id", "verdict"]].merge(kept, how="left", on="submission_id")
    connection.register("given", supposed)
    connection.execute(f'create table "{_VERDICTS}" as select * from given')
    connection.unregister("given")


def _downstream(models: dict[str, Compiled]) -> list[str]:
    """Return the models that hang on the verdicts, each after those that it reads."""
    order = TopologicalSorter({name: model.depends_on for name, model in models.items()})
    found: list[str] = []
    for name in order.static_order():
        reads = set(models[name].depends_on) if name in models else set()
        if name not in _TRACE and {_VERDICTS, *found} & reads:
            found.append(name)
    return found


@contextlib.contextmanager
def _beside_the_warehouse(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory that bears the warehouse's name, beside the real one, `built`."""
    import duckdb

    with contextlib.closing(duckdb.connect()) as connection:
        # With this optimizer the figures of all areas take four times as long.
        connection.execute("set disabled_optimizers = 'grouping_sets'")
        connection.execute(f"attach ':memory:' as \"{home.warehouse.stem}\"")
        attach_built(connection, home, "built")
        connection.execute(f'use "{home.warehouse.stem}"')
        yield connection


def attach_built(connection: duckdb.DuckDBPyConnection, home: Home, name: str) -> None:
    """Attach the warehouse for reading; `WarehouseBusy` while a run writes it."""
    import duckdb

    try:
        connection.execute(f"attach {quoted(home.warehouse)} as {name} (read_only)")
    except duckdb.IOException as error:
        if "Could not set lock" in str(error):
            raise WarehouseBusy(
                "年度运行正在写入数据仓库，请稍后再试。",
                "A run is writing the warehouse; try again in a minute.",
            ) from error
        raise


def as_if_newest_counted(home: Home) -> pd.DataFrame:
    """Return the verdicts with each filer's newest readable submission accepted.

    Everything else keeps its verdict, and so does a file of which nobody knows whose it is.
    """
    verdicts = verdicts_of(home)
    newest = _submissions(home, "int_submissions_received where is_newest_read")
    counts = verdicts["submission_id"].isin(newest)
    return verdicts.assign(verdict=verdicts["verdict"].mask(counts, Verdict.accepted.value))


def as_if_counted(home: Home, city: str, submissions: set[str]) -> pd.DataFrame:
    """Return the verdicts with exactly these of a city's submissions accepted."""
    verdicts = verdicts_of(home)
    own = _submissions(home, "stg_nianbao__submissions where city = $city", city=city)
    is_own = verdicts["submission_id"].isin(own)
    counts = verdicts["submission_id"].isin(submissions)
    others = verdicts["verdict"].mask(is_own & ~counts, Verdict.returned.value)
    return verdicts.assign(verdict=others.mask(counts, Verdict.accepted.value))


def _submissions(home: Home, which: str, **values: str) -> pd.Series:
    with _beside_the_warehouse(home) as connection:
        query = f"select submission_id from built.{which}"
        return connection.sql(query, params=values).df()["submission_id"]


def write_impact(home: Home) -> int:
    """Keep how far findings could move their city's figures, those of returned schools included.

    Writes `gate/finding_impact.parquet`, `fct_finding_impact` as if each filer's newest submission
    counted, whole or not at all, and returns its number of rows.
    """
    supposed = as_if_newest_counted(home)
    verdicts = verdicts_of(home)
    if supposed["verdict"].equals(verdicts["verdict"]):
        source, table = _beside_the_warehouse(home), "built.fct_finding_impact"
    else:
        source, table = scratch(home, supposed), "fct_finding_impact"
    with source as connection, written_whole(home.gate / "finding_impact.parquet") as beside:
        impact = connection.sql(f"select * from {table} order by finding_id, place")
        impact.write_parquet(str(beside))
        return len(impact)


def moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that would be printed otherwise, of two states of `city_yearly_metrics`.

    One row an indicator of a city and year: city, year, indicator_id, name_zh, name_en, unit,
    before and after as printed, missing where there is no figure.
    """
    columns = [*_FIGURE, *_NAMES, "value_printed"]
    both = before[columns].merge(after[columns], how="outer", on=_FIGURE, suffixes=("", "_after"))
    for name in _NAMES:
        both[name] = both[name].fillna(both[f"{name}_after"])
    both = both.rename(columns={"value_printed": "before", "value_printed_after": "after"})
    same = both["before"].eq(both["after"]) | (both["before"].isna() & both["after"].isna())
    return both.loc[~same, [*_FIGURE, *_NAMES, "before", "after"]].reset_index(drop=True)
