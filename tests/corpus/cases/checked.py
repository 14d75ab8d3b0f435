"""Columns to the right of a table that say who filled in or checked its lines, and whether."""

from itertools import cycle

from grids import Book
from truth import ALL, Case, Truth

SHEETS = ("校企合作", "课程与成果", "学生", "办学条件")
FEW = ("xlsx", "csv.zip")
LOOKS = (
    *(("审核人", "张三"), ("核对人", "李明", None, "王芳"), ("填报人", "张三、李明")),
    *(("是否核对", "是"), ("核对", "√"), ("核对", "已核对"), ("是否审核", "是", "否")),
    ("经办人签字", "校长（示例）", "财务处"),
)
OTHERS = (
    *(("审核人", "张三", "已核减"), ("核对", "√", "有误"), ("核对", "√", "应为2500")),
    *(("是否核对", "是", 2500.0), ("审核人", "张三", "张三（删除本行）"), ("核对数", "2500")),
    *(("审核人", "张三", "高估"), ("核对", "×")),
)


def column(sheet: str, head: str, *values: object, is_asked: bool = False):
    def mess(book: Book) -> Truth | None:
        grid = book[sheet]
        at = len(grid.rows[1])
        grid.set(1, at, head)
        for row, value in zip(range(2, len(grid.rows)), cycle(values), strict=False):
            grid.set(row, at, value)
        return Truth(asked={sheet}) if is_asked else None

    return mess


def remark_beside_a_name(book: Book) -> Truth:
    """A remark among the records, and who checked it: it is asked about as one that is alone."""
    column("校企合作", "审核人", "张三")(book)
    book["校企合作"].append("以上企业均为意向", None, None, None, None, "张三")
    return Truth(asked={"校企合作"})


CASES = [
    *(
        Case(
            "checked",
            f"{sheet} {'、'.join(map(str, said))}",
            column(sheet, *said),
            FEW if number else ALL,
            is_good=True,
        )
        for sheet in SHEETS
        for number, said in enumerate(LOOKS)
    ),
    *(
        Case(
            *("checked", f"{sheet} {'、'.join(map(str, said))}"),
            *(column(sheet, *said, is_asked=True), FEW),
        )
        for sheet in SHEETS
        for said in OTHERS
    ),
    Case("checked", "a remark beside a name", remark_beside_a_name, FEW),
]
