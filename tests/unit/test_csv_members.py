"""What lies in an archive of csv beside its sheets, and in which code page they are."""

import io
import zipfile

import pytest
from workbooks import Book, kinds, read, value

ENTRANTS = ("students", "entrants")


def archive(encoding="utf-8-sig", more=()):
    data = Book().csv_zip(encoding)
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a") as opened:
        for name in more:
            opened.writestr(name, ",一格,")
    return target.getvalue()


@pytest.mark.parametrize("name", [".~lock.学生.csv#", "~$学生.xlsx", "__MACOSX/._学生.csv"])
def test_what_a_program_leaves_beside_an_open_file_is_not_asked_about(name):
    found = read(archive(more=[name]), "9900000001.csv.zip")
    assert kinds(found) == []
    assert value(found, *ENTRANTS) == "60"


def test_another_file_is_asked_about():
    assert kinds(read(archive(more=["学生.csv.bak"]), "9900000001.csv.zip")) != []


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "gbk", "utf-8"])
def test_a_csv_is_read_in_every_code_page_whether_it_is_marked_or_not(encoding):
    found = read(archive(encoding), "9900000001.csv.zip")
    assert kinds(found) == []
    assert value(found, *ENTRANTS) == "60"


@pytest.mark.parametrize("ending", [".txt", ".csv.txt", ".TXT"])
def test_csv_that_all_end_in_txt_are_sheets(ending):
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive())) as csv, zipfile.ZipFile(target, "w") as texts:
        for name in csv.namelist():
            texts.writestr(name.removesuffix(".csv") + ending, csv.read(name))
    found = read(target.getvalue(), "9900000001.zip")
    assert kinds(found) == []
    assert value(found, *ENTRANTS) == "60"


def test_a_name_that_no_file_has_is_told_by_its_beginning():
    found = read(archive(more=["学" * 20_000 + ".csv", "生" * 20_000 + ".txt"]), "9900000001.zip")
    assert found.problems
    assert all(len(p.sheet) < 100 and len(p.typed) < 100 for p in found.problems)
