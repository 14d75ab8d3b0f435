"""What starts a run between the scheduled ones: workbooks that came late or came again."""

from collections.abc import Iterator

from dagster import (
    AssetKey,
    DefaultSensorStatus,
    RunRequest,
    SensorEvaluationContext,
    SkipReason,
    sensor,
)

from orchestration.gate.decisions import KINDS, years_of
from orchestration.ground import clock
from orchestration.ground.ledger import open_ledger
from orchestration.intake.deadlines import KIND as EXTENDED
from orchestration.line.partitions import FIRST_YEAR
from orchestration.line.resources import Deployment
from orchestration.line.schedules import annual_run, release_job


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


@sensor(
    job=annual_run,
    minimum_interval_seconds=60,
    default_status=DefaultSensorStatus.RUNNING,
)
def new_decisions(
    context: SensorEvaluationContext, deployment: Deployment
) -> Iterator[RunRequest | SkipReason]:
    """Start a run for each year that stewards decided on, or extended, since this last looked."""
    seen = int(context.cursor or 0)
    with open_ledger(deployment.home) as ledger:
        events = [event for event in ledger.events(*KINDS, EXTENDED) if event["seq"] > seen]
        years = years_of(ledger, events)
    if not events:
        yield SkipReason("没有新的决定。Nothing was decided.")
        return
    newest = events[-1]["seq"]
    context.update_cursor(str(newest))
    for year in sorted(years):
        yield RunRequest(partition_key=str(year), run_key=f"{year}-decided-{newest}")


@sensor(
    job=release_job,
    minimum_interval_seconds=60,
    default_status=DefaultSensorStatus.RUNNING,
)
def signed_editions(
    context: SensorEvaluationContext, deployment: Deployment
) -> Iterator[RunRequest | SkipReason]:
    """Start a release for each signed edition whose time has come."""
    from orchestration.editions.history import waiting_for_release

    now = clock.now()
    with open_ledger(deployment.home) as ledger:
        waiting = waiting_for_release(deployment.home, ledger)
    due = [(e, e.approval) for e in waiting if e.approval and e.approval.is_due(now)]
    if not due:
        yield SkipReason("没有到时的版次。No signed edition is due.")
    for edition, approval in due:
        yield RunRequest(
            partition_key=str(edition.year),
            asset_selection=[AssetKey([edition.city, "final_edition"])],
            # A release that failed is tried again an hour later; one that succeeded is not due.
            run_key=f"{edition.city}-{edition.year}-v{edition.number}-{approval.seq}-{now:%d-%H}",
        )
