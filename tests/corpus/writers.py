"""Grids written as xlsx, xls, ods and zipped csv, as the programs of clerks write them.

What belongs here: how each format says what a `Cell` and a `Grid` are. What does not: what they
are (grids.py).
"""

from __future__ import annotations

import csv
import io
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter
import xlwt
from grids import Book, Cell, Grid

# -- xlsx ------------------------------------------------------------------------------------------

_XLSX_PARTS = {
    "struck": {"font_strikeout": True},
    "raised": {"font_script": 1},
    "bold": {"bold": True},
    "red": {"font_color": "red"},
}


# A picture of one pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)


def xlsx(book: Book) -> bytes:
    """As Excel saves it: computed unless the book says otherwise."""
    target = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(target, options) as written:
        if book.calculation.startswith("manual"):
            written.set_calc_mode("manual")
        written.calc_on_load = book.calculation == "on_load"
        formats: dict[tuple[tuple[str, Any], ...], Any] = {}

        def style(**properties: Any) -> Any:
            key = tuple(sorted(properties.items()))
            if key not in formats:
                formats[key] = written.add_format(properties)
            return formats[key]

        for grid in book.sheets:
            _write_xlsx(written.add_worksheet(grid.name), grid, style)
    data = target.getvalue()
    if book.calculation == "manual_saved":
        data = _replaced(data, "xl/workbook.xml", b' calcOnSave="0"', b"")
    return _inline(data) if book.has_inline_text else data


def _write_xlsx(sheet: Any, grid: Grid, style: Callable[..., Any]) -> None:
    for first_row, first, last_row, last in grid.merged:
        sheet.merge_range(first_row, first, last_row, last, "")
    for row, values in enumerate(grid.rows):
        for column, value in enumerate(values):
            if isinstance(value, Cell):
                _write_xlsx_cell(sheet, row, column, value, style)
            elif value is not None:
                sheet.write(row, column, value)
    for row in range(len(grid.rows), len(grid.rows) + grid.formatted_rows):
        sheet.write_blank(row, 0, None, style(border=1))
    _hide_xlsx(sheet, grid)
    for top, left, bottom, right in grid.pictures:
        # What a picture of one pixel is stretched to; rows and columns are as wide as usual.
        scales = {"x_scale": 64 * (right - left + 1), "y_scale": 20 * (bottom - top + 1)}
        sheet.insert_image(top, left, "p.png", {"image_data": io.BytesIO(PIXEL), **scales})
    for said, write in ((grid.header, sheet.set_header), (grid.footer, sheet.set_footer)):
        if said:
            write(said)


def _hide_xlsx(sheet: Any, grid: Grid) -> None:
    if grid.is_hidden:
        sheet.hide()
    if grid.filtered:
        sheet.autofilter(1, 0, grid.last(), max(map(len, grid.rows)) - 1)
        sheet.filter_column(0, "x == 是")
    for row in grid.hidden_rows | grid.filtered:
        sheet.set_row(row, None, None, {"hidden": True})
    for column in grid.hidden_columns:
        sheet.set_column(column, column, 12, None, {"hidden": True})


def _write_xlsx_cell(
    sheet: Any, row: int, column: int, cell: Cell, style: Callable[..., Any]
) -> None:
    looks: dict[str, Any] = {}
    if cell.number_format:
        looks["num_format"] = cell.number_format
    if cell.is_struck:
        looks["font_strikeout"] = True
    look = style(**looks) if looks else None
    if cell.formula:
        sheet.write_formula(row, column, f"={cell.formula}", look, cell.value)
    elif len(cell.parts) > 1:
        pieces: list[Any] = []
        for text, kind in cell.parts:
            pieces += [style(**_XLSX_PARTS[kind]), text] if kind else [text]
        sheet.write_rich_string(row, column, *pieces)
    elif cell.parts:
        ((text, kind),) = cell.parts
        sheet.write_string(row, column, text, style(**_XLSX_PARTS[kind]) if kind else look)
    else:
        sheet.write(row, column, cell.value, look)


