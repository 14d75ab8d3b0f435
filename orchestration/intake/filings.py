"""Which submission each file in an inbox is: its bytes, and whom its name says that they are of.

What belongs here: telling a copy, a renamed file and equal bytes under another filer's name apart.
What does not: finding files (inbox.py), reading them (reading/), and what is read when (batch.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from orchestration.forms.contract import Filer, form_years, load_form
from orchestration.ground.home import Home, configured_cities
from orchestration.ground.text import Text
from orchestration.intake.declared.reference import city_facts, roster_rows
from orchestration.intake.inbox import Inbox, Sighting
from orchestration.intake.names import shown_name
from orchestration.intake.reading.filer import (
    Bureau,
    Context,
    School,
    named_by_file,
    says_it_is_no_report,
    submission_id_of,
)
from orchestration.intake.reading.submission import Submission
from orchestration.intake.workbook.problems import Problem, ProblemKind

Row = Mapping[str, Any]
Named = tuple[str, str | None]  # a city and a school's code; None is its bureau
Naming = Callable[[str], Named | None]  # whom a file's name names
_NOBODY: Named = ("", None)


class File(NamedTuple):
    """A file to read, the hash of its bytes, its name as its school wrote it, and what it is.

    One that was received before has its time, and its number where it did not come again.
    """

    path: Path
    digest: str
    name: str
    submission_id: str
    received_at: str = ""
    received_seq: int = 0


@dataclass
class Filing:
    """A submission and the files that are it, oldest first; `row` is what is known of it."""

    submission_id: str
    row: Row | None = None
    files: list[tuple[Path, Sighting]] = field(default_factory=list)

    def to_read(self, year: int) -> File:
        """Return the file to read: under the name that it was read by, if that makes it count."""
        was = self.row["file_name"] if self.row else ""

        def rank(name: str) -> tuple[bool, bool]:
            return says_it_is_no_report(name, year), name != was

        path, sighting = self.files[0]
        if len(self.files) > 1:
            path, sighting = min(self.files, key=lambda file: rank(shown_name(file[0].name)))
        name = shown_name(path.name)
        again = (self.row["received_at"], self.row["received_seq"]) if self.row else ("", 0)
        if self.row and name != was and not says_it_is_no_report(name, year):
            again = (again[0], 0)
        return File(path, sighting.digest, name, self.submission_id, *again)


def filings_of(
    year: int,
    inbox: Inbox,
    last: Iterable[Sighting],
    rows: Sequence[Row],
    doubted: Set[str],
    named: Naming,
) -> list[Filing]:
    """Return every submission that lies in an inbox, in the order of its oldest file.

    `last` is what the run before took each file for, `rows` are the year's submissions, `doubted`
    those whose filer nobody could make agree.
    """
    known: dict[str, list[Row]] = {}
    for row in rows:
        known.setdefault(row["file_hash"], []).append(row)
    taken_for = {(s.digest, s.path.rpartition("/")[2]): s.submission_id for s in last}
    equal: dict[str, list[tuple[Path, Sighting]]] = {}
    for path, sighting in zip(inbox.paths, inbox.sightings, strict=True):
        if sighting.digest:
            equal.setdefault(sighting.digest, []).append((path, sighting))

    filings = []
    for digest, files in equal.items():
        group = _Equal(year, digest, known.get(digest, []), doubted, named)
        filings += group.filings(files, taken_for)
    return filings


@dataclass
class _Equal:
    """Files of equal bytes: what is known of them, and whom a name names."""

    year: int
    digest: str
    rows: list[Row]
    doubted: Set[str]
    named: Naming

    def filings(
        self, files: Sequence[tuple[Path, Sighting]], taken_for: Mapping[tuple[str, str], str]
    ) -> list[Filing]:
        """Sort the files to the submissions that they are."""
        rows = {row["submission_id"]: row for row in self.rows}
        by_name = {row["file_name"]: name for name, row in rows.items()}
        found: dict[str, Filing] = {}
        names = [shown_name(path.name) for path, _ in files]
        ids = {name: taken_for.get((self.digest, name)) for name in names}
        ids = {name: id if id in rows else by_name.get(name) for name, id in ids.items()}
        if len(ids) > 1 or self.rows:
            ids |= {name: self._known_as(name, ids) for name, id in ids.items() if id is None}
        new = [name for name, id in ids.items() if id is None]
        whose = {name: self.named(name) for name in new} if len(new) > 1 or self.rows else {}
        is_one = not self.rows and len({*whose.values()}) < 2
        for file, name in zip(files, names, strict=True):
            id = ids[name] or self._new_id(whose.get(name), is_one)
            found.setdefault(id, Filing(id, rows.get(id))).files.append(file)
        return [*found.values()]

    def _known_as(self, name: str, ids: Mapping[str, str | None]) -> str | None:
        """Return the known submission that a file of another name is as well."""
        whose = self.named(name)
        sure = [row for row in self.rows if row["submission_id"] not in self.doubted]
        left = [row for row in self.rows if row["submission_id"] not in ids.values()]
        found = [
            *(row for row in self.rows if self.named(row["file_name"]) == whose),
            *(row for row in sure if whose in (None, (row["city"], row["school_code"]))),
            # Renamed; whose name named another filer for certain stays that one's.
            *(row for row in left if row not in sure or not row["city"]),
        ]
        return found[0]["submission_id"] if found else None

    def _new_id(self, whose: Named | None, is_one: bool) -> str:
        """Return a new submission's id: of the bytes alone, if all their names agree."""
        if is_one or (whose is None and not self.rows):
            return submission_id_of(self.year, self.digest)
        return submission_id_of(self.year, self.digest, whose or _NOBODY)


