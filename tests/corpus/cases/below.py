"""Lines in a table that are neither records nor what their first word says; units that disagree."""

from grids import Book
from truth import ALL, NOBODY_CAN_TELL, Case, Truth

FUNDS = ("fiscal_appropriation_10k_cny", "special_funds_10k_cny", "internship_funds_10k_cny")
# Each stands alone below the enterprises, of which none is another one.
NO_ENTERPRISE = (
    *("共23家企业", "总共 23 家", "2家", "见附件", "（以下空白）", "第二批", "一、市内企业"),
    *("填表时间：2024年12月", "捐赠设备值为历年之和", "其中：市内"),
)


def enterprises_and(text: str):
    def mess(book: Book) -> None:
        book["校企合作"].append(text)

    return mess


def unit_above(book: Book) -> Truth:
    """A line above says 元 and the cells beside the values say 万元."""
    book["经费"].insert_row(1, "金额单位：元")
    return Truth({("finance", name): NOBODY_CAN_TELL for name in FUNDS})


def unit_below(text: str):
    """The header says 万元, and a line below the records another unit."""

    def mess(book: Book) -> Truth:
        book["校企合作"].append(text)
        return Truth({("partnerships", "donated_value_10k_cny"): NOBODY_CAN_TELL})

    return mess


CASES = [
    *(Case("lines below", text, enterprises_and(text), ALL) for text in NO_ENTERPRISE),
    Case("lines below", "a line above against the unit cells", unit_above, ALL),
    *(
        Case("lines below", text, unit_below(text), ALL)
        for text in ("注：捐赠设备值单位为元", "单位：元", "备注：以上金额单位均为元")
    ),
]
