"""Texts in and above the header of a sheet of rows, and beside its records, that must be heard."""

from typing import Any

from grids import Book
from truth import ALL, NOBODY_CAN_TELL, Case, Truth

FEW = ("xlsx", "csv.zip")
SHEET, TABLE = "校企合作", "partnerships"
ENTERPRISE = ("新企业公司", "是", 50000, None, "否")
ASKED = Truth(asked={SHEET}, records={TABLE: NOBODY_CAN_TELL})
IN_THE_HEADER = (
    "单位：元",
    "元",
    "（元）",
    "金额单位：元",
    "2023年数据",
    "草稿",
    "注：捐赠设备值按元填",
)
# What may stand there and changes nothing.
HARMLESS = ("单位：万元", "填表人：李明", "2024年", "备注", "2024年12月10日")
NO_COUNTS = ("作废", "重复", "去年", "不算", "删", "×")
COUNTS = ("1", "1.", "（1）", "①", "一", "A-01", "甲", "第1")


def beside_the_header(text: str, at: int):
    def mess(book: Book) -> Truth:
        book[SHEET].set(1, at, text)
        book[SHEET].append(*ENTERPRISE)
        return ASKED

    return mess


def harmless_beside_the_header(text: str):
    def mess(book: Book) -> None:
        book[SHEET].set(1, 6, text)

    return mess


def unit_in_a_row_of_hints(book: Book) -> Truth:
    book[SHEET].insert_row(2, "（全称）", "（是/否）", None, None, "（是/否）", "单位：元")
    book[SHEET].append(*ENTERPRISE)
    return ASKED


def header_sorted_down(sheet: str, table: str):
    def mess(book: Book) -> Truth:
        rows = book[sheet].rows
        rows.insert(4, rows.pop(1))
        return Truth(asked={sheet}, records={table: NOBODY_CAN_TELL})

    return mess


def above_the_header(*values: Any):
    def mess(book: Book) -> Truth:
        book[SHEET].insert_row(1, *values)
        return ASKED

    return mess


def lines_above(*values: Any):
    def mess(book: Book) -> None:
        book[SHEET].insert_row(1, *values)

    return mess


def counted(texts: Any, count: Any):
    """A column of numbers before the records, one of them a text."""

    def mess(book: Book) -> None:
        grid = book[SHEET]
        numbers = {row: count(row) for row in range(2, len(grid.rows))}
        grid.insert_column(0, {1: "序号"} | numbers | texts)

    return mess


def no_count(text: str):
    def mess(book: Book) -> Truth:
        counted({4: text}, lambda row: row - 1)(book)
        return Truth(asked={SHEET})

    return mess


def spare(*values: Any, head: str = ""):
    def mess(book: Book) -> Truth:
        if head:
            book[SHEET].set(1, 5, head)
        book[SHEET].append(*values)
        return Truth(asked={SHEET}, records={TABLE: NOBODY_CAN_TELL})

    return mess


def first_of_numbers(sheet: str, table: str):
    def mess(book: Book) -> Truth:
        book[sheet].insert_row(2, None, 1, 2)
        return Truth(asked={sheet}, records={table: NOBODY_CAN_TELL})

    return mess


def all_numbered(book: Book) -> None:
    book["教师培训"].insert_row(2, 1, 2, 3)
    book["专业设置"].insert_row(2, None, None, *range(1, 9))


def rows_of(*rows: Any, answer: Truth | None = None):
    """Rows below the enterprises."""

    def mess(book: Book) -> Truth | None:
        for values in rows:
            book[SHEET].append(*values)
        return answer

    return mess


def repeated(*, first: tuple[Any, ...] = (), below: tuple[Any, ...] = ()):
    """The header comes again on the second page, with what stands below it on the first."""

    def mess(book: Book) -> None:
        grid = book[SHEET]
        header = list(grid.rows[1])
        if first:
            grid.insert_row(2, *first)
        grid.insert_row(12, *(below or first))
        grid.insert_row(12, *header)

    return mess


def in_yuan_then_bare(book: Book) -> Truth:
    grid = book[SHEET]
    grid.append(*grid.rows[1])
    grid.rows[-1][2] = "捐赠设备值"
    grid.set(1, 2, "捐赠设备值（元）")
    grid.append("新企业公司", "是", 5, None, "否")
    return Truth(records={TABLE: NOBODY_CAN_TELL}, asked={SHEET})


def unit_in_a_repeated_title(book: Book) -> Truth:
    grid = book[SHEET]
    grid.append("校企合作（单位：元）")
    grid.append(*grid.rows[1])
    grid.append(*ENTERPRISE)
    return ASKED


def spares(*values: Any):
    def mess(book: Book) -> None:
        for _ in range(8):
            book[SHEET].append(*values)

    return mess


def donations(book: Book) -> Truth:
    """Each is the sum of those above it, by accident."""
    grid, amounts = book[SHEET], (2, 3, 5, 10)
    del grid.rows[2:]
    for number, amount in enumerate(amounts, 1):
        grid.append(f"庆阳第{number}机械有限公司", None, amount)
    records = [
        {"enterprise": f"庆阳第{number}机械有限公司", "donated_value_10k_cny": str(amount)}
        for number, amount in enumerate(amounts, 1)
    ]
    return Truth(records={TABLE: records})


