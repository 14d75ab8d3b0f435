"""`nianbao trace`: from a published figure back to the cells it was made from.

What belongs here: the command's options and how a trace looks on a terminal. What does not: what a
figure rests on (editions/trace.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.cli.options import (
    CityArgument,
    HomeOption,
    Language,
    LanguageOption,
    YearArgument,
)
from orchestration.ground.terms import DecisionVerb
from orchestration.ground.text import Text

if TYPE_CHECKING:
    import pandas as pd

    from orchestration.editions.trace import Trace

app = typer.Typer()
_SHOWN = {
    "schools": (
        *("school_name", "numerator", "denominator", "is_counted", "file_name", "file_hash"),
    ),
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
    "schools": Text("各校数值", "Schools' values"),
    "cells": Text("单元格", "Cells"),
    "references": Text("名册、标准与目录", "Rosters, thresholds, catalogues"),
    "conditions": Text("办学条件与所用标准", "Running conditions and the thresholds applied"),
    "decisions": Text("对这些填报的决定", "Decisions on these submissions"),
}


@app.command()
def trace(
    city: CityArgument,
    year: YearArgument,
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
    from orchestration.cli.terminal import warn_of_embargo
    from orchestration.editions.history import city_year, edition_number
    from orchestration.editions.trace import as_csv, class_rows, opened_edition, trace_of
    from orchestration.ground.ledger import open_ledger

    with open_ledger(home) as ledger:
        editions = city_year(home, ledger, city, year)
    traced = editions.numbered(edition_number(edition)) if edition else editions.require_current()
    warn_of_embargo(editions, traced)
    with opened_edition(traced.folder) as connection:
        if of_class:
            cells = class_rows(connection, city, year, indicator, of_class)
        else:
            found = trace_of(connection, city, year, indicator)
            cells = found.cells
    if csv:
        typer.echo(as_csv(cells), nl=False)
        return
    typer.echo(f"{city} {year} v{traced.number}")
    if of_class:
        typer.echo(f"{indicator} {of_class}")
        _show_table("cells", cells, _school_names(cells), lang)
    else:
        _show(found, lang)


def _show(found: Trace, lang: Language) -> None:
    from orchestration.report.figure import schools_behind, unit_of

    name = Text(found.definition["name_zh"], found.definition["name_en"])
    unit = unit_of(found.definition["unit"])
    typer.echo(
        f"{name[lang]} {found.definition['indicator_id']} = "
        f"{found.value_printed or '—'} {unit[lang]}"
    )
    schools = schools_behind(found.definition | found.figure)
    typer.echo(f"{Text('统计学校：', 'Schools counted: ')[lang]}{schools[lang]}")
    typer.echo(_formula(found, lang))
    names = _school_names(found.schools)
    for key in _SHOWN:
        frame = _both_parts(found) if key == "schools" else getattr(found, key)
        _show_table(key, frame, names, lang)
    if found.decisions.empty:
        none = Text("这些填报没有处理决定。", "No decision was needed on them.")
        typer.echo(none[lang])


def _show_table(key: str, frame: pd.DataFrame, names: dict[Any, Any], lang: Language) -> None:
    from orchestration.cli.terminal import show
    from orchestration.ground.frames import records

    if len(frame):
        if key == "cells":
            frame = frame.assign(file_hash=frame["file_hash"].str[:12])
        columns = [name for name in _SHOWN[key] if name in {*frame, "school_name"}]
        rows = [_readable(row, names) for row in records(frame)]
        show(_TITLES[key], rows, columns, lang)


def _school_names(schools: pd.DataFrame) -> dict[Any, Any]:
    return dict(zip(schools["school_code"], schools["school_name"], strict=True))


def _both_parts(found: Trace) -> pd.DataFrame:
    """Return one row a school, its numerator beside its denominator."""
    frame = found.schools.drop_duplicates("school_code").copy()
    for part in found.parts:
        own = found.schools[found.schools["part"] == part.part]
        frame[part.part] = frame["school_code"].map(own.set_index("school_code")["value"])
    frame["file_name"] = ["；".join(dict.fromkeys(n for n, _ in files)) for files in frame["files"]]
    frame["file_hash"] = [" ".join(digest[:12] for _, digest in files) for files in frame["files"]]
    return frame


def _formula(found: Trace, lang: Language) -> str:
    """Return how the figure is computed, each part with its value: 100 x A [sum(a) = 1] / B […]."""
    from orchestration.editions.trace import plain

    scale = found.definition["scale"]
    parts = [
        f"{Text(part.name_zh, part.name_en)[lang]} "
        f"[{part.formula} = {'—' if part.value is None else plain(part.value)}]"
        for part in found.parts
    ]
    return f"= {f'{plain(scale)} × ' if scale != 1 else ''}{' ÷ '.join(parts)}"


def _readable(row: dict[str, Any], names: dict[Any, Any]) -> dict[str, Any]:
    """Return a row of any of the tables as people read it."""
    from orchestration.editions.trace import counted_or_why, plain
    from orchestration.forms.headings import HEADINGS

    if "is_counted" in row:
        row["is_counted"] = counted_or_why(row)
    row["school_name"] = names.get(row.get("school_code"), row.get("school_code"))
    for key in ("value", "threshold", "numerator", "denominator"):
        row[key] = None if row.get(key) is None else plain(row[key])
    row["part"] = HEADINGS[row["part"]] if row.get("part") else None
    row["verb"] = DecisionVerb(row["verb"]) if row.get("verb") else None
    row["direction"] = {"min": "≥", "max": "≤"}.get(row.get("direction", ""))
    if not row.get("reason") and "reason_name_zh" in row:
        row["reason"] = Text(row["reason_name_zh"], row["reason_name_en"])
    return row
