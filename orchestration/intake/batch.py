"""Taking in an inbox: archive first, read what is new, write the raw zone, tell the ledger.

What belongs here: which files are new, and what becomes of each. What does not: what a file says
(reading/) and how the raw zone is written (raw.py).
"""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from functools import partial
from multiprocessing import get_all_start_methods, get_context
from operator import add

from orchestration.forms.contract import load_form
from orchestration.ground import clock
from orchestration.ground.home import Home, configured_cities
from orchestration.ground.ledger import Ledger, mark
from orchestration.ground.text import Text
from orchestration.intake import raw
from orchestration.intake.deadlines import write_deadlines
from orchestration.intake.inbox import File, Inbox, archive, handed_in, keep_seen, last_seen
from orchestration.intake.reading.filer import Bureau, Context, School
from orchestration.intake.reading.submission import (
    Submission,
    read_submission,
    submission_id_of,
)
from orchestration.intake.received import (
    INTAKE,
    RECEIVED,
    apply_events,
    handed_in_again,
    overtaken,
    receive_again,
    receive_chosen,
    received_hashes,
    received_readings,
    settle_those_alone,
)
from orchestration.intake.reference import city_facts, roster_rows, write_reference
from orchestration.intake.snapshot import keep_reference
from orchestration.intake.workbook.limits import MAX_BYTES
from orchestration.intake.workbook.problems import Problem, ProblemKind

log = logging.getLogger(__name__)
CHUNK = 400  # files whose rows a process holds in memory at a time
FEW = 200  # files that are read sooner here than other processes start


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
    write_deadlines(home, ledger)
    mark(home.raw, "intake", ledger)
    raw.write_empty(home)
    total = IntakeReport()
    for year in years:
        apply_events(home, year, ledger)
        inbox, last = handed_in(home, year), last_seen(home, year)
        raw.start_year(home, year)
        fresh = _fresh(home, year, inbox, reference)
        before = raw.submission_rows(home, year)
        total += _read_new(home, year, inbox, fresh, reference, progress)
        _record(home, year, ledger)
        receive_again(home, year, ledger, overtaken(before, raw.submission_rows(home, year)))
        apply_events(home, year, ledger)
        came = {file.digest for file in fresh}
        receive_again(home, year, ledger, handed_in_again(home, year, inbox, last, came))
        if not inbox.unready:
            ids = {submission_id_of(year, file.digest) for file in inbox.files}
            settle_those_alone(home, year, ledger, ids)
        apply_events(home, year, ledger)
        receive_chosen(home, year, ledger)
        if home.inbox_year(year).is_dir():
            keep_seen(home, year, inbox)
    return total


def _fresh(home: Home, year: int, inbox: Inbox, reference: str) -> list[File]:
    """Return the files of an inbox that are to be read: new ones, and those that were nobody's.

    Whose a file is hangs on its name and on the rosters: where one of them is another now, a file
    that was given to nobody, or only half, is read again. Raises nothing.
    """
    known = {row["file_hash"]: row for row in raw.submission_rows(home, year)}
    doubted = raw.of_doubtful_filer(home, year)

    def is_to_be_read(file: File) -> bool:
        row = known.get(file.digest)
        if row is None:
            return True
        was_read_as = row["file_name"], row["reference_hash"]
        is_doubted = not row["is_read"] or row["submission_id"] in doubted
        return is_doubted and was_read_as != (file.name, reference)

    return [file for file in inbox.files if is_to_be_read(file)]


def _read_new(
    home: Home,
    year: int,
    inbox: Inbox,
    fresh: Sequence[File],
    reference: str,
    progress: Callable[[str], None] | None,
) -> IntakeReport:
    """Read the files of an inbox that no run has read."""
    if not fresh:
        return IntakeReport(left_for_later=inbox.unready)
    known = raw.submission_rows(home, year)
    run = Run(year, _digest_of(fresh, reference), clock.stamp(), reference, fresh)
    newest = max((row["received_seq"] for row in known), default=0)
    taken, problems = read_run(home, run, newest, progress)
    left = inbox.unready + len(fresh) - len(taken)
    return IntakeReport(len(fresh), len(taken), left, problems)


def waiting_files(home: Home, ledger: Ledger) -> dict[int, str]:
    """Return, by year, a digest of what came into the inbox and no run has taken in."""
    waiting, reference = {}, keep_reference(home)
    for folder in sorted(home.inbox.glob("[0-9][0-9][0-9][0-9]")):
        year = int(folder.name)
        received, inbox = received_hashes(ledger, year), handed_in(home, year)
        fresh = [file.digest for file in inbox.files if file.digest not in received]
        fresh += [file.digest for file in _fresh(home, year, inbox, reference)]
        again = handed_in_again(home, year, inbox, last_seen(home, year), fresh)
        if fresh or again:
            waiting[year] = _name_of(sorted({*fresh, *again}))
    return waiting


def _digest_of(files: Sequence[File], reference: str) -> str:
    """Return what names these files together, as they were called under these rosters."""
    return _name_of([reference, *(part for file in files for part in (file.digest, file.name))])


