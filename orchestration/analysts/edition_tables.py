"""What was published before, for analysts: every edition's figures and why they moved.

What belongs here: the tables over all editions in the analysts' database, and the macros that ask
them. What does not: the current marts (database.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.editions.contents import METRICS, TABLES
from orchestration.editions.fields import descriptions, labelled
from orchestration.editions.history import CityYear, Edition
from orchestration.editions.revisions import REVISION
from orchestration.ground import clock

if TYPE_CHECKING:
    import duckdb

_TIME = pa.timestamp("s", tz="UTC")
_KEY = {"city": pa.string(), "year": pa.int32(), "edition": pa.int32()}
_EDITION = pa.schema(
    [
        *_KEY.items(),
        *(("state", pa.string()), ("status", pa.string())),
        *(("is_current", pa.bool_()), ("is_current_final", pa.bool_())),
        *(("published_at", _TIME), ("made_from", pa.int32())),
        *(("signed_by", pa.string()), ("note", pa.string())),
        *(("withdrawn_at", _TIME), ("withdrawal_note", pa.string())),
        ("content_hash", pa.string()),
    ]
)
_TABLES = {
    "fct_edition": "Every edition that was published. Grain: one edition.",
    "fct_edition_metric": "Figures as editions published them. Grain: one edition and indicator.",
    "fct_revision": "Why figures moved. Grain: one edition, older edition, indicator and cause.",
}
# Standing on a day: published by its end, and not withdrawn by then. A day is that of the home's
# people, for the edition and for a moment that is asked for, whatever the session's zone.
_AS_OF = """
create or replace macro indicator_as_of(which_city, which_year, which_date) as table
select m.* from fct_edition_metric as m
inner join (
    select e.city, e.year, max(e.edition) as edition
    from fct_edition as e
    cross join (select case typeof(which_date)
        when 'TIMESTAMP WITH TIME ZONE'
            then cast(cast(which_date as timestamptz) at time zone {zone} as date)
        else cast(which_date as date) end as day) as asked
    where e.city = which_city and e.year = which_year
    and cast(e.published_at at time zone {zone} as date) <= asked.day
    and (e.withdrawn_at is null
        or cast(e.withdrawn_at at time zone {zone} as date) > asked.day)
    group by e.city, e.year
) as standing using (city, year, edition)
"""
_MACROS = {
    "indicator_as_of": (
        _AS_OF,
        "Figures of a city's year as they stood at the end of a day in {zone}: "
        "from indicator_as_of('qingyang', 2024, date '2025-03-31')",
    ),
    "indicator_final": (
        "create or replace macro indicator_final(which_city, which_year) as table "
        "select m.* from fct_edition_metric as m inner join fct_edition as e "
        "using (city, year, edition) "
        "where e.city = which_city and e.year = which_year and e.is_current_final",
        "Figures of a city's year as they are final now: from indicator_final('qingyang', 2024)",
    ),
    "edition_changes": (
        "create or replace macro edition_changes(which_city, which_year, older, newer) as table "
        "select coalesce(b.indicator_id, a.indicator_id) as indicator_id, "
        "coalesce(b.name_zh, a.name_zh) as name_zh, a.value_printed as older, "
        "b.value_printed as newer, b.value - a.value as difference "
        "from (from fct_edition_metric where city = which_city and year = which_year "
        "and edition = older) as a full join (from fct_edition_metric where city = which_city "
        "and year = which_year and edition = newer) as b on a.indicator_id = b.indicator_id "
        "where a.value_printed is distinct from b.value_printed "
        # Of an edition that there is not, every figure would look new or gone.
        "and (select count(distinct edition) from fct_edition where city = which_city "
        "and year = which_year and edition in (older, newer)) = 2",
        "What two editions print differently: from edition_changes('qingyang', 2024, 1, 3)",
    ),
}


def add_editions(
    connection: duckdb.DuckDBPyConnection, years: Sequence[CityYear], zone: ZoneInfo
) -> int:
    """Add the tables over all editions and the macros, each with its comment; return how many.

    Days are those of `zone`. An edition whose folder is gone keeps its row in `fct_edition` and
    has no figures.
    """
    editions = [edition for one in years for edition in one.editions]
    there = [edition for edition in editions if (edition.folder / TABLES).is_dir()]
    known = _editions(years)
    _add(connection, "fct_edition", known, _comments("fct_edition", known))
    metrics = [_keyed(edition, METRICS) for edition in there]
    columns = dict(
        connection.execute(
            "select column_name, comment from duckdb_columns() where table_name = ?", [METRICS]
        ).fetchall()
    )
    key = {name: labelled(name, text) for name, text in descriptions("", _KEY).items()}
    if metrics:
        joined = pa.concat_tables(metrics, promote_options="permissive")
        _add(connection, "fct_edition_metric", joined, {**columns, **key})
    else:
        connection.execute(
            f"create or replace table fct_edition_metric as "
            f"select 0 as edition, * from {METRICS} limit 0"
        )
        _comment(connection, "fct_edition_metric", {**columns, **key})
    none = pa.schema([*_KEY.items(), *REVISION]).empty_table()
    moved = pa.concat_tables([none, *(_keyed(edition, "revision") for edition in there)])
    _add(connection, "fct_revision", moved, _comments("revision", moved))
    for name, (statement, text) in _MACROS.items():
        connection.execute(statement.format(zone=quoted(zone.key)))
        connection.execute(f"comment on macro table {name} is {quoted(text.format(zone=zone))}")
    return len(_TABLES)


def _comments(declared: str, table: pa.Table) -> dict[str, str]:
    """Return what is said of a table's columns, their Chinese names first."""
    texts = descriptions(declared, table.column_names)
    return {name: labelled(name, text) for name, text in texts.items()}


