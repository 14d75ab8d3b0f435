"""An edition comes out again, byte for byte, from archive and ledger alone."""

import pytest
from commands import nianbao
from story import CITY, YEAR

from orchestration.editions import history
from orchestration.intake.archive import NotArchived, archived_path
from orchestration.publishing.rebuild import rebuild


@pytest.fixture(scope="module")
def revised_again(story, tmp_path_factory):
    to = tmp_path_factory.mktemp("rebuilt") / "v4"
    return rebuild(story.home, story.ledger, story.revised, to), to


def test_a_revised_edition_is_made_again_from_its_provisional_one(revised_again):
    """Through a late roster line, a correction, two runs of intake and both comparisons."""
    made, to = revised_again
    assert [file.file for file in made.files if not file.is_equal] == []
    assert made.other_software == []
    names = {file.file for file in made.files}
    assert {"manifest.json", "metrics.xlsx", "metrics.csv", "metrics.sdmx.csv"} <= names
    assert len(names) == len([path for path in to.rglob("*") if path.is_file()]) > 40


def test_a_rebuild_needs_neither_inbox_nor_raw_zone_nor_warehouse(story, monkeypatch, tmp_path):
    """What a run left behind is taken away before the first edition is made again."""
    home = type(story.home)(tmp_path / "home")
    home.root.mkdir()
    for name in ("archive", "published", "ledger.sqlite"):
        (home.root / name).symlink_to(story.home.root / name)
    first = history.city_year(home, story.ledger, CITY, YEAR).numbered(1)
    made = rebuild(home, story.ledger, first)
    assert [file.file for file in made.files if not file.is_equal] == []


def test_the_command_names_every_file_that_differs(story, tmp_path):
    """A file of the folder altered: its line is marked, and the command fails."""
    import shutil

    root = tmp_path / "home"
    shutil.copytree(story.home.root, root)
    file = root / "published" / CITY / str(YEAR) / "v1" / "metrics.csv"
    file.chmod(0o644)
    file.write_bytes(file.read_bytes() + b"\n")
    done = nianbao("rebuild", CITY, YEAR, "v1", home=root)
    assert done.returncode == 1, done.stderr
    marked = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert [line.split()[1] for line in marked] == ["metrics.csv"]


def test_an_archive_that_lost_a_workbook_says_which(story, tmp_path):
    import shutil

    home = type(story.home)(tmp_path / "home")
    shutil.copytree(story.home.root, home.root)
    manifest = story.first.edition.manifest()
    lost = manifest["inputs"][0]["file_hash"]
    archived_path(home, lost).unlink()
    with pytest.raises(NotArchived, match=lost):
        rebuild(home, story.ledger, history.city_year(home, story.ledger, CITY, YEAR).numbered(1))
