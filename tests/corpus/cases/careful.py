"""What careful clerks add to a sheet without making its figures others, and what does."""

from typing import Any

from grids import Book, Cell
from truth import ALL, NOBODY_CAN_TELL, SHEETS, Case, Truth

FEW = ("xlsx", "csv.zip")
FIELDS = ("学生", "教职工", "经费", "毕业生去向")
FUNDS = ("fiscal_appropriation_10k_cny", "special_funds_10k_cny", "internship_funds_10k_cny")
UNKNOWN = {("finance", name): NOBODY_CAN_TELL for name in FUNDS}
VALUE_HEADS = (
    *(
        "指标值",
        "填写内容",
        "具体内容",
        "情况",
        "填报情况",
        "年度数据",
        "现有",
        "现状",
        "合计",
    ),
    *("全校", "本校", "填报值/", "结果值", "总数"),
)
OTHER_HEADS = (
    "任务数",
    "城区",
    "上年情况",
    "计划情况",
    "合计（含分校）",
    "示例职业学校",
    "前三年合计",
)
STAFF_GROUPS = {2: "总体情况", 7: "结构", 12: "职称", 16: "学历", 19: "年龄"}
ROWS = ("校企合作", "职业技能证书", "满意度")


def value_head(text: str, truth: Truth | None = None):
    def mess(book: Book) -> Truth | None:
        book["经费"].set(1, 1, text)
        return truth

    return mess


def label_head(text: str):
    def mess(book: Book) -> None:
        for sheet in FIELDS:
            book[sheet].set(1, 0, text)

    return mess


def numbered(head: str | None, number: Any):
    """A column before the labels numbers their lines."""

    def mess(book: Book) -> None:
        for sheet in FIELDS:
            lines = range(2, len(book[sheet].rows))
            book[sheet].insert_column(0, {1: head} | {row: number(row - 1) for row in lines})

    return mess


def numbered_rows(head: str):
    def mess(book: Book) -> None:
        for sheet in ROWS:
            records = range(2, len(book[sheet].rows))
            book[sheet].insert_column(0, {1: head} | {row: row - 1 for row in records})

    return mess


def before_labels(head: str, sheet: str, values: dict[int, Any]):
    """A column before the labels says something else, which somebody has to see."""

    def mess(book: Book) -> Truth:
        book[sheet].insert_column(0, {1: head} | values)
        return Truth(asked={sheet})

    return mess


def grouped(book: Book) -> None:
    """Merged groups stand before the labels."""
    grid = book["教职工"]
    grid.insert_column(0, {1: "类别"} | STAFF_GROUPS)
    ends = [*list(STAFF_GROUPS)[1:], len(grid.rows)]
    grid.merged += [
        (row, 0, end - 1, 0) for row, end in zip(STAFF_GROUPS, ends, strict=True) if end > row + 1
    ]


def tick_beside(book: Book) -> Truth:
    """A tick stands under 单位 where yes or no is blank."""
    row, at = book.place("profile", "is_national_demonstration")
    book["学校概况"].set(row, at, None)
    book["学校概况"].set(row, at + 1, "√")
    return Truth({("profile", "is_national_demonstration"): NOBODY_CAN_TELL})


def two_value_heads(one: str, other: str, truth: Truth | None = None):
    """A second column beside the values has figures of its own."""

    def mess(book: Book) -> Truth:
        grid = book["经费"]
        grid.set(1, 1, one)
        for row in range(2, len(grid.rows)):
            grid.set(row, 3, row)
        grid.set(1, 3, other)
        return truth or Truth(asked={"经费"})

    return mess


def label_head_of_others(book: Book) -> Truth:
    book["学生"].set(1, 0, "2023年项目")
    return Truth(asked={"学生"})


def headed(row: int, text: str, truth: Truth | None = None):
    def mess(book: Book) -> Truth | None:
        book["学生"].insert_row(row, text)
        return truth

    return mess


def filed_on(*values: Any, sheets: tuple[str, ...] = ("校企合作", "专业设置", "学生")):
    def mess(book: Book) -> None:
        for sheet in sheets:
            book[sheet].insert_row(1, *values)

    return mess


def filed_last_year(book: Book) -> Truth:
    book["校企合作"].insert_row(1, "填报单位：西峰职业中等专业学校", None, "2023年12月10日")
    return Truth(asked={"校企合作"})


def one_column_more(head: str, text: str | None, truth: Truth | None = None):
    def mess(book: Book) -> Truth | None:
        for sheet in ROWS:
            at = len(book[sheet].rows[1])
            for row in range(2, len(book[sheet].rows)):
                book[sheet].set(row, at, text)
            book[sheet].set(1, at, head)
        return truth

    return mess


def remarks_on_fields(text: str):
    def mess(book: Book) -> None:
        book["学生"].set(1, 3, "备注")
        for row in range(2, len(book["学生"].rows)):
            book["学生"].set(row, 3, text)

    return mess


