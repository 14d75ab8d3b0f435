"""Figures that a note says of a label of its sheet, where the label's own cell has another one.

What belongs here: finding them in texts off the table. What does not: notes that say so in words
(intake/layout/note_words.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from orchestration.forms.contract import Column
from orchestration.intake.layout.labels import said
from orchestration.intake.layout.layout import Layout
from orchestration.intake.plain_text import narrow
from orchestration.intake.receipt import address
from orchestration.intake.workbook.problems import Problem, ProblemKind

_LEAST = 4  # signs of a label and a number
_NUMBER = r"(\d[\d,]*(?:\.\d+)?)(?!\s*(?:[\d.%‰-]|年|个?月|[次期项届级所门]|个班|[元千百亿]))"
# Nothing but these before the label: 上年招生数 and 春季招生数 are others.
_BEGINS = r"(?:^|[,。;:、(\s]|本[年校]|全校|实际|我校)"


@lru_cache(maxsize=512)
def _figure_of(column: Column) -> re.Pattern[str]:
    name = said(column.label).name
    bare = re.escape(name.removesuffix("数").removesuffix("人"))
    # 招生1600人 is said of 招生数 as well.
    return re.compile(
        rf"{_BEGINS}(?:{re.escape(name)}\s*(?:合?共?计|总数)?[为是有:=]{{0,2}}\s*{_NUMBER}"
        rf"|{bare}(?:共计?|有)?\s*{_NUMBER}(?=\s*人))"
    )


def other_figures_said(
    layout: Layout, columns: list[Column], records: Sequence[Mapping[str, Any]]
) -> Iterator[Problem]:
    """Yield a problem for each text off the table that names another figure for a label.

    Of several records any one's figure is the label's, and so is the sum of all.
    """
    texts = list(_texts_off_table(layout))
    if not texts:
        return
    asked = {problem.cell for problem in layout.problems}
    own: dict[str, set[Decimal]] = {}
    for column in (column for column in columns if column.is_number):
        read = [Decimal(one[column.id].read) for one in records if one[column.id].read]
        if read:
            own[column.id] = {*read, sum(read, Decimal(0))}
    for place, text in texts:
        for column in columns if place not in asked else ():
            found = _figure_of(column).search(text) if column.id in own else None
            if found and _said_in(found) not in own[column.id]:
                kind = ProblemKind.text_says_otherwise
                yield Problem(kind, layout.sheet, place, typed=text)
                break


def _said_in(found: re.Match[str]) -> Decimal:
    return Decimal((found[1] or found[2]).replace(",", ""))


def _texts_off_table(layout: Layout) -> Iterator[tuple[str, str]]:
    """Yield the address and the text of cells that are no record's and have a digit."""
    of_records = {place for record in layout.records for place in record.cells.values()}
    rows = {record.row for record in layout.records if record.row > 0}
    for row, values in enumerate(layout.grid):
        for at, text in enumerate(values) if row not in rows else ():
            if isinstance(text, str) and len(text) >= _LEAST and (row, at) not in of_records:
                bare = narrow(text)
                if any(map(str.isdecimal, bare)):
                    yield address(row, at), bare
