"""The sample workbooks: the synthetic schools of samples/*.csv, typed into the form of their year.

What belongs here: writing workbooks into a home's inbox, with planted faults if asked, and many
copies for the benchmark. What does not: the figures (samples/) and the form (forms/).
"""

from __future__ import annotations

import csv
import os
import struct
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml

from orchestration.forms.contract import COVERS, Filer, Form, TableKind, load_form
from orchestration.forms.template import write_template
from orchestration.ground.files import written_whole
from orchestration.ground.home import REPOSITORY, Home

SAMPLES = REPOSITORY / "samples"
BENCH = "bench"
BENCH_CODE = "990000"
_YEARS = (2023, 2024)
_KEYS = {"year", "school_code"}


@dataclass(frozen=True)
class Workbook:
    """One workbook to write: its file name, whose it is, and what is typed on which sheet."""

    name: str
    place: Mapping[str, str]
    filled: dict[str, Any]


def sample_cities() -> list[str]:
    """Return the cities that have samples, sorted."""
    return sorted(path.parent.name for path in SAMPLES.glob("*/cover.csv"))


def write_samples(
    home: Home,
    cities: Sequence[str] | None = None,
    faulty: bool = False,
    years: Sequence[int] = _YEARS,
) -> list[Path]:
    """Write the cities' workbooks into the inbox and return their paths.

    A file that is there already with the same content is left alone, so that a second run finds
    nothing new. `faulty` plants the faults of samples/faulty.yml in the workbooks they name.
    """
    planted = planted_faults() if faulty else {"city": None}
    paths = []
    for city in cities if cities is not None else sample_cities():
        if city not in sample_cities():
            continue
        for year in years:
            form = load_form(year, home.forms)
            books = list(_workbooks(city, year, form))
            hit = (planted["city"], planted.get("year")) == (city, year)
            files = _with_faults(books, form, planted) if hit else _good(books, form)
            paths += _put(home.inbox_year(year), files, year)
    return paths


def planted_faults() -> dict[str, Any]:
    """Return samples/faulty.yml."""
    return yaml.safe_load((SAMPLES / "faulty.yml").read_text(encoding="utf-8"))


def multiply(home: Home, copies: int, years: Sequence[int] = (2024,)) -> list[Path]:
    """Make one city `bench` of `copies` times all sample schools, under codes of their own.

    Writes the city's facts, roster and workbooks. County codes are made up as well.
    """
    home.create()
    roster: list[dict[str, str]] = []
    paths: list[Path] = []
    facts = {"city_code": BENCH_CODE, "name_zh": "合成示例市", "name_en": "Synthetic sample city"}
    province = {"province_code": BENCH_CODE, "province_name_zh": "合成示例省"}
    facts |= {**province, "province_name_en": "Synthetic sample province"}
    for year in years:
        form = load_form(year, home.forms)
        books = [book for city in sample_cities() for book in _workbooks(city, year, form)]
        schools = [book for book in books if "school_code" in book.place]
        files: list[tuple[str, bytes]] = []
        for copy in range(copies):
            for number, book in enumerate(schools):
                code = f"98{copy * len(schools) + number:08d}"
                name = f"{book.place['school_name']}·合成副本{copy + 1}"
                row = {**book.place, "year": str(year), "school_code": code, "school_name": name}
                row["county_code"] = f"9{row['county_code'][1:]}"
                roster.append(row)
                cover = {**book.filled["cover"], "school_code": code, "school_name": name}
                filled = {**book.filled, "cover": cover}
                files.append((f"{code}_{name}.xlsx", _bytes(form, row, filled)))
            paths += _put(home.inbox_year(year), files, year)
            files.clear()
        bureau = next(book for book in books if "school_code" not in book.place)
        cover = {**bureau.filled["bureau_cover"], "city_code": BENCH_CODE}
        filled = {**bureau.filled, "bureau_cover": {**cover, "city_name": facts["name_zh"]}}
        name = f"{BENCH}_市级填报.xlsx"
        paths += _put(home.inbox_year(year), [(name, _bytes(form, facts, filled))], year)
    folder = home.cities / BENCH
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump({"city": BENCH, **facts, "is_synthetic": True}, allow_unicode=True)
    (folder / "city.yml").write_text(text, encoding="utf-8")
    header = ["year", "school_code", "school_name", "county_code", "is_monitored"]
    with (folder / "schools.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(roster)
    return paths


# -- what is typed ---------------------------------------------------------------------------------


def _workbooks(city: str, year: int, form: Form) -> Iterator[Workbook]:
    """Yield a city's workbooks of a year: its schools' in the roster's order, then the bureau's."""
    typed = {name: _rows(SAMPLES / city / f"{name}.csv", year) for name in form.tables}
    for school in _rows(REPOSITORY / "cities" / city / "schools.csv", year):
        code = school["school_code"]
        filled = {}
        for table in form.filed_by(Filer.school):
            own = [row for row in typed[table.id] if row["school_code"] == code]
            filled[table.id] = _cells(table.kind, own, keep=table.id == COVERS[Filer.school])
        yield Workbook(f"{code}_{school['school_name']}.xlsx", school, filled)
    facts = yaml.safe_load((REPOSITORY / "cities" / city / "city.yml").read_text(encoding="utf-8"))
    filled = {
        table.id: _cells(table.kind, typed[table.id], keep=table.id == COVERS[Filer.bureau])
        for table in form.filed_by(Filer.bureau)
    }
    yield Workbook(f"{city}_市级填报.xlsx", facts, filled)


def _cells(kind: TableKind, rows: list[dict[str, str]], keep: bool) -> Any:
    """Return what a sheet holds, without the key columns unless they are cells of their own."""
    cells = [{k: v for k, v in row.items() if keep or k not in _KEYS} for row in rows]
    return (cells or [{}])[0] if kind == TableKind.fields else cells


def _rows(path: Path, year: int) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["year"] == str(year)]


