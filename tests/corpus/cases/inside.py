"""What divides a column of values, or begins other figures, on a sheet of labelled cells."""

from grids import Book
from judge import untouched
from truth import NOBODY_CAN_TELL, Case, Truth

FEW = ("xlsx", "csv.zip")


def divided(first: str, second: str, is_merged: bool = True):
    """The column of values is divided below its head, and only the first part is filled in."""

    def mess(book: Book) -> Truth:
        grid = book["学生"]
        grid.insert_column(2, {})
        grid.insert_row(2, None, first, second)
        if is_merged:
            grid.merged.append((1, 1, 1, 2))
        columns = untouched("school")["students"][0]
        return Truth({("students", column): NOBODY_CAN_TELL for column in columns})

    return mess


def inserted(*values: str | None, at: int = 2):
    """A row among the labels that changes nothing of them."""

    def mess(book: Book) -> None:
        book["学生"].insert_row(at, *values)

    return mess


def heading(text: str, sheet: str = "学生"):
    def mess(book: Book) -> Truth:
        book[sheet].insert_row(4, text)
        return Truth(asked={sheet})

    return mess


PARTS = (
    ("城区", "乡镇"),
    ("全日制", "非全日制"),
    ("公办", "民办"),
    ("中职", "高职"),
    ("初填", "复核"),
)
CASES = [
    *(Case("inside", f"{a}|{b}", divided(a, b), ("xlsx", "ods")) for a, b in PARTS),
    *(Case("inside", f"{a}|{b} not merged", divided(a, b, False), FEW) for a, b in PARTS),
    Case("inside", "units below the head", inserted(None, "人", None), FEW, is_good=True),
    Case("inside", "a hint below the head", inserted(None, "整数", None), FEW, is_good=True),
    Case("inside", "the year below the head", inserted(None, "2024年", None), FEW, is_good=True),
    *(Case("inside", text, heading(text), FEW) for text in ("另：教师证书", "（二）教师获证情况")),
    Case("inside", "a reference", heading("参考：全市", "经费"), FEW),
    *(
        Case("inside", text, inserted(text, at=4), FEW, is_good=True)
        for text in ("（二）证书情况", "二、学生获证情况", "2.获证与体质")
    ),
]
