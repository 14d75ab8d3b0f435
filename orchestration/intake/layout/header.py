"""The header of a sheet of rows: which columns are the form's, in which units, and where it ends.

What belongs here: headers of one or two rows, columns beyond the form's, rows of units and of
numbers below. What does not: the rows below all that (rows/).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from orchestration.forms.contract import NUMERIC_TYPES, Column, ColumnType, Table
from orchestration.ground.text import Text
from orchestration.intake.layout.groups import may_be_part, says_how
from orchestration.intake.layout.heads import Head, head_of
from orchestration.intake.layout.labels import (
    is_hint,
    is_numbering,
    known_label,
    plain,
    plain_sheet,
    says_how_to_fill,
)
from orchestration.intake.layout.layout import (
    NOT_READ,
    Label,
    Layout,
    UnitSaid,
    brackets_of,
    cell_at,
    ends_in_colon,
    is_blank_below,
    lines_units,
    says,
    settle_unit,
    text_before,
)
from orchestration.intake.layout.notes import says_who_checked
from orchestration.intake.layout.other_figures import is_filing_date
from orchestration.intake.layout.row_words import is_closing, row_word
from orchestration.intake.layout.titles import heed_lines
from orchestration.intake.layout.unit_lines import units_said
from orchestration.intake.layout.unit_words import is_unit
from orchestration.intake.normalise import Normalisation, read_cell
from orchestration.intake.plain_text import narrow, typed_text
from orchestration.intake.receipt import address
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Cells

_SURELY_NUMBERED = 4  # cells in a row that count up from one by no accident
_HEADER_SEARCH = 30  # rows from the top in which a header may stand


class _Header(NamedTuple):
    """A header's first row, how many rows it has, and the column of the form at each column."""

    row: int
    height: int
    columns: dict[int, Column]

    @property
    def known(self) -> int:
        """How many labels it knows; the same one twice, as when it spans, is one."""
        return len({column.id for column in self.columns.values()})


@dataclass(frozen=True, eq=False)
class Columns:
    """Where the form's columns stand, and what the others are."""

    of_form: dict[str, tuple[int, Column]]
    numbering: frozenset[int]
    unknown: frozenset[int]
    start: int  # the first row below the header
    asides: frozenset[int] = frozenset()  # who checked the rows
    above: tuple[Cells, ...] = ()  # the header's rows and those over it


def columns_on(result: Layout, table: Table, year: int) -> Columns | None:
    """Return where the form's columns stand on a sheet, having settled their units; none without.

    What is odd about the header is put to the layout.
    """
    rows = result.grid
    known = _columns_as_before(result, rows, table, year)
    if known is not None:
        return known
    header = _find_header(rows, table, year)
    if header is None:
        return None
    columns = _columns_of(result, rows, header, table, year)
    start = _below(result, rows, header, columns.of_form, table, year)
    columns = replace(columns, start=start, above=tuple(rows[:start]))
    if header.height == 1 and header.known == len(table.columns):
        _remember(result, rows, table, year, columns)
    return columns


def _find_header(rows: list[Cells], table: Table, year: int) -> _Header | None:
    """Return the header that knows most labels, of one row or of two; none if it knows too few."""
    best, wanted = _Header(0, 1, {}), len(table.columns)
    for row in range(min(_HEADER_SEARCH, len(rows))):
        one = _Header(row, 1, _match_one(rows[row], table, year))
        # A header of one row goes before one of two that knows no more.
        if one.known > best.known or (one.known == best.known and best.height == 2):
            best = one
        if best.known == wanted:
            break
        if row + 1 < len(rows):
            two = _Header(row, 2, _match_two(rows[row], rows[row + 1], table, year))
            if two.known > best.known:
                best = two
    return best if best.known >= min(2, wanted) else None


def _match_one(values: Cells, table: Table, year: int) -> dict[int, Column]:
    found = {}
    for column, value in enumerate(values):
        if isinstance(value, str) and value:
            known = known_label(value, table, year)
            if known is not None and not known.is_qualified:
                found[column] = known.column
    return found


def _match_two(upper: Cells, lower: Cells, table: Table, year: int) -> dict[int, Column]:
    """Match a header of two rows, of which the upper spans columns and the lower divides them."""
    found, above = {}, ""
    for column in range(max(len(upper), len(lower))):
        top = upper[column] if column < len(upper) else ""
        bottom = lower[column] if column < len(lower) else ""
        if isinstance(top, str) and top:
            above = plain(top)
        below = bottom if isinstance(bottom, str) and not is_unit(bottom) else ""
        own = top if isinstance(top, str) and top else ""
        for label in (below + above, above + below, below, own if not below else ""):
            known = known_label(label, table, year) if label else None
            if known is not None and not known.is_qualified:
                found[column] = known.column
                break
    return found


