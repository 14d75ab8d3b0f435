"""What the ledger knows of files that were handed in: received, handed in again, settled.

What belongs here: these events, what they make of the raw zone, and every file in the inbox with
what became of it. What does not: reading files (batch.py) and which of a school's files stands
(dbt_project/, int_submissions_standing).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.ground.text import NianbaoError
from orchestration.intake import raw
from orchestration.intake.inbox import Inbox, Lying, Sighting, contents

RECEIVED = "received"
# Equal bytes came again after a newer file of the same filer, or somebody chose them.
RECEIVED_AGAIN = "received_again"
RIVAL_SETTLED = "rival_settled"
INTAKE = "intake"
Filer = tuple[str, str, str]  # city, who files, school code


class BadChoice(NianbaoError):
    """A file cannot be said to count; nothing was written."""


@dataclass(frozen=True)
class Choice:
    """Who said which of several files counts, when, and why."""

    submission_id: str
    by: str
    at: str
    reason: str


def received_hashes(ledger: Ledger, year: int) -> set[str]:
    """Return the hashes of the files that were taken in for a year."""
    return set(received_readings(ledger, year))


def received_readings(ledger: Ledger, year: int) -> dict[str, str | None]:
    """Return by hash the run that read a file last; none where older software did not record it."""
    payloads = (event["payload"] for event in ledger.events(RECEIVED))
    return {p["file_hash"]: p.get("intake_run") for p in payloads if p["year"] == year}


def inbox_of(home: Home, ledger: Ledger, year: int) -> list[Lying]:
    """Return every file that lies in a year's inbox, or beside all, and what became of it."""
    nobodys = {row["file_hash"] for row in raw.submission_rows(home, year) if not row["city"]}
    return contents(home, year, received_hashes(ledger, year), nobodys)


# -- handed in again -------------------------------------------------------------------------------


def handed_in_again(
    home: Home,
    year: int,
    inbox: Inbox,
    last: Sequence[Sighting] | None,
    fresh: Collection[str] = (),
) -> set[str]:
    """Return the submissions whose bytes came again though another file of their filer counts.

    `last` is what the run before saw; a file that lies as it lay, or was only moved, did not come
    again. `fresh` are the hashes of files that came first in this run: beside one of those of the
    same filer nobody can tell which counts, as where two known ones come again together.
    """
    if last is None:
        return set()
    there = {sighting.path for sighting in inbox.sightings}
    moved = {(s.mtime_ns, s.digest) for s in last if s.path not in there}
    came = {
        sighting.digest
        for sighting in inbox.sightings
        if sighting not in last and (sighting.mtime_ns, sighting.digest) not in moved
    }
    came |= set(fresh)
    by_filer: dict[Filer, list[dict[str, Any]]] = {}
    for row in raw.submission_rows(home, year):
        if row["city"]:
            by_filer.setdefault(_filer(row), []).append(row)
    rivals, again = raw.rivals(home, year), set()
    for rows in by_filer.values():
        newest, new = rows[-1], [row for row in rows if row["file_hash"] in came]
        if len(new) != 1 or not new[0]["is_read"] or new[0]["file_hash"] in fresh:
            continue
        if new[0] is not newest or new[0]["submission_id"] in rivals:
            again.add(new[0]["submission_id"])
    return again


