"""Days shown with digits that are none of theirs, and files that programs leave."""

from pathlib import PurePosixPath

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from workbooks import saved

from orchestration.intake.workbook.csv_archive import is_shadow
from orchestration.intake.workbook.date_format import is_whole_day
from orchestration.intake.workbook.reader import read_workbook
from orchestration.intake.workbook.sheet import Unread, date_as_shown

SERIAL = "45543"


@pytest.mark.parametrize(
    ("code", "is_asked"),
    [
        ('"2023-"mm"-"dd', True),
        ("\\2\\0yy-mm-dd", True),
        ('[>50000]0;m"月"d"日"', True),
        ("yyyy-mm-dd", False),
        ('yyyy"年"m"月"d"日"', False),
        ("[$-804]yyyy-mm-dd hh:mm", False),
        ("mm:ss.0", False),
    ],
)
def test_a_day_with_digits_that_are_not_its_own_is_asked_about(code, is_asked):
    assert isinstance(date_as_shown(SERIAL, code), Unread) is is_asked
    assert not (is_asked and is_whole_day(code))


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        *((name, True) for name in (".~学生.csv", "THUMBS.DB", "Desktop.ini", ".directory")),
        *((name, True) for name in ("@eaDir/学生.csv", "__MACOSX/学生.csv", ".fseventsd/0001")),
        *((name, False) for name in ("学生.csv", "年报/学生.csv", "照片.jpg")),
    ],
)
def test_what_programs_leave_in_an_archive_is_not_the_filers(path, is_one):
    assert is_shadow(PurePosixPath(path)) is is_one


@pytest.mark.parametrize(
    ("code", "behind", "is_read"),
    [
        ("[Black]0", "000000", False),
        ("[Red]0", "FF0000", False),
        ("[红色]0", "FF0000", False),
        ("[Red]0", "FFFFFF", True),
        ("0_ ;[Red]-0 ", "00B050", True),
    ],
)
def test_a_number_written_in_the_colour_of_its_cell_is_not_read(code, behind, is_read):
    def change(sheet):
        sheet["B3"] = 1510
        sheet["B3"].number_format = code
        sheet["B3"].fill = PatternFill("solid", fgColor=behind)
        sheet["B3"].font = Font(color="FF7F7F7F")

    book = Workbook()
    change(book.active)
    (sheet,) = read_workbook(saved(book.save))
    assert isinstance(sheet.rows[2][1], Unread) is not is_read
