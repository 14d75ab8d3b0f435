"""The assets along the line, from the inbox to the editions; every step is thin.

What belongs here: what depends on what, and what Dagster shows of a step. What does not: how a
workbook is read (intake/), what a rule says (expectations/), how an edition is made (editions/,
publishing/).
"""

import html
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

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
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.line.partitions import ONE_YEAR, reporting_years
from orchestration.line.resources import Deployment
from orchestration.warehouse import dbt as warehouse

RAW_WORKBOOKS = AssetKey("raw_workbooks")
SUBMISSION_GATE = AssetKey("submission_gate")
CITY_GATE = AssetKey("city_gate")
RELEASE = "release"  # the group of what waits for a person's signature
Results = Iterator[MaterializeResult | AssetCheckResult]


class Translator(DagsterDbtTranslator):
    """Groups dbt's models along the line, and ties its sources to the assets that write them."""

    def __init__(self) -> None:
        """Allow many sources to come from one asset, and leave dbt's own tests to dbt.

        A data test that fails stops the run by its name; as a check of its own each would cost
        more in Dagster's event log than in dbt.
        """
        super().__init__(
            DagsterDbtTranslatorSettings(
                enable_duplicate_source_asset_keys=True, enable_asset_checks=False
            )
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        """Return the intake's or the gate's key for a source, the model's name otherwise."""
        if dbt_resource_props["resource_type"] == "source":
            from_gate = dbt_resource_props["source_name"] == "gate"
            return SUBMISSION_GATE if from_gate else RAW_WORKBOOKS
        return AssetKey(dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the stage of the line a model belongs to."""
        return "staging" if "before_gate" in dbt_resource_props.get("tags", []) else "marts"


@asset(
    key=RAW_WORKBOOKS,
    group_name="intake",
    partitions_def=reporting_years,
    backfill_policy=ONE_YEAR,
    kinds={"parquet"},
)
def raw_workbooks(context: AssetExecutionContext, deployment: Deployment) -> MaterializeResult:
    """Archive and read every new workbook of the year and of the year before."""
    from orchestration.intake.batch import take_in

    year = int(context.partition_key)
    with open_ledger(deployment.home) as ledger:
        report = take_in(deployment.home, [year - 1, year], ledger, progress=_say)
    return MaterializeResult(
        metadata={
            "new_files": report.new_files,
            "parsed": report.parsed,
            "left_for_later": report.left_for_later,
            "problems": report.problems,
        }
    )


def _say(progress: str) -> None:
    print(f"    {progress}", flush=True)


@asset(
    key=SUBMISSION_GATE,
    group_name="submission_gate",
    partitions_def=reporting_years,
    backfill_policy=ONE_YEAR,
    deps=[
        *(AssetKey("int_submissions_compared"), AssetKey("int_submissions_timed")),
        *(AssetKey("int_school_coverage"), AssetKey("int_submission_changes_compared")),
    ],
    check_specs=[
        AssetCheckSpec(
            "submissions_are_accepted",
            asset=SUBMISSION_GATE,
            description="没有未解决的疑点。No finding of class must or explain is open.",
        )
    ],
    kinds={"gx"},
)
def submission_gate(context: AssetExecutionContext, deployment: Deployment) -> Results:
    """Run the submission suites over all schools at once: findings and one verdict a submission."""
    from orchestration.gate.run import judge_all_submissions
    from orchestration.ground.terms import UNSETTLED

    with open_ledger(deployment.home) as ledger:
        findings, verdicts = judge_all_submissions(deployment.home, ledger)
    counts = verdicts["verdict"].value_counts().to_dict()
    yield MaterializeResult(metadata={str(name): int(n) for name, n in counts.items()})
    failing = findings[findings["class"].ne("info") & findings["state"].isin(UNSETTLED)]
    yield AssetCheckResult(
        asset_key=SUBMISSION_GATE,
        check_name="submissions_are_accepted",
        passed=failing.empty,
        # A returned submission stops only itself; whether a city can do without is the city gate's.
        severity=AssetCheckSeverity.WARN,
        metadata=_failing_rules(failing),
    )


@asset(
    group_name="submission_gate",
    partitions_def=reporting_years,
    backfill_policy=ONE_YEAR,
    deps=[SUBMISSION_GATE],
    kinds={"excel"},
)
def returned_workbooks(context: AssetExecutionContext, deployment: Deployment) -> MaterializeResult:
    """Give each school whose submission is returned or waits its own workbook back, marked."""
    from orchestration.schools.returned import write_returned

    files = write_returned(deployment.home, int(context.partition_key))
    return MaterializeResult(metadata={"workbooks": len(files)})


def _failing_rules(findings: Any) -> dict[str, Any]:
    """Return the failing rules as check metadata: a table of rule, hits, first sentence."""
    if findings.empty:
        return {"findings": 0}
    rules = findings.groupby("rule_id", sort=True).agg(
        hits=("finding_id", "size"), zh=("sentence_zh", "first"), en=("sentence_en", "first")
    )
    lines = [
        f"| {rule} | {row.hits} | {_as_cell(row.zh)} | {_as_cell(row.en)} |"
        for rule, row in rules.iterrows()
    ]
    table = "\n".join(["| rule | hits | 说明 | sentence |", "|---|---|---|---|", *lines])
    return {"findings": len(findings), "failing_rules": MetadataValue.md(table)}


def _as_cell(sentence: str) -> str:
    """Return what came out of a workbook as text of a Markdown table, and nothing but text."""
    return html.escape(" ".join(sentence.split())).replace("|", "&#124;")


@asset(
    key=CITY_GATE,
    group_name="city_gate",
    partitions_def=reporting_years,
    backfill_policy=ONE_YEAR,
    deps=[AssetKey("city_yearly_metrics"), AssetKey("fct_claim")],
    kinds={"gx"},
)
def city_gate(context: AssetExecutionContext, deployment: Deployment) -> MaterializeResult:
    """Run the city suites over the marts, for all cities at once."""
    from orchestration.gate.run import judge_all_cities

    with open_ledger(deployment.home) as ledger:
        _, verdicts = judge_all_cities(deployment.home, int(context.partition_key), ledger)
    said = dict(zip(verdicts["city"], verdicts["verdict"], strict=True))
    return MaterializeResult(metadata=said)


@asset(
    group_name="city_gate",
    partitions_def=reporting_years,
    backfill_policy=ONE_YEAR,
    deps=[SUBMISSION_GATE, AssetKey("fct_impact")],
    kinds={"parquet"},
)
def impact(deployment: Deployment) -> MaterializeResult:
    """Say how far each city figure would move without each school, returned schools included."""
    from orchestration.warehouse.what_if import write_impact

    return MaterializeResult(metadata={"rows": write_impact(deployment.home)})


@asset(
    group_name="publication",
    partitions_def=reporting_years,
    backfill_policy=ONE_YEAR,
    deps=[CITY_GATE, AssetKey("impact")],
    kinds={"duckdb"},
)
def analyst_database(deployment: Deployment) -> MaterializeResult:
    """Swap in the analysts' database; cities whose gate is not green keep their figures back."""
    from orchestration.analysts.database import publish_database

    with open_ledger(deployment.home) as ledger:
        return MaterializeResult(metadata={"tables": publish_database(deployment.home, ledger)})


def build_dbt_assets(home: Home) -> list[AssetsDefinition]:
    """Return the dbt project as two steps: what the submission gate reads, and what comes after."""
    translator = Translator()
    manifest_path = warehouse.parse(home)

    def step(name: str, select: str) -> AssetsDefinition:
        @dbt_assets(
            manifest=manifest_path,
            select=select,
            exclude="resource_type:unit_test",
            name=name,
            dagster_dbt_translator=translator,
            partitions_def=reporting_years,
            backfill_policy=ONE_YEAR,
        )
        def build(context: AssetExecutionContext, deployment: Deployment) -> Results:
            results = warehouse.build(deployment.home, select)
            yield from _materialized(manifest_path, translator, results)
            warehouse.require_success(results)

        return build

    return [
        step("dbt_staging", warehouse.BEFORE_GATE),
        step("dbt_marts", warehouse.AFTER_GATE),
    ]


def _materialized(
    manifest_path: Path, translator: Translator, results: list[warehouse.NodeResult]
) -> Results:
    """Say which tables were built, how long each took, and how many of its tests passed."""
    nodes = json.loads(manifest_path.read_text(encoding="utf-8"))["nodes"]
    passed = Counter(
        nodes[result.unique_id].get("attached_node")
        for result in results
        if result.resource_type == "test" and result.is_ok
    )
    for result in results:
        if result.resource_type in {"model", "seed"} and result.is_ok:
            yield MaterializeResult(
                asset_key=translator.get_asset_key(nodes[result.unique_id]),
                metadata={
                    "seconds": result.seconds,
                    "data_tests_passed": passed[result.unique_id],
                },
            )


def build_city_assets(city: str) -> list[AssetsDefinition]:
    """Return a city's metrics with their blocking gate, its edition, and the final one."""
    metrics_key, edition_key = AssetKey([city, "metrics"]), AssetKey([city, "edition"])

    @asset(
        key=metrics_key,
        group_name="publication",
        partitions_def=reporting_years,
        backfill_policy=ONE_YEAR,
        deps=[CITY_GATE],
        check_specs=[
            AssetCheckSpec(
                "city_gate_is_green",
                asset=metrics_key,
                blocking=True,
                description="本市没有逻辑疑点。No must of the city gate fails; else no edition.",
            )
        ],
        kinds={"gx"},
    )
    def metrics(context: AssetExecutionContext, deployment: Deployment) -> Results:
        """Hold the city's figures against its gate; a `must` that fails stops this city alone."""
        from orchestration.gate.run import city_outcome

        verdict, findings = city_outcome(deployment.home, city, int(context.partition_key))
        yield MaterializeResult(asset_key=metrics_key, metadata={"gate": verdict})
        yield AssetCheckResult(
            asset_key=metrics_key,
            check_name="city_gate_is_green",
            passed=verdict == "passed",
            severity=AssetCheckSeverity.ERROR,
            metadata=_failing_rules(findings),
        )

    @asset(
        key=edition_key,
        group_name="publication",
        partitions_def=reporting_years,
        backfill_policy=ONE_YEAR,
        deps=[metrics_key],
        kinds={"parquet", "excel"},
    )
    def edition(context: AssetExecutionContext, deployment: Deployment) -> MaterializeResult:
        """Publish the city's year as a new provisional edition, if anything in it is new."""
        from orchestration.analysts.database import refresh_editions
        from orchestration.publishing.publish import publish_edition

        with open_ledger(deployment.home) as ledger:
            made = publish_edition(deployment.home, ledger, city, int(context.partition_key))
            if made.is_new:
                refresh_editions(deployment.home, ledger)
        report = made.edition.manifest()["report"]
        for place in report["places"]:
            _say(f"✗ {city}/report.docx {place['zh']} {place['en']}")
        return MaterializeResult(
            metadata={
                "edition": made.edition.number,
                "is_new": made.is_new,
                "report": report["state"],
                "report_stopped_at": [f"{place['zh']} {place['en']}" for place in report["places"]],
                "folder": MetadataValue.path(str(made.edition.folder)),
            }
        )

    @asset(
        key=AssetKey([city, "final_edition"]),
        group_name=RELEASE,
        partitions_def=reporting_years,
        backfill_policy=ONE_YEAR,
        deps=[edition_key],
        kinds={"parquet", "excel"},
    )
    def final_edition(context: AssetExecutionContext, deployment: Deployment) -> MaterializeResult:
        """Publish the city's signed edition as final, days after its run if need be."""
        from orchestration.analysts.database import refresh_editions
        from orchestration.publishing.publish import release_due

        home, year = deployment.home, int(context.partition_key)
        with open_ledger(home) as ledger:
            made = release_due(home, ledger, clock.now(), city, year)
            refresh_editions(home, ledger)
        return MaterializeResult(metadata={"editions": [f"v{edition.number}" for edition in made]})

    return [metrics, edition, final_edition]
