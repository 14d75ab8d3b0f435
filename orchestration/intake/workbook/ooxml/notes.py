"""What hangs on the cells of an .xlsx and is in none of them: comments, texts of boxes and shapes.

What belongs here: the parts that a sheet's relations name, and what of a comment is the filer's.
What does not: the cells of a sheet (intake/workbook/xlsx.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from orchestration.intake.receipt import address_of
from orchestration.intake.workbook.limits import too_large
from orchestration.intake.workbook.sheet import MOST_COVERS, Hanging, Note, Place, place_of
from orchestration.intake.workbook.xml_steps import local, opened, steps

OUR_NOTE = "【问题清单】"  # begins our part of a cell's comment, in a workbook that was sent back
_MOST_NOTES = 2000
_AT = r"[^\n、]*![A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?"
_END_OF_OURS = re.compile(f", see {_AT}(?:、{_AT})*")
_PLACE = re.compile(r"[A-Za-z]{1,3}[0-9]{1,7}")
_SLIVER = 50_000  # some five pixels
_ANCHORS = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")


def of_the_filer(text: str) -> str:
    """Return a comment without what we wrote there ourselves: what stands before and behind it.

    Where the last of our sentences ends is told by the place that each of them names.
    """
    before, _, ours = text.partition(OUR_NOTE)
    ends = [end.end() for end in _END_OF_OURS.finditer(ours)]
    behind = ours[ends[-1] :] if ends else ""
    return "\n".join(filter(None, (before.strip(), behind.strip())))


def notes_of(sheet: str, relations: bytes, part: Callable[[str], bytes]) -> list[Note]:
    """Return what hangs on a sheet's cells; `part` gives a part's content by its target."""
    if b"omment" not in relations and b"/drawing" not in relations:
        return []
    found: dict[str, list[tuple[Place, str]]] = {
        **{"comments": [], "threads": []},
        **{"drawing": [], "covers": []},
    }
    for relation in opened(relations, "Relationship"):
        kind, target = relation.get("Type", ""), relation.get("Target", "")
        if kind.endswith("/comments"):
            found["comments"] += _comments(part(target), "comment")
        elif kind.endswith("/threadedComment"):
            found["threads"] += _comments(part(target), "threadedComment")
        elif kind.endswith("/drawing"):
            drawing = part(target)
            found["drawing"] += _boxes(drawing)
            found["covers"] += islice(dict.fromkeys(_covers(drawing)), MOST_COVERS)
    # A thread has a comment for older programs, which says the same after a long excuse.
    threads = {place for place, _ in found["threads"]}
    kept = [note for note in found["comments"] if note[0] not in threads]
    of_kinds = (Hanging.comment, [*kept, *found["threads"]]), (Hanging.box, found["drawing"])
    notes = [Note(at, kind, text) for kind, said in of_kinds for at, text in said if text]
    if len(notes) > _MOST_NOTES:
        raise too_large(f"{len(notes)} 个批注", f"{len(notes)} comments", sheet)
    return notes + [Note(at, Hanging.cover, text) for at, text in found["covers"]]


def _comments(xml: bytes, name: str) -> Iterator[tuple[Place, str]]:
    for step in steps(xml, name) if xml else ():
        place = step.attributes.get("ref", "")
        if step.is_end and _PLACE.fullmatch(place):
            said = (part for part in step.element if local(part.tag) == "text")
            text = "".join(_text(part) for part in said)
            yield place_of(place.upper()), of_the_filer(text)


def _text(part: Any) -> str:
    """Return a text, whole or in runs, without how it is spoken."""
    return (part.text or "").strip() + "".join(
        t.text or "" for t in part.iter("{*}t") if local(t.getparent().tag) != "rPh"
    )


def _boxes(xml: bytes) -> Iterator[tuple[Place, str]]:
    """Yield the texts of a drawing, at the cells where their boxes begin."""
    for step in steps(xml, *_ANCHORS) if xml else ():
        if step.is_end:
            yield _corner(step.element), "\n".join(filter(None, _paragraphs(step.element)))


def _paragraphs(anchor: Any) -> Iterator[str]:
    for paragraph in anchor.iter("{*}p"):
        # What older programs are to draw instead says the same once more.
        if next(paragraph.iterancestors("{*}Fallback"), None) is None:
            yield "".join(t.text or "" for t in paragraph.iter("{*}t")).strip()


def _covers(xml: bytes) -> Iterator[tuple[Place, str]]:
    """Yield the ranges over which pictures, charts, controls and filled shapes without words lie.

    Where one has a size and no end, rows and columns are taken for as large as they usually are.
    """
    for step in steps(xml, *_ANCHORS) if xml else ():
        if step.is_end and _covers_cells(step.element):
            top, left = _corner(step.element)
            bottom, right = _end(step.element, top, left)
            if bottom >= top and right >= left:
                yield (top, left), address_of(top, left, bottom, right)


def _covers_cells(anchor: Any) -> bool:
    is_hidden = any(p.get("hidden") in ("1", "true") for p in anchor.iter("{*}cNvPr"))
    if is_hidden or any(_paragraphs(anchor)):
        return False
    if any(True for _ in anchor.iter("{*}pic", "{*}graphicFrame", "{*}AlternateContent")):
        return True
    return any(shape.find("{*}solidFill") is not None for shape in anchor.iter("{*}spPr"))


def _end(anchor: Any, top: int, left: int) -> Place:
    """Return the last cell that lies under something; a sliver of one is not under it."""
    ends = []
    for name, size, first, usual in (("row", "cy", top, 190_500), ("col", "cx", left, 609_600)):
        to, past = (anchor.findtext(f"{{*}}to/{{*}}{n}") or "" for n in (name, f"{name}Off"))
        extent = next((e.get(size, "") for e in anchor.iterchildren("{*}ext")), "")
        if to.isdecimal():
            ends.append(int(to) - (past.isdecimal() and int(past) < _SLIVER))
        else:
            length = int(extent) if extent.isdecimal() else 0
            ends.append(first - 1 + (length + usual - _SLIVER) // usual)
    return ends[0], ends[1]


def _corner(anchor: Any) -> Place:
    row, column = (anchor.findtext(f"{{*}}from/{{*}}{name}") or "" for name in ("row", "col"))
    return (int(row), int(column)) if row.isdecimal() and column.isdecimal() else (0, 0)
