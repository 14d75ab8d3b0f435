"""Zipped csv as programs write it: code pages, separators, quotes that nothing ends."""

from functools import partial

from grids import Book
from judge import untouched
from truth import NOBODY_CAN_TELL, Case, Truth
from writers import csv_zip

LOST = [("students", "enrolled"), ("students", "certificate_holders")]


def nothing(book: Book) -> None:
    """What is odd is done in writing."""


def only_enterprises(sheet: str, edit):
    def edited(name: str, text: str) -> str:
        return edit(text) if name == sheet else text

    return edited


def open_quote(text: str) -> str:
    """The name of the third enterprise begins with a quote that nothing ends."""
    return text.replace("庆阳市综合养老服务中心", '"庆阳市综合养老服务中心')


def open_quote_in_fields(text: str) -> str:
    return text.replace("在校生数", '"在校生数')


def stray_quote(text: str) -> str:
    return text.replace("庆阳市福利院", '庆阳市"福利院')


def lost(table: str):
    def mess(book: Book) -> Truth:
        return Truth(records={table: NOBODY_CAN_TELL})

    return mess


def lost_fields(book: Book) -> Truth:
    return Truth(dict.fromkeys(LOST, NOBODY_CAN_TELL))


def stray_quote_truth(book: Book) -> Truth:
    own = [dict(record) for record in untouched("school")["partnerships"]]
    own[1]["enterprise"] = '庆阳市"福利院'
    return Truth(records={"partnerships": own})


def break_in_a_name(book: Book) -> Truth:
    book.put("training", "project", "企业职工技能\n提升培训")
    own = [dict(record) for record in untouched("school")["training"]]
    own[0]["project"] = "企业职工技能\n提升培训"
    return Truth(records={"training": own})


def of_csv(name: str, write, mess=nothing, is_good: bool = True) -> Case:
    return Case("csv", name, mess, ("csv.zip",), is_good=is_good, write=write)


def edited(edit, sheet: str = "校企合作"):
    return partial(csv_zip, edit=only_enterprises(sheet, edit))


CASES = [
    of_csv("GBK", partial(csv_zip, encoding="gbk")),
    of_csv("UTF-16", partial(csv_zip, encoding="utf-16")),
    of_csv("UTF-8 without mark", partial(csv_zip, encoding="utf-8")),
    of_csv("in a folder", partial(csv_zip, folder="年报/")),
    of_csv("line feeds", partial(csv_zip, line_end="\n")),
    of_csv("carriage returns", partial(csv_zip, line_end="\r")),
    of_csv("a line break in a name", csv_zip, break_in_a_name),
    of_csv("a stray quote", edited(stray_quote), stray_quote_truth, is_good=False),
    of_csv("an open quote", edited(open_quote), lost("partnerships"), is_good=False),
    of_csv(
        "an open quote in fields", edited(open_quote_in_fields, "学生"), lost_fields, is_good=False
    ),
    of_csv("tabs", partial(csv_zip, delimiter="\t"), is_good=False),
    of_csv("semicolons", partial(csv_zip, delimiter=";"), is_good=False),
    of_csv("UTF-16 with tabs", partial(csv_zip, encoding="utf-16", delimiter="\t"), is_good=False),
]
