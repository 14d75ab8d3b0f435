"""Texts that name no class, columns that number lines or say how to fill in, programs' sheets."""

from typing import Any

from grids import Book
from judge import untouched
from truth import NOBODY_CAN_TELL, Case, Truth

FEW = ("xlsx", "csv.zip")
ONE = ("xlsx",)


def class_named(text: Any, *, is_name: bool):
    def mess(book: Book) -> Truth:
        book.put("partnerships", "named_class", text, 0)
        own = [dict(record) for record in untouched("school")["partnerships"]]
        own[0]["named_class"] = text
        return Truth(records={"partnerships": own if is_name else NOBODY_CAN_TELL})

    return mess


def numbered(head: str | None, *values: Any):
    """A column before the labels of 学生 has these from the first one on."""

    def mess(book: Book) -> None:
        book["学生"].insert_column(0, {1: head} | dict(enumerate(values, start=2)))

    return mess


def beside(head: str, text: str):
    def mess(book: Book) -> None:
        for row in range(2, len(book["学生"].rows)):
            book["学生"].set(row, 3, text)
        book["学生"].set(1, 3, head)

    return mess


def beside_one(head: str, text: str):
    def mess(book: Book) -> Truth:
        book["学生"].set(1, 3, head)
        book["学生"].set(3, 3, text)
        return Truth(asked={"学生"})

    return mess


def one_more(name: str, *rows: list[Any], is_hidden: bool = False):
    def mess(book: Book) -> None:
        book.add(name, list(rows)).is_hidden = is_hidden

    return mess


def one_more_asked(name: str, *rows: list[Any], is_hidden: bool = False):
    def mess(book: Book) -> Truth:
        book.add(name, list(rows)).is_hidden = is_hidden
        return Truth(asked={name})

    return mess


NO_CLASSES = (
    *("待定", "见附件", "略", "筹备中", "拟开设", "已停办", "未开班", "取消", 2, "3个班"),
    *("2025年开设", "2023级", "意向"),
)
CLASSES = ("比亚迪班", "同仁堂班", "2024级比亚迪班", "未来工匠班", "华为ICT订单班", "正大班")
WPS = "WpsReserved_CellImgList"
SPIRE = "Evaluation Warning : The document was created with Spire.XLS for Python"


def good(name: str, mess, formats=ONE) -> Case:
    return Case("no names", name, mess, formats, is_good=True)


CASES = [
    *(Case("no names", f"class {t}", class_named(t, is_name=False), FEW) for t in NO_CLASSES),
    *(good(f"class {text}", class_named(text, is_name=True), FEW) for text in CLASSES),
    *(good(f"head {h}", numbered(h, 1, 2, 3, 4, 5), FEW) for h in ("ID", "顺序号", "代号")),
    good("numbers that restart", numbered("序号", 1, 2, 1, 2, 3), FEW),
    good("numbers of parts", numbered("序号", "1", "2", "3", "3.1", "3.2")),
    good("numbers of parts without a head", numbered(None, "1", "2", "2.1", "3", "3.1"), FEW),
    good("codes", numbered("指标代码", *(f"JZXS{n:03}" for n in range(1, 6)))),
    good("第1项", numbered("序号", *(f"第{n}项" for n in range(1, 6)))),
    Case(
        *("no names", "figures under 序号"),
        lambda book: numbered("序号", 1, 2, 1500, 2, 3)(book) or Truth(asked={"学生"}),
        FEW,
    ),
    good("是否必填", beside("是否必填", "是")),
    good("填报要求", beside("填报要求", "必填")),
    good("数据类型", beside("数据类型", "整数")),
    Case("no names", "a figure under 填报要求", beside_one("填报要求", "2500"), FEW),
    Case("no names", "a remark under 填报要求", beside_one("填报要求", "含分校"), FEW),
    good(
        "a list of sheets", one_more("目录", ["目录"], ["序号", "表名"], [1, "封面"], [2, "学生"])
    ),
    good("WPS's pictures", one_more(WPS, ["ID_9F3A2B", "image1"], is_hidden=True)),
    good("a program's notice", one_more("Evaluation Warning", [SPIRE])),
    Case("no names", "figures on a list", one_more_asked("汇总", ["封面", 3], ["学生", 2500]), ONE),
    Case("no names", "figures on WPS's", one_more_asked(WPS, ["ID_9F", "招生数1520"]), ONE),
]