def _columns_of(
    result: Layout, rows: list[Cells], header: _Header, table: Table, year: int
) -> Columns:
    first, height, matched = header
    of_form: dict[str, tuple[int, Column]] = {}
    numbering, unknown, asides = set[int](), set[int](), set[int]()
    for at, known in sorted(matched.items()):
        if known.id in of_form:
            result.repeated.append(Label(address(first, at), known.label))
            unknown.add(at)
        else:
            of_form[known.id] = (at, known)
    result.found = set(of_form)
    start = first + height
    for at, text in _header_labels(rows[first:start]):
        if at in matched:
            continue
        place, head = address(first + height - 1, at), head_of(text, year)
        qualified = known_label(text, table, year)
        if qualified is not None and qualified.column.id not in of_form:
            column = qualified.column
            result.qualified.add(column.id)
            due = Text(column.label, column.label)
            result.object(ProblemKind.label_is_qualified, place, text, column.id, due)
            unknown.add(at)
        elif head == Head.code:
            numbering.add(at)
        elif head in (Head.label, Head.note, Head.unit) and plain(text) != "":
            continue
        elif head == Head.checked and _says_who_checked(rows, start, at):
            asides.add(at)
        elif len(of_form) < len(table.columns) or not is_blank_below(rows, start, at):
            result.unknown.append(Label(place, text))
            unknown.add(at)
    _take_above(result, rows, header, table, year)
    return Columns(of_form, frozenset(numbering), frozenset(unknown), start, frozenset(asides))


def _says_who_checked(rows: list[Cells], start: int, at: int) -> bool:
    below = (cell_at(rows, row, at) for row in range(start, len(rows)))
    return all(v is None or (isinstance(v, str) and says_who_checked(v)) for v in below)


def _take_above(
    result: Layout, rows: list[Cells], header: _Header, table: Table, year: int
) -> None:
    """Count the header and the texts above it as the form's own; what else is there is not read.

    That are numbers, and rows that may be records.
    """
    columns = header.columns
    may_be = {r for r in range(header.row) if _may_be_record(rows[r], columns, result, year)}
    lines = [row for row in range(header.row) if row not in may_be]
    above = [(row, at, value) for row in lines for at, value in enumerate(rows[row])]
    heed_lines(result, above, table, year, range(header.row - 1, header.row))
    told = {problem.cell for problem in result.problems}
    for row, at, value in above:
        if not isinstance(value, str) or not says(value) or address(row, at) in told or at == 0:
            continue
        before = text_before(rows[row], at)
        is_above = row == header.row - 1 and not ends_in_colon(before)
        is_other = is_above and not is_filing_date(value, year)
        column = columns.get(at)
        label = column.label if column and column.type in NUMERIC_TYPES else ""
        # Over one of the form's columns it says what the column is of.
        if (is_other and head_of(value, year) == Head.other and not says_how(value, year)) or (
            label and may_be_part(value, before, [result.sheet, label], year)
        ):
            result.object(ProblemKind.text_says_otherwise, address(row, at), value)
    for row in range(header.row + header.height):
        for at, value in enumerate(rows[row]):
            if not says(value):
                continue
            is_text = isinstance(value, str) and row not in may_be
            is_own = is_text or is_filing_date(typed_text(value), year)
            if row >= header.row or is_own or value == year:
                result.labels += 1
            else:
                result.left.append((row, at, NOT_READ))


def _may_be_record(values: Cells, columns: dict[int, Column], result: Layout, year: int) -> bool:
    """Tell whether a row above the header fills the form's columns as a record does.

    It has a value where no text is due, or fills most of them; a line of titles has neither.
    """
    filled = {at: values[at] for at in columns if at < len(values) and says(values[at])}
    texts = [value for value in values if isinstance(value, str) and says(value)]
    if len(filled) < 2 or not texts or _is_title(texts[0], result):
        return False
    if any(_is_of_a_line(text, year) for text in texts):
        return False
    is_whole = 2 * len(filled) > len({column.id for column in columns.values()})
    return is_whole or any(_is_value_of(value, columns[at], year) for at, value in filled.items())


def _is_title(text: str, result: Layout) -> bool:
    name = plain_sheet(result.sheet)
    return bool(name) and name in plain_sheet(text)


def _is_of_a_line(text: str, year: int) -> bool:
    """Tell whether a text above the header says who files, when, or in which unit."""
    is_note = row_word(f"{text.strip()}:") == Normalisation.note_row or is_closing(text)
    return is_note or is_filing_date(text, year) or bool(units_said(text))


def _is_value_of(value: Any, column: Column, year: int) -> bool:
    """Tell whether a cell could be read as a number, or as yes or no, that its column asks for."""
    if column.type not in NUMERIC_TYPES | {ColumnType.boolean} or value == year:
        return False
    reading = read_cell(value, column, None)
    return reading.problem is None and reading.read is not None


def _header_labels(header: list[Cells]) -> Iterator[tuple[int, str]]:
    """Yield each column's own label: the lowest cell of the header that says something."""
    for column in range(max(map(len, header))):
        cells = [values[column] for values in header if column < len(values)]
        labels = [value for value in cells if isinstance(value, str) and value.strip()]
        if labels:
            yield column, labels[-1]


