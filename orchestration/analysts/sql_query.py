"""Asking the analysts' database: each question in a process of its own, with limits on everything.

What belongs here: the limits, starting and stopping that process, what a refusal says, what the
database holds. What does not: what the process itself forbids (sql_process.py), pages
(web/sql/sql_pages.py).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, BinaryIO, cast

from orchestration.forms.contract import read_yaml
from orchestration.ground.home import Home
from orchestration.ground.settings import zone_of
from orchestration.ground.text import NianbaoError

FORMATS = ("csv", "parquet")
MAX_CHARACTERS = 20_000
_PAGE_BYTES = 4 * 1024 * 1024
_DOWNLOAD_BYTES = 256 * 1024 * 1024
_CHUNK = 64 * 1024
# Run as a file and isolated: no package, no environment, no folder of ours is on its path.
_COMMAND = (sys.executable, "-I", str(Path(__file__).with_name("sql_process.py")))
_ENVIRONMENT = ("LD_LIBRARY_PATH",)
_REFUSALS = read_yaml(Path(__file__).with_name("refusals.yml"))
_DESCRIPTION = Path(__file__).with_name("description.sql")
_DESCRIPTION_ROWS = 20_000


class BadLimit(NianbaoError):
    """A limit that the environment sets is no number."""


class QueryRefused(NianbaoError):
    """A question that got no answer: `status_code`, a sentence, DuckDB's `detail`."""

    def __init__(self, kind: str, limits: Limits, detail: str = "") -> None:
        """Refuse for one of the kinds that refusals.yml words."""
        self.kind, self.detail = kind, detail
        refusal, filled = _REFUSALS[kind], {**asdict(limits), "max_characters": MAX_CHARACTERS}
        self.status_code = refusal["status"]
        super().__init__(refusal["zh"].format(**filled), refusal["en"].format(**filled))


@dataclass(frozen=True)
class Limits:
    """What one question may take, and how many may run at once.

    Each can be set in the environment: `NIANBAO_SQL_SECONDS=60`.
    """

    seconds: int = 20
    memory_mb: int = 512
    page_rows: int = 1_000
    download_rows: int = 1_000_000
    at_once: int = 2

    @classmethod
    def from_environment(cls) -> Limits:
        """Return the limits that the environment sets; `BadLimit` names a wrong one."""
        given = {}
        for name in (one.name for one in fields(cls)):
            variable = f"NIANBAO_SQL_{name.upper()}"
            text = os.environ.get(variable, "")
            if text and not (text.isascii() and text.isdigit() and int(text) > 0):
                raise BadLimit("应为正整数。", "It has to be a whole number above 0.", variable)
            if text:
                given[name] = int(text)
        return cls(**given)


@dataclass(frozen=True)
class Answer:
    """A finished answer: the file, to be closed by who takes it; its rows, and if more were cut."""

    file: BinaryIO
    rows: int
    is_cut: bool


@dataclass(frozen=True)
class Table:
    """The answer on a page: `columns` are (name, type), `rows` texts in which NULL is None."""

    columns: list[tuple[str, str]]
    rows: list[list[str | None]]
    is_cut: bool


@dataclass(frozen=True)
class Relation:
    """A table or view and its columns (name, type, comment); or a macro, with its parameters."""

    name: str
    comment: str
    columns: list[tuple[str, str, str]] = field(default_factory=list)
    parameters: str | None = None


