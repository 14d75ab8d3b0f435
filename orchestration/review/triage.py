"""Findings and what is decided on them: the list by impact, one case, a decision and its approval.

What belongs here: these pages. What does not: what may be decided (decisions.py), what it would do
(dry_run.py), the cells of a workbook (sheets.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from orchestration.decisions import (
    DecidedMeanwhile,
    Decision,
    DecisionRefused,
    Proposal,
    decide,
    newest_seq,
    propose,
    reasons,
    settle,
    touching,
    withdraw,
)
from orchestration.ledger import open_ledger
from orchestration.review.desk import Desk, desk, records, rule_bounds, unsettled
from orchestration.review.dry_run import dry_run
from orchestration.review.sheets import pieces, values
from orchestration.review.web import (
    NavigationItem,
    Refusal,
    Visitor,
    form,
    home_of,
    page,
    redirect,
    render,
    url,
)
from orchestration.what_if import WarehouseBusy

PER_PAGE = 50
FILTERS = ("city", "class", "state", "rule", "school", "sheet", "q")
_RECORDED = (
    "已记入账本，下一次运行生效。",
    "It is in the ledger and counts from the next run on.",
)
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
    number = min(max(1, _whole(request.query_params.get("page", "1"))), pages)
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


def _whole(text: str, otherwise: int = 1) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else otherwise


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
    before = now.submissions[
        now.submissions["school_code"].eq(first["school_code"]).fillna(False).astype(bool)
        & now.submissions["year"].eq(year - 1)
        & now.submissions["verdict"].eq("accepted").fillna(False).astype(bool)
    ].sort_values("received_seq")
    before_id = str(before["submission_id"].iloc[-1]) if len(before) else None
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
        reasons=reasons(),
    )


def _last_year(now: Desk, first: Mapping[str, Any], members: pd.DataFrame) -> list[dict[str, Any]]:
    """Return last year's findings of the same rules at the same school: what was said then."""
    before = now.findings[
        now.findings["year"].eq(first["year"] - 1)
        & now.findings["school_code"].eq(first["school_code"]).fillna(False).astype(bool)
        & now.findings["rule_id"].isin(set(members["rule_id"]))
    ]
    return records(before)


def _chosen(now: Desk, visitor: Visitor, year: int, request: Request) -> pd.DataFrame:
    """Return the findings that a decision is about: named ones, or what the filters leave."""
    every = findings_of_year(now, visitor, year)
    given = form(request) if request.method == "POST" else request.query_params
    ids = given.getlist("id")
    if ids:
        return every[every["finding_id"].isin(ids)]
    left = filtered(every, {name: given.get(name, "") for name in FILTERS})
    return left[left["class"] == "explain"]


def _decide(request: Request, visitor: Visitor) -> Response:
    home, year = home_of(request), request.path_params["year"]
    now = desk(home)
    chosen = _chosen(now, visitor, year, request)
    if request.method != "POST":
        seen = newest_seq(touching(now.decisions, set(chosen["values_hash"])))
        return _decision_page(request, visitor, now, chosen, seen=seen)
    given = form(request)
    seen = _whole(given.get("seen", ""), otherwise=0)
    settled = ~chosen["next_state"].isin(["open", "asked", "refused", "returned"])
    if len(chosen) != len(set(given.getlist("id"))) or settled.any():
        raise Refusal(
            409,
            "所选疑点中有的已变化或已处理，没有执行。请回到疑点列表重新查看。",
            "Some of these findings have changed or are settled; nothing was done. Look again.",
        )
    proposal = Proposal(
        verb=given.get("verb", ""),
        reason_code=given.get("reason_code", ""),
        reason=given.get("reason", ""),
        bound=_bound(given),
        expires_on=given.get("expires_on") or None,
    )
    refused = outcome = None
    try:
        decision = propose(records(chosen), proposal, visitor.name, rule_bounds(home))
        if given.get("step") == "confirm":
            with open_ledger(home) as ledger:
                made = decide(ledger, decision, seen)
            return redirect(request, _after(year, records(chosen)), _said(made))
        outcome = dry_run(home, now, decision)
    except DecidedMeanwhile as error:
        raise Refusal(409, *_split(error)) from error
    except (DecisionRefused, WarehouseBusy) as error:
        refused = Refusal(400, *_split(error))
    return _decision_page(
        request, visitor, now, chosen, seen=seen, given=given, refused=refused, outcome=outcome
    )


