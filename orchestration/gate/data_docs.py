"""Great Expectations' own result pages (Data Docs), for those who know them.

What belongs here: running every suite on the finished warehouse and rendering what the engine
said. What does not: findings, their states and decisions; Data Docs knows none of them. The pages
need no network and no script. Rendering is apart from the annual run, which does not wait for it.
"""

from __future__ import annotations

import html
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.render.renderer.column_section_renderer import (
    ValidationResultsColumnSectionRenderer,
)
from great_expectations.render.renderer.content_block import (
    ValidationResultsTableContentBlockRenderer,
)
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView
from great_expectations.validator.validation_statistics import calc_validation_statistics

from orchestration.gate.replay import SuiteOutcome, finished_warehouse, recorded_findings, run_again
from orchestration.gate.rules import CLASSES, STAGES, Rule, load_rules
from orchestration.gate.suites import configuration
from orchestration.ground import clock
from orchestration.ground.home import Home

PAGES = Path(__file__).with_name("pages")
SHOWN = 20  # places of one rule; thousands of them would make a page that no browser opens
_LONGEST = 300  # characters of one value
_PLACE = ("city", "year", "school_code", "submission_id", "cell")
_COUNTS = ("element_count", "unexpected_count", "unexpected_percent", "missing_count")
_CLASS_NAMES = {"must": "逻辑校验 must", "explain": "经验校验 explain", "info": "提示 info"}


def build_data_docs(home: Home) -> Path:
    """Run all suites on the finished warehouse and write their pages; return the index.

    The folder `data_docs` beside the gate's outcomes is replaced whole, or stays as it was. Raises
    `NothingToReplay` without a warehouse, `RuleDidNotRun` where a rule raised.
    """
    rules = [rule for stage in STAGES for rule in load_rules(home.expectations, stage)]
    with finished_warehouse(home) as connection:
        outcomes = list(run_again(connection, home, rules, recorded_findings(home)))
    home.gate.mkdir(parents=True, exist_ok=True)
    folder = home.data_docs
    with tempfile.TemporaryDirectory(dir=home.gate, prefix=".data_docs.") as beside:
        made, old = Path(beside) / "made", Path(beside) / "old"
        made.mkdir()
        write_pages(made, outcomes)
        if folder.exists():
            folder.rename(old)
        made.rename(folder)
    return folder / "index.html"


def write_pages(folder: Path, outcomes: Sequence[SuiteOutcome]) -> None:
    """Write one page a suite that had rows to judge, and the index of all in both languages."""
    view = DefaultJinjaPageView(custom_views_directory=str(PAGES))
    made_at = clock.stamp()
    listed = []
    for outcome in outcomes:
        name = f"{outcome.stage}.{outcome.frame}"
        if outcome.rows:  # else GX would call it a success
            document = _ResultsPage().render(_shown(name, outcome, made_at))
            page = view.render(document, template="data_docs_page.html")
            (folder / f"{name}.html").write_text(page, encoding="utf-8")
        failing = outcome.findings.drop_duplicates("rule_id")["class"].value_counts()
        listed.append(
            {
                **{"stage": outcome.stage, "frame": outcome.frame, "page": f"{name}.html"},
                **{"rows": outcome.rows, "rules": len(outcome.rules)},
                **{kind: int(failing.get(kind, 0)) for kind in CLASSES.values()},
            }
        )
    index = view.env.get_template("data_docs_index.html")
    text = index.render(suites=listed, made_at=made_at, cap=SHOWN)
    (folder / "index.html").write_text(text, encoding="utf-8")
    shutil.copy(PAGES / "data_docs.css", folder)


