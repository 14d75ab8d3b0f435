"""The bureau's Word template: whether it is one, and its text paragraph by paragraph.

What belongs here: reading a .docx, and how a place in it is named. What does not: what is wrong
with its placeholders (placeholders.py), filling it (word.py), or what the names mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from orchestration.ground.text import Language, NianbaoError, Text

_LINKED = ("/image", "/oleObject", "/attachedTemplate", "/frame", "/subDocument")
_SHOWN = 60
FILE = "文件 file"  # the place of what is wrong with the file as a whole


@dataclass(frozen=True)
class Place:
    """One place of a template that stops the report, with what is wrong and what to do."""

    where: str
    heading: str
    placeholder: str
    said: Text

    def row(self) -> dict[str, str]:
        """Return it as a manifest lists it."""
        return {
            "where": self.where,
            "heading": self.heading,
            "placeholder": self.placeholder,
            "zh": self.said.zh,
            "en": self.said.en,
        }


class ReportStopped(NianbaoError):
    """The report cannot be made; `places` are all the places that stop it."""

    def __init__(self, places: list[Place]) -> None:
        """Take the places; the message lists them."""
        zh, en = (
            "\n".join(
                f"[{p.heading}] {p.where} {p.placeholder}: {p.said[language]}" for p in places
            )
            for language in Language
        )
        super().__init__(zh, en)
        self.places = places

    def __reduce__(self) -> tuple[type[ReportStopped], tuple[list[Place]]]:
        """Let the error cross processes with its places."""
        return type(self), (self.places,)


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of the template: its text, where it stands and the heading above it."""

    text: str
    where: str
    heading: str

    @property
    def in_row(self) -> bool:
        """Whether it is a table's cell, so that a row can be repeated."""
        return self.where.startswith("表")

    def place(self, placeholder: str, zh: str, en: str) -> Place:
        """Return the place that this paragraph is, with what is wrong there."""
        shown = self.text if len(self.text) <= _SHOWN else f"{self.text[:_SHOWN]}…"
        return Place(f"{self.where}“{shown}”", self.heading, placeholder, Text(zh, en))


def broken_file(template: bytes) -> list[Place]:
    """Return why a file is no Word template at all; empty if it can be opened."""
    from docx import Document

    from orchestration.intake.workbook.limits import open_archive
    from orchestration.intake.workbook.problems import UnreadableFile

    def file(zh: str, en: str) -> list[Place]:
        return [Place(FILE, "", "", Text(zh, en))]

    try:
        with open_archive(template) as archive:
            names = archive.namelist()
            kinds = b"".join(archive.read(n) for n in names if n == "[Content_Types].xml")
    except UnreadableFile as error:
        return file(
            f"不是可用的 .docx 文件：{error.said.zh}。请用 Word 另存为 .docx。",
            f"not a usable .docx: {error.said.en}. Save it as .docx in Word.",
        )
    except Exception as error:  # what a broken archive raises is beyond counting
        return file(f"压缩包损坏：{error}。", f"the archive is broken: {error}.")
    if b"macroEnabled" in kinds or any("vbaProject" in name for name in names):
        return file(
            "模板带有宏，不能使用。请另存为不带宏的 .docx。",
            "the template has macros. Save it as a .docx without macros.",
        )
    try:
        document = Document(BytesIO(template))
    except Exception as error:  # python-docx and lxml raise what they please on a broken part
        return file(
            f"Word 打不开这个文件：{error}。请用 Word 修复后另存为 .docx。",
            f"this is no Word document: {error}. Repair it in Word and save it as .docx.",
        )
    return [
        found
        for part in document.part.package.iter_parts()
        for rel in part.rels.values()
        if rel.is_external and rel.reltype.endswith(_LINKED)
        for found in file(
            f"引用了文件外的内容 {rel.target_ref}，请嵌入文档。",
            f"it links to {rel.target_ref} outside the file; embed it.",
        )
    ]


def paragraphs(template: bytes) -> list[list[Paragraph]]:
    """Return the paragraphs of each part that is filled: the body, then headers and footers."""
    from docx import Document
    from docx.opc.constants import RELATIONSHIP_TYPE as REL
    from docx.oxml import parse_xml

    document = Document(BytesIO(template))
    headings = {
        style.style_id: style.name
        for style in document.styles
        if style.name and re.match(r"(heading \d|title)", style.name, re.IGNORECASE)
    }
    parts = [list(_paragraphs(document.element.body, headings, ""))]
    for rel in document.part.rels.values():
        if rel.reltype in (REL.HEADER, REL.FOOTER, REL.FOOTNOTES):
            name = {REL.HEADER: "页眉 header", REL.FOOTER: "页脚 footer"}.get(rel.reltype, "脚注")
            element = parse_xml(rel.target_part.blob)
            parts.append(list(_paragraphs(element, headings, name)))
    return parts


def _paragraphs(root: Any, headings: dict[str, str], part: str) -> Iterator[Paragraph]:
    from docx.oxml.ns import qn

    heading, tables = part, list(root.iter(qn("w:tbl")))
    for element in root.iter(qn("w:p")):
        text = _text(element).strip()
        style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        if style is not None and style.get(qn("w:val")) in headings and text:
            heading = text
        cell = next(element.iterancestors(qn("w:tc")), None)
        where = part or "段落 paragraph"
        if cell is not None:
            row = cell.getparent()
            table = next(row.iterancestors(qn("w:tbl")))
            at = [tables.index(table), table.findall(qn("w:tr")).index(row)]
            at.append(row.findall(qn("w:tc")).index(cell))
            n, r, c = (number + 1 for number in at)
            where = f"表{n}第{r}行第{c}列 table {n} row {r} column {c}"
        yield Paragraph(text, where, heading)


def _text(paragraph: Any) -> str:
    """Return a paragraph's own text, without that of text boxes within it."""
    from docx.oxml.ns import qn

    own = (
        node
        for node in paragraph.iter(qn("w:t"), qn("w:tab"), qn("w:br"))
        if next(node.iterancestors(qn("w:p"))) is paragraph
    )
    return "".join(node.text or "" if node.tag == qn("w:t") else " " for node in own)
