"""Where on a sheet the form's columns stand: what a layout is, and which kind of sheet has which.

What belongs here: the layout of a sheet, as the reader of records needs it. What does not: how it
is found on a sheet of labelled cells (fields/) and of rows (rows/), what the words of labels
are (labels.py), and what a cell says (intake/normalise.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from orchestration.forms.contract import NUMERIC_TYPES, Column
from orchestration.ground.text import Text
from orchestration.intake.layout.labels import said
from orchestration.intake.layout.row_words import row_word
from orchestration.intake.layout.unit_lines import units_said
from orchestration.intake.layout.unit_words import bare_unit, is_multiple, may_be_money
from orchestration.intake.normalise import Normalisation, factor_of
from orchestration.intake.plain_text import typed_text
from orchestration.intake.receipt import Mark, Outcome, address, address_of
from orchestration.intake.workbook.problems import Problem, ProblemKind
from orchestration.intake.workbook.sheet import Cells


def is_blank(rows: list[Cells]) -> bool:
    """Tell whether no cell says anything; a zero does."""
    return not any(says(value) for values in rows for value in values)


def is_blank_below(rows: list[Cells], start: int, at: int) -> bool:
    """Tell whether nothing stands in a column from a row on."""
    return not any(at < len(values) and says(values[at]) for values in rows[start:])


def says(value: Any) -> bool:
    """Tell whether a cell says something; spaces say nothing."""
    if value is None or value == "":
        return False
    return not isinstance(value, str) or bool(value.strip(" \t\r\n\u3000\u00a0\u200b\ufeff"))


def cell_at(rows: list[Cells], row: int, column: int) -> Any:
    """Return what a cell holds, nothing where a row or the sheet ends before it."""
    values = rows[row] if row < len(rows) else ()
    return values[column] if column < len(values) else None


class Label(NamedTuple):
    """A label and the address it stands at."""

    cell: str
    text: str


class PassedOver(NamedTuple):
    """A row that is no record: its range, what it begins with, what it is, how many cells."""

    range: str
    begins: str
    kind: Normalisation
    cells: int
    row: int


class RecordAt(NamedTuple):
    """A record to read: its zero-based row, and each column's cell as row and column."""

    row: int
    cells: dict[str, tuple[int, int]]


class TotalAt(NamedTuple):
    """A row that says it is a total: its row, each column's cell, and where its word stands."""

    row: int
    cells: dict[str, tuple[int, int]]
    word: tuple[int, int]
    is_plain: bool  # a word that could be no part of a name


def not_read(kind: ProblemKind) -> Mark:
    """Return the mark of cells that are not read, for the reason that a rule has."""
    return Mark(Outcome.not_read, kind)


NOT_READ = not_read(ProblemKind.content_is_not_read)


@dataclass
class Layout:
    """Where a table's columns were found, the records to read, and what became of all the rest.

    `units` has by what a column's numbers become ones in its own unit, where another was said;
    `refused` the columns that cannot be read and the rule that says why. `left` are the cells that
    are neither a record's nor `labels`; `sentences` the rows of which it is asked whether they are
    records, and that lack nothing if they are none.
    """

    sheet: str
    grid: list[Cells]
    records: list[RecordAt] = field(default_factory=list)
    totals: list[TotalAt] = field(default_factory=list)
    found: set[str] = field(default_factory=set)
    qualified: set[str] = field(default_factory=set)
    repeated: list[Label] = field(default_factory=list)
    unknown: list[Label] = field(default_factory=list)
    passed_over: list[PassedOver] = field(default_factory=list)
    units: dict[str, Fraction] = field(default_factory=dict)
    with_unit: set[str] = field(default_factory=set)  # columns whose own unit the sheet says
    refused: dict[str, ProblemKind] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    sentences: set[int] = field(default_factory=set)
    labels: int = 0
    left: list[tuple[int, int, Mark]] = field(default_factory=list)

    def object(
        self, kind: ProblemKind, cell: str, typed: Any, column: str = "", detail: Text | None = None
    ) -> Mark:
        """Add a problem; return the mark of cells that are not read for its sake."""
        what = detail or Text("", "")
        self.problems.append(
            Problem(kind, self.sheet, cell, column, typed_text(typed).strip(), what)
        )
        return not_read(kind)

    def pass_over(self, row: int, values: Cells, kind: Normalisation) -> None:
        """Record a row as none."""
        filled = [at for at, value in enumerate(values) if says(value)]
        place = address_of(row, filled[0], row, filled[-1])
        begins = typed_text(values[filled[0]])
        self.passed_over.append(PassedOver(place, begins, kind, len(filled), row))


