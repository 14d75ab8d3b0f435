"""All that an edition's folder is written from, gathered before the first file is written.

What belongs here: the tables, the report's template and what else goes into the files, from
warehouse, archive and earlier editions. What does not: the files (folder.py), and when an edition
is made (publish.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import pyarrow as pa

from orchestration.editions.contents import (
    METRICS,
    Tables,
    city_tables,
    content_hash,
    read_tables,
)
from orchestration.editions.history import CityYear, Edition, FigureStatus, State
from orchestration.editions.revisions import REVISION, Declarations, earlier, revisions
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.intake.archive import archived
from orchestration.intake.declared.snapshot import reference_files
from orchestration.publishing.imprint import Imprint
from orchestration.report.word import GENERIC_TEMPLATE


@dataclass(frozen=True)
class Manuscript:
    """What one edition says and is made by; nothing else of the home goes into its files.

    `overrides` are the home's own forms, rules and standards, by their paths. `content_hash` is
    the same for editions that say the same, whatever moved before them.
    """

    imprint: Imprint
    tables: Tables
    template: bytes
    overrides: list[str]
    content_hash: str


def from_warehouse(home: Home, imprint: Imprint) -> Manuscript:
    """Return what the warehouse says of a city's year, its revisions still missing."""
    tables = city_tables(home, imprint.city, imprint.year)
    template, overrides = _declared(home, imprint)
    digest = content_hash(tables, hashlib.sha256(template).hexdigest())
    return Manuscript(imprint, tables, template, overrides, digest)


def with_revisions(
    home: Home, ledger: Ledger, manuscript: Manuscript, editions: CityYear
) -> Manuscript:
    """Return a manuscript with what moved since the editions that it is compared with."""
    imprint, tables = manuscript.imprint, manuscript.tables
    declarations = Declarations(imprint.definitions, imprint.reference_hash)
    # What came after the gate spoke has no part in what it said.
    known = ledger.as_of(imprint.ledger["cities"]["seq"])
    moved = [
        revisions(home, known, tables, declarations, earlier(editions.numbered(number)))
        for number in imprint.compared_with
    ]
    found = pa.concat_tables([REVISION.empty_table(), *moved])
    return replace(manuscript, tables={**tables, "revision": found})


def from_signed(home: Home, signed: Edition, imprint: Imprint, editions: CityYear) -> Manuscript:
    """Return a signed edition with its new status: it says what was signed and nothing else."""
    tables = read_tables(signed.folder)
    compared = map(editions.numbered, imprint.compared_with)
    # What it was compared with may have been released since.
    since = {
        earlier.number
        for earlier in compared
        if earlier.is_released and (earlier.final_edition or earlier.number) < imprint.edition
    }
    moved = {
        row["indicator_id"]
        for row in tables["revision"].to_pylist()
        if row["compared_with"] in since
    }
    for name in (METRICS, "fct_indicator", "fct_indicator_breakdown"):
        tables[name] = _with_status(tables[name], imprint.status, moved)
    template, overrides = _declared(home, imprint)
    return Manuscript(imprint, tables, template, overrides, signed.content_hash)


def _with_status(table: pa.Table, status: State, moved: set[str]) -> pa.Table:
    """Return the figures as final; where the edition is revised, those that moved as revised."""

    def status_of(figure: dict[str, str]) -> str:
        if figure["status"] == FigureStatus.withheld:
            return FigureStatus.withheld
        is_revised = status == State.revised and figure["indicator_id"] in moved
        return State.revised if is_revised else State.final

    statuses = [status_of(row) for row in table.select(["indicator_id", "status"]).to_pylist()]
    at = table.column_names.index("status")
    return table.set_column(at, table.schema.field(at), pa.array(statuses, pa.string()))


def _declared(home: Home, imprint: Imprint) -> tuple[bytes, list[str]]:
    """Return what the home declared as it was archived: the report's template, and its overrides.

    A city without a template of its own has the generic one.
    """
    declared = reference_files(home, imprint.reference_hash)
    own = declared.get(f"cities/{imprint.city}/report.docx")
    ours = ("forms/", "expectations/", home.standards.name)
    overrides = [path for path in declared if path.startswith(ours)]
    return archived(home, own) if own else GENERIC_TEMPLATE.read_bytes(), overrides
