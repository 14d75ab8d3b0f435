"""`nianbao dbt-docs`: dbt's own documentation of the marts, as one page."""

from __future__ import annotations

import typer

from orchestration.cli.options import HomeOption

app = typer.Typer()


@app.command("dbt-docs")
def dbt_docs(home: HomeOption) -> None:
    """生成 dbt 的数据文档（一个网页，离线可读）。Write dbt's documentation as one page."""
    from orchestration.warehouse.dbt import document

    typer.echo(f"数据文档 dbt docs: {document(home)}")
