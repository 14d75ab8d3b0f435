"""Execute the annual job through Dagster in this process, so that its imports are paid once."""

from __future__ import annotations

import os
from typing import Any

from orchestration.home import Home


def execute_annual_run(home: Home, year: int) -> dict[str, str]:
    """Run every asset of one year; return what went wrong by step, empty if nothing did.

    A city that its gate blocks fails its own step only; the other steps still run.
    """
    # GX and dbt phone home unless told not to before they are imported.
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    import logging

    from dagster import DagsterInstance

    logging.getLogger("dagster").setLevel(logging.ERROR)
    from orchestration.definitions import defs

    with DagsterInstance.get() as instance:
        result = defs.resolve_job_def("annual_run").execute_in_process(
            partition_key=str(year), instance=instance, raise_on_error=False
        )
        failed = {}
        for event in result.all_events:
            if event.is_step_failure and event.step_key:
                error = event.step_failure_data.error
                failed[event.step_key] = _in_words(error) if error else ""
    return failed


def _in_words(error: Any) -> str:
    """Return what a person needs: that a gate held, or the message of the error that began it."""
    if error.cls_name == "DagsterAssetCheckFailedError":
        return "关卡未通过，不发布。The gate is not green: not published."
    cause = error
    while cause.cause is not None:
        cause = cause.cause
    return str(cause.message).strip()
