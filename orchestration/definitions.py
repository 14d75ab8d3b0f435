"""Composition only: what Dagster loads."""

from dagster import Definitions

from orchestration.ground.home import Home, configured_cities
from orchestration.line import assets
from orchestration.line.resources import Deployment, progress
from orchestration.line.schedules import (
    annual_run,
    every_first_of_december,
    release_job,
)
from orchestration.line.sensors import (
    new_decisions,
    new_workbooks,
    signed_editions,
)


def build_definitions(home: Home) -> Definitions:
    """Return all assets, checks, jobs, schedules and sensors of one home."""
    cities = [part for city in configured_cities(home) for part in assets.build_city_assets(city)]
    gates = [assets.submission_gate, assets.returned_workbooks, assets.city_gate, assets.impact]
    line = [assets.raw_workbooks, *gates, assets.analyst_database]
    return Definitions(
        assets=[*line, *assets.build_dbt_assets(home), *cities],
        jobs=[annual_run, release_job],
        schedules=[every_first_of_december],
        sensors=[new_workbooks, new_decisions, signed_editions],
        loggers={"progress": progress},
        resources={"deployment": Deployment(root=str(home.root))},
    )


defs = build_definitions(Home.from_environment())
