"""What a person reads after a run: submissions, findings, gate, edition and claims of each city.

What belongs here: counting what gates, marts and editions already say. What does not: deciding
anything, or how it is drawn on a terminal (cli/terminal.py).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from orchestration.editions.history import every_city_year
from orchestration.ground.frames import records
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.terms import UNSETTLED, GateVerdict
from orchestration.warehouse.dbt import reading

_STATUS = """
with filers as (
    select
        s.city,
        s.school_code,
        arg_max(v.verdict, s.received_seq) as newest,
        bool_or(v.verdict = 'accepted') as is_accepted
    from read_parquet($submissions) as s
    inner join read_parquet($verdicts) as v using (submission_id)
    where s.year = $year and s.filed_by = 'school' and s.city is not null
    group by all
), counting as (
    select *, if(is_accepted, 'accepted', newest) as verdict from filers
), verdicts as (
    select
        r.city,
        count(*) filter (c.verdict = 'accepted') as accepted,
        count(*) filter (c.verdict = 'waiting') as waiting,
        count(*) filter (c.verdict = 'returned') as returned,
        count(*) filter (c.verdict is null) as missing,
        count(*) filter (c.is_accepted and c.newest = 'returned') as newer_returned,
        count(*) filter (c.is_accepted and c.newest = 'waiting') as newer_waiting,
        count(*) as expected
    from read_parquet($rosters) as r
    left join counting as c on r.city = c.city and r.school_code = c.school_code
    where r.year = $year
    group by all
), findings as (
    select
        city,
        count(*) filter (class = 'must' and state in $unsettled) as must,
        count(*) filter (class = 'explain' and state in $unsettled) as explain,
        count(*) filter (class = 'explain' and state = 'explained') as explained,
        count(*) filter (class = 'info' and state in $unsettled) as info
    from (
        select city, class, state from read_parquet($findings) where year = $year
        union all
        select city, class, state from read_parquet($city_findings) where year = $year
    )
    group by all
)
select
    v.city,
    c.name_zh,
    c.name_en,
    c.is_synthetic,
    v.* exclude (city),
    coalesce(f.must, 0) as must,
    coalesce(f.explain, 0) as explain,
    coalesce(f.explained, 0) as explained,
    coalesce(f.info, 0) as info,
    coalesce(g.verdict, $not_judged) as gate
from verdicts as v
inner join read_parquet($cities) as c using (city)
left join findings as f using (city)
left join (
    select city, verdict from read_parquet($city_verdicts) where year = $year
) as g using (city)
order by v.city
"""

_OPEN = """
select
    coalesce(c.name_zh, '—') as name_zh,
    coalesce(c.name_en, '—') as name_en,
    f.rule_id,
    f.class,
    count(*) as hits,
    arg_min(f.sentence_zh, f.finding_id) as sentence_zh,
    arg_min(f.sentence_en, f.finding_id) as sentence_en
from (
    from read_parquet($findings) union all by name from read_parquet($city_findings)
) as f
left join read_parquet($cities) as c using (city)
where f.year = $year and f.state in $unsettled and f.class <> 'info'
group by all
order by name_zh, class desc, hits desc, rule_id
"""

_UNPLACED = """
select count(distinct submission_id) from read_parquet($submissions)
where year = $year and city is null
"""

_CLAIMS = """
select claim_id, printed, computed, compare, verdict, note, indicator_id, label_zh, label_en, unit
from fct_claim where city = ? and year = ? order by claim_id
"""


class NothingRunYet(Exception):
    """The home holds no result of a run."""


def city_status(home: Home, year: int) -> list[dict[str, Any]]:
    """Return one row a city: submissions, findings by class, gate, edition and claims of a year.

    A school is counted once, as accepted if any file of it is: only an accepted file replaces an
    accepted one. `newer_returned` and `newer_waiting` are how many of these have a newer file that
    is not. Raises `NothingRunYet` where no run has left its verdicts.
    """
    import duckdb

    submission_verdicts = home.gate / "verdicts.parquet"
    city_verdicts = home.gate / "city_verdicts.parquet"
    if not (submission_verdicts.exists() and city_verdicts.exists()):
        raise NothingRunYet(
            f"{home.root} 还没有运行结果，请先执行 nianbao run。No run yet: nianbao run."
        )
    files = {
        "submissions": str(home.raw / "submissions" / "*" / "*.parquet"),
        "rosters": str(home.raw / "rosters" / "rosters.parquet"),
        "cities": str(home.raw / "cities" / "cities.parquet"),
        "verdicts": str(submission_verdicts),
        "findings": str(home.gate / "findings.parquet"),
        "city_findings": str(home.gate / "city_findings.parquet"),
        "city_verdicts": str(city_verdicts),
        "not_judged": GateVerdict.not_judged,
        "unsettled": list(UNSETTLED),
        "year": year,
    }
    with duckdb.connect() as connection:
        rows = records(connection.execute(_STATUS, files).df())
    with open_ledger(home) as ledger:
        editions = {e.city: e for e in every_city_year(home, ledger) if e.year == year}
    for row in rows:
        verdicts = Counter(claim["verdict"] for claim in claims(home, row["city"], year))
        own = editions.get(row["city"])
        row["edition"] = own.current.number if own and own.current else None
        row["withdrawn_edition"] = (
            own.newest.number if own and own.newest and not own.current else None
        )
        row |= {
            f"claims_{verdict}": verdicts[verdict] for verdict in ("matched", "flagged", "wrong")
        }
        row["claims_came_out"] = row["claims_matched"] + row["claims_flagged"]
    return rows


def open_findings(home: Home, year: int) -> list[dict[str, Any]]:
    """Return one row a city and rule with open findings: class, hits and one of the sentences."""
    import duckdb

    files = {
        "findings": str(home.gate / "findings.parquet"),
        "city_findings": str(home.gate / "city_findings.parquet"),
        "cities": str(home.raw / "cities" / "cities.parquet"),
        "unsettled": list(UNSETTLED),
        "year": year,
    }
    with duckdb.connect() as connection:
        return records(connection.execute(_OPEN, files).df())


def unplaced_files(home: Home, year: int) -> int:
    """Return how many files of a year could not be given to any school."""
    import duckdb

    submissions = str(home.raw / "submissions" / "*" / "*.parquet")
    with duckdb.connect() as connection:
        parameters = {"submissions": submissions, "year": year}
        row = connection.execute(_UNPLACED, parameters).fetchone()
    return int(row[0]) if row else 0


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
