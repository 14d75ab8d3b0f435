"""What assets are given: the home, and a console that says how far a run has come."""

import logging

from dagster import ConfigurableResource, DagsterEvent, InitLoggerContext, logger

from orchestration.ground.home import Home


class Deployment(ConfigurableResource):
    """One home."""

    root: str

    @property
    def home(self) -> Home:
        """Every path of the deployment."""
        from pathlib import Path

        return Home(Path(self.root))


class _ProgressHandler(logging.Handler):
    """Says in a line when a step begins, ends or fails; everything else stays in Dagster's log."""

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if isinstance(event, DagsterEvent) and event.step_key:
            line = _progress_line(event)
            if line:
                print(line, flush=True)


def _progress_line(event: DagsterEvent) -> str | None:
    name = event.step_key or ""
    if event.is_step_start:
        return f"  … {name}"
    if event.is_step_success:
        seconds = event.step_success_data.duration_ms / 1000
        return f"  ✓ {name}  {seconds:.1f} s"
    if event.is_step_failure:
        return f"  ✗ {name}"
    return None


@logger({}, description="One line a step: what is being done, how long it took.")
def progress(context: InitLoggerContext) -> logging.Logger:
    """Return a logger that prints the run's steps and nothing else."""
    log = logging.Logger("nianbao", level=logging.DEBUG)
    log.addHandler(_ProgressHandler())
    return log
