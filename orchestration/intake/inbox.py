"""The inbox: which files lie there, which of them are to be read, and keeping each before it is.

What belongs here: passing over what nobody handed in and saying so, hashes, the names that schools
gave, moving bytes into the archive. What does not: what a file says (reading/) and which of them
are new (batch.py).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from orchestration.forms.contract import form_years
from orchestration.ground import clock
from orchestration.ground.files import write_text, written_whole
from orchestration.ground.home import Home
from orchestration.ground.text import NianbaoError, Term, Text
from orchestration.intake.archive import kept_at
from orchestration.intake.workbook.limits import MAX_BYTES
from orchestration.intake.workbook.reader import EXTENSIONS

log = logging.getLogger(__name__)
SETTLED_SECONDS = 2.0
DEEPEST = 4  # folders in one another that are looked into, under that of the year
_BLOCK = 1024 * 1024
_TEMPORARY = (".tmp", ".part", ".partial", ".crdownload", ".download")
# Folders in which people put away what shall not count any more.
# Part of a longer name such a word is no more than that: 旧州镇 is a place.
_SET_ASIDE = re.compile(
    r"(?:.*[\W\d_])?已?(?:旧|作废|备份|归档|存档|退回|old|backups?|archived?)"
    r"(?:的|版本?|文件夹?|数据|材料|表格?)*(?:[\W\d_].*)?",
    re.IGNORECASE,
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
    that is passed over, and `named` are the names of the first.
    """

    path: str
    fate: Fate
    why: Why | None = None
    same_as: str = ""
    files: int = 0
    named: tuple[str, ...] = ()

    @property
    def reason(self) -> Text:
        """Why it does not count, with the file whose bytes it has or the files that lie in it."""
        if self.why is None:
            return Text("", "")
        zh, en = self.why.zh, self.why.en
        if self.same_as:
            zh, en = f"{zh}：{self.same_as}", f"{en}: {self.same_as}"
        if self.files:
            more = self.files > len(self.named)
            zh += f"；内有 {self.files} 个文件：{'、'.join(self.named)}{' 等' if more else ''}"
            en += f"; files in it: {self.files}: {', '.join(self.named)}{', …' if more else ''}"
        return Text(zh, en)


class Sighting(NamedTuple):
    """A file as a run found it: its path in the year's folder, and what tells its content."""

    path: str
    mtime_ns: int
    size: int
    digest: str  # empty if it could not be opened


class File(NamedTuple):
    """A file to read, the hash of its bytes, and its name as its school wrote it."""

    path: Path
    digest: str
    name: str


class Inbox(NamedTuple):
    """What lies in a year's inbox: the files to read, oldest first, all that were seen, the rest.

    A file to read stands there once, however often its bytes do.
    """

    files: list[File]
    sightings: list[Sighting]
    others: list[Lying]

    @property
    def unready(self) -> int:
        """How many files are still being written, or locked."""
        locked = sum(not sighting.digest for sighting in self.sightings)
        return locked + sum(other.fate == Fate.left for other in self.others)


def handed_in(home: Home, year: int) -> Inbox:
    """Return what was handed in for a year: the same bytes once; empty without an inbox."""
    settled, others = _look(home.inbox_year(year))
    sightings = [_sighting(home, year, path) for path in settled]
    seen: dict[str, Path] = {}
    for path, sighting in zip(settled, sightings, strict=True):
        if sighting.digest:
            seen.setdefault(sighting.digest, path)
    files = [File(path, digest, shown_name(path.name)) for digest, path in seen.items()]
    return Inbox(files, sightings, others)


def contents(
    home: Home, year: int, received: Set[str], nobodys: Set[str] = frozenset()
) -> list[Lying]:
    """Return every file in a year's inbox and outside any, each with what becomes of it.

    `received` are the hashes that were taken in for the year, `nobodys` those of them whose filer
    nobody can tell. Nothing is opened: what the last run did not see as it lies there now is new.
    """
    settled, others = _look(home.inbox_year(year))
    last = {sighting[:3]: sighting.digest for sighting in last_seen(home, year) or ()}
    first: dict[str, str] = {}
    lying = []
    for path in settled:
        at, status = _path_in(home, path), path.stat()
        key = (_relative(home, year, path), status.st_mtime_ns, status.st_size)
        digest = last.get(key)
        if digest is None:
            lying.append(Lying(at, Fate.left, Why.new))
        elif not digest:
            lying.append(Lying(at, Fate.left, Why.locked))
        elif digest in first:
            fate = Fate.taken_in if digest in received else Fate.left
            lying.append(Lying(at, fate, Why.bytes_known, first[digest]))
        elif digest in received:
            first[digest] = at
            lying.append(Lying(at, Fate.taken_in, Why.nobodys if digest in nobodys else None))
        else:
            first[digest] = at
            lying.append(Lying(at, Fate.left, Why.changed))
    return [*lying, *others, *_outside(home)]


