"""A file is its bytes under a name: who handed it in hears of it, and it changes no other's."""

import pytest
from inboxes import LONG_AGO, YEAR, drop, problems, school, table
from workbooks import CITY, CODE, NAME, OTHER, OTHER_NAME, Book

from orchestration.ground import clock
from orchestration.intake.batch import IntakeReport, take_in, waiting_files
from orchestration.intake.received import inbox_of

# Made once: a workbook holds when it was saved.
FIRST, SECOND = school(), school(enrolled=176)
NEW = "9900000003"
UNREADABLE = {"扫描": b"%PDF-1.7", "空": b"", "文档": b"PK no workbook"}


def found(home):
    """Every submission: its name, whose it is, whether it was read; in the order of intake."""
    return [
        (row["file_name"], row["school_code"], row["is_read"]) for row in table(home, "submissions")
    ]


def rests(home, ledger):
    """Whether nothing waits, and another run finds nothing to do."""
    before = found(home)
    return waiting_files(home, ledger) == {} and (
        take_in(home, [YEAR], ledger).new_files == 0 and found(home) == before
    )


def said(home, ledger, name):
    """What the list of the inbox says of a file in the year's folder."""
    lying = {one.path: one for one in inbox_of(home, ledger, YEAR)}
    one = lying[f"{YEAR}/{name}"]
    return one.fate.value, one.why.value if one.why else None


def roster(home, text, new):
    path = home.cities / CITY / "schools.csv"
    old = path.read_text(encoding="utf-8")
    assert text in old
    path.write_text(old.replace(text, new), encoding="utf-8")


# -- equal bytes under another's name --------------------------------------------------------------


@pytest.mark.parametrize("way", ["copied", "moved", "over its own"])
def test_a_misnamed_copy_is_told_to_whom_it_names_and_reverts_nobodys_correction(home, ledger, way):
    first = drop(home, f"{CODE}.xlsx", FIRST)
    own = drop(home, f"{OTHER}.xlsx", school(OTHER))
    take_in(home, [YEAR], ledger)
    drop(home, f"{CODE}_更正.xlsx", SECOND, at=LONG_AGO + 100)
    take_in(home, [YEAR], ledger)
    wrong = f"{OTHER}_新.xlsx"
    if way == "copied":
        drop(home, wrong, FIRST, at=LONG_AGO + 200)
    elif way == "moved":
        first.rename(first.with_name(wrong))
    else:
        drop(home, wrong := own.name, FIRST, at=LONG_AGO + 200)
    assert list(waiting_files(home, ledger)) == [YEAR]
    take_in(home, [YEAR], ledger)
    assert list(ledger.events("received_again")) == []
    assert [row for row in found(home) if row[1] == CODE][-1] == (f"{CODE}_更正.xlsx", CODE, True)
    assert found(home)[-1] == (wrong, OTHER, False)
    (problem,) = (p for p in table(home, "problems") if p["kind"] == "filer_is_contradicted")
    assert (problem["file_name"], problem["school_code"]) == (wrong, OTHER)
    assert rests(home, ledger)


def test_a_copy_that_is_named_rightly_again_is_the_same_file(home, ledger):
    drop(home, f"{CODE}.xlsx", FIRST)
    wrong = drop(home, f"{OTHER}.xlsx", FIRST, at=LONG_AGO + 1)
    take_in(home, [YEAR], ledger)
    assert found(home) == [(f"{CODE}.xlsx", CODE, True), (wrong.name, OTHER, False)]
    wrong.rename(wrong.with_name(f"{CODE}（副本）.xlsx"))
    take_in(home, [YEAR], ledger)
    assert said(home, ledger, f"{CODE}（副本）.xlsx") == ("taken_in", "bytes_known")
    assert list(ledger.events("received_again")) == []
    assert len(found(home)) == 2


@pytest.mark.parametrize("is_at_once", [True, False])
def test_a_stray_copy_that_came_first_does_not_take_the_right_ones_place(home, ledger, is_at_once):
    drop(home, f"{OTHER}_2.xlsx", FIRST)
    if not is_at_once:
        take_in(home, [YEAR], ledger)
    drop(home, f"{CODE}_更正.xlsx", FIRST, at=LONG_AGO + 100)
    take_in(home, [YEAR], ledger)
    assert (f"{CODE}_更正.xlsx", CODE, True) in found(home)
    assert problems(home, "filer_is_contradicted") == [f"{OTHER}_2.xlsx"]
    assert problems(home, "two_files_for_one_school") == []
    if is_at_once:
        assert found(home)[0] == (f"{OTHER}_2.xlsx", OTHER, False)
    assert rests(home, ledger)


@pytest.mark.parametrize("kind", UNREADABLE)
@pytest.mark.parametrize("is_at_once", [True, False])
def test_everybody_who_hands_in_the_same_unreadable_file_hears_of_it(
    home, ledger, kind, is_at_once
):
    names = [f"{kind}.xlsx", f"{CODE}_{kind}.xlsx", f"{OTHER}_{kind}.xlsx"]
    for number, name in enumerate(names):
        drop(home, name, UNREADABLE[kind], at=LONG_AGO + number)
        if not is_at_once:
            take_in(home, [YEAR], ledger)
    take_in(home, [YEAR], ledger)
    assert found(home) == [
        (name, whose, False) for name, whose in zip(names, (None, CODE, OTHER), strict=True)
    ]
    assert sorted(row["file_name"] for row in table(home, "problems")) == sorted(names)
    assert {said(home, ledger, name)[0] for name in names} == {"taken_in"}
    assert rests(home, ledger)


