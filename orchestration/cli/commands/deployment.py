"""`nianbao init`, `sample`, `template`: making a deployment and what goes into it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.launch import write_dagster_yaml
from orchestration.cli.options import (
    CityOption,
    HomeOption,
    Stopped,
    YearOption,
    known_city,
)
from orchestration.ground.home import REPOSITORY, Home, configured_cities

app = typer.Typer()


@app.command()
def init(
    home: HomeOption,
    city: Annotated[
        list[str] | None, typer.Option("--city", help="城市目录名，可重复。A city; repeatable.")
    ] = None,
) -> None:
    """建立部署目录并放入城市。Make a home and put cities into it (default: the two seed cities)."""
    import shutil

    home.create()
    seeds = configured_cities(Home(REPOSITORY))
    for name in city or seeds:
        folder = home.cities / name
        if folder.exists():
            continue
        if name in seeds:
            shutil.copytree(REPOSITORY / "cities" / name, folder)
        elif not name.isidentifier() or not name.isascii():
            raise Stopped(
                f"城市目录名“{name}”须为英文字母。", f"City '{name}' must be a plain name."
            )
        else:
            _scaffold(folder, name)
            typer.echo(
                f"请填写 {folder}/city.yml 和 schools.csv；有截止日期的，写入 deadlines.csv；"
                "报告模板 report.docx 用 Word 修改。Fill in city.yml and schools.csv, and due "
                "dates in deadlines.csv if there are any; change the report's template in Word."
            )
    write_dagster_yaml(home)
    typer.echo(f"{home.root}: {', '.join(configured_cities(home))}")


def _scaffold(folder: Path, name: str) -> None:
    """Write an empty city to be filled in, in the shape of a seed city, with a short report."""
    import csv
    import shutil

    from orchestration.report.word import GENERIC_TEMPLATE

    example = REPOSITORY / "cities" / "qingyang"
    folder.mkdir(parents=True)
    keys = (example / "city.yml").read_text(encoding="utf-8").splitlines()
    lines = [f"{line.split(':')[0]}:" for line in keys if line and not line.startswith("#")]
    text = "\n".join(lines).replace("city:", f"city: {name}", 1)
    (folder / "city.yml").write_text(text.replace("is_synthetic:", "is_synthetic: false") + "\n")
    with (example / "schools.csv").open(encoding="utf-8-sig") as file:
        header = next(csv.reader(file))
    (folder / "schools.csv").write_text(",".join(header) + "\n", encoding="utf-8")
    (folder / "deadlines.csv").write_text("year,due_on\n", encoding="utf-8")
    shutil.copy(GENERIC_TEMPLATE, folder / "report.docx")


@app.command()
def sample(
    ctx: typer.Context,
    home: HomeOption,
    city: Annotated[list[str] | None, typer.Option("--city")] = None,
    faulty: Annotated[
        bool, typer.Option("--faulty", help="含有意错误的工作簿。With planted faults.")
    ] = False,
) -> None:
    """把合成示例工作簿写入收件箱。Write the synthetic sample workbooks into the inbox."""
    import runpy

    # The samples are the repository's, and so is what types them into workbooks.
    samples = runpy.run_path(str(REPOSITORY / "samples" / "sample_workbooks.py"))
    for name in city or []:
        known_city(ctx, name)
    paths = samples["write_samples"](home, cities=city or configured_cities(home), faulty=faulty)
    typer.echo(f"合成示例 synthetic samples: {len(paths)} → {home.inbox}")


@app.command()
def template(
    home: HomeOption,
    city: CityOption,
    year: YearOption,
    output: Annotated[Path, typer.Option("--output", help="输出目录。Folder to write to.")],
    school: Annotated[
        str | None, typer.Option("--school", help="学校标识码，默认全部。School code; default all.")
    ] = None,
) -> None:
    """生成各校空白工作簿。Write each rostered school's empty workbook, and the bureau's."""
    import csv

    from orchestration.forms.contract import load_form, read_yaml
    from orchestration.forms.template import write_template

    folder = home.cities / city
    form = load_form(year, home.forms)
    output.mkdir(parents=True, exist_ok=True)
    with (folder / "schools.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["year"] == str(year)]
    if school is not None:
        rows = [row for row in rows if row["school_code"] == school]
    if not rows:
        raise Stopped(
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
