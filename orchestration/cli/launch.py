"""Execute the annual job through Dagster in this process, so that its imports are paid once."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from typing import Any

from orchestration.ground.home import Home


def execute_annual_run(home: Home, year: int) -> dict[str, str]:
    """Run every asset of one year; return what went wrong by step, empty if nothing did.

    A city that its gate blocks fails its own step only; the other steps still run.
    """
    # GX and dbt phone home unless told not to before they are imported.
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    import logging

    # What is loaded stays to the end: searching it for garbage costs seconds and finds nothing.
    gc.disable()
    parsing = subprocess.Popen(
        [sys.executable, "-m", "orchestration.warehouse.dbt", str(home.root)]
    )
    from dagster import DagsterInstance

    import orchestration.gate.suites  # noqa: F401 — imports GX while dbt parses the project

    logging.getLogger("dagster").setLevel(logging.ERROR)
    with DagsterInstance.get() as instance:
        parsing.wait()
        from orchestration.definitions import defs

        gc.freeze()
        gc.enable()
        result = defs.resolve_job_def("annual_run").execute_in_process(
            partition_key=str(year), instance=instance, raise_on_error=False
        )
        failed = {}
        for event in result.all_events:
            if event.is_step_failure and event.step_key:
                error = event.step_failure_data.error
                failed[event.step_key] = _in_words(error) if error else ""
    return failed


def write_dagster_yaml(home: Home) -> None:
    """Keep Dagster quiet (no telemetry, no sign-up form) and its runs one at a time.

    One process writes the warehouse.
    """
    text = (
        "telemetry:\n  enabled: false\n"
        "python_logs:\n  python_log_level: WARNING\n"
        "concurrency:\n  runs:\n    max_concurrent_runs: 1\n"
        "nux:\n  enabled: false\n"
    )
    (home.dagster / "dagster.yaml").write_text(text, encoding="utf-8")


def _in_words(error: Any) -> str:
    """Return what a person needs: that a gate held, or the message of the error that began it."""
    if error.cls_name == "DagsterAssetCheckFailedError":
        return "关卡未通过，不发布。The gate is not green: not published."
    cause = error
    while cause.cause is not None:
        cause = cause.cause
    return str(cause.message).strip()
