"""Records that bear the name of the school that files them: its signature, itself as partner.

What belongs here: finding them. What does not: other rows that may be no records (intake/layout/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from orchestration.forms.contract import ColumnType, Form, TableKind
from orchestration.ground.text import Text
from orchestration.intake.plain_text import narrow
from orchestration.intake.reading.records import ABSENT, FiledRow
from orchestration.intake.workbook.problems import Problem, ProblemKind

# What a signature adds to the name; a contest or a course may well begin with it otherwise.
_SIGNED = re.compile(
    r"(?:\(.{0,12}\))?(?:.{0,12}(?:处|科|室|部|中心|办|组|系|会|公司|厂))?(?:\(.{0,12}\))?:?"
)


def records_of_itself(
    form: Form, rows: Mapping[str, list[FiledRow]], school: str, problems: list[Problem]
) -> Iterator[Problem]:
    """Yield a problem for records whose name begins with the school's own; each is asked once."""
    own, asked = narrow(school), {(p.kind, p.sheet, p.cell) for p in problems}
    kind = ProblemKind.row_may_be_a_note
    detail = Text("，这是本校自己的名称", ": it is the school's own name")
    for name, filed in rows.items():
        required = [column for column in form.tables[name].columns if column.required]
        names = [column.id for column in required if column.type == ColumnType.text]
        if not own or not names or form.tables[name].kind != TableKind.rows:
            continue
        for row in filed:
            cell = row.record.get(names[0], ABSENT)
            bare = narrow(cell.read or "")
            if not bare.startswith(own) or (kind, row.sheet, cell.cell) in asked:
                continue
            if len(required) == 1 or _SIGNED.fullmatch(bare.removeprefix(own)):
                yield Problem(kind, row.sheet, cell.cell, typed=bare, detail=detail)
