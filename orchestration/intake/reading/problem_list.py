"""The sheet 问题清单 of a workbook that goes back to its school: written, and read when it returns.

What belongs here: its columns, what may be typed there, telling that a locked part was changed.
What does not: which findings there are (gate/), marking cells (schools/returned.py), and what
becomes of an explanation (submission.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from orchestration.ground.terms import FindingState, RuleClass
from orchestration.ground.text import Text
from orchestration.intake.layout.labels import plain, plain_sheet
from orchestration.intake.layout.layout import is_blank
from orchestration.intake.plain_text import typed_text
from orchestration.intake.reading.personal import personal_number
from orchestration.intake.receipt import address
from orchestration.intake.workbook.problems import Problem, ProblemKind
from orchestration.intake.workbook.sheet import Cells, Sheet

PROBLEM_LIST = "问题清单"
BETWEEN = "；"  # stands between several explanations of one finding


class ListColumn(NamedTuple):
    """One column of the list: its heading in both languages and its width."""

    id: str
    heading: str
    width: int


COLUMNS = (
    ListColumn("number", "编号 No.", 21),
    ListColumn("class", "类别 Class", 18),
    ListColumn("place", "位置 Place", 24),
    ListColumn("zh", "问题 What is wrong", 44),
    ListColumn("en", "英文 In English", 44),
    ListColumn("why", "为什么 Why", 40),
    ListColumn("fix", "怎样改 How to mend", 40),
    ListColumn("answer", "处理意见 Steward's answer", 28),
    ListColumn("explanation", "说明 Explanation", 44),
    ListColumn("rule_id", "规则 Rule", 34),
    ListColumn("check", "校验码 Check", 14),
)
CLASSES = {
    RuleClass.must: f"{RuleClass.must.zh}（必须更正）must",
    RuleClass.explain: f"{RuleClass.explain.zh}（更正或说明）explain",
    RuleClass.info: str(RuleClass.info.text),
}
# What stands, locked, where nothing can be explained.
_INSTEAD = {
    RuleClass.must: "须更正 must be corrected",
    RuleClass.info: "无需说明 no answer needed",
}
_STATES = {
    FindingState.asked: "说明待审核 Your explanation is not decided on yet",
    FindingState.refused: "说明未通过 Your explanation was not accepted",
    FindingState.returned: "退回更正 Sent back to be corrected",
}
_HOW = "更正单元格，或在“说明”栏填写说明，保存后重新报送本文件。" + (
    "Correct the cells, or type in the column Explanation; save and hand this file in again."
)
_HEAD_FILL, _INPUT_FILL, _LINK = "FFDDE7F3", "FFFFF2CC", "FF0563C1"
_HEADER_SEARCH = 30
_LEAST_HEADINGS = 3  # by so many a list is known of which columns were deleted
_LONGEST = 32767  # characters of a cell
# The sheet may bear any name; the cell behind the last exclamation mark is one or a range.
_PLACE = re.compile(r"(.*)!([A-Z]{1,3}[0-9]{1,7})(?::[A-Z]{1,3}[0-9]{1,7})?")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONG_NUMBER = re.compile(r"[\dXxＸｘ+＋\-－\s\u200b-\u200f\u202a-\u202e\u2060\ufeff]{11,}")
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


class ListedExplanation(NamedTuple):
    """What a school typed on one row; `cells` has, by column, the typed text and its address."""

    row_no: int
    cells: dict[str, tuple[str, str]]


# -- writing ---------------------------------------------------------------------------------------


def write_list(
    book: Any,
    findings: Sequence[Mapping[str, Any]],
    sheets: Mapping[str, Any],
    notes: Iterable[str] = (),
) -> None:
    """Put the list of findings first in an openpyxl workbook, in place of an older one.

    A finding has finding_id, class, cell, sentence_zh, sentence_en, why_zh, why_en, fix_zh, fix_en,
    state, answer, explanation and rule_id. `sheets` has the worksheets by the names that findings
    call them; each row links to its first cell there. `notes` stand below the rows.
    """
    from openpyxl.styles import Font

    drop_list(book)
    sheet = book.create_sheet(PROBLEM_LIST, 0)
    _open_at(book, sheet)
    sheet.freeze_panes = "A2"
    write_head(sheet, 1, [column.heading for column in COLUMNS])
    for number, column in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[sheet.cell(1, number).column_letter].width = column.width
    for row, finding in enumerate(findings, start=2):
        _write_row(sheet, row, finding, sheets)
    for row, note in enumerate((_HOW, *notes), start=len(findings) + 3):
        write_text(sheet.cell(row, 1), note)
        sheet.cell(row, 1).font = Font(italic=True)
    lock(sheet)


def lock(sheet: Any) -> None:
    """Let only how a sheet looks be changed, and what is unlocked on it."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False  # allowed, to openpyxl


