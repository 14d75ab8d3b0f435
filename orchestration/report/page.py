"""The report as one page of HTML: the same template, each figure linked to the cells it comes from.

What belongs here: turning the filled template into a page that needs no network and no script. What
does not: what the report says (word.py), or what a figure comes from: the trace is given.
"""

from __future__ import annotations

import base64
import csv
import html
import io
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.editions.history import State
from orchestration.ground.text import Text
from orchestration.report.charts import CHARTS, Chart, chart, number
from orchestration.report.content import CLOSE, MIDDLE, OPEN, ReportContent, plain, records
from orchestration.report.drawing import png
from orchestration.report.word import SYNTHETIC, document_of, fill, stop_where_unsound

if TYPE_CHECKING:
    import pandas as pd

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
_NUMBER = re.compile(r"[-+]?[\d.]+%?")
# A spreadsheet takes a cell that begins like this for a formula, whoever typed it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SAFE_ADDRESS = re.compile(r"(https?:|mailto:|#)", re.IGNORECASE)
_TEMPLATES = Path(__file__).with_name("templates")


# What a document looks like, which the page's own style decides: half of all that is to be read.
_LOOKS = (
    *("rFonts", "sz", "szCs", "color", "lang", "shd", "spacing", "ind", "jc", "kern"),
    *("tcW", "tcBorders", "tcMar", "vAlign", "tblBorders", "tblW", "tblLook", "tblStylePr"),
    "latentStyles",
)


def render_both(template: bytes, content: ReportContent, trace: pd.DataFrame) -> tuple[bytes, str]:
    """Return `render_report` and `render_page`; template and tables are read once for both.

    Raises `ReportStopped` where the template does.
    """
    stop_where_unsound(template, content)
    return document_of(template, content), _page(template, content, trace)


def render_page(template: bytes, content: ReportContent, trace: pd.DataFrame) -> str:
    """Return the report as one self-contained HTML page.

    `trace` has one row a part of a figure and school: indicator_id, part (numerator, denominator),
    measure, school_code, school_name, value, cells (text), file_name and file_hash. Raises
    `ReportStopped` where the template does.
    """
    stop_where_unsound(template, content)
    return _page(template, content, trace)


def _page(template: bytes, content: ReportContent, trace: pd.DataFrame) -> str:
    import mammoth
    from lxml import html as lxml_html

    written = io.BytesIO()
    document = fill(template, content, is_marked=True)
    _leave_out_looks(document)
    document.save(written)
    converted = mammoth.convert_to_html(written, style_map=_STYLES).value
    used: Counter[str] = Counter()
    body = lxml_html.fragment_fromstring(_linked(converted, used), create_parent="main")
    _make_safe(body)
    contents = _number_headings(body)
    _dress_tables(body)
    _put_charts(body, content)
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
            **_traced(content, trace, used),
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


def _linked(converted: str, used: Counter[str]) -> str:
    """Return HTML with each marked figure as a link to its trace; `used` counts the places."""

    def link(found: re.Match[str]) -> str:
        name, text = found[1], found[2]
        if name == "chart":
            return f'<span data-chart="{html.escape(text)}"></span>'
        used[name] += 1
        at = f"at-{name}-{used[name]}"
        return f'<a class="figure" id="{at}" href="#trace-{name}">{text}</a>'

    return _MARK.sub(link, converted)


def _make_safe(body: Any) -> None:
    """Take out what a page of ours never holds: addresses that run something, pictures outside."""
    for element in body.iter("a"):
        if "href" in element.attrib and not _SAFE_ADDRESS.match(element.get("href").strip()):
            del element.attrib["href"]
    for element in list(body.iter("img")):
        if not element.get("src", "").startswith("data:image/"):
            element.drop_tree()


def _number_headings(body: Any) -> list[dict[str, Any]]:
    """Give each heading an address; return level, id and text of each, for the contents."""
    found = []
    for at, heading in enumerate(body.iter(*_HEADINGS), start=1):
        text = heading.text_content().strip()
        if text:
            heading.set("id", f"section-{at}")
            level = _HEADINGS.index(heading.tag) + 1
            found.append({"level": level, "id": f"section-{at}", "text": text})
    return found


