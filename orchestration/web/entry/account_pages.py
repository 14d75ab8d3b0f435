"""The administrators' page: who may sign in, as what, and to which cities.

What belongs here: the page and its actions. What does not: the rules of accounts
(web/accounts/store.py).
"""

from __future__ import annotations

from typing import NamedTuple

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.forms.contract import read_yaml
from orchestration.ground.home import Home, configured_cities
from orchestration.ground.text import Text
from orchestration.web.accounts.checks import AccountRefused
from orchestration.web.accounts.roles import ALL_CITIES, Role
from orchestration.web.frame.addresses import url
from orchestration.web.frame.page import form, home_of, page, redirect, render
from orchestration.web.frame.visitor import NavigationItem, Visitor, accounts_of

navigation = [NavigationItem("/accounts", "账号", "Accounts", Role.administrator)]


class Issued(NamedTuple):
    """A one-time password, and whose it is: shown once."""

    name: str
    password: str


def _city_names(home: Home) -> dict[str, Text]:
    facts = {city: read_yaml(home.cities / city / "city.yml") for city in configured_cities(home)}
    return {city: Text(fact["name_zh"], fact["name_en"]) for city, fact in facts.items()}


def _page_of_accounts(
    request: Request,
    visitor: Visitor,
    *,
    refused: AccountRefused | None = None,
    issued: Issued | None = None,
) -> Response:
    typed = form(request) if refused else FormData()
    return render(
        request,
        visitor,
        "entry/accounts.html",
        status_code=409 if refused else 200,
        accounts=accounts_of(request).all(),
        roles=list(Role),
        cities=_city_names(home_of(request)),
        every=ALL_CITIES,
        refused=refused,
        issued=issued,
        name=typed.get("name", ""),
        display_name=typed.get("display_name", ""),
        role=typed.get("role", Role.steward),
        chosen=typed.getlist("city"),
    )


def _show(request: Request, visitor: Visitor) -> Response:
    return _page_of_accounts(request, visitor)


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
        return _page_of_accounts(request, visitor, refused=error)
    return _page_of_accounts(request, visitor, issued=Issued(name, password))


def _change(request: Request, visitor: Visitor) -> Response:
    """Do one thing to one account: `act` is change, disable, enable or reset."""
    given, accounts = form(request), accounts_of(request)
    name, act = given.get("name", ""), given.get("act", "")
    try:
        if act == "reset":
            password = accounts.reset_password(name, visitor.name)
            return _page_of_accounts(request, visitor, issued=Issued(name, password))
        if act == "disable":
            accounts.disable(name, visitor.name)
        elif act == "enable":
            accounts.enable(name, visitor.name)
        else:
            role, cities = given.get("role", ""), given.getlist("city")
            accounts.change(name, role, cities, visitor.name, given.get("display_name", ""))
    except AccountRefused as error:
        return _page_of_accounts(request, visitor, refused=error)
    changed = Text(f"账号 {name} 已更改。", f"Account {name} changed.")
    return redirect(request, url("accounts"), changed)


routes = [
    Route("/accounts", page(_show, Role.administrator)),
    Route("/accounts/add", page(_add, Role.administrator), methods=["POST"]),
    Route("/accounts/change", page(_change, Role.administrator), methods=["POST"]),
]
