"""What a report's placeholders stand for: figures, tables of rows, names and dates of one edition.

What belongs here: turning an edition's tables into words and rows. What does not: Word, pictures
and pages (report.py, charts.py, page.py), or computing any indicator: the warehouse has done that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from orchestration.forms import load_units
from orchestration.publication.life import STATES
from orchestration.publication.report_content import (
    CLOSE,
    MIDDLE,
    OPEN,
    ReportContent,
    half_up,
    plain,
    records,
)
from orchestration.publication.report_tables import Rows, report_tables

_PERCENT = "percent"

# Why a figure cannot be printed: what the people who wait for the report read.
REASONS = {
    "unpublished": (
        "本市本年没有“{name}”的数值。",
        "the city has no value for “{name_en}” this year.",
    ),
    "withheld": ("“{name}”暂缓公布，不能印出。", "“{name_en}” is withheld and cannot be printed."),
    "no_previous": ("“{name}”没有上年数值。", "“{name_en}” has no value of last year."),
    "not_comparable": (
        "“{name}”与上年不可比，不能印出变化。",
        "“{name_en}” cannot be compared with last year, so no change can be printed.",
    ),
}


@dataclass(frozen=True)
class Figure:
    """One published figure as a placeholder prints it: `{{ graduates }}`, `{{ graduates.unit }}`.

    Percentages print with their sign, all else as the bare number at its declared decimals. What
    cannot be printed is given to `missing`, with the key of the reason.
    """

    indicator_id: str
    name: str
    name_en: str
    number: float | None
    printed: str
    unit_id: str
    decimals: int
    reason: str
    missing: Callable[[Figure, str], str] = field(repr=False)
    is_marked: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    last_year: float | None = None
    is_comparable: bool = True

    def __str__(self) -> str:
        if not self.is_known:
            return self.missing(self, self.reason)
        if self.is_marked:
            return f"{OPEN}{self.indicator_id}{MIDDLE}{self.printed}{CLOSE}"
        return self.printed

    @property
    def is_known(self) -> bool:
        """Whether there is a figure to print, for `{% if x.is_known %}`."""
        return self.number is not None

    @property
    def unit(self) -> str:
        """The unit in Chinese: 人, 万元, %."""
        return unit_of(self.unit_id)["zh"]

    @property
    def unit_en(self) -> str:
        """The unit in English."""
        return unit_of(self.unit_id)["en"]

    @property
    def bare(self) -> Figure:
        """The figure without a percent sign."""
        return replace(self, printed=self.printed.removesuffix("%"))

    def at(self, decimals: int) -> Figure:
        """Return the figure at other decimals than declared, half-up: `{{ x.at(1) }}`."""
        if self.number is None:
            return self
        sign = "%" * (self.unit_id == _PERCENT)
        return replace(self, printed=half_up(self.number, decimals) + sign, decimals=decimals)

    @property
    def in_ten_thousands(self) -> Figure:
        """The figure in 万, without a digit lost: 47266 prints 4.7266."""
        if self.number is None:
            return self
        scaled = Decimal(half_up(self.number, self.decimals)).scaleb(-4)
        return replace(self, printed=f"{scaled.normalize():f}")

    @property
    def previous(self) -> Figure:
        """The figure of the year before."""
        sign = "%" * (self.unit_id == _PERCENT)
        known = self.last_year is not None
        printed = half_up(self.last_year, self.decimals) + sign if known else ""  # type: ignore[arg-type]
        return replace(
            self, number=self.last_year, printed=printed, reason="no_previous", is_marked=False
        )

    @property
    def difference(self) -> str:
        """The change on last year with its sign, of the figures as printed: +425, -0.12."""
        change = self._change()
        return "" if change is None else f"{change:+f}"

    @property
    def change(self) -> str:
        """The change on last year in words: 增加425人, 下降0.12个百分点, 与上年持平."""
        change = self._change()
        if change is None:
            return ""
        if change == 0:
            return "与上年持平"
        if self.unit_id == _PERCENT:
            return f"{'提高' if change > 0 else '下降'}{abs(change):f}个百分点"
        return f"{'增加' if change > 0 else '减少'}{abs(change):f}{self.unit}"

    def _change(self) -> Decimal | None:
        if self.number is None:
            self.missing(self, self.reason)
        elif self.last_year is None:
            self.missing(self, "no_previous")
        elif not self.is_comparable:
            self.missing(self, "not_comparable")
        else:
            then, now = (Decimal(half_up(x, self.decimals)) for x in (self.last_year, self.number))
            return now - then
        return None

    @property
    def schools_counted(self) -> int:
        """How many schools the figure counts."""
        return int(self.facts["schools_counted"])

    @property
    def schools_expected(self) -> int:
        """How many it should count."""
        return int(self.facts["schools_expected"])


def unit_of(unit: str) -> dict[str, Any]:
    """Return a unit's names, zh and en, by what an indicator calls it."""
    return load_units()[unit.lower().replace("-", "_").replace(" ", "_")]


