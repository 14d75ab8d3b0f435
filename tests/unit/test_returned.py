"""What a school gets back: its own workbook, marked, in whatever format it came."""

import hashlib
import io
import zipfile

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from workbooks import CITY, CODE, GOOD, NAME, OTHER, OTHER_NAME, Book, kinds, read, saved, value

from orchestration.forms.contract import load_form
from orchestration.forms.template import write_template
from orchestration.gate.findings import as_frame
from orchestration.ground.home import REPOSITORY
from orchestration.intake.raw import RECEIPT_SHEETS, RECEIPTS, SUBMISSIONS
from orchestration.intake.reading.problem_list import PROBLEM_LIST
from orchestration.intake.reading.receipt_sheet import RECEIPT_SHEET
from orchestration.schools import returned
from orchestration.schools.returned import write_marked, write_returned

YEAR = 2024
ORANGE = "FFF2A900"
MOBILE = "13800138000"


class Gate:
    """A home in which intake and gate have left what `write_returned` reads."""

    def __init__(self, home):
        self.home = home
        self.submissions, self.findings = [], []

    def file(self, data, name=f"{CODE}_示例.xlsx", code=CODE, verdict="waiting"):
        """File a workbook; return its submission's id."""
        digest = hashlib.sha256(data).hexdigest()
        kept = self.home.archive / digest[:2] / f"{digest}{name[name.index('.') :]}"
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(data)
        number = len(self.submissions)
        names = {CODE: NAME, OTHER: OTHER_NAME}
        row = {"submission_id": f"s{number}", "file_hash": digest, "file_name": name}
        row |= {"year": YEAR, "city": CITY, "school_code": code, "school_name": names[code]}
        self.submissions.append({**row, "received_seq": number, "verdict": verdict})
        return row["submission_id"]

    def find(self, submission, cell, **changed):
        """Add a finding, an open explain unless told otherwise."""
        number = len(self.findings)
        row = {"finding_id": f"{number:016x}", "rule_id": "r", "class": "explain", "state": "open"}
        row |= {"submission_id": submission, "cell": cell, "city": CITY, "year": YEAR}
        row |= {"sentence_zh": f"示例疑点 {number}", "sentence_en": f"sample finding {number}"}
        self.findings.append({**row, **changed})

    def receive(self, submission, sheet, cell, typed):
        """Add a receipt of one cell."""
        entry = {"range": cell, "column_id": "c", "typed": typed, "read": "1"}
        entry |= {"outcome": "converted", "kind": "unit_suffix"}
        counts = dict.fromkeys(RECEIPT_SHEETS.names[2:], 1)
        for name, schema, rest in (
            ("receipts", RECEIPTS, entry),
            ("receipt_sheets", RECEIPT_SHEETS, counts),
        ):
            folder = self.home.raw / name / f"year={YEAR}"
            folder.mkdir(parents=True, exist_ok=True)
            row = {"submission_id": submission, "sheet": sheet, **rest}
            table = pa.Table.from_pylist([row], schema=schema)
            pq.write_table(table, folder / f"{submission}.parquet")

    def write(self):
        """Write what goes back; return it by the first ten characters of its file's name."""
        gate, raw = self.home.gate, self.home.raw / "submissions" / f"year={YEAR}"
        raw.mkdir(parents=True, exist_ok=True)
        rows = [{k: v for k, v in row.items() if k != "verdict"} for row in self.submissions]
        pq.write_table(pa.Table.from_pylist(rows, schema=SUBMISSIONS), raw / "run.parquet")
        pd.DataFrame(self.submissions)[["submission_id", "verdict"]].to_parquet(
            gate / "verdicts.parquet"
        )
        as_frame(self.findings).to_parquet(gate / "findings.parquet")
        texts = {name: ["示例 text"] for name in ("why_zh", "why_en", "fix_zh", "fix_en")}
        pd.DataFrame({"rule_id": ["r"], **texts}).to_parquet(gate / "rules.parquet")
        return {path.name[:10]: path for path in write_returned(self.home, YEAR)}

    def book(self):
        """The one workbook that goes back."""
        (path,) = self.write().values()
        return openpyxl.load_workbook(path)


@pytest.fixture
def gate(home):
    return Gate(home)


