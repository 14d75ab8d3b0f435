"""Schools that a city's figures are published without: named by an approver, with the reason.

What belongs here: exclusions as events of the ledger, and as the run's raw table. What does not:
whether one is in force (the mart fct_exclusion: until the school's own file counts), and what the
city gate makes of it (expectations/city/coverage.yml).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass

import pyarrow as pa

from orchestration.ground.frames import table_of
from orchestration.ground.home import Home, configured_cities
from orchestration.ground.ledger import Ledger
from orchestration.ground.text import NianbaoError
from orchestration.intake.declared.deadlines import PLACE, roster
from orchestration.intake.raw import write_table

EXCLUDED, EXCLUSION_ENDED = "school_excluded", "school_exclusion_ended"
EXCLUSIONS = pa.schema(
    [*PLACE, *((n, pa.string()) for n in ("reason", "public_note", "excluded_by", "excluded_at"))]
)
Key = tuple[str, int, str]  # city, year, the school's code


class BadExclusion(NianbaoError):
    """An exclusion that may not be registered or ended; nothing was written."""


@dataclass(frozen=True)
class Exclusion:
    """Why a city is published without a school: for the bureau, and as readers are told."""

    reason: str
    public_note: str
    excluded_by: str
    excluded_at: str


def exclude(
    ledger: Ledger,
    home: Home,
    key: Key,
    reason: str,
    public_note: str,
    actor: str,
    check: Callable[[], None],
) -> None:
    """Register that a city's year may be published without a school; counts from the next run on.

    `check` raises where a file of the school counts: what that means is known above this room
    (schools/excluding.py). Raises `BadExclusion` with what is wrong.
    """
    _require_rostered(home, key)
    if not reason.strip() or not public_note.strip():
        raise BadExclusion(
            "请写明理由和公开说明。", "Give the reason, and the note that readers are told."
        )
    texts = {"reason": reason.strip(), "public_note": public_note.strip()}
    _append(ledger, EXCLUDED, key, texts, actor, check)


def end_exclusion(ledger: Ledger, home: Home, key: Key, reason: str, actor: str) -> None:
    """Take an exclusion back. Raises `BadExclusion` where the school is not excluded."""
    _require_rostered(home, key)
    if key not in exclusions(ledger):
        raise BadExclusion(f"学校 {key[2]} 没有被排除。", f"School {key[2]} is not excluded.")
    if not reason.strip():
        raise BadExclusion("请写明理由。", "Give the reason.")
    _append(ledger, EXCLUSION_ENDED, key, {"reason": reason.strip()}, actor)


def exclusions(ledger: Ledger) -> dict[Key, Exclusion]:
    """Return the exclusions that nobody has taken back, by city, year and school."""
    found: dict[Key, Exclusion] = {}
    for event in ledger.events(EXCLUDED, EXCLUSION_ENDED):
        said = event["payload"]
        key = (said["city"], said["year"], said["school_code"])
        if event["kind"] == EXCLUSION_ENDED:
            found.pop(key, None)
        else:
            found[key] = Exclusion(said["reason"], said["public_note"], event["actor"], event["at"])
    return found


def write_exclusions(home: Home, ledger: Ledger) -> None:
    """Write the exclusions of every city into the raw zone, as they are now."""
    rows = ((*key, *astuple(one)) for key, one in sorted(exclusions(ledger).items()))
    table = table_of(rows, EXCLUSIONS)
    write_table(home.raw / "exclusions" / "exclusions.parquet", table)


def _require_rostered(home: Home, key: Key) -> None:
    city, year, code = key
    if city not in configured_cities(home):
        raise BadExclusion(f"没有城市“{city}”。", f"There is no city '{city}'.")
    if not any(row["school_code"] == code for row in roster(home, city, year)):
        raise BadExclusion(
            f"{city} {year} 年的名册中没有学校 {code}。",
            f"School {code} is not on the roster of {city} for {year}.",
        )


def _append(
    ledger: Ledger,
    kind: str,
    key: Key,
    texts: dict[str, str],
    actor: str,
    check: Callable[[], None] | None = None,
) -> None:
    if not actor.strip():
        raise BadExclusion("请写明登记人。", "Say who registers it.")
    city, year, code = key
    place = {"city": city, "year": year, "school_code": code}
    ledger.append(kind, place | texts, actor.strip(), check)