def no_units(book: Book) -> None:
    for row in range(2, len(book["学校概况"].rows)):
        if not book["学校概况"].rows[row][2:3] or book["学校概况"].rows[row][2] is None:
            book["学校概况"].set(row, 2, "—")


def dash_for_a_unit(book: Book) -> Truth:
    """Where a unit of money is due stands 千."""
    book.unit("finance", "fiscal_appropriation_10k_cny", "千")
    return Truth({("finance", "fiscal_appropriation_10k_cny"): NOBODY_CAN_TELL})


def none_at_all(text: str):
    def mess(book: Book) -> Truth:
        del book["国际合作"].rows[2:]
        book["国际合作"].append(text)
        return Truth(records={"international": []})

    return mess


def group_with_another_sum(text: str):
    """A line over the enterprises bears a sum that is not theirs."""

    def mess(book: Book) -> Truth:
        book["校企合作"].insert_row(2, text, None, 10.5)
        return Truth(records={"partnerships": NOBODY_CAN_TELL}, asked={"校企合作"})

    return mess


CASES = [
    *(Case("careful", f"values: {head}", value_head(head), FEW, True) for head in VALUE_HEADS),
    *(
        Case("careful", f"values: {head}", value_head(head, Truth(UNKNOWN, asked={"经费"})), FEW)
        for head in OTHER_HEADS
    ),
    *(
        Case("careful", f"labels: {head}", label_head(head), FEW, True)
        for head in ("内容", "填报内容", "统计内容", "数据")
    ),
    *(
        Case("careful", f"{head} before records", numbered_rows(head), FEW, True)
        for head in ("#", "NO", "项次")
    ),
    Case("careful", "序号 before labels", numbered("序号", lambda n: n), ALL, True),
    Case("careful", "1. before labels", numbered(None, lambda n: f"{n}."), FEW, True),
    Case("careful", "pandas' index", numbered(None, lambda n: n - 1), FEW, True),
    Case("careful", "codes before labels", numbered("指标代码", lambda n: f"{n:03}"), FEW, True),
    Case(
        *("careful", "last year's before labels"),
        *(before_labels("上年数", "学生", {2: 300, 3: 900, 4: 80, 5: 9, 6: 8}), FEW),
    ),
    Case(
        *("careful", "parts before labels"),
        *(before_labels("类别", "学生", {2: "城区", 4: "乡镇"}), FEW),
    ),
    Case(
        *("careful", "one part before labels"),
        *(before_labels("类别", "学生", {2: "招生", 4: "其中：女"}), FEW),
    ),
    Case(
        *("careful", "last year's before labels, and in order"),
        *(before_labels("上年数", "学生", {row: row - 1 for row in range(2, 7)}), FEW),
    ),
    Case("careful", "a tick beside yes or no", tick_beside, ALL),
    Case("careful", "another year over the labels", label_head_of_others, FEW),
    Case("careful", "合计 beside 填报值", two_value_heads("填报值", "合计"), FEW),
    Case(
        *("careful", "城区 beside 乡镇"),
        *(two_value_heads("城区", "乡镇", Truth(UNKNOWN, asked={"经费"})), FEW),
    ),
    Case("careful", "a heading of a part", headed(5, "体质测试：女", Truth(asked={"学生"})), FEW),
    Case("careful", "groups before labels", grouped, SHEETS, True),
    Case("careful", "a group of the form as a heading", headed(5, "体质测试"), ALL, True),
    Case("careful", "a heading of others", headed(5, "附设初中部", Truth(asked={"学生"})), FEW),
    Case(
        *("careful", "the day beside who files"),
        *(filed_on("填报单位：西峰职业中等专业学校", None, "2024年12月10日"), ALL, True),
    ),
    Case(
        *("careful", "the day as a date"),
        *(filed_on("填报日期", Cell(45636, "yyyy-mm-dd")), SHEETS[:2], True),
    ),
    Case("careful", "another year's day beside who files", filed_last_year, FEW),
    *(
        Case("careful", f"remarks: {text}", one_column_more("备注", text), FEW, True)
        for text in ("无", "/", "-", "—")
    ),
    *(Case("careful", f"fields: {text}", remarks_on_fields(text), FEW, True) for text in "无/—"),
    *(
        Case("careful", f"head alone: {head}", one_column_more(head, None), FEW, True)
        for head in ("审核意见", "责任部门", "填表人")
    ),
    Case(
        *("careful", "a column more"),
        *(one_column_more("备注", "另有5家", Truth(asked=set(ROWS))), FEW),
    ),
    Case(
        *("careful", "a headed column more"),
        *(one_column_more("核减", "3", Truth(asked=set(ROWS))), FEW),
    ),
    Case("careful", "— for no unit", no_units, FEW, True),
    Case("careful", "千 for a unit", dash_for_a_unit, FEW),
    *(
        Case("careful", text, none_at_all(text), FEW, True)
        for text in ("本年度无", "空表", "此表无数据")
    ),
    *(
        Case("careful", f"a sum of others: {text}", group_with_another_sum(text), FEW)
        for text in ("汽车类企业", "机电系", "校本部")
    ),
]
