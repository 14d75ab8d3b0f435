"""From failing rows to findings and verdicts; pure functions on frames.

What belongs here: what a finding says, where it points, which state it is in, what follows for a
submission or a city. What does not: running rules (suites.py) and reading tables (frames.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

import pandas as pd

from orchestration.gate.rules import Rule

FINDING_COLUMNS = (
    *("finding_id", "rule_id", "class", "stage", "city", "year", "school_code"),
    *("submission_id", "file_name", "sheet", "cell", "values_typed"),
    *("sentence_zh", "sentence_en", "state"),
)
_BLANK = {"zh": "空白", "en": "blank"}


class _Said(dict):
    """The words of a row for a sentence: as typed where that is known, else the value."""

    def __init__(self, row: Mapping[str, Any], language: str) -> None:
        self.row, self.blank = row, _BLANK[language]

    def __missing__(self, name: str) -> str:
        typed = self.row.get(f"{name}__typed")
        return shown(self.row[name] if _is_missing(typed) else typed) or self.blank


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
    typed = {c: row.get(f"{c}__typed", row.get(c)) for c in rule.columns}
    values = json.dumps({c: shown(v) for c, v in typed.items()}, ensure_ascii=False)
    zh = rule.zh.format_map(_Said(row, "zh")) + (f"，见 {where}" if where else "")
    en = rule.en.format_map(_Said(row, "en")) + (f", see {where}" if where else "")
    place = {
        name: None if _is_missing(row.get(name)) else row[name]
        for name in ("city", "year", "school_code", "submission_id", "file_name")
    }
    identity = [rule.id, *place.values(), where, values]
    digest = hashlib.sha256(json.dumps(identity, ensure_ascii=False, default=str).encode())
    return {
        "finding_id": digest.hexdigest()[:16],
        "rule_id": rule.id,
        "class": rule.rule_class,
        "stage": rule.stage,
        **place,
        "sheet": cells[0].split("!")[0] if cells else None,
        "cell": where or None,
        "values_typed": values,
        "sentence_zh": zh,
        "sentence_en": en,
        "state": "open",
    }


def as_frame(findings: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Return findings as a frame of `FINDING_COLUMNS`, one a row, in a stable order."""
    frame = pd.DataFrame(list(findings), columns=list(FINDING_COLUMNS))
    frame = frame.astype({name: "string" for name in FINDING_COLUMNS if name != "year"})
    frame["year"] = frame["year"].astype("Int64")
    return frame.sort_values(["city", "year", "school_code", "rule_id", "finding_id"]).reset_index(
        drop=True
    )


def explained(findings: pd.DataFrame, explanations: pd.DataFrame) -> pd.DataFrame:
    """Return the findings with state `explained` where the school answered an explain rule.

    An answer is a row of the workbook's own sheet 情况说明 (`explanations`: submission_id, rule_id,
    explanation) with a text; a `must` cannot be explained away.
    """
    answered = explanations.dropna(subset=["rule_id", "explanation"])
    keys = set(zip(answered["submission_id"], answered["rule_id"], strict=True))
    is_answered = [
        kind == "explain" and (submission, rule) in keys
        for kind, submission, rule in zip(
            findings["class"], findings["submission_id"], findings["rule_id"], strict=True
        )
    ]
    state = findings["state"].mask(pd.Series(is_answered, index=findings.index), "explained")
    return findings.assign(state=state)


def superseded(
    findings: pd.DataFrame, submissions: pd.DataFrame, verdicts: pd.DataFrame
) -> pd.DataFrame:
    """Return the findings with state `superseded` where the same filer's newer file is accepted.

    `submissions` has submission_id, city, year, filed_by, school_code and received_seq. Only an
    accepted submission replaces an older one, so only then do the older one's findings rest.
    """
    filer = ["city", "year", "filed_by", "school_code"]
    filed = submissions.merge(verdicts[["submission_id", "verdict"]], on="submission_id")
    accepted = filed[filed["verdict"].eq("accepted")]
    newest = accepted.groupby(filer, dropna=False, as_index=False)["received_seq"].max()
    beside = filed.merge(newest, on=filer, suffixes=("", "_accepted"))
    older = beside[beside["received_seq"] < beside["received_seq_accepted"]]["submission_id"]
    is_older = findings["submission_id"].isin(set(older))
    return findings.assign(state=findings["state"].mask(is_older, "superseded"))


def _counts(findings: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return how many findings are open by class, and how many explained, one row a key."""
    is_open = findings["state"].eq("open")
    counted = findings[keys].assign(
        must_open=is_open & findings["class"].eq("must"),
        explain_open=is_open & findings["class"].eq("explain"),
        explained=findings["state"].eq("explained"),
    )
    return counted.groupby(keys, as_index=False)[["must_open", "explain_open", "explained"]].sum()


def submission_verdicts(submissions: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Return one verdict a submission: returned (a must), waiting (an open explain) or accepted.

    A file that could not be read is returned whatever its findings say. Columns: submission_id,
    verdict, must_open, explain_open, explained.
    """
    counts = _counts(findings.dropna(subset=["submission_id"]), ["submission_id"])
    judged = _judged(submissions[["submission_id"]], counts, "returned", "waiting", "accepted")
    unread = ~submissions["is_read"].astype(bool).reset_index(drop=True)
    return judged.assign(verdict=judged["verdict"].mask(unread, "returned"))


def city_verdicts(places: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Return one verdict a city and year, blocked (a must) or passed; severity decides.

    `places` has one row a city and year, whether or not anything was filed. Columns: city, year,
    verdict, must_open, explain_open, explained. A change or a gap that wants an explanation is
    listed and does not block.
    """
    counts = _counts(findings, ["city", "year"])
    return _judged(places[["city", "year"]], counts, "blocked", "passed", "passed")


def _judged(
    keys: pd.DataFrame, counts: pd.DataFrame, on_must: str, on_explain: str, otherwise: str
) -> pd.DataFrame:
    judged = keys.merge(counts, how="left", on=list(keys.columns))
    numbers = ["must_open", "explain_open", "explained"]
    judged[numbers] = judged[numbers].fillna(0).astype("int64")
    verdict = pd.Series(otherwise, index=judged.index, dtype="string")
    verdict = verdict.mask(judged["explain_open"] > 0, on_explain)
    judged.insert(len(keys.columns), "verdict", verdict.mask(judged["must_open"] > 0, on_must))
    return judged