def _bound(given: Mapping[str, str]) -> dict[str, float]:
    bound = {}
    for kind in ("count", "per_cent"):
        text = given.get(f"bound_{kind}", "").strip()
        if text:
            try:
                bound[kind] = float(text)
            except ValueError:
                bound[kind] = -1.0  # refused as any other bound that is none
    return bound


def _after(year: int, chosen: list[dict[str, Any]]) -> str:
    if len({row["case_id"] for row in chosen}) == 1:
        return url(year, "findings", chosen[0]["finding_id"])
    return url(year, "cases")


def _said(decision: Decision) -> tuple[str, str]:
    if decision.state == "proposed":
        return (
            "已提出，须由另一人批准后生效。",
            "Proposed: another person has to approve it before it counts.",
        )
    return _RECORDED


def _split(error: Exception) -> tuple[str, str]:
    """Return the two halves of a message that is Chinese first and English after it."""
    text = str(error)
    for index, character in enumerate(text):
        if character.isascii() and character.isalpha() and text[index - 1] in "。.；\n":
            return text[:index].strip(), text[index:].strip()
    return text, text


def _decision_page(
    request: Request,
    visitor: Visitor,
    now: Desk,
    chosen: pd.DataFrame,
    seen: int,
    given: Mapping[str, str] | None = None,
    refused: Refusal | None = None,
    outcome: Any = None,
) -> Response:
    if chosen.empty:
        raise Refusal(
            404,
            "没有可以决定的疑点：逻辑校验只能更正。",
            "Nothing to decide on here: a must can only be corrected.",
        )
    return render(
        request,
        visitor,
        "decide.html",
        status_code=400 if refused else 200,
        desk=now,
        year=request.path_params["year"],
        findings=records(chosen),
        reasons=reasons(),
        seen=seen,
        given=given or {},
        refused=refused,
        outcome=outcome,
        bounds=rule_bounds(home_of(request)),
    )


def _decisions(request: Request, visitor: Visitor) -> Response:
    now, year = desk(home_of(request)), request.path_params["year"]
    own = [d for d in reversed(now.decisions) if d.year == year and visitor.may_see(d.city)]
    bound = set(now.findings.loc[now.findings["year"] == year, "values_hash"])
    return render(
        request,
        visitor,
        "decisions.html",
        desk=now,
        year=year,
        waiting=[d for d in own if d.state == "proposed"],
        others=[d for d in own if d.state != "proposed"],
        stands={d.decision_id: any(f["values_hash"] in bound for f in d.findings) for d in own},
        reasons=reasons(),
    )


def _settle(request: Request, visitor: Visitor) -> Response:
    home, given = home_of(request), form(request)
    decision_id, act = request.path_params["decision"], given.get("act", "")
    known = {d.decision_id: d for d in desk(home).decisions}
    if decision_id not in known or not visitor.may_see(known[decision_id].city):
        raise Refusal(404, "没有这个决定。", "There is no such decision.")
    text = given.get("text", "")
    try:
        with open_ledger(home) as ledger:
            if act == "withdraw":
                withdraw(ledger, decision_id, text=text, actor=visitor.name)
            elif act in {"approve", "decline"}:
                settle(
                    ledger,
                    decision_id,
                    approve=act == "approve",
                    text=text,
                    actor=visitor.name,
                    is_approver=visitor.has("approver"),
                )
            else:
                raise Refusal(400, "没有这种操作。", "There is no such action.")
    except DecidedMeanwhile as error:
        raise Refusal(409, *_split(error)) from error
    except DecisionRefused as error:
        raise Refusal(403, *_split(error)) from error
    notice = (
        "已记入账本，下一次运行生效。",
        "It is in the ledger and counts from the next run on.",
    )
    return redirect(request, url(known[decision_id].year, "decisions"), notice)


def _latest(request: Request, visitor: Visitor) -> Response:
    years = desk(home_of(request)).years
    if not years:
        return RedirectResponse("/", 303)
    return RedirectResponse(url(years[0], request.path_params["what"]), 303)


routes = [
    Route("/{year:int}/cases", page(_triage)),
    Route("/{year:int}/findings/{finding}", page(_case)),
    Route("/{year:int}/decide", page(_decide, role="steward"), methods=["GET", "POST"]),
    Route("/{year:int}/decisions", page(_decisions)),
    Route("/decisions/{decision}", page(_settle, role="steward"), methods=["POST"]),
    Route("/latest/{what}", page(_latest)),
]
navigation = [
    NavigationItem("/latest/cases", "疑点", "Findings"),
    NavigationItem("/latest/decisions", "决定", "Decisions"),
]
