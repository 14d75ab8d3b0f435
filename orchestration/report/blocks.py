"""Tables and charts as blocks of the page, each with its data to save.

What belongs here: what a table or a chart looks like in HTML. What does not: which they are
(charts.py, tables.py), and the page around them (page.py).
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Sequence
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
    columns = _columns(shown)
    rows = [[row, *(values[at] for _, values in columns)] for at, row in enumerate(shown.rows)]
    grid = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f'<td class="number">{escape(value)}</td>' for value in row[1:])
        + "</tr>"
        for row in rows
    )
    head_row = "".join(f'<th scope="col">{_both(name)}</th>' for name, _ in columns)
    note = f'<p class="note">{_both(shown.note)}</p>'
    labels = ["", *(str(name) for name, _ in columns)]
    return (
        f'{head}<img alt="{alternative}" src="data:image/png;base64,{data}">'
        f"<figcaption>{title}{note if shown.note.zh else ''}</figcaption>"
        f"<details><summary>{_both(Text('图中数据', 'Data of the chart'))}</summary>"
        f'<div class="table"><table><thead><tr><th scope="col"></th>{head_row}</tr></thead>'
        f"<tbody>{grid}</tbody></table></div>{_download(shown.title.zh, [labels, *rows])}"
        "</details></figure>"
    )


def _columns(shown: Chart) -> list[tuple[Text, Sequence[str]]]:
    """Return the columns of a chart's data: values and the schools behind each of them.

    The schools stand once where they are the same behind every series.
    """
    counted = Text("统计学校", "Schools counted")
    coverages = {series.coverage for series in shown.series}
    columns: list[tuple[Text, Sequence[str]]] = []
    for series in shown.series:
        name, unit = series.name, shown.unit
        values = [number(value) for value in series.values]
        columns.append((Text(f"{name.zh}（{unit.zh}）", f"{name.en} ({unit.en})"), values))
        if len(coverages) > 1:
            own = Text(f"{name.zh}{counted.zh}", f"{counted.en}: {name.en}")
            columns.append((own, series.coverage))
    (same, *others) = coverages
    return columns if others or not same else [*columns, (counted, same)]
