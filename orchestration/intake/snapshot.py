"""What a home declares itself, kept in the archive as it was: cities, forms, rules, standards.

What belongs here: keeping these files by their hash, and putting them back into another home. What
does not: workbooks (batch.py), and what the files say (reference.py, forms/contract.py,
gate/rules.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

from orchestration.ground.home import Home

_FOLDERS = ("cities", "forms", "expectations")


class NotArchived(Exception):
    """The archive lacks a file, or holds another under its name; the message names it."""


def keep_reference(home: Home) -> str:
    """Archive every file that the home declares; return the hash of the list of them.

    The list, `{path in the home: hash}`, is archived as well.
    """
    paths = [p for name in _FOLDERS for p in (home.root / name).rglob("*") if p.is_file()]
    paths += [home.standards] if home.standards.is_file() else []
    listed = {
        str(path.relative_to(home.root)): _keep(home, path.read_bytes(), path.suffix)
        for path in sorted(paths)
        if not path.name.startswith((".", "~$"))
    }
    return _keep(home, json.dumps(listed, ensure_ascii=False, indent=1).encode(), ".json")


def reference_files(home: Home, digest: str) -> dict[str, str]:
    """Return the list that `keep_reference` archived; `NotArchived` if it is not there."""
    return json.loads(archived(home, digest))


def restore_reference(archive: Home, digest: str, home: Home) -> None:
    """Make a home declare what the archive's home declared, and nothing else.

    Raises `NotArchived` before anything was written.
    """
    listed = reference_files(archive, digest)
    contents = {path: archived(archive, file_hash) for path, file_hash in listed.items()}
    for name in _FOLDERS:
        for path in sorted((home.root / name).rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
    home.standards.unlink(missing_ok=True)
    for name, data in contents.items():
        path = home.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def archived(home: Home, digest: str) -> bytes:
    """Return an archived file's bytes; `NotArchived` if it is gone or was altered."""
    data = archived_path(home, digest).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise NotArchived(
            f"存档中的文件 {digest} 已被改动。The archive's file {digest} was altered."
        )
    return data


def archived_path(home: Home, digest: str) -> Path:
    """Return where the archive holds a file; `NotArchived` if it does not."""
    path = found_in_archive(home, digest)
    if path is None:
        raise NotArchived(f"存档中缺少文件 {digest}。The archive lacks the file {digest}.")
    return path


def found_in_archive(home: Home, digest: str) -> Path | None:
    """Return where the archive holds a file, None if it does not or if that is no hash at all."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        return None
    return next((home.archive / digest[:2]).glob(f"{digest}*"), None)


def _keep(home: Home, data: bytes, suffix: str) -> str:
    digest = hashlib.sha256(data).hexdigest()
    kept = home.archive / digest[:2] / f"{digest}{suffix}"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        beside = kept.with_name(f".{digest}.{os.getpid()}")
        beside.write_bytes(data)
        os.replace(beside, kept)
    return digest
