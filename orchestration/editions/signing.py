"""What people do to an edition: sign it, release it later, withdraw it; events of the ledger.

What belongs here: approval and withdrawal, their notes and release times. What does not: what is
checked before an approval (checklist.py), and the final edition that is made of a signed one
(publishing/publish.py).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from orchestration.editions.history import (
    APPROVED,
    WITHDRAWN,
    CityYear,
    Edition,
    EditionRefused,
    city_year,
)
from orchestration.editions.register import write_index
from orchestration.ground import clock
from orchestration.ground.clock import CHINA
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.ground.lock import lock
from orchestration.ground.settings import zone_of

MAX_NOTE = 1000  # characters


def release_time(text: str, now: datetime, zone: ZoneInfo = CHINA) -> datetime:
    """Return when `2025-03-01 09:00`, a time in a zone, is; now for an empty text.

    Raises `EditionRefused` for anything else.
    """
    if not text.strip():
        return now
    try:
        when = datetime.fromisoformat(text.strip())
        when = when if when.tzinfo else when.replace(tzinfo=zone)
        return when.astimezone(UTC).astimezone(zone)
    except (ValueError, OverflowError):
        raise EditionRefused(
            f"发布时间“{text}”须写作 2025-03-01 09:00。",
            "Write the release time as 2025-03-01 09:00.",
        ) from None


def _named_person(actor: str) -> str:
    """Return a name without blanks around it; `EditionRefused` where nobody is named."""
    if not actor.strip():
        raise EditionRefused("须写明是谁。", "Say who it is.")
    return actor.strip()


def public_note(note: str) -> str:
    """Return a note without blanks around it, fit for every file of an edition.

    Raises `EditionRefused` for one that is too long or holds what no document can.
    """
    text = note.strip().replace("\r\n", "\n")
    kinds = {unicodedata.category(character) for character in text if character not in "\n\t"}
    if kinds & {"Cc", "Cn", "Co", "Cs"} or len(text) > MAX_NOTE:
        raise EditionRefused(
            f"公开说明最多 {MAX_NOTE} 个字，不含控制字符。",
            f"A public note has {MAX_NOTE} characters at most, and no control characters.",
        )
    return text


def approve(
    home: Home,
    ledger: Ledger,
    edition: Edition,
    actor: str,
    note: str,
    release_at: datetime,
    check: Callable[[], None],
) -> None:
    """Sign a provisional edition; `check` raises `EditionRefused` where that may not be.

    So is it where an edition with a lower number still waits for a later release: older figures
    would come out as the revision of newer ones. Nothing is published yet: the final edition is
    made once its release time has come.
    """

    def check_all() -> None:
        check()
        _require_order(city_year(home, ledger, edition.city, edition.year), edition, release_at)

    actor = _named_person(actor)
    payload = _named(edition) | {
        "note": public_note(note),
        "release_at": release_at.astimezone(UTC).isoformat(timespec="seconds"),
        "manifest_hash": edition.manifest_hash,
    }
    ledger.append(APPROVED, payload, actor, check_all)
    with lock(home):
        write_index(city_year(home, ledger, edition.city, edition.year))


def _require_order(editions: CityYear, edition: Edition, release_at: datetime) -> None:
    for earlier in editions.editions:
        if earlier.number >= edition.number or not (earlier.waits_for_release and earlier.approval):
            continue
        waits_until = clock.moment(earlier.approval.release_at)
        if release_at < waits_until:
            when = clock.shown(earlier.approval.release_at, zone_of(editions.home))
            raise EditionRefused(
                f"v{earlier.number} 已批准，定于 {when} 发布；v{edition.number} 的数字更新，"
                f"不能先于它发布。请选不早于该时间的发布时间，或先撤回 v{earlier.number}。",
                f"v{earlier.number} is signed and will be released at {when}: v{edition.number}, "
                "whose figures are newer, cannot be released before it. Choose that time or a "
                f"later one, or withdraw v{earlier.number} first.",
            )


def withdraw(home: Home, ledger: Ledger, edition: Edition, actor: str, note: str) -> None:
    """Withdraw an edition with a public note; its files stay.

    A provisional edition whose release is still to come is not released then.
    """
    actor, note = _named_person(actor), public_note(note)
    if not note:
        raise EditionRefused("撤回须写明公开说明。", "A withdrawal needs a public note.")

    def not_yet() -> None:
        now = city_year(home, ledger, edition.city, edition.year).numbered(edition.number)
        if now.withdrawal:
            raise EditionRefused(
                f"v{edition.number} 已经撤回。", f"v{edition.number} is withdrawn already."
            )

    with lock(home):
        ledger.append(WITHDRAWN, _named(edition) | {"note": note}, actor, not_yet)
        write_index(city_year(home, ledger, edition.city, edition.year))


def _named(edition: Edition) -> dict[str, Any]:
    return {"city": edition.city, "year": edition.year, "edition": edition.number}
