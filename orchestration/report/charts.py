"""The report's charts: what each shows of an edition, and how it is drawn.

What belongs here: choosing the series, drawing them with the Chinese font that is installed with
the project. What does not: where a chart stands; that is the template's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from textwrap import wrap
from typing import Any

from orchestration.report.content import ReportContent

Values = tuple[float | None, ...]

# Dark to light, so that they differ in grey as well, and for eyes that mix up red and green.
_COLOURS = ("#12436D", "#2B8CA8", "#F0A33C", "#C9CED6", "#801650")
_HATCHES = ("", "//", "", "..", "xx")
_FONT, _FONT_FILE = "nianbao", "NotoSansCJKsc-Regular.otf"
_WIDTH, _DPI = 6.3, 180
_MOST_ROWS = 30
_NOTE_WIDTH = 54  # Chinese characters of a note's line


@dataclass(frozen=True)
class Chart:
    """One chart's data: `rows` along the axis, a value a row for each of `series`.

    kind is bars, stacked or lines. `breaks` are positions between which a line is not comparable:
    the position of the later row, by series. `groups` gives each row's group, drawn apart.
    """

    name: str
    kind: str
    title_zh: str
    title_en: str
    unit_zh: str
    unit_en: str
    rows: tuple[str, ...]
    series: tuple[tuple[str, str, Values], ...]
    groups: tuple[str, ...] = ()
    breaks: tuple[tuple[int, ...], ...] = ()
    note_zh: str = ""
    note_en: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for _, _, values in self.series for value in values)

    @property
    def alternative(self) -> str:
        """What the picture says, for those who do not see it."""
        said = []
        for at, row in enumerate(self.rows):
            values = [
                f"{zh} {number(values[at])}" if len(self.series) > 1 else number(values[at])
                for zh, _, values in self.series
            ]
            said.append(f"{row} {'，'.join(values)}")
        return f"{self.title_zh}（{self.unit_zh}）：{'；'.join(said)}。{self.note_zh}"


def number(value: float | None) -> str:
    """Return a chart's value as text, — where there is none."""
    return "—" if value is None else f"{value:.12g}"


def chart(name: str, content: ReportContent) -> Chart:
    """Return one chart of an edition by its name; `KeyError` for a name that is not in CHARTS."""
    return CHARTS[name](content)


# -- what each shows -------------------------------------------------------------------------------


def _categories(content: ReportContent) -> Chart:
    """Students by 专业大类, most first."""
    rows = [row for row in content.rows("fct_category_enrolment") if row["area_level"] == "city"]
    rows.sort(key=lambda row: (-(row["enrolled"] or 0), row["category_code"] or ""))
    return Chart(
        *("categories", "bars", "在校学生专业大类分布", "Students by major category"),
        *("人", "persons"),
        tuple(row["category_name"] or "其他" for row in rows),
        (("在校生数", "Enrolled students", tuple(row["enrolled"] for row in rows)),),
    )


def _destinations(content: ReportContent) -> Chart:
    """Each school's graduates by what became of them, largest school first."""
    names = {r["school_code"]: r["school_name"] for r in content.rows("dim_school")}
    rows = sorted(
        content.rows("fct_destination"),
        key=lambda row: (-(row["graduates"] or 0), row["school_code"]),
    )
    left_out = len(rows[_MOST_ROWS:])
    rows = rows[:_MOST_ROWS]
    parts = (
        ("升学", "Further study", "further_study"),
        ("直接就业", "Directly employed", "directly_employed"),
        ("未就业", "Without a destination", "without_destination"),
    )
    return Chart(
        *("destinations", "stacked", "各校毕业生去向", "Graduates' destinations by school"),
        *("人", "persons"),
        tuple(names.get(row["school_code"], row["school_code"]) for row in rows),
        tuple((zh, en, tuple(row[key] for row in rows)) for zh, en, key in parts),
        note_zh=f"另有毕业生较少的 {left_out} 所学校未画出。" if left_out else "",
        note_en=f"{left_out} schools with fewer graduates are not drawn." if left_out else "",
    )


