"""What a person sees of an .xlsx and the fast reader does not give.

What belongs here: errors, formulas that nobody computed, numbers that their format shows otherwise,
struck-out and raised text, what is hidden, merged, or stands beyond every form. What does not: the
cells that are what they look like (reader.py); they are nearly all, and cost nothing here.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Container, Iterator
from functools import lru_cache, partial
from typing import Any, NamedTuple

from orchestration.intake.workbook.colours import are_alike
from orchestration.intake.workbook.limits import (
    MAX_COLUMNS,
    broken,
    stored,
    unpack,
    with_members,
)
from orchestration.intake.workbook.number_format import GENERAL, colours_of, is_date
from orchestration.intake.workbook.ooxml.book import (
    TRUE,
    Book,
    Change,
    Style,
    as_read,
    book_of,
    unescaped,
)
from orchestration.intake.workbook.ooxml.conditions import Conditions, conditions_of
from orchestration.intake.workbook.ooxml.formulas import Shared
from orchestration.intake.workbook.ooxml.notes import notes_of
from orchestration.intake.workbook.ooxml.package import (
    parts_of,
    require_plain_targets,
    require_usual,
    target_path,
)
from orchestration.intake.workbook.ooxml.pages import pages_of
from orchestration.intake.workbook.ooxml.plain import are_plain
from orchestration.intake.workbook.ooxml.sheet_bytes import near_part, plainly
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import (
    Look,
    Place,
    Range,
    Seen,
    Shown,
    ShownDay,
    Unread,
    date_as_shown,
    is_repeated,
    number_as_shown,
    picture_in_cell,
    place_of,
    shows_signs,
    text_as_shown,
)
from orchestration.intake.workbook.xml_steps import local, opened, steps

_REFERENCE = re.compile(r"[A-Za-z]{1,3}[0-9]{1,9}")
# In a corner a line from edge to edge parts two heads; through a number it strikes it out.
_NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]*)?")
_FLAT, _NARROW = 0.7, 1.9  # signs that have room in a column of which nothing is seen, or one
_SHORT = 16_000_000  # bytes of sheets that are looked through all at once
_STYLES, _TEXTS_OF_ALL = "xl/styles.xml", "xl/sharedstrings.xml"
_USUAL = {_STYLES: _STYLES, _TEXTS_OF_ALL: "xl/sharedStrings.xml"}
_PROGRAM = "docprops/app.xml"  # says who wrote the workbook
_WORLD_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T00:00:00(?:\.0+)?Z")
_NO_NUMBERS = {*"Nnu"}  # None, NaN, null, undefined begin so
_TEXTS = {"s", "str", "inlineStr"}


def seen_in_xlsx(data: bytes, archive: zipfile.ZipFile) -> Seen:
    """Return what a person sees of a workbook otherwise than the fast reader gives it.

    Raises `UnusualPackageError` where the fast reader would not find the parts or not read them.
    """
    there = parts_of(archive)

    unpacked: dict[str, bytes] = {}

    def content(name: str) -> bytes:
        if name not in there:
            return b""
        found = unpacked[there[name].filename] = require_usual(unpack(data, there[name]))
        return found

    workbook = content("xl/workbook.xml")
    parts = _related(require_plain_targets(content("xl/_rels/workbook.xml.rels")), workbook)
    book = book_of(
        workbook, content(parts.styles), content(parts.texts), partial(content, _PROGRAM)
    )
    kept = _moved(there, {_STYLES: parts.styles, _TEXTS_OF_ALL: parts.texts}, content)
    if b"<!" in book.texts:
        usual = there.get(_TEXTS_OF_ALL)
        kept[usual.filename if usual else _USUAL[_TEXTS_OF_ALL]] = plainly(book.texts)
    sheets = [(name, path, content(path)) for name, path in parts.sheets]
    _require_told_kinds(parts, sheets)
    looks = _with_notes(sheets, there, content)
    is_quiet = book.is_quiet
    # Sheets are short: to look through all of them at once costs a fraction of one by one.
    is_short = sum(len(xml) for _, _, xml in sheets) < _SHORT
    if is_quiet and is_short and are_plain([xml for _, _, xml in sheets], book):
        made = with_members(archive, kept) if kept else stored(data, archive, unpacked)
        return Seen(looks, len(sheets), made, bool(kept))
    for number, (name, path, xml) in enumerate(sheets):
        if not xml or (is_quiet and are_plain([xml], book)):
            continue
        near, cells, strays = near_part(name, xml, book)
        if near is not xml:
            kept[there[path].filename] = near
        look = _look(name, cells, book)
        look.strays = strays
        if number in looks:
            look.notes = looks[number].notes
        looks[number] = look
    return Seen(looks, len(sheets), with_members(archive, kept) if kept else data, bool(kept))


class _Parts(NamedTuple):
    """Where a workbook's parts are: each sheet's name and path, its styles, its shared texts."""

    sheets: list[tuple[str, str]]
    styles: str
    texts: str
    others: frozenset[str] = frozenset()  # paths of what is said to be no sheet of cells


@lru_cache(maxsize=16)
def _related(relations: bytes, workbook: bytes) -> _Parts:
    """Return where the parts are; the same for all workbooks made from one template."""
    if not relations or not workbook:
        return _Parts([], _STYLES, _TEXTS_OF_ALL)
    targets, by_kind, others = dict[str, str](), dict[str, str](), set[str]()
    for relation in opened(relations, "Relationship"):
        path = target_path("xl", relation.get("Target", ""))
        targets[relation.get("Id", "")] = path
        kind = relation.get("Type", "").rpartition("/")[2]
        by_kind.setdefault(kind, path)
        if kind in ("chartsheet", "dialogsheet"):
            others.add(path)
    sheets = opened(workbook, "sheet")
    return _Parts(
        [(sheet.get("name", ""), targets.get(sheet.get("id", ""), "")) for sheet in sheets],
        by_kind.get("styles", _STYLES),
        by_kind.get("sharedStrings", _TEXTS_OF_ALL),
        frozenset(others),
    )


def _require_told_kinds(parts: _Parts, sheets: list[tuple[str, str, bytes]]) -> None:
    """Raise `UnreadableFile` for cells of what is said to be a chart: the fast reader skips it."""
    if any(path in parts.others and b"sheetData" in xml for _, path, xml in sheets):
        raise broken("工作表与其类型不符", "a sheet is not of the kind that it is said to be")


def _with_notes(
    sheets: list[tuple[str, str, bytes]],
    there: Container[str],
    content: Callable[[str], bytes],
) -> dict[int, Look]:
    """Return the looks of sheets on which notes hang, or whose pages say something, by number."""
    looks = dict[int, Look]()
    for number, (name, path, xml) in enumerate(sheets):
        beside, notes = _relations_of(path), pages_of(xml)
        if beside in there:
            notes += notes_of(name, content(beside), _beside(path, content))
        if notes:
            looks[number] = Look(notes=notes)
    return looks


def _relations_of(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/_rels/{name}.rels"


def _beside(path: str, content: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """Return how to get the content of a part by what a sheet's relations call it."""
    return lambda target: content(target_path(path.rpartition("/")[0], target))


