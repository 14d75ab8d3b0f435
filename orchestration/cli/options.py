"""What the commands share: their options, and the home and city that these name.

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
from orchestration.ground.text import NianbaoError


class Format(StrEnum):
    """How a list is printed."""

    table = "table"
    json = "json"


class Stopped(NianbaoError):
    """A command cannot do what it was asked."""


def _open_home(folder: str) -> Home:
    """Return the home at a folder, named to the processes that a command starts; log into it."""
    home = Home(Path(folder).resolve())
    log.configure(home)
    os.environ[ENVIRONMENT_VARIABLE] = str(home.root)
    return home


def known_city(ctx: typer.Context, city: str) -> str:
    """Return a city of the home, or stop with the cities that there are."""
    home = ctx.params["home"]
    cities = configured_cities(home)
    if city not in cities:
        names = ", ".join(cities) or "-"
        raise Stopped(
            f"{home.cities} 中没有城市“{city}”，现有：{names}。可用 nianbao init --city 添加。",
            f"No city '{city}' in {home.cities}; there are: {names}. Add it: nianbao init --city.",
        )
    return city


def require_cities(home: Home) -> None:
    """Stop where nothing was put into a home yet."""
    if not configured_cities(home):
        raise Stopped(
            f"{home.root} 里没有城市，请先执行 nianbao init。",
            f"{home.root} holds no city: run nianbao init first.",
        )


HomeOption = Annotated[
    Home,
    typer.Option(
        "--home",
        envvar=ENVIRONMENT_VARIABLE,
        parser=_open_home,
        metavar="<path>",
        is_eager=True,  # the city is looked up in it
        help="部署目录。The deployment's folder.",
    ),
]
CityOption = Annotated[str, typer.Option("--city", callback=known_city, help="城市。City.")]
CityArgument = Annotated[str, typer.Argument(callback=known_city, help="城市。City.")]
YearOption = Annotated[int, typer.Option("--year", help="填报年度。Reporting year.")]
YearArgument = Annotated[int, typer.Argument(help="填报年度。Reporting year.")]
LanguageOption = Annotated[Language, typer.Option("--lang", help="语言。Language.")]
FormatOption = Annotated[Format, typer.Option("--format", help="输出格式。Output format.")]
