"""Rows whose words and numbers disagree on whether they are records, totals, examples or notes."""

from typing import Any

from grids import NAME, OTHER_NAME, Book, Cell
from truth import ALL, NOBODY_CAN_TELL, SHEETS, Case, Truth

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


def below(*sheets: str):
    """A line below the records of sheets, of no record and nobody's question."""

    def with_text(text: Any):
        def mess(book: Book) -> None:
            for sheet in sheets:
                book[sheet].append(text)

        return mess

    return with_text


def lone_enterprises(*names: str):
    """Enterprises of which nothing is filled in but the name."""

    def mess(book: Book) -> Truth:
        own = records("partnerships")
        for name in names:
            book["校企合作"].append(name)
            own.append(dict.fromkeys(own[0]) | {"enterprise": name})
        return Truth(records={"partnerships": own})

    return mess


def rounded(code: str, total_code: str):
    """Gifts and their total, of which a format shows fewer decimals."""

    def mess(book: Book) -> Truth:
        own = records("partnerships")
        for row, value, shown in ((0, 1.25, "1.3"), (1, 2.35, "2.4"), (2, 3.45, "3.5")):
            book.put("partnerships", "donated_value_10k_cny", Cell(value, code), row)
            own[row]["donated_value_10k_cny"] = shown if code == "0.0" else str(value)
        book["校企合作"].append("合计", None, Cell(7.05, total_code))
        return Truth(records={"partnerships": own})

    return mess


def nothing(*rows: tuple[str, Any]):
    """Sheets that say that there is nothing to file."""

    def mess(book: Book) -> Truth:
        found = {}
        for sheet, values in rows:
            grid = book[sheet]
            del grid.rows[2:]
            grid.append(*values)
            found |= {t.id: [] for t in book.form.tables.values() if t.sheet == sheet}
        return Truth(records=found)

    return mess


def header_again(book: Book) -> None:
    for sheet in ("校企合作", "培训服务", "专业设置"):
        book[sheet].append(*book[sheet].rows[0])
        book[sheet].append(*book[sheet].rows[1])


def better_header_below(book: Book) -> Truth:
    """The first page's header has a label misspelt, the second page's has not."""
    grid = book["校企合作"]
    whole = list(grid.rows[1])
    grid.set(1, 0, "企业名")
    grid.insert_row(10, *whole)
    return Truth(records={"partnerships": NOBODY_CAN_TELL})


def total_not_computed(book: Book) -> None:
    book["专业设置"].append("合计", None, None, None, Cell(None, formula="SUM(E3:E18)"))


def count_of(book: Book, text: str) -> Truth:
    book["校企合作"].append("合计", text)
    return Truth(asked=set() if text == "20家" else {"校企合作"})


DAY = Cell(45636, "yyyy-mm-dd")
OWN = ("", "招生就业中心")
CLOSING = (
    *(
        "校长签字：",
        "填表人签字：",
        "经办人：",
        "统计负责人：",
        "分管校长：",
        "（盖章）",
        "单位（公章）",
    ),
    *(
        "（以下空白）",
        "——以下空白——",
        "（完）",
        "填报时间：2024年12月10日",
        "2024年12月10日",
        "附件：",
    ),
)
HEADINGS = (
    "医院",
    "银行",
    "行业协会",
    "上市公司",
    "国有公司",
    "新增公司",
    "学校",
    "集团",
    "校内工厂",
)
NAMES = (
    *("西峰区第一幼儿园", "庆阳市福利院", "西峰区敬老院", "董志镇卫生院", "庆阳万达超市"),
    *("中国工商银行西峰支行", "庆阳供电所", "庆阳百盛购物广场", "张三家庭农场", "陇东报社"),
    *("无锡先导智能装备股份有限公司", "无限极（中国）有限公司", "共享汽车服务有限公司"),
)
NO_CASES = ("以下空白", "（完）", "见附件", "待补")
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

