"""What is decided on findings: a decision with its dry run, the list of them, approval, withdrawal.

What belongs here: these pages. What does not: what may be decided (gate/decisions.py) and what it
would do (gate/dry_run.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.gate.current import CurrentState, current_state, rule_bounds
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
from orchestration.gate.dry_run import Outcome, dry_run
from orchestration.gate.findings import Finding, finding_rows
from orchestration.ground import clock
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.ledger import is_same_person, open_ledger
from orchestration.ground.settings import zone_of
from orchestration.ground.terms import DecisionState, DecisionVerb, FindingState, RuleClass
from orchestration.ground.text import Text
from orchestration.schools.timeliness import timeliness_of
from orchestration.warehouse.what_if import WarehouseBusy
from orchestration.web.accounts.roles import Role
from orchestration.web.accounts.tables import Notice
from orchestration.web.findings.triage import FILTERS, filtered, findings_of_year
from orchestration.web.frame.addresses import url
from orchestration.web.frame.embargo import closed_to
from orchestration.web.frame.page import form, home_of, page, redirect, render, whole_number
from orchestration.web.frame.security import Form, Refusal
from orchestration.web.frame.visitor import NavigationItem, Visitor

_RECORDED = Text(
    "已记入账本，下一次运行生效。",
    "It is in the ledger and counts from the next run on.",
)


def _chosen(now: CurrentState, visitor: Visitor, request: Request) -> pd.DataFrame:
    """Return the findings that a decision is about: named ones, or what the filters leave."""
    every = findings_of_year(request, now, visitor, request.path_params["year"])
    given = form(request) if request.method == "POST" else request.query_params
    ids = given.getlist("id")
    if ids:
        return every[every["finding_id"].isin(ids)]
    left = filtered(every, {name: given.get(name, "") for name in FILTERS})
    return left[left["class"] == RuleClass.explain]


@dataclass(frozen=True)
class Attempt:
    """A decision as far as it has come: what was typed, what it would do, what is against it.

    `seen` is the newest event on the findings when the page was first drawn; `locked` says which
    schools could not hand in again.
    """

    seen: int
    typed: Mapping[str, str] = field(default_factory=dict)
    refused: Refusal | None = None
    outcome: Outcome | None = None
    locked: Notice | None = None
    may_confirm: bool = False


def _begin(request: Request, visitor: Visitor) -> Response:
    now = current_state(home_of(request))
    chosen = _chosen(now, visitor, request)
    seen = newest_seq(touching(now.decisions, set(chosen["values_hash"])))
    return _decision_page(request, visitor, now, chosen, Attempt(seen))


def _decide(request: Request, visitor: Visitor) -> Response:
    """Try a decision, and with `step` confirm make it."""
    home, typed = home_of(request), form(request)
    now = current_state(home)
    chosen = _chosen(now, visitor, request)
    _require_unsettled(chosen, typed.getlist("id"))
    attempt = Attempt(whole_number(typed.get("seen", ""), otherwise=0), typed)
    findings = finding_rows(chosen)
    try:
        today = clock.today(zone_of(home))
        decision = propose(findings, _proposal(typed), visitor.name, rule_bounds(home), today)
        attempt = replace(attempt, locked=_locked_out(home, decision))
        if typed.get("step") == "confirm":
            with open_ledger(home) as ledger:
                made = decide(ledger, decision, attempt.seen)
            return redirect(request, _after(decision.year, findings), _recorded(made, attempt))
        attempt = _tried(home, now, decision, attempt)
    except DecidedMeanwhile:
        raise
    except DecisionRefused as error:
        attempt = replace(attempt, refused=Refusal.of(400, error))
    return _decision_page(request, visitor, now, chosen, attempt)


def _tried(home: Home, now: CurrentState, decision: Decision, attempt: Attempt) -> Attempt:
    """Return an attempt with what the decision would do, or why that cannot be said now."""
    try:
        return replace(attempt, outcome=dry_run(home, now, decision), may_confirm=True)
    except WarehouseBusy as error:
        # A run keeps the figures from being tried, but no decision from being made.
        return replace(attempt, refused=Refusal.of(503, error), may_confirm=True)


def _require_unsettled(chosen: pd.DataFrame, ids: list[str]) -> None:
    if len(chosen) != len(set(ids)) or not chosen["is_unsettled"].all():
        raise Refusal(
            409,
            "所选疑点中有的已变化或已处理，没有执行。请回到疑点列表重新查看。",
            "Some of these findings have changed or are settled; nothing was done. Look again.",
        )


def _proposal(typed: Form) -> Proposal:
    return Proposal(
        verb=typed.get("verb", ""),
        reason_code=typed.get("reason_code", ""),
        reason=typed.get("reason", ""),
        bound=_bound(typed),
        expires_on=typed.get("expires_on") or None,
    )


def _bound(typed: Form) -> dict[str, float]:
    bound = {}
    for kind in ("count", "per_cent"):
        text = typed.get(f"bound_{kind}", "").strip()
        if text:
            try:
                bound[kind] = float(text)
            except ValueError:
                bound[kind] = -1.0  # refused as any other bound that is none
    return bound


def _after(year: int, findings: Sequence[Finding]) -> str:
    """Return where to go on: to the case if it was one, else to the list of them."""
    if len({row["case_id"] for row in findings}) == 1:
        return url(year, "findings", findings[0]["finding_id"])
    return url(year, "cases")


def _recorded(made: Decision, attempt: Attempt) -> Notice:
    if made.state == DecisionState.proposed:
        return Notice(
            "已提出，须由另一人批准后生效。",
            "Proposed: another person has to approve it before it counts.",
        )
    locked = attempt.locked
    if locked:
        both = _RECORDED + locked.text
        return locked._replace(zh=both.zh, en=both.en)
    return Notice(_RECORDED.zh, _RECORDED.en)


def _locked_out(home: Home, decision: Decision) -> Notice | None:
    """Return, of a decision that sends something back, which schools are past their deadline."""
    codes = {f["school_code"] for f in decision.findings} - {None}
    if decision.verb == DecisionVerb.accept or not codes:
        return None
    times = timeliness_of(home, [decision.city], decision.year)
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
        href=url(decision.year, "deadlines"),
        link_zh="登记延期",
        link_en="Extend the deadline",
    )


def _decision_page(
    request: Request, visitor: Visitor, now: CurrentState, chosen: pd.DataFrame, attempt: Attempt
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
        "findings/decide.html",
        status_code=attempt.refused.status_code if attempt.refused else 200,
        year=request.path_params["year"],
        findings=records(chosen),
        reasons=reasons(),
        verbs=list(DecisionVerb),
        attempt=attempt,
        is_closed=not closed_to(request, visitor).isdisjoint(
            zip(chosen["city"], chosen["year"], strict=True)
        ),
    )


def _decisions(request: Request, visitor: Visitor) -> Response:
    now, year = current_state(home_of(request)), request.path_params["year"]
    closed = closed_to(request, visitor)
    of_all = [d for d in reversed(now.decisions) if d.year == year and visitor.may_see(d.city)]
    own = [d for d in of_all if (d.city, year) not in closed or _is_of_schools(visitor, d)]
    of_year = now.findings[now.findings["year"] == year]
    rests = of_year["state"] == FindingState.superseded
    standing, resting = set(of_year.loc[~rests, "values_hash"]), set(of_year["values_hash"])
    return render(
        request,
        visitor,
        "findings/decisions.html",
        city_name=now.city_name,
        year=year,
        waiting=[d for d in own if d.state == DecisionState.proposed],
        others=[d for d in own if d.state != DecisionState.proposed],
        is_same_person=is_same_person,
        stands={d.decision_id for d in own if touching([d], standing)},
        rests={d.decision_id for d in own if touching([d], resting)},
        reasons=reasons(),
    )


def _is_of_schools(visitor: Visitor, decision: Decision) -> bool:
    """Return whether a steward's decision is on files alone, and names no figure of the city."""
    return visitor.has(Role.steward) and all(f["submission_id"] for f in decision.findings)


def _settle(request: Request, visitor: Visitor) -> Response:
    home, given = home_of(request), form(request)
    decision_id, act = request.path_params["decision"], given.get("act", "")
    known = {d.decision_id: d for d in current_state(home).decisions}
    if decision_id not in known or not visitor.may_see(known[decision_id].city):
        raise Refusal(404, "没有这个决定。", "There is no such decision.")
    text = given.get("text", "")
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
                is_approver=visitor.has(Role.approver),
            )
        else:
            raise Refusal(400, "没有这种操作。", "There is no such action.")
    return redirect(request, url(known[decision_id].year, "decisions"), _RECORDED)


routes = [
    Route("/{year:int}/decide", page(_begin, Role.steward)),
    Route("/{year:int}/decide", page(_decide, Role.steward), methods=["POST"]),
    Route("/{year:int}/decisions", page(_decisions)),
    Route("/decisions/{decision}", page(_settle, Role.steward), methods=["POST"]),
]
navigation = [NavigationItem("/latest/decisions", "决定", "Decisions", sections=("decisions",))]