def page_totals(*words: str):
    def mess(book: Book) -> None:
        grid = book["职业技能证书"]
        first, *others = (row[2] for row in grid.rows[2:])
        grid.insert_row(3, words[0], None, first)
        grid.insert_row(4, words[1], None, first)
        grid.append(words[2], None, sum(others))
        grid.append(words[3], None, first + sum(others))

    return mess


HEARD_BELOW = (
    (("填表人：李明", None, "单位：元"), ENTERPRISE),
    (("单位：", "元"), ENTERPRISE),
    (("填表人：李明", None, "备注：以上为计划数"),),
    (("填表人：李明", None, "统计截止日期：2023年12月31日"),),
    (("填表人：", "以上为2023年决算数"),),
    (("日期", "以上为意向企业"),),
    (("注：以下为意向企业",), ENTERPRISE),
    (("注：以下企业已终止合作",), ENTERPRISE),
    (("合计（单位：元）", None, 50000), ENTERPRISE),
)
FINE_BELOW = (
    (("填表人：", "李明", "日期：", "2024年12月10日"),),
    (("数据来源：", "学校招生就业处", "单位：", "万元"),),
    (("（以下空白）",),),
)
SPARES = (
    *((None, "否", "/", None, "否"), (None, "否", "-", None, "否"), (None, "×", None, None, "×")),
    *((None, "N", 0, None, "N"), (None, "否", "0.00", None, "否"), ("　", "否", 0, None, "否")),
    ("/", "否", 0, None, "否"),
)
PAGE_TOTALS = (
    ("本页小计", "承前页", "本页小计", "合计"),
    ("过次页", "承前页", "本页合计", "总计"),
    ("本页合计", "上页结转", "本页合计", "累计"),
)
SORTED = {
    SHEET: TABLE,
    "专业设置": "programmes",
    "课程与成果": "courses",
    "典型案例": "cases",
    "满意度": "satisfaction",
    "技能大赛": "contests",
}
CASES = [
    *(
        Case("heard", f"{text} in the header at {at}", beside_the_header(text, at), formats)
        for text, formats in zip(IN_THE_HEADER, [ALL, *[FEW] * 9], strict=False)
        for at in (5, 7)
    ),
    *(
        Case("heard", f"{text} in the header", harmless_beside_the_header(text), FEW, True)
        for text in HARMLESS
    ),
    Case("heard", "a unit behind a row of hints", unit_in_a_row_of_hints, ALL),
    *(
        Case("heard", f"header sorted down: {sheet}", header_sorted_down(sheet, table), ALL)
        for sheet, table in SORTED.items()
    ),
    Case(
        *("heard", "a record above the header"),
        *(above_the_header("庆阳新签约有限公司", "是", None, None, "是"), ALL),
    ),
    *(
        Case("heard", f"lines above: {values[0]}", lines_above(*values), FEW, True)
        for values in (
            ("学校代码", "9962100201", "学校名称", "西峰职业中等专业学校"),
            ("填报单位：西峰职业中等专业学校", None, "填表人：李明", "2024年12月10日"),
            ("西峰职业中等专业学校", None, None, "2024年"),
            ("企业情况", "协议与捐赠"),
        )
    ),
    *(Case("heard", f"{text} for a number", no_count(text), FEW) for text in NO_COUNTS),
    *(
        Case("heard", f"{text} for a number", counted({4: text}, lambda row: row - 1), FEW, True)
        for text in COUNTS
    ),
    Case("heard", "beside a spare row", spare(None, "否", 0, None, "否", "庆阳新合作公司"), ALL),
    Case(
        *("heard", "beside a spare row, under 备注"),
        *(spare(None, "否", 0, None, "否", "庆阳新合作公司", head="备注"), FEW),
    ),
    Case("heard", "a number beside a spare row", spare(None, "否", 0, None, None, None, 77), FEW),
    Case("heard", "no name and 1, 2 first", first_of_numbers("满意度", "satisfaction"), ALL),
    Case("heard", "no level and 1, 2 first", first_of_numbers("教师培训", "teacher_training"), ALL),
    *(
        Case("heard", "、".join(map(str, rows[0])), rows_of(*rows, answer=ASKED), FEW)
        for rows in HEARD_BELOW
    ),
    Case("heard", "元 first, then a bare label", in_yuan_then_bare, ALL),
    Case("heard", "a unit in a repeated title", unit_in_a_repeated_title, ALL),
    *(
        Case("heard", f"spare: {'|'.join(map(str, values))}", spares(*values), FEW, is_good=True)
        for values in SPARES
    ),
    Case("heard", "donations that add up", donations, ALL, is_good=True),
    *(
        Case("heard", f"{words[0]}, {words[1]}", page_totals(*words), FEW, is_good=True)
        for words in PAGE_TOTALS
    ),
    *(
        Case("heard", f"header again {number}", repeated(**rows), ALL, is_good=True)
        for number, rows in enumerate(
            (
                {"first": (1, 2, 3, 4, 5)},
                {"first": ("甲", 1, 2, 3, 4)},
                {"below": (1, 2, 3, 4, 5)},
                {"first": (None, None, "万元")},
            )
        )
    ),
    *(
        Case("heard", f"fine below: {rows[0][0]}", rows_of(*rows), FEW, is_good=True)
        for rows in FINE_BELOW
    ),
    Case("heard", "all columns numbered", all_numbered, FEW, is_good=True),
]
