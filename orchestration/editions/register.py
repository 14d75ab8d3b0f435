"""The register of a city's year: its folders as the ledger knows them, and the list beside them.

What belongs here: telling the ledger of a folder, putting right what a killed process left, and
`editions.csv`. What does not: what editions are to one another (history.py), and writing a folder
(publishing/).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from orchestration.editions.history import CityYear, Edition, city_year
from orchestration.ground import files
from orchestration.ground.home import Home
from orchestration.ground.ledger import PUBLISHED, Ledger

_INDEX = (
    *("edition", "state", "状态", "is_current", "published_at", "approved_by", "note"),
    *("withdrawn_at", "withdrawal_note", "made_from", "content_hash"),
)


def write_index(editions: CityYear) -> None:
    """Write `editions.csv` beside the folders: each edition, its state and its public notes."""
    rows = [
        [
            *(f"v{e.number}", e.state, e.state.zh),
            *("true" if e == editions.current else "false", e.published_at),
            *((e.approval.by, e.approval.note) if e.approval else ("", "")),
            *((e.withdrawal.at, e.withdrawal.note) if e.withdrawal else ("", "")),
            *(f"v{e.made_from}" if e.made_from else "", e.content_hash),
        ]
        for e in editions.editions
    ]
    files.write_text(editions.folder / "editions.csv", files.csv_text(_INDEX, rows))


def put_in_order(home: Home, ledger: Ledger, city: str, year: int) -> CityYear:
    """Put right what a process that was killed left; return the city's year as it is then.

    A half-written folder goes; a whole one that the ledger was not told of is told now.
    """
    editions = city_year(home, ledger, city, year)
    for left in editions.folder.glob(".*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    known = {edition.number for edition in editions.editions}
    unknown = [editions.folder_of(number) for number in sorted({*editions.on_disk()} - known)]
    whole = [folder for folder in unknown if (folder / "manifest.json").is_file()]
    for folder in whole:
        editions = registered(home, ledger, folder)
    if editions.editions and not whole:
        write_index(editions)
    return editions


def registered(home: Home, ledger: Ledger, folder: Path) -> CityYear:
    """Tell the ledger of a folder that is in its place, and renew the list of editions."""
    text = (folder / "manifest.json").read_bytes()
    manifest = json.loads(text)
    named = ("city", "year", "edition", "status", "published_at", "content_hash")
    payload = {name: manifest[name] for name in named}
    payload["made_from"] = manifest.get("made_from")
    payload["manifest_hash"] = hashlib.sha256(text).hexdigest()
    ledger.append(PUBLISHED, payload, actor="annual_run")
    editions = city_year(home, ledger, manifest["city"], manifest["year"])
    write_index(editions)
    return editions


def registered_edition(home: Home, ledger: Ledger, folder: Path) -> Edition:
    """Tell the ledger of a new edition's folder; return the edition."""
    return registered(home, ledger, folder).numbered(int(folder.name.removeprefix("v")))
