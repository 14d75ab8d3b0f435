"""One sheet's records: what each cell of a form's table was typed and read as, and where.

What belongs here: reading a table of a form from its sheet. What does not: which sheet holds which
table (submission.py), the list that came back (listed.py), where a column stands (intake/layout/,
problem_list.py), what a cell says (intake/normalise.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any, NamedTuple

from orchestration.forms.contract import Code, Column, ColumnType, Table, TableKind
from orchestration.ground.text import Text
from orchestration.intake.layout.fields.fields import layout_of_fields
from orchestration.intake.layout.labels import said
from orchestration.intake.layout.layout import NOT_READ, Layout, not_read, says
from orchestration.intake.layout.notes import ASIDE, is_aside
from orchestration.intake.layout.row_words import is_a_name
from orchestration.intake.layout.rows.rows import layout_of_rows
from orchestration.intake.normalise import Normalisation, Reading, first_words, read_cell
from orchestration.intake.plain_text import typed_text
from orchestration.intake.reading.rounded import loses_digits
from orchestration.intake.reading.sums.untold import LEAST_ROWS, untold_totals
from orchestration.intake.reading.totals import Line, amounts_of, problem_of_total
from orchestration.intake.receipt import Entry, Outcome, SheetReceipt, address, blocks
from orchestration.intake.workbook.problems import Problem, ProblemKind
from orchestration.intake.workbook.sheet import Sheet, Shown

_ONE = Fraction(1)
_SAYS_ITS_UNIT = {Normalisation.unit_converted, Normalisation.unit_suffix}
_NEAR = 0.6  # how alike labels are of which one may be the other
_COUNTS = {float(number): str(number) for number in range(10_000)}
_READ: dict[tuple[Column, str], Reading] = {}
_MOST_READ, _SHORT = 100_000, 40


class ReadCell(NamedTuple):
    """One cell: what was typed, what it was read as, and its address."""

    typed: str
    read: str | None
    cell: str


# Making one of a tuple is thrice as fast as by its fields, and there are hundreds a workbook.
_cell = partial(tuple.__new__, ReadCell)
_blank = lru_cache(maxsize=65536)(lambda row, at: ReadCell("", None, address(row, at)))
ABSENT = ReadCell("", None, "")
Record = dict[str, ReadCell]  # by column


class FiledRow(NamedTuple):
    """One record of a table and where it stands."""

    sheet: str
    row_no: int
    record: Record


@dataclass
class ReadTable:
    """What a sheet holds of a table, what is wrong with it, and what became of its cells."""

    receipt: SheetReceipt
    rows: list[FiledRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_table(
    sheet: Sheet, table: Table, codes: Mapping[str, tuple[Code, ...]], year: int, own: str = ""
) -> ReadTable:
    """Read a table of the form of a year from the sheet that holds it; `own` is who files it."""
    layout, result = layout_of(sheet, table, year, own), ReadTable(SheetReceipt(sheet.name))
    entries, counts = result.receipt.entries, result.receipt.counts
    result.problems = [*layout.problems, *_of_labels(layout, table)]
    columns = [column for column in table.columns if column.id in layout.found]
    is_of_fields = table.kind == TableKind.fields
    reader = _Reader(sheet, layout, codes, entries)
    for row, cells in layout.records:
        record, unsaid, problems = reader.read(columns, cells, row)
        if not (is_of_fields or problems or len(unsaid) < len(columns)):
            continue
        result.rows.append(FiledRow(sheet.name, 1 if is_of_fields else row + 1, record))
        result.problems += problems
        empty = [column for column in unsaid if column.required]
        if empty and row not in layout.sentences:
            unreadable = {problem.column_id for problem in problems} | layout.refused.keys()
            result.problems += [
                Problem(
                    *(ProblemKind.required_cell_is_empty, sheet.name, record[column.id].cell),
                    *(column.id, record[column.id].typed),
                )
                for column in empty
                if column.id not in unreadable
            ]
    counts[Outcome.converted] = reader.converted
    counts[Outcome.read] = reader.cells - reader.not_read - reader.converted
    counts[Outcome.label] = layout.labels
    counts[Outcome.not_read] = reader.not_read
    if reader.converted:
        result.problems += _of_units_said_once(result, layout, columns)
    result.problems += _of_totals(layout, columns, _Reader(sheet, layout, codes, []), result.rows)
    _account(result, layout, year)
    result.problems += _of_hidden(sheet)
    return result


def layout_of(sheet: Sheet, table: Table, year: int, own: str = "") -> Layout:
    """Find a table's columns on its sheet; `own` is who files it."""
    if table.kind == TableKind.fields:
        return layout_of_fields(sheet, table, year)
    return layout_of_rows(sheet, table, year, own)