def _name_of(digests: Sequence[str]) -> str:
    return hashlib.sha256("".join(digests).encode()).hexdigest()[:16]


# -- one year's new files --------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """Files that came in together: two of one school among them are rivals.

    `reference_hash` is that of what the home declared when they were read.
    """

    year: int
    name: str
    at: str
    reference_hash: str
    files: Sequence[File]


def read_run(
    home: Home, run: Run, sequence: int, progress: Callable[[str], None] | None = None
) -> tuple[list[Submission], int]:
    """Read new files, chunk by chunk; return them without their rows, and how many problems.

    `sequence` is the number of the last submission before them.
    """
    # Parts of one size keep all processes busy to the end.
    count = -(-len(run.files) // CHUNK)
    size = -(-len(run.files) // count)
    parts = [run.files[at : at + size] for at in range(0, len(run.files), size)]
    taken: list[Submission] = []
    for read in _read_parts(home, run, parts):
        taken += read
        if progress:
            progress(f"{run.year}: {len(taken)}/{len(run.files)}")
    rivals = _rivals([submission for submission in taken if submission.names_its_filer])
    if rivals:
        raw.write_problems(home, run.year, f"{run.name}-rivals", rivals)
    rows = [
        vars(submission)
        | {"received_at": run.at, "received_seq": number, "bytes": submission.size}
        | {"form_year": run.year, "intake_run": run.name, "reference_hash": run.reference_hash}
        for number, submission in enumerate(taken, start=sequence + 1)
    ]
    raw.finish_run(home, run.year, run.name, rows)
    raw.drop_earlier_readings(home, run.year)
    return taken, sum(submission.problem_count for submission in taken) + len(rivals)


def _read_parts(
    home: Home, run: Run, parts: Sequence[Sequence[File]]
) -> Iterator[list[Submission]]:
    """Read parts in order: few files here, many in as many processes as there are processors."""
    read, numbers = partial(_read_part, home, run.year, run.name), range(len(parts))
    if len(run.files) <= FEW:
        yield from map(read, numbers, parts)
        return
    # A fork has all modules loaded, but what a thread holds at that moment it never lets go.
    can_fork = threading.active_count() == 1 and "fork" in get_all_start_methods()
    workers = min(len(parts), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, get_context("fork" if can_fork else "spawn")) as pool:
        yield from pool.map(read, numbers, parts)


def _read_part(
    home: Home, year: int, run: str, number: int, files: Sequence[File]
) -> list[Submission]:
    """Read and write some of a run's files together; return them without their rows."""
    context = _context(home, year)
    # Rows are lists and texts in no circle; searching them for one takes a tenth of the time.
    gc.disable()
    try:
        read = [_read_one(home, file, context) for file in files]
        taken = [submission for submission in read if submission is not None]
        raw.write_part(home, context.form, run, number, taken)
        for submission in taken:
            submission.let_go()
    finally:
        gc.enable()
    return taken


def _context(home: Home, year: int) -> Context:
    schools, bureaus = {}, {}
    for city in configured_cities(home):
        for row in roster_rows(home.cities / city / "schools.csv"):
            if row["year"] == str(year):
                code = row["school_code"]
                schools[code] = School(city, code, row["school_name"])
        facts = city_facts(home, city)
        code = str(facts["city_code"])
        bureaus[code] = Bureau(city, code, facts["name_zh"])
    return Context(load_form(year, home.forms), schools, bureaus, home.forms)


def _read_one(home: Home, file: File, context: Context) -> Submission | None:
    """Archive and read one file; none if it changed since it was found, or cannot be opened."""
    try:
        with file.path.open("rb") as source:
            data = source.read(MAX_BYTES + 1)
        size = archive(home, file.path, data, file.digest)
    except OSError:
        log.warning("%s 未能存档 could not be archived", file.path.name, exc_info=True)
        return None
    if size is None:
        return None
    shown = file.path.with_name(file.name)
    submission = read_submission(shown, data, file.digest, context)
    submission.size = size
    return submission


def _rivals(taken: Sequence[Submission]) -> list[tuple[Submission, Problem]]:
    """Return a problem for every new file of a school that handed in several at once.

    Nobody can tell which of them counts, so none does. A file handed in later is a correction.
    """
    seen: dict[tuple[str | None, str | None], list[Submission]] = {}
    for submission in taken:
        if submission.is_read:
            seen.setdefault((submission.city, submission.school_code), []).append(submission)
    rivals = []
    for several in seen.values():
        if len(several) > 1:
            names = "、".join(sorted(s.file_name for s in several))
            kind = ProblemKind.two_files_for_one_school
            problem = Problem(kind, typed=names, detail=Text(names, names))
            rivals += [(submission, problem) for submission in several]
    return rivals


# -- the ledger ------------------------------------------------------------------------------------


def _record(home: Home, year: int, ledger: Ledger) -> None:
    """Tell the ledger of every submission that it does not know, a crashed run's too."""
    received = received_readings(ledger, year)
    rows = raw.submission_rows(home, year)
    untold = [
        row for row in rows if received.get(row["file_hash"], "") not in (None, row["intake_run"])
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
