"""When the annual run happens by itself, and the jobs that a person launches for any year.

What belongs here: jobs and the calendar. What does not: what else starts a run (sensors.py).
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    FreshnessPolicy,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    define_asset_job,
    schedule,
)

from orchestration.line.partitions import reporting_years

RELEASE = "release"  # the group of what waits for a person's signature
_FIRST_OF_DECEMBER, _A_DAY_LATER = "0 6 1 12 *", "0 6 2 12 *"

annual_run = define_asset_job(
    "annual_run",
    # A final edition waits for a signature.
    selection=AssetSelection.all() - AssetSelection.groups(RELEASE),
    partitions_def=reporting_years,
    description="The whole line for one year: intake, gates, marts, editions.",
    config={"loggers": {"progress": {}}},
)

release_job = define_asset_job(
    "release_job",
    selection=AssetSelection.groups(RELEASE),
    partitions_def=reporting_years,
    description="Signed editions, published as final when they are due.",
)


def build_schedule(zone: ZoneInfo) -> ScheduleDefinition:
    """Return the calendar of the annual run, in a home's zone."""

    @schedule(
        job=annual_run,
        cron_schedule=_FIRST_OF_DECEMBER,
        execution_timezone=zone.key,
        default_status=DefaultScheduleStatus.RUNNING,
    )
    def every_first_of_december(context: ScheduleEvaluationContext) -> RunRequest:
        """Run the year that is just ending, on 1 December."""
        return RunRequest(partition_key=str(context.scheduled_execution_time.year))

    return every_first_of_december


def fresh_after_the_annual_run(zone: ZoneInfo) -> FreshnessPolicy:
    """Return what is expected of the line's last table: a day after 1 December it is new."""
    return FreshnessPolicy.cron(_A_DAY_LATER, timedelta(days=1), zone.key)
