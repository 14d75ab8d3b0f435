"""The ledger: append-only, hash-chained events, so that what happened cannot be rewritten unseen.

What belongs here: events, their chain and its verification. What does not: what an event means;
that is with whoever appends it (intake received, stewards decided, publication published).
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sqlite3
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, create_engine, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.sql import Select

from orchestration.ground import clock, files
from orchestration.ground.home import Home
from orchestration.ground.text import NianbaoError

_GENESIS = "0" * 64
_ATTEMPTS = 20
PUBLISHED = "published"  # an edition came out; whoever reads it that is below its room
_PAUSE_SECONDS = 0.02  # at most so long before the second attempt, twice before the third, …
_SQLITE_WAITS_SECONDS = 20  # for a writer that holds the file; after that the ledger is busy
_METADATA = MetaData()
_EVENTS = Table(
    "events",
    _METADATA,
    # The primary key is given, never automatic: two writers that append the same place collide
    # instead of forking the chain.
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("kind", String(32), nullable=False, index=True),
    Column("payload", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)


_LAST = select(_EVENTS.c.seq, _EVENTS.c.hash).order_by(_EVENTS.c.seq.desc()).limit(1)


class LedgerBroken(NianbaoError):
    """An event does not follow from the one before it."""


class LedgerBusy(NianbaoError):
    """Another process kept appending; nothing was written."""


def _digest(event: Mapping[str, Any]) -> str:
    hashed = ("seq", "at", "actor", "kind", "payload", "previous_hash")
    text = json.dumps([event[name] for name in hashed], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _is_locked(error: OperationalError) -> bool:
    """Return whether SQLite gave up waiting for another writer."""
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def is_same_person(one: str, other: str) -> bool:
    """Return whether two names are one person's, however wide, spaced or cased they were typed."""
    return _name_key(one) == _name_key(other)


def _name_key(name: str) -> str:
    narrow = unicodedata.normalize("NFKC", name).casefold()
    # Neither blanks nor signs that nobody sees.
    return "".join(c for c in narrow if unicodedata.category(c) not in {"Cc", "Cf", "Zs"})


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


class Ledger:
    """Events in any SQLAlchemy database, each bound to the one before by its hash."""

    def __init__(self, url: str) -> None:
        """Open or make the ledger at `url` (`sqlite:///…`, `postgresql+psycopg://…`)."""
        waits = {"timeout": _SQLITE_WAITS_SECONDS} if url.startswith("sqlite") else {}
        self._engine = create_engine(url, connect_args=waits)
        self._until: int | None = None
        try:
            _METADATA.create_all(self._engine)
        except OperationalError:
            # Another process made the table between the look and the making; now it is there.
            _METADATA.create_all(self._engine)

    def as_of(self, seq: int) -> Ledger:
        """Return the ledger as it was when its last event had that number."""
        view = copy(self)
        view._until = seq
        return view

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

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
                with self._engine.begin() as connection:
                    self._append(connection, events, check)
                return
            except IntegrityError:
                continue
            except OperationalError as error:
                if not _is_locked(error):
                    raise
                break
        raise LedgerBusy("账本正被写入，请重试。", "The ledger is being written; try again.")

    def _append(
        self,
        connection: Connection,
        events: list[tuple[str, dict, str]],
        check: Callable[[], None] | None,
    ) -> None:
        last = connection.execute(_LAST).first()
        # Whatever is appended after this last event takes its place, and the insert collides.
        if check is not None:
            check()
        seq, previous = (last.seq, last.hash) if last else (0, _GENESIS)
        rows = []
        for kind, payload, actor in events:
            seq += 1
            text = json.dumps(payload, ensure_ascii=False, sort_keys=True)
            row = {"seq": seq, "at": clock.stamp(), "actor": actor, "kind": kind, "payload": text}
            row["previous_hash"] = previous
            row["hash"] = previous = _digest(row)
            rows.append(row)
        if rows:
            connection.execute(insert(_EVENTS), rows)

    def events(self, *kinds: str) -> Iterator[dict[str, Any]]:
        """Yield events in order, all or of some kinds.

        Each has seq, at, actor, kind, payload (a dict), previous_hash and hash.
        """
        query = self._seen(select(_EVENTS).order_by(_EVENTS.c.seq))
        if kinds:
            query = query.where(_EVENTS.c.kind.in_(kinds))
        with self._engine.connect() as connection:
            for row in connection.execute(query).mappings():
                yield {**row, "payload": json.loads(row["payload"])}

    def position(self) -> dict[str, Any]:
        """Return number and hash of the last event, 0 and zeros before the first."""
        with self._engine.connect() as connection:
            last = connection.execute(self._seen(_LAST)).mappings().first()
        return dict(last or {"seq": 0, "hash": _GENESIS})

    def _seen(self, query: Select) -> Select:
        """Return a query of the events up to where this ledger looks."""
        return query if self._until is None else query.where(_EVENTS.c.seq <= self._until)

    def copy_to(self, url: str, until: int) -> None:
        """Write the events up to a number into an empty ledger, chain and all."""
        query = self.as_of(until)._seen(select(_EVENTS).order_by(_EVENTS.c.seq))
        with self._engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        with Ledger(url) as other, other._engine.begin() as connection:
            if rows:
                connection.execute(insert(_EVENTS), rows)

    def verify(self) -> int:
        """Return how many events follow one another; `LedgerBroken` names the first that fails."""
        previous, count = _GENESIS, 0
        with self._engine.connect() as connection:
            for row in connection.execute(select(_EVENTS).order_by(_EVENTS.c.seq)).mappings():
                in_chain = row["previous_hash"] == previous and row["hash"] == _digest({**row})
                if row["seq"] != count + 1 or not in_chain:
                    raise LedgerBroken(
                        f"账本第 {count + 1} 条事件被改动或缺失。",
                        f"Event {count + 1} of the ledger was changed or is missing.",
                    )
                previous, count = row["hash"], count + 1
        return count