# -- tables ----------------------------------------------------------------------------------------


def _dress_tables(body: Any) -> None:
    """Let each table scroll on a narrow screen, set numbers right, offer it as CSV."""
    from lxml import html as lxml_html

    for count, table in enumerate(list(body.iter("table")), start=1):
        for cell in table.iter("td"):
            if _NUMBER.fullmatch(cell.text_content().strip()):
                cell.set("class", "number")
        caption = _caption(table) or f"表 {count}"
        holder = lxml_html.Element("div", {"class": "table", "tabindex": "0"})
        holder.set("role", "region")
        holder.set("aria-label", caption)
        parent = table.getparent()
        at, tail = parent.index(table), table.tail
        table.tail = None
        holder.append(table)
        holder.tail = tail
        parent.insert(at, holder)
        link = lxml_html.fragment_fromstring(_download(caption, _grid(table)))
        parent.insert(at + 1, link)


def _caption(table: Any) -> str:
    before = table.getprevious()
    is_caption = before is not None and before.get("class") == "caption"
    return before.text_content().strip() if is_caption else ""


def _grid(table: Any) -> list[list[str]]:
    """Return a table's texts row by row; a cell over several columns is followed by blanks."""
    return [
        [
            text
            for cell in row.iter("th", "td")
            for text in [
                " ".join(cell.text_content().split()),
                *[""] * (int(cell.get("colspan", "1")) - 1),
            ]
        ]
        for row in table.iter("tr")
    ]


