"""A template's sheet 填报说明 when it comes back: its own lines, and what was typed there besides.

What belongs here: telling the one from the other. What does not: what the template says
(forms/template.py), and what a remark means for the figures; somebody is asked.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

from orchestration.forms.template import INSTRUCTIONS, signs_of
from orchestration.intake.layout.labels import plain_sheet
from orchestration.intake.layout.layout import NOT_READ, says
from orchestration.intake.plain_text import typed_text
from orchestration.intake.reading.filer import Context
from orchestration.intake.receipt import Entry, Mark, Outcome, SheetReceipt, blocks
from orchestration.intake.workbook.problems import Problem, ProblemKind
from orchestration.intake.workbook.sheet import Sheet


def are_instructions(sheet: Sheet, context: Context) -> bool:
    """Tell whether a sheet is the template's instructions, whatever else was typed there."""
    if plain_sheet(sheet.name) != INSTRUCTIONS:
        return False
    lines = context.instructions
    return any(_is_one_of(lines, value) for value in chain.from_iterable(sheet.rows))


def read_instructions(sheet: Sheet, context: Context) -> tuple[SheetReceipt, list[Problem]]:
    """Return the account of the instructions, and a problem for all that the template lacks."""
    lines, receipt = context.instructions, SheetReceipt(sheet.name)
    own: list[tuple[int, int, str, Mark]] = []
    for row, values in enumerate(sheet.rows):
        for at, value in enumerate(values):
            # The template keeps lists in hidden columns, also those that have changed since.
            if says(value) and (at in sheet.hidden_columns or _is_one_of(lines, value)):
                receipt.counts[Outcome.label] += 1
            elif says(value):
                own.append((row, at, typed_text(value), NOT_READ))
    receipt.counts[Outcome.not_read] = len(own)
    problems = []
    for block in blocks(own):
        place, kind = (sheet.name, block.range), ProblemKind.content_is_not_read
        receipt.entries.append(Entry(*place, "", block.typed, None, *block.mark))
        problems.append(Problem(kind, *place, typed=block.typed))
    return receipt, problems


def _is_one_of(lines: frozenset[str], value: Any) -> bool:
    return isinstance(value, str) and signs_of(value) in lines
