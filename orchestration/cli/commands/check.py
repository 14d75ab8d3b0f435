"""`nianbao check`: what the gate would say of one file, before it is handed in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.options import Format, FormatOption, Language, LanguageOption, Stopped
from orchestration.ground.home import Home

app = typer.Typer()


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="工作簿。The workbook.")],
    year: Annotated[
        int | None, typer.Option("--year", help="年度，默认按封面。Default: the cover's.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="标注后的工作簿（.xlsx）。Where to write it, marked."),
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option("--home", help="另用该部署的报表、规则、标准。Its forms and rules as well."),
    ] = None,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """报送前自查一份工作簿。Hold one workbook against the rules before it is handed in.

    不联网，不需要部署目录。Offline; no home is needed. 退出码 0 表示可以报送。Exit code 0: ready.
    """
    _require_usable_paths(file, output, home)
    import logging

    from orchestration.cli.terminal import show
    from orchestration.ground.terms import FindingState, RuleClass
    from orchestration.schools.check import check_file

    logging.disable(logging.INFO)  # GX would say where its temporary folder is
    checked = check_file(file, year, Home(home.resolve()) if home else None, output)
    must, explain = checked.count(RuleClass.must), checked.count(RuleClass.explain)
    rows = checked.findings
    if format is Format.table:
        rows = [
            {
                "class": RuleClass(finding["class"]),
                "place": (finding["cell"] or "").replace("、", "\n"),  # a place a line
                "sentence": finding[f"sentence_{lang}"],
                "fix": finding[f"fix_{lang}"],
                "state": FindingState(finding["state"]),
            }
            for finding in rows
        ]
    if rows or format is Format.json:
        columns = ("class", "place", "sentence", "fix", "state")
        show(f"{file.name} {checked.year}", rows, columns, lang, format)
    if format is Format.table:
        typer.echo(
            f"{must} 处须更正，{explain} 处须更正或说明。"
            f"{must} to be corrected, {explain} to be corrected or explained."
            if must or explain
            else "可以报送。Ready to be handed in."
        )
    raise typer.Exit(1 if must or explain else 0)


def _require_usable_paths(file: Path, output: Path | None, home: Path | None) -> None:
    if not file.is_file():
        raise Stopped(f"没有文件 {file}。", f"There is no file {file}.")
    if home is not None and not home.is_dir():
        raise Stopped(f"没有部署目录 {home}。", f"There is no home {home}.")
    if output is None:
        return
    if output.suffix.lower() != ".xlsx" or not output.parent.is_dir():
        raise Stopped(
            f"--output 须是已有文件夹中的 .xlsx 文件：{output}",
            f"--output has to be an .xlsx in a folder that exists: {output}",
        )
    if output.exists() and output.samefile(file):
        raise Stopped("--output 不能覆盖原文件。", "--output may not be the file itself.")