def _shown(name: str, outcome: SuiteOutcome, made_at: str) -> ExpectationSuiteValidationResult:
    """Return what a page shows of a suite: capped, escaped, each rule with its notes."""
    rules = {rule.id: rule for rule in outcome.rules}
    by_rule = dict(list(outcome.findings.groupby("rule_id")))
    results = []
    for result in outcome.results:
        rule_id = result.expectation_config.meta["id"]  # type: ignore[union-attr]
        results.append(
            ExpectationValidationResult(
                success=result.success,
                expectation_config=configuration(rules[rule_id], notes=_notes(rules[rule_id])),
                result=_capped(result.result, by_rule.get(rule_id)),
                exception_info=result.exception_info,
            )
        )
    statistics = calc_validation_statistics(results)
    return ExpectationSuiteValidationResult(
        success=statistics.success,
        results=results,
        suite_name=name,
        statistics=statistics._asdict(),
        meta={
            "run_id": {"run_name": made_at, "run_time": made_at},
            "batch_spec": {"data_asset_name": outcome.frame, "rows": outcome.rows},
        },
    )


def _notes(rule: Rule) -> list[str]:
    """Return what Data Docs would not show of a rule, as the Markdown that it takes notes for."""
    # Within backticks nothing is markup, whatever a rule file says.
    texts = (rule.id, _CLASS_NAMES[rule.rule_class], rule.zh)
    return [f"`{text.replace('`', ' ')}`" for text in texts]


def _capped(result: Mapping[str, Any], findings: pd.DataFrame | None) -> dict[str, Any]:
    """Return the counts of a result, and the first failing places as the values were typed.

    Great Expectations puts values into its pages as they are, so they are escaped here.
    """
    counts = {name: result[name] for name in _COUNTS if name in result}
    if findings is None:
        return counts
    first = findings[["values_typed", "sentence_zh", *_PLACE]].head(SHOWN).astype("string")
    place = [name for name in _PLACE if first[name].notna().any()] or ["city"]
    rows = [
        {"value": _as_text(_value(row)), **{name: _as_text(row[name]) for name in place}}
        for row in first.fillna("").to_dict("records")
    ]
    return {
        **counts,
        "partial_unexpected_counts": [{"value": row["value"], "count": 1} for row in rows],
        "unexpected_index_list": rows,
        "unexpected_index_column_names": place,
    }


def _value(row: Mapping[Any, Any]) -> str:
    typed = ", ".join(f"{name}={value}" for name, value in json.loads(row["values_typed"]).items())
    return f"{typed} · {row['sentence_zh']}"


def _as_text(text: str) -> str:
    return html.escape(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")


class _RulesTable(ValidationResultsTableContentBlockRenderer):
    """GX's table of results with the notes, which it shows of expectations alone."""

    @classmethod
    def _get_content_block_fn(cls, expectation_type: str, expectation_config: Any = None) -> Any:
        row_of = super()._get_content_block_fn(expectation_type, expectation_config)

        def noted(result: ExpectationValidationResult, **options: Any) -> list[list[Any]]:
            ((status, said, *observed),) = row_of(result=result, **options)  # type: ignore[misc]
            said = said if isinstance(said, list) else [said]
            notes = cls._render_expectation_notes(result.expectation_config)  # type: ignore[arg-type]
            return [[status, [*said, notes], *observed]]

        return noted

    @classmethod
    def _get_content_block_fn_from_expectation_description(cls, expectation_config: Any) -> None:
        """Rules have no description; looking for one builds each expectation again."""


class _RulesSection(ValidationResultsColumnSectionRenderer):
    def __init__(self) -> None:
        super().__init__()
        self._table_renderer = _RulesTable


class _ResultsPage(ValidationResultsPageRenderer):
    """GX's page of results, with the notes, and without a link to a page that is not there."""

    def __init__(self) -> None:
        super().__init__(run_info_at_end=True)
        self._column_section_renderer = _RulesSection()

    @classmethod
    def _render_validation_header(cls, validation_results: Any) -> Any:
        header = super()._render_validation_header(validation_results)
        header.subheader.string_template["styling"]["params"].pop("expectation_suite_name", None)
        return header
