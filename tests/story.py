"""A home with two published years' worth of story: a late school, a correction, a final edition."""

import contextlib
import os
import pickle
import re
import shutil
from datetime import UTC, datetime
from types import SimpleNamespace

import openpyxl
from sample_workbooks import write_samples

from orchestration.analysts.database import publish_database
from orchestration.editions import history, signing
from orchestration.editions.checklist import may_be_signed
from orchestration.gate.run import judge_all_cities, judge_all_submissions
from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.ledger import open_ledger
from orchestration.intake.batch import take_in
from orchestration.publishing.publish import publish_edition, release_due
from orchestration.warehouse import dbt as warehouse

CITY, YEAR = "qingyang", 2024
LATE, CORRECTED = "9962102102", "9962100201"


def go_through_the_line(home, ledger, answer=None):
    """Do what a run does, up to the provisional edition of the city.

    `answer` is given the findings on submissions, to decide on some before the gate judges again.
    """
    take_in(home, [2023, YEAR], ledger)
    warehouse.parse(home)
    warehouse.require_success(warehouse.build(home, warehouse.BEFORE_GATE))
    found, _ = judge_all_submissions(home, ledger)
    if answer:
        answer(found)
        judge_all_submissions(home, ledger)
    warehouse.require_success(warehouse.build(home, warehouse.AFTER_GATE))
    judge_all_cities(home, ledger)
    made = publish_edition(home, ledger, CITY, YEAR)
    publish_database(home, ledger)
    return made


def inbox_file(home, code):
    (path,) = (home.inbox / str(YEAR)).glob(f"{code}_*.xlsx")
    return path


def beside(book, sheet, label):
    """Return the cell beside a label on a sheet of labelled cells."""
    rows = book[sheet].iter_rows()
    return next(row[1] for row in rows if str(row[0].value).startswith(label))


def change(path, sheet, label, to, day="2025-02-01"):
    """Let a school hand in its workbook with what `to` makes of a value; return the old one.

    The principal confirms it on a day.
    """
    book = openpyxl.load_workbook(path)
    cell = beside(book, sheet, label)
    before = cell.value
    cell.value = to(before)
    confirm_again(book, day)
    book.save(path)
    os.utime(path, (1_700_000_000, 1_700_000_000))  # nobody is still writing it
    return before


def add_to(path, sheet, label, more):
    """Let a school hand in its workbook again with a number changed; return the old number."""
    return change(path, sheet, label, lambda before: before + more)


def confirm_again(book, day):
    """Let the principal confirm a workbook that was changed: with the day of it."""
    (cell,) = (row[1] for row in book["封面"].iter_rows() if row[0].value == "确认日期")
    cell.value = day


def sign(home, ledger, number, by="李批准", note="", release_at=None):
    edition = history.city_year(home, ledger, CITY, YEAR).numbered(number)
    release = release_at or datetime.now(UTC)
    check = may_be_signed(home, ledger, edition, by, note)
    signing.approve(home, ledger, edition, by, note, release, check)


def tell(root):
    """v1 without a school, v2 final of it; then that school and a correction: v3, v4 revised.

    The school was not on the first roster. The cities have no claims: those of the real reports
    would hold the first edition back.
    """
    home = Home(root / "home")
    home.create()
    for city in ("qingyang", "baoji"):
        shutil.copytree(
            *(REPOSITORY / "cities" / city, home.cities / city),
            ignore=shutil.ignore_patterns("claims_*"),
        )
    write_samples(home)
    waiting = root / "late.xlsx"
    late = inbox_file(home, LATE)
    shutil.move(late, waiting)
    roster = home.cities / CITY / "schools.csv"
    whole = roster.read_text(encoding="utf-8")
    roster.write_text(re.sub(rf"(?m)^{YEAR},{LATE},.*\n", "", whole), encoding="utf-8")
    with open_ledger(home) as ledger:
        first = go_through_the_line(home, ledger)
        shutil.copytree(home.root, root / "before_release")
        sign(home, ledger, 1)
        (final,) = release_due(home, ledger, datetime.now(UTC))
        shutil.move(waiting, late)
        roster.write_text(whole, encoding="utf-8")
        books = add_to(inbox_file(home, CORRECTED), "办学条件", "图书册数", 7)
        for path in (late, inbox_file(home, CORRECTED)):
            os.utime(path, (1_700_000_000, 1_700_000_000))
        second = go_through_the_line(home, ledger)
        shutil.copytree(home.root, root / "before_revision")
        sign(home, ledger, 3, note="一所学校补报，一所学校更正。")
        (revised,) = release_due(home, ledger, datetime.now(UTC))
        third = go_through_the_line(home, ledger)
        publish_database(home, ledger)
    made = {"first": first, "final": final, "second": second, "revised": revised, "third": third}
    (root / "made.pickle").write_bytes(pickle.dumps(made | {"books": books}))


@contextlib.contextmanager
def told(root):
    """Open what `tell` left: homes, ledger, and by name what each step made."""
    home = Home(root / "home")
    with open_ledger(home) as ledger:
        yield SimpleNamespace(
            home=home,
            ledger=ledger,
            before_release=Home(root / "before_release"),
            before_revision=Home(root / "before_revision"),
            **pickle.loads((root / "made.pickle").read_bytes()),
        )
