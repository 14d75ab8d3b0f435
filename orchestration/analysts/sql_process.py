"""One question to the analysts' database, answered in a process of its own that can do no harm.

What belongs here: what the process may do, what it refuses, how an answer is written. It imports
nothing of the project, so that it starts fast and runs as a file. What does not: who may ask, how
long it may take and how many at once (sql_query.py).

Standard input holds the request as JSON: `database`, `sql`, `format` (table, csv or parquet),
`rows`, `size` (bytes), `memory_mb`, `seconds`, `zone`. Standard output is the answer, and the last
line of standard error is JSON: `rows` and `is_cut`, or `kind` (one of refusals.yml) and
`detail`.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
from typing import Any, BinaryIO

import duckdb

# PIVOT arrives as several statements, of which the last reads.
READING = {"SELECT", "EXPLAIN", "MULTI"}
CELL_CHARACTERS = 2_000
_BATCH_ROWS = 2_048
# What DuckDB itself has to refuse. The last one makes the others final.
_SETTINGS = (
    "allow_community_extensions = false",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_persistent_secrets = false",
    "python_enable_replacements = false",
    "enable_external_access = false",
    "lock_configuration = true",
)
_NUMBER_LIKE = r"^[+-]?[0-9][0-9.,]*%?$"
_FORMULA_LIKE = r"^[=+\-@\t\r\n]"


class Refused(Exception):
    """The statement is not answered; `kind` says why, `detail` adds what DuckDB says.

    No `NianbaoError`, of which this process knows nothing: its words stand in refusals.yml.
    """

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(detail)
        self.kind, self.detail = kind, detail


class Bounded(io.RawIOBase):
    """A sink that counts what it passes on, so that writing can stop before it is too much."""

    def __init__(self, sink: BinaryIO, size: int) -> None:
        """Pass on to `sink`; it is full from `size` bytes on."""
        self._sink, self._size, self._written = sink, size, 0

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def write(self, data: Any) -> int:
        """Pass bytes on."""
        self._sink.write(data)
        length = memoryview(data).nbytes
        self._written += length
        return length

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._written

    @property
    def is_full(self) -> bool:
        """Return whether nothing more should be written."""
        return self._written >= self._size


def connect(database: str, memory_mb: int, zone: str) -> duckdb.DuckDBPyConnection:
    """Return a connection that reads one database and reaches nothing else."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": f"{memory_mb}MiB",
        "temp_directory": "",
    }
    connection = duckdb.connect(database, read_only=True, config=settings)
    for setting in (f"TimeZone = '{zone}'", *_SETTINGS):
        connection.execute(f"set {setting}")
    return connection


def fence(memory_mb: int, seconds: int) -> None:
    """Let this process open no file or socket any more, start no process, and not grow for ever.

    DuckDB's own settings do not suffice: a COPY inside a common table expression is a SELECT, and
    the database's own file is one that it may write. Without descriptors nothing can be opened.
    """
    # Libraries and the interpreter take about 1 GiB of addresses before any query.
    space = (memory_mb + 2_048) * 1024 * 1024
    bounds = {
        resource.RLIMIT_NOFILE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_AS: space,
        resource.RLIMIT_CPU: seconds + 1,
    }
    for name, bound in bounds.items():
        _, hard = resource.getrlimit(name)
        if hard != resource.RLIM_INFINITY:
            bound = min(bound, hard)
        resource.setrlimit(name, (bound, bound))
    # Whoever started this process stops it in time; should that one be gone, nobody else would.
    signal.alarm(seconds + 2)


def require_one_reading_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raise `Refused` unless DuckDB's own parser finds one statement, and one that reads."""
    statements = connection.extract_statements(sql)
    if not statements:
        raise Refused("empty")
    if len(statements) > 1:
        raise Refused("several")
    if (found := statements[0].type.name) not in READING:
        raise Refused("not_reading", found)


def write_table(result: duckdb.DuckDBPyConnection, sink: Bounded, rows: int) -> dict[str, Any]:
    """Write the rows of a page as JSON: `columns` (name, type) and `rows` of texts or nulls."""
    columns = [(name, str(kind)) for name, kind, *_ in result.description or ()]
    sink.write(json.dumps(columns, ensure_ascii=False).encode())
    count = 0
    while (row := result.fetchone()) is not None:
        if count == rows or sink.is_full:
            return {"rows": count, "is_cut": True}
        cells = [_shortened(_text(value)) for value in row]
        sink.write(b"\n" + json.dumps(cells, ensure_ascii=False).encode())
        count += 1
    return {"rows": count, "is_cut": False}


def write_csv(result: duckdb.DuckDBPyRelation, sink: Bounded, rows: int) -> dict[str, Any]:
    """Write CSV that Excel opens as it is: UTF-8 with its mark, no text that would be a formula."""
    import pyarrow as pa
    from pyarrow import csv

    sink.write(b"\xef\xbb\xbf")
    reader = result.to_arrow_reader(_BATCH_ROWS)
    names = _guarded(pa.array(reader.schema.names, pa.string())).to_pylist()
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    sink.write(f"{header}\n".encode())
    options = csv.WriteOptions(include_header=False)
    report = {"rows": 0, "is_cut": False}
    for batch in _batches(reader, sink, rows, report):
        columns = [_cells(column) for column in batch.columns]
        places = [str(place) for place in range(len(columns))]
        csv.write_csv(pa.RecordBatch.from_arrays(columns, places), sink, options)
    return report


