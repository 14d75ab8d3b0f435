"""Workbooks that go back to their schools: their own file, the bad cells marked, and a list.

What belongs here: what a school sees of its findings. What does not: which findings there are
(gate/). The original in the archive stays as it was filed; what goes back is a copy.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from orchestration.home import Home
from orchestration.intake.template import PROBLEM_LIST

_MARK = "FFF2A900"
_AUTHOR = "年报 nianbao"
_HEADINGS = (
    ("类别 Class", 16),
    ("位置 Cell", 30),
    ("问题 What is wrong", 60),
    ("Sentence", 60),
    ("为什么 Why", 50),
    ("怎样改 How to mend", 50),
    ("规则 Rule", 40),
)
_CLASSES = {"must": "逻辑校验（必须改正）must", "explain": "经验校验（改正或说明）explain"}
# The sheet may bear any name; the cell behind the last exclamation mark is one or a range.
_PLACE = re.compile(r"(.*)!([A-Z]{1,3}[0-9]{1,7})(?::[A-Z]{1,3}[0-9]{1,7})?")
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')  # in the names of files, on any system
_FINDINGS = """
select
    s.school_code,
    s.school_name,
    s.submission_id,
    s.file_hash,
    s.is_read,
    f.class,
    f.cell,
    f.sentence_zh,
    f.sentence_en,
    r.why_zh,
    r.fix_zh,
    f.rule_id
from read_parquet($findings) as f
inner join read_parquet($rules) as r using (rule_id)
inner join read_parquet($submissions) as s using (submission_id)
inner join read_parquet($verdicts) as v using (submission_id)
where
    s.year = $year
    and s.school_code is not null
    and f.state = 'open'
    and f.class <> 'info'
    and v.verdict in ('returned', 'waiting')
qualify dense_rank() over (partition by s.city, s.school_code order by s.received_seq desc) = 1
order by s.school_code, f.class desc, f.cell, f.rule_id
"""


def write_returned(home: Home, year: int) -> list[Path]:
    """Write what goes back to each school whose newest open submission is returned or waiting.

    Returns the files, one a school, in the order of their codes. A school with nothing open any
    more has its file taken away. Excel workbooks go back as they were filed, with the bad cells
    coloured and commented; what cannot be marked (other formats, broken files) comes as a list.
    """
    folder = home.returned / str(year)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for findings in _by_school(home, year):
        first = findings[0]
        name = _UNSAFE.sub("_", f"{first['school_code']}_{first['school_name']}")
        path = folder / f"{name}.xlsx"
        beside = path.with_name(f".{first['school_code']}.{os.getpid()}")
        _marked(home, findings).save(beside)
        beside.replace(path)
        written.append(path)
    for path in set(folder.glob("*.xlsx")) - set(written):
        path.unlink()
    return written


def _by_school(home: Home, year: int) -> Iterator[list[dict[str, Any]]]:
    files = {name: str(home.gate / f"{name}.parquet") for name in ("findings", "rules", "verdicts")}
    files["submissions"] = str(home.raw / "submissions" / "*" / "*.parquet")
    with duckdb.connect() as connection:
        result = connection.execute(_FINDINGS, {**files, "year": year})
        names = [name for name, *_ in result.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    schools = dict.fromkeys(row["school_code"] for row in rows)
    for code in schools:
        yield [row for row in rows if row["school_code"] == code]


def _marked(home: Home, findings: Sequence[dict[str, Any]]) -> Any:
    """Return the school's own workbook with its findings; a blank one where it cannot be opened."""
    import openpyxl

    first = findings[0]
    kept = next((home.archive / first["file_hash"][:2]).glob(f"{first['file_hash']}*"), None)
    book = None
    # Only a workbook that intake read within its limits is opened again.
    if first["is_read"] and kept is not None and kept.suffix in {".xlsx", ".xlsm"}:
        book = openpyxl.load_workbook(io.BytesIO(kept.read_bytes()))
    if book is None:
        book = openpyxl.Workbook()
        book.remove(book.active)
    if PROBLEM_LIST in book.sheetnames:
        del book[PROBLEM_LIST]
    for finding in findings:
        for sheet, cell in _places(finding["cell"]):
            if sheet in book.sheetnames:
                _mark(_top_left(book[sheet], cell), finding)
    _list(book, findings)
    return book


def _places(cells: str | None) -> list[tuple[str, str]]:
    """Return sheet and first cell of each place that a finding names."""
    matched = (_PLACE.fullmatch(place) for place in (cells or "").split("、"))
    return [(match[1], match[2]) for match in matched if match]


def _top_left(sheet: Any, at: str) -> Any:
    """Return a cell, or of merged cells the one that can be coloured."""
    for merged in sheet.merged_cells.ranges:
        if at in merged:
            return sheet.cell(merged.min_row, merged.min_col)
    return sheet[at]


def _mark(cell: Any, finding: dict[str, Any]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell.fill = PatternFill("solid", start_color=_MARK, end_color=_MARK)
    said = cell.comment.text if cell.comment and cell.comment.author == _AUTHOR else ""
    line = f"{finding['sentence_zh']}\n{finding['sentence_en']}"
    cell.comment = Comment(f"{said}\n\n{line}".strip(), _AUTHOR, height=160, width=360)


def _list(book: Any, findings: Sequence[dict[str, Any]]) -> None:
    """Put the list of findings first, each with a link to its cell."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    sheet = book.create_sheet(PROBLEM_LIST, 0)
    book.active = 0
    sheet.freeze_panes = "A2"
    for column, (heading, width) in enumerate(_HEADINGS, start=1):
        sheet.cell(1, column, heading).font = Font(bold=True)
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = width
    wrapped = Alignment(wrap_text=True, vertical="top")
    for row, finding in enumerate(findings, start=2):
        texts = (
            _CLASSES[finding["class"]],
            finding["cell"] or "—",
            *(finding["sentence_zh"], finding["sentence_en"]),
            *(finding["why_zh"], finding["fix_zh"], finding["rule_id"]),
        )
        for column, text in enumerate(texts, start=1):
            cell = sheet.cell(row, column, text)
            # What a school typed stays text, also where it looks like a formula.
            cell.data_type = "s"
            cell.alignment = wrapped
        for place, at in _places(finding["cell"])[:1]:
            if place in book.sheetnames:
                quoted = place.replace("'", "''")
                sheet.cell(row, 2).hyperlink = Hyperlink(f"B{row}", location=f"'{quoted}'!{at}")
                sheet.cell(row, 2).font = Font(underline="single", color="FF0563C1")
