"""The `nianbao` command.

What belongs here: options. What does not: any work, and how results look (terminal.py); each
command imports what it needs, so that `--help` stays light.
"""

from __future__ import annotations

import atexit
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestration.home import ENVIRONMENT_VARIABLE, REPOSITORY, Home, configured_cities

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="中等职业教育质量年报的数据仓库。The warehouse behind a city's yearly report.",
)
ledger_app = typer.Typer(no_args_is_help=True, help="账本。The ledger.")
app.add_typer(ledger_app, name="ledger")


class Language(StrEnum):
    """The two languages of what people see."""

    zh = "zh"
    en = "en"


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


def _home(root: Path) -> Home:
    home = Home(root.resolve())
    os.environ[ENVIRONMENT_VARIABLE] = str(home.root)
    return home


def _stop(zh: str, en: str) -> typer.Exit:
    typer.echo(f"{zh}\n{en}", err=True)
    return typer.Exit(1)


def _said(error: Exception) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(1)


def _known_city(home: Home, city: str) -> str:
    cities = configured_cities(home)
    if city not in cities:
        names = ", ".join(cities) or "-"
        raise _stop(
            f"{home.cities} 中没有城市“{city}”，现有：{names}。可用 nianbao init --city 添加。",
            f"No city '{city}' in {home.cities}; there are: {names}. Add it: nianbao init --city.",
        )
    return city


@app.command()
def init(
    home: HomeOption,
    city: Annotated[
        list[str] | None, typer.Option("--city", help="城市目录名，可重复。A city; repeatable.")
    ] = None,
) -> None:
    """建立部署目录并放入城市。Make a home and put cities into it (default: the two seed cities)."""
    import shutil

    place = _home(home)
    place.create()
    seeds = configured_cities(Home(REPOSITORY))
    for name in city or seeds:
        folder = place.cities / name
        if folder.exists():
            continue
        if name in seeds:
            shutil.copytree(REPOSITORY / "cities" / name, folder)
        elif not name.isidentifier() or not name.isascii():
            raise _stop(f"城市目录名“{name}”须为英文字母。", f"City '{name}' must be a plain name.")
        else:
            _scaffold(folder, name)
            typer.echo(
                f"请填写 {folder}/city.yml 和 schools.csv。Fill in city.yml and schools.csv."
            )
    write_dagster_yaml(place)
    typer.echo(f"{place.root}: {', '.join(configured_cities(place))}")


def _scaffold(folder: Path, name: str) -> None:
    """Write an empty city to be filled in, in the shape of a seed city."""
    import csv

    example = REPOSITORY / "cities" / "qingyang"
    folder.mkdir(parents=True)
    keys = (example / "city.yml").read_text(encoding="utf-8").splitlines()
    lines = [f"{line.split(':')[0]}:" for line in keys if line and not line.startswith("#")]
    text = "\n".join(lines).replace("city:", f"city: {name}", 1)
    (folder / "city.yml").write_text(text.replace("is_synthetic:", "is_synthetic: false") + "\n")
    with (example / "schools.csv").open(encoding="utf-8-sig") as file:
        header = next(csv.reader(file))
    (folder / "schools.csv").write_text(",".join(header) + "\n", encoding="utf-8")


def write_dagster_yaml(home: Home) -> None:
    """Keep Dagster quiet (no telemetry, no sign-up form) and its runs one at a time.

    One process writes the warehouse.
    """
    text = (
        "telemetry:\n  enabled: false\n"
        "python_logs:\n  python_log_level: WARNING\n"
        "concurrency:\n  runs:\n    max_concurrent_runs: 1\n"
        "nux:\n  enabled: false\n"
    )
    (home.dagster / "dagster.yaml").write_text(text, encoding="utf-8")


@app.command()
def sample(
    home: HomeOption,
    city: Annotated[list[str] | None, typer.Option("--city")] = None,
    faulty: Annotated[
        bool, typer.Option("--faulty", help="含有意错误的工作簿。With planted faults.")
    ] = False,
) -> None:
    """把合成示例工作簿写入收件箱。Write the synthetic sample workbooks into the inbox."""
    from orchestration.samples import write_samples

    place = _home(home)
    for name in city or []:
        _known_city(place, name)
    paths = write_samples(place, cities=city or configured_cities(place), faulty=faulty)
    typer.echo(f"合成示例 synthetic samples: {len(paths)} → {place.inbox}")