def _moved(
    there: dict[str, zipfile.ZipInfo], parts: dict[str, str], content: Callable[[str], bytes]
) -> dict[str, bytes]:
    """Return the parts that the fast reader looks for in places where they are not."""
    return {
        there[usual].filename if usual in there else _USUAL[usual]: content(path)
        for usual, path in parts.items()
        if path != usual and path in there
    }


# -- one sheet -------------------------------------------------------------------------------------


def _look(sheet: str, xml: bytes, book: Book) -> Look:
    look = Look()
    row = column = -1
    hides_zeros = False
    arrays = list[tuple[Range, Unread]]()  # of formulas that nobody computed
    conditions = Conditions(sheet, conditions_of(xml, book))
    said, shared = _Said(look), Shared()
    look.rounds_results = book.rounds_results
    around = ("col", "mergeCell", "drawing", "sparklineGroup", "sheetView", "sheetFormatPr")
    names = ("row", "c", *around)
    for name, is_end, attributes, element in (
        (step.name, step.is_end, step.attributes, step.element) for step in steps(xml, *names)
    ):
        if name == "row" and not is_end:
            place = attributes.get("r", "")
            row, column = int(place) - 1 if place.isdecimal() else row + 1, -1
            if attributes.get("hidden") in TRUE or _is_flat(attributes, "ht", 2):
                look.hidden_rows.add(row)
        elif name == "c" and is_end:
            column += 1
            place = attributes.get("r", "")
            if _REFERENCE.fullmatch(place):
                row, column = place_of(place.upper())
            seen = _seen(attributes, element, book, hides_zeros)
            if len(element):
                seen = said.at((row, column), attributes, element) or seen
            if conditions.ranges and len(element) and not isinstance(seen, Unread):
                changes = conditions.at(row, column)
                seen = _otherwise(attributes, element, book, changes) or seen
            arrays += _arrays(element, seen)
            look.formulas |= shared.at((row, column), element)
            if seen is not None:
                look.cells[row, column] = seen
                look.has_drawings |= getattr(seen, "kind", None) == ProblemKind.cell_is_a_picture
        elif not is_end:
            hides_zeros |= name == "sheetView" and attributes.get("showZeros", "1") not in TRUE
            _see_around(look, name, attributes)
    look.fill(sheet, arrays)
    look.hatch(said.narrow)
    return look


