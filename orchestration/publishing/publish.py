"""Editions: one city's year, written once as a folder v1, v2, … and never changed.

What belongs here: the order in which an edition comes about, and how it appears in one step. What
does not: what is in its tables (editions/contents.py) and how its files look (figures.py,
package.py); whether a city may be published, which is the gate's word and the run's order.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from orchestration.editions.contents import METRICS, Tables, city_tables, content_hash, read_tables
from orchestration.editions.life import (
    FINAL,
    PROVISIONAL,
    PUBLISHED,
    REVISED,
    Edition,
    LifeRefused,
    editions_of,
    newest,
    read_manifest,
    waiting_for_release,
    write_index,
)
from orchestration.editions.revisions import REVISION, Before, Made, revisions
from orchestration.editions.verify import verify_edition
from orchestration.gate.run import city_outcome
from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger, marked
from orchestration.ground.lock import lock
from orchestration.intake.snapshot import keep_reference
from orchestration.publishing.folder import fill_folder
from orchestration.publishing.imprint import (
    Imprint,
    definitions,
    imprint_of,
    software,
    template_hash,
)

if TYPE_CHECKING:
    pass


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
            published_at=clock.stamp(),
            gate=city_outcome(home, city, year)[0],
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
        if known and known[-1].content_hash == content_hash(tables, template_hash(home, imprint)):
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
            published_at=clock.stamp(),
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


def _to_compare(known: list[Edition]) -> list[int]:
    """Return the editions that a new one is held against: the newest, and the newest final one."""
    found = (newest(known), newest(known, FINAL, REVISED))
    return sorted({e.number for e in found if e and "ledger" in read_manifest(e)})


@contextlib.contextmanager
def publishing(home: Home, ledger: Ledger, city: str, year: int) -> Iterator[None]:
    """Let one process at a time publish, and first put right what one that was killed left.

    A half-written folder goes; a whole one that the ledger was not told of is told now.
    """
    with lock(home):
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
    named = ("city", "year", "edition", "status", "published_at", "content_hash")
    payload = {name: manifest[name] for name in named}
    payload["made_from"] = manifest.get("made_from")
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
    digest = content_hash(hashed, template_hash(home, imprint))
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


def _write(home: Home, imprint: Imprint, tables: Tables, digest: str) -> Path:
    """Write an edition beside its place and rename it into it; a crash leaves nothing of it."""
    folder = home.editions(imprint.city, imprint.year) / f"v{imprint.edition}"
    beside = folder.with_name(f".v{imprint.edition}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        fill_folder(home, beside, imprint, tables, digest)
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return folder
