"""Every edition that was published, and its place among those of its city's year.

What belongs here: what the ledger says of editions, and which of them is current, the newest, the
final one, the next one; nobody else works that out. What does not: signing and withdrawing
(signing.py), and how an edition is written (publishing/).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.ground.ledger import PUBLISHED, Ledger
from orchestration.ground.text import NianbaoError, Term, Text

APPROVED, WITHDRAWN = "edition_approved", "edition_withdrawn"
_FOLDER = re.compile(r"v([1-9][0-9]*)")


class State(Term):
    """How an edition was published, or that it was withdrawn; as readers see it."""

    provisional = "provisional", "暂定", "provisional"
    final = "final", "定稿", "final"
    revised = "revised", "修订", "revised"
    withdrawn = "withdrawn", "已撤回", "withdrawn"


class FigureStatus(Term):
    """What a figure can be beside what its edition is: not published with it."""

    withheld = "withheld", "不予公布", "withheld"


class EditionRefused(NianbaoError):
    """What cannot be done with an edition; nothing was written."""


class NoSuchEdition(EditionRefused):
    """There is no such edition; the message names those that there are."""


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
        return clock.moment(self.release_at) <= now


@dataclass(frozen=True)
class Withdrawal:
    """Who withdrew an edition, when, and why as the public is told."""

    by: str
    at: str
    note: str


def withdrawn_text(withdrawal: Withdrawal, zone: ZoneInfo) -> Text:
    """Return what stands on whatever is shown of a withdrawn edition: since which day, and why."""
    day, note = clock.day(withdrawal.at, zone).isoformat(), withdrawal.note
    return Text(f"此版次已于 {day} 撤回：{note}", f"This edition was withdrawn on {day}: {note}")


@dataclass(frozen=True)
class Edition:
    """One published folder, and what the ledger says of it.

    `status` is how it was published; `state` is the same, or withdrawn. `approval` is the one that
    signs it, of a final edition that of the one it was made from; `final_edition` is the number of
    the edition that was made of it then.
    """

    city: str
    year: int
    number: int
    folder: Path
    status: State
    published_at: str
    content_hash: str
    manifest_hash: str
    made_from: int | None = None
    approval: Approval | None = None
    final_edition: int | None = None
    withdrawal: Withdrawal | None = None

    @property
    def state(self) -> State:
        """Return provisional, final, revised or withdrawn."""
        return State.withdrawn if self.withdrawal else self.status

    @property
    def is_final(self) -> bool:
        """Return whether it was published as final or revised."""
        return self.status in {State.final, State.revised}

    @property
    def is_released(self) -> bool:
        """Return whether it is final, or a final edition was made of it."""
        return self.is_final or self.final_edition is not None

    @property
    def waits_for_release(self) -> bool:
        """Return whether it was signed and is still to be published as final."""
        is_open = self.final_edition is None and not self.withdrawal
        return self.status == State.provisional and self.approval is not None and is_open

    @property
    def marked_folder(self) -> Path:
        """What holds copies of its report and page that say so, once it is withdrawn."""
        return self.folder.with_name(f"{self.folder.name}_{self.state.zh}_{self.state}")

    def manifest(self) -> dict[str, Any]:
        """Return its manifest; `FileNotFoundError` if its folder is gone."""
        return json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))

    def report_lacks(self) -> list[Text]:
        """Return what its report lacks, each figure once: with the reason, as readers are told.

        Where the template stopped the report, the places of the template. Editions of software that
        did not list it say nothing.
        """
        report = self.manifest().get("report", {})
        rows = (*report.get("places", ()), *report.get("lacks", ()))
        return list(dict.fromkeys(Text(row["zh"], row["en"]) for row in rows))


@dataclass(frozen=True)
class CityYear:
    """The editions of one city's year, oldest first, and the place of each among them."""

    city: str
    year: int
    home: Home
    editions: tuple[Edition, ...] = ()

    @property
    def folder(self) -> Path:
        """What holds the folders of those that are published, and the list of them all."""
        return self.home.editions(self.city, self.year)

    @property
    def newest(self) -> Edition | None:
        """The newest edition of all, withdrawn or not."""
        return self.editions[-1] if self.editions else None

    @property
    def current(self) -> Edition | None:
        """The edition that stands: the newest of those that are not withdrawn."""
        return next((e for e in reversed(self.editions) if not self.withdrawal_of(e)), None)

    @property
    def current_published(self) -> Edition | None:
        """The edition that stands for those who may not see what waits for its release."""
        shown = (e for e in reversed(self.editions) if not self.is_held_back(e))
        return next((e for e in shown if not self.withdrawal_of(e)), None)

    @property
    def to_be_signed(self) -> Edition | None:
        """The edition that may be signed next, signed or not: the newest provisional one.

        It is not withdrawn, and no final edition was made of it or of a later one. It is not the
        current one where, after it was made, an older one was released.
        """
        made_final = max((e.made_from or 0 for e in self.editions if e.is_final), default=0)
        for edition in reversed(self.editions):
            if edition.status == State.provisional and not edition.withdrawal:
                return edition if edition.number > made_final else None
        return None

    def withdrawal_of(self, edition: Edition) -> Withdrawal | None:
        """Return by what it no longer stands: its own, or that of the final edition made of it.

        The two say the same: what was wrong with one is wrong with the other.
        """
        made = next((e for e in self.editions if e.number == edition.final_edition), edition)
        both = [one for one in (edition.withdrawal, made.withdrawal) if one]
        return min(both, key=lambda one: clock.moment(one.at), default=None)

    @property
    def current_final(self) -> Edition | None:
        """The newest final or revised edition that is not withdrawn."""
        standing = (e for e in reversed(self.editions) if e.is_final and not e.withdrawal)
        return next(standing, None)

    @property
    def is_embargoed(self) -> bool:
        """Whether an edition was signed whose release is still to come.

        One that was withdrawn meanwhile still binds until its time, unless a later one was
        published as final: what is made next says nearly the same.
        """
        return any(map(self._binds, self.editions))

    def _binds(self, edition: Edition) -> bool:
        approval = edition.approval
        if approval is None or edition.is_released or approval.is_due(clock.now()):
            return False
        is_followed = any(e.is_final and e.number > edition.number for e in self.editions)
        return edition.withdrawal is None or not is_followed

    def is_held_back(self, edition: Edition) -> bool:
        """Return whether nobody but the named readers may see an edition before its release.

        During an embargo that is all of the year that no release has let out.
        """
        return not edition.is_released and self.is_embargoed

    @property
    def next_number(self) -> int:
        """The number of the next edition: numbers are never used again, not even a folder's."""
        return max([*self.on_disk(), *(e.number for e in self.editions)], default=0) + 1

    def on_disk(self) -> Iterator[int]:
        """Yield the numbers of the folders that are there, whatever the ledger says of them."""
        for folder in (self.folder, self.home.embargoed_editions(self.city, self.year)):
            for path in folder.glob("v*"):
                if found := _FOLDER.fullmatch(path.name):
                    yield int(found[1])

    def folder_for(self, number: int, status: State) -> Path:
        """Return where a new edition is written: no moment of an embargo shows it published."""
        is_open = status != State.provisional or not self.is_embargoed
        editions = self.home.editions if is_open else self.home.embargoed_editions
        return editions(self.city, self.year) / f"v{number}"

    def numbered(self, number: int) -> Edition:
        """Return one edition; `NoSuchEdition` names those that there are."""
        for edition in self.editions:
            if edition.number == number:
                return edition
        names = "、".join(f"v{e.number}" for e in self.editions) or "—"
        raise NoSuchEdition(
            f"{self.city} {self.year} 年没有版次 v{number}，现有：{names}。",
            f"There is no edition v{number} of {self.city} {self.year}; there are: {names}.",
        )

    def require_current(self) -> Edition:
        """Return the edition that stands; `NoSuchEdition` says why there is none."""
        if self.current:
            return self.current
        if self.newest is None:
            raise NoSuchEdition(
                f"{self.city} {self.year} 年尚无版次，请先执行 nianbao run。",
                f"There is no edition of {self.city} {self.year} yet: nianbao run.",
            )
        names = "、".join(f"v{e.number}" for e in self.editions)
        raise NoSuchEdition(
            f"{self.city} {self.year} 年的版次都已撤回：{names}。",
            f"Every edition of {self.city} {self.year} is withdrawn: {names}.",
        )


