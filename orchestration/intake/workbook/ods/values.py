"""What a person sees of one cell of an OpenDocument spreadsheet, held against what it stores.

What belongs here: errors, formulas without a result, signs that nobody sees, and values that their
text or their format shows otherwise. What does not: where cells stand and how often (seen.py), what
styles say (styles.py).
"""

from __future__ import annotations

import re
from datetime import datetime

from orchestration.intake.workbook.marks import without_marks
from orchestration.intake.workbook.number_format import (
    is_date,
    is_white,
    picture,
    text_picture,
)
from orchestration.intake.workbook.ods.styles import Styles
from orchestration.intake.workbook.ods.text import cell_text, is_plain, styles_in
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import (
    Shown,
    ShownDay,
    Unread,
    as_shown,
    is_repeated,
    number_as_shown,
    picture_in_cell,
    says_the_same,
    shows_signs,
)
from orchestration.intake.workbook.xml_steps import Step

_CALCEXT_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
NUMBERS = {"float", "percentage", "currency"}
_VALUES = {*NUMBERS, "date", "time", "boolean"}
_STORED = ("value", "date-value", "time-value", "boolean-value")
_NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?(?:E[+-]?[0-9]+)?|\.[0-9]+")
_WHOLE_DAY = re.compile(r"[0-9]{4}[^0-9]{1,3}[0-9]{1,2}[^0-9]{1,3}[0-9]{1,2}(?![0-9])")
_ROUNDED = 1e-8  # what a narrow cell leaves out of a number without a format


def type_of(step: Step) -> str:
    """Return the type of a cell's value."""
    # calcext tells an error that office calls a text; it has the last word.
    return step.element.get(_CALCEXT_TYPE) or step.attributes.get("value-type", "")


def value_seen(
    step: Step, shown: str, style: str, styles: Styles, is_computed: bool
) -> Unread | ShownDay | str | None:
    """Return a cell as a person sees it; none if the fast reader says the same."""
    said, formula, kind = step.attributes, step.attributes.get("formula", ""), type_of(step)
    if kind == "error" or (formula and shown.startswith(("#", "Err:"))):
        return Unread(ProblemKind.cell_is_an_error, shown)
    drawn = picture_in_cell(formula.rpartition(":")[2]) or picture_in_cell(shown)
    if drawn is not None:
        return drawn
    if formula and not (kind and is_computed):
        text = f"={formula.partition('=')[2]}"
        return Unread(ProblemKind.cell_is_a_formula_without_value, text)
    used = styles_in(step.element)
    unseen = styles.unseen_on(style, used)
    if shown.strip() and unseen and not cell_text(step.element, unseen).strip():
        return Unread(ProblemKind.cell_shows_nothing, shown)
    kept = without_marks(cell_text(step.element, styles.struck | unseen, styles.raised))
    if kept is None:
        return Unread(ProblemKind.cell_shows_otherwise, shown)
    stored = next((said[name] for name in (*_STORED, "string-value") if name in said), "")
    is_left = kept == shown or bool(kept.strip())
    if (shown or stored) and (style in styles.struck or not is_left):
        return Unread(ProblemKind.cell_is_struck_out, shown or stored)
    is_of_symbols = not styles.symbols.isdisjoint({style, *used}) and shows_signs(shown or stored)
    if is_of_symbols or (style in styles.filled and is_repeated(shown or stored)):
        return Unread(ProblemKind.cell_shows_otherwise, shown or stored)
    if (shown or stored).strip() and styles.is_pale(style):
        return Unread(ProblemKind.cell_shows_nothing, shown or stored)
    kind = kind or ("float" if "value" in said else "")
    if kind in _VALUES and any(name in said for name in _STORED):
        return _value(kept, stored, kind, styles.code(style, kind, said.get("currency", "")))
    return _text(step, shown, kept, styles.codes.get(style, ""))


def _value(kept: str, stored: str, kind: str, code: str) -> Unread | Shown | ShownDay | None:
    """Return a value that is no text as it is shown; none if that says the same."""
    if kind in NUMBERS:
        return _number(kept, stored, code)
    return _moment(kept, stored, code) if kind in ("date", "time") else None


def _moment(kept: str, stored: str, code: str) -> Unread | ShownDay | None:
    """Return a day as it is shown; none where that is the whole of it."""
    if is_white(code):
        return Unread(ProblemKind.cell_shows_nothing, kept)
    if not kept.strip() or _WHOLE_DAY.match(kept.strip()):
        return None
    try:
        return ShownDay.of(datetime.fromisoformat(stored), kept)
    except ValueError:
        return None  # an hour


def _number(kept: str, stored: str, code: str) -> Unread | Shown | None:
    """Return a number as it is shown: by its text, where its format does not tell another one."""
    if not kept.strip():
        # Some programs leave it to the reader to say how a number is shown.
        if is_date(code):
            return Unread(ProblemKind.cell_shows_otherwise, stored)
        return number_as_shown(stored, code)
    if is_date(code):
        drawn = None if not says_the_same(kept, stored) else ""
    else:
        drawn = picture(float(stored), code)
    if drawn == "" and is_white(code):
        return Unread(ProblemKind.cell_shows_nothing, kept)
    if drawn is not None and not _is_same_number(kept, drawn):
        return Unread(ProblemKind.cell_shows_otherwise, kept)
    return as_shown(kept, stored)


def _is_same_number(one: str, other: str) -> bool:
    first, second = (_NUMBER.search(text) for text in (one, other))
    if first is None or second is None:
        return one.strip() == other.strip()
    a, b = (float(found[0].replace(",", "")) for found in (first, second))
    return ("-" in one) == ("-" in other) and abs(a - b) <= _ROUNDED * max(1, abs(b))


def _text(step: Step, shown: str, kept: str, code: str) -> Unread | ShownDay | str | None:
    said = step.attributes.get("string-value")
    if said is not None and shown and said.split() != shown.split():
        return Unread(ProblemKind.cell_shows_otherwise, shown)
    if kept != shown:
        return Shown(kept, shown)
    if kept.strip() and not text_picture(kept, code).strip():
        return Unread(ProblemKind.cell_shows_nothing, kept)
    if said is not None or (not shown and type_of(step) != "string"):
        return None
    is_stored = any(name in step.attributes for name in _STORED)
    is_read = type_of(step) == "string" and not is_stored and is_plain(step.element, kept)
    return None if is_read else kept
