"""The layout of a sheet of labelled cells: for each label the only cell that can be its value.

What belongs here: heads, blocks of labels side by side, candidates, unit cells. What does not: what
the words say (labels.py) and reading a value (records.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from orchestration.forms.contract import NUMERIC_TYPES, Column, Table
from orchestration.ground.text import Text
from orchestration.intake.reading.labels import (
    Head,
    head_of,
    is_signature,
    is_unit,
    known_label,
    row_word,
    said,
)
from orchestration.intake.reading.layout import (
    NOT_READ,
    Label,
    Layout,
    RecordAt,
    UnitSaid,
    brackets_of,
    cell_at,
    lines_units,
    says,
    settle_unit,
)
from orchestration.intake.reading.normalise import Normalisation, factor_of, typed_text
from orchestration.intake.reading.receipt import Mark, Outcome, address
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Cells, Sheet, Unread

_REACH = 4  # columns from a label in which its value may stand where no head names its column
_ONLY_HERE = Text("每项只能有一个填报值", "one value a label")


class Line(NamedTuple):
    """A label of the form: where it stands, and where the next label or the row ends."""

    row: int
    at: int
    end: int
    column: Column
    heads: tuple[tuple[int, Head | None], ...]  # of the columns up to the end, and their kind
    head_row: int

    def head(self, at: int) -> Head | None:
        """Return what a column's head says."""
        return next((head for column, head in self.heads if column == at), None)


def layout_of_fields(sheet: Sheet, table: Table, year: int) -> Layout:
    """Find a table's labels and values on its sheet."""
    if sheet.merged:
        return _Fields(sheet, table, year).layout()
    known = _layout_as_before(sheet, table, year)
    if known is not None:
        return known
    found = _Fields(sheet, table, year)
    layout = found.layout()
    if found.hangs_on_labels_alone():
        _remember(found.rows, table, year, layout)
    return layout


class _Plan(NamedTuple):
    """The layout of every sheet whose cells off one column are the same: all from one template."""

    cells: dict[str, tuple[int, int]]
    found: set[str]
    labels: int
    rest: tuple[Any, ...]  # of the column with the values, what stands on rows without a label


# By table and year the column with the values, and by the cells off that column the plan. Schools
# fill in one template, so nearly every sheet is laid out as the one before it.
_VALUE_COLUMN: dict[tuple[Table, int], int] = {}
_PLANS: dict[tuple[Any, ...], _Plan] = {}
_MOST_PLANS = 512


def _off_column(rows: list[Cells], at: int) -> tuple[Any, ...]:
    return tuple([(*values[:at], *values[at + 1 :]) for values in rows])


def _rest_of_column(rows: list[Cells], at: int, own: set[int]) -> tuple[Any, ...]:
    return tuple(
        [
            values[at] if at < len(values) else None
            for row, values in enumerate(rows)
            if row not in own
        ]
    )


def _layout_as_before(sheet: Sheet, table: Table, year: int) -> Layout | None:
    """Return the layout of a sheet that differs from an earlier one in its values alone."""
    at = _VALUE_COLUMN.get((table, year))
    plan = None
    if at is not None:
        plan = _PLANS.get((table, year, at, _off_column(sheet.rows, at)))
    if at is None or plan is None:
        return None
    if plan.rest != _rest_of_column(sheet.rows, at, {row for row, _ in plan.cells.values()}):
        return None
    layout = Layout(sheet.name, sheet.rows, found=plan.found, labels=plan.labels)
    layout.records.append(RecordAt(0, plan.cells))
    return layout


def _remember(rows: list[Cells], table: Table, year: int, layout: Layout) -> None:
    (record,) = layout.records
    at = next(column for _, column in record.cells.values())
    if len(_PLANS) >= _MOST_PLANS:
        _PLANS.clear()
    _VALUE_COLUMN[table, year] = at
    rest = _rest_of_column(rows, at, {row for row, _ in record.cells.values()})
    plan = _Plan(record.cells, layout.found, layout.labels, rest)
    _PLANS[table, year, at, _off_column(rows, at)] = plan