def _of_labels(layout: Layout, table: Table) -> Iterator[Problem]:
    """Yield what is wrong with the labels: repeated, unknown, missing."""
    odd = [(ProblemKind.label_is_repeated, label) for label in layout.repeated]
    odd += [(ProblemKind.column_is_unknown, label) for label in layout.unknown]
    for kind, (at, text) in odd:
        yield Problem(kind, layout.sheet, at, typed=text)
    near = {said(text).name: (at, text) for at, text in layout.unknown}
    for column in table.columns:
        is_there = column.id in layout.found or column.id in layout.qualified
        if is_there or column.may_be_absent:
            continue
        detail, cell = Text("", ""), ""
        for name in get_close_matches(said(column.label).name, near, 1, _NEAR):
            cell, text = near[name]
            detail = Text(
                f"；相近的是 {cell} 的“{text.strip()}”",
                f"; the nearest is '{text.strip()}' at {cell}",
            )
        kind = ProblemKind.column_is_missing
        yield Problem(kind, layout.sheet, cell, column.id, column.label, detail)


class _Reader:
    """Reads the records of one sheet; counts the cells that say something."""

    def __init__(
        self,
        sheet: Sheet,
        layout: Layout,
        codes: Mapping[str, tuple[Code, ...]],
        entries: list[Entry],
    ) -> None:
        self.sheet, self.layout, self.codes, self.entries = sheet, layout, codes, entries
        self.cells = self.not_read = self.converted = 0

    def read(
        self, columns: list[Column], cells: dict[str, tuple[int, int]], own: int
    ) -> tuple[Record, list[Column], list[Problem]]:
        """Return what one record's cells say, which say nothing, and what could not be read.

        `own` is the record's row; a category that stands in another was filled down.
        """
        record: Record = {}
        unsaid, problems = list[Column](), list[Problem]()
        rows, is_plain = self.sheet.rows, not (self.layout.units or self.layout.refused)
        for column in columns:
            name = column.id
            row, at = cells[name]
            values = rows[row]
            value = values[at] if at < len(values) else None
            if value is None or value == "":
                record[name] = _blank(row, at)
                unsaid.append(column)
                continue
            if is_plain and (row == own or own == 0):
                # What nearly every cell holds: a count typed as a number, or a text as it is. In
                # place, as this goes through every cell of every workbook.
                typed, said = value, None
                if type(value) is str:
                    reading = _READ.get((column, value))
                    if reading is not None and not reading.normalised:
                        said = reading.read
                elif type(value) is float and column.is_number:
                    typed = said = _COUNTS.get(value)
                if said is not None:
                    self.cells += 1
                    record[name] = _cell((typed, said, address(row, at)))
                    continue
            counted = self.converted, self.not_read
            read = record[name] = self._read(value, column, address(row, at), problems)
            if read.read is None:
                unsaid.append(column)
            if row != own and own > 0:
                self._list(address(own, at), column, read, Normalisation.filled_down)
                # It is listed at the blank cell, and counted where it stands.
                self.converted, self.not_read = counted
            else:
                self.cells += 1
        return record, unsaid, problems

    def _read(self, value: Any, column: Column, cell: str, problems: list[Problem]) -> ReadCell:
        typed, layout = value if type(value) is str else typed_text(value), self.layout
        if column.id in layout.refused:
            self.not_read += 1
            mark = not_read(layout.refused[column.id])
            self.entries.append(Entry(layout.sheet, cell, column.id, typed, None, *mark))
            return ReadCell(typed, None, cell)
        factor = layout.units.get(column.id, _ONE)
        if type(value) is str and factor is _ONE:
            reading = self._reading_of_text(value, column)
        else:
            codes = self.codes.get(column.codes or "")
            reading = read_cell(value, column, codes, typed, factor)
        read = _cell((typed, reading.read, cell))
        if isinstance(value, Shown) and reading.problem is None:
            # What is behind what a person sees; the rows keep what is seen.
            stored = ReadCell(typed_text(value.stored), reading.read, cell)
            if loses_digits(value, value.stored, reading.read, column):
                kind, behind = ProblemKind.shown_number_is_rounded, Text(stored.typed, stored.typed)
                problems.append(Problem(kind, layout.sheet, cell, column.id, typed, behind))
            self._list(cell, column, stored, reading.normalised or Normalisation.as_shown)
        elif reading.normalised:
            self._list(cell, column, read, reading.normalised)
        if reading.problem:
            self.not_read += 1
            mark = not_read(reading.problem)
            self.entries.append(Entry(layout.sheet, cell, column.id, typed, None, *mark))
            is_of_list = reading.problem == ProblemKind.code_is_not_in_list
            detail = first_words(self.codes[column.codes or ""]) if is_of_list else Text("", "")
            problems.append(Problem(reading.problem, layout.sheet, cell, column.id, typed, detail))
        return read

    def _reading_of_text(self, text: str, column: Column) -> Reading:
        """Return what a text says; of one column, and so of one list of codes, always the same."""
        reading = _READ.get((column, text))
        if reading is None:
            reading = read_cell(text, column, self.codes.get(column.codes or ""), text)
            if len(_READ) >= _MOST_READ:
                _READ.clear()
            if len(text) <= _SHORT:
                _READ[column, text] = reading
        return reading

    def _list(self, cell: str, column: Column, read: ReadCell, how: Normalisation) -> None:
        self.converted += 1
        what = (column.id, read.typed, read.read, Outcome.converted, how)
        self.entries.append(Entry(self.layout.sheet, cell, *what))


