"""Files that are no workbook of this year's form: each is told what it is."""

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from grids import CITY, CODE, YEAR, Book
from sample_workbooks import write_samples
from truth import Case, Truth
from writers import csv_zip, xlsx

from orchestration.ground.home import Home


def zipped(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def word(book: Book) -> bytes:
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>"}
    return zipped(**parts)


def binary(book: Book) -> bytes:
    return zipped(**{"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b"\x83\x01\x00"})


def numbers(book: Book) -> bytes:
    return zipped(**{"Index/Document.iwa": b"\0", "Index/Tables/DataList.iwa": b"\0"})


def web_page(book: Book) -> bytes:
    rows = "".join(
        "<tr>" + "".join(f"<td>{value or ''}</td>" for value in row) + "</tr>"
        for row in book["学生"].rows
    )
    return f"<html><head><meta charset='utf-8'></head><table>{rows}</table></html>".encode()


def xml_2003(book: Book) -> bytes:
    return (
        b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>'
    )


def plain_csv(book: Book) -> bytes:
    with zipfile.ZipFile(io.BytesIO(csv_zip(book))) as archive:
        return archive.read("学生.csv")


def zipped_workbook(book: Book) -> bytes:
    return zipped(**{f"{CODE}.xlsx": xlsx(book)})


def last_years(book: Book) -> bytes:
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.create()
        paths = write_samples(home, [CITY], years=(YEAR - 1,))
        return next(path for path in paths if path.name.startswith(CODE)).read_bytes()


def told(word: str, suffix: str):
    def mess(book: Book) -> Truth:
        book.file_name = str(Path(book.file_name).with_suffix(suffix))
        return Truth(told=word)

    return mess


def case(name: str, write, word: str, suffix: str) -> Case:
    return Case("files", name, told(word, suffix), ("xlsx",), write=write)


CASES = [
    case("a Word document", word, "Word", ".docx"),
    case("a Word document named .xlsx", word, "Word", ".xlsx"),
    case("xlsb", binary, "xlsb", ".xlsb"),
    case("Numbers", numbers, "Numbers", ".numbers"),
    case("a web page named .xls", web_page, "网页", ".xls"),
    case("XML 2003 named .xls", xml_2003, "XML", ".xls"),
    case("csv named .xls", plain_csv, "CSV", ".xls"),
    case("a workbook in a zip", zipped_workbook, "压缩包", ".zip"),
    case("last year's form", last_years, str(YEAR - 1), ".xlsx"),
]
