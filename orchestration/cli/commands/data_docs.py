"""`nianbao data-docs`: Great Expectations' own result pages of the last run."""

from __future__ import annotations

import typer

from orchestration.cli.options import HomeOption, open_home, said

app = typer.Typer()


@app.command("data-docs")
def data_docs(home: HomeOption) -> None:
    """生成 Great Expectations 的校验结果页面。Write Great Expectations' own result pages."""
    from orchestration.gate.data_docs import build_data_docs
    from orchestration.gate.replay import NothingToReplay
    from orchestration.gate.rules import BadRule
    from orchestration.gate.suites import RuleDidNotRun

    try:
        index = build_data_docs(open_home(home))
    except (NothingToReplay, BadRule, RuleDidNotRun) as error:
        raise said(error) from error
    typer.echo(f"校验结果页面 Data Docs: {index}")
