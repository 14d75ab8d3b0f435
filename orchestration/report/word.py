"""The report in Word: the bureau's template filled with an edition's figures, tables and charts.

What belongs here: filling a template and writing the same bytes for the same content. What does
not: what placeholders mean (context.py), whether a template is sound (template.py).
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from orchestration.ground.home import Home
from orchestration.ground.terms import SYNTHETIC
from orchestration.ground.text import Text
from orchestration.report.content import CLOSE, MIDDLE, OPEN, ReportContent
from orchestration.report.context import ReportContext
from orchestration.report.figure import Figure, Reason, after_units
from orchestration.report.placeholders import Checked, check_paragraphs
from orchestration.report.template import FILE, Place, ReportStopped, broken_file, paragraphs

__all__ = [
    "Place",
    "ReportContent",
    "ReportStopped",
    "check_template",
    "document_of",
    "fill",
    "render_report",
    "report_template",
    "require_sound",
]

GENERIC_TEMPLATE = Path(__file__).parent / "templates" / "report.docx"
_CHART_WIDTH = 5_400_000  # English Metric Units: 15 cm, the text's width on A4
_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
_ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "%", "**"})


def report_template(home: Home, city: str) -> bytes:
    """Return the city's own template, or the generic one where the bureau has none."""
    own = home.cities / city / "report.docx"
    return (own if own.is_file() else GENERIC_TEMPLATE).read_bytes()


def check_template(template: bytes, content: ReportContent) -> Checked:
    """Return every place of a template that stops this edition's report, and what the report lacks.

    What stops it: a file that is no .docx, broken tags, unknown names with those that are near. It
    lacks figures that the city has no value for or that are withheld, and changes on last year that
    cannot be told: a dash with the reason stands in their place.
    """
    from orchestration.report.charts import CHARTS

    def context(**callbacks: Any) -> ReportContext:
        return ReportContext(content, chart_names=list(CHARTS), **callbacks)

    if found := broken_file(template):
        return Checked(found, [])
    return check_paragraphs(paragraphs(template), _environment(is_strict=False), context)


def render_report(template: bytes, content: ReportContent) -> bytes:
    """Return the report as .docx: the same bytes for the same template and content.

    Raises `ReportStopped` with all the places that stop it. The notice of synthetic data stands
    first on page 1, whatever the template says.
    """
    require_sound(template, content)
    return document_of(template, content)


def require_sound(template: bytes, content: ReportContent) -> list[Place]:
    """Return the places that lack a figure; raise `ReportStopped` if anything stops the report."""
    checked = check_template(template, content)
    if checked.stops:
        raise ReportStopped(checked.stops)
    return checked.lacks


def document_of(template: bytes, content: ReportContent) -> bytes:
    """Return the report as .docx from a template that was checked."""
    document = fill(template, content)
    if content.place["is_synthetic"]:
        _put_first(document, str(SYNTHETIC))
    _describe(document, content)
    return _packed(document)


def fill(template: bytes, content: ReportContent, is_marked: bool = False) -> Any:
    """Return the python-docx document of a template that was checked, filled.

    Where `is_marked`, each figure stands between marks that name it, and a chart's mark stands
    for its picture: the page makes links and pictures of its own. Raises `ReportStopped` for what
    only filling shows.
    """
    from orchestration.report.charts import CHARTS

    filled = _open(template)

    def draw(name: str) -> Any:
        if is_marked:
            return f"{OPEN}chart{MIDDLE}{name}{CLOSE}"
        return _Picture(filled, name, content)

    def missing(figure: Figure, reason: Reason) -> None:
        """Leave it: check_template has named it."""

    context = ReportContext(content, missing, draw, list(CHARTS), is_marked)
    try:
        filled.render(context.placeholders, _environment())
    except Exception as error:  # docxtpl, jinja2 and lxml: whatever a template can provoke
        said = Text(
            f"模板填不进去：{error}。请检查表格里的 {{%tr … %}} 是否各占一行。",
            f"the template cannot be filled: {error}.",
        )
        raise ReportStopped([Place(FILE, "", "", said)]) from error
    return filled.docx


