"""Editions: one city's year, written once as a folder v1, v2, … and never changed.

What belongs here: what an edition holds, when a new one is due, how it appears in one step. What
does not: whether a city may be published; that is the gate's word and the run's order.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.home import REPOSITORY, Home
from orchestration.ledger import Ledger
from orchestration.warehouse import reading

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

SYNTHETIC_NOTICE = (
    "合成数据：各校数字是对已公布总数的合成拆分，并非学校实际填报。"
    "Synthetic data: the schools' figures are a synthetic split of printed totals, "
    "not what schools filed."
)
REAL_NOTICE = "学校与主管部门填报数据。Figures filed by the schools and the bureau."
# What a reader of the workbook sees above a column, beside its id.
_HEADINGS = {
    "city": "城市",
    "year": "年度",
    "city_code": "城市代码",
    "indicator_id": "指标编号",
    "name_zh": "指标名称",
    "name_en": "英文名称",
    "value": "数值",
    "value_printed": "印刷数值",
    "numerator": "分子",
    "denominator": "分母",
    "unit": "单位",
    "decimals": "小数位",
    "schools_counted": "统计学校数",
    "schools_expected": "应统计学校数",
    "previous_value": "上年数值",
    "status": "状态",
    "data_origin": "数据来源",
    "section": "年报章节",
    "cities": "印刷该指标的城市",
    "filed_by": "填报者",
    "fact": "事实表",
    "kind": "类型",
    "numerator_name_zh": "分子名称",
    "numerator_name_en": "分子英文名称",
    "numerator_formula": "分子算式",
    "denominator_name_zh": "分母名称",
    "denominator_name_en": "分母英文名称",
    "denominator_formula": "分母算式",
    "scale": "倍数",
    "range_low": "下限",
    "range_high": "上限",
    "yoy_band_pct": "年度变动幅度上限（%）",
    "minimum_coverage_pct": "最低填报比例（%）",
    "form_columns": "报表栏目",
}


@dataclass(frozen=True)
class Edition:
    """One published folder; `is_new` is false where the latest edition already says the same."""

    city: str
    year: int
    number: int
    folder: Path
    is_new: bool


def latest_edition(home: Home, city: str, year: int) -> int:
    """Return the number of the newest edition of a city's year, 0 if there is none."""
    folders = home.editions(city, year).glob("v*")
    return max((int(path.name[1:]) for path in folders if path.name[1:].isdigit()), default=0)


def read_manifest(home: Home, city: str, year: int, number: int) -> dict[str, Any]:
    """Return an edition's manifest; `FileNotFoundError` if there is no such edition."""
    path = home.editions(city, year) / f"v{number}" / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8"))


def publish_edition(home: Home, ledger: Ledger, city: str, year: int) -> Edition:
    """Publish a city's year, unless the newest edition already holds the very same content.

    The folder holds metrics (parquet, csv, xlsx), tables/ (every mart with the city's rows),
    data_dictionary.csv, README.txt and manifest.json. It is written beside and renamed, so a crash
    leaves the editions as they were.
    """
    tables = _read_tables(home, city, year)
    content_hash = _content_hash(tables)
    number = latest_edition(home, city, year)
    if number and read_manifest(home, city, year, number)["content_hash"] == content_hash:
        _record(ledger, city, year, number, content_hash)
        return Edition(city, year, number, home.editions(city, year) / f"v{number}", is_new=False)
    number += 1
    folder = home.editions(city, year) / f"v{number}"
    beside = folder.with_name(f".v{number}.{os.getpid()}")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        _write(beside, tables, home, city, year, number, content_hash)
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    _record(ledger, city, year, number, content_hash)
    return Edition(city, year, number, folder, is_new=True)


def _record(ledger: Ledger, city: str, year: int, number: int, content_hash: str) -> None:
    """Put the publication into the ledger once, also when a crash came between folder and event."""
    payload = {"city": city, "year": year, "edition": number, "content_hash": content_hash}
    if not any(event["payload"] == payload for event in ledger.events("published")):
        ledger.append("published", payload, actor="annual_run")


def _read_tables(home: Home, city: str, year: int) -> dict[str, pd.DataFrame]:
    """Return the city's rows of every mart that has a city and a year, and the dictionaries."""
    with reading(home.warehouse) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_columns() where schema_name = 'main' and "
                "(table_name like 'fct_%' or table_name like 'dim_%' "
                "or table_name = 'city_yearly_metrics') "
                "group by table_name having count(*) filter (column_name in ('city', 'year')) = 2 "
                "order by table_name"
            ).fetchall()
        ]
        tables = {
            name: connection.execute(
                f'select * from "{name}" where city = ? and year = ? order by all', [city, year]
            ).df()
            for name in names
        }
        for name, query in city_stage(home).items():
            tables[name] = connection.execute(
                f'select * from (from "{name}" union all by name {query}) '
                "where city = ? and year = ? order by all",
                [city, year],
            ).df()
        tables["data_dictionary"] = _dictionary(connection, names)
        tables["dim_indicator"] = connection.sql("select * from dim_indicator order by all").df()
        tables["dim_rule"] = connection.sql("select * from dim_rule order by all").df()
        tables["city"] = connection.execute(
            "select * from stg_nianbao__cities where city = ?", [city]
        ).df()
    return tables


