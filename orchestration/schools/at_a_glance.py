"""A year at a glance: each rostered school with its file, its findings and its deadline.

What belongs here: putting side by side what others computed. What does not: which submission
stands (warehouse/standing.py), who is in time (timeliness.py), and pages.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from orchestration.gate.current import IMPACT, CurrentState
from orchestration.ground.home import Home
from orchestration.ground.terms import RuleClass
from orchestration.schools.timeliness import timeliness_of

_SCHOOL = ["city", "school_code"]
_FILE = ["submission_id", "file_name", "received_at", "verdict", "next_verdict"]
_DUE = [*_SCHOOL, "due_on", "timeliness", "days_left"]


def schools_at_a_glance(
    home: Home, now: CurrentState, cities: Sequence[str], year: int
) -> pd.DataFrame:
    """Return one row a school that these cities' rosters of a year name.

    Columns: those of the roster and of `int_schools_standing`; of the newest file that a run has
    judged submission_id, file_name, received_at, verdict and next_verdict; `must` and `explain`,
    how many findings are unsettled; of these the one that moves a figure of the city most, its
    impact_pct, is_unread, impact_zh and impact_en; due_on, timeliness, days_left.
    """
    schools = now.schools[now.schools["year"].eq(year) & now.schools["city"].isin(cities)]
    schools = schools.rename(columns={"newest_submission_id": "submission_id"})
    files = now.submissions.loc[now.submissions["is_newest_judged"], _FILE]
    schools = schools.merge(files, on="submission_id", how="left")
    schools = schools.merge(_open_findings(now, year), on=_SCHOOL, how="left")
    counted = [RuleClass.must.value, RuleClass.explain.value]
    schools[counted] = schools[counted].fillna(0).astype(int)
    return schools.merge(timeliness_of(home, cities, year)[_DUE], on=_SCHOOL, how="left")


def _open_findings(now: CurrentState, year: int) -> pd.DataFrame:
    found = now.findings[now.findings["year"].eq(year) & now.findings["is_unsettled"]]
    schools = [found[key] for key in _SCHOOL]
    counted = {
        name.value: found["class"].eq(name).groupby(schools).sum()
        for name in (RuleClass.must, RuleClass.explain)
    }
    first = found.drop_duplicates(_SCHOOL).set_index(_SCHOOL)[list(IMPACT)]
    return pd.DataFrame(counted).join(first).reset_index()