class Queries:
    """The questions of one server to one home's analysts' database."""

    def __init__(self, home: Home, limits: Limits | None = None) -> None:
        """Ask the database of `home`, within `limits` or what the environment says."""
        self.limits = limits or Limits.from_environment()
        self._database = home.analyst_database
        self._zone = zone_of(home).key
        self._slots = threading.BoundedSemaphore(self.limits.at_once)
        self._describing = threading.Lock()
        self._described: tuple[tuple[int, int], list[Relation]] | None = None

    def table(self, sql: str) -> Table:
        """Return the first rows that a statement finds; raises `QueryRefused`."""
        return _table(self._ask(sql, "table", self.limits.page_rows, _PAGE_BYTES))

    def download(self, sql: str, answer_format: str) -> Answer:
        """Return what a statement finds as a file of csv or parquet; raises `QueryRefused`."""
        return self._ask(sql, answer_format, self.limits.download_rows, _DOWNLOAD_BYTES)

    def schema(self) -> list[Relation]:
        """Return what the database holds, read again when it was swapped; `QueryRefused`."""
        with self._describing:
            self._require_database()
            status = self._database.stat()
            seen = (status.st_mtime_ns, status.st_ino)
            if self._described is None or self._described[0] != seen:
                sql = _DESCRIPTION.read_text(encoding="utf-8")
                answer = self._run(sql, "table", _DESCRIPTION_ROWS, _PAGE_BYTES)
                self._described = (seen, _relations(_table(answer)))
            return self._described[1]

    def _ask(self, sql: str, answer_format: str, rows: int, size: int) -> Answer:
        if len(sql) > MAX_CHARACTERS:
            raise QueryRefused("too_long", self.limits)
        self._require_database()
        if not self._slots.acquire(blocking=False):
            raise QueryRefused("busy", self.limits)
        try:
            return self._run(sql, answer_format, rows, size)
        finally:
            self._slots.release()

    def _require_database(self) -> None:
        if not self._database.exists():
            raise QueryRefused("no_database", self.limits)

    def _run(self, sql: str, answer_format: str, rows: int, size: int) -> Answer:
        request = {
            **{"database": str(self._database), "sql": sql, "format": answer_format},
            **{"rows": rows, "size": size, "memory_mb": self.limits.memory_mb},
            "seconds": self.limits.seconds,
            # A moment is shown in the time of the home's people, wherever the machine stands.
            "zone": self._zone,
        }
        # Whoever takes the answer closes it.
        spooled = tempfile.SpooledTemporaryFile(max_size=_PAGE_BYTES)  # noqa: SIM115
        file = cast(BinaryIO, spooled)
        try:
            report = self._receive(request, file, size)
            if "kind" in report:
                raise QueryRefused(report["kind"], self.limits, report["detail"])
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return Answer(file, report["rows"], report["is_cut"])

    def _receive(self, request: dict[str, Any], file: BinaryIO, size: int) -> dict[str, Any]:
        """Start the process, keep what it answers, and return its last word; it never outlives."""
        is_late = threading.Event()
        process = subprocess.Popen(
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            start_new_session=True,
        )

        def stop() -> None:
            is_late.set()
            process.kill()

        clock = threading.Timer(self.limits.seconds, stop)
        clock.start()
        with process:
            assert process.stdin and process.stdout and process.stderr
            try:
                with suppress(BrokenPipeError):
                    process.stdin.write(json.dumps(request).encode())
                    process.stdin.close()
                while chunk := process.stdout.read(_CHUNK):
                    # The process stops writing at `size`; what it holds back then comes on top.
                    if file.tell() > 2 * size:
                        raise QueryRefused("too_large", self.limits)
                    file.write(chunk)
                said = process.stderr.read(_CHUNK).splitlines()
            finally:
                clock.cancel()
                process.kill()
        with suppress(ValueError, IndexError):
            return json.loads(said[-1])
        raise QueryRefused("time" if is_late.is_set() else "stopped", self.limits)


def _table(answer: Answer) -> Table:
    with answer.file as file:
        first, *lines = file.read().decode().split("\n")
    columns = [(name, kind) for name, kind in json.loads(first)]
    return Table(columns, [json.loads(line) for line in lines], answer.is_cut)


def _relations(described: Table) -> list[Relation]:
    tables: dict[str, Relation] = {}
    macros = []
    for kind, table, name, data_type, comment in described.rows:
        if kind == "macro":
            macros.append(Relation(str(table), comment or "", parameters=name or ""))
            continue
        relation = tables.setdefault(str(table), Relation(str(table), ""))
        if kind == "column":
            relation.columns.append((str(name), str(data_type), comment or ""))
        else:
            tables[str(table)] = Relation(relation.name, comment or "", relation.columns)
    return [*tables.values(), *macros]
