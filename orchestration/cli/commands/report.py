"""`nianbao report`: the bureau's Word template tried on the figures of the current edition."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.options import (
    CityOption,
    HomeOption,
    Language,
    LanguageOption,
    Stopped,
    YearOption,
)
from orchestration.ground.text import Text

if TYPE_CHECKING:
    from orchestration.report.template import Place

app = typer.Typer()


@app.command()
def report(
    home: HomeOption,
    city: CityOption,
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
    from orchestration.cli.terminal import show, warn_of_embargo
    from orchestration.editions.history import city_year
    from orchestration.ground.ledger import open_ledger
    from orchestration.report.content import read_content
    from orchestration.report.word import ReportStopped, document_of, report_template, require_sound

    if output is not None and (output.is_dir() or not output.parent.is_dir()):
        raise Stopped(
            f"--output 须是已有文件夹中的文件：{output}",
            f"--output has to be a file in a folder that exists: {output}",
        )
    with open_ledger(home) as ledger:
        editions = city_year(home, ledger, city, year)
    number = editions.require_current().number
    warn_of_embargo(editions, editions.require_current())
    data = template.read_bytes() if template else report_template(home, city)
    content = read_content(home, city, year, number)
    try:
        lacks = require_sound(data, content)
        written = document_of(data, content)
    except ReportStopped as stopped:
        rows = _rows(stopped.places)
        show(Text("模板有误，报告未生成", "The template stops the report"), rows, rows[0], lang)
        raise typer.Exit(1) from stopped
    if lacks:
        rows = _rows(lacks)
        show(Text("以“—”代替的数字", "Figures for which a dash stands"), rows, rows[0], lang)
    if output is None:
        typer.echo(f"模板可用 The template is sound: {city} {year} v{number}")
    else:
        output.write_bytes(written)
        typer.echo(f"{output}: {city} {year} v{number}")


def _rows(places: Iterable[Place]) -> list[dict[str, object]]:
    """Return places of a template as rows of a table."""
    return [
        {
            "under_heading": found.heading,
            "place": found.where,
            "placeholder": found.placeholder,
            "sentence": found.said,
        }
        for found in places
    ]
