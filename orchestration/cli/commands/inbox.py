"""`nianbao inbox`, `choose`: what became of every file in the inbox, and which of several counts.

What belongs here: the commands' options and how their results look. What does not: what becomes of
a file (intake/inbox.py) and what a choice does (intake/received.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.options import (
    Format,
    FormatOption,
    HomeOption,
    Language,
    LanguageOption,
    YearOption,
)
from orchestration.ground.text import Text

if TYPE_CHECKING:
    from orchestration.ground.home import Home

app = typer.Typer()
_COLUMNS = ("inbox_path", "fate", "why")


@app.command()
def inbox(
    home: HomeOption,
    year: YearOption,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """收件箱中每个文件的去向：已收、待收、不收及原因。What became of every file in the inbox."""
    show_inbox(home, year, lang, format, is_whole=True)


def show_inbox(
    home: Home, year: int, lang: Language, format: Format = Format.table, is_whole: bool = False
) -> None:
    """Print the files of an inbox: all, or those of which there is more to say, and their number.

    A file outside any year's folder is listed for every year.
    """
    from orchestration.cli.terminal import show
    from orchestration.ground.ledger import open_ledger
    from orchestration.intake.inbox import Fate
    from orchestration.intake.received import inbox_of

    with open_ledger(home) as ledger:
        lying = inbox_of(home, ledger, year)
    if format is Format.json:
        show("", map(vars, lying), (), lang, format)
        return
    shown = [one for one in lying if is_whole or one.why is not None]
    counted = {fate: sum(one.fate == fate for one in lying) for fate in Fate}
    zh = "，".join(f"{fate.zh} {number}" for fate, number in counted.items())
    en = ", ".join(f"{fate.en} {number}" for fate, number in counted.items())
    title = Text(f"收件箱：{zh}", f"Inbox: {en}")
    if not shown:
        typer.echo(title[lang])
        return
    rows = [{"inbox_path": one.path, "fate": one.fate, "why": one.reason} for one in shown]
    show(title, rows, _COLUMNS, lang)


@app.command()
def choose(
    home: HomeOption,
    year: YearOption,
    file: Annotated[
        str, typer.Option("--file", help="文件名或填报编号。The file's name, or its submission id.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="理由。Why.")],
    by: Annotated[str, typer.Option("--by", help="选定人。Who chooses.")],
) -> None:
    """同一单位的几个文件以哪一个为准。Say which of several files of one filer counts."""
    from orchestration.ground.ledger import open_ledger
    from orchestration.intake.received import this_one_counts

    with open_ledger(home) as ledger:
        row = this_one_counts(home, ledger, year, file, reason, by)
    typer.echo(
        f"已登记：以 {row['file_name']} 为准，下次运行起生效。"
        f"Registered: {row['file_name']} counts, from the next run on."
    )
