"""Where the page's figures come from: schools, cells and files of each, as the page lists them.

What belongs here: the order and form of what a trace gives. What does not: the trace itself, which
is given, and how it looks, which is the page's template's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.editions.trace import counted_or_why
from orchestration.report.charts import number
from orchestration.report.content import ReportContent, Row, plain, records
from orchestration.report.figure import PERCENT, schools_behind

if TYPE_CHECKING:
    import pandas as pd


def traced(
    content: ReportContent, trace: pd.DataFrame, places: Mapping[str, int]
) -> dict[str, Any]:
    """Return each figure of the page with what it comes from, and the files once each.

    `trace` is as `render_page` takes it. `places` has how often each figure stands in the text, in
    the text's order.
    """
    values = {row["indicator_id"]: row for row in content.rows("city_yearly_metrics")}
    declared = {row["indicator_id"]: row for row in content.rows("dim_indicator")}
    rows = records(trace[trace["indicator_id"].isin(list(places))])
    names = {file_hash: plain(name) for row in rows for name, file_hash in row["files"]}
    filed = sorted(names, key=lambda file_hash: (names[file_hash], file_hash))
    address = {file_hash: f"file-{at}" for at, file_hash in enumerate(filed, start=1)}
    for row in rows:
        row["value"], row["counted"] = number(row["value"]), counted_or_why(row)
        row["cells"] = plain("；".join(row["cells"]))
        row["files"] = [(plain(name), address[file_hash]) for name, file_hash in row["files"]]
    traces = [
        {
            **declared[indicator],
            "value": values[indicator],
            "schools": schools_behind(declared[indicator] | values[indicator]),
            "is_percent": declared[indicator]["unit"] == PERCENT,
            "places": range(1, count + 1),
            "parts": _parts(declared[indicator], rows),
        }
        for indicator, count in places.items()
    ]
    files = [{"name": names[digest], "hash": digest, "id": address[digest]} for digest in filed]
    return {"traces": traces, "files": files}


def _parts(declared: Row, rows: list[Row]) -> list[dict[str, Any]]:
    """Return numerator and, of a ratio, denominator: names, formula and the schools' rows."""
    own = [row for row in rows if row["indicator_id"] == declared["indicator_id"]]
    return [
        {
            "part": part,
            **{name: declared[f"{part}_{name}"] for name in ("name_zh", "name_en", "formula")},
            "rows": [row for row in own if row["part"] == part],
        }
        for part in ("numerator", "denominator")
        if declared[part] is not None
    ]
