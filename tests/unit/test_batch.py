"""An inbox taken in: what is new, what is kept, what is told; a crash leaves nothing half done."""

import hashlib
import io
import os
import shutil
import time
from collections import Counter
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from inboxes import LONG_AGO, YEAR, drop, problems, school, table, workbooks_archived
from workbooks import CITY, CODE, GOOD, NAME, OTHER, OTHER_NAME, Book, entries, read, saved

from orchestration.forms.contract import UnknownFormYear, load_form
from orchestration.forms.template import write_template
from orchestration.intake import batch, raw, runs
from orchestration.intake.archive import archived
from orchestration.intake.batch import IntakeReport, take_in, waiting_files
from orchestration.intake.declared.reference import BrokenCity
from orchestration.intake.receipt import Entry, Outcome, SheetReceipt
from orchestration.intake.workbook import limits

# -- what is kept ----------------------------------------------------------------------------------


def test_raw_rows_keep_what_was_typed_what_was_read_and_where(home, ledger):
    data = Book().set("students", "enrolled", "１，１７５人").set("staff", "staff", "约30").xlsx()
    drop(home, f"{CODE}_示例.xlsx", data)
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 1, 0, 1)

    digest = hashlib.sha256(data).hexdigest()
    (submission,) = table(home, "submissions")
    assert {k: submission[k] for k in ("city", "school_code", "year", "file_hash", "bytes")} == {
        **{"city": CITY, "school_code": CODE, "year": YEAR, "file_hash": digest},
        "bytes": len(data),
    }
    assert (submission["is_read"], submission["received_seq"]) == (True, 1)

    (row,) = table(home, "students")
    place = {"city": CITY, "school_code": CODE, "year": YEAR, "sheet": "学生", "row_no": 1}
    assert row | place | {"submission_id": submission["submission_id"], "file_hash": digest} == row
    told = {k: v for k, v in row.items() if k.startswith("enrolled__")}
    assert told == {
        "enrolled__typed": "１，１７５人",
        "enrolled__read": "1175",
        "enrolled__cell": "B4",
    }
    assert row["fitness_tested__typed"] is row["fitness_tested__read"] is None
    assert row["fitness_tested__cell"] == "B6"

    (staff,) = table(home, "staff")
    assert (staff["staff__typed"], staff["staff__read"]) == ("约30", None)
    assert [r["row_no"] for r in table(home, "programmes")] == [3, 4]
    (problem,) = table(home, "problems")
    assert problem["kind"] == "cell_is_ambiguous"
    assert (problem["sheet"], problem["cell"], problem["typed"]) == ("教职工", "B3", "约30")
    change, unread = sorted(table(home, "receipts"), key=lambda entry: entry["outcome"])
    assert (unread["typed"], unread["range"], unread["outcome"]) == ("约30", "B3", "not_read")
    assert unread["kind"] == "cell_is_ambiguous"
    assert (change["typed"], change["read"]) == ("１，１７５人", "1175")
    assert (change["range"], change["outcome"]) == ("B4", "converted")
    assert change["kind"] == "thousands_separator"


def test_a_receipt_is_read_as_it_was_written_and_holds_no_personal_number(home):
    entry = Entry("学生", "B4", "enrolled", "13800138000", None, Outcome.not_read, "示例")
    counts = Counter({Outcome.label: 30, Outcome.read: 4, Outcome.not_read: 1})
    parts = [SheetReceipt("学生", counts, [entry]), SheetReceipt("封面", Counter(read=3))]
    filed = read(Book().set("students", "enrolled", "13800138000人").xlsx())
    assert [entry[:5] for entry in entries(filed)] == [("学生", "B4", "enrolled", "***", "***")]
    filed.receipts = [*parts, SheetReceipt("学生", Counter({Outcome.read: 1}))]
    raw.write_part(home, load_form(YEAR, home.forms), "run", 0, [filed])
    found = raw.read_receipts(home, YEAR, [filed.submission_id, "another"])
    parts[0].counts[Outcome.read] = 5
    assert found == {filed.submission_id: parts}
    assert raw.read_receipts(home, YEAR, ["another"]) == {}
    assert raw.read_receipts(home, YEAR, []) == {}


