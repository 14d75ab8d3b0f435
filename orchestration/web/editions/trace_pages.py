"""From a published figure back to the cells it was made from.

What belongs here: the page of one figure, and its cells as a file. What does not: what a figure
rests on (editions/trace.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.editions.history import Edition, edition_number
from orchestration.editions.trace import as_csv, counted_or_why, opened_edition, plain, trace_of
from orchestration.editions.verify import verify_edition
from orchestration.ground.frames import records
from orchestration.ground.ledger import open_ledger
from orchestration.report.figure import schools_behind
from orchestration.web.editions.lookup import (
    city_names,
    edition_url,
    editions_asked_for,
    open_to,
    saved_as,
    standing_for,
    unit_name,
)
from orchestration.web.frame.page import home_of, page, paging, render
from orchestration.web.frame.security import Refusal
from orchestration.web.frame.visitor import NavigationItem, Visitor

if TYPE_CHECKING:
    from orchestration.editions.trace import Trace

PER_PAGE = 200


def _found(request: Request, visitor: Visitor) -> tuple[Edition, Trace]:
    """Return the edition and the trace that an address asks for; `Refusal` (404, 409)."""
    wanted = request.query_params.get("edition", "")
    with open_ledger(home_of(request)) as ledger:
        editions = editions_asked_for(request, visitor, ledger)
    if wanted:
        named = editions.numbered(edition_number(wanted))
        edition = open_to(request, visitor, editions, named)
    else:
        edition = standing_for(request, visitor, editions)
    faults = verify_edition(edition)
    if faults:
        raise Refusal(409, faults[0].text.zh, faults[0].text.en)
    indicator = request.path_params["indicator"]
    with opened_edition(edition.folder) as connection:
        return edition, trace_of(connection, edition.city, edition.year, indicator)


def _trace(request: Request, visitor: Visitor) -> Response:
    edition, found = _found(request, visitor)
    school = request.query_params.get("school", "")
    cells = found.cells[found.cells["school_code"].eq(school)] if school else found.cells
    part = paging(request, len(cells), PER_PAGE)
    return render(
        request,
        visitor,
        "editions/trace.html",
        edition=edition,
        name=city_names(request, edition.city),
        found=found,
        schools=_schools(found),
        school=school,
        cells=records(cells[part.start : part.stop]),
        of_cells=len(cells),
        part=part,
        references=records(found.references),
        conditions=records(found.conditions),
        decisions=records(found.decisions),
        names=dict(zip(found.schools["school_code"], found.schools["school_name"], strict=True)),
        plain=plain,
        schools_counted=schools_behind(found.definition | found.figure),
        unit_name=unit_name(found.definition["unit"]),
        edition_url=edition_url,
    )


def _schools(found: Trace) -> list[dict[str, Any]]:
    """Return one row a school, with its value of each part under the part's name."""
    by_code: dict[Any, dict[str, Any]] = {}
    for row in records(found.schools):
        school = by_code.setdefault(
            row["school_code"], {**row, "counted": counted_or_why(row), "parts": {}}
        )
        school["parts"][row["part"]] = row["value"]
    return list(by_code.values())


def _csv(request: Request, visitor: Visitor) -> Response:
    edition, found = _found(request, visitor)
    name = saved_as(edition, f"{found.definition['indicator_id']}.csv")
    # The mark lets Excel read the Chinese text.
    return Response(
        "\ufeff" + as_csv(found.cells),
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        media_type="application/octet-stream",
    )


routes = [
    Route("/{year:int}/trace/{city}/{indicator}.csv", page(_csv)),
    Route("/{year:int}/trace/{city}/{indicator}", page(_trace)),
]
navigation: list[NavigationItem] = []
