"""What titles and the cover say: other people, other sheets, other schools, units of the money."""

from typing import Any

from grids import CODE, NAME, OTHER, OTHER_NAME, Book
from truth import ALL, Case, Truth

FEW = ("xlsx", "csv.zip")
OF_OTHERS = (
    *("户籍西峰区学生情况", "招收环县学生", "附属中专学生情况", "联办学校学生情况"),
    "截至2024年10月学生情况",
    *("三年级学生情况", "男学生情况", "汽修系学生", "教职工 Staff", "教职工情况表"),
    "庆城县职业中等专业学校学生情况表",
)
OF_THE_FORM = (
    *("学生", f"{NAME}学生情况表", "庆阳市中等职业学校学生情况统计表", "2024年学生情况"),
    *("表3 学生情况", "中等职业学校在校学生情况", "甘肃省中等职业教育质量年度报告数据表"),
)
UNITS = (("金额单位：元",), ("金额单位：", "元"), ("币种：", "美元"), ("本表金额均以元为单位",))


def titled(sheet: str, text: str, is_asked: bool = True):
    def mess(book: Book) -> Truth | None:
        book[sheet].set(0, 0, text)
        return Truth(asked={sheet}) if is_asked else None

    return mess


def signed(sheet: str, name: str, is_asked: bool = True):
    def mess(book: Book) -> Truth | None:
        book[sheet].append(f"填报单位：{name}")
        return Truth(asked={sheet}) if is_asked else None

    return mess


def on_cover(row: int, column: int, *texts: str, is_asked: bool = True):
    def mess(book: Book) -> Truth | None:
        for at, text in enumerate(texts, start=column):
            book["封面"].set(row, at, text)
        return Truth(asked={"封面"}) if is_asked else None

    return mess


def own_name_above(book: Book) -> None:
    for sheet in book.sheets:
        sheet.insert_row(1, f"（{NAME}）")


def total(text: str, is_asked: bool = True):
    """A total below the programmes that equals its rows."""

    def mess(book: Book) -> Truth | None:
        grid = book["专业设置"]
        numbers = [
            [row[at] for row in grid.rows[2:] if isinstance(row[at], int | float)]
            for at in range(4, len(grid.rows[1]))
        ]
        grid.append(text, None, None, None, *(sum(column) or None for column in numbers))
        return Truth(asked={"专业设置"}) if is_asked else None

    return mess


def coded(sheet: str, *line: Any, row: int = 1, is_asked: bool = True):
    """A line above or below a table that names a school by its code."""

    def mess(book: Book) -> Truth | None:
        book[sheet].insert_row(row if row >= 0 else len(book[sheet].rows), *line)
        return Truth(asked={sheet}) if is_asked else None

    return mess


# Another school's code, in words or as a number, and what is the filer's own.
CODED = (
    *((f"学校代码：{OTHER}",), ("学校标识码：", OTHER), ("学校代码：", int(OTHER))),
    *((f"{NAME}（学校代码：{OTHER}）",), ("填报单位：宝鸡市教育局",), ("环县学生情况表",)),
    *(("宝鸡市学生情况表",), ("宝 鸡 市 学 生 情 况",), ("陕西省中等职业学校学生情况",)),
)
OWN = (
    *((f"学校代码：{CODE}",), ("学校标识码：", int(CODE)), ("甘肃省庆阳市西峰区学生情况表",)),
    ("填报单位：庆阳市教育局",),
    *((f"学校代码{CODE}",), (f"学校标识码 {CODE}",), ("机构代码：", CODE), ("县区：西峰区",)),
    *(
        ("县（区）：", "西峰区"),
        ("市州：庆阳市",),
        ("所在地：西峰区南大街12号",),
        ("省份：甘肃省",),
    ),
    *(("统一社会信用代码：12621002MB1234567X",), ("统一社会信用代码12621002MB1234567X",)),
    *(("报：庆阳市教育局",), ("主送：庆阳市教育局、庆阳市财政局",), ("抄送：各职业学校",)),
)
# The same of others, and what says of which part or of which figures the sheet is.
OF_OTHER_PLACES = (
    *((f"学校代码{OTHER}",), (f"学校标识码 {OTHER}",), ("机构代码：", OTHER), ("县区：环县",)),
    *(("县（区）：", "环县"), ("市州：宝鸡市",), ("所在地：环县",), ("抄送：宝鸡市教育局",)),
    *(("县区：仅统计西峰区",), ("县区：山区",), ("所在地：不含西峰区",), ("报送：预计数",)),
    ("县区：西峰区（不含肖金镇）",),
)


