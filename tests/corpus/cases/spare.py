"""Rows that careful clerks leave beside their records: numbers of columns, hints, seals, spares."""

from typing import Any

from grids import Book, Cell
from truth import ALL, NOBODY_CAN_TELL, SHEETS, Case, Truth

FEW = ("xlsx", "csv.zip")
STEMS = "甲乙丙丁戊己庚辛壬癸子丑"
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
CHINESE = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
COUNTS = {
    "stems and branches": STEMS,
    "circled": [chr(0x2460 + at) for at in range(12)],
    "roman": ROMAN,
    "Chinese": CHINESE,
    "栏1": [f"栏{at + 1}" for at in range(12)],
    "第1列": [f"第{at + 1}列" for at in range(12)],
}
HINTS = {
    "必填": ("必填", "必填", *["选填"] * 6),
    "types": ("文本", "下拉选择", "整数", "整数", "数字", "数字", "整数", "整数"),
    "wishes": ("填全称", "从下拉框选", "数字", "数字", "数字", "保留两位小数"),
}
CLOSING = (
    *("学校名称（盖章）：西峰职业中等专业学校", "统计截止日期：2024年12月31日", "表号：教职年3表"),
    *("制定机关：教育部", "学校代码：9962100201", "部门：教务处", "责任部门：教务处", "*为必填项"),
    *(
        "本校承诺以上数据真实、准确、完整。",
        "以上数据真实有效。",
        "附表3",
        "2024年度",
        "校企合作（续表）",
    ),
)
ASKED = (
    *(
        "统计截止日期：2023年12月31日",
        "2023年度",
        "校企合作（2023年）",
        "合作企业：示例公司",
        "见附表3",
    ),
    *("本校承诺捐赠设备", "二、企业：示例"),
)


def columns_counted(counts: Any):
    def mess(book: Book) -> None:
        for sheet in ("技能大赛", "校企合作", "专业设置"):
            width = len(book[sheet].rows[1])
            book[sheet].insert_row(2, *counts[:width])

    return mess


def first_row(sheet: str, *values: Any):
    def mess(book: Book) -> None:
        book[sheet].insert_row(2, *values)

    return mess


def below(*values: Any):
    def mess(book: Book) -> None:
        book["校企合作"].append(*values)

    return mess


def below_and_asked(*values: Any):
    def mess(book: Book) -> Truth:
        book["校企合作"].append(*values)
        return Truth(asked={"校企合作"}, records={"partnerships": NOBODY_CAN_TELL})

    return mess


def prefilled(*values: Any):
    """Rows below the records hold what the clerk's template is prefilled with, then a seal."""

    def mess(book: Book) -> None:
        for _ in range(14):
            book["校企合作"].append(*values)
        book["校企合作"].append("填表人：李明")

    return mess


def without_a_name(book: Book) -> Truth:
    """Among the records one has lost its name."""
    book["校企合作"].insert_row(5, None, "否", 0)
    return Truth(asked={"校企合作"}, records={"partnerships": NOBODY_CAN_TELL})


CASES = [
    *(
        Case("spare rows", f"columns counted: {name}", columns_counted(counts), FEW, is_good=True)
        for name, counts in COUNTS.items()
    ),
    *(
        Case("spare rows", f"hints: {name}", first_row("培训服务", *words), FEW, is_good=True)
        for name, words in HINTS.items()
    ),
    *(Case("spare rows", text, below(text), FEW, is_good=True) for text in CLOSING),
    *(Case("spare rows", text, below_and_asked(text), FEW) for text in ASKED),
    Case(
        *("spare rows", "who signs and when, without colons"),
        *(below("填表人", "李明", "填表日期", Cell(45636, "yyyy-mm-dd")), SHEETS[:2], True),
    ),
    Case("spare rows", "a signer beside a figure", below_and_asked("负责人", "是", 10.5), FEW),
    Case("spare rows", "prefilled with 否", prefilled(None, "否", None, None, "否"), ALL, True),
    Case("spare rows", "prefilled with 0", prefilled(None, None, 0), ALL, True),
    Case("spare rows", "prefilled with 是", below_and_asked(None, "是", None, None, "是"), FEW),
    Case("spare rows", "a record without its name", without_a_name, ALL),
]
