"""Rows of another kind among the records: headers in another order, lines with subtotals, remarks.

Names that are none, or several, stand here as well.
"""

from typing import Any

from grids import Book
from truth import ALL, NOBODY_CAN_TELL, Case, Truth

from cases.rows import records

FEW = ("xlsx", "csv.zip")


def header_again(sheet: str, *order: int):
    """The second half stands below a header that orders the columns otherwise, and so does it."""

    def mess(book: Book) -> None:
        grid = book[sheet]
        head, body = grid.rows[1], grid.rows[2:]
        half = len(body) // 2
        below = [[row[at] for at in order] for row in (head, *body[half:])]
        grid.rows = [*grid.rows[: 2 + half], ["续表"], *below]

    return mess


def certificates(*rows: tuple[Any, ...], asked: bool = False):
    """Certificates as they are typed; of a line among them only a person can tell what it is."""

    def mess(book: Book) -> Truth:
        grid, own = book["职业技能证书"], records("certificates")[0]
        grid.rows = [*grid.rows[:2], *map(list, rows)]
        if asked:
            return Truth(records={"certificates": NOBODY_CAN_TELL})
        level = {"初级": own["level"]}
        read = [{"certificate": name, "level": level.get(at), "holders": n} for name, at, n in rows]
        return Truth(records={"certificates": read})

    return mess


def parted(*groups: tuple[str, tuple[int, ...]]):
    """Each group's line with its subtotal stands above its records."""
    rows: list[tuple[Any, ...]] = []
    for name, counts in groups:
        rows.append((name, None, sum(counts)))
        rows += [(f"证书{len(rows)}{n}", "初级", count) for n, count in enumerate(counts)]
    return certificates(*rows, asked=True)


def group_of_gifts(book: Book) -> Truth:
    grid = book["校企合作"]
    for row, value in ((2, 2.5), (3, 3.5), (4, 4.5)):
        grid.set(row, 2, value)
    grid.insert_row(2, "汽车类企业", None, 10.5)
    return Truth(records={"partnerships": NOBODY_CAN_TELL})


def remark(text: str):
    """A remark with a number beside it stands among the certificates."""
    return certificates(
        ("计算机程序设计员", "初级", 83), (text, None, 72), ("保育师", "初级", 29), asked=True
    )


def odd_enterprise(*values: Any):
    def mess(book: Book) -> Truth:
        book["校企合作"].append(*values)
        return Truth(records={"partnerships": NOBODY_CAN_TELL})

    return mess


def enterprises(*names: str):
    """Enterprises whose names hold what those of several hold."""

    def mess(book: Book) -> Truth:
        own = records("partnerships")
        for name in names:
            book["校企合作"].append(name, "是", None, None, "是")
            own.append(own[0] | {"enterprise": name})
        return Truth(records={"partnerships": own})

    return mess


def broken_name(book: Book) -> Truth:
    book["校企合作"].append("庆阳比亚迪汽车贸易", "是", None, None, "是")
    book["校企合作"].append("有限公司")
    return Truth(records={"partnerships": NOBODY_CAN_TELL})


def broken_case(book: Book) -> Truth:
    grid = book["典型案例"]
    grid.append("校企共育技能人才", "学校与企业共建实训基地，三年共培养学生一千二百人。")
    grid.append(None, "毕业生就业率连续三年保持在百分之九十八以上，企业满意度逐年提高。")
    return Truth(records={"cases": NOBODY_CAN_TELL})


REMARKS = (
    *("以下为2023年数据", "以下不计入", "以下重复", "以下为计划数", "对照：去年同期"),
    *("上年获证情况", "二、上一年度"),
)
NO_NAMES = (
    *("同 上", "同上。", "同上行", "上同", "20", "20家", "见附件", "详见附表", "另附名单"),
    *("其余企业略", "庆阳宏达公司/庆阳宏运公司", "庆阳宏达公司和庆阳宏运公司", "庆阳宏达公司等"),
    *("庆阳宏达公司 庆阳宏运公司", "1.庆阳宏达公司 2.庆阳宏运公司"),
)
NAMES = (
    *(
        "中国石油和化学工业联合会甘肃公司",
        "甘肃略阳钢铁有限公司",
        "中国移动甘肃有限公司 庆阳分公司",
    ),
    *("七家便利店", "甘肃同上同教育科技有限公司", "等等教育科技公司", "西峰宏达汽修 有限公司"),
)
CASES = [
    *(
        Case("headers", f"{sheet} {order}", header_again(sheet, *order), formats, is_good=True)
        for sheet, order, formats in (
            ("满意度", (0, 2, 1), ALL),
            ("校企合作", (0, 4, 2, 3, 1), FEW),
            ("职业技能证书", (2, 1, 0), FEW),
            ("技能大赛", (0, 1, 2, 3, 5, 4, 6, 7, 8, 9, 10, 11), ("xlsx",)),
            ("满意度", (0, 1, 2), ("xlsx",)),
        )
    ),
    Case("headers", "with a column less", header_again("职业技能证书", 0, 2), FEW),
    Case("groups", "two and one", parted(("机电系", (83, 43)), ("学前教育系", (29,))), ALL),
    Case("groups", "one and one", parted(("机电系", (83,)), ("学前教育系", (29,))), FEW),
    Case("groups", "numbered", parted(("一、省级", (83, 43)), ("二、市级", (29, 12))), FEW),
    Case(
        "groups",
        "without any level",
        certificates(
            *(("校本部", None, 126), ("保育师", None, 83), ("汽修工", None, 43)),
            *(("东校区", None, 29), ("茶艺师", None, 29)),
            asked=True,
        ),
        FEW,
    ),
    Case("groups", "of gifts", group_of_gifts, FEW),
    Case(
        "groups",
        "a certificate without a level",
        certificates(
            *(("保育师", "初级", 83), ("特种作业操作证", None, 43), ("茶艺师", "初级", 29)),
        ),
        FEW,
        is_good=True,
    ),
    Case(
        "groups",
        "as many of two certificates",
        certificates(*(("保育师", "初级", 83), ("汽修工", "初级", 83), ("茶艺师", "初级", 29))),
        FEW,
        is_good=True,
    ),
    Case(
        "groups",
        "numbered certificates",
        certificates(*(("1.保育师", None, 83), ("2.汽修工", "初级", 43), ("3.茶艺师", None, 29))),
        ("xlsx",),
        is_good=True,
    ),
    *(Case("groups", f"remark {text}", remark(text), FEW) for text in REMARKS),
    *(Case("names", text, odd_enterprise(text, "是"), ("xlsx",)) for text in NO_NAMES),
    Case("names", "a number", odd_enterprise(123, "是"), FEW),
    Case("names", "in words that several have", enterprises(*NAMES), FEW, is_good=True),
    Case("names", "broken over two rows", broken_name, FEW),
    Case("names", "a case that goes on below", broken_case, FEW),
]
