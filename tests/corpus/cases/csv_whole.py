"""Zipped csv in folders whose names say something, and files that end in the middle."""

from functools import partial

from grids import CODE, NAME, OTHER, OTHER_NAME, Book
from truth import Case, Truth
from writers import csv_zip

FIRST = "填报说明"  # the sheet that hears of the folder of all
OTHERS = (
    *(
        f"{OTHER}_{OTHER_NAME}",
        OTHER_NAME,
        "2023年",
        "2023",
        "作废",
        "草稿",
        "初稿",
        "去年",
        "样例",
    ),
    *("单位元", "年报/作废", "预算"),
)
ORDINARY = (
    *("年报", "2024", "2024年", f"{CODE}_{NAME}", f"{NAME}2024年报", "新建文件夹", "csv/utf8"),
    *("export_20241210", "终稿", "2024年度质量年报"),
)


def nothing(book: Book) -> None:
    """What is odd is done in writing."""


def asked(book: Book) -> Truth:
    return Truth(asked={FIRST})


def cut(book: Book) -> Truth:
    return Truth(told="校企合作.csv")


def ended(keep):
    """Keep so much of the enterprises' file; the others stay as they are."""

    def edit(sheet: str, text: str) -> str:
        return keep(text) if sheet == "校企合作" else text

    return partial(csv_zip, edit=edit)


def stripped(sheet: str, text: str) -> str:
    return text.rstrip()


def cut_in_a_line(sheet: str, text: str) -> str:
    whole = text.rstrip()
    return whole[: whole.rindex(",") - 2] if sheet == "校企合作" else whole


def of_csv(name: str, write, mess=nothing) -> Case:
    return Case("csv", name, mess, ("csv.zip",), is_good=mess is nothing, write=write)


CASES = [
    *(of_csv(f"in the folder {n}", partial(csv_zip, folder=f"{n}/"), asked) for n in OTHERS),
    *(of_csv(f"in the folder {n}", partial(csv_zip, folder=f"{n}/")) for n in ORDINARY),
    of_csv("cut in the middle", ended(lambda text: text[: len(text) // 2]), cut),
    of_csv("cut before the last sign", ended(lambda text: text.rstrip()[:-1]), cut),
    of_csv("cut between the signs of a line's end", ended(lambda text: text[:-1]), cut),
    of_csv("cut where no line ends", partial(csv_zip, edit=cut_in_a_line), cut),
    of_csv("no last line ends", partial(csv_zip, edit=stripped)),
]
