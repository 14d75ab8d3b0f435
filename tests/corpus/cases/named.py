"""Names of sheets, labels, units and codes as a careful clerk writes them, and what is near."""

from grids import Book
from truth import NOBODY_CAN_TELL, Case, Truth

CERTIFICATES = ("certificates", "level")


def sheets_named(name):
    """Every sheet of the school's form bears another name."""

    def mess(book: Book) -> None:
        english = {table.sheet: table.sheet_en for table in book.form.tables.values()}
        for number, sheet in enumerate(book.sheets):
            sheet.name = name(number, sheet.name, english.get(sheet.name, ""))[:31]

    return mess


def unheard_of(book: Book) -> Truth:
    for number, sheet in enumerate(book.sheets):
        sheet.name = f"Sheet{number}"
    return Truth(told="工作表名称")


def another_years(book: Book) -> Truth:
    book["学生"].name = "学生2023"
    values = {("students", "certificate_holders"): NOBODY_CAN_TELL}
    return Truth(values, beside={"学生2023", "学生（2023年）"})


def label(text: str):
    def mess(book: Book) -> None:
        book.label("staff", "age_under_35", text)

    return mess


def other_age(book: Book) -> Truth:
    book.label("staff", "age_under_35", "18.36岁以下教师数")
    return Truth({("staff", "age_under_35"): NOBODY_CAN_TELL})


def unit(table: str, column: str, text: str):
    def mess(book: Book) -> None:
        book.unit(table, column, text)

    return mess


def bytes_a_second(book: Book) -> Truth:
    book.unit("conditions", "bandwidth_mbps", "MB/s")
    return Truth({("conditions", "bandwidth_mbps"): NOBODY_CAN_TELL})


def code(table: str, column: str, text: str, record: int = 0):
    def mess(book: Book) -> None:
        book.put(table, column, text, record)

    return mess


def two_levels(book: Book) -> Truth:
    book.put("certificates", "level", "中级（三级）", 1)
    return Truth(records={"certificates": NOBODY_CAN_TELL})


SHEETS_NAMED = {
    "附表3 学生": lambda n, zh, en: f"附表{n} {zh}",
    "学生表": lambda n, zh, en: f"{zh}表",
    "学生2024": lambda n, zh, en: f"{zh}2024",
    "2024年学生表": lambda n, zh, en: f"2024年{zh}表",
    "学生 Students": lambda n, zh, en: f"{zh} {en}".strip(),
}
UNITS = [
    *(("conditions", "bandwidth_mbps", text) for text in ("MBPS", "Mb", "兆/秒", "Mbps(兆)")),
    *(("conditions", "books", text) for text in ("册（本）",)),
    *(("conditions", "computers", text) for text in ("台套", "台（套）")),
    *(("conditions", "practice_stations", text) for text in ("工位",)),
    *(("conditions", "campus_area_m2", text) for text in ("M²", "m^2")),
    *(("conditions", "equipment_value_10k_cny", text) for text in ("人民币（万元）",)),
    *(("profile", "is_national_demonstration", text) for text in ("是/否", "（是/否）")),
    *(("cover", "filled_on", text) for text in ("年-月-日",)),
    *(("cover", "school_name", text) for text in ("文本",)),
]
LEVELS = ("中级工", "四级/中级工", "中级（四级）", "中级工（四级）", "四级／中级工")
CODES = [
    *(("certificates", "level", text, 1) for text in LEVELS),
    *(("articulation", "programme", text, 2) for text in ("3 + 2", "“3+2”")),
    *(("articulation", "partner_level", text, 2) for text in ("高职院校", "高职高专")),
    *(("courses", "level", text) for text in ("省",)),
    *(("teacher_training", "level", text) for text in ("国家",)),
    *(("satisfaction", "respondent", text, 2) for text in ("学生家长",)),
    *(("satisfaction", "respondent", text, 4) for text in ("用人单位（企业）",)),
    *(("training", "kind", text) for text in ("企业委托培训", "企业 委托")),
    *(("profile", "ownership", text) for text in ("公办学校",)),
]


def good(name: str, mess):
    return Case("names", name, mess, is_good=True)


CASES = [
    *(good(f"sheets {name}", sheets_named(how)) for name, how in SHEETS_NAMED.items()),
    *(
        good(f"label {text}", label(text))
        for text in ("18.35岁以下教师数", "18．35岁以下教师数", "3.18 35岁以下教师数")
    ),
    *(good(f"unit {one[1]} {one[2]}", unit(*one)) for one in UNITS),
    *(good(f"code {one[1]} {one[2]}", code(*one)) for one in CODES),
    Case("names", "sheets of no name", unheard_of),
    Case("names", "a sheet of another year", another_years),
    Case("names", "a label of another age", other_age),
    Case("names", "bytes a second", bytes_a_second),
    Case("names", "a code of two levels", two_levels),
]
