"""Reading the files that came in together: in parts, in processes, and which of them gives way.

What belongs here: a run of files, from their bytes to the raw zone. What does not: which files are
to be read (batch.py), what a file says (reading/), and how the raw zone is written (raw.py).
"""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_all_start_methods, get_context
from typing import Any, NamedTuple

from orchestration.ground.home import Home
from orchestration.ground.text import Text
from orchestration.intake import raw
from orchestration.intake.archive import keep_file
from orchestration.intake.filings import File, Row, context_of, file_under_its_name
from orchestration.intake.reading.filer import Context, says_it_is_no_report
from orchestration.intake.reading.submission import Submission, read_submission
from orchestration.intake.workbook.limits import MAX_BYTES
from orchestration.intake.workbook.problems import Problem, ProblemKind

log = logging.getLogger(__name__)
CHUNK = 400  # files whose rows a process holds in memory at a time
FEW = 200  # files that are read sooner here than other processes start


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


class Reading(NamedTuple):
    """What a run read: the submissions without their rows, and how many problems they have.

    `copies` are, by the id of what was only a copy of another submission of one filer, that one's.
    """

    taken: list[Submission]
    problems: int
    copies: dict[str, str]


def read_run(home: Home, run: Run, progress: Callable[[str], None] | None = None) -> Reading:
    """Read a run's files, chunk by chunk, and write what they say."""
    # Parts of one size keep all processes busy to the end.
    count = -(-len(run.files) // CHUNK)
    size = -(-len(run.files) // count)
    parts = [run.files[at : at + size] for at in range(0, len(run.files), size)]
    read: list[Submission] = []
    for part in _read_parts(home, run, parts):
        read += part
        if progress:
            progress(f"{run.year}: {len(read)}/{len(run.files)}")
    before = raw.submission_rows(home, run.year)
    copies = _copies(before, read, raw.of_doubtful_filer(home, run.year))
    raw.drop(home, run.year, f"{run.name}-", copies)
    files = {file.submission_id: file for file in run.files}
    received_at = {name: file.received_at or run.at for name, file in files.items()}
    # The last reading of a file is known by its number; then it gets back the one that it had.
    kept = {name: file.received_seq for name, file in files.items() if file.received_seq}
    rivals, behind = _at_once(
        run.year, [s for s in read if s.submission_id not in copies], received_at
    )
    taken = sorted(
        (submission for submission in read if submission.submission_id not in copies),
        key=lambda one: (one.submission_id in kept, one.submission_id not in behind),
    )
    if rivals:
        raw.write_problems(home, run.year, f"{run.name}-rivals", rivals)
    sequence = max((row["received_seq"] for row in before), default=0)
    rows = [
        vars(submission)
        | {"received_at": received_at[submission.submission_id], "received_seq": number}
        | {"bytes": submission.size, "form_year": run.year}
        | {"intake_run": run.name, "reference_hash": run.reference_hash}
        for number, submission in enumerate(taken, start=sequence + 1)
    ]
    raw.finish_run(home, run.year, run.name, rows)
    raw.drop_earlier_readings(home, run.year)
    raw.renumber(home, run.year, kept)
    problems = sum(submission.problem_count for submission in taken) + len(rivals)
    return Reading(taken, problems, copies)


def _copies(before: Sequence[Row], read: Sequence[Submission], doubted: Set[str]) -> dict[str, str]:
    """Return what came first and has the bytes of another submission of the same filer.

    Only reading shows that a file is that, where its name and the other's say different things. One
    whose name contradicts it takes no other's place.
    """
    known = {row["submission_id"] for row in before}
    own, copies = dict[tuple[Any, ...], str](), dict[str, str]()
    for row in (*before, *map(vars, read)):
        key, name = _of_filer(row), row["submission_id"]
        if not row["city"] or name in doubted:
            continue
        if own.setdefault(key, name) != name and name not in known:
            copies[name] = own[key]
    return copies


def _of_filer(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("file_hash", "city", "filed_by", "school_code"))


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
    # What there is by now, modules above all, nobody searches for circles again: forks need not
    # copy it, and this process ends a tenth of a second sooner.
    gc.freeze()
    with ProcessPoolExecutor(workers, get_context("fork" if can_fork else "spawn")) as pool:
        yield from pool.map(read, numbers, parts)


def _read_part(
    home: Home, year: int, run: str, number: int, files: Sequence[File]
) -> list[Submission]:
    """Read and write some of a run's files together; return them without their rows."""
    context = context_of(home, year)
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


def _read_one(home: Home, file: File, context: Context) -> Submission | None:
    """Archive and read one file; none if it changed since it was found, or cannot be opened."""
    try:
        with file.path.open("rb") as source:
            data = source.read(min(file.path.stat().st_size, MAX_BYTES) + 1)
        size = keep_file(home, file.path, data, file.digest)
    except OSError:
        log.warning("%s 未能存档 could not be archived", file.path.name, exc_info=True)
        return None
    if size is None:
        return None
    shown = file.path.with_name(file.name)
    submission = read_submission(shown, data, file.digest, context)
    submission.size = size
    if submission.submission_id != file.submission_id:
        file_under_its_name(submission, file.submission_id, context)
    return submission


def _at_once(
    year: int, taken: Sequence[Submission], received_at: Mapping[str, str]
) -> tuple[list[tuple[Submission, Problem]], set[str]]:
    """Return a problem for every one of a filer's files that came at once, and those that give way.

    Nobody can tell which of them counts, so none does; a file handed in later is a correction. What
    is no workbook, or says that it is void, gives way to another.
    """
    filers: dict[tuple[Any, ...], list[Submission]] = {}
    for one in taken:
        if one.city:
            key = (received_at[one.submission_id], one.city, one.filed_by, one.school_code)
            filers.setdefault(key, []).append(one)
    rivals, behind = list[tuple[Submission, Problem]](), set[str]()
    for several in filter(lambda files: len(files) > 1, filers.values()):
        read = [one for one in several if one.is_read and one.names_its_filer]
        void = [one for one in several if says_it_is_no_report(one.file_name, year)]
        first = [one for one in read if one not in void] or read
        if first:
            odd = [one for one in several if not one.is_workbook or one in void]
            behind |= {one.submission_id for one in odd if one not in first}
        if len(first) > 1:
            names = "、".join(sorted(one.file_name for one in first))
            kind = ProblemKind.two_files_for_one_school
            problem = Problem(kind, typed=names, detail=Text(names, names))
            rivals += [(one, problem) for one in first]
    return rivals, behind
