"""An edition's description for machines: a Frictionless data package over its files.

What belongs here: datapackage.json, written here because frictionless, which holds it against the
standard in tests, takes types from values: it makes codes and printed figures of parquet numbers.
It reads parquet through pandas, where a column of whole numbers with blanks is one of numbers; such
a column is called that.
What does not: the files that it describes (folder.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.editions.contents import METRICS, TABLES
from orchestration.editions.fields import descriptions
from orchestration.forms.headings import HEADINGS

_TYPES = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_integer, "integer"),
    (pa.types.is_floating, "number"),
    (pa.types.is_decimal, "number"),
    (pa.types.is_date, "date"),
    (pa.types.is_timestamp, "datetime"),
    (pa.types.is_list, "array"),
)
# A text file has no types of its own: it has those of the parquet file with the same columns.
_TYPED_BY = {
    "metrics.csv": "metrics.parquet",
    "revisions.csv": f"{TABLES}/revision.parquet",
    "data_dictionary.csv": f"{TABLES}/data_dictionary.parquet",
}
_KEYS = {
    "metrics": ["city", "year", "indicator_id"],
    "revisions": ["compared_with", "indicator_id", "cause"],
    "data_dictionary": ["table_name", "column_name"],
}


def write_package(folder: Path, manifest: Mapping[str, Any], title: str) -> None:
    """Write `datapackage.json` over the folder's csv and parquet files, columns described.

    Source: Data Package standard, version 2. It names no licence: that is the bureau's to give.
    """
    (place,) = pq.read_table(folder / TABLES / "city.parquet").to_pylist()
    dictionary = pq.read_table(folder / TABLES / "data_dictionary.parquet").to_pylist()
    described = {(row["table_name"], row["column_name"]): row["description"] for row in dictionary}
    files = len(manifest["inputs"])
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"nianbao-{manifest['city']}-{manifest['year']}-v{manifest['edition']}",
        "title": title,
        "description": manifest["notice"],
        "version": f"{manifest['edition']}.0.0",
        "created": manifest["published_at"],
        "contributors": [{"title": f"{place['name_zh']}教育局", "roles": ["publisher"]}],
        "sources": [
            {
                "title": f"学校与主管部门填报 {files} 份 Workbooks filed by schools and the bureau",
                "path": f"{TABLES}/input.parquet",
            }
        ],
        "resources": [
            _resource(folder, path, described)
            for path in sorted(folder.rglob("*"))
            if path.suffix == ".parquet" or path.name in _TYPED_BY
        ],
    }
    text = json.dumps(package, ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_text(text, encoding="utf-8")


def _resource(
    folder: Path, path: Path, described: Mapping[tuple[str, str], str | None]
) -> dict[str, Any]:
    place = path.relative_to(folder).as_posix()
    is_csv = place in _TYPED_BY
    typed = folder / _TYPED_BY.get(place, place)
    table = METRICS if typed.stem == "metrics" else typed.stem
    columns = pq.read_schema(typed)
    declared = descriptions(table, columns.names)
    blank = set() if is_csv else _with_blanks(typed)
    fields = [
        _field(
            column,
            described.get((table, column.name)) or declared.get(column.name),
            has_blanks=column.name in blank,
        )
        for column in columns
    ]
    name = place.removesuffix(path.suffix).replace("/", "-")
    resource = {
        "name": f"{name}-csv" if is_csv else name,
        "type": "table",
        "path": place,
        "format": path.suffix[1:],
        "mediatype": "text/csv" if is_csv else "application/vnd.apache.parquet",
        "schema": {"fields": fields},
    }
    if not is_csv:
        return resource
    schema = {"fields": fields, "primaryKey": _KEYS[name], "missingValues": [""]}
    data = path.read_bytes()
    return resource | {
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "schema": schema,
    }


def _with_blanks(path: Path) -> set[str]:
    """Return the columns of a parquet file that lack a value in some row."""
    table = pq.read_table(path)
    return {name for name in table.column_names if table[name].null_count}


def _field(column: pa.Field, description: str | None, *, has_blanks: bool) -> dict[str, str]:
    """Return how the standard describes a column; its title is what stands above it."""
    kind = _type(column.type)
    kind = "number" if kind == "integer" and has_blanks else kind
    field = {"name": column.name, "type": kind}
    if column.name in HEADINGS:
        field["title"] = str(HEADINGS[column.name])
    return field | ({"description": description} if description else {})


def _type(kind: pa.DataType) -> str:
    return next((name for is_it, name in _TYPES if is_it(kind)), "string")