@app.command()
def template(
    home: HomeOption,
    city: Annotated[str, typer.Option("--city")],
    year: YearOption,
    output: Annotated[Path, typer.Option("--output", help="输出目录。Folder to write to.")],
    school: Annotated[
        str | None, typer.Option("--school", help="学校标识码，默认全部。School code; default all.")
    ] = None,
) -> None:
    """生成各校空白工作簿。Write each rostered school's empty workbook, and the bureau's."""
    import csv

    from orchestration.forms import UnknownFormYear, load_form, read_yaml
    from orchestration.intake.template import write_template

    place = _home(home)
    folder = place.cities / _known_city(place, city)
    try:
        form = load_form(year, place.forms)
    except UnknownFormYear as error:
        raise _said(error) from error
    output.mkdir(parents=True, exist_ok=True)
    with (folder / "schools.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["year"] == str(year)]
    if school is not None:
        rows = [row for row in rows if row["school_code"] == school]
    if not rows:
        raise _stop(
            f"{folder / 'schools.csv'} 中没有 {year} 年的学校 {school or ''}。",
            f"No school {school or ''} for {year} in {folder / 'schools.csv'}.",
        )
    for row in rows:
        name = f"{row['school_code']}_{row['school_name']}.xlsx"
        write_template(output / name, form, row, None)
    if school is None:
        facts = read_yaml(folder / "city.yml")
        write_template(output / f"{city}_市级填报.xlsx", form, facts, None)
    typer.echo(f"{len(rows)} → {output}")


@app.command()
def run(
    home: HomeOption,
    year: YearOption,
    lang: LanguageOption = Language.zh,
) -> None:
    """执行一个年度的全部流程。Execute the annual run of one year, and show how it ended."""
    place = _home(home)
    if not configured_cities(place):
        raise _stop(
            f"{place.root} 里没有城市，请先执行 nianbao init。",
            f"{place.root} holds no city: run nianbao init first.",
        )
    place.create()
    write_dagster_yaml(place)
    from orchestration.launch import execute_annual_run

    typer.echo(f"{year} 年度运行开始 annual run {year}")
    failed = execute_annual_run(place, year)
    for step, message in failed.items():
        typer.echo(f"✗ {step}: {message}", err=True)
    if set(failed) <= {f"{city}__metrics" for city in configured_cities(place)}:
        status(home, year, lang)
    else:
        typer.echo("运行中断，没有新的结果。The run broke off: there are no new results.", err=True)
    _leave(1 if failed else 0)


def _leave(code: int) -> None:
    """End the process here; taking apart what dbt, Dagster and GX loaded costs two seconds more."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


@app.command()
def status(
    home: HomeOption,
    year: YearOption,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """各城市的填报、疑点、关卡、版次。Submissions, findings, gate, edition and claims."""
    from orchestration import terminal
    from orchestration.publication import status as results

    place = _home(home)
    try:
        rows = results.city_status(place, year)
    except results.NothingRunYet as error:
        raise _said(error) from error
    if format is Format.json:
        terminal.print_json(rows)
        return
    terminal.print_status(
        rows,
        results.open_findings(place, year),
        results.unplaced_files(place, year),
        chinese=lang is Language.zh,
    )


@app.command()
def claims(
    home: HomeOption,
    city: Annotated[str, typer.Option("--city")],
    year: YearOption,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """报告印出与仓库算出的数字。Each printed figure, and what the warehouse says."""
    from orchestration import terminal
    from orchestration.publication import status as results

    place = _home(home)
    _known_city(place, city)
    try:
        rows = results.claims(place, city, year)
    except results.NothingRunYet as error:
        raise _said(error) from error
    if format is Format.json:
        terminal.print_json(rows)
        return
    terminal.print_claims(f"{city} {year}", rows, chinese=lang is Language.zh)


@ledger_app.command()
def verify(home: HomeOption) -> None:
    """核对账本的哈希链。Check that the ledger's chain of hashes is whole."""
    from orchestration.ledger import Ledger, LedgerBroken

    place = _home(home)
    url = os.environ.get("NIANBAO_LEDGER_URL", "")
    if not url and not place.ledger.exists():
        raise _stop(f"{place.ledger} 不存在。", f"There is no ledger at {place.ledger}.")
    ledger = Ledger(url or f"sqlite:///{place.ledger}")
    try:
        count = ledger.verify()
    except LedgerBroken as error:
        raise _said(error) from error
    finally:
        ledger.close()
    typer.echo(f"账本完整，共 {count} 条事件。The ledger is whole: {count} events.")


if __name__ == "__main__":
    app()
