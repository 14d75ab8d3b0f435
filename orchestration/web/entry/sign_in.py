"""Coming in and going out: sign in, sign out, password, language, the first page.

What belongs here: pages that stand before everything else. What does not: pages on data, and
managing other people's accounts (account_pages.py).
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match, Route

from orchestration.gate.current import current_state
from orchestration.ground.text import Language, Text
from orchestration.web.accounts.checks import AccountRefused
from orchestration.web.frame.addresses import same_site_path, url
from orchestration.web.frame.page import form, home_of, page, redirect, render
from orchestration.web.frame.security import read_form, refuse_cross_site
from orchestration.web.frame.visitor import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    NavigationItem,
    Visitor,
    accounts_of,
    set_cookie,
    visitor_of,
)

navigation: list[NavigationItem] = []


def _login(request: Request, visitor: Visitor) -> Response:
    if request.method != "POST":
        onward = same_site_path(request.query_params.get("next", "/"))
        if visitor.is_signed_in:
            return RedirectResponse(onward, 303)
        return render(request, visitor, "entry/login.html", onward=onward, name="", refused=None)
    given = form(request)
    name, onward = given.get("name", ""), same_site_path(given.get("next", "/"))
    try:
        token = accounts_of(request).sign_in(name, given.get("password", ""), visitor.language)
    except AccountRefused as error:
        facts = {"onward": onward, "name": name, "refused": error}
        return render(request, visitor, "entry/login.html", status_code=401, **facts)
    response = RedirectResponse(onward, 303)
    set_cookie(request, response, SESSION_COOKIE, token)
    return response


def _logout(request: Request, visitor: Visitor) -> Response:
    accounts_of(request).sign_out(request.cookies[SESSION_COOKIE])
    response = RedirectResponse(url("login"), 303)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")
    return response


def _password(request: Request, visitor: Visitor) -> Response:
    if request.method != "POST":
        return render(request, visitor, "entry/password.html", refused=None)
    given = form(request)
    old, new = given.get("old", ""), given.get("new", "")
    try:
        if new != given.get("again", ""):
            raise AccountRefused("两次输入的新密码不同。", "The two new passwords differ.")
        accounts_of(request).change_password(request.cookies[SESSION_COOKIE], old, new)
    except AccountRefused as error:
        return render(request, visitor, "entry/password.html", status_code=400, refused=error)
    return redirect(request, "/", Text("密码已修改。", "Your password was changed."))


async def _language(request: Request) -> Response:
    # No token: a stranger may not have one yet, and nothing but the language changes.
    refuse_cross_site(request)
    given = await read_form(request)
    response = RedirectResponse(same_site_path(given.get("next", "/")), 303)
    language = given.get("language", "")
    if language in set(Language):
        set_cookie(request, response, LANGUAGE_COOKIE, language)
        visitor = await run_in_threadpool(visitor_of, request)
        if visitor.is_signed_in:
            token = request.cookies[SESSION_COOKIE]
            await run_in_threadpool(accounts_of(request).set_language, token, language)
    return response


def _home(request: Request, visitor: Visitor) -> Response:
    """Go to the overview of the latest year that schools handed in for, if there is one."""
    home = home_of(request)
    # A folder alone makes no year: somebody may have made next year's, or mistyped one.
    handed_in = {folder.name for folder in home.inbox.glob("[0-9]*") if folder.is_dir()}
    known = current_state(home).years if handed_in else []
    for year in [str(year) for year in known if str(year) in handed_in][:1]:
        scope = {"type": "http", "method": "GET", "path": url(year)}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            return RedirectResponse(url(year), 303)
    sentence = Text("还没有可显示的年度。", "There is no year to show yet.")
    title = Text("年报", "nianbao")
    return render(request, visitor, "message.html", title=title, sentence=sentence)


def _health(request: Request) -> Response:
    return PlainTextResponse("ok\n")


routes = [
    Route("/", page(_home)),
    Route("/login", page(_login, role=None), methods=["GET", "POST"]),
    Route("/logout", page(_logout, before_password_change=True), methods=["POST"]),
    Route("/password", page(_password, before_password_change=True), methods=["GET", "POST"]),
    Route("/language", _language, methods=["POST"]),
    Route("/health", _health),
]
