"""The analysts' database: the marts, copied whole and swapped in one step.

What belongs here: which tables analysts see and how the file is replaced under open readers.
What does not: what the tables mean; their comments are written in dbt_project/ and copied.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from orchestration.analysts.edition_tables import add_editions, comment
from orchestration.analysts.held_back import GATED, hold_back
from orchestration.editions.contents import city_stage
from orchestration.editions.fields import descriptions, labelled
from orchestration.editions.history import CityYear, city_year, every_city_year
from orchestration.editions.register import write_index
from orchestration.editions.withholding import withhold
from orchestration.ground.files import write_text, written_whole
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.ground.lock import lock_if_free
from orchestration.ground.settings import zone_of
from orchestration.ground.text import NianbaoError
from orchestration.publishing.withdrawn import write_marked
from orchestration.warehouse.dbt import compiled_models, quoted
from orchestration.warehouse.what_if import attach_built

# The warehouse's schemas that hold marts and seeds; staging and raw stay inside.
_PUBLISHED_PREFIXES = ("dim_", "fct_", "city_yearly_metrics")
_GATE_COLUMNS = ("city", "year", "verdict", "must_open", "explain_open", "explained")


class DatabaseClosed(NianbaoError):
    """The analysts' database could not follow the ledger; analysts have none until it can."""


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
    # During an embargo analysts get a copy that lacks what waits.
    years = every_city_year(home, ledger)
    is_whole = not _held_back(years)
    place = home.analyst_database if is_whole else home.whole_database
    with _swapped_in(home, place) as connection:
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
        if is_whole:
            editions = add_editions(connection, years, zone_of(home))
    if is_whole:
        home.whole_database.unlink(missing_ok=True)
        _keep(home, years)
    # One may have been signed or released meanwhile.
    if not is_whole or _held_back(every_city_year(home, ledger)):
        editions = refresh_editions(home, ledger)
    return len(tables) + 1 + editions


def refresh_editions(home: Home, ledger: Ledger) -> int:
    """Swap in a copy that holds the editions as they are now; return how many tables tell of them.

    The marts stay as they were when they were published; those of a year whose release is still to
    come are taken out, and put back after it. Before the first run there is nothing to refresh.

    Raises `DatabaseClosed` where that fails for whatever reason: a database that does not know of
    an embargo or of a withdrawal is taken away, and its marts wait where nobody looks.
    """
    try:
        return _refreshed(home, ledger)
    except BaseException as error:
        _close(home)
        if not isinstance(error, Exception):
            raise
        raise DatabaseClosed(
            f"分析库未能更新，已撤下，以免查到不应公开的数字；所作的签署、撤回和发布仍然有效。"
            f"程序比数据新的，请执行 nianbao run；其他原因排除后，nianbao release 即恢复分析库。"
            f"原因：{error}",
            "The analysts' database could not follow and was taken away, so that it shows nothing "
            "that it must not; what was signed, withdrawn or released stays so. If the software is "
            "newer than the data: nianbao run; else mend the cause, then nianbao release brings "
            f"it back. Cause: {error}",
        ) from error


def _close(home: Home) -> None:
    try:
        if home.analyst_database.exists() and not home.whole_database.exists():
            home.embargoed.mkdir(mode=0o700, exist_ok=True)
            home.analyst_database.replace(home.whole_database)
    finally:
        home.editions_known.unlink(missing_ok=True)
        home.analyst_database.unlink(missing_ok=True)


def _refreshed(home: Home, ledger: Ledger) -> int:
    years = every_city_year(home, ledger)
    held = _held_back(years)
    if held and home.analyst_database.exists() and not home.whole_database.exists():
        home.embargoed.mkdir(mode=0o700, exist_ok=True)
        with written_whole(home.whole_database) as beside:
            shutil.copyfile(home.analyst_database, beside)
    whole = home.whole_database if home.whole_database.exists() else home.analyst_database
    if not whole.exists():
        return 0
    with _swapped_in(home, home.analyst_database, like=whole) as connection:
        if held:
            hold_back(connection, held)
        editions = add_editions(connection, years, zone_of(home))
    if not held:
        home.whole_database.unlink(missing_ok=True)
    _keep(home, years)
    return editions


