"""The web app as a whole: its page modules, its error pages, its guard.

What belongs here: composing. What does not: pages; a new module of them goes into `PAGES`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from orchestration.analysts.sql_query import Queries
from orchestration.editions.history import NoSuchEdition
from orchestration.editions.trace import NothingToTrace
from orchestration.gate.decisions import DecidedMeanwhile, DecisionRefused
from orchestration.ground.home import Home
from orchestration.ground.ledger import LedgerBusy
from orchestration.ground.settings import BadSettings
from orchestration.ground.text import NianbaoError, Text
from orchestration.intake.declared.deadlines import BadExtension
from orchestration.intake.declared.exclusions import BadExclusion
from orchestration.intake.received import BadChoice
from orchestration.web.accounts.store import Accounts
from orchestration.web.editions import edition_pages, signing_pages, trace_pages
from orchestration.web.entry import account_pages, sign_in
from orchestration.web.findings import decision_pages, rule_pages, triage
from orchestration.web.frame import drawing
from orchestration.web.frame.page import render
from orchestration.web.frame.security import Guard, Refusal
from orchestration.web.frame.visitor import NavigationItem, stranger, visitor_of
from orchestration.web.schools import deadline_pages, overview, school_pages, submission_pages
from orchestration.web.sql import sql_pages
from orchestration.web.sql.questions import QuestionRefused

log = logging.getLogger(__name__)


class PageModule(Protocol):
    """What a module of pages gives."""

    routes: list[Route]
    navigation: list[NavigationItem]


# In the order of the navigation. The first route that matches answers, so `sign_in` comes last.
PAGES: tuple[PageModule, ...] = (
    overview,
    school_pages,
    submission_pages,
    triage,
    decision_pages,
    deadline_pages,
    edition_pages,
    rule_pages,
    signing_pages,
    trace_pages,
    sql_pages,
    account_pages,
    sign_in,
)

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_SENTENCES = {
    403: Text("不允许此操作。", "This is not allowed."),
    404: Text(
        "没有这个页面。地址可能有误，或内容已移走。",
        "There is no such page. The address may be wrong, or its content is gone.",
    ),
    405: Text("此地址不接受这种请求。", "This address does not take that kind of request."),
    409: Text(
        "页面打开后内容已变，没有执行。请返回、刷新后再试。",
        "What you saw has changed since; nothing was done. Go back, reload and try again.",
    ),
    500: Text(
        "系统出错，已记入服务器日志。请稍后再试，或联系管理员。",
        "Something went wrong; the server's log has it. Try again later, or ask an administrator.",
    ),
}
# What stops a page that does not take it up itself, and the answer's status.
_STOPPED: dict[type[NianbaoError], int] = {
    BadExclusion: 400,
    BadExtension: 400,
    BadChoice: 400,
    DecidedMeanwhile: 409,
    DecisionRefused: 403,
    LedgerBusy: 503,
    NoSuchEdition: 404,
    NothingToTrace: 404,
    QuestionRefused: 403,
}
_TITLES = {
    400: "请求有误",
    403: "不允许",
    404: "未找到",
    405: "不支持的请求",
    409: "内容已变",
    413: "内容过大",
    415: "格式不支持",
    500: "系统出错",
    503: "请稍后再试",
}


class _Guarded(Starlette):
    """The app inside its guard, which Starlette's own place for middleware leaves errors out of."""

    host_names: tuple[str, ...]

    def build_middleware_stack(self) -> ASGIApp:
        return Guard(super().build_middleware_stack(), self.host_names)


def build_app(
    home: Home, host_names: Sequence[str] = (), accounts: Accounts | None = None
) -> Starlette:
    """Return the web app of a home; it answers to this machine's local names and `host_names`."""
    app = _Guarded(
        routes=[*drawing.routes, *(route for module in PAGES for route in module.routes)],
        exception_handlers={
            HTTPException: _http_error,
            Refusal: _refusal,
            BadSettings: _bad_settings,
            **{kind: partial(_told, status) for kind, status in _STOPPED.items()},
            Exception: _server_error,
        },
    )
    app.host_names = (*LOCAL_NAMES, *host_names)
    app.state.home = home
    app.state.accounts = accounts or Accounts(home)
    app.state.queries = Queries(home)
    app.state.environments = drawing.environments(home)
    app.state.navigation = [item for module in PAGES for item in module.navigation]
    return app


def _error_page(request: Request, status: int, sentence: Text) -> Response:
    visitor = stranger(request) if status == 500 else visitor_of(request)
    english = HTTPStatus(status).phrase
    title = Text(_TITLES.get(status, english), english)
    return render(
        request, visitor, "message.html", status_code=status, title=title, sentence=sentence
    )


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = _SENTENCES.get(error.status_code, Text(error.detail, error.detail))
    response = _error_page(request, error.status_code, sentence)
    response.headers.update(error.headers or {})
    return response


def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _error_page(request, error.status_code, error.text)


def _told(status: int, request: Request, error: Exception) -> Response:
    assert isinstance(error, NianbaoError)
    return _error_page(request, status, error.text)


def _bad_settings(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadSettings)
    log.error("%s", error)
    # Visitors need not know where on the machine the file lies.
    return _error_page(request, 500, Text("settings.yml：", "settings.yml:") + error.said)


def _server_error(request: Request, error: Exception) -> Response:
    return _error_page(request, 500, _SENTENCES[500])