def test_both_years_land_in_the_same_tables_and_absent_columns_are_null(home, ledger):
    drop(home, f"{CODE}.xlsx", school())
    drop(home, f"{CODE}.xlsx", school(year=2023), year=2023)
    assert take_in(home, [2023, 2024], ledger) == IntakeReport(2, 2, 0, 0)
    for name in ("students", "conditions", "programmes"):
        new, old = table(home, name), table(home, name, 2023)
        assert set(old[0]) <= set(new[0])
        assert len(old) == len(new)
    assert "bandwidth_mbps__read" not in table(home, "conditions", 2023)[0]
    columns = pq.read_schema(home.raw / "conditions" / "year=0" / "empty.parquet").names
    assert set(columns) == set(table(home, "conditions")[0])


def test_a_template_from_before_a_column_was_added_is_taken_in_with_its_explanations(home, ledger):
    target = io.BytesIO()
    names = {"school_code": CODE, "school_name": NAME}
    write_template(target, load_form(YEAR, home.forms), names, GOOD)
    book = openpyxl.load_workbook(target)
    sheet = book["情况说明"]
    sheet.delete_cols(2)
    assert [cell.value for cell in sheet[2]] == ["校验规则编号", "说明"]
    sheet["A3"], sheet["B3"] = "enrolled_is_plausible", "两校合并"
    drop(home, f"{CODE}_示例.xlsx", saved(book.save))
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 1, 0, 0)
    (row,) = table(home, "explanations")
    assert row["rule_id__read"] == "enrolled_is_plausible"
    assert (row["explanation__read"], row["explanation__cell"]) == ("两校合并", "B3")
    assert row["place__typed"] is row["place__read"] is row["place__cell"] is None


@pytest.mark.parametrize("name", [f"{CODE}.xlsx", f"{CODE}.CSV.ZIP", "无扩展名", "x.exe"])
def test_originals_are_archived_by_their_hash_before_they_are_read(home, ledger, name, monkeypatch):
    data = b"not a workbook at all"
    digest = hashlib.sha256(data).hexdigest()
    drop(home, name, data)
    seen = []

    def spy(path, content, file_hash, context):
        seen.extend(home.archive.rglob(f"{digest}*"))
        raise RuntimeError("crashed while reading")

    monkeypatch.setattr(runs, "read_submission", spy)
    with pytest.raises(RuntimeError):
        take_in(home, [YEAR], ledger)
    (kept,) = seen
    assert kept.read_bytes() == data
    assert kept.suffix in {"", ".xlsx", ".zip"}


def test_what_cannot_be_read_is_told_and_stops_only_itself(home, ledger):
    drop(home, f"{CODE}_坏.xlsx", school()[:3000])
    drop(home, f"{OTHER}_好.xlsx", school(OTHER))
    drop(home, "通知.pdf", b"%PDF-1.7")
    assert take_in(home, [YEAR], ledger) == IntakeReport(3, 3, 0, 2)
    assert problems(home, "file_is_broken") == [f"{CODE}_坏.xlsx"]
    assert problems(home, "file_is_not_a_workbook") == ["通知.pdf"]
    by_school = {row["school_code"]: row["is_read"] for row in table(home, "submissions")}
    assert by_school == {CODE: False, OTHER: True, None: False}
    assert [row["school_code"] for row in table(home, "students")] == [OTHER]


