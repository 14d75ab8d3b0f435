"""Files appear whole or not at all, and cells of csv run nothing.

What belongs here: putting a file in its place in one step, and csv that a spreadsheet opens safely.
What does not: where files lie (home.py) and what is in them.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# A spreadsheet takes a text that begins like this for a formula, whoever typed it.
FORMULA_LIKE = r"^[=+\-@\t\r\n]"
# A number with its sign, its thousands and its per cent is none.
NUMBER_LIKE = r"^[+-]?[0-9][0-9.,]*%?$"
_FORMULA, _NUMBER = re.compile(FORMULA_LIKE), re.compile(NUMBER_LIKE)


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a path beside `path`, and put what was written there in its place at the end.

    Readers see the old file or the new one. Where anything fails, nothing is left and nothing has
    changed. The folder is made if it is not there.
    """
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield beside
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    with written_whole(path) as beside:
        beside.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 whole or not at all; its line ends stay as they are."""
    write_bytes(path, text.encode())


def safe_cell(value: Any) -> Any:
    """Return a text that looks like a formula behind an apostrophe; a number is none."""
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def csv_text(header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> str:
    """Return a table as csv that Excel opens as it is: with a byte order mark, and no formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(map(safe_cell, header))
    writer.writerows(map(safe_cell, row) for row in rows)
    return "\ufeff" + text.getvalue()
