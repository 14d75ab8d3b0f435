"""Texts in rows of heads, parts over heads, and labels whose text stands in the next cell."""

from grids import Book
from truth import ALL, Case, Truth

OTHERS = ("2023年数据", "上年", "草稿", "初稿未审")
PARTS = ("中专部", "外聘教师", "三年级")
PLAIN = ("2024年度", "第1页", "单位：人", "填报数据", "填报日期：2024年12月1日")
LABEL_HEADS = ("指标名称", "主要指标", "填报事项", "学生情况", "项目 Item")
FEW = ("xlsx",)
OTHERWISE = (
    *(("截止日期：", "2024年6月30日"), ("统计口径：", "三年级"), ("统计范围：", "中专部")),
    *(("数据截止时间：", "2023年12月"), ("口径：", "仅统计中专部"), ("统计时间：", "2024年上半年")),
    *(("审核：", "不通过，退回修改"), ("审核：", "删除第3行"), ("填报状态：", "未完成")),
)
AS_ASKED = (
    *(("截止日期：", "2024年12月31日"), ("统计口径：", "全校"), ("统计范围：", "全校学生")),
    *(("统计时间：", "2024年1月1日至12月31日"), ("币种：", "人民币"), ("审核：", "张三")),
    *(("统计时段：", "2023年9月1日至2024年8月31日"), ("填报状态：", "已完成")),
    ("填报日期：", "2024年12月10日"),
)


def at(sheet: str, row: int, column: int, text: str):
    def mess(book: Book) -> Truth:
        book[sheet].set(row, column, text)
        return Truth(asked={sheet})

    return mess


def line(sheet: str, row: int, *values):
    """A line between others, or below the last."""

    def mess(book: Book) -> Truth:
        grid = book[sheet]
        grid.insert_row(len(grid.rows) if row < 0 else row, *values)
        return Truth(asked={sheet})

    return mess


def over_a_blank_line(text: str):
    def mess(book: Book) -> Truth:
        book["学生"].insert_row(1, None, text)
        book["学生"].insert_row(2)
        return Truth(asked={"学生"})

    return mess


def good(name: str, mess, kind: str) -> Case:
    def quiet(book: Book) -> None:
        mess(book)

    return Case(kind, name, quiet, FEW, is_good=True)


HEADS, OVER = "in a row of heads", "parts over heads"
CASES = [
    *(Case(HEADS, f"title: {text}", at("学生", 0, 2, text), FEW) for text in OTHERS),
    *(Case(HEADS, f"head: {text}", at("经费", 1, 3, text), ALL[:2]) for text in OTHERS),
    *(Case(HEADS, f"inside: {t}", line("经费", 3, None, None, None, t), FEW) for t in OTHERS),
    *(
        Case(HEADS, f"beside: {text}", line("毕业生去向", 1, "编制单位：本校", None, text), FEW)
        for text in OTHERS
    ),
    Case(HEADS, "a note", line("教职工", -1, None, None, "注：以上为2023年数"), ALL),
    Case(HEADS, "备注", line("经费", -1, "备注", "2023年"), ALL),
    Case(HEADS, "说明", line("经费", -1, "说明", "以上为2023年决算数"), ALL),
    *(
        Case(OVER, f"rows: {text}", line("专业设置", 1, None, None, None, None, text), FEW)
        for text in PARTS
    ),
    *(Case(OVER, f"a line between: {text}", over_a_blank_line(text), FEW) for text in PARTS),
    *(Case(OVER, f"labels: {text}", at("学生", 1, 0, text), FEW) for text in PARTS),
    *(
        Case(OVER, f"among labels: {text}", line("学生", 4, text, "填报值", "单位"), FEW)
        for text in PARTS
    ),
    *(
        good(f"rows: {text}", line("专业设置", 1, None, None, None, None, text), OVER)
        for text in PLAIN
    ),
    *(good(f"a line between: {text}", over_a_blank_line(text), OVER) for text in PLAIN),
    good("a note of taxes", line("经费", 1, "注：金额不含税"), "in one cell or two"),
    *(good(f"labels: {text}", at("学生", 1, 0, text), OVER) for text in LABEL_HEADS),
    *(
        Case("in two cells", f"{sheet} {row} {said[0]}{said[1]}", line(sheet, row, *said), FEW)
        for sheet, row in (("校企合作", 1), ("校企合作", -1), ("经费", -1))
        for said in (*OTHERWISE, ("币种：", "美元"))
    ),
    *(
        Case(
            "in one cell", f"{sheet} {row} {said[0]}{said[1]}", line(sheet, row, "".join(said)), FEW
        )
        for sheet, row in (("校企合作", -1), ("学生", 1))
        for said in OTHERWISE
    ),
    *(
        good(
            f"{sheet} {row} {said[0]}{said[1]} {len(cells)}",
            line(sheet, row, *cells),
            "in one cell or two",
        )
        for sheet, row in (("校企合作", 1), ("经费", -1), ("专业设置", -1))
        for said in AS_ASKED
        for cells in (said, ("".join(said),))
    ),
]