def _conditions(content: ReportContent) -> Chart:
    """How many of the monitored schools meet each condition."""
    checks = [r for r in content.rows("fct_condition_check") if r["is_monitored"]]
    names = {row["condition"]: row["condition_name"] for row in checks}
    counts = {
        met: tuple(
            sum(row["condition"] == condition and row["is_met"] is met for row in checks)
            for condition in sorted(names)
        )
        for met in (True, False, None)
    }
    said = ((True, "达标", "Met"), (False, "未达标", "Not met"), (None, "无法判定", "Undefined"))
    return Chart(
        *("conditions", "stacked", "办学条件各项达标学校数", "Schools meeting each condition"),
        *("所", "schools"),
        tuple(names[condition] for condition in sorted(names)),
        tuple((zh, en, counts[met]) for met, zh, en in said if met is not None or any(counts[met])),
        note_zh="只计纳入监测的学校。",
        note_en="Monitored schools only.",
    )


_TREND = ("enrolled", "entrants", "graduates")


def _trend(content: ReportContent) -> Chart:
    """Students, entrants and graduates over the years; a break in a series is not drawn through."""
    names = {r["indicator_id"]: r for r in content.rows("dim_indicator")}
    rows = _years(content)
    years = sorted({row["year"] for row in rows})
    found = {(row["indicator_id"], row["year"]): row for row in rows}
    told = [found[key] for key in sorted(found) if found[key]["is_comparable"] is False]
    noted = dict.fromkeys(
        (f"{r['year']}年 {r['break_zh']}", f"{r['year']}: {r['break_en']}") for r in told
    )
    return Chart(
        *("trend", "lines", "在校生、招生与毕业生变化", "Students, entrants and graduates by year"),
        *("人", "persons"),
        tuple(str(year) for year in years),
        tuple(
            (
                names[indicator]["name_zh"],
                names[indicator]["name_en"],
                tuple(found.get((indicator, year), {}).get("value") for year in years),
            )
            for indicator in _TREND
            if indicator in names
        ),
        breaks=tuple(
            tuple(at for at, year in enumerate(years) if found.get((indicator, year)) in told)
            for indicator in _TREND
            if indicator in names
        ),
        note_zh="；".join(zh for zh, _ in noted) + "（虚线：与上年不可比）" * bool(noted),
        note_en="; ".join(en for _, en in noted) + " (dashed: not comparable)" * bool(noted),
    )


def _years(content: ReportContent) -> list[dict[str, Any]]:
    """Return a row an indicator and year: the series, and what the metrics say of last year."""
    metrics = content.rows("city_yearly_metrics")
    found = {
        (row["indicator_id"], year): {**row, "year": year, "value": value, "is_comparable": True}
        for row in metrics
        for year, value in ((content.year - 1, row["previous_value"]), (content.year, row["value"]))
    }
    series = content.rows("fct_indicator_trend") if "fct_indicator_trend" in content.tables else ()
    found |= {(row["indicator_id"], row["year"]): row for row in series}
    return [
        row
        for (indicator, year), row in found.items()
        if indicator in _TREND
        and year <= content.year
        and row["value"] is not None
        and not (year == content.year and row.get("status") == "withheld")
    ]


_TEACHERS = (
    ("职称", "正高级", "title_senior"),
    ("职称", "副高级", "title_associate_senior"),
    ("职称", "中级", "title_intermediate"),
    ("职称", "初级", "title_junior"),
    ("学历", "研究生", "degree_postgraduate"),
    ("学历", "本科", "degree_bachelor"),
    ("学历", "本科以下", "degree_below_bachelor"),
    ("年龄", "35岁以下", "age_under_35"),
    ("年龄", "35—44岁", "age_35_to_44"),
    ("年龄", "45—54岁", "age_45_to_54"),
    ("年龄", "55岁及以上", "age_55_and_over"),
)


def _teachers(content: ReportContent) -> Chart:
    """Full-time teachers by title, degree and age; a class that no school filed has no bar."""
    filed = content.rows("fct_staff")
    columns = ([row[key] for row in filed if row[key] is not None] for _, _, key in _TEACHERS)
    values = tuple(float(sum(column)) if column else None for column in columns)
    return Chart(
        *("teachers", "bars", "专任教师职称、学历与年龄", "Full-time teachers: title, degree, age"),
        *("人", "persons"),
        tuple(label for _, label, _ in _TEACHERS),
        (("专任教师数", "Full-time teachers", values),),
        groups=tuple(group for group, _, _ in _TEACHERS),
    )


CHARTS: dict[str, Callable[[ReportContent], Chart]] = {
    "categories": _categories,
    "destinations": _destinations,
    "conditions": _conditions,
    "trend": _trend,
    "teachers": _teachers,
}


