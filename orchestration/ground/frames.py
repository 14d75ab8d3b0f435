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
    columns: list[Sequence[Any]] = [*zip(*rows, strict=True)] or [()] * len(schema)
    arrays = [_array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return values as an array, made of their texts.

    `pa.array` imports pandas, only to ask whether they are a series; intake needs none of it.
    """
    texts = [b"" if value is None else str(value).encode() for value in values]
    ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
    is_there = np.array([value is not None for value in values], dtype=bool)
    parts = (np.packbits(is_there, bitorder="little"), ends, b"".join(texts))
    array = pa.Array.from_buffers(pa.string(), len(texts), [*map(pa.py_buffer, parts)])
    return array if kind == array.type else array.cast(kind)
