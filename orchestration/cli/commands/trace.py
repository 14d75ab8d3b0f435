"""`nianbao trace`: from a published figure back to the cells it was made from.

What belongs here: the command's options and how a trace looks on a terminal. What does not: what a
figure rests on (editions/trace.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.cli.options import (
    HomeOption,
    Language,
    LanguageOption,
    known_city,
    open_home,
    said,
)
from orchestration.ground.terms import DecisionVerb

if TYPE_CHECKING:
    import pandas as pd

    from orchestration.editions.trace import Part, Trace

app = typer.Typer()
_PARTS = {"numerator": ("分子", "numerator"), "denominator": ("分母", "denominator")}
_SHOWN = {
    "schools": ("school_name", "numerator", "denominator", "file_name", "file_hash"),
    "cells": (
        *("school_name", "part", "filed_year", "cell", "label", "typed", "contribution"),
        "file_hash",
    ),
    "references": ("label", "place", "years_before"),
    "conditions": (
        *("checked_year", "school_name", "condition_name", "value", "direction", "threshold"),
        *("is_met", "evidence"),
    ),
    "decisions": (
        *("school_name", "rule_id", "cell", "explanation", "verb", "reason", "decided_by"),
        *("decided_at", "approved_by"),
    ),
}
_TITLES = {
    "schools": ("各校数值", "Schools' values"),
    "cells": ("单元格", "Cells"),
    "references": ("名册、标准与目录", "Rosters, thresholds, catalogues"),
    "conditions": ("办学条件与所用标准", "Running conditions and the thresholds applied"),
    "decisions": ("对这些填报的决定", "Decisions on these submissions"),
}


@app.command()
def trace(
    city: Annotated[str, typer.Argument(help="城市。City.")],
    year: Annotated[int, typer.Argument(help="填报年度。Reporting year.")],
    indicator: Annotated[str, typer.Argument(help="指标编号。Id of the indicator.")],
    home: HomeOption,
    edition: Annotated[
        str, typer.Option("--edition", help="版次，默认现行的。Default: the one that stands.")
    ] = "",
    of_class: Annotated[
        str,
        typer.Option("--class", help="只看一类的单元格，如 age=age_under_35。One class's cells."),
    ] = "",
    csv: Annotated[bool, typer.Option("--csv", help="只输出单元格 CSV。The cells as CSV.")] = False,
    lang: LanguageOption = Language.zh,
) -> None:
    """一个已发布数字由哪些单元格得来。The cells that a published figure was made from."""
    from orchestration.editions.history import NoSuchEdition, city_year, edition_number
    from orchestration.editions.trace import (
        NothingToTrace,
        as_csv,
        class_rows,
        opened_edition,
        trace_of,
    )
    from orchestration.ground.ledger import open_ledger

    place = open_home(home)
    with open_ledger(place) as ledger:
        editions = city_year(place, ledger, known_city(place, city), year)
    try:
        traced = (
            editions.numbered(edition_number(edition)) if edition else editions.require_current()
        )
        with opened_edition(traced.folder) as connection:
            if of_class:
                rows = class_rows(connection, city, year, indicator, of_class)
                typer.echo(as_csv(rows), nl=False)
                return
            found = trace_of(connection, city, year, indicator)
    except (NoSuchEdition, NothingToTrace) as error:
        raise said(error) from error
    if csv:
        typer.echo(as_csv(found.cells), nl=False)
        return
    _print(found, traced.number, chinese=lang is Language.zh)


def _print(found: Trace, number: int, chinese: bool) -> None:
    from orchestration.cli import terminal
    from orchestration.forms.headings import headings

    side = 0 if chinese else 1
    name = found.definition["name_zh" if chinese else "name_en"]
    typer.echo(f"{found.city} {found.year} v{number}")
    typer.echo(
        f"{name} {found.definition['indicator_id']} = "
        f"{found.value_printed or '—'} {found.definition['unit']}"
    )
    typer.echo(_formula(found, chinese))
    names = dict(zip(found.cells["school_code"], found.cells["school_name"], strict=True))
    for key, columns in _SHOWN.items():
        frame = _both_parts(found) if key == "schools" else getattr(found, key)
        labels = headings(name for name in columns if name in {*frame, "school_name"})
        if len(frame):
            rows = [_shown(row, names, side) for row in frame.to_dict("records")]
            terminal.print_table(_TITLES[key][side], rows, labels, chinese)
    if found.decisions.empty:
        typer.echo("这些填报没有处理决定。" if chinese else "No decision was needed on them.")


def _both_parts(found: Trace) -> pd.DataFrame:
    """Return one row a school, its numerator beside its denominator."""
    frame = found.schools.drop_duplicates("school_code").copy()
    for part in found.parts:
        own = found.schools[found.schools["part"] == part.part]
        frame[part.part] = frame["school_code"].map(own.set_index("school_code")["value"])
    return frame


def _formula(found: Trace, chinese: bool) -> str:
    """Return how the figure is computed, each part with its value: 100 x A [sum(a) = 1] / B […]."""
    from orchestration.editions.trace import plain

    def said_of(part: Part) -> str:
        value = "—" if part.value is None else plain(part.value)
        return f"{part.name_zh if chinese else part.name_en} [{part.formula} = {value}]"

    scale = found.definition["scale"]
    factor = f"{plain(scale)} × " if scale != 1 else ""
    return f"= {factor}" + " ÷ ".join(said_of(part) for part in found.parts)


def _shown(row: dict[Any, Any], names: dict[Any, Any], side: int) -> dict[str, Any]:
    """Return a row of any of the tables as people read it."""
    from orchestration.editions.trace import plain

    row = {str(k): None if v is None or v != v else v for k, v in row.items()}
    row["school_name"] = names.get(row.get("school_code"), row.get("school_code"))
    for key in ("value", "threshold", "numerator", "denominator"):
        row[key] = None if row.get(key) is None else plain(row[key])
    row["part"] = _PARTS[row["part"]][side] if row.get("part") else None
    row["verb"] = (
        DecisionVerb(row["verb"]).text["en" if side else "zh"] if row.get("verb") else None
    )
    row["direction"] = {"min": "≥", "max": "≤"}.get(row.get("direction", ""))
    if isinstance(row.get("is_met"), bool):
        row["is_met"] = ("是", "yes")[side] if row["is_met"] else ("否", "no")[side]
    row["file_hash"] = " ".join(text[:12] for text in (row.get("file_hash") or "").split("；"))
    row["reason"] = row.get("reason") or row.get(("reason_name_zh", "reason_name_en")[side])
    return row
