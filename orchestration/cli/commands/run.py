"""`nianbao run`, `status`, `claims`: the annual run and how it ended."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli.options import (
    Format,
    FormatOption,
    HomeOption,
    Language,
    LanguageOption,
    YearOption,
    known_city,
    open_home,
    stop,
)
from orchestration.ground.alerts import Kind
from orchestration.ground.home import configured_cities

app = typer.Typer()


@app.command()
def run(
    home: HomeOption,
    year: YearOption,
    lang: LanguageOption = Language.zh,
) -> None:
    """执行一个年度的全部流程。Execute the annual run of one year, and show how it ended."""
    place = open_home(home)
    if not configured_cities(place):
        raise stop(
            f"{place.root} 里没有城市，请先执行 nianbao init。",
            f"{place.root} holds no city: run nianbao init first.",
        )
    place.create()
    from orchestration.cli.launch import execute_annual_run, write_dagster_yaml

    write_dagster_yaml(place)

    typer.echo(f"{year} 年度运行开始 annual run {year}")
    troubles = execute_annual_run(place, year)
    if all(trouble.kind is Kind.city_blocked for trouble in troubles):
        status(home, year, lang)
    else:
        typer.echo("运行中断，没有新的结果。The run broke off: there are no new results.", err=True)
    raise typer.Exit(1 if troubles else 0)


@app.command()
def status(
    home: HomeOption,
    year: YearOption,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """各城市的填报、疑点、关卡、版次。Submissions, findings, gate, edition and claims."""
    from orchestration.cli import terminal
    from orchestration.line import outcome

    place = open_home(home)
    cities = outcome.city_status(place, year)
    if format is Format.json:
        terminal.print_json(map(vars, cities))
        return
    rules, unplaced = outcome.open_findings(place, year), outcome.unplaced_files(place, year)
    terminal.print_status(cities, rules, unplaced, lang)


@app.command()
def claims(
    home: HomeOption,
    city: Annotated[str, typer.Option("--city")],
    year: YearOption,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """报告印出与仓库算出的数字。Each printed figure, and what the warehouse says."""
    from orchestration.cli import terminal
    from orchestration.line import outcome

    place = open_home(home)
    known_city(place, city)
    figures = outcome.claims(place, city, year)
    if format is Format.json:
        terminal.print_json(map(vars, figures))
        return
    terminal.print_claims(f"{city} {year}", figures, lang)
