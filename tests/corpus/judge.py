"""The judge: what intake read of a file, held against what a clerk would say is filed.

What belongs here: reading a case's file by intake's public entry, and counting what is silently
wrong. What does not: the cases (cases/).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml
from grids import (
    CITY,
    CITY_CODE,
    CODE,
    COUNTY,
    NAME,
    OTHER,
    OTHER_CITY_CODE,
    OTHER_NAME,
    YEAR,
    sample,
)
from truth import NOBODY_CAN_TELL, Case, Truth
from writers import WRITERS

from orchestration.forms.contract import TableKind, load_form
from orchestration.ground.home import REPOSITORY
from orchestration.intake.reading.filer import Bureau, Context, School
from orchestration.intake.reading.submission import Submission, read_submission

Records = dict[str, list[dict[str, str | None]]]


@dataclass
class Judged:
    """One file: what was read, who is asked what, and what is silently wrong."""

    case: Case
    format: str
    data: bytes
    submission: Submission
    silent: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # must and explain, as sentences
    differs: list[str] = field(default_factory=list)  # read otherwise, and said so

    @property
    def name(self) -> str:
        return f"{self.case.kind}: {self.case.name} [{self.format}]"


def context() -> Context:
    """What reading the sample city's files needs to know."""
    schools = {CODE: School(CITY, CODE, NAME, COUNTY), OTHER: School(CITY, OTHER, OTHER_NAME)}
    cities = {CITY_CODE: (CITY, "庆阳市"), OTHER_CITY_CODE: ("baoji", "宝鸡市")}
    bureaus = {code: Bureau(city, code, name) for code, (city, name) in cities.items()}
    roots = [REPOSITORY / "forms"]
    return Context(load_form(YEAR, roots), schools, bureaus, roots)


@cache
def asking_kinds() -> dict[str, str]:
    """Return the sentence of each kind of problem that somebody has to answer: must and explain."""
    path = REPOSITORY / "expectations" / "submission" / "intake.yml"
    rules = yaml.safe_load(path.read_text(encoding="utf-8"))["expectations"]
    asking = [rule for rule in rules if rule["severity"] in {"critical", "warning"}]
    return {rule["meta"]["id"]: rule["meta"]["zh"] + rule["meta"]["fix"]["zh"] for rule in asking}


def read(name: str, data: bytes) -> Submission:
    return read_submission(Path(name), data, hashlib.sha256(data).hexdigest(), context())


def records_of(submission: Submission) -> Records:
    """Return what was read, by table; a table of fields has one record."""
    return {
        table: [{name: cell.read for name, cell in row.record.items()} for row in rows]
        for table, rows in submission.rows.items()
    }


@cache
def untouched(filer: str) -> Records:
    """Return what the untouched workbook says; a test holds it against the samples themselves."""
    book = sample(filer)
    return records_of(read(book.file_name, WRITERS["xlsx"](book)))


def judge(case: Case, kind: str) -> Judged:
    """Make a case's file, read it, and say what is silently wrong with what was read."""
    book = sample(case.filer)
    truth = case.mess(book) or Truth()
    data = (case.write or WRITERS[kind])(book)
    path = Path(book.file_name)
    submission = read(f"{path.stem}.{kind}" if path.suffix == ".xlsx" else path.name, data)
    result = Judged(case, kind, data, submission)
    asking = [p for p in submission.problems if p.kind in asking_kinds()]
    result.asked = [f"{p.kind} {p.sheet}!{p.cell} {p.typed!r}" for p in asking]
    sheets = {problem.sheet for problem in asking}
    form = context().form
    for table, column, was_read, should_be in _differences(submission, truth, case.filer):
        sheet = form.tables[table].sheet
        place = f"{sheet} {column}: read {was_read!r}, should be {_said(should_be)}"
        if "" in sheets or sheet in sheets or sheets & truth.beside:
            result.differs.append(place)
        else:
            result.silent.append(place)
    if not submission.is_read and not asking:
        result.silent.append("not read, and nobody is told")
    if truth.told:
        sentences = [f"{asking_kinds()[p.kind]} {p.detail.zh}" for p in asking]
        if len(sentences) != 1 or truth.told.lower() not in sentences[0].lower():
            result.silent.append(f"nobody is told in one sentence that it is {truth.told}")
    result.silent += [
        f"{sheet}: nobody is asked about what stands there"
        for sheet in sorted(truth.asked - sheets)
        if not sheets & truth.beside
    ]
    return result


def _said(value: Any) -> str:
    return "nobody can tell" if value is NOBODY_CAN_TELL else repr(value)


def _differences(
    submission: Submission, truth: Truth, filer: str
) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield table, column, what was read and what should be, where the two differ."""
    found, form = records_of(submission), context().form
    for table, records in untouched(filer).items():
        wanted = truth.records.get(table, records)
        own = found.get(table, [])
        if wanted is NOBODY_CAN_TELL:
            yield table, "records", len(own), wanted
            continue
        is_of_fields = form.tables[table].kind == TableKind.fields
        if not is_of_fields:
            own, wanted = _unpaired(own, wanted)
        for was_read, should_be in zip_longest(own, wanted):
            for column in should_be or was_read or {}:
                value = (was_read or {}).get(column)
                due = (should_be or {}).get(column)
                if is_of_fields:
                    due = truth.values.get((table, column), due)
                if not is_same(value, due):
                    yield table, column, value, due


def _unpaired(own: list[Any], wanted: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return the records on either side that the other side has not, in whatever order."""
    left, missing = list(own), []
    for record in wanted:
        same = (one for one in left if all(is_same(one.get(c), v) for c, v in record.items()))
        found = next(same, None)
        if found is None:
            missing.append(record)
        else:
            left.remove(found)
    return left, missing


def is_same(was_read: str | None, should_be: Any) -> bool:
    """Tell whether a read value is one of those that are right; 42.0 and 42 are the same."""
    if should_be is NOBODY_CAN_TELL:
        return False
    if isinstance(should_be, tuple):
        return any(is_same(was_read, one) for one in should_be)
    if was_read is None or should_be is None:
        return was_read is should_be
    try:
        return Decimal(was_read) == Decimal(str(should_be))
    except InvalidOperation:
        return was_read == str(should_be)


def judge_all(cases: Iterable[Case]) -> list[Judged]:
    return [judge(case, kind) for case in cases for kind in case.formats]


def table_of(judged: Iterable[Judged]) -> str:
    """Return, by kind and format, how many files there are and how many are silently wrong."""
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for one in judged:
        for kind in (one.case.kind, "all"):
            for name in (one.format, "all"):
                place = counts[kind][name]
                place[0] += 1
                place[1] += bool(one.silent)
                place[2] += len(one.silent)
    formats = ["xlsx", "xls", "ods", "csv.zip", "all"]
    lines = ["files / silently wrong files / silently wrong values"]
    lines.append("".join([f"{'kind':<16}", *(f"{name:>16}" for name in formats)]))
    for kind in sorted(counts, key=lambda kind: (kind == "all", kind)):
        cells = ["/".join(map(str, counts[kind][name])) for name in formats]
        lines.append("".join([f"{kind:<16}", *(f"{cell:>16}" for cell in cells)]))
    return "\n".join(lines)