def rows_of(book):
    """The list's rows, by heading's first word."""
    head, *rows = [[cell.value for cell in row] for row in book[PROBLEM_LIST].iter_rows()]
    named = [dict(zip([h.split()[0] for h in head], row, strict=True)) for row in rows]
    return [row for row in named if row["规则"]]


def notes_of(book):
    return "\n".join(str(row[0].value) for row in book[PROBLEM_LIST].iter_rows() if row[0].value)


def marked(book):
    return sorted(
        f"{sheet.title}!{cell.coordinate}"
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.fill.start_color.rgb == ORANGE and cell.comment
    )


# -- whose and which -------------------------------------------------------------------------------


def test_a_school_gets_its_newest_unsettled_submission_and_nobody_else_gets_any(gate):
    old = gate.file(Book().xlsx())
    new = gate.file(Book().set("students", "enrolled", 176).xlsx(), verdict="returned")
    good = gate.file(
        Book().set("cover", "school_code", OTHER).xlsx(), code=OTHER, verdict="accepted"
    )
    for submission in (old, new):
        gate.find(submission, "学生!B4")
    gate.find(good, "学生!B3", **{"class": "info"})
    written = gate.write()
    assert list(written) == [CODE]
    assert openpyxl.load_workbook(written[CODE])["学生"]["B4"].value == 176
    gate.findings.clear()
    gate.find(good, "学生!B3", **{"class": "info"})
    assert gate.write() == {}
    assert list((gate.home.returned / str(YEAR)).iterdir()) == []


def test_the_list_has_what_is_not_settled_must_first_and_infos_last(gate):
    sent = gate.file(Book().xlsx())
    gate.find(sent, "学生!B3", **{"class": "info"})
    for state in ("open", "asked", "refused", "returned", "explained", "superseded"):
        gate.find(sent, "学生!B4", state=state, sentence_zh=state)
    gate.find(sent, "学生!B5", **{"class": "must"}, sentence_zh="must")
    listed = rows_of(gate.book())
    assert [row["问题"] for row in listed] == [
        *("must", "open", "asked", "refused", "returned", "示例疑点 0"),
    ]
    assert listed[0]["说明"].startswith("须更正")
    assert listed[-1]["类别"].startswith("提示")


def test_what_the_school_explained_and_what_was_answered_stand_on_the_list(gate):
    sent = gate.file(Book().xlsx())
    gate.find(sent, "学生!B4", state="asked", explanation="属实")
    gate.find(sent, "学生!B5", state="refused", explanation="不详", answer="请写明原因")
    book = gate.book()
    first, second = rows_of(book)
    assert (first["说明"], second["说明"]) == ("属实", "不详")
    assert "请写明原因" in second["处理意见"]
    again = read(saved(book.save))
    assert [r["explanation"][1] for _, _, r in again.rows["explanations"]] == ["属实", "不详"]
    assert kinds(again) == []


# -- a workbook as it was filed --------------------------------------------------------------------


def laid_out():
    """A template that a school worked on: a formula, a rule, a merged cell, colours, a comment."""
    target = io.BytesIO()
    school = {"school_code": CODE, "school_name": NAME}
    write_template(target, load_form(YEAR, [REPOSITORY / "forms"]), school, GOOD)
    book = openpyxl.load_workbook(io.BytesIO(target.getvalue()))
    sheet = book["学生"]
    sheet["D3"] = "=B3+1"
    sheet.merge_cells("E3:F4")
    sheet["E3"] = "合并"
    sheet["B5"].comment = Comment("学校自己的批注", "clerk")
    sheet["B5"].font = Font(bold=True, color="FF123456")
    sheet["B6"].number_format = "0.00"
    sheet["E6"] = CellRichText("甲", TextBlock(InlineFont(b=True), "乙"))
    sheet.column_dimensions["D"].width = 41
    sheet.row_dimensions[4].height = 33
    rule = DataValidation(type="whole", operator="lessThan", formula1="9", sqref="D3")
    sheet.add_data_validation(rule)
    red = PatternFill(bgColor="FFFF0000")
    sheet.conditional_formatting.add("B3:B9", CellIsRule("lessThan", ["0"], fill=red))
    return saved(book.save)


