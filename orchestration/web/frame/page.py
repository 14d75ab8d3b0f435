"""What a page of the web app is built with: its form, its template, its answer.

What belongs here: what every page module uses. What does not: any page (web/entry/sign_in.py, …)
and the list of page modules (web/app.py). A page is a function of a request and its visitor; sync
ones run in the thread pool. Add a module, and its name to `PAGES` in web/app.py:

    def schools(request: Request, visitor: Visitor) -> Response:
        city = request.path_params["city"]
        if not visitor.may_see(city):
            raise Refusal(404, "没有这个城市。", "There is no such city.")
        return render(request, visitor, "schools/schools.html", city=city, schools=…)

    def accept(request: Request, visitor: Visitor) -> Response:
        text = form(request).get("text", "")        # CSRF, origin and size are checked already
        …
        return redirect(request, url(2024, city), Text("已记录。", "Recorded."))

    routes = [
        Route("/{year:int}/{city}", page(schools)),
        Route("/{year:int}/{city}/accept", page(accept, Role.steward), methods=["POST"]),
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
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from orchestration.ground.home import Home
from orchestration.ground.text import Text
from orchestration.web.accounts.roles import Role
from orchestration.web.accounts.tables import Notice
from orchestration.web.frame.addresses import came_from, here, same_site_path, url
from orchestration.web.frame.security import Form, Refusal, read_form, refuse_cross_site
from orchestration.web.frame.visitor import (
    FORM_COOKIE,
    SESSION_COOKIE,
    Visitor,
    accounts_of,
    set_cookie,
    visitor_of,
)

_GET = {"GET", "HEAD"}
OCTETS = "application/octet-stream"  # what browsers save and never show
Handler = Callable[[Request, Visitor], Response | Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def home_of(request: Request) -> Home:
    """Return the home that the app shows."""
    return request.app.state.home


def page(
    handler: Handler, role: str | None = Role.viewer, *, before_password_change: bool = False
) -> Endpoint:
    """Return the endpoint of a handler, which then sees only requests that may be answered.

    In this order: nobody signed in, to the sign-in page and back; a POST of another site, without
    this session's token or not a form, refused; a password to be changed, to that page; not the
    role, 403. `role=None` is a page for everybody; `ValueError` for a role that there is not.
    """
    needed = None if role is None else Role(role)

    @functools.wraps(handler)
    async def endpoint(request: Request) -> Response:
        visitor = await run_in_threadpool(visitor_of, request)
        if needed and not visitor.is_signed_in:
            back = here(request)() if request.method in _GET else came_from(request)
            return RedirectResponse(url("login", next=back), 303)
        if request.method not in _GET:
            refuse_cross_site(request)
            request.state.form = await read_form(request)
            _require_token(request, visitor)
        if needed and visitor.must_change_password and not before_password_change:
            return RedirectResponse(url("password"), 303)
        if needed and not visitor.has(needed):
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


def _require_token(request: Request, visitor: Visitor) -> None:
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
    own_address = here(request)
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
    }
    environment = request.app.state.environments[visitor.language]
    text = environment.get_template(template).render(base | context)
    return HTMLResponse(text, status_code)


def redirect(request: Request, path: str, notice: Notice | Text | None = None) -> Response:
    """Answer a POST: go on to a page of this site, which shows the notice once."""
    if isinstance(notice, Text):
        notice = Notice(notice.zh, notice.en)
    if notice:
        accounts_of(request).set_notice(request.cookies[SESSION_COOKIE], notice)
    return RedirectResponse(same_site_path(path), 303)


def download(request: Request, path: Path, name: str) -> Response:
    """Answer with a file of the home, saved under `name`; no browser ever shows it.

    `Refusal` (404) if it is not there or lies outside of the home.
    """
    path = path.resolve()
    if not path.is_relative_to(home_of(request).root.resolve()) or not path.is_file():
        raise Refusal(404, "没有这个文件。", "There is no such file.")
    return FileResponse(path, filename=name, media_type=OCTETS)


def saved(data: bytes, name: str) -> Response:
    """Answer with bytes, saved under `name`, an ASCII one; no browser ever shows them."""
    disposition = f'attachment; filename="{name}"'
    return Response(data, headers={"Content-Disposition": disposition}, media_type=OCTETS)


class Paging(NamedTuple):
    """Which part of a long list a page shows: the rows from `start` up to `stop`."""

    page: int
    pages: int
    start: int
    stop: int


def paging(request: Request, rows: int, per_page: int) -> Paging:
    """Return the part of so many rows that `?page=` asks for, the nearest one if there is none."""
    pages = max(1, -(-rows // per_page))
    page = min(max(1, whole_number(request.query_params.get("page", "1"))), pages)
    return Paging(page, pages, (page - 1) * per_page, page * per_page)


def whole_number(text: str, otherwise: int = 1) -> int:
    """Return a number that came in an address or a form, `otherwise` for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else otherwise
