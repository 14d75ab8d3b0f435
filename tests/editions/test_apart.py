"""Editions of several cities at once: the same as one after the other, and none stops another."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from commands import python

from orchestration.editions import history
from orchestration.editions.verify import verify_all
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.publishing import apart
from orchestration.publishing.publish import NotPublished, publish_edition, publish_editions

YEAR = 2024
CITIES = ["baoji", "qingyang"]
AT = "2025-01-01T00:00:00+00:00"


@pytest.fixture
def unpublished(healthy, tmp_path, monkeypatch):
    """Return a way to make a home whose gates have spoken, and that has published nothing."""
    monkeypatch.setattr("orchestration.ground.clock.stamp", lambda: AT)

    def make(name):
        home = Home(tmp_path / name)
        shutil.copytree(healthy.root, home.root, symlinks=True)
        for city in CITIES:
            shutil.rmtree(home.published / city)
        home.ledger.unlink()
        with Ledger(f"sqlite:///{Home(healthy.root).ledger}") as whole:
            first = next(event["seq"] for event in whole.events(history.PUBLISHED))
            whole.copy_to(f"sqlite:///{home.ledger}", until=first - 1)
        return home, Ledger(f"sqlite:///{home.ledger}")

    return make


def files(home):
    """Return the bytes of every file of the editions."""
    paths = [p for city in CITIES for p in home.editions(city, YEAR).rglob("*") if p.is_file()]
    return {path.relative_to(home.published).as_posix(): path.read_bytes() for path in paths}


def told(ledger):
    return [event["payload"] for event in ledger.events(history.PUBLISHED)]


def test_editions_are_the_same_bytes_however_many_are_written_at_once(unpublished, monkeypatch):
    home, ledger = unpublished("here")
    for city in CITIES:
        publish_edition(home, ledger, city, YEAR)
    expected = files(home), told(ledger)
    assert {"baoji/2024/v1/report.docx", "qingyang/2024/v1/metrics.xlsx"} <= expected[0].keys()
    for count in (1, 2):
        monkeypatch.setattr("orchestration.publishing.publish.processors", lambda n=count: n)
        home, ledger = unpublished(f"apart_{count}")
        made = dict(publish_editions(home, ledger, CITIES, YEAR))
        assert [(city, one.is_new) for city, one in made.items()] == [(c, True) for c in CITIES]
        assert (files(home), told(ledger)) == expected
        again = dict(publish_editions(home, ledger, CITIES, YEAR))
        assert [one.is_new for one in again.values()] == [False, False]
        assert told(ledger) == expected[1]


def killed_in_qingyang(told, folder, manuscript):
    if manuscript.imprint.city == "qingyang":
        beside = folder.with_name(f".{folder.name}")
        beside.mkdir(parents=True)
        (beside / "metrics.csv").write_text("half of it", encoding="utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
    apart._write(told, folder, manuscript)


def disk_is_full_in_qingyang(told, folder, manuscript):
    if manuscript.imprint.city == "qingyang":
        apart.write_folder = full
    apart._write(told, folder, manuscript)


def full(folder, manuscript):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (killed_in_qingyang, ("qingyang 2024 v1：写出版次的进程中途终止", "(-9)")),
        (disk_is_full_in_qingyang, ("qingyang 2024 v1：写出版次时出错", "No space left")),
    ],
)
def test_what_ends_one_citys_process_stops_that_city_alone(unpublished, monkeypatch, harm, words):
    home, ledger = unpublished("home")
    with monkeypatch.context() as patch:
        patch.setattr(apart, "_write", harm)
        made = dict(publish_editions(home, ledger, CITIES, YEAR))
    assert made["baoji"].is_new
    assert isinstance(made["qingyang"], NotPublished)
    assert all(word in str(made["qingyang"].why) for word in words), made["qingyang"].why
    assert not list(home.editions("qingyang", YEAR).glob("*v*"))
    assert [one["city"] for one in told(ledger)] == ["baoji"]
    made = dict(publish_editions(home, ledger, CITIES, YEAR))
    assert [made[city].is_new for city in CITIES] == [False, True]
    assert verify_all(home, ledger) == (2, [])


def test_a_city_that_cannot_be_drafted_stops_no_other(unpublished):
    home, ledger = unpublished("home")
    made = dict(publish_editions(home, ledger, ["atlantis", "baoji"], YEAR))
    assert isinstance(made["atlantis"], NotPublished)
    assert made["baoji"].is_new


class Slow:
    """A manuscript that takes for ever; it says in a file which process reads it."""

    def __init__(self, place):
        self.place = place

    @property
    def imprint(self):
        Path(self.place).write_text(str(os.getpid()), encoding="utf-8")
        time.sleep(600)


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_apart import Slow
from orchestration.publishing.apart import write_apart
write_apart(Path(sys.argv[2]) / "v1", Slow(sys.argv[3]))
"""


def test_a_run_that_is_killed_leaves_no_process_that_goes_on_writing(tmp_path):
    said = tmp_path / "pid"
    run = python(KILLED, Path(__file__).parent, tmp_path, said)
    writer = until(lambda: said.exists() and int(said.read_text(encoding="utf-8") or 0))
    assert writer and is_alive(writer)
    run._process.kill()
    run.done()
    assert until(lambda: not is_alive(writer))
    assert not (tmp_path / "v1").exists()


def until(is_so, seconds=60):
    for _ in range(seconds * 10):
        if found := is_so():
            return found
        time.sleep(0.1)
    return None


def is_alive(pid):
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"
