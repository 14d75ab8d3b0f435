"""Columns before the labels that are the form's own: numbers or codes of its lines, its groups.

What belongs here: telling them. What does not: whether a group's words are those of its labels
(intake/layout/groups.py); who is asked about the others (fields.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from orchestration.intake.layout.fields.labels import FieldLabels, Line
from orchestration.intake.layout.fields.signs import is_of_others, is_restarting, may_be_code
from orchestration.intake.layout.heads import Head
from orchestration.intake.layout.labels import is_numbering
from orchestration.intake.layout.layout import cell_at, says
from orchestration.intake.layout.other_figures import begins_others
from orchestration.intake.plain_text import typed_text

Found = list[tuple[Line, Any]]


def own_before_labels(labels: FieldLabels) -> Iterator[tuple[int, int]]:
    """Yield the cells before the labels, of which nothing was said, that are the form's own."""
    by_at: dict[int, Found] = defaultdict(list)
    first = min((line.at for line in labels.lines), default=0)
    for line in labels.lines:
        for at in range(first):
            value = cell_at(labels.sheet.rows, line.row, at)
            if (line.row, at) not in labels.marks and says(value):
                by_at[at].append((line, value))
    for at, found in by_at.items():
        if _number_lines(labels, at, found) or _are_groups(labels, found):
            yield from ((line.row, at) for line, _ in found)


def _number_lines(labels: FieldLabels, at: int, found: Found) -> bool:
    """Tell whether a column before the labels counts the lines, or has each line's code."""
    count = len(labels.lines)
    head = labels.heads.get(found[0][0].head_row, {}).get(at)
    values = [value for _, value in found]
    if is_numbering(values) and head in (Head.code, None):
        return True
    if head not in (Head.code, None) or len(values) != count:
        return False
    is_single = len({typed_text(value) for value in values}) == count
    is_of_codes = head == Head.code and is_single and all(map(may_be_code, values))
    return is_restarting(values) or is_of_codes


def _are_groups(labels: FieldLabels, found: Found) -> bool:
    """Tell whether texts before the labels divide all of them by what the labels say."""
    texts = [value for _, value in found if isinstance(value, str)]
    year, own, lines = labels.year, labels.own_words, labels.lines
    is_odd = len(set(texts)) < len(found) or found[0][0] != lines[0]
    if is_odd or any(is_of_others(text, year) or begins_others(text, own) for text in texts):
        return False
    ends = [line.row for line, _ in found[1:]] + [lines[-1].row + 1]
    return all(
        labels.say_as_much(text, first.row, end)
        for (first, text), end in zip(found, ends, strict=True)
    )