def beside(*texts: str, is_asked: bool = True):
    """Lines one below the other, to the right of a table of records."""

    def mess(book: Book) -> Truth | None:
        for row, text in enumerate(texts, start=2):
            book["校企合作"].set(row, 6, text)
        return Truth(asked={"校企合作"}) if is_asked else None

    return mess


CASES = [
    *(Case("titles", f"of another: {c}", coded("学生", *c), FEW) for c in CODED),
    *(
        Case("titles", f"below, of another: {c}", coded("校企合作", *c, row=-1), FEW)
        for c in CODED[:5]
    ),
    *(
        Case("titles", f"of its own: {c}", coded("学生", *c, is_asked=False), FEW, True)
        for c in OWN
    ),
    *(
        Case(
            "titles",
            f"{sheet} {row}, of its own: {c}",
            coded(sheet, *c, row=row, is_asked=False),
            FEW,
            True,
        )
        for sheet, row in (("校企合作", 1), ("校企合作", -1), ("学生", -1))
        for c in OWN[4:]
    ),
    *(
        Case("titles", f"{sheet} {row}, of others: {c}", coded(sheet, *c, row=row), FEW)
        for sheet, row in (("校企合作", 1), ("校企合作", -1), ("学生", 1), ("学生", -1))
        for c in OF_OTHER_PLACES
    ),
    Case(
        "titles",
        "its own place beside",
        beside("县区：西峰区", f"学校代码{CODE}", is_asked=False),
        FEW,
        True,
    ),
    Case(
        "titles",
        "another's code below its own place",
        beside("县区：西峰区", f"学校代码{OTHER}"),
        FEW,
    ),
    *(Case("titles", text, titled("学生", text), FEW) for text in OF_OTHERS),
    *(
        Case("titles", text, titled("职业技能证书", text), FEW)
        for text in ("教师职业技能证书", "社会人员职业技能证书")
    ),
    Case("titles", "已终止合作企业名单", titled("校企合作", "已终止合作企业名单"), FEW),
    *(Case("titles", text, titled("学生", text, False), FEW, True) for text in OF_THE_FORM),
    *(Case("the cover", f"unit: {said}", on_cover(12, 0, *said), ALL) for said in UNITS),
    Case("the cover", "a unit in the title's row", on_cover(0, 2, "单位：元"), FEW),
    Case("the cover", "a unit beside a label", on_cover(3, 3, "金额单位：元"), FEW),
    *(
        Case("titles", f"signed by another school: {sheet}", signed(sheet, OTHER_NAME), FEW)
        for sheet in ("学生", "校企合作")
    ),
    *(
        Case("titles", f"signed: {sheet}", signed(sheet, NAME, False), FEW, True)
        for sheet in ("学生", "校企合作")
    ),
    Case("the cover", "a unit in the heads' row", on_cover(1, 3, "单位：元"), FEW),
    *(
        Case("the cover", f"the form's unit: {said}", on_cover(12, 0, *said, is_asked=False), *good)
        for said in (("金额单位：万元",), ("金额单位：", "万元"))
        for good in [(FEW, True)]
    ),
    Case("the cover", "the school's own name above all tables", own_name_above, ALL, True),
    *(
        Case("totals", f"called {text}", total(text), FEW)
        for text in ("上年合计", "合计（2023年）", "合计（计划数）")
    ),
    *(
        Case("totals", f"called {text}", total(text, False), FEW, True)
        for text in ("合计", "2024年合计")
    ),
]
