"""An edition's folder: every file that it holds, made from its tables.

What belongs here: which files there are, and the manifest that lists them. What does not: when an
edition is made (publish.py), and how each kind of file looks (figures.py, report/word.py,
report/page.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from orchestration.editions.contents import METRICS, Tables, over_tables, parquet, write_tables
from orchestration.editions.life import STATES
from orchestration.editions.trace import by_school, trace_rows
from orchestration.ground import clock
from orchestration.ground.home import Home
from orchestration.intake.snapshot import reference_files
from orchestration.publishing import figures
from orchestration.publishing.imprint import Imprint, template_of
from orchestration.publishing.package import write_package
from orchestration.report.content import ReportContent
from orchestration.report.word import ReportStopped

if TYPE_CHECKING:
    import pandas as pd

SYNTHETIC_NOTICE = (
    "合成数据：各校数字是对已公布总数的合成拆分，并非学校实际填报。"
    "Synthetic data: the schools' figures are a synthetic split of printed totals, "
    "not what schools filed."
)
REAL_NOTICE = "学校与主管部门填报数据。Figures filed by the schools and the bureau."


def fill_folder(home: Home, folder: Path, imprint: Imprint, tables: Tables, digest: str) -> None:
    """Write every file of an edition into an empty folder; all read-only, the manifest last.

    `digest` is the hash of its content. A report whose template stops it is left out, and the
    manifest says at which places.
    """
    (place,) = tables["city"].to_pylist()
    notice = SYNTHETIC_NOTICE if place["is_synthetic"] else REAL_NOTICE
    state = STATES[imprint.status]
    title = (
        f"{place['name_zh']} {imprint.year} 年中等职业教育指标 v{imprint.edition}（{state[0]}）"
        f" {place['name_en']} {imprint.year} v{imprint.edition} ({state[1]})"
    )
    frames = {name: table.to_pandas() for name, table in tables.items()}
    metrics = frames[METRICS].assign(
        data_origin="synthetic sample" if place["is_synthetic"] else "filed"
    )
    write_tables(folder, tables)
    (folder / "metrics.parquet").write_bytes(parquet(_with_origin(tables[METRICS], metrics)))
    metrics.to_csv(folder / "metrics.csv", index=False, encoding="utf-8-sig")
    figures.write_sdmx(folder / "metrics.sdmx.csv", metrics)
    for name, file in (("data_dictionary", "data_dictionary"), ("revision", "revisions")):
        frames[name].to_csv(folder / f"{file}.csv", index=False, encoding="utf-8-sig")
    note = (imprint.approval or {}).get("note", "")
    notes = [text for text in (notice, note) if text]
    sheets = {
        "指标 Indicators": metrics,
        "指标定义 Definitions": frames["dim_indicator"],
        "修订 Revisions": frames["revision"],
        "说明通过 Explanations": frames["fct_decision"],
    }
    with over_tables(tables) as connection:
        cells = trace_rows(connection, imprint.city, imprint.year)
    sheets["追溯 Trace"] = cells
    figures.write_workbook(folder / "metrics.xlsx", title, notes, sheets)
    report = _write_report(home, folder, imprint, frames, by_school(cells), note)
    (folder / "README.txt").write_text("\n".join([title, *notes, ""]), encoding="utf-8")
    manifest = {
        **asdict(imprint),
        "content_hash": digest,
        "is_synthetic": bool(place["is_synthetic"]),
        "notice": notice,
        "report": report,
        "counts": {name: table.num_rows for name, table in sorted(tables.items())},
        "inputs": tables["input"].select(_INPUT).to_pylist(),
        "home_overrides": [
            path
            for path in reference_files(home, imprint.reference_hash)
            if path.startswith(("forms/", "expectations/")) or path == home.standards.name
        ],
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
    home: Home,
    folder: Path,
    imprint: Imprint,
    frames: Mapping[str, pd.DataFrame],
    trace: pd.DataFrame,
    note: str,
) -> dict[str, Any]:
    """Write the report in Word and as a page; return what the manifest says of it."""
    from orchestration.report.page import render_both

    released = clock.moment(imprint.published_at)
    content = ReportContent(
        *(imprint.city, imprint.year, imprint.edition, imprint.status, released.isoformat()),
        *(frames, [note] if note else []),
    )
    template = template_of(home, imprint)
    said = {"template_hash": hashlib.sha256(template).hexdigest()}
    try:
        document, page = render_both(template, content, trace)
    except ReportStopped as stopped:
        return said | {"state": "stopped", "places": [vars(place) for place in stopped.places]}
    (folder / "report.docx").write_bytes(document)
    (folder / "page.html").write_text(page, encoding="utf-8")
    return said | {"state": "made", "places": []}


_INPUT = ["year", "filed_by", "school_code", "submission_id", "file_name", "file_hash"]


def _with_origin(table: pa.Table, metrics: pd.DataFrame) -> pa.Table:
    return table.append_column("data_origin", pa.array(metrics["data_origin"], pa.string()))
