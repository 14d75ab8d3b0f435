"""What starts a run between the scheduled ones, and what tells people how a run ended.

What belongs here: what Dagster's daemon looks at. What does not: the calendar (schedules.py), and
what an alert is (ground/alerts.py).
"""

from collections.abc import Iterator
from functools import partial

from dagster import (
    AssetKey,
    DagsterRun,
    DagsterRunStatus,
    DefaultSensorStatus,
    RunFailureSensorContext,
    RunRequest,
    RunStatusSensorContext,
    SensorEvaluationContext,
    SkipReason,
    run_failure_sensor,
    run_status_sensor,
    sensor,
)

from orchestration.gate.decisions import KINDS, years_of
from orchestration.ground import alerts, clock
from orchestration.ground.ledger import open_ledger
from orchestration.intake.declared.deadlines import KIND as EXTENDED
from orchestration.intake.declared.exclusions import EXCLUDED, EXCLUSION_ENDED
from orchestration.intake.received import INTAKE, RIVAL_SETTLED
from orchestration.line.city import FINAL_EDITION
from orchestration.line.failures import troubles_of
from orchestration.line.partitions import FIRST_YEAR
from orchestration.line.resources import Deployment
from orchestration.line.schedules import annual_run, release_job

_RUNS = DefaultSensorStatus.RUNNING
starter = partial(sensor, minimum_interval_seconds=60, default_status=_RUNS)


@starter(job=annual_run)
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


@starter(job=annual_run)
def new_decisions(
    context: SensorEvaluationContext, deployment: Deployment
) -> Iterator[RunRequest | SkipReason]:
    """Start a run for each year that people decided, extended, chose or excluded something of."""
    seen = int(context.cursor or 0)
    with open_ledger(deployment.home) as ledger:
        every = ledger.events(*KINDS, EXTENDED, RIVAL_SETTLED, EXCLUDED, EXCLUSION_ENDED)
        # What intake settles itself it settles within a run.
        events = [event for event in every if event["seq"] > seen and event["actor"] != INTAKE]
        years = years_of(ledger, events)
    if not events:
        yield SkipReason("没有新的决定。Nothing was decided.")
        return
    newest = events[-1]["seq"]
    context.update_cursor(str(newest))
    for year in sorted(years):
        yield RunRequest(partition_key=str(year), run_key=f"{year}-decided-{newest}")


@starter(job=release_job)
def signed_editions(
    context: SensorEvaluationContext, deployment: Deployment
) -> Iterator[RunRequest | SkipReason]:
    """Start a release for each signed edition whose time has come.

    What is published follows the ledger here where nobody was left to see to it.
    """
    from orchestration.analysts.database import DatabaseClosed, catch_up
    from orchestration.editions.history import waiting_for_release

    now = clock.now()
    with open_ledger(deployment.home) as ledger:
        waiting = waiting_for_release(deployment.home, ledger)
        try:
            catch_up(deployment.home, ledger)
        except DatabaseClosed as error:
            context.log.error(str(error))
    due = [(e, e.approval) for e in waiting if e.approval and e.approval.is_due(now)]
    if not due:
        yield SkipReason("没有到时的版次。No signed edition is due.")
    for edition, approval in due:
        yield RunRequest(
            partition_key=str(edition.year),
            asset_selection=[AssetKey([edition.city, FINAL_EDITION])],
            # A release that failed is tried again an hour later; one that succeeded is not due.
            run_key=f"{edition.city}-{edition.year}-v{edition.number}-{approval.seq}-{now:%d-%H}",
        )


@run_failure_sensor(default_status=_RUNS)
def failed_runs(context: RunFailureSensorContext, deployment: Deployment) -> None:
    """Tell people of a run that failed, and of each city that its gate held back."""
    run = as_told(context.dagster_run)
    events = [*context.get_step_failure_events(), context.failure_event]
    alerts.tell(deployment.home, run, troubles_of(deployment.home, run.year, events))


@run_status_sensor(run_status=DagsterRunStatus.SUCCESS, default_status=_RUNS)
def mended_runs(context: RunStatusSensorContext, deployment: Deployment) -> None:
    """Let alerts rest once a run of the same job and year has ended well."""
    alerts.tell(deployment.home, as_told(context.dagster_run), [])


def as_told(run: DagsterRun) -> alerts.Run:
    """Return a run as alerts know it."""
    year = run.tags.get("dagster/partition")
    return alerts.Run(run.run_id, run.job_name, int(year) if year else None)


STARTERS = [new_workbooks, new_decisions, signed_editions]
WATCHERS = [failed_runs, mended_runs]
