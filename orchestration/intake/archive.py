"""The archive: originals and declarations by the hash of their bytes, kept for ever.

What belongs here: keeping bytes, finding them again, noticing that they were altered. What does
not: which files are kept (batch.py, declared/snapshot.py).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, BinaryIO

from orchestration.ground.files import write_bytes, written_whole
from orchestration.ground.home import Home
from orchestration.ground.text import NianbaoError
from orchestration.intake.workbook.limits import MAX_BYTES
from orchestration.intake.workbook.reader import EXTENSIONS

_BLOCK = 1024 * 1024


class NotArchived(NianbaoError):
    """The archive lacks a file, or holds another under its name; the place is its hash."""


class ChangedMeanwhile(NianbaoError):
    """A file is another than when it was found."""


def kept_at(home: Home, digest: str, suffix: str) -> Path:
    """Return where the archive keeps the bytes of a hash; `suffix` lets people open them."""
    return home.archive / digest[:2] / f"{digest}{suffix}"


def keep(home: Home, data: bytes, suffix: str) -> str:
    """Archive bytes, if they are not there yet, and return their hash."""
    digest = hashlib.sha256(data).hexdigest()
    path = kept_at(home, digest, suffix)
    if not path.exists():
        write_bytes(path, data)
    return digest


def keep_file(home: Home, path: Path, data: bytes, digest: str) -> int | None:
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


def _copy_rest(path: Path, begin: int, target: BinaryIO, copied: Any) -> int:
    """Copy what lies behind the beginning, block by block, and return how much that was."""
    size = 0
    with path.open("rb") as source:
        source.seek(begin)
        while block := source.read(_BLOCK):
            copied.update(block)
            size += target.write(block)
    return size


def archived(home: Home, digest: str) -> bytes:
    """Return an archived file's bytes; `NotArchived` if it is gone or was altered."""
    data = archived_path(home, digest).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise altered(digest)
    return data


def original(home: Home, digest: str) -> bytes:
    """Return a workbook as it was handed in, no more of it than a reader takes; empty if gone."""
    path = found_in_archive(home, digest)
    if path is None:
        return b""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def altered(digest: str) -> NotArchived:
    """Return the exception of an archived file whose bytes are others."""
    return NotArchived("存档中的文件已被改动。", "The archive's file was altered.", digest)


def archived_path(home: Home, digest: str) -> Path:
    """Return where the archive holds a file; `NotArchived` if it does not."""
    path = found_in_archive(home, digest)
    if path is None:
        raise NotArchived("存档中缺少这个文件。", "The archive lacks this file.", digest)
    return path


def found_in_archive(home: Home, digest: str) -> Path | None:
    """Return where the archive holds a file, None if it does not or if that is no hash at all."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        return None
    return next((home.archive / digest[:2]).glob(f"{digest}*"), None)
