"""The two gates: all submissions at once, then all cities at once; outcomes as parquet in the home.

What belongs here: which tables go in, where findings and verdicts go. What does not: rules
(expectations/), how they run (suites.py), what follows from a failure (findings.py).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pandas as pd

from orchestration.gate.decisions import Decision, read_decisions, reasons
from orchestration.gate.findings import (
    answers_frame,
    as_frame,
    asked,
    city_verdicts,
    findings_of,
    judged,
    placed,
    states_after,
)
from orchestration.gate.frames import read_frame
from orchestration.gate.history import record_rules
from orchestration.gate.rules import Rule, load_rules
from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger, mark
from orchestration.ground.settings import zone_of
from orchestration.ground.terms import GateVerdict, Stage
from orchestration.warehouse.dbt import read_table, reading

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
    on_tables = [rule for rule in rules if rule.frame != ANSWERS]
    with reading(home.warehouse) as connection:
        submissions = read_table(connection, "stg_nianbao__submissions")
        explanations = read_table(connection, "stg_nianbao__explanations")
        found = run_rules(connection, home, on_tables)
    found = placed(found, submissions)
    answers = answers_frame(found, explanations)
    on_answers = [rule for rule in rules if rule.frame == ANSWERS]
    unmatched = placed(found_in(answers, on_answers), submissions)
    findings = asked(as_frame([*_records(found), *_records(unmatched)]), explanations)
    findings, verdicts = judged(findings, submissions, decisions, today)
    record_rules(ledger, every)
    _keep(_rules_frame(every), home.gate / "rules.parquet")
    _keep(findings, home.gate / "findings.parquet")
    _keep(verdicts, home.gate / "verdicts.parquet")
    _keep(decisions_frame(findings, decisions), home.gate / "decisions.parquet")
    return findings, verdicts


def judge_all_cities(
    home: Home, year: int, ledger: Ledger, today: date | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge every city's figures of every year; return findings and verdicts of one year.

    All years are kept, since the analysts' database holds a year's figures only if its gate passed.
    """
    today = today or clock.today(zone_of(home))
    mark(home.gate, "cities", ledger, today=today.isoformat())
    decisions = read_decisions(ledger)
    with reading(home.warehouse) as connection:
        findings, verdicts = judge_cities(connection, home, decisions, today)
    _keep(findings, home.gate / "city_findings.parquet")
    _keep(decisions_frame(findings, decisions), home.gate / "city_decisions.parquet")
    _keep(verdicts, home.gate / "city_verdicts.parquet")
    return findings[findings["year"] == year], verdicts[verdicts["year"] == year]


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
    findings = states_after(placed(found, submissions), decisions, today)
    return findings, city_verdicts(read_frame(connection, home, "city_coverage"), findings)


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
    parts: list[dict] = []
    for name in dict.fromkeys(rule.frame for rule in rules):
        suite = [rule for rule in rules if rule.frame == name]
        parts += _records(found_in(read_frame(connection, home, name), suite))
    return as_frame(parts)


def found_in(frame: pd.DataFrame, rules: Sequence[Rule]) -> pd.DataFrame:
    """Return the findings of one frame, each with how many rows of its submission were judged."""
    from orchestration.gate.suites import failing_rows

    failing = failing_rows(frame, rules)
    findings = as_frame(
        finding
        for rule in rules
        if rule.id in failing
        for finding in findings_of(rule, failing[rule.id])
    )
    if "submission_id" in frame.columns:
        judged_rows = frame["submission_id"].value_counts()
        findings["rows_judged"] = findings["submission_id"].map(judged_rows).astype("Int64")
    return findings


def _records(frame: pd.DataFrame) -> list[dict]:
    return cast(list[dict], frame.to_dict("records"))


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
        }
        for rule in rules
    )


def _keep(frame: pd.DataFrame, path: Path) -> None:
    """Write whole or not at all: dbt reads these files as sources."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    frame.to_parquet(beside, index=False)
    beside.replace(path)
