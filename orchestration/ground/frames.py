"""Frames and the rows in them.

What belongs here: what every reader of a frame does alike. What does not: any one frame's columns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from orchestration.ground.files import written_whole


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows, one mapping by column each; what is missing is None."""
    names = [str(name) for name in frame.columns]
    rows = frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None)
    return [dict(zip(names, row, strict=True)) for row in rows]


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as a file, whole or not at all: dbt and readers see the old one or the new."""
    with written_whole(path) as beside:
        frame.to_parquet(beside, index=False)
