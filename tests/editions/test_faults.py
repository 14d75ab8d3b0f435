"""Publication that is killed, runs out of space, runs twice, or is tampered with afterwards."""

import csv
import shutil
import textwrap

import duckdb
import pytest
from commands import nianbao, python
from story import CITY, YEAR

from orchestration.analysts import database as analysts
from orchestration.analysts.database import refresh_editions
from orchestration.editions import history
from orchestration.editions.verify import verify_all
from orchestration.ground.ledger import Ledger
from orchestration.line.city import _published
from orchestration.publishing.publish import publish_edition

PUBLISH = """
import os, sys
from pathlib import Path
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.analysts import database as analysts
from orchestration.editions import register
from orchestration.publishing import figures, folder, manuscript, publish as edition
from orchestration.report import page
home = Home(Path(sys.argv[1]))
{fault}
with Ledger(f"sqlite:///{{home.ledger}}") as ledger:
    made = edition.publish_edition(home, ledger, "qingyang", 2024)
    analysts.refresh_editions(home, ledger)
print(made.edition.number, made.is_new)
"""
# Each is the process being killed as it begins a step of the publication.
STEPS = {
    "reading_the_warehouse": "manuscript.city_tables",
    "writing_tables": "folder.write_tables",
    "writing_the_workbook": "figures.write_workbook",
    "rendering_the_report": "page.render_both",
    "writing_the_package": "folder.write_package",
    "renaming_the_folder": "Path.rename",
    "telling_the_ledger": "Ledger.append",
    "writing_the_list": "register.write_index",
    "refreshing_the_database": "analysts.add_editions",
    "writing_the_database": "analysts.written_whole",
    "putting_a_file_in_its_place": "os.replace",
}


@pytest.fixture
def unpublished(story, tmp_path):
    """The home as it was before its first edition: gates have spoken, nothing is published."""
    home = type(story.home)(tmp_path / "home")
    shutil.copytree(story.before_release.root, home.root)
    shutil.rmtree(home.editions(CITY, YEAR))
    home.ledger.unlink()
    with Ledger(f"sqlite:///{story.home.ledger}") as ledger:
        ledger.copy_to(f"sqlite:///{home.ledger}", until=_before_publication(ledger))
    with Ledger(f"sqlite:///{home.ledger}") as ledger:
        refresh_editions(home, ledger)
        yield home, ledger


def _before_publication(ledger):
    return next(event["seq"] for event in ledger.events(history.PUBLISHED)) - 1


def publishing(home, fault=""):
    return python(PUBLISH.format(fault=textwrap.dedent(fault)), home.root)


def published(home, ledger):
    """Return the folders, having held everything against everything."""
    count, faults = verify_all(home, ledger)
    assert faults == []
    folders = sorted(path.name for path in home.editions(CITY, YEAR).iterdir())
    with (home.editions(CITY, YEAR) / "editions.csv").open(encoding="utf-8-sig") as file:
        assert len(list(csv.DictReader(file))) == count
    with duckdb.connect(str(home.analyst_database), read_only=True) as reader:
        ((held,),) = reader.sql("select count(*) from fct_edition").fetchall()
    assert held == count
    assert not list(home.published.glob(".nianbao*"))
    return folders


@pytest.mark.parametrize("step", STEPS)
def test_a_publication_killed_at_any_step_is_whole_after_the_next_run(unpublished, step):
    home, ledger = unpublished
    killed = publishing(home, f"{STEPS[step]} = lambda *_, **__: os._exit(9)")
    assert killed.done().returncode == 9
    for path in home.editions(CITY, YEAR).glob("v*"):
        assert (path / "manifest.json").exists(), "a half-published folder"
    publish_edition(home, ledger, CITY, YEAR)
    refresh_editions(home, ledger)
    # What a killed process left beside the database goes with the next one of its number.
    for left in home.published.glob(".nianbao*"):
        left.unlink()
    assert published(home, ledger) == ["editions.csv", "v1"]


