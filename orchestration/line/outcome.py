"""What a person reads after a run: submissions, findings, gate, edition and claims of each city.

What belongs here: counting what gates, marts and editions already say. What does not: deciding
anything, or how it is drawn on a terminal (cli/terminal.py).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from orchestration.editions.history import CityYear, every_city_year
from orchestration.gate.current import current_state
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.terms import UNSETTLED, GateVerdict
from orchestration.warehouse.dbt import reading

if TYPE_CHECKING:
    import pandas as pd

_CLAIMS = """
select claim_id, printed, computed, compare, verdict, note, indicator_id, label_zh, label_en, unit
from fct_claim where city = ? and year = ? order by claim_id
"""


class NothingRunYet(Exception):
    """The home holds no result of a run."""


def city_status(home: Home, year: int) -> list[dict[str, Any]]:
    """Return one row a city: submissions, findings by class, gate, edition and claims of a year.

    A school is counted once, as `int_schools_standing` has it. `newer_returned` and `newer_waiting`
    are how many accepted ones have a newer file that is not. Raises `NothingRunYet` where no run
    has left its verdicts.
    """
    if not all((home.gate / f"{n}verdicts.parquet").exists() for n in ("", "city_")):
        raise NothingRunYet(
            f"{home.root} 还没有运行结果，请先执行 nianbao run。No run yet: nianbao run."
        )
    now = current_state(home)
    found, judged = now.findings[now.findings["year"] == year], now.city_verdicts
    gates = judged[judged["year"] == year].set_index("city")["verdict"]
    with open_ledger(home) as ledger:
        editions = {e.city: e for e in every_city_year(home, ledger) if e.year == year}
    rows = []
    for name, schools in now.schools[now.schools["year"] == year].groupby("city", sort=True):
        city = str(name)
        verdicts = Counter(claim["verdict"] for claim in claims(home, city, year))
        rows.append(
            {
                **{key: now.cities[city][key] for key in _CITY},
                **_schools(schools),
                **_findings(found[found["city"] == city]),
                "gate": gates.get(city, GateVerdict.not_judged),
                **_edition(editions.get(city)),
                **{f"claims_{v}": verdicts[v] for v in ("matched", "flagged", "wrong")},
                "claims_came_out": verdicts["matched"] + verdicts["flagged"],
            }
        )
    return rows


_CITY = ("city", "name_zh", "name_en", "is_synthetic")


def _edition(own: CityYear | None) -> dict[str, int | None]:
    """Return a city's current edition, or the one that was withdrawn and nothing followed."""
    current, newest = (own.current, own.newest) if own else (None, None)
    return {
        "edition": current.number if current else None,
        "withdrawn_edition": newest.number if newest and not current else None,
    }


def _schools(schools: pd.DataFrame) -> dict[str, int]:
    """Return how many of a city's rostered schools stand how."""
    states = Counter(schools["state"])
    newer = Counter(schools.loc[schools["state"] == "accepted", "newest_verdict"])
    return {
        **{state: states[state] for state in ("accepted", "waiting", "returned", "missing")},
        **{f"newer_{verdict}": newer[verdict] for verdict in ("returned", "waiting")},
        "expected": len(schools),
    }


def _findings(found: pd.DataFrame) -> dict[str, int]:
    """Return how many findings are unsettled, by class, and how many were explained."""
    unsettled = Counter(found.loc[found["state"].isin(UNSETTLED), "class"])
    explained = found["class"].eq("explain") & found["state"].eq("explained")
    return {
        "must": unsettled["must"],
        "explain": unsettled["explain"],
        "explained": int(explained.sum()),
        "info": unsettled["info"],
    }


def open_findings(home: Home, year: int) -> list[dict[str, Any]]:
    """Return one row a city and rule with open findings: class, hits and one of the sentences."""
    now = current_state(home)
    found = now.findings
    is_open = found["year"].eq(year) & found["state"].isin(UNSETTLED) & found["class"].ne("info")
    found = found[is_open].sort_values("finding_id")
    for name in ("name_zh", "name_en"):
        known = {city: facts[name] for city, facts in now.cities.items()}
        found[name] = found["city"].map(known).fillna("—")
    rules = found.groupby(["name_zh", "name_en", "rule_id", "class"], as_index=False).agg(
        hits=("finding_id", "size"),
        sentence_zh=("sentence_zh", "first"),
        sentence_en=("sentence_en", "first"),
    )
    order = ["name_zh", "class", "hits", "rule_id"]
    return records(rules.sort_values(order, ascending=[True, False, False, True]))


def unplaced_files(home: Home, year: int) -> int:
    """Return how many files of a year could not be given to any school."""
    submissions = current_state(home).submissions
    return int((submissions["year"].eq(year) & submissions["city"].isna()).sum())


def claims(home: Home, city: str, year: int) -> list[dict[str, Any]]:
    """Return one row a claim: claim_id, printed, computed, compare, verdict, note and labels.

    Read from the analysts' database, so that it works while a run is going on. Raises
    `NothingRunYet` where nothing was published.
    """
    if not home.analyst_database.exists():
        raise NothingRunYet(f"{home.root} 还没有发布数据库。Nothing published yet: nianbao run.")
    with reading(home.analyst_database) as connection:
        frame = connection.execute(_CLAIMS, [city, year]).df()
    return records(frame)
