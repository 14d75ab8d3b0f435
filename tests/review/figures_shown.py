"""Every number that a published folder shows: of each file, and of each table of a database."""

import contextlib
import re

import docx
import duckdb
import openpyxl
import pyarrow.parquet as pq

# With the thousands set off, or the cells of a csv side by side.
_NUMBERS = (re.compile(r"\d{1,3}(?:,\d{3})+"), re.compile(r"\d+(?:\.\d+)?"))
_TEXTS = {".csv", ".html", ".json", ".txt"}


def numbers_shown(folder):
    """Return by file, or `file table`, the numbers in it: as they are and at two decimals."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".duckdb":
            found |= {f"{name} {table}": seen for table, seen in _of_database(path).items()}
        else:
            found[name] = _numbers(_values(path))
    return found


def showing(folder, figures):
    """Return by file or table which of some figures it shows, without those that show none."""
    found = {name: numbers & figures for name, numbers in numbers_shown(folder).items()}
    return {name: shown for name, shown in found.items() if shown}


def _values(path):
    if path.suffix == ".parquet":
        for column in pq.read_table(path).columns:
            yield from column.to_pylist()
    elif path.suffix == ".xlsx":
        for sheet in openpyxl.load_workbook(path).worksheets:
            for row in sheet.iter_rows(values_only=True):
                yield from row
    elif path.suffix == ".docx":
        document = docx.Document(path)
        yield from (text.text for text in document.element.body.iter() if text.text)
    elif path.suffix in _TEXTS:
        yield path.read_text(encoding="utf-8")
    else:
        assert path.name == ".publishing", f"how is {path.name} read?"


def _of_database(path):
    with contextlib.closing(duckdb.connect(str(path), read_only=True)) as reader:
        tables = [
            name for (name,) in reader.sql("select table_name from duckdb_tables()").fetchall()
        ]
        return {
            name: _numbers(
                value for row in reader.sql(f'from "{name}"').fetchall() for value in row
            )
            for name in tables
        }


def _numbers(values):
    found = set()
    for value in values:
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, int | float):
            found |= {float(value), round(float(value), 2)}
        else:
            texts = [text for pattern in _NUMBERS for text in pattern.findall(str(value))]
            found |= {float(text.replace(",", "")) for text in texts}
    return found
