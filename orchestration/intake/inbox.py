"""The inbox: which files lie there, and what becomes of each.

What belongs here: passing over what nobody handed in and saying so, hashes. What does not: which
submission a file is (filings.py), what it says (reading/) and which of them are new (batch.py).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from orchestration.forms.contract import form_years
from orchestration.ground import clock
from orchestration.ground.files import write_text
from orchestration.ground.home import Home
from orchestration.ground.text import Term, Text
from orchestration.intake.names import folder_is_void, shown_name
from orchestration.intake.reading.filer import submission_id_of

log = logging.getLogger(__name__)
SETTLED_SECONDS = 2.0
DEEPEST = 4  # folders in one another that are looked into, under that of the year
_TEMPORARY = (
    *(".tmp", ".part", ".partial", ".crdownload", ".download", ".downloading"),
    *("~", ".bak", ".xltd", ".td", ".aria2"),
)
# What systems and network drives leave in folders, in small letters.
_OF_THE_SYSTEM = frozenset(
    {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "lost+found"}
    | {"@eadir", "@recycle", "#recycle", "$recycle.bin", "recycler", "system volume information"}
)
_NAMED = 3  # how many of the files in a folder that is passed over are named


class Fate(Term):
    """What becomes of a file that lies in the inbox."""

    taken_in = "taken_in", "已收", "taken in"
    left = "left", "待收", "left for the next run"
    ignored = "ignored", "不收", "ignored"


class Why(Term):
    """Why a file is left for the next run, or ignored."""

    new = "new", "上次运行后新到或有改动，下次运行读取", "came or changed since the last run"
    being_written = "being_written", "正在写入", "it is still being written"
    locked = "locked", "被占用，无法打开", "it is locked and cannot be opened"
    changed = "changed", "读取时又有改动，或未能存档", "it changed meanwhile or was not archived"
    bytes_known = (
        "bytes_known",
        "内容与另一文件完全相同，按一份计",
        "the same bytes, counted once, as",
    )
    gives_way = (
        "gives_way",
        "不是工作簿，以该单位报送的工作簿为准",
        "no workbook; the one that its filer handed in counts",
    )
    misplaced = (
        "misplaced",
        "是本年度的报表，放在其他年度的文件夹中，未采用；请移入本年度的文件夹",
        "this year's form in another year's folder, not used; move it into this year's",
    )
    package = (
        "package",
        "是 Numbers 表格（文件夹），请导出为 xlsx",
        "a Numbers document, which is a folder; export it as xlsx",
    )
    nobodys = "nobodys", "已读，但不知是谁的，见疑点", "read, but nobody's; see the findings"
    no_form = "no_form", "没有这一年度的报表，不读取", "there is no form of this year"
    lock_file = "lock_file", "软件打开文件时的锁定文件", "a lock file of a program"
    hidden = "hidden", "隐藏文件或文件夹", "a hidden file or folder"
    temporary = "temporary", "未传完的文件或临时文件", "a download under way or a temporary file"
    link = "link", "快捷链接，不读取别处的文件", "a link; files elsewhere are not read"
    special = "special", "不是普通文件", "no ordinary file"
    set_aside = "set_aside", "文件夹名表示其中文件不再有效", "its folder's name puts it aside"
    too_deep = "too_deep", "文件夹层数过多", "its folder lies too deep"
    outside = "outside", "不在年度文件夹内，请放入 inbox/年度", "in no year's folder; move it there"
    unreadable = "unreadable", "文件夹无法打开", "the folder cannot be opened"


# Folders that people made: what lies in one that is passed over is named.
_WHOLE_FOLDERS = {Why.set_aside, Why.too_deep, Why.outside, Why.no_form}


@dataclass(frozen=True)
class Lying:
    """One file or folder in the inbox, by its path there, and what becomes of it.

    `same_as` is the path of the file that has the same bytes; `files` is how many lie in a folder
    that is passed over, and `named` are their names. `city` is whose it was taken for.
    """

    path: str
    fate: Fate
    why: Why | None = None
    same_as: str = ""
    files: int = 0
    named: tuple[str, ...] = ()
    city: str = ""

    @property
    def reason(self) -> Text:
        """Why it does not count, with the file whose bytes it has or the files that lie in it."""
        if self.why is None:
            return Text("", "")
        zh, en = self.why.zh, self.why.en
        if self.same_as:
            zh, en = f"{zh}：{self.same_as}", f"{en}: {self.same_as}"
        if self.files:
            first, more = self.named[:_NAMED], self.files > _NAMED
            zh += f"；内有 {self.files} 个文件：{'、'.join(first)}{' 等' if more else ''}"
            en += f"; files in it: {self.files}: {', '.join(first)}{', …' if more else ''}"
        return Text(zh, en)


class Received(NamedTuple):
    """What became of a submission: the city that it was taken for, and what there is to say."""

    city: str
    why: Why | None = None


class Sighting(NamedTuple):
    """A file as a run found it: its path in the year's folder, and what tells its content.

    `submission_id` is what the run took it for; empty where it took it for none.
    """

    path: str
    mtime_ns: int
    size: int
    digest: str  # empty if it could not be opened
    submission_id: str = ""


class Inbox(NamedTuple):
    """What lies in a year's inbox: the files, oldest first, how each was seen, and the rest."""

    paths: list[Path]
    sightings: list[Sighting]
    others: list[Lying]

    @property
    def unready(self) -> int:
        """How many files are still being written, or locked."""
        locked = sum(not sighting.digest for sighting in self.sightings)
        return locked + sum(other.fate == Fate.left for other in self.others)


