"""What a home declares is archived as it was, and comes back as it was."""

import pytest

from orchestration.ground.home import Home
from orchestration.intake.archive import NotArchived, archived_path
from orchestration.intake.declared.snapshot import (
    keep_reference,
    reference_files,
    restore_reference,
)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    (home.cities / "shiyan").mkdir(parents=True)
    (home.cities / "shiyan" / "city.yml").write_text("city: shiyan\n", encoding="utf-8")
    (home.cities / "shiyan" / "report.docx").write_bytes(b"PK\x03\x04")
    home.standards.write_text("indicator\n", encoding="utf-8")
    return home


def declared(home):
    paths = [*home.cities.rglob("*"), *(home.root / "forms").rglob("*"), home.standards]
    return {str(p.relative_to(home.root)): p.read_bytes() for p in paths if p.is_file()}


def test_a_home_gets_back_exactly_what_another_declared(home, tmp_path):
    before, kept = declared(home), keep_reference(home)
    other = Home(tmp_path / "other")
    (other.root / "forms" / "2024").mkdir(parents=True)
    (other.root / "forms" / "2024" / "own.yml").write_text("{}", encoding="utf-8")
    restore_reference(home, kept, other)
    assert declared(other) == before
    assert not list((other.root / "forms").rglob("*.yml"))


def test_what_changed_is_kept_beside_what_was(home):
    first = keep_reference(home)
    assert keep_reference(home) == first
    (home.cities / "shiyan" / "city.yml").write_text("city: shiyan # 改\n", encoding="utf-8")
    second = keep_reference(home)
    differing = dict(reference_files(home, first).items() - reference_files(home, second).items())
    assert list(differing) == ["cities/shiyan/city.yml"]


def test_lock_files_and_hidden_files_are_not_declared(home):
    (home.cities / "shiyan" / "~$report.docx").write_bytes(b"x")
    (home.cities / "shiyan" / ".DS_Store").write_bytes(b"x")
    assert sorted(reference_files(home, keep_reference(home))) == [
        *("cities/shiyan/city.yml", "cities/shiyan/report.docx", "standards.csv")
    ]


@pytest.mark.parametrize("harm", ["altered", "gone"])
def test_an_archive_that_lost_or_altered_a_file_says_so_before_anything_is_written(
    home, tmp_path, harm
):
    kept = keep_reference(home)
    digest = reference_files(home, kept)["cities/shiyan/city.yml"]
    path = archived_path(home, digest)
    path.write_text("city: elsewhere\n") if harm == "altered" else path.unlink()
    other = Home(tmp_path / "other")
    with pytest.raises(NotArchived, match=digest):
        restore_reference(home, kept, other)
    assert not other.root.exists()
