"""Rules over everything that was ever filed, before they go live: what they would find anew.

What belongs here: running rules over the finished warehouse, and comparing what they find with what
the last run kept. What does not: the run itself (run.py), and how a comparison is shown (cli/).
Nothing here is kept.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from orchestration.gate.findings import (
    FINDING_COLUMNS,
    answers_frame,
    concat_findings,
    with_context,
)
from orchestration.gate.rules import Rule
from orchestration.gate.run import ANSWERS, findings_in, run_rules
from orchestration.ground.home import Home
from orchestration.ground.terms import FindingState, Stage
from orchestration.ground.text import NianbaoError, Term
from orchestration.warehouse.dbt import read_table, reading

if TYPE_CHECKING:
    import duckdb

# A finding is the same where these are equal; a sentence or a class may change.
SAME = ["rule_id", "city", "year", "school_code", "submission_id", "cell", "values_typed"]
# What people said of a finding stays with it while the figures stay.
_SETTLED = ["explanation", "decision_id", "answer", "state"]


class Change(Term):
    """What becomes of a finding when rules are run again."""

    new = "new", "新增", "new"
    vanished = "vanished", "消失", "vanished"
    same = "same", "未变", "same"


class NothingToReplay(NianbaoError):
    """There is no finished warehouse to run rules on, or not now; the message says which."""


def replay(home: Home, rules: Sequence[Rule], retired: Iterable[str] = ()) -> pd.DataFrame:
    """Return what rules find in every submission and year, beside what the last run kept of them.

    One row a finding: `FINDING_COLUMNS` and `change`, which is new, vanished or same. Whatever
    `retired` rules had found has vanished. Raises `NothingToReplay`.
    """
    before = _recorded_findings(home)
    with _finished_warehouse(home) as connection:
        found = _run_again(connection, home, rules, before)
        submissions = read_table(connection, "stg_nianbao__submissions")
    found = with_context(found, submissions)
    replayed = {*retired, *(rule.id for rule in rules)}
    return compared(found, before[before["rule_id"].isin(replayed)])


def compared(found: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Return the findings of both, `change` saying whether each is new, vanished or the same."""
    # Two findings may be equal in all of these, such as two indicators that change as much.
    keys = [*SAME, "turn"]
    found = found.assign(turn=found.groupby(SAME, dropna=False).cumcount())
    before = before.assign(turn=before.groupby(SAME, dropna=False).cumcount())
    settled = before[[*keys, *_SETTLED]]
    now = found.drop(columns=_SETTLED).merge(settled, on=keys, how="left", indicator="change")
    now["state"] = now["state"].fillna(FindingState.open)
    gone = before.merge(found[keys], on=keys, how="left", indicator="change")
    both = pd.concat(
        [
            now.assign(change=now["change"].map({"both": Change.same, "left_only": Change.new})),
            gone[gone["change"] == "left_only"].assign(change=Change.vanished),
        ],
        ignore_index=True,
    )
    both = both.sort_values(["rule_id", "year", "change", "city", "school_code", "finding_id"])
    return both[[*FINDING_COLUMNS, "change"]].astype({"change": "string"}).reset_index(drop=True)


def changes_by_rule(rules: Sequence[Rule], findings: pd.DataFrame) -> pd.DataFrame:
    """Return one row a rule and year: hits (as it finds now), new, vanished.

    A rule that finds nothing and found nothing has one row without a year.
    """
    keys = ["rule_id", "year"]
    counts = findings[keys].assign(
        hits=findings["change"].ne(Change.vanished).astype("int64"),
        new=findings["change"].eq(Change.new).astype("int64"),
        vanished=findings["change"].eq(Change.vanished).astype("int64"),
    )
    counted = counts.groupby(keys, dropna=False, as_index=False).sum()
    silent = [rule.id for rule in rules if rule.id not in set(findings["rule_id"])]
    none = pd.DataFrame({"rule_id": silent, "year": None, "hits": 0, "new": 0, "vanished": 0})
    return pd.concat([counted, none.astype(counted.dtypes)], ignore_index=True)


def retired_rules(home: Home, rules: Sequence[Rule], stages: Iterable[Stage]) -> list[str]:
    """Return the ids of the stages' rules that the last run had and that are not among `rules`."""
    path = home.gate / "rules.parquet"
    if not path.exists():
        return []
    known = pd.read_parquet(path, columns=["rule_id", "stage"])
    of_stages = known.loc[known["stage"].isin(list(stages)), "rule_id"]
    return sorted(set(of_stages) - {rule.id for rule in rules})


def _recorded_findings(home: Home) -> pd.DataFrame:
    """Return what the last run found at both gates; nothing where it did not come so far."""
    paths = (home.gate / "findings.parquet", home.gate / "city_findings.parquet")
    return concat_findings([pd.read_parquet(path) for path in paths if path.exists()])


def _run_again(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    rules: Sequence[Rule],
    recorded: pd.DataFrame,
) -> pd.DataFrame:
    """Return what the rules find in the warehouse; those on answers to findings come last.

    `recorded` are the last run's findings, for what schools' answers to rules that are not among
    these are held against.
    """
    found = run_rules(connection, home, [rule for rule in rules if rule.frame != ANSWERS])
    on_answers = [rule for rule in rules if rule.frame == ANSWERS]
    if not on_answers:
        return found
    others = recorded[~recorded["rule_id"].isin([rule.id for rule in rules])]
    known = concat_findings([others, found])
    explanations = read_table(connection, "stg_nianbao__explanations")
    frame = answers_frame(known[known["stage"].eq(Stage.submission)], explanations)
    return concat_findings([found, findings_in(frame, on_answers)])


@contextlib.contextmanager
def _finished_warehouse(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open what the last run built, read-only; `NothingToReplay` where that cannot be."""
    import duckdb

    if not home.warehouse.exists():
        raise NothingToReplay(
            "还没有数据仓库，请先执行 nianbao run。",
            "There is no warehouse yet: nianbao run makes it.",
        )
    try:
        with reading(home.warehouse) as connection:
            yield connection
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        raise NothingToReplay(
            "年度运行正在写入数据仓库，请等它结束后再试。",
            "A run is writing the warehouse: try again once it has ended.",
        ) from error
    except duckdb.CatalogException as error:
        wrong = str(error).splitlines()[0]
        raise NothingToReplay(
            "数据仓库中没有规则所查的表：规则文件中的 frame 写错了，或上次运行没有走到这一步。",
            "The warehouse lacks a table that a rule looks at: its frame is misspelt, or the last "
            f"run did not get that far. ({wrong})",
        ) from error
