"""The `nianbao` command.

What belongs here: which commands there are. What does not: any work, and how results look
(terminal.py); each command imports what it needs, so that `--help` stays light.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from orchestration.cli.commands import (
    account,
    check,
    dbt_docs,
    deadlines,
    deployment,
    editions,
    ledger,
    report,
    review,
    rules,
    run,
    trace,
)
from orchestration.ground.text import NianbaoError


class _Spoken(TyperGroup):
    """Tells what stops a command of ours in its own sentences, and leaves with 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except NianbaoError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"nianbao {version('nianbao')}")
        raise typer.Exit


app = typer.Typer(
    cls=_Spoken,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def nianbao(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="版本。The version."),
    ] = False,
) -> None:
    """中等职业教育质量年报的数据仓库。The warehouse behind a city's yearly report."""


for part in (
    deployment,
    run,
    check,
    review,
    dbt_docs,
    deadlines,
    editions,
    trace,
    report,
):
    app.add_typer(part.app)
app.add_typer(ledger.app, name="ledger")
app.add_typer(account.app, name="account")
app.add_typer(rules.app, name="rules")


def main() -> None:
    """Run the command, and leave as soon as everybody has tidied up.

    Taking apart what dbt, Dagster and GX loaded would take five seconds more.
    """
    codes: list[int] = []
    # What is registered first is called last.
    atexit.register(_leave, codes)
    try:
        app()
    except SystemExit as left:
        codes += [left.code] if isinstance(left.code, int) else []
        raise


def _leave(codes: list[int]) -> None:
    if codes:
        sys.stdout.flush()
        sys.stderr.flush()
        logging.shutdown()
        os._exit(codes[0])
