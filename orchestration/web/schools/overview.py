"""The year at a glance: its cities with their gates, its schools with their files, its alerts.

What belongs here: this page. What does not: one school (school_pages.py), findings
(web/findings/triage.py).
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.editions.history import CityYear, Edition, every_city_year
from orchestration.gate.current import CurrentState, current_state
from orchestration.ground import alerts
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.terms import FindingState, GateVerdict, Verdict
from orchestration.ground.text import Term, Text
from orchestration.intake.inbox import Fate, Lying
from orchestration.intake.plain_text import narrow
from orchestration.intake.received import inbox_of
from orchestration.schools.at_a_glance import schools_at_a_glance
from orchestration.schools.timeliness import Timeliness
from orchestration.web.accounts.roles import ALL_CITIES
from orchestration.web.frame.addresses import url
from orchestration.web.frame.embargo import closed_to, impact_shown
from orchestration.web.frame.page import home_of, page, render
from orchestration.web.frame.security import Refusal
from orchestration.web.frame.visitor import NavigationItem, Visitor

# How a school stands, what has to be looked at first.
STATES: tuple[Term, ...] = (
    Timeliness.missing,
    Verdict.returned,
    Verdict.waiting,
    FindingState.excluded,
    Verdict.accepted,
)
_LACKING = (Timeliness.missing, FindingState.excluded)
_LATE = (Timeliness.late, Timeliness.overdue)


@dataclass(frozen=True)
class CityAtAGlance:
    """How far a city has come with a year; `edition` is the one that stands, or the last of all.

    `report_lacks` is what that edition's report could not print.

    `bureau_state` is that of its bureau's own newest file, `bureau_file` the file's submission;
    `bureau_counts_older` is whether an older file counts.
    """

    city: str
    name: Text
    gate: str
    edition: Edition | None
    report_lacks: list[Text]
    expected: int
    received: int
    in_state: dict[Term, int]
    late: int
    days_left: int | None
    bureau_state: str
    bureau_file: str | None
    bureau_counts_older: bool


def _year(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    now = current_state(home)
    if year not in now.years:
        raise Refusal(404, f"没有 {year} 年度。", f"There is no year {year}.")
    schools = schools_at_a_glance(home, now, visitor.own(now.cities), year)
    state = request.query_params.get("state", "")
    city = request.query_params.get("city", "")
    return render(
        request,
        visitor,
        "schools/year.html",
        year=year,
        years=now.years,
        run_at=now.run_at,
        cities=_cities(home, now, schools, year),
        alerts=[a for a in alerts.standing(home, year) if _concerns(visitor, a)],
        schools=records(impact_shown(_listed(schools, state, city), closed_to(request, visitor))),
        states=STATES,
        late=_LATE,
        state=state,
        city=city,
        fates=Fate,
        inbox=_inbox(home, now, visitor, year),
    )


def _inbox(home: Home, now: CurrentState, visitor: Visitor, year: int) -> list[Lying]:
    """Return what lies in the inbox; of one city's visitor what is its own, or bears such a name.

    Whose a file is that bears no name is not known before it is read.
    """
    with open_ledger(home) as ledger:
        lying = inbox_of(home, ledger, year)
    if visitor.may_see(ALL_CITIES):
        return lying
    cities = set(visitor.own(now.cities))
    own = now.schools[now.schools["city"].isin(cities)]
    names = {*own["school_code"], *own["school_name"], *cities}
    names |= {now.cities[city]["name_zh"] for city in cities}
    wanted = {_plain(name) for name in names}
    return [shown for one in lying if (shown := _own_part(one, cities, wanted)) is not None]


def _own_part(one: Lying, cities: Set[str], names: Set[str]) -> Lying | None:
    """Return a file if it is a city's own; of a folder that is passed over, what in it may be."""
    if one.city:
        return one if one.city in cities else None
    if any(name in _plain(one.path) for name in names):
        return one
    held = tuple(file for file in one.named if any(name in _plain(file) for name in names))
    return replace(one, named=held, files=len(held)) if held else None


def _plain(name: str) -> str:
    return "".join(narrow(name).split()).lower()


def _listed(schools: pd.DataFrame, state: str, city: str) -> pd.DataFrame:
    """Return the schools of a state and a city, if such are wanted, what is worst first.

    In a state what could not be read comes first, then what moves a figure most.
    """
    if state in STATES:
        schools = schools[schools["state"] == state]
    if city:
        schools = schools[schools["city"] == city]
    rank = schools["state"].map({name.value: rank for rank, name in enumerate(STATES)})
    is_read = schools["is_unread"].ne(True)
    by = ["rank", "is_read", "impact_pct", "school_code"]
    order = schools.assign(rank=rank, is_read=is_read)
    return order.sort_values(by, ascending=[True, True, False, True])


def _cities(home: Home, now: CurrentState, schools: pd.DataFrame, year: int) -> list[CityAtAGlance]:
    with open_ledger(home) as ledger:
        editions = {e.city: e for e in every_city_year(home, ledger) if e.year == year}
    return [
        _city(now, str(city), own, editions.get(str(city))) for city, own in schools.groupby("city")
    ]


def _city(
    now: CurrentState, city: str, schools: pd.DataFrame, editions: CityYear | None
) -> CityAtAGlance:
    year, days_left = int(schools["year"].iloc[0]), schools["days_left"].dropna()
    states = schools["state"]
    verdicts = now.city_verdicts
    verdict = verdicts.loc[verdicts["city"].eq(city) & verdicts["year"].eq(year), "verdict"]
    files = now.submissions
    files = files[files["city"].eq(city) & files["year"].eq(year) & files["filed_by"].eq("bureau")]
    bureau = records(files[files["is_newest_judged"]])
    edition = (editions.current or editions.newest) if editions else None
    return CityAtAGlance(
        city=city,
        name=now.city_name(city),
        gate=str(verdict.iloc[0]) if len(verdict) else GateVerdict.not_judged,
        edition=edition,
        report_lacks=edition.report_lacks() if edition else [],
        expected=len(schools),
        received=int((~states.isin(_LACKING) | schools["submission_id"].notna()).sum()),
        in_state={state: int(states.eq(state).sum()) for state in STATES},
        late=int(schools["timeliness"].isin(_LATE).sum()),
        days_left=int(days_left.min()) if len(days_left) else None,
        bureau_state=str(bureau[0]["next_verdict"]) if bureau else Timeliness.missing,
        bureau_file=str(bureau[0]["submission_id"]) if bureau else None,
        bureau_counts_older=bool((files["is_standing"] & ~files["is_newest_judged"]).any()),
    )


def _concerns(visitor: Visitor, alert: alerts.Alert) -> bool:
    """Return whether a visitor is told: of a broken run everybody, of a city whoever may see it."""
    trouble = alert.trouble
    return trouble.kind is not alerts.Kind.city_blocked or visitor.may_see(trouble.subject)


routes = [Route("/{year:int}", page(_year))]
navigation = [NavigationItem(url(), "总览", "Overview", sections=("", "schools"))]
