"""Words that make a table other figures than the form's, names that are none, covered cells."""

from grids import Book, Cell
from truth import ALL, NOBODY_CAN_TELL, Case, Truth

MONEY = ("finance", "special_funds_10k_cny")
STUDENTS = tuple(
    ("students", name)
    for name in ("entrants", "enrolled", "certificate_holders", "fitness_tested", "fitness_passed")
)
NOT_THIS_YEARS = Truth(dict.fromkeys(STUDENTS, NOBODY_CAN_TELL))


def titled(text: str):
    def mess(book: Book) -> Truth:
        book["学生"].set(0, 0, text)
        return NOT_THIS_YEARS

    return mess


def headed(text: str):
    def mess(book: Book) -> Truth:
        book["学生"].set(1, 1, text)
        return NOT_THIS_YEARS

    return mess


def sheet_named(text: str):
    def mess(book: Book) -> Truth:
        book["学生"].name = text
        return Truth(NOT_THIS_YEARS.values, beside={text})

    return mess


def line_in_the_middle(text: str):
    def mess(book: Book) -> Truth:
        book["学生"].insert_row(5, text)
        return NOT_THIS_YEARS

    return mess


def enterprise(name: str):
    """One more row, of which only a person can tell whether it is one enterprise."""

    def mess(book: Book) -> Truth:
        book["校企合作"].append(name, "是", None, None, "是")
        return Truth({("partnerships", "enterprise"): NOBODY_CAN_TELL})

    return mess


def currency_sign(book: Book) -> Truth:
    book.put(*MONEY, Cell(1119.03, '"¥"#,##0.00'))
    return Truth({MONEY: NOBODY_CAN_TELL})


def in_yuan(text: str):
    """The title says 元, the values are in it, and no cell beside says another."""

    def mess(book: Book) -> None:
        grid = book["经费"]
        grid.set(0, 0, text)
        for row in range(2, len(grid.rows)):
            grid.set(row, 1, round(grid.rows[row][1] * 10_000, 2))
            grid.set(row, 2, None)

    return mess


def total(text: str):
    def mess(book: Book) -> None:
        rows = book["培训服务"].rows[2:]
        sums = [sum(row[at] or 0 for row in rows) for at in range(2, 6)]
        book["培训服务"].append(text, None, *sums)

    return mess


CASES = [
    *(
        Case("words", f"title {text}", titled(text), ALL)
        for text in (
            "学生（上年）",
            "学生（2023年）",
            "二〇二三年学生",
            "学生（其中女生）",
            "学生（预算数）",
        )
    ),
    *(
        Case("words", f"head {text}", headed(text), ALL)
        for text in ("23年", "填报值（女）", "上学期", "任务数", "占比", "2024年上半年", "全区")
    ),
    *(
        Case("words", f"sheet {text}", sheet_named(text), ("xlsx", "xls", "ods"))
        for text in ("2023学生", "学生（上年）", "学生（作废）", "学生（预算）")
    ),
    *(
        Case("words", f"line {text}", line_in_the_middle(text), ALL)
        for text in ("（以下为上年数）", "注：以下为上年数据")
    ),
    *(
        Case("words", f"enterprise {text}", enterprise(text), ALL)
        for text in (
            "庆阳甲公司、庆阳乙公司",
            "庆阳甲公司等5家企业",
            "同上",
            "〃",
            "其他",
            "以上企业均签协议",
        )
    ),
    Case("words", "a sign of currency over 万元", currency_sign, ("xlsx", "xls", "ods")),
    *(
        Case("words", f"units {text}", in_yuan(text), ALL)
        for text in (
            "经费（元）",
            "经费 单位（元）",
            "经费（以元计）",
            "经费 金额单位：元",
            "经费 以元为单位",
        )
    ),
    *(
        Case("words", f"total {text}", total(text), ALL)
        for text in ("合计数", "汇总", "Grand Total", "各项培训服务情况全年合计", "Σ")
    ),
]