def test_an_oversized_file_is_archived_but_not_read_into_memory(home, ledger):
    path = drop(home, f"{CODE}.xlsx", b"PK")
    with path.open("r+b") as file:
        file.truncate(limits.MAX_BYTES + 5_000_000)
    os.utime(path, (LONG_AGO, LONG_AGO))
    take_in(home, [YEAR], ledger)
    assert problems(home, "file_is_too_large") == [f"{CODE}.xlsx"]
    (submission,) = table(home, "submissions")
    assert submission["bytes"] == limits.MAX_BYTES + 5_000_000


# -- which files -----------------------------------------------------------------------------------


def test_lock_files_downloads_links_and_folders_are_nobodys_submission(home, ledger, tmp_path):
    for name in (
        "~$示例.xlsx",
        ".~lock.示例.xlsx#",
        ".DS_Store",
        "示例.xlsx.part",
        "示例.crdownload",
    ):
        drop(home, name, b"x")
    (home.inbox_year(YEAR) / "旧文件").mkdir()
    (tmp_path / "别处.xlsx").write_bytes(school())
    (home.inbox_year(YEAR) / "链接.xlsx").symlink_to(tmp_path / "别处.xlsx")
    assert take_in(home, [YEAR], ledger) == IntakeReport(0, 0, 0, 0)
    assert workbooks_archived(home) == []


def standing(home):
    """What the raw zone says of the files whose filer was in doubt, and what is told of them."""
    rows = [
        (row["file_name"], row["school_code"], row["is_read"]) for row in table(home, "submissions")
    ]
    kinds = ("filer_is_contradicted", "school_is_unknown")
    return rows, [name for kind in kinds for name in problems(home, kind)]


def test_a_file_that_contradicts_its_name_is_read_again_under_another(home, ledger):
    good = drop(home, f"{OTHER}.xlsx", school(OTHER))
    path = drop(home, f"{OTHER}_示例.xlsx", school())
    take_in(home, [YEAR], ledger)
    assert problems(home, "filer_is_contradicted") == [path.name]
    assert waiting_files(home, ledger) == {}
    assert take_in(home, [YEAR], ledger) == IntakeReport()

    renamed = path.rename(path.with_name(f"{CODE}_示例.xlsx"))
    assert list(waiting_files(home, ledger)) == [YEAR]
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 1, 0, 0)
    assert standing(home) == ([(good.name, OTHER, True), (renamed.name, CODE, True)], [])
    assert [row["submission_id"] for row in table(home, "students")].count(
        table(home, "submissions")[1]["submission_id"]
    ) == 1
    told = [event["payload"] for event in ledger.events("received")]
    assert [payload["file_name"] for payload in told] == [good.name, path.name, renamed.name]
    assert waiting_files(home, ledger) == {}
    assert take_in(home, [YEAR], ledger) == IntakeReport()


def test_a_school_that_is_put_on_the_roster_is_read_without_handing_in_again(home, ledger):
    drop(home, "新校.xlsx", school("9900000003"))
    take_in(home, [YEAR], ledger)
    assert standing(home) == ([("新校.xlsx", None, False)], ["新校.xlsx"])
    roster = home.cities / CITY / "schools.csv"
    header, *lines = roster.read_text(encoding="utf-8").splitlines()
    one = next(line for line in lines if CODE in line and str(YEAR) in line)
    new = one.replace(CODE, "9900000003").replace(NAME, OTHER_NAME)
    roster.write_text("\n".join([header, *lines, new, ""]), encoding="utf-8")
    assert list(waiting_files(home, ledger)) == [YEAR]
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 1, 0, 0)
    assert standing(home) == ([("新校.xlsx", "9900000003", True)], [])
    assert len(table(home, "students")) == 1