@pytest.mark.parametrize(
    "names",
    [
        (f"{CODE}.xlsx", f"{CODE} - 副本.xlsx"),
        (f"{CODE}.xlsx", f"{NAME}.xlsx"),
        (f"{CODE}.xlsx", "年报.xlsx"),
        ("年报.xlsx", f"{CODE}.xlsx"),
        (f"{CODE}.xlsx", "示例市_各校年报.xlsx"),
        ("甲县/年报.xlsx", "年报.xlsx"),
    ],
)
@pytest.mark.parametrize("is_at_once", [True, False])
def test_a_copy_under_a_name_that_names_nobody_else_is_the_same_file(
    home, ledger, names, is_at_once
):
    for number, name in enumerate(names):
        drop(home, name, FIRST, at=LONG_AGO + number)
        if not is_at_once:
            take_in(home, [YEAR], ledger)
    take_in(home, [YEAR], ledger)
    assert [row[1:] for row in found(home)] == [(CODE, True)]
    assert table(home, "problems") == []
    assert len(table(home, "students")) == 1
    assert len(list(ledger.events("received"))) == 1
    assert "bytes_known" in {said(home, ledger, name)[1] for name in names}
    assert rests(home, ledger)


# -- what the roster makes of it -------------------------------------------------------------------


def test_a_school_that_left_the_roster_stands_with_nothing(home, ledger):
    for code in (CODE, OTHER):
        drop(home, f"{code}.xlsx", school(code))
    drop(home, f"{OTHER}.docx", b"PK no workbook")
    take_in(home, [YEAR], ledger)
    drop(home, f"{OTHER}.xlsx", school(OTHER, enrolled=9))  # the first lies there no more
    roster(home, f"{YEAR},{OTHER},", f"{YEAR - 1},{OTHER}0,")
    take_in(home, [YEAR - 1], ledger)  # whatever year is run
    assert sorted(found(home), key=lambda row: row[0]) == [
        *((f"{CODE}.xlsx", CODE, True), (f"{OTHER}.docx", None, False)),
        (f"{OTHER}.xlsx", None, False),
    ]
    assert problems(home, "school_is_unknown") == [f"{OTHER}.xlsx"]
    take_in(home, [YEAR], ledger)
    assert problems(home, "school_is_unknown") == [f"{OTHER}.xlsx"] * 2
    assert rests(home, ledger)
    # Back on it, what still lies there is read as it was received.
    roster(home, f"{YEAR - 1},{OTHER}0,", f"{YEAR},{OTHER},")
    take_in(home, [YEAR], ledger)
    assert [row for row in found(home) if row[2]] == [
        *((f"{CODE}.xlsx", CODE, True), (f"{OTHER}.xlsx", OTHER, True))
    ]


def test_what_a_roster_makes_readable_keeps_its_day_and_its_place(home, ledger, monkeypatch):
    name = f"{NEW}_新校.xlsx"
    drop(home, name, school(NEW))
    drop(home, f"{CODE}.xlsx", FIRST, at=LONG_AGO + 1)
    monkeypatch.setattr(clock, "stamp", lambda: "2026-11-27T08:00:00Z")
    take_in(home, [YEAR], ledger)
    path = home.cities / CITY / "schools.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{YEAR},{NEW},新校,990101,true\n")
    monkeypatch.setattr(clock, "stamp", lambda: "2026-11-30T08:00:00Z")
    take_in(home, [YEAR], ledger)
    row = table(home, "submissions")[0]
    assert (row["file_name"], row["school_code"], row["received_seq"]) == (name, NEW, 1)
    assert row["received_at"] == "2026-11-27T08:00:00Z"
    last = [*ledger.events("received")][-1]["payload"]
    assert (last["received_at"], last["received_seq"]) == ("2026-11-27T08:00:00Z", 1)
    assert rests(home, ledger)


def test_a_roster_changed_to_and_fro_is_told_run_by_run(home, ledger):
    drop(home, f"{NEW}.xlsx", school(NEW))
    take_in(home, [YEAR], ledger)
    path = home.cities / CITY / "schools.csv"
    before = path.read_bytes()
    for text in (before + f"{YEAR},{NEW},新校,990101,true\n".encode(), before):
        path.write_bytes(text)
        take_in(home, [YEAR], ledger)
    assert found(home) == [(f"{NEW}.xlsx", None, False)]
    assert len({event["payload"]["intake_run"] for event in ledger.events("received")}) == 3


