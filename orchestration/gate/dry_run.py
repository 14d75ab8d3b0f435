"""What a decision would do, before it is made: verdicts, figures and the city's gate.

What belongs here: comparing now with then. What does not: pages, and writing anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from orchestration.gate.current import Desk, records
from orchestration.gate.decisions import Decision, DecisionRefused
from orchestration.gate.findings import judged
from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.settings import zone_of
from orchestration.ground.terms import DecisionState, GateVerdict
from orchestration.warehouse.what_if import moved, scratch


@dataclass(frozen=True)
class Outcome:
    """What would follow: submissions whose verdict changes, figures that move, the city's gate.

    `submissions` are mappings of school_code, school_name, before and after; `figures` of name_zh,
    name_en, unit, before and after. `gate_before` and `gate_after` are the city's verdicts and
    `must_before`, `must_after` its open musts.
    """

    submissions: list[dict[str, Any]]
    figures: list[dict[str, Any]]
    gate_before: str
    gate_after: str
    must_before: int
    must_after: int


def dry_run(home: Home, desk: Desk, decision: Decision, today: date | None = None) -> Outcome:
    """Return what the next run would find with a decision, beside what it would find without.

    A proposed decision is taken as approved. Raises `WarehouseBusy` while a run writes, and
    `DecisionRefused` where no run has left a warehouse to try it on.
    """
    if not (home.warehouse.exists() and (home.gate / "city_verdicts.parquet").exists()):
        raise DecisionRefused(
            "还没有运行结果，无法试算。", "No run yet: there is nothing to try it on."
        )
    day = today or clock.today(zone_of(home))
    in_force = replace(decision, state=DecisionState.in_force)
    before = _verdicts(desk, desk.decisions, day)
    after = _verdicts(desk, [*desk.decisions, in_force], day)
    changed = before.merge(after, on="submission_id", suffixes=("_before", "_after"))
    changed = changed[changed["verdict_before"] != changed["verdict_after"]]
    names = desk.submissions[["submission_id", "school_code", "school_name"]]
    rows = changed.merge(names, on="submission_id")
    rows = rows.rename(columns={"verdict_before": "before", "verdict_after": "after"})
    one = _figures(home, before, decision, desk.decisions, day)
    other = one
    if len(changed):
        other = _figures(home, after, decision, [*desk.decisions, in_force], day)
    return Outcome(
        submissions=records(rows),
        figures=records(moved(one.metrics, other.metrics)),
        gate_before=one.gate,
        gate_after=other.gate,
        must_before=one.must_open,
        must_after=other.must_open,
    )


@dataclass(frozen=True)
class _Figures:
    metrics: pd.DataFrame
    gate: str
    must_open: int


def _verdicts(desk: Desk, decisions: Sequence[Decision], day: date) -> pd.DataFrame:
    on_submissions = desk.findings[desk.findings["stage"] == "submission"]
    known = desk.submissions.dropna(subset=["verdict"])
    return judged(on_submissions, known, decisions, day)[1][["submission_id", "verdict"]]


def _figures(
    home: Home,
    verdicts: pd.DataFrame,
    decision: Decision,
    decisions: Sequence[Decision],
    day: date,
) -> _Figures:
    from orchestration.gate.run import judge_cities

    with scratch(home, verdicts) as connection:
        metrics = connection.execute(
            "select * from city_yearly_metrics where city = ? and year = ?",
            [decision.city, decision.year],
        ).df()
        _, judgements = judge_cities(connection, home, decisions, day)
    own = judgements[(judgements["city"] == decision.city) & (judgements["year"] == decision.year)]
    if own.empty:
        return _Figures(metrics, GateVerdict.not_judged, 0)
    return _Figures(metrics, str(own["verdict"].iloc[0]), int(own["must_open"].iloc[0]))
