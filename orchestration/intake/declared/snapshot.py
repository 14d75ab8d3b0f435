"""What a home declares itself, kept in the archive as it was: cities, forms, rules, standards.

What belongs here: which files these are, and putting them back into another home. What does not:
the archive itself (intake/archive.py), and what the files say (reference.py, forms/contract.py,
gate/rules.py).
"""

from __future__ import annotations

import json

from orchestration.ground.files import write_bytes
from orchestration.ground.home import Home
from orchestration.intake.archive import archived, keep

_FOLDERS = ("cities", "forms", "expectations")


def keep_reference(home: Home) -> str:
    """Archive every file that the home declares; return the hash of the list of them.

    The list, `{path in the home: hash}`, is archived as well.
    """
    paths = [p for name in _FOLDERS for p in (home.root / name).rglob("*") if p.is_file()]
    paths += [home.standards] if home.standards.is_file() else []
    listed = {
        str(path.relative_to(home.root)): keep(home, path.read_bytes(), path.suffix)
        for path in sorted(paths)
        if not path.name.startswith((".", "~$"))
    }
    return keep(home, json.dumps(listed, ensure_ascii=False, indent=1).encode(), ".json")


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
        write_bytes(home.root / name, data)
