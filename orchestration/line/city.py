"""A city's own steps: its gate, which blocks nobody else, its edition, and the final one.

What belongs here: what Dagster shows of them. What does not: how an edition is made (publishing/)
and the steps that all cities share (assets.py).
"""

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    MetadataValue,
)

from orchestration.ground import clock
from orchestration.ground.ledger import open_ledger
from orchestration.ground.terms import GateVerdict
from orchestration.line.assets import (
    APPROVERS,
    CITY_GATE,
    STEWARDS,
    Results,
    failing_rules,
    tell_progress,
    yearly_step,
)
from orchestration.line.resources import Deployment
from orchestration.line.schedules import RELEASE

METRICS, FINAL_EDITION = "metrics", "final_edition"


def build_city_assets(city: str) -> list[AssetsDefinition]:
    """Return a city's metrics with their blocking gate, its edition, and the final one."""
    metrics_key, edition_key = AssetKey([city, METRICS]), AssetKey([city, "edition"])

    @yearly_step(
        key=metrics_key,
        group_name="publication",
        deps=[CITY_GATE],
        check_specs=[
            AssetCheckSpec(
                "city_gate_is_green",
                asset=metrics_key,
                blocking=True,
                description="本市没有逻辑疑点。No must of the city gate fails; else no edition.",
            )
        ],
        owners=[STEWARDS],
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
            passed=verdict == GateVerdict.passed,
            severity=AssetCheckSeverity.ERROR,
            metadata=failing_rules(findings),
        )

    @yearly_step(
        key=edition_key,
        group_name="publication",
        deps=[metrics_key],
        owners=[APPROVERS],
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
        stopped_at = [f"{place['zh']} {place['en']}" for place in report["places"]]
        for place in stopped_at:
            tell_progress(f"✗ {city}/report.docx {place}")
        return MaterializeResult(
            metadata={
                "edition": made.edition.number,
                "is_new": made.is_new,
                "report": report["state"],
                "report_stopped_at": stopped_at,
                "folder": MetadataValue.path(str(made.edition.folder)),
            }
        )

    @yearly_step(
        key=AssetKey([city, FINAL_EDITION]),
        group_name=RELEASE,
        deps=[edition_key],
        owners=[APPROVERS],
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
