"""Stewards' decisions on findings: events in the ledger, and what they say at a moment.

What belongs here: what may be decided by whom, the events of it, and reading them back. What does
not: what a decision does to a finding's state (gate/findings.py). Nothing here edits a figure.
"""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, TypedDict, cast

from pydantic import ValidationError

from orchestration.gate.findings import Finding
from orchestration.gate.rules import Bound
from orchestration.ground import clock
from orchestration.ground.home import REPOSITORY
from orchestration.ground.ledger import Ledger, is_same_person
from orchestration.ground.terms import DecisionState, DecisionVerb, RuleClass
from orchestration.ground.text import NianbaoError

SCHOOL = "school"  # who asks when a school explains in its own workbook
_STATE_AFTER = {
    "approved": DecisionState.in_force,
    "declined": DecisionState.declined,
    "decision_withdrawn": DecisionState.withdrawn,
}
KINDS = ("decided", *_STATE_AFTER)
_STANDING = {DecisionState.proposed, DecisionState.in_force}


class DecidedFinding(TypedDict):
    """What a decision remembers of a finding: enough to find it again and to see that it changed.

    Rule, filer and values make the `values_hash`.
    """

    finding_id: str
    rule_id: str
    school_code: str | None
    submission_id: str | None
    values_hash: str
    explanation: str | None


class DecisionRefused(NianbaoError):
    """A decision that may not be made, or no longer; nothing was written."""


class DecidedMeanwhile(DecisionRefused):
    """Somebody else decided on one of the findings after the page was opened."""


@dataclass(frozen=True)
class Decision:
    """One decision as the ledger has it, with what became of it.

    `asked_by` is who wants the findings accepted: `SCHOOL`, or the steward where no school
    explained. A proposed one waits for a second person, who is then `settled_by`.
    """

    decision_id: str
    seq: int
    verb: DecisionVerb
    city: str
    year: int
    findings: tuple[DecidedFinding, ...]
    reason_code: str
    reason: str
    decided_by: str
    decided_at: str
    asked_by: str
    bound: Bound | None = None
    expires_on: str | None = None
    state: DecisionState = DecisionState.in_force
    settled_by: str | None = None
    settled_at: str | None = None
    settled_text: str | None = None

    def is_in_force(self, today: date) -> bool:
        """Return whether it counts on a day: approved if it has to be, and not expired."""
        return self.state == DecisionState.in_force and not self.is_expired(today)

    def is_expired(self, today: date) -> bool:
        """Return whether its last day has passed."""
        return self.expires_on is not None and today > date.fromisoformat(self.expires_on)


@lru_cache
def reasons() -> dict[str, dict[str, str]]:
    """Return the reason codes: by code, its verb and its name in both languages."""
    path = REPOSITORY / "dbt_project" / "seeds" / "decision_reasons.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["reason_code"]: row for row in csv.DictReader(file)}


def read_decisions(ledger: Ledger) -> list[Decision]:
    """Return every decision of the ledger, oldest first, as later events left it."""
    found: dict[str, Decision] = {}
    for event in ledger.events(*KINDS):
        decision_id = event["payload"]["decision_id"]
        if event["kind"] == "decided":
            found[decision_id] = _as_decided(event)
        else:
            found[decision_id] = replace(
                found[decision_id],
                state=_STATE_AFTER[event["kind"]],
                settled_by=event["actor"],
                settled_at=event["at"],
                settled_text=event["payload"]["text"],
                seq=event["seq"],
            )
    return list(found.values())


def _as_decided(event: Mapping[str, Any]) -> Decision:
    payload = dict(event["payload"])
    waits, bound = payload.pop("needs_approval"), payload.pop("bound")
    if "count" in bound:  # once it could be typed with decimals, beyond which no whole number is
        bound["count"] = int(bound["count"])
    return Decision(
        **payload | {"verb": DecisionVerb(payload["verb"]), "findings": tuple(payload["findings"])},
        bound=Bound(**bound) if bound else None,
        seq=event["seq"],
        decided_by=event["actor"],
        decided_at=event["at"],
        state=DecisionState.proposed if waits else DecisionState.in_force,
    )


@dataclass(frozen=True)
class Proposal:
    """What a person wants to decide, as typed: nothing of it is checked yet."""

    verb: str
    reason_code: str
    reason: str
    bound: Mapping[str, float] = field(default_factory=dict)
    expires_on: str | None = None


