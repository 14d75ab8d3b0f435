"""Editions: one city's year, written once as a folder v1, v2, … and never changed.

What belongs here: the order in which an edition comes about, and how it appears in one step. What
does not: what is in its tables (contents.py) and how its files look (figures.py, package.py);
whether a city may be published, which is the gate's word and the run's order.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from orchestration.gate.run import city_outcome
from orchestration.home import REPOSITORY, Home
from orchestration.intake.snapshot import archived, keep_reference, reference_files
from orchestration.ledger import Ledger, marked
from orchestration.publication import figures
from orchestration.publication.contents import (
    METRICS,
    Tables,
    city_tables,
    content_hash,
    parquet,
    read_tables,
    write_tables,
)
from orchestration.publication.life import (
    FINAL,
    PROVISIONAL,
    PUBLISHED,
    REVISED,
    STATES,
    Edition,
    LifeRefused,
    alone,
    editions_of,
    newest,
    read_manifest,
    waiting_for_release,
    write_index,
)
from orchestration.publication.package import write_package
from orchestration.publication.revisions import REVISION, Before, Made, revisions
from orchestration.publication.verify import verify_edition

if TYPE_CHECKING:
    import pandas as pd

SYNTHETIC_NOTICE = (
    "合成数据：各校数字是对已公布总数的合成拆分，并非学校实际填报。"
    "Synthetic data: the schools' figures are a synthetic split of printed totals, "
    "not what schools filed."
)
REAL_NOTICE = "学校与主管部门填报数据。Figures filed by the schools and the bureau."


@dataclass(frozen=True)
class Imprint:
    """What an edition says of how it came about; with the same imprint it is made again.

    `ledger` holds how far the ledger was at each step of the run, `compared_with` the numbers of
    the editions whose figures it is held against.
    """

    city: str
    year: int
    edition: int
    status: str
    published_at: str
    ledger: Mapping[str, Mapping[str, Any]]
    reference_hash: str
    definitions: Mapping[str, str]
    software: Mapping[str, str]
    compared_with: Sequence[int]
    made_from: int | None = None
    approval: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Published:
    """An edition, and whether it is new or the latest one already said the same."""

    edition: Edition
    is_new: bool


def latest_edition(home: Home, city: str, year: int) -> int:
    """Return the number of the newest edition's folder of a city's year, 0 if there is none."""
    folders = home.editions(city, year).glob("v*")
    return max((int(path.name[1:]) for path in folders if path.name[1:].isdigit()), default=0)


# -- publishing ------------------------------------------------------------------------------------


def publish_edition(home: Home, ledger: Ledger, city: str, year: int) -> Published:
    """Publish a city's year as provisional, unless its newest edition holds the same already."""
    tables = city_tables(home, city, year)
    with publishing(home, ledger, city, year):
        known = editions_of(home, ledger, city, year)
        imprint = Imprint(
            city=city,
            year=year,
            edition=latest_edition(home, city, year) + 1,
            status=PROVISIONAL,
            published_at=_now(),
            ledger={
                "intake": marked(home.raw, "intake"),
                "submissions": marked(home.gate, "submissions"),
                "cities": marked(home.gate, "cities"),
            },
            reference_hash=keep_reference(home),
            definitions=definitions(home),
            software=software(),
            compared_with=_to_compare(known),
        )
        if known and known[-1].content_hash == content_hash(tables, _template_hash(home, imprint)):
            return Published(known[-1], is_new=False)
        made = write_provisional(home, ledger, tables, imprint)
        return Published(_registered(home, ledger, made), is_new=True)


def publish_final(home: Home, ledger: Ledger, signed: Edition) -> Published:
    """Publish a signed edition as final, or as revised where a final one was published before.

    It holds what was signed, whatever has come in since. Raises `LifeRefused` if the signed edition
    was altered, withdrawn, or has been published as final already.
    """
    with publishing(home, ledger, signed.city, signed.year):
        waiting = {(e.city, e.year, e.number): e for e in waiting_for_release(home, ledger)}
        due = waiting.get((signed.city, signed.year, signed.number))
        if due is None or due.approval is None:
            raise LifeRefused(
                f"v{signed.number} 没有待发布的批准。v{signed.number} has no approval to release."
            )
        faults = verify_edition(due)
        if faults:
            raise LifeRefused(f"{faults[0].zh}{faults[0].en}")
        known = editions_of(home, ledger, signed.city, signed.year)
        imprint = replace(
            imprint_of(read_manifest(due)),
            edition=latest_edition(home, signed.city, signed.year) + 1,
            status=REVISED if newest(known, FINAL, REVISED) else FINAL,
            published_at=_now(),
            made_from=due.number,
            approval=asdict(due.approval),
        )
        return Published(_registered(home, ledger, write_final(home, due, imprint)), is_new=True)