def _environment(is_strict: bool = True) -> Any:
    """Return Jinja as templates may use it: in a sandbox, escaping, without arithmetic.

    A check is not strict: what is undefined is named, and must not hide the places after it.
    """
    from jinja2 import ChainableUndefined, StrictUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        """Figures are computed in the warehouse, where they can be traced; never in a template."""

        intercepted_binops = _ARITHMETIC

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            raise SecurityError(f"no arithmetic in a template: {operator} 模板里不做运算")

    undefined = StrictUndefined if is_strict else ChainableUndefined
    environment = Environment(autoescape=True, undefined=undefined)
    environment.globals.clear()  # range, lipsum and the like have no place in a report
    return environment


def _open(template: bytes) -> Any:
    """Return docxtpl's template; the properties are written from the content, not filled."""
    from docxtpl import DocxTemplate

    class Template(DocxTemplate):
        def render_xml_part(self, *parts: Any) -> str:
            """Put what a figure says of its schools behind its unit, in each part."""
            return after_units(super().render_xml_part(*parts))

        def render_properties(self, context: Any, jinja_env: Any = None) -> None:
            """Leave them."""

    return Template(BytesIO(template))


class _Picture:
    """A chart as docxtpl puts it between runs of text; drawn only where a template asks for it."""

    def __init__(self, template: Any, name: str, content: ReportContent) -> None:
        self.template, self.name, self.content = template, name, content

    def __html__(self) -> str:
        from orchestration.report.charts import chart
        from orchestration.report.drawing import png

        shown = chart(self.name, self.content)
        if shown.is_empty:
            said = f"没有数据。No data for this chart. {shown.note}".strip()
            return escape(f"（{shown.title.zh}：{said}）")
        picture = self.template.current_rendering_part.new_pic_inline(
            BytesIO(png(shown)), width=_CHART_WIDTH
        )
        picture.docPr.set("descr", shown.alternative)
        picture.docPr.set("name", shown.title.zh)
        return (
            f"</w:t></w:r><w:r><w:drawing>{picture.xml}</w:drawing></w:r>"
            '<w:r><w:t xml:space="preserve">'
        )


def with_notice(document: bytes, notice: str) -> bytes:
    """Return a copy of a report with a notice above all else, and at the head of each page."""
    from docx import Document

    opened = Document(BytesIO(document))
    _put_first(opened, notice)
    for number, section in enumerate(opened.sections):
        for header in (section.header, section.first_page_header, section.even_page_header):
            if number == 0 or not header.is_linked_to_previous:
                header.paragraphs[0].insert_paragraph_before(notice)
    return _packed(opened)


def _put_first(document: Any, notice: str) -> None:
    """Put a framed notice above all else."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    sides = "".join(
        f'<w:{side} w:val="single" w:sz="12" w:space="4" w:color="C00000"/>'
        for side in ("top", "left", "bottom", "right")
    )
    document.element.body.insert(
        0,
        parse_xml(
            f"<w:p {nsdecls('w')}><w:pPr><w:pBdr>{sides}</w:pBdr><w:ind w:firstLine='0'/>"
            f"<w:jc w:val='center'/></w:pPr><w:r><w:rPr><w:b/><w:color w:val='C00000'/>"
            f"<w:sz w:val='21'/></w:rPr><w:t>{escape(notice)}</w:t></w:r></w:p>"
        ),
    )


def _describe(document: Any, content: ReportContent) -> None:
    """Write the document's properties from the content, not from the clock or the template."""
    properties = document.core_properties
    author = f"{content.place['name_zh']}教育局"
    properties.title, properties.author, properties.last_modified_by = content.title, author, author
    properties.created = properties.modified = content.released
    properties.revision = content.edition
    properties.language = "zh-CN"
    properties.comments = str(SYNTHETIC) if content.place["is_synthetic"] else ""


def _packed(document: Any) -> bytes:
    """Return a document's bytes with every date in the archive fixed: python-docx writes the clock.

    The order of the members stays, for Word wants the content types first.
    """
    written, fixed = BytesIO(), BytesIO()
    document.save(written)
    with (
        zipfile.ZipFile(written) as source,
        zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            member = zipfile.ZipInfo(name, _DATE)
            member.create_system, member.external_attr = 3, 0o644 << 16
            target.writestr(member, source.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