def catch_up(home: Home, ledger: Ledger) -> bool:
    """Let what is published follow the ledger where nobody did; return whether that was needed.

    Whoever signed or withdrew may have been killed before the database knew of it, and an embargo
    ends by itself where what waited was withdrawn. While somebody else publishes nothing is done:
    they bring it up to date. Raises `DatabaseClosed`.
    """
    if not (home.analyst_database.exists() or home.whole_database.exists()):
        return False
    if not _changed(home, every_city_year(home, ledger)):
        return False
    with lock_if_free(home) as is_ours:
        if not is_ours:
            return False
        for one in _changed(home, every_city_year(home, ledger)):
            write_index(one)
            write_marked(city_year(home, ledger, one.city, one.year))
        refresh_editions(home, ledger)
    return True


def _changed(home: Home, years: Iterable[CityYear]) -> list[CityYear]:
    """Return the cities' years of which the database knows something else."""
    known: dict[str, str] = {}
    with contextlib.suppress(FileNotFoundError):
        known = json.loads(home.editions_known.read_text(encoding="utf-8"))
    return [one for one in years if known.get(f"{one.city} {one.year}") != _known(one)]


def _keep(home: Home, years: Iterable[CityYear]) -> None:
    known = {f"{one.city} {one.year}": _known(one) for one in years}
    write_text(home.editions_known, json.dumps(known))


def _known(one: CityYear) -> str:
    """Return all that a year's files and rows hang on: editions, signatures, the embargo."""
    told = [f"v{e.number} {e.state} {e.approval.seq if e.approval else ''}" for e in one.editions]
    return "; ".join([*told, "embargoed" if one.is_embargoed else "open"])


def _held_back(years: Iterable[CityYear]) -> list[tuple[str, int]]:
    """Return the cities and years of which an edition that was signed waits for its release."""
    return [(one.city, one.year) for one in years if one.is_embargoed]


@contextlib.contextmanager
def _swapped_in(
    home: Home, place: Path, like: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database, and put a copy of what it then holds in a place if nothing fails.

    A copy, since the pages of a file keep what was deleted from it.
    """
    home.embargoed.mkdir(mode=0o700, exist_ok=True)
    draft = home.embargoed / f".draft.{os.getpid()}"
    with _removed(draft), written_whole(place) as beside:
        beside.unlink(missing_ok=True)  # what a killed process of the same number left
        if like is not None:
            shutil.copyfile(like, draft)
        with contextlib.closing(duckdb.connect(str(draft))) as connection:
            yield connection
            (name,) = connection.execute("select current_database()").fetchone() or ("",)
            connection.execute(f"attach {quoted(beside)} as published")
            connection.execute(f'copy from database "{name}" to published')
            connection.execute("detach published")


@contextlib.contextmanager
def _removed(path: Path) -> Iterator[None]:
    """Have no database at a path, neither before nor after; nor its log, which a kill leaves."""
    files = (path, path.with_name(f"{path.name}.wal"))
    for file in files:
        file.unlink(missing_ok=True)
    try:
        yield
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def _publish_impact(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Let the impact be that of every filer's newest submission, accepted or not."""
    impact = home.gate / "finding_impact.parquet"
    if impact.exists():
        connection.execute("delete from fct_finding_impact")
        connection.execute(
            f"insert into fct_finding_impact by name select * from read_parquet({quoted(impact)})"
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
    texts = dict(
        connection.execute(
            "select table_name, comment from duckdb_tables() where database_name = 'build'"
        ).fetchall()
    )
    columns: dict[str, dict[str, str]] = defaultdict(dict)
    for table, name, said in connection.execute(
        "select table_name, column_name, comment from duckdb_columns() "
        "where database_name = 'build' and comment is not null"
    ).fetchall():
        columns[table][name] = labelled(name, said)
    for table in tables:
        comment(connection, table, texts[table], columns[table])
