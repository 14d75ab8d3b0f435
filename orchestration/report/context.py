"""What a report's placeholders stand for: figures, tables of rows, names and dates of one edition.

What belongs here: turning an edition's tables into words and rows. What does not: Word, pictures
and pages (word.py, charts.py, page.py), or computing any indicator: the warehouse has done that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from orchestration.editions.history import State
from orchestration.report.content import ABSENT, ReportContent, Row, is_withheld, plain
from orchestration.report.figure import COVERAGE, Figure, Reason, sign_of
from orchestration.report.tables import Rows, report_tables


@dataclass(frozen=True)
class ReportContext:
    """What a template may name; `placeholders` is what the template's text is filled with.

    `missing` is told of a figure that cannot be printed, `draw` gives what a chart's name stands
    for; where `is_marked`, each figure stands between marks that name it.
    """

    content: ReportContent
    missing: Callable[[Figure, Reason], None]
    draw: Callable[[str], Any]
    chart_names: Sequence[str]
    is_marked: bool = False

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """One figure an indicator that is declared, also of those without a value."""
        values = {row["indicator_id"]: row for row in self.content.rows("city_yearly_metrics")}
        declared = self.content.rows("dim_indicator")
        trend = {
            row["indicator_id"]: row
            for row in self.content.rows("fct_indicator_trend")
            if row["year"] == self.content.year
        }
        return {
            name: self._figure(row, values.get(name), trend.get(name, {}))
            for row in declared
            for name in [row["indicator_id"]]
        }

    @cached_property
    def _schools(self) -> dict[str, frozenset[str]]:
        """The schools that each indicator counts."""
        counted: dict[str, set[str]] = {}
        for row in self.content.rows("fct_indicator"):
            if row["area_level"] == "school" and row["schools_counted"]:
                counted.setdefault(row["indicator_id"], set()).add(row["area_code"])
        return {indicator: frozenset(schools) for indicator, schools in counted.items()}

    def _figure(self, declared: Row, row: Row | None, trend: Row) -> Figure:
        withheld = row is not None and is_withheld(row)
        printed = None if row is None or withheld else row["value_printed"]
        sign = sign_of(declared["unit"])
        return Figure(
            indicator_id=declared["indicator_id"],
            name=declared["name_zh"],
            name_en=declared["name_en"],
            number=row["value"] if row is not None and printed is not None else None,
            printed="" if printed is None else f"{printed}{sign}",
            unit_id=declared["unit"],
            decimals=int(declared["decimals"]),
            reason=_why_absent(declared) if withheld else Reason.unpublished,
            missing=self.missing,
            is_marked=self.is_marked,
            facts=row or {},
            last_year=row["previous_value"] if row else None,
            facts_of_last_year={part: trend.get(f"previous_year_{part}") for part in COVERAGE},
            is_comparable=trend.get("is_comparable") is not False,
            schools=self._schools.get(declared["indicator_id"], frozenset()),
        )

    @cached_property
    def placeholders(self) -> dict[str, Any]:
        """Every name that a template may use at its top level."""
        content = self.content
        tables = report_tables(content, self.figures)
        status = State(content.status)
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
                "status": status.zh,
                "status_en": status.en,
                "released": f"{released.year}年{released.month}月{released.day}日",
                "released_month": f"{released.year}年{released.month}月",
                "released_en": f"{released:%Y-%m-%d}",
            },
            "top_enrolled_categories": _top_categories(tables["categories"]),
            "names": _names(tables["schools"]),
            "table": tables,
            "chart": {name: self.draw(name) for name in self.chart_names},
            "notes": Rows(lambda note: plain(str(note)), content.public_notes),
        }


def _why_absent(declared: Row) -> Reason:
    """Return why a figure is withheld; older editions do not say of which year one is."""
    return Reason.withheld_before if declared.get("years_before") else Reason.withheld


def _top_categories(categories: Rows) -> str:
    """Return the categories with the most students, as many as a report names, — if none rank.

    The schools that are counted stand behind them where they are not all: once if of the same.
    """
    top = [
        (row["name"].removesuffix("大类"), row["coverage"]) for row in categories if row["is_top"]
    ]
    behind = {coverage for _, coverage in top}
    if len(behind) == 1:
        return "、".join(name for name, _ in top) + behind.pop()
    return "、".join(name + coverage for name, coverage in top) or ABSENT


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
