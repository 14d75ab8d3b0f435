"""An edition as pages show it: which one is meant, and what its own files say.

What belongs here: finding an edition for a visitor, and reading its tables. What does not: pages
(edition_pages.py, signing_pages.py, trace_pages.py) and what an edition is (editions/,
publishing/).
"""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq
from starlette.requests import Request

from orchestration.editions.contents import METRICS, TABLES
from orchestration.editions.history import CityYear, Edition, FigureStatus, city_year
from orchestration.gate.current import current_state
from orchestration.ground.ledger import Ledger
from orchestration.ground.text import Text
from orchestration.report.figure import schools_behind, unit_of
from orchestration.web.frame.addresses import url
from orchestration.web.frame.embargo import may_preview
from orchestration.web.frame.page import home_of
from orchestration.web.frame.security import Refusal
from orchestration.web.frame.visitor import Visitor

# What a definition says of a figure that the figure's own row, in some edition, does not.
_DEFINED = ("indicator_id", "filed_by", "minimum_coverage_pct")


def edition_url(edition: Edition, *more: str, **params: Any) -> str:
    """Return the address of an edition's page, or of a page below it."""
    at = (edition.year, "editions", edition.city, f"v{edition.number}")
    return url(*at, *more, **params)


def saved_as(edition: Edition, name: str) -> str:
    """Return the name under which a file of an edition is saved; one withdrawn says so."""
    mark = "_withdrawn" if edition.withdrawal else ""
    return f"{edition.city}_{edition.year}_v{edition.number}{mark}_{name}"


def edition_asked_for(request: Request, visitor: Visitor, ledger: Ledger) -> Edition:
    """Return the edition that an address names; `Refusal` (404, 403) for whom it is not."""
    editions = editions_asked_for(request, visitor, ledger)
    return open_to(request, visitor, editions, editions.numbered(request.path_params["number"]))


def open_to(request: Request, visitor: Visitor, editions: CityYear, edition: Edition) -> Edition:
    """Return an edition that a visitor may see now; `Refusal` (403) before its release."""
    if editions.is_held_back(edition) and not may_preview(request, visitor):
        raise Refusal(
            403,
            "此版次的数字尚未到发布时间，只有审批人和指定的预览人可以查看。",
            "Its figures are not released yet: open to approvers and the named readers alone.",
        )
    return edition


def standing_for(request: Request, visitor: Visitor, editions: CityYear) -> Edition:
    """Return the edition that stands for a visitor; `Refusal`, `NoSuchEdition` where none does."""
    released = None if may_preview(request, visitor) else editions.current_published
    return open_to(request, visitor, editions, released or editions.require_current())


def editions_asked_for(request: Request, visitor: Visitor, ledger: Ledger) -> CityYear:
    """Return the editions of an address's city and year; `Refusal` (404) for another's city."""
    at = request.path_params
    if not visitor.may_see(at["city"]):
        raise Refusal(
            404,
            "没有这个版次，或不属于您的城市。",
            "There is no such edition, or it is another city's.",
        )
    return city_year(home_of(request), ledger, at["city"], at["year"])


def city_names(request: Request, city: str) -> Text:
    """Return a city's names; of one that is no longer configured, its folder's."""
    return current_state(home_of(request)).city_name(city)


def figures(edition: Edition) -> list[dict[str, Any]]:
    """Return the edition's figures, the withheld first, then those that lack schools.

    One row an indicator: the columns of city_yearly_metrics, minimum_coverage_pct, and the unit's
    names as `unit_name`; the schools behind it as `schools`.
    """
    definitions = {row["indicator_id"]: row for row in rows(edition, "dim_indicator", *_DEFINED)}
    found = [
        {**row, "unit_name": unit_name(row["unit"]), "schools": schools_behind(row)}
        for row in (definitions[row["indicator_id"]] | row for row in rows(edition, METRICS))
    ]
    return sorted(
        found,
        key=lambda row: (
            row["status"] != FigureStatus.withheld,
            row["minimum_coverage_pct"] is None
            or row["schools_counted"] == row["schools_expected"],
        ),
    )


def unit_name(unit: str) -> Text:
    """Return the name of an indicator's unit."""
    names = unit_of(unit)
    return Text(names["zh"], names["en"])


def searched(found: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Return the figures whose names or id hold a text, in upper or lower case."""
    wanted = text.strip().casefold()
    names = ("name_zh", "name_en", "indicator_id")
    return [row for row in found if any(wanted in row[name].casefold() for name in names)]


def moves(edition: Edition) -> list[dict[str, Any]]:
    """Return what moved since earlier editions: one entry a figure, its causes under `causes`."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for row in rows(edition, "revision"):
        figure = found.setdefault(
            (row["compared_with"], row["indicator_id"]),
            {**row, "unit_name": unit_name(row["unit"]), "causes": []},
        )
        figure["causes"].append(row)
    return list(found.values())


def rows(edition: Edition, table: str, *columns: str) -> list[dict[str, Any]]:
    """Return the rows of one of the edition's tables, of all its columns or of some."""
    path = edition.folder / TABLES / f"{table}.parquet"
    return pq.read_table(path, columns=list(columns) or None).to_pylist()
