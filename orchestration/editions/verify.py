"""Whether what was published is still what was published: every file against its hash.

What belongs here: comparing folders with their manifests, and manifests with the ledger. What does
not: making an edition again (publishing/rebuild.py).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from orchestration.editions.life import Edition, all_editions
from orchestration.ground.home import Home
from orchestration.ground.ledger import Ledger


@dataclass(frozen=True)
class Fault:
    """One file of an edition that is not as it was published."""

    edition: Edition
    file: str
    zh: str
    en: str


def verify_edition(edition: Edition) -> list[Fault]:
    """Return what is wrong with an edition's files: altered, missing or added; none if nothing."""
    if not edition.folder.is_dir():
        return [_fault(edition, ".", "文件夹不见了", "the folder is gone")]
    present = {
        path.relative_to(edition.folder).as_posix(): path
        for path in sorted(edition.folder.rglob("*"))
        if not path.is_dir()
    }
    manifest = present.pop("manifest.json", None)
    if manifest is None:
        return [_fault(edition, "manifest.json", "文件缺失", "the file is missing")]
    text = manifest.read_bytes()
    if hashlib.sha256(text).hexdigest() != edition.manifest_hash:
        return [
            _fault(
                *(edition, "manifest.json", "与账本中的哈希不符，已被改动"),
                "it is not what the ledger recorded: it was altered",
            )
        ]
    listed = json.loads(text)["files"]
    faults = []
    for name in sorted({*listed, *present}):
        if name not in present:
            faults.append(_fault(edition, name, "文件缺失", "the file is missing"))
        elif name not in listed:
            faults.append(_fault(edition, name, "不属于本版次", "it does not belong here"))
        elif hashlib.sha256(present[name].read_bytes()).hexdigest() != listed[name]:
            faults.append(_fault(edition, name, "内容已被改动", "its content was altered"))
    return faults


def verify_all(home: Home, ledger: Ledger) -> tuple[int, list[Fault]]:
    """Return how many editions the ledger knows, and what is wrong with any of them.

    A folder that the ledger does not know is a fault too. Raises `LedgerBroken` first of all.
    """
    ledger.verify()
    known = all_editions(home, ledger)
    faults = [fault for edition in known for fault in verify_edition(edition)]
    folders = {edition.folder for edition in known}
    for folder in sorted(home.published.glob("*/*/v*")):
        if folder.is_dir() and folder not in folders:
            city, year = folder.parts[-3:-1]
            nobody = Edition(city, int(year), int(folder.name[1:]), folder, "", "", "", "")
            faults.append(
                _fault(nobody, ".", "账本中没有这个版次", "the ledger knows no such edition")
            )
    return len(known), faults


def _fault(edition: Edition, file: str, zh: str, en: str) -> Fault:
    place = f"{edition.city}/{edition.year}/v{edition.number}/{file}"
    return Fault(edition, file, f"{place}：{zh}。", f"{place}: {en}.")
