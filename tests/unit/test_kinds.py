"""What is no workbook of ours is named for what it is, with one sentence on what to do."""

import io
import zipfile

import pytest
from workbooks import CODE, Book, cell, compound, kinds, only_problem, read, value, zipped

EXCEL_XML = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
)
SAVED_PAGE = (
    '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head></head>'
    "<table><tr><td>招生数</td><td>60</td></tr></table></html>"
)
LINES = "招生数,60\n在校生数,175\n"
FILL_IN, SAVE_AS, UNPACK = "填入下发的模板", "另存为", "解压后直接报送"

FILES = {
    "docx": (zipped({"word/document.xml": "<a/>"}), "Word 文档", FILL_IN),
    "doc": (compound("Root Entry", "WordDocument"), "Word 文档", FILL_IN),
    "doc with a workbook within": (
        *(compound("Root Entry", "WordDocument", "Workbook"), "Word 文档", FILL_IN),
    ),
    "rtf": (b"{\\rtf1\\ansi", "RTF", FILL_IN),
    "odt": (
        zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}),
        *("OpenDocument 文本", FILL_IN),
    ),
    "pptx": (zipped({"ppt/presentation.xml": "<a/>"}), "PowerPoint", FILL_IN),
    "ppt": (compound("Root Entry", "PowerPoint Document"), "PowerPoint", FILL_IN),
    "xlsb": (zipped({"xl/workbook.bin": "x", "[Content_Types].xml": ""}), "xlsb", SAVE_AS),
    "numbers": (
        zipped({"Index/Document.iwa": "x", "Index/CalculationEngine.iwa": "x"}),
        *("Numbers", "导出为 → Excel"),
    ),
    "pages": (
        zipped({"Index/Document.iwa": "x", "Index/ThemeStylesheet.iwa": "x"}),
        *("Pages", FILL_IN),
    ),
    "pdf": (b"%PDF-1.7", "PDF", FILL_IN),
    "png": (b"\x89PNG\r\n\x1a\n", "图片", FILL_IN),
    "jpeg": (b"\xff\xd8\xff\xe0", "图片", FILL_IN),
    "heic": (b"\0\0\0\x18ftypheic", "图片", FILL_IN),
    "html": (SAVED_PAGE.encode(), "网页", SAVE_AS),
    "html in gbk": (SAVED_PAGE.encode("gbk"), "网页", SAVE_AS),
    "single file page": (b"MIME-Version: 1.0\nContent-Type: text/html\n", "网页", SAVE_AS),
    "xml 2003": (EXCEL_XML.encode(), "XML 电子表格 2003", SAVE_AS),
    "fods": (
        b"<?xml version='1.0'?><office:document office:mimetype="
        b"'application/vnd.oasis.opendocument.spreadsheet'/>",
        *("fods", SAVE_AS),
    ),
    "excel 4": (bytes.fromhex("0904060000001000"), "Excel 4.0", SAVE_AS),
    "csv": (LINES.encode(), "csv", "一起压缩成 zip"),
    "csv in gbk": (LINES.encode("gbk"), "csv", "一起压缩成 zip"),
    "tsv": (LINES.replace(",", "\t").encode(), "tsv", "一起压缩成 zip"),
    "tsv in utf-16": (LINES.replace(",", "\t").encode("utf-16"), "tsv", "一起压缩成 zip"),
    "text": ("今年的数字下周再报。".encode(), "纯文本", FILL_IN),
    "rar": (b"Rar!\x1a\x07\x01\0", "RAR", UNPACK),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "7z", UNPACK),
    "gzip": (b"\x1f\x8b\x08", "gzip", UNPACK),
    "zip of workbooks": (
        zipped({"报表/甲校.xlsx": Book().xlsx(), "报表/乙校.xls": b"x", "说明.csv": LINES}),
        *("甲校.xlsx、乙校.xls", UNPACK),
    ),
    "zip of a zip": (zipped({"报表.zip": b"x"}), "里面又是压缩包：报表.zip", UNPACK),
    "zip of documents": (zipped({"报表.docx": b"x"}), "文档的压缩包：报表.docx", FILL_IN),
    "ofd": (zipped({"OFD.xml": "<a/>", "Doc_0/Document.xml": "<a/>"}), "OFD", FILL_IN),
    "xz": (b"\xfd7zXZ\0\0", "压缩包", UNPACK),
    "bz2": (b"BZh91AY&SY\x01", "压缩包", UNPACK),
    "tar": (bytes(257) + b"ustar\x0000", "压缩包", UNPACK),
    "lock": (
        b"\x05admin" + b" " * 49 + b"\x05\0" + "admin".encode("utf-16-le") + b" \0" * 49,
        *("临时锁定文件", "不以“~$”开头"),
    ),
    "json": (b'{"url": "https://docs.example/sheet", "rows": []}', "JSON", FILL_IN),
    "csv with semicolons": (LINES.replace(",", ";").encode(), "csv", "一起压缩成 zip"),
    "internet shortcut": (b"\xef\xbb\xbf[InternetShortcut]\r\n", "快捷方式", "它指向的文件"),
    "zip of pictures": (zipped({"扫描件.jpg": b"x"}), "扫描件.jpg", FILL_IN),
    "shortcut": (b"L\0\0\0\x01\x14\x02\0", "快捷方式", "它指向的文件"),
    "mail": (compound("Root Entry", "__properties_version1.0"), "电子邮件", "附件"),
    "other compound": (compound("Root Entry", "VisioDocument"), "其他 Office 文件", FILL_IN),
    "bytes": (b"\0\1\2\3", "无法识别", FILL_IN),
}


