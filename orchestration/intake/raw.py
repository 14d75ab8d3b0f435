"""The raw zone: what was read, as parquet, with every value as it was typed and where it stood.

What belongs here: the tables' columns, and writing a run so that a crash leaves none of it. What
does not: which files are read (batch.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.forms.contract import SCHEMA_YEAR, Form, load_form
from orchestration.ground.files import written_whole
from orchestration.ground.frames import table_of, table_of_columns
from orchestration.ground.home import Home
from orchestration.intake.plain_text import narrow
from orchestration.intake.reading.submission import Submission
from orchestration.intake.receipt import Entry, Outcome, SheetReceipt
from orchestration.intake.workbook.problems import Problem, ProblemKind

if TYPE_CHECKING:
    import pandas as pd

_BASE = ("submission_id", "city", "school_code", "year", "file_hash", "sheet", "row_no")
_NUMBERS = {"year": pa.int32(), "row_no": pa.int32(), "form_year": pa.int32()}
_NUMBERS |= {"received_seq": pa.int64(), "bytes": pa.int64(), "is_read": pa.bool_()}
# The count of each outcome's cells; `read` is a text elsewhere.
_CELLS = {outcome: f"{outcome}_cells" for outcome in Outcome}
_NUMBERS |= dict.fromkeys(_CELLS.values(), pa.int32())


def _fields(*names: str) -> pa.Schema:
    return pa.schema([(name, _NUMBERS.get(name, pa.string())) for name in names])


SUBMISSIONS = _fields(
    *("submission_id", "file_hash", "file_name", "received_at", "received_seq", "bytes", "year"),
    *("city", "school_code", "school_name", "form_year", "form_version", "filed_by", "is_read"),
    *("intake_run", "reference_hash"),
)
PROBLEMS = _fields(
    *("submission_id", "file_name", "city", "school_code", "year", "kind", "sheet"),
    *("cell", "column_id", "typed", "detail_zh", "detail_en"),
)
# What a person should see accounted for, a range of cells a row; and every cell, counted.
RECEIPTS = _fields("submission_id", *Entry._fields)
RECEIPT_SHEETS = _fields("submission_id", "sheet", *_CELLS.values())


def start_year(home: Home, year: int) -> None:
    """Remove what a crash left of a run, and of a file's earlier reading.

    A run is files named `<run>-<part>`, and last of all its `submissions/<run>.parquet`; without
    that one the run never happened.
    """
    folder = home.raw / "submissions" / f"year={year}"
    runs = sorted(folder.glob("*.parquet"))
    done = {path.stem for path in runs}
    for orphan in home.raw.glob(f"*/year={year}/*.parquet"):
        if orphan.stem.partition("-")[0] not in done:
            orphan.unlink()
    drop_earlier_readings(home, year)


def drop_earlier_readings(home: Home, year: int) -> None:
    """Leave of a file that was read again what its last reading says; it may be done again."""
    rows = submission_rows(home, year)
    last = {row["submission_id"]: row["intake_run"] for row in rows}
    earlier: dict[str, set[str]] = {}
    for row in rows:
        if row["intake_run"] != last[row["submission_id"]]:
            earlier.setdefault(row["intake_run"], set()).add(row["submission_id"])
    for run, gone in earlier.items():
        drop(home, year, run, gone)


def drop(home: Home, year: int, run: str, gone: Collection[str]) -> None:
    """Leave nothing of what a run read of some submissions."""
    for path in sorted(home.raw.glob(f"*/year={year}/{run}*.parquet")) if gone else ():
        table = _read(path)
        is_gone = [name in gone for name in table["submission_id"].to_pylist()]
        if any(is_gone):
            write_table(path, table.filter([not one for one in is_gone]))


def of_doubtful_filer(home: Home, year: int) -> set[str]:
    """Return the submissions whose code, name or file name nobody could make agree."""
    kinds = (ProblemKind.filer_is_contradicted, ProblemKind.school_is_unknown)
    return {row["submission_id"] for row in _problems_of(home, year, *kinds)}


def asked_for_their_names(home: Home, year: int) -> set[str]:
    """Return the submissions whose file name says that they are void, or another year's."""
    found = _problems_of(home, year, ProblemKind.text_says_otherwise)
    return {row["submission_id"] for row in found if row["typed"] == row["file_name"]}


def no_workbooks(home: Home, year: int) -> set[str]:
    """Return the submissions that are no workbook at all: a scan, a picture, a document."""
    found = _problems_of(home, year, ProblemKind.file_is_not_a_workbook)
    return {row["submission_id"] for row in found}


def forms_of_another_year(home: Home, year: int, other: int) -> set[str]:
    """Return what was handed in for a year, and refused because it is another year's form."""
    kinds = (ProblemKind.file_is_another_form, ProblemKind.year_is_not_the_inbox_year)
    found = _problems_of(home, year, *kinds)
    return {row["submission_id"] for row in found if str(other) in narrow(row["typed"] or "")}


