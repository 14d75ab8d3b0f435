"""LibreOffice as a second reader: what it shows in a cell is what was read of it, or it is said.

It knows nothing of the form and nothing of this project. Every value that was read is held against
the text that LibreOffice shows at its address; the two may differ only where the receipt records
what was done to the cell, or a finding names its sheet.
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

import pytest
from cases import all_cases
from judge import Judged, asking_kinds, context, judge
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, rows_from_range
from truth import Case

from orchestration.forms.contract import Column, ColumnType

# Where what a cell shows may be another thing than what it stores. The cells of the other kinds are
# plain, and stand in these files as well.
SHOWN = {"good", "rich text", "struck", "formats", "formulas", "hidden", "merged", "typed"}
# Comma, double quote, UTF-8, all rows; as shown; every sheet to a file of its own.
TO_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
AT_ONCE = 200  # files that one process converts; it stops without a word at about 250
YES, NO = {"是", "true"}, {"否", "false"}


def files() -> list[tuple[Case, str]]:
    cases = [case for case in all_cases() if case.kind in SHOWN]
    return [(case, kind) for case in cases for kind in case.formats if kind != "csv.zip"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> list[tuple[Judged, Path]]:
    """Each file, and the beginning of the paths of its sheets as LibreOffice shows them."""
    office = shutil.which("soffice")
    if office is None:
        pytest.fail(
            "LibreOffice shows what a person sees of a workbook; these tests need it: "
            "apt-get install libreoffice-calc-nogui"
        )
    folder = tmp_path_factory.mktemp("shown")
    found = []
    for number, (case, kind) in enumerate(files()):
        one = judge(case, kind)
        (folder / f"{number}.{kind}").write_bytes(one.data)
        found.append((one, folder / "csv" / f"{number}"))
    command = [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", TO_CSV, "--outdir", str(folder / "csv")]
    paths = sorted(folder.glob("*.*"))
    for batch in batched(paths, AT_ONCE):
        done = subprocess.run([*command, *map(str, batch)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    for path in paths:
        assert list((folder / "csv").glob(f"{path.stem}-*.csv")), f"LibreOffice left {path.name}"
    return found


def batched(paths: list[Path], size: int) -> Iterator[list[Path]]:
    for at in range(0, len(paths), size):
        yield paths[at : at + size]


def grid_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def text_at(grid: list[list[str]], cell: str) -> str:
    letters, row = coordinate_from_string(cell)
    column = column_index_from_string(letters)
    return grid[row - 1][column - 1] if row <= len(grid) and column <= len(grid[row - 1]) else ""


@cache
def words_of(codes: str) -> dict[str, set[str]]:
    """Return how a form's list may name each of its codes."""
    listed = context().form.codes[codes]
    return {code.code: {code.zh, code.code, *code.aliases} for code in listed}


@cache
def says(text: str, was_read: str, column: Column) -> bool:
    """Tell whether a shown text says what was read, with no more than a plain eye's help."""
    text = unicodedata.normalize("NFKC", re.sub("[\u200b\ufeff]", "", text)).strip()
    if column.type in {ColumnType.code, ColumnType.code_list}:
        words = [word for word in re.split("[、,;]", text) if word]
        codes = was_read.split(";")
        known = words_of(column.codes)
        return len(words) == len(codes) and all(
            word in known[code] for word, code in zip(words, codes, strict=True)
        )
    if column.type == ColumnType.boolean:
        return text in (YES if was_read == "true" else NO)
    if column.type == ColumnType.date:
        return re.findall("[0-9]+", text) == re.findall("[0-9]+", was_read)
    if column.type == ColumnType.text:
        return text == unicodedata.normalize("NFKC", was_read).strip()
    try:
        return Decimal(re.sub(r"[,+ ]", "", text)) == Decimal(was_read)
    except InvalidOperation:
        return False


def test_what_libreoffice_shows_is_what_was_read_or_it_is_said(shown, capsys):
    tally, silent, otherwise = Counter(), [], Counter()
    for one, begins in shown:
        submission = one.submission
        asked = {p.sheet for p in submission.problems if p.kind in asking_kinds()}
        recorded = {
            (entry.sheet, cell): entry
            for receipt in submission.receipts
            for entry in receipt.entries
            for row in (rows_from_range(entry.range) if entry.range else ())
            for cell in row
        }
        grids = {
            path.name.removeprefix(f"{begins.name}-").removesuffix(".csv"): grid_of(path)
            for path in begins.parent.glob(f"{begins.name}-*.csv")
        }
        form = context().form
        for table, rows in submission.rows.items():
            columns = {column.id: column for column in form.tables[table].columns}
            for row in rows:
                for name, cell in row.record.items():
                    if cell.read is None:
                        continue
                    text = text_at(grids[row.sheet], cell.cell)
                    place = f"{one.name} {row.sheet}!{cell.cell}: {text!r}, read {cell.read!r}"
                    if says(text, cell.read, columns[name]):
                        tally["the same"] += 1
                    elif (row.sheet, cell.cell) in recorded:
                        tally["converted on record"] += 1
                        kind = recorded[row.sheet, cell.cell].kind
                        otherwise[f"{one.case.kind}: {kind}"] += 1
                    elif row.sheet in asked:
                        tally["asked"] += 1
                    else:
                        silent.append(place)
    with capsys.disabled():
        print(f"\n{len(shown)} files as LibreOffice shows them: {dict(tally)}")
        print("\n".join(f"{count:>6} {kind}" for kind, count in sorted(otherwise.items())))
    assert not silent, "\n" + "\n".join(silent)