@pytest.mark.parametrize(("data", "named", "to_do"), FILES.values(), ids=FILES)
@pytest.mark.parametrize("suffix", [".xls", ".xlsx", ".csv.zip"])
def test_a_file_is_named_for_what_it_is_whatever_it_is_called(data, named, to_do, suffix):
    assert only_problem(data, f"{CODE}{suffix}") == "file_is_not_a_workbook"
    (problem,) = read(data, f"{CODE}{suffix}").problems
    assert named in problem.detail.zh
    assert to_do in problem.detail.zh
    assert problem.detail.en and not problem.detail.en.startswith(";")


# -- zipped csv ------------------------------------------------------------------------------------


def csv_zip(**texts):
    """The good school as zipped csv, some sheets with other text."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(Book().csv_zip("utf-8"))) as good:
        sheets = {name: good.read(name) for name in good.namelist()}
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in {**sheets, **{f"{n}.csv": t for n, t in texts.items()}}.items():
            archive.writestr(name, data)
    return target.getvalue()


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_csv_may_be_divided_by_tabs_or_semicolons(delimiter):
    lines = f'学生\n项目{delimiter}填报值\n招生数{delimiter}"1,060"\n在校生数{delimiter}"1,175"\n'
    found = read(csv_zip(学生=lines))
    assert value(found, "students", "enrolled") == "1175"
    assert cell(found, "students", "entrants") == ("1,060", "1060", "B3")


HEADER = "校企合作\n企业名称,是否产教融合型企业,接收实习生数,接收毕业生数,捐赠设备值\n"
ROWS = [f"示例企业{n},是,{n},1,2" for n in range(20)]


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (['"示例企业,是,1,1,2', *ROWS], 3),
        ([*ROWS[:5], '"示例企业,是,1,1,2', *ROWS[5:]], 8),
        # The quote ends where another begins: the rows between are one cell.
        ([*ROWS[:5], '"示例企业,是,1,1,2', *ROWS[5:9], '"乙企业",是,1,1,2', *ROWS[9:]], 8),
        ([*ROWS[:5], '"示例企业,是,1,1,2', *ROWS[5:9], '乙企业,是,1,1,"2"', *ROWS[9:]], 8),
        ([*ROWS[:5], '"示例企业,是,1,1,2', *ROWS[5:9], '乙企业,是,1,1,2"', *ROWS[9:]], 8),
        ([*ROWS[:3], '"示例"企业,是,1,1,2'], 6),
    ],
)
def test_an_open_quote_names_its_file_and_line_and_swallows_nothing(lines, line):
    data = csv_zip(校企合作=HEADER + "\n".join(lines))
    assert only_problem(data) == "file_is_broken"
    (problem,) = read(data).problems
    assert f"校企合作.csv 第 {line} 行" in problem.detail.zh
    assert f"line {line} of 校企合作.csv" in problem.detail.en


def test_a_text_of_several_lines_in_quotes_is_one_cell():
    body = "第一段，写得很长。\n第二段, 也很长。\n\n第三段说“好”。"
    text = body.replace('"', '""')
    found = read(csv_zip(典型案例=f'典型案例\n标题,正文\n示例案例,"{text}"\n'))
    assert value(found, "cases", "body") == body
    assert kinds(found) == []


def test_what_else_lies_in_an_archive_of_csv_is_named():
    data = csv_zip()
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("补充说明.txt", "还有两家企业")
        archive.writestr("Thumbs.db", "x")
    found = read(target.getvalue())
    assert [(p.kind, p.sheet) for p in found.problems] == [("content_is_not_read", "补充说明.txt")]
