"""An edition's description for machines: a Frictionless data package over its files.

What belongs here: datapackage.json. What does not: the files that it describes (edition.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

_TYPES = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_integer, "integer"),
    (pa.types.is_floating, "number"),
    (pa.types.is_decimal, "number"),
    (pa.types.is_date, "date"),
    (pa.types.is_timestamp, "datetime"),
    (pa.types.is_list, "array"),
)


def write_package(folder: Path, manifest: Mapping[str, Any], title: str) -> None:
    """Write `datapackage.json` over the folder's csv and parquet files, columns described.

    Source: Data Package standard, version 2.
    """
    dictionary = pq.read_table(folder / "tables" / "data_dictionary.parquet").to_pylist()
    described = {(row["table_name"], row["column_name"]): row["description"] for row in dictionary}
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"nianbao-{manifest['city']}-{manifest['year']}-v{manifest['edition']}",
        "title": title,
        "description": manifest["notice"],
        "version": f"{manifest['edition']}.0.0",
        "created": manifest["published_at"],
        "resources": [
            _resource(folder, path, described)
            for path in sorted(folder.rglob("*"))
            if path.suffix == ".parquet" or path.name in {"metrics.csv", "revisions.csv"}
        ],
    }
    text = json.dumps(package, ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_text(text, encoding="utf-8")


def _resource(
    folder: Path, path: Path, described: Mapping[tuple[str, str], str | None]
) -> dict[str, Any]:
    name = path.relative_to(folder).with_suffix("").as_posix().replace("/", "-")
    is_csv = path.suffix == ".csv"
    schema = pa.csv.read_csv(path).schema if is_csv else pq.read_schema(path)
    table = "city_yearly_metrics" if path.stem == "metrics" else path.stem
    fields = []
    for column in schema:
        field = {"name": column.name, "type": _type(column.type)}
        text = described.get((table, column.name))
        fields.append(field | ({"description": text} if text else {}))
    resource = {
        "name": f"{name}-csv" if is_csv else name,
        "type": "table",
        "path": path.relative_to(folder).as_posix(),
        "format": path.suffix[1:],
        "mediatype": "text/csv" if is_csv else "application/vnd.apache.parquet",
        "schema": {"fields": fields},
    }
    return resource | ({"encoding": "utf-8"} if is_csv else {})


def _type(kind: pa.DataType) -> str:
    return next((name for is_it, name in _TYPES if is_it(kind)), "string")