# -- how it is drawn -------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def png(chart: Chart) -> bytes:
    """Return a chart as PNG, the same bytes for the same data; drawn once for report and page."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    draw = {"bars": _draw_bars, "stacked": _draw_bars, "lines": _draw_lines}[chart.kind]
    height = (
        3.2 if chart.kind == "lines" else 1.0 + 0.27 * (len(chart.rows) + len(set(chart.groups)))
    )
    _name_font()
    style: Any = {"font.family": _FONT, "font.size": 9, "axes.unicode_minus": False}
    style |= {"hatch.linewidth": 0.6, "hatch.color": "#FFFFFF"}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, layout="constrained")
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_title(f"{chart.title_zh}（{chart.unit_zh}）", fontsize=11, loc="left")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        draw(axes, chart)
        if chart.note_zh:
            note = "\n".join(wrap(chart.note_zh, _NOTE_WIDTH))
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


def _draw_bars(axes: Any, chart: Chart) -> None:
    """Draw one bar a row, the series one after the other, each value written where it fits."""
    gaps = [chart.groups[:at].count(group) == 0 for at, group in enumerate(chart.groups)]
    shift, ys = 0.0, []
    for at in range(len(chart.rows)):
        shift += 0.7 * (bool(gaps) and at > 0 and gaps[at])
        ys.append(at + shift)
    left = [0.0] * len(ys)
    longest = max(sum(v or 0 for v in column) for column in zip(*_values(chart), strict=True)) or 1
    for index, (label, _, values) in enumerate(chart.series):
        widths = [value or 0 for value in values]
        colour, hatch = _COLOURS[index], _HATCHES[index]
        axes.barh(ys, widths, left=left, color=colour, hatch=hatch, label=label, height=0.72)
        for at, value in enumerate(values):
            if value is None:
                axes.text(left[at], ys[at], " —", va="center", fontsize=8)
            elif chart.kind == "bars":
                axes.text(left[at] + value, ys[at], f" {number(value)}", va="center", fontsize=8)
            elif value >= longest * 0.04:
                _write_within(axes, left[at] + value / 2, ys[at], number(value), index)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    axes.set_yticks(ys, chart.rows)
    axes.set_ylim(ys[-1] + 0.6, -0.6)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlim(0, longest * 1.1)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#E3E6EA", linewidth=0.6)
    axes.set_axisbelow(True)
    if len(chart.series) > 1:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=5, frameon=False, fontsize=8)
    for at, first in enumerate(gaps):
        if first:
            axes.text(longest * 1.1, ys[at], chart.groups[at], va="center", ha="right", fontsize=9)


def _values(chart: Chart) -> list[Values]:
    return [values for _, _, values in chart.series]


def _write_within(axes: Any, x: float, y: float, text: str, index: int) -> None:
    colour = "#FFFFFF" if index < 2 else "#1A1A1A"
    box = {"facecolor": _COLOURS[index], "edgecolor": "none", "pad": 0.6}
    axes.text(x, y, text, va="center", ha="center", fontsize=7, color=colour, bbox=box)


def _draw_lines(axes: Any, chart: Chart) -> None:
    """Draw a line a series, dashed up to a year that is not comparable with the one before."""
    for index, (label, _, values) in enumerate(chart.series):
        colour, marker = _COLOURS[index], "osD^v"[index]
        broken = chart.breaks[index] if chart.breaks else ()
        points = [(at, value) for at, value in enumerate(values) if value is not None]
        for (at, value), (then, last) in zip(points[1:], points, strict=False):
            line = ":" if at in broken else "-"
            width = 1.2 if at in broken else 2
            axes.plot([then, at], [last, value], line, color=colour, linewidth=width)
        axes.plot(
            *zip(*points, strict=True) if points else ([], []),
            *(marker,),
            color=colour,
            label=label,
            markersize=6,
        )
        for at, value in points:
            place = {"xytext": (0, 6), "textcoords": "offset points", "ha": "center"}
            axes.annotate(number(value), (at, value), fontsize=8, **place)
    axes.set_xticks(range(len(chart.rows)), chart.rows)
    axes.set_xlim(-0.4, len(chart.rows) - 0.6)
    axes.set_ylim(0, 1.18 * max(v for values in _values(chart) for v in values if v is not None))
    axes.grid(axis="y", color="#E3E6EA", linewidth=0.6)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize=8)
