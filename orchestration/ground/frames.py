"""Frames and tables, and the rows in them.

What belongs here: what every reader or writer of one does alike. What does not: any one's columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from orchestration.ground.files import written_whole

if TYPE_CHECKING:
    import pandas as pd


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows, one mapping by column each; what is missing is None."""
    names = [str(name) for name in frame.columns]
    rows = frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None)
    return [dict(zip(names, row, strict=True)) for row in rows]


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as a file, whole or not at all: dbt and readers see the old one or the new."""
    with written_whole(path) as beside:
        frame.to_parquet(beside, index=False)


def table_of(rows: Iterable[Iterable[Any]], schema: pa.Schema) -> pa.Table:
    """Return rows of a schema's columns, in their order, as a table; what is missing is None."""
    return table_of_columns([*zip(*rows, strict=True)] or [()] * len(schema), schema)


def table_of_columns(columns: Iterable[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    """Return a schema's columns, in their order, as a table; what is missing is None.

    Neighbours that are one sequence become one array.
    """
    arrays = list[pa.Array]()
    before: Sequence[Any] | None = None
    for values, field in zip(columns, schema, strict=True):
        is_same = values is before and arrays[-1].type == field.type
        arrays.append(arrays[-1] if is_same else _array(values, field.type))
        before = values
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return whole numbers, truths, days or texts as an array, by way of numpy.

    `pa.array` imports pandas, only to ask whether they are a series; intake needs none of it.
    """
    is_there = _bits([value is not None for value in values])
    if pa.types.is_integer(kind):
        numbers = np.array([value or 0 for value in values], dtype=kind.to_pandas_dtype())
        return _of_buffers(kind, len(values), is_there, numbers)
    if pa.types.is_boolean(kind):
        return _of_buffers(kind, len(values), is_there, _bits([*map(bool, values)]))
    if pa.types.is_date32(kind):
        days = np.array(values, dtype="datetime64[D]").astype(np.int32)
        return _of_buffers(kind, len(values), is_there, days)
    texts = ["" if value is None else value for value in values]
    joined = "".join(texts)
    lengths = map(len, texts if joined.isascii() else map(str.encode, texts))
    ends = np.zeros(len(texts) + 1, dtype=np.int32)
    np.cumsum(np.fromiter(lengths, np.int32, len(texts)), out=ends[1:])
    return _of_buffers(kind, len(values), is_there, ends, joined.encode())


def _bits(truths: list[bool]) -> np.ndarray:
    return np.packbits(np.frombuffer(bytes(truths), dtype=bool), bitorder="little")


def _of_buffers(kind: pa.DataType, length: int, *parts: Any) -> pa.Array:
    return pa.Array.from_buffers(kind, length, [*map(pa.py_buffer, parts)])
