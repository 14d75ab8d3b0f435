"""A withdrawn edition as people see it: its report and its page say so, its own files stay.

What belongs here: withdrawing, and the copies that bear the mark. What does not: the event of the
ledger (editions/signing.py), and how a notice looks (report/word.py, report/page.py).
"""

from __future__ import annotations

import shutil
from zoneinfo import ZoneInfo

from orchestration.editions import signing
from orchestration.editions.history import CityYear, Edition, city_year, withdrawn_text
from orchestration.editions.verify import verify_edition
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.ground.lock import lock
from orchestration.ground.settings import zone_of
from orchestration.report.page import page_with_notice
from orchestration.report.word import with_notice

_MARKS = {"report.docx": with_notice, "page.html": page_with_notice}


def withdraw(home: Home, ledger: Ledger, edition: Edition, actor: str, note: str) -> None:
    """Withdraw an edition with a public note, and mark what is shown of it.

    Raises `EditionRefused` as `signing.withdraw` does.
    """
    signing.withdraw(home, ledger, edition, actor, note)
    with lock(home):
        write_marked(city_year(home, ledger, edition.city, edition.year))


def marked(edition: Edition, name: str, zone: ZoneInfo) -> bytes | None:
    """Return a file of a withdrawn edition with the mark in it; None for one that bears none."""
    if edition.withdrawal is None or name not in _MARKS:
        return None
    said = str(withdrawn_text(edition.withdrawal, zone))
    return _MARKS[name]((edition.folder / name).read_bytes(), said)


def write_marked(editions: CityYear) -> None:
    """Write beside each withdrawn edition copies of report and page that say so, where none are.

    Not of files that are no longer as they were published.
    """
    for edition in editions.editions:
        is_unmarked = edition.withdrawal and not edition.marked_folder.is_dir()
        if is_unmarked and not verify_edition(edition):
            _write_marked(edition, zone_of(editions.home))


def _write_marked(edition: Edition, zone: ZoneInfo) -> None:
    beside = edition.marked_folder.with_name(f".{edition.marked_folder.name}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    for name in _MARKS:
        if (edition.folder / name).is_file() and (data := marked(edition, name, zone)):
            (beside / name).write_bytes(data)
    beside.rename(edition.marked_folder)