@pytest.mark.parametrize("is_renamed", [False, True])
def test_a_file_that_a_roster_makes_known_does_not_come_after_what_came_since(
    home, ledger, is_renamed
):
    """What the school handed in last counts, whatever older file became readable meanwhile."""
    older = Book().set("cover", "school_code", CODE).set("cover", "school_name", OTHER_NAME)
    path = drop(home, "年报.xlsx", older.xlsx())
    take_in(home, [YEAR], ledger)
    newer = drop(home, f"{CODE}.xlsx", school(enrolled=180))
    take_in(home, [YEAR], ledger)
    assert [row["is_read"] for row in table(home, "submissions")] == [False, True]
    roster = home.cities / CITY / "schools.csv"
    text = roster.read_text(encoding="utf-8").replace(OTHER_NAME, "另一校名")
    roster.write_text(text, encoding="utf-8")
    if is_renamed:
        path = path.rename(path.with_name("年报（更正）.xlsx"))
    for _ in range(2):
        take_in(home, [YEAR], ledger)
        rows = [(row["file_name"], row["is_read"]) for row in table(home, "submissions")]
        due = [(newer.name, True), (path.name, True)]
        assert rows == (due if is_renamed else due[::-1])


def test_a_crash_between_a_second_reading_and_the_end_of_the_first_leaves_one(
    home, ledger, monkeypatch
):
    path = drop(home, f"{OTHER}_示例.xlsx", school())
    take_in(home, [YEAR], ledger)
    path.rename(path.with_name(f"{CODE}_示例.xlsx"))
    whole = raw.drop_earlier_readings

    def crash(home, year):
        if len(raw.submission_rows(home, year)) > 1:
            raise KeyboardInterrupt
        whole(home, year)

    monkeypatch.setattr(raw, "drop_earlier_readings", crash)
    with pytest.raises(KeyboardInterrupt):
        take_in(home, [YEAR], ledger)
    monkeypatch.undo()
    take_in(home, [YEAR], ledger)
    assert standing(home) == ([(f"{CODE}_示例.xlsx", CODE, True)], [])
    assert len(table(home, "students")) == 1
    assert len(list(ledger.events("received"))) == 2


def test_a_file_that_is_still_being_copied_is_left_for_the_next_run(home, ledger):
    whole = school()
    path = drop(home, f"{CODE}.xlsx", whole[:5000], at=time.time())
    assert take_in(home, [YEAR], ledger) == IntakeReport(0, 0, 1, 0)
    assert waiting_files(home, ledger) == {}
    path.write_bytes(whole)
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert list(waiting_files(home, ledger)) == [YEAR]
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 1, 0, 0)


def test_a_half_copied_file_with_an_old_date_is_mended_by_the_whole_one(home, ledger):
    path = drop(home, f"{CODE}.xlsx", school()[:5000])
    take_in(home, [YEAR], ledger)
    assert problems(home, "file_is_broken") == [f"{CODE}.xlsx"]
    path.write_bytes(school())
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 1, 0, 0)
    assert [row["is_read"] for row in table(home, "submissions")] == [False, True]


def test_a_file_from_a_clock_that_runs_ahead_is_not_left_for_ever(home, ledger):
    drop(home, f"{CODE}.xlsx", school(), at=time.time() + 10**7)
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 1, 0, 0)


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_run(home, ledger, monkeypatch):
    path = drop(home, f"{CODE}.xlsx", school())
    handed_in = batch.handed_in

    def change(home, year):
        found = handed_in(home, year)
        path.write_bytes(school(enrolled=176))
        return found

    monkeypatch.setattr(batch, "handed_in", change)
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 0, 1, 0)
    assert workbooks_archived(home) == []
    assert table(home, "submissions") == []


def test_a_file_that_cannot_be_opened_is_left_for_the_next_run(home, ledger, monkeypatch):
    drop(home, f"{CODE}.xlsx", school())
    drop(home, f"{OTHER}.xlsx", school(OTHER))
    opened = Path.open

    def locked(self, *args, **kwargs):
        if self.name == f"{CODE}.xlsx" and self.parent == home.inbox_year(YEAR):
            raise PermissionError(13, "locked by its editor")
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", locked)
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 1, 1, 0)
    assert [row["school_code"] for row in table(home, "submissions")] == [OTHER]
    monkeypatch.undo()
    assert take_in(home, [YEAR], ledger).parsed == 1


