"""Several files of one school, in one run and in later ones, and the same file in two years."""

import time

from inboxes import LONG_AGO, YEAR, drop, problems, school, table, workbooks_archived
from workbooks import BUREAU, CODE, OTHER, Book

from orchestration.intake import runs
from orchestration.intake.batch import IntakeReport, take_in


def test_two_new_files_of_one_school_are_both_named(home, ledger):
    drop(home, f"{CODE}.xlsx", school())
    drop(home, f"{CODE}（2）.xlsx", school(enrolled=176))
    drop(home, f"{OTHER}.xlsx", school(OTHER))
    assert take_in(home, [YEAR], ledger) == IntakeReport(3, 3, 0, 2)
    assert problems(home, "two_files_for_one_school") == [f"{CODE}.xlsx", f"{CODE}（2）.xlsx"]
    (typed,) = {row["typed"] for row in table(home, "problems")}
    assert typed == f"{CODE}.xlsx、{CODE}（2）.xlsx"


def test_two_new_files_of_the_bureau_are_both_named(home, ledger):
    for number in (3, 4):
        book = Book(content=BUREAU).set("bureau", "lead_colleges", number)
        drop(home, f"市级填报{number}.xlsx", book.xlsx())
    take_in(home, [YEAR], ledger)
    assert len(problems(home, "two_files_for_one_school")) == 2


def test_the_same_bytes_twice_are_one_file(home, ledger):
    data = school()
    drop(home, f"{CODE}.xlsx", data)
    drop(home, f"{CODE} - 副本.xlsx", data)
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 1, 0, 0)


def test_a_correction_that_comes_later_is_no_rival(home, ledger):
    path = drop(home, f"{CODE}.xlsx", school())
    take_in(home, [YEAR], ledger)
    drop(home, f"{CODE}（修订）.xlsx", school(enrolled=176))
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 1, 0, 0)
    drop(home, path.name, school(enrolled=177))
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 1, 0, 0)
    assert problems(home, "two_files_for_one_school") == []
    received = sorted((row["received_seq"], row["file_name"]) for row in table(home, "submissions"))
    assert received == [*((1, f"{CODE}.xlsx"), (2, f"{CODE}（修订）.xlsx"), (3, f"{CODE}.xlsx"))]
    read = {row["submission_id"]: row["enrolled__read"] for row in table(home, "students")}
    assert sorted(read.values()) == ["175", "176", "177"]


def test_files_are_received_in_the_order_of_their_dates(home, ledger):
    drop(home, f"{OTHER}.xlsx", school(OTHER), at=LONG_AGO)
    drop(home, f"{CODE}.xlsx", school(), at=LONG_AGO + 100)
    take_in(home, [YEAR], ledger)
    rows = sorted(table(home, "submissions"), key=lambda row: row["received_seq"])
    assert [row["school_code"] for row in rows] == [OTHER, CODE]


def test_a_file_of_the_wrong_year_is_no_rival_of_the_right_one(home, ledger):
    drop(home, f"{CODE}_旧.xlsx", Book().set("cover", "year", 2023).xlsx())
    drop(home, f"{CODE}.xlsx", school())
    take_in(home, [YEAR], ledger)
    assert problems(home, "year_is_not_the_inbox_year") == [f"{CODE}_旧.xlsx"]
    assert problems(home, "two_files_for_one_school") == []


def test_rivals_are_settled_by_taking_all_but_one_out_of_the_inbox(home, ledger):
    drop(home, f"{CODE}.xlsx", school())
    wrong = drop(home, f"{CODE}（2）.xlsx", school(enrolled=176))
    others = [f"{OTHER}.xlsx", f"{OTHER}（2）.xlsx"]
    for number, name in enumerate(others):
        drop(home, name, school(OTHER, enrolled=176 + number))
    take_in(home, [YEAR], ledger)
    assert len(problems(home, "two_files_for_one_school")) == 4

    data = wrong.read_bytes()
    wrong.unlink()
    for _ in range(2):
        assert take_in(home, [YEAR], ledger) == IntakeReport(0, 0, 0, 0)
        # What was taken away never counts, though it was received last.
        assert problems(home, "two_files_for_one_school") == [f"{CODE}（2）.xlsx", *others]

    # Handed in again it is a correction as any other that comes later.
    drop(home, wrong.name, data)
    for _ in range(2):
        take_in(home, [YEAR], ledger)
        assert problems(home, "two_files_for_one_school") == others
        assert table(home, "submissions")[-1]["file_name"] == f"{CODE}（2）.xlsx"


def test_an_emptied_inbox_settles_nothing(home, ledger):
    for number in range(2):
        drop(home, f"{CODE}{number}.xlsx", school(enrolled=number))
    take_in(home, [YEAR], ledger)
    for path in home.inbox_year(YEAR).iterdir():
        path.unlink()
    take_in(home, [YEAR], ledger)
    assert len(problems(home, "two_files_for_one_school")) == 2


def test_a_rival_that_is_only_being_written_again_is_not_gone(home, ledger):
    drop(home, f"{CODE}.xlsx", school())
    other = drop(home, f"{CODE}（2）.xlsx", school(enrolled=176))
    take_in(home, [YEAR], ledger)
    drop(home, other.name, b"half", at=time.time())
    take_in(home, [YEAR], ledger)
    assert len(problems(home, "two_files_for_one_school")) == 2


def test_rivals_are_found_across_chunks(home, ledger, monkeypatch):
    monkeypatch.setattr(runs, "CHUNK", 1)
    drop(home, f"{CODE}.xlsx", school(), at=LONG_AGO)
    drop(home, f"{OTHER}.xlsx", school(OTHER), at=LONG_AGO + 1)
    drop(home, f"{CODE}（2）.xlsx", school(enrolled=176), at=LONG_AGO + 2)
    take_in(home, [YEAR], ledger)
    assert problems(home, "two_files_for_one_school") == [f"{CODE}.xlsx", f"{CODE}（2）.xlsx"]


def test_the_same_bytes_in_two_years_inboxes_are_two_submissions_and_one_original(home, ledger):
    data = school()
    drop(home, f"{CODE}.xlsx", data, year=2024)
    drop(home, f"{CODE}.xlsx", data, year=2023)
    report = take_in(home, [2023, 2024], ledger)
    assert (report.new_files, report.parsed) == (2, 2)
    new, old = table(home, "submissions"), table(home, "submissions", 2023)
    assert new[0]["submission_id"] != old[0]["submission_id"]
    assert (new[0]["file_hash"], new[0]["year"]) == (old[0]["file_hash"], 2024)
    assert old[0]["year"] == 2023
    assert len(workbooks_archived(home)) == 1
    assert problems(home, "year_is_not_the_inbox_year", 2024) == []
    assert old[0]["is_read"] is False  # the cover of 2023 has another label for the code
    assert len(list(ledger.events("received"))) == 2


def test_a_file_in_the_wrong_years_inbox_is_taken_again_in_the_right_one(home, ledger):
    data = school()
    wrong = drop(home, f"{CODE}.xlsx", data, year=2023)
    take_in(home, [2023, 2024], ledger)
    wrong.unlink()
    drop(home, f"{CODE}.xlsx", data, year=2024)
    assert take_in(home, [2023, 2024], ledger) == IntakeReport(1, 1, 0, 0)
    assert table(home, "students")[0]["year"] == 2024
