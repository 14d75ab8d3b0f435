"""Schools and their files: the year at a glance, one school, two of its submissions side by side.

What belongs here: these pages and the downloads. What does not: findings (web/findings/triage.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.editions.history import CityYear, city_year, every_city_year
from orchestration.gate.current import Desk, desk, unsettled
from orchestration.ground import alerts
from orchestration.ground.frames import records
from orchestration.ground.ledger import open_ledger
from orchestration.ground.terms import GateVerdict, Verdict
from orchestration.intake.snapshot import found_in_archive
from orchestration.schools.excerpts import differences
from orchestration.schools.timeliness import Timeliness, timeliness_of
from orchestration.web.frame.addresses import url
from orchestration.web.frame.page import download, home_of, page, render
from orchestration.web.frame.security import Refusal
from orchestration.web.frame.visitor import NavigationItem, Visitor

STATES = (Timeliness.missing, Verdict.returned, Verdict.waiting, Verdict.accepted)


def schools_of_year(
    now: Desk, visitor: Visitor, year: int, timeliness: pd.DataFrame
) -> pd.DataFrame:
    """Return one row a rostered school that a visitor may see: state, findings, when, in time.

    `state` and the newest file that a run has judged are as `int_schools_standing` has them;
    `verdict` is that file's.
    """
    rosters = now.schools[now.schools["year"] == year]
    rosters = rosters[rosters["city"].map(visitor.may_see).astype(bool)]
    columns = ["submission_id", "file_name", "received_at", "verdict", "next_verdict"]
    files = now.submissions.loc[now.submissions["is_newest_judged"], columns]
    newest = rosters.rename(columns={"newest_submission_id": "submission_id"})
    schools = newest.merge(files, on="submission_id", how="left")
    open_now = unsettled(now.findings[now.findings["year"] == year])
    counts = open_now.groupby("school_code")["class"].value_counts().unstack(fill_value=0)
    for name in ("must", "explain"):
        count = schools["school_code"].map(counts[name]) if name in counts else 0
        schools[name] = count
        schools[name] = schools[name].fillna(0).astype(int)
    impact = now.findings.dropna(subset=["impact_pct"]) if len(now.findings) else now.findings
    most = impact.drop_duplicates("school_code").set_index("school_code")["impact_pct"]
    schools["impact_pct"] = schools["school_code"].map(most)
    due = timeliness[["city", "school_code", "due_on", "timeliness", "days_left"]]
    return schools.merge(due, on=["city", "school_code"], how="left")


def own_cities(now: Desk, visitor: Visitor) -> list[str]:
    """Return the cities that a visitor may see."""
    return [city for city in now.cities if visitor.may_see(city)]


def _year(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    now = desk(home)
    if year not in now.years:
        raise Refusal(404, f"没有 {year} 年度。", f"There is no year {year}.")
    schools = schools_of_year(
        now, visitor, year, timeliness_of(home, own_cities(now, visitor), year)
    )
    state = request.query_params.get("state", "")
    city = request.query_params.get("city", "")
    shown = schools[schools["state"] == state] if state in STATES else schools
    if city:
        shown = shown[shown["city"] == city]
    with open_ledger(home) as ledger:
        editions = {e.city: e for e in every_city_year(home, ledger) if e.year == year}
    cities = [
        {
            **now.cities[name],
            "counts": {s: int(group["state"].eq(s).sum()) for s in STATES},
            "expected": len(group),
            "gate": _gate(now, name, year),
            "editions": editions.get(name, CityYear(name, year, home.editions(name, year))),
            "late": int(group["timeliness"].isin([Timeliness.late, Timeliness.overdue]).sum()),
            "days_left": _least(group["days_left"]),
        }
        for name, group in ((str(key), rows) for key, rows in schools.groupby("city"))
    ]
    order = {name: number for number, name in enumerate(STATES)}
    shown = shown.sort_values(
        ["state", "impact_pct", "school_code"],
        key=lambda c: c.map(order) if c.name == "state" else c,
    )
    return render(
        request,
        visitor,
        "year.html",
        desk=now,
        year=year,
        cities=cities,
        alerts=[a for a in alerts.standing(home, year) if _concerns(visitor, a)],
        schools=records(shown),
        states=STATES,
        state=state,
        city=city,
    )


def _concerns(visitor: Visitor, alert: alerts.Alert) -> bool:
    """Return whether a visitor is told: of a broken run everybody, of a city whoever may see it."""
    trouble = alert.trouble
    return trouble.kind is not alerts.Kind.city_blocked or visitor.may_see(trouble.subject)


def _least(days: pd.Series) -> int | None:
    known = days.dropna()
    return int(known.min()) if len(known) else None


def _gate(now: Desk, city: str, year: int) -> str:
    verdicts = now.city_verdicts
    own = verdicts[(verdicts["city"] == city) & (verdicts["year"] == year)]
    return str(own["verdict"].iloc[0]) if len(own) else GateVerdict.not_judged


def _known_school(now: Desk, visitor: Visitor, year: int, code: str) -> dict[str, Any]:
    named = now.schools[(now.schools["year"] == year) & (now.schools["school_code"] == code)]
    if named.empty or not visitor.may_see(str(named["city"].iloc[0])):
        raise Refusal(404, "没有这所学校，或不属于您的城市。", "No such school, or another city's.")
    return records(named)[0]


def _files(now: Desk, year: int, code: str) -> pd.DataFrame:
    own = now.submissions[
        (now.submissions["year"] == year) & now.submissions["school_code"].eq(code)
    ]
    return own.sort_values("received_seq", ascending=False)


def _school(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    now, code = desk(home), request.path_params["code"]
    school = _known_school(now, visitor, year, code)
    findings = now.findings[(now.findings["year"] == year) & now.findings["school_code"].eq(code)]
    files = _files(now, year, code)
    times = timeliness_of(home, [school["city"]], year)
    own = times[times["school_code"] == code]
    moves = now.impact[(now.impact["year"] == year) & (now.impact["school_code"] == code)]
    with open_ledger(home) as ledger:
        editions = city_year(home, ledger, school["city"], year)
    moves = moves.assign(size=moves["change_pct"].abs()).sort_values("size", ascending=False)
    return render(
        request,
        visitor,
        "school.html",
        desk=now,
        year=year,
        school=school,
        files=records(files),
        findings=records(findings.sort_values(["state", "class", "rule_id"])),
        time=records(own)[0] if len(own) else None,
        moves=records(moves.head(12)),
        has_edition=editions.current is not None,
        returned=_returned(home, year, code),
        other_years=[y for y in now.years if y != year],
    )


def _returned(home: Any, year: int, code: str) -> Any:
    return next((home.returned / str(year)).glob(f"{code}_*.xlsx"), None)


def _difference(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    now, code = desk(home), request.path_params["code"]
    school = _known_school(now, visitor, year, code)
    files = {row["submission_id"]: row for row in records(_files(now, year, code))}
    before = files.get(request.query_params.get("before", ""))
    after = files.get(request.query_params.get("after", ""))
    if before is None or after is None:
        raise Refusal(404, "请选择本校的两次填报。", "Choose two submissions of this school.")
    return render(
        request,
        visitor,
        "difference.html",
        year=year,
        school=school,
        before=before,
        after=after,
        differences=differences(home, before["file_hash"], after["file_hash"]),
    )


def _original(request: Request, visitor: Visitor) -> Response:
    home = home_of(request)
    now = desk(home)
    wanted = request.path_params["submission"]
    own = now.submissions[now.submissions["submission_id"] == wanted]
    city = own["city"].iloc[0] if len(own) else None
    if own.empty or not visitor.may_see("*" if pd.isna(city) else str(city)):
        raise Refusal(404, "没有这份填报。", "There is no such submission.")
    path = found_in_archive(home, str(own["file_hash"].iloc[0]))
    if path is None:
        raise Refusal(404, "档案中没有这份文件。", "The archive does not hold this file.")
    return download(request, path, str(own["file_name"].iloc[0]))


def _marked(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    code = request.path_params["code"]
    _known_school(desk(home), visitor, year, code)
    path = _returned(home, year, code)
    if path is None:
        raise Refusal(404, "没有退回这所学校的工作簿。", "No workbook goes back to this school.")
    return download(request, path, path.name)


routes = [
    Route("/{year:int}", page(_year)),
    Route("/{year:int}/schools/{code}", page(_school)),
    Route("/{year:int}/schools/{code}/difference", page(_difference)),
    Route("/{year:int}/schools/{code}/returned", page(_marked)),
    Route("/submissions/{submission}/original", page(_original)),
]
navigation = [NavigationItem(url(), "总览", "Overview", sections=("", "schools"))]