def last_seen(home: Home, year: int) -> list[Sighting] | None:
    """Return what the last run saw in a year's inbox; None where none has looked."""
    path = _seen_at(home, year)
    if not path.exists():
        return None
    return [Sighting(*row) for row in json.loads(path.read_text(encoding="utf-8"))]


def keep_seen(home: Home, year: int, inbox: Inbox) -> None:
    """Keep what a run saw, for the next one to tell what came since."""
    rows = json.dumps(inbox.sightings, ensure_ascii=False, indent=0)
    write_text(_seen_at(home, year), rows)


def _seen_at(home: Home, year: int) -> Path:
    return home.raw / "inbox" / f"{year}.json"


def _look(folder: Path) -> tuple[list[Path], list[Lying]]:
    """Return the files to read, oldest first, and everything else with what becomes of it."""
    settled, others = [], []
    if not folder.is_dir():
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
        elif _SET_ASIDE.fullmatch(entry.name):
            yield entry, Why.set_aside
        elif not os.access(entry.path, os.R_OK | os.X_OK):
            yield entry, Why.unreadable
        else:
            yield from _walk(Path(entry.path), levels - 1)


def _held_by(folder: Path, why: Why) -> tuple[int, tuple[str, ...]]:
    """Return how many files lie in a folder that people made and is passed over, and the first."""
    if why not in _WHOLE_FOLDERS or not folder.is_dir():
        return 0, ()
    found = sorted(shown_name(name) for _, _, names in os.walk(folder) for name in names)
    return len(found), tuple(found[:_NAMED])


def _why_ignored(entry: os.DirEntry[str]) -> Why | None:
    """Return why nobody handed in a file of this name and kind; None for one to read."""
    if entry.name.startswith(("~$", ".~lock.")):
        return Why.lock_file
    if entry.name.startswith(".") or entry.name in {"__MACOSX", "Thumbs.db", "desktop.ini"}:
        return Why.hidden
    if entry.is_symlink():
        return Why.link
    if entry.is_dir(follow_symlinks=False):
        return None
    if entry.name.lower().endswith(_TEMPORARY):
        return Why.temporary
    return None if entry.is_file(follow_symlinks=False) else Why.special


def _outside(home: Home) -> Iterator[Lying]:
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


def _path_in(home: Home, path: Path) -> str:
    return _shown_path(home.inbox, path)


def _shown_path(folder: Path, path: Path) -> str:
    return "/".join(map(shown_name, path.relative_to(folder).parts))


def shown_name(name: str) -> str:
    """Return a file's name as text; one that is not UTF-8 came from a Chinese Windows."""
    try:
        return os.fsencode(name).decode("utf-8")
    except UnicodeDecodeError:
        return os.fsencode(name).decode("gb18030", "replace")


def archive(home: Home, path: Path, data: bytes, digest: str) -> int | None:
    """Keep the original by its hash before anything else is done with it; return its size.

    `data` is its beginning, for most files all of it. The bytes are hashed again: a file that
    changed since it was found is left for the next run, and there is nothing to return.
    """
    copied, size = hashlib.sha256(data), len(data)
    if size <= MAX_BYTES and copied.hexdigest() != digest:
        return None
    suffix = next((e for e in EXTENSIONS if path.name.lower().endswith(e)), "")
    kept = kept_at(home, digest, suffix)
    if kept.exists():
        return kept.stat().st_size
    try:
        with written_whole(kept) as beside, beside.open("wb") as target:
            target.write(data)
            if size > MAX_BYTES:
                size += _copy_rest(path, size, target, copied)
            if copied.hexdigest() != digest:
                raise ChangedMeanwhile(
                    "文件在读取时又有改动。", "The file changed while it was read.", path.name
                )
    except ChangedMeanwhile:
        return None
    return size


class ChangedMeanwhile(NianbaoError):
    """A file is another than when it was found."""


def _copy_rest(path: Path, begin: int, target: BinaryIO, copied: Any) -> int:
    """Copy what lies behind the beginning, block by block, and return how much that was."""
    size = 0
    with path.open("rb") as source:
        source.seek(begin)
        while block := source.read(_BLOCK):
            copied.update(block)
            size += target.write(block)
    return size
