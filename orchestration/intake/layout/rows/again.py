"""A header that comes again among the records: the same one, or another order of its columns.

What belongs here: telling which columns a repeated header has. What does not: the first header
(intake/layout/header.py), and what becomes of the rows below (rows.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from orchestration.forms.contract import NUMERIC_TYPES, ColumnType
from orchestration.ground.text import Text
from orchestration.intake.layout.header import Columns, numbers_columns
from orchestration.intake.layout.labels import plain, said
from orchestration.intake.layout.layout import says
from orchestration.intake.normalise import Normalisation
from orchestration.intake.workbook.sheet import Cells

_TEXT = ColumnType.text
_OF_BODIES = re.compile("企业|公司|单位|院校|学校|机构")
OTHER_ORDER = Text(
    "这一行表头的栏目与表首的表头不在同一列，其下的行没有读取",
    "this header has its labels in other columns than the first; the rows below are not read",
)


class Kinds(NamedTuple):
    """Which types the form's columns have by where they stand, and which say what a record is."""

    types: dict[int, ColumnType]
    texts: list[tuple[int, bool]]  # columns of texts, and whether each is required
    first: int  # the first of them
    words: list[int]  # the others that hold no numbers
    bodies: set[int]  # the texts that name firms or schools


def kinds_of(columns: Columns, places: dict[str, int]) -> Kinds:
    """Return the types of columns that stand at these places."""
    there = {at: columns.of_form[name][1] for name, at in places.items()}
    texts = [(at, column.required) for at, column in there.items() if column.type == _TEXT]
    first = min((at for at, _ in texts), default=min(there))
    words = [at for at, column in there.items() if not column.is_number and at != first]
    bodies = {at for at, _ in texts if _OF_BODIES.search(there[at].label)}
    return Kinds({at: column.type for at, column in there.items()}, texts, first, words, bodies)


class Header:
    """What stands above the first record: its texts, and which of them stand in which column."""

    def __init__(self, columns: Columns) -> None:
        rows = self.rows = columns.above
        self.places = {name: at for name, (at, _) in columns.of_form.items()}
        self.kinds = kinds_of(columns, self.places)
        self.width = sorted(self.places.values())
        self.own = set(self.width)
        self.is_whole = self.width == list(range(len(self.width)))  # the first columns of all
        types = {column.type for _, column in columns.of_form.values()}
        # Where all is words, as in cases and explanations, a sentence is what is asked for.
        self.is_prose = types <= {ColumnType.text, ColumnType.date}
        self.has_numbers = bool(types & NUMERIC_TYPES)
        self.counts = self.has_numbers or ColumnType.boolean in types
        self.by_column: dict[int, set[str]] = {}
        for values in rows:
            for at, value in enumerate(values):
                if value and isinstance(value, str):
                    own = {text for text in (value, value.strip(), plain(value)) if text}
                    self.by_column.setdefault(at, set()).update(own)
        self.lines = [[(at, v) for at, v in enumerate(values) if says(v)] for values in rows]
        self.titles = [v for v in rows[0] if isinstance(v, str) and says(v)][:1]
        self.texts = set().union(*self.by_column.values())

    def is_again(self, values: Cells) -> bool:
        """Tell whether all that a row says is said above the records."""
        return all(isinstance(v, str) and v.strip() in self.texts for v in values if says(v))

    def is_title(self, values: Cells) -> bool:
        """Tell whether a row says what the sheet's first row does."""
        return [v for v in values if says(v)] == [v for v in self.rows[0] if says(v)]

    def goes_on(self, values: Cells) -> Normalisation | None:
        """Return what a row right below a repeated header is, if it is still the header's.

        It numbers the columns, or is what stands below the first header, units or hints.
        """
        filled = [(at, value) for at, value in enumerate(values) if says(value)]
        if numbers_columns(filled, set(self.places.values())):
            return Normalisation.number_row
        return Normalisation.header_row if filled in self.lines else None

    def lost_units(self, values: Cells, places: dict[str, int]) -> Iterator[tuple[str, int]]:
        """Yield the columns whose label names a unit above the records and none here."""
        for name, at in places.items():
            first = self.by_column[self.places[name]]
            text = values[at] if at < len(values) else None
            if isinstance(text, str) and not said(text).units and any(said(t).units for t in first):
                yield name, at

    def places_of(self, values: Cells) -> dict[str, int] | None:
        """Return where a repeated header has the form's columns; none where it is another one.

        Each text stands in its own column; or all of the form's stand in each other's.
        """
        texts = {at: value.strip() for at, value in enumerate(values) if says(value)}
        moved = [at for at, text in texts.items() if text not in self.by_column.get(at, ())]
        if not moved:
            return self.places
        found: dict[str, int] = {}
        for name, own in self.places.items():
            there = [at for at, text in texts.items() if text in self.by_column[own]]
            if len(there) != 1:
                return None
            found[name] = there[0]
        is_whole = set(found.values()) == set(self.places.values())
        return found if is_whole and set(moved) <= set(found.values()) else None


# It hangs on the columns alone, and those are the same for all sheets of one template.
header_of = lru_cache(maxsize=512)(Header)
