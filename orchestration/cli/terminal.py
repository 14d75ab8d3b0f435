"""How rows look on a terminal: a table in Chinese or English, or JSON.

What belongs here: drawing. What does not: the rows, and the words above their columns
(forms/headings.py).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import typer

from orchestration.cli.options import Format, Language
from orchestration.forms.headings import HEADINGS
from orchestration.ground.text import Term, Text

if TYPE_CHECKING:
    from orchestration.editions.history import CityYear, Edition
    from orchestration.ground.home import Home

_PIPED_WIDTH = 160
_TRUTH = {True: Text("是", "yes"), False: Text("否", "no")}


def warn_of_embargo(editions: CityYear, edition: Edition) -> None:
    """Say that what follows is not released yet; whoever has a shell in a home sees all of it."""
    if editions.is_held_back(edition):
        name = f"{edition.city} {edition.year} v{edition.number}"
        said = Text(
            f"{name} 尚未到发布时间，请勿外传。",
            f"{name} is not released yet: for your eyes alone.",
        )
        typer.echo(str(said), err=True)


def catch_up(home: Home) -> None:
    """Let what is published follow the ledger, and say so where it had not, or cannot."""
    from orchestration.analysts.database import DatabaseClosed
    from orchestration.analysts.database import catch_up as follow
    from orchestration.ground.ledger import open_ledger

    try:
        with open_ledger(home) as ledger:
            had_to = follow(home, ledger)
    except DatabaseClosed as error:
        typer.echo(str(error), err=True)
        return
    if had_to:
        said = Text(
            "已公布的文件和分析库落后于账本（如签署时中断），现已更新。",
            "What is published was behind the ledger, as after a signature that was cut off; it is "
            "up to date now.",
        )
        typer.echo(str(said), err=True)


def show(
    title: Text | str,
    rows: Iterable[Mapping[str, Any]],
    columns: Iterable[str],
    language: Language,
    format: Format = Format.table,
) -> None:
    """Print rows as JSON, or some of their columns as a table, each under its heading.

    In a table a term or a text is shown in the language, a truth as yes or no, and text as it is:
    nothing is read as markup.
    """
    rows = list(rows)
    if format is Format.json:
        show_json(rows)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Shown

    columns = list(columns)
    table = Table(title=_shown(title, language))
    for column in columns:
        is_number = all(type(row.get(column)) in (int, float) for row in rows)
        # Chinese has no spaces to break at: unless it is folded, the end of a long text is cut off.
        table.add_column(
            HEADINGS[column][language],
            justify="right" if is_number else "left",
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Shown(_shown(row.get(column), language)) for column in columns))
    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(table)


def show_json(value: Any) -> None:
    """Print what another program may read."""
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def _shown(value: Any, language: Language) -> str:
    if isinstance(value, Term):
        value = value.text
    if isinstance(value, bool):
        value = _TRUTH[value]
    if isinstance(value, Text):
        return value[language]
    return "" if value is None else str(value)
