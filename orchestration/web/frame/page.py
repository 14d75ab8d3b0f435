"""What a page of the web app is built with: its visitor, its form, its template, its answer.

What belongs here: what every page module uses. What does not: any page (web/entry/sign_in.py, …)
and the list of page modules (web/app.py). A page is a function of a request and its visitor; sync
ones run in the thread pool. Add a module, and its name to `PAGES` in web/app.py:

    def schools(request: Request, visitor: Visitor) -> Response:
        city = request.path_params["city"]
        if not visitor.may_see(city):
            raise Refusal(404, "没有这个城市。", "There is no such city.")
        return render(request, visitor, "schools.html", city=city, schools=…)

    def accept(request: Request, visitor: Visitor) -> Response:
        text = form(request).get("text", "")        # CSRF, origin and size are checked already
        …
        return redirect(request, url(2024, city), ("已记录。", "Recorded."))

    routes = [
        Route("/{year:int}/{city}", page(schools)),
        Route("/{year:int}/{city}/accept", page(accept, role="steward"), methods=["POST"]),
    ]
    navigation = [NavigationItem("/", "总览", "Overview")]

A template extends base.html (blocks title, heading, aside, content), says every text as
`{{ t("待说明", "waiting") }}` and puts `{{ csrf_field() }}` into every form that posts.
"""

from __future__ import annotations

import functools
import inspect
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.settings import zone_of
from orchestration.web.accounts.store import ALL_CITIES, GRANTS, Accounts
from orchestration.web.accounts.tables import Notice
from orchestration.web.frame.drawing import ENVIRONMENTS, LANGUAGES, here, url
from orchestration.web.frame.security import (
    Form,
    Refusal,
    came_from,
    read_form,
    refuse_cross_site,
    same_site_path,
)

__all__ = [
    *("Form", "NavigationItem", "Notice", "Refusal", "Visitor", "accounts_of", "download"),
    *("form", "home_of", "page", "redirect", "render", "set_cookie", "url", "visitor_of"),
]
SESSION_COOKIE = "nianbao_session"
LANGUAGE_COOKIE = "nianbao_language"
FORM_COOKIE = "nianbao_form"  # stands in for a session's CSRF token while nobody is signed in
_GET = {"GET", "HEAD"}
_OCTETS = "application/octet-stream"


@dataclass(frozen=True)
class Visitor:
    """Whoever looks at a page; the name is empty while nobody is signed in."""

    name: str
    display_name: str
    role: str
    cities: tuple[str, ...]
    language: str
    csrf: str
    must_change_password: bool = False
    notice: Notice | None = None

    @property
    def is_signed_in(self) -> bool:
        """Return whether there is a session."""
        return bool(self.name)

    @property
    def is_chinese(self) -> bool:
        """Return whether pages are in Chinese."""
        return self.language == "zh"

    def has(self, role: str) -> bool:
        """Return whether the visitor may do what a role may do."""
        return self.is_signed_in and role in GRANTS[self.role]

    def may_see(self, city: str) -> bool:
        """Return whether a city is one of the visitor's."""
        return city in self.cities or ALL_CITIES in self.cities


class NavigationItem(NamedTuple):
    """One entry of the navigation, shown to those who have the role.

    `sections` are the parts of a year that belong to it, "cases" for `/2024/cases…`; a year's own
    page is "".
    """

    path: str
    zh: str
    en: str
    role: str = "viewer"
    sections: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Return whether a page is this entry's own or stands below it."""
        year, _, rest = path.removeprefix("/").partition("/")
        if year.isdecimal():
            return rest.partition("/")[0] in self.sections
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


