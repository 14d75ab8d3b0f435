"""Why a figure differs from the one published before: each cause with its own part of the change.

What belongs here: finding the causes, and splitting the change among them by computing the figures
again, cause after cause. What does not: how figures are computed (dbt_project/,
warehouse/what_if.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from orchestration.editions.contents import METRICS, Tables, read_tables
from orchestration.editions.history import Edition, FigureStatus
from orchestration.editions.trace import BUREAU
from orchestration.gate.decisions import KINDS
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.ground.text import Term
from orchestration.intake.received import RECEIVED, RECEIVED_AGAIN
from orchestration.warehouse.what_if import as_if_counted, scratch


class Cause(Term):
    """Why a figure moved.

    In this order the causes are let act; where several move one figure, the split hangs on it.
    """

    code_change = (
        "code_change",
        "表式、口径或程序变更",
        "a form, a definition or the software changed",
    )
    reference_change = (
        "reference_change",
        "名册、标准等基础数据变更",
        "rosters or standards changed",
    )
    rule_change = "rule_change", "校验规则变更", "a rule changed"
    decision = "decision", "疑点处理决定", "a steward's decision"
    corrected_submission = (
        "corrected_submission",
        "学校更正填报",
        "a school corrected its submission",
    )
    late_school = "late_school", "学校补报", "a school that came late"
    unexplained = "unexplained", "原因不明，须查明", "unexplained: has to be found out"


REVISION = pa.schema(
    [
        ("compared_with", pa.int32()),
        ("indicator_id", pa.string()),
        *((name, pa.string()) for name in ("name_zh", "name_en", "unit")),
        *((name, pa.float64()) for name in ("value_before", "value_after", "difference")),
        *((name, pa.string()) for name in ("printed_before", "printed_after")),
        *((name, pa.string()) for name in ("cause", "cause_zh", "cause_en")),
        ("change", pa.float64()),
        ("schools", pa.string()),
    ]
)
_FIGURE = ["value", "value_printed", "status"]
Filer = tuple[int, str, str | None]  # year, school or bureau, the school's code


@dataclass(frozen=True)
class EarlierEdition:
    """An edition to compare with: its figures, what counted in it, and what it was made by."""

    number: int
    tables: Tables
    manifest: Mapping[str, Any]


@dataclass(frozen=True)
class Declarations:
    """What a new edition is made by, in the words of its manifest."""

    definitions: Mapping[str, str]
    reference_hash: str


def earlier(edition: Edition) -> EarlierEdition:
    """Return a published edition to compare with."""
    return EarlierEdition(edition.number, read_tables(edition.folder), edition.manifest())


def revisions(
    home: Home,
    ledger: Ledger,
    tables: Tables,
    declarations: Declarations,
    before: EarlierEdition,
) -> pa.Table:
    """Return what moved since an edition, one row (`REVISION`) a figure and cause.

    `difference` is the whole change of the value, `change` the part of one cause; parts add up to
    the difference. Missing where there was, or is, no value. `schools` names the filers whose
    submissions the cause acts on.
    """
    old, new = _figures(before.tables), _figures(tables)
    moved = _moved(old, new)
    if moved.empty:
        return REVISION.empty_table()
    names = _names(tables, before.tables)
    counting: dict[Filer, str | None] = {**_inputs(before.tables)}
    rows: list[dict[str, Any]] = []
    stage = old
    for cause, filers in _steps(ledger, tables, declarations, before).items():
        counting = {**counting, **filers}
        is_last = cause == Cause.unexplained
        after = new if is_last else _supposed(home, before, counting, new)
        by = "、".join(sorted({names.get(filer[2] or "", BUREAU.zh) for filer in filers}))
        rows += [
            {"indicator_id": indicator, "cause": cause, "schools": by or None}
            | {"change": _difference(stage, after, indicator)}
            for indicator in _moved(stage, after)
        ]
        stage = after
    return _revision_table(rows, old, new, before.number)


def _figures(tables: Tables) -> pd.DataFrame:
    """Return name, unit, value, printed value and status, one row an indicator."""
    columns = ["indicator_id", "name_zh", "name_en", "unit", *_FIGURE]
    return tables[METRICS].select(columns).to_pandas().set_index("indicator_id")


def _moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.Index:
    """Return the indicators whose value, or whether they are held back, differs."""
    every = before.index.union(after.index)
    old, new = before.reindex(every), after.reindex(every)
    same = old["value"].eq(new["value"]) | (old["value"].isna() & new["value"].isna())
    was_withheld = old["status"].eq(FigureStatus.withheld)
    is_withheld = new["status"].eq(FigureStatus.withheld)
    return every[~(same & was_withheld.eq(is_withheld))]


def _inputs(tables: Tables) -> dict[Filer, str]:
    """Return which submission counts, by year, kind of filer and school."""
    return {
        (row["year"], row["filed_by"], row["school_code"]): row["submission_id"]
        for row in tables["input"].to_pylist()
    }


def _steps(
    ledger: Ledger, tables: Tables, declarations: Declarations, before: EarlierEdition
) -> dict[Cause, dict[Filer, str | None]]:
    """Return the causes that may act, in order, each with the filers whose counted file it changes.

    The last is what no cause explains, which changes no file.
    """
    old, new = _inputs(before.tables), _inputs(tables)
    changed = {
        name
        for name, digest in declarations.definitions.items()
        if before.manifest["definitions"].get(name) != digest
    }
    causes = _Causes(ledger, tables, before, has_other_rules="expectations" in changed)
    steps: dict[Cause, dict[Filer, str | None]] = {cause: {} for cause in Cause}
    for filer in old.keys() | new.keys():
        was, now = old.get(filer), new.get(filer)
        if was != now:
            steps[causes.of(filer, was, now)][filer] = now
    acting = {cause for cause, filers in steps.items() if filers} | {Cause.unexplained}
    # Where both changed, what neither submissions nor rosters' schools explain is the software's.
    if changed:
        acting.add(Cause.code_change)
    elif before.manifest["reference_hash"] != declarations.reference_hash:
        acting.add(Cause.reference_change)
    return {cause: filers for cause, filers in steps.items() if cause in acting}


class _Causes:
    """What is known of why another file of a filer counts."""

    def __init__(
        self, ledger: Ledger, tables: Tables, before: EarlierEdition, has_other_rules: bool
    ) -> None:
        self.seen = before.manifest["ledger"]["cities"]["seq"]
        came = ledger.events(RECEIVED, RECEIVED_AGAIN)
        self.received = {e["payload"]["submission_id"]: e["seq"] for e in came}
        schools = tables["dim_school"].to_pylist()
        self.rostered = {(row["year"], row["school_code"]) for row in schools}
        self.rostered_years = {row["year"] for row in schools}
        self.filed = {row["school_code"] for row in before.tables["fct_submission"].to_pylist()}
        self.decided = _decided(ledger, self.seen)
        self.has_other_rules = has_other_rules

    def of(self, filer: Filer, was: str | None, now: str | None) -> Cause:
        """Return the cause of a filer's other file; None is no file that counts."""
        if now is not None and self.received[now] > self.seen:
            has_filed = was or filer[2] in self.filed
            return Cause.corrected_submission if has_filed else Cause.late_school
        is_listed = (filer[0], filer[2]) in self.rostered or filer[0] not in self.rostered_years
        if now is None and filer[1] == "school" and not is_listed:
            return Cause.reference_change
        # The same files count otherwise: somebody decided, a decision expired, or a rule is new.
        is_decided = self.decided & ({filer[2], was, now} - {None})
        return Cause.decision if is_decided or not self.has_other_rules else Cause.rule_change


