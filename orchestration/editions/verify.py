"""Whether what was published is still what was published: every file against its hash.

What belongs here: comparing folders with their manifests, and manifests with the ledger. What does
not: making an edition again (publishing/rebuild.py).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from orchestration.editions.history import Edition, every_city_year
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger
from orchestration.ground.text import Text


@dataclass(frozen=True)
class Fault:
    """One file of an edition that is not as it was published; `.` is the folder itself."""

    file: str
    text: Text


def verify_edition(edition: Edition) -> list[Fault]:
    """Return what is wrong with an edition's files: altered, missing or added; none if nothing."""
    folder = edition.folder
    if not folder.is_dir():
        return [_fault(folder, ".", "文件夹不见了", "the folder is gone")]
    present = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if not path.is_dir()
    }
    manifest = present.pop("manifest.json", None)
    if manifest is None:
        return [_fault(folder, "manifest.json", "文件缺失", "the file is missing")]
    text = manifest.read_bytes()
    if hashlib.sha256(text).hexdigest() != edition.manifest_hash:
        zh, en = (
            "与账本中的哈希不符，已被改动",
            "it is not what the ledger recorded: it was altered",
        )
        return [_fault(folder, "manifest.json", zh, en)]
    listed = json.loads(text)["files"]
    faults = []
    for name in sorted({*listed, *present}):
        if name not in present:
            faults.append(_fault(folder, name, "文件缺失", "the file is missing"))
        elif name not in listed:
            faults.append(_fault(folder, name, "不属于本版次", "it does not belong here"))
        elif hashlib.sha256(present[name].read_bytes()).hexdigest() != listed[name]:
            faults.append(_fault(folder, name, "内容已被改动", "its content was altered"))
    return faults


def verify_all(home: Home, ledger: Ledger) -> tuple[int, list[Fault]]:
    """Return how many editions the ledger knows, and what is wrong with any of them.

    A folder that the ledger does not know is a fault too. Raises `LedgerBroken` first of all.
    """
    ledger.verify()
    known = [edition for one in every_city_year(home, ledger) for edition in one.editions]
    faults = [fault for edition in known for fault in verify_edition(edition)]
    folders = {edition.folder for edition in known}
    folders |= {edition.marked_folder for edition in known if edition.withdrawal}
    faults += [
        _fault(folder, ".", "账本中没有这个版次", "the ledger knows no such edition")
        for root in (home.published, home.embargoed)
        for folder in sorted(root.glob("*/*/v*"))
        if folder.is_dir() and folder not in folders
    ]
    return len(known), faults


def _fault(folder: Path, file: str, zh: str, en: str) -> Fault:
    place = "/".join((*folder.parts[-3:], file))
    return Fault(file, Text(f"{place}：{zh}。", f"{place}: {en}."))