class _Fields:
    """One sheet while its layout is found; what becomes of its cells is marked."""

    def __init__(self, sheet: Sheet, table: Table, year: int) -> None:
        self.sheet, self.table, self.year = sheet, table, year
        self.rows = sheet.rows
        self.result = Layout(sheet.name, sheet.rows)
        self.marks: dict[tuple[int, int], Mark | None] = {}  # None is a label's or the record's
        self.cells: dict[str, tuple[int, int]] = {}
        self.qualified: dict[str, tuple[int, int]] = {}
        self.blank_in_other_units: set[str] = set()
        self.spans = {(top, left): right for top, left, _, right in sheet.merged if right > left}

    def layout(self) -> Layout:
        result = self.result
        labels = self._labels()
        lines = self._lines(labels)
        groups: dict[tuple[int, int, tuple[Any, ...]], list[Line]] = defaultdict(list)
        for line in lines:
            groups[line.head_row, line.at, line.heads].append(line)
        above = lines_units(self._texts_beside(lines))
        for group in groups.values():
            self._read_group(group, above)
        self._object_to_merged()
        result.found = set(self.cells)
        if self.cells:
            result.records.append(RecordAt(0, self.cells))
        main = Counter(line.at for line in lines).most_common(1)
        self._pass_over(lines, main[0][0] if main else None)
        self._sweep()
        return result

    def hangs_on_labels_alone(self) -> bool:
        """Tell whether any values in the one column that a head names would be laid out alike."""
        result = self.result
        odd = (
            *(result.left, result.problems, result.passed_over, result.unknown, result.repeated),
            *(result.units, result.refused, self.qualified, self.blank_in_other_units),
        )
        columns = {at for _, at in self.cells.values()}
        named = {at for heads in self.heads.values() for at, h in heads.items() if h == Head.value}
        return bool(self.cells) and not any(odd) and len(columns) == 1 and columns == named

    # -- labels and heads --------------------------------------------------------------------------

    def _labels(self) -> dict[tuple[int, int], Column]:
        """Return the form's labels by their place, of each column the first; those of heads not."""
        found: dict[tuple[int, int], tuple[Column, bool]] = {}
        self.heads: dict[int, dict[int, Head | None]] = {}
        for row, values in enumerate(self.rows):
            known = {}
            for at, value in enumerate(values):
                if isinstance(value, str) and value:
                    label = known_label(value, self.table, self.year)
                    if label is not None and self._head_above(row, at) != Head.value:
                        known[at] = label
            if known:
                found |= {(row, at): label for at, label in known.items()}
            else:
                self._take_heads(row, values)
        labels: dict[tuple[int, int], Column] = {}
        exact = {column.id for column, is_qualified in found.values() if not is_qualified}
        seen: set[str] = set()
        for (row, at), (column, is_qualified) in found.items():
            text = str(self.rows[row][at])
            if is_qualified:
                if column.id not in exact and column.id not in self.qualified:
                    self.qualified[column.id] = (row, at)
            elif column.id in seen:
                self.result.repeated.append(Label(address(row, at), text))
                self.marks[row, at] = _mark(ProblemKind.label_is_repeated)
            else:
                seen.add(column.id)
                labels[row, at] = column
                self.marks[row, at] = None
        self._object_to_qualified(found)
        return labels

    def _head_above(self, row: int, at: int) -> Head | None:
        for head_row in reversed(self.heads):
            if head_row < row and at in self.heads[head_row]:
                return self.heads[head_row][at]
        return None

    def _take_heads(self, row: int, values: Cells) -> None:
        """Take a row for one of heads: it names a column to fill, or two others."""
        heads = {
            at: head_of(value, self.year)
            for at, value in enumerate(values)
            if isinstance(value, str) and says(value)
        }
        kinds = [head for head in heads.values() if head is not None]
        names_values = any(head in (Head.value, Head.other) for head in kinds)
        if len(kinds) < 2 and not (kinds and names_values and (len(heads) > 1 or min(heads) > 0)):
            return
        self.heads[row] = heads
        for at, head in heads.items():
            # A merged head is that of every column it spans.
            for beside in range(at + 1, self.spans.get((row, at), at) + 1):
                heads_of_row = self.heads[row] = dict(self.heads[row])
                heads_of_row.setdefault(beside, head)

    def _object_to_qualified(self, found: dict[tuple[int, int], Any]) -> None:
        for name, (row, at) in self.qualified.items():
            column = found[row, at][0]
            text = str(self.rows[row][at])
            due = Text(column.label, column.label)
            mark = self.result.object(
                ProblemKind.label_is_qualified, address(row, at), text, name, due
            )
            self.result.qualified.add(name)
            values = self.rows[row]
            end = next((c for c in range(at + 1, len(values)) if (row, c) in found), len(values))
            for beside in range(at, end):
                self.marks.setdefault((row, beside), mark)

    def _lines(self, labels: dict[tuple[int, int], Column]) -> list[Line]:
        lines = []
        head_rows = sorted(self.heads)
        by_row: dict[int, list[int]] = defaultdict(list)
        for row, at in [*labels, *self.qualified.values()]:
            by_row[row].append(at)
        for (row, at), column in labels.items():
            above = [head_row for head_row in head_rows if head_row < row]
            width = max([len(self.rows[row]), *(max(self.heads[h]) + 1 for h in above[-1:])])
            end = min([other for other in by_row[row] if other > at], default=width)
            heads, head_row = {}, -1
            for candidate in reversed(above):
                heads = {c: head for c, head in self.heads[candidate].items() if at < c < end}
                if heads:
                    head_row = candidate
                    self.marks |= {
                        (candidate, c): None for c, v in enumerate(self.rows[candidate]) if says(v)
                    }
                    break
            next_block = min((c for c, head in heads.items() if head == Head.label), default=end)
            kept = tuple((c, head) for c, head in heads.items() if c < next_block)
            lines.append(Line(row, at, next_block, column, kept, head_row))
        return lines

    def _texts_beside(self, lines: list[Line]) -> Iterator[tuple[int, int, Any]]:
        """Yield the texts that are no line's."""
        rows = {line.row for line in lines}
        for row, values in enumerate(self.rows):
            if row not in rows:
                for at, value in enumerate(values):
                    yield row, at, value

    # -- the only candidate ------------------------------------------------------------------------

    def _read_group(self, group: list[Line], above: list[tuple[str, str]]) -> None:
        """Find the values of lines that have the same label column and the same heads."""
        chosen = self._by_heads(group) if group[0].heads else self._by_rank(group)
        for line in group:
            at = chosen.get(line)
            if at is None:
                first = self._first(line)
                at = next((c for c, head in line.heads if head == Head.value), first)
                self.result.refused[line.column.id] = ProblemKind.values_compete
            self._read_line(line, at, above)

    def _by_heads(self, group: list[Line]) -> dict[Line, int]:
        heads = group[0].heads
        named = [at for at, head in heads if head == Head.value]
        open_to_all = [at for at, head in heads if head is None]
        kinds = {at for at, head in heads if head is not None}
        beyond = range(group[0].at + 1, max(line.end for line in group))
        open_to_all += [at for at in beyond if at not in dict(heads)] if not named else []
        filled = self._filled(group, named or open_to_all)
        if len(filled) > 1 and not named:
            return self._by_rank(group)
        if len(filled) > 1:
            self._object_to_heads(group, filled)
            return {}
        if not filled and not named and any(dict(heads)[at] == Head.other for at in kinds):
            self._object_to_heads(group, [at for at, head in heads if head == Head.other])
            return {}
        candidates = filled or named or open_to_all
        at = candidates[0] if candidates else group[0].at + 1
        return dict.fromkeys(group, at)

    def _filled(self, group: list[Line], columns: list[int]) -> list[int]:
        """Return those of some columns in which a line has something that may be its value."""
        return [
            at
            for at in columns
            if any(
                line.at < at < line.end and _may_be(cell_at(self.rows, line.row, at), line.column)
                for line in group
            )
        ]

    def _object_to_heads(self, group: list[Line], columns: list[int]) -> None:
        row = group[0].head_row
        first, last = address(row, columns[0]), address(row, columns[-1])
        words = "、".join(typed_text(cell_at(self.rows, row, at)) for at in columns)
        place = first if first == last else f"{first}:{last}"
        self.result.object(ProblemKind.values_compete, place, words, "", _ONLY_HERE)

    def _by_rank(self, group: list[Line]) -> dict[Line, int]:
        """Choose the place in which most labels have their only candidate."""
        votes: Counter[int] = Counter()
        several = []
        for line in group:
            found = self._candidates(line)
            if len(found) == 1:
                votes[found[0] - self._first(line)] += 1
            elif found:
                several.append((line, found))
        if not votes and several:
            line, found = several[0]
            last = several[-1][0].row
            place = f"{address(line.row, found[0])}:{address(last, found[-1])}"
            words = "、".join(typed_text(cell_at(self.rows, line.row, at)) for at in found)
            self.result.object(ProblemKind.values_compete, place, words, line.column.id, _ONLY_HERE)
            competing = {line for line, _ in several}
            return {line: self._first(line) for line in group if line not in competing}
        if not votes:
            votes = self._votes_of_texts(group)
        rank = min(votes, key=lambda rank: (-votes[rank], rank), default=0)
        return {line: self._first(line) + rank for line in group}

    def _votes_of_texts(self, group: list[Line]) -> Counter[int]:
        """Count where words stand that are no values of their columns, if nothing else stands."""
        votes: Counter[int] = Counter()
        for line in group:
            for at in range(self._first(line), min(line.end, line.at + _REACH + 1)):
                value = cell_at(self.rows, line.row, at)
                if isinstance(value, str) and is_unit(value):
                    break
                if says(value) and line.head(at) in (None, Head.value):
                    votes[at - self._first(line)] += 1
        return votes

    def _first(self, line: Line) -> int:
        """Return the first cell behind a label and the unit that stands right behind it."""
        merged = self.spans.get((line.row, line.at), line.at)
        first = line.at + 1
        beside = cell_at(self.rows, line.row, first) if merged == line.at else None
        return first + (isinstance(beside, str) and beside != "" and is_unit(beside))

    def _candidates(self, line: Line) -> list[int]:
        """Return where a line's value may stand, if no head says so: before any farther unit."""
        found = []
        for at in range(self._first(line), min(line.end, line.at + _REACH + 1)):
            value = cell_at(self.rows, line.row, at)
            if isinstance(value, str) and is_unit(value):
                break
            if line.head(at) in (None, Head.value) and _may_be(value, line.column):
                found.append(at)
        return found

    # -- one line ----------------------------------------------------------------------------------

    def _read_line(self, line: Line, at: int, above: list[tuple[str, str]]) -> None:
        """Take a label's value, its units, and mark what else stands on its line."""
        column, row, rows = line.column, line.row, self.rows
        self.cells[column.id] = (row, at)
        value = cell_at(rows, row, at)
        is_refused = column.id in self.result.refused
        self.marks[row, at] = None  # a refused value is accounted for where records are read
        label = typed_text(cell_at(rows, row, line.at))
        units = brackets_of(label, address(row, line.at))
        if line.head_row >= 0 and any(c == at for c, _ in line.heads):
            head = cell_at(rows, line.head_row, at)
            if isinstance(head, str):
                units += brackets_of(head, address(line.head_row, at))
        beside, rivals = self._beside(line, at)
        units = beside + units
        if rivals and not says(value) and not is_refused:
            kind = ProblemKind.values_compete
            place, typed = address(row, rivals[0]), cell_at(rows, row, rivals[0])
            mark = self.result.object(
                kind,
                place,
                typed,
                column.id,
                Text(f"应填在 {address(row, at)}", f"its place is {address(row, at)}"),
            )
            self.result.refused[column.id] = kind
            self.marks |= {(row, beside): mark for beside in rivals}
        if is_refused:
            self.marks |= {(row, beside): _mark(ProblemKind.values_compete) for beside in rivals}
        if says(value):
            settle_unit(self.result, column, units, above)
        elif any(factor_of(word, column.unit) != 1 for word, _ in (*units, *above)):
            self.blank_in_other_units.add(column.id)

    def _beside(self, line: Line, at: int) -> tuple[list[UnitSaid], list[int]]:
        """Mark what stands beside a value; return the unit said there, and what else may be it."""
        column, row = line.column, line.row
        units: list[UnitSaid] = []
        rivals: list[int] = []
        for beside in range(line.at + 1, line.end):
            other, head = cell_at(self.rows, row, beside), line.head(beside)
            if beside == at or not says(other):
                continue
            word = other.strip() if isinstance(other, str) else ""
            if word and is_unit(word) and not units:
                units.append(UnitSaid(word, address(row, beside)))
                self.marks[row, beside] = None
            elif head == Head.unit and word and not _has_digit(word):
                if column.unit and says(cell_at(self.rows, row, at)):
                    units.append(UnitSaid(word, address(row, beside)))
                    self.marks[row, beside] = _mark(ProblemKind.unit_is_not_known)
            elif head == Head.code:
                self.marks[row, beside] = None
            elif head != Head.other and _may_be(other, column):
                is_note = head == Head.note and column.type not in NUMERIC_TYPES
                rivals += [] if is_note else [beside]
        return units, rivals

    def _object_to_merged(self) -> None:
        """Refuse a number that is merged over the places of several: nobody knows whose it is."""
        columns = {column.id: column for column in self.table.columns}
        for top, left, bottom, right in self.sheet.merged:
            over = [
                name
                for name, (row, at) in self.cells.items()
                if top <= row <= bottom and left <= at <= right
            ]
            typed = cell_at(self.rows, top, left)
            numbers = [name for name in over if columns[name].type in NUMERIC_TYPES]
            if len(over) < 2 or not numbers or not says(typed):
                continue
            place = f"{address(top, left)}:{address(bottom, right)}"
            kind = ProblemKind.values_compete
            self.result.object(kind, place, typed, numbers[0], _ONLY_HERE)
            self.result.refused |= dict.fromkeys(numbers, kind)

    # -- the rest ----------------------------------------------------------------------------------

    def _pass_over(self, lines: list[Line], main: int | None) -> None:
        """Tell unknown labels, notes and the form's own texts from what nobody can place."""
        first = min([line.row for line in lines], default=len(self.rows))
        for row, values in enumerate(self.rows):
            left = [c for c, v in enumerate(values) if (row, c) not in self.marks and says(v)]
            if left and row < first:
                texts = [
                    c for c in left if isinstance(values[c], str) and not _is_number(values[c])
                ]
                self.marks |= {(row, c): None for c in texts}
            elif left and isinstance(values[left[0]], str):
                self._pass_over_row(row, values, left, main)

    def _pass_over_row(self, row: int, values: Cells, left: list[int], main: int | None) -> None:
        text = values[left[0]]
        if _is_note_row(values, left):
            self.result.pass_over(row, values, Normalisation.note_row)
            self.marks |= {(row, at): None for at in left}
            self.result.labels -= len(left)
        elif row_word(text) == Normalisation.note_row:
            return  # a note with a number beside it
        elif left[0] == main and any((at in self.value_columns) for at in left[1:]):
            self.result.unknown.append(Label(address(row, main), text))
            self.marks |= {(row, at): _mark(ProblemKind.column_is_unknown) for at in left}
        elif len(left) == 1 and said(text).name != "".join(text.split()) and len(text) < 30:
            self.marks[row, left[0]] = None  # a numbered title of what stands below

    @property
    def value_columns(self) -> set[int]:
        return {at for _, at in self.cells.values()}

    def _sweep(self) -> None:
        """Count the form's own cells, and list those of which nothing was said."""
        record = set(self.cells.values())
        for row, values in enumerate(self.rows):
            for at, value in enumerate(values):
                if not says(value):
                    continue
                mark = self.marks.get((row, at), NOT_READ)
                if mark is not None:
                    self.result.left.append((row, at, mark))
                elif (row, at) not in record:
                    self.result.labels += 1


def _mark(kind: ProblemKind) -> Mark:
    return Mark(Outcome.not_read, kind)


def _is_note_row(values: Cells, left: list[int]) -> bool:
    """Tell whether all that stands in a row is notes or signatures, with names behind colons."""
    behind_colon = False
    for at in left:
        value = values[at]
        text = value.strip() if isinstance(value, str) else ""
        is_note = bool(text) and row_word(text) == Normalisation.note_row
        if not is_note and not (behind_colon and text and not _is_number(text)):
            return False
        behind_colon = is_note and (is_signature(text) or text in ("备注", "说明", "注"))
    return True


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _is_number(text: str) -> bool:
    return _has_digit(text) and not any(letter.isalpha() for letter in text)


def _may_be(value: Any, column: Column) -> bool:
    """Tell whether a cell could be a column's value: for a number, it has a digit in it."""
    if not says(value):
        return False
    if isinstance(value, str):
        is_countable = column.type in NUMERIC_TYPES
        return not is_unit(value) and (not is_countable or _has_digit(value))
    return isinstance(value, Unread) or column.type in NUMERIC_TYPES or not isinstance(value, bool)
