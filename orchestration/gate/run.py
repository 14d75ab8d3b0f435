"""The two gates: all submissions at once, then all cities at once; outcomes as parquet in the home.

What belongs here: which tables go in, where findings and verdicts go. What does not: rules
(expectations/), how they run (suites.py), what follows from a failure (findings.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from orchestration.gate.decisions import Decision, read_decisions, reasons
from orchestration.gate.findings import (
    answers_frame,
    as_frame,
    concat_findings,
    findings_of,
    with_context,
    with_explanations,
)
from orchestration.gate.frames import CHANGES, beside_standing, read_frame
from orchestration.gate.history import record_rules
from orchestration.gate.rules import Rule, load_rules
from orchestration.gate.verdicts import (
    city_verdicts,
    states_after,
    states_and_verdicts,
    with_excluded,
)
from orchestration.ground import clock
from orchestration.ground.frames import write_parquet
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger, mark
from orchestration.ground.settings import zone_of
from orchestration.ground.terms import GateVerdict, Stage
from orchestration.intake.declared.exclusions import exclusions
from orchestration.warehouse.dbt import read_table, reading
from orchestration.warehouse.standing import standing_submissions

if TYPE_CHECKING:
    import duckdb

ANSWERS = "answers"  # a frame made of the other rules' findings, so it comes last


def judge_all_submissions(
    home: Home, ledger: Ledger, today: date | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge every submission of every year; return and keep findings and verdicts.

    Findings: one row a rule failing at one place. Verdicts: one row a submission. Also keeps the
    rules themselves, for `dim_rule`, and the decisions that bind a finding.
    """
    every = load_rules(home.expectations)
    rules = [rule for rule in every if rule.stage == Stage.submission]
    today = today or clock.today(zone_of(home))
    mark(home.gate, "submissions", ledger, today=today.isoformat())
    decisions = read_decisions(ledger)
    gate = SubmissionGate(rules, decisions, today)
    with reading(home.warehouse) as connection:
        filed = Filed(
            read_table(connection, "stg_nianbao__submissions"),
            read_table(connection, "stg_nianbao__explanations"),
        )
        changes = read_table(connection, CHANGES)
        found = run_rules(connection, home, gate.on_tables)
    findings, verdicts = gate.judge(gate.with_changes(found, changes, filed), filed)
    findings = with_excluded(findings, exclusions(ledger))
    record_rules(ledger, every)
    write_parquet(_rules_frame(every), home.gate / "rules.parquet")
    write_parquet(findings, home.gate / "findings.parquet")
    write_parquet(verdicts, home.gate / "verdicts.parquet")
    write_parquet(decisions_frame(findings, decisions), home.gate / "decisions.parquet")
    return findings, verdicts


@dataclass(frozen=True)
class Filed:
    """The submissions, and what schools explain in them; one row a submission, an explanation."""

    submissions: pd.DataFrame
    explanations: pd.DataFrame

    def of_year(self, year: int) -> Filed:
        """Return what was handed in for one year."""
        submissions = self.submissions[self.submissions["year"] == year]
        is_own = self.explanations["submission_id"].isin(submissions["submission_id"])
        return Filed(submissions, self.explanations[is_own])


class SubmissionGate:
    """The rules on submissions, in the order in which they can be asked."""

    def __init__(self, rules: Sequence[Rule], decisions: Sequence[Decision], today: date) -> None:
        """Part the rules by what has to be known before they can be asked."""
        self.on_changes = [rule for rule in rules if rule.frame == "changes"]
        self.on_answers = [rule for rule in rules if rule.frame == ANSWERS]
        late = [*self.on_changes, *self.on_answers]
        self.on_tables = [rule for rule in rules if rule not in late]
        self.decisions, self.today = decisions, today

    def judge(self, found: pd.DataFrame, filed: Filed) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the findings with all that is said of them, and the verdicts that follow."""
        found = with_context(found, filed.submissions)
        answers = answers_frame(found, filed.explanations)
        unmatched = with_context(findings_in(answers, self.on_answers), filed.submissions)
        findings = with_explanations(concat_findings([found, unmatched]), filed.explanations)
        return states_and_verdicts(findings, filed.submissions, self.decisions, self.today)

    def with_changes(
        self, found: pd.DataFrame, changes: pd.DataFrame, filed: Filed
    ) -> pd.DataFrame:
        """Return the findings with those against the year before, of which a year is judged first.

        `changes` is `CHANGES`: what stands for a school is known only when its year is judged.
        """
        for year in sorted(set(changes["year"])):
            before = filed.of_year(year - 1)
            _, verdicts = self.judge(found[found["year"] == year - 1], before)
            standing = standing_submissions(before.submissions, verdicts)
            rows = beside_standing(changes[changes["year"] == year], standing)
            more = findings_in(rows, self.on_changes)
            found = concat_findings([found, more])
        return found


def judge_all_cities(
    home: Home, ledger: Ledger, today: date | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge every city's figures of every year; return and keep findings and verdicts."""
    today = today or clock.today(zone_of(home))
    mark(home.gate, "cities", ledger, today=today.isoformat())
    decisions = read_decisions(ledger)
    with reading(home.warehouse) as connection:
        findings, verdicts = judge_cities(connection, home, decisions, today)
    write_parquet(findings, home.gate / "city_findings.parquet")
    write_parquet(decisions_frame(findings, decisions), home.gate / "city_decisions.parquet")
    write_parquet(verdicts, home.gate / "city_verdicts.parquet")
    return findings, verdicts


