"""The report's charts: which rows of an edition's tables each of them shows.

What belongs here: choosing rows and naming them. What does not: computing anything, which the
warehouse has done; drawing (drawing.py); where a chart stands, which is the template's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from orchestration.editions.history import FigureStatus
from orchestration.ground.text import Text
from orchestration.report.content import ABSENT, ReportContent, Row, is_withheld
from orchestration.report.figure import COVERAGE, partly, unit_of

_MOST_ROWS = 30
_NOTHING = Text("", "")

Schools = tuple[int, int] | None  # counted and expected, None where nothing says


class Kind(StrEnum):
    """How a chart is drawn: bars one a row, bars end to end, or lines over the years."""

    bars = "bars"
    stacked = "stacked"
    lines = "lines"


@dataclass(frozen=True)
class Series:
    """One value a row of the chart, None where there is none.

    `breaks` are the positions of rows that are not comparable with the row before. `schools` are
    those counted and expected behind each value, where a value is of more than one school.
    """

    name: Text
    values: tuple[float | None, ...]
    breaks: tuple[int, ...] = ()
    schools: tuple[Schools, ...] = ()

    def written(self, at: int) -> str:
        """Return a value as text, with the schools behind it where they are not all."""
        value = self.values[at]
        schools = self.schools[at] if self.schools and value is not None else None
        return number(value) + (partly(*schools) if schools else "")

    @property
    def coverage(self) -> tuple[str, ...]:
        """The schools behind each value as text: 7/8, — where nothing says."""
        return tuple("{}/{}".format(*both) if both else ABSENT for both in self.schools)


@dataclass(frozen=True)
class Chart:
    """One chart's data: `rows` along the axis, a value a row for each of `series`.

    `groups` gives each row's group, drawn apart.
    """

    name: str
    kind: Kind
    title: Text
    unit: Text
    rows: tuple[str, ...]
    series: tuple[Series, ...]
    groups: tuple[str, ...] = ()
    note: Text = _NOTHING

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for series in self.series for value in series.values)

    @property
    def alternative(self) -> str:
        """What the picture says, for those who do not see it."""
        has_many = len(self.series) > 1
        said = [
            f"{row} "
            + "，".join(
                f"{series.name.zh} {series.written(at)}" if has_many else series.written(at)
                for series in self.series
            )
            for at, row in enumerate(self.rows)
        ]
        return f"{self.title.zh}（{self.unit.zh}）：{'；'.join(said)}。{self.note.zh}"


def number(value: float | None) -> str:
    """Return a chart's value as text, — where there is none."""
    return ABSENT if value is None else f"{value:.12g}"


def chart(name: str, content: ReportContent) -> Chart:
    """Return one chart of an edition by its name; `KeyError` for a name that is not in CHARTS."""
    return CHARTS[name](content)


def _categories(content: ReportContent) -> Chart:
    """Students by 专业大类, most first, those of no known one last."""
    rows = content.largest_first("enrolled", "major_category")
    return Chart(
        name="categories",
        kind=Kind.bars,
        title=Text("在校学生专业大类分布", "Students by major category"),
        unit=unit_of("person"),
        rows=_class_names(rows),
        series=_one_series(rows),
        note=_partial(rows),
    )


def _destinations(content: ReportContent) -> Chart:
    """Each school's graduates by what became of them, largest school first."""
    indicators = {r["indicator_id"]: r for r in content.rows("dim_indicator")}
    rows = sorted(
        content.rows("fct_destination"),
        key=lambda row: (-(row["graduates"] or 0), row["school_code"]),
    )
    left_out = len(rows[_MOST_ROWS:])
    rows = rows[:_MOST_ROWS]
    return Chart(
        name="destinations",
        kind=Kind.stacked,
        title=Text("各校毕业生去向", "Graduates' destinations by school"),
        unit=unit_of("person"),
        rows=tuple(content.school_name(row["school_code"]) for row in rows),
        series=tuple(
            Series(_name(indicators[key]), tuple(row[key] for row in rows))
            for key in ("further_study", "directly_employed", "without_destination")
        ),
        note=Text(
            f"另有毕业生较少的 {left_out} 所学校未画出。",
            f"{left_out} schools with fewer graduates are not drawn.",
        )
        if left_out
        else _NOTHING,
    )


def _conditions(content: ReportContent) -> Chart:
    """How many of the monitored schools meet each condition."""
    outcomes = {
        "conditions_met": Text("达标", "Met"),
        "conditions_missed": Text("未达标", "Not met"),
        "conditions_undefined": Text("无法判定", "Undefined"),
    }
    found = {key: content.by_class(key, "condition") for key in outcomes}
    rows = found["conditions_met"]
    return Chart(
        name="conditions",
        kind=Kind.stacked,
        title=Text("办学条件各项达标学校数", "Schools meeting each condition"),
        unit=unit_of("school"),
        rows=_class_names(rows),
        series=tuple(
            Series(name, _values(found[key]), schools=_schools(found[key]))
            for key, name in outcomes.items()
            if key != "conditions_undefined" or any(_values(found[key]))
        ),
        note=Text("只计纳入监测的学校。", "Monitored schools only.") + _partial(rows),
    )