def text_before(values: Cells, at: int) -> str:
    """Return the text next to the left of a cell; nothing where there is none."""
    return next((typed_text(value) for value in reversed(values[:at]) if says(value)), "")


class SaidAt(NamedTuple):
    """A text and where it stands; one that a label to its left asks for is said with the label."""

    row: int
    at: int
    text: str
    own: str  # without the label


def ends_in_colon(text: str) -> bool:
    """Tell whether a text asks for what stands beside it: 填报日期：."""
    return text.rstrip().endswith((":", "："))


def asks_for_more(text: str) -> bool:
    """Tell whether a text says what the text beside it is: 统计口径：, 备注."""
    return ends_in_colon(text) or row_word(f"{text.strip()}：") == Normalisation.note_row


def as_said(lines: Iterable[tuple[int, int, Any]]) -> Iterator[SaidAt]:
    """Yield the texts of lines, row by row, each with the label that asks for it in front."""
    before_row, before = -1, ""
    for row, at, value in lines:
        if not isinstance(value, str | date) or not says(value):
            continue
        text = value if isinstance(value, str) else typed_text(value)
        if row == before_row and asks_for_more(before):
            label = before.strip().rstrip(":：")
            yield SaidAt(row, at, f"{label}：{text.strip()}", text)
        elif isinstance(value, str):
            yield SaidAt(row, at, text, text)
        before_row, before = row, text


def lines_units(lines: Iterable[tuple[int, int, Any]]) -> list[tuple[str, str]]:
    """Return the units that lines above a table name, each with the line's address."""
    return [
        (word, address(row, at))
        for row, at, text, own in as_said(lines)
        for word in dict.fromkeys((*units_said(text), *units_said(own)))
    ]


class UnitSaid(NamedTuple):
    """A unit that stands somewhere for a column: the word and its address."""

    word: str
    cell: str


def settle_unit(
    layout: Layout, column: Column, beside: list[UnitSaid], above: list[tuple[str, str]]
) -> None:
    """Find the factor of a column's unit; refuse the column where it is unknown or contradicted.

    `beside` are its own unit cell, its label's and its head's brackets. `above` are the units of
    lines off the table, which are of the columns whose dimension they have. All must agree: which
    of two that do not is meant, nobody can tell.
    """
    if column.type not in NUMERIC_TYPES or column.unit is None:
        return
    factors = {factor_of(bare_unit(unit.word), column.unit): unit for unit in beside}
    for line in above:
        factor = factor_of(line[0], column.unit)
        if factor is not None or is_odd_unit(line[0], column):
            factors.setdefault(factor, UnitSaid(*line))
    if None in factors:
        refuse_unit(layout, column, factors[None])
    elif len(factors) > 1:
        *_, other, last = factors.values()
        refuse_unit(layout, column, last, other)
    elif factors:
        (factor,) = factors
        if factor is not None and factor != 1:
            layout.units[column.id] = factor
        else:
            layout.with_unit.add(column.id)


def is_odd_unit(word: str, column: Column) -> bool:
    """Tell whether a word that is no unit of the forms may be said of a column's: 千, 美元."""
    if is_multiple(word):
        return factor_of(word, column.unit) is None
    return may_be_money(word) and factor_of("元", column.unit) is not None


def refuse_unit(
    layout: Layout, column: Column, odd: UnitSaid, other: UnitSaid | None = None
) -> None:
    """Let a column not be read for a unit that nobody knows, or that contradicts another."""
    layout.refused[column.id] = ProblemKind.unit_is_not_known
    due = _unit_text(column)
    # What the sheet's name says stands in no cell.
    typed = (odd.word or "（空）") if odd.cell else f"{odd.word}（表名“{layout.sheet}”）"
    typed += f"（{other.cell} 另标“{other.word}”）" if other is not None else ""
    layout.object(ProblemKind.unit_is_not_known, odd.cell, typed, column.id, due)


def _unit_text(column: Column) -> Text:
    from orchestration.forms.contract import load_units

    return load_units()[str(column.unit)].text


def brackets_of(text: str, cell: str) -> list[UnitSaid]:
    """Return the units that a label or a head names in brackets."""
    return [UnitSaid(word, cell) for word in said(text).units]