def file_under_its_name(submission: Submission, submission_id: str, context: Context) -> None:
    """Make what was read the submission of equal bytes that came under a filer's name.

    What is not that filer's own is not read: the figures are another submission's, if anybody's.
    """
    submission.submission_id = submission_id
    if submission_id == submission_id_of(submission.year, submission.file_hash, _NOBODY):
        return
    named = named_by_file(submission.file_name, context)
    is_told = any(p.kind == ProblemKind.filer_is_contradicted for p in submission.problems)
    whose = (submission.city, submission.school_code)
    # A school's workbook may well be called after its city.
    is_its_own = isinstance(named, Bureau) or (named and whose == (named.city, named.code))
    if is_its_own and submission.city and not is_told:
        return
    if submission.is_read and not is_told:
        name = submission.file_name
        detail = Text(f"文件名“{name}”", f"file name '{name}'")
        submission.problems.append(Problem(ProblemKind.filer_is_contradicted, detail=detail))
    submission.is_read, submission.city = False, named.city if named else None
    is_school = isinstance(named, School)
    submission.school_code = named.code if named and is_school else None
    submission.school_name = named.name if named and is_school else None
    if named:
        submission.filed_by = Filer.school if is_school else Filer.bureau


def naming(home: Home, year: int) -> Naming:
    """Return what says whom a file's name names; nobody in a year that has no form."""
    if year not in form_years(home.forms):
        return lambda _: None
    context = cache(partial(context_of, home, year))

    @cache
    def named(file_name: str) -> Named | None:
        filer = named_by_file(file_name, context())
        return (filer.city, filer.code if isinstance(filer, School) else None) if filer else None

    return named


def context_of(home: Home, year: int) -> Context:
    """Return what a home says of one year: its form, its schools and its bureaus."""
    schools, bureaus = {}, {}
    for city in configured_cities(home):
        for row in roster_rows(home.cities / city / "schools.csv"):
            if row["year"] == str(year):
                code = row["school_code"]
                schools[code] = School(city, code, row["school_name"], row.get("county_code") or "")
        facts = city_facts(home, city)
        code = str(facts["city_code"])
        bureaus[code] = Bureau(city, code, facts["name_zh"])
    return Context(load_form(year, home.forms), schools, bureaus, home.forms)


def off_the_roster(home: Home, year: int, rows: Iterable[Row]) -> list[Row]:
    """Return the submissions whose school, or whose city, is on no roster of the year any more."""
    cities = configured_cities(home)
    listed = {(city, None) for city in cities} | {
        (city, row["school_code"])
        for city in cities
        for row in roster_rows(home.cities / city / "schools.csv")
        if row["year"] == str(year)
    }
    return [row for row in rows if row["city"] and (row["city"], row["school_code"]) not in listed]
