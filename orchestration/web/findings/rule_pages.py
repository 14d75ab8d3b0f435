"""Rules and the record: each rule's page, how its findings ended, and the ledger.

What belongs here: pages that explain. What does not: deciding anything
(decision_pages.py).
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.gate.current import current_state
from orchestration.gate.history import AfterReplacement, changed_at, rule_outcomes
from orchestration.gate.rules import load_rules
from orchestration.ground.frames import records
from orchestration.ground.ledger import LedgerBroken, open_ledger
from orchestration.ground.terms import FindingState
from orchestration.web.accounts.roles import ALL_CITIES
from orchestration.web.findings.triage import findings_of_year
from orchestration.web.frame.embargo import closed_to
from orchestration.web.frame.page import home_of, page, paging, render
from orchestration.web.frame.security import Refusal
from orchestration.web.frame.visitor import NavigationItem, Visitor

PER_PAGE = 100


# How hits end, as a rule's page shows it.
_ENDED = (
    FindingState.open,
    AfterReplacement.corrected,
    FindingState.explained,
    FindingState.returned,
    FindingState.refused,
)


def _rules(request: Request, visitor: Visitor) -> Response:
    home = home_of(request)
    now = current_state(home)
    year = now.years[0] if now.years else 0
    outcomes = rule_outcomes(now.findings) if len(now.findings) else now.findings
    hits: dict[tuple[str, int], dict[str, Any]] = {
        (row["rule_id"], row["year"]): row for row in records(outcomes)
    }
    rules = load_rules(home.expectations)
    rules.sort(key=lambda rule: -int(hits.get((rule.id, year), {}).get("hits", 0)))
    return render(
        request,
        visitor,
        "findings/rules.html",
        rules=rules,
        hits=hits,
        year=year,
        none_yet={"hits": 0},
    )


def _rule(request: Request, visitor: Visitor) -> Response:
    home = home_of(request)
    now, rule_id = current_state(home), request.path_params["rule"]
    rule = next((rule for rule in load_rules(home.expectations) if rule.id == rule_id), None)
    if rule is None:
        raise Refusal(404, "没有这条规则。", "There is no such rule.")
    with open_ledger(home) as ledger:
        changed = changed_at(ledger).get(rule_id)
    own = now.findings[now.findings["rule_id"] == rule_id]
    year = now.years[0] if now.years else 0
    return render(
        request,
        visitor,
        "findings/rule.html",
        rule=rule,
        changed=changed,
        ended=_ENDED,
        outcomes=records(rule_outcomes(own)) if len(own) else [],
        findings=records(
            findings_of_year(request, now, visitor, year).query("rule_id == @rule_id")
        ),
        year=year,
        settings=json.dumps(rule.kwargs, ensure_ascii=False, indent=1),
    )


def _ledger(request: Request, visitor: Visitor) -> Response:
    if not visitor.may_see(ALL_CITIES):
        raise Refusal(
            403,
            "账本涉及所有城市，只有可看全部城市的账号能打开。",
            "The ledger speaks of every city; only who sees them all may open it.",
        )
    if closed_to(request, visitor):
        raise Refusal(
            403,
            "有年度已签署、待发布，账本中的决定写有其数字，发布前只有审批人和指定的预览人能打开。",
            "A signed year waits for its release, and decisions in the ledger name its figures: "
            "open to approvers and the named readers alone until then.",
        )
    kind = request.query_params.get("kind", "")
    with open_ledger(home_of(request)) as ledger:
        every = list(ledger.events())
        broken = None
        try:
            ledger.verify()
        except LedgerBroken as error:
            broken = error
    events = [event for event in reversed(every) if kind in ("", event["kind"])]
    part = paging(request, len(events), PER_PAGE)
    shown = [
        {**event, "text": json.dumps(event["payload"], ensure_ascii=False)}
        for event in events[part.start : part.stop]
    ]
    return render(
        request,
        visitor,
        "findings/ledger.html",
        events=shown,
        kinds=sorted({event["kind"] for event in every}),
        kind=kind,
        part=part,
        broken=broken,
        whole=len(every),
    )


routes = [
    Route("/rules", page(_rules)),
    Route("/rules/{rule}", page(_rule)),
    Route("/ledger", page(_ledger)),
]
navigation = [
    NavigationItem("/rules", "规则", "Rules"),
    NavigationItem("/ledger", "账本", "Ledger"),
]
