"""The assets along the line, from the inbox to what analysts open; every step is thin.

What belongs here: what depends on what, and what Dagster shows of a step. What does not: how a
workbook is read (intake/), what a rule says (expectations/), the warehouse's tables
(dbt_models.py), a city's own steps (city.py).
"""

import html
import logging
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.metadata import version
from zoneinfo import ZoneInfo

import pandas as pd
from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    MetadataValue,
    asset,
)

from orchestration.ground import log
from orchestration.ground.ledger import open_ledger
from orchestration.line.partitions import ONE_YEAR, reporting_years
from orchestration.line.resources import Deployment
from orchestration.line.schedules import fresh_after_the_annual_run

RAW_WORKBOOKS = AssetKey("raw_workbooks")
SUBMISSION_GATE = AssetKey("submission_gate")
CITY_GATE = AssetKey("city_gate")
# Who answers for a step: whoever keeps the code, who looks after findings, who signs.
ENGINEERS, STEWARDS, APPROVERS = "team:engineers", "team:data_stewards", "team:approvers"
step = partial(asset, code_version=version("nianbao"))
# A step that is done for one year alone.
yearly_step = partial(step, partitions_def=reporting_years, backfill_policy=ONE_YEAR)
Results = Iterator[MaterializeResult | AssetCheckResult]
progress = logging.getLogger(log.PROGRESS)


@yearly_step(
    key=RAW_WORKBOOKS,
    group_name="intake",
    owners=[ENGINEERS],
    kinds={"parquet"},
)
def raw_workbooks(context: AssetExecutionContext, deployment: Deployment) -> MaterializeResult:
    """Archive and read every new workbook of the year, and of the year before it is compared to."""
    from orchestration.intake.batch import take_in

    year = int(context.partition_key)
    with open_ledger(deployment.home) as ledger:
        report = take_in(deployment.home, [year - 1, year], ledger, progress=tell_progress)
    return MaterializeResult(
        metadata={
            "new_files": report.new_files,
            "parsed": report.parsed,
            "left_for_later": report.left_for_later,
            "problems": report.problems,
        }
    )


def tell_progress(line: str) -> None:
    """Say how far a step has come."""
    progress.info("    %s", line)


@step(
    key=SUBMISSION_GATE,
    group_name="submission_gate",
    deps=[
        *(AssetKey("int_submissions_compared"), AssetKey("int_submissions_timed")),
        *(AssetKey("int_school_coverage"), AssetKey("int_submission_changes_compared")),
        *(AssetKey("int_near_names_in_submissions"), AssetKey("int_roster_codes_left")),
    ],
    check_specs=[
        AssetCheckSpec(
            "submissions_are_accepted",
            asset=SUBMISSION_GATE,
            description="没有未解决的疑点。No finding of class must or explain is open.",
        )
    ],
    owners=[STEWARDS],
    kinds={"gx"},
)
def submission_gate(deployment: Deployment) -> Results:
    """Judge every submission of every year at once: findings, and one verdict a submission."""
    from orchestration.gate.findings import is_unsettled
    from orchestration.gate.run import judge_all_submissions

    with open_ledger(deployment.home) as ledger:
        findings, verdicts = judge_all_submissions(deployment.home, ledger)
    counts = verdicts["verdict"].value_counts().to_dict()
    yield MaterializeResult(metadata={str(name): int(n) for name, n in counts.items()})
    failing = findings[is_unsettled(findings)]
    yield AssetCheckResult(
        asset_key=SUBMISSION_GATE,
        check_name="submissions_are_accepted",
        passed=failing.empty,
        # A returned submission stops only itself; whether a city can do without is the city gate's.
        severity=AssetCheckSeverity.WARN,
        metadata=failing_rules(failing),
    )


@yearly_step(
    group_name="submission_gate",
    deps=[SUBMISSION_GATE],
    owners=[STEWARDS],
    kinds={"excel"},
)
def returned_workbooks(context: AssetExecutionContext, deployment: Deployment) -> MaterializeResult:
    """Give each school whose submission is returned or waits its own workbook back, marked."""
    from orchestration.schools.returned import write_returned

    files = write_returned(deployment.home, int(context.partition_key))
    return MaterializeResult(metadata={"workbooks": len(files)})


def failing_rules(findings: pd.DataFrame) -> Mapping[str, MetadataValue | int]:
    """Return the failing rules as check metadata: a table of rule, hits, first sentence."""
    if findings.empty:
        return {"findings": 0}
    rules = findings.groupby("rule_id", sort=True).agg(
        hits=("finding_id", "size"), zh=("sentence_zh", "first"), en=("sentence_en", "first")
    )
    rows = (
        (str(rule), str(row.hits), _as_cell(row.zh), _as_cell(row.en))
        for rule, row in rules.iterrows()
    )
    table = markdown_table(("rule", "hits", "说明", "sentence"), rows)
    return {"findings": len(findings), "failing_rules": table}


def markdown_table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> MetadataValue:
    """Return rows of text as Dagster's pages draw a table."""
    lines = [header, ("---",) * len(header), *rows]
    return MetadataValue.md("\n".join(f"| {' | '.join(line)} |" for line in lines))


def _as_cell(sentence: str) -> str:
    """Return what came out of a workbook as text of a Markdown table, and nothing but text."""
    return html.escape(" ".join(sentence.split())).replace("|", "&#124;")


@step(
    key=CITY_GATE,
    group_name="city_gate",
    deps=[
        *(AssetKey("city_yearly_metrics"), AssetKey("fct_claim")),
        *(AssetKey("int_near_names_in_cities"), AssetKey("int_roster_codes_left")),
    ],
    owners=[STEWARDS],
    kinds={"gx"},
)
def city_gate(deployment: Deployment) -> MaterializeResult:
    """Judge every city's figures of every year at once: findings, and a verdict a city and year."""
    from orchestration.gate.run import judge_all_cities

    with open_ledger(deployment.home) as ledger:
        _, verdicts = judge_all_cities(deployment.home, ledger)
    years = zip(verdicts["city"], verdicts["year"], verdicts["verdict"], strict=True)
    return MaterializeResult(metadata={f"{city} {year}": verdict for city, year, verdict in years})


@step(
    group_name="city_gate",
    deps=[SUBMISSION_GATE, AssetKey("fct_finding_impact")],
    owners=[STEWARDS],
    kinds={"parquet"},
)
def impact(deployment: Deployment) -> MaterializeResult:
    """Say how far findings could move the figures of their city, returned schools included."""
    from orchestration.warehouse.what_if import write_impact

    return MaterializeResult(metadata={"dagster/row_count": write_impact(deployment.home)})


def build_analyst_database(zone: ZoneInfo) -> AssetsDefinition:
    """Return the step that swaps in what analysts open; after 1 December in a zone it is new."""

    @step(
        group_name="publication",
        deps=[CITY_GATE, AssetKey("impact")],
        owners=[ENGINEERS],
        kinds={"duckdb"},
        freshness_policy=fresh_after_the_annual_run(zone),
    )
    def analyst_database(deployment: Deployment) -> MaterializeResult:
        """Swap in the analysts' database; cities whose gate is not green keep figures back."""
        from orchestration.analysts.database import publish_database

        with open_ledger(deployment.home) as ledger:
            return MaterializeResult(metadata={"tables": publish_database(deployment.home, ledger)})

    return analyst_database
