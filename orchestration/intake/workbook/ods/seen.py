"""What a person sees of an OpenDocument spreadsheet and the fast reader does not give.

What belongs here: the cells of all tables, how often each stands, what is hidden, merged, noted, or
stands beyond every form. What does not: what is seen of one cell (values.py); all other cells
(intake/workbook/reader.py).
"""

from __future__ import annotations

import re
import zipfile
from itertools import islice, product
from typing import Any

from lxml import etree

from orchestration.intake.receipt import address_of
from orchestration.intake.workbook.limits import (
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_UNPACKED,
    MOST_STRAYS,
    broken,
    reach,
    require_cells,
    require_size,
    too_large,
    with_members,
)
from orchestration.intake.workbook.ods.conditions import MOST_COMPARED, conditions_of
from orchestration.intake.workbook.ods.formulas import as_excel
from orchestration.intake.workbook.ods.pages import DEFAULT_PAGE, pages_of
from orchestration.intake.workbook.ods.styles import Styles, styles_of
from orchestration.intake.workbook.ods.text import cell_text, covers_on, notes_on
from orchestration.intake.workbook.ods.values import NUMBERS, type_of, value_seen
from orchestration.intake.workbook.problems import ProblemKind, UnreadableFile
from orchestration.intake.workbook.sheet import (
    Hanging,
    Look,
    Note,
    Place,
    Range,
    Seen,
    ShownDay,
    Unread,
    place_of,
)
from orchestration.intake.workbook.xml_steps import Step, local, steps

_CONTENT, _META, _MANIFEST = "content.xml", "meta.xml", "META-INF/manifest.xml"
_MIMETYPE, ODS = "mimetype", b"application/vnd.oasis.opendocument.spreadsheet"
_MOST_REPEATED = 1000
_MOST_ROWS = 300_000  # of all sheets, each written on its own
_CELLS = ("table-cell", "covered-table-cell")
# Other programs write formulas with whatever value they like.
_COMPUTES = re.compile(
    rb"Office|Excel|WPS|Kingsoft|Collabora|Gnumeric|Calligra|KSpread|Google|Zoho"
    rb"|Yozo|PlanMaker",
    re.IGNORECASE,
)
_GENERATOR = re.compile(rb"generator>([^<>]*)<")
# The fast reader takes the blanks of an indented document for content.
_BLANKS = re.compile(rb">\s+(?=</?table:|<text:p[\s/>])")


def seen_in_ods(data: bytes, archive: zipfile.ZipFile) -> Seen:
    """Return what a person sees of a document otherwise than the fast reader gives it."""
    there = set(archive.namelist())
    if len(there) < len(archive.namelist()):
        raise broken("压缩包内有同名部分", "two of its parts have one name")
    manifest = archive.read(_MANIFEST) if _MANIFEST in there else b""
    if "encrypted-package" in there or b"encryption-data" in manifest:
        raise UnreadableFile(ProblemKind.file_is_encrypted, "文件有密码", "it has a password")
    written = archive.read(_CONTENT)
    content = _BLANKS.sub(b">", written)
    parts = [archive.read("styles.xml")] if "styles.xml" in there else []
    named = _GENERATOR.search(archive.read(_META)) if _META in there else None
    is_computed = named is not None and _COMPUTES.search(named[1]) is not None
    rows = content.count(b"<table:table-row")
    if rows > _MOST_ROWS:
        raise too_large(f"{rows} 行", f"{rows} rows")
    pages = pages_of(parts[0]) if parts else {}
    looks, limits = _looks(content, styles_of([*parts, content]), is_computed, pages)
    if any(look.strays for look in looks):
        content = _without_strays(content, limits)
    for look in looks:
        look.strays = {place: text for place, text in look.strays.items() if text.strip()}
    changed = {} if content == written else {_CONTENT: content}
    if _MIMETYPE not in there:
        changed[_MIMETYPE] = ODS
    return Seen(
        dict(enumerate(looks)), len(looks), with_members(archive, changed) if changed else data
    )


def _looks(
    content: bytes, styles: Styles, is_computed: bool, pages: dict[str, list[Note]]
) -> tuple[list[Look], list[Place]]:
    walk = _Walk(styles, is_computed, conditions_of(content), pages)
    around = ("calculation-settings", "table", "table-column", "table-row", "shapes")
    for step in steps(content, *around, *_CELLS):
        if step.name in _CELLS and step.is_end:
            walk.cell(step)
        elif step.name == "calculation-settings":
            walk.rounds_results = step.attributes.get("precision-as-shown") == "true"
        elif step.name == "shapes" and step.is_end:
            walk.note(0, 0, step)
        elif step.name not in _CELLS and not step.is_end:
            walk.around(step)
    if walk.looks:
        walk.end()
    return walk.looks, walk.limits


