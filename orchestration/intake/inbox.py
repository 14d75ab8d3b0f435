"""The inbox: which files lie there to be read, and keeping each before it is read.

What belongs here: passing over what nobody handed in, hashes, the names that schools gave, moving
bytes into the archive. What does not: what a file says (reading/) and which of them are new
(batch.py).
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from orchestration.ground import clock
from orchestration.ground.files import written_whole
from orchestration.ground.home import Home
from orchestration.ground.text import NianbaoError
from orchestration.intake.archive import kept_at
from orchestration.intake.workbook.limits import MAX_BYTES
from orchestration.intake.workbook.reader import EXTENSIONS

log = logging.getLogger(__name__)
SETTLED_SECONDS = 2.0
_BLOCK = 1024 * 1024


class File(NamedTuple):
    """A file to read, the hash of its bytes, and its name as its school wrote it."""

    path: Path
    digest: str
    name: str


class Inbox(NamedTuple):
    """What lies in a year's inbox: the files to read, oldest first, and how many are not ready."""

    files: list[File]
    unready: int


def handed_in(home: Home, year: int) -> Inbox:
    """Return what was handed in for a year: the same bytes once; empty without an inbox."""
    settled, unsettled = _settled_files(home, year)
    files, locked = _hashed(settled)
    return Inbox(files, unsettled + locked)


def _settled_files(home: Home, year: int) -> tuple[list[Path], int]:
    """Return the files to read, oldest first, and how many are still being written."""
    folder = home.inbox_year(year)
    if not folder.is_dir():
        return [], 0
    settled, unsettled = [], 0
    for entry in os.scandir(folder):
        # Excel's lock files, hidden files and downloads under way are nobody's submission.
        if entry.name.startswith(("~$", ".")) or not entry.is_file(follow_symlinks=False):
            continue
        if entry.name.endswith((".tmp", ".part", ".crdownload")):
            continue
        status = entry.stat()
        # A clock that runs ahead dates files in the future; those are not being written for ever.
        if abs(clock.seconds() - status.st_mtime) < SETTLED_SECONDS:
            unsettled += 1
        else:
            settled.append((status.st_mtime_ns, entry.name, Path(entry.path)))
    return [path for _, _, path in sorted(settled)], unsettled


def _hashed(files: Sequence[Path]) -> tuple[list[File], int]:
    """Return each file with the hash of its bytes, the same bytes once; and how many are locked."""
    seen: dict[str, Path] = {}
    locked = 0
    for path in files:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            # Held by its editor, or taken away meanwhile: there will be a next run.
            log.info("%s 暂不可读，下次再读 cannot be read now; the next run will", path.name)
            locked += 1
            continue
        seen.setdefault(digest, path)
    return [File(path, digest, _shown(path.name)) for digest, path in seen.items()], locked


def _shown(name: str) -> str:
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