def propose(
    findings: Sequence[Finding],
    proposal: Proposal,
    actor: str,
    bounds: Mapping[str, Bound | None],
    today: date,
) -> Decision:
    """Return the decision that a proposal would be, without writing it.

    `findings` are rows of the gate's findings of one city and year, as they stand now; `bounds`
    has, by rule id, the rule's own `Bound` or None; `today` is a day of the home's zone. Raises
    `DecisionRefused` with the reason.
    """
    _require_decidable(findings)
    verb = _verb_for(findings, proposal)
    _require_reason(verb, proposal)
    waits = needs_approval(findings, verb, bounds)
    return Decision(
        decision_id=secrets.token_hex(6),
        seq=0,
        verb=verb,
        city=str(findings[0]["city"]),
        year=int(findings[0]["year"] or 0),
        findings=tuple(map(_remembered, findings)),
        reason_code=proposal.reason_code,
        reason=proposal.reason.strip(),
        decided_by=actor,
        decided_at="",
        asked_by=SCHOOL if _all_explained(findings) else actor,
        bound=_bound_typed(proposal.bound),
        expires_on=_last_day(proposal.expires_on, today),
        state=DecisionState.proposed if waits else DecisionState.in_force,
    )


def _remembered(finding: Mapping[str, Any]) -> DecidedFinding:
    return cast(DecidedFinding, {name: finding[name] for name in DecidedFinding.__annotations__})


def decide(ledger: Ledger, decision: Decision, seen: int) -> Decision:
    """Write a proposed decision into the ledger; return it as it stands there.

    `seen` is the newest event on these findings that the person who decides has seen. Raises
    `DecidedMeanwhile` where another decision came first.
    """
    names = ("decision_id", "verb", "city", "year", "reason_code", "reason", "asked_by")
    payload = {
        **{name: getattr(decision, name) for name in names},
        "findings": list(decision.findings),
        "bound": decision.bound.model_dump(exclude_none=True) if decision.bound else {},
        "expires_on": decision.expires_on,
        "needs_approval": decision.state == DecisionState.proposed,
    }
    hashes = {f["values_hash"] for f in decision.findings}
    ledger.append(
        "decided",
        payload,
        decision.decided_by,
        check=lambda: _require_seen(ledger, hashes, seen),
    )
    return _named(ledger, decision.decision_id)


def needs_approval(
    findings: Sequence[Finding],
    verb: DecisionVerb,
    bounds: Mapping[str, Bound | None],
) -> bool:
    """Return whether a second person has to approve.

    Who asks and who approves differ: where no school asked for one of the findings, the steward
    does; where a rule fails at more places than its bound allows one person, another looks as well.
    """
    if verb != DecisionVerb.accept:
        return False
    if not _all_explained(findings):
        return True
    return not all(is_within(bounds.get(f["rule_id"]), f) for f in findings)


def is_within(bound: Bound | None, finding: Mapping[str, Any]) -> bool:
    """Return whether a finding's rule fails at no more places than a bound allows, if one does."""
    return bound is None or bound.holds(finding["hits"], finding["rows_judged"])


def _all_explained(findings: Sequence[Finding]) -> bool:
    return all(f["explanation"] for f in findings)


def settle(
    ledger: Ledger, decision_id: str, *, approve: bool, text: str, actor: str, is_approver: bool
) -> Decision:
    """Approve or decline a proposed decision; the one who proposed it may not.

    Raises `DecisionRefused` where it is not for this person, was settled already or, of an
    approval, where a later decision on one of its findings is in force.
    """

    def check() -> None:
        decision = _named(ledger, decision_id)
        if not is_approver:
            raise DecisionRefused(
                "只有审批人可以批准或驳回。", "Only an approver may approve or decline."
            )
        if is_same_person(decision.decided_by, actor):
            raise DecisionRefused(
                f"提出人（{decision.decided_by}）与批准人（{actor}）不能是同一人。",
                f"Who proposed a decision ({decision.decided_by}) may not approve it ({actor}).",
            )
        if decision.state != DecisionState.proposed:
            name = decision.settled_by or decision.decided_by
            raise DecidedMeanwhile(
                f"该决定已由 {name} 处理。", f"{name} has settled this decision already."
            )
        if not approve and not text.strip():
            raise DecisionRefused("驳回须写明理由。", "Say why it is declined.")
        if approve:
            _require_newest(ledger, decision)

    kind = "approved" if approve else "declined"
    ledger.append(kind, {"decision_id": decision_id, "text": text.strip()}, actor, check=check)
    return _named(ledger, decision_id)


def withdraw(ledger: Ledger, decision_id: str, *, text: str, actor: str) -> Decision:
    """Take a decision back; its findings open again at the next run. The ledger keeps both.

    Raises `DecisionRefused` without a reason, or where it no longer stands.
    """

    def check() -> None:
        if not text.strip():
            raise DecisionRefused("撤回须写明理由。", "Say why it is withdrawn.")
        if _named(ledger, decision_id).state not in _STANDING:
            raise DecidedMeanwhile("该决定已不再有效。", "This decision no longer stands.")

    payload = {"decision_id": decision_id, "text": text.strip()}
    ledger.append("decision_withdrawn", payload, actor, check=check)
    return _named(ledger, decision_id)


