"""An edition made again from archive and ledger, and compared with what was published.

What belongs here: going through the whole line once more in a home of its own, over the events and
files that the edition was made from. What does not: the steps themselves, which are those of the
annual run.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.editions.history import CityYear, Edition, city_year
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.publishing import manuscript
from orchestration.publishing.folder import write_folder
from orchestration.publishing.imprint import Imprint, definitions, imprint_of, software


@dataclass(frozen=True)
class Compared:
    """One file of an edition: its hash as published and as made again, None where it is not."""

    file: str
    published: str | None
    rebuilt: str | None

    @property
    def is_equal(self) -> bool:
        """Return whether both are there with the same bytes."""
        return self.published == self.rebuilt


@dataclass(frozen=True)
class Rebuilt:
    """The comparison file by file, and what of the software is not as it was then."""

    files: list[Compared]
    other_software: list[str]


def rebuild(home: Home, ledger: Ledger, edition: Edition, to: Path | None = None) -> Rebuilt:
    """Make an edition again and compare it with its folder; `to` is given a copy of the new one.

    Reads the archive, the ledger, and the editions that its revisions are compared with. Raises
    `NotArchived` where the archive lacks a file, `BuildFailed` where dbt cannot build.
    """
    imprint = imprint_of(edition.manifest())
    editions = city_year(home, ledger, edition.city, edition.year)
    with tempfile.TemporaryDirectory(prefix="nianbao-rebuild-") as folder:
        temporary = Home(Path(folder))
        if imprint.made_from:
            signed = editions.numbered(imprint.made_from)
            first = imprint_of(signed.manifest())
            there = _provisional(home, ledger, temporary, first, editions)
            again = replace(signed, folder=there)
            whole = manuscript.from_signed(temporary, again, imprint, editions)
            made = write_folder(_folder(temporary, imprint), whole)
        else:
            made = _provisional(home, ledger, temporary, imprint, editions)
        files = _compare(edition.folder, made)
        if to is not None:
            shutil.copytree(made, to)
        return Rebuilt(files, _other_software(temporary, imprint))


def _provisional(
    home: Home, ledger: Ledger, temporary: Home, imprint: Imprint, editions: CityYear
) -> Path:
    """Go through the line once more; return the folder of the edition in the temporary home."""
    from orchestration.gate.run import judge_all_cities, judge_all_submissions
    from orchestration.warehouse import dbt as warehouse

    temporary.settings.write_text(f"time_zone: {imprint.time_zone}\n", encoding="utf-8")
    _take_in_again(home, ledger, temporary, imprint)
    at = imprint.ledger
    last = max(step["seq"] for step in at.values())
    ledger.copy_to(f"sqlite:///{temporary.ledger}", last)
    with Ledger(f"sqlite:///{temporary.ledger}") as copy:
        warehouse.parse(temporary)
        warehouse.require_success(warehouse.build(temporary, warehouse.BEFORE_GATE))
        judge_all_submissions(
            temporary, copy.as_of(at["submissions"]["seq"]), _day(at, "submissions")
        )
        warehouse.require_success(warehouse.build(temporary, warehouse.AFTER_GATE))
        cities = copy.as_of(at["cities"]["seq"])
        judge_all_cities(temporary, cities, _day(at, "cities"))
        draft = manuscript.from_warehouse(temporary, imprint)
        whole = manuscript.with_revisions(temporary, copy, draft, editions)
        return write_folder(_folder(temporary, imprint), whole)


def _folder(temporary: Home, imprint: Imprint) -> Path:
    return temporary.editions(imprint.city, imprint.year) / f"v{imprint.edition}"


def _take_in_again(home: Home, ledger: Ledger, temporary: Home, imprint: Imprint) -> None:
    """Read every file that the edition's run knew, run by run, as it was read then."""
    from orchestration.intake import raw
    from orchestration.intake.archive import NotArchived, altered, archived_path
    from orchestration.intake.declared.deadlines import write_deadlines
    from orchestration.intake.declared.exclusions import write_exclusions
    from orchestration.intake.declared.reference import write_printed, write_reference
    from orchestration.intake.declared.snapshot import keep_reference, restore_reference
    from orchestration.intake.filings import File
    from orchestration.intake.received import RECEIVED, apply_events
    from orchestration.intake.runs import Run, read_run

    temporary.create()
    known = ledger.as_of(imprint.ledger["submissions"]["seq"])
    runs: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for event in known.events(RECEIVED):
        received = event["payload"]
        if "intake_run" not in received:
            raise NotArchived(
                "由旧版程序收入，没有记录重做所需的信息。",
                "It was taken in by older software, which did not record what it takes.",
                received["file_name"],
            )
        runs.setdefault((received["year"], received["intake_run"]), []).append(received)
    for (year, name), received in runs.items():
        first = received[0]
        restore_reference(home, first["reference_hash"], temporary)
        names = ("file_hash", "file_name", "submission_id", "received_at", "received_seq")
        files = [
            File(archived_path(home, one["file_hash"]), *(one[name] for name in names))
            for one in received
        ]
        run = Run(year, name, first["received_at"], first["reference_hash"], files)
        taken = read_run(temporary, run).taken
        lost = {file.digest for file in files} - {submission.file_hash for submission in taken}
        if lost:
            raise altered(min(lost))
    for year in {year for year, _ in runs}:
        apply_events(temporary, year, known)
    restore_reference(home, imprint.reference_hash, temporary)
    keep_reference(temporary)
    write_reference(temporary)
    at_intake = ledger.as_of(imprint.ledger["intake"]["seq"])
    write_printed(temporary, at_intake)
    write_deadlines(temporary, at_intake)
    write_exclusions(temporary, at_intake)
    raw.write_empty(temporary)


def _day(at: Any, step: str) -> date:
    return date.fromisoformat(at[step]["today"])


def _compare(published: Path, made: Path) -> list[Compared]:
    hashes = [
        {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in (published, made)
    ]
    names = sorted({*hashes[0], *hashes[1]})
    return [Compared(name, hashes[0].get(name), hashes[1].get(name)) for name in names]


def _other_software(temporary: Home, imprint: Imprint) -> list[str]:
    """Return, as `name: then → now`, what of the software is not as it was for the edition."""
    then = {**imprint.software, **imprint.definitions}
    now = {**software(), **definitions(temporary)}
    return [
        f"{name}: {then.get(name, '—')[:12]} → {now.get(name, '—')[:12]}"
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    ]
