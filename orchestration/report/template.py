"""The bureau's Word template: where its placeholders stand, and what is wrong with them.

What belongs here: reading the text of a .docx paragraph by paragraph and naming every place that
would stop the report. What does not: filling it (word.py), or what the names mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from io import BytesIO
from typing import Any

from orchestration.report.context import ReportContext
from orchestration.report.figure import Figure, Reason

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_LOOSE = re.compile(r"\{\{|\}\}|\{%|%\}|[｛｝][｛｝%]|[{｛]\s*[a-z][a-z0-9_.]+\s*[}｝]")
_PREFIX = re.compile(r"(\{%|\{\{)(tr|tc|p|r) ")
_BLOCK = re.compile(r"\{%-?\s*(end)?(if|for)\b")
_LINKED = ("/image", "/oleObject", "/attachedTemplate", "/frame", "/subDocument")
_SHOWN = 60
_ANYTHING = object()


@dataclass(frozen=True)
class Place:
    """One place of a template that stops the report, with what to do, in both languages."""

    where: str
    heading: str
    placeholder: str
    zh: str
    en: str


class ReportStopped(Exception):
    """The report cannot be made; `places` are all the places that stop it."""

    def __init__(self, places: list[Place]) -> None:
        """Take the places; the message lists them."""
        lines = [f"[{p.heading}] {p.where} {p.placeholder}: {p.zh} {p.en}" for p in places]
        super().__init__("\n".join(lines))
        self.places = places


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
        return Place(f"{self.where}“{shown}”", self.heading, placeholder, zh, en)


def broken_file(template: bytes) -> list[Place]:
    """Return why a file is no Word template at all; empty if it can be opened."""
    from docx import Document

    from orchestration.intake.workbook.limits import open_archive
    from orchestration.intake.workbook.problems import UnreadableFile

    def file(zh: str, en: str) -> list[Place]:
        return [Place("文件 file", "", "", zh, en)]

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


def check_paragraphs(
    parts: list[list[Paragraph]], environment: Any, context: Callable[..., ReportContext]
) -> list[Place]:
    """Return every place that stops the report: broken tags, unknown names, figures not there.

    `environment` is lenient with what is undefined, so that one place does not hide the next;
    `context` makes the context, given what is called for a figure that cannot be printed.
    """
    found = []
    for part in parts:
        checker = _Checker(part, environment, context)
        found += checker.places()
    return found


def _loose(text: str) -> str | None:
    """Return the first brace that belongs to no whole tag; None if there is none."""
    rest = _TAG.sub(lambda found: "{{" if "{{" in found[0][2:] else "", text)
    found = _LOOSE.search(rest)
    return found[0] if found else None


def _depth(tags: list[str]) -> int:
    """Return how many blocks are open at the end of a paragraph that it should have closed."""
    own = (tag for tag in tags if not _PREFIX.match(tag))
    return sum(-1 if end else 1 for tag in own for end, _ in _BLOCK.findall(tag))


def _normal(text: str) -> str:
    """Return a tag as plain Jinja: without docxtpl's prefixes, Word's quotes straightened."""
    text = _PREFIX.sub(r"\1 ", text)
    text = re.sub(r"\{%\s*(colspan|cellbg)\s(.*?)%\}", r"{{ \2 }}", text)
    text = re.sub(r"\{%\s*[vh]m\s*%\}", "", text)
    return text.translate(str.maketrans("“”‘’", "\"\"''"))


class _Checker:
    """One part's paragraphs as a Jinja template of one line each, so that a line is a place."""

    def __init__(
        self, part: list[Paragraph], environment: Any, context: Callable[..., ReportContext]
    ) -> None:
        self.part, self.environment = part, environment
        self.found: dict[tuple[int, str], Place] = {}
        self.dropped: list[str] = []
        self.at = 0
        self.context = context(missing=self._missing, draw=lambda name: name).placeholders

    def places(self) -> list[Place]:
        """Return the broken tags, the unknown names and the figures that rendering would miss."""
        from jinja2 import TemplateSyntaxError

        lines = [self._sound_tags(at, paragraph) for at, paragraph in enumerate(self.part)]
        try:
            self._look_at(lines, dict.fromkeys(self.dropped, _ANYTHING))
        except TemplateSyntaxError as error:
            if not self.found:  # else a broken tag, which is named, has left its pair alone
                zh = f"语句不成对或写法有误（{error.message}）。"
                self._add(error.lineno - 1, "{% … %}", zh, f"{error.message}.")
            printing = [self._drop(line) for line in lines]
            self._look_at(printing, dict.fromkeys(self.dropped, _ANYTHING))
        return [self.found[key] for key in sorted(self.found, key=lambda key: key[0])]

    def _drop(self, tags: list[str]) -> list[str]:
        """Return the tags that print; the names that the others would have made stay known."""
        self.dropped += ["loop", *re.findall(r"\bfor\s+(\w+)", "".join(tags))]
        return [tag for tag in tags if tag.startswith("{{")]

    def _sound_tags(self, at: int, paragraph: Paragraph) -> list[str]:
        """Return the tags of a paragraph that can be read; those that cannot are places."""
        from jinja2 import TemplateError

        tags = _TAG.findall(paragraph.text)
        if loose := _loose(paragraph.text):
            self._add(
                at,
                loose,
                "占位符不完整：应写成 {{ 指标编号 }}，用半角大括号，且在同一段内。",
                "a placeholder is not whole: write {{ indicator_id }} with plain braces, within "
                "one paragraph.",
            )
        if _depth(tags):
            self._add(
                at,
                "{% … %}",
                "这一段里的 if 或 for 没有在本段内结束；跨段请写 {%p … %}，跨行请写 {%tr … %}。",
                "an if or for does not end in this paragraph; write {%p … %} across paragraphs "
                "and {%tr … %} across rows.",
            )
            tags = self._drop(tags)
        sound = []
        for tag in tags:
            if tag.startswith(("{%tr ", "{%tc ")) and not paragraph.in_row:
                zh = f"{tag[:4]} 只能写在表格里。"
                self._add(at, tag, zh, f"{tag[:4]} belongs in a table row.")
                continue
            try:
                if tag.startswith("{{"):
                    self.environment.from_string(_normal(tag))
            except TemplateError as error:
                zh = f"占位符写法有误（{error.message}）。"
                self._add(at, tag, zh, f"this cannot be read: {error.message}.")
            else:
                sound.append(_normal(tag))
        return sound

    def _look_at(self, lines: list[list[str]], scope: dict[str, Any]) -> None:
        """Look at the names, then fill the lines; `TemplateSyntaxError` if they are no template."""
        from jinja2 import TemplateError

        text = "\n".join(f"{{{{ _at({at}) }}}}{' '.join(tags)}" for at, tags in enumerate(lines))
        template = self.environment.from_string(text)
        self._walk(self.environment.parse(text), {**scope, "_at": _ANYTHING})
        try:
            template.render(self.context, _at=self._arrive)
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            zh = f"这里的语句不能执行（{error}）。"
            self._add(self.at, "{{ … }}", zh, f"this cannot be carried out: {error}.")

    def _arrive(self, at: int) -> str:
        self.at = at
        return ""

    def _add(self, line: int, placeholder: str, zh: str, en: str) -> None:
        at = min(max(line, 0), len(self.part) - 1)
        self.found.setdefault((at, placeholder), self.part[at].place(placeholder, zh, en))

    def _missing(self, figure: Figure, reason: Reason) -> str:
        said = reason.of(figure)
        self._add(self.at, f"{{{{ {figure.indicator_id} }}}}", said.zh, said.en)
        return ""

    # -- names -------------------------------------------------------------------------------------

    def _walk(self, node: Any, scope: dict[str, Any]) -> None:
        """Look at every name of the template, also in branches that this edition does not take."""
        from jinja2 import nodes

        if isinstance(node, nodes.For):
            self._walk(node.iter, scope)
            rows = self._value(node.iter, scope)
            sample = getattr(rows, "sample", _ANYTHING)
            inner = {**scope, "loop": _ANYTHING, **dict.fromkeys(_targets(node.target), sample)}
            for child in (*node.body, *node.else_, *([node.test] if node.test else [])):
                self._walk(child, inner)
            return
        if isinstance(node, nodes.Assign):
            scope |= dict.fromkeys(_targets(node.target), _ANYTHING)
        if isinstance(node, nodes.Name) and node.ctx == "load":
            self._value(node, scope, is_said=True)
        elif isinstance(node, nodes.Getattr):
            self._value(node, scope, is_said=True)
            return
        for child in node.iter_child_nodes():
            self._walk(child, scope)

    def _value(self, node: Any, scope: dict[str, Any], is_said: bool = False) -> Any:
        """Return what a name stands for, `_ANYTHING` where only rendering can tell."""
        from jinja2 import Undefined, nodes

        if isinstance(node, nodes.Name):
            known = {**self.context, **scope}
            if node.name in known:
                return known[node.name]
            self._unknown(node, node.name, known, is_said)
        elif isinstance(node, nodes.Getattr):
            base = self._value(node.node, scope, is_said)
            if base is _ANYTHING:
                return base
            known = base if isinstance(base, dict) else {n: 0 for n in dir(base) if n[0] != "_"}
            if isinstance(base, Figure) and node.attr in known:
                return _ANYTHING  # asking it would already print it
            value = self.environment.getattr(base, node.attr)
            if not isinstance(value, Undefined):
                return value
            self._unknown(node, f"{_source(node.node)}.{node.attr}", known, is_said)
        elif is_said:
            self._walk(node, scope)
        return _ANYTHING

    def _unknown(self, node: Any, name: str, known: dict[str, Any], is_said: bool) -> None:
        if not is_said:
            return
        near = get_close_matches(name.rpartition(".")[2], [str(key) for key in known], n=3)
        zh = "没有这个占位符。" + (f"是否应为 {'、'.join(near)}？" if near else "")
        en = "there is no such placeholder." + (f" Did you mean {', '.join(near)}?" if near else "")
        self._add(node.lineno - 1, f"{{{{ {name} }}}}", zh, en)


def _targets(node: Any) -> list[str]:
    from jinja2 import nodes

    return [name.name for name in ([node] if isinstance(node, nodes.Name) else node.items)]


def _source(node: Any) -> str:
    from jinja2 import nodes

    if isinstance(node, nodes.Getattr):
        return f"{_source(node.node)}.{node.attr}"
    return str(node.name) if isinstance(node, nodes.Name) else "…"
