"""How a chart is drawn: the same picture for the same data, in the font installed with the project.

What belongs here: lines, bars, colours, and where on the paper they lie. What does not: what a
chart shows; that is charts.py.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from orchestration.report.charts import Chart, Kind, Series, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer

# Dark to light, so that they differ in grey as well, and for eyes that mix up red and green.
_COLOURS = ("#12436D", "#2B8CA8", "#F0A33C", "#C9CED6", "#801650")
_HATCHES = ("", "//", "", "..", "xx")
_MARKERS = "osD^v"
_FONT, _FONT_FILE = "nianbao", "NotoSansCJKsc-Regular.otf"
_WIDTH, _DPI = 6.3, 180
_NOTE_WIDTH = 54  # Chinese characters of a note's line


@lru_cache(maxsize=64)
def png(chart: Chart) -> bytes:
    """Return a chart as PNG, the same bytes for the same data; drawn once for report and page."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    is_lines = chart.kind is Kind.lines
    height = 3.2 if is_lines else 1.0 + 0.27 * (len(chart.rows) + len(set(chart.groups)))
    _name_font()
    style: Any = {
        "font.family": _FONT,
        "font.size": 9,
        "axes.unicode_minus": False,
        "hatch.linewidth": 0.6,
        "hatch.color": "#FFFFFF",
    }
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, layout="constrained")
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_title(f"{chart.title.zh}（{chart.unit.zh}）", fontsize=11, loc="left")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        (_draw_lines if is_lines else _draw_bars)(axes, chart)
        if chart.note.zh:
            note = "\n".join(wrap(chart.note.zh, _NOTE_WIDTH))
            figure.supxlabel(note, fontsize=8, x=0.01, ha="left")
        out = BytesIO()
        canvas.print_png(out, metadata={"Software": None})
    return out.getvalue()


@lru_cache
def _name_font() -> None:
    """Give the installed font file a name of our own: a machine's font of its name may differ."""
    from importlib.resources import files

    from matplotlib import font_manager

    path = str(files("mplfonts") / "fonts" / _FONT_FILE)
    font_manager.fontManager.ttflist.insert(0, font_manager.FontEntry(fname=path, name=_FONT))


def _draw_bars(axes: Axes, chart: Chart) -> None:
    """Draw one bar a row, the series one after the other, each value written where it fits."""
    from matplotlib.ticker import MaxNLocator

    heights = _heights(chart)
    drawn, starts = [], [0.0] * len(heights)
    for index, series in enumerate(chart.series):
        widths = [value or 0 for value in series.values]
        colour, hatch, label = _COLOURS[index], _HATCHES[index], series.name.zh
        bars = axes.barh(
            heights, widths, left=starts, color=colour, hatch=hatch, label=label, height=0.72
        )
        drawn.append(bars)
        starts = [bar.get_x() + bar.get_width() for bar in bars]
    longest = max(starts) or 1
    for index, (series, bars) in enumerate(zip(chart.series, drawn, strict=True)):
        _write_values(axes, chart, series, bars, index, longest)
    axes.set_yticks(heights, chart.rows)
    axes.set_ylim(heights[-1] + 0.6, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 2.5, 5, 10], integer=True))
    axes.set_xlim(0, longest * 1.1)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#E3E6EA", linewidth=0.6)
    axes.set_axisbelow(True)
    if len(chart.series) > 1:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=5, frameon=False, fontsize=8)
    for at, group in enumerate(chart.groups):
        if group not in chart.groups[:at]:
            axes.text(longest * 1.1, heights[at], group, va="center", ha="right", fontsize=9)


def _heights(chart: Chart) -> list[float]:
    """Return where each row lies, with a gap before each group but the first."""
    groups = chart.groups or ("",) * len(chart.rows)
    return [at + 0.7 * (len(set(groups[: at + 1])) - 1) for at in range(len(chart.rows))]


def _write_values(
    axes: Axes, chart: Chart, series: Series, bars: BarContainer, index: int, longest: float
) -> None:
    for at, (bar, value) in enumerate(zip(bars, series.values, strict=True)):
        start, width, height = bar.get_x(), bar.get_width(), bar.get_y() + bar.get_height() / 2
        if value is None:
            axes.text(start, height, " —", va="center", fontsize=8)
        elif chart.kind is Kind.bars:
            axes.text(start + width, height, f" {series.written(at)}", va="center", fontsize=8)
        elif width >= longest * 0.04:
            _write_within(axes, start + width / 2, height, number(value), index)


def _write_within(axes: Axes, x: float, y: float, text: str, index: int) -> None:
    colour = "#FFFFFF" if index < 2 else "#1A1A1A"
    box = {"facecolor": _COLOURS[index], "edgecolor": "none", "pad": 0.6}
    axes.text(x, y, text, va="center", ha="center", fontsize=7, color=colour, bbox=box)


def _draw_lines(axes: Axes, chart: Chart) -> None:
    """Draw a line a series, dashed up to a year that is not comparable with the one before."""
    for series, colour, marker in zip(chart.series, _COLOURS, _MARKERS, strict=False):
        points = [(at, value) for at, value in enumerate(series.values) if value is not None]
        for (at, value), (then, last) in zip(points[1:], points, strict=False):
            is_broken = at in series.breaks
            line, width = (":", 1.2) if is_broken else ("-", 2)
            axes.plot([then, at], [last, value], line, color=colour, linewidth=width)
        years, values = zip(*points, strict=True) if points else ((), ())
        axes.plot(years, values, marker, color=colour, label=series.name.zh, markersize=6)
        for at, value in points:
            axes.annotate(
                series.written(at),
                (at, value),
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=8,
            )
    axes.set_xticks(range(len(chart.rows)), chart.rows)
    axes.set_xlim(-0.4, len(chart.rows) - 0.6)
    highest = max(v for series in chart.series for v in series.values if v is not None)
    axes.set_ylim(0, 1.18 * highest)
    axes.grid(axis="y", color="#E3E6EA", linewidth=0.6)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize=8)