def city_year(home: Home, ledger: Ledger, city: str, year: int) -> CityYear:
    """Return a city's year as the ledger knows it, without editions where it knows none."""
    found = [one for one in every_city_year(home, ledger) if (one.city, one.year) == (city, year)]
    return found[0] if found else CityYear(city, year, home)


def every_city_year(home: Home, ledger: Ledger) -> list[CityYear]:
    """Return each city's year that has an edition, by city and year."""
    approvals: dict[tuple[str, int, int], Approval] = {}
    withdrawals: dict[tuple[str, int, int], Withdrawal] = {}
    published: dict[tuple[str, int, int], Mapping[str, Any]] = {}
    for event in ledger.events(PUBLISHED, APPROVED, WITHDRAWN):
        payload, by, at = event["payload"], event["actor"], event["at"]
        key = (payload["city"], payload["year"], payload["edition"])
        if event["kind"] == APPROVED:
            signed = (payload["note"], payload["release_at"])
            approvals[key] = Approval(event["seq"], key[2], by, at, *signed)
        elif event["kind"] == WITHDRAWN:
            withdrawals[key] = Withdrawal(by, at, payload["note"])
        # An event without it is of a time before editions had a life; its folder is told again.
        elif "manifest_hash" in payload:
            published[key] = payload
    finals = {(c, y, p["made_from"]): n for (c, y, n), p in published.items() if p["made_from"]}
    editions: dict[tuple[str, int], list[Edition]] = {}
    for (city, year, number), payload in sorted(published.items()):
        editions.setdefault((city, year), []).append(
            Edition(
                city=city,
                year=year,
                number=number,
                folder=home.edition(city, year, number),
                status=State(payload["status"]),
                published_at=payload["published_at"],
                content_hash=payload["content_hash"],
                manifest_hash=payload["manifest_hash"],
                made_from=payload["made_from"],
                approval=approvals.get((city, year, payload["made_from"] or number)),
                final_edition=finals.get((city, year, number)),
                withdrawal=withdrawals.get((city, year, number)),
            )
        )
    return [CityYear(city, year, home, tuple(found)) for (city, year), found in editions.items()]


def waiting_for_release(home: Home, ledger: Ledger) -> list[Edition]:
    """Return the provisional editions that were signed and are not published as final yet."""
    return [
        edition
        for one in every_city_year(home, ledger)
        for edition in one.editions
        if edition.waits_for_release
    ]


def edition_number(text: str) -> int:
    """Return the number of `v3` or `3`; `NoSuchEdition` for anything else."""
    found = re.fullmatch(r"v?([1-9][0-9]*)", text.strip())
    if not found:
        raise NoSuchEdition("版次须写作 v1。", f"Write an edition as v1, not {text!r}.")
    return int(found[1])
