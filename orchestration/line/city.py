"""The cities' own steps: their gates and editions, of which one holds up no other; the final ones.

What belongs here: what Dagster shows of them. What does not: how an edition is made (publishing/)
and the steps that all cities share (assets.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    Failure,
    MaterializeResult,
    MetadataValue,
    multi_asset,
)

from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger, open_ledger
from orchestration.ground.terms import GateVerdict
from orchestration.ground.text import Text
from orchestration.line.assets import (
    APPROVERS,
    CITY_GATE,
    STEWARDS,
    Results,
    failing_rules,
    tell_progress,
    yearly_step,
)
from orchestration.line.partitions import ONE_YEAR, reporting_years
from orchestration.line.resources import Deployment
from orchestration.line.schedules import RELEASE

if TYPE_CHECKING:
    from orchestration.publishing.publish import Published

METRICS, EDITION, FINAL_EDITION = "metrics", "edition", "final_edition"
# What a failure of the editions' step names: cities whose gate said no, and why another has none.
BLOCKED, STOPPED = "blocked", "stopped"
_GATE_IS_GREEN = "city_gate_is_green"


def build_city_assets(cities: Sequence[str]) -> list[AssetsDefinition]:
    """Return one step with each city's metrics, blocking gate and edition; and the final ones."""
    if not cities:
        return []
    return [_build_editions(cities), *(_build_final_edition(city) for city in cities)]


def _build_editions(cities: Sequence[str]) -> AssetsDefinition:
    """Return the step of all cities: a step a city would cost more than its gate does."""

    @multi_asset(
        name="editions",
        specs=[spec for city in cities for spec in _specs(city)],
        check_specs=[
            AssetCheckSpec(
                _GATE_IS_GREEN,
                asset=AssetKey([city, METRICS]),
                blocking=True,
                description="本市没有逻辑疑点。No must of the city gate fails; else no edition.",
            )
            for city in cities
        ],
        partitions_def=reporting_years,
        backfill_policy=ONE_YEAR,
        can_subset=True,
    )
    def editions(context: AssetExecutionContext, deployment: Deployment) -> Results:
        """Hold each city against its gate, and publish what is new of those that pass.

        A city that the home declares without schools has nothing to publish, and lacks nothing.
        """
        from orchestration.gate.run import city_outcome

        year, asked = int(context.partition_key), context.selected_asset_keys
        blocked, passed = [], []
        for city in cities:
            verdict, findings = city_outcome(deployment.home, city, year)
            if AssetKey([city, METRICS]) in asked:
                yield from _judged(city, verdict, failing_rules(findings))
            if verdict == GateVerdict.without_schools:
                tell_progress(f"{city}: {GateVerdict.without_schools.text}")
            elif verdict != GateVerdict.passed:
                blocked.append(city)
            elif AssetKey([city, EDITION]) in asked:
                passed.append(city)
        stopped = {}
        with open_ledger(deployment.home) as ledger:
            for city, result in _published(deployment.home, ledger, passed, year):
                if isinstance(result, Text):
                    stopped[city] = result
                else:
                    yield result
        if blocked or stopped:
            raise _failure(blocked, stopped)

    return editions


def _specs(city: str) -> list[AssetSpec]:
    metrics, edition = AssetKey([city, METRICS]), AssetKey([city, EDITION])
    code = version("nianbao")
    return [
        AssetSpec(
            metrics,
            deps=[CITY_GATE],
            description="What the gate says of a city; a `must` that fails stops this city alone.",
            group_name="publication",
            owners=[STEWARDS],
            kinds={"gx"},
            code_version=code,
            skippable=True,
        ),
        AssetSpec(
            edition,
            deps=[metrics],
            description="The city's year as a provisional edition; a new one if anything is new.",
            group_name="publication",
            owners=[APPROVERS],
            kinds={"parquet", "excel"},
            code_version=code,
            skippable=True,
        ),
    ]


def _judged(city: str, verdict: str, rules: Mapping[str, MetadataValue | int]) -> Results:
    key = AssetKey([city, METRICS])
    yield MaterializeResult(asset_key=key, metadata={"gate": verdict})
    yield AssetCheckResult(
        asset_key=key,
        check_name=_GATE_IS_GREEN,
        passed=verdict in {GateVerdict.passed, GateVerdict.without_schools},
        severity=AssetCheckSeverity.ERROR,
        metadata=rules,
    )


def _published(
    home: Home, ledger: Ledger, cities: Sequence[str], year: int
) -> Iterator[tuple[str, MaterializeResult | Text]]:
    """Yield what became of each city, or why it has no edition; then show analysts what is new."""
    from orchestration.analysts.database import DatabaseClosed, refresh_editions
    from orchestration.publishing.publish import NotPublished, publish_editions

    is_any_new = False
    for city, made in publish_editions(home, ledger, cities, year):
        if isinstance(made, NotPublished):
            tell_progress(f"✗ {city}: {made.why}")
            yield city, made.why
        else:
            is_any_new |= made.is_new
            yield city, _shown(city, made)
    if is_any_new:
        try:
            refresh_editions(home, ledger)
        except DatabaseClosed as error:  # newer software over older marts: the run makes it anew
            tell_progress(f"✗ {error}")


def _shown(city: str, made: "Published") -> MaterializeResult:
    number, report = made.edition.number, made.edition.manifest()["report"]
    tell_progress(f"{city}: v{number}" + ("" if made.is_new else " 没有变化 nothing new"))
    stopped_at = [f"{place['zh']} {place['en']}" for place in report["places"]]
    for place in stopped_at:
        tell_progress(f"✗ {city}/report.docx {place}")
    return MaterializeResult(
        asset_key=AssetKey([city, EDITION]),
        metadata={
            "edition": number,
            "is_new": made.is_new,
            "report": report["state"],
            "report_stopped_at": stopped_at,
            "folder": MetadataValue.path(str(made.edition.folder)),
        },
    )


def _failure(blocked: Sequence[str], stopped: Mapping[str, Text]) -> Failure:
    """Return the end of a step in which some city was not published; the others are."""
    cities = ", ".join([*blocked, *stopped])
    return Failure(
        str(Text(f"未发布：{cities}。", f"Not published: {cities}.")),
        metadata={
            BLOCKED: MetadataValue.json(list(blocked)),
            STOPPED: MetadataValue.json({city: vars(why) for city, why in stopped.items()}),
        },
        allow_retries=False,
    )


def _build_final_edition(city: str) -> AssetsDefinition:
    @yearly_step(
        key=AssetKey([city, FINAL_EDITION]),
        group_name=RELEASE,
        deps=[AssetKey([city, EDITION])],
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

    return final_edition
