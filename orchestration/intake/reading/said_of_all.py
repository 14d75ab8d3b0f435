"""What is said of more than one sheet: names of schools, places and sheets, units on the cover.

What belongs here: texts above the labels that name another sheet, school or place, the school's
own name there and among records, units on the cover. What does not: what a sheet's texts say of its
own table (intake/layout/), and whose a file is (filer.py).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from orchestration.forms.contract import COVERS, ColumnType, Table, TableKind
from orchestration.ground.home import REPOSITORY
from orchestration.ground.text import Text
from orchestration.intake.layout.heads import is_usual_head
from orchestration.intake.layout.labels import known_label, names_of, plain_sheet
from orchestration.intake.layout.layout import SaidAt, as_said, is_odd_unit, says
from orchestration.intake.layout.note_words import SCHOOLS
from orchestration.intake.layout.unit_lines import units_said
from orchestration.intake.normalise import factor_of
from orchestration.intake.plain_text import narrow, typed_text
from orchestration.intake.reading.filer import Context, schools_named_in
from orchestration.intake.reading.records import ABSENT, FiledRow
from orchestration.intake.receipt import Outcome, SheetReceipt, address
from orchestration.intake.workbook.problems import Problem, ProblemKind
from orchestration.intake.workbook.sheet import Sheet

# What a signature adds to the name; a contest or a course may well begin with it otherwise.
_SIGNED = re.compile(
    r"(?:\(.{0,12}\))?(?:.{0,12}(?:处|科|室|部|中心|办|组|系|会|公司|厂))?(?:\(.{0,12}\))?:?"
)
_SIGNS = re.compile(
    r"\s*[^:：]{0,8}(?:单位|学校|部门|依据)(?:名称|代码|标识码)?(?:[(（].{0,6}[)）])?\s*[:：]|[^:：]{4,30}[(（](?:盖章|公章|章)[)）]"
    r"|\s*[^:：]{0,8}(?:代码|标识码)\s*(?:[:：]|[A-Z\d]{6})|\s*[^:：]{0,3}(?:[县区州省]|地市)[)）份]?\s*[:：]|\s*所在[^:：]{1,2}\s*[:：]"
    r"|\s*(?:[主抄呈]送|[抄呈]?报|报送)\s*[:：]"
)
_SEEDS = REPOSITORY / "dbt_project" / "seeds"
# A school that is named with a place: no 中等职业学校, no 各学校.
_NAMES_A_SCHOOL = re.compile(
    r"(?:^|[:,;(])(?:[^\W\d_]{2,4}省)?+(?:[^\W\d_]{2,4}市)?+"
    rf"((?!中等职业|职业|中职|[各本我该全学])[^\W\d_]{{2,20}}?(?:{SCHOOLS}))"
)
_CODES = re.compile(r"(?<!\d)\d{10,18}(?!\d)")
# Of 统一社会信用代码 and the like no roster tells whose they are.
_ASKS_A_CODE = re.compile(r"(?<!信用)(?<!组织机构)(?:代码|标识码)")


_ROW = re.compile(r"\d+")
_TITLE_ROWS = 5
_AT_TEXTS = {ProblemKind.text_says_otherwise, ProblemKind.content_is_not_read}
_OF_ANY_TITLE = re.compile(r"(?:基本|主要|统计|汇总|情况|信息|数据|名单|一览)+$")
_ON_COVER = Text("（封面上的单位与报表的不同）", " (a unit on the cover that is not the form's)")


class Filed(NamedTuple):
    """Who files: a school's name and code, none for a bureau; the codes of the place it lies in."""

    name: str
    code: str
    place: str

    def lies_in(self, code: str) -> bool:
        """Tell whether a division is the filer's own, or one that its own lies in.

        A filer of which only the city is known may lie in any of its counties.
        """
        own = self.place
        ends = (own[:2] + "0000", own[:4] + "00", own)
        return code in ends or (bool(self.name) and own.endswith("00") and code[:4] == own[:4])


