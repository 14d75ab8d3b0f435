"""What was published before, for analysts: every edition's figures and why they moved.

What belongs here: the tables over all editions in the analysts' database, and the macros that ask
them. What does not: the current marts (database.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.editions.contents import METRICS, TABLES
from orchestration.editions.fields import descriptions, labelled
from orchestration.editions.history import CityYear, Edition
from orchestration.editions.revisions import REVISION
from orchestration.ground import clock
from orchestration.warehouse.dbt import quoted

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
        ("stood_until", _TIME),
        ("content_hash", pa.string()),
    ]
)
_TABLES = {
    "fct_edition": "Every edition that was published. Grain: one edition.",
    "fct_edition_metric": "Figures as editions published them. Grain: one edition and indicator.",
    "fct_revision": "Why figures moved. Grain: one edition, older edition, indicator and cause.",
}
# In it a day is that of a zone, the home's.
_MACROS = Path(__file__).with_name("edition_macros.sql")


def add_editions(
    connection: duckdb.DuckDBPyConnection, years: Sequence[CityYear], zone: ZoneInfo
) -> int:
    """Add the tables over all editions and the macros, each with its comment; return how many.

    Days are those of `zone`. An edition whose folder is gone keeps its row in `fct_edition` and
    has no figures; one whose release is still to come is in none of them.
    """
    shown = [e for one in years for e in one.editions if not one.is_held_back(e)]
    there = [edition for edition in shown if (edition.folder / TABLES).is_dir()]
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
        # Editions of older software lack columns that the marts have since.
        told = {n: text for n, text in {**columns, **key}.items() if n in joined.column_names}
        _add(connection, "fct_edition_metric", joined, told)
    else:
        connection.execute(
            f"create or replace table fct_edition_metric as "
            f"select 0 as edition, * from {METRICS} limit 0"
        )
        texts = {**columns, **key}
        comment(connection, "fct_edition_metric", _TABLES["fct_edition_metric"], texts)
    none = pa.schema([*_KEY.items(), *REVISION]).empty_table()
    moved = pa.concat_tables([none, *(_keyed(edition, "revision") for edition in there)])
    _add(connection, "fct_revision", moved, _comments("revision", moved))
    connection.execute(_MACROS.read_text(encoding="utf-8").format(zone=zone.key))
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
            "is_current": e == one.current_published,
            "is_current_final": e == one.current_final,
            "published_at": clock.moment(e.published_at),
            "made_from": e.made_from,
            "signed_by": e.approval.by if e.approval else None,
            "note": (e.approval.note or None) if e.approval else None,
            "withdrawn_at": clock.moment(e.withdrawal.at) if e.withdrawal else None,
            "stood_until": clock.moment(ended.at) if (ended := one.withdrawal_of(e)) else None,
            "withdrawal_note": e.withdrawal.note if e.withdrawal else None,
            "content_hash": e.content_hash,
        }
        for one in years
        for e in one.editions
        if not one.is_held_back(e)
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
    comment(connection, name, _TABLES[name], texts)


def comment(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    text: str | None,
    columns: Mapping[str, str | None],
) -> None:
    """Say what a table of the analysts' database is, and what its columns are."""
    about = {f'table "{table}"': text}
    about |= {f'column "{table}"."{name}"': said for name, said in columns.items()}
    # At once: each statement of its own would be a transaction of its own.
    said = [f"comment on {what} is {quoted(text)};" for what, text in about.items() if text]
    connection.execute(f"begin; {''.join(said)} commit;")
