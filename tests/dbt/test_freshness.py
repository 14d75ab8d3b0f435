"""`dbt source freshness` says how long ago anything came in, and never fails for it."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pandas as pd
import pytest

from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.warehouse.project import assemble


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("freshness"))
    home.create()
    return home


def freshness(home, received_at):
    """Return what dbt says of each source table of a home whose newest file came in then."""
    folder = home.raw / "submissions" / "year=2024"
    folder.mkdir(parents=True, exist_ok=True)
    times = [received_at - timedelta(days=900), received_at]
    moments = [moment.isoformat() for moment in times]
    pd.DataFrame({"received_at": moments}).to_parquet(folder / "run.parquet")
    project = str(assemble(home))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "source", "freshness"),
            *("--project-dir", project, "--profiles-dir", project),
            *("--target-path", str(home.target), "--log-path", str(home.logs)),
        ],
        env={**os.environ, "NIANBAO_HOME": str(home.root), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    results = json.loads((home.target / "sources.json").read_text(encoding="utf-8"))["results"]
    assert {result["unique_id"].split(".")[2] for result in results} == {"raw"}
    assert len(results) > 20
    return {result["status"] for result in results}


@pytest.mark.parametrize(("days", "said"), [(399, "pass"), (401, "warn")])
def test_a_raw_zone_that_missed_a_whole_year_is_warned_of(home, days, said):
    assert freshness(home, clock.now() - timedelta(days=days)) == {said}