def names_another(text: str, filed: Filed, context: Context) -> bool:
    """Tell whether a text names a school, a school's code or a place that is not the filer's."""
    codes = _CODES.findall(text)
    is_a_code = _ASKS_A_CODE.search(text) is not None
    if any(code != filed.code and (is_a_code or code in context.schools) for code in codes):
        return True
    said = narrow(text).replace(narrow(filed.name), " ") if filed.name else text
    places = places_in(said).values() if filed.place else ()
    if any(not any(map(filed.lies_in, codes)) for codes in places):
        return True
    schools = {one.name for one in schools_named_in(text, context)}
    if schools:
        return filed.name not in schools
    if not filed.name:
        return False
    found = _NAMES_A_SCHOOL.search(narrow(text).replace(" ", ""))
    return found is not None and not _abbreviates(found[1], narrow(filed.name))


def _abbreviates(short: str, name: str) -> bool:
    """Tell whether a name has all signs of a shorter one, in their order: 西峰职专."""
    signs = iter(name)
    return all(sign in signs for sign in short)


@lru_cache(maxsize=4096)
def places_in(text: str) -> Mapping[str, frozenset[str]]:
    """Return the divisions that a text names in full, with the codes of all that are called so."""
    found, said = dict[str, frozenset[str]](), "".join(narrow(text).split())
    # 正宁县 is no 宁县: the longest first.
    for name, codes in _divisions().items():
        if name in said:
            found[name], said = codes, said.replace(name, " ")
    return found


@lru_cache(maxsize=1)
def _divisions() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    levels = ("province_name", "province_code"), ("city_name", "city_code"), ("name", "code")
    for seed in ("divisions.csv", "province_cities.csv"):
        with (_SEEDS / seed).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for name, code in levels:
                    if name in row:
                        found.setdefault(row[name], set()).add(row[code])
    longest_first = sorted(found, key=len, reverse=True)
    return {name: frozenset(found[name]) for name in longest_first}


def filed_by(city: str | None, code: str | None, context: Context) -> Filed:
    """Return who files for a city: one of its schools, or its bureau where there is no code."""
    bureau = next((one.code for one in context.bureaus.values() if one.city == city), "")
    school = context.schools.get(code or "")
    if school is None:
        return Filed("", "", bureau)
    is_known = school.county.isdecimal()
    return Filed(school.name, school.code, school.county if is_known else bureau)


def said_of_all(
    found: Mapping[str, Sheet], tables: Sequence[Table], filed: Filed, context: Context
) -> Iterator[Problem]:
    """Yield what is odd about texts that speak of other sheets or schools, or of all sheets."""
    for table in tables:
        if table.id in found:
            yield from titles_of_others(found[table.id], table, filed, context)
            if table.id in COVERS.values():
                yield from units_on_cover(found[table.id], table, context)


def titles_of_others(
    sheet: Sheet, table: Table, filed: Filed, context: Context
) -> Iterator[Problem]:
    """Yield a problem for texts above a table that name another sheet, school or place."""
    tables = context.tables_by_name[table.filed_by]
    for row, at, text, _ in _above_labels(sheet, table, context.form.year):
        said = " ".join([text, *(typed_text(v) for v in sheet.rows[row] if type(v) is float)])
        name = plain_sheet(text)
        title = _OF_ANY_TITLE.sub("", name.removeprefix(filed.name)) or name
        is_others = any(tables.get(one, table.id) != table.id for one in (name, title))
        is_others = is_others and sum(map(says, sheet.rows[row])) == 1
        if is_others or names_another(said, filed, context):
            kind = ProblemKind.text_says_otherwise
            yield Problem(kind, sheet.name, address(row, at), typed=text.strip())


def signatures_of_others(
    sheets: Iterable[Sheet], receipts: Iterable[SheetReceipt], filed: Filed, context: Context
) -> Iterator[Problem]:
    """Yield a problem for notes that another school or bureau signs, there or in the next cell."""
    rows_of = {sheet.name: sheet.rows for sheet in sheets}
    for entry in (entry for receipt in receipts for entry in receipt.entries):
        if entry.outcome != Outcome.passed_over:
            continue
        rows = [int(row) - 1 for row in _ROW.findall(entry.range)]
        cells = rows_of.get(entry.sheet, [])[rows[0] : rows[-1] + 1] if rows else []
        lines = [[typed_text(value) for value in values if says(value)] for values in cells]
        # Left of who signs a record may stand.
        firsts = ((line, next(filter(_SIGNS.match, line), None)) for line in lines)
        signed = [" ".join(line[line.index(first) :]) for line, first in firsts if first]
        if _SIGNS.match(entry.typed):
            signed.append(entry.typed)
        if any(names_another(said, filed, context) for said in signed):
            kind = ProblemKind.text_says_otherwise
            yield Problem(kind, entry.sheet, entry.range, typed=entry.typed.strip())