Handler = Callable[[Request, Visitor], Response | Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def home_of(request: Request) -> Home:
    """Return the home that the app shows."""
    return request.app.state.home


def accounts_of(request: Request) -> Accounts:
    """Return the home's accounts."""
    return request.app.state.accounts


def visitor_of(request: Request) -> Visitor:
    """Return who sent a request; looked up once a request."""
    if not hasattr(request.state, "visitor"):
        token = request.cookies.get(SESSION_COOKIE)
        session = accounts_of(request).session(token) if token else None
        if session is None:
            request.state.visitor = stranger(request)
        else:
            account = session.account
            request.state.visitor = Visitor(
                name=account.name,
                display_name=account.display_name,
                role=account.role,
                cities=account.cities,
                language=session.language,
                csrf=session.csrf,
                must_change_password=account.must_change_password,
                notice=session.notice,
            )
    return request.state.visitor


def stranger(request: Request) -> Visitor:
    """Return a visitor who is not signed in; nothing is looked up but the cookies."""
    language = request.cookies.get(LANGUAGE_COOKIE)
    csrf = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
    return Visitor("", "", "", (), language if language in LANGUAGES else "zh", csrf)


def page(
    handler: Handler, role: str | None = "viewer", *, before_password_change: bool = False
) -> Endpoint:
    """Return the endpoint of a handler, which then sees only requests that may be answered.

    In this order: nobody signed in, to the sign-in page and back; a POST of another site, without
    this session's token or not a form, refused; a password to be changed, to that page; not the
    role, 403. `role=None` is a page for everybody.
    """
    if role is not None and role not in GRANTS:
        raise ValueError(f"no role {role!r}")

    @functools.wraps(handler)
    async def endpoint(request: Request) -> Response:
        visitor = await run_in_threadpool(visitor_of, request)
        if role is not None and not visitor.is_signed_in:
            back = here(request)() if request.method in _GET else came_from(request)
            return RedirectResponse(url("login", next=back), 303)
        if request.method not in _GET:
            refuse_cross_site(request)
            request.state.form = await read_form(request)
            _hold_token(request, visitor)
        if role is not None and visitor.must_change_password and not before_password_change:
            return RedirectResponse(url("password"), 303)
        if role is not None and not visitor.has(role):
            raise Refusal(
                403,
                "您的角色不能打开此页或执行此操作。",
                "Your role does not allow this page or action.",
            )
        if inspect.iscoroutinefunction(handler):
            response = await handler(request, visitor)
        else:
            response = await run_in_threadpool(handler, request, visitor)
        if not visitor.is_signed_in and FORM_COOKIE not in request.cookies:
            set_cookie(request, response, FORM_COOKIE, visitor.csrf)
        return response

    return endpoint


def _hold_token(request: Request, visitor: Visitor) -> None:
    sent = form(request).get("csrf", "")
    if not secrets.compare_digest(sent.encode(), visitor.csrf.encode()):
        raise Refusal(
            403,
            "页面已过期（可能已重新登录），没有执行。请返回、刷新后再试。",
            "The page is out of date (perhaps you signed in again); nothing was done. "
            "Go back, reload and try again.",
        )


def form(request: Request) -> Form:
    """Return the fields that were posted: `form(request).get("text", "")`, `.getlist("id")`."""
    return request.state.form


def render(
    request: Request, visitor: Visitor, template: str, *, status_code: int = 200, **context: Any
) -> HTMLResponse:
    """Return a page drawn from a template, in the visitor's language.

    Beside the context, a template has `visitor`, `csrf_field()`, `here(**changes)`, `navigation`
    and `notice`, and the globals of drawing.py.
    """
    own_address, zone = here(request), zone_of(home_of(request))
    if visitor.notice:
        accounts_of(request).set_notice(request.cookies[SESSION_COOKIE], None)
    field = Markup('<input type="hidden" name="csrf" value="{}">').format(visitor.csrf)
    base = {
        "visitor": visitor,
        "csrf_field": lambda: field,
        "here": own_address,
        "path": request.scope["path"],
        # Where a change of language comes back to: a POST has no page of its own.
        "back": own_address() if request.method in _GET else came_from(request),
        "navigation": [item for item in request.app.state.navigation if visitor.has(item.role)],
        "notice": visitor.notice,
        "zone": zone,
        "zone_name": clock.zone_name(zone)[visitor.language],
    }
    text = ENVIRONMENTS[visitor.language].get_template(template).render(base | context)
    return HTMLResponse(text, status_code)


def redirect(
    request: Request, path: str, notice: Notice | tuple[str, str] | None = None
) -> Response:
    """Answer a POST: go on to a page of this site, which shows the notice (zh, en) once."""
    if notice:
        accounts_of(request).set_notice(request.cookies[SESSION_COOKIE], Notice(*notice))
    return RedirectResponse(same_site_path(path), 303)


def download(request: Request, path: Path, name: str, media_type: str = _OCTETS) -> Response:
    """Answer with a file of the home, saved under `name`; no browser ever shows it.

    `Refusal` (404) if it is not there or lies outside of the home, `ValueError` for a media type
    that a browser would render.
    """
    if media_type not in {_OCTETS, "application/zip"} and not media_type.startswith(
        "application/vnd."
    ):
        raise ValueError(f"{media_type} is rendered by browsers")
    path = path.resolve()
    if not path.is_relative_to(home_of(request).root.resolve()) or not path.is_file():
        raise Refusal(404, "没有这个文件。", "There is no such file.")
    return FileResponse(path, filename=name, media_type=media_type)


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Set a cookie of this host that no script reads, until the browser is closed."""
    # Lax, not Strict: with Strict a link in a mail would ask a signed-in steward to sign in
    # again. No GET changes anything, and a POST is held by its token and its origin.
    is_secure = request.url.scheme == "https"
    response.set_cookie(name, value, httponly=True, samesite="lax", secure=is_secure)


def whole_number(text: str, otherwise: int = 1) -> int:
    """Return a number that came in an address or a form, `otherwise` for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else otherwise
