"""The corpus: of all files that were built with a known truth, none is read wrongly in silence."""

import csv
from collections import Counter

import pytest
from cases import all_cases
from grids import CITY, CODE, YEAR
from judge import Judged, is_same, judge, table_of, untouched

from orchestration.forms.contract import NUMERIC_TYPES, TableKind, load_form
from orchestration.ground.home import REPOSITORY
from orchestration.intake.layout.layout import says
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.reader import read_workbook

FILES = [(case, kind) for case in all_cases() for kind in case.formats]


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return [judge(case, kind) for case, kind in FILES]


def lines(found: list[str]) -> str:
    return "\n" + "\n".join(found)


def test_there_are_enough_files_of_every_format_and_a_quarter_of_them_is_good():
    formats = Counter(kind for _, kind in FILES)
    assert len(FILES) >= 200
    assert min(formats[kind] for kind in ("xlsx", "xls", "ods", "csv.zip")) >= 40
    assert sum(case.is_good for case, _ in FILES) >= len(FILES) / 4
    names = Counter((case.kind, case.name, kind) for case, kind in FILES)
    assert max(names.values()) == 1


def test_the_untouched_workbook_is_read_as_the_samples_say():
    form = load_form(YEAR, [REPOSITORY / "forms"])
    for table, records in untouched("school").items():
        path = REPOSITORY / "samples" / CITY / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            own = [
                row
                for row in csv.DictReader(file)
                if (row["school_code"], row["year"]) == (CODE, str(YEAR))
            ]
        numbers = [c.id for c in form.tables[table].columns if c.type in NUMERIC_TYPES]
        if form.tables[table].kind == TableKind.rows:
            assert len(records) == len(own), table
        for record, row in zip(records, own, strict=True):
            for name in numbers:
                assert is_same(record[name], row[name] or None), (table, name)


def test_no_file_meets_a_mistake_of_the_program(judged):
    """Such a file is told of, so that all its values would count as not silently wrong."""
    stopped = ProblemKind.file_stops_the_program
    assert not [one.name for one in judged for p in one.submission.problems if p.kind == stopped]


def test_no_value_is_wrong_without_a_must_or_an_explain(judged, capsys):
    with capsys.disabled():
        print(f"\n{table_of(judged)}")
    wrong = [f"{one.name}: {line}" for one in judged for line in one.silent]
    assert not wrong, lines(wrong)


def test_every_cell_that_says_something_has_one_outcome(judged):
    """What no branch of the reading accounts for would be read, or lost, in silence."""
    wrong, accounted = [], 0
    for one in judged:
        if not one.submission.receipts:
            continue  # the file as a whole was not read, and somebody is told
        cells, counts = Counter(), Counter()
        for sheet in read_workbook(one.data):
            there = sum(says(value) for row in sheet.rows for value in row)
            cells[sheet.name] += there + len(sheet.strays) + len(sheet.notes)
        for receipt in one.submission.receipts:
            counts[receipt.sheet] += sum(receipt.counts.values())
        wrong += [
            f"{one.name} {name}: {cells[name]} cells, {counts[name]} accounted for"
            for name in cells.keys() | counts.keys()
            if cells[name] != counts[name]
        ]
        accounted += 1
    assert accounted > 0.9 * len(judged)
    assert not wrong, lines(wrong)


def test_a_good_file_is_read_as_it_is_meant(judged):
    wrong = [f"{one.name}: {line}" for one in judged if one.case.is_good for line in one.differs]
    assert not wrong, lines(wrong)


def test_a_good_file_asks_nobody_anything(judged):
    asked = [f"{one.name}: {line}" for one in judged if one.case.is_good for line in one.asked]
    assert not asked, lines(asked)
