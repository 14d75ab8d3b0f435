"""The formulas of a sheet of an .xlsx, each as it reads in its own cell.

What belongs here: formulas that several cells share. What does not: what they give
(intake/workbook/computed.py).
"""

from __future__ import annotations

from typing import Any

from orchestration.intake.workbook.computed import moved
from orchestration.intake.workbook.sheet import Place
from orchestration.intake.workbook.xml_steps import local


class Shared:
    """The formulas of a sheet that were met and are said by their number further on."""

    def __init__(self) -> None:
        self.first = dict[str, tuple[Place, str]]()

    def at(self, place: Place, cell: Any) -> dict[Place, str]:
        """Return the formula of a cell by its place, if it has one."""
        formula = next((part for part in cell if local(part.tag) == "f"), None)
        if formula is None or formula.get("t") == "dataTable":
            return {}
        text, number = "".join(formula.itertext()).removeprefix("="), formula.get("si", "")
        if formula.get("t") != "shared":
            return {place: text} if text else {}
        if text:
            self.first[number] = place, text
        (row, column), text = self.first.get(number, (place, ""))
        return {place: moved(text, place[0] - row, place[1] - column)} if text else {}
