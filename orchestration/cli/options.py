"""What the commands share: options, and how a command stops.

What belongs here: what two commands use. What does not: commands.
"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestration.ground import log
from orchestration.ground.home import ENVIRONMENT_VARIABLE, Home, configured_cities
from orchestration.ground.text import Language as Language


class Format(StrEnum):
    """How a list is printed."""

    table = "table"
    json = "json"


HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar=ENVIRONMENT_VARIABLE, help="部署目录。The deployment's folder."),
]
LanguageOption = Annotated[Language, typer.Option("--lang", help="语言。Language.")]
FormatOption = Annotated[Format, typer.Option("--format", help="输出格式。Output format.")]
YearOption = Annotated[int, typer.Option("--year", help="填报年度。Reporting year.")]


def open_home(root: Path) -> Home:
    """Return the home at a folder, named to the processes that a command starts; log into it."""
    home = Home(root.resolve())
    log.configure(home)
    os.environ[ENVIRONMENT_VARIABLE] = str(home.root)
    return home


def stop(zh: str, en: str) -> typer.Exit:
    """Say why in both languages; return what to raise."""
    typer.echo(f"{zh}\n{en}", err=True)
    return typer.Exit(1)


def said(error: Exception) -> typer.Exit:
    """Say what an error of ours says, which is in both languages; return what to raise."""
    typer.echo(str(error), err=True)
    return typer.Exit(1)


def known_city(home: Home, city: str) -> str:
    """Return the city, or stop with the cities that there are."""
    cities = configured_cities(home)
    if city not in cities:
        names = ", ".join(cities) or "-"
        raise stop(
            f"{home.cities} 中没有城市“{city}”，现有：{names}。可用 nianbao init --city 添加。",
            f"No city '{city}' in {home.cities}; there are: {names}. Add it: nianbao init --city.",
        )
    return city