class _Walk:
    """Where a walk through a document's tables stands, and what it has seen."""

    def __init__(
        self,
        styles: Styles,
        is_computed: bool,
        conditions: dict[int, list[tuple[Range, str]]],
        pages: dict[str, list[Note]],
    ) -> None:
        self.styles, self.is_computed, self.looks = styles, is_computed, list[Look]()
        self.conditions, self.compared, self.pages = conditions, 0, pages
        self.look, self.sheet, self.columns = Look(), "", list[str]()
        self.row = self.column = self.row_times = 0  # blanks may be repeated a million times
        self.row_style, self.length, self.rounds_results = "", 0, False
        self.arrays = list[tuple[Range, Unread]]()  # of formulas that nobody computed
        # Of each cell that says something its last place, and how many they are of all sheets;
        # of each sheet, how many of its rows and columns are read.
        self.said, self.cells, self.area = dict[Place, str](), 0, 0
        self.limits = list[Place]()
        self.narrow = dict[Place, str]()  # numbers in columns with no room for them

    def around(self, step: Step) -> None:
        """Take in what begins: a table, its pictures, a column, a row."""
        said = step.attributes
        is_hidden = said.get("visibility", "visible") != "visible" or _is_folded(step.element)
        if step.name == "table":
            if self.looks:
                self.end()
            self.sheet, self.row, self.row_times, self.columns = said.get("name", ""), 0, 0, []
            page = self.styles.pages.get(said.get("style-name", ""), DEFAULT_PAGE)
            notes = list(self.pages.get(page, ()))
            self.look = Look(notes=notes, rounds_results=self.rounds_results)
            self.looks.append(self.look)
        elif step.name == "shapes":
            self.look.has_drawings = True
        elif step.name == "table-column":
            begin = len(self.columns)
            times = min(int(said.get("number-columns-repeated", "1")), MAX_COLUMNS)
            self.columns += [said.get("default-cell-style-name", "")] * times
            if is_hidden or said.get("style-name", "") in self.styles.flat:
                self.look.hidden_columns.update(range(begin, begin + times))
            elif said.get("style-name", "") in self.styles.narrow:
                self.look.narrow_columns.update(range(begin, begin + times))
        else:
            self.row, self.column = self.row + self.row_times, 0
            self.row_times = int(said.get("number-rows-repeated", "1"))
            self.row_style = said.get("default-cell-style-name", "")
            if is_hidden or said.get("style-name", "") in self.styles.flat:
                last = min(self.row + self.row_times, MAX_ROWS)
                self.look.hidden_rows.update(range(self.row, last))

    def cell(self, step: Step) -> None:
        """Take in a cell that ends, as often as it is repeated."""
        times = int(step.attributes.get("number-columns-repeated", "1"))
        shown = cell_text(step.element)
        own = self.columns[self.column] if self.column < len(self.columns) else ""
        style = step.attributes.get("style-name") or self.row_style or own
        seen = value_seen(step, shown, style, self.styles, self.is_computed)
        if (shown or type_of(step)) and not isinstance(seen, Unread):
            seen = self._otherwise(step, shown, style, times) or seen
        if seen is not None or shown or type_of(step):
            self._require_few_copies(len(shown) * self.row_times * times)
            is_far = self.row + self.row_times > MAX_ROWS or self.column + times > MAX_COLUMNS
            if is_far:
                self._stray(shown, self.row_times * times)
            else:
                self._count(shown, times)
            if self.column in self.look.narrow_columns and type_of(step) in NUMBERS:
                self.narrow[self.row, self.column] = step.attributes.get("value", "")
            if seen is not None and not is_far:
                self._put(seen, times)
                self._fill(step, seen)
        if "formula" in step.attributes and self.row < MAX_ROWS and self.column < MAX_COLUMNS:
            self.look.formulas[self.row, self.column] = as_excel(step.attributes["formula"])
        self.note(self.row, self.column, step)
        _see_around(self.look, step, self.row, self.column)
        self.column += times

    def note(self, row: int, column: int, step: Step) -> None:
        """Take in what hangs on a cell, or lies over a whole sheet."""
        self.look.notes += [Note((row, column), *note) for note in notes_on(step.element)]
        for end in covers_on(step.element) if row < MAX_ROWS else ():
            bottom, right = place_of(end) if end else (row, column)
            range_ = address_of(row, column, max(row, bottom), max(column, right))
            self.look.notes.append(Note((row, column), Hanging.cover, range_))

    def _otherwise(self, step: Step, shown: str, style: str, times: int) -> Unread | None:
        """Return a cell as unread if it shows something else where a condition holds."""
        applied = list(self.styles.maps.get(style, ()))
        ranges = self.conditions.get(len(self.looks) - 1, ())
        self.compared += len(ranges)
        if self.compared > MOST_COMPARED:
            raise too_large("条件格式过多", "too many conditional formats", self.sheet)
        for (top, left, bottom, right), name in ranges:
            is_beside = self.column > right or self.column + times <= left
            if not is_beside and self.row <= bottom and self.row + self.row_times > top:
                applied.append(name)
        value = step.attributes.get("value", "")
        if any(not a or self.styles.shows_otherwise(a, style, value) for a in applied):
            return Unread(ProblemKind.cell_shows_otherwise, shown or value)
        return None

    def _require_few_copies(self, length: int) -> None:
        self.length += length
        if self.length > MAX_UNPACKED:
            raise too_large("重复的长文本过多", "too many copies of a long text")

    def _stray(self, text: str, times: int) -> None:
        """Keep a cell that stands beyond every form; many such are a file too large."""
        self.look.strays[self.row, self.column] = text
        if len(self.look.strays) + times - 1 > MOST_STRAYS:
            raise too_large("很远处有多处内容", "content far beyond the form", self.sheet)

    def _fill(self, step: Step, seen: Unread | ShownDay | str) -> None:
        """Take what a formula fills that nobody computed for what its first cell is."""
        down, right = (
            int(step.attributes.get(f"number-matrix-{name}-spanned", "1"))
            for name in ("rows", "columns")
        )
        uncomputed = ProblemKind.cell_is_a_formula_without_value
        if (down > 1 or right > 1) and isinstance(seen, Unread) and seen.kind == uncomputed:
            last = self.row + down - 1, self.column + right - 1
            self.arrays.append(((self.row, self.column, *last), seen))

    def end(self) -> None:
        """Take in what a whole table says of its cells."""
        self.look.fill(self.sheet, self.arrays)
        self.look.hatch(self.narrow)
        rows, columns = reach(self.said) if self.said else (0, 0)
        self.area = require_cells(self.area + rows * columns, self.sheet)
        for place, text in self.said.items():
            if place[0] >= rows or place[1] >= columns:
                self.look.strays[place] = text
                self.look.cells.pop(place, None)
        is_cut = bool(self.look.strays)
        self.limits.append((rows, columns) if is_cut else (MAX_ROWS, MAX_COLUMNS))
        self.arrays, self.said, self.narrow = [], {}, {}

    def _count(self, text: str, times: int) -> None:
        """Count a cell as often as it is repeated: the fast reader has room for each."""
        self.cells = require_cells(self.cells + self.row_times * times, self.sheet)
        self.said[self.row + self.row_times - 1, self.column + times - 1] = text
        if self.row_times * times > 1:  # no single cell that may stand apart
            self.said.setdefault((self.row, self.column), text)

    def _put(self, seen: Unread | ShownDay | str, times: int) -> None:
        places = product(range(self.row_times), range(times))
        for down, right in islice(places, _MOST_REPEATED):
            self.look.cells[self.row + down, self.column + right] = seen
            require_size(self.sheet, len(self.look.cells), 1)


