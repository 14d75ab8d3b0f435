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
from typing import Any, Literal, cast

from orchestration.ground import clock
from orchestration.ground.home import REPOSITORY
from orchestration.ground.ledger import Ledger

Verb = Literal["accept", "return", "refuse"]
VERBS: tuple[Verb, ...] = ("accept", "return", "refuse")
SCHOOL = "school"  # who asks when a school explains in its own workbook
KINDS = ("decided", "approved", "declined", "decision_withdrawn")
# What a decision remembers of each finding: enough to find it again and to see that it changed.
BOUND_TO = ("finding_id", "rule_id", "school_code", "submission_id", "values_hash", "explanation")


class DecisionRefused(Exception):
    """A decision that may not be made, or no longer; nothing was written."""


class DecidedMeanwhile(DecisionRefused):
    """Somebody else decided on one of the findings after the page was opened."""


@dataclass(frozen=True)
class Decision:
    """One decision as the ledger has it, with what became of it.

    `findings` are mappings of `BOUND_TO`. `state` is proposed (a second person has to approve),
    in_force, declined or withdrawn.
    """

    decision_id: str
    seq: int
    verb: Verb
    city: str
    year: int
    findings: tuple[Mapping[str, Any], ...]
    reason_code: str
    reason: str
    decided_by: str
    decided_at: str
    asked_by: str
    bound: Mapping[str, float] = field(default_factory=dict)
    expires_on: str | None = None
    state: str = "in_force"
    settled_by: str | None = None
    settled_at: str | None = None
    settled_text: str | None = None

    def is_in_force(self, today: date) -> bool:
        """Return whether it counts on a day: approved if it has to be, and not expired."""
        return self.state == "in_force" and not self.is_expired(today)

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
    states = {"approved": "in_force", "declined": "declined", "decision_withdrawn": "withdrawn"}
    for event in ledger.events(*KINDS):
        payload = dict(event["payload"])
        if event["kind"] == "decided":
            needs_approval = payload.pop("needs_approval")
            payload["findings"] = tuple(payload["findings"])
            decision = Decision(
                **payload,
                seq=event["seq"],
                decided_by=event["actor"],
                decided_at=event["at"],
                state="proposed" if needs_approval else "in_force",
            )
            found[decision.decision_id] = decision
            continue
        found[payload["decision_id"]] = replace(
            found[payload["decision_id"]],
            state=states[event["kind"]],
            settled_by=event["actor"],
            settled_at=event["at"],
            settled_text=payload["text"],
            seq=event["seq"],
        )
    return list(found.values())


@dataclass(frozen=True)
class Proposal:
    """What a person wants to decide, as typed: nothing of it is checked yet."""

    verb: str
    reason_code: str
    reason: str
    bound: Mapping[str, float] = field(default_factory=dict)
    expires_on: str | None = None


def propose(
    findings: Sequence[Mapping[str, Any]],
    proposal: Proposal,
    actor: str,
    bounds: Mapping[str, Any],
    today: date | None = None,
) -> Decision:
    """Return the decision that a proposal would be, without writing it.

    `findings` are rows of the gate's findings of one city and year, as they stand now; `bounds`
    has, by rule id, the rule's own `Bound` or None. Raises `DecisionRefused` with the reason.
    """
    _hold(findings, proposal, today or clock.today())
    waits = needs_approval(findings, proposal.verb, bounds)
    return Decision(
        decision_id=secrets.token_hex(6),
        seq=0,
        verb=cast(Verb, proposal.verb),
        city=str(findings[0]["city"]),
        year=int(findings[0]["year"]),
        findings=tuple({name: f[name] for name in BOUND_TO} for f in findings),
        reason_code=proposal.reason_code,
        reason=proposal.reason.strip(),
        decided_by=actor,
        decided_at="",
        asked_by=SCHOOL if all(f["explanation"] for f in findings) else actor,
        bound=dict(proposal.bound),
        expires_on=proposal.expires_on or None,
        state="proposed" if waits else "in_force",
    )


def decide(ledger: Ledger, decision: Decision, seen: int) -> Decision:
    """Write a proposed decision into the ledger; return it as it stands there.

    `seen` is the newest event on these findings that the person who decides has seen. Raises
    `DecidedMeanwhile` where another decision came first.
    """
    names = ("decision_id", "verb", "city", "year", "reason_code", "reason", "asked_by")
    payload = {
        **{name: getattr(decision, name) for name in names},
        "findings": [dict(f) for f in decision.findings],
        "bound": dict(decision.bound),
        "expires_on": decision.expires_on,
        "needs_approval": decision.state == "proposed",
    }
    hashes = {f["values_hash"] for f in decision.findings}
    ledger.append(
        "decided",
        payload,
        decision.decided_by,
        check=lambda: _hold_unseen(ledger, hashes, seen),
    )
    return _named(ledger, decision.decision_id)


