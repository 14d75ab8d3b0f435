"""What every request has to pass and every response carries, whatever the page.

What belongs here: the host, where a request comes from, what its body may be, the headers of a
response. What does not: who is signed in (page.py, web/accounts/store.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, ImmutableMultiDict, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestration.ground.text import NianbaoError

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


class Refusal(NianbaoError):
    """Anything that a person is told instead of the page: a status and a sentence."""

    def __init__(self, status_code: int, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.status_code = status_code

    @classmethod
    def of(cls, status_code: int, error: NianbaoError) -> Refusal:
        """Return what says to a person what an error of ours says."""
        return cls(status_code, error.text.zh, error.text.en)


class Guard:
    """Refuse hosts that are not ours, and put the security headers on every response.

    It stands outside everything, so that error pages and redirects carry the headers too. A page's
    own header stays: ready-made middleware of such headers writes over it.
    """

    def __init__(self, app: ASGIApp, host_names: Iterable[str]) -> None:
        """Guard `app`; `host_names` are without port, an IPv6 address without brackets."""
        self._app = app
        names = [f"[{name}]" if ":" in name else name for name in host_names]
        self._trusted = TrustedHostMiddleware(_say_nothing, names, www_redirect=False)

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

        app = self._app if await self._is_ours(scope, receive) else _WRONG_HOST
        await app(scope, receive, send_guarded)

    async def _is_ours(self, scope: Scope, receive: Receive) -> bool:
        """Return whether a request names one host, and that one is ours.

        Starlette looks at the first of several Host headers only, and gives its reason in English:
        it is asked for its judgement, and the answer is our own.
        """
        if len(Headers(scope=scope).getlist("host")) != 1:
            return False
        objections: list[Message] = []

        async def object_to(message: Message) -> None:
            objections.append(message)

        await self._trusted(scope, receive, object_to)
        return not objections


async def _say_nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand for the app while a host is judged."""


_WRONG_HOST = PlainTextResponse(
    "此地址不属于本站，请由管理员以 --host-name 添加。\n"
    "This is not one of the site's names; it can be added with --host-name.\n",
    400,
)


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
    """Return the fields of a posted form; `Refusal` (415, 413, 400) for any other body.

    Starlette's own `request.form` limits a field and not the whole, and reads bytes that are no
    UTF-8 as replacement characters, which would go into the ledger.
    """
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