def overtaken(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the submissions that came after one of their filer which was read again behind them.

    Both are a year's raw rows in the order of intake. A file that is read again because a roster
    changed did not come again; one that somebody renamed did.
    """
    earlier = {row["submission_id"]: row for row in before}
    newest = {_filer(row): row for row in now if row["city"]}
    found = set()
    for last in newest.values():
        was = earlier.get(last["submission_id"])
        if was is None or was["received_seq"] == last["received_seq"]:
            continue
        later = [
            row["submission_id"]
            for row in now
            if _filer(row) == _filer(last)
            and earlier.get(row["submission_id"], was)["received_seq"] > was["received_seq"]
        ]
        if later and was["file_name"] == last["file_name"]:
            found.add(later[-1])
    return found


def receive_again(home: Home, year: int, ledger: Ledger, submission_ids: set[str]) -> None:
    """Let files be the newest of their filers, and tell the ledger so."""
    rows = {row["submission_id"]: row for row in raw.submission_rows(home, year)}
    sequence = max((row["received_seq"] for row in rows.values()), default=0)
    names = ("file_hash", "file_name", "city", "school_code")
    for number, submission_id in enumerate(sorted(submission_ids), start=sequence + 1):
        row = rows[submission_id]
        payload = {"year": year, "submission_id": submission_id, "received_seq": number}
        ledger.append(RECEIVED_AGAIN, payload | {name: row[name] for name in names}, INTAKE)


# -- two files of one school -----------------------------------------------------------------------


def settle_those_alone(home: Home, year: int, ledger: Ledger, present: set[str]) -> None:
    """Let those count that alone are left in the inbox of two files for one school."""
    if alone := raw.rivals_left_alone(home, year, present):
        ledger.append(RIVAL_SETTLED, {"year": year, "submission_ids": sorted(alone)}, INTAKE)


def this_one_counts(
    home: Home, ledger: Ledger, year: int, named: str, reason: str, by: str
) -> dict[str, Any]:
    """Say which of several files of one filer counts; it does from the next run on.

    `named` is a submission's id or, where it is the only one, a file's name. Returns the raw row.
    Raises `BadChoice` for a file that is none of several, and without a reason.
    """
    rivals = raw.rivals(home, year)
    rows = [row for row in raw.submission_rows(home, year) if row["submission_id"] in rivals]
    found = [row for row in rows if named in (row["submission_id"], row["file_name"])]
    if not found:
        names = "、".join(f"{row['file_name']}（{row['submission_id']}）" for row in rows) or "—"
        raise BadChoice(
            f"“{named}”不是待选定的文件。待选定的有：{names}。",
            f"'{named}' is none of several files of one school. These are: {names}.",
        )
    if len(found) > 1:
        ids = "、".join(row["submission_id"] for row in found)
        raise BadChoice(
            f"有几个文件同名，请写填报编号：{ids}。", f"Several bear this name; give an id: {ids}."
        )
    if not reason.strip():
        raise BadChoice("请写明理由。", "Say why this file counts.")
    if not by.strip():
        raise BadChoice("请写明选定人。", "Say who chooses.")
    (row,) = found
    payload = {"year": year, "submission_ids": [row["submission_id"]], "reason": reason.strip()}
    payload |= {name: row[name] for name in ("city", "school_code", "file_name")}
    ledger.append(RIVAL_SETTLED, payload, by.strip())
    return row


def choices(ledger: Ledger, year: int) -> list[Choice]:
    """Return what people chose of several files for a year, the oldest first."""
    return [
        Choice(event["payload"]["submission_ids"][0], event["actor"], event["at"], reason)
        for event in ledger.events(RIVAL_SETTLED)
        if event["payload"]["year"] == year and (reason := event["payload"].get("reason"))
    ]


def receive_chosen(home: Home, year: int, ledger: Ledger) -> None:
    """Let those that people chose since be the newest of their filers, each once."""
    done = {
        event["payload"]["submission_id"]: event["seq"] for event in ledger.events(RECEIVED_AGAIN)
    }
    chosen = {
        event["payload"]["submission_ids"][0]: event["seq"]
        for event in ledger.events(RIVAL_SETTLED)
        if event["payload"]["year"] == year and "reason" in event["payload"]
    }
    new = {name for name, seq in chosen.items() if seq > done.get(name, 0)}
    there = {row["submission_id"] for row in raw.submission_rows(home, year)}
    # Of two choices for one filer the later one is to be the newer file.
    for name in sorted(new & there, key=lambda name: chosen[name]):
        receive_again(home, year, ledger, {name})
        apply_events(home, year, ledger)


def apply_events(home: Home, year: int, ledger: Ledger) -> None:
    """Make the raw zone what the ledger says of files that came again or were settled.

    It may be done again and again, and is done when an edition is rebuilt.
    """
    settled: set[str] = set()
    sequences: dict[str, int] = {}
    for event in ledger.events(RECEIVED_AGAIN, RIVAL_SETTLED):
        payload = event["payload"]
        if payload["year"] != year:
            continue
        if event["kind"] == RIVAL_SETTLED:
            settled |= set(payload["submission_ids"])
        else:
            settled.add(payload["submission_id"])
            sequences[payload["submission_id"]] = payload["received_seq"]
    raw.settle_rivals(home, year, settled)
    raw.renumber(home, year, sequences)


def _filer(row: Mapping[str, Any]) -> Filer:
    return (row["city"] or "", row["filed_by"], row["school_code"] or "")
