"""The life of an edition: provisional, final, revised, withdrawn; events of the ledger.

What belongs here: approval and withdrawal, and what follows for an edition's state. What does not:
what is checked before an approval (checklist.py) and how an edition is written
(publishing/publish.py).
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.ground.clock import CHINA
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.ground.lock import lock

PUBLISHED, APPROVED, WITHDRAWN = "published", "edition_approved", "edition_withdrawn"
PROVISIONAL, FINAL, REVISED = "provisional", "final", "revised"
MAX_NOTE = 1000  # characters
# What readers see of an edition's state.
STATES = {
    PROVISIONAL: ("暂定", "provisional"),
    FINAL: ("定稿", "final"),
    REVISED: ("修订", "revised"),
    "withdrawn": ("已撤回", "withdrawn"),
}


class LifeRefused(Exception):
    """An approval or a withdrawal that may not be; nothing was written."""


class NoSuchEdition(LifeRefused):
    """There is no edition of that number; the message names those that there are."""


@dataclass(frozen=True)
class Approval:
    """Who signed an edition, when, with which note, and from when on it may be published."""

    seq: int
    edition: int
    by: str
    at: str
    note: str
    release_at: str

    def is_due(self, now: datetime) -> bool:
        """Return whether its release time has come."""
        return datetime.fromisoformat(self.release_at) <= now


@dataclass(frozen=True)
class Edition:
    """One published folder, and what the ledger says of it.

    `status` is how it was published; `state` is the same, or withdrawn. `approval` is the one that
    signs it, `final_edition` the number of the edition that was made of it then.
    """

    city: str
    year: int
    number: int
    folder: Path
    status: str
    published_at: str
    content_hash: str
    manifest_hash: str
    made_from: int | None = None
    approval: Approval | None = None
    final_edition: int | None = None
    withdrawal: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """Return provisional, final, revised or withdrawn."""
        return "withdrawn" if self.withdrawal else self.status


def editions_of(home: Home, ledger: Ledger, city: str, year: int) -> list[Edition]:
    """Return the editions of a city's year, oldest first, as the ledger knows them."""
    return [e for e in all_editions(home, ledger) if (e.city, e.year) == (city, year)]


def all_editions(home: Home, ledger: Ledger) -> list[Edition]:
    """Return every edition that the ledger knows, by city and year, oldest first."""
    approvals: dict[tuple[str, int, int], Approval] = {}
    withdrawals: dict[tuple[str, int, int], dict[str, str]] = {}
    published: dict[tuple[str, int, int], dict[str, Any]] = {}
    for event in ledger.events(PUBLISHED, APPROVED, WITHDRAWN):
        payload = event["payload"]
        key = (payload["city"], payload["year"], payload["edition"])
        if event["kind"] == PUBLISHED:
            # An event without it is of a time before editions had a life; its folder is told again.
            if "manifest_hash" in payload:
                published[key] = payload
        elif event["kind"] == APPROVED:
            approvals[key] = Approval(
                *(event["seq"], key[2], event["actor"], event["at"]),
                *(payload["note"], payload["release_at"]),
            )
        else:
            said = {"by": event["actor"], "at": event["at"], "note": payload["note"]}
            withdrawals[key] = said
    made = {(c, y, p["made_from"]): n for (c, y, n), p in published.items() if p["made_from"]}
    return [
        Edition(
            city=city,
            year=year,
            number=number,
            folder=home.editions(city, year) / f"v{number}",
            status=payload["status"],
            published_at=payload["published_at"],
            content_hash=payload["content_hash"],
            manifest_hash=payload["manifest_hash"],
            made_from=payload["made_from"],
            approval=approvals.get((city, year, payload["made_from"] or number)),
            final_edition=made.get((city, year, number)),
            withdrawal=withdrawals.get((city, year, number), {}),
        )
        for (city, year, number), payload in sorted(published.items())
    ]


def edition_of(home: Home, ledger: Ledger, city: str, year: int, number: int) -> Edition:
    """Return one edition; `NoSuchEdition` names those that there are."""
    known = editions_of(home, ledger, city, year)
    for edition in known:
        if edition.number == number:
            return edition
    names = "、".join(f"v{e.number}" for e in known) or "—"
    raise NoSuchEdition(
        f"{city} {year} 年没有版次 v{number}，现有：{names}。"
        f"There is no edition v{number} of {city} {year}; there are: {names}."
    )


def newest(editions: list[Edition], *statuses: str) -> Edition | None:
    """Return the newest edition that is not withdrawn, of some statuses or of any."""
    standing = [e for e in editions if not e.withdrawal]
    return next((e for e in reversed(standing) if not statuses or e.status in statuses), None)


