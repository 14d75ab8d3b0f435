"""`nianbao rules`: which rules there are, and what a new or changed one would find.

What belongs here: the commands and how their tables are headed. What does not: running rules and
comparing what they find (gate/replay.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from orchestration.cli.options import (
    Format,
    FormatOption,
    HomeOption,
    Language,
    LanguageOption,
    open_home,
    stop,
)
from orchestration.ground.terms import Stage

app = typer.Typer(no_args_is_help=True, help="校验规则。The rules.")
_FIRST = 3  # findings of a rule that are shown unless all are asked for


@app.command("list")
def list_rules(
    home: HomeOption,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """列出所有规则。List the rules, the home's own among them."""
    from orchestration.cli import terminal
    from orchestration.gate.rules import load_rules

    place, chinese = open_home(home), lang is Language.zh
    rules = load_rules(place.expectations)
    use_names = chinese and format is Format.table
    rows = [
        {
            "rule_id": rule.id,
            "class": rule.rule_class.zh if use_names else rule.rule_class,
            "stage": rule.stage,
            "family": rule.family,
            "since": rule.since,
        }
        for rule in rules
    ]
    if format is Format.json:
        terminal.print_json(rows)
        return
    labels = {
        "rule_id": ("规则", "rule"),
        "class": ("类别", "class"),
        "stage": ("阶段", "stage"),
        "family": ("族", "family"),
        "since": ("始于", "since"),
    }
    terminal.print_table("校验规则" if chinese else "Rules", rows, labels, chinese)


@app.command()
def replay(
    home: HomeOption,
    path: Annotated[
        list[Path] | None,
        typer.Argument(
            help="规则文件或目录，默认为现行全部规则。Rule files or folders; default all."
        ),
    ] = None,
    stage: Annotated[
        Stage | None,
        typer.Option("--stage", help="阶段，默认取目录名。Stage; default the folder's name."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="列出全部变化的疑点。List every finding that changes.")
    ] = False,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """在历年全部填报上试运行规则。Run rules over all that was ever filed; nothing is kept."""
    from orchestration.cli import terminal
    from orchestration.gate import replay as replaying
    from orchestration.gate.rules import load_paths, load_rules

    place, chinese = open_home(home), lang is Language.zh
    missing = [str(given) for given in path or [] if not given.exists()]
    if missing:
        names = "、".join(missing)
        raise stop(f"没有 {names}。", f"There is no {names}.")
    if path:
        rules, retired = load_paths(path, stage), []
    else:
        stages = [stage] if stage else list(Stage)
        rules = load_rules(place.expectations, *stages)
        retired = replaying.retired_rules(place, rules, stages)
    from orchestration.ground.frames import records

    findings = replaying.replay(place, rules, retired)
    if format is Format.json:
        terminal.print_json(records(findings))
        return
    counts = records(replaying.changes_by_rule(rules, findings))
    changed = [row for row in counts if row["new"] or row["vanished"]]
    _print_counts(counts if path else changed, chinese)
    moved = findings[findings["change"] != "same"]
    listed = moved if every else moved.groupby(["rule_id", "change"]).head(_FIRST)
    if len(listed):
        _print_findings(records(listed), chinese)
    rules_run, rules_changed = len(rules) + len(retired), len({row["rule_id"] for row in changed})
    left = len(moved) - len(listed)
    typer.echo(
        f"共 {rules_run} 条规则，{rules_changed} 条的疑点有变化；未列出 {left} 处。"
        if chinese
        else f"{rules_run} rules, the findings of {rules_changed} change; {left} more not listed."
    )


def _print_counts(rows: list[dict[str, Any]], chinese: bool) -> None:
    from orchestration.cli import terminal

    if not rows:
        return
    labels = {
        "rule_id": ("规则", "rule"),
        "year": ("年度", "year"),
        "hits": ("疑点", "hits"),
        "new": ("新增", "new"),
        "vanished": ("消失", "vanished"),
    }
    terminal.print_table("规则试运行" if chinese else "Replayed rules", rows, labels, chinese)


def _print_findings(rows: list[dict[str, Any]], chinese: bool) -> None:
    from orchestration.cli import terminal
    from orchestration.gate.replay import Change

    labels = {
        "change": ("变化", "change"),
        "rule_id": ("规则", "rule"),
        "year": ("年度", "year"),
        "city": ("城市", "city"),
        "school_code": ("学校", "school"),
        "sentence_zh" if chinese else "sentence_en": ("疑点", "finding"),
    }
    shown = [{**row, "change": Change(row["change"]).zh} for row in rows] if chinese else rows
    terminal.print_table(
        "变化的疑点" if chinese else "Findings that change", shown, labels, chinese
    )