class _Said:
    """The places of a sheet where something is said, and its numbers in narrow columns."""

    def __init__(self, look: Look) -> None:
        self.look, self.places, self.narrow = look, set[Place](), dict[Place, str]()

    def at(self, place: Place, attributes: dict[str, str], cell: Any) -> Unread | None:
        """Return a cell as unread that another one stands over, or that has two values."""
        if place[1] in self.look.narrow_columns and attributes.get("t", "n") == "n":
            self.narrow[place] = _value_of(cell)
        values = [part for part in cell if local(part.tag) in ("v", "is")]
        is_double = len(values) > 1 and any("".join(part.itertext()).strip() for part in values)
        if place in self.places or is_double:
            return Unread(ProblemKind.cell_is_ambiguous, _value_of(cell))
        self.places.add(place)
        return None


def _value_of(cell: Any) -> str:
    return "".join(next((part.itertext() for part in cell if local(part.tag) == "v"), ()))


def _arrays(cell: Any, seen: Any) -> Iterator[tuple[Range, Unread]]:
    """Yield the range of a formula that nobody computed, which stands in its first cell alone."""
    if not isinstance(seen, Unread) or seen.kind != ProblemKind.cell_is_a_formula_without_value:
        return
    for part in cell:
        begin, _, end = part.get("ref", "").upper().partition(":")
        is_one = part.get("t") in ("array", "dataTable")
        if is_one and _REFERENCE.fullmatch(begin) and _REFERENCE.fullmatch(end):
            yield (*place_of(begin), *place_of(end)), seen


def _see_around(look: Look, name: str, attributes: dict[str, str]) -> None:
    """Take in what is not a cell: columns that are hidden or narrow, merged ranges, drawings."""
    if name == "sheetFormatPr" and _is_flat(attributes, "defaultColWidth", _FLAT):
        look.hidden_columns.update(range(MAX_COLUMNS))
    elif name == "sheetFormatPr" and _is_flat(attributes, "defaultColWidth", _NARROW):
        look.narrow_columns.update(range(MAX_COLUMNS))
    elif name == "col":
        first, last = (int(attributes.get(end, "1")) for end in ("min", "max"))
        columns = range(first - 1, min(last, MAX_COLUMNS))
        look.hidden_columns.difference_update(columns)
        look.narrow_columns.difference_update(columns)
        if attributes.get("hidden") in TRUE or _is_flat(attributes, "width", _FLAT):
            look.hidden_columns.update(columns)
        elif _is_flat(attributes, "width", _NARROW):
            look.narrow_columns.update(columns)
    elif name == "mergeCell":
        begin, _, end = attributes.get("ref", "").partition(":")
        if _REFERENCE.fullmatch(begin) and _REFERENCE.fullmatch(end):
            look.merged.append((*place_of(begin), *place_of(end)))
    elif name in ("drawing", "sparklineGroup"):
        look.has_drawings = True


