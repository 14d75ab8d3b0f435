"""Layouts of sheets that differ from an earlier one in their values alone.

What belongs here: keeping a layout, and telling that a sheet has the same. What does not: how a
layout is found, and which may be kept (fields.py).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from orchestration.forms.contract import Table
from orchestration.intake.layout.layout import Layout, RecordAt
from orchestration.intake.workbook.sheet import Cells, Sheet


class _Plan(NamedTuple):
    """The layout of every sheet whose cells off one column are the same: all from one template."""

    cells: dict[str, tuple[int, int]]
    found: set[str]
    labels: int
    with_unit: set[str]
    rest: tuple[Any, ...]  # of the column with the values, what stands on rows without a label


# By table and year the column with the values, and by the sheet's name, which may say a unit, and
# the cells off that column the plan. Schools fill in one template, so nearly every sheet is laid
# out as the one before it.
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


def layout_as_before(sheet: Sheet, table: Table, year: int) -> Layout | None:
    """Return the layout of a sheet that differs from an earlier one in its values alone."""
    at = _VALUE_COLUMN.get((table, year))
    plan = None
    if at is not None:
        plan = _PLANS.get((table, year, sheet.name, at, _off_column(sheet.rows, at)))
    if at is None or plan is None:
        return None
    if plan.rest != _rest_of_column(sheet.rows, at, {row for row, _ in plan.cells.values()}):
        return None
    layout = Layout(sheet.name, sheet.rows, found=plan.found, labels=plan.labels)
    layout.with_unit = plan.with_unit
    layout.records.append(RecordAt(0, plan.cells))
    return layout


def remember(rows: list[Cells], table: Table, year: int, layout: Layout) -> None:
    """Keep a layout that hangs on the cells off its one column of values alone."""
    (record,) = layout.records
    at = next(column for _, column in record.cells.values())
    if len(_PLANS) >= _MOST_PLANS:
        _PLANS.clear()
    _VALUE_COLUMN[table, year] = at
    rest = _rest_of_column(rows, at, {row for row, _ in record.cells.values()})
    plan = _Plan(record.cells, layout.found, layout.labels, layout.with_unit, rest)
    _PLANS[table, year, layout.sheet, at, _off_column(rows, at)] = plan
