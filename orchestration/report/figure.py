"""One published figure as a report prints it, and why one cannot be printed.

What belongs here: a figure's words, sign and change on last year. What does not: which figures
there are (context.py), or computing any of them: the warehouse has done that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from typing import Any

from orchestration.forms.contract import load_units
from orchestration.ground.text import Term, Text
from orchestration.report.content import ABSENT, CLOSE, COVERED, END, MIDDLE, OPEN, half_up

PERCENT = "percent"
COVERAGE = ("schools_counted", "schools_expected")


class Reason(Term):
    """Why a figure cannot be printed, with its name: what those who wait for the report read.

    `note` stands in the report behind the dash that is printed in the figure's place.
    """

    unpublished = (
        "unpublished",
        "本市本年没有“{name}”的数值。",
        "the city has no value for “{name_en}” this year.",
    )
    withheld = (
        "withheld",
        "“{name}”不予公布，不能印出。",
        "“{name_en}” is withheld and cannot be printed.",
    )
    withheld_before = (
        "withheld_before",
        "“{name}”是{before}年的数字，{before}年关卡未通过或报送不足，不予公布，不能印出。",
        "“{name_en}” is a figure of {before}, whose city gate is not green or of which too few "
        "schools filed: it is withheld and cannot be printed.",
    )
    no_previous = (
        "no_previous",
        "“{name}”没有上年数值。",
        "“{name_en}” has no value of last year.",
    )
    not_comparable = (
        "not_comparable",
        "“{name}”与上年不可比，不能印出变化。",
        "“{name_en}” cannot be compared with last year, so no change can be printed.",
    )

    def note(self, figure: Figure) -> str:
        """Return the reason about one figure in a few words, as the report says it."""
        return _NOTES[self].format(before=figure.year_before)

    def of(self, figure: Figure) -> Text:
        """Return the sentence about one figure."""
        names = {"name": figure.name, "name_en": figure.name_en, "before": figure.year_before}
        return Text(self.zh.format(**names), self.en.format(**names))


_NOTES = {
    Reason.unpublished: "无数据",
    Reason.withheld: "不予公布",
    Reason.withheld_before: "{before}年数字不予公布",
    Reason.no_previous: "无上年数据",
    Reason.not_comparable: "与上年不可比",
}


@dataclass(frozen=True)
class Figure:
    """One published figure as a placeholder prints it: `{{ graduates }}`, `{{ graduates.unit }}`.

    Percentages print with their sign, all else as the bare number at its declared decimals. Where
    there is nothing to print a dash stands with the reason, and `missing` is told.
    """

    indicator_id: str
    name: str
    name_en: str
    number: float | None
    printed: str
    unit_id: str
    decimals: int
    reason: Reason
    missing: Callable[[Figure, Reason], None] = field(repr=False)
    is_marked: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    last_year: float | None = None
    facts_of_last_year: Mapping[str, Any] = field(default_factory=dict, repr=False)
    is_comparable: bool = True
    schools: frozenset[str] = field(default=frozenset(), repr=False)

    def __str__(self) -> str:
        if not self.is_known:
            return self._dash(self.reason)
        behind = f"{COVERED}{self.coverage}{END}" if self.coverage else ""
        if self.is_marked:
            return f"{OPEN}{self.indicator_id}{MIDDLE}{self.printed}{CLOSE}{behind}"
        return f"{self.printed}{behind}"

    @property
    def is_known(self) -> bool:
        """Whether there is a figure to print, for `{% if x.is_known %}`."""
        return self.number is not None

    def is_comparable_with(self, other: Figure) -> bool:
        """Whether another figure of the same kind, say of last year, is over comparable schools.

        Both are over all that could file them, or over the same ones.
        """
        if not (self.is_known and other.is_known):
            return False
        is_whole = not (self.coverage or other.coverage)
        return is_whole or (bool(self.schools) and self.schools == other.schools)

    @property
    def year_before(self) -> int | None:
        """The year before the figure's own; none where the city has no row of it."""
        return self.facts["year"] - 1 if "year" in self.facts else None

    @property
    def coverage(self) -> str:
        """The schools behind the figure where these are not all that could be: （7/8所）.

        It stands behind the figure wherever a template prints it, and behind its unit where that
        follows: `after_units`.
        """
        return partly(*(self.facts.get(part) for part in COVERAGE))

    @property
    def unit(self) -> str:
        """The unit in Chinese: 人, 万元, %."""
        return unit_of(self.unit_id).zh

    @property
    def unit_en(self) -> str:
        """The unit in English."""
        return unit_of(self.unit_id).en

    @property
    def bare(self) -> Figure:
        """The figure without a percent sign."""
        return replace(self, printed=self.printed.removesuffix("%"))

    def at(self, decimals: int) -> Figure:
        """Return the figure at other decimals than declared, half-up: `{{ x.at(1) }}`."""
        if self.number is None:
            return self
        return replace(
            self, printed=half_up(self.number, decimals) + sign_of(self.unit_id), decimals=decimals
        )

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
        known = self.last_year
        printed = "" if known is None else half_up(known, self.decimals) + sign_of(self.unit_id)
        return replace(
            self,
            number=known,
            printed=printed,
            reason=Reason.no_previous,
            is_marked=False,
            facts=self.facts_of_last_year,
        )

    @property
    def difference(self) -> str:
        """The change on last year with its sign, of the figures as printed: +425, -0.12.

        Where either year is not of all schools, it says of how many, as `change` does.
        """
        change = self._change()
        return self._dash(change) if isinstance(change, Reason) else f"{change:+f}{self._of_both}"

    @property
    def change(self) -> str:
        """The change on last year in words: 增加425人, 下降0.12个百分点, 与上年持平."""
        change = self._change()
        if isinstance(change, Reason):
            return self._dash(change)
        if change == 0:
            return f"与上年持平{self._of_both}"
        if self.unit_id == PERCENT:
            return f"{'提高' if change > 0 else '下降'}{abs(change):f}个百分点{self._of_both}"
        return f"{'增加' if change > 0 else '减少'}{abs(change):f}{self.unit}{self._of_both}"

    @property
    def _of_both(self) -> str:
        """The schools behind a change: of this year where they are not all, else of last year."""
        return self.coverage or self.previous.coverage

    def _change(self) -> Decimal | Reason:
        """Return the change on last year, or why there is none to print."""
        if self.number is None:
            return self.reason
        if self.last_year is None:
            return Reason.no_previous
        if not self.is_comparable:
            return Reason.not_comparable
        then, now = (Decimal(half_up(x, self.decimals)) for x in (self.last_year, self.number))
        return now - then

    def _dash(self, reason: Reason) -> str:
        """Return what stands in place of what cannot be printed: never nothing, never a zero."""
        self.missing(self, reason)
        return f"{ABSENT}（{reason.note(self)}）"

    @property
    def schools_counted(self) -> int:
        """How many schools the figure counts."""
        return int(self.facts["schools_counted"])

    @property
    def schools_expected(self) -> int:
        """How many it should count."""
        return int(self.facts["schools_expected"])