def _below(
    result: Layout,
    rows: list[Cells],
    header: _Header,
    of_form: dict[str, tuple[int, Column]],
    table: Table,
    year: int,
) -> int:
    """Settle the units, and return the row of the first record: a row of units is the header's."""
    first, start = header.row, header.row + header.height
    units: dict[str, list[UnitSaid]] = {
        name: [
            unit
            for row in range(first, start)
            if isinstance(text := cell_at(rows, row, at), str) and text
            for unit in brackets_of(text, address(row, at))
        ]
        for name, (at, _) in of_form.items()
    }
    own = {at for at, _ in of_form.values()}
    above: list[tuple[str, str]] = []
    if header.height == 2:
        for name, (at, _) in of_form.items():
            text = cell_at(rows, start - 1, at)
            if isinstance(text, str) and text and is_unit(text):
                units[name].append(UnitSaid(text.strip(), address(start - 1, at)))
    while start < len(rows):
        filled = [(at, value) for at, value in enumerate(rows[start]) if says(value)]
        words = [value for _, value in filled]
        if _are_units(words):
            for name, (at, _) in of_form.items():
                text = cell_at(rows, start, at)
                if isinstance(text, str) and is_unit(text):
                    units[name].append(UnitSaid(text.strip("()（）[] "), address(start, at)))
            result.labels += len(filled)
            lines = {at for at, _ in filled if is_blank_below(rows, start + 1, at)} - own
            heard = [(at, v) for at, v in filled if at in lines or not is_unit(v)]
            above += lines_units((start, at, v) for at, v in heard)
        elif numbers_columns(filled, own):
            result.pass_over(start, rows[start], Normalisation.number_row)
        else:
            break
        start += 1
    among = [(row, at, v) for row in range(first) for at, v in enumerate(rows[row])]
    beside = _lines_beside(rows, range(first, first + header.height), start, own)
    heed_lines(result, beside, table, year)
    above += lines_units(among + beside) + [(word, "") for word in units_said(result.sheet)]
    for name, (_, column) in of_form.items():
        settle_unit(result, column, units[name], above)
    return start


def _lines_beside(
    rows: list[Cells], among: range, start: int, own: set[int]
) -> list[tuple[int, int, Any]]:
    """Return what stands in rows of the header over columns that hold nothing: lines, no heads."""
    return [
        (row, at, value)
        for row in among
        for at, value in enumerate(rows[row])
        if at not in own and says(value) and is_blank_below(rows, start, at)
    ]


def numbers_columns(filled: list[tuple[int, Any]], own: set[int]) -> bool:
    """Tell whether a row numbers the columns: all of the form's, or so many as no record does."""
    if len(filled) < 2 or not is_numbering([value for _, value in filled]):
        return False
    return len(filled) >= _SURELY_NUMBERED or own <= {at for at, _ in filled}


def _are_units(words: list[Any]) -> bool:
    """Tell whether a row's words are units or hints; dashes alone are a blank record."""
    are_words = all(isinstance(word, str) and _is_unit_cell(word) for word in words)
    return are_words and any(_is_of_a_unit(word) for word in words)


@lru_cache(maxsize=4096)
def _is_unit_cell(word: str) -> bool:
    return _is_of_a_unit(word) or not narrow(word).strip("—-/ ")


def _is_of_a_unit(word: str) -> bool:
    return is_unit(word) or plain(word) == "单位" or is_hint(word) or says_how_to_fill(word)


# By table and year the first row below the header, and by the sheet's name, which may say a unit,
# and the rows above it the columns. Schools fill in one template, so nearly every header is the one
# before it; one that has all columns of the form hangs on no row below it.
_STARTS: dict[tuple[Table, int], int] = {}
_HEADERS: dict[tuple[Any, ...], tuple[Columns, int, set[str]]] = {}
_MOST_HEADERS = 512


def _columns_as_before(
    result: Layout, rows: list[Cells], table: Table, year: int
) -> Columns | None:
    start = _STARTS.get((table, year))
    if start is None:
        return None
    found = _HEADERS.get((table, year, result.sheet, tuple(map(tuple, rows[:start]))))
    if found is None or _may_be_units(rows, start):
        return None
    columns, result.labels, result.with_unit = found
    result.found = set(columns.of_form)
    return columns


def _may_be_units(rows: list[Cells], row: int) -> bool:
    """Tell whether a row may be one of units or of numbers, which would be the header's."""
    if row >= len(rows):
        return False
    words = [value for value in rows[row] if says(value)]
    return _are_units(words) or (len(words) > 1 and is_numbering(words))


def _remember(result: Layout, rows: list[Cells], table: Table, year: int, columns: Columns) -> None:
    odd = (result.problems, result.left, result.unknown, result.repeated, result.passed_over)
    if (
        any(odd)
        or columns.asides
        or result.units
        or result.refused
        or _may_be_units(rows, columns.start)
    ):
        return
    if len(_HEADERS) >= _MOST_HEADERS:
        _HEADERS.clear()
    _STARTS[table, year] = columns.start
    key = (table, year, result.sheet, tuple(map(tuple, rows[: columns.start])))
    _HEADERS[key] = columns, result.labels, result.with_unit