def test_a_disk_that_is_full_leaves_nothing_behind(unpublished):
    """No file may grow beyond 20 kB, which the first larger one finds out as it is written."""
    home, ledger = unpublished
    full = publishing(
        home,
        """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        """,
    )
    done = full.done()
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert list(home.editions(CITY, YEAR).glob("*v*")) == []
    assert not list(ledger.events(history.PUBLISHED))
    publish_edition(home, ledger, CITY, YEAR)
    refresh_editions(home, ledger)
    assert published(home, ledger) == ["editions.csv", "v1"]


def test_two_publications_at_once_make_one_edition(unpublished):
    home, ledger = unpublished
    both = [publishing(home), publishing(home)]
    done = [process.done() for process in both]
    assert [one.returncode for one in done] == [0, 0], done
    assert sorted(one.stdout.split() for one in done) == [["1", "False"], ["1", "True"]]
    assert published(home, ledger) == ["editions.csv", "v1"]


def test_editions_come_out_where_the_marts_of_older_software_cannot_take_them(
    unpublished, monkeypatch
):
    home, ledger = unpublished
    with monkeypatch.context() as older:
        broken = duckdb.BinderException("no such column")
        older.setattr(analysts, "add_editions", lambda *_: (_ for _ in ()).throw(broken))
        ((city, made),) = _published(home, ledger, [CITY], YEAR)
    assert (city, made.metadata["edition"]) == (CITY, 1)
    assert not home.analyst_database.exists()
    analysts.publish_database(home, ledger)  # as the run's next step does
    assert published(home, ledger) == ["editions.csv", "v1"]


def test_a_reader_keeps_the_database_it_opened_while_editions_are_refreshed(story, unpublished):
    home, ledger = unpublished
    with duckdb.connect(str(home.analyst_database), read_only=True) as reader:
        publish_edition(home, ledger, CITY, YEAR)
        refresh_editions(home, ledger)
        assert reader.sql("select count(*) from fct_edition").fetchall() == [(0,)]
    assert published(home, ledger) == ["editions.csv", "v1"]


def altered(folder):
    path = folder / "metrics.csv"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"2024", b"2025", 1))
    return "metrics.csv"


def removed(folder):
    (folder / "tables" / "fct_claim.parquet").unlink()
    return "tables/fct_claim.parquet"


def added(folder):
    (folder / "附件.xlsx").write_bytes(b"PK")
    return "附件.xlsx"


def manifest_altered(folder):
    path = folder / "manifest.json"
    path.chmod(0o644)
    path.write_text(path.read_text(encoding="utf-8").replace("passed", "blocked"), encoding="utf-8")
    return "manifest.json"


def manifest_removed(folder):
    (folder / "manifest.json").unlink()
    return "manifest.json"


def gone(folder):
    shutil.rmtree(folder)
    return "."


@pytest.mark.parametrize(
    "harm", [altered, removed, added, manifest_altered, manifest_removed, gone]
)
def test_an_edition_that_was_tampered_with_is_named_with_its_file(story, tmp_path, harm):
    home = type(story.home)(tmp_path / "home")
    shutil.copytree(story.home.root, home.root)
    assert verify_all(home, story.ledger) == (4, [])
    file = harm(home.editions(CITY, YEAR) / "v2")
    done = nianbao("verify", home=home.root)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"qingyang/2024/v2/{file}：" in line


def test_a_folder_that_the_ledger_does_not_know_is_named(story, tmp_path):
    home = type(story.home)(tmp_path / "home")
    shutil.copytree(story.home.root, home.root)
    shutil.copytree(home.editions(CITY, YEAR) / "v1", home.editions(CITY, YEAR) / "v9")
    (fault,) = verify_all(home, story.ledger)[1]
    assert "v9" in fault.text.zh and "the ledger knows no such edition" in fault.text.en