def _editions(years: Sequence[CityYear]) -> pa.Table:
    """Return every edition and its place among those of its city's year."""
    rows = [
        {
            "city": e.city,
            "year": e.year,
            "edition": e.number,
            "state": e.state,
            "status": e.status,
            "is_current": e == one.current,
            "is_current_final": e == one.current_final,
            "published_at": clock.moment(e.published_at),
            "made_from": e.made_from,
            "signed_by": e.signature.by if e.signature else None,
            "note": (e.signature.note or None) if e.signature else None,
            "withdrawn_at": clock.moment(e.withdrawal.at) if e.withdrawal else None,
            "withdrawal_note": e.withdrawal.note if e.withdrawal else None,
            "content_hash": e.content_hash,
        }
        for one in years
        for e in one.editions
    ]
    return pa.Table.from_pylist(rows, schema=_EDITION)


def _keyed(edition: Edition, name: str) -> pa.Table:
    """Return a table of an edition's folder with the edition's key in front."""
    table = pq.read_table(edition.folder / TABLES / f"{name}.parquet")
    kept = table.drop_columns([n for n in _KEY if n in table.column_names])
    values = {"city": edition.city, "year": edition.year, "edition": edition.number}
    key = [pa.array([values[n]] * kept.num_rows, kind) for n, kind in _KEY.items()]
    return pa.Table.from_arrays([*key, *kept.columns], names=[*_KEY, *kept.column_names])


def _add(
    connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table, texts: Mapping[str, str]
) -> None:
    connection.register("given", table)
    connection.execute(f"create or replace table {name} as select * from given")
    connection.unregister("given")
    _comment(connection, name, texts)


def _comment(connection: duckdb.DuckDBPyConnection, name: str, texts: Mapping[str, str]) -> None:
    connection.execute(f"comment on table {name} is {quoted(_TABLES[name])}")
    for column, text in texts.items():
        if text:
            connection.execute(f'comment on column {name}."{column}" is {quoted(text)}')


def quoted(text: str) -> str:
    """Return a SQL string literal; DDL takes no parameters."""
    return "'" + text.replace("'", "''") + "'"