def _trend(content: ReportContent) -> Chart:
    """Students, entrants and graduates over the years; a break in a series is not drawn through."""
    shown = ("enrolled", "entrants", "graduates")
    names = {r["indicator_id"]: _name(r) for r in content.rows("dim_indicator")}
    rows = {
        (row["indicator_id"], row["year"]): row
        for row in content.rows("fct_indicator_trend")
        if row["indicator_id"] in shown and row["year"] <= content.year
    }
    held = [rows[key] for key in sorted(rows) if is_withheld(rows[key])]
    drawn = {key: row for key, row in rows.items() if row["value"] is not None and row not in held}
    years = sorted({year for _, year in drawn})
    broken = [drawn[key] for key in sorted(drawn) if drawn[key]["is_comparable"] is False]
    return Chart(
        name="trend",
        kind=Kind.lines,
        title=Text("在校生、招生与毕业生变化", "Students, entrants and graduates by year"),
        unit=unit_of("person"),
        rows=tuple(str(year) for year in years),
        series=tuple(
            Series(
                names[indicator],
                tuple(drawn.get((indicator, year), {}).get("value") for year in years),
                tuple(
                    at for at, year in enumerate(years) if drawn.get((indicator, year)) in broken
                ),
                _schools(rows.get((indicator, year), {}) for year in years),
            )
            for indicator in shown
            if indicator in names
        ),
        note=_breaks(broken) + _held(held, names),
    )


def _breaks(rows: Sequence[Row]) -> Text:
    """Return why years are not comparable with those before; each reason is said once."""
    zh = dict.fromkeys(f"{row['year']}年 {row['break_zh']}" for row in rows)
    en = dict.fromkeys(f"{row['year']}: {row['break_en']}" for row in rows)
    if not rows:
        return _NOTHING
    return Text(
        "；".join(zh) + "（虚线：与上年不可比）。", "; ".join(en) + " (dashed: not comparable)."
    )


def _held(rows: Sequence[Row], names: Mapping[str, Text]) -> Text:
    """Return which years' figures are withheld; nothing if none is."""
    held = FigureStatus.withheld.text
    said = [(str(row["year"]), names[row["indicator_id"]]) for row in rows]
    if not said:
        return _NOTHING
    return Text(
        "；".join(f"{year}年{name.zh}{held.zh}" for year, name in said) + "。",
        "; ".join(f"{year} {name.en}: {held.en}" for year, name in said) + ".",
    )


def _teachers(content: ReportContent) -> Chart:
    """Full-time teachers by title, degree and age; a class that no school filed has no bar."""
    rows = [
        row
        for breakdown in ("title", "degree", "age")
        for row in content.by_class("full_time_teachers", breakdown)
    ]
    return Chart(
        name="teachers",
        kind=Kind.bars,
        title=Text("专任教师职称、学历与年龄", "Full-time teachers: title, degree, age"),
        unit=unit_of("person"),
        rows=_class_names(rows),
        series=_one_series(rows),
        groups=tuple(row["breakdown_name_zh"] for row in rows),
        note=_partial(rows),
    )


CHARTS: dict[str, Callable[[ReportContent], Chart]] = {
    "categories": _categories,
    "destinations": _destinations,
    "conditions": _conditions,
    "trend": _trend,
    "teachers": _teachers,
}


# -- rows of fct_indicator_breakdown ---------------------------------------------------------------


def _name(row: Row) -> Text:
    return Text(row["name_zh"], row["name_en"])


def _class_names(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(row["class_name_zh"] for row in rows)


def _values(rows: Iterable[Row]) -> tuple[float | None, ...]:
    return tuple(None if is_withheld(row) else row["value"] for row in rows)


def _one_series(rows: Sequence[Row]) -> tuple[Series, ...]:
    return (Series(_name(rows[0]), _values(rows), schools=_schools(rows)),) if rows else ()


def _schools(rows: Iterable[Row]) -> tuple[Schools, ...]:
    """Return the schools of each row; a row of a year without the figure has none."""
    behind = ((row.get(COVERAGE[0]), row.get(COVERAGE[1])) for row in rows)
    return tuple(
        None if counted is None or expected is None else (int(counted), int(expected))
        for counted, expected in behind
    )


def _partial(rows: Sequence[Row]) -> Text:
    """Say which classes lack schools and what is withheld; nothing if all are whole."""
    breakdowns: dict[str, list[Row]] = {}
    for row in rows:
        breakdowns.setdefault(row["breakdown"], []).append(row)
    said = [text for classes in breakdowns.values() for text in _lacking(classes)]
    if not said:
        return _NOTHING
    return Text("；".join(text.zh for text in said) + "。", "; ".join(t.en for t in said) + ".")


def _lacking(classes: Sequence[Row]) -> list[Text]:
    """Return one text for each count of schools that a breakdown's classes lack some of.

    Classes are named where their counts differ. A breakdown is withheld as one, for its smallest.
    """
    expected, withheld = classes[0]["schools_expected"], is_withheld(classes[0])
    name_zh, name_en = classes[0]["breakdown_name_zh"], classes[0]["breakdown_name_en"]
    by_count: dict[int, list[Row]] = {}
    for row in classes:
        by_count.setdefault(row["schools_counted"], []).append(row)
    said = []
    for counted, some in by_count.items():
        if counted != min(by_count) if withheld else counted >= expected:
            continue
        held = FigureStatus.withheld.text
        kept = Text(held.zh, f", {held.en}") if withheld else _NOTHING
        which = _NOTHING if len(by_count) == 1 else _named(some, "，" if withheld else " ")
        said.append(
            Text(
                f"{name_zh}{kept.zh}{which.zh}：{expected}所学校中统计{counted}所",
                f"{name_en}{kept.en}{which.en}: {counted} of {expected} schools",
            )
        )
    return said


def _named(rows: Sequence[Row], before: str) -> Text:
    return Text(
        before + "、".join(row["class_name_zh"] for row in rows),
        ", " + ", ".join(row["class_name_en"] or row["class_name_zh"] for row in rows),
    )
