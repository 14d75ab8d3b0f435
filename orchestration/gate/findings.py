"""From failing rows to findings and verdicts; pure functions on frames.

What belongs here: what a finding says, where it points, which state it is in, what follows for a
submission or a city. What does not: running rules (suites.py) and reading tables (frames.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

import pandas as pd

from orchestration.gate.cases import cases_of
from orchestration.gate.decisions import DecidedFinding, Decision, is_within
from orchestration.gate.rules import BadRule, Rule
from orchestration.ground.frames import records
from orchestration.ground.terms import (
    UNSETTLED,
    DecisionVerb,
    FindingState,
    GateVerdict,
    RuleClass,
    Verdict,
)
from orchestration.ground.text import Language, Text
from orchestration.intake.problem_list import BETWEEN
from orchestration.warehouse.standing import standing_submissions

FINDING_COLUMNS = (
    *("finding_id", "rule_id", "class", "stage", "city", "year", "school_code"),
    *("submission_id", "file_name", "sheet", "cell", "values_typed", "values_hash"),
    *("sentence_zh", "sentence_en", "hits", "rows_judged", "first_seen", "case_id", "cause"),
    *("explanation", "decision_id", "answer", "state"),
)
_INTEGERS = ("year", "hits", "rows_judged")
_BLANK = Text("空白", "blank")
_STATE_AFTER = {
    DecisionVerb.accept: FindingState.explained,
    DecisionVerb.send_back: FindingState.returned,
    DecisionVerb.refuse: FindingState.refused,
}


class _WordsOfRow(dict):
    """The words of a row for a sentence: as typed where that is known, else the value."""

    def __init__(self, row: Mapping[str, Any], language: Language) -> None:
        self.row, self.blank = row, _BLANK[language]

    def __missing__(self, name: str) -> str:
        if name not in self.row:
            raise KeyError(name)
        return _as_typed(self.row, name) or self.blank


def _as_typed(row: Mapping[str, Any], column: str) -> str:
    """Return what was typed for a column; of a column that nobody typed, its value."""
    typed = row.get(f"{column}__typed")
    return shown(row.get(column) if _is_missing(typed) else typed)


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value


def shown(value: Any) -> str:
    """Return a value as a person writes it: whole numbers without a point, two decimals at most."""
    if _is_missing(value):
        return ""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)


def findings_of(rule: Rule, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one finding (`FINDING_COLUMNS`) a failing row, state open."""
    return [_finding(rule, cast(Mapping[str, Any], row)) for row in rows.to_dict("records")]


def _finding(rule: Rule, row: Mapping[str, Any]) -> dict[str, Any]:
    pointed = (row.get(f"{column}__cell") for column in rule.at)
    cells = list(dict.fromkeys(str(c) for c in pointed if not _is_missing(c) and c))
    where = "、".join(cells)
    # A rule may look at what was made of a cell; what stands in the cell it points at binds too.
    columns = dict.fromkeys([*rule.columns, *rule.at])
    values = json.dumps({c: _as_typed(row, c) for c in columns}, ensure_ascii=False)
    zh = _sentence(rule, row, Language.zh) + (f"，见 {where}" if where else "")
    en = _sentence(rule, row, Language.en) + (f", see {where}" if where else "")
    place = {
        name: None if _is_missing(row.get(name)) else row[name]
        for name in ("city", "year", "school_code", "submission_id", "file_name")
    }
    # A city's findings have no cell: the figure they are about tells one from another.
    about = [row[n] for n in ("indicator_id", "claim_id") if not _is_missing(row.get(n))]
    identity = [rule.id, *place.values(), where, values, *about]
    # What a decision is bound to: the rule, whose figures, and the values; not where they stand.
    bound_to = [rule.id, place["city"], place["year"], place["school_code"], values, *about]
    return {
        "finding_id": _digest(identity),
        "rule_id": rule.id,
        "class": rule.rule_class,
        "stage": rule.stage,
        **place,
        "sheet": cells[0].split("!")[0] if cells else None,
        "cell": where or None,
        "values_typed": values,
        "values_hash": _digest(bound_to),
        "sentence_zh": zh,
        "sentence_en": en,
        "state": FindingState.open,
    }


def _sentence(rule: Rule, row: Mapping[str, Any], language: Language) -> str:
    try:
        return rule.sentence[language].format_map(_WordsOfRow(row, language))
    except KeyError as error:
        raise BadRule(
            f"{rule.frame} 表没有句子里写的列 {error}。",
            f"Its sentence names {error}, which is no column of {rule.frame}.",
            rule.place,
        ) from error


