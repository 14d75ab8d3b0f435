"""Findings: the list of them by impact, and one case.

What belongs here: these two pages. What does not: deciding (decision_pages.py), the cells of a
workbook (schools/excerpts.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from orchestration.editions.history import city_year
from orchestration.gate.current import Desk, desk, records, unsettled
from orchestration.gate.decisions import reasons, touching
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.schools.excerpts import pieces, values
from orchestration.web.frame.page import (
    NavigationItem,
    Refusal,
    Visitor,
    home_of,
    page,
    render,
    url,
    whole_number,
)

PER_PAGE = 50
FILTERS = ("city", "class", "state", "rule", "school", "sheet", "q")
_SEVERITY = {"must": 0, "explain": 1, "info": 2}


def findings_of_year(desk: Desk, visitor: Visitor, year: int) -> pd.DataFrame:
    """Return a year's findings that a visitor may see; of no city, only who sees every city."""
    findings = desk.findings[desk.findings["year"] == year]
    seen = [visitor.may_see("*" if pd.isna(city) else str(city)) for city in findings["city"]]
    return findings[pd.Series(seen, index=findings.index, dtype=bool)]


def filtered(findings: pd.DataFrame, wanted: Mapping[str, str]) -> pd.DataFrame:
    """Return the findings that filters leave; without a state, those that are not settled."""
    if not wanted.get("state"):
        findings = unsettled(findings)
    columns = {"city": "city", "class": "class", "state": "next_state", "rule": "rule_id"}
    for name, column in (columns | {"school": "school_code", "sheet": "sheet"}).items():
        if wanted.get(name):
            findings = findings[findings[column].eq(wanted[name]).fillna(False).astype(bool)]
    if wanted.get("q"):
        text = (
            findings["sentence_zh"] + findings["sentence_en"] + findings["school_name"].fillna("")
        )
        findings = findings[text.str.contains(wanted["q"], case=False, regex=False)]
    return findings


def cases(findings: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one entry a case, what moves a city's figures most first, with its worst finding."""
    ranked = findings.assign(rank=findings["class"].map(_SEVERITY))
    ranked = ranked.sort_values(
        ["impact_pct", "rank", "school_code", "finding_id"],
        ascending=[False, True, True, True],
        na_position="last",
    )
    sizes = ranked.groupby("case_id")["finding_id"].size()
    first = ranked.drop_duplicates("case_id")
    return records(first.assign(size=first["case_id"].map(sizes)))


def _triage(request: Request, visitor: Visitor) -> Response:
    now, year = desk(home_of(request)), request.path_params["year"]
    every = findings_of_year(now, visitor, year)
    wanted = {name: request.query_params.get(name, "") for name in FILTERS}
    left = filtered(every, wanted)
    listed = cases(left)
    pages = max(1, -(-len(listed) // PER_PAGE))
    number = min(max(1, whole_number(request.query_params.get("page", "1"))), pages)
    choices = {
        name: sorted(set(every[column].dropna()))
        for name, column in (("rule", "rule_id"), ("sheet", "sheet"), ("city", "city"))
    }
    return render(
        request,
        visitor,
        "triage.html",
        desk=now,
        year=year,
        wanted=wanted,
        cases=listed[(number - 1) * PER_PAGE : number * PER_PAGE],
        found=len(left),
        to_decide=int(left["class"].eq("explain").sum()),
        of_cases=len(listed),
        page=number,
        pages=pages,
        choices=choices,
    )


def _case(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    now = desk(home)
    every = findings_of_year(now, visitor, year)
    named = every[every["finding_id"] == request.path_params["finding"]]
    if named.empty:
        raise Refusal(
            404,
            "没有这条疑点：可能已更正，或不属于您的城市。",
            "There is no such finding: it may be corrected, or be another city's.",
        )
    members = every[every["case_id"] == named["case_id"].iloc[0]]
    first = records(members)[0]
    hashes = set(members["values_hash"])
    same = now.findings[
        now.findings["rule_id"].isin(set(members["rule_id"]))
        & now.findings["school_code"].eq(first["school_code"]).fillna(False).astype(bool)
        & now.findings["year"].eq(year)
    ]
    file = now.submissions[now.submissions["submission_id"] == first["submission_id"]]
    cells = [str(cell) for cell in members["cell"].dropna()]
    hash_ = str(file["file_hash"].iloc[0]) if len(file) else ""
    moves = now.impact[
        (now.impact["city"] == first["city"])
        & (now.impact["year"] == year)
        & (now.impact["school_code"] == first["school_code"])
    ]
    moves = moves.assign(size=moves["change_pct"].abs()).sort_values("size", ascending=False)
    before = now.schools[
        now.schools["school_code"].eq(first["school_code"])
        & now.schools["city"].eq(first["city"])
        & now.schools["year"].eq(year - 1)
    ]["standing_submission_id"].dropna()
    before_id = str(before.iloc[0]) if len(before) else None
    shown = records(members)
    for finding in shown:
        frame = now.rules.get(finding["rule_id"], {}).get("frame", "")
        finding["values"] = values(home, finding, frame, before_id)
    return render(
        request,
        visitor,
        "case.html",
        desk=now,
        year=year,
        first=first,
        findings=shown,
        pieces=pieces(home, hash_, cells) if hash_ else [],
        file=records(file)[0] if len(file) else None,
        history=touching(now.decisions, set(same["values_hash"]) | hashes),
        last_year=_last_year(now, first, members),
        moves=records(moves.head(12)),
        has_edition=_has_edition(home, first["city"], year),
        reasons=reasons(),
    )


def _has_edition(home: Home, city: str | None, year: int) -> bool:
    """Return whether an edition stands, in which a figure can be traced."""
    if not city:
        return False
    with open_ledger(home) as ledger:
        return city_year(home, ledger, city, year).current is not None


def _last_year(now: Desk, first: Mapping[str, Any], members: pd.DataFrame) -> list[dict[str, Any]]:
    """Return last year's findings of the same rules at the same school: what was said then."""
    before = now.findings[
        now.findings["year"].eq(first["year"] - 1)
        & now.findings["school_code"].eq(first["school_code"]).fillna(False).astype(bool)
        & now.findings["rule_id"].isin(set(members["rule_id"]))
    ]
    return records(before)


def _latest(request: Request, visitor: Visitor) -> Response:
    years = desk(home_of(request)).years
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