def test_layout_formulas_rules_and_locks_are_kept(gate):
    data = laid_out()
    sent = gate.file(data)
    for cell in ("学生!B4", "学生!E3", "学生!F4", "没有!B4", "学生!ZZZ"):
        gate.find(sent, cell)
    (path,) = gate.write().values()
    assert openpyxl.load_workbook(path, rich_text=True)["学生"]["E6"].value[1].font.b
    book, filed = openpyxl.load_workbook(path), openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == [PROBLEM_LIST, *filed.sheetnames]
    assert marked(book) == ["学生!B4", "学生!E3"]
    sheet = book["学生"]
    assert sheet["D3"].value == "=B3+1"
    assert book.calculation.fullCalcOnLoad
    assert [str(r) for r in sheet.merged_cells.ranges] == ["E3:F4"]
    assert sheet["E3"].value == "合并"
    assert sheet["B5"].comment.text == "学校自己的批注"
    assert sheet["B5"].font.color.rgb == "FF123456"
    assert sheet["B6"].number_format == "0.00"
    assert sheet["E6"].value == "甲乙"
    assert sheet.row_dimensions[4].height == 33
    assert len(sheet.conditional_formatting) == 1
    for name in filed.sheetnames:
        new, old = book[name], filed[name]
        assert new.protection.sheet == old.protection.sheet is True
        assert {c: d.width for c, d in new.column_dimensions.items()} == {
            c: d.width for c, d in old.column_dimensions.items()
        }
        rules = [
            sorted(
                (str(r.sqref), r.type, str(r.formula1)) for r in s.data_validations.dataValidation
            )
            for s in (new, old)
        ]
        assert rules[0] == rules[1]
        for row in old.iter_rows():
            for cell in row:
                other = new[cell.coordinate]
                assert (other.value or "") == (cell.value or "")
                assert other.protection.locked == cell.protection.locked
                assert other.number_format == cell.number_format
    assert set(rows_of(book)[0]) > {"编号", "位置"}


def test_a_comment_names_what_is_wrong_below_what_the_school_says_there(gate):
    sent = gate.file(laid_out())
    gate.find(sent, "学生!B5")
    gate.find(sent, "学生!B5、学生!B4", sentence_zh=f"电话 {MOBILE}")
    text = gate.book()["学生"]["B5"].comment.text
    assert text.startswith("学校自己的批注\n")
    assert "示例疑点 0" in text and "sample finding 1" in text
    assert MOBILE not in text


def test_marks_of_an_earlier_round_are_taken_away(gate):
    first = gate.file(laid_out())
    for cell in ("学生!B4", "学生!B5"):
        gate.find(first, cell)
    once = gate.book()
    once["学生"]["B4"].value = 180
    second = gate.file(saved(once.save))
    gate.find(second, "学生!B6")
    again = gate.book()
    assert marked(again) == ["学生!B6"]
    sheet = again["学生"]
    assert sheet["B4"].comment is None
    assert sheet["B4"].fill.fill_type is None
    assert sheet["B5"].comment.text == "学校自己的批注"
    assert again.sheetnames.count(PROBLEM_LIST) == 1
    assert [row["位置"] for row in rows_of(again)] == ["学生!B6"]


def test_a_place_on_the_list_itself_is_named_and_neither_marked_nor_linked(gate):
    sent = gate.file(laid_out())
    gate.find(sent, f"{PROBLEM_LIST}!I2")
    book = gate.book()
    assert marked(book) == []
    assert book[PROBLEM_LIST]["C2"].value == f"{PROBLEM_LIST}!I2"
    assert book[PROBLEM_LIST]["C2"].hyperlink is None


def test_macros_are_left_out_and_said_to_be(gate):
    target = io.BytesIO(Book().xlsx())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    sent = gate.file(target.getvalue(), f"{CODE}_示例.xlsm")
    gate.find(sent, "学生!B4")
    (path,) = gate.write().values()
    with zipfile.ZipFile(path) as archive:
        assert "xl/vbaProject.bin" not in archive.namelist()
        assert b"macroEnabled" not in archive.read("[Content_Types].xml")
    assert "宏已去除" in notes_of(openpyxl.load_workbook(path))
    assert marked(openpyxl.load_workbook(path)) == ["学生!B4"]


