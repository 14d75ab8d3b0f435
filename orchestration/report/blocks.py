"""Tables and charts as blocks of the page, each with its data to save.

What belongs here: what a table or a chart looks like in HTML. What does not: which they are
(charts.py, tables.py), and the page around them (page.py).
"""

from __future__ import annotations

import base64
import html
import re
from typing import TYPE_CHECKING

from orchestration.ground.files import csv_text
from orchestration.ground.text import Text
from orchestration.report.charts import CHARTS, Chart, chart, number
from orchestration.report.content import ReportContent
from orchestration.report.drawing import png

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NUMBER = re.compile(r"[-+]?[\d.]+%?")


def dress_tables(body: HtmlElement) -> None:
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


def _caption(table: HtmlElement) -> str:
    before = table.getprevious()
    is_caption = before is not None and before.get("class") == "caption"
    return before.text_content().strip() if is_caption else ""


def _grid(table: HtmlElement) -> list[list[str]]:
    """Return a table's texts row by row; a cell over several columns is followed by blanks."""
    grid = []
    for row in table.iter("tr"):
        texts = []
        for cell in row.iter("th", "td"):
            texts.append(" ".join(cell.text_content().split()))
            texts.extend("" for _ in range(1, int(cell.get("colspan", "1"))))
        grid.append(texts)
    return grid


def _download(name: str, rows: list[list[str]]) -> str:
    """Return a link that saves rows as CSV for a spreadsheet, the whole file in its address."""
    header, *others = rows or [[]]
    data = base64.b64encode(csv_text(header, others).encode()).decode()
    file = re.sub(r"[^\w（）—-]+", "_", name).strip("_") or "table"
    label = _both(Text("下载表格 CSV", "Download CSV"))
    return (
        f'<p class="download"><a download="{html.escape(file)}.csv" '
        f'href="data:text/csv;charset=utf-8;base64,{data}">{label}</a></p>'
    )


def _both(text: Text) -> str:
    """Return a text in both languages, of which the reader may switch one off."""
    return (
        f'<span class="zh">{html.escape(text.zh)}</span> '
        f'<span class="en" lang="en">{html.escape(text.en)}</span>'
    )


# -- charts ----------------------------------------------------------------------------------------


def put_charts(body: HtmlElement, content: ReportContent) -> None:
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


def _figure(shown: Chart) -> str:
    escape = html.escape
    head = f'<figure id="chart-{shown.name}">'
    title = _both(shown.title)
    if shown.is_empty:
        nothing = _both(Text("没有数据。", "No data for this chart."))
        note = _both(shown.note) if shown.note.zh else ""
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
    columns = "".join(f'<th scope="col">{_both(name)}</th>' for name in names)
    note = f'<p class="note">{_both(shown.note)}</p>'
    labels = ["", *(str(name) for name in names)]
    return (
        f'{head}<img alt="{alternative}" src="data:image/png;base64,{data}">'
        f"<figcaption>{title}{note if shown.note.zh else ''}</figcaption>"
        f"<details><summary>{_both(Text('图中数据', 'Data of the chart'))}</summary>"
        f'<div class="table"><table><thead><tr><th scope="col"></th>{columns}</tr></thead>'
        f"<tbody>{grid}</tbody></table></div>{_download(shown.title.zh, [labels, *rows])}"
        "</details></figure>"
    )
