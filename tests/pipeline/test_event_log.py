"""Dagster's event log: what it keeps is what Dagster's own storage keeps, over few connections."""

from collections import Counter

import dagster
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import event
from sqlalchemy.pool import Pool

from orchestration.cli.launch import write_dagster_yaml
from orchestration.ground.home import Home
from orchestration.line.event_log import EventLog

NUMBERS = range(20)


@dagster.multi_asset(specs=[dagster.AssetSpec(f"example_{n}") for n in NUMBERS])
def examples():
    for n in NUMBERS:
        yield dagster.MaterializeResult(asset_key=f"example_{n}", metadata={"rows": n})


@pytest.fixture
def home(tmp_path, monkeypatch):
    place = Home(tmp_path / "home")
    place.create()
    write_dagster_yaml(place)
    monkeypatch.setenv("DAGSTER_HOME", str(place.dagster))
    return place


def told(storage, run_id):
    """What a storage says of a run, and of the assets that it made."""
    records = storage.get_records_for_run(run_id).records
    keys = [dagster.AssetKey(f"example_{n}") for n in NUMBERS]
    newest = storage.get_latest_materialization_events(keys)
    return (
        [record.event_log_entry.to_json() for record in records],
        {key: entry.run_id for key, entry in newest.items()},
    )


def test_dagsters_own_storage_reads_what_was_kept_in_its_place(home):
    with dagster.DagsterInstance.get() as instance:
        assert type(instance.event_log_storage) is EventLog
        runs = [dagster.materialize([examples], instance=instance).run_id for _ in range(2)]
        kept = [told(instance.event_log_storage, run) for run in runs]
    plain = SqliteEventLogStorage(str(home.dagster / "history" / "runs"))
    assert kept == [told(plain, run) for run in runs]
    events, newest = kept[1]
    assert len(events) > 3 * len(NUMBERS)
    assert set(newest.values()) == {runs[1]}


def test_a_home_with_dagsters_own_log_is_read_on(home):
    plain = dagster.DagsterInstance.from_config(str(home.dagster), "none.yaml")
    with plain:
        assert type(plain.event_log_storage) is SqliteEventLogStorage
        run = dagster.materialize([examples], instance=plain).run_id
        before = told(plain.event_log_storage, run)
    with dagster.DagsterInstance.get() as instance:
        assert told(instance.event_log_storage, run) == before


def test_a_run_opens_each_of_its_files_a_few_times_not_once_an_event(home):
    opened = Counter()

    def count(connection, _record):
        opened[connection.execute("PRAGMA database_list").fetchone()[2].rpartition("/")[2]] += 1

    with dagster.DagsterInstance.get() as instance:
        dagster.materialize([examples], instance=instance)  # makes the files of the home
        event.listen(Pool, "connect", count)
        try:
            run = dagster.materialize([examples], instance=instance).run_id
        finally:
            event.remove(Pool, "connect", count)
    assert opened["index.db"] <= len(NUMBERS)  # Dagster asks each time whether there is a table
    assert 0 < opened[f"{run}.db"] < 8


def test_only_the_newest_runs_file_stays_open_and_what_is_wiped_begins_anew(home):
    with dagster.DagsterInstance.get() as instance:
        runs = [dagster.materialize([examples], instance=instance).run_id for _ in range(3)]
        storage = instance.event_log_storage
        assert storage._kept.keys() == {"index", runs[-1]}
        storage.wipe()
        assert told(storage, runs[-1]) == ([], {})
        again = dagster.materialize([examples], instance=instance).run_id
        assert len(told(storage, again)[1]) == len(NUMBERS)