# Totals behind filled cells, one name over two rows, several in one, signs for what stands above.
ODD_ROWS = {
    "贯通培养": (
        ("3+2", "高职院校合计", "高职", 398),
        ("3+2", "高职院校共3所", "高职", 398),
        ("3+2", "示例高职院校01、示例高职院校10", "高职", 398),
        ("3+2", "高职院校累计", "高职", 398),
        ("3+2", "高职总人数", "高职", 398),
        ("3+2", "高职院校合计：", "高职", 398),
        ("3+2", "同左", "高职", 398),
        ("3+2", "″", "高职", 398),
    ),
    "技能大赛": (
        ("学生技能", "省", "省级合计", None, 106, 0, 5, 29, 27),
        ("学生技能", "省", "省赛汇总", None, 106, 0, 5, 29, 27),
    ),
    "课程与成果": (("省级合计", "在线精品课程", "省级"),),
    "校企合作": (
        ("服务有限公司",),
        ("及其子公司", "是"),
        ("庆阳比亚迪汽车服务有限公司、庆阳市福利院", "是"),
        ("5家企业", "是"),
        ("企业若干", "是"),
        ("各县区企业", "是"),
        ("ditto", "是"),
        ("↓", "是"),
    ),
    "培训服务": (
        ("电工培训-删除", "企业职工技能提升培训", 2, 30),
        ("电工培训（含在上行）", "企业职工技能提升培训", 2, 30),
        ("电工培训（资金：元）", "企业职工技能提升培训", 2, 30),
    ),
}


def odd_row(sheet: str, *values: Any):
    def mess(book: Book) -> Truth:
        book[sheet].append(*values)
        tables = (t for t in book.form.tables.values() if t.sheet == sheet)
        return Truth(asked={sheet}, records={next(tables).id: NOBODY_CAN_TELL})

    return mess


CASES = [
    *(
        Case("records", f"odd: {'、'.join(map(str, row))}", odd_row(sheet, *row), ("xlsx",))
        for sheet, rows in ODD_ROWS.items()
        for row in rows
    ),
    *(
        Case("notes", f"closing {t}", below("校企合作", "专业设置")(t), ("xlsx",), is_good=True)
        for t in CLOSING
    ),
    Case(
        "notes",
        "a date alone",
        below("校企合作", "专业设置")(DAY),
        ("xlsx",),
        is_good=True,
    ),
    Case("notes", "a number alone", below("校企合作")(20), ALL),
    *(Case("notes", f"no case {t}", below("典型案例")(t), FEW) for t in NO_CASES),
    *(Case("notes", f"heading {t}", below("校企合作")(t), FEW) for t in HEADINGS),
    Case("records", "enterprises of names alone", lone_enterprises(*NAMES), ALL, is_good=True),
    *(Case("records", f"itself{t}", odd_enterprise(f"{NAME}{t}"), ("xlsx",)) for t in OWN),
    Case("records", "another school", odd_enterprise(OTHER_NAME, "是", 5), FEW),
    Case("records", "itself beside an agreement", odd_enterprise(f"{NAME}教务处", "是"), FEW),
    Case("totals", "of rounded gifts", rounded("0.0", "0.0"), SHEETS, is_good=True),
    Case("totals", "rounded itself", rounded("0.00", "0.0"), SHEETS, is_good=True),
    Case("totals", "never computed", total_not_computed, ("xlsx", "ods")),
    Case("totals", "of how many", lambda book: count_of(book, "20家"), FEW, is_good=True),
    Case("totals", "of how many less", lambda book: count_of(book, "18家"), FEW),
    Case(
        "notes",
        "nothing",
        nothing(
            ("国际合作", ("本年度无国际合作项目",)),
            ("课程与成果", ("本校无此项",)),
            ("培训服务", ("无", "无", 0, 0)),
            ("典型案例", ("未开展",)),
        ),
        ALL,
        is_good=True,
    ),
    Case("records", "the title and the header again", header_again, ALL, is_good=True),
    Case("records", "a better header below", better_header_below, ALL),
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
