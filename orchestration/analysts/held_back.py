"""What analysts do not see yet, or not at all: of cities that their gate stops, of an embargo.

What belongs here: taking it out of their database. What does not: which editions wait for their
release (editions/history.py), and what figures are withheld of (models/after_city_gate).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from orchestration.editions.withholding import GATED, withhold

if TYPE_CHECKING:
    import duckdb

# What may be said of a year before its release: that the gate passed it, who is on the roster.
_WITHOUT_FIGURES = ("fct_city_gate", "dim_school")
# The year of a row, and that of what the row says of a year before.
_YEARS = ("year", "filed_year", "checked_year")


def hold_back(connection: duckdb.DuckDBPyConnection, years: Sequence[tuple[str, int]]) -> None:
    """Take out of the analysts' tables what tells figures of some cities' years.

    Every row of them goes, so that a table that is added is held back as well. Their provinces and
    the country, and comparisons of the year after, lack them as if the gate had stopped the city.
    """
    connection.execute("create temp table held_back (city varchar, year integer)")
    connection.executemany("insert into held_back values (?, ?)", years)
    connection.execute(
        "create temp view city_years_passed as select city, year from fct_city_gate "
        "where verdict = 'passed' and (city, year) not in (from held_back)"
    )
    withhold(connection, GATED)
    withhold(connection)
    # A class that only such a city has would be named by the rows of its province and the country.
    connection.execute(
        "delete from fct_indicator_breakdown where area_level in ('province', 'country') "
        "and status = 'withheld' and year in (select year from held_back)"
    )
    columns: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'main'"
    ).fetchall():
        columns.setdefault(table, set()).add(column)
    # What names a submission alone goes before that says whose it is.
    for table, has in columns.items():
        if "submission_id" in has and "city" not in has:
            connection.execute(
                f'delete from "{table}" where submission_id in (select submission_id '
                "from fct_submission where (city, year) in (from held_back))"
            )
    for table, has in columns.items():
        for year in has.intersection(_YEARS) if "city" in has else ():
            if table not in _WITHOUT_FIGURES:
                connection.execute(
                    f'delete from "{table}" where (city, "{year}") in (from held_back)'
                )
