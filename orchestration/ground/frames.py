"""Frames and the rows in them.

What belongs here: what every reader of a frame does alike. What does not: any one frame's columns.
"""

from __future__ import annotations

from typing import Any

import pandas as pd


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows, one mapping by column each; what is missing is None."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]
