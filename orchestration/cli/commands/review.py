"""`nianbao review`: the stewards' web app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.cli.options import HomeOption, Stopped, require_cities

if TYPE_CHECKING:
    from socket import socket

app = typer.Typer()


@app.command()
def review(
    home: HomeOption,
    host: Annotated[str, typer.Option("--host", help="监听地址。Address to listen on.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="端口。Port.")] = 8400,
    host_name: Annotated[
        list[str] | None,
        typer.Option("--host-name", help="浏览器中使用的主机名，可重复。A name of it; repeatable."),
    ] = None,
) -> None:
    """启动审核网页。Serve the stewards' pages until it is stopped."""
    require_cities(home)
    # The port is taken before anything else: a one-time password is shown only if it can be used.
    listening = _listen(host, port)
    import uvicorn

    from orchestration.web.accounts.store import FIRST_NAME, Accounts, command_actor
    from orchestration.web.app import LOCAL_NAMES, build_app

    accounts = Accounts(home)
    password = accounts.make_first(command_actor())
    names = [*(host_name or []), host]
    shown = f"[{names[0]}]" if ":" in names[0] else names[0]
    typer.echo(
        f"审核网页 The stewards' pages: http://{shown}:{listening.getsockname()[1]}/  (Ctrl+C 停止)"
    )
    if password:
        typer.echo(
            f"首次启动：管理员 {FIRST_NAME}，一次性密码 {password} （只显示这一次，登录后须修改）\n"
            f"First start: administrator {FIRST_NAME}, one-time password {password} "
            "(shown only now, to be changed at once)"
        )
    if host not in LOCAL_NAMES:
        typer.echo(
            "注意：未加密的 http 会暴露密码，请在前面放置 https 代理。\n"
            "Note: plain http shows passwords to the network; put an https proxy in front."
        )
    config = uvicorn.Config(
        build_app(home, names, accounts),
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket:
    """Return a socket that listens there, or stop with the reason."""
    import errno
    import socket

    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Stopped(
                f"端口 {port} 已被占用，请用 --port 换一个。",
                f"Port {port} is taken; choose another with --port.",
            ) from error
        raise Stopped(
            f"无法监听 {host}:{port}：{error.strerror}。",
            f"Cannot listen on {host}:{port}: {error.strerror}.",
        ) from error
