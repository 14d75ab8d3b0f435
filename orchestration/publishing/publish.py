"""Editions: one city's year, written once as a folder v1, v2, … and never changed.

What belongs here: when an edition comes about, and that the ledger is told. What does not: what it
is made from (manuscript.py) and how its files look (folder.py); whether a city may be published,
which is the gate's word and the run's order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from orchestration.editions.history import (
    Edition,
    EditionRefused,
    State,
    waiting_for_release,
)
from orchestration.editions.register import put_in_order, registered_edition
from orchestration.editions.verify import verify_edition
from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.ground.lock import lock
from orchestration.ground.text import Text
from orchestration.publishing import manuscript
from orchestration.publishing.apart import get_ready, processors, why_not, write_apart
from orchestration.publishing.folder import write_folder
from orchestration.publishing.imprint import imprint_of, imprint_of_run
from orchestration.publishing.manuscript import Manuscript
from orchestration.publishing.withdrawn import write_marked

# For how many cities a processor the lock is held at once: others wait for it meanwhile.
_A_LOCK = 4


@dataclass(frozen=True)
class Published:
    """An edition, and whether it is new or the newest one already said the same."""

    edition: Edition
    is_new: bool


@dataclass(frozen=True)
class NotPublished:
    """Why a city's edition did not come about."""

    why: Text


@dataclass(frozen=True)
class _Draft:
    """An edition that is still to be written."""

    folder: Path
    manuscript: Manuscript


def publish_edition(home: Home, ledger: Ledger, city: str, year: int) -> Published:
    """Publish a city's year as provisional, unless its newest edition holds the same and stands."""
    with lock(home):
        draft = _drafted(home, ledger, city, year)
        if isinstance(draft, Published):
            return draft
        folder = write_folder(draft.folder, draft.manuscript)
        return Published(registered_edition(home, ledger, folder), is_new=True)


def publish_editions(
    home: Home, ledger: Ledger, cities: Sequence[str], year: int
) -> Iterator[tuple[str, Published | NotPublished]]:
    """Publish cities' years as `publish_edition` does, as many at once as there are processors.

    The ledger hears of them in the order of the cities. What stops one city stops no other.
    """
    get_ready()
    with ThreadPoolExecutor(processors()) as threads:
        together = _A_LOCK * processors()
        for first in range(0, len(cities), together):
            with lock(home):
                made = _published(home, ledger, cities[first : first + together], year, threads)
            yield from made.items()


def _published(
    home: Home, ledger: Ledger, cities: Sequence[str], year: int, threads: Executor
) -> dict[str, Published | NotPublished]:
    """Return what became of each city; while one is written the next is drafted."""
    begun = {city: _begun(home, ledger, city, year, threads) for city in cities}
    return {city: _ended(home, ledger, one) for city, one in begun.items()}


def _begun(
    home: Home, ledger: Ledger, city: str, year: int, threads: Executor
) -> Published | NotPublished | Future[Path]:
    try:
        draft = _drafted(home, ledger, city, year)
    except Exception as error:
        return NotPublished(why_not(error))
    if isinstance(draft, Published):
        return draft
    return threads.submit(write_apart, draft.folder, draft.manuscript)


def _ended(
    home: Home, ledger: Ledger, begun: Published | NotPublished | Future[Path]
) -> Published | NotPublished:
    if not isinstance(begun, Future):
        return begun
    try:
        return Published(registered_edition(home, ledger, begun.result()), is_new=True)
    except Exception as error:
        return NotPublished(why_not(error))


def _drafted(home: Home, ledger: Ledger, city: str, year: int) -> Published | _Draft:
    """Return what is to be written of a city's year, or the newest edition if it says the same."""
    editions = put_in_order(home, ledger, city, year)
    write_marked(editions)
    draft = manuscript.from_warehouse(home, imprint_of_run(home, editions))
    newest = editions.newest
    # After the release of an older one the newest data may stand in an edition before it.
    if newest and newest.is_final and not newest.withdrawal:
        newest = editions.to_be_signed or newest
    # After a withdrawal the same can be published again: it would never be published else.
    if newest and not newest.withdrawal and newest.content_hash == draft.content_hash:
        return Published(newest, is_new=False)
    whole = manuscript.with_revisions(home, ledger, draft, editions)
    return _Draft(editions.folder_for(whole.imprint.edition, State.provisional), whole)


def publish_final(home: Home, ledger: Ledger, signed: Edition) -> Published:
    """Publish a signed edition as final, or as revised where a final one stands already.

    It holds what was signed, whatever has come in since. Raises `EditionRefused` if the signed
    edition was altered, withdrawn, or has been published as final already.
    """
    with lock(home):
        editions = put_in_order(home, ledger, signed.city, signed.year)
        due = editions.numbered(signed.number)
        if not due.waits_for_release or due.approval is None:
            raise EditionRefused(
                f"v{signed.number} 没有待发布的批准。",
                f"v{signed.number} has no approval to release.",
            )
        faults = verify_edition(due)
        if faults:
            raise EditionRefused(faults[0].text.zh, faults[0].text.en)
        imprint = replace(
            imprint_of(due.manifest()),
            edition=editions.next_number,
            status=State.revised if editions.current_final else State.final,
            published_at=clock.stamp(),
            made_from=due.number,
            approval=asdict(due.approval),
        )
        whole = manuscript.from_signed(home, due, imprint, editions)
        folder = write_folder(editions.folder_for(imprint.edition, imprint.status), whole)
        return Published(registered_edition(home, ledger, folder), is_new=True)


def release_due(
    home: Home, ledger: Ledger, now: datetime, city: str | None = None, year: int | None = None
) -> list[Edition]:
    """Publish as final every signed edition whose release time has come; return what was made.

    Of all cities and years, or of one. Raises `EditionRefused` as `publish_final` does.
    """
    return [
        publish_final(home, ledger, signed).edition
        for signed in waiting_for_release(home, ledger)
        if signed.approval
        and signed.approval.is_due(now)
        and city in {None, signed.city}
        and year in {None, signed.year}
    ]