def write_parquet(
    result: duckdb.DuckDBPyRelation, sink: Bounded, rows: int, sql: str = ""
) -> dict[str, Any]:
    """Write parquet with the types of the result; its schema's metadata hold the statement."""
    from pyarrow import parquet

    reader = result.to_arrow_reader(_BATCH_ROWS)
    schema = reader.schema.with_metadata({"nianbao.sql": sql})
    report = {"rows": 0, "is_cut": False}
    with parquet.ParquetWriter(sink, schema) as writer:
        for batch in _batches(reader, sink, rows, report):
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))
    return report


def _batches(reader: Any, sink: Bounded, rows: int, report: dict[str, Any]) -> Any:
    """Yield batches up to a number of rows; `report` counts them, and says if there is more."""
    for batch in reader:
        left = 0 if sink.is_full else rows - report["rows"]
        taken = batch.slice(0, left)
        if taken.num_rows:
            report["rows"] += taken.num_rows
            yield taken
        if batch.num_rows > left:
            report["is_cut"] = True
            return


def _cells(column: Any) -> Any:
    """Return a column as CSV can hold it: numbers and dates as they are, all else as text."""
    import pyarrow as pa
    from pyarrow import types

    kind = column.type
    if types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    is_plain = types.is_primitive(kind) and not types.is_interval(kind)
    if is_plain or types.is_decimal(kind) or types.is_null(kind):
        return column
    if not (types.is_string(kind) or types.is_large_string(kind)):
        column = pa.array([_text(value) for value in column.to_pylist()], pa.string())
    return _guarded(column)


def _guarded(column: Any) -> Any:
    """Put an apostrophe before texts that a spreadsheet would run; a negative number is none."""
    from pyarrow import compute

    runs = compute.match_substring_regex(column, _FORMULA_LIKE)
    harmless = compute.match_substring_regex(column, _NUMBER_LIKE)
    runs = compute.and_(runs, compute.invert(harmless))
    return compute.if_else(runs, compute.binary_join_element_wise("'", column, ""), column)


def _text(value: Any) -> str | None:
    """Return a value as SQL would write it; None stays None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.hex()
    if hasattr(value, "months"):  # Arrow's interval, which is a tuple too
        return f"{value.months} months {value.days} days {value.nanoseconds} nanoseconds"
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _shortened(text: str | None) -> str | None:
    if text is None or len(text) <= CELL_CHARACTERS:
        return text
    return text[:CELL_CHARACTERS] + "…"


def _write(
    connection: duckdb.DuckDBPyConnection, sql: str, answer_format: str, sink: Bounded, rows: int
) -> dict[str, Any]:
    if answer_format == "csv":
        return write_csv(connection.sql(sql), sink, rows)
    if answer_format == "parquet":
        return write_parquet(connection.sql(sql), sink, rows, sql)
    return write_table(connection.execute(sql), sink, rows)


def answer(request: dict[str, Any], sink: BinaryIO) -> dict[str, Any]:
    """Write the answer to a request into `sink`; return its report. Raises `Refused`."""
    try:
        connection = connect(request["database"], request["memory_mb"], request["zone"])
    except duckdb.Error as error:
        raise Refused("database", str(error)) from error
    # What is loaded on first use has to be loaded now: later no file can be opened.
    from pyarrow import ArrowException

    warm = Bounded(io.BytesIO(), 1 << 20)
    _write(connection, "select now(), 1.5, uuid(), '='", request["format"], warm, 1)
    fence(request["memory_mb"], request["seconds"])
    sql = request["sql"]
    try:
        require_one_reading_statement(connection, sql)
        bounded = Bounded(sink, request["size"])
        return _write(connection, sql, request["format"], bounded, request["rows"])
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise Refused("memory") from error
    except duckdb.PermissionException as error:
        raise Refused("outside", str(error)) from error
    except duckdb.IOException as error:
        raise Refused("outside") from error
    except duckdb.Error as error:
        raise Refused("sql", str(error)) from error
    except OSError as error:
        # What fails while Arrow fetches loses its class, not its words.
        text = str(error)
        is_memory = text.startswith("Out of Memory Error")
        raise (Refused("memory") if is_memory else Refused("sql", text)) from error
    except (ArithmeticError, ArrowException, ValueError) as error:
        # Of a value or a type that a file of this kind has no place for.
        raise Refused("unwritable", str(error)) from error


def main() -> None:
    """Answer the request of standard input."""
    request = json.load(sys.stdin.buffer)
    sink = sys.stdout.buffer
    try:
        report = answer(request, sink)
        sink.flush()
    except Refused as refused:
        report = {"kind": refused.kind, "detail": refused.detail[:4_000]}
    sys.stderr.write("\n" + json.dumps(report) + "\n")
    sys.stderr.flush()
    # Nothing of the result has to be put away, and taking it down could take as long as it did.
    os._exit(0)


if __name__ == "__main__":
    main()