def _above_labels(sheet: Sheet, table: Table, year: int) -> Iterator[SaidAt]:
    """Yield what the texts above a sheet's labels say beside its own title and usual heads."""
    for row, values in enumerate(sheet.rows[:_TITLE_ROWS]):
        titles = _titles_of(tuple(values), table, year)
        if titles is None:
            return
        for title in titles:
            yield title._replace(row=row)


@lru_cache(maxsize=8192)  # most sheets begin as the template's do
def _titles_of(values: tuple[Any, ...], table: Table, year: int) -> tuple[SaidAt, ...] | None:
    """Return what a row says beside the table's title and usual heads; none if it has labels."""
    if any(isinstance(v, str) and v and known_label(v, table, year) for v in values):
        return None
    said, own = as_said((0, at, value) for at, value in enumerate(values)), names_of(table)
    # A number beside a word may be another's code.
    is_of_heads = not any(type(value) is float for value in values)
    return tuple(
        title
        for title in said
        if not (is_of_heads and is_usual_head(title.text)) and plain_sheet(title.text) not in own
    )


def without_own_name(problems: list[Problem], school: str) -> list[Problem]:
    """Return problems without those of lines that say no more than the school's own name."""
    return [
        problem
        for problem in problems
        if problem.kind not in _AT_TEXTS
        or not school
        or narrow(problem.typed).strip("()[]【】〔〕 ") != narrow(school)
    ]


def units_on_cover(cover: Sheet, table: Table, context: Context) -> Iterator[Problem]:
    """Yield a problem for a unit on the cover, which is of all sheets, if it is not the form's."""
    columns, year = context.columns_by_unit[table.filed_by], context.form.year
    for row, values in enumerate(cover.rows):
        is_labelled = any(isinstance(v, str) and v and known_label(v, table, year) for v in values)
        # Beside a label stands its value, which names no unit.
        cells = [(row, at, v) for at, v in enumerate(values) if at > 1 or not is_labelled]
        for _, at, text, own in as_said(cells):
            words = {*units_said(text), *units_said(own)}
            if any(
                factor_of(word, unit) not in (None, 1) or is_odd_unit(word, column)
                for word in words
                for unit, column in columns.items()
            ):
                kind = ProblemKind.content_is_not_read
                place = address(row, at)
                yield Problem(kind, cover.name, place, typed=text.strip(), detail=_ON_COVER)


def records_of_schools(
    context: Context, rows: Mapping[str, list[FiledRow]], school: str, problems: list[Problem]
) -> Iterator[Problem]:
    """Yield a problem for records named as a school: the filer or another; each is asked once."""
    own, asked = narrow(school), {(p.kind, p.sheet, p.cell) for p in problems}
    form, schools = context.form, context.schools_by_name
    kind = ProblemKind.row_may_be_a_note
    itself = Text("，这是本校自己的名称", ": it is the school's own name")
    other = Text("，这是另一所学校的名称", ": it is another school's name")
    for name, filed in rows.items():
        required = [column for column in form.tables[name].columns if column.required]
        names = [column.id for column in required if column.type == ColumnType.text]
        if not own or not names or form.tables[name].kind != TableKind.rows:
            continue
        for row in filed:
            cell = row.record.get(names[0], ABSENT)
            bare = narrow(cell.read or "")
            is_own = bare.startswith(own)
            if not (is_own or bare in schools) or (kind, row.sheet, cell.cell) in asked:
                continue
            if not is_own or len(required) == 1 or _SIGNED.fullmatch(bare.removeprefix(own)):
                detail = itself if is_own else other
                yield Problem(kind, row.sheet, cell.cell, typed=bare, detail=detail)
