"""The `nianbao` command.

What belongs here: which commands there are, and how what stops one is told. What does not: any
work, and how results look (terminal.py); each command imports what it needs, so that `--help` stays
light.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    inbox,
    ledger,
    report,
    review,
    rules,
    run,
    trace,
)
from orchestration.ground.text import NianbaoError, Text

# What a mistyped command raises; typer names only this one child of it to others.
_Mistyped: Any = typer.BadParameter.__base__
_MISTYPED = {
    "NoSuchOption": "没有这个选项：{option_name}。",
    "BadOptionUsage": "选项 {option_name} 用法有误。",
    "BadArgumentUsage": "参数用法有误。",
    "MissingParameter": "缺少必填的 {hint}。",
    "BadParameter": "{hint} 的值无效。",
    "UsageError": "命令或参数有误。",
}


@contextmanager
def _told_in_both_languages() -> Iterator[None]:
    """Tell what stops a command of ours, and leave with 1; say in Chinese too what was mistyped."""
    try:
        yield
    except NianbaoError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except _Mistyped as error:
        chinese = _MISTYPED.get(type(error).__name__)
        if chinese is None:  # it is the help
            raise
        parameter = getattr(error, "param", None)
        hint = parameter.get_error_hint() if parameter else ""
        zh = chinese.format(option_name=getattr(error, "option_name", ""), hint=hint)
        raise _Mistyped(str(Text(zh, error.format_message())), error.ctx) from error


class _Bilingual(TyperGroup):
    """The command with all of its commands; what is below raises and this one tells."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read what stands before a command's name."""
        with _told_in_both_languages():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Read what the named command was given, and run it."""
        with _told_in_both_languages():
            return super().invoke(ctx)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"nianbao {version('nianbao')}")
        raise typer.Exit


app = typer.Typer(
    cls=_Bilingual,
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


_TOP = (deployment, run, inbox, check, review, dbt_docs, deadlines, editions, trace, report)
for part in _TOP:
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
