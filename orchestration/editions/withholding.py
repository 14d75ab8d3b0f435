"""What people outside see of tables that hold what is withheld.

What belongs here: which table is published as which model says. What does not: what is withheld and
of what, which the models say: published_…, and of what a city's gate holds back
models/after_city_gate. The build warehouse keeps the values, for stewards and for MetricFlow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestration.warehouse.models import make_views

if TYPE_CHECKING:
    import duckdb

# Anything else is published as it is: city_yearly_metrics and what is made of it lacks the values.
PUBLISHED_AS = {
    "fct_indicator": "published_indicator",
    "fct_indicator_breakdown": "published_indicator_breakdown",
    "fct_finding_impact": "published_finding_impact",
}
# What a red gate holds back: dbt cannot build it, since the city gate judges what dbt has built.
GATED_FIGURES = {
    "city_yearly_metrics": "gated_city_yearly_metrics",
    "fct_claim": "gated_claim",
    "fct_finding": "gated_finding",
    "fct_indicator": "gated_indicator",
    "fct_indicator_breakdown": "gated_indicator_breakdown",
    "fct_indicator_trend": "gated_indicator_trend",
}
GATED = GATED_FIGURES | {
    "fct_bureau": "gated_bureau",
    "fct_cell": "gated_cell",
    "fct_contribution": "gated_contribution",
    "fct_contribution_by_class": "gated_contribution_by_class",
}


def withhold(
    connection: duckdb.DuckDBPyConnection, models: Mapping[str, str] = PUBLISHED_AS
) -> None:
    """Leave in copies of the marts what models say of them: what is published, unless told else."""
    make_views(connection, *models.values(), is_anew=True)
    for table, model in models.items():
        connection.execute(f'create temp table published as from "{model}"')
        connection.execute(f'delete from "{table}"')
        connection.execute(f'insert into "{table}" by name from published')
        connection.execute("drop table published")
