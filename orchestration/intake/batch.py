"""Taking in an inbox: archive first, read what is new, write the raw zone, tell the ledger.

What belongs here: which files are new, and where bytes and rows go. What does not: what a file
says (submission.py).
"""

from __future__ import annotations

import csv
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from orchestration.forms import Form, UnknownFormYear, load_codes, load_form
from orchestration.home import Home, configured_cities
from orchestration.intake.reader import EXTENSIONS
from orchestration.intake.submission import Context, Problem, School, Submission, read_submission
from orchestration.ledger import Ledger

CHUNK = 200  # files whose rows are held in memory at a time
SETTLED_SECONDS = 2.0
# The form whose columns the raw tables have; other years' forms differ from it by absence only.
SCHEMA_YEAR = 2024
_BASE = ("submission_id", "city", "school_code", "year", "file_hash", "sheet", "row_no")
_SUBMISSIONS = pa.schema(
    [
        *((n, pa.string()) for n in ("submission_id", "file_hash", "file_name", "received_at")),
        ("received_seq", pa.int64()),
        ("bytes", pa.int64()),
        ("year", pa.int32()),
        *((n, pa.string()) for n in ("city", "school_code", "school_name")),
        ("form_year", pa.int32()),
        ("form_version", pa.string()),
        ("filed_by", pa.string()),
        ("is_read", pa.bool_()),
    ]
)
_PROBLEMS = pa.schema(
    [
        (name, pa.int32() if name == "year" else pa.string())
        for name in (
            *("submission_id", "file_name", "city", "school_code", "year", "kind", "sheet"),
            *("cell", "column_id", "typed", "detail_zh", "detail_en"),
        )
    ]
)
_NORMALISATIONS = pa.schema(
    [
        (name, pa.string())
        for name in ("submission_id", "sheet", "cell", "column_id", "typed", "read", "kind")
    ]
)


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
    write_reference(home)
    _write_empty(home)
    new = parsed = left = problems = 0
    for year in years:
        files, unsettled = _files(home, year)
        left += unsettled
        known = _known_hashes(home, year)
        fresh = [(path, digest) for path, digest in _hashed(files) if digest not in known]
        if not fresh:
            continue
        new += len(fresh)
        context = _context(home, year)
        seen: dict[tuple[str | None, str | None], list[Submission]] = {}
        for start in range(0, len(fresh), CHUNK):
            chunk = fresh[start : start + CHUNK]
            taken = [_read_one(home, path, digest, context) for path, digest in chunk]
            is_last = start + CHUNK >= len(fresh)
            rivals = _rivals(taken, seen, is_last)
            _write_chunk(home, year, taken, rivals, len(known) + start, context)
            _record(ledger, taken)
            parsed += len(taken)
            problems += sum(len(s.problems) for s in taken)
            if progress:
                progress(f"{year}: {start + len(chunk)}/{len(fresh)}")
    return IntakeReport(new, parsed, left, problems)


def waiting_files(home: Home, ledger: Ledger) -> dict[int, str]:
    """Return, by year, a digest of the inbox's files that the ledger has not received."""
    received = {
        (event["payload"]["year"], event["payload"]["file_hash"])
        for event in ledger.events("received")
    }
    waiting = {}
    for folder in sorted(home.inbox.glob("[0-9][0-9][0-9][0-9]")):
        year = int(folder.name)
        files, _ = _files(home, year)
        fresh = sorted(d for _, d in _hashed(files) if (year, d) not in received)
        if fresh:
            waiting[year] = hashlib.sha256("".join(fresh).encode()).hexdigest()[:16]
    return waiting


def _files(home: Home, year: int) -> tuple[list[Path], int]:
    """Return the files to read, oldest first, and how many are still being written."""
    folder = home.inbox_year(year)
    if not folder.is_dir():
        return [], 0
    settled, unsettled = [], 0
    for entry in os.scandir(folder):
        # Excel's lock files, hidden files and downloads under way are nobody's submission.
        if not entry.is_file() or entry.name.startswith(("~$", ".")):
            continue
        if entry.name.endswith((".tmp", ".part", ".crdownload")):
            continue
        status = entry.stat()
        if time.time() - status.st_mtime < SETTLED_SECONDS:
            unsettled += 1
        else:
            settled.append((status.st_mtime_ns, entry.name, Path(entry.path)))
    return [path for _, _, path in sorted(settled)], unsettled