def test_a_file_name_in_gbk_is_shown_as_what_it_says(home, ledger):
    name = os.fsencode(home.inbox_year(YEAR)) + f"/{CODE}_示例学校.xlsx".encode("gbk")
    home.inbox_year(YEAR).mkdir(parents=True)
    Path(os.fsdecode(name)).write_bytes(school())
    os.utime(name, (LONG_AGO, LONG_AGO))
    take_in(home, [YEAR], ledger)
    assert [row["file_name"] for row in table(home, "submissions")] == [f"{CODE}_示例学校.xlsx"]
    assert next(ledger.events("received"))["payload"]["file_name"] == f"{CODE}_示例学校.xlsx"


def test_a_second_run_parses_nothing(home, ledger, monkeypatch):
    drop(home, f"{CODE}.xlsx", school())
    drop(home, f"{CODE}_坏.xlsx", b"PK")
    take_in(home, [YEAR], ledger)
    monkeypatch.setattr(runs, "read_submission", None)
    assert take_in(home, [YEAR], ledger) == IntakeReport(0, 0, 0, 0)
    assert len(list(ledger.events("received"))) == 2


def test_a_year_without_an_inbox_is_passed_over_and_one_without_a_form_is_named(home, ledger):
    assert take_in(home, [2022, 2023], ledger) == IntakeReport(0, 0, 0, 0)
    drop(home, f"{CODE}.xlsx", school(), year=1999)
    with pytest.raises(UnknownFormYear, match="1999"):
        take_in(home, [1999], ledger)


# -- crashes, the ledger, memory -------------------------------------------------------------------


@pytest.mark.parametrize("crash", ["write_part", "write_problems", "finish_run"])
def test_a_crash_between_tables_leaves_nothing_and_heals(home, ledger, monkeypatch, crash):
    monkeypatch.setattr(runs, "CHUNK", 1)
    drop(home, f"{CODE}.xlsx", school(), at=LONG_AGO)
    drop(home, f"{CODE}（2）.xlsx", school(enrolled=176), at=LONG_AGO + 1)
    calls = []
    real = getattr(raw, crash)

    def crashing(*args):
        calls.append(args)
        if len(calls) == (2 if crash == "write_part" else 1):
            raise RuntimeError("power cut")
        real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(raw, crash, crashing)
        with pytest.raises(RuntimeError):
            take_in(home, [YEAR], ledger)
    assert table(home, "submissions") == []
    assert list(ledger.events("received")) == []

    assert take_in(home, [YEAR], ledger) == IntakeReport(2, 2, 0, 2)
    assert len(table(home, "submissions")) == len(table(home, "students")) == 2
    assert len(problems(home, "two_files_for_one_school")) == 2
    assert len(list(ledger.events("received"))) == 2


def test_a_run_that_crashed_before_it_told_the_ledger_tells_it_next_time(home, ledger, monkeypatch):
    drop(home, f"{CODE}.xlsx", Book().set("students", "enrolled", "约1").xlsx())

    def crash(_):
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "append_many", crash)
        with pytest.raises(RuntimeError):
            take_in(home, [YEAR], ledger)
    assert list(waiting_files(home, ledger)) == [YEAR]
    assert take_in(home, [YEAR], ledger) == IntakeReport(0, 0, 0, 0)
    (event,) = ledger.events("received")
    assert event["payload"]["problems"] == 1
    assert waiting_files(home, ledger) == {}


