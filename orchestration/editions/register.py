"""The register of a city's year: its folders as the ledger knows them, and the list beside them.

What belongs here: telling the ledger of a folder, putting right what a killed process left, and
`editions.csv`. What does not: what editions are to one another (history.py), and writing a folder
(publishing/).
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
from pathlib import Path

from orchestration.editions.history import Approval, CityYear, Edition, Withdrawal, city_year
from orchestration.ground import files
from orchestration.ground.home import Home
from orchestration.ground.ledger import PUBLISHED, Ledger

_INDEX = (
    *("edition", "state", "状态", "is_current", "published_at", "approved_by", "note"),
    *("withdrawn_at", "withdrawal_note", "made_from", "content_hash"),
)


def write_index(editions: CityYear) -> None:
    """Put each edition where it belongs now, and write `editions.csv` beside those published.

    It lists each edition, its state and its public notes: those of one that waits for its release
    come with it, signed or withdrawn, for they may name figures.
    """
    for edition in editions.editions:
        _put_in_place(editions, edition)
    rows = [
        [
            *(f"v{e.number}", e.state, e.state.zh),
            *("true" if e == editions.current_published else "false", e.published_at),
            e.approval.by if e.approval else "",
            _shown(editions, e, e.approval),
            *((e.withdrawal.at, _shown(editions, e, e.withdrawal)) if e.withdrawal else ("", "")),
            *(f"v{e.made_from}" if e.made_from else "", e.content_hash),
        ]
        for e in editions.editions
    ]
    files.write_text(editions.folder / "editions.csv", files.csv_text(_INDEX, rows))


def _shown(editions: CityYear, edition: Edition, told: Approval | Withdrawal | None) -> str:
    return told.note if told and not editions.is_held_back(edition) else ""


def _put_in_place(editions: CityYear, edition: Edition) -> None:
    """Move a folder out of what is published during an embargo, and back after it."""
    home = editions.home
    embargoed = home.embargoed_editions(edition.city, edition.year)
    # Copies that say that it is withdrawn lie beside it.
    for name in (f"v{edition.number}", edition.marked_folder.name):
        if editions.is_held_back(edition):
            home.embargoed.mkdir(mode=0o700, exist_ok=True)
            _move(editions.folder / name, embargoed / name)
        else:
            _move(embargoed / name, editions.folder / name)


def _move(folder: Path, to: Path) -> None:
    """Move a folder whole, also to another disk; nothing where it is not there."""
    if not folder.is_dir():
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    if not to.is_dir():
        try:
            folder.rename(to)
            return
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        beside = to.with_name(f".{to.name}")
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(folder, beside)
        beside.rename(to)
    # It was copied, now or by a process that was killed before it came to this.
    shutil.rmtree(folder)


def put_in_order(home: Home, ledger: Ledger, city: str, year: int) -> CityYear:
    """Put right what a process that was killed left; return the city's year as it is then.

    A half-written folder goes; a whole one that the ledger was not told of is told now.
    """
    editions = city_year(home, ledger, city, year)
    for folder in (editions.folder, home.embargoed_editions(city, year)):
        for left in folder.glob(".*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    known = {edition.number for edition in editions.editions}
    unknown = [home.edition(city, year, n) for n in sorted({*editions.on_disk()} - known)]
    whole = [folder for folder in unknown if (folder / "manifest.json").is_file()]
    for folder in whole:
        editions = registered(home, ledger, folder)
    if editions.editions and not whole:
        write_index(editions)
        editions = _as_moved(editions, ledger)
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
    return _as_moved(editions, ledger)


def _as_moved(editions: CityYear, ledger: Ledger) -> CityYear:
    """Return the editions with the folders that they have since the list was written."""
    if not editions.home.embargoed_editions(editions.city, editions.year).is_dir():
        return editions
    return city_year(editions.home, ledger, editions.city, editions.year)


def registered_edition(home: Home, ledger: Ledger, folder: Path) -> Edition:
    """Tell the ledger of a new edition's folder; return the edition."""
    return registered(home, ledger, folder).numbered(int(folder.name.removeprefix("v")))