def drop_list(book: Any) -> None:
    """Take every list out of an openpyxl workbook."""
    for name in [name for name in book.sheetnames if plain_sheet(name) == PROBLEM_LIST]:
        del book[name]


def places_of(cell: str | None) -> list[tuple[str, str]]:
    """Return sheet and first cell of each place that a finding names."""
    matched = (_PLACE.fullmatch(place) for place in (cell or "").split("、"))
    return [(match[1], match[2]) for match in matched if match]


def _storable(text: str) -> str:
    """Return a text as a cell can hold it: no control characters, no more than fit."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSTORABLE.sub("", text)[:_LONGEST]


def sendable(text: str) -> str:
    """Return a text as it may travel: storable, and a personal number in it as ***.

    A number that the school has taken away must not come in again with the list.
    """
    kept = _LONG_NUMBER.sub(lambda m: "***" if personal_number(m[0]) else m[0], _storable(text))
    return "***" if personal_number(kept) else kept


def write_text(cell: Any, text: str) -> None:
    """Write a text that stays a text, also where it looks like a formula, an error or an escape."""
    if text:
        cell.value = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", _storable(text))
        cell.data_type = "s"


def _open_at(book: Any, sheet: Any) -> None:
    """Open the workbook at one sheet; with two selected, typing would go into both."""
    book.active = 0
    for other in book.worksheets:
        for view in other.views.sheetView:
            view.tabSelected = other is sheet


def write_head(sheet: Any, row: int, headings: Sequence[str]) -> None:
    """Write what stands above columns."""
    from openpyxl.styles import Alignment, Font, PatternFill

    for number, heading in enumerate(headings, start=1):
        cell = sheet.cell(row, number, heading)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color=_HEAD_FILL, end_color=_HEAD_FILL)
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def link_to(cell: Any, sheet: Any, at: str) -> None:
    """Let a cell lead to another of its workbook."""
    from openpyxl.styles import Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    quoted = sheet.title.replace("'", "''")
    cell.hyperlink = Hyperlink(cell.coordinate, location=f"'{quoted}'!{at}")
    cell.font = Font(underline="single", color=_LINK)


def _write_row(sheet: Any, row: int, finding: Mapping[str, Any], sheets: Mapping[str, Any]) -> None:
    from openpyxl.styles import Alignment, Border, PatternFill, Protection, Side

    texts = _texts(finding)
    for number, column in enumerate(COLUMNS, start=1):
        cell = sheet.cell(row, number)
        write_text(cell, texts[column.id])
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if column.id == "explanation" and _may_explain(texts):
            cell.protection = Protection(locked=False)
            cell.fill = PatternFill("solid", start_color=_INPUT_FILL, end_color=_INPUT_FILL)
            cell.border = Border(*[Side("thin")] * 4)
            cell.number_format = "@"  # so that a clerk's =1 stays a text
        elif column.id == "place":
            for name, at in places_of(finding["cell"])[:1]:
                if name in sheets:
                    link_to(cell, sheets[name], at)


def _texts(finding: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of each column of a finding's row."""
    kind = RuleClass(finding["class"])
    raw = {
        # Four digits at a time: a run of eleven might be read as somebody's number.
        "number": ".".join(re.findall(".{1,4}", finding["finding_id"])),
        "class": CLASSES[kind],
        "place": finding["cell"],
        "zh": finding["sentence_zh"],
        "en": finding["sentence_en"],
        "why": f"{finding['why_zh']}\n{finding['why_en']}",
        "fix": f"{finding['fix_zh']}\n{finding['fix_en']}",
        "answer": "\n".join(filter(None, (_STATES.get(finding["state"]), finding["answer"]))),
        "explanation": _INSTEAD.get(kind, finding["explanation"]),
        "rule_id": finding["rule_id"],
    }
    texts = {name: sendable(text or "") for name, text in raw.items()}
    return {**texts, "check": _check(texts)}


