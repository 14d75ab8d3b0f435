"""Fields of a csv that a spreadsheet shows otherwise, and too many of them; names of files."""

from functools import partial

from grids import Book
from truth import NOBODY_CAN_TELL, Case, Truth
from writers import csv_zip, renamed

from cases.csv_files import edited, lost, nothing, of_csv

ENTERPRISE = "庆阳比亚迪汽车服务有限公司"
LOST = lost("partnerships")


def instead(old: str, new: str, sheet: str = "校企合作"):
    return edited(lambda text: _replaced(text, old, new), sheet)


def _replaced(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


def entrants(book: Book) -> Truth:
    return Truth({("students", "entrants"): NOBODY_CAN_TELL})


def of_another_code(book: Book) -> Truth:
    return Truth(told="编码")


def of_another_year(book: Book) -> Truth:
    return Truth({("students", "entrants"): NOBODY_CAN_TELL}, beside={"学生（2023年）"})


def of_names(name: str, rename, mess=nothing, is_good: bool = True) -> Case:
    return of_csv(name, lambda book: renamed(csv_zip(book), rename), mess, is_good)


def odd(name: str, write, mess=LOST) -> Case:
    return of_csv(name, write, mess, is_good=False)


CASES = [
    of_csv("a text kept as one", instead(ENTERPRISE, f'"=""{ENTERPRISE}"""')),
    of_csv("a number kept as a text", instead(",1510,", ',"=""1510""",', "学生")),
    of_csv("a code behind an apostrophe", instead("9962100201", "'9962100201", "封面")),
    of_csv("blanks behind a quote", instead(ENTERPRISE + ",", f'"{ENTERPRISE}" ,')),
    of_csv("thirty thousand blank lines", edited(lambda text: text + "\r\n" * 30_000)),
    of_csv("five hundred commas", edited(lambda text: text.replace("\r\n", "," * 501 + "\r\n"))),
    of_csv("a line that names the separator", partial(csv_zip, edit=lambda _, t: "sep=,\r\n" + t)),
    of_csv("carets", partial(csv_zip, delimiter="^")),
    of_names("numbered files", lambda number, name: f"{number:02d}_{name}"),
    of_names("files with their year", lambda _, name: name.replace(".csv", "_2024.csv")),
    *(
        odd(code, partial(csv_zip, encoding=code), of_another_code)
        for code in ("shift_jis", "euc-kr")
    ),
    odd("a formula", instead(ENTERPRISE, '=A4&""')),
    odd("a number in two fields", instead(",1510,", ",1,510,", "学生"), entrants),
    odd("one field too many, blank", instead(f"{ENTERPRISE},", f"{ENTERPRISE},,")),
    odd("one field too many at the end", edited(lambda text: text.removesuffix("\r\n") + ",\r\n")),
    odd("a sign that nobody types", instead(ENTERPRISE, "庆阳\x01公司")),
    odd("a sign that ends a text", instead(ENTERPRISE, "庆阳\0公司")),
    odd("a text that was lost", instead(ENTERPRISE, "庆阳\ufffd\ufffd公司")),
    odd("a number from right to left", instead(",1510,", ",\u202e0151,", "学生"), entrants),
    of_names(
        "files of another year",
        lambda _, name: name.replace("学生.csv", "学生_2023.csv"),
        of_another_year,
        is_good=False,
    ),
]
