"""Rows whose words and numbers disagree on whether they are records, totals, examples or notes."""

from typing import Any

from grids import Book
from truth import ALL, NOBODY_CAN_TELL, Case, Truth

from cases.rows import donations, records

FEW = ("xlsx", "csv.zip")
BY_KEY = {"课程与成果": "courses", "典型案例": "cases", "情况说明": "explanations"}


def one_more(sheet: str, *values: Any, **read: Any):
    """A record more, whatever its words sound like."""

    def mess(book: Book) -> Truth:
        book[sheet].append(*values)
        table = BY_KEY[sheet]
        blank = dict.fromkeys(column.id for column in book.form.tables[table].columns)
        return Truth(records={table: [*records(table), blank | read]})

    return mess


def course(title: str):
    own = {"title": title, "kind": "online_course", "level": "provincial"}
    return one_more("课程与成果", title, "在线精品课程", "省级", **own)


def case(title: str, body: str = "三年共培训1200人，其中女生600人。"):
    return one_more("典型案例", title, body, title=title, body=body)


def explanation(text: str):
    return one_more(
        "情况说明", "students_002", None, text, rule_id="students_002", explanation=text
    )


def odd_enterprise(*values: Any):
    """A row of which only a person can tell whether it is an enterprise."""

    def mess(book: Book) -> Truth:
        book["校企合作"].append(*values)
        return Truth(asked={"校企合作"}, records={"partnerships": NOBODY_CAN_TELL})

    return mess


def trainings(*rows: tuple[Any, ...]):
    def mess(book: Book) -> Truth:
        del book["培训服务"].rows[2:]
        for row in rows:
            book["培训服务"].append(*row)
        return Truth(records={"training": NOBODY_CAN_TELL})

    return mess


def unsaid_total(book: Book) -> Truth:
    """A row without any word of a total, whose number is the sum of all rows above."""
    return donations("经费来源一览")(book)


def growing_donations(book: Book) -> Truth:
    """Each enterprise has signed, and one gave as much as two others together."""
    own = records("partnerships")
    for row, value in ((0, 2), (1, 3), (2, 5)):
        book.put("partnerships", "donated_value_10k_cny", value, row)
        own[row]["donated_value_10k_cny"] = str(value)
    return Truth(records={"partnerships": own})


TOTALS = (
    *(
        "捐赠总金额",
        "合计 Total",
        "合计/Total",
        "【合计】",
        "（合计）",
        "—合计—",
        "合计。",
        "合计=",
    ),
    *("小計", "总計", "Totals", "Sub-total", "总捐赠额", "累计捐赠", "合计十二家", "共计十二家"),
    *("转下页", "小计：市内企业", "市外（小计）"),
)
FIGURES = ("全校", "总家数", "2023年", "上年数", "增减", "同比")
EXAMPLES = (
    *(
        "甘肃公司（填写示例）",
        "甘肃公司（举例）",
        "甘肃公司-示例",
        "（填写范例）甘肃公司",
        "参考示例",
    ),
    *(
        "ＸＸ公司",
        "△△公司",
        "____公司",
        "请输入",
        "此行不计入",
        "（作废）甘肃公司",
        "甘肃公司（重复）",
    ),
)
COURSES = ("Office 2016 数据分类汇总", "1+X财务报表汇总", "共5G基站建设", "电话：礼仪")
TITLES = ("2024年工作汇总", "技能大赛成果汇总", "校长：带头走访")
TEXTS = (
    "证书数为各证人次合计",
    "含往届三年累计",
    "填的是总人数",
    "其中女生1200人",
    "说明：含扩招",
    "例：无",
)

CASES = [
    *(Case("records", f"course {t}", course(t), ALL, is_good=True) for t in COURSES),
    *(Case("records", f"case {t}", case(t), FEW, is_good=True) for t in TITLES),
    *(Case("records", f"explained {t}", explanation(t), FEW, is_good=True) for t in TEXTS),
    Case("records", "a gift as large as two", growing_donations, FEW, is_good=True),
    *(Case("totals", f"of gifts {t}", donations(t), ("xlsx",), is_good=True) for t in TOTALS),
    *(Case("totals", f"figures {t}", donations(t), FEW) for t in FIGURES),
    Case("totals", "of no word", unsaid_total, ALL),
    *(
        Case("records", f"enterprise {row[0]}", odd_enterprise(*row), ("xlsx",))
        for row in (
            *((text, "是", 5, None, "是") for text in EXAMPLES),
            ("合计", "是", None, None, None),
            ("西峰宏达汽修店", "是", None, "某某班", "是"),
            ("西峰宏运汽修店", "是", None, "订单班（例）", "是"),
        )
    ),
    Case(
        "totals",
        "a course that sounds like one, with the figures of another",
        trainings(
            ("会计实务", "企业委托", 1, 50, 24, 1.5), ("财务报表汇总", "企业委托", 1, 50, 24, 1.5)
        ),
        ("xlsx",),
    ),
]
