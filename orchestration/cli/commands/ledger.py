"""`nianbao ledger`: the record of what happened."""

from __future__ import annotations

import os

import typer

from orchestration.cli.options import HomeOption, Stopped

app = typer.Typer(no_args_is_help=True, help="账本。The ledger.")


@app.callback()
def ledger() -> None:
    """账本。The ledger."""


@app.command()
def verify(home: HomeOption) -> None:
    """核对账本的哈希链。Check that the ledger's chain of hashes is whole."""
    from orchestration.ground.ledger import open_ledger

    if not os.environ.get("NIANBAO_LEDGER_URL") and not home.ledger.exists():
        raise Stopped(f"{home.ledger} 不存在。", f"There is no ledger at {home.ledger}.")
    with open_ledger(home) as ledger:
        count = ledger.verify()
    typer.echo(f"账本完整，共 {count} 条事件。The ledger is whole: {count} events.")
