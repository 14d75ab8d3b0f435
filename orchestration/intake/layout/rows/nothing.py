"""Cells and rows that say that there is nothing, or no more than what a template is prefilled with.

What belongs here: telling them by what their cells hold. What does not: the words for it
(intake/layout/row_words.py), and what becomes of such a row (rows.py).
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from orchestration.intake.layout.labels import is_count
from orchestration.intake.layout.layout import says
from orchestration.intake.layout.row_words import says_none
from orchestration.intake.normalise import means_blank, means_no
from orchestration.intake.plain_text import narrow
from orchestration.intake.workbook.sheet import Cells, Shown, Unread


def says_nothing(value: Any) -> bool:
    """Tell whether a cell beside words for nothing says no more than they do."""
    if isinstance(value, str):
        return not says(value) or says_none(value) or narrow(value) in ("0", "否", "-", "/", "—")
    return value is None or (value == 0 and not isinstance(value, bool))


def is_prefilled(values: Cells, own: Set[int], counts: Set[int]) -> bool:
    """Tell whether a row says no more in the form's own columns than 否, 无 and 0.

    What stands beside them says no more either, or is the row's number; else somebody wrote it.
    """
    filled = [(at, value) for at, value in enumerate(values) if says(value)]
    is_of_form = any(at in own for at, _ in filled)
    return is_of_form and all(
        _is_a_default(value) or (at in counts and _is_a_count(value)) for at, value in filled
    )


def _is_a_count(value: Any) -> bool:
    return is_count(value) if isinstance(value, str) else isinstance(value, int | float)


def _is_a_default(value: Any) -> bool:
    if isinstance(value, Shown):
        # What is shown as 0 may be another number, of which somebody is asked.
        return isinstance(value.stored, int | float) and value.stored == 0
    if isinstance(value, str):
        bare = narrow(value)
        return means_blank(bare) or means_no(bare) or bare.strip("0.") == ""
    return not isinstance(value, Unread) and value == 0
