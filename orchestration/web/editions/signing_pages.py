"""Signing an edition and withdrawing one: each looked at first, then confirmed.

What belongs here: these two pages. What does not: what may be signed (editions/checklist.py)
and what follows of it (editions/signing.py, publishing/publish.py).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

import duckdb
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from orchestration.editions.checklist import checklist, may_be_signed
from orchestration.editions.history import Edition, EditionRefused, city_year
from orchestration.editions.signing import (
    MAX_NOTE,
    approve,
    public_note,
    release_time,
)
from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger, open_ledger
from orchestration.ground.settings import zone_of
from orchestration.ground.text import Text
from orchestration.web.accounts.tables import Notice
from orchestration.web.editions.lookup import city_names, edition_asked_for, edition_url
from orchestration.web.frame.page import form, home_of, page, redirect, render
from orchestration.web.frame.visitor import NavigationItem, Visitor

log = logging.getLogger(__name__)


def _approve(request: Request, visitor: Visitor) -> Response:
    home = home_of(request)
    given: Mapping[str, str] = form(request) if request.method == "POST" else {}
    note, step = given.get("note", ""), given.get("step", "")
    refused, status_code, release = None, 200, None
    now = clock.now()
    with open_ledger(home) as ledger:
        edition = edition_asked_for(request, visitor, ledger)
        try:
            note = public_note(note)
            release = release_time(given.get("release_at", ""), now, zone_of(home))
            if step == "confirm":
                check = may_be_signed(home, ledger, edition, visitor.name, note)
                approve(home, ledger, edition, visitor.name, note, release, check)
                notice = _released(home, ledger, edition, release, now)
                return redirect(request, edition_url(edition), notice)
        except EditionRefused as error:
            refused, status_code = error.text, 422 if release is None else 409
            # Who signed meanwhile is on the page as it is drawn again.
            edition = _as_it_is_now(home, ledger, edition)
        items = checklist(home, ledger, edition, visitor.name, note)
    is_ready = all(item.is_met for item in items if item.is_blocking) and release is not None
    return render(
        request,
        visitor,
        "editions/approve.html",
        status_code=status_code,
        edition=edition,
        name=city_names(request, edition.city),
        items=items,
        given=given,
        refused=refused,
        release=clock.shown(release.isoformat(), zone_of(home))
        if release and release > now
        else None,
        may_confirm=is_ready and step in {"preview", "confirm"},
        max_note=MAX_NOTE,
        edition_url=edition_url,
    )


def _as_it_is_now(home: Home, ledger: Ledger, edition: Edition) -> Edition:
    return city_year(home, ledger, edition.city, edition.year).numbered(edition.number)


def _released(
    home: Home, ledger: Ledger, edition: Edition, release: datetime, now: datetime
) -> Notice:
    """Publish a signed edition whose time has come; say what happened or will happen."""
    if release > now:
        when, zone = clock.shown(release.isoformat(), zone_of(home)), clock.zone_name(zone_of(home))
        said = Text(
            f"已批准，定于 {when}（{zone.zh}）自动发布，此前不公开。",
            f"Signed; it will be published by itself at {when} ({zone.en}), and shown to nobody "
            "else before.",
        )
        return _refreshed(home, ledger, said)
    from orchestration.publishing.publish import release_due

    try:
        made = release_due(home, ledger, clock.now(), edition.city, edition.year)
    except (EditionRefused, OSError, duckdb.Error) as error:
        why = error.text if isinstance(error, EditionRefused) else Text(str(error), str(error))
        return Notice(
            f"已批准，但发布没有完成，调度会再试，也可执行 nianbao release：{why.zh}",
            "Signed, but publishing did not finish; the schedule tries again, and so does "
            f"nianbao release. {why.en}",
        )
    if not made:  # the scheduled release came first
        return _refreshed(home, ledger, Text("已批准并发布。", "Signed and published."))
    final = made[-1]
    said = Text(f"已批准并发布为 v{final.number}。", f"Signed and published as v{final.number}.")
    return _refreshed(home, ledger, said)._replace(
        href=edition_url(final),
        link_zh="查看",
        link_en="Look at it",
    )


def _withdraw(request: Request, visitor: Visitor) -> Response:
    home = home_of(request)
    given: Mapping[str, str] = form(request) if request.method == "POST" else {}
    note, step = given.get("note", ""), given.get("step", "")
    refused, status_code = None, 200
    with open_ledger(home) as ledger:
        edition = edition_asked_for(request, visitor, ledger)
        try:
            if step == "confirm":
                from orchestration.publishing.withdrawn import withdraw

                withdraw(home, ledger, edition, visitor.name, note)
                notice = _refreshed(
                    *(home, ledger),
                    Text(
                        f"v{edition.number} 已撤回，文件保留。",
                        f"v{edition.number} is withdrawn; its files stay.",
                    ),
                )
                return redirect(request, edition_url(edition), notice)
        except EditionRefused as error:
            edition = _as_it_is_now(home, ledger, edition)
            refused, status_code = error.text, 409 if edition.withdrawal else 422
    if step == "preview" and not note.strip():
        status_code = 422
        refused = Text("撤回须写明公开说明。", "A withdrawal needs a public note.")
    return render(
        request,
        visitor,
        "editions/withdraw.html",
        status_code=status_code,
        edition=edition,
        name=city_names(request, edition.city),
        given=given,
        refused=refused,
        may_confirm=bool(step and note.strip() and not edition.withdrawal),
        max_note=MAX_NOTE,
        edition_url=edition_url,
    )


def _refreshed(home: Home, ledger: Ledger, said: Text) -> Notice:
    """Let the analysts' database know of what was done; say so if that did not work."""
    from orchestration.analysts.database import DatabaseClosed, refresh_editions

    try:
        refresh_editions(home, ledger)
    except DatabaseClosed as error:
        log.exception("分析库已撤下 the analysts' database was taken away")
        said += error.text
    return Notice(said.zh, said.en)


_EDITION = "/{year:int}/editions/{city}/v{number:int}"
_BOTH = ["GET", "POST"]
routes = [
    Route(f"{_EDITION}/approve", page(_approve, role="approver"), methods=_BOTH),
    Route(f"{_EDITION}/withdraw", page(_withdraw, role="approver"), methods=_BOTH),
]
navigation: list[NavigationItem] = []