def needs_approval(
    findings: Sequence[Mapping[str, Any]], verb: str, bounds: Mapping[str, Any]
) -> bool:
    """Return whether a second person has to approve.

    Who asks and who approves differ: where no school asked, the steward does; where a rule fails at
    more places than its bound allows one person, another looks as well.
    """
    if verb != "accept":
        return False
    if not all(f["explanation"] for f in findings):
        return True
    return any(
        bounds.get(f["rule_id"]) is not None
        and not bounds[f["rule_id"]].holds(int(f["hits"]), int(f["rows_judged"]))
        for f in findings
    )


def settle(
    ledger: Ledger, decision_id: str, *, approve: bool, text: str, actor: str, is_approver: bool
) -> Decision:
    """Approve or decline a proposed decision; the one who proposed it may not.

    Raises `DecisionRefused` where it is not for this person, or was settled already.
    """

    def check() -> None:
        decision = _named(ledger, decision_id)
        if not is_approver:
            raise DecisionRefused(
                "只有审批人可以批准或驳回。Only an approver may approve or decline."
            )
        if decision.decided_by == actor:
            raise DecisionRefused(
                "提出人与批准人不能是同一人。Who proposed a decision may not approve it."
            )
        if decision.state != "proposed":
            raise DecidedMeanwhile(
                f"该决定已由 {decision.settled_by or decision.decided_by} 处理。"
                f"{decision.settled_by or decision.decided_by} has settled this decision already."
            )
        if not approve and not text.strip():
            raise DecisionRefused("驳回须写明理由。Say why it is declined.")

    kind = "approved" if approve else "declined"
    ledger.append(kind, {"decision_id": decision_id, "text": text.strip()}, actor, check=check)
    return _named(ledger, decision_id)


def withdraw(ledger: Ledger, decision_id: str, *, text: str, actor: str) -> Decision:
    """Take a decision back; its findings open again at the next run. The ledger keeps both.

    Raises `DecisionRefused` without a reason, or where it no longer stands.
    """

    def check() -> None:
        if not text.strip():
            raise DecisionRefused("撤回须写明理由。Say why it is withdrawn.")
        if _named(ledger, decision_id).state not in {"proposed", "in_force"}:
            raise DecidedMeanwhile("该决定已不再有效。This decision no longer stands.")

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
    raise DecisionRefused(f"没有决定 {decision_id}。There is no decision {decision_id}.")


def _hold_unseen(ledger: Ledger, hashes: set[str], seen: int) -> None:
    newer = [d for d in touching(read_decisions(ledger), hashes) if d.seq > seen]
    if newer:
        last = newer[-1]
        raise DecidedMeanwhile(
            f"{last.settled_by or last.decided_by} 刚刚对同一疑点作出了决定，请重新查看。"
            "Somebody has just decided on the same finding; look again."
        )


def _hold(findings: Sequence[Mapping[str, Any]], proposal: Proposal, today: date) -> None:
    """Raise `DecisionRefused` with the first thing that stands against a proposal."""
    are_explained = all(f["explanation"] for f in findings)
    against = (
        (not findings, "所选疑点已不存在或已变化，请重新查看。The findings are gone or changed."),
        (proposal.verb not in VERBS, f"没有这种决定 {proposal.verb}。No such decision."),
        (
            len({(f["city"], f["year"]) for f in findings}) > 1,
            "一次只能对一个城市的一个年度作决定。One decision is on one city and year.",
        ),
        (
            any(f["class"] != "explain" for f in findings),
            "逻辑校验必须更正，不能决定通过；提示无需处理。"
            "A must is corrected, never decided away; an info needs no decision.",
        ),
        (
            proposal.verb == "refuse" and not are_explained,
            "学校没有说明，无可拒绝；可以退回。No explanation to refuse; return it instead.",
        ),
        (
            reasons().get(proposal.reason_code, {}).get("verb") != proposal.verb,
            "请选择理由。Choose a reason.",
        ),
        (not proposal.reason.strip(), "请写明理由。Say why."),
        (
            not all(_is_bound(kind, value) for kind, value in proposal.bound.items()),
            "上限须为不小于 0 的个数，或 0 到 100 的百分比。"
            "A bound is a count of 0 or more, or 0 to 100 per cent.",
        ),
    )
    for stands, message in against:
        if stands:
            raise DecisionRefused(message)
    if proposal.expires_on:
        _hold_date(proposal.expires_on, today)


def _is_bound(kind: str, value: float) -> bool:
    return kind in {"count", "per_cent"} and 0 <= value <= (100 if kind == "per_cent" else 10**9)


def _hold_date(expires_on: str, today: date) -> None:
    try:
        last = date.fromisoformat(expires_on)
    except ValueError as error:
        raise DecisionRefused(
            f"日期 {expires_on} 须写作 2025-06-30。Write the date as 2025-06-30."
        ) from error
    if last < today:
        raise DecisionRefused("有效期已经过去。The expiry has passed already.")
