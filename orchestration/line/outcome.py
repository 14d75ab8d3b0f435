"""What a person reads after a run: submissions, findings, gate, edition and claims of each city.

What belongs here: counting what gates, marts and editions already say. What does not: deciding
anything, or how it is drawn on a terminal (cli/terminal.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.editions.history import every_city_year
from orchestration.gate.current import current_state
from orchestration.gate.findings import is_unsettled
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.terms import FindingState, GateVerdict, RuleClass, Verdict
from orchestration.ground.text import NianbaoError
from orchestration.schools.timeliness import Timeliness
from orchestration.warehouse.dbt import reading

if TYPE_CHECKING:
    import pandas as pd

_CLAIMS = """
select claim_id, printed, computed, compare, verdict, note, indicator_id, label_zh, label_en, unit
from fct_claim where city = ? and year = ? order by claim_id
"""


class NothingRunYet(NianbaoError):
    """The home holds no result of a run."""


@dataclass(frozen=True)
class CityStatus:
    """How a city's year ended.

    Each rostered school is counted once: accepted, waiting, returned or missing; `newer_…` are how
    many accepted ones have a newer file that is not. `must`, `explain` and `info` are unsettled
    findings. `edition` is the current one; where it was withdrawn and nothing followed,
    `withdrawn_edition`. Of the printed figures that came out some are flagged.
    """

    city: str
    name_zh: str
    name_en: str
    is_synthetic: bool
    accepted: int
    waiting: int
    returned: int
    missing: int
    newer_returned: int
    newer_waiting: int
    expected: int
    must: int
    explain: int
    explained: int
    info: int
    gate: GateVerdict
    edition: int | None
    withdrawn_edition: int | None
    claims_matched: int
    claims_flagged: int
    claims_wrong: int
    claims_came_out: int


@dataclass(frozen=True)
class OpenRule:
    """A rule with unsettled findings in a city, and one of its sentences."""

    name_zh: str
    name_en: str
    rule_id: str
    rule_class: RuleClass
    hits: int
    sentence_zh: str
    sentence_en: str


@dataclass(frozen=True)
class PrintedFigure:
    """A figure as a report printed it, beside what the warehouse says."""

    claim_id: str
    printed: str
    computed: str | None
    compare: str
    verdict: str
    note: str | None
    indicator_id: str
    label_zh: str
    label_en: str
    unit: str


def city_status(home: Home, year: int) -> list[CityStatus]:
    """Return how each city's year ended; `NothingRunYet` where no run has left its verdicts."""
    if not all((home.gate / f"{n}verdicts.parquet").exists() for n in ("", "city_")):
        raise NothingRunYet(
            "还没有运行结果，请先执行 nianbao run。", "No run yet: nianbao run.", str(home.root)
        )
    now = current_state(home)
    found, judged = now.findings[now.findings["year"] == year], now.city_verdicts
    gates = judged[judged["year"] == year].set_index("city")["verdict"]
    with open_ledger(home) as ledger:
        editions = {e.city: e for e in every_city_year(home, ledger) if e.year == year}
    rows = []
    for name, schools in now.schools[now.schools["year"] == year].groupby("city", sort=True):
        city = str(name)
        facts, own = now.cities[city], editions.get(city)
        current, newest = (own.current, own.newest) if own else (None, None)
        rows.append(
            CityStatus(
                city=city,
                name_zh=facts["name_zh"],
                name_en=facts["name_en"],
                is_synthetic=facts["is_synthetic"],
                **_schools(schools),
                **_findings(found[found["city"] == city]),
                gate=GateVerdict(gates.get(city, GateVerdict.not_judged)),
                edition=current.number if current else None,
                withdrawn_edition=newest.number if newest and not current else None,
                **_claims(home, city, year),
            )
        )
    return rows


def _schools(schools: pd.DataFrame) -> dict[str, int]:
    states = Counter(schools["state"])
    newer = Counter(schools.loc[schools["state"] == Verdict.accepted, "newest_verdict"])
    return {
        **{str(state): states[state] for state in (*Verdict, Timeliness.missing)},
        **{f"newer_{verdict}": newer[verdict] for verdict in (Verdict.returned, Verdict.waiting)},
        "expected": len(schools),
    }


def _findings(found: pd.DataFrame) -> dict[str, int]:
    unsettled = Counter(found.loc[is_unsettled(found, *RuleClass), "class"])
    settled = found["class"].eq(RuleClass.explain) & found["state"].eq(FindingState.explained)
    return {str(name): unsettled[name] for name in RuleClass} | {"explained": int(settled.sum())}


def _claims(home: Home, city: str, year: int) -> dict[str, int]:
    verdicts = Counter(figure.verdict for figure in claims(home, city, year))
    counts = {f"claims_{verdict}": verdicts[verdict] for verdict in ("matched", "flagged", "wrong")}
    return counts | {"claims_came_out": verdicts["matched"] + verdicts["flagged"]}


def open_findings(home: Home, year: int) -> list[OpenRule]:
    """Return each city's rules with unsettled findings, those that must be right first."""
    now = current_state(home)
    found = now.findings
    found = found[found["year"].eq(year) & is_unsettled(found)].sort_values("finding_id")
    for name in ("name_zh", "name_en"):
        known = {city: facts[name] for city, facts in now.cities.items()}
        found[name] = found["city"].map(known).fillna("—")
    rules = found.groupby(["name_zh", "name_en", "rule_id", "class"], as_index=False).agg(
        hits=("finding_id", "size"),
        sentence_zh=("sentence_zh", "first"),
        sentence_en=("sentence_en", "first"),
    )
    order = ["name_zh", "class", "hits", "rule_id"]
    rules = rules.sort_values(order, ascending=[True, False, False, True])
    return [
        OpenRule(**{**row, "rule_class": RuleClass(row["rule_class"])})
        for row in records(rules.rename(columns={"class": "rule_class"}))
    ]


def unplaced_files(home: Home, year: int) -> int:
    """Return how many files of a year could not be given to any school."""
    submissions = current_state(home).submissions
    return int((submissions["year"].eq(year) & submissions["city"].isna()).sum())


def claims(home: Home, city: str, year: int) -> list[PrintedFigure]:
    """Return a city's printed figures, each beside the computed one.

    Read from the analysts' database, so that it works while a run is going on. Raises
    `NothingRunYet` where nothing was published.
    """
    if not home.analyst_database.exists():
        raise NothingRunYet(
            "还没有发布数据库，请先执行 nianbao run。",
            "Nothing published yet: nianbao run.",
            str(home.root),
        )
    with reading(home.analyst_database) as connection:
        frame = connection.execute(_CLAIMS, [city, year]).df()
    return [PrintedFigure(**row) for row in records(frame)]
