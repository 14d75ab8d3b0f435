"""Execute the annual job through Dagster in this process, so that its imports are paid once.

What belongs here: how a run starts and ends in the command's own process. What does not: what the
job is (line/), and what a command prints.
"""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
from uuid import uuid4

from orchestration.ground import alerts
from orchestration.ground.alerts import Kind, Run, Trouble
from orchestration.ground.files import write_text
from orchestration.ground.home import Home
from orchestration.ground.text import NianbaoError, Text

log = logging.getLogger(__name__)
_JOB = "annual_run"
_MARK = (
    "# nianbao 写入的设置；删去本行后不再改写。Written by nianbao; without this line it stays.\n"
)
# One process writes the warehouse; a run that was killed is called failed in the end, and told of.
_DAGSTER_YAML = f"""{_MARK}telemetry:
  enabled: false
python_logs:
  python_log_level: WARNING
concurrency:
  runs:
    max_concurrent_runs: 1
run_monitoring:
  enabled: true
  start_timeout_seconds: 600
  max_runtime_seconds: 43200
freshness:
  enabled: true
nux:
  enabled: false
event_log_storage:
  module: orchestration.line.event_log
  class: EventLog
  config:
    base_dir:
      env: DAGSTER_HOME
"""
_AS_WRITTEN_BEFORE = (
    "telemetry:\n  enabled: false\n"
    "python_logs:\n  python_log_level: WARNING\n"
    "concurrency:\n  runs:\n    max_concurrent_runs: 1\n"
    "nux:\n  enabled: false\n"
)


class NoSuchYear(NianbaoError):
    """There is no such reporting year, or it has not begun."""


def execute_annual_run(home: Home, year: int) -> list[Trouble]:
    """Run every asset of one year; tell people what went wrong, and return it.

    A city that its gate blocks fails its own step only; the other steps still run. Raises
    `NoSuchYear` before anything is run for a year that is none.
    """
    try:
        run, troubles = _execute(home, year)
    except Exception as error:
        # Whoever has the command started by a clock reads no terminal.
        text = Text("运行没有开始。", "The run did not start.")
        trouble = Trouble(Kind.run_failed, _JOB, text, str(error))
        alerts.tell(home, Run(str(uuid4()), _JOB, year), [trouble])
        raise
    alerts.tell(home, run, troubles)
    return troubles


def _execute(home: Home, year: int) -> tuple[Run, list[Trouble]]:
    # GX and dbt phone home unless told not to before they are imported.
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    # What is loaded stays to the end: searching it for garbage costs seconds and finds nothing.
    gc.disable()
    parsing = subprocess.Popen(
        [sys.executable, "-m", "orchestration.warehouse.dbt", str(home.root)]
    )
    from dagster import DagsterInstance

    import orchestration.gate.suites  # noqa: F401 — imports GX while dbt parses the project
    from orchestration.definitions import build_definitions
    from orchestration.line.failures import troubles_of
    from orchestration.line.partitions import reporting_years
    from orchestration.publishing import apart
    from orchestration.warehouse import dbt as warehouse

    years = reporting_years.get_partition_keys()
    if str(year) not in years:
        raise NoSuchYear(
            f"没有 {year} 年度，可用 {years[0]} 至 {years[-1]}。",
            f"There is no year {year}; there are {years[0]} to {years[-1]}.",
        )

    logging.getLogger("dagster").setLevel(logging.ERROR)
    with DagsterInstance.get() as instance:
        warehouse.get_ready()
        parsing.wait()
        apart.get_ready()
        job = build_definitions(home).resolve_job_def(_JOB)
        gc.freeze()
        gc.enable()
        try:
            result = job.execute_in_process(
                partition_key=str(year), instance=instance, raise_on_error=False
            )
        finally:
            # What stays frozen is never taken apart, and DuckDB complains of that at the end.
            gc.unfreeze()
    return Run(result.run_id, _JOB, year), troubles_of(home, year, result.all_events)


def write_dagster_yaml(home: Home) -> None:
    """Keep Dagster quiet (no telemetry, no sign-up form) and its runs one at a time.

    A file that the home's people have made their own stays as it is.
    """
    path = home.dagster / "dagster.yaml"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not text or text.startswith(_MARK) or text == _AS_WRITTEN_BEFORE:
        write_text(path, _DAGSTER_YAML)
