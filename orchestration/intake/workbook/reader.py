"""From bytes to grids of cells; every workbook is hostile until it is read.

What belongs here: reading the kinds that are taken, and their dangers. What does not: what other
files are (kinds.py), how much is too much (limits.py) and what a cell means (intake/reading/).
Nothing is executed, no link is followed.
"""

from __future__ import annotations

import io
import re
import zipfile

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from orchestration.intake.workbook.computed import hold_results
from orchestration.intake.workbook.csv_archive import holds_csv, read_csv_archive
from orchestration.intake.workbook.kinds import (
    OLE,
    kind_of_compound,
    kind_of_other,
    no_workbook,
    no_workbook_in,
    workbooks_within,
)
from orchestration.intake.workbook.limits import (
    MAX_BYTES,
    MAX_UNPACKED,
    broken,
    open_archive,
    require_cells,
    require_size,
    too_large,
)
from orchestration.intake.workbook.ods.seen import ODS, seen_in_ods
from orchestration.intake.workbook.ooxml.package import (
    UnusualPackageError,
    names_a_workbook,
    names_another_workbook,
    usual_package,
)
from orchestration.intake.workbook.problems import ProblemKind, UnreadableFile
from orchestration.intake.workbook.sheet import Cells, Seen, Sheet
from orchestration.intake.workbook.xlsx import seen_in_xlsx

EXTENSIONS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv.zip", ".zip", ".et")
# How a document names what it keeps of another one's sheet; no sheet of its own may be named so.
_CACHED = re.compile(r"'.*'#.*", re.DOTALL)


def read_workbook(data: bytes) -> list[Sheet]:
    """Return the sheets of a workbook, whatever its kind; raises `UnreadableFile`."""
    if not data:
        raise UnreadableFile(ProblemKind.file_is_empty, "文件为空", "the file is empty")
    if len(data) > MAX_BYTES:
        size = f"{MAX_BYTES // 1024 // 1024} MB"
        raise too_large(f"超过 {size}", f"more than {size}")
    try:
        sheets = _read(data)
        if any(sheet.formulas for sheet in sheets):
            hold_results(sheets)
        return sheets
    except UnreadableFile:
        raise
    except PasswordError as error:
        raise UnreadableFile(
            ProblemKind.file_is_encrypted, "文件有密码", "it has a password"
        ) from error
    except BaseException as error:
        # On hostile input calamine may panic, which is no Exception; it means a broken file too.
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        raise broken("文件损坏", "the file is damaged") from error


def _read(data: bytes) -> list[Sheet]:
    if data.startswith(OLE):
        return _read_compound(data)
    if not data.startswith(b"PK"):
        raise no_workbook(kind_of_other(data))
    with open_archive(data) as archive:
        plain = {name.replace("\\", "/").lower() for name in archive.namelist()}
        if "xl/workbook.xml" in plain:
            # Which of two is shown, is up to the program that opens the file.
            if "content.xml" in plain or names_another_workbook(data, archive):
                raise broken("文件中有两份工作簿", "it holds two workbooks")
            seen = _seen_in_xlsx(data, archive)
        elif "[content_types].xml" in plain | _unrooted(plain) and names_a_workbook(archive):
            return _read(usual_package(archive))
        elif _is_ods(archive, plain):
            seen = seen_in_ods(data, archive)
        elif holds_csv(plain) and not workbooks_within(archive):
            return read_csv_archive(archive)
        else:
            raise no_workbook_in(archive)
    return _read_calamine(seen)


def _unrooted(names: set[str]) -> set[str]:
    return {name.lstrip("/") for name in names}


def _seen_in_xlsx(data: bytes, archive: zipfile.ZipFile) -> Seen:
    """Return what is seen of a workbook, put together anew if it has to be."""
    _require_few_copies(archive)
    try:
        seen = seen_in_xlsx(data, archive)
    except UnusualPackageError:
        data = usual_package(archive)
        with open_archive(data) as usual:
            seen = seen_in_xlsx(data, usual)
    if seen.is_changed:
        with open_archive(seen.data) as changed:
            _require_few_copies(changed)
    return seen


def _is_ods(archive: zipfile.ZipFile, members: set[str]) -> bool:
    """Tell an OpenDocument spreadsheet; who packs one anew may leave out what says its type."""
    if "mimetype" in members:
        return archive.read("mimetype").strip() == ODS
    return "content.xml" in members and b":spreadsheet>" in archive.read("content.xml")


def _read_compound(data: bytes) -> list[Sheet]:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise UnreadableFile(ProblemKind.file_is_encrypted, "文件有密码", "it has a password")
    kind = kind_of_compound(data)
    # Without its root the directory is cut off, and nobody knows what the file was.
    if kind is not None and "Root Entry".encode("utf-16-le") not in data:
        raise broken("文件不完整", "the file is incomplete")
    if kind is not None:
        raise no_workbook(kind)
    # Few schools still hand in .xls; the others need not wait for its library.
    from orchestration.intake.workbook.xls.sheets import read_xls

    return read_xls(data)


def _read_calamine(seen: Seen) -> list[Sheet]:
    book, sheets, cells = CalamineWorkbook.from_filelike(io.BytesIO(seen.data)), [], 0
    _require_names_apart(book.sheet_names, seen.sheets)
    for number, meta in enumerate(book.sheets_metadata):
        if meta.typ is not SheetTypeEnum.WorkSheet:
            continue  # a chart has no cells
        if _CACHED.fullmatch(meta.name):
            continue
        content = book.get_sheet_by_name(meta.name)
        rows, columns = (last + 1 for last in content.end or (-1, -1))
        require_size(meta.name, rows, columns)
        cells = require_cells(cells + rows * columns, meta.name)
        grid: list[Cells] = [*content.to_python(skip_empty_area=False)]
        sheet = Sheet(meta.name, grid, meta.visible is not SheetVisibleEnum.Visible)
        look = seen.looks.get(number)
        sheets.append(sheet if look is None else sheet.as_seen(look))
    return sheets


def _require_names_apart(names: list[str], sheets: int) -> None:
    """Raise `UnreadableFile` where nobody can tell which of two sheets is meant by a name."""
    if len(names) != sheets or len(set(names)) < len(names):
        raise broken("工作表数目不明或有同名工作表", "its sheets cannot be told apart")


def _require_few_copies(archive: zipfile.ZipFile) -> None:
    """Raise `UnreadableFile` if texts stored once would fill the memory as cells."""
    members = {m.filename.replace("\\", "/").lower(): m for m in archive.infolist()}
    shared = members.pop("xl/sharedstrings.xml", None)
    unpacked = sum(m.file_size for m in members.values())
    # A cell that uses a text is some twenty bytes long, so most workbooks need no counting.
    if shared is None or shared.file_size * unpacked // 20 <= MAX_UNPACKED:
        return
    longest = max(map(len, archive.read(shared).split(b"</si>")))
    if longest * unpacked // 20 <= MAX_UNPACKED:
        return
    sheets = (archive.read(m) for name, m in members.items() if name.endswith(".xml"))
    uses = sum(sheet.count(b'"s"') + sheet.count(b"'s'") for sheet in sheets)
    if longest * uses > MAX_UNPACKED:
        raise too_large("重复的长文本过多", "too many copies of a long text")
