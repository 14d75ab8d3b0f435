"""Whether a file is the form of its year: by its sheets' names and the labels on them.

What belongs here: comparing both with a form's, and the one problem of a file that is another. What
does not: reading a file (submission.py), and a single sheet that holds no table (unplaced.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.forms.contract import Filer, Form, Table
from orchestration.ground.text import Text
from orchestration.intake.layout.labels import plain
from orchestration.intake.workbook.problems import Problem, ProblemKind
from orchestration.intake.workbook.sheet import Sheet

_MOST_OF_ALL = 10  # a file where nine of ten labels are missing is no form


def other_sheets(sheets: list[Sheet], form: Form) -> Problem:
    """Return the problem of a file whose sheets have not the names of the form's."""
    names, texts = "、".join(sheet.name for sheet in sheets[:8]), texts_on(sheets)
    detail = Text(f"工作表名称是 {names}", f"its sheets are named {names}")
    for filer in Filer:
        tables = form.filed_by(filer)
        missing = labels_missing(form, filer, texts)
        if missing * 2 < sum(len(table.columns) for table in tables):
            due = "、".join(table.sheet for table in tables[:3])
            detail = Text(
                f"栏目与报表相同，但工作表名称（{names}）不同；请改回模板中的名称，如 {due}",
                f"its labels are the form's, the names of its sheets ({names}) are not; give them "
                f"the names of the template, such as {due}",
            )
    return Problem(ProblemKind.file_is_another_form, typed=names, detail=detail)


def texts_on(sheets: list[Sheet]) -> set[str]:
    """Return the texts on the sheets, as plain as labels are compared."""
    return {
        plain(value)
        for sheet in sheets
        for values in sheet.rows
        for value in values
        if isinstance(value, str)
    }


def no_form(
    found: Mapping[str, Sheet], wanted: list[Table], problems: list[Problem]
) -> Problem | None:
    """Return the one problem of a file whose sheets have the form's names and not its labels.

    It is another form, or its signs were written in another code than they are read in.
    """
    missing = sum(p.kind == ProblemKind.column_is_missing for p in problems)
    if not missing:
        return None
    columns = [c for t in wanted if t.id in found for c in t.columns if not c.may_be_absent]
    if not columns or missing * _MOST_OF_ALL < len(columns) * (_MOST_OF_ALL - 1):
        return None
    return Problem(
        ProblemKind.file_is_another_form,
        detail=Text(
            f"表样的 {len(columns)} 个栏目有 {missing} 个找不到，可能是另一种报表，"
            "或者文字编码不是 UTF-8 或 GBK",
            f"{missing} of the {len(columns)} labels of the form are not there; it may be another "
            "form, or its text in another code than UTF-8 or GBK",
        ),
    )


def labels_missing(form: Form, filer: Filer, texts: set[str]) -> int:
    """Return how many of a form's labels are not among plain texts."""
    columns = (column for table in form.filed_by(filer) for column in table.columns)
    return sum(plain(c.label) not in texts for c in columns if not c.may_be_absent)
