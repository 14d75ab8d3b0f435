"""What stands around the values of a sheet: heads, titles, unit lines, notes, dates of filing."""

from grids import Book
from truth import ALL, NOBODY_CAN_TELL, Case, Truth

FUNDS = tuple(
    ("finance", f"{name}_10k_cny")
    for name in ("fiscal_appropriation", "special_funds", "internship_funds")
)
STUDENTS = tuple(
    ("students", name)
    for name in ("entrants", "enrolled", "certificate_holders", "fitness_tested", "fitness_passed")
)
NO_FUNDS = dict.fromkeys(FUNDS, NOBODY_CAN_TELL)
NO_STUDENTS = dict.fromkeys(STUDENTS, NOBODY_CAN_TELL)


def without_units(book: Book, factor: float = 1) -> None:
    grid = book["经费"]
    for row in range(2, len(grid.rows)):
        grid.set(row, 1, round(grid.rows[row][1] * factor, 2))
        grid.set(row, 2, None)


def in_yuan(text: str, at: int = 0):
    """A line above says 元 in an ordinary wording, and the values are in it."""

    def mess(book: Book) -> None:
        without_units(book, 10_000)
        book["经费"].insert_row(1, *[None] * at, text)

    return mess


def in_odd_money(text: str):
    def mess(book: Book) -> Truth:
        without_units(book)
        book["经费"].insert_row(1, text)
        return Truth(NO_FUNDS)

    return mess


def headed(text: str):
    def mess(book: Book) -> Truth:
        without_units(book)
        book["经费"].set(1, 1, text)
        book["经费"].set(1, 2, None)
        return Truth(NO_FUNDS)

    return mess


def headed_alike(text: str):
    def mess(book: Book) -> None:
        book["经费"].set(1, 1, text)

    return mess


def headed_in_yuan(text: str):
    def mess(book: Book) -> None:
        without_units(book, 10_000)
        book["经费"].set(1, 1, text)

    return mess


def upper_head(text: str):
    def mess(book: Book) -> Truth:
        book["学生"].insert_row(1, None, text)
        return Truth(NO_STUDENTS)

    return mess


def over_records(text: str):
    def mess(book: Book) -> Truth:
        book["专业设置"].insert_row(1, *[None] * 5, text)
        return Truth(records={"programmes": NOBODY_CAN_TELL})

    return mess


def titled(text: str, *, is_other: bool = True):
    def mess(book: Book) -> Truth:
        book["学生"].set(0, 0, text)
        return Truth(NO_STUDENTS if is_other else {})

    return mess


def on_the_line(text: str, at: int):
    """Something beside a value and its unit."""

    def mess(book: Book) -> Truth:
        book["经费"].set(2, at, text)
        return Truth({FUNDS[0]: NOBODY_CAN_TELL})

    return mess


def between(text: str):
    """A column of its own between the labels and the values."""

    def mess(book: Book) -> Truth:
        book["学生"].insert_column(1, {1: "分类", 3: text})
        return Truth({STUDENTS[1]: NOBODY_CAN_TELL})

    return mess


def numbered(text: str):
    """A column of numbers in which one cell says something else."""

    def mess(book: Book) -> Truth:
        book["学生"].set(1, 3, "序号")
        for row in range(2, 7):
            book["学生"].set(row, 3, row - 1)
        book["学生"].set(3, 3, text)
        return Truth({STUDENTS[1]: NOBODY_CAN_TELL})

    return mess


def numbered_plainly(book: Book) -> None:
    for sheet in ("学生", "经费"):
        book[sheet].set(1, 3, "行次")
        for row in range(2, len(book[sheet].rows)):
            book[sheet].set(row, 3, row - 1)


def section(text: str):
    def mess(book: Book) -> Truth:
        book["学生"].insert_row(4, text)
        return Truth({place: NOBODY_CAN_TELL for place in STUDENTS[2:]})

    return mess


def below(text: str, *sheets: str):
    def mess(book: Book) -> None:
        for sheet in sheets:
            book[sheet].append(text)

    return mess


def below_is_asked(text: str):
    def mess(book: Book) -> Truth:
        book["学生"].append(text)
        return Truth({STUDENTS[1]: NOBODY_CAN_TELL})

    return mess