def _decided(ledger: Ledger, seen: int) -> set[str | None]:
    """Return the schools and submissions that stewards decided on since an event."""
    found: dict[str, set] = {}
    later: set = set()
    for event in ledger.events(*KINDS):
        payload = event["payload"]
        if event["kind"] == "decided":
            found[payload["decision_id"]] = {
                bound_to[name]
                for bound_to in payload["findings"]
                for name in ("school_code", "submission_id")
            }
        if event["seq"] > seen:
            later |= found[payload["decision_id"]]
    return later


def _supposed(
    home: Home, before: EarlierEdition, counting: Mapping[Filer, str | None], like: pd.DataFrame
) -> pd.DataFrame:
    """Return the figures as today's software gives them where other submissions count."""
    place = {name: before.manifest[name] for name in ("city", "year")}
    counted = {submission for submission in counting.values() if submission}
    with scratch(home, as_if_counted(home, place["city"], counted)) as connection:
        query = f"select * from {METRICS} where city = $city and year = $year"
        return connection.sql(query, params=place).df().set_index("indicator_id")[like.columns]


def _difference(before: pd.DataFrame, after: pd.DataFrame, indicator: str) -> float | None:
    old, new = before["value"].get(indicator), after["value"].get(indicator)
    return None if old is None or new is None else float(new) - float(old)


def _names(*tables: Tables) -> dict[str, str]:
    """Return the schools' names by code, those of later tables last."""
    rows = (row for one in reversed(tables) for row in one["dim_school"].to_pylist())
    return {row["school_code"]: row["school_name"] for row in rows}


def _revision_table(
    rows: Iterable[Mapping[str, Any]], old: pd.DataFrame, new: pd.DataFrame, number: int
) -> pa.Table:
    both = {"before": old.to_dict("index"), "after": new.to_dict("index")}
    lines = []
    for row in rows:
        was = both["before"].get(row["indicator_id"], {})
        now = both["after"].get(row["indicator_id"], {})
        lines.append(
            {
                **row,
                "compared_with": number,
                **{name: (now or was)[name] for name in ("name_zh", "name_en", "unit")},
                "value_before": _number(was.get("value")),
                "value_after": _number(now.get("value")),
                "printed_before": _known(was.get("value_printed")),
                "printed_after": _known(now.get("value_printed")),
                "difference": _number(_difference(old, new, row["indicator_id"])),
                "cause_zh": row["cause"].zh,
                "cause_en": row["cause"].en,
                "change": _number(row["change"]),
            }
        )
    lines.sort(key=lambda line: (line["indicator_id"], list(Cause).index(line["cause"])))
    return pa.Table.from_pylist(lines, schema=REVISION)


def _known(value: Any) -> Any:
    """Return what a frame holds, and None where it holds nothing: a figure that is withheld."""
    return None if value is None or value != value else value


def _number(value: Any) -> float | None:
    return None if _known(value) is None else float(value)
