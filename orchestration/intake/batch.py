"""Taking in an inbox: archive first, read what is new, write the raw zone, tell the ledger.

What belongs here: which files are new, and what becomes of each. What does not: what a file says
(reading/) and how the raw zone is written (raw.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence, Set
from dataclasses import astuple, dataclass
from operator import add

from orchestration.forms.contract import form_years
from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger, mark
from orchestration.intake import raw
from orchestration.intake.archive import archived_path
from orchestration.intake.declared.deadlines import write_deadlines
from orchestration.intake.declared.exclusions import write_exclusions
from orchestration.intake.declared.reference import write_printed, write_reference
from orchestration.intake.declared.snapshot import keep_reference
from orchestration.intake.filings import (
    File,
    Filing,
    Row,
    filings_of,
    naming,
    off_the_roster,
)
from orchestration.intake.inbox import Inbox, Sighting, handed_in, keep_seen, last_seen
from orchestration.intake.reading.filer import says_it_is_no_report
from orchestration.intake.received import (
    INTAKE,
    RECEIVED,
    apply_events,
    handed_in_again,
    receive_again,
    receive_chosen,
    received_readings,
    settle_those_alone,
)
from orchestration.intake.runs import Run, read_run


@dataclass(frozen=True)
class IntakeReport:
    """How many files were new, read, and left because they were still being written."""

    new_files: int = 0
    parsed: int = 0
    left_for_later: int = 0
    problems: int = 0

    def __add__(self, other: IntakeReport) -> IntakeReport:
        return IntakeReport(*map(add, astuple(self), astuple(other)))


def take_in(
    home: Home,
    years: Sequence[int],
    ledger: Ledger,
    progress: Callable[[str], None] | None = None,
) -> IntakeReport:
    """Take in every new file of the years' inboxes; a year without inbox is passed over.

    Raises `UnknownFormYear` where an inbox holds files of a year that has no form, `BrokenCity`
    where a city's own files cannot be used.
    """
    home.create()
    reference = keep_reference(home)
    write_reference(home)
    write_printed(home, ledger)
    write_deadlines(home, ledger)
    write_exclusions(home, ledger)
    mark(home.raw, "intake", ledger)
    raw.write_empty(home)
    total = IntakeReport()
    for year in sorted({*years, *set(raw.years(home)).intersection(form_years(home.forms))}):
        apply_events(home, year, ledger)
        raw.start_year(home, year)
        # Another year's inbox is left alone; whoever left its roster leaves its figures at once.
        look = _look(home, year, reference) if year in years else _look_away(home, year)
        total += _read_new(home, year, look, reference, progress)
        _record(home, year, ledger)
        apply_events(home, year, ledger)
        if year in years:
            _settle(home, year, ledger, look)
    return total


def _settle(home: Home, year: int, ledger: Ledger, look: Look) -> None:
    """Say of several files of one filer which counts, and keep what this run saw."""
    again = handed_in_again(home, year, look.inbox, look.last, look.first)
    receive_again(home, year, ledger, again)
    if not look.inbox.unready:
        present = {sighting.submission_id for sighting in look.inbox.sightings}
        settle_those_alone(home, year, ledger, present)
    apply_events(home, year, ledger)
    receive_chosen(home, year, ledger)
    if home.inbox_year(year).is_dir():
        keep_seen(home, year, look.inbox.sightings)


@dataclass
class Look:
    """What lies in a year's inbox, and what of it is to be read.

    The inbox's sightings say which submission each file is; `last` are those of the run before,
    `first` the submissions that no run has read.
    """

    inbox: Inbox
    last: Sequence[Sighting] | None
    fresh: list[File]
    first: set[str]


def _look(home: Home, year: int, reference: str) -> Look:
    """Return the files of an inbox, with those that are to be read: new ones, and the doubtful.

    Whose a file is hangs on its name and on the rosters: where one of them is another now, a file
    that was given to nobody, or only half, is read again.
    """
    inbox, last = handed_in(home, year), last_seen(home, year)
    rows, doubted = raw.submission_rows(home, year), raw.of_doubtful_filer(home, year)
    filings = filings_of(year, inbox, last or (), rows, doubted, naming(home, year))
    ids = {sighting: filing.submission_id for filing in filings for _, sighting in filing.files}
    seen = [one._replace(submission_id=ids.get(one, "")) for one in inbox.sightings]
    asked = doubted | raw.asked_for_their_names(home, year)
    fresh = [
        filing.to_read(year) for filing in filings if _is_to_be_read(filing, year, asked, reference)
    ]
    away, known = _look_away(home, year), {row["submission_id"] for row in rows}
    fresh += [
        file for file in away.fresh if file.submission_id not in {f.submission_id for f in fresh}
    ]
    first = {file.submission_id for file in fresh} - known
    return Look(inbox._replace(sightings=seen), last, fresh, first)


def _look_away(home: Home, year: int) -> Look:
    """Return what is to be read again wherever it lies: files of schools that left the roster."""
    gone = off_the_roster(home, year, raw.submission_rows(home, year))
    return Look(Inbox([], [], []), None, [_from_archive(home, row) for row in gone], set())


def _from_archive(home: Home, row: Row) -> File:
    path = archived_path(home, row["file_hash"])
    names = ("file_hash", "file_name", "submission_id", "received_at", "received_seq")
    return File(path, *(row[name] for name in names))


def _is_to_be_read(filing: Filing, year: int, asked: Set[str], reference: str) -> bool:
    row = filing.row
    if row is None:
        return True
    name, is_asked = filing.to_read(year).name, row["submission_id"] in asked or not row["is_read"]
    if name != row["file_name"]:
        return is_asked or says_it_is_no_report(name, year)
    return is_asked and row["reference_hash"] != reference


def _read_new(
    home: Home,
    year: int,
    look: Look,
    reference: str,
    progress: Callable[[str], None] | None,
) -> IntakeReport:
    """Read the files that are to be read; what turned out to be another's copy is that one's."""
    fresh, unready = look.fresh, look.inbox.unready
    if not fresh:
        return IntakeReport(left_for_later=unready)
    earlier = {row["submission_id"]: row["intake_run"] for row in raw.submission_rows(home, year)}
    parts = [(f.digest, f.name, earlier.get(f.submission_id) or "") for f in fresh]
    name = _name_of([reference, *(text for part in parts for text in part)])
    reading = read_run(home, Run(year, name, clock.stamp(), reference, fresh), progress)
    for at, one in enumerate(look.inbox.sightings):
        of = reading.copies.get(one.submission_id, one.submission_id)
        look.inbox.sightings[at] = one._replace(submission_id=of)
    read = len(reading.taken) + len(reading.copies)
    return IntakeReport(len(fresh), read, unready + len(fresh) - read, reading.problems)


def waiting_files(home: Home, ledger: Ledger) -> dict[int, str]:
    """Return, by year, a digest of what came into the inbox and no run has taken in."""
    waiting, reference = {}, keep_reference(home)
    for folder in sorted(home.inbox.glob("[0-9][0-9][0-9][0-9]")):
        year = int(folder.name)
        look = _look(home, year, reference)
        untold = {row["submission_id"] for row in raw.submission_rows(home, year)}
        untold -= set(received_readings(ledger, year))
        fresh = untold | {file.submission_id for file in look.fresh}
        again = handed_in_again(home, year, look.inbox, look.last, look.first)
        if fresh or again:
            waiting[year] = _name_of(sorted({*fresh, *again}))
    return waiting


def _name_of(digests: Sequence[str]) -> str:
    """Return what names these files together, as they were called under these rosters."""
    return hashlib.sha256("".join(digests).encode()).hexdigest()[:16]


# -- the ledger ------------------------------------------------------------------------------------


def _record(home: Home, year: int, ledger: Ledger) -> None:
    """Tell the ledger of every submission that it does not know, a crashed run's too."""
    received = received_readings(ledger, year)
    rows = raw.submission_rows(home, year)
    untold = [
        row
        for row in rows
        if received.get(row["submission_id"], "") not in (None, row["intake_run"])
    ]
    if not untold:
        return
    counts = raw.problem_counts(home, year)
    names = ("year", "file_hash", "file_name", "submission_id", "city", "school_code")
    # With these a run can be read again from the archive as it was read then.
    again = ("received_at", "received_seq", "intake_run", "reference_hash")
    ledger.append_many(
        (
            RECEIVED,
            {name: row[name] for name in (*names, *again)}
            | {"problems": counts.get(row["submission_id"], 0)},
            INTAKE,
        )
        for row in untold
    )