# -- other formats ---------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["xls", "ods", "csv.zip", "et"])
def test_another_format_goes_back_as_an_xlsx_of_its_contents(gate, suffix):
    filed = Book().set("students", "certificate_holders", "约30")
    # In the other two a text that begins with = is a formula.
    before = "" if suffix in {"xls", "et"} else "示例"
    filed.sheets["专业设置"][2][1] = f"{before}=HYPERLINK(A1)"
    filed.sheets["草稿"] = [[], [None, "_x000D_ <b>"]]
    filed.hidden = {"草稿"}
    make = {"csv.zip": lambda: filed.csv_zip("utf-8"), "et": filed.xls}
    data = make.get(suffix, getattr(filed, suffix, None))()
    sent = gate.file(data, f"{CODE}_示例.{suffix}")
    gate.find(sent, "学生!B5")
    (path,) = gate.write().values()
    book = openpyxl.load_workbook(path)
    assert path.suffix == ".xlsx"
    assert marked(book) == ["学生!B5"]
    assert book["学生"]["B5"].value == "约30"
    assert str(book["学生"]["B4"].value) == "175"
    told = notes_of(book)
    assert "已转换为 xlsx" in told and "only what stands in its cells" in told
    assert (book["草稿"].sheet_state == "hidden") == (suffix in {"xls", "et"})
    was, now = read(data, f"{CODE}_示例.{suffix}"), read(path.read_bytes())
    as_read = [
        {name: [[c[1:] for c in r.values()] for *_, r in rows] for name, rows in s.rows.items()}
        for s in (was, now)
    ]
    assert as_read[0] == as_read[1]
    assert value(now, "students", "enrolled") == "175"


def test_a_cell_that_was_not_read_stays_as_it_was_shown(gate):
    filed = Book().set("students", "enrolled", "#REF!")
    sent = gate.file(filed.xls(), f"{CODE}_示例.xls")
    gate.find(sent, "学生!B4")
    cell = gate.book()["学生"]["B4"]
    assert (cell.value, cell.data_type) == ("#REF!", "s")
    assert cell.fill.start_color.rgb == ORANGE


def test_dates_and_odd_sheet_names_are_taken_over(gate):
    import datetime

    book = xlwt.Workbook()
    style = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for name in ("封面", "学生", "办学条件"):
        book.add_sheet(name).write(0, 0, datetime.date(2024, 9, 1), style)
    archive = {"甲:乙?.csv": "一,二\n", "学生.csv": "在校生数,3\n", f"{'长' * 40}.csv": "x\n"}
    sent = gate.file(saved(book.save), f"{CODE}_示例.xls")
    gate.find(sent, "学生!A1")
    assert gate.book()["学生"]["A1"].value == datetime.datetime(2024, 9, 1)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, text in archive.items():
            packed.writestr(name, text)
    sent = gate.file(target.getvalue(), f"{CODE}_示例.csv.zip")
    gate.find(sent, "甲:乙?!B1")
    made = gate.book()
    assert made.sheetnames == [PROBLEM_LIST, "甲_乙_", "学生", "长" * 31]
    assert made["甲_乙_"]["B1"].comment
    assert made[PROBLEM_LIST]["C2"].hyperlink.location == "'甲_乙_'!B1"


@pytest.mark.parametrize("data", [b"", b"junk", Book().xlsx()[:900]], ids=["empty", "junk", "cut"])
def test_what_cannot_be_opened_comes_as_a_list_alone(gate, data):
    sent = gate.file(data, verdict="returned")
    gate.find(sent, None, **{"class": "must"})
    book = gate.book()
    assert book.sheetnames == [PROBLEM_LIST]
    assert "无法打开" in notes_of(book)
    assert rows_of(book)[0]["位置"] is None


@pytest.mark.parametrize("broken", ["load", "save"])
def test_a_workbook_that_openpyxl_cannot_handle_goes_back_by_its_contents(
    gate, broken, monkeypatch
):
    def fail(*_, **__):
        raise ValueError("an odd style")

    sent = gate.file(laid_out())
    gate.find(sent, "学生!B4")
    if broken == "load":
        monkeypatch.setattr(openpyxl, "load_workbook", fail)
    else:
        monkeypatch.setattr(returned, "_top_left", _fails_once(returned._top_left))
    (path,) = gate.write().values()
    monkeypatch.undo()
    book = openpyxl.load_workbook(path)
    assert marked(book) == ["学生!B4"]
    assert "已转换为 xlsx" in notes_of(book)


