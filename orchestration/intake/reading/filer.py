"""Whose workbook a file is: what its cover, its name and the roster say, and whether they agree.

What belongs here: finding the school or the bureau, and telling a file that names two. What does
not: what the cover says (records.py), and which of a school's files counts (intake/batch.py).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from orchestration.forms.contract import Column, Filer, Form
from orchestration.forms.template import instruction_lines
from orchestration.ground.text import Text
from orchestration.intake.layout.labels import names_of
from orchestration.intake.names import file_is_void
from orchestration.intake.plain_text import narrow
from orchestration.intake.reading.records import ABSENT, ReadCell, Record
from orchestration.intake.workbook.problems import Problem, ProblemKind

_DIGITS = re.compile(r"[0-9]+")
_SHORTEST_CODE = 6
_SHORT, _MOST_SEARCHED = 100, 10_000  # texts that are kept with what was found in them
_DIVISION = 6  # digits of a school code that name its county
_KINDS_OF_CITY = re.compile(r"(市|地区|自治州|州|盟)$")
_PROVINCE = re.compile(r"^(?:[一-鿿]{2,3}省|[一-鿿]{2,6}自治区)")
_OF_A_BUREAU = re.compile(r"(市|地区|自治州|州|盟)?[（(]?((教育|教体|主管|人民政府|本级).*)?")
_YEAR_IN_NAME = re.compile(r"(?<!\d)(20\d\d)(?:学年度?|年度?)(?!\d|[初末底]?[上填]?报|第)")
_CITY_IN_NAME = re.compile(r"(?:^|[^一-鿿]|年)(?!年)([一-鿿]{2,3}市)(?![级直])")


@dataclass(frozen=True)
class School:
    """One line of a roster."""

    city: str
    code: str
    name: str
    county: str = ""


@dataclass(frozen=True)
class Bureau:
    """A city whose bureau files a workbook of its own; `name` is the city's."""

    city: str
    code: str
    name: str


@dataclass(frozen=True)
class Context:
    """What reading one year's files needs to know; schools and bureaus are by code.

    `roots` is where the forms of other years lie.
    """

    form: Form
    schools: Mapping[str, School]
    bureaus: Mapping[str, Bureau]
    roots: Sequence[Path] = ()

    @cached_property
    def schools_by_name(self) -> Mapping[str, list[School]]:
        """The schools by name: several cities may have one of the same."""
        by_name: dict[str, list[School]] = {}
        for school in self.schools.values():
            by_name.setdefault(_plain(school.name), []).append(school)
        by_name.pop("", None)
        return by_name

    @cached_property
    def tables_by_name(self) -> Mapping[Filer, Mapping[str, str]]:
        """The tables that a school or the bureau files, by the plain names of their sheets."""
        return {
            filer: {name: t.id for t in self.form.filed_by(filer) for name in names_of(t)}
            for filer in Filer
        }

    @cached_property
    def columns_by_unit(self) -> Mapping[Filer, Mapping[str, Column]]:
        """A column of numbers for each unit that a school's or the bureau's tables have."""
        return {
            filer: {
                column.unit: column
                for table in self.form.filed_by(filer)
                for column in table.columns
                if column.unit and column.is_number
            }
            for filer in Filer
        }

    @cached_property
    def instructions(self) -> frozenset[str]:
        """What the template's instructions say, as letters and digits alone."""
        return instruction_lines(self.form, self.roots)

    @cached_property
    def named_in(self) -> dict[str, list[School]]:
        """The schools named in texts that were searched: titles are the same in every workbook."""
        return {}

    @cached_property
    def codes_by_start(self) -> Mapping[str, list[str]]:
        """The schools' codes by how they begin: a text is searched once for all of them."""
        return _by_start(self.schools)

    @cached_property
    def names_by_start(self) -> Mapping[str, list[str]]:
        """The schools' names by how they begin."""
        return _by_start(self.schools_by_name)


@dataclass(frozen=True)
class Cover:
    """A cover's cells by column, the sheet that they stand on, and the file's name."""

    cells: Record
    sheet: str
    file_name: str

    def cell(self, column: str) -> ReadCell:
        """Return a cell; an empty one where it does not stand there."""
        return self.cells.get(column, ABSENT)


class Whose(NamedTuple):
    """Whose a file is: a school or a bureau, or nobody's; and what contradicts it."""

    filer: School | Bureau | None
    problem: Problem | None = None


def submission_id_of(year: int, file_hash: str, named: tuple[str, str | None] | None = None) -> str:
    """Return the id of one file handed in for one year.

    `named` are the city and the school that its name names, where equal bytes have other names too.
    """
    parts = [str(year), file_hash, *(part or "" for part in named or ())]
    return hashlib.sha256(":".join(parts).encode()).hexdigest()[:16]


