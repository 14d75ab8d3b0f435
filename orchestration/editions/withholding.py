"""What is not published of tables that hold it: figures that too few schools stand behind.

What belongs here: taking those values out of a copy of the marts. What does not: which figures
they are, which is their `status` (dbt_project/), and what a city's gate holds back
(analysts/database.py). The build warehouse keeps the values, for stewards and for MetricFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_STATEMENTS = (
    "update fct_indicator_breakdown set value = null, numerator = null, denominator = null, "
    "share_pct = null, value_rank = null where status = 'withheld'",
    "update fct_indicator set value = null, numerator = null, denominator = null "
    "where status = 'withheld'",
    "update fct_impact as i set value = null, value_without = null, change = null "
    "where exists (select 1 from fct_indicator as f where f.status = 'withheld' "
    "and f.area_level = 'city' and f.city = i.city and f.year = i.year "
    "and f.indicator_id = i.indicator_id)",
)


def withhold_uncovered(connection: duckdb.DuckDBPyConnection) -> None:
    """Set withheld values to null; their rows stay.

    `fct_indicator`, `fct_indicator_breakdown` and `fct_impact` are found by these names in a
    writable connection. What is made from them (`city_yearly_metrics`, `fct_indicator_trend`,
    `fct_claim`) comes without those values from dbt.
    """
    for statement in _STATEMENTS:
        connection.execute(statement)