def _replaced(data: bytes, member: str, old: bytes, new: bytes) -> bytes:
    return _edited(data, lambda name, part: part.replace(old, new) if name == member else part)


def _edited(data: bytes, edit: Callable[[str, bytes], bytes]) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as read,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for name in read.namelist():
            written.writestr(name, edit(name, read.read(name)))
    return target.getvalue()


def _inline(data: bytes) -> bytes:
    """As programs write it that keep each text in its cell and have no shared ones."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        shared = archive.read("xl/sharedStrings.xml")
    texts = re.findall(rb"<si>(.*?)</si>", shared, re.DOTALL)

    def edit(name: str, part: bytes) -> bytes:
        if not name.startswith("xl/worksheets/"):
            return part
        return re.sub(
            rb't="s"><v>(\d+)</v>',
            lambda found: b't="inlineStr"><is>%b</is>' % texts[int(found[1])],
            part,
        )

    return _edited(data, edit)


# -- xls -------------------------------------------------------------------------------------------

# xlwt writes a formula with an empty text as its result, and no other; this is it.
_NO_RESULT = bytes.fromhex("030000000000ffff")


def xls(book: Book) -> bytes:
    """As Excel 97 to 2003 saved it."""
    written = xlwt.Workbook(encoding="utf-8")
    results: list[Any] = []
    styles: dict[tuple[str, bool], xlwt.XFStyle] = {}
    for grid in book.sheets:
        sheet = written.add_sheet(grid.name)
        if book.calculation.startswith("manual"):
            sheet.calc_mode = 0
            sheet.save_recalc = int(book.calculation == "manual_saved")
        for row, values in enumerate(grid.rows):
            for column, value in enumerate(values):
                if isinstance(value, Cell):
                    _write_xls_cell(sheet, row, column, value, styles, results)
                elif value is not None:
                    sheet.write(row, column, value)
        _lay_out_xls(sheet, grid)
    target = io.BytesIO()
    written.save(target)
    pieces = target.getvalue().split(_NO_RESULT)
    if len(pieces) != len(results) + 1:
        raise ValueError("a formula's result stands across two sectors: move it")
    data = pieces[0]
    for result, piece in zip(results, pieces[1:], strict=True):
        data += (_NO_RESULT if result is None else struct.pack("<d", result)) + piece
    return data


def _lay_out_xls(sheet: Any, grid: Grid) -> None:
    sheet.visibility = 1 if grid.is_hidden else 0
    for first_row, first, last_row, last in grid.merged:
        sheet.merge(first_row, last_row, first, last)
    for row in grid.hidden_rows | grid.filtered:
        sheet.row(row).hidden = True
    for column in grid.hidden_columns:
        sheet.col(column).hidden = True
    # Its own setters take no text.
    sheet._Worksheet__header_str, sheet._Worksheet__footer_str = grid.header, grid.footer
    for row in range(len(grid.rows), len(grid.rows) + grid.formatted_rows):
        sheet.write(row, 0, None, xlwt.easyxf("borders: left thin, right thin"))


def _write_xls_cell(
    sheet: Any,
    row: int,
    column: int,
    cell: Cell,
    styles: dict[tuple[str, bool], xlwt.XFStyle],
    results: list[Any],
) -> None:
    key = (cell.number_format or "General", cell.is_struck)
    if key not in styles:
        look = xlwt.XFStyle()
        look.num_format_str = key[0]
        look.font = _xls_font("struck" if cell.is_struck else "")
        styles[key] = look
    if cell.formula:
        sheet.write(row, column, xlwt.Formula(cell.formula), styles[key])
        results.append(cell.value)
    elif cell.parts:
        pieces = [(text, _xls_font(kind)) for text, kind in cell.parts]
        sheet.write_rich_text(row, column, pieces, styles[key])
    else:
        sheet.write(row, column, cell.value, styles[key])


def _xls_font(kind: str) -> xlwt.Font:
    font = xlwt.Font()
    font.struck_out = kind == "struck"
    font.bold = kind == "bold"
    font.escapement = xlwt.Font.ESCAPEMENT_SUPERSCRIPT if kind == "raised" else 0
    font.colour_index = 10 if kind == "red" else 0x7FFF
    return font


# -- ods -------------------------------------------------------------------------------------------

_NUMBER = '<number:number number:decimal-places="{0}" number:min-decimal-places="{0}" {1}/>'


def _decimals(count: int, more: str = "") -> str:
    return _NUMBER.format(count, f'number:min-integer-digits="1" {more}')


_GROUPED = 'number:grouping="true"'
# What LibreOffice writes for these formats of Excel: kind of style, content.
_ODS_FORMATS = {
    "0": ("number", _decimals(0)),
    "0.0": ("number", _decimals(1)),
    "0.00": ("number", _decimals(2)),
    "#,##0": ("number", _decimals(0, _GROUPED)),
    "#,##0.00": ("number", _decimals(2, _GROUPED)),
    "#,##0,": ("number", _decimals(0, f'{_GROUPED} number:display-factor="1000"')),
    "0%": ("percentage", _decimals(0) + "<number:text>%</number:text>"),
    "0.00%": ("percentage", _decimals(2) + "<number:text>%</number:text>"),
    '0"人"': ("number", _decimals(0) + "<number:text>人</number:text>"),
    '0.00"万元"': ("number", _decimals(2) + "<number:text>万元</number:text>"),
    '0"元"': ("number", _decimals(0) + "<number:text>元</number:text>"),
    '0"千元"': ("number", _decimals(0) + "<number:text>千元</number:text>"),
    ";;;": ("number", "<number:text></number:text>"),
    "0.00E+00": (
        "number",
        '<number:scientific-number number:decimal-places="2" number:min-integer-digits="1" '
        'number:min-exponent-digits="2"/>',
    ),
    "yyyy-mm-dd": (
        "date",
        '<number:year number:style="long"/><number:text>-</number:text><number:month '
        'number:style="long"/><number:text>-</number:text><number:day number:style="long"/>',
    ),
    '"¥"#,##0.00': (
        "number",
        f"<number:text>¥</number:text>{_decimals(2, _GROUPED)}",
    ),
}
_ODS_PARTS = {
    "struck": 'style:text-line-through-style="solid" style:text-line-through-type="single"',
    "raised": 'style:text-position="super 58%"',
    "bold": 'fo:font-weight="bold"',
    "red": 'fo:color="#ff0000"',
}
_ODS_ROOT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" office:version="1.3">'
)
_ODS_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
    'manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type='
    '"application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry '
    'manifest:full-path="content.xml" manifest:media-type="text/xml"/><manifest:file-entry '
    'manifest:full-path="meta.xml" manifest:media-type="text/xml"/><manifest:file-entry '
    'manifest:full-path="styles.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


_ODS_META = (
    '<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"><office:meta><meta:generator>'
    "LibreOffice/7.4.7.2$Linux_X86_64</meta:generator></office:meta></office:document-meta>"
)


def ods(book: Book) -> bytes:
    """As LibreOffice and WPS save OpenDocument."""
    body = "".join(_ods_table(grid, number) for number, grid in enumerate(book.sheets))
    used = [
        (number, kind, content)
        for number, (kind, content) in enumerate(_ODS_FORMATS.values())
        if f'"n{number}' in body
    ]
    styles = "".join(
        f'<number:{kind}-style style:name="N{number}">{content}</number:{kind}-style>'
        for number, kind, content in used
    )
    styles += "".join(
        f'<style:style style:name="n{number}{struck}" style:family="table-cell" '
        f'style:data-style-name="N{number}">{text}</style:style>'
        for number, _, _ in used
        for struck, text in (("", ""), ("x", _ods_text("struck")))
    )
    styles += (
        f'<style:style style:name="x" style:family="table-cell">{_ods_text("struck")}</style:style>'
        '<style:style style:name="b" style:family="table-cell"><style:table-cell-properties '
        'fo:border="0.06pt solid #000000"/></style:style>'
        '<style:style style:name="shown" style:family="table"><style:table-properties '
        'table:display="true"/></style:style><style:style style:name="hidden" '
        'style:family="table"><style:table-properties table:display="false"/></style:style>'
    )
    styles += "".join(
        f'<style:style style:name="{style}{number}" style:family="table" '
        f'style:master-page-name="P{number}"><style:table-properties '
        f'table:display="{shown}"/></style:style>'
        for number, grid in enumerate(book.sheets)
        if grid.header or grid.footer
        for style, shown in (("shown", "true"), ("hidden", "false"))
    )
    styles += "".join(
        f'<style:style style:name="{kind}" style:family="text">{_ods_text(kind)}</style:style>'
        for kind in _ODS_PARTS
    )
    content = (
        f"{_ODS_ROOT}<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        archive.writestr(zipfile.ZipInfo("mimetype"), kind)
        archive.writestr("META-INF/manifest.xml", _ODS_MANIFEST)
        archive.writestr("content.xml", content)
        archive.writestr("meta.xml", _ODS_META)
        archive.writestr("styles.xml", _ods_pages(book))
    return target.getvalue()


def _ods_text(kind: str) -> str:
    return f"<style:text-properties {_ODS_PARTS[kind]}/>"


def _ods_pages(book: Book) -> str:
    """Master pages as LibreOffice writes them: one for all sheets, one for each that says more."""
    pages = "".join(
        f'<style:master-page style:name="P{number}">{_ods_page("header", grid.header)}'
        f"{_ods_page('footer', grid.footer)}</style:master-page>"
        for number, grid in enumerate(book.sheets)
        if grid.header or grid.footer
    )
    plain = _ods_page("header", "&A") + _ods_page("footer", "第 &P 页")
    return (
        _ODS_ROOT.replace("document-content", "document-styles")
        + f'<office:master-styles><style:master-page style:name="Default">{plain}'
        f"</style:master-page>{pages}</office:master-styles></office:document-styles>"
    )


_ODS_FIELDS = {
    "&amp;P": "<text:page-number>1</text:page-number>",
    "&amp;N": "<text:page-count>9</text:page-count>",
    "&amp;A": "<text:sheet-name>???</text:sheet-name>",
}
_ODS_LOOKS = re.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|[0-9]{1,3}|B)')  # spans, which say nothing
_ODS_REGIONS = {"&L": "left", "&C": "center", "&R": "right"}


def _ods_page(part: str, said: str) -> str:
    _, *pieces = re.split("(&[LCR])", said if said[:2] in _ODS_REGIONS else f"&C{said}")
    regions = ""
    for section, text in zip(pieces[::2], pieces[1::2], strict=True):
        name, line = f"style:region-{_ODS_REGIONS[section]}", escape(_ODS_LOOKS.sub("", text))
        for code, field in _ODS_FIELDS.items():
            line = line.replace(code, field)
        regions += f"<{name}><text:p>{line}</text:p></{name}>"
    return f"<style:{part}>{regions}</style:{part}>"


def _ods_table(grid: Grid, number: int) -> str:
    width = max([1, *map(len, grid.rows)])
    covered, spans = set(), {}
    for first_row, first, last_row, last in grid.merged:
        spans[(first_row, first)] = (last_row - first_row + 1, last - first + 1)
        covered |= {
            (row, column)
            for row in range(first_row, last_row + 1)
            for column in range(first, last + 1)
        } - {(first_row, first)}
    frames = {
        (top, left): f'<draw:frame table:end-cell-address="{grid.name}.{_address(bottom, right)}">'
        '<draw:image xlink:href="Pictures/p.png"><text:p/></draw:image></draw:frame>'
        for top, left, bottom, right in grid.pictures
    }
    columns = "".join(
        "<table:table-column"
        + (' table:visibility="collapse"/>' if column in grid.hidden_columns else "/>")
        for column in range(width)
    )
    lines, blank = [], 0
    for row, values in enumerate([*grid.rows, *[[]] * grid.formatted_rows]):
        if not values and row < len(grid.rows):
            blank += 1
            continue
        if blank:
            lines.append(
                f'<table:table-row table:number-rows-repeated="{blank}"><table:table-cell/>'
                "</table:table-row>"
            )
            blank = 0
        hides = 'table:visibility="collapse"' if row in grid.hidden_rows else ""
        hides = 'table:visibility="filter"' if row in grid.filtered else hides
        cells = "".join(
            _ods_cell(
                value,
                (row, column) in covered,
                spans.get((row, column)),
                frames.get((row, column), ""),
            )
            for column, value in enumerate(values or [Cell("", "border")])
        )
        lines.append(f"<table:table-row {hides}>{cells}</table:table-row>")
    style = "hidden" if grid.is_hidden else "shown"
    style += str(number) if grid.header or grid.footer else ""
    return (
        f'<table:table table:name={quoteattr(grid.name)} table:style-name="{style}">'
        f"{columns}{''.join(lines)}</table:table>"
    )


def _address(row: int, column: int) -> str:
    return f"{chr(ord('A') + column)}{row + 1}"


def _ods_cell(value: Any, is_covered: bool, span: tuple[int, int] | None, frame: str = "") -> str:
    cell = value if isinstance(value, Cell) else Cell(value)
    tag = "table:covered-table-cell" if is_covered else "table:table-cell"
    said = ""
    if span:
        said += f' table:number-rows-spanned="{span[0]}" table:number-columns-spanned="{span[1]}"'
    if cell.number_format == "border":
        return f'<{tag} table:style-name="b"/>'
    name = ""
    if cell.number_format:
        name = f"n{list(_ODS_FORMATS).index(cell.number_format)}"
    name += "x" if cell.is_struck else ""
    if name:
        said += f' table:style-name="{name}"'
    if cell.formula:
        said += f" table:formula={quoteattr('of:=' + cell.formula)}"
    content = cell.value
    if cell.parts:
        pieces = "".join(
            f'<text:span text:style-name="{kind}">{escape(text)}</text:span>'
            if kind
            else escape(text)
            for text, kind in cell.parts
        )
        return f'<{tag}{said} office:value-type="string">{frame}<text:p>{pieces}</text:p></{tag}>'
    if content is None:
        return f"<{tag}{said}>{frame}</{tag}>"
    if isinstance(content, int | float) and not isinstance(content, bool):
        kind = "percentage" if cell.number_format.endswith("%") else "float"
        return f'<{tag}{said} office:value-type="{kind}" office:value="{content!r}">{frame}</{tag}>'
    lines = "".join(f"<text:p>{_ods_spaces(line)}</text:p>" for line in str(content).split("\n"))
    return f'<{tag}{said} office:value-type="string">{frame}{lines}</{tag}>'


def _ods_spaces(text: str) -> str:
    """OpenDocument folds spaces that are not said to be ones."""
    return re.sub(r"^ | $|(?<= ) ", "<text:s/>", escape(text))


# -- csv -------------------------------------------------------------------------------------------


def csv_zip(
    book: Book,
    encoding: str = "utf-8-sig",
    delimiter: str = ",",
    line_end: str = "\r\n",
    folder: str = "",
    edit: Callable[[str, str], str] = lambda sheet, text: text,
) -> bytes:
    """As zipped csv, one file a sheet; `edit` spoils a sheet's text.

    What a code page has not becomes a question mark, as in Excel.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for grid in book.sheets:
            text = io.StringIO(newline="")
            writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
            writer.writerows([[_csv_text(v) for v in row] for row in grid.rows])
            archive.writestr(
                zipfile.ZipInfo(f"{folder}{grid.name}.csv"),
                edit(grid.name, text.getvalue()).encode(encoding, "replace"),
            )
    return target.getvalue()


def renamed(data: bytes, rename: Callable[[int, str], str]) -> bytes:
    """An archive whose members have other names, each made of its number and its name."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as read,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for number, name in enumerate(read.namelist()):
            written.writestr(rename(number, name), read.read(name))
    return target.getvalue()


def _csv_text(value: Any) -> str:
    value = value.value if isinstance(value, Cell) else value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


WRITERS: dict[str, Callable[[Book], bytes]] = {
    "xlsx": xlsx,
    "xls": xls,
    "ods": ods,
    "csv.zip": csv_zip,
}