def _of_units_said_once(
    result: ReadTable, layout: Layout, columns: list[Column]
) -> Iterator[Problem]:
    """Yield a problem for a unit in one cell where others of the kind have a bare number.

    186000元 above 52000: whether the latter is 万元, as the form says, nobody can tell.
    """
    entries = [e for e in result.receipt.entries if e.outcome == Outcome.converted]
    said = {e.range for e in entries if e.kind in _SAYS_ITS_UNIT}
    alike: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        if column.is_number and column.unit and column.id not in layout.units:
            cells = [row.record[column.id].cell for row in result.rows]
            is_clear = column.id in layout.with_unit
            alike[column.unit] += said.intersection(cells) if is_clear else cells
    typed = {cell.cell: cell.typed for row in result.rows for cell in row.record.values()}
    for entry in entries:
        is_odd = entry.kind == Normalisation.unit_converted and entry.range in said
        of_kind = next((cells for cells in alike.values() if entry.range in cells), [])
        if is_odd and any(typed[cell] and cell not in said for cell in of_kind):
            kind = ProblemKind.text_says_otherwise
            yield Problem(kind, layout.sheet, entry.range, entry.column_id, entry.typed)


# -- what was not read -----------------------------------------------------------------------------


def _is_surely_named(cell: ReadCell, columns: list[Column], words: list[str]) -> bool:
    """Tell whether a record whose numbers add up by accident is of a firm, or of a listed kind."""
    column = next((c for c in columns if not c.is_number), None)
    if column is None or cell.read is None:
        return False
    return is_a_name(cell.typed) if column.type == ColumnType.text else not words