def _hashed(files: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    seen = set()
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest not in seen:
            seen.add(digest)
            yield path, digest


def _known_hashes(home: Home, year: int) -> set[str]:
    """Return the hashes already read, having removed rows that a crash left without their file.

    A chunk's `submissions` file is written last: a batch without it never happened.
    """
    folder = home.raw / "submissions" / f"year={year}"
    batches = {path.name for path in folder.glob("*.parquet")}
    for orphan in home.raw.glob(f"*/year={year}/*.parquet"):
        if orphan.name not in batches:
            orphan.unlink()
    known: set[str] = set()
    for name in batches:
        known.update(pq.read_table(folder / name, columns=["file_hash"])["file_hash"].to_pylist())
    return known


def _context(home: Home, year: int) -> Context:
    schools, bureaus = {}, {}
    for city in configured_cities(home):
        for row in _rows(home.cities / city / "schools.csv"):
            if row["year"] == str(year):
                code = row["school_code"]
                schools[code] = School(city, code, row["school_name"])
        bureaus[str(_facts(home, city)["city_code"])] = city
    form = load_form(year, home.forms)
    return Context(form, load_codes(home.forms), schools, bureaus)


def _facts(home: Home, city: str) -> dict[str, Any]:
    return yaml.safe_load((home.cities / city / "city.yml").read_text(encoding="utf-8"))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _read_one(home: Home, path: Path, digest: str, context: Context) -> Submission:
    data = path.read_bytes()
    _archive(home, path, data, digest)
    return read_submission(path, data, digest, context)


def _archive(home: Home, path: Path, data: bytes, digest: str) -> None:
    """Keep the original by its hash before anything else is done with it."""
    suffix = next((e for e in EXTENSIONS if path.name.lower().endswith(e)), path.suffix.lower())
    kept = home.archive / digest[:2] / f"{digest}{suffix}"
    if kept.exists():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_name(f".{digest}.{os.getpid()}")
    beside.write_bytes(data)
    os.replace(beside, kept)


def _rivals(
    taken: list[Submission],
    seen: dict[tuple[str | None, str | None], list[Submission]],
    is_last: bool,
) -> list[tuple[Submission, Problem]]:
    """Return, once all files are seen, a problem for every file of a school that sent several.

    Nobody can tell which of them counts, so none does.
    """
    for submission in taken:
        if submission.is_read:
            place = (submission.city, submission.school_code)
            seen.setdefault(place, []).append(submission)
    if not is_last:
        return []
    rivals = []
    for several in seen.values():
        if len(several) > 1:
            names = "、".join(sorted(s.file_name for s in several))
            rivals += [
                (s, Problem("two_files_for_one_school", typed=names, zh=names, en=names))
                for s in several
            ]
    return rivals


def _write_chunk(
    home: Home,
    year: int,
    taken: list[Submission],
    rivals: list[tuple[Submission, Problem]],
    sequence: int,
    context: Context,
) -> None:
    batch = hashlib.sha256("".join(s.file_hash for s in taken).encode()).hexdigest()[:16]
    at = datetime.now(UTC).isoformat(timespec="seconds")
    for name, columns in _raw_tables(context.form).items():
        _write(home, name, year, batch, _table(name, columns, taken, year))
    problems = [(s, p) for s in taken for p in s.problems] + rivals
    rows = [
        (
            *(s.submission_id, s.file_name, s.city, s.school_code, year),
            *(p.kind, p.sheet, p.cell, p.column_id, p.typed, p.zh, p.en),
        )
        for s, p in problems
    ]
    _write(home, "problems", year, batch, _from_rows(rows, _PROBLEMS))
    changes = [(s.submission_id, *change) for s in taken for change in s.normalised]
    _write(home, "normalisations", year, batch, _from_rows(changes, _NORMALISATIONS))
    rows = [
        (
            *(s.submission_id, s.file_hash, s.file_name, at, sequence + number, s.size, year),
            *(s.city, s.school_code, s.school_name, context.form.year, s.form_version),
            *(s.filed_by, s.is_read),
        )
        for number, s in enumerate(taken, start=1)
    ]
    _write(home, "submissions", year, batch, _from_rows(rows, _SUBMISSIONS))
    for submission in taken:
        submission.rows, submission.normalised = {}, []


def _raw_tables(form: Form) -> dict[str, list[str]]:
    return {name: [c.id for c in table.columns] for name, table in form.tables.items()}


def _schema(columns: Sequence[str]) -> pa.Schema:
    base = [(n, pa.int32() if n in {"year", "row_no"} else pa.string()) for n in _BASE]
    parts = ("typed", "read", "cell")
    return pa.schema([*base, *((f"{c}__{part}", pa.string()) for c in columns for part in parts)])


def _table(name: str, columns: list[str], taken: list[Submission], year: int) -> pa.Table:
    empty = ("", None, None)
    rows = []
    for s in taken:
        if not s.is_read:
            continue
        place = (s.submission_id, s.city, s.school_code, year, s.file_hash)
        for sheet, row, record in s.rows.get(name, ()):
            line = [*place, sheet, row]
            for column in columns:
                typed, read, cell = record.get(column, empty)
                line += (typed or None, read, cell)
            rows.append(line)
    return _from_rows(rows, _schema(columns))


def _from_rows(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    columns: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [pa.array(c, type=f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _write(home: Home, name: str, year: int | str, batch: str, table: pa.Table) -> None:
    folder = home.raw / name / f"year={year}"
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / f"{batch}.parquet", table)


def _replace(path: Path, table: pa.Table) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    pq.write_table(table, beside)
    os.replace(beside, path)


def _write_empty(home: Home) -> None:
    """Leave a file without rows beside every raw table, so that a glob always finds its columns."""
    form = load_form(SCHEMA_YEAR, home.forms)
    schemas = {name: _schema(columns) for name, columns in _raw_tables(form).items()}
    schemas |= {"submissions": _SUBMISSIONS, "problems": _PROBLEMS}
    schemas["normalisations"] = _NORMALISATIONS
    for name, schema in schemas.items():
        path = home.raw / name / "year=0" / "empty.parquet"
        if not path.exists() or pq.read_schema(path) != schema:
            _write(home, name, 0, "empty", schema.empty_table())


def _record(ledger: Ledger, taken: list[Submission]) -> None:
    ledger.append_many(
        (
            "received",
            {
                "year": s.year,
                "file_hash": s.file_hash,
                "file_name": s.file_name,
                "submission_id": s.submission_id,
                "city": s.city,
                "school_code": s.school_code,
                "problems": len(s.problems),
            },
            "intake",
        )
        for s in taken
    )


def write_reference(home: Home) -> None:
    """Write what the home says of its cities, rosters and claims into the raw zone."""
    cities, rosters, claims = [], [], []
    for city in configured_cities(home):
        facts = _facts(home, city)
        cities.append(facts)
        rosters += [{"city": city, **row} for row in _rows(home.cities / city / "schools.csv")]
        for path in sorted((home.cities / city).glob("claims_*.csv")):
            year = path.stem.removeprefix("claims_")
            claims += [{"city": city, "year": year, **row} for row in _rows(path)]
    text = ("city", "city_code", "name_zh", "name_en")
    text += ("province_code", "province_name_zh", "province_name_en")
    _reference(home, "cities", cities, text, truths=("is_synthetic",))
    text = ("city", "school_code", "school_name", "county_code")
    _reference(home, "rosters", rosters, text, numbers=("year",), truths=("is_monitored",))
    text = ("city", "claim_id", "section", "label_zh", "label_en", "indicator_id", "area_code")
    text += ("compare", "printed", "unit", "note")
    _reference(home, "claims", claims, text, numbers=("year",), truths=("is_flagged",))


def _reference(
    home: Home,
    name: str,
    rows: list[dict[str, Any]],
    text: Sequence[str],
    numbers: Sequence[str] = (),
    truths: Sequence[str] = (),
) -> None:
    columns: dict[str, pa.Array] = {
        column: pa.array([_text(row.get(column)) for row in rows], pa.string()) for column in text
    }
    for column in numbers:
        columns[column] = pa.array([int(row[column]) for row in rows], pa.int32())
    for column in truths:
        said = [str(row.get(column, "")).lower() in {"true", "是", "1"} for row in rows]
        columns[column] = pa.array(said, pa.bool_())
    folder = home.raw / name
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / f"{name}.parquet", pa.table(columns))


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


__all__ = ["IntakeReport", "UnknownFormYear", "take_in", "waiting_files", "write_reference"]
