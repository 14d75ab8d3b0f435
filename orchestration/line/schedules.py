"""When the annual run happens by itself, and the job that a person launches for any year."""

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    RunRequest,
    ScheduleEvaluationContext,
    define_asset_job,
    schedule,
)

from orchestration.line.assets import RELEASE
from orchestration.line.partitions import reporting_years

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


@schedule(
    job=annual_run,
    cron_schedule="0 6 1 12 *",
    execution_timezone="Asia/Shanghai",
    default_status=DefaultScheduleStatus.RUNNING,
)
def every_first_of_december(context: ScheduleEvaluationContext) -> RunRequest:
    """Run the year that is just ending, on 1 December."""
    return RunRequest(partition_key=str(context.scheduled_execution_time.year))