def _may_explain(texts: Mapping[str, str]) -> bool:
    return _squeezed(texts["class"]) == _squeezed(CLASSES[RuleClass.explain])


def _check(texts: Mapping[str, str]) -> str:
    """Return what tells a row's locked texts from any others; letters only, so no number."""
    is_open = _may_explain(texts)
    locked = [
        texts[column.id]
        for column in COLUMNS
        if column.id != "check" and not (is_open and column.id == "explanation")
    ]
    return letters_of(locked)


def letters_of(texts: Iterable[str]) -> str:
    """Return eight letters that tell texts from any others, however their spaces are broken."""
    whole = "\n".join(map(_squeezed, texts))
    return hashlib.sha256(whole.encode()).hexdigest()[:8].translate(_LETTERS)


def _squeezed(text: str) -> str:
    """Return a text without its spaces, which other formats and programs break differently."""
    return "".join(text.split())


# -- reading ---------------------------------------------------------------------------------------


def is_list(sheet: Sheet) -> bool:
    """Tell whether a sheet is such a list, by its name and its headings; a blank one is."""
    if plain_sheet(sheet.name) != PROBLEM_LIST:
        return False
    return is_blank(sheet.rows) or len(_find_head(sheet)[1]) >= _LEAST_HEADINGS


def read_list(sheet: Sheet) -> tuple[list[ListedExplanation], list[Problem]]:
    """Return what a school typed on a list that came back, and where a locked part was changed.

    An explanation is kept whatever else was changed of its row.
    """
    rows: list[ListedExplanation] = []
    if is_blank(sheet.rows):
        return rows, []
    head, columns = _find_head(sheet)
    missing = [column.heading for column in COLUMNS if column.id not in columns]
    problems = []
    if missing:
        names = "、".join(missing)
        wrong = Text(f"缺少栏目 {names}", f"columns are missing: {names}")
        problems.append(_edited(sheet, address(head, 0), wrong))
    for row in range(head + 1, len(sheet.rows)):
        cells = {
            name: (_typed(sheet.rows[row], at), address(row, at)) for name, at in columns.items()
        }
        texts = {name: typed for name, (typed, _) in cells.items()}
        explanation = _explanation(texts)
        if explanation:
            rows.append(ListedExplanation(row + 1, cells))
        is_row = explanation or texts.get("rule_id") or texts.get("check")
        if is_row and not missing and texts["check"] != _check(texts):
            wrong = Text("与退回时不同", "it is not as it was sent")
            if explanation and not (texts["number"] and texts["rule_id"]):
                wrong = Text("说明没有编号或规则", "the explanation has no number or no rule")
            problems.append(_edited(sheet, cells["explanation"][1], wrong))
    return rows, problems


def _explanation(texts: Mapping[str, str]) -> str:
    """Return the explanation of a row, if it is one and not what stood there instead."""
    typed = texts.get("explanation", "").strip()
    return "" if _squeezed(typed) in map(_squeezed, _INSTEAD.values()) else typed


def _find_head(sheet: Sheet) -> tuple[int, dict[str, int]]:
    """Return the row that knows most headings, and by column where it stands."""
    headings = {plain(column.heading): column.id for column in COLUMNS}
    best: tuple[int, dict[str, int]] = (0, {})
    for row, values in enumerate(sheet.rows[:_HEADER_SEARCH]):
        found: dict[str, int] = {}
        for at, value in enumerate(values):
            name = headings.get(plain(value)) if isinstance(value, str) else None
            if name is not None:
                found.setdefault(name, at)
        if len(found) > len(best[1]):
            best = (row, found)
    return best


def _typed(values: Cells, at: int) -> str:
    return typed_text(values[at]) if at < len(values) else ""


def _edited(sheet: Sheet, cell: str, wrong: Text) -> Problem:
    return Problem(ProblemKind.problem_list_was_edited, sheet.name, cell, detail=wrong)