def release_due(
    home: Home, ledger: Ledger, now: datetime, city: str | None = None, year: int | None = None
) -> list[Edition]:
    """Publish as final every signed edition whose release time has come; return what was made.

    Of all cities and years, or of one. Raises `LifeRefused` as `publish_final` does.
    """
    return [
        publish_final(home, ledger, signed).edition
        for signed in waiting_for_release(home, ledger)
        if signed.approval
        and signed.approval.is_due(now)
        and city in {None, signed.city}
        and year in {None, signed.year}
    ]


def imprint_of(manifest: Mapping[str, Any]) -> Imprint:
    """Return the imprint that an edition's manifest states."""
    return Imprint(**{field.name: manifest[field.name] for field in fields(Imprint)})


def _to_compare(known: list[Edition]) -> list[int]:
    """Return the editions that a new one is held against: the newest, and the newest final one."""
    found = (newest(known), newest(known, FINAL, REVISED))
    return sorted({edition.number for edition in found if edition})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextlib.contextmanager
def publishing(home: Home, ledger: Ledger, city: str, year: int) -> Iterator[None]:
    """Let one process at a time publish, and first put right what one that was killed left.

    A half-written folder goes; a whole one that the ledger was not told of is told now.
    """
    with alone(home):
        for left in home.editions(city, year).glob(".*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        told = {edition.number for edition in editions_of(home, ledger, city, year)}
        for number in range(1, latest_edition(home, city, year) + 1):
            folder = home.editions(city, year) / f"v{number}"
            if number not in told and (folder / "manifest.json").is_file():
                _registered(home, ledger, folder)
        if told:
            write_index(home, ledger, city, year)
        yield


def _registered(home: Home, ledger: Ledger, folder: Path) -> Edition:
    """Tell the ledger of a folder that is in its place, and renew the list of editions."""
    text = (folder / "manifest.json").read_bytes()
    manifest = json.loads(text)
    named = ("city", "year", "edition", "status", "published_at", "content_hash", "made_from")
    payload = {name: manifest[name] for name in named}
    payload["manifest_hash"] = hashlib.sha256(text).hexdigest()
    ledger.append(PUBLISHED, payload, actor="annual_run")
    write_index(home, ledger, manifest["city"], manifest["year"])
    return editions_of(home, ledger, manifest["city"], manifest["year"])[-1]


# -- what an edition holds -------------------------------------------------------------------------


def write_provisional(home: Home, ledger: Ledger, tables: Tables, imprint: Imprint) -> Path:
    """Write an edition of what the warehouse says; return its folder."""
    made = Made(imprint.definitions, imprint.reference_hash)
    # What came after the gate spoke has no part in what it said.
    known = ledger.as_of(imprint.ledger["cities"]["seq"])
    moved = [
        revisions(home, known, imprint.city, imprint.year, tables, made, _before(home, imprint, n))
        for n in imprint.compared_with
    ]
    tables["revision"] = pa.concat_tables([REVISION.empty_table(), *moved])
    hashed = {name: table for name, table in tables.items() if name != "revision"}
    digest = content_hash(hashed, _template_hash(home, imprint))
    return _write(home, imprint, tables, digest)


def write_final(home: Home, signed: Edition, imprint: Imprint) -> Path:
    """Write a signed edition again with its new status; return its folder."""
    tables = read_tables(signed.folder)
    since = [n for n in imprint.compared_with if _status(home, imprint, n) in {FINAL, REVISED}]
    moved = {
        row["indicator_id"]
        for row in tables["revision"].to_pylist()
        if row["compared_with"] in since
    }
    for name in (METRICS, "fct_indicator"):
        tables[name] = _with_status(tables[name], imprint.status, moved)
    return _write(home, imprint, tables, signed.content_hash)


def _with_status(table: pa.Table, status: str, moved: set[str]) -> pa.Table:
    """Return the figures as final; where the edition is revised, those that moved as revised."""
    said = [
        row["status"]
        if row["status"] == "withheld"
        else (REVISED if status == REVISED and row["indicator_id"] in moved else FINAL)
        for row in table.select(["indicator_id", "status"]).to_pylist()
    ]
    at = table.column_names.index("status")
    return table.set_column(at, table.schema.field(at), pa.array(said, pa.string()))


def _before(home: Home, imprint: Imprint, number: int) -> Before:
    folder = home.editions(imprint.city, imprint.year) / f"v{number}"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return Before(number, read_tables(folder), manifest)


def _status(home: Home, imprint: Imprint, number: int) -> str:
    return _before(home, imprint, number).manifest["status"]


def _template_hash(home: Home, imprint: Imprint) -> str:
    """Return the hash of the city's report template as the archive has it, empty without one."""
    files = reference_files(home, imprint.reference_hash)
    return files.get(f"cities/{imprint.city}/report.docx", "")


def _write(home: Home, imprint: Imprint, tables: Tables, digest: str) -> Path:
    """Write an edition beside its place and rename it into it; a crash leaves nothing of it."""
    folder = home.editions(imprint.city, imprint.year) / f"v{imprint.edition}"
    beside = folder.with_name(f".v{imprint.edition}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        _fill(home, beside, imprint, tables, digest)
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return folder


def _fill(home: Home, folder: Path, imprint: Imprint, tables: Tables, digest: str) -> None:
    (place,) = tables["city"].to_pylist()
    notice = SYNTHETIC_NOTICE if place["is_synthetic"] else REAL_NOTICE
    state = STATES[imprint.status]
    title = (
        f"{place['name_zh']} {imprint.year} 年中等职业教育指标 v{imprint.edition}（{state[0]}）"
        f" {place['name_en']} {imprint.year} v{imprint.edition} ({state[1]})"
    )
    frames = {name: table.to_pandas() for name, table in tables.items()}
    metrics = frames[METRICS].assign(
        data_origin="synthetic sample" if place["is_synthetic"] else "filed"
    )
    write_tables(folder, tables)
    (folder / "metrics.parquet").write_bytes(parquet(_with_origin(tables[METRICS], metrics)))
    metrics.to_csv(folder / "metrics.csv", index=False, encoding="utf-8-sig")
    figures.write_sdmx(folder / "metrics.sdmx.csv", metrics)
    for name, file in (("data_dictionary", "data_dictionary"), ("revision", "revisions")):
        frames[name].to_csv(folder / f"{file}.csv", index=False, encoding="utf-8-sig")
    note = (imprint.approval or {}).get("note", "")
    notes = [text for text in (notice, note) if text]
    sheets = {
        "指标 Indicators": metrics,
        "指标定义 Definitions": frames["dim_indicator"],
        "修订 Revisions": frames["revision"],
        "说明通过 Explanations": frames["fct_decision"],
    }
    figures.write_workbook(folder / "metrics.xlsx", title, notes, sheets)
    (folder / "README.txt").write_text("\n".join([title, *notes, ""]), encoding="utf-8")
    manifest = {
        **asdict(imprint),
        "content_hash": digest,
        "is_synthetic": bool(place["is_synthetic"]),
        "notice": notice,
        "gate": city_outcome(home, imprint.city, imprint.year)[0],
        "report": {"state": "none", "places": []},
        "counts": {name: table.num_rows for name, table in sorted(tables.items())},
        "inputs": tables["input"].select(_INPUT).to_pylist(),
        "home_overrides": [
            path
            for path in reference_files(home, imprint.reference_hash)
            if path.startswith(("forms/", "expectations/")) or path == home.standards.name
        ],
    }
    write_package(folder, manifest, title)
    manifest["files"] = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)


_INPUT = ["year", "filed_by", "school_code", "submission_id", "file_name", "file_hash"]


def _with_origin(table: pa.Table, metrics: pd.DataFrame) -> pa.Table:
    return table.append_column("data_origin", pa.array(metrics["data_origin"], pa.string()))


# -- what an edition is made by --------------------------------------------------------------------


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

    names = ("nianbao", "dbt-core", "duckdb", "pandas", "pyarrow", "xlsxwriter")
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


def template_of(home: Home, imprint: Imprint) -> bytes | None:
    """Return the city's report template as it was archived for an edition, None without one."""
    digest = _template_hash(home, imprint)
    return archived(home, digest) if digest else None
