"""`nianbao report`: the bureau's Word template tried on the figures of the current edition."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.options import (
    HomeOption,
    Language,
    LanguageOption,
    YearOption,
    known_city,
    open_home,
    stop,
)

app = typer.Typer()
_COLUMNS = {
    "heading": ("所在标题", "under the heading"),
    "where": ("位置", "where"),
    "placeholder": ("占位符", "placeholder"),
    "said": ("问题", "what is wrong"),
}


@app.command()
def report(
    home: HomeOption,
    city: Annotated[str, typer.Option("--city")],
    year: YearOption,
    output: Annotated[
        Path | None, typer.Option("--output", help="写到哪个 .docx。The .docx to write.")
    ] = None,
    template: Annotated[
        Path | None, typer.Option("--template", help="模板，默认本市的。Default: the city's own.")
    ] = None,
    lang: LanguageOption = Language.zh,
) -> None:
    """用现行版次试填报告模板。Try the report's template on the current edition; 1 if it stops."""
    from orchestration.cli.terminal import print_table
    from orchestration.editions.history import city_year
    from orchestration.ground.ledger import open_ledger
    from orchestration.report.content import read_content
    from orchestration.report.word import ReportStopped, render_report, report_template

    place = open_home(home)
    known_city(place, city)
    if output is not None and (output.is_dir() or not output.parent.is_dir()):
        raise stop(
            f"--output 须是已有文件夹中的文件：{output}",
            f"--output has to be a file in a folder that exists: {output}",
        )
    with open_ledger(place) as ledger:
        number = city_year(place, ledger, city, year).require_current().number
    data = template.read_bytes() if template else report_template(place, city)
    try:
        written = render_report(data, read_content(place, city, year, number))
    except ReportStopped as stopped:
        chinese = lang is Language.zh
        rows = [{**found.row(), "said": found.said[lang]} for found in stopped.places]
        title = "模板有误，报告未生成" if chinese else "The template stops the report"
        print_table(title, rows, _COLUMNS, chinese)
        raise typer.Exit(1) from stopped
    if output is None:
        typer.echo(f"模板可用 The template is sound: {city} {year} v{number}")
    else:
        output.write_bytes(written)
        typer.echo(f"{output}: {city} {year} v{number}")
