"""What people outside see of tables that hold what is withheld.

What belongs here: which table is published as which model says. What does not: what is withheld and
of what, which the models say (published_…), and what a city's gate holds back
(analysts/database.py). The build warehouse keeps the values, for stewards and for MetricFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.warehouse.models import make_views

if TYPE_CHECKING:
    import duckdb

# Anything else is published as it is: city_yearly_metrics and what is made of it lacks the values.
PUBLISHED_AS = {
    "fct_indicator": "published_indicator",
    "fct_indicator_breakdown": "published_indicator_breakdown",
    "fct_impact": "published_impact",
}


def withhold(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave in copies of the marts what is published of them: rows stay, withheld values go."""
    make_views(connection, *PUBLISHED_AS.values())
    for table, model in PUBLISHED_AS.items():
        connection.execute(f'create temp table published as from "{model}"')
        connection.execute(f'delete from "{table}"')
        connection.execute(f'insert into "{table}" by name from published')
        connection.execute("drop table published")
