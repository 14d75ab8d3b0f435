"""Measure what the run costs as ratios within one sitting; writes bench.json, judges nothing.

Each ratio is the median of three, numerator and denominator taken in turn, so that a busy machine
slows both. `python tests/benchmarks/bench.py [name …]`.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ROUNDS = 3
COPIES = 22  # 22 x 32 sample schools: 704 workbooks

FLOOR = """
import dagster, dagster_dbt, great_expectations
from dbt.cli.main import dbtRunner
result = dbtRunner().invoke(["--quiet", "parse", "--project-dir", {project!r}, "--profiles-dir",
    {project!r}, "--target-path", {target!r}, "--log-path", {target!r}])
assert result.success
"""

ASSEMBLE = """
import sys
from pathlib import Path
from orchestration.ground.home import Home
from orchestration.warehouse.project import assemble
print(assemble(Home(Path(sys.argv[1]))))
"""

READ = """
import sys
from pathlib import Path
from python_calamine import CalamineWorkbook
for path in sorted(Path(sys.argv[1]).glob("*.xlsx")):
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()
"""

TAKE_IN = """
import sys
from pathlib import Path
from orchestration.ground.home import Home
from orchestration.intake.batch import take_in
from orchestration.ground.ledger import Ledger
home = Home(Path(sys.argv[1]))
report = take_in(home, [2023, 2024], Ledger(f"sqlite:///{home.ledger}"))
assert report.parsed >= int(sys.argv[2]), report
"""


PAGES = """
import re, sys, time
from pathlib import Path
from starlette.testclient import TestClient
from orchestration.ground.home import Home
from orchestration.web.accounts.store import Accounts
from orchestration.web.app import build_app
home = Home(Path(sys.argv[1]))
accounts = Accounts(home)
one_time = accounts.add("bench", "steward", ["*"], "bench")
token = accounts.sign_in("bench", one_time, "zh")
accounts.change_password(token, one_time, "benchmark password")
client = TestClient(build_app(home, ["testserver"], accounts), cookies={"nianbao_session": token})
client.get("/login")
begun = time.perf_counter()
pages = [client.get(path) for path in ("/2024", "/2024/cases")]
print(time.perf_counter() - begun)
assert all(page.status_code == 200 for page in pages), [page.text for page in pages]
"""

READ_FRAMES = """
import sys, time
from pathlib import Path
import pandas as pd
begun = time.perf_counter()
for name in ("findings", "verdicts", "rules", "finding_impact"):
    pd.read_parquet(Path(sys.argv[1]) / "gate" / f"{name}.parquet")
print(time.perf_counter() - begun)
"""


def run(*command: str, home: Path | None = None) -> float:
    """Run a Python command to its end; return the wall time in seconds."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    if home is not None:
        environment["NIANBAO_HOME"] = str(home)
    begun = time.perf_counter()
    finished(*command, environment=environment)
    return time.perf_counter() - begun


