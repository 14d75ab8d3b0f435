"""Taking in an inbox: archive first, read what is new, write the raw zone, tell the ledger.

What belongs here: which files are new, and what becomes of each. What does not: what a file says
(submission.py) and how the raw zone is written (raw.py).
"""

from __future__ import annotations

import gc
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from orchestration.forms.contract import load_codes, load_form
from orchestration.ground import clock
from orchestration.ground.home import Home, configured_cities
from orchestration.ground.ledger import Ledger, mark
from orchestration.intake import raw
from orchestration.intake.deadlines import write_deadlines
from orchestration.intake.reference import city_facts, roster_rows, write_reference
from orchestration.intake.snapshot import keep_reference
from orchestration.intake.submission import (
    Context,
    School,
    Submission,
    read_submission,
    submission_id_of,
)
from orchestration.intake.workbook.limits import MAX_BYTES
from orchestration.intake.workbook.problems import Problem
from orchestration.intake.workbook.reader import EXTENSIONS

CHUNK = 200  # files whose rows a process holds in memory at a time
FEW = 200  # files that are read sooner here than other processes start
SETTLED_SECONDS = 2.0
RECEIVED = "received"
RIVAL_SETTLED = "rival_settled"
_BLOCK = 1024 * 1024


@dataclass(frozen=True)
class IntakeReport:
    """How many files were new, read, and left because they were still being written."""

    new_files: int
    parsed: int
    left_for_later: int
    problems: int


def take_in(
    home: Home,
    years: Sequence[int],
    ledger: Ledger,
    progress: Callable[[str], None] | None = None,
) -> IntakeReport:
    """Take in every new file of the years' inboxes; a year without inbox is passed over.

    Raises `UnknownFormYear` where an inbox holds files of a year that has no form.
    """
    home.create()
    reference = keep_reference(home)
    write_reference(home)
    write_deadlines(home, ledger)
    mark(home.raw, "intake", ledger)
    raw.write_empty(home)
    received = _received(ledger)
    new = parsed = left = problems = 0
    for year in years:
        files, unsettled = _files(home, year)
        known = raw.start_year(home, year)
        hashes = {row["file_hash"] for row in known}
        present, locked = _hashed(files)
        fresh = [file for file in present if file.digest not in hashes]
        taken: list[Submission] = []
        if fresh:
            run = hashlib.sha256("".join(file.digest for file in fresh).encode()).hexdigest()[:16]
            at = clock.stamp()
            taken, counted = read_run(
                home, Run(year, run, at, reference, fresh), len(known), progress
            )
            problems += counted
        _record(home, year, ledger, received)
        if not unsettled and not locked:
            ids = {submission_id_of(year, file.digest) for file in present}
            _settle(home, year, ledger, raw.rivals_left_alone(home, year, ids))
        new += len(fresh)
        parsed += len(taken)
        left += unsettled + locked + len(fresh) - len(taken)
    return IntakeReport(new, parsed, left, problems)


def waiting_files(home: Home, ledger: Ledger) -> dict[int, str]:
    """Return, by year, a digest of the inbox's files that the ledger has not received."""
    received = _received(ledger)
    waiting = {}
    for folder in sorted(home.inbox.glob("[0-9][0-9][0-9][0-9]")):
        year = int(folder.name)
        files, _ = _files(home, year)
        present, _ = _hashed(files)
        fresh = sorted(f.digest for f in present if (year, f.digest) not in received)
        if fresh:
            waiting[year] = hashlib.sha256("".join(fresh).encode()).hexdigest()[:16]
    return waiting


# -- the inbox -------------------------------------------------------------------------------------


