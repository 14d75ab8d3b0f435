"""What the ledger knows of files that were handed in: received, handed in again, settled.

What belongs here: these events, what they make of the raw zone, and every file in the inbox with
what became of it. What does not: reading files (batch.py) and which of a school's files stands
(dbt_project/, int_submissions_standing).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from orchestration.forms.contract import form_years
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.ground.text import NianbaoError
from orchestration.intake import raw
from orchestration.intake.inbox import (
    Fate,
    Inbox,
    Lying,
    Received,
    Sighting,
    Why,
    contents,
    outside,
)

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


def received_readings(ledger: Ledger, year: int) -> dict[str, str | None]:
    """Return by submission the run that read it last; None where older software did not say."""
    payloads = (event["payload"] for event in ledger.events(RECEIVED))
    return {p["submission_id"]: p.get("intake_run") for p in payloads if p["year"] == year}


def inbox_of(home: Home, ledger: Ledger, year: int) -> list[Lying]:
    """Return every file that lies in a year's inbox, or beside all, and what became of it.

    So is a workbook of the year that lies in another year's inbox.
    """
    lying = contents(home, year, _received(home, ledger, year))
    for other in form_years(home.forms):
        if other != year and (refused := raw.forms_of_another_year(home, other, year)):
            received = _received(home, ledger, other)
            misplaced = {name: received[name] for name in refused & set(received)}
            lying += [
                replace(one, fate=Fate.ignored, why=Why.misplaced, same_as="")
                for one in contents(home, other, misplaced)
                if one.fate == Fate.taken_in
            ]
    return [*lying, *outside(home)]


def _received(home: Home, ledger: Ledger, year: int) -> dict[str, Received]:
    told, found = received_readings(ledger, year), dict[str, Received]()
    rows = raw.submission_rows(home, year)
    newest = {_filer(row): row for row in rows}
    no_workbooks = raw.no_workbooks(home, year)
    for row in rows:
        why = None if row["city"] else Why.nobodys
        if row["city"] and newest[_filer(row)]["is_read"] and row["submission_id"] in no_workbooks:
            why = Why.gives_way
        if row["submission_id"] in told:
            found[row["submission_id"]] = Received(row["city"] or "", why)
    return found


# -- handed in again -------------------------------------------------------------------------------


def handed_in_again(
    home: Home,
    year: int,
    inbox: Inbox,
    last: Sequence[Sighting] | None,
    first: Collection[str] = (),
) -> set[str]:
    """Return the submissions that came again though another file of their filer counts.

    `inbox` says what each file is, `last` what the run before saw; a file that lies as it lay, or
    was only moved, did not come again. `first` are those that came first in this run: beside one of
    the same filer nobody can tell which counts, as where two known ones come again together.

    One that could not be read and was taken away leaves its place to the last that was read.
    """
    if last is None:
        return set()
    before = {sighting[:4] for sighting in last}
    lying = {sighting.submission_id for sighting in inbox.sightings}
    there = {sighting.path for sighting in inbox.sightings}
    moved = {(s.mtime_ns, s.digest) for s in last if s.path not in there}
    came = {
        sighting.submission_id
        for sighting in inbox.sightings
        if sighting[:4] not in before and (sighting.mtime_ns, sighting.digest) not in moved
    }
    by_filer: dict[Filer, list[dict[str, Any]]] = {}
    for row in raw.submission_rows(home, year):
        if row["city"]:
            by_filer.setdefault(_filer(row), []).append(row)
    rivals, again = raw.rivals(home, year), set()
    for rows in by_filer.values():
        newest, read = rows[-1], [row["submission_id"] for row in rows if row["is_read"]]
        new = [name for name in read if name in came or name in first]
        if len(new) == 1 and new[0] not in first:
            if new[0] != newest["submission_id"] or new[0] in rivals:
                again.add(new[0])
        elif not new and not newest["is_read"] and newest["submission_id"] not in lying:
            left = [name for name in read if name in lying and name not in rivals]
            again.update(() if inbox.unready else left[-1:])
    return again


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
    for event in ledger.events(RECEIVED, RECEIVED_AGAIN, RIVAL_SETTLED):
        payload = event["payload"]
        if payload["year"] != year:
            continue
        if event["kind"] == RIVAL_SETTLED:
            settled |= set(payload["submission_ids"])
        elif event["kind"] == RECEIVED:
            # Read again it has its number, or a new one if it was renamed.
            if payload["submission_id"] in sequences and "received_seq" in payload:
                sequences[payload["submission_id"]] = payload["received_seq"]
        else:
            settled.add(payload["submission_id"])
            sequences[payload["submission_id"]] = payload["received_seq"]
    raw.settle_rivals(home, year, settled)
    raw.renumber(home, year, sequences)


def _filer(row: Mapping[str, Any]) -> Filer:
    return (row["city"] or "", row["filed_by"], row["school_code"] or "")
