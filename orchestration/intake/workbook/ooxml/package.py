"""Packages of .xlsx that are put together in ways that the fast reader does not know.

What belongs here: how parts are named and found, and putting a package together anew in the usual
way. What does not: what the parts say (intake/workbook/xlsx.py).
"""

from __future__ import annotations

import re
import zipfile
from functools import lru_cache
from io import BytesIO
from urllib.parse import unquote

from orchestration.intake.workbook.limits import broken, unpack
from orchestration.intake.workbook.xml_steps import opened

_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # how UTF-16 begins
_DECLARATION = re.compile(r"\s*<\?xml\b.*?\?>", re.DOTALL)  # matched where a part begins
_DRESSED = re.compile(rb"Target=.(?:[^\"':]{0,500}%|\./|\.\./xl/)", re.IGNORECASE)
_TARGET = re.compile(r"(?<=\bTarget=)([\"'])(.*?)\1")


def parts_of(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return a package's parts by their paths; raises `UnreadableFile` for two of one path."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    parts = {member_path(member.filename): member for member in members}
    if len(parts) < len(members):
        raise broken("压缩包内有同名部分", "two of its parts have one name")
    return parts


class UnusualPackageError(Exception):
    """A package that has to be put together anew before it is read."""


def require_usual(part: bytes) -> bytes:
    """Return a part as it is; raises `UnusualPackageError` for UTF-16."""
    if part[:2] in _WIDE:
        raise UnusualPackageError
    return part


def require_plain_targets(relations: bytes) -> bytes:
    """Return relations as they are; raises `UnusualPackageError` for targets with steps, or %20."""
    if _is_dressed(relations):
        raise UnusualPackageError
    return require_usual(relations)


@lru_cache(maxsize=16)
def _is_dressed(relations: bytes) -> bool:
    """Tell whether targets have steps, or %20; the same for all workbooks from one template."""
    return _DRESSED.search(relations) is not None


def names_a_workbook(archive: zipfile.ZipFile) -> bool:
    """Tell whether a package without a workbook at the usual place has one at all."""
    parts = {member_path(name): name for name in archive.namelist()}
    return _workbook_of(archive, parts) in parts


def names_another_workbook(data: bytes, archive: zipfile.ZipFile) -> bool:
    """Tell whether a package with a workbook at the usual place has another for its document."""
    parts = {member_path(member.filename): member for member in archive.infolist()}
    given = parts.get("_rels/.rels")
    return given is not None and any(
        path != _WORKBOOK and path in parts for path in _documents(unpack(data, given))
    )


def usual_package(archive: zipfile.ZipFile) -> bytes:
    """Return a package with its parts in UTF-8, at the places where the fast reader looks."""
    parts = {path: member.filename for path, member in parts_of(archive).items()}
    workbook = _workbook_of(archive, parts)
    folder, _, name = workbook.rpartition("/")
    relations = member_path(f"{folder}/_rels/{name}.rels")
    places = {workbook: _WORKBOOK, relations: _RELATIONS}
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as made:
        for path, given in parts.items():
            content = _in_utf8(archive.read(given))
            if path == relations:
                content = _plain_targets(content, folder, parts)
            made.writestr(places.get(path, _plain_name(given)), content)
    return target.getvalue()


def _workbook_of(archive: zipfile.ZipFile, parts: dict[str, str]) -> str:
    """Return the path of the part that a package names as its document."""
    given = parts.get("_rels/.rels")
    for path in _documents(archive.read(given)) if given else ():
        if path.startswith("xl/") and path.endswith(".xml") and path in parts:
            return path
    return _WORKBOOK


@lru_cache(maxsize=16)
def _documents(relations: bytes) -> list[str]:
    """Return the paths of what a package's relations name as its document."""
    return [
        target_path("", relation.get("Target", ""))
        for relation in opened(relations, "Relationship")
        if relation.get("Type", "").endswith("/officeDocument")
    ]


def _plain_targets(relations: bytes, folder: str, parts: dict[str, str]) -> bytes:
    def plain(found: re.Match[str]) -> str:
        path = target_path(folder, found[2])
        return f'"/{_plain_name(parts[path])}"' if path in parts else found[0]

    return _TARGET.sub(plain, relations.decode("utf-8", "replace")).encode()


def _plain_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/")


def _in_utf8(part: bytes) -> bytes:
    if part[:2] not in _WIDE:
        return part
    text = part.decode("utf-16", "replace")
    declared = _DECLARATION.match(text)
    return text[declared.end() if declared else 0 :].encode()


def target_path(folder: str, target: str) -> str:
    """Return the path of a part by what the relations of a folder call it."""
    target = unquote(target)
    return member_path(target if target.startswith("/") else f"{folder}/{target}")


@lru_cache(maxsize=1024)
def member_path(path: str) -> str:
    """Return a member's path without its dressings: slashes, case, steps up."""
    parts: list[str] = []
    for part in path.replace("\\", "/").lower().split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