# -- files -----------------------------------------------------------------------------------------


def _good(books: Sequence[Workbook], form: Form) -> list[tuple[str, bytes]]:
    return [(book.name, _bytes(form, book.place, book.filled)) for book in books]


def _bytes(form: Form, place: Mapping[str, str], filled: Mapping[str, Any]) -> bytes:
    workbook = BytesIO()
    write_template(workbook, form, place, filled)
    return workbook.getvalue()


def _put(folder: Path, files: Sequence[tuple[str, bytes]], year: int) -> list[Path]:
    """Write what differs, whole or not at all, dated in the year's December.

    Intake waits for files that were written a moment ago; the date says that these are complete.
    """
    paths = [folder / name for name, _ in files]
    received = datetime(year, 12, 25, tzinfo=UTC).timestamp()
    for number, (path, (_, data)) in enumerate(zip(paths, files, strict=True)):
        if path.exists() and path.read_bytes() == data:
            continue
        with written_whole(path) as beside:
            beside.write_bytes(data)
            os.utime(beside, (received + number, received + number))
    return paths


# -- planted faults --------------------------------------------------------------------------------


def _with_faults(
    books: Sequence[Workbook], form: Form, planted: Mapping[str, Any]
) -> list[tuple[str, bytes]]:
    """Return the files with the planted faults in place of the good ones, and files too many."""
    by_code = {book.place.get("school_code"): book for book in deepcopy(list(books))}
    for fault in planted["cells"]:
        content = by_code[fault["school_code"]].filled[fault["table"]]
        if isinstance(content, list) and fault["row"] == len(content) + 1:
            content.append({})
        cells = content if isinstance(content, dict) else content[fault["row"] - 1]
        cells[fault["column"]] = fault["typed"]
        # What is corrected later is confirmed later, as the good files are.
        by_code[fault["school_code"]].filled["cover"]["confirmed_on"] = f"{form.year}-12-05"
    files = dict(_good(list(by_code.values()), form))
    for fault in planted["files"]:
        book = by_code[fault["school_code"]]
        data = files[book.name]
        kind = fault["fault"]
        if kind == "broken":
            files[book.name] = data[: len(data) // 2]
        elif kind == "empty":
            files[book.name] = b""
        elif kind == "encrypted":
            files[book.name] = _encrypted()
        elif kind == "wrong_year":
            book.filled["cover"]["year"] = str(form.year - 1)
            files[book.name] = _bytes(form, book.place, book.filled)
        elif kind == "unknown_school":
            cover = {"school_code": fault["typed"], "school_name": "示例未入册学校（合成）"}
            strange = {**book.filled, "cover": {**book.filled["cover"], **cover}}
            name = f"{fault['typed']}_{cover['school_name']}.xlsx"
            files[name] = _bytes(form, cover, strange)
        elif kind == "two_files":
            again = deepcopy(book.filled)
            again["conditions"]["practice_stations"] = fault["typed"]
            again["cover"]["confirmed_on"] = f"{form.year}-12-11"
            name = book.name.replace(".xlsx", "（再次报送）.xlsx")
            files[name] = _bytes(form, book.place, again)
        else:
            raise ValueError(f"samples/faulty.yml: no such fault: {kind}")
    return list(files.items())


def _encrypted() -> bytes:
    """Return what Excel makes of a workbook with a password: a compound file with its two streams.

    The streams are empty; that they are there is what tells an encrypted workbook.
    """
    free, end, fat_sector = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    header += struct.pack("<108I", *([free] * 108))
    fat = struct.pack("<128I", fat_sector, end, *([free] * 126))
    entries = b""
    named = (("Root Entry", 5, 1), ("EncryptionInfo", 2, 2), ("EncryptedPackage", 2, free))
    for index, (name, kind, link) in enumerate(named):
        text = name.encode("utf-16-le")
        entry = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
        child, right = (link, free) if index == 0 else (free, link)
        entry += struct.pack("<III", free, right, child) + bytes(36)
        entries += entry + struct.pack("<IQ", end, 0)
    return header + fat + entries.ljust(512, b"\0")
