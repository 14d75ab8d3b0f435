"""One file that was handed in: its findings, what was read of it, the file itself.

What belongs here: these pages. What does not: a school with all its files (school_pages.py), and
one finding (web/findings/triage.py).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.gate.current import CurrentState, current_state
from orchestration.ground.frames import records
from orchestration.intake.archive import found_in_archive
from orchestration.intake.raw import read_receipts
from orchestration.schools.about_school import file_named
from orchestration.schools.receipts import TOLD
from orchestration.web.accounts.roles import ALL_CITIES
from orchestration.web.frame.embargo import closed_to, open_findings
from orchestration.web.frame.page import download, home_of, page, render
from orchestration.web.frame.security import Refusal
from orchestration.web.frame.visitor import NavigationItem, Visitor

_MOST_UNFOLDED = 20  # findings
_MOST_LISTED = 1000  # places of a sheet


def _asked_for(request: Request, visitor: Visitor, now: CurrentState) -> dict[str, Any]:
    """Return the row of the file that an address names; `Refusal` (404) for none of the visitor."""
    file = file_named(now, request.path_params["submission"])
    if file is None or not visitor.may_see(file["city"] or ALL_CITIES):
        raise Refusal(404, "没有这份填报。", "There is no such submission.")
    return file


def _submission(request: Request, visitor: Visitor) -> Response:
    home, now = home_of(request), current_state(home_of(request))
    file = _asked_for(request, visitor, now)
    name, year = file["submission_id"], file["year"]
    own = now.findings[now.findings["submission_id"].eq(name).fillna(False)]
    findings = open_findings(visitor, own, closed_to(request, visitor))
    return render(
        request,
        visitor,
        "schools/submission.html",
        year=year,
        file=file,
        stands=bool(file["is_standing"]),
        findings=records(findings.sort_values(["state", "class", "rule_id"])),
        receipts=read_receipts(home, year, [name]).get(name, []),
        outcomes=TOLD,
        rules=now.rules,
        most_unfolded=_MOST_UNFOLDED,
        most_listed=_MOST_LISTED,
    )


def _original(request: Request, visitor: Visitor) -> Response:
    home = home_of(request)
    file = _asked_for(request, visitor, current_state(home))
    path = found_in_archive(home, file["file_hash"])
    if path is None:
        raise Refusal(404, "档案中没有这份文件。", "The archive does not hold this file.")
    return download(request, path, file["file_name"])


routes = [
    Route("/submissions/{submission}", page(_submission)),
    Route("/submissions/{submission}/original", page(_original)),
]
navigation: list[NavigationItem] = []