def test_equal_bytes_come_again_whatever_else_a_roster_has_read_again(home, ledger):
    drop(home, f"{CODE}_盖章.pdf", b"%PDF-1.7", at=LONG_AGO - 9)
    first = drop(home, f"{CODE}.xlsx", FIRST)
    take_in(home, [YEAR], ledger)
    drop(home, f"{CODE}_更正.xlsx", SECOND, at=LONG_AGO + 100)
    take_in(home, [YEAR], ledger)
    roster(home, OTHER_NAME, "另一校名")
    drop(home, first.name, FIRST, at=LONG_AGO + 200)
    take_in(home, [YEAR], ledger)
    assert found(home)[-1] == (first.name, CODE, True)
    assert rests(home, ledger)


# -- what gives way, and what was mended -----------------------------------------------------------


def test_a_scan_beside_its_workbook_gives_way_and_one_alone_does_not(home, ledger):
    drop(home, f"{CODE}.xlsx", FIRST)
    drop(home, f"{CODE}_盖章.pdf", b"%PDF-1.7", at=LONG_AGO + 1)
    drop(home, f"{OTHER}_盖章.pdf", b"%PDF-1.4", at=LONG_AGO + 2)
    take_in(home, [YEAR], ledger)
    assert [row for row in found(home) if row[1] == CODE][-1] == (f"{CODE}.xlsx", CODE, True)
    assert said(home, ledger, f"{CODE}_盖章.pdf") == ("taken_in", "gives_way")
    assert said(home, ledger, f"{OTHER}_盖章.pdf") == ("taken_in", None)
    # Handed in later it may say something new: it is sent back.
    drop(home, f"{CODE}_更正.doc", b"\xd0\xcf\x11\xe0 no workbook", at=LONG_AGO + 3)
    take_in(home, [YEAR], ledger)
    assert found(home)[-1] == (f"{CODE}_更正.doc", CODE, False)


@pytest.mark.parametrize("is_emptied", [False, True])
def test_an_unreadable_file_that_was_taken_away_leaves_its_place(home, ledger, is_emptied):
    good = drop(home, f"{CODE}.xlsx", FIRST)
    take_in(home, [YEAR], ledger)
    wrong = drop(home, f"{CODE}_更正.docx", b"PK no workbook", at=LONG_AGO + 1)
    take_in(home, [YEAR], ledger)
    assert found(home)[-1] == (wrong.name, CODE, False)
    wrong.unlink()
    if is_emptied:
        good.unlink()
    assert list(waiting_files(home, ledger)) == ([] if is_emptied else [YEAR])
    take_in(home, [YEAR], ledger)
    assert found(home)[-1][0] == (wrong.name if is_emptied else good.name)
    assert len(found(home)) == 2
    assert rests(home, ledger)


@pytest.mark.parametrize("word", ["草稿", "旧版", "作废"])
def test_a_file_is_asked_about_its_name_until_it_has_another(home, ledger, word):
    path = drop(home, f"{CODE}（{word}）.xlsx", FIRST)
    take_in(home, [YEAR], ledger)
    assert problems(home, "text_says_otherwise") == [path.name]
    path.rename(path.with_name(f"{CODE}（定稿）.xlsx"))
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 1, 0, 0)
    assert problems(home, "text_says_otherwise") == []
    assert rests(home, ledger)


def test_a_file_that_is_called_void_afterwards_is_asked_about_and_comes_no_later(home, ledger):
    path = drop(home, f"{CODE}.xlsx", FIRST)
    take_in(home, [YEAR], ledger)
    drop(home, f"{CODE}_更正.xlsx", SECOND)
    take_in(home, [YEAR], ledger)
    path.rename(path.with_name(f"{CODE}_旧.xlsx"))
    take_in(home, [YEAR], ledger)
    assert problems(home, "text_says_otherwise") == [f"{CODE}_旧.xlsx"]
    assert found(home)[-1][0] == f"{CODE}_更正.xlsx"
    assert rests(home, ledger)


def test_of_two_at_once_the_one_that_is_called_old_gives_way(home, ledger):
    drop(home, f"{CODE}.xlsx", FIRST)
    drop(home, f"{CODE}_旧.xlsx", SECOND, at=LONG_AGO + 1)
    take_in(home, [YEAR], ledger)
    assert problems(home, "two_files_for_one_school") == []
    assert found(home)[-1][0] == f"{CODE}.xlsx"


# -- another year's folder -------------------------------------------------------------------------


def test_this_years_form_in_another_years_folder_is_listed_this_year(home, ledger):
    drop(home, f"{CODE}_新.xlsx", FIRST, year=YEAR - 1)
    drop(home, f"{OTHER}.xlsx", school(OTHER, year=YEAR - 1), year=YEAR - 1)
    wrong = Book(YEAR - 1).set("cover", "year", YEAR).xlsx()
    drop(home, f"{CODE}_封面.xlsx", wrong, year=YEAR - 1)
    take_in(home, [YEAR - 1, YEAR], ledger)
    lying = {one.path: (one.fate.value, one.why.value) for one in inbox_of(home, ledger, YEAR)}
    assert lying == {
        f"{YEAR - 1}/{CODE}_新.xlsx": ("ignored", "misplaced"),
        f"{YEAR - 1}/{CODE}_封面.xlsx": ("ignored", "misplaced"),
    }