def judge_cities(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    decisions: Sequence[Decision],
    today: date | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge the figures that a connection shows, which may be those of a what-if."""
    submissions = read_table(connection, "stg_nianbao__submissions")
    found = run_rules(connection, home, load_rules(home.expectations, Stage.city))
    today = today or clock.today(zone_of(home))
    findings = states_after(with_context(found, submissions), decisions, today)
    return findings, city_verdicts(read_table(connection, "city_coverage"), findings)


def city_outcome(home: Home, city: str, year: int) -> tuple[str, pd.DataFrame]:
    """Return a city's `GateVerdict` of a year and its findings."""
    verdicts = pd.read_parquet(home.gate / "city_verdicts.parquet")
    findings = pd.read_parquet(home.gate / "city_findings.parquet")
    own = verdicts[(verdicts["city"] == city) & (verdicts["year"] == year)]
    verdict = own["verdict"].iloc[0] if len(own) else GateVerdict.not_judged
    return verdict, findings[(findings["city"] == city) & (findings["year"] == year)]


def run_rules(
    connection: duckdb.DuckDBPyConnection, home: Home, rules: Sequence[Rule]
) -> pd.DataFrame:
    """Run the suites of rules, one a frame, each over all schools or cities at once."""
    suites: dict[str, list[Rule]] = {}
    for rule in rules:
        suites.setdefault(rule.frame, []).append(rule)
    return concat_findings(
        findings_in(read_frame(connection, home, name), suite) for name, suite in suites.items()
    )


def findings_in(frame: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """Return the findings of one frame, each with how many rows of its submission were judged."""
    from orchestration.gate.suites import failing_rows

    failing = failing_rows(frame, rules)
    findings = as_frame(
        finding
        for rule in rules
        if rule.id in failing
        for finding in findings_of(rule, _judged(rule, failing[rule.id]))
    )
    if "submission_id" in frame.columns:
        judged_rows = frame["submission_id"].value_counts()
        findings["rows_judged"] = findings["submission_id"].map(judged_rows).astype("Int64")
    return findings


def _judged(rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the years that a rule is for."""
    return rows[rule.judges(rows["year"])] if "year" in rows else rows


def decisions_frame(findings: pd.DataFrame, decisions: Sequence[Decision]) -> pd.DataFrame:
    """Return the decisions that bind a finding now, one row a decision and finding.

    The columns are those of `fct_decision`.
    """
    names = reasons()
    rows = pd.DataFrame(
        (
            {name: getattr(decision, name) for name in _DECIDED}
            | {
                "reason_name_zh": names[decision.reason_code]["name_zh"],
                "reason_name_en": names[decision.reason_code]["name_en"],
                "approved_by": decision.settled_by,
                "approved_at": decision.settled_at,
                "bound_count": decision.bound and decision.bound.count,
                "bound_per_cent": decision.bound and decision.bound.per_cent,
            }
            for decision in decisions
        ),
        columns=[*_DECIDED, *_ADDED, *_BOUNDS],
    ).astype({**dict.fromkeys([*_DECIDED, *_ADDED], "string"), **dict.fromkeys(_BOUNDS, "float64")})
    return findings.loc[findings["decision_id"].notna(), _BOUND_TO].merge(rows, on="decision_id")


_BOUND_TO = [
    *("decision_id", "finding_id", "city", "year", "school_code", "rule_id", "values_hash"),
    "explanation",
]
_DECIDED = [
    *("decision_id", "verb", "reason_code", "reason", "asked_by", "decided_by", "decided_at"),
    "expires_on",
]
_ADDED = ["reason_name_zh", "reason_name_en", "approved_by", "approved_at"]
_BOUNDS = ["bound_count", "bound_per_cent"]


def _rules_frame(rules: list[Rule]) -> pd.DataFrame:
    """Return every rule with its texts, one a row, as `dim_rule` shows it."""
    return pd.DataFrame(
        {
            "rule_id": rule.id,
            "class": rule.rule_class,
            "stage": rule.stage,
            "frame": rule.frame,
            "family": rule.family,
            "zh": rule.zh,
            "en": rule.en,
            "why_zh": rule.why.zh,
            "fix_zh": rule.fix.zh,
            "why_en": rule.why.en,
            "fix_en": rule.fix.en,
            "since": str(rule.since),
            "until": None if rule.until is None else str(rule.until),
            "version": rule.version,
            "whole": rule.whole,
            "add_up": ";".join(rule.add_up) or None,
        }
        for rule in rules
    ).astype(dict.fromkeys(("until", "whole", "add_up"), "string"))