def _digest(parts: list[Any]) -> str:
    text = json.dumps(parts, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def as_frame(findings: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Return findings as a frame of `FINDING_COLUMNS`, one a row, in a stable order."""
    frame = pd.DataFrame(list(findings), columns=list(FINDING_COLUMNS))
    kinds = {name: "Int64" if name in _INTEGERS else "string" for name in FINDING_COLUMNS}
    keys = ["city", "year", "school_code", "rule_id", "finding_id"]
    return frame.astype(kinds).sort_values(keys).reset_index(drop=True)


def placed(findings: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
    """Return the findings with their file, their number, when each was first seen, and its case.

    `hits` is how often the rule fails in the submission, or in the city's year; `first_seen` when
    the first file with these very values came in, null where nothing did.
    """
    filed = submissions.set_index("submission_id")
    received = findings["submission_id"].map(filed["received_at"])
    same = findings.assign(received=received).groupby("values_hash")["received"]
    keys = ["submission_id", "rule_id", "city", "year", "school_code"]
    hits = findings.groupby(keys, dropna=False)["finding_id"].transform("size")
    cases = cases_of(findings)
    return findings.assign(
        file_name=findings["submission_id"].map(filed["file_name"]).astype("string"),
        first_seen=same.transform("min").astype("string"),
        hits=hits.astype("Int64"),
        case_id=cases["case_id"],
        cause=cases["cause"],
    )


def asked(findings: pd.DataFrame, explanations: pd.DataFrame) -> pd.DataFrame:
    """Return the findings with what the school says of each, as `explanation`.

    `explanations` has submission_id, rule_id, place and explanation; without a place it speaks of
    every finding of the rule. Several for one finding are joined. A `must` cannot be explained
    away, and what a school says of one is left out here.
    """
    said = explanations.dropna(subset=["rule_id", "explanation"])
    asks = findings.loc[findings["class"].eq(RuleClass.explain), ["finding_id", *_ANSWERED, "cell"]]
    pairs = asks.merge(said[[*_ANSWERED, "place", "explanation"]], on=_ANSWERED)
    pairs = pairs[pairs["place"].isna() | pairs["place"].eq(pairs["cell"])]
    texts = pairs.groupby("finding_id")["explanation"].agg(_joined)
    return findings.assign(explanation=findings["finding_id"].map(texts).astype("string"))


def _joined(texts: pd.Series) -> str:
    """Return several explanations as one, each once, also where one holds another already."""
    return BETWEEN.join(dict.fromkeys(BETWEEN.join(texts).split(BETWEEN)))


_ANSWERED = ["submission_id", "rule_id"]


def answers_frame(findings: pd.DataFrame, explanations: pd.DataFrame) -> pd.DataFrame:
    """Return what schools explained, with the class of the finding that each is about.

    One row an explanation; `finding_class` is null where no such finding exists, so that a rule can
    tell the school.
    """
    said = explanations.dropna(subset=["rule_id", "explanation"]).reset_index(drop=True)
    said = said.assign(answer_no=said.index)
    pairs = said.merge(findings[[*_ANSWERED, "cell", "class"]], on=_ANSWERED)
    pairs = pairs[pairs["place"].isna() | pairs["place"].eq(pairs["cell"])]
    return said.assign(
        finding_class=said["answer_no"].map(pairs.groupby("answer_no")["class"].first())
    )


def judged(
    findings: pd.DataFrame, submissions: pd.DataFrame, decisions: Sequence[Decision], today: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the findings in the states that explanations and decisions give, and the verdicts.

    Depends on nothing else, so that it also says what a decision would do before it is made.
    """
    decided = states_after(findings, decisions, today)
    verdicts = submission_verdicts(submissions, decided)
    return superseded(decided, standing_submissions(submissions, verdicts)), verdicts


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


def superseded(findings: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
    """Return the findings with state `superseded` where a newer file of the filer is accepted.

    `submissions` is `standing_submissions`. Only an accepted submission replaces an older one, so
    only then do the older one's findings rest.
    """
    older = submissions.loc[submissions["is_superseded"], "submission_id"]
    is_older = findings["submission_id"].isin(older)
    return findings.assign(state=findings["state"].mask(is_older, "superseded"))


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

    `places` has one row a city and year, whether or not anything was filed. Columns: city, year,
    verdict, must_open, explain_open, explained. A change or a gap that wants an explanation is
    listed and does not block.
    """
    counted = _counted(places[["city", "year"]], findings)
    verdict = counted["must_open"].map(lambda n: GateVerdict.blocked if n else GateVerdict.passed)
    counted.insert(2, "verdict", verdict.astype("string"))
    return counted


def _counted(keys: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Return how many findings of each key are unsettled by class, and how many explained.

    A finding that a steward sent back counts as a must: the school has to hand in again.
    """
    is_open = findings["state"].isin(UNSETTLED)
    must = findings["class"].eq(RuleClass.must) | findings["state"].eq(FindingState.returned)
    counts = {
        "must_open": is_open & must,
        "explain_open": is_open & findings["class"].eq(RuleClass.explain) & ~must,
        "explained": findings["state"].eq(FindingState.explained),
    }
    by = list(keys.columns)
    sums = findings[by].assign(**counts).groupby(by, as_index=False)[[*counts]].sum()
    counted = keys.merge(sums, how="left", on=by)
    return counted.fillna(dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, "int64"))