def test_the_ledger_hears_of_every_file_with_its_hash_and_its_problems(home, ledger):
    data = school()
    drop(home, f"{CODE}.xlsx", data)
    drop(home, "通知.pdf", b"%PDF-1.7", at=LONG_AGO + 1)
    take_in(home, [YEAR], ledger)
    events = list(ledger.events("received"))
    assert [event["actor"] for event in events] == ["intake", "intake"]
    good, bad = (event["payload"] for event in events)
    row = table(home, "submissions")[0]
    assert good == {
        **{"year": YEAR, "file_hash": hashlib.sha256(data).hexdigest(), "problems": 0},
        **{"file_name": f"{CODE}.xlsx", "city": CITY, "school_code": CODE},
        "submission_id": table(home, "students")[0]["submission_id"],
        **{name: row[name] for name in ("received_at", "intake_run", "reference_hash")},
        "received_seq": 1,
    }
    assert "cities/" in archived(home, row["reference_hash"]).decode()
    assert (bad["city"], bad["school_code"], bad["problems"]) == (None, None, 1)
    assert ledger.verify() == 2


def test_no_more_than_a_chunk_of_rows_is_held_in_memory(home, ledger, monkeypatch):
    monkeypatch.setattr(runs, "CHUNK", 2)
    for number in range(5):
        drop(home, f"{number}.xlsx", school(enrolled=100 + number))
    held, real = [], raw.write_part

    def spy(home, form, run, part, taken):
        held.append(taken)
        assert sum(bool(s.rows) for chunk in held for s in chunk) == len(taken) <= 2
        real(home, form, run, part, taken)

    monkeypatch.setattr(raw, "write_part", spy)
    said = []
    assert take_in(home, [YEAR], ledger, said.append).parsed == 5
    assert [len(chunk) for chunk in held] == [2, 2, 1]
    assert said == ["2024: 2/5", "2024: 4/5", "2024: 5/5"]


def test_many_files_read_in_processes_give_what_few_read_here_give(home, ledger, monkeypatch):
    monkeypatch.setattr(runs, "CHUNK", 2)
    for number in range(5):
        drop(home, f"{number}.xlsx", school(enrolled=100 + number), at=LONG_AGO + number)
    here = take_in(home, [YEAR], ledger)
    kept = {name: table(home, name) for name in ("students", "programmes", "problems")}
    shutil.rmtree(home.raw)
    monkeypatch.setattr(runs, "FEW", 1)
    assert take_in(home, [YEAR], ledger) == here
    assert {name: table(home, name) for name in kept} == kept


def test_a_city_whose_facts_are_not_filled_in_is_named(home, ledger):
    (home.cities / "newtown").mkdir()
    (home.cities / "newtown" / "city.yml").write_text("city: newtown\ncity_code:\n", "utf-8")
    with pytest.raises(BrokenCity, match=r"newtown/city.yml：请填写 city_code, name_zh.*Fill in"):
        take_in(home, [YEAR], ledger)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"2024,{CODE},甲校,990101,true", "已列于.*already"),
        ("2024,,乙校,990101,true", "须填全"),
        ("今年,9900000099,乙校,990101,true", "须填全"),
    ],
)
def test_a_roster_that_cannot_be_used_is_named_with_its_line(home, ledger, line, said):
    roster = home.cities / CITY / "schools.csv"
    text = roster.read_text(encoding="utf-8")
    roster.write_text(text.rstrip("\n") + "\n" + line + "\n", encoding="utf-8")
    with pytest.raises(
        BrokenCity, match=rf"schools.csv 第 {len(text.splitlines()) + 1} 行.*{said}"
    ):
        take_in(home, [YEAR], ledger)