def _fails_once(function):
    calls = []

    def wrapped(*arguments):
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("an odd style")
        return function(*arguments)

    return wrapped


# -- the reading receipt ---------------------------------------------------------------------------


def receipt_of(book):
    return "\n".join(
        str(c.value) for row in book[RECEIPT_SHEET].iter_rows() for c in row if c.value
    )


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods", "csv.zip"])
def test_the_receipt_stands_behind_the_list_and_is_replaced_when_it_comes_back(gate, suffix):
    school = Book()
    data = school.csv_zip("utf-8") if suffix == "csv.zip" else getattr(school, suffix)()
    sent = gate.file(data, f"{CODE}_示例.{suffix}")
    gate.find(sent, "学生!B4")
    gate.receive(sent, "学生", "B4", "１７５人")
    once = gate.book()
    assert once.sheetnames[:2] == [PROBLEM_LIST, RECEIPT_SHEET]
    assert "１７５人" in receipt_of(once)
    assert ("已转换为 xlsx" in receipt_of(once)) == (suffix != "xlsx")
    assert kinds(read(saved(once.save))) == []
    again = gate.file(saved(once.save))
    gate.find(again, "学生!B4")
    gate.receive(again, "学生", "B5", "３０人")
    twice = gate.book()
    assert twice.sheetnames[:2] == [PROBLEM_LIST, RECEIPT_SHEET]
    assert [name for name in twice.sheetnames if RECEIPT_SHEET in name] == [RECEIPT_SHEET]
    assert "３０人" in receipt_of(twice) and "１７５人" not in receipt_of(twice)
    # In another format it goes back by its contents alone.
    third = gate.file(_as_xls(twice), f"{CODE}_示例.xls")
    gate.find(third, "学生!B4")
    gate.receive(third, "学生", "B6", "９人")
    assert [name for name in gate.book().sheetnames if RECEIPT_SHEET in name] == [RECEIPT_SHEET]


def _as_xls(book):
    old = xlwt.Workbook()
    for sheet in book:
        new = old.add_sheet(sheet.title)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    new.write(cell.row - 1, cell.column - 1, cell.value)
    return saved(old.save)


def test_a_schools_own_sheet_of_that_name_stays(gate):
    school = Book()
    school.sheets[RECEIPT_SHEET] = [["学校自己的", 12]]
    sent = gate.file(school.xlsx())
    gate.find(sent, "学生!B4")
    gate.receive(sent, "学生", "B4", "１７５人")
    book = gate.book()
    assert book[RECEIPT_SHEET]["A1"].value == "学校自己的"
    assert "１７５人" in {c.value for c in book.worksheets[1]["D"]}


@pytest.mark.parametrize("what", ["textbox", "sparkline", "nothing"])
def test_the_receipt_says_that_drawings_do_not_go_back(gate, what):
    target = io.BytesIO(Book().xlsx())
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    with_one = book.add_worksheet("草图")
    with_one.write(0, 0, 1)
    if what == "textbox":
        with_one.insert_textbox("C3", "学校自己的说明")
    if what == "sparkline":
        with_one.add_sparkline("C3", {"range": "A1:B1"})
    book.close()
    sent = gate.file(made.getvalue() if what != "nothing" else target.getvalue())
    gate.find(sent, None)
    gate.receive(sent, "草图", "A1", "1")
    assert ("sparklines are not in this copy" in receipt_of(gate.book())) == (what != "nothing")


def test_one_submission_can_be_written_wherever_one_likes(gate, tmp_path):
    sent = gate.file(laid_out(), verdict="accepted")
    gate.find(sent, "学生!B4", **{"class": "info"})
    gate.write()
    assert write_marked(gate.home, sent, tmp_path / "marked.xlsx")
    assert marked(openpyxl.load_workbook(tmp_path / "marked.xlsx")) == ["学生!B4"]
    assert not write_marked(gate.home, "another", tmp_path / "none.xlsx")
    assert not (tmp_path / "none.xlsx").exists()