def _files(home: Home, year: int) -> tuple[list[Path], int]:
    """Return the files to read, oldest first, and how many are still being written."""
    folder = home.inbox_year(year)
    if not folder.is_dir():
        return [], 0
    settled, unsettled = [], 0
    for entry in os.scandir(folder):
        # Excel's lock files, hidden files and downloads under way are nobody's submission.
        if entry.name.startswith(("~$", ".")) or not entry.is_file(follow_symlinks=False):
            continue
        if entry.name.endswith((".tmp", ".part", ".crdownload")):
            continue
        status = entry.stat()
        # A clock that runs ahead dates files in the future; those are not being written for ever.
        if abs(time.time() - status.st_mtime) < SETTLED_SECONDS:
            unsettled += 1
        else:
            settled.append((status.st_mtime_ns, entry.name, Path(entry.path)))
    return [path for _, _, path in sorted(settled)], unsettled


def _hashed(files: Sequence[Path]) -> tuple[list[File], int]:
    """Return each file with the hash of its bytes, the same bytes once; and how many are locked."""
    seen: dict[str, Path] = {}
    locked = 0
    for path in files:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            # Held by its editor, or taken away meanwhile: there will be a next run.
            locked += 1
            continue
        seen.setdefault(digest, path)
    return [File(path, digest, _shown(path.name)) for digest, path in seen.items()], locked


# -- one year's new files --------------------------------------------------------------------------


class File(NamedTuple):
    """A file to read, the hash of its bytes, and its name as its school wrote it."""

    path: Path
    digest: str
    name: str


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
    parts = [
        _Part(home, run.year, run.name, number, run.files[number * size : (number + 1) * size])
        for number in range(count)
    ]
    taken: list[Submission] = []
    problems = 0
    done = 0
    for part, read in zip(parts, _read_parts(parts), strict=True):
        taken += read
        done += len(part.files)
        problems += sum(submission.problem_count for submission in read)
        if progress:
            progress(f"{run.year}: {done}/{len(run.files)}")
    rivals = _rivals([submission for submission in taken if submission.is_of_its_year])
    if rivals:
        raw.write_problems(home, run.year, f"{run.name}-rivals", rivals)
    context = _context(home, run.year)
    rows = [
        _row(s, run, context) | {"received_seq": sequence + number}
        for number, s in enumerate(taken, start=1)
    ]
    raw.finish_run(home, run.year, run.name, rows)
    return taken, problems + len(rivals)


@dataclass(frozen=True)
class _Part:
    """Some of a run's files, read and written together."""

    home: Home
    year: int
    run: str
    number: int
    files: Sequence[File]


def _read_parts(parts: Sequence[_Part]) -> Iterator[list[Submission]]:
    """Read parts in order: few files here, many in as many processes as there are processors."""
    if sum(len(part.files) for part in parts) <= FEW:
        yield from map(_read_part, parts)
        return
    workers = min(len(parts), os.cpu_count() or 1)
    # A fork has all modules loaded, but what a thread holds at that moment it never lets go.
    method = (
        "fork" if threading.active_count() == 1 and "fork" in get_all_start_methods() else "spawn"
    )
    with ProcessPoolExecutor(workers, mp_context=get_context(method)) as pool:
        yield from pool.map(_read_part, parts)


def _read_part(part: _Part) -> list[Submission]:
    """Read and write a part's files; return them without their rows."""
    context = _context(part.home, part.year)
    # Rows are lists and texts in no circle; searching them for one takes a tenth of the time.
    gc.disable()
    try:
        read = [_read_one(part.home, file, context) for file in part.files]
        taken = [submission for submission in read if submission is not None]
        raw.write_part(part.home, context.form, part.run, part.number, taken)
        for submission in taken:
            submission.let_go()
    finally:
        gc.enable()
    return taken


def _row(submission: Submission, run: Run, context: Context) -> dict[str, Any]:
    names = {field.name for field in raw.SUBMISSIONS} & set(vars(submission))
    row = {name: getattr(submission, name) for name in names}
    return row | {
        "received_at": run.at,
        "bytes": submission.size,
        "form_year": context.form.year,
        "intake_run": run.name,
        "reference_hash": run.reference_hash,
    }


