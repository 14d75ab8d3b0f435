"""What decisions make of findings, and what follows for a submission or a city: pure functions.

What belongs here: states and verdicts. What does not: what may be decided (decisions.py), and which
submission stands (warehouse/standing.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from orchestration.gate.decisions import DecidedFinding, Decision, is_within
from orchestration.gate.findings import is_unsettled
from orchestration.ground.frames import records
from orchestration.ground.terms import (
    DecisionVerb,
    FindingState,
    GateVerdict,
    RuleClass,
    Verdict,
)
from orchestration.warehouse.standing import standing_submissions

_STATE_AFTER = {
    DecisionVerb.accept: FindingState.explained,
    DecisionVerb.send_back: FindingState.returned,
    DecisionVerb.refuse: FindingState.refused,
}


def states_and_verdicts(
    findings: pd.DataFrame, submissions: pd.DataFrame, decisions: Sequence[Decision], today: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the findings in the states that explanations and decisions give, and the verdicts.

    Depends on nothing else, so that it also says what a decision would do before it is made.
    """
    decided = states_after(findings, decisions, today)
    verdicts = submission_verdicts(submissions, decided)
    return with_superseded(decided, standing_submissions(submissions, verdicts)), verdicts


def states_after(
    findings: pd.DataFrame, decisions: Sequence[Decision], today: date
) -> pd.DataFrame:
    """Return the findings as open or asked, or as the newest decision in force leaves them.

    A decision binds the exact values; one that declines an explanation binds that text as well, and
    an acceptance holds no longer than its bound: more places than that open them all again.
    """
    standing = {
        decided["values_hash"]: (decision, decided)
        for decision in decisions
        if decision.is_in_force(today)
        for decided in decision.findings
    }
    columns = ["values_hash", "class", "explanation", "hits", "rows_judged"]
    after = [_after(row, standing.get(row["values_hash"])) for row in records(findings[columns])]
    decided = pd.DataFrame(
        after, columns=["state", "decision_id", "answer"], index=findings.index, dtype="string"
    )
    return findings.assign(**{str(name): decided[name] for name in decided})


def _after(
    finding: Mapping[str, Any], standing: tuple[Decision, DecidedFinding] | None
) -> tuple[FindingState, str | None, str | None]:
    """Return state, decision and answer of one finding, under the newest decision on its values."""
    may_be_explained = finding["class"] == RuleClass.explain
    if may_be_explained and standing is not None:
        decision, decided = standing
        binds = (
            is_within(decision.bound, finding)
            if decision.verb == DecisionVerb.accept
            else decided["explanation"] == finding["explanation"]
        )
        if binds:
            return _STATE_AFTER[decision.verb], decision.decision_id, decision.reason
    is_asked = may_be_explained and finding["explanation"]
    return (FindingState.asked if is_asked else FindingState.open), None, None


def with_superseded(findings: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
    """Return the findings with state `superseded` where a newer file of the filer is accepted.

    `submissions` is `standing_submissions`. Only an accepted submission replaces an older one, so
    only then do the older one's findings rest, and with them what was decided on them: a resting
    finding bears no decision, so that nothing made of findings lists, counts or prints one.
    """
    older = submissions.loc[submissions["is_superseded"], "submission_id"]
    rests = findings["submission_id"].isin(older)
    return findings.assign(
        state=findings["state"].mask(rests, FindingState.superseded),
        decision_id=findings["decision_id"].mask(rests),
        answer=findings["answer"].mask(rests),
    )


def with_excluded(
    findings: pd.DataFrame, excluded: Collection[tuple[str, int, str]]
) -> pd.DataFrame:
    """Return the findings with state `excluded` where a school that is excluded by name lacks.

    `excluded` has city, year and code. What is wrong in a file of the school stays the school's.
    """
    filed_nothing = findings["submission_id"].isna() & findings["school_code"].notna()
    places = findings[["city", "year", "school_code"]].itertuples(index=False, name=None)
    is_named = pd.Series([place in excluded for place in places], index=findings.index, dtype=bool)
    state = findings["state"].mask(filed_nothing & is_named, FindingState.excluded)
    return findings.assign(state=state)


def submission_verdicts(submissions: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Return one verdict a submission: returned (a must), waiting (an open explain) or accepted.

    A file that could not be read is returned whatever its findings say. Columns: submission_id,
    verdict, must_open, explain_open, explained.
    """
    counted = _counted(submissions[["submission_id"]], findings)
    is_read = submissions["is_read"].astype(bool).reset_index(drop=True)
    verdict = counted["must_open"].map(lambda n: Verdict.returned if n else Verdict.accepted)
    waits = counted["explain_open"].gt(0) & verdict.eq(Verdict.accepted)
    verdict = verdict.mask(waits, Verdict.waiting).where(is_read, Verdict.returned)
    counted.insert(1, "verdict", verdict.astype("string"))
    return counted


def city_verdicts(places: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Return one verdict a city and year, blocked (a must) or passed; severity decides.

    `places` has one row a city and year, whether or not anything was filed, and says of it
    is_without_schools: of such a city nothing is asked. Columns: city, year,
    verdict, must_open, explain_open, explained. A change or a gap that wants an explanation is
    listed and does not block.
    """
    counted = _counted(places[["city", "year"]], findings)
    verdict = counted["must_open"].map(lambda n: GateVerdict.blocked if n else GateVerdict.passed)
    nobody = places["is_without_schools"].astype(bool).to_numpy()
    verdict = verdict.mask(nobody, GateVerdict.without_schools)
    counted.insert(2, "verdict", verdict.astype("string"))
    return counted


def _counted(keys: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Return how many findings of each key are unsettled by class, and how many explained.

    A finding that a steward sent back counts as a must: the school has to hand in again.
    """
    is_open = is_unsettled(findings)
    must = findings["class"].eq(RuleClass.must) | findings["state"].eq(FindingState.returned)
    counts = {
        "must_open": is_open & must,
        "explain_open": is_open & ~must,
        "explained": findings["state"].eq(FindingState.explained),
    }
    by = list(keys.columns)
    sums = findings[by].assign(**counts).groupby(by, as_index=False)[[*counts]].sum()
    counted = keys.merge(sums, how="left", on=by)
    return counted.fillna(dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, "int64"))