def _is_flat(attributes: dict[str, str], size: str, least: float) -> bool:
    """Tell whether a row or a column was drawn together until nothing of it can be seen."""
    try:
        return float(attributes.get(size, "8")) <= least
    except ValueError:
        return False


def _otherwise(
    attributes: dict[str, str], cell: Any, book: Book, changes: list[Change]
) -> Unread | None:
    """Return a cell as unread if by one of these changes it shows something else."""
    value = _value_of(cell)
    said = next((as_read(part) for part in cell if local(part.tag) == "is"), value)
    said = str(book.text(value) if attributes.get("t") == "s" else said)
    style = _style(attributes, book)
    if said.strip() and any(change.shows_otherwise(said, style) for change in changes):
        return Unread(ProblemKind.cell_shows_otherwise, said)
    return None


def _seen(
    attributes: dict[str, str], cell: Any, book: Book, hides_zeros: bool
) -> Unread | ShownDay | str | None:
    """Return what a cell shows where that is not what it stores; none for all others."""
    parts = {local(part.tag): part for part in cell}
    kind, formula = attributes.get("t", ""), parts.get("f")
    value = "".join(parts["v"].itertext()) if "v" in parts else ""
    style = _style(attributes, book)
    text = _text(kind, value, parts, book, style.behind)
    said = str(text) if kind in _TEXTS else str(text or value)
    if kind == "e":
        return Unread(ProblemKind.cell_is_an_error, value or "#")
    written = "".join(formula.itertext()) if formula is not None else ""
    picture = picture_in_cell(written) or picture_in_cell(said)
    if picture is not None:
        return picture
    if formula is not None:
        # A formula whose result is the empty text has t="str" and an empty <v>: that is a value.
        is_there = bool(value or text) or (kind == "str" and "v" in parts)
        if not is_there or not book.is_computed:
            return Unread(ProblemKind.cell_is_a_formula_without_value, f"={written}")
    drawn = _drawn_otherwise(said, style)
    if drawn is not None:
        return drawn
    is_lost = kind == "inlineStr" and "is" not in parts and value.strip()
    if is_lost or (kind in ("", "n") and value.strip()[:1] in _NO_NUMBERS):
        return Unread(ProblemKind.cell_is_ambiguous, value)
    if kind in ("", "n", "d"):
        return _number(kind, value, style.code, book, hides_zeros)
    if isinstance(text, Shown | Unread):
        return text
    if kind not in _TEXTS:
        return None
    is_read_so = kind == "s" and not book.is_escaped
    return text_as_shown(said, style.code) or (None if is_read_so or not (said or value) else said)


def _number(
    kind: str, value: str, code: str, book: Book, hides_zeros: bool
) -> Unread | Shown | ShownDay | None:
    if kind == "d":
        day = _WORLD_DAY.fullmatch(value)
        return Shown(day[1], value) if day else None
    if is_date(code):
        return date_as_shown(value, code, book.is_1904)
    return number_as_shown(value, code, hides_zeros)


def _drawn_otherwise(said: str, style: Style) -> Unread | None:
    """Return what a cell says as unread where its style lets nobody read it so."""
    if said and (style.is_struck or (style.is_crossed and _NUMBER.fullmatch(said.strip()))):
        return Unread(ProblemKind.cell_is_struck_out, said)
    if (style.is_filled and is_repeated(said)) or (style.is_symbols and shows_signs(said)):
        return Unread(ProblemKind.cell_shows_otherwise, said)
    is_on_own = any(are_alike(colour, style.behind) for colour in colours_of(style.code))
    if (style.is_pale or is_on_own) and said.strip():
        return Unread(ProblemKind.cell_shows_nothing, said)
    return None


def _style(attributes: dict[str, str], book: Book) -> Style:
    number = attributes.get("s", "0")
    is_there = number.isdecimal() and int(number) < len(book.styles)
    return book.styles[int(number)] if is_there else Style(GENERAL)


def _text(
    kind: str, value: str, parts: dict[str, Any], book: Book, behind: str
) -> str | Shown | Unread:
    if kind == "s":
        return book.text(value, behind)
    if "is" in parts:
        return as_read(parts["is"], behind)
    return unescaped(value) if kind in _TEXTS else ""
