"""Findings: the list of them by impact, and one case.

What belongs here: these two pages. What does not: deciding (decision_pages.py), the cells of a
workbook (schools/excerpts.py).
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from orchestration.editions.history import city_year
from orchestration.gate.current import CurrentState, current_state
from orchestration.gate.decisions import reasons, touching
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.terms import FindingState, RuleClass
from orchestration.schools.about_school import (
    file_named,
    findings_of_school,
    impacts_of,
    standing_submission,
)
from orchestration.schools.excerpts import filed_values, pieces_around
from orchestration.web.accounts.roles import ALL_CITIES
from orchestration.web.frame.addresses import url
from orchestration.web.frame.embargo import closed_to, open_findings
from orchestration.web.frame.page import home_of, page, paging, render
from orchestration.web.frame.security import Refusal
from orchestration.web.frame.visitor import NavigationItem, Visitor

PER_PAGE = 50
# What a filter of a name looks at; `q` looks into sentences and school names.
_COLUMNS = {
    "city": "city",
    "class": "class",
    "state": "next_state",
    "rule": "rule_id",
    "school": "school_code",
    "sheet": "sheet",
}
FILTERS = (*_COLUMNS, "q")


def findings_of_year(
    request: Request, now: CurrentState, visitor: Visitor, year: int
) -> pd.DataFrame:
    """Return a year's findings that a visitor may see; of no city, only who sees every city.

    Those of a year that waits for its release as `open_findings` has them.
    """
    findings = now.findings[now.findings["year"] == year]
    seen = [visitor.may_see(ALL_CITIES if pd.isna(c) else str(c)) for c in findings["city"]]
    own = findings[pd.Series(seen, index=findings.index, dtype=bool)]
    return open_findings(visitor, own, closed_to(request, visitor))


def filtered(findings: pd.DataFrame, wanted: Mapping[str, str]) -> pd.DataFrame:
    """Return the findings that filters leave; without a state, those that are not settled."""
    if not wanted.get("state"):
        findings = findings[findings["is_unsettled"]]
    for name, column in _COLUMNS.items():
        if wanted.get(name):
            findings = findings[findings[column].eq(wanted[name]).fillna(False).astype(bool)]
    if wanted.get("q"):
        text = (
            findings["sentence_zh"] + findings["sentence_en"] + findings["school_name"].fillna("")
        )
        findings = findings[text.str.contains(wanted["q"], case=False, regex=False)]
    return findings


def cases(findings: pd.DataFrame) -> pd.DataFrame:
    """Return one row a case: the finding that comes first of it, and how many it has as `size`."""
    sizes = findings.groupby("case_id")["finding_id"].size()
    first = findings.drop_duplicates("case_id")
    return first.assign(size=first["case_id"].map(sizes))


def _triage(request: Request, visitor: Visitor) -> Response:
    now, year = current_state(home_of(request)), request.path_params["year"]
    every = findings_of_year(request, now, visitor, year)
    wanted = {name: request.query_params.get(name, "") for name in FILTERS}
    left = filtered(every, wanted)
    listed = cases(left)
    part = paging(request, len(listed), PER_PAGE)
    return render(
        request,
        visitor,
        "findings/triage.html",
        city_name=now.city_name,
        year=year,
        wanted=wanted,
        cases=records(listed.iloc[part.start : part.stop]),
        found=len(left),
        to_decide=int(left["class"].eq(RuleClass.explain).sum()),
        of_cases=len(listed),
        part=part,
        classes=list(RuleClass),
        states=list(FindingState),
        choices={name: sorted(set(every[_COLUMNS[name]].dropna())) for name in _COLUMNS},
    )


def _case(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    now = current_state(home)
    every = findings_of_year(request, now, visitor, year)
    named = every[every["finding_id"] == request.path_params["finding"]]
    if named.empty:
        raise Refusal(
            404,
            "没有这条疑点：可能已更正，或不属于您的城市。",
            "There is no such finding: it may be corrected, or be another city's.",
        )
    members = every[every["case_id"] == named["case_id"].iloc[0]]
    findings = records(members)
    first = findings[0]
    school = first["school_code"]
    closed = closed_to(request, visitor)
    of_school = open_findings(visitor, findings_of_school(now, school), closed)
    same_rules = of_school[of_school["rule_id"].isin(members["rule_id"])]
    earlier_values = same_rules.loc[same_rules["year"] == year, "values_hash"]
    before = standing_submission(now, year - 1, school)
    for finding in findings:
        rule = now.rules.get(finding["rule_id"], {})
        finding["values"] = filed_values(home, finding, rule.get("frame", ""), before)
        is_closed = (finding["city"], year) in closed
        finding["moves"] = [] if is_closed else impacts_of(now, finding["finding_id"])
    file = file_named(now, first["submission_id"])
    cells = [str(cell) for cell in members["cell"].dropna()]
    return render(
        request,
        visitor,
        "findings/case.html",
        city_name=now.city_name,
        rules=now.rules,
        year=year,
        first=first,
        findings=findings,
        pieces=pieces_around(home, file["file_hash"], cells) if file else [],
        file=file,
        history=touching(now.decisions, {*members["values_hash"], *earlier_values}),
        last_year=records(same_rules[same_rules["year"] == year - 1]),
        has_edition=_has_edition(home, first["city"], year),
        reasons=reasons(),
    )


def _has_edition(home: Home, city: str | None, year: int) -> bool:
    """Return whether an edition stands, in which a figure can be traced."""
    if not city:
        return False
    with open_ledger(home) as ledger:
        return city_year(home, ledger, city, year).current is not None


def _latest(request: Request, visitor: Visitor) -> Response:
    years = current_state(home_of(request)).years
    if not years:
        return RedirectResponse("/", 303)
    return RedirectResponse(url(years[0], request.path_params["what"]), 303)


routes = [
    Route("/{year:int}/cases", page(_triage)),
    Route("/{year:int}/findings/{finding}", page(_case)),
    Route("/latest/{what}", page(_latest)),
]
navigation = [
    NavigationItem("/latest/cases", "疑点", "Findings", sections=("cases", "findings", "decide")),
]
