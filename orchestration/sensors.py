"""What starts a run between the scheduled ones: workbooks that came late or came again."""

from collections.abc import Iterator

from dagster import DefaultSensorStatus, RunRequest, SensorEvaluationContext, SkipReason, sensor

from orchestration.ledger import open_ledger
from orchestration.partitions import FIRST_YEAR
from orchestration.resources import Deployment
from orchestration.schedules import annual_run


@sensor(
    job=annual_run,
    minimum_interval_seconds=60,
    default_status=DefaultSensorStatus.RUNNING,
)
def new_workbooks(
    context: SensorEvaluationContext, deployment: Deployment
) -> Iterator[RunRequest | SkipReason]:
    """Start a run for each year whose inbox holds a file that the ledger has not received."""
    from orchestration.intake.batch import waiting_files

    with open_ledger(deployment.home) as ledger:
        waiting = waiting_files(deployment.home, ledger)
    requests = [
        RunRequest(partition_key=str(year), run_key=f"{year}-{digest}")
        for year, digest in sorted(waiting.items())
        if year >= FIRST_YEAR
    ]
    if not requests:
        yield SkipReason("收件箱没有新文件。The inbox holds nothing new.")
    yield from requests
