"""Running suites: a frame and its rules in, the failing rows of each rule out.

What belongs here: everything that touches great_expectations, which takes seconds to import; this
module is imported only where a gate runs. What does not: what a failing row means (findings.py).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
import pandas as pd
from great_expectations.core import ExpectationValidationResult
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import MulticolumnMapExpectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.metrics.map_metric_provider import (
    MulticolumnMapMetricProvider,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import (  # noqa: E501 — the only place it can be imported from
    multicolumn_condition_partial,
)

from orchestration.gate.rules import Rule
from orchestration.ground.text import NianbaoError

_ROW = "row_in_frame"
# Without COMPLETE, results stop at 20 values and 200 rows.
_WHOLE = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": [_ROW],
    "include_unexpected_rows": False,
    "return_unexpected_index_query": False,
}


class RuleDidNotRun(NianbaoError):
    """A rule raised instead of judging; a rule that cannot run must never count as passed."""


class RowsSatisfy(MulticolumnMapMetricProvider):
    """The rows of a frame for which a condition over their columns holds."""

    condition_metric_name = "rows.satisfy"
    condition_domain_keys = (
        *("batch_id", "table", "column_list", "row_condition", "condition_parser"),
        "ignore_row_if",
    )
    condition_value_keys = ("condition",)

    @multicolumn_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_list: pd.DataFrame, condition: str, **_: Any) -> pd.Series:
        return pd.Series(column_list.eval(condition, engine="python"), dtype=bool)


class ExpectRowsToSatisfy(MulticolumnMapExpectation):
    """Expect a condition over several columns to hold in every row.

    `condition` is a pandas expression over the columns; it comes from a rule file, never from a
    workbook. A row that lacks one of the values is passed over unless `ignore_row_if` says so:
    missing is not zero.
    """

    condition: str
    ignore_row_if: str = "any_value_is_missing"  # type: ignore[assignment]
    map_metric = "rows.satisfy"
    success_keys = ("condition", "mostly")
    args_keys = ("column_list", "condition")


def failing_rows(frame: pd.DataFrame, rules: Sequence[Rule]) -> dict[str, pd.DataFrame]:
    """Return, by rule id, every row of the frame that breaks the rule; rules that hold are absent.

    Raises `RuleDidNotRun` where an expectation raised (a missing column, a bad condition), has no
    result at all, or failed without naming a row.
    """
    if frame.empty or not rules:
        return {}
    frame = frame.reset_index(drop=True)
    for rule in rules:
        missing = "、".join(c for c in rule.columns if c not in frame.columns)
        if missing:
            raise RuleDidNotRun(
                f"{rule.frame} 表没有列 {missing}。",
                f"There is no column {missing} in {rule.frame}.",
                rule.place,
            )
    needed = list(dict.fromkeys(column for rule in rules for column in rule.columns))
    results = {
        result.expectation_config.meta["id"]: result
        for result in _validate(frame[needed].assign(**{_ROW: frame.index}), rules)
    }
    numbers = {rule.id: _failing(rule, results.get(rule.id)) for rule in rules}
    return {rule_id: frame.loc[rows] for rule_id, rows in numbers.items() if rows}


def _failing(rule: Rule, result: ExpectationValidationResult | None) -> list[int]:
    """Return the numbers of the rows that break a rule; nothing that went wrong is a pass."""
    if result is None:
        raise RuleDidNotRun("规则没有执行结果。", "It has no result.", rule.place)
    if result.exception_info.get("raised_exception", True):
        raised = "; ".join(info["exception_message"] for info in result.exception_info.values())
        raise RuleDidNotRun(f"规则执行出错：{raised}", f"It raised: {raised}", rule.place)
    rows = [entry[_ROW] for entry in result.result.get("unexpected_index_list") or []]
    if not rows and not result.success:
        raise RuleDidNotRun(
            "规则不通过，却没有指出不符的行。", "It failed without naming a row.", rule.place
        )
    return sorted(rows)


@lru_cache(maxsize=1)
def _whole_frames() -> Any:
    """Return the one batch definition of this process; each context leaves a temporary folder."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def _validate(frame: pd.DataFrame, rules: Sequence[Rule]) -> list[Any]:
    batch = _whole_frames().get_batch({"dataframe": frame})
    # Added one by one, a rule would replace another of the same type on the same column.
    suite = gx.ExpectationSuite("rules", [_expectation(rule) for rule in rules])
    return batch.validate(suite, result_format=_WHOLE).results


def _expectation(rule: Rule) -> Any:
    configured = ExpectationConfiguration(
        type=rule.type,
        kwargs=rule.kwargs,
        severity=FailureSeverity(rule.severity),
        meta={"id": rule.id},
    )
    try:
        return configured.to_domain_obj()
    except Exception as error:  # pydantic's for a bad argument, GX's own for an unknown type
        raise RuleDidNotRun(
            f"Great Expectations 不接受这条规则：{error}",
            f"Great Expectations does not take it: {error}",
            rule.place,
        ) from error