def _download(name: str, rows: list[list[str]]) -> str:
    """Return a link that saves rows as CSV for a spreadsheet, the whole file in its address."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([_cell(value) for value in row] for row in rows)
    data = base64.b64encode(("\ufeff" + text.getvalue()).encode()).decode()
    file = re.sub(r"[^\w（）—-]+", "_", name).strip("_") or "table"
    return (
        f'<p class="download"><a download="{html.escape(file)}.csv" '
        f'href="data:text/csv;charset=utf-8;base64,{data}">'
        f"{_both('下载表格 CSV', 'Download CSV')}</a></p>"
    )


def _cell(value: str) -> str:
    """Return a text that looks like a formula behind an apostrophe; a number is none."""
    return f"'{value}" if value.startswith(_FORMULA) and not _NUMBER.fullmatch(value) else value


# -- charts ----------------------------------------------------------------------------------------


def _put_charts(body: Any, content: ReportContent) -> None:
    """Put each chart, with its data beside it, where the template has it."""
    from lxml import html as lxml_html

    for mark in list(body.iter("span")):
        name = mark.get("data-chart")
        if name not in CHARTS:
            continue
        block = lxml_html.fragment_fromstring(_figure(chart(name, content)))
        holder = mark
        while holder.getparent() is not body and holder.getparent().tag != "td":
            holder = holder.getparent()
        # A chart in the middle of a paragraph stands below it; alone, it takes its place.
        holder.addnext(block)
        mark.drop_tree()
        if not holder.text_content().strip() and holder.getparent() is not None:
            block.tail, holder.tail = holder.tail, None
            holder.getparent().remove(holder)


def _both(zh: str, en: str) -> str:
    """Return a text in both languages, of which the reader may switch one off."""
    return (
        f'<span class="zh">{html.escape(zh)}</span> '
        f'<span class="en" lang="en">{html.escape(en)}</span>'
    )


def _figure(shown: Chart) -> str:
    escape = html.escape
    head = f'<figure id="chart-{shown.name}">'
    title = _both(shown.title.zh, shown.title.en)
    if shown.is_empty:
        nothing = _both("没有数据。", "No data for this chart.")
        note = _both(shown.note.zh, shown.note.en) if shown.note.zh else ""
        return f"{head}<p>{title} {nothing} {note}</p></figure>"
    data = base64.b64encode(png(shown)).decode()
    alternative = escape(shown.alternative, quote=True)
    names = [
        Text(f"{series.name.zh}（{shown.unit.zh}）", f"{series.name.en} ({shown.unit.en})")
        for series in shown.series
    ]
    rows = [
        [row, *(number(series.values[at]) for series in shown.series)]
        for at, row in enumerate(shown.rows)
    ]
    if shown.coverage:
        names.append(Text("统计学校", "Schools counted"))
        rows = [[*row, counted] for row, counted in zip(rows, shown.coverage, strict=True)]
    grid = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f'<td class="number">{escape(value)}</td>' for value in row[1:])
        + "</tr>"
        for row in rows
    )
    columns = "".join(f'<th scope="col">{_both(name.zh, name.en)}</th>' for name in names)
    note = f'<p class="note">{_both(shown.note.zh, shown.note.en)}</p>'
    labels = ["", *(str(name) for name in names)]
    return (
        f'{head}<img alt="{alternative}" src="data:image/png;base64,{data}">'
        f"<figcaption>{title}{note if shown.note.zh else ''}</figcaption>"
        f"<details><summary>{_both('图中数据', 'Data of the chart')}</summary>"
        f'<div class="table"><table><thead><tr><th scope="col"></th>{columns}</tr></thead>'
        f"<tbody>{grid}</tbody></table></div>{_download(shown.title.zh, [labels, *rows])}"
        "</details></figure>"
    )


# -- trace -----------------------------------------------------------------------------------------


def _traced(content: ReportContent, trace: pd.DataFrame, used: Counter[str]) -> dict[str, Any]:
    """Return each figure of the page with what it comes from, and the files once each."""
    values = {row["indicator_id"]: row for row in content.rows("city_yearly_metrics")}
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in records(trace[trace["indicator_id"].isin(list(used))]):
        rows.setdefault(row["indicator_id"], []).append(row)
    filed = {
        file_hash: name
        for found in rows.values()
        for row in found
        for name, file_hash in _files(row)
    }
    files = [
        {"name": name, "hash": file_hash, "id": f"file-{at}"}
        for at, (file_hash, name) in enumerate(
            sorted(filed.items(), key=lambda file: (file[1], file[0])), start=1
        )
    ]
    address = {file["hash"]: file["id"] for file in files}
    declared = {row["indicator_id"]: row for row in content.rows("dim_indicator")}
    traces = [
        {
            **declared[indicator],
            "value": values[indicator],
            "is_percent": declared[indicator]["unit"] == "percent",
            "places": range(1, count + 1),
            "parts": _parts(declared[indicator], rows.get(indicator, []), address),
        }
        for indicator, count in used.items()  # in the order of the text
    ]
    return {"traces": traces, "files": files}


def _files(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Return name and hash of the files that a row of the trace stands in, listed with ；."""
    names, hashes = ((row[key] or "").split("；") for key in ("file_name", "file_hash"))
    names += names[-1:] * (len(hashes) - len(names))  # two years' files may bear one name
    return [(name, found) for name, found in zip(names, hashes, strict=False) if found]


def _parts(
    declared: dict[str, Any], rows: list[dict[str, Any]], address: dict[str, str]
) -> list[dict[str, Any]]:
    """Return numerator and, of a ratio, denominator: names, formula and the schools' rows."""
    parts = []
    for part in ("numerator", "denominator"):
        if declared[part] is None:
            continue
        shown = [
            {
                **row,
                "value": number(row["value"]) if _is_number(row["value"]) else row["value"],
                "cells": plain(row["cells"]),
                "files": [(name, address[file_hash]) for name, file_hash in _files(row)],
            }
            for row in rows
            if row["part"] == part
        ]
        parts.append(
            {
                "part": part,
                "name_zh": declared[f"{part}_name_zh"],
                "name_en": declared[f"{part}_name_en"],
                "formula": declared[f"{part}_formula"],
                "rows": shown,
            }
        )
    return parts


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
