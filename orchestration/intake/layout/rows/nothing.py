"""Cells and rows that say that there is nothing, or no more than what a template is prefilled with.

What belongs here: telling them by what their cells hold. What does not: the words for it
(intake/layout/row_words.py), and what becomes of such a row (rows.py).
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from orchestration.intake.layout.layout import says
from orchestration.intake.layout.row_words import says_none
from orchestration.intake.normalise import narrow
from orchestration.intake.workbook.sheet import Cells, Shown, Unread


def says_nothing(value: Any) -> bool:
    """Tell whether a cell beside words for nothing says no more than they do."""
    if isinstance(value, str):
        return not says(value) or says_none(value) or narrow(value) in ("0", "否", "-", "/", "—")
    return value is None or (value == 0 and not isinstance(value, bool))


def is_prefilled(values: Cells, own: Set[int]) -> bool:
    """Tell whether a row says something in the form's own columns: 否, 无 and 0 alone."""
    cells = [values[at] for at in own if at < len(values) and says(values[at])]
    return bool(cells) and all(map(_is_a_default, cells))


def _is_a_default(value: Any) -> bool:
    # What is shown as 0 may be another number, of which somebody is asked.
    return not isinstance(value, Shown | Unread) and value in (0, "0", "否", "无")
