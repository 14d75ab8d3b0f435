"""The state of this moment: what the latest run found, with the decisions since laid over it.

What belongs here: reading what the latest run left, and what decisions since will change. What does
not: pages (web/findings/triage.py, web/schools/overview.py, …) and writing. Nothing waits for a run
that is going on: runs replace whole files, which are read as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from orchestration.gate.decisions import KINDS, Decision, read_decisions
from orchestration.gate.findings import as_frame, is_unsettled
from orchestration.gate.rules import load_rules
from orchestration.gate.verdicts import states_after, states_and_verdicts, with_excluded
from orchestration.ground import clock
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.settings import zone_of
from orchestration.ground.terms import RuleClass
from orchestration.ground.text import Text
from orchestration.intake.declared.exclusions import (
    EXCLUDED,
    EXCLUSION_ENDED,
    exclusions,
)
from orchestration.intake.raw import read_submissions
from orchestration.warehouse.standing import (
    schools_standing,
    standing_submissions,
    verdicts_of,
)

_FILED = ["city", "year", "school_code"]
# What a finding's greatest impact says: how far which figure moves, in per cent and in words.
IMPACT = ("impact_pct", "is_unread", "impact_zh", "impact_en")
_IMPACT_FILE = ["finding_id", "place", "impact_pct", "is_unread", "sentence_zh", "sentence_en"]
# What people said since the run.
_SAID = (*KINDS, EXCLUDED, EXCLUSION_ENDED)
_SEVERITY = {rule_class: rank for rank, rule_class in enumerate(RuleClass)}
_STANDING = ["verdict", "is_standing", "is_newest", "is_newest_judged"]


@dataclass(frozen=True)
class CurrentState:
    """The state of everything after the latest run, and what decisions since will change.

    `findings`: one row a finding of either gate, `state` as the latest run left it, `next_state` as
    the next will find it with today's decisions, `is_unsettled` then, `school_name`, and its impact
    (`IMPACT`), missing where it moves no figure; what is unread comes first, then what moves most.
    `submissions`: one row a file, with `verdict`, what it is worth (`int_submissions_standing`) and
    `next_verdict`. `schools`: one row a rostered school and year, with how it stands
    (`int_schools_standing`). `cities` by name. `impact`: `fct_finding_impact` as if each filer's
    newest file counted, with the indicator's names and unit.
    """

    findings: pd.DataFrame
    submissions: pd.DataFrame
    schools: pd.DataFrame
    cities: dict[str, dict[str, Any]]
    rules: dict[str, dict[str, Any]]
    impact: pd.DataFrame
    city_verdicts: pd.DataFrame
    decisions: Sequence[Decision]
    run_at: float | None

    @property
    def years(self) -> list[int]:
        """Every year that a school is expected in, newest first."""
        return sorted({int(year) for year in self.schools["year"]}, reverse=True)

    def city_name(self, city: str) -> Text:
        """Return a city's name; of one that is no longer configured, its folder's."""
        facts = self.cities.get(city, {})
        return Text(facts.get("name_zh", city), facts.get("name_en", city))


def current_state(home: Home, today: date | None = None) -> CurrentState:
    """Return the state as it is; read again only when a file, a decision or the day changed."""
    with open_ledger(home) as ledger:
        seq = max((event["seq"] for event in ledger.events(*_SAID)), default=0)
    names = ("findings", "verdicts", "rules", "city_findings", "city_verdicts", "finding_impact")
    files = [home.gate / f"{name}.parquet" for name in names]
    files += [home.raw / n / f"{n}.parquet" for n in ("rosters", "cities", "exclusions")]
    seen = tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in files)
    return _current_state(home, seen, seq, today or clock.today(zone_of(home)))


@lru_cache(maxsize=2)
def _current_state(home: Home, seen: tuple[int, ...], seq: int, today: date) -> CurrentState:
    with open_ledger(home) as ledger:
        decisions = read_decisions(ledger)
        excluded = exclusions(ledger)
    submissions = read_submissions(home)
    verdicts = verdicts_of(home)
    found = _parquet(home.gate / "findings.parquet", None)
    on_cities = _parquet(home.gate / "city_findings.parquet", None)
    schools = _schools(home)
    next_found, next_verdicts = found, verdicts
    if len(found):
        # What a run has received and not judged yet is not accepted for want of findings.
        known = submissions[submissions["submission_id"].isin(verdicts["submission_id"])]
        next_found, next_verdicts = states_and_verdicts(found, known, decisions, today)
        next_found = with_excluded(next_found, excluded)
    next_cities = states_after(on_cities, decisions, today) if len(on_cities) else on_cities
    findings = pd.concat([found, on_cities], ignore_index=True)
    after = pd.concat([next_found, next_cities], ignore_index=True)
    findings = findings.assign(next_state=after["state"])
    findings = findings.assign(is_unsettled=is_unsettled(findings, by="next_state"))
    impact = _parquet(home.gate / "finding_impact.parquet", _IMPACT_FILE)
    rules = _parquet(home.gate / "rules.parquet", ["rule_id"])
    standing = standing_submissions(submissions, verdicts)
    files = submissions.merge(standing[["submission_id", *_STANDING]], on="submission_id")
    after_files = next_verdicts[["submission_id", "verdict"]]
    files = files.merge(after_files.rename(columns={"verdict": "next_verdict"}), how="left")
    path = home.gate / "findings.parquet"
    return CurrentState(
        findings=_with_names(findings, schools, impact),
        submissions=files,
        schools=schools.merge(
            schools_standing(schools, submissions, verdicts, _excluded(home)), on=_FILED
        ),
        cities=_cities(home),
        rules={str(row["rule_id"]): row for row in records(rules)},
        impact=impact,
        city_verdicts=_parquet(home.gate / "city_verdicts.parquet", ["city", "year", "verdict"]),
        decisions=decisions,
        run_at=path.stat().st_mtime if path.exists() else None,
    )


def rule_bounds(home: Home) -> dict[str, Any]:
    """Return, by rule id, up to where one steward alone may accept; None where nothing is said."""
    return {rule.id: rule.bound for rule in load_rules(home.expectations)}


def _with_names(
    findings: pd.DataFrame, schools: pd.DataFrame, impact: pd.DataFrame
) -> pd.DataFrame:
    """Return the findings with school_name and `IMPACT`, what is to be looked at first first."""
    first = impact.loc[impact["place"] == 1, _IMPACT_FILE].drop(columns="place")
    first = first.rename(columns={"sentence_zh": "impact_zh", "sentence_en": "impact_en"})
    named = findings.merge(schools[[*_FILED, "school_name"]], on=_FILED, how="left")
    named = named.merge(first, on="finding_id", how="left")
    named["is_unread"] = named["is_unread"].fillna(False).astype(bool)
    rank = named["class"].map(_SEVERITY)
    by = ["is_unread", "impact_pct", "rank", "school_code", "finding_id"]
    order = named.assign(rank=rank).sort_values(by, ascending=[False, False, True, True, True])
    return order.drop(columns="rank").reset_index(drop=True)


def _parquet(path: Path, columns: list[str] | None) -> pd.DataFrame:
    """Return a file that a run left; before any run, a frame without rows."""
    if path.exists():
        return pd.read_parquet(path)
    return as_frame([]) if columns is None else pd.DataFrame(columns=columns)


def _schools(home: Home) -> pd.DataFrame:
    path = home.raw / "rosters" / "rosters.parquet"
    return _parquet(path, [*_FILED, "school_name", "county_code", "is_monitored"])


def _excluded(home: Home) -> pd.DataFrame:
    """Return the exclusions that the latest run was given."""
    return _parquet(home.raw / "exclusions" / "exclusions.parquet", _FILED)


def _cities(home: Home) -> dict[str, dict[str, Any]]:
    path = home.raw / "cities" / "cities.parquet"
    return {row["city"]: row for row in records(_parquet(path, ["city"]))}
