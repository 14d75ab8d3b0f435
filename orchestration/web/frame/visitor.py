"""Who looks at a page, and which entries of the navigation they see.

What belongs here: what a request says of its sender, by its cookies. What does not: what is kept of
accounts and sessions (web/accounts/store.py), and what a page refuses them (page.py).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from orchestration.ground.text import Language
from orchestration.web.accounts.roles import ALL_CITIES, GRANTS, Role
from orchestration.web.accounts.store import Accounts
from orchestration.web.accounts.tables import Notice

SESSION_COOKIE = "nianbao_session"
LANGUAGE_COOKIE = "nianbao_language"
FORM_COOKIE = "nianbao_form"  # stands in for a session's CSRF token while nobody is signed in


@dataclass(frozen=True)
class Visitor:
    """Whoever looks at a page; name and role are empty while nobody is signed in."""

    name: str
    display_name: str
    role: Role | None
    cities: tuple[str, ...]
    language: Language
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
        return self.language is Language.zh

    def has(self, role: str) -> bool:
        """Return whether the visitor may do what a role may do."""
        return self.role is not None and role in GRANTS[self.role]

    def may_see(self, city: str) -> bool:
        """Return whether a city is one of the visitor's."""
        return city in self.cities or ALL_CITIES in self.cities

    def own(self, cities: Iterable[str]) -> list[str]:
        """Return those of some cities that the visitor may see."""
        return [city for city in cities if self.may_see(city)]


class NavigationItem(NamedTuple):
    """One entry of the navigation, shown to those who have the role.

    `sections` are the parts of a year that belong to it, "cases" for `/2024/cases…`; a year's own
    page is "".
    """

    path: str
    zh: str
    en: str
    role: Role = Role.viewer
    sections: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Return whether a page is this entry's own or stands below it."""
        year, _, rest = path.removeprefix("/").partition("/")
        if year.isdecimal():
            return rest.partition("/")[0] in self.sections
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


def accounts_of(request: Request) -> Accounts:
    """Return the home's accounts."""
    return request.app.state.accounts


def visitor_of(request: Request) -> Visitor:
    """Return who sent a request; looked up once a request."""
    if not hasattr(request.state, "visitor"):
        request.state.visitor = _signed_in(request) or stranger(request)
    return request.state.visitor


def _signed_in(request: Request) -> Visitor | None:
    token = request.cookies.get(SESSION_COOKIE)
    session = accounts_of(request).session(token) if token else None
    if session is None:
        return None
    account = session.account
    return Visitor(
        name=account.name,
        display_name=account.display_name,
        role=account.role,
        cities=account.cities,
        language=session.language,
        csrf=session.csrf,
        must_change_password=account.must_change_password,
        notice=session.notice,
    )


def stranger(request: Request) -> Visitor:
    """Return a visitor who is not signed in; nothing is looked up but the cookies."""
    wanted = request.cookies.get(LANGUAGE_COOKIE, "")
    language = Language(wanted) if wanted in set(Language) else Language.zh
    csrf = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
    return Visitor("", "", None, (), language, csrf)


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Set a cookie of this host that no script reads, until the browser is closed."""
    # Lax, not Strict: with Strict a link in a mail would ask a signed-in steward to sign in
    # again. No GET changes anything, and a POST is held by its token and its origin.
    is_secure = request.scope["scheme"] == "https"
    response.set_cookie(name, value, httponly=True, samesite="lax", secure=is_secure)
