"""What every request has to pass and every response carries, whatever the page.

What belongs here: the host, where a request comes from, what its body may be, the headers of a
response. What does not: who is signed in (page.py, web/accounts/store.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, ImmutableMultiDict, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Form = ImmutableMultiDict[str, str]
MAX_BODY_BYTES = 256 * 1024
_MAX_FIELDS = 10_000
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:@/]+)(:[0-9]{1,5})?", re.IGNORECASE)
# No second slash or backslash first, and nothing that a browser strips before it looks: either
# would make the rest a host.
_SAME_SITE = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


class Refusal(Exception):
    """Anything that a person is told instead of the page: a status and a sentence (zh, en)."""

    def __init__(self, status_code: int, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.status_code, self.zh, self.en = status_code, zh, en


def halves(error: Exception) -> tuple[str, str]:
    """Return the two halves of a message that is Chinese first, with English after its last 。."""
    text = str(error)
    zh, mark, en = text.rpartition("。")
    return (zh + mark, en.strip()) if zh and en else (text, text)


class Guard:
    """Refuse hosts that are not ours, and put the security headers on every response.

    It stands outside everything, so that error pages and redirects carry the headers too.
    """

    def __init__(self, app: ASGIApp, host_names: Iterable[str]) -> None:
        """Guard `app`; `host_names` are without port, an IPv6 address without brackets."""
        self._app = app
        self._host_names = {name.lower().strip("[]") for name in host_names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        app = self._app if self._is_ours(scope) else _WRONG_HOST
        await app(scope, receive, send_guarded)

    def _is_ours(self, scope: Scope) -> bool:
        given = Headers(scope=scope).getlist("host")
        match = _HOST.fullmatch(given[0]) if len(given) == 1 else None
        return match is not None and match[1].strip("[]").lower() in self._host_names


_WRONG_HOST = PlainTextResponse(
    "此地址不属于本站，请由管理员以 --host-name 添加。\n"
    "This is not one of the site's names; it can be added with --host-name.\n",
    400,
)


def same_site_path(text: str) -> str:
    """Return a path of this site as it is, and `/` for anything else."""
    return text if _SAME_SITE.fullmatch(text) else "/"


def came_from(request: Request) -> str:
    """Return the path of the page that a request came from, `/` if it is not known or not ours."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host"):
        return "/"
    return same_site_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def refuse_cross_site(request: Request) -> None:
    """Raise `Refusal` if a browser says that another site sent this request."""
    # Hosts are compared without the scheme: a proxy in front may speak https where we speak http.
    origin = request.headers.get("origin")
    ours = request.headers["host"].lower()
    is_foreign = origin is not None and urlsplit(origin).netloc.lower() != ours
    if is_foreign or request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise Refusal(
            403,
            "这个请求来自别的网站，没有执行。",
            "This request came from another site; nothing was done.",
        )


async def read_form(request: Request) -> Form:
    """Return the fields of a posted form; `Refusal` (415, 413, 400) for any other body."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != (
        "application/x-www-form-urlencoded"
    ):
        raise Refusal(415, "只接受网页表单。", "Only forms of these pages are accepted.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Refusal(413, "提交的内容过大。", "The form is too large.")
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        raise Refusal(400, "无法读取提交的表单。", "The form cannot be read.") from None
    return ImmutableMultiDict(fields)