def _account(result: ReadTable, layout: Layout, year: int) -> None:
    """List rows that are no records and cells of which nothing was said; ask about the latter."""
    receipt = result.receipt
    for place, begins, how, cells, _ in layout.passed_over:
        receipt.counts[Outcome.passed_over] += cells
        receipt.entries.append(
            Entry(layout.sheet, place, "", begins, None, Outcome.passed_over, how)
        )
    if not layout.left:
        return
    rows = layout.grid

    def is_told(row: int, at: int) -> bool:
        return is_aside(rows[row][at], rows[row][at - 1] if at else None, year)

    left = [
        (r, c, typed_text(rows[r][c]), ASIDE if mark == NOT_READ and is_told(r, c) else mark)
        for r, c, mark in layout.left
    ]
    receipt.counts.update(mark.outcome for *_, mark in left)
    for block in blocks(left):
        receipt.entries.append(Entry(layout.sheet, block.range, "", block.typed, None, *block.mark))
        if block.mark.kind == ProblemKind.content_is_not_read:
            kind = ProblemKind.content_is_not_read
            result.problems.append(Problem(kind, layout.sheet, block.range, typed=block.typed))


def _of_hidden(sheet: Sheet) -> Iterator[Problem]:
    """Yield a problem for hidden rows or columns that hold something: read, and asked about."""
    if not sheet.hidden_rows and not sheet.hidden_columns:
        return
    hidden = [
        (row, at, typed_text(value), NOT_READ)
        for row, values in enumerate(sheet.rows)
        for at, value in enumerate(values)
        if (row in sheet.hidden_rows or at in sheet.hidden_columns) and says(value)
    ]
    for block in blocks(hidden):
        yield Problem(ProblemKind.rows_are_hidden, sheet.name, block.range, typed=block.typed)


# -- totals ----------------------------------------------------------------------------------------


def _of_totals(
    layout: Layout, columns: list[Column], reader: _Reader, rows: list[FiledRow]
) -> Iterator[Problem]:
    """Yield a problem for totals that are none, and for records that may be totals."""
    if not layout.totals and len(rows) < LEAST_ROWS:
        return
    numeric = [column for column in columns if column.is_number]
    if layout.totals:
        at = {record.row: record.cells for record in layout.records}
        lines = [
            Line(row, amounts_of(layout, at[row], _numbers(filed.record, numeric)))
            for filed in rows
            for row in [filed.row_no - 1]
        ]
        for total in layout.totals:
            record, _, _ = reader.read(numeric, total.cells, total.row)
            own = amounts_of(layout, total.cells, _numbers(record, numeric))
            problem = problem_of_total(layout, total, own, lines, numeric)
            if problem is not None:
                yield problem
    if numeric and len(rows) >= LEAST_ROWS:
        yield from _of_sums(layout, columns, numeric, rows)


def _numbers(record: Record, numeric: list[Column]) -> dict[str, str]:
    return {c.id: read for c in numeric if (read := record[c.id].read) is not None}


def _of_sums(
    layout: Layout, columns: list[Column], numeric: list[Column], rows: list[FiledRow]
) -> Iterator[Problem]:
    """Ask about records whose numbers are the sums of others, whatever they are called."""
    ids = [column.id for column in numeric]
    words = [column.id for column in columns if not column.is_number]
    numbers = [
        [float(read) if (read := record[name].read) else 0.0 for name in ids]
        for _, _, record in rows
    ]
    texts = [[record[name].read for name in words] for _, _, record in rows]
    totals = [total.row for total in layout.totals]
    asked = {problem.cell for problem in layout.problems}
    found = untold_totals([row_no for _, row_no, _ in rows], numbers, texts, totals)
    for index, detail, is_head in found:
        cell = rows[index].record[words[0]] if words else ABSENT
        if not is_head and _is_surely_named(cell, columns, words[1:]):
            continue
        if cell.cell not in asked:
            asked.add(cell.cell)
            kind = ProblemKind.row_may_be_a_note
            yield Problem(kind, layout.sheet, cell.cell, typed=cell.typed, detail=detail)
