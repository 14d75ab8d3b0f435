"""`nianbao check`: what the gate would say of one file, before it is handed in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.options import Format, FormatOption, Language, LanguageOption, Stopped
from orchestration.ground.home import Home
from orchestration.ground.text import Text

if TYPE_CHECKING:
    from orchestration.intake.receipt import SheetReceipt

_MOST_LISTED = 20  # places of a sheet

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
    最后是读取回执。At the end: what was read, converted, passed over and not read, a sheet a line.

    JSON 为一个对象：findings 与 receipt。As JSON, one object: findings and receipt.
    """
    _require_usable_paths(file, output, home)
    import logging

    from orchestration.cli.terminal import show, show_json
    from orchestration.ground.terms import FindingState, RuleClass
    from orchestration.schools.check import check_file
    from orchestration.schools.receipts import as_data

    logging.disable(logging.INFO)  # GX would say where its temporary folder is
    checked = check_file(file, year, Home(home.resolve()) if home else None, output)
    must, explain = checked.count(RuleClass.must), checked.count(RuleClass.explain)
    if format is Format.json:
        show_json({"findings": checked.findings, "receipt": as_data(checked.receipts)})
        raise typer.Exit(1 if must or explain else 0)
    rows = [
        {
            "class": RuleClass(finding["class"]),
            "place": (finding["cell"] or "").replace("、", "\n"),  # a place a line
            "sentence": finding[f"sentence_{lang}"],
            "fix": finding[f"fix_{lang}"],
            "state": FindingState(finding["state"]),
        }
        for finding in checked.findings
    ]
    if rows:
        columns = ("class", "place", "sentence", "fix", "state")
        show(f"{file.name} {checked.year}", rows, columns, lang)
    typer.echo(
        f"{must} 处须更正，{explain} 处须更正或说明。"
        f"{must} to be corrected, {explain} to be corrected or explained."
        if must or explain
        else "可以报送。Ready to be handed in."
    )
    _show_receipt(checked.receipts, lang)
    raise typer.Exit(1 if must or explain else 0)


def _show_receipt(receipts: list[SheetReceipt], lang: Language) -> None:
    """Print what became of the cells: a line a sheet, then a line a place, the first of many."""
    from orchestration.schools.receipts import TITLE, counted, told

    if not receipts:
        return
    typer.echo(f"\n{TITLE[lang]}")
    for receipt in receipts:
        typer.echo(f"  {receipt.sheet}: {counted(receipt)[lang]}")
    for receipt in receipts:
        for entry in receipt.entries[:_MOST_LISTED]:
            typer.echo(f"  {told(entry)[lang]}")
        left = len(receipt.entries) - _MOST_LISTED
        if left > 0:
            more = Text(f"另有 {left} 处，见 --format json", f"{left} more, see --format json")
            typer.echo(f"  {receipt.sheet}: {more[lang]}")


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
