"""What is decided on findings: a decision with its dry run, the list of them, approval, withdrawal.

What belongs here: these pages. What does not: what may be decided (gate/decisions.py) and what it
would do (gate/dry_run.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.gate.current import Desk, desk, records, rule_bounds
from orchestration.gate.decisions import (
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
from orchestration.gate.dry_run import dry_run
from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.settings import zone_of
from orchestration.schools.timeliness import timeliness_of
from orchestration.warehouse.what_if import WarehouseBusy
from orchestration.web.findings.triage import FILTERS, filtered, findings_of_year
from orchestration.web.frame.page import (
    NavigationItem,
    Notice,
    Refusal,
    Visitor,
    form,
    home_of,
    page,
    redirect,
    render,
    url,
    whole_number,
)
from orchestration.web.frame.security import halves

_RECORDED = Notice(
    "已记入账本，下一次运行生效。",
    "It is in the ledger and counts from the next run on.",
)


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
    seen = whole_number(given.get("seen", ""), otherwise=0)
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
    refused = outcome = locked = None
    may_confirm = True
    try:
        decision = propose(
            *(records(chosen), proposal, visitor.name, rule_bounds(home)),
            clock.today(zone_of(home)),
        )
        locked = _locked_out(home, year, decision)
        if given.get("step") == "confirm":
            with open_ledger(home) as ledger:
                made = decide(ledger, decision, seen)
            return redirect(request, _after(year, records(chosen)), _said(made, locked))
        outcome = dry_run(home, now, decision)
    except DecidedMeanwhile as error:
        raise Refusal(409, *halves(error)) from error
    except WarehouseBusy as error:
        # A run keeps the figures from being tried, but no decision from being made.
        refused = Refusal(503, *halves(error))
    except DecisionRefused as error:
        refused, may_confirm = Refusal(400, *halves(error)), False
    return _decision_page(
        request,
        visitor,
        now,
        chosen,
        seen=seen,
        given=given,
        refused=refused,
        outcome=outcome,
        locked=locked,
        may_confirm=may_confirm,
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


def _said(decision: Decision, locked: Notice | None) -> Notice:
    if decision.state == "proposed":
        return Notice(
            "已提出，须由另一人批准后生效。",
            "Proposed: another person has to approve it before it counts.",
        )
    if locked:
        zh, en = _RECORDED.zh + locked.zh, f"{_RECORDED.en} {locked.en}"
        return locked._replace(zh=zh, en=en)
    return _RECORDED


def _locked_out(home: Home, year: int, decision: Decision) -> Notice | None:
    """Return, of a decision that sends something back, which schools are past their deadline."""
    codes = {f["school_code"] for f in decision.findings} - {None}
    if decision.verb == "accept" or not codes:
        return None
    times = timeliness_of(home, [decision.city], year)
    is_past = times["days_left"].lt(0).fillna(False).astype(bool)
    names = list(times.loc[is_past & times["school_code"].isin(codes), "school_name"])
    if not names:
        return None
    others = len(names) - 1
    zh = names[0] + (f"等 {others + 1} 所学校" if others else "")
    en = names[0] + (f" and {others} more" if others else "")
    return Notice(
        f"{zh}的截止日期已过，须先延期才能重新报送：",
        f"The deadline of {en} has passed: nothing can be handed in again without an extension.",
        href=url(year, "deadlines"),
        link_zh="登记延期",
        link_en="Extend the deadline",
    )


def _decision_page(
    request: Request,
    visitor: Visitor,
    now: Desk,
    chosen: pd.DataFrame,
    seen: int,
    given: Mapping[str, str] | None = None,
    refused: Refusal | None = None,
    outcome: Any = None,
    locked: Notice | None = None,
    may_confirm: bool = False,
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
        status_code=refused.status_code if refused else 200,
        desk=now,
        year=request.path_params["year"],
        findings=records(chosen),
        reasons=reasons(),
        seen=seen,
        given=given or {},
        refused=refused,
        outcome=outcome,
        locked=locked,
        may_confirm=may_confirm,
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
        raise Refusal(409, *halves(error)) from error
    except DecisionRefused as error:
        raise Refusal(403, *halves(error)) from error
    return redirect(request, url(known[decision_id].year, "decisions"), _RECORDED)


routes = [
    Route("/{year:int}/decide", page(_decide, role="steward"), methods=["GET", "POST"]),
    Route("/{year:int}/decisions", page(_decisions)),
    Route("/decisions/{decision}", page(_settle, role="steward"), methods=["POST"]),
]
navigation = [NavigationItem("/latest/decisions", "决定", "Decisions", sections=("decisions",))]
