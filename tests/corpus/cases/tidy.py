"""What careful clerks write that needs no question: seals, offices, ticks, counts, subtotals."""

from typing import Any

from grids import NAME, Book, Cell
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
# What bids, vows, sends or asks, and could be no name.
REMARKS = (
    *(
        "此表一式两份",
        "报送至市教育局职成科",
        "请于12月15日前报送",
        "数据提供：招生就业处",
        "— 1 —",
    ),
    *("以上数据经学校核实无误。", "本校对所报数据的真实性、准确性负责。", "说明：本表由各校填报"),
    *("联系邮箱：xfzz@163.com", "填报咨询电话：0934-8212345", "第1页 共3页"),
)
# Who signs, with what answers it in the next cell.
ANSWERED = (
    *(("校长（签字）：刘强", "（公章）"), ("填表日期：", "2024-12-10")),
    *(("校长：（签章）", "年   月   日"), ("填报日期：", Cell(45636, "yyyy-mm-dd"))),
)
TITLES = (
    *("表三 学生情况（2024年）", "甘肃省庆阳市2024年中职质量年报数据采集表（学生情况）"),
    *("表    号：庆职教年报03表", "报告期：2024年", "统计时点：2024年9月1日"),
    *("单位名称：西峰职业中等专业学校（公章）", "内部资料  注意保存"),
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


def ended(*values: Any):
    """A line more below sheets of both kinds."""

    def mess(book: Book) -> None:
        for sheet in (*ROWS, "学生", "经费"):
            book[sheet].append(*values)

    return mess


def headed(text: str):
    def mess(book: Book) -> None:
        for sheet in ("学生", "经费"):
            book[sheet].insert_row(0, text)

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
    *(Case("tidy", f"ended {t}", ended(t), ONE, is_good=True) for t in REMARKS),
    *(Case("tidy", f"ended {v[0]} {n}", ended(*v), ONE, True) for n, v in enumerate(ANSWERED)),
    *(
        Case("tidy", f"headed {t}", headed(t.replace("学生情况", "情况")), ONE, True)
        for t in TITLES
    ),
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
