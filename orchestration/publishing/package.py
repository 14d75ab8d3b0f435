"""An edition's description for machines: a Frictionless data package over its files.

What belongs here: datapackage.json. What does not: the files that it describes (folder.py).
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
from orchestration.editions.revisions import REVISION_TEXTS

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
# The columns of tables that are no marts, which the warehouse's dictionary does not have.
_TEXTS = {
    METRICS: {"data_origin": "filed, or synthetic sample where schools' figures are made up"},
    "revision": REVISION_TEXTS,
    "city": {
        "city": "City, as its folder is named",
        "city_code": "Division code of the city",
        "name_zh": "Name in Chinese",
        "name_en": "Name in English",
        "province_code": "Division code of its province",
        "province_name_zh": "Name of the province in Chinese",
        "province_name_en": "Name of the province in English",
        "is_synthetic": "Whether the schools' figures are made up",
    },
    "deadline": {
        "city": "City, as its folder is named",
        "year": "Reporting year",
        "school_code": "The school whose due date it is; null for the city's own",
        "due_on": "The day by whose end a workbook is due, in China",
        "extension_reason": "Why the school has another date; null for the city's own",
    },
    "input": {
        "year": "Reporting year of the submission, this one or one before it",
        "filed_by": "school or bureau",
        "school_code": "The school that filed it; null for a bureau",
        "submission_id": "The submission that counts, see fct_submission",
        "file_name": "Its file as it was handed in",
        "file_hash": "SHA-256 of the file, its address in the archive",
        "received_at": "When it was taken in, ISO 8601",
    },
    "data_dictionary": {
        "table_name": "Table of this edition",
        "column_index": "Place of the column in the table, from 1",
        "column_name": "The column",
        "data_type": "Its type in the warehouse",
        "description": "What it holds",
    },
}


def write_package(folder: Path, manifest: Mapping[str, Any], title: str) -> None:
    """Write `datapackage.json` over the folder's csv and parquet files, columns described.

    Source: Data Package standard, version 2. It names no licence: that is the bureau's to give.
    """
    (place,) = pq.read_table(folder / TABLES / "city.parquet").to_pylist()
    dictionary = pq.read_table(folder / TABLES / "data_dictionary.parquet").to_pylist()
    described = {(row["table_name"], row["column_name"]): row["description"] for row in dictionary}
    described |= {
        (table, name): text for table, texts in _TEXTS.items() for name, text in texts.items()
    }
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
    fields = []
    for column in pq.read_schema(typed):
        text = described.get((table, column.name))
        field = {"name": column.name, "type": _type(column.type)}
        fields.append(field | ({"description": text} if text else {}))
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


def _type(kind: pa.DataType) -> str:
    return next((name for is_it, name in _TYPES if is_it(kind)), "string")
