"""Walking through the XML of a workbook, element by element, without keeping any.

What belongs here: the parser and what it refuses. What does not: what the elements mean (xlsx.py,
ods/).
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple

from lxml import etree

from orchestration.intake.workbook.limits import broken


class Step(NamedTuple):
    """An element that begins, or that ends with all that is in it; names without namespaces."""

    is_end: bool
    name: str
    attributes: dict[str, str]
    element: Any


def steps(xml: bytes, *names: str) -> Iterator[Step]:
    """Yield where the elements of some names begin and end, and keep none of them.

    A document type is refused as a broken file, and with it every trick of entities.
    """
    events = etree.iterparse(
        BytesIO(xml),
        events=("start", "end"),
        tag=[f"{{*}}{name}" for name in names],
        remove_comments=True,
        resolve_entities=False,
    )
    for event, element in events:
        if element.getroottree().docinfo.doctype:
            raise broken("文件不是由表格软件保存的", "no spreadsheet program saved this file")
        attributes = {local(name): value for name, value in element.items()}
        yield Step(event == "end", local(element.tag), attributes, element)
        if event == "end":
            element.clear()
            before = element.getprevious()
            if before is not None and before.tag == element.tag:
                element.getparent().remove(before)  # emptied, a million of them fill the memory


def parsed(xml: bytes) -> Any:
    """Return a document's root, without comments and instructions; refuses what `steps` does."""
    parser = etree.XMLParser(
        remove_comments=True, remove_pis=True, resolve_entities=False, huge_tree=True
    )
    root = etree.fromstring(xml, parser)
    if root.getroottree().docinfo.doctype:
        raise broken("文件不是由表格软件保存的", "no spreadsheet program saved this file")
    return root


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def opened(xml: bytes, tag: str) -> Iterator[dict[str, str]]:
    """Yield the attributes of every element of a name."""
    for step in steps(xml, tag):
        if not step.is_end:
            yield step.attributes
