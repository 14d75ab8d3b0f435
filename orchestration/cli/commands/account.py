"""`nianbao account`: who may use the web app, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.options import (
    Format,
    FormatOption,
    HomeOption,
    Language,
    LanguageOption,
    Stopped,
)
from orchestration.ground.text import Text

if TYPE_CHECKING:
    from orchestration.ground.home import Home
    from orchestration.web.accounts.store import Accounts

app = typer.Typer(no_args_is_help=True, help="审核网页的账号。Accounts of the web app.")
NameArgument = Annotated[str, typer.Argument(help="用户名。User name.")]


def _accounts(home: Home) -> Accounts:
    from orchestration.web.accounts.store import Accounts

    if not home.root.is_dir():
        raise Stopped(f"{home.root} 不存在。", f"There is no {home.root}.")
    return Accounts(home)


def _tell(name: str, password: str) -> None:
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

    _tell(name, _accounts(home).add(name, role, city or [], command_actor(), display_name))


@app.command()
def reset(home: HomeOption, name: NameArgument) -> None:
    """重置密码，显示一次性密码。Reset a password; this ends the account's sessions and lock."""
    from orchestration.web.accounts.store import command_actor

    _tell(name, _accounts(home).reset_password(name, command_actor()))


@app.command("list")
def list_accounts(
    home: HomeOption,
    lang: LanguageOption = Language.zh,
    format: FormatOption = Format.table,
) -> None:
    """列出账号。List the accounts."""
    from orchestration.cli.terminal import show

    rows = [vars(account) for account in _accounts(home).all()]
    if format is Format.table:
        rows = [
            {**row, "user_name": row["name"], "own_cities": ", ".join(row["cities"])}
            for row in rows
        ]
    columns = ("user_name", "display_name", "role", "own_cities")
    states = ("is_disabled", "is_locked", "must_change_password")
    show(Text("账号", "Accounts"), rows, (*columns, *states), lang, format)