def handed_in(home: Home, year: int) -> Inbox:
    """Return what was handed in for a year; empty without an inbox."""
    paths, others = _look(home.inbox_year(year))
    return Inbox(paths, [_sighting(home, year, path) for path in paths], others)


def contents(home: Home, year: int, received: Mapping[str, Received]) -> list[Lying]:
    """Return every file in a year's inbox, each with what becomes of it.

    `received` are the submissions that were taken in for the year. Nothing is opened: what the
    last run did not see as it lies there now is new.
    """
    settled, others = _look(home.inbox_year(year))
    last = {sighting[:3]: sighting for sighting in last_seen(home, year) or ()}
    first: dict[str, str] = {}
    lying = []
    for path in settled:
        at, status = _shown_path(home.inbox, path), path.stat()
        key = (_relative(home, year, path), status.st_mtime_ns, status.st_size)
        seen = last.get(key)
        submission_id = seen.submission_id if seen else ""
        known = received.get(submission_id)
        if seen is None:
            lying.append(Lying(at, Fate.left, Why.new))
        elif not seen.digest:
            lying.append(Lying(at, Fate.left, Why.locked))
        elif known is None:
            lying.append(Lying(at, Fate.left, Why.changed))
        elif submission_id in first:
            same = first[submission_id]
            lying.append(Lying(at, Fate.taken_in, Why.bytes_known, same, city=known.city))
        else:
            first[submission_id] = at
            lying.append(Lying(at, Fate.taken_in, known.why, city=known.city))
    return [*lying, *others]


def last_seen(home: Home, year: int) -> list[Sighting] | None:
    """Return what the last run saw in a year's inbox; None where none has looked."""
    path = _seen_at(home, year)
    if not path.exists():
        return None
    seen = [Sighting(*row) for row in json.loads(path.read_text(encoding="utf-8"))]
    # What older software saw, it took for the submission of its bytes.
    return [
        one._replace(submission_id=one.submission_id or submission_id_of(year, one.digest))
        for one in seen
    ]


def keep_seen(home: Home, year: int, sightings: list[Sighting]) -> None:
    """Keep what a run saw, for the next one to tell what came since."""
    rows = json.dumps(sightings, ensure_ascii=False, indent=0)
    write_text(_seen_at(home, year), rows)


def _seen_at(home: Home, year: int) -> Path:
    return home.raw / "inbox" / f"{year}.json"