def filed_on(text: str):
    """The date of filing, in the next January, above and below."""

    def mess(book: Book) -> None:
        book["学生"].insert_row(1, f"填报单位：西峰职业中等专业学校  填报日期：{text}")
        book["校企合作"].insert_row(1, f"填表日期：{text}")
        book["培训服务"].append(f"填表时间：{text}")
        book["经费"].append(f"填表日期：{text}")
        book["教职工"].append(text)

    return mess


def of_the_whole_year(book: Book) -> None:
    book["学生"].insert_row(1, "统计时间：2024年1月1日—2024年12月31日")
    book["校企合作"].insert_row(1, "统计期：2024.1.1-2024.12.31")
    book["经费"].append("注：统计时间为2024年1月1日至12月31日")


def units(edit):
    def mess(book: Book) -> None:
        for sheet in book.sheets:
            if len(sheet.rows) > 1 and sheet.rows[1][-1] == "单位":
                for row in sheet.rows[2:]:
                    row[2:3] = [edit(unit) if unit else None for unit in row[2:3]]

    return mess


def reported_in_january(book: Book) -> None:
    book["市级填报"].set(0, 0, "市级填报（2025年1月报送）")
    book["市级填报"].append("注：奖补资金含2023年结转资金")
    units(lambda unit: f"（{unit}）")(book)


def hint_row(book: Book) -> None:
    book["校企合作"].insert_row(2, "（全称）", "（是/否）", "（万元）", "（选填）", "（是/否）")
    book["典型案例"].insert_row(2, "（必填）")


def full_names(book: Book) -> None:
    book["校企合作"].set(1, 0, "企业名称（全称）")
    book["校企合作"].set(1, 2, "捐赠设备值（折合万元）")


def in_chinese(book: Book) -> Truth:
    book.put("cover", "filled_on", "二〇二五年一月十日")
    return Truth({("cover", "filled_on"): "2025-01-10"})


def of_another_school(text: str):
    def mess(book: Book) -> Truth:
        book["学生"].insert_row(1, text)
        return Truth(asked={"学生"})

    return mess


def good(name: str, mess, formats=("xlsx",), **more) -> Case:
    return Case("beside", name, mess, formats, is_good=True, **more)


def other(name: str, mess, formats=("xlsx",)) -> Case:
    return Case("beside", name, mess, formats)