@pytest.mark.parametrize(
    ("word", "code"),
    [("公办", "public"), ("民办学校", "private"), ("", None), ("国有", BrokenCity)],
)
def test_a_roster_says_the_ownership_in_words_and_where_it_says_it(home, ledger, word, code):
    lines = [
        "ownership,year,school_code,school_name,county_code",
        f"{word},2024,{CODE},甲校,990101",
    ]
    (home.cities / CITY / "schools.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if code is BrokenCity:
        with pytest.raises(BrokenCity, match=r"schools.csv 第 2 行.*公办.*none of"):
            take_in(home, [YEAR], ledger)
        return
    take_in(home, [YEAR], ledger)
    (row,) = pq.read_table(home.raw / "rosters" / "rosters.parquet").to_pylist()
    assert row["ownership"] == code
    cells = pq.read_table(home.raw / "roster_cells" / "roster_cells.parquet").to_pylist()
    found = {cell["column_name"]: (cell["cell"], cell["typed"]) for cell in cells}
    assert found["school_code"] == ("schools.csv!C2", CODE)
    assert found.get("ownership") == (("schools.csv!A2", word) if word else None)


@pytest.mark.parametrize(
    ("rows", "is_usable"),
    [
        (["2024,9900000003,合并校,990101,true,{gone}"], True),
        (["2024,9900000003,合并校,990101,true,{gone};{never}"], False),  # one was never there
        (["2024,9900000003,合并校,990101,true,{here}"], False),  # it is there still
        (["2023,9900000003,合并校,990101,true,{never}"], True),  # nobody knows the year before
    ],
)
def test_a_school_continues_one_that_was_on_the_roster_and_is_no_longer(
    home, ledger, rows, is_usable
):
    gone, never = "9900000004", "9900000005"
    text = "\n".join(
        [
            "year,school_code,school_name,county_code,is_monitored,predecessor_codes",
            f"2023,{CODE},甲校,990101,true,",
            f"2023,{gone},旧校,990101,true,",
            f"2024,{CODE},甲校,990101,true,",
            *(row.format(gone=gone, never=never, here=CODE) for row in rows),
        ]
    )
    (home.cities / CITY / "schools.csv").write_text(text + "\n", encoding="utf-8")
    if is_usable:
        take_in(home, [YEAR], ledger)
        rosters = pq.read_table(home.raw / "rosters" / "rosters.parquet").to_pylist()
        kept = {row["predecessor_codes"] for row in rows_of(rosters, "9900000003")}
        assert kept == {rows[0].format(gone=gone, never=never).rsplit(",", 1)[1]}
        assert {row["predecessor_codes"] for row in rows_of(rosters, CODE)} == {None}
    else:
        with pytest.raises(BrokenCity, match=r"schools.csv 第 5 行.*前身学校.*continues"):
            take_in(home, [YEAR], ledger)


def rows_of(rosters, code):
    return [row for row in rosters if row["school_code"] == code]


def test_the_forms_of_the_rosters_years_are_kept_with_label_and_unit(home, ledger):
    roster = home.cities / CITY / "schools.csv"
    with roster.open("a", encoding="utf-8") as file:
        file.write(f"1999,{CODE},甲校,990101,true\n")  # a year without a form
    take_in(home, [YEAR], ledger)
    asked = pq.read_table(home.raw / "form_columns" / "form_columns.parquet").to_pylist()
    assert {row["year"] for row in asked} == {2023, 2024}
    found = {(r["year"], r["form_table"], r["column_name"]): r for r in asked}
    assert len(found) == len(asked)
    value = found[2024, "conditions", "equipment_value_10k_cny"]
    assert (value["unit"], value["unit_zh"], value["unit_en"]) == ("10k_cny", "万元", "10k CNY")
    assert found[2023, "students", "entrants"]["label_zh"] == "招收新生数"
    assert found[2024, "students", "entrants"]["label_zh"] == "招生数"
    assert found[2024, "students", "entrants"]["is_required"]
    assert (2024, "programmes", "themes") in found
    assert (2023, "programmes", "themes") not in found


def test_every_raw_table_can_be_read_before_anything_came(home, ledger):
    take_in(home, [YEAR], ledger)
    names = {path.parent.parent.name for path in home.raw.glob("*/year=0/empty.parquet")}
    assert {"submissions", "problems", "receipts", "receipt_sheets", "students", "bureau"} <= names
    rosters = pq.read_table(home.raw / "rosters" / "rosters.parquet").to_pylist()
    assert {row["school_code"] for row in rosters} == {CODE, OTHER}
