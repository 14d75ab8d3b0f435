"""`nianbao rules`: which rules there are, and what a new or changed one would find.

What belongs here: the commands and what their tables show. What does not: running rules and
comparing what they find (gate/replay.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.options import (
    Format,
    FormatOption,
    HomeOption,
    Language,
    LanguageOption,
    Stopped,
)
from orchestration.ground.terms import Stage
from orchestration.ground.text import Text

app = typer.Typer(no_args_is_help=True, help="校验规则。The rules.")
_FIRST = 3  # findings of a rule that are shown unless all are asked for


@app.command("list")
def list_rules(
    home: HomeOption,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """列出所有规则。List the rules, the home's own among them."""
    from orchestration.cli.terminal import show
    from orchestration.gate.rules import load_rules

    rows = [
        {
            "rule_id": rule.id,
            "class": rule.rule_class,
            "stage": rule.stage,
            "family": rule.family,
            "since": rule.since,
            "until": rule.until,
            "version": rule.version,
        }
        for rule in load_rules(home.expectations)
    ]
    columns = ("rule_id", "class", "stage", "family", "since", "until", "version")
    show(Text("校验规则", "Rules"), rows, columns, lang, format)


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
    from orchestration.cli.terminal import show
    from orchestration.gate import replay as replaying
    from orchestration.gate.rules import load_paths, load_rules
    from orchestration.ground.frames import records

    missing = [str(given) for given in path or [] if not given.exists()]
    if missing:
        names = "、".join(missing)
        raise Stopped(f"没有 {names}。", f"There is no {names}.")
    if path:
        rules, retired = load_paths(path, stage), []
    else:
        stages = [stage] if stage else list(Stage)
        rules = load_rules(home.expectations, *stages)
        retired = replaying.retired_rules(home, rules, stages)
    findings = replaying.replay(home, rules, retired)
    columns = ("change", "rule_id", "year", "city", "school_code", "sentence")
    if format is Format.json:
        show("", records(findings), columns, lang, format)
        return
    counts = records(replaying.changes_by_rule(rules, findings))
    changed = [row for row in counts if row["new"] or row["vanished"]]
    counted = counts if path else changed
    if counted:
        title = Text("规则试运行", "Replayed rules")
        show(title, counted, ("rule_id", "year", "hits", "new", "vanished"), lang)
    moved = findings[findings["change"] != replaying.Change.same]
    listed = moved if every else moved.groupby(["rule_id", "change"]).head(_FIRST)
    if len(listed):
        rows = [
            {
                **row,
                "change": replaying.Change(row["change"]),
                "sentence": row[f"sentence_{lang}"],
            }
            for row in records(listed)
        ]
        show(Text("变化的疑点", "Findings that change"), rows, columns, lang)
    run, moving = len(rules) + len(retired), len({row["rule_id"] for row in changed})
    left = len(moved) - len(listed)
    said = Text(
        f"共 {run} 条规则，{moving} 条的疑点有变化；未列出 {left} 处。",
        f"{run} rules, the findings of {moving} change; {left} more not listed.",
    )
    typer.echo(said[lang])
