"""Where the page's figures come from: schools, cells and files of each, as the page lists them.

What belongs here: the order and form of what a trace gives. What does not: the trace itself, which
is given, and how it looks, which is the page's template's.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from orchestration.report.charts import number
from orchestration.report.content import ReportContent, Row, plain, records
from orchestration.report.figure import PERCENT

if TYPE_CHECKING:
    import pandas as pd


def traced(
    content: ReportContent, trace: pd.DataFrame, places: Mapping[str, int]
) -> dict[str, Any]:
    """Return each figure of the page with what it comes from, and the files once each.

    `places` has how often each figure stands in the text, in the text's order.
    """
    values = {row["indicator_id"]: row for row in content.rows("city_yearly_metrics")}
    rows: dict[str, list[Row]] = {}
    for row in records(trace[trace["indicator_id"].isin(list(places))]):
        rows.setdefault(row["indicator_id"], []).append(row)
    filed = {
        file_hash: name
        for found in rows.values()
        for row in found
        for name, file_hash in _files(row)
    }
    files = [
        {"name": name, "hash": file_hash, "id": f"file-{at}"}
        for at, (file_hash, name) in enumerate(
            sorted(filed.items(), key=lambda file: (file[1], file[0])), start=1
        )
    ]
    address = {file["hash"]: file["id"] for file in files}
    declared = {row["indicator_id"]: row for row in content.rows("dim_indicator")}
    traces = [
        {
            **declared[indicator],
            "value": values[indicator],
            "is_percent": declared[indicator]["unit"] == PERCENT,
            "places": range(1, count + 1),
            "parts": _parts(declared[indicator], rows.get(indicator, []), address),
        }
        for indicator, count in places.items()
    ]
    return {"traces": traces, "files": files}


def _files(row: Row) -> list[tuple[str, str]]:
    """Return name and hash of the files that a row of the trace stands in, listed with ；."""
    names, hashes = ((row[key] or "").split("；") for key in ("file_name", "file_hash"))
    # Two years' files may bear one name, which is listed once.
    paired = zip_longest(names, hashes, fillvalue=names[-1])
    return [(name, found) for name, found in paired if found]


def _parts(declared: Row, rows: list[Row], address: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return numerator and, of a ratio, denominator: names, formula and the schools' rows."""
    parts = []
    for part in ("numerator", "denominator"):
        if declared[part] is None:
            continue
        shown = [
            {
                **row,
                "value": number(row["value"]) if _is_number(row["value"]) else row["value"],
                "cells": plain(row["cells"]),
                "files": [(name, address[file_hash]) for name, file_hash in _files(row)],
            }
            for row in rows
            if row["part"] == part
        ]
        parts.append(
            {
                "part": part,
                "name_zh": declared[f"{part}_name_zh"],
                "name_en": declared[f"{part}_name_en"],
                "formula": declared[f"{part}_formula"],
                "rows": shown,
            }
        )
    return parts


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
