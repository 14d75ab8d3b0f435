"""What a report is made from: one edition's tables, and how their values become text.

What belongs here: the edition as the report sees it, rounding and cleaning of values. What does
not: which values stand where (context.py, tables.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from orchestration.editions.history import FigureStatus
from orchestration.forms.contract import read_yaml
from orchestration.ground import clock
from orchestration.ground.frames import records as frame_records
from orchestration.ground.home import Home
from orchestration.ground.settings import zone_of
from orchestration.ground.text import NianbaoError

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]  # a row of an edition's table, None where a value is missing
ABSENT = "—"  # not filed, not defined or not published; never a zero
# What an edition has, and one of older software may lack.
_NEEDED = frozenset({"fct_indicator_breakdown", "fct_indicator_trend"})
# Noncharacters of Unicode: no text holds them, and Word and HTML carry them through unharmed.
OPEN, MIDDLE, CLOSE = "\ufdd0", "\ufdd1", "\ufdd2"
COVERED, END = "\ufdd3", "\ufdd4"  # around the schools behind a figure, till they have their place
_NEVER_IN_TEXT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)


@dataclass(frozen=True)
class ReportContent:
    """All that one edition's report is made from.

    `tables` holds the edition's tables by mart name, `city` among them. `released_at` is the ISO
    time that the report states as its date. `status` is provisional, final, revised or withdrawn.
    `notes` are public, e.g. why a revision was made. `software_version` is that of what made it.
    Days are those of `zone`.
    """

    city: str
    year: int
    edition: int
    status: str
    released_at: str
    tables: Mapping[str, pd.DataFrame]
    notes: Sequence[str] = ()
    software_version: str = ""
    zone: ZoneInfo = clock.CHINA

    @cached_property
    def _rows(self) -> dict[str, tuple[Row, ...]]:
        return {}

    def rows(self, table: str) -> tuple[Row, ...]:
        """Return a table's `records`, made once for report, page and charts."""
        if table not in self._rows:
            self._rows[table] = tuple(records(self.tables[table]))
        return self._rows[table]

    @cached_property
    def _school_names(self) -> dict[str, str]:
        return {row["school_code"]: row["school_name"] for row in self.rows("dim_school")}

    def school_name(self, code: str | None, otherwise: str | None = None) -> str:
        """Return a school's name on the roster; its code, or what is given, where it has none."""
        name = self._school_names.get(code or "", otherwise)
        return name if name is not None else (code or "")

    def by_class(self, indicator: str, breakdown: str) -> list[Row]:
        """Return the city's figure by class, in the order of the classes."""
        rows = [
            row
            for row in self.rows("fct_indicator_breakdown")
            if row["area_level"] == "city"
            and row["indicator_id"] == indicator
            and row["breakdown"] == breakdown
        ]
        return sorted(rows, key=lambda row: row["class_position"])

    def largest_first(self, indicator: str, breakdown: str) -> list[Row]:
        """Return the city's figure by class, the largest first, those of no known class last."""
        # Classes have no rank where schools left some of them blank, but a value all the same.
        return sorted(
            self.by_class(indicator, breakdown),
            key=lambda row: (row["class_code"] == "other", -(row["value"] or 0)),
        )

    def day(self, stored: str | None) -> str:
        """Return the day of a stored moment as people of the zone have it; — without one."""
        return clock.day(stored, self.zone).isoformat() if stored else ABSENT

    @cached_property
    def public_notes(self) -> list[str]:
        """What readers are told of the edition: schools that it is without, then its own notes."""
        without = self.rows("fct_exclusion") if "fct_exclusion" in self.tables else ()
        told = (
            f"本报告不含{row['school_name']}的数据，各项合计只包括实际报送的学校。{row['public_note']}"
            for row in without
        )
        return [*told, *self.notes]

    @property
    def place(self) -> Row:
        """The city's own facts: name_zh, name_en, province_name_zh, is_synthetic and so on."""
        return self.rows("city")[0]

    @property
    def released(self) -> datetime:
        """The stated date, without a time zone: it is a date on paper."""
        return datetime.fromisoformat(self.released_at.replace("Z", "+00:00")).replace(tzinfo=None)

    @property
    def title(self) -> str:
        """What stands on the cover."""
        return f"{self.place['name_zh']}{self.year}年中等职业教育质量报告"


def read_content(home: Home, city: str, year: int, number: int) -> ReportContent:
    """Return a published edition as its report sees it; `FileNotFoundError` if there is none.

    Raises `NianbaoError` where older software made the edition without tables that a report needs.
    """
    import pandas as pd

    folder = home.edition(city, year, number)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    tables = {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("tables/*.parquet"))}
    if missing := sorted(_NEEDED - tables.keys()):
        raise NianbaoError(
            f"这一版由较早的软件生成，没有 {'、'.join(missing)}，"
            "不能再排印报告；重新运行会生成新版次。",
            f"older software made this edition, without {', '.join(missing)}, so no report can be "
            "set from it; a run makes a new edition.",
            place=f"{city} {year} v{number}",
        )
    # Who the city is stands in its own file; the sample cities say there that they are synthetic.
    tables.setdefault("city", pd.DataFrame([read_yaml(home.cities / city / "city.yml")]))
    released = clock.moment(manifest["published_at"], zone_of(home))
    note = (manifest.get("approval") or {}).get("note")
    return ReportContent(
        city=city,
        year=year,
        edition=number,
        status=manifest["status"],
        released_at=released.isoformat(),
        tables=tables,
        notes=[note] if note else [],
        software_version=manifest.get("software", {}).get("nianbao", ""),
        zone=zone_of(home),
    )


def is_withheld(row: Row) -> bool:
    """Whether a figure is not published: too few schools stand behind it."""
    return row["status"] == FigureStatus.withheld


def half_up(value: float, decimals: int) -> str:
    """Return a number as the warehouse prints it: half-up, away from zero, at given decimals."""
    exact = Decimal(value).quantize(Decimal(1).scaleb(-10), ROUND_HALF_UP)
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"


def plain(value: Any) -> Any:
    """Return a text without what no document may hold: control characters and our own marks."""
    return _NEVER_IN_TEXT.sub("", value) if isinstance(value, str) else value


def records(frame: pd.DataFrame) -> list[Row]:
    """Return a frame's rows as plain values, None where one is missing."""
    return [{name: plain(value) for name, value in row.items()} for row in frame_records(frame)]
