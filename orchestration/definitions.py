"""Composition only: what Dagster loads."""

from dagster import Definitions, definitions

from orchestration.ground import log
from orchestration.ground.home import Home, configured_cities
from orchestration.ground.settings import zone_of
from orchestration.line import assets, sensors
from orchestration.line.city import build_city_assets
from orchestration.line.dbt_models import build_dbt_assets
from orchestration.line.resources import Deployment, progress
from orchestration.line.schedules import annual_run, build_schedule, release_job


def build_definitions(home: Home) -> Definitions:
    """Return all assets, checks, jobs, schedules and sensors of one home."""
    cities = build_city_assets(configured_cities(home))
    gates = [assets.submission_gate, assets.returned_workbooks, assets.city_gate, assets.impact]
    line = [assets.raw_workbooks, *gates, assets.build_analyst_database(zone_of(home))]
    return Definitions(
        assets=[*line, *build_dbt_assets(home), *cities],
        jobs=[annual_run, release_job],
        schedules=[build_schedule(zone_of(home))],
        sensors=[*sensors.STARTERS, *sensors.WATCHERS],
        loggers={"progress": progress},
        resources={"deployment": Deployment(root=str(home.root))},
    )


@definitions
def defs() -> Definitions:
    """Return the definitions of the home that the environment names."""
    home = Home.from_environment()
    log.configure(home)
    return build_definitions(home)