def finished(*command: str, environment: dict[str, str] | None = None) -> str:
    """Run a Python command to its end; return what it printed."""
    done = subprocess.run(
        [sys.executable, *command], cwd=REPOSITORY, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def nianbao(home: Path, *arguments: str) -> float:
    """Run the project's own command in a home."""
    return run("-m", "orchestration.cli", *arguments, home=home)


def sample_home(folder: Path) -> Path:
    """Make a home with the sample workbooks, not yet run."""
    shutil.rmtree(folder, ignore_errors=True)
    nianbao(folder, "init")
    nianbao(folder, "sample")
    wait_until_settled()
    return folder


def large_home(folder: Path) -> Path:
    """Make a home of some seven hundred schools, not yet run."""
    sys.path.insert(0, str(REPOSITORY / "samples"))
    from sample_workbooks import multiply

    from orchestration.ground.home import Home

    shutil.rmtree(folder, ignore_errors=True)
    home = Home(folder)
    home.create()
    multiply(home, COPIES)
    wait_until_settled()
    return folder


def wait_until_settled() -> None:
    """Wait until intake no longer takes the newest file for one that is still being copied."""
    time.sleep(3)


def floor(folder: Path) -> float:
    """Return the bare cost: the four imports and one dbt parse, nothing kept from before."""
    target = folder / "floor"
    shutil.rmtree(target, ignore_errors=True)
    home = folder / "floor-home"
    project = finished("-c", ASSEMBLE, str(home)).strip()
    return run("-c", FLOOR.format(project=project, target=str(target)), home=home)


def city_run_over_floor(folder: Path) -> tuple[float, float]:
    """Return seconds of the sample run, workbooks new, and of the bare imports and parse."""
    home = sample_home(folder / "city")
    below = floor(folder)
    return nianbao(home, "run", "--year", "2024"), below


def intake_over_calamine(folder: Path) -> tuple[float, float]:
    """Return seconds of taking in 700 workbooks, and of python-calamine merely reading them."""
    # Each time another folder: a file system makes files slowly where it has just deleted some.
    home = large_home(Path(tempfile.mkdtemp(dir=folder)) / "intake")
    files = len(list((home / "inbox" / "2024").glob("*.xlsx")))
    inbox = str(home / "inbox" / "2024")
    shutil.rmtree(home / "inbox" / "2023", ignore_errors=True)
    bare = run("-c", READ, inbox)
    return run("-c", TAKE_IN, str(home), str(files)), bare


def one_changed_over_city_run(folder: Path) -> tuple[float, float]:
    """Return seconds of a whole run after one of 700 workbooks changed, and of the sample run."""
    import openpyxl

    home = folder / "large"
    if not (home / "gate").exists() or not any((home / "gate").iterdir()):
        large_home(home)
        nianbao(home, "run", "--year", "2024")
    changed = sorted((home / "inbox" / "2024").glob("*.xlsx"))[0]
    book = openpyxl.load_workbook(changed)
    book.properties.title = f"changed {time.time()}"
    book.save(changed)
    wait_until_settled()
    seconds = nianbao(home, "run", "--year", "2024")
    return seconds, nianbao(sample_home(folder / "city"), "run", "--year", "2024")


def many_findings(home: Path, count: int) -> None:
    """Give a home that was run so many findings, spread over its schools and submissions."""
    import pandas as pd

    faulty = home.parent / "faulty"
    if not (faulty / "gate").exists():
        nianbao(faulty, "init")
        nianbao(faulty, "sample", "--faulty")
        wait_until_settled()
        subprocess.run(
            [sys.executable, "-m", "orchestration.cli", "run", "--year", "2024"],
            cwd=REPOSITORY,
            env={**os.environ, "NIANBAO_HOME": str(faulty)},
            capture_output=True,
            check=False,  # its gate is not green
        )
    found = pd.read_parquet(faulty / "gate" / "findings.parquet")
    found = found[(found["year"] == 2024) & found["submission_id"].notna()]
    files = pd.concat(map(pd.read_parquet, (home / "raw" / "submissions").glob("*/*.parquet")))
    files = files[(files["year"] == 2024) & files["school_code"].notna()].reset_index(drop=True)
    rows = found.iloc[[n % len(found) for n in range(count)]].reset_index(drop=True)
    owners = files.iloc[[n % len(files) for n in range(count)]].reset_index(drop=True)
    for name in ("city", "school_code", "submission_id", "file_name"):
        rows[name] = owners[name]
    for name in ("finding_id", "case_id", "values_hash"):
        rows[name] = [f"{n:016x}" for n in range(count)]
    rows.to_parquet(home / "gate" / "findings.parquet", index=False)


def steward_pages_over_reading(folder: Path) -> tuple[float, float]:
    """Return seconds of the overview and the list, 700 schools and 5,000 findings, read anew.

    Over pandas merely reading the files. Both pages together; the mark is one second each.
    """
    home = folder / "pages"
    if not home.exists():
        large_home(home)
        nianbao(home, "run", "--year", "2024")
        many_findings(home, 5000)
    (home / "accounts.sqlite").unlink(missing_ok=True)
    return float(finished("-c", PAGES, str(home))), float(finished("-c", READ_FRAMES, str(home)))


def measure(name: str, once: Callable[[Path], tuple[float, float]], folder: Path) -> dict:
    """Return the median ratio with its three pairs."""
    pairs = [once(folder) for _ in range(ROUNDS)]
    ratio = statistics.median(above / below for above, below in pairs)
    print(f"{name}: {ratio:.2f}  {[(round(a, 1), round(b, 1)) for a, b in pairs]}", flush=True)
    return {"ratio": round(ratio, 3), "seconds": [[round(x, 2) for x in pair] for pair in pairs]}


def main() -> None:
    """Measure the named ratios, all by default, and write bench.json."""
    every = (
        *(city_run_over_floor, intake_over_calamine, one_changed_over_city_run),
        steward_pages_over_reading,
    )
    names = sys.argv[1:] or [once.__name__ for once in every]
    path = REPOSITORY / "bench.json"
    results = json.loads(path.read_text()) if path.exists() and sys.argv[1:] else {}
    with tempfile.TemporaryDirectory() as folder:
        for once in every:
            if once.__name__ in names:
                results[once.__name__] = measure(once.__name__, once, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    results["peak_memory_mib"] = round(peak)
    path.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
