"""Cells that name several where one record is counted, and single names that hold such marks."""

from grids import Book
from judge import untouched
from truth import ALL, NOBODY_CAN_TELL, Case, Truth

FEW = ("xlsx", "csv.zip")
# By sheet and table: what stands in the cell of the first record's name.
PLACES = {
    "enterprise": ("partnerships", "enterprise"),
    "class": ("partnerships", "named_class"),
    "course": ("courses", "title"),
    "case": ("cases", "title"),
    "certificate": ("certificates", "certificate"),
    "contest": ("contests", "contest"),
    "training": ("training", "project"),
    "partner": ("articulation", "partner"),
}
SEVERAL = {
    "enterprise": (
        *("华为、中兴", "华为；中兴", "华为/中兴", "华为及中兴", "华为,中兴", "华为\n中兴"),
        *("ABB／西门子", "华为等3家", "庆阳市第一、第二医院", "1.华为 2.中兴"),
        *("华为、中兴等", "华为和中兴", "西峰宏达汽修店\n西峰宏运汽修店"),
    ),
    "class": ("华为班、比亚迪班",),
    "course": (
        *("《机械制图》《电工基础》", "《机械制图》、《电工基础》"),
        "校本教材《机械制图》和《电工基础》",
        *("机械制图等5门", "机械制图等五门课程", "机械制图、电工基础", "机械制图\n电工基础"),
        *("机械制图；电工", "机械制图/电工基础", "1.机械制图\n2.电工基础", "机械制图、语文等"),
        *("语文、数学、英语", "5门课程", "另有3门", "机械制图（5门）", "①机械制图②电工基础"),
        "1.机械制图2.电工基础",
    ),
    "case": ("《以赛促教》《以岗育人》", "《以赛促教》、《以岗育人》", "以赛促教等3个典型案例"),
    "certificate": ("电工、焊工", "保育师\n育婴员", "汽车维修工/汽车检测工"),
    "contest": ("文明风采大赛、职业院校技能大赛", "文明风采大赛；技能大赛"),
    "training": ("焊接技术；汽车维修", "电工培训等4个项目"),
    "partner": (
        *("兰州石化/酒泉职院", "兰州石化、酒泉职院", "3所高职", "高职院校", "全部高职", "高职"),
        "各本科院校",
    ),
}
ONE = {
    "enterprise": (
        *("西峰和谐家园酒店", "庆阳和顺汽修厂", "庆阳宏达公司（汽修、美容）", "庆阳普及书店"),
        *("庆阳比亚迪汽车\n服务有限公司", "华为技术有限公司/Huawei Technologies"),
        "Siemens Co., Ltd.",
    ),
    "class": ("华为、比亚迪联合班",),
    "course": (
        *("电工、电子技术", "汽车维护、维修技术", "机械制图（上、下册）", "C/C++程序设计"),
        *("《论语》与《孟子》选读", "电工/电子技术", "新能源汽车\n维护与保养", "高等数学"),
    ),
    "case": ("党建引领，德育为先", "基于《标准》《指南》的实践", "德育、智育、体育：五育并举"),
    "certificate": ("电工、电子技术", "数控车工（高级工、技师）"),
    "contest": ("全国职业院校技能大赛\n中职组",),
    "partner": ("兰州职业技术学院", "九江职业大学", "甘肃高等职业学院"),
    "training": ("焊工、电工、钳工培训", "安全生产、消防安全、应急救护培训"),
}


def typed(of: str, text: str, *, is_one: bool):
    table, column = PLACES[of]

    def mess(book: Book) -> Truth:
        book.put(table, column, text)
        own = [dict(record) for record in untouched("school")[table]]
        own[0][column] = (text, "".join(text.split("\n")))  # a line break is no part of a name
        return Truth(records={table: own if is_one else NOBODY_CAN_TELL})

    return mess


CASES = [
    *(
        Case("several names", f"{of} {text!r}", typed(of, text, is_one=False), formats)
        for of, texts in SEVERAL.items()
        for number, text in enumerate(texts)
        for formats in [FEW if number else ALL]
    ),
    *(
        Case("several names", f"one {of} {text!r}", typed(of, text, is_one=True), FEW, is_good=True)
        for of, texts in ONE.items()
        for text in texts
    ),
]
