"""The ledger: append-only, hash-chained events, so that what happened cannot be rewritten unseen.

What belongs here: events, their chain and its verification. What does not: what an event means;
that is with whoever appends it (intake received, stewards decided, publication published).
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import sqlite3
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from copy import copy
from pathlib import Path
from typing import Any

from orchestration.ground import clock, files
from orchestration.ground.home import Home
from orchestration.ground.text import NianbaoError

_GENESIS = "0" * 64
_ATTEMPTS = 20
PUBLISHED = "published"  # an edition came out; whoever reads it that is below its room
_PAUSE_SECONDS = 0.02  # at most so long before the second attempt, twice before the third, …
_SQLITE_WAITS_SECONDS = 20  # for a writer that holds the file; after that the ledger is busy
_END = 2**31 - 1  # no event has a greater number
_MAKE = (
    # The primary key is given, never automatic: two writers that append the same place collide
    # instead of forking the chain.
    "create table if not exists events (seq integer not null primary key, at varchar(32) not null,"
    " actor varchar(64) not null, kind varchar(32) not null, payload text not null,"
    " previous_hash varchar(64) not null, hash varchar(64) not null unique)",
    "create index if not exists ix_events_kind on events (kind)",
)
_APPEND = (
    "insert into events (seq, at, actor, kind, payload, previous_hash, hash)"
    " values (:seq, :at, :actor, :kind, :payload, :previous_hash, :hash)"
)
_SEEN = "select seq, at, actor, kind, payload, previous_hash, hash from events where seq <= :until"
_LAST = "select seq, hash from events where seq <= :until order by seq desc limit 1"
# After NFKC, which makes （ and ［ of these (and [. An open one holds all that follows.
_IN_BRACKETS = re.compile(r"[(\[{<〈《【〔〖「『].*?(?:[)\]}>〉》】〕〗」』]|$)")
_TITLE = re.compile(
    "(?<=.)(?:(?:[正副]?(?:[科处局校院所站股组部厅园系室区县市]长|主任|书记|主管))?科员|"
    "[正副]?(?:[科处局校院所站股组部厅园系室区县市]长|主任|书记|主管|教授)|"
    "老师|干事|会计|经办人|审核人|审批人|批准人|签署人|同志|先生|女士)+$"
)
# Does a statement with what its names stand for, for each of several rows; returns what it finds.
_Run = Callable[..., Iterable[Any]]


class LedgerBroken(NianbaoError):
    """An event does not follow from the one before it."""


class LedgerBusy(NianbaoError):
    """Another process kept appending; nothing was written."""


def _digest(event: Mapping[str, Any]) -> str:
    hashed = ("seq", "at", "actor", "kind", "payload", "previous_hash")
    text = json.dumps([event[name] for name in hashed], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def is_same_person(one: str, other: str) -> bool:
    """Return whether two names are one person's, however they were typed.

    Width, case, blanks and signs that nobody sees do not tell persons apart, nor does what stands
    in brackets or a title behind the name: 王复核（审批） and 王复核科长 are 王复核.
    """
    return _name_key(one) == _name_key(other)


def _name_key(name: str) -> str:
    narrow = unicodedata.normalize("NFKC", name).casefold()
    seen = "".join(c for c in narrow if unicodedata.category(c) not in {"Cc", "Cf", "Zs"})
    # What is nothing but brackets is all that there is of a name.
    return _TITLE.sub("", _IN_BRACKETS.sub("", seen) or seen)


def open_ledger(home: Home) -> Ledger:
    """Open the home's ledger, or the database that `NIANBAO_LEDGER_URL` names."""
    return Ledger(os.environ.get("NIANBAO_LEDGER_URL") or f"sqlite:///{home.ledger}")


def mark(folder: Path, step: str, ledger: Ledger, **said: Any) -> None:
    """Keep beside a step's outcome how far the ledger was when it was made: `<step>.json`.

    With it the step can be done again over the very same events.
    """
    text = json.dumps(ledger.position() | said, ensure_ascii=False)
    files.write_text(folder / f"{step}.json", text)


def marked(folder: Path, step: str) -> dict[str, Any]:
    """Return what `mark` kept of a step; `FileNotFoundError` before it was ever done."""
    return json.loads((folder / f"{step}.json").read_text(encoding="utf-8"))


class _SqliteFile:
    """A SQLite file, which needs no SQLAlchemy: importing that takes longer than most commands."""

    collision: type[Exception] = sqlite3.IntegrityError

    def __init__(self, path: str) -> None:
        self._path = path

    @contextmanager
    def open(self) -> Iterator[_Run]:
        """Open it for one transaction."""
        with closing(sqlite3.connect(self._path, _SQLITE_WAITS_SECONDS)) as connection:
            connection.row_factory = sqlite3.Row

            def run(statement: str, said: Any = ()) -> Iterable[Any]:
                is_many = isinstance(said, list)
                return (connection.executemany if is_many else connection.execute)(statement, said)

            with connection:
                yield run

    def close(self) -> None:
        """Do nothing: it is closed behind each transaction."""


