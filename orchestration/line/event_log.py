"""Dagster's event log in SQLite, with its connections kept open.

What belongs here: how Dagster's own storage connects, and nothing else; the tables are Dagster's.
The one place that overrides a private method of Dagster. Its storage opens three or four
connections an event; as each is the last one to close, SQLite empties its log into the file and
removes it each time: 16 ms an event, about 800 events a run. Should Dagster rename the method, this
class is as slow as Dagster's, and its test counts the connections.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

_BUSY_S = 30


class EventLog(SqliteEventLogStorage):
    """Dagster's event log, a file for each run and one for all; `dagster.yaml` names this class."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._kept: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> EventLog:
        """Make the storage of a `dagster.yaml` that names the home; its place is Dagster's own."""
        return cls(str(Path(config_value["base_dir"]) / "history" / "runs"), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        """Yield a connection in a transaction, to the file of a run or of all."""
        if shard not in self._kept or shard not in self._initialized_dbs:
            with super()._connect(shard):  # makes the file and its tables
                pass
            self._keep(shard)
        with self._db_lock, self._kept[shard].begin() as connection:
            yield connection

    def _keep(self, shard: str) -> None:
        """Keep the index and the newest run's file, so that old runs do not hold files open."""
        with self._db_lock:
            for other in self._kept.keys() - {"index"}:
                self._kept.pop(other).dispose()
            engine = create_engine(
                self.conn_string_for_shard(shard), connect_args={"timeout": _BUSY_S}
            )
            event.listen(engine, "connect", _wait_for_no_disk)
            self._kept[shard] = engine

    def dispose(self) -> None:
        """Let go of all files."""
        for shard in list(self._kept):
            self._kept.pop(shard).dispose()
        super().dispose()


def _wait_for_no_disk(connection: Any, _record: Any) -> None:
    """With a power cut the last events may be missing; the file stays whole, and no record of ours.

    https://www.sqlite.org/pragma.html#pragma_synchronous, under WAL.
    """
    connection.execute("PRAGMA synchronous = NORMAL")
