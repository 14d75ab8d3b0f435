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

from orchestration.forms.contract import read_yaml
from orchestration.ground import clock
from orchestration.ground.frames import records as frame_records
from orchestration.ground.home import Home
from orchestration.ground.settings import zone_of

if TYPE_CHECKING:
    import pandas as pd

# Noncharacters of Unicode: no text holds them, and Word and HTML carry them through unharmed.
OPEN, MIDDLE, CLOSE = "\ufdd0", "\ufdd1", "\ufdd2"
_NEVER_IN_TEXT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)


@dataclass(frozen=True)
class ReportContent:
    """All that one edition's report is made from.

    `tables` holds the edition's tables by mart name, `city` among them; `fct_indicator_trend` may
    be missing. `released_at` is the ISO time that the report states as its date. `status` is
    provisional, final, revised or withdrawn. `notes` are public, e.g. why a revision was made.
    """

    city: str
    year: int
    edition: int
    status: str
    released_at: str
    tables: Mapping[str, pd.DataFrame]
    notes: Sequence[str] = ()

    @cached_property
    def _rows(self) -> dict[str, tuple[dict[str, Any], ...]]:
        return {}

    def rows(self, table: str) -> tuple[dict[str, Any], ...]:
        """Return a table's `records`, made once for report, page and charts."""
        if table not in self._rows:
            self._rows[table] = tuple(records(self.tables[table]))
        return self._rows[table]

    @property
    def place(self) -> dict[str, Any]:
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
    """Return a published edition as its report sees it; `FileNotFoundError` if there is none."""
    import pandas as pd

    folder = home.editions(city, year) / f"v{number}"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    tables = {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("tables/*.parquet"))}
    # Who the city is stands in its own file; the sample cities say there that they are synthetic.
    tables.setdefault("city", pd.DataFrame([read_yaml(home.cities / city / "city.yml")]))
    released = clock.moment(manifest["published_at"], zone_of(home))
    note = (manifest.get("approval") or {}).get("note")
    return ReportContent(
        *(city, year, number, manifest["status"], released.isoformat()),
        *(tables, [note] if note else []),
    )


def half_up(value: float, decimals: int) -> str:
    """Return a number as the warehouse prints it: half-up, away from zero, at given decimals."""
    exact = Decimal(value).quantize(Decimal(1).scaleb(-10), ROUND_HALF_UP)
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"


def plain(value: Any) -> Any:
    """Return a text without what no document may hold: control characters and our own marks."""
    return _NEVER_IN_TEXT.sub("", value) if isinstance(value, str) else value


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as plain values, None where one is missing."""
    return [{name: plain(value) for name, value in row.items()} for row in frame_records(frame)]