def _look(folder: Path) -> tuple[list[Path], list[Lying]]:
    """Return the files to read, oldest first, and everything else with what becomes of it."""
    settled, others = [], []
    if folder.is_symlink() or not folder.is_dir():
        return [], []
    for entry, why in _walk(folder, DEEPEST):
        path = Path(entry.path)
        if why is not None:
            at = _shown_path(folder.parent, path)
            others.append(Lying(at, Fate.ignored, why, "", *_held_by(path, why)))
            continue
        status = entry.stat()
        # A clock that runs ahead dates files in the future; those are not being written for ever.
        if abs(clock.seconds() - status.st_mtime) < SETTLED_SECONDS:
            others.append(Lying(_shown_path(folder.parent, path), Fate.left, Why.being_written))
        else:
            settled.append((status.st_mtime_ns, entry.path, path))
    return [path for _, _, path in sorted(settled)], others


def _walk(folder: Path, levels: int) -> Iterator[tuple[os.DirEntry[str], Why | None]]:
    """Yield every file, and every folder that is not looked into with why not."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        why = _why_ignored(entry)
        if why is not None or not entry.is_dir(follow_symlinks=False):
            yield entry, why
        elif levels == 0:
            yield entry, Why.too_deep
        elif folder_is_void(entry.name):
            yield entry, Why.set_aside
        elif not os.access(entry.path, os.R_OK | os.X_OK):
            yield entry, Why.unreadable
        else:
            yield from _walk(Path(entry.path), levels - 1)


def _held_by(folder: Path, why: Why) -> tuple[int, tuple[str, ...]]:
    """Return how many files a folder holds that people made and is passed over, and which."""
    if why not in _WHOLE_FOLDERS or not folder.is_dir():
        return 0, ()
    found = sorted(shown_name(name) for _, _, names in os.walk(folder) for name in names)
    return len(found), tuple(found)


def _why_ignored(entry: os.DirEntry[str]) -> Why | None:
    """Return why nobody handed in a file of this name and kind; None for one to read."""
    if entry.name.startswith(("~$", ".~lock.")):
        return Why.lock_file
    if entry.name.startswith(".") or entry.name.lower() in _OF_THE_SYSTEM:
        return Why.hidden
    if entry.is_symlink():
        return Why.link
    if entry.is_dir(follow_symlinks=False):
        return Why.package if entry.name.lower().endswith(".numbers") else None
    if entry.name.lower().endswith(_TEMPORARY):
        return Why.temporary
    return None if entry.is_file(follow_symlinks=False) else Why.special


def outside(home: Home) -> Iterator[Lying]:
    """Yield what lies beside the folders of years that have a form."""
    if not home.inbox.is_dir():
        return
    years = set(map(str, form_years(home.forms)))
    for entry in sorted(os.scandir(home.inbox), key=lambda entry: entry.name):
        # Digits of full width look like a year and are another folder than its own.
        is_number = entry.name.isascii() and entry.name.isdecimal()
        is_year = is_number and len(entry.name) == len("2024")
        is_of_a_year = is_year and entry.is_dir(follow_symlinks=False)
        if not is_of_a_year or entry.name not in years:
            why = _why_ignored(entry) or (Why.no_form if is_of_a_year else Why.outside)
            held = _held_by(Path(entry.path), why)
            yield Lying(shown_name(entry.name), Fate.ignored, why, "", *held)


def _sighting(home: Home, year: int, path: Path) -> Sighting:
    """Return a file with the hash of its bytes; without one if it cannot be opened."""
    at = _relative(home, year, path)
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        # Held by its editor, or taken away meanwhile: there will be a next run.
        log.info("%s 暂不可读，下次再读 cannot be read now; the next run will", path.name)
        status = path.stat() if path.exists() else os.stat_result((0,) * 10)
        digest = ""
    return Sighting(at, status.st_mtime_ns, status.st_size, digest)


def _relative(home: Home, year: int, path: Path) -> str:
    return _shown_path(home.inbox_year(year), path)


def _shown_path(folder: Path, path: Path) -> str:
    return "/".join(map(shown_name, path.relative_to(folder).parts))