def whose_school(cover: Cover, context: Context) -> Whose:
    """Return the school whose code stands on the cover, if nothing names another one.

    What is contradicted is given to whom two of code, name and file name agree on; else to nobody.
    So is a code on no roster: its school must hear of the wrong digit.
    """
    code, name = cover.cell("school_code"), cover.cell("school_name")
    by_code = context.schools.get(code.read or "")
    called = context.schools_by_name.get(_plain(name.read or ""), [])
    in_name = list(_schools_in(cover.file_name, context))
    if by_code is None:
        both = {one for one in called if one in in_name}
        whose = both.pop() if len(both) == 1 else None
        return Whose(whose, _unknown(cover, "school_code"))
    by_name = _among(by_code, called)
    by_file = _among(by_code, in_name)
    in_words = _among(by_code, schools_named_in(cover.file_name, context))
    if in_words is not None and by_file in (None, by_code):
        by_file = in_words
    strays = [] if by_file else _stray_codes(cover.file_name, by_code)
    others = {one for one in (by_name, by_file) if one is not None} - {by_code}
    if not others and not strays:
        return Whose(by_code)
    votes = Counter(one for one in (by_code, by_name, by_file) if one is not None)
    (first, most), *rest = votes.most_common()
    agreed = None if any(count == most for _, count in rest) else first
    said = [_said_by(cover, "school_code", Text("学校标识码", "school code"), by_code)]
    said += [_said_by(cover, "school_name", Text("学校名称", "school name"), by_name)]
    said += [_file_says(cover.file_name, by_file, strays)] if by_file or strays else []
    odd = "school_name" if by_name is not None and by_name != (agreed or by_code) else "school_code"
    return Whose(agreed, _contradicted(cover, odd, said))


def whose_bureau(cover: Cover, context: Context) -> Whose:
    """Return the bureau whose code stands on the cover, if its name and the file's name agree.

    A contradicted or unknown one is given to whom most of them name, so that it hears of it, and is
    not read: a city's own figures have no second source to tell it by.
    """
    code, name = cover.cell("city_code"), cover.cell("city_name")
    by_code = context.bureaus.get(code.read or "")
    by_file, by_name = _bureaus_in(cover.file_name, context), list[Bureau]()
    if name.read is not None:
        by_name = [one for one in context.bureaus.values() if _is_called(one, name.read)]
    votes = Counter([*by_file, *by_name, *([by_code] if by_code else [])])
    whose = votes.most_common(1)[0][0] if votes else None
    if by_code is None:
        return Whose(whose, _unknown(cover, "city_code"))
    is_named = name.read is None or by_code in by_name
    is_file_odd = _names_others(cover.file_name, by_code, context)
    if is_named and not is_file_odd and (not by_file or by_code in by_file):
        return Whose(by_code)
    said = [_said_by(cover, "city_code", Text("城市代码", "city code"), by_code)]
    said += [_said_by(cover, "city_name", Text("城市名称", "city name"), None)]
    if is_file_odd or (by_file and by_code not in by_file):
        said.append(_file_says(cover.file_name, None, []))
    return Whose(whose, _contradicted(cover, "city_code", said))


def named_by_file(file_name: str, context: Context) -> School | Bureau | None:
    """Return the one filer whom a file's name names, by code or by name; a school goes first."""
    found: set[School | Bureau] = set(_schools_in(file_name, context))
    found |= set(schools_named_in(file_name, context))
    found = found or set(_bureaus_in(file_name, context))
    return found.pop() if len(found) == 1 else None


def says_it_is_no_report(file_name: str, year: int) -> bool:
    """Tell whether a file's name says that it is void, a draft or another year's; not of a date."""
    text = _plain(file_name)
    years = {int(found) for found in _YEAR_IN_NAME.findall(text)}
    return file_is_void(file_name) or bool(years and year not in years)


def _bureaus_in(file_name: str, context: Context) -> list[Bureau]:
    """Return the bureaus whose city's name or code stands in a file's name."""
    text = file_name.lower()
    numbers = _DIGITS.findall(narrow(text))
    return [
        one
        for one in context.bureaus.values()
        if _stem(one.name) in text or one.city.lower() in text or one.code in numbers
    ]


def _is_called(bureau: Bureau, name: str) -> bool:
    """Tell whether a name is a city's or its bureau's, and not that of a place within the city."""
    rest = _PROVINCE.sub("", _plain(name)).removeprefix(_stem(bureau.name))
    return rest != _PROVINCE.sub("", _plain(name)) and _OF_A_BUREAU.fullmatch(rest) is not None


