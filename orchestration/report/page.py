"""The report as one page of HTML: the same template, each figure linked to the cells it comes from.

What belongs here: turning the filled template into a page that needs no network and no script. What
does not: what the report says (word.py), or what a figure comes from: the trace is given.
"""

from __future__ import annotations

import html
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.editions.history import State
from orchestration.ground.terms import SYNTHETIC
from orchestration.report.blocks import dress_tables, put_charts
from orchestration.report.content import CLOSE, MIDDLE, OPEN, ReportContent
from orchestration.report.traces import traced
from orchestration.report.word import Place, document_of, fill, require_sound

if TYPE_CHECKING:
    import pandas as pd
    from lxml.html import HtmlElement

_MARK = re.compile(f"{OPEN}([^{MIDDLE}]*){MIDDLE}([^{CLOSE}]*){CLOSE}")
_STYLES = "\n".join(
    (
        "p[style-name='Title'] => p.cover-title:fresh",
        "p[style-name='Subtitle'] => p.cover-line:fresh",
        "p[style-name='Caption'] => p.caption:fresh",
        "p[style-name='caption'] => p.caption:fresh",
        "p[style-name='Note'] => p.note:fresh",
        "p[style-name='Figure'] => p.chart:fresh",
    )
)
_HEADINGS = ("h1", "h2", "h3")
_SAFE_ADDRESS = re.compile(r"(https?:|mailto:|#)", re.IGNORECASE)
_TEMPLATES = Path(__file__).with_name("templates")


# What a document looks like, which the page's own style decides: half of all that is to be read.
_LOOKS = (
    "rFonts",
    "sz",
    "szCs",
    "color",
    "lang",
    "shd",
    "spacing",
    "ind",
    "jc",
    "kern",
    "tcW",
    "tcBorders",
    "tcMar",
    "vAlign",
    "tblBorders",
    "tblW",
    "tblLook",
    "tblStylePr",
    "latentStyles",
)


class Rendered(NamedTuple):
    """The report in Word and as a page, and the places where it lacks a figure."""

    document: bytes
    page: str
    lacks: list[Place]


def render_both(template: bytes, content: ReportContent, trace: pd.DataFrame) -> Rendered:
    """Return `render_report` and `render_page`; template and tables are read once for both.

    Raises `ReportStopped` where the template does.
    """
    lacks = require_sound(template, content)
    return Rendered(document_of(template, content), _page(template, content, trace), lacks)


def render_page(template: bytes, content: ReportContent, trace: pd.DataFrame) -> str:
    """Return the report as one self-contained HTML page.

    `trace` has one row a part of a figure and school: indicator_id, part (numerator, denominator),
    measure, school_code, school_name, value, cells (text), file_name and file_hash. Raises
    `ReportStopped` where the template does.
    """
    require_sound(template, content)
    return _page(template, content, trace)


def page_with_notice(page: bytes, notice: str) -> bytes:
    """Return a copy of a report's page with a notice above all else."""
    banner = f'<body><p class="notice" role="alert">{html.escape(notice)}</p>'
    return page.replace(b"<body>", banner.encode(), 1)


def _page(template: bytes, content: ReportContent, trace: pd.DataFrame) -> str:
    import mammoth
    from lxml import html as lxml_html

    written = io.BytesIO()
    document = fill(template, content, is_marked=True)
    _leave_out_looks(document)
    document.save(written)
    converted = mammoth.convert_to_html(written, style_map=_STYLES).value
    places: dict[str, int] = {}
    body = lxml_html.fragment_fromstring(_linked(converted, places), create_parent="main")
    _make_safe(body)
    contents = _number_headings(body)
    dress_tables(body)
    put_charts(body, content)
    shown = "".join(lxml_html.tostring(child, encoding="unicode") for child in body)
    return (
        _environment()
        .get_template("page.html")
        .render(
            content=content,
            place=content.place,
            status=State(content.status),
            css=(_TEMPLATES / "page.css").read_text(encoding="utf-8"),
            notice=SYNTHETIC if content.place["is_synthetic"] else "",
            contents=contents,
            body=shown,
            **traced(content, trace, places),
        )
    )


def _leave_out_looks(document: Any) -> None:
    """Take formats out of a filled document before it is read as HTML, which knows none."""
    from docx.oxml.ns import qn

    tags = [qn(f"w:{name}") for name in _LOOKS]
    for root in (document.element.body, document.styles.element):
        for element in list(root.iter(*tags)):
            holder = element.getparent()
            holder.remove(element)
            if not len(holder):
                holder.getparent().remove(holder)


def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _linked(converted: str, places: dict[str, int]) -> str:
    """Return HTML with each marked figure as a link to its trace; `places` numbers them."""

    def link(found: re.Match[str]) -> str:
        name, text = found[1], found[2]
        if name == "chart":
            return f'<span data-chart="{html.escape(text)}"></span>'
        places[name] = places.get(name, 0) + 1
        at = f"at-{name}-{places[name]}"
        return f'<a class="figure" id="{at}" href="#trace-{name}">{text}</a>'

    return _MARK.sub(link, converted)


def _make_safe(body: HtmlElement) -> None:
    """Take out what a page of ours never holds: addresses that run something, pictures outside."""
    for element in body.iter("a"):
        if "href" in element.attrib and not _SAFE_ADDRESS.match(element.get("href").strip()):
            del element.attrib["href"]
    for element in list(body.iter("img")):
        if not element.get("src", "").startswith("data:image/"):
            element.drop_tree()


def _number_headings(body: HtmlElement) -> list[dict[str, Any]]:
    """Give each heading an address; return level, id and text of each, for the contents."""
    found = []
    for at, heading in enumerate(body.iter(*_HEADINGS), start=1):
        text = heading.text_content().strip()
        if text:
            heading.set("id", f"section-{at}")
            level = _HEADINGS.index(heading.tag) + 1
            found.append({"level": level, "id": f"section-{at}", "text": text})
    return found
