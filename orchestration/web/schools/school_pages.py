"""One school of a year: its files and findings, two of its files side by side, downloads.

What belongs here: these pages. What does not: the year with all its schools (overview.py), one file
(submission_pages.py), and one finding (web/findings/triage.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.gate.current import CurrentState, current_state
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.text import Text
from orchestration.intake.declared.exclusions import end_exclusion, exclusions
from orchestration.intake.raw import rivals
from orchestration.intake.received import choices, this_one_counts
from orchestration.schools.about_school import (
    files_of_school,
    findings_of_school,
    standing_submission,
)
from orchestration.schools.excerpts import differences
from orchestration.schools.excluding import exclude_school
from orchestration.schools.timeliness import timeliness_of
from orchestration.web.accounts.roles import Role
from orchestration.web.frame.addresses import url
from orchestration.web.frame.embargo import closed_to, open_findings
from orchestration.web.frame.page import download, form, home_of, page, redirect, render
from orchestration.web.frame.security import Refusal
from orchestration.web.frame.visitor import NavigationItem, Visitor


def _asked_for(request: Request, visitor: Visitor, now: CurrentState) -> dict[str, Any]:
    """Return the roster's row of the school that an address names; `Refusal` (404) for none."""
    at, schools = request.path_params, now.schools
    named = schools[schools["year"].eq(at["year"]) & schools["school_code"].eq(at["code"])]
    if named.empty or not visitor.may_see(str(named["city"].iloc[0])):
        raise Refusal(404, "没有这所学校，或不属于您的城市。", "No such school, or another city's.")
    return records(named)[0]


def _school(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    now = current_state(home)
    school = _asked_for(request, visitor, now)
    code, city = school["school_code"], school["city"]
    findings = findings_of_school(now, code)
    own = open_findings(
        visitor, findings[findings["year"] == year], closed_to(request, visitor)
    ).sort_values("is_unsettled", ascending=False, kind="stable")
    times = timeliness_of(home, [city], year)
    time = records(times[times["school_code"] == code])
    with open_ledger(home) as ledger:
        chosen = {choice.submission_id: choice for choice in choices(ledger, year)}
        exclusion = exclusions(ledger).get((city, year, code))
    return render(
        request,
        visitor,
        "schools/school.html",
        year=year,
        school=school,
        files=records(files_of_school(now, year, code)),
        findings=records(own),
        standing=standing_submission(now, year, code),
        time=time[0] if time else None,
        returned=_returned_workbook(home, year, code),
        other_years=[other for other in now.years if other != year],
        rivals=rivals(home, year),
        chosen=chosen,
        exclusion=exclusion,
    )


def _choose(request: Request, visitor: Visitor) -> Response:
    """Say which of several files of the school counts."""
    home, year, given = home_of(request), request.path_params["year"], form(request)
    now = current_state(home)
    code = _asked_for(request, visitor, now)["school_code"]
    named = given.get("submission", "")
    if named not in set(files_of_school(now, year, code)["submission_id"]):
        raise Refusal(404, "没有这份填报。", "There is no such submission.")
    with open_ledger(home) as ledger:
        this_one_counts(home, ledger, year, named, given.get("reason", ""), visitor.name)
    notice = Text("已选定，下一次运行生效。", "Chosen: it counts from the next run on.")
    return redirect(request, url(year, "schools", code), notice)


def _exclude(request: Request, visitor: Visitor) -> Response:
    """Let the city be published without the school, or take that back."""
    home, year, given = home_of(request), request.path_params["year"], form(request)
    school = _asked_for(request, visitor, current_state(home))
    key, reason = (school["city"], year, school["school_code"]), given.get("reason", "")
    with open_ledger(home) as ledger:
        if given.get("take_back"):
            end_exclusion(ledger, home, key, reason, visitor.name)
        else:
            exclude_school(ledger, home, key, reason, given.get("public_note", ""), visitor.name)
    notice = Text("已登记，下一次运行生效。", "Registered: it counts from the next run on.")
    return redirect(request, url(year, "schools", school["school_code"]), notice)


def _returned_workbook(home: Home, year: int, code: str) -> Path | None:
    return next((home.returned / str(year)).glob(f"{code}_*.xlsx"), None)


def _difference(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    now = current_state(home)
    school = _asked_for(request, visitor, now)
    own = records(files_of_school(now, year, school["school_code"]))
    files = {row["submission_id"]: row for row in own}
    before, after = (files.get(request.query_params.get(n, "")) for n in ("before", "after"))
    if before is None or after is None:
        raise Refusal(404, "请选择本校的两次填报。", "Choose two submissions of this school.")
    return render(
        request,
        visitor,
        "schools/difference.html",
        year=year,
        school=school,
        before=before,
        after=after,
        differences=differences(home, before["file_hash"], after["file_hash"]),
    )


def _returned(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    school = _asked_for(request, visitor, current_state(home))
    path = _returned_workbook(home, year, school["school_code"])
    if path is None:
        raise Refusal(404, "没有退回这所学校的工作簿。", "No workbook goes back to this school.")
    return download(request, path, path.name)


routes = [
    Route("/{year:int}/schools/{code}", page(_school)),
    Route("/{year:int}/schools/{code}/choose", page(_choose, Role.steward), methods=["POST"]),
    Route("/{year:int}/schools/{code}/exclude", page(_exclude, Role.approver), methods=["POST"]),
    Route("/{year:int}/schools/{code}/difference", page(_difference)),
    Route("/{year:int}/schools/{code}/returned", page(_returned)),
]
navigation: list[NavigationItem] = []