def _is_folded(element: Any) -> bool:
    """Tell whether a row or a column is in a group that is not shown."""
    groups = element.iterancestors("{*}table-row-group", "{*}table-column-group")
    return any({local(k): v for k, v in g.items()}.get("display") == "false" for g in groups)


def _see_around(look: Look, step: Step, row: int, column: int) -> None:
    down, right = (
        int(step.attributes.get(f"number-{n}-spanned", "1")) for n in ("rows", "columns")
    )
    if down > 1 or right > 1:
        look.merged.append((row, column, row + down - 1, column + right - 1))
    if any(local(part.tag) == "frame" for part in step.element):
        look.has_drawings = True


def _without_strays(content: bytes, limits: list[Place]) -> bytes:
    """Return the document's content without rows and columns that no form has."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    tree = etree.fromstring(content, parser)
    for table, (rows, columns) in zip(tree.iter("{*}table"), limits, strict=True):
        for row in table.iter("{*}table-row"):
            _keep_first(list(row.iterchildren(*(f"{{*}}{name}" for name in _CELLS))), columns)
        _keep_first(list(table.iter("{*}table-row")), rows)
    return etree.tostring(tree)


def _keep_first(elements: list[Any], most: int) -> None:
    """Drop what stands behind so many rows or cells, repeated ones counted."""
    at = 0
    for element in elements:
        repeated = next((key for key in element.attrib if key.endswith("-repeated")), None)
        times = int(element.get(repeated, "1")) if repeated else 1
        if at + times > most:
            if at >= most or repeated is None:
                element.getparent().remove(element)
            else:
                element.set(repeated, str(most - at))
        at += times
