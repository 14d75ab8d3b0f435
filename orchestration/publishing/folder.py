"""An edition's folder: every file that it holds, made from its tables.

What belongs here: which files there are, the manifest that lists them, and that the folder appears
whole or not at all. What does not: what goes into them (manuscript.py), and how each kind of file
looks (figures.py, package.py, report/word.py, report/page.py).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from orchestration.editions.contents import (
    METRICS,
    Tables,
    explanations_by_impact,
    over_tables,
    parquet,
    write_tables,
)
from orchestration.editions.trace import NotCounted, by_school, trace_rows
from orchestration.ground import clock
from orchestration.ground.files import csv_text
from orchestration.ground.terms import SYNTHETIC
from orchestration.ground.text import Text
from orchestration.publishing import figures
from orchestration.publishing.manuscript import Manuscript
from orchestration.publishing.package import write_package
from orchestration.publishing.sdmx import write_sdmx
from orchestration.report.content import ReportContent
from orchestration.report.word import ReportStopped

if TYPE_CHECKING:
    import pandas as pd

REAL_NOTICE = Text("学校与主管部门填报数据。", "Figures filed by the schools and the bureau.")
_TREND = "fct_indicator_trend"
_COMPARED = {"is_comparable": pa.bool_(), "break_zh": pa.string(), "break_en": pa.string()}
_CSV = {"data_dictionary": "data_dictionary.csv", "revision": "revisions.csv"}
_EXCLUDED = ["school_code", "school_name", "public_note", "excluded_by", "excluded_at"]
_INPUT = ["year", "filed_by", "school_code", "submission_id", "file_name", "file_hash"]


def write_folder(folder: Path, manuscript: Manuscript) -> Path:
    """Write an edition beside its place and rename it into it; a crash leaves nothing of it."""
    beside = _beside(folder)
    discard(folder)
    beside.mkdir(parents=True)
    try:
        fill_folder(beside, manuscript)
        beside.rename(folder)
    except BaseException:
        discard(folder)
        raise
    return folder


def discard(folder: Path) -> None:
    """Remove what was written of an edition that did not come about."""
    shutil.rmtree(_beside(folder), ignore_errors=True)


def _beside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}")


def fill_folder(folder: Path, manuscript: Manuscript) -> None:
    """Write every file of an edition into an empty folder; all read-only, the manifest last.

    A report whose template stops it is left out, and the manifest says at which places; what a
    report lacks is listed there as well.
    """
    imprint, tables = manuscript.imprint, manuscript.tables
    (place,) = tables["city"].to_pylist()
    notice = str(SYNTHETIC if place["is_synthetic"] else REAL_NOTICE)
    title = (
        f"{place['name_zh']} {imprint.year} 年中等职业教育指标 v{imprint.edition}"
        f"（{imprint.status.zh}） "
        f"{place['name_en']} {imprint.year} v{imprint.edition} ({imprint.status.en})"
    )
    frames = {name: table.to_pandas() for name, table in tables.items()}
    metrics = _as_published(tables, imprint.year, place["is_synthetic"])
    write_tables(folder, tables)
    (folder / "metrics.parquet").write_bytes(parquet(metrics))
    _write_csv(folder / "metrics.csv", metrics)
    for name, file in _CSV.items():
        _write_csv(folder / file, tables[name])
    prepared = datetime.fromisoformat(imprint.published_at)
    write_sdmx(folder, frames[METRICS], frames["dim_indicator"], place, prepared)
    note = (imprint.approval or {}).get("note", "")
    notes = [text for text in (notice, note) if text]
    with over_tables(tables) as connection:
        cells = trace_rows(connection, imprint.city, imprint.year)
        schools = by_school(connection, imprint.city, imprint.year, cells)
    sheets = {
        "指标 Indicators": metrics.to_pandas(),
        "指标定义 Definitions": frames["dim_indicator"],
        "修订 Revisions": frames["revision"],
        "说明通过 Explanations": explanations_by_impact(tables).to_pandas(),
        # As numbers, so that a spreadsheet adds them up.
        "追溯 Trace": _readable(cells).assign(contribution=cells["contribution"].astype(float)),
        "各校 Schools": _readable(schools.drop(columns=["cells", "files"])),
    }
    figures.write_workbook(folder / "metrics.xlsx", title, notes, metrics.to_pandas(), sheets)
    report = _write_report(folder, manuscript, frames, schools, note)
    made_by = f"nianbao {imprint.software['nianbao']}"
    (folder / "README.txt").write_text("\n".join([title, *notes, made_by, ""]), encoding="utf-8")
    manifest = {
        **asdict(imprint),
        "content_hash": manuscript.content_hash,
        "is_synthetic": bool(place["is_synthetic"]),
        "notice": notice,
        "report": report,
        "counts": {name: table.num_rows for name, table in sorted(tables.items())},
        "inputs": tables["input"].select(_INPUT).to_pylist(),
        "home_overrides": manuscript.overrides,
        "exclusions": tables["fct_exclusion"].select(_EXCLUDED).to_pylist(),
    }
    write_package(folder, manifest, title)
    manifest["files"] = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)


def _write_report(
    folder: Path,
    manuscript: Manuscript,
    frames: Mapping[str, pd.DataFrame],
    trace: pd.DataFrame,
    note: str,
) -> dict[str, Any]:
    """Write the report in Word and as a page; return what the manifest says of it."""
    from orchestration.report.page import render_both

    imprint = manuscript.imprint
    zone = ZoneInfo(imprint.time_zone)
    released = clock.moment(imprint.published_at, zone)
    content = ReportContent(
        *(imprint.city, imprint.year, imprint.edition, imprint.status, released.isoformat()),
        *(frames, [note] if note else []),
        software_version=imprint.software["nianbao"],
        zone=zone,
    )
    outcome = {"template_hash": hashlib.sha256(manuscript.template).hexdigest()}
    try:
        made = render_both(manuscript.template, content, trace)
    except ReportStopped as stopped:
        places = [place.row() for place in stopped.places]
        return outcome | {"state": "stopped", "places": places, "lacks": []}
    (folder / "report.docx").write_bytes(made.document)
    (folder / "page.html").write_text(made.page, encoding="utf-8")
    lacks = [place.row() for place in made.lacks]
    return outcome | {"state": "made", "places": [], "lacks": lacks}


def _readable(trace: pd.DataFrame) -> pd.DataFrame:
    """Return rows of a trace with the reason for which a school is not counted in words."""
    said = trace["not_counted_because"].map(
        lambda reason: str(NotCounted(reason).text), na_action="ignore"
    )
    return trace.assign(not_counted_because=said)


def _as_published(tables: Tables, year: int, is_synthetic: bool) -> pa.Table:
    """Return the figures with where they come from, and whether last year's compare with them."""
    metrics = tables[METRICS]
    trend = {r["indicator_id"]: r for r in tables[_TREND].to_pylist() if r["year"] == year}
    own = [trend.get(name, {}) for name in metrics["indicator_id"].to_pylist()]
    origin = ["synthetic sample" if is_synthetic else "filed"] * metrics.num_rows
    metrics = metrics.append_column("data_origin", pa.array(origin, pa.string()))
    for name, kind in _COMPARED.items():
        metrics = metrics.append_column(name, pa.array([r.get(name) for r in own], kind))
    return metrics


def _write_csv(path: Path, table: pa.Table) -> None:
    text = csv_text(table.column_names, (row.values() for row in table.to_pylist()))
    path.write_text(text, encoding="utf-8", newline="")