def _names_others(file_name: str, bureau: Bureau, context: Context) -> bool:
    """Tell whether a bureau's file is called after a school, or after a city that is not its."""
    cities = {_stem(found) for found in _CITY_IN_NAME.findall(_plain(file_name))}
    schools = any(_schools_in(file_name, context)) or schools_named_in(file_name, context)
    return bool(schools) or bool(cities and _stem(bureau.name) not in cities)


def _among(wanted: School, found: Sequence[School]) -> School | None:
    """Return the wanted school if it was found, else another one; none where none was."""
    return wanted if wanted in found else next(iter(found), None)


def _schools_in(file_name: str, context: Context) -> Iterator[School]:
    """Yield the schools whose code stands in a file's name."""
    for digits in _DIGITS.findall(narrow(file_name)):
        if len(digits) >= _SHORTEST_CODE:
            # Two codes may stand without a space between them, or a year before one.
            for code in _standing_in(digits, context.codes_by_start):
                yield context.schools[code]


def schools_named_in(file_name: str, context: Context) -> list[School]:
    """Return the schools whose whole name stands in a file's name; of nested ones the longest."""
    found = context.named_in.get(file_name)
    if found is not None:
        return found
    names = _standing_in(_plain(file_name), context.names_by_start)
    whole = [name for name in names if not any(name in other for other in names if other != name)]
    found = [school for name in whole for school in context.schools_by_name[name]]
    if len(file_name) <= _SHORT and len(context.named_in) < _MOST_SEARCHED:
        context.named_in[file_name] = found
    return found


def _by_start(known: Collection[str]) -> dict[str, list[str]]:
    """Return texts by their first signs, as many as the shortest one has."""
    length = min(map(len, known), default=0)
    found: dict[str, list[str]] = {}
    for text in sorted(known, key=len):
        found.setdefault(text[:length], []).append(text)
    return found


def _standing_in(text: str, known: Mapping[str, list[str]]) -> list[str]:
    """Return the texts, known by how they begin, that stand in a text, in their order there."""
    length = len(next(iter(known), ""))
    return [
        one
        for at in range(len(text))
        for one in known.get(text[at : at + length], ())
        if text.startswith(one, at)
    ]


def _stray_codes(file_name: str, school: School) -> list[str]:
    """Return what in a file's name looks like a code of the school's county, and is nobody's."""
    return [
        digits
        for digits in _DIGITS.findall(narrow(file_name))
        if len(digits) == len(school.code) and digits[:_DIVISION] == school.code[:_DIVISION]
    ]


def _unknown(cover: Cover, column: str) -> Problem:
    cell = cover.cell(column)
    sheet = cover.sheet if cell.cell else ""
    return Problem(ProblemKind.school_is_unknown, sheet, cell.cell, column, cell.typed)


def _contradicted(cover: Cover, column: str, said: Sequence[Text]) -> Problem:
    """Return the problem at the cell that is the odd one out; all are named."""
    detail = Text("；".join(text.zh for text in said), "; ".join(text.en for text in said))
    cell = cover.cell(column)
    kind = ProblemKind.filer_is_contradicted
    return Problem(kind, cover.sheet, cell.cell, column, cell.typed, detail)


def _said_by(cover: Cover, column: str, what: Text, whose: School | Bureau | None) -> Text:
    """Return what a cell of the cover says and, if it is known, whose that is on the roster."""
    cell = cover.cell(column)
    place = f"{cover.sheet}!{cell.cell}"
    name = f"（{whose.code} {whose.name}）" if whose else ""
    code = f" ({whose.code} {whose.name})" if whose else ""
    return Text(f"{place} {what.zh}“{cell.typed}”{name}", f"{place} {what.en} '{cell.typed}'{code}")


def _file_says(file_name: str, whose: School | None, strays: Sequence[str]) -> Text:
    name = whose.name if whose else ""
    if strays:
        numbers = "、".join(strays)
        zh, en = f"（{numbers} 不是这所学校的代码）", f" ({numbers} is not the school's code)"
    else:
        zh, en = (f"（{name}）", f" ({name})") if name else ("", "")
    return Text(f"文件名“{file_name}”{zh}", f"file name '{file_name}'{en}")


def _plain(name: str) -> str:
    """Return a name without spaces and width."""
    return "".join(narrow(name).split())


def _stem(city_name: str) -> str:
    """Return a city's name without what kind of city it is, as people leave it out."""
    plain = _plain(city_name)
    stem = _KINDS_OF_CITY.sub("", plain)
    return stem if len(stem) > 1 else plain
