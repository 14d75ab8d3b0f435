"""`nianbao account`: who may use the web app, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from orchestration.web.accounts.store import Accounts

app = typer.Typer(no_args_is_help=True, help="审核网页的账号。Accounts of the web app.")
NameArgument = Annotated[str, typer.Argument(help="用户名。User name.")]
_LABELS = {
    "name": ("用户名", "name"),
    "display_name": ("姓名", "name shown"),
    "role": ("角色", "role"),
    "cities": ("城市", "cities"),
    "is_disabled": ("停用", "disabled"),
    "is_locked": ("锁定", "locked"),
    "must_change_password": ("待改密码", "password to be changed"),
}


def _accounts(root: Path) -> Accounts:
    from orchestration.web.accounts.store import Accounts

    home = open_home(root)
    if not home.root.is_dir():
        raise stop(f"{home.root} 不存在。", f"There is no {home.root}.")
    return Accounts(home)


def _show(name: str, password: str) -> None:
    typer.echo(
        f"{name} 的一次性密码：{password} （只显示这一次，登录后须修改）\n"
        f"One-time password of {name}: {password} (shown only now, to be changed at once)"
    )


@app.command()
def add(
    home: HomeOption,
    name: NameArgument,
    role: Annotated[
        str, typer.Option("--role", help="角色。viewer, steward, approver or administrator.")
    ],
    city: Annotated[
        list[str] | None, typer.Option("--city", help="城市，可重复，全部写“*”。City; '*' is all.")
    ] = None,
    display_name: Annotated[str, typer.Option("--display-name", help="姓名。Name shown.")] = "",
) -> None:
    """添加账号，显示一次性密码。Add an account and show its one-time password."""
    from orchestration.web.accounts.store import command_actor

    password = _accounts(home).add(name, role, city or [], command_actor(), display_name)
    _show(name, password)


@app.command()
def reset(home: HomeOption, name: NameArgument) -> None:
    """重置密码，显示一次性密码。Reset a password; this ends the account's sessions and lock."""
    from orchestration.web.accounts.store import command_actor

    password = _accounts(home).reset_password(name, command_actor())
    _show(name, password)


@app.command("list")
def list_accounts(
    home: HomeOption,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """列出账号。List the accounts."""
    from dataclasses import asdict

    from orchestration.cli import terminal

    rows = [asdict(account) for account in _accounts(home).all()]
    if format is Format.json:
        terminal.print_json(rows)
        return
    is_chinese = lang is Language.zh
    yes_no = ("是", "否") if is_chinese else ("yes", "no")
    for row in rows:
        row["cities"] = ", ".join(row["cities"])
        for key in ("is_disabled", "is_locked", "must_change_password"):
            row[key] = yes_no[0] if row[key] else yes_no[1]
    terminal.print_table("账号" if is_chinese else "Accounts", rows, _LABELS, is_chinese)