CASES = [
    *(
        other(f"above {text}", of_another_school(text))
        for text in ("填报单位：三元区职校", "庆阳技师学院学生情况表", "庆阳市机电工程学校")
    ),
    *(
        good(f"filed on {text}", filed_on(text), ALL)
        for text in ("2025年1月10日", "2025-01-10", "2025.1.10", "二〇二五年一月十日")
    ),
    good("from a year's first day to its last", of_the_whole_year),
    good("the bureau's of January, units in brackets", reported_in_january, filer="bureau"),
    *(
        good(f"units {name}", units(edit))
        for name, edit in (
            ("in brackets", lambda unit: f"（{unit}）"),
            ("behind 单位：", lambda unit: f"单位：{unit}"),
            ("with spaces", "  ".join),
            ("with a stop", lambda unit: f"{unit}。"),
            ("人数", lambda unit: "人数" if unit == "人" else unit),
        )
    ),
    good("heads with hints", full_names),
    good("a row of hints below the header", hint_row, ALL),
    good("a date in Chinese digits", in_chinese),
    *(
        good(f"head {text}", headed_alike(text))
        for text in (
            *("学校填报值", "填报值（由学校填写）", "2023-2024学年", "本校数据", "全年数"),
            "2024年决算数",
            "本年实有数",
            "填报值（2024年）",
            "截至2024年底",
            "金额（万元）",
        )
    ),
    *(
        good(f"in 元: head {text}", headed_in_yuan(text))
        for text in ("填报值（单位：元）", "填报值（按元填）", "填报值(元整)", "本年金额（元）")
    ),
    *(
        other(f"head {text}", headed(text))
        for text in (
            *(
                "填报值（千）",
                "填报值（百）",
                "填报值（美元）",
                "填报值-元",
                "填报值 元",
                "填报值\n元",
            ),
            *(
                "2024年 元",
                "填报值（RMB）",
                "填报值（‰）",
                "填报值（中职部）",
                "填报值（农村户籍）",
            ),
            *("填报值（含分校）", "填报值（调整前）", "填报值（暂估）", "2024（预）", "2024E"),
            *("备注", "单位", "代码", "分校", "填报值*0.9"),
        )
    ),
    *(other(f"upper head {t}", upper_head(t)) for t in ("预算", "去年", "计划", "女", "农村学生")),
    *(
        other(f"over records {text}", over_records(text))
        for text in ("其中：农村学生", "上半年", "计划", "占比", "男", "附设中职班")
    ),
    *(
        good(f"in 元: {text}", in_yuan(text, at))
        for text, at in (
            *(("单位：元  币种：人民币", 0), ("金额以“元”为单位", 0), ("单位：“元”", 2)),
            ("填报单位：西峰职专  单位：元  填报日期：2024-12-01", 0),
            *(("单位：人；元", 0), ("币种：人民币 元", 2), ("金额均为元", 0), ("金额用元", 0)),
            *(("单位-元", 2), ("单位|元", 2), ("元（人民币）", 2), ("單位：元", 2)),
            ("说明：金额用元", 0),
        )
    ),
    *(
        other(f"line {text}", in_odd_money(text))
        for text in ("单位：K", "单位：千", "Unit: CNY", "币种：美元", "金额单位：见元列")
    ),
    *(
        good(f"line {text}", lambda book, text=text: book["经费"].insert_row(1, text))
        for text in (
            *("单位：万元  币种：人民币", "币种：人民币", "單位：萬元"),
            *("单位：万元（保留两位小数）", "（单位：万元，人）", "填表单位（盖章）：西峰职专"),
        )
    ),
    *(
        good(f"note {text}", below(text, "经费", "校企合作", "培训服务"))
        for text in (
            "注：财政拨款按元计算后四舍五入到万元",
            "注：原始凭证金额单位：元，本表已换算为万元",
            "注：金额精确到元",
            "注：含上年结转资金35万元",
            "注：按决算数，不是预算数",
        )
    ),
    *(
        good(f"note {text}", below(text, "学生", "教职工", "职业技能证书"))
        for text in (
            "注：依据甘教职成〔2019〕5号文件口径统计",
            "注：编制以市编办〔2021〕3号文为准",
            "注：招生数比上年增加120人",
            "注：在校生数较2023年减少20人",
        )
    ),
    *(
        other(f"below {text}", below_is_asked(text))
        for text in (
            *("注：本表为2023年数据", "1.另有联办学生300人未计入", "（在校生应为2500人）"),
            *("注：设备金额由企业以人民币支付，合计壹佰万元整", "注：编制数自2022年核定后未变"),
            *("注：生均拨款标准按1200元计", "注：毕业生为2021级学生", "注：2023年同期为2380人"),
            *("注：2022年核定编制200名，上年为196名", "说明：因2023年学校合并，在校生增加"),
            *("注：在校生数应为2500", "更正：在校生2500", "注：本表为预算", "数据截至2024年6月"),
        )
    ),
    *(
        other(f"title {text}", titled(text))
        for text in (
            *("2024年上半年学生", "学生（截至2024年6月）", "2022-2024年学生", "近三年学生"),
            *("2024年6月学生情况", "西峰职业中等专业学校2024年上半年在校学生基本情况统计表"),
            *("学生（三年合计）", "学生（计划）", "学生（估计数）", "学生（农村户籍）", "示例数据"),
            *("学生（仅一年级）", "学生（东校区）", "学生（旧）"),
        )
    ),
    *(
        good(f"title {text}", titled(text, is_other=False))
        for text in (
            *("学生（2024年）", "2024年学生情况表（人）", "学生（决算）", "学生（2025年1月填报）"),
            *("2023-2024学年学生", "学生（截至2024年12月31日）", "表3 学生（续）"),
        )
    ),
    *(
        other(f"beside {text} at {at}", on_the_line(text, at))
        for at, text in (
            *((3, "（单位：元）"), (4, "（上年）"), (3, "（2023年）"), (3, "（不含分校）")),
            *((4, "“估计数”"), (3, "*元"), (3, "备注：按元填"), (4, "1、上年数")),
        )
    ),
    *(other(f"between {text}", between(text)) for text in ("（女）", "其中：女")),
    *(other(f"under 序号: {text}", numbered(text)) for text in ("应为2500", "（女）")),
    good("numbers of the lines", numbered_plainly, ALL),
    *(
        other(f"section {text}", section(text))
        for text in ("其中：中职部", "二、上半年", "（二）成人教育部分")
    ),
]