def _problems_of(home: Home, year: int, *kinds: ProblemKind) -> Iterator[dict[str, Any]]:
    columns = ["submission_id", "file_name", "typed", "kind"]
    for path in sorted((home.raw / "problems" / f"year={year}").glob("*.parquet")):
        yield from (row for row in _read(path, columns).to_pylist() if row["kind"] in kinds)


def write_part(home: Home, form: Form, run: str, part: int, taken: Sequence[Submission]) -> None:
    """Write the rows, problems and receipts of some files of a run."""
    year, name = form.year, f"{run}-{part}"
    for table_id, table in form.tables.items():
        columns = [column.id for column in table.columns]
        schema = _schema(columns)
        made = table_of_columns(_columns(table_id, columns, taken, year), schema)
        _write(home, table_id, year, name, made)
    receipts = [(s.submission_id, receipt) for s in taken for receipt in s.receipts]
    listed = ((id, *entry) for id, receipt in receipts for entry in receipt.entries)
    _write(home, "receipts", year, name, table_of(listed, RECEIPTS))
    _write(home, "receipt_sheets", year, name, table_of(_counts(receipts), RECEIPT_SHEETS))
    write_problems(home, year, name, ((s, p) for s in taken for p in s.problems))


def write_problems(
    home: Home, year: int, name: str, problems: Iterable[tuple[Submission, Problem]]
) -> None:
    """Write problems of a run, each with the submission that has it."""
    rows = (
        (
            *(s.submission_id, s.file_name, s.city, s.school_code, year),
            *(p.kind, p.sheet, p.cell, p.column_id, p.typed, p.detail.zh, p.detail.en),
        )
        for s, p in problems
    )
    _write(home, "problems", year, name, table_of(rows, PROBLEMS))


