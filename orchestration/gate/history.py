"""When a rule changed, and what came of what it found.

What belongs here: telling one wording of a rule from another, the ledger's events of it, and
counting outcomes. What does not: running rules (suites.py), the states of findings (findings.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import pandas as pd

from orchestration.gate.rules import Rule
from orchestration.ground.ledger import Ledger
from orchestration.ground.terms import FindingState
from orchestration.ground.text import Term

CHANGED = "rules_changed"


class AfterReplacement(Term):
    """What became of a finding of a replaced file: whether the school's same figures still fail."""

    corrected = "corrected", "已更正", "corrected"
    repeated = "repeated", "再次出现", "repeated"


OUTCOMES: tuple[Term, ...] = (
    *(state for state in FindingState if state != FindingState.superseded),
    *AfterReplacement,
)
# Findings that are equal in these are one hit, however often the workbook came in with it.
_HIT = ["rule_id", "city", "year", "school_code", "values_typed", "cell"]
# The same figures of the same school, wherever they stand in a newer workbook.
_FIGURES = [name for name in _HIT if name != "cell"]


def rule_digest(rule: Rule) -> str:
    """Return the hash of all that a rule says: another wording is another digest.

    What is as by default is left out, so that a new optional key changes no rule that lacks it.
    """
    parts = rule.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def record_rules(ledger: Ledger, rules: Iterable[Rule]) -> None:
    """Append which rules are new, changed or gone since the last event of it; nothing if none is.

    The payload is {"rules": {rule_id: digest, or null for a rule that was taken off}}.
    """
    known: dict[str, str | None] = {}
    for event in ledger.events(CHANGED):
        known |= event["payload"]["rules"]
    now: dict[str, str | None] = {rule.id: rule_digest(rule) for rule in rules}
    # A rule that is known and not declared is gone: its digest is null.
    changed = {i: now.get(i) for i in sorted(known | now) if now.get(i) != known.get(i)}
    if changed:
        ledger.append(CHANGED, {"rules": changed}, actor="annual_run")


def changed_at(ledger: Ledger) -> dict[str, str]:
    """Return, by rule id, when it last changed, came or went, as ISO time."""
    return {
        rule_id: event["at"]
        for event in ledger.events(CHANGED)
        for rule_id in event["payload"]["rules"]
    }


def rule_outcomes(findings: pd.DataFrame) -> pd.DataFrame:
    """Return what came of what rules found: one row a rule and year, `hits` and `OUTCOMES` counted.

    A hit is a place with its values, counted once however many files of a school have it. An
    outcome counts the hits that have a finding in that state; a superseded finding is `corrected`
    where no file that counts has the school's same figures failing the rule, else `repeated`, and
    then its hit is counted by the newer file's state as well.
    """
    is_superseded = findings["state"].eq(FindingState.superseded)
    rows = findings[_HIT].assign(outcome=findings["state"], stands=~is_superseded)
    stands = rows.groupby(_FIGURES, dropna=False)["stands"].transform("any")
    rows["outcome"] = rows["outcome"].mask(is_superseded & stands, AfterReplacement.repeated)
    rows["outcome"] = rows["outcome"].mask(is_superseded & ~stands, AfterReplacement.corrected)
    keys = ["rule_id", "year"]
    counts = pd.DataFrame({"hits": rows.drop_duplicates(_HIT).groupby(keys, dropna=False).size()})
    by_outcome = rows.drop_duplicates([*_HIT, "outcome"]).groupby("outcome")
    for name in OUTCOMES:
        of_name = by_outcome.get_group(name) if name in by_outcome.groups else rows.iloc[:0]
        counts[name] = of_name.groupby(keys, dropna=False).size()
    return counts.fillna(0).astype("int64").reset_index()
