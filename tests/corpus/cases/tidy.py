"""What careful clerks write that needs no question: seals, offices, ticks, counts, subtotals."""

from typing import Any

from grids import NAME, Book
from judge import untouched
from truth import NOBODY_CAN_TELL, Case, Truth

FEW = ("xlsx", "csv.zip")
ONE = ("xlsx",)
ROWS = ("校企合作", "职业技能证书", "满意度", "培训服务", "专业设置", "国际合作", "课程与成果")
BELOW = (
    *(f"{NAME}（盖章）", "教务处（公章）", "教务处", "招生就业处填", "分管领导：赵六"),
    *("填表日期2024.12.10", "2024年12月10日填", "2024-12-10 10:11", "页码：1/3", "续下页", "END"),
    "=====",
)
YES = ("☑是 □否", "是☑ 否□", "●是 ○否", "是（√）否（）", "□否 ☑是", "有")
NO = ("□是 ☑否", "是□ 否☑", "○是 ●否", "是（）否（√）", "无", "没有", "否")
NEITHER = ("□是 □否", "☑是 ☑否", "是√否")
DAYS = ("2024年9月1号", "2024年9月1日 星期日", "2024-09-01(周日)")


def below(*lines: Any):
    """Lines below every sheet of rows."""

    def mess(book: Book) -> None:
        for sheet in ROWS:
            for line in lines:
                book[sheet].append(line)

    return mess


def base(text: str, read: Any):
    def mess(book: Book) -> Truth:
        book.put("partnerships", "is_practice_base", text, 0)
        own = [dict(record) for record in untouched("school")["partnerships"]]
        own[0]["is_practice_base"] = read
        return Truth(records={"partnerships": own})

    return mess


def on_cover(name: str, text: str, read: Any):
    def mess(book: Book) -> Truth:
        book.put("cover", name, text)
        return Truth({("cover", name): read})

    return mess


def certificates(*rows: tuple[Any, ...], is_right: bool = True):
    def mess(book: Book) -> Truth:
        book["职业技能证书"].rows[2:] = [list(row) for row in rows]
        names = [column.id for column in book.form.tables["certificates"].columns]
        levels = {"初级": "junior", "中级": "intermediate"}
        own = [
            dict(zip(names, (name, levels[level], str(number)), strict=True))
            for name, level, number in rows
            if level
        ]
        if not is_right:
            return Truth(asked={"职业技能证书"}, records={"certificates": NOBODY_CAN_TELL})
        return Truth(records={"certificates": own})

    return mess


def last(*values: Any, is_right: bool = True):
    def mess(book: Book) -> Truth:
        book["校企合作"].append(*values)
        return Truth(asked=set() if is_right else {"校企合作"})

    return mess


A, B = ("保育师", "初级", 80), ("养老护理员", "初级", 3)
C = ("汽车维修工", "中级", 43)

CASES = [
    *(Case("tidy", f"below {t}", below(t), ONE, is_good=True) for t in BELOW),
    Case("tidy", "signed and dated", below(NAME, "2024年12月10日"), FEW, is_good=True),
    *(Case("tidy", f"yes {t}", base(t, "true"), ONE, is_good=True) for t in YES),
    *(Case("tidy", f"no {t}", base(t, "false"), ONE, is_good=True) for t in NO),
    *(Case("tidy", f"neither {t}", base(t, NOBODY_CAN_TELL), ONE) for t in NEITHER),
    *(
        Case("tidy", f"confirmed {t}", on_cover("is_confirmed", t, "true"), ONE, is_good=True)
        for t in ("同意", "已确认")
    ),
    Case("tidy", "agreed where nobody confirms", base("同意", NOBODY_CAN_TELL), ONE),
    *(
        Case("tidy", f"day {t}", on_cover("filled_on", t, "2024-09-01"), ONE, is_good=True)
        for t in DAYS
    ),
    Case(
        *("tidy", "a day of another weekday"),
        on_cover("filled_on", "2024年9月1日 星期一", NOBODY_CAN_TELL),
        ONE,
    ),
    Case(
        *("tidy", "subtotals of one"),
        certificates(A, B, ("初级小计", None, 83), C, ("中级小计", None, 43), ("合计", None, 126)),
        FEW,
        is_good=True,
    ),
    Case(
        *("tidy", "subtotals above their rows"),
        certificates(("初级小计", None, 83), A, B, ("中级小计", None, 43), C),
        FEW,
        is_good=True,
    ),
    Case(
        *("tidy", "a wrong subtotal of one"),
        certificates(A, B, ("初级小计", None, 83), C, ("中级小计", None, 44), is_right=False),
        FEW,
    ),
    Case("tidy", "a total of dashes", last("合计", *"————"), FEW, is_good=True),
    Case("tidy", "共 20 家", last("共 20 家"), FEW, is_good=True),
    Case("tidy", "共 23 家", last("共 23 家", is_right=False), FEW),
]
