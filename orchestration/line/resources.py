"""What assets are given: the home, and a logger that says how far a run has come."""

import logging
from pathlib import Path

from dagster import ConfigurableResource, DagsterEvent, InitLoggerContext, logger

from orchestration.ground import log
from orchestration.ground.home import Home


class Deployment(ConfigurableResource):
    """One home."""

    root: str

    @property
    def home(self) -> Home:
        """Every path of the deployment."""
        return Home(Path(self.root))


class _StepsOnly(logging.Handler):
    """Says in a line when a step begins, ends or fails; everything else stays in Dagster's log."""

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if not (isinstance(event, DagsterEvent) and event.step_key):
            return
        steps = logging.getLogger(log.PROGRESS)
        if event.is_step_start:
            steps.info("  … %s", event.step_key)
        elif event.is_step_failure:
            steps.info("  ✗ %s", event.step_key)
        elif event.is_step_success:
            seconds = event.step_success_data.duration_ms / 1000
            steps.info("  ✓ %s  %.1f s", event.step_key, seconds)


@logger({}, description="One line a step: what is being done, how long it took.")
def progress(context: InitLoggerContext) -> logging.Logger:
    """Return a logger that tells of the run's steps and nothing else."""
    steps = logging.Logger("nianbao", level=logging.DEBUG)
    steps.addHandler(_StepsOnly())
    return steps