def years_of(ledger: Ledger, events: Iterable[Mapping[str, Any]]) -> set[int]:
    """Return the reporting years that events speak of; an approval is of its decision's year."""
    by_decision = {decision.decision_id: decision.year for decision in read_decisions(ledger)}
    return {
        int(event["payload"].get("year") or by_decision[event["payload"]["decision_id"]])
        for event in events
    }


def newest_seq(decisions: Iterable[Decision]) -> int:
    """Return the newest event of these decisions, 0 if there are none: what a page has seen."""
    return max((decision.seq for decision in decisions), default=0)


def touching(decisions: Iterable[Decision], hashes: set[str]) -> list[Decision]:
    """Return the decisions that are bound to any of these values."""
    return [d for d in decisions if any(f["values_hash"] in hashes for f in d.findings)]


def _named(ledger: Ledger, decision_id: str) -> Decision:
    for decision in read_decisions(ledger):
        if decision.decision_id == decision_id:
            return decision
    raise DecisionRefused(f"没有决定 {decision_id}。", f"There is no decision {decision_id}.")


def _require_seen(ledger: Ledger, hashes: set[str], seen: int) -> None:
    newer = [d for d in touching(read_decisions(ledger), hashes) if d.seq > seen]
    if newer:
        name = newer[-1].settled_by or newer[-1].decided_by
        raise DecidedMeanwhile(
            f"{name} 刚刚对同一疑点作出了决定，请重新查看。",
            f"{name} has just decided on the same finding; look again.",
        )


def _require_newest(ledger: Ledger, proposal: Decision) -> None:
    """Refuse to approve what a later decision overtook: it would come alive once that is gone."""
    decisions = read_decisions(ledger)
    place = [decision.decision_id for decision in decisions].index(proposal.decision_id)
    hashes = {finding["values_hash"] for finding in proposal.findings}
    for later in touching(decisions[place + 1 :], hashes):
        if later.state == DecisionState.in_force:
            when = clock.shown(later.decided_at)
            raise DecidedMeanwhile(
                f"{later.decided_by} 已于北京时间 {when} 对同一疑点另作决定"
                f"（{later.verb.zh}），不能再批准；可以驳回。",
                f"{later.decided_by} decided otherwise on the same finding at {when} China time "
                f"({later.verb.en}); this can no longer be approved, only declined.",
            )


def _require_decidable(findings: Sequence[Finding]) -> None:
    if not findings:
        raise DecisionRefused(
            "所选疑点已不存在或已变化，请重新查看。", "The findings are gone or changed."
        )
    if len({(f["city"], f["year"]) for f in findings}) > 1:
        raise DecisionRefused(
            "一次只能对一个城市的一个年度作决定。", "One decision is on one city and year."
        )
    if any(f["class"] != RuleClass.explain for f in findings):
        raise DecisionRefused(
            "逻辑校验必须更正，不能决定通过；提示无需处理。",
            "A must is corrected, never decided away; an info needs no decision.",
        )


def _verb_for(findings: Sequence[Finding], proposal: Proposal) -> DecisionVerb:
    """Return what is to be done with the findings, if that can be done with them."""
    if proposal.verb not in list(DecisionVerb):
        raise DecisionRefused(f"没有这种决定 {proposal.verb}。", "No such decision.")
    verb = DecisionVerb(proposal.verb)
    if verb == DecisionVerb.refuse and not _all_explained(findings):
        raise DecisionRefused(
            "学校没有说明，无可拒绝；可以退回。", "No explanation to refuse; return it instead."
        )
    return verb


def _require_reason(verb: DecisionVerb, proposal: Proposal) -> None:
    if reasons().get(proposal.reason_code, {}).get("verb") != verb:
        raise DecisionRefused("请选择理由。", "Choose a reason.")
    if not proposal.reason.strip():
        raise DecisionRefused("请写明理由。", "Say why.")


def _bound_typed(typed: Mapping[str, float]) -> Bound | None:
    try:
        return Bound.model_validate(typed) if typed else None
    except ValidationError as error:
        raise DecisionRefused(
            "上限须为不小于 0 的个数，或 0 到 100 的百分比。",
            "A bound is a count of 0 or more, or 0 to 100 per cent.",
        ) from error


def _last_day(typed: str | None, today: date) -> str | None:
    """Return the last day on which a decision counts, as it is stored."""
    if not typed:
        return None
    try:
        last = date.fromisoformat(typed)
    except ValueError as error:
        raise DecisionRefused(
            f"日期 {typed} 须写作 2025-06-30。", "Write the date as 2025-06-30."
        ) from error
    if last < today:
        raise DecisionRefused("有效期已经过去。", "The expiry has passed already.")
    return last.isoformat()
