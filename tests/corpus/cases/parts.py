"""Texts that make figures those of a part: groups, headings, heads with brackets, notes.

Beside each stands what is as usual and changes nothing.
"""

from typing import Any

from grids import Book, Cell
from truth import ALL, NOBODY_CAN_TELL, Case, Truth

FEW = ("xlsx", "csv.zip")
ONE = ("xlsx",)


def asked(sheet: str, edit):
    def mess(book: Book) -> Truth:
        edit(book[sheet])
        return Truth(asked={sheet})

    return mess


def plain(sheet: str, edit):
    def mess(book: Book) -> None:
        edit(book[sheet])

    return mess


def groups(values: dict[int, Any], head: str | None = "类别"):
    return lambda grid: grid.insert_column(0, {1: head} | values)


def heading(text: str, row: int = 4):
    return lambda grid: grid.insert_row(row, text)


def head(text: str):
    return lambda grid: grid.set(1, 1, text)


def over_head(*values: str | None):
    return lambda grid: grid.insert_row(1, *values)


def below(*values: str):
    return lambda grid: grid.append(*values)


def founded(code: str):
    """A year was typed, and the format makes a day of its number."""

    def mess(book: Book) -> Truth:
        book.put("profile", "founded_year", Cell(1978, code))
        return Truth({("profile", "founded_year"): NOBODY_CAN_TELL})

    return mess


def hour_as_a_class(code: str):
    def mess(book: Book) -> Truth:
        book.put("partnerships", "named_class", Cell(45293, code), 0)
        return Truth(records={"partnerships": NOBODY_CAN_TELL})

    return mess


def bad(name: str, sheet: str, edit, formats=ONE, filer: str = "school") -> Case:
    return Case("parts", name, asked(sheet, edit), formats, filer=filer)


def good(name: str, sheet: str, edit, formats=ONE) -> Case:
    return Case("parts", name, plain(sheet, edit), formats, is_good=True)


HEADS = (
    *("全校（走读生）", "现有（租借）", "情况（测算）", "总数（三年）", "本校（本部）"),
    *("填报值（plan）", "填报值（girls only）", "填报值（市级）", "教师数"),
)
HEADINGS = ("二、中专部", "（二）住校生", "走读生", "2.东区", "技校", "外聘", "【三年级】")
OWN_HEADINGS = (
    *((9, "教职工", "年龄结构"), (5, "教职工", "职称结构"), (4, "教职工", "一、学历结构")),
    *((3, "学生", "规模"), (4, "学生", "获证情况"), (5, "学生", "体质健康"), (2, "经费", "收入")),
    *((6, "办学条件", "信息化"), (4, "毕业生去向", "升学情况"), (2, "学生", "一、基本情况")),
)
ABOVE = (
    *("统计范围：中专部", "统计对象：三年级", "以下数据为估数", "数据为抽样", "本表填2024年计划"),
    *("统计口径：住校生",),
)
USUAL_ABOVE = (
    *("统计期间：2024年1-12月", "（2023—2024学年）", "（注：*为必填项）", "请勿填写计划数"),
    *("统计口径：以学籍系统为准", "统计范围：全校"),
)
CORRECTIONS = (
    *(
        "注：招生数有误，实际1520人",
        "注：招生数应填1520",
        "注：招生数改为1520",
        "注：招生数实为1520",
    ),
    *("注：招生数以1520为准", "注：招生数多报10人", "注：招生数填错", "注：招生数只填了春季"),
    *("注：以上仅为一年级数据", "注：本表为中专部数据，技校部见附件", "上年数：无误", "去年：√"),
)
OF_ENTERPRISES = (
    *("注：获证人数应为2024年1月1日至12月31日取得", "注：培训人次为2024年全年累计"),
    "注：没有的应填0",
    *(
        "注：示例企业002不算",
        "注：第2家企业已注销，请删除",
        "注：末两行重复",
        "注：前3家为意向企业",
    ),
    *(
        "注：另有5家未列出",
        "注：示例企业003与示例企业004为同一家",
        "牵头单位：甘肃能化集团有限公司",
        "单位：庆阳市福利院",
    ),
)
USUAL_BELOW = (
    *("注：不得漏报、少报", "注：请认真核对，避免漏报、错报", "注：如有更正，请联系职成科"),
    *("注：请勿填写预算数", "注：比例应为0至100之间"),
    *("注：就业数据截至2024年8月31日", "注：其中女生600人"),
    *("注：招生数为当年9月1日实际报到人数", "注：以上企业均签订合作协议", "经办人：无误"),
    *(
        "注：同一企业请勿重复填写",
        "注：同一学生可重复统计",
        "注：本表只填写黄色单元格",
        "注：此栏仅填数字",
    ),
    *("注：数据有误的请联系职成科", "注：没有的填“无”"),
    *("注：已注销企业不填", "注：金额应填2位小数", "注：以上数据以学籍系统为准"),
)
NO_FIRMS = ("（不算）", "（拟签）", "（未签约）", "（待确认）", "（2025年）", "：已注销", "？")