def _context(home: Home, year: int) -> Context:
    schools, bureaus = {}, {}
    for city in configured_cities(home):
        for row in roster_rows(home.cities / city / "schools.csv"):
            if row["year"] == str(year):
                code = row["school_code"]
                schools[code] = School(city, code, row["school_name"])
        bureaus[str(city_facts(home, city)["city_code"])] = city
    form = load_form(year, home.forms)
    return Context(form, load_codes(home.forms), schools, bureaus)


def _read_one(home: Home, file: File, context: Context) -> Submission | None:
    """Archive and read one file; none if it changed since it was found, or cannot be opened."""
    try:
        with file.path.open("rb") as source:
            data = source.read(MAX_BYTES + 1)
        size = _archive(home, file.path, data, file.digest)
    except OSError:
        return None
    if size is None:
        return None
    shown = file.path.with_name(file.name)
    submission = read_submission(shown, data, file.digest, context)
    submission.size = size
    return submission


def _shown(name: str) -> str:
    """Return a file's name as text; one that is not UTF-8 came from a Chinese Windows."""
    try:
        return os.fsencode(name).decode("utf-8")
    except UnicodeDecodeError:
        return os.fsencode(name).decode("gb18030", "replace")


def _archive(home: Home, path: Path, data: bytes, digest: str) -> int | None:
    """Keep the original by its hash before anything else is done with it; return its size.

    `data` is its beginning, for most files all of it. The bytes are hashed again: a file that
    changed since it was found is left for the next run, and there is nothing to return.
    """
    suffix = next((e for e in EXTENSIONS if path.name.lower().endswith(e)), "")
    kept = home.archive / digest[:2] / f"{digest}{suffix}"
    beside = kept.with_name(f".{digest}.{os.getpid()}")
    copied, size = hashlib.sha256(data), len(data)
    if size <= MAX_BYTES and copied.hexdigest() != digest:
        return None
    if kept.exists():
        return kept.stat().st_size
    kept.parent.mkdir(exist_ok=True)
    try:
        with beside.open("wb") as target:
            target.write(data)
            if size > MAX_BYTES:
                size += _copy_rest(path, size, target, copied)
        if copied.hexdigest() != digest:
            return None
        os.replace(beside, kept)
        return size
    finally:
        beside.unlink(missing_ok=True)


def _copy_rest(path: Path, begin: int, target: BinaryIO, copied: Any) -> int:
    """Copy what lies behind the beginning, block by block, and return how much that was."""
    size = 0
    with path.open("rb") as source:
        source.seek(begin)
        while block := source.read(_BLOCK):
            copied.update(block)
            size += target.write(block)
    return size


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
            problem = Problem("two_files_for_one_school", typed=names, zh=names, en=names)
            rivals += [(submission, problem) for submission in several]
    return rivals


# -- the ledger ------------------------------------------------------------------------------------


def _received(ledger: Ledger) -> set[tuple[int, str]]:
    payloads = (event["payload"] for event in ledger.events(RECEIVED))
    return {(payload["year"], payload["file_hash"]) for payload in payloads}


def _record(home: Home, year: int, ledger: Ledger, received: set[tuple[int, str]]) -> None:
    """Tell the ledger of every submission that it does not know, a crashed run's too."""
    rows = raw.start_year(home, year)
    untold = [row for row in rows if (year, row["file_hash"]) not in received]
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
            "intake",
        )
        for row in sorted(untold, key=lambda row: row["received_seq"])
    )


def _settle(home: Home, year: int, ledger: Ledger, alone: set[str]) -> None:
    """Let those count that are left of two files for one school, and tell the ledger so."""
    if alone:
        payload = {"year": year, "submission_ids": sorted(alone)}
        ledger.append(RIVAL_SETTLED, payload, "intake")
        raw.settle_rivals(home, year, alone)
