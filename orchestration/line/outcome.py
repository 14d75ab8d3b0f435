"""What a person reads after a run: submissions, findings, gate, edition and claims of each city.

What belongs here: counting what gates, marts and editions already say. What does not: deciding
anything, or how it is drawn on a terminal (cli/terminal.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.editions.history import every_city_year
from orchestration.gate.current import CurrentState, current_state
from orchestration.gate.findings import is_unsettled
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.terms import ClaimVerdict, FindingState, GateVerdict, RuleClass, Verdict
from orchestration.ground.text import NianbaoError, Text
from orchestration.schools.timeliness import Timeliness
from orchestration.warehouse.dbt import reading

if TYPE_CHECKING:
    import pandas as pd

_STATES = (*Verdict, Timeliness.missing, FindingState.excluded)
_CLAIMS = """
select claim_id, printed, computed, compare, verdict, note, cause_zh,
    cause_en, indicator_id, label_zh, label_en, unit
from fct_claim where city = ? and year = ? order by claim_id
"""


class NothingRunYet(NianbaoError):
    """The home holds no result of a run."""


@dataclass(frozen=True)
class CityStatus:
    """How a city's year ended.

    Each rostered school is counted once: accepted, waiting, returned, missing or excluded;
    `newer_…` are how many accepted ones have a newer file that is not. `must`, `explain` and
    `info` are unsettled findings. `edition` is the current one; where it was withdrawn and
    nothing followed, `withdrawn_edition`. `report_lacks` is what the current one's report could
    not print. Of the printed figures that came out some are flagged, `claims_explained` differ
    for a known cause; while the gate is not green nothing but those that are wrong is told.
    """

    city: str
    name_zh: str
    name_en: str
    is_synthetic: bool
    accepted: int
    waiting: int
    returned: int
    missing: int
    excluded: int
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
    report_lacks: list[Text]
    claims_matched: int
    claims_flagged: int
    claims_explained: int
    claims_wrong: int
    claims_came_out: int


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
                report_lacks=current.report_lacks() if current else [],
                **_claims(claims(home, city, year)),
                claims_wrong=_wrong(now, found[found["city"] == city]),
            )
        )
    return rows


def _schools(schools: pd.DataFrame) -> dict[str, int]:
    states = Counter(schools["state"])
    newer = Counter(schools.loc[schools["state"] == Verdict.accepted, "newest_verdict"])
    return {
        **{str(state): states[state] for state in _STATES},
        **{f"newer_{verdict}": newer[verdict] for verdict in (Verdict.returned, Verdict.waiting)},
        "expected": len(schools),
    }


def _findings(found: pd.DataFrame) -> dict[str, int]:
    unsettled = Counter(found.loc[is_unsettled(found, *RuleClass), "class"])
    settled = found["class"].eq(RuleClass.explain) & found["state"].eq(FindingState.explained)
    return {str(name): unsettled[name] for name in RuleClass} | {"explained": int(settled.sum())}


def _claims(printed: list[dict[str, Any]]) -> dict[str, int]:
    verdicts = Counter(ClaimVerdict(figure["verdict"]) for figure in printed)
    known = (ClaimVerdict.incomplete, ClaimVerdict.decided, ClaimVerdict.revised)
    return {
        "claims_matched": verdicts[ClaimVerdict.matched],
        "claims_flagged": verdicts[ClaimVerdict.flagged],
        "claims_came_out": sum(n for verdict, n in verdicts.items() if verdict.comes_out),
        "claims_explained": sum(verdicts[verdict] for verdict in known),
    }


def _wrong(now: CurrentState, found: pd.DataFrame) -> int:
    """Return how many printed figures are wrong: they hold the gate, and so are not published."""
    rules = [i for i, rule in now.rules.items() if rule.get("family") == "claims"]
    return int((found["class"].eq(RuleClass.must) & found["rule_id"].isin(rules)).sum())


def open_findings(home: Home, year: int) -> list[dict[str, Any]]:
    """Return each city's rules with unsettled findings, those that move its figures most first.

    One row a city and rule: city, class, rule_id, hits, one_of_them, the sentence of the finding
    that comes first of them, and impact, how far which figure would move.
    """
    now = current_state(home)
    found = now.findings[now.findings["year"].eq(year) & is_unsettled(now.findings)]
    by = ["city", "rule_id", "class"]
    hits = found.groupby(by, dropna=False)["finding_id"].transform("size")
    first = found.assign(hits=hits).drop_duplicates(by)
    rows = [
        {
            "city": now.city_name(row["city"]) if row["city"] else Text("—", "—"),
            "class": RuleClass(row["class"]),
            "rule_id": row["rule_id"],
            "hits": row["hits"],
            "one_of_them": Text(row["sentence_zh"], row["sentence_en"]),
            "impact": Text(row["impact_zh"] or "—", row["impact_en"] or "—"),
        }
        for row in records(first)
    ]
    rows.sort(key=lambda row: row["city"].zh)
    return rows


def claims(home: Home, city: str, year: int) -> list[dict[str, Any]]:
    """Return a city's figures as a report printed them, each beside the computed one.

    Rows of `fct_claim` in the analysts' database, so that it works while a run is going on. Raises
    `NothingRunYet` where nothing was published.
    """
    # During an embargo theirs lacks the figures, which whoever has a shell in the home may see.
    is_whole = home.whole_database.exists()
    database = home.whole_database if is_whole else home.analyst_database
    if not database.exists():
        raise NothingRunYet(
            "还没有发布数据库，请先执行 nianbao run。",
            "Nothing published yet: nianbao run.",
            str(home.root),
        )
    with reading(database) as connection:
        return records(connection.execute(_CLAIMS, [city, year]).df())
