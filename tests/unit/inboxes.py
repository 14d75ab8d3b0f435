"""Dropping files into an inbox, and asking what the raw zone has of them."""

import os

import pyarrow.parquet as pq
from workbooks import CODE, NAME, OTHER_NAME, Book

from orchestration.intake.declared import snapshot

YEAR = 2024
LONG_AGO = 1_700_000_000


def drop(home, name, data, year=YEAR, at=LONG_AGO):
    """Put a file into the inbox, written long ago."""
    path = home.inbox_year(year) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (at, at))
    return path


def school(code=CODE, enrolled=175, year=YEAR):
    book = Book(year).set("cover", "school_code", code).set("students", "enrolled", enrolled)
    return book.set("cover", "school_name", NAME if code == CODE else OTHER_NAME).xlsx()


def table(home, name, year=YEAR):
    """A raw table of one year, as dbt will see it."""
    files = sorted((home.raw / name / f"year={year}").glob("*.parquet"))
    rows = [row for path in files for row in pq.read_table(path).to_pylist()]
    return sorted(rows, key=lambda row: row.get("received_seq") or 0)


def problems(home, kind, year=YEAR):
    return sorted(row["file_name"] for row in table(home, "problems", year) if row["kind"] == kind)


def workbooks_archived(home):
    """Return what the archive holds beside the home's own declarations."""
    reference = snapshot.keep_reference(home)
    own = {reference, *snapshot.reference_files(home, reference).values()}
    return [p for p in home.archive.rglob("*") if p.is_file() and p.stem not in own]