def schools_behind(row: Mapping[str, Any]) -> Text:
    """Return of how many schools a figure is: 7/8 所; of a bureau's own figure that it is that.

    `row` has schools_counted, schools_expected and filed_by, which an edition of an earlier version
    lacks.
    """
    if row.get("filed_by") == "bureau":
        return Text("市级填报", "filed by the bureau")
    counted, expected = (int(row[part]) for part in COVERAGE)
    return Text(f"{counted}/{expected} 所", f"{counted}/{expected} schools")


def after_units(text: str) -> str:
    """Return filled text with the schools behind each figure after its unit: 240人（7/8所）.

    The text may be XML: a unit that stands in another run of the paragraph is found as well.
    """
    return _covered().sub(lambda found: f"{found[2] or ''}{found[1]}", text)


@cache
def _covered() -> re.Pattern[str]:
    """Find the schools behind a figure as it printed them, and the unit that follows, if any."""
    units = {word for unit in load_units().values() for word in (unit.text.zh, *unit.suffixes)}
    chinese = sorted((re.escape(u) for u in units if "\u4e00" <= u[:1] <= "\u9fff"), key=len)
    tags = r"(?:<(?!/?w:(?:p|tab|br|drawing)\b)[^>]*>)*"
    unit = rf"{tags}\s?万?(?:{'|'.join(reversed(chinese))})"
    return re.compile(rf"{COVERED}([^{END}]*){END}({unit})?")


def partly(counted: float | None, expected: float | None) -> str:
    """Return how many schools stand behind a figure of how many, （7/8所）; nothing if all do."""
    if counted is None or expected is None or counted >= expected:
        return ""
    return f"（{int(counted)}/{int(expected)}所）"


def sign_of(unit: str) -> str:
    """Return what stands behind a number of the unit without a word: the sign of percentages."""
    return "%" if unit == PERCENT else ""


def unit_key(unit: str) -> str:
    """Return a unit's key in forms/units.yml by what an indicator calls it: 10k CNY, 10k_cny."""
    return unit.lower().replace("-", "_").replace(" ", "_")


def unit_of(unit: str) -> Text:
    """Return a unit's name by what an indicator calls it."""
    return load_units()[unit_key(unit)].text
