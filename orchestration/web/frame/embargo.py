"""Who may see what before its release.

What belongs here: whom a year that waits is closed to. What does not: which years wait
(editions/history.py), and what the analysts' database lacks meanwhile (analysts/held_back.py).
"""

from __future__ import annotations

import pandas as pd
from starlette.requests import Request

from orchestration.editions.history import every_city_year
from orchestration.gate.current import IMPACT
from orchestration.ground.ledger import open_ledger
from orchestration.ground.settings import settings
from orchestration.ground.terms import Stage
from orchestration.web.accounts.roles import Role
from orchestration.web.frame.page import home_of
from orchestration.web.frame.visitor import Visitor


def may_preview(request: Request, visitor: Visitor) -> bool:
    """Return whether a visitor may see signed editions before their release."""
    named = settings(home_of(request)).pre_release_readers
    return visitor.has(Role.approver) or visitor.name in named


def closed_to(request: Request, visitor: Visitor) -> set[tuple[str, int]]:
    """Return the cities and years of which a visitor may see no figures before their release."""
    if may_preview(request, visitor):
        return set()
    home = home_of(request)
    with open_ledger(home) as ledger:
        years = every_city_year(home, ledger)
    return {(one.city, one.year) for one in years if one.is_embargoed}


def open_findings(
    visitor: Visitor, findings: pd.DataFrame, closed: set[tuple[str, int]]
) -> pd.DataFrame:
    """Return the findings that name no figure that is closed to a visitor, without their impact.

    Of a year that waits a steward sees what is found in schools' files, to be decided about still;
    what is found in a city's figures names them, and is there for those who may see these.
    """
    is_closed = _is_closed(findings, closed)
    if visitor.has(Role.steward):
        is_closed &= findings["stage"].ne(Stage.submission)
    return impact_shown(findings[~is_closed], closed)


def impact_shown(rows: pd.DataFrame, closed: set[tuple[str, int]]) -> pd.DataFrame:
    """Return findings or schools without what they move of figures that nobody may see yet."""
    is_closed = _is_closed(rows, closed)
    names = [name for name in IMPACT if name != "is_unread"]
    return rows.assign(**{name: rows[name].mask(is_closed) for name in names})


def _is_closed(rows: pd.DataFrame, closed: set[tuple[str, int]]) -> pd.Series:
    places = zip(rows["city"], rows["year"], strict=True)
    return pd.Series([place in closed for place in places], index=rows.index, dtype=bool)
