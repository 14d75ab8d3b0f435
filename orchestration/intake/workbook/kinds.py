"""What a file is that is no workbook of ours: named, with one sentence on what to do.

What belongs here: telling kinds of files by their bytes; the name of a file proves nothing. What
does not: reading the kinds that are taken (reader.py, xls/sheets.py, csv_archive.py).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection
from pathlib import PurePosixPath

from orchestration.ground.text import Term, Text
from orchestration.intake.workbook.csv_archive import is_shadow, member_name
from orchestration.intake.workbook.problems import ProblemKind, UnreadableFile
from orchestration.intake.workbook.sheet import short_name

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BEGINNING = 4096
_MOST_NAMED = 5

_FILL_IN = Text(
    "请把内容填入下发的模板，保存为 xlsx 后报送",
    "put what it says into the template, save that as .xlsx and hand it in",
)
_SAVE_AS = Text(
    "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”后报送",
    "open it in Excel or WPS, save it as an Excel workbook (.xlsx) and hand that in",
)
_EXPORT = Text(
    "请在 Numbers 中选“文件 → 导出为 → Excel”，报送导出的 xlsx",
    "in Numbers choose File, Export To, Excel, and hand in the .xlsx",
)
_UNPACK = Text("请解压后直接报送里面的工作簿", "unpack it and hand in the workbook itself")
_ONE_SHEET = Text(
    "它只有一张表；请把各表填入下发的模板保存为 xlsx，或每张表存一个 csv 后一起压缩成 zip 报送",
    "it holds one sheet; fill in the template and save it as .xlsx, or zip one .csv a sheet",
)


class FileKind(Term):
    """What a file may be instead of a workbook; each has something that its school can do."""

    word = "word", "Word 文档", "a Word document"
    powerpoint = "powerpoint", "PowerPoint 演示文稿", "a PowerPoint presentation"
    writer = "writer", "OpenDocument 文本文档", "an OpenDocument text"
    rtf = "rtf", "RTF 文档", "an RTF document"
    pdf = "pdf", "PDF 文件", "a PDF file"
    picture = "picture", "图片", "a picture"
    pages = "pages", "苹果 Pages 或 Keynote 文稿", "an Apple Pages or Keynote document"
    numbers = "numbers", "苹果 Numbers 表格", "an Apple Numbers spreadsheet"
    xlsb = "xlsb", "Excel 二进制工作簿（xlsb）", "a binary Excel workbook (.xlsb)"
    html = "html", "网页（HTML）", "a web page (HTML)"
    xml_2003 = "xml_2003", "XML 电子表格 2003", "an XML Spreadsheet 2003"
    flat_ods = "flat_ods", "单文件 OpenDocument 表格（fods）", "a flat OpenDocument sheet (.fods)"
    ods_template = "ods_template", "OpenDocument 表格模板（ots）", "an OpenDocument template (.ots)"
    old_excel = "old_excel", "Excel 4.0 或更早的表格", "a sheet of Excel 4.0 or earlier"
    xml = "xml", "XML 文件", "an XML file"
    csv = "csv", "逗号分隔的文本（csv）", "comma-separated text (csv)"
    tsv = "tsv", "制表符分隔的文本（tsv）", "tab-separated text (tsv)"
    plain_text = "plain_text", "纯文本", "plain text"
    rar = "rar", "RAR 压缩包", "a RAR archive"
    seven_zip = "seven_zip", "7z 压缩包", "a 7z archive"
    gzip = "gzip", "gzip 压缩包", "a gzip archive"
    packed = "packed", "tar、xz、bz2 等压缩包", "an archive of tar, xz, bz2 or their kind"
    zipped_archives = "zipped_archives", "压缩包，里面又是压缩包", "a zip of archives"
    zipped_documents = "zipped_documents", "文档的压缩包", "a zip of documents"
    ofd = "ofd", "OFD 版式文件", "an OFD document"
    json = "json", "JSON 文本", "JSON text"
    lock = (
        "lock",
        "Office 的临时锁定文件，不含内容",
        "the lock file of an open workbook, without content",
    )
    zipped_workbooks = "zipped_workbooks", "工作簿的压缩包", "a zip of workbooks"
    archive = "archive", "压缩包，里面没有报表", "a zip without a form in it"
    shortcut = "shortcut", "快捷方式，不含文件本身", "a shortcut, not the file itself"
    mail = "mail", "电子邮件", "an e-mail"
    program = "program", "程序文件", "a program"
    compound = "compound", "其他 Office 文件", "another Office file"
    unknown = "unknown", "无法识别的文件", "a file of no known kind"


_SAVED_AS = {*(FileKind.xlsb, FileKind.html, FileKind.xml_2003, FileKind.flat_ods)}
_SAVED_AS |= {FileKind.old_excel, FileKind.ods_template}
_UNPACKED = {*(FileKind.rar, FileKind.seven_zip, FileKind.gzip, FileKind.zipped_workbooks)}
_UNPACKED |= {FileKind.packed, FileKind.zipped_archives}
_WHAT_TO_DO = {
    **dict.fromkeys(_SAVED_AS, _SAVE_AS),
    **dict.fromkeys(_UNPACKED, _UNPACK),
    **dict.fromkeys((FileKind.csv, FileKind.tsv), _ONE_SHEET),
    FileKind.numbers: _EXPORT,
    FileKind.shortcut: Text("请报送它指向的文件", "hand in the file that it points to"),
    FileKind.lock: Text(
        "请关闭正在编辑的工作簿，报送名称不以“~$”开头的那个文件",
        "close the workbook that is being edited, and hand in the file whose name does not begin "
        "with ~$",
    ),
    FileKind.mail: Text("请报送邮件里的附件", "hand in what is attached to it"),
}

_SIGNATURES = (
    (b"%PDF", FileKind.pdf),
    (b"{\\rtf", FileKind.rtf),
    (b"Rar!\x1a\x07", FileKind.rar),
    (b"7z\xbc\xaf\x27\x1c", FileKind.seven_zip),
    (b"\x1f\x8b", FileKind.gzip),
    (b"\xfd7zXZ\x00", FileKind.packed),
    (b"BZh", FileKind.packed),
    (b"\x28\xb5\x2f\xfd", FileKind.packed),
    (b"MSCF", FileKind.packed),
    (b"\x89PNG", FileKind.picture),
    (b"\xff\xd8\xff", FileKind.picture),
    (b"GIF8", FileKind.picture),
    (b"II*\0", FileKind.picture),
    (b"MM\0*", FileKind.picture),
    (b"MZ", FileKind.program),
    (b"L\0\0\0\x01\x14\x02\0", FileKind.shortcut),
    (b"[InternetShortcut]", FileKind.shortcut),
    (b"\x09\x00\x04\x00", FileKind.old_excel),
    (b"\x09\x02\x06\x00", FileKind.old_excel),
    (b"\x09\x04\x06\x00", FileKind.old_excel),
)
# By a stream of a compound file, in this order: a document may have a workbook within.
_STREAMS = (
    ("WordDocument", FileKind.word),
    ("PowerPoint Document", FileKind.powerpoint),
    ("__properties_version1.0", FileKind.mail),
)
# By a member of an archive, without case.
_MEMBERS = (
    ("word/document.xml", FileKind.word),
    ("ppt/presentation.xml", FileKind.powerpoint),
    ("xl/workbook.bin", FileKind.xlsb),
    ("ofd.xml", FileKind.ofd),
)
_BY_MIMETYPE = {
    b"application/vnd.oasis.opendocument.text": FileKind.writer,
    b"application/vnd.oasis.opendocument.presentation": FileKind.powerpoint,
    b"application/vnd.oasis.opendocument.spreadsheet": FileKind.ods_template,
}
_WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".et", ".ods", ".xlsb", ".numbers"}
_WITHIN = (
    (FileKind.zipped_archives, (".zip", ".rar", ".7z", ".gz", ".tar", ".xz", ".bz2")),
    (FileKind.zipped_documents, (".doc", ".docx", ".wps", ".pdf", ".ofd")),
)
_LOCK = re.compile(rb"(?P<length>[\x01-\x36])(?P<name>.{53})[ \0]", re.DOTALL)
_LOCK_LENGTHS = (55, 162, 165)  # of the lock files of Word, PowerPoint and Excel
_MARKUP = re.compile(r"<(!doctype html|html|head|body|table|meta)\b", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def no_workbook(kind: FileKind, inside: Text | None = None) -> UnreadableFile:
    """Return the exception that says what a file is and what to do with it.

    `inside` names what was found in an archive.
    """
    do, found = _WHAT_TO_DO.get(kind, _FILL_IN), inside or Text("", "")
    return UnreadableFile(
        ProblemKind.file_is_not_a_workbook,
        f"是{kind.zh}{found.zh}；{do.zh}",
        f"{kind.en}{found.en}; {do.en}",
    )


def kind_of_compound(data: bytes) -> FileKind | None:
    """Return what a compound file is; None for a workbook of Excel 97 to 2003."""
    for stream, kind in _STREAMS:
        if stream.encode("utf-16-le") in data and not _has_workbook_at_root(data):
            return kind
    is_workbook = any(name.encode("utf-16-le") in data for name in ("Workbook", "Book"))
    return None if is_workbook else FileKind.compound


def _has_workbook_at_root(data: bytes) -> bool:
    """Tell whether the file itself is a workbook, not one of the things that lie in it."""
    from xlrd.compdoc import CompDoc, CompDocError

    try:
        found = [CompDoc(data).locate_named_stream(name)[0] for name in ("Workbook", "Book")]
    except (CompDocError, AssertionError, IndexError, ValueError):
        return False
    return any(found)


def no_workbook_in(archive: zipfile.ZipFile) -> UnreadableFile:
    """Return the exception of an archive that is neither a workbook nor zipped csv."""
    members = {m.filename.replace("\\", "/").lower(): m for m in archive.infolist()}
    for name, kind in _MEMBERS:
        if name in members:
            return no_workbook(kind)
    if "mimetype" in members:
        mimetype = archive.read(members["mimetype"]).strip().removesuffix(b"-template")
        return no_workbook(_BY_MIMETYPE.get(mimetype, FileKind.archive))
    if any(name.endswith((".iwa", "index.zip")) for name in members):
        return no_workbook(FileKind.numbers if _has_tables(members) else FileKind.pages)
    if workbooks := workbooks_within(archive):
        return no_workbook(FileKind.zipped_workbooks, _listed(workbooks))
    paths = [PurePosixPath(member_name(m)) for m in archive.infolist() if not m.is_dir()]
    named = [path.name for path in paths if not is_shadow(path)]
    for kind, endings in _WITHIN:
        if found := [name for name in named if name.lower().endswith(endings)]:
            return no_workbook(kind, _listed(found))
    return no_workbook(FileKind.archive, _listed(named))


def _has_tables(members: Collection[str]) -> bool:
    """Tell a table of Numbers from a text of Pages and slides of Keynote, which have themes."""
    return not any("theme" in name or "slide" in name or "section" in name for name in members)


def workbooks_within(archive: zipfile.ZipFile) -> list[str]:
    """Return the names of the workbooks that lie in an archive."""
    paths = [PurePosixPath(member_name(m).replace("\\", "/")) for m in archive.infolist()]
    return [p.name for p in paths if p.suffix.lower() in _WORKBOOKS and not is_shadow(p)]


def _listed(names: list[str]) -> Text:
    if not names:
        return Text("", "")
    shown = "、".join(map(short_name, names[:_MOST_NAMED]))
    zh = f"：{shown}" + (f" 等 {len(names)} 个" if len(names) > _MOST_NAMED else "")
    en = f": {shown}" + (f" and others, {len(names)} in all" if len(names) > _MOST_NAMED else "")
    return Text(zh, en)


def kind_of_other(data: bytes) -> FileKind:
    """Return what a file is that is neither a compound file nor an archive."""
    for beginning, kind in _SIGNATURES:
        if data.startswith(beginning):
            return kind
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return FileKind.picture
    if data[257:262] == b"ustar":
        return FileKind.packed
    if len(data) in _LOCK_LENGTHS and _LOCK.match(data):
        return FileKind.lock
    if (data[:4] == b"RIFF" and data[8:12] == b"WEBP") or data[4:8] == b"ftyp":
        return FileKind.picture
    text = _as_text(data[:_BEGINNING])
    return FileKind.unknown if text is None else _kind_of_text(text)


def _kind_of_text(text: str) -> FileKind:
    beginning = text.lstrip()
    lower = beginning.lower()
    if "[internetshortcut]" in lower:
        return FileKind.shortcut
    if lower.startswith("mime-version:"):
        return FileKind.html if "text/html" in lower else FileKind.mail
    if beginning.startswith("<"):
        if "urn:schemas-microsoft-com:office:spreadsheet" in lower or "excel.sheet" in lower:
            # A web page that Excel saved names the same schema in its root element.
            return FileKind.html if _MARKUP.search(text) else FileKind.xml_2003
        if "word.document" in lower or "office/word/2003" in lower:
            return FileKind.word
        if "opendocument.spreadsheet" in lower:
            return FileKind.flat_ods
        return FileKind.html if _MARKUP.search(text) else FileKind.xml
    if beginning.startswith(("{", "[{", "[[")):
        return FileKind.json
    lines = [line for line in text.splitlines() if line.strip()]
    for delimiter, kind in (
        *(("\t", FileKind.tsv), (",", FileKind.csv)),
        *((";", FileKind.csv), ("|", FileKind.csv)),
    ):
        if lines and sum(delimiter in line for line in lines) * 2 > len(lines):
            return kind
    return FileKind.plain_text


def _as_text(data: bytes) -> str | None:
    """Return the beginning of a text; None for what is none."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        # A beginning may end within a character.
        for cut in range(4):
            try:
                text = data[: len(data) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return None if _CONTROLS.search(text) else text
    return None