def edition_number(text: str) -> int:
    """Return the number of `v3` or `3`; `NoSuchEdition` for anything else."""
    found = re.fullmatch(r"v?([1-9][0-9]*)", text.strip())
    if not found:
        raise NoSuchEdition(f"版次须写作 v1。Write an edition as v1, not {text!r}.")
    return int(found[1])


def release_time(text: str, now: datetime) -> datetime:
    """Return when `2025-03-01 09:00`, a time in China, is; now for an empty text.

    Raises `LifeRefused` for anything else.
    """
    if not text.strip():
        return now
    try:
        when = datetime.fromisoformat(text.strip())
        when = when if when.tzinfo else when.replace(tzinfo=CHINA)
        return when.astimezone(UTC).astimezone(CHINA)
    except (ValueError, OverflowError):
        raise LifeRefused(
            f"发布时间“{text}”须写作 2025-03-01 09:00。Write the release time as 2025-03-01 09:00."
        ) from None


def public_note(note: str) -> str:
    """Return a note without blanks around it, fit for every file of an edition.

    Raises `LifeRefused` for one that is too long or holds what no document can.
    """
    text = note.strip().replace("\r\n", "\n")
    kinds = {unicodedata.category(character) for character in text if character not in "\n\t"}
    if kinds & {"Cc", "Cn", "Co", "Cs"} or len(text) > MAX_NOTE:
        raise LifeRefused(
            f"公开说明最多 {MAX_NOTE} 个字，不含控制字符。"
            f"A public note has {MAX_NOTE} characters at most, and no control characters."
        )
    return text


def approve(
    ledger: Ledger,
    edition: Edition,
    actor: str,
    note: str,
    release_at: datetime,
    check: Callable[[], None],
) -> None:
    """Sign a provisional edition; `check` raises `LifeRefused` where that may not be.

    Nothing is published yet: the final edition is made once its release time has come.
    """
    payload = _named(edition) | {
        "note": public_note(note),
        "release_at": release_at.astimezone(UTC).isoformat(timespec="seconds"),
        "manifest_hash": edition.manifest_hash,
    }
    ledger.append(APPROVED, payload, actor, check)


def withdraw(home: Home, ledger: Ledger, edition: Edition, actor: str, note: str) -> None:
    """Withdraw an edition with a public note; its files stay.

    A provisional edition whose release is still to come is not released then.
    """
    note = public_note(note)
    if not note:
        raise LifeRefused("撤回须写明公开说明。A withdrawal needs a public note.")

    def not_yet() -> None:
        if edition_of(home, ledger, edition.city, edition.year, edition.number).withdrawal:
            raise LifeRefused(
                f"v{edition.number} 已经撤回。v{edition.number} is withdrawn already."
            )

    with lock(home):
        ledger.append(WITHDRAWN, _named(edition) | {"note": note}, actor, not_yet)
        write_index(home, ledger, edition.city, edition.year)


def _named(edition: Edition) -> dict[str, Any]:
    return {"city": edition.city, "year": edition.year, "edition": edition.number}


def waiting_for_release(home: Home, ledger: Ledger) -> list[Edition]:
    """Return the provisional editions that were signed and are not published as final yet."""
    return [
        edition
        for edition in all_editions(home, ledger)
        if edition.status == PROVISIONAL
        and edition.approval
        and edition.final_edition is None
        and not edition.withdrawal
    ]


_INDEX = ("edition", "state", "状态", "published_at", "approved_by", "note", "withdrawn_at")
_INDEX_LAST = ("withdrawal_note", "made_from", "content_hash")


def write_index(home: Home, ledger: Ledger, city: str, year: int) -> None:
    """Write `editions.csv` beside the folders: each edition, its state and its public notes."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*_INDEX, *_INDEX_LAST])
    for e in editions_of(home, ledger, city, year):
        signed = e.approval if e.status != PROVISIONAL else None
        writer.writerow(
            [
                *(f"v{e.number}", e.state, STATES[e.state][0], e.published_at),
                *((signed.by, signed.note) if signed else ("", "")),
                *(e.withdrawal.get("at", ""), e.withdrawal.get("note", "")),
                *(f"v{e.made_from}" if e.made_from else "", e.content_hash),
            ]
        )
    folder = home.editions(city, year)
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".editions.csv.{os.getpid()}"
    beside.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    beside.replace(folder / "editions.csv")


def read_manifest(edition: Edition) -> dict[str, Any]:
    """Return an edition's manifest; `FileNotFoundError` if its folder is gone."""
    return json.loads((edition.folder / "manifest.json").read_text(encoding="utf-8"))
