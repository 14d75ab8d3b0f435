"""An edition as version 0.1.0 left it, before its folder was written from a manuscript.

One figure of the sample, of two schools; the tables, columns and manifest are those of that time.
"""

import hashlib
import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.editions.history import PUBLISHED, city_year

CITY, YEAR, FIGURE = "qingyang", 2024, "graduate_destination_rate"
_TYPES = {
    **{"string": pa.string(), "double": pa.float64(), "bool": pa.bool_()},
    **{"int32": pa.int32(), "int64": pa.int64(), "date32[day]": pa.date32()},
}


def write_older_edition(home, ledger):
    """Put the edition into a home and tell its ledger; return it."""
    kept = json.loads(
        (Path(__file__).parent / "editions" / "older_edition.json").read_text(encoding="utf-8")
    )
    folder = home.editions(CITY, YEAR) / "v1"
    (folder / "tables").mkdir(parents=True)
    for name, table in kept["tables"].items():
        kinds = {column: _TYPES[kind] for column, kind in table["columns"].items()}
        columns = zip(*table["rows"], strict=True) if table["rows"] else [()] * len(kinds)
        arrays = [
            pa.array([_value(value, kind) for value in values], kind)
            for values, kind in zip(columns, kinds.values(), strict=True)
        ]
        pq.write_table(
            pa.Table.from_arrays(arrays, schema=pa.schema(kinds.items())),
            folder / "tables" / f"{name}.parquet",
        )
    (folder / "README.txt").write_text("庆阳市 2024\n", encoding="utf-8")
    files = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.*")
    }
    manifest = kept["manifest"] | {"counts": {}, "inputs": [], "files": files}
    text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    (folder / "manifest.json").write_bytes(text)
    named = ("city", "year", "edition", "status", "published_at", "content_hash", "made_from")
    payload = {name: manifest[name] for name in named}
    payload["manifest_hash"] = hashlib.sha256(text).hexdigest()
    ledger.append(PUBLISHED, payload, "annual_run")
    return city_year(home, ledger, CITY, YEAR).numbered(1)


def _value(value, kind):
    return date.fromisoformat(value) if value and kind == pa.date32() else value
