"""Conditional formats of an OpenDocument spreadsheet: where another style may be applied.

What belongs here: their ranges and the styles they name. What does not: what a style makes of a
cell (styles.py); whether a condition holds, which nobody here computes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from orchestration.intake.workbook.sheet import Range, place_of
from orchestration.intake.workbook.xml_steps import local, steps

MOST_COMPARED = 10_000_000  # cells with ranges of conditional formats
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_REFERENCE = re.compile(r"[A-Z]{1,3}[0-9]{1,9}")


def conditions_of(content: bytes) -> dict[int, list[tuple[Range, str]]]:
    """Return of each table, by its number, where which style may be applied.

    No style is one that puts a picture in the place of the number.
    """
    found = defaultdict[int, list[tuple[Range, str]]](list)
    if b"conditional-format" not in content:
        return found
    table = -1
    for step in steps(content, "table", "conditional-format"):
        if step.name == "table":
            table += not step.is_end
        elif step.is_end:
            parts = [{local(k): v for k, v in part.items()} for part in step.element]
            names = [said["apply-style-name"] for said in parts if "apply-style-name" in said]
            names += ["" for said in parts if said.get("show-value") == "false"]
            for range_ in _ranges(step.attributes.get("target-range-address", "")):
                found[table] += [(range_, name) for name in names]
    return found


def _ranges(addresses: str) -> Iterator[Range]:
    for address in _QUOTED.sub("", addresses).split():
        begin, _, end = (
            part.rpartition(".")[2] for part in address.replace("$", "").partition(":")
        )
        if _REFERENCE.fullmatch(begin) and _REFERENCE.fullmatch(end or begin):
            yield (*place_of(begin), *place_of(end or begin))