CASES = [
    bad("group 中专部", "学生", groups({2: "招生", 4: "中专部"}), ALL),
    bad("group 乡镇", "学生", groups({2: "招生", 4: "乡镇"})),
    bad("group 抽测数", "学生", groups({2: "招生", 5: "抽测数"}, "备注")),
    good("groups of the form", "学生", groups({2: "规模", 4: "证书", 5: "体质健康"}), FEW),
    good("one group of the form", "学生", groups({2: "学生情况"})),
    good("收入 and 支出", "经费", groups({2: "收入", 4: "支出"})),
    *(bad(f"head {text}", "学生", head(text), FEW) for text in HEADS),
    bad("head 学生数", "教职工", head("学生数")),
    good("head 填报值（value）", "学生", head("填报值（value）")),
    *(bad(f"heading {text}", "学生", heading(text)) for text in HEADINGS),
    bad("heading 中专部 first", "学生", heading("一、中专部", 2), ALL),
    bad("heading 县区", "市级填报", heading("二、县区", 12), FEW, "bureau"),
    bad("heading 民办学校", "市级填报", heading("（二）民办学校", 12), FEW, "bureau"),
    *(good(f"heading {t}", sheet, heading(t, row), FEW) for row, sheet, t in OWN_HEADINGS),
    *(bad(f"over the head: {t}", "学生", over_head(None, t), ALL) for t in ("城区", "中专部")),
    bad("over the head: 样本校", "学生", over_head("类别", "样本校")),
    good("over the head: who files", "学生", over_head("填报单位：", "西峰职专")),
    good("over the head: 单位", "学生", over_head(None, "单位：人")),
    *(bad(f"above: {text}", "学生", over_head(text)) for text in ABOVE),
    *(good(f"above: {text}", "学生", over_head(text)) for text in USUAL_ABOVE),
    *(bad(f"below: {text}", "学生", below(text)) for text in CORRECTIONS),
    *(bad(f"below: {text}", "校企合作", below(text)) for text in OF_ENTERPRISES),
    *(good(f"below {s}: {t}", s, below(t)) for t in USUAL_BELOW for s in ("学生", "校企合作")),
    good("below: 请勿按元填写", "经费", below("注：金额单位为万元，请勿按元填写")),
    good("below: 不要填元", "校企合作", below("注：单位为万元，不要填元")),
    *(bad(f"name {text}", "校企合作", below(f"庆阳新签约公司{text}", "是")) for text in NO_FIRMS),
    *(Case("parts", f"founded in {code}", founded(code), ("xlsx", "xls")) for code in ("yyyy",)),
    Case("parts", "an hour of no class", hour_as_a_class('上午/下午h"时"mm"分"'), ("xlsx", "xls")),
]
