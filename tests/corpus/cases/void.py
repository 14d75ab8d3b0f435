"""Records that are void by their own words, and notes of the records that follow them."""

from typing import Any

from grids import Book, Cell
from judge import untouched
from truth import NOBODY_CAN_TELL, Case, Truth

FEW = ("xlsx", "csv.zip")
ONE = ("xlsx",)
NEW = ("庆阳新能源科技有限公司", "是", 5, None, "否")
LEADING = (
    *("附：去年合作企业", "附：2023年校企合作", "附：已终止企业", "附：计划合作企业"),
    *("附：县区企业", "附件2：2023年校企合作", "注：2023年企业"),
)
BETWEEN = (
    *("单位：万元", "注：金额单位为万元", "填表人：张三", "备注：数据已核对无误", "注：*为必填项"),
    "第1页 共2页",
)
NO_CLASSES = (
    *("无冠名班", "没有冠名班", "暂无冠名班", "无班", "不设", "省略", "……", "三个", "已开设"),
    *("有冠名班", "冠名班", "1、2"),
)
CLASSES = ("无人机班", "不锈钢班", "三一班", "京东订单班", "比亚迪班（2023级）")
# By sheet, a record with a place for its name.
RECORDS: dict[str, tuple[Any, ...]] = {
    "校企合作": (None, "否", 5, None, "否"),
    "国际合作": (None, "其他", 1, 20),
    "培训服务": (None, "其他", 1, 20),
    "职业技能证书": (None, "初级", 30),
    "课程与成果": (None, "其他成果", "校级"),
    "专业设置": ("720201", None, None, "否", 10, 10, 10, 0, 0, 0),
}
NO_NAMES = (
    *("本年未开展", "无成果", "拟新签企业", "未开展", "无国际合作", "无证书", "暂无合作企业"),
    *("2025年拟开设", "筹建中", "申报中", "若干家", "未知", "不详", "多家"),
)
VOID = (
    *("（未发证）", "（2023年）", "（取消）", "（意向）", "（去年）", "：已取消", "【2023】"),
    *("（与示例企业002相同）", "（3家）", "（作废）", "（重复）", "（不计）", "（已终止）"),
)
ORDINARY = (
    *("保育师（中级）", "甘肃省技能大赛（中职组）", "焊接（不锈钢）", "无人机操控", "停车场管理"),
    *("职业院校技能大赛（2024年）", "幼儿保育（2021版）", "养老护理（1+X）", "美术（拟人化设计）"),
)


def between(text: Any, *, is_asked: bool, has_header: bool = False):
    """A line of one text below the records, and one record more behind it."""

    def mess(book: Book) -> Truth:
        grid = book["校企合作"]
        grid.append(text)
        if has_header:
            grid.append(*grid.rows[1])
        grid.append(*NEW)
        one = dict.fromkeys(untouched("school")["partnerships"][0])
        one |= {"enterprise": NEW[0], "has_agreement": "true", "is_practice_base": "false"}
        one |= {"donated_value_10k_cny": "5"}
        own = [*untouched("school")["partnerships"], one]
        return Truth(records={"partnerships": NOBODY_CAN_TELL if is_asked else own})

    return mess


def class_named(text: str, *, is_name: bool):
    def mess(book: Book) -> Truth:
        book.put("partnerships", "named_class", text, 0)
        own = [dict(record) for record in untouched("school")["partnerships"]]
        own[0]["named_class"] = text
        return Truth(records={"partnerships": own if is_name else NOBODY_CAN_TELL})

    return mess


def named(text: str, *sheets: str, is_asked: bool):
    """A record of each of the sheets has this for its name."""

    def mess(book: Book) -> Truth:
        found: dict[str, Any] = {}
        for sheet in sheets:
            table = next(t for t in book.form.tables.values() if t.sheet == sheet)
            values = list(RECORDS[sheet])
            values[values.index(None)] = text
            if is_asked:
                book[sheet].append(*values)
                found[table.id] = NOBODY_CAN_TELL
                continue
            at = values.index(text)
            book[sheet].set(2, at, text)
            own = [dict(record) for record in untouched("school")[table.id]]
            own[0][table.columns[at].id] = text
            found[table.id] = own
        return Truth(records=found)

    return mess


def day_below(value: Any, *, is_asked: bool):
    def mess(book: Book) -> Truth:
        book["校企合作"].append(value)
        return Truth(asked={"校企合作"} if is_asked else set())

    return mess


CASES = [
    *(Case("void", f"led by {t}", between(t, is_asked=True), FEW) for t in LEADING),
    *(
        Case("void", f"led by {t} and a header", between(t, is_asked=True, has_header=True), ONE)
        for t in LEADING[:2]
    ),
    *(Case("void", f"between {t}", between(t, is_asked=False), ONE, is_good=True) for t in BETWEEN),
    *(Case("void", f"class {t}", class_named(t, is_name=False), FEW) for t in NO_CLASSES),
    *(Case("void", f"class {t}", class_named(t, is_name=True), ONE, is_good=True) for t in CLASSES),
    *(Case("void", f"named {t}", named(t, *RECORDS, is_asked=True), ONE) for t in NO_NAMES),
    *(
        Case("void", f"behind a name {t}", named(f"保育师{t}", *RECORDS, is_asked=True), ONE)
        for t in (*VOID, "（？）")
    ),
    *(
        Case("void", f"class 比亚迪班{t}", class_named(f"比亚迪班{t}", is_name=False), ONE)
        for t in VOID
    ),
    *(
        Case("void", f"ordinary {t}", named(t, *RECORDS, is_asked=False), ONE, is_good=True)
        for t in ORDINARY
    ),
    Case("void", "a question", named("保育师？", "职业技能证书", is_asked=True), FEW),
    Case(
        *("void", "a title that asks"),
        named("什么是职业道德？", "课程与成果", is_asked=False),
        ONE,
        is_good=True,
    ),
    *(
        Case("void", f"a day of last year {t}", day_below(t, is_asked=True), FEW)
        for t in ("2023年12月31日", Cell(45291, "yyyy-mm-dd"))
    ),
    Case("void", "a day", day_below("2024年12月10日", is_asked=False), ONE, is_good=True),
]