def finish_run(home: Home, year: int, run: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a run's submissions, which makes all that was written of it count."""
    _write(home, "submissions", year, run, table_of(_listed(rows, SUBMISSIONS), SUBMISSIONS))


def read_submissions(home: Home, year: int | None = None) -> pd.DataFrame:
    """Return every file that was handed in, for a year or for all, in the columns `SUBMISSIONS`."""
    folder = "*" if year is None else f"year={year}"
    paths = sorted((home.raw / "submissions").glob(f"{folder}/*.parquet"))
    parts = [*map(_read, paths)]
    return pa.concat_tables([SUBMISSIONS.empty_table(), *parts]).to_pandas()


def years(home: Home) -> list[int]:
    """Return the years for which files were handed in."""
    found = (home.raw / "submissions").glob("year=*/*.parquet")
    return sorted({int(path.parent.name.removeprefix("year=")) for path in found} - {0})


def submission_rows(home: Home, year: int) -> list[dict[str, Any]]:
    """Return a year's submissions as rows, in the order in which they were received."""
    paths = (home.raw / "submissions" / f"year={year}").glob("*.parquet")
    rows = [row for path in paths for row in _read(path).to_pylist()]
    return sorted(rows, key=lambda row: row["received_seq"])


def renumber(home: Home, year: int, sequences: Mapping[str, int]) -> None:
    """Give submissions that were handed in again their new place in the order of intake."""
    folder = home.raw / "submissions" / f"year={year}"
    for path in sorted(folder.glob("*.parquet")) if sequences else ():
        rows = _read(path).to_pylist()
        moved = [
            {**row, "received_seq": sequences.get(row["submission_id"], row["received_seq"])}
            for row in rows
        ]
        if moved != rows:
            write_table(path, table_of(_listed(moved, SUBMISSIONS), SUBMISSIONS))


def rivals(home: Home, year: int) -> set[str]:
    """Return the submissions that are still one of several for one school."""
    tables = map(_read, _rivals_of(home, year))
    return {name for table in tables for name in table["submission_id"].to_pylist()}


def read_receipts(
    home: Home, year: int, submission_ids: Collection[str]
) -> dict[str, list[SheetReceipt]]:
    """Return the reading receipts of some submissions of a year, sheet by sheet.

    A submission that was taken in before receipts were kept has none.
    """
    found: dict[str, dict[str, SheetReceipt]] = {}
    for row in _rows_of(home, "receipt_sheets", year, submission_ids):
        counts = Counter({outcome: row[name] for outcome, name in _CELLS.items() if row[name]})
        receipts = found.setdefault(row["submission_id"], {})
        receipts[row["sheet"]] = SheetReceipt(row["sheet"], counts)
    for row in _rows_of(home, "receipts", year, submission_ids):
        entry = Entry(**{name: row[name] for name in Entry._fields})
        entry = entry._replace(outcome=Outcome(entry.outcome))
        found[row["submission_id"]][entry.sheet].entries.append(entry)
    return {name: [*receipts.values()] for name, receipts in found.items()}


def cells_of(
    home: Home, year: int, submission_id: str, table: str, columns: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Return, by column, sheet and address of a submission's cells in a table of labelled cells."""
    return {
        column: (row["sheet"], row[f"{column}__cell"])
        for row in _rows_of(home, table, year, [submission_id])
        for column in columns
        if row.get(f"{column}__cell")
    }


def _rows_of(
    home: Home, table: str, year: int, submission_ids: Collection[str]
) -> Iterator[dict[str, Any]]:
    if not submission_ids:
        return  # a filter of none has no type
    wanted = [("submission_id", "in", submission_ids)]
    for path in sorted((home.raw / table / f"year={year}").glob("*.parquet")):
        yield from pq.read_table(path, filters=wanted).to_pylist()


def rivals_left_alone(home: Home, year: int, present: set[str]) -> set[str]:
    """Return the submissions, of two for one school, that alone are left in the inbox.

    Those that their school took away are none of them, so that none of those ever counts.
    """
    alone: set[str] = set()
    for path in _rivals_of(home, year):
        rivals: dict[tuple[str, str], set[str]] = {}
        for row in _read(path).to_pylist():
            rivals.setdefault((row["city"], row["school_code"]), set()).add(row["submission_id"])
        left = [ids & present for ids in rivals.values() if len(ids) > 1]
        alone = alone.union(*(ids for ids in left if len(ids) == 1))
    return alone


def settle_rivals(home: Home, year: int, settled: set[str]) -> None:
    """Drop the problem of two files for one school from some submissions."""
    for path in _rivals_of(home, year) if settled else ():
        rows = _read(path).to_pylist()
        kept = [row for row in rows if row["submission_id"] not in settled]
        if len(kept) < len(rows):
            write_table(path, table_of(_listed(kept, PROBLEMS), PROBLEMS))


def _rivals_of(home: Home, year: int) -> list[Path]:
    return sorted((home.raw / "problems" / f"year={year}").glob("*-rivals.parquet"))


def problem_counts(home: Home, year: int) -> dict[str, int]:
    """Return how many problems each submission of a year has."""
    tables = map(_read, (home.raw / "problems" / f"year={year}").glob("*.parquet"))
    return Counter(name for table in tables for name in table["submission_id"].to_pylist())


def write_empty(home: Home) -> None:
    """Leave a file without rows beside every raw table, so that a glob always finds its columns."""
    form = load_form(SCHEMA_YEAR, home.forms)
    schemas = {n: _schema([c.id for c in table.columns]) for n, table in form.tables.items()}
    schemas |= {"submissions": SUBMISSIONS, "problems": PROBLEMS}
    schemas |= {"receipts": RECEIPTS, "receipt_sheets": RECEIPT_SHEETS}
    for name, schema in schemas.items():
        path = home.raw / name / "year=0" / "empty.parquet"
        if not path.exists() or pq.read_schema(path) != schema:
            _write(home, name, 0, "empty", table_of((), schema))


def write_table(path: Path, table: pa.Table) -> None:
    """Write a file whole or not at all."""
    with written_whole(path) as beside:
        pq.write_table(table, beside)


def _schema(columns: Sequence[str]) -> pa.Schema:
    parts = ("typed", "read", "cell")
    return _fields(*_BASE, *(f"{c}__{part}" for c in columns for part in parts))


def _columns(
    table: str, columns: Sequence[str], taken: Sequence[Submission], year: int
) -> Iterator[Sequence[Any]]:
    """Yield what the submissions that are read have of a table, column by column of its schema."""
    filed = [(s, row) for s in taken if s.is_read for row in s.rows.get(table, ())]
    yield [s.submission_id for s, _ in filed]
    yield [s.city for s, _ in filed]
    yield [s.school_code for s, _ in filed]
    yield [year] * len(filed)
    yield [s.file_hash for s, _ in filed]
    yield [row.sheet for _, row in filed]
    yield [row.row_no for _, row in filed]
    records = [row.record for _, row in filed]
    absent = ("", None, None)
    for column in columns:
        cells = [record.get(column, absent) for record in records]
        typed, read, place = zip(*cells, strict=True) if cells else ((), (), ())
        typed = tuple([text or None for text in typed])
        yield typed
        yield typed if read == typed else read
        yield place


def _counts(receipts: Iterable[tuple[str, SheetReceipt]]) -> Iterator[Sequence[Any]]:
    """Yield one row a sheet of a submission; what is told of it in parts is added up."""
    sheets: dict[tuple[str, str], list[int]] = {}
    for submission_id, receipt in receipts:
        place = (submission_id, receipt.sheet)
        counts = [receipt.counts.get(outcome, 0) for outcome in _CELLS]
        sheets[place] = [*map(add, sheets[place], counts)] if place in sheets else counts
    for place, counts in sheets.items():
        yield (*place, *counts)


def _read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a file's rows; `pq.read_table` imports pandas, of which intake needs nothing."""
    with pq.ParquetFile(path) as file:
        return file.read(columns)


def _listed(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> Iterator[list[Any]]:
    return ([row.get(name) for name in schema.names] for row in rows)


def _write(home: Home, table: str, year: int, name: str, content: pa.Table) -> None:
    write_table(home.raw / table / f"year={year}" / f"{name}.parquet", content)
