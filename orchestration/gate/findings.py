"""What a failing row says: the sentence, where it points, its identity; pure functions on frames.

What belongs here: a finding, and what is known of it besides its rule. What does not: running rules
(suites.py), reading tables (frames.py), states and verdicts (verdicts.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import partial
from operator import itemgetter
from typing import Any, TypedDict, cast

import pandas as pd

from orchestration.gate.cases import cases_of
from orchestration.gate.rules import BadRule, Rule
from orchestration.ground.frames import records
from orchestration.ground.terms import FindingState, RuleClass
from orchestration.ground.text import Language, Text
from orchestration.intake.reading.problem_list import BETWEEN

# One rule failing at one place; `class` cannot be written as an attribute.
Finding = TypedDict(
    "Finding",
    {
        "finding_id": str,
        "rule_id": str,
        "class": str,
        "stage": str,
        "city": str | None,
        "year": int | None,
        "school_code": str | None,
        "submission_id": str | None,
        "file_name": str | None,
        "sheet": str | None,
        "cell": str | None,
        "values_typed": str,
        "values_hash": str,
        "sentence_zh": str,
        "sentence_en": str,
        "hits": int | None,
        "rows_judged": int | None,
        "first_seen": str | None,
        "case_id": str | None,
        "cause": str | None,
        "explanation": str | None,
        "decision_id": str | None,
        "answer": str | None,
        "state": str,
    },
    total=False,
)
FINDING_COLUMNS = tuple(Finding.__annotations__)
_INTEGERS = ("year", "hits", "rows_judged")
_BLANK = Text("空白", "blank")


class _WordsOfRow(dict):
    """The words of a row for a sentence: as typed where that is known, else the value."""

    def __init__(self, row: Mapping[str, Any], language: Language) -> None:
        self.row, self.blank = row, _BLANK[language]

    def __missing__(self, name: str) -> str:
        if name not in self.row:
            raise KeyError(name)
        said = _as_typed(self.row, name)
        # Nobody types a detail: it is a part of the sentence, or there is none.
        return said if said or name.startswith("detail_") else self.blank


def _as_typed(row: Mapping[str, Any], column: str) -> str:
    """Return what was typed for a column; of a column that nobody typed, its value."""
    typed = row.get(f"{column}__typed")
    return shown(row.get(column) if typed is None else typed)


def shown(value: Any) -> str:
    """Return a value as a person writes it: whole numbers without a point, two decimals at most."""
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)


def findings_of(rule: Rule, rows: pd.DataFrame) -> list[Finding]:
    """Return one finding (`FINDING_COLUMNS`) a failing row, state open.

    What says the same of the same place is said once; where one place has two things of a kind, as
    a unit that stands for two columns, each is a finding.
    """
    found: dict[str, Finding] = {}
    said = sorted(map(partial(_finding, rule), records(rows)), key=itemgetter("sentence_zh"))
    for finding in said:
        other = found.get(finding["finding_id"])
        if other is not None and other["sentence_zh"] != finding["sentence_zh"]:
            for name in ("finding_id", "values_hash"):
                finding[name] = _digest([finding[name], finding["sentence_zh"]])
        found.setdefault(finding["finding_id"], finding)
    return list(found.values())


def _finding(rule: Rule, row: Mapping[str, Any]) -> Finding:
    pointed = (row.get(f"{column}__cell") for column in rule.at)
    cells = list(dict.fromkeys(str(cell) for cell in pointed if cell))
    where = "、".join(cells)
    # A rule may look at what was made of a cell; what stands in the cell it points at binds too.
    # Names are compared by their keys; what binds and is shown is how they were spelt.
    columns = [
        column
        for column in dict.fromkeys([*rule.columns, *rule.at])
        if not (column.endswith("_key") and column.removesuffix("_key") in row)
    ]
    values = json.dumps({c: _as_typed(row, c) for c in columns}, ensure_ascii=False)
    zh = _sentence(rule, row, Language.zh) + (f"，见 {where}" if where else "")
    en = _sentence(rule, row, Language.en) + (f", see {where}" if where else "")
    filed = ("city", "year", "school_code", "submission_id", "file_name")
    place: dict[str, Any] = {name: row.get(name) for name in filed}
    # A city's findings have no cell: the figure they are about tells one from another.
    about = [row[n] for n in ("indicator_id", "claim_id") if row.get(n) is not None]
    identity = [rule.id, *place.values(), where, values, *about]
    # What a decision is bound to: the rule, whose figures, and the values; not where they stand.
    bound_to = [rule.id, place["city"], place["year"], place["school_code"], values, *about]
    return cast(
        Finding,
        {
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
        },
    )


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


def as_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a frame of `FINDING_COLUMNS`, one a row, in a stable order."""
    frame = pd.DataFrame(list(findings), columns=list(FINDING_COLUMNS))
    kinds = {name: "Int64" if name in _INTEGERS else "string" for name in FINDING_COLUMNS}
    keys = ["city", "year", "school_code", "rule_id", "finding_id"]
    return frame.astype(kinds).sort_values(keys).reset_index(drop=True)


def finding_rows(findings: pd.DataFrame) -> list[Finding]:
    """Return the rows of a frame of findings."""
    return cast(list[Finding], records(findings))


def is_unsettled(findings: pd.DataFrame, *classes: RuleClass, by: str = "state") -> pd.Series:
    """Return which findings nobody has settled: of some classes, or of all that ask for something.

    An info asks for nothing. `by` is the column of states: `next_state` has today's decisions.
    """
    states = [state for state in FindingState if state.is_unsettled]
    asking = classes or (RuleClass.must, RuleClass.explain)
    return findings[by].isin(states) & findings["class"].isin(asking)


def concat_findings(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return frames of findings as one, in the columns and types of today."""
    return as_frame(row for frame in frames for row in finding_rows(frame))


def with_context(findings: pd.DataFrame, submissions: pd.DataFrame) -> pd.DataFrame:
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


def with_explanations(findings: pd.DataFrame, explanations: pd.DataFrame) -> pd.DataFrame:
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
