"""The administrators' page: who may sign in, as what, and to which cities.

What belongs here: the page and its actions. What does not: the rules of accounts
(web/accounts/store.py).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.forms.contract import read_yaml
from orchestration.ground.home import Home, configured_cities
from orchestration.web.accounts.store import ALL_CITIES, GRANTS, AccountRefused
from orchestration.web.frame.page import (
    NavigationItem,
    Visitor,
    accounts_of,
    form,
    home_of,
    page,
    redirect,
    render,
    url,
)

navigation = [NavigationItem("/accounts", "账号", "Accounts", "administrator")]


def _city_names(home: Home) -> dict[str, tuple[str, str]]:
    facts = {city: read_yaml(home.cities / city / "city.yml") for city in configured_cities(home)}
    return {city: (fact["name_zh"], fact["name_en"]) for city, fact in facts.items()}


def _list(
    request: Request,
    visitor: Visitor,
    *,
    refused: AccountRefused | None = None,
    issued: tuple[str, str] | None = None,
) -> Response:
    given = form(request) if refused else None
    return render(
        request,
        visitor,
        "accounts.html",
        status_code=409 if refused else 200,
        accounts=accounts_of(request).all(),
        roles=list(GRANTS),
        cities=_city_names(home_of(request)),
        every=ALL_CITIES,
        refused=refused,
        issued=issued,
        given=given,
    )


def _show(request: Request, visitor: Visitor) -> Response:
    return _list(request, visitor)


def _add(request: Request, visitor: Visitor) -> Response:
    given = form(request)
    name = given.get("name", "").strip()
    try:
        password = accounts_of(request).add(
            name,
            given.get("role", ""),
            given.getlist("city"),
            visitor.name,
            given.get("display_name", ""),
        )
    except AccountRefused as error:
        return _list(request, visitor, refused=error)
    return _list(request, visitor, issued=(name, password))


def _change(request: Request, visitor: Visitor) -> Response:
    """Do one thing to one account: `act` is change, disable, enable or reset."""
    given, accounts = form(request), accounts_of(request)
    name, act = given.get("name", ""), given.get("act", "")
    try:
        if act == "reset":
            password = accounts.reset_password(name, visitor.name)
            return _list(request, visitor, issued=(name, password))
        if act == "disable":
            accounts.disable(name, visitor.name)
        elif act == "enable":
            accounts.enable(name, visitor.name)
        else:
            role, cities = given.get("role", ""), given.getlist("city")
            accounts.change(name, role, cities, visitor.name, given.get("display_name", ""))
    except AccountRefused as error:
        return _list(request, visitor, refused=error)
    return redirect(request, url("accounts"), (f"账号 {name} 已更改。", f"Account {name} changed."))


routes = [
    Route("/accounts", page(_show, role="administrator")),
    Route("/accounts/add", page(_add, role="administrator"), methods=["POST"]),
    Route("/accounts/change", page(_change, role="administrator"), methods=["POST"]),
]
