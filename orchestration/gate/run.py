"""The two gates: all submissions at once, then all cities at once; outcomes as parquet in the home.

What belongs here: which tables go in, where findings and verdicts go. What does not: rules
(expectations/), how they run (suites.py), what follows from a failure (findings.py).
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from orchestration.gate.findings import (
    as_frame,
    city_verdicts,
    explained,
    findings_of,
    submission_verdicts,
    superseded,
)
from orchestration.gate.frames import read_frame
from orchestration.gate.rules import STAGES, Rule, load_rules
from orchestration.home import Home
from orchestration.warehouse import read_table, reading

NOT_JUDGED = "not judged"


def judge_all_submissions(home: Home) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge every submission of every year; return and keep findings and verdicts.

    Findings: one row a rule failing at one place. Verdicts: one row a submission. Also keeps the
    rules themselves, for `dim_rule`.
    """
    rules = {stage: load_rules(home.expectations, stage) for stage in STAGES}
    found = _run_stage(home, rules["submission"])
    with reading(home.warehouse) as connection:
        submissions = read_table(connection, "stg_nianbao__submissions")
        explanations = read_table(connection, "stg_nianbao__explanations")
    names = submissions.set_index("submission_id")["file_name"]
    found["file_name"] = found["submission_id"].map(names).astype("string")
    findings = explained(found, explanations)
    verdicts = submission_verdicts(submissions, findings)
    findings = superseded(findings, submissions, verdicts)
    _keep(
        _rules_frame([rule for stage in STAGES for rule in rules[stage]]),
        home.gate / "rules.parquet",
    )
    _keep(findings, home.gate / "findings.parquet")
    _keep(verdicts, home.gate / "verdicts.parquet")
    return findings, verdicts


def judge_all_cities(home: Home, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge every city's figures of every year; return findings and verdicts of one year.

    All years are kept, since the analysts' database holds a year's figures only if its gate passed.
    """
    findings = _run_stage(home, load_rules(home.expectations, "city"))
    with reading(home.warehouse) as connection:
        verdicts = city_verdicts(read_frame(connection, home, "city_coverage"), findings)
    _keep(findings, home.gate / "city_findings.parquet")
    _keep(verdicts, home.gate / "city_verdicts.parquet")
    return findings[findings["year"] == year], verdicts[verdicts["year"] == year]


def city_outcome(home: Home, city: str, year: int) -> tuple[str, pd.DataFrame]:
    """Return a city's verdict and its open findings; `NOT_JUDGED` where the gate said nothing."""
    verdicts = pd.read_parquet(home.gate / "city_verdicts.parquet")
    findings = pd.read_parquet(home.gate / "city_findings.parquet")
    own = verdicts[(verdicts["city"] == city) & (verdicts["year"] == year)]
    verdict = own["verdict"].iloc[0] if len(own) else NOT_JUDGED
    return verdict, findings[(findings["city"] == city) & (findings["year"] == year)]


def _run_stage(home: Home, rules: list[Rule]) -> pd.DataFrame:
    """Run a stage's suites, one a frame, each over all schools or cities at once."""
    from orchestration.gate.suites import failing_rows

    findings = []
    with reading(home.warehouse) as connection:
        for name in dict.fromkeys(rule.frame for rule in rules):
            suite = [rule for rule in rules if rule.frame == name]
            failing = failing_rows(read_frame(connection, home, name), suite)
            for rule in suite:
                if rule.id in failing:
                    findings += findings_of(rule, failing[rule.id])
    return as_frame(findings)


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
