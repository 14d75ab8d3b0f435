"""Deadlines: who is late, whom to remind, who has longer.

What belongs here: these pages. What does not: what a deadline means (intake/declared/deadlines.py).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.gate.current import current_state
from orchestration.ground import clock
from orchestration.ground.frames import records
from orchestration.ground.ledger import open_ledger
from orchestration.ground.settings import zone_of
from orchestration.ground.text import Text
from orchestration.intake.declared.deadlines import extend
from orchestration.schools.reminders import as_csv, as_text, reminders
from orchestration.schools.timeliness import timeliness_of
from orchestration.web.accounts.roles import Role
from orchestration.web.frame.addresses import url
from orchestration.web.frame.page import OCTETS, form, home_of, page, redirect, render
from orchestration.web.frame.security import Refusal
from orchestration.web.frame.visitor import NavigationItem, Visitor


def _deadlines(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    now = current_state(home)
    cities = visitor.own(now.cities)
    times, today = timeliness_of(home, cities, year), clock.today(zone_of(home))
    return render(
        request,
        visitor,
        "schools/deadlines.html",
        year=year,
        cities={name: now.cities[name] for name in cities},
        schools=records(times.sort_values(["city", "school_code"])),
        reminded={name: len(reminders(home, name, year, today)) for name in cities},
    )


def _reminders(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    city, kind = request.path_params["city"], request.path_params["kind"]
    if city not in visitor.own(current_state(home).cities):
        raise Refusal(404, "没有这个城市。", "There is no such city.")
    rows = reminders(home, city, year, clock.today(zone_of(home)))
    text = (as_csv if kind == "csv" else as_text)(rows, visitor.language)
    headers = {"Content-Disposition": f'attachment; filename="{city}_{year}_reminders.{kind}"'}
    return Response(text, headers=headers, media_type=OCTETS)


def _extend(request: Request, visitor: Visitor) -> Response:
    home, year, given = home_of(request), request.path_params["year"], form(request)
    city = given.get("city", "")
    if city not in visitor.own(current_state(home).cities):
        raise Refusal(404, "没有这个城市。", "There is no such city.")
    code, until, reason = (given.get(name, "") for name in ("school", "until", "reason"))
    with open_ledger(home) as ledger:
        extend(ledger, home, city, year, code, until, reason, visitor.name)
    notice = Text("已登记延期，下一次运行生效。", "Extended: it counts from the next run on.")
    return redirect(request, url(year, "deadlines"), notice)


routes = [
    Route("/{year:int}/deadlines", page(_deadlines)),
    Route("/{year:int}/deadlines/extend", page(_extend, Role.steward), methods=["POST"]),
    Route("/{year:int}/reminders/{city}.{kind}", page(_reminders)),
]
navigation = [NavigationItem("/latest/deadlines", "期限", "Deadlines", sections=("deadlines",))]