class _OtherDatabase:
    """Any other database that SQLAlchemy knows."""

    def __init__(self, url: str) -> None:
        from sqlalchemy import create_engine
        from sqlalchemy.exc import IntegrityError

        self.collision: type[Exception] = IntegrityError
        self._engine = create_engine(url)

    @contextmanager
    def open(self) -> Iterator[_Run]:
        """Open it for one transaction."""
        from sqlalchemy import text

        with self._engine.begin() as connection:
            yield lambda statement, said=(): connection.execute(text(statement), said).mappings()

    def close(self) -> None:
        """Let go of its connections."""
        self._engine.dispose()


class Ledger:
    """Events in a database, each bound to the one before by its hash."""

    def __init__(self, url: str) -> None:
        """Open or make the ledger at `url` (`sqlite:///…`, `postgresql+psycopg://…`)."""
        path = url.removeprefix("sqlite:///")
        is_file = path != url and path not in ("", ":memory:") and "?" not in path
        self._database = _SqliteFile(path) if is_file else _OtherDatabase(url)
        self._until = _END
        with self._database.open() as run:
            for statement in _MAKE:
                run(statement)

    def as_of(self, seq: int) -> Ledger:
        """Return the ledger as it was when its last event had that number."""
        view = copy(self)
        view._until = seq
        return view

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(
        self,
        kind: str,
        payload: dict[str, Any],
        actor: str,
        check: Callable[[], None] | None = None,
    ) -> None:
        """Append one event.

        `check` raises where the ledger as it stands forbids the event; no other event can come
        between it and this one.
        """
        self.append_many([(kind, payload, actor)], check)

    def append_many(
        self,
        events: Iterable[tuple[str, dict[str, Any], str]],
        check: Callable[[], None] | None = None,
    ) -> None:
        """Append events in order, all or none; `LedgerBusy` if others keep getting in first."""
        events = list(events)
        for attempt in range(_ATTEMPTS):
            # Who collided comes again after a while of their own, so that not all collide again.
            time.sleep(random.uniform(0, attempt * _PAUSE_SECONDS))
            try:
                with self._database.open() as run:
                    self._append(run, events, check)
                return
            except self._database.collision:
                continue
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                break  # it gave up waiting for another writer
        raise LedgerBusy("账本正被写入，请重试。", "The ledger is being written; try again.")

    def _append(
        self,
        run: _Run,
        events: list[tuple[str, dict, str]],
        check: Callable[[], None] | None,
    ) -> None:
        last = next(iter(run(_LAST, {"until": _END})), None)
        # Whatever is appended after this last event takes its place, and the insert collides.
        if check is not None:
            check()
        seq, previous = (last["seq"], last["hash"]) if last else (0, _GENESIS)
        rows = []
        for kind, payload, actor in events:
            seq += 1
            text = json.dumps(payload, ensure_ascii=False, sort_keys=True)
            row = {"seq": seq, "at": clock.stamp(), "actor": actor, "kind": kind, "payload": text}
            row["previous_hash"] = previous
            row["hash"] = previous = _digest(row)
            rows.append(row)
        if rows:
            run(_APPEND, rows)

    def events(self, *kinds: str) -> Iterator[dict[str, Any]]:
        """Yield events in order, all or of some kinds.

        Each has seq, at, actor, kind, payload (a dict), previous_hash and hash.
        """
        names = {f"kind{number}": kind for number, kind in enumerate(kinds)}
        of_kinds = f" and kind in ({', '.join(f':{name}' for name in names)})" if kinds else ""
        for row in self._rows(of_kinds, names):
            yield {**row, "payload": json.loads(row["payload"])}

    def _rows(self, where: str = "", said: Mapping[str, str] | None = None) -> Iterator[dict]:
        """Yield the events up to where this ledger looks, in order, as they are written down."""
        with self._database.open() as run:
            found = run(f"{_SEEN}{where} order by seq", {"until": self._until, **(said or {})})
            yield from map(dict, found)

    def position(self) -> dict[str, Any]:
        """Return number and hash of the last event, 0 and zeros before the first."""
        with self._database.open() as run:
            last = next(iter(run(_LAST, {"until": self._until})), None)
        return dict(last or {"seq": 0, "hash": _GENESIS})

    def copy_to(self, url: str, until: int) -> None:
        """Write the events up to a number into an empty ledger, chain and all."""
        rows = list(self.as_of(until)._rows())
        with Ledger(url) as other, other._database.open() as run:
            if rows:
                run(_APPEND, rows)

    def verify(self) -> int:
        """Return how many events follow one another; `LedgerBroken` names the first that fails."""
        previous, count = _GENESIS, 0
        for row in self.as_of(_END)._rows():
            in_chain = row["previous_hash"] == previous and row["hash"] == _digest(row)
            if row["seq"] != count + 1 or not in_chain:
                raise LedgerBroken(
                    f"账本第 {count + 1} 条事件被改动或缺失。",
                    f"Event {count + 1} of the ledger was changed or is missing.",
                )
            previous, count = row["hash"], count + 1
        return count
