"""What an edition is made by: the state of ledger, declarations and software that it came from.

What belongs here: recording these, so that an edition can be made again. What does not: its tables
(manuscript.py), and making it again (rebuild.py).
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from orchestration.editions.history import CityYear, EditionRefused, State
from orchestration.gate.run import city_outcome
from orchestration.ground import clock
from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.ledger import marked
from orchestration.ground.settings import zone_of
from orchestration.intake.declared.snapshot import keep_reference


@dataclass(frozen=True)
class Imprint:
    """What an edition says of how it came about; with the same imprint it is made again.

    `gate` is what the city gate said, `ledger` how far the ledger was at each step of the run,
    `compared_with` the numbers of the editions whose figures it is held against.
    """

    city: str
    year: int
    edition: int
    status: State
    published_at: str
    gate: str
    ledger: Mapping[str, Mapping[str, Any]]
    reference_hash: str
    definitions: Mapping[str, str]
    software: Mapping[str, str]
    compared_with: Sequence[int]
    made_from: int | None = None
    approval: Mapping[str, Any] | None = None
    time_zone: str = clock.CHINA.key  # of its days; editions before it was stated are of China


def imprint_of(manifest: Mapping[str, Any]) -> Imprint:
    """Return the imprint that an edition's manifest states.

    Raises `EditionRefused` for an edition of a time when manifests stated none.
    """
    needed = {field.name for field in fields(Imprint) if field.name != "time_zone"}
    if not needed <= manifest.keys():
        raise EditionRefused(
            f"v{manifest['edition']} 由旧版程序生成，没有记录重做所需的信息。",
            f"v{manifest['edition']} is of older software, which did not record what it takes.",
        )
    stated = {f.name: manifest[f.name] for f in fields(Imprint) if f.name in manifest}
    return Imprint(**stated | {"status": State(stated["status"])})


def imprint_of_run(home: Home, editions: CityYear) -> Imprint:
    """Return the imprint of the next, provisional edition: what the latest run went by.

    It is held against the edition that stands and against the final one that stands, unless these
    are of a time when manifests stated less.
    """
    standing = {e.number: e for e in (editions.current, editions.current_final) if e}
    declared = definitions(home)
    return Imprint(
        city=editions.city,
        year=editions.year,
        edition=editions.next_number,
        status=State.provisional,
        published_at=clock.stamp(),
        gate=city_outcome(home, editions.city, editions.year)[0],
        ledger={
            "intake": marked(home.raw, "intake"),
            "submissions": marked(home.gate, "submissions"),
            "cities": marked(home.gate, "cities"),
        },
        reference_hash=keep_reference(home),
        definitions=declared,
        software=software(),
        time_zone=zone_of(home).key,
        compared_with=sorted(n for n, e in standing.items() if "ledger" in e.manifest()),
    )


def definitions(home: Home) -> dict[str, str]:
    """Return a hash over each part that says what a figure is: forms, rules, models, software."""
    return {
        name: _folder_hash([REPOSITORY / name, home.root / name])
        for name in ("forms", "expectations", "dbt_project", "orchestration")
    }


def software() -> dict[str, str]:
    """Return the versions of what writes an edition's files, and the commit where it is known."""
    import platform
    from importlib.metadata import version

    names = (
        *("nianbao", "dbt-core", "duckdb", "great-expectations", "pandas", "pyarrow"),
        *("xlsxwriter", "pysdmx", "docxtpl", "python-docx", "matplotlib", "mplfonts", "mammoth"),
    )
    git = ["git", "-C", str(REPOSITORY), "rev-parse", "HEAD"]
    try:
        said = subprocess.run(git, capture_output=True, text=True, timeout=10)
        commit = said.stdout.strip() if said.returncode == 0 else ""
    except OSError:
        commit = ""
    return {"python": platform.python_version(), **{n: version(n) for n in names}, "commit": commit}


def _folder_hash(folders: list[Path]) -> str:
    """Return one hash over the text files of folders, in order of their paths."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".yml", ".sql", ".py", ".csv"}:
                digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()