def city_stage(home: Home) -> dict[str, str]:
    """Return, by mart, the query of what the city gate adds to it after dbt has built it."""
    files = {"fct_finding": "city_findings.parquet", "fct_decision": "city_decisions.parquet"}
    return {
        mart: f"from read_parquet('{str(home.gate / name).replace(chr(39), chr(39) * 2)}')"
        for mart, name in files.items()
    }


def _dictionary(connection: duckdb.DuckDBPyConnection, names: list[str]) -> pd.DataFrame:
    return connection.execute(
        "select table_name, column_name, data_type, comment as description from duckdb_columns() "
        "where schema_name = 'main' and list_contains(?, table_name) "
        "order by table_name, column_index",
        [names],
    ).df()


def _content_hash(tables: dict[str, pd.DataFrame]) -> str:
    digest = hashlib.sha256()
    for name, frame in sorted(tables.items()):
        digest.update(name.encode())
        digest.update(frame.to_csv(index=False).encode())
    return digest.hexdigest()


def _write(
    folder: Path,
    tables: dict[str, pd.DataFrame],
    home: Home,
    city: str,
    year: int,
    number: int,
    content_hash: str,
) -> None:
    place = tables["city"].iloc[0]
    is_synthetic = bool(place["is_synthetic"])
    notice = SYNTHETIC_NOTICE if is_synthetic else REAL_NOTICE
    metrics = tables["city_yearly_metrics"].assign(
        data_origin="synthetic sample" if is_synthetic else "filed"
    )
    _write_parquet(metrics, folder / "metrics.parquet")
    metrics.to_csv(folder / "metrics.csv", index=False, encoding="utf-8-sig")
    title = f"{place['name_zh']} {year} 年中等职业教育指标 v{number}"
    _write_workbook(folder / "metrics.xlsx", title, notice, metrics, tables["dim_indicator"])
    tables["data_dictionary"].to_csv(
        folder / "data_dictionary.csv", index=False, encoding="utf-8-sig"
    )
    (folder / "tables").mkdir()
    for name, frame in tables.items():
        if name not in {"city", "data_dictionary"}:
            _write_parquet(frame, folder / "tables" / f"{name}.parquet")
    (folder / "README.txt").write_text(f"{title}\n{notice}\n", encoding="utf-8")
    manifest = {
        "city": city,
        "year": year,
        "edition": number,
        "status": "provisional",
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "content_hash": content_hash,
        "is_synthetic": is_synthetic,
        "notice": notice,
        "gate": "passed",
        "counts": {name: len(frame) for name, frame in sorted(tables.items())},
        "inputs": _inputs(tables["fct_submission"]),
        "definitions": {
            name: _folder_hash([REPOSITORY / name, home.root / name])
            for name in ("forms", "expectations", "dbt_project", "orchestration")
        },
        "home_overrides": [
            str(path.relative_to(home.root))
            for name in ("forms", "expectations")
            for path in sorted((home.root / name).rglob("*.yml"))
        ]
        + [home.standards.name] * home.standards.exists(),
        "files": {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)


def _inputs(submissions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the submissions the figures were made from: school, file name and hash."""
    accepted = submissions[submissions["verdict"] == "accepted"]
    columns = ["submission_id", "school_code", "file_name", "file_hash"]
    return [
        {str(k): v for k, v in row.items()}
        for row in accepted[columns].fillna("").to_dict("records")
    ]


def _folder_hash(folders: list[Path]) -> str:
    """Return one hash over the text files of folders, in order of their paths."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".yml", ".sql", ".py", ".csv"}:
                digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)


def _write_workbook(
    path: Path, title: str, notice: str, metrics: pd.DataFrame, indicators: pd.DataFrame
) -> None:
    """Write the metrics as a workbook a reader can open: a note sheet, the figures, definitions."""
    import xlsxwriter

    # Text that looks like a formula or an address stays text.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"title": title, "created": datetime(2000, 1, 1)})
        head = workbook.add_format({"bold": True, "bg_color": "#DDE7F3", "border": 1})
        note = workbook.add_worksheet("说明 Notes")
        note.set_column(0, 0, 100)
        note.write_string(0, 0, title, head)
        note.write_string(1, 0, notice)
        for name, frame in (("指标 Indicators", metrics), ("指标定义 Definitions", indicators)):
            sheet = workbook.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(frame.columns), 18)
            for column, label in enumerate(frame.columns):
                sheet.write_string(0, column, f"{_HEADINGS[label]} {label}", head)
            for row, values in enumerate(frame.itertuples(index=False), start=1):
                for column, value in enumerate(values):
                    _write_cell(sheet, row, column, value)


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or value != value:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        sheet.write_string(row, column, str(value))
    else:
        sheet.write_number(row, column, value)