@dataclass(frozen=True)
class ReportContext:
    """What a template may name; `placeholders` is what the template's text is filled with.

    `missing` is called for a figure that cannot be printed, `draw` gives what a chart's name stands
    for; where `is_marked`, each figure stands between marks that name it.
    """

    content: ReportContent
    missing: Callable[[Figure, str], str]
    draw: Callable[[str], Any]
    chart_names: Sequence[str]
    is_marked: bool = False

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """One figure an indicator that is declared, also of those without a value."""
        values = {row["indicator_id"]: row for row in self.content.rows("city_yearly_metrics")}
        declared = self.content.rows("dim_indicator")
        broken = self._broken()
        return {
            row["indicator_id"]: self._figure(row, values.get(row["indicator_id"]), broken)
            for row in declared
        }

    def _figure(
        self, declared: dict[str, Any], row: dict[str, Any] | None, broken: set[str]
    ) -> Figure:
        withheld = row is not None and row["status"] == "withheld"
        number = None if row is None or withheld else row["value"]
        is_known = row is not None and number is not None and row["value_printed"] is not None
        sign = "%" * (declared["unit"] == _PERCENT)
        return Figure(
            declared["indicator_id"],
            declared["name_zh"],
            declared["name_en"],
            number if is_known else None,
            f"{row['value_printed']}{sign}" if row is not None and is_known else "",
            declared["unit"],
            int(declared["decimals"]),
            "withheld" if withheld else "unpublished",
            self.missing,
            self.is_marked,
            row or {},
            row["previous_value"] if row else None,
            declared["indicator_id"] not in broken,
        )

    def _broken(self) -> set[str]:
        """Return the indicators whose series breaks between last year and this one."""
        trend = self.content.tables.get("fct_indicator_trend")
        if trend is None:
            return set()
        rows = records(trend[trend["year"] == self.content.year])
        return {row["indicator_id"] for row in rows if row["is_comparable"] is False}

    @cached_property
    def placeholders(self) -> dict[str, Any]:
        """Every name that a template may use at its top level."""
        content = self.content
        tables = report_tables(content, self.figures)
        zh, en = STATES[content.status]
        released = content.released
        return {
            **self.figures,
            "city": content.place,
            "year": content.year,
            "previous_year": content.year - 1,
            "next_year": content.year + 1,
            "school_year": f"{content.year - 1}—{content.year}学年",
            "edition": {
                "number": content.edition,
                "status": zh,
                "status_en": en,
                "released": f"{released.year}年{released.month}月{released.day}日",
                "released_month": f"{released.year}年{released.month}月",
                "released_en": f"{released:%Y-%m-%d}",
            },
            "top_enrolled_categories": _top_categories(tables["categories"]),
            "names": _names(tables["schools"]),
            "table": tables,
            "chart": {name: self.draw(name) for name in self.chart_names},
            "notes": Rows([plain(note) for note in content.notes], ""),
        }


def _top_categories(categories: Rows) -> str:
    """Return the categories with the most students, as many as a report names."""
    return "、".join(row["name"].removesuffix("大类") for row in categories if row["is_top"])


def _names(schools: Rows) -> dict[str, str]:
    """Return the names of the schools that bear each designation, and of each ownership."""
    flags = [key for key in schools.sample if key.startswith("is_")]
    named = {flag: [row["name"] for row in schools if row[flag]] for flag in flags}
    owned = {
        o: [row["name"] for row in schools if row["ownership_id"] == o]
        for o in ("public", "private")
    }
    joined = {key.removeprefix("is_"): "、".join(found) for key, found in named.items()}
    return joined | {key: "、".join(found) for key, found in owned.items()}
