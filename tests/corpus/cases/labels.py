"""Labels: the form's own in other dress, and others that look like the form's."""

from grids import Book
from truth import ALL, NOBODY_CAN_TELL, SHEETS, Case, Truth

EXTERNAL = ("staff", "external_teachers")
ENROLLED = ("students", "enrolled")


def qualified(table: str, column: str, text: str):
    """Another quantity than the form's: nothing is filed for the form's own."""

    def mess(book: Book) -> Truth:
        book.label(table, column, text)
        return Truth({(table, column): NOBODY_CAN_TELL})

    return mess


def qualified_beside(text: str):
    """The form's own line stands there, and a qualified one below it."""

    def mess(book: Book) -> None:
        row, _ = book.place(*EXTERNAL)
        book["教职工"].insert_row(row + 1, text, 68, "人")

    return mess


def qualified_above(text: str):
    def mess(book: Book) -> None:
        row, _ = book.place(*EXTERNAL)
        book["教职工"].insert_row(row, text, 68, "人")

    return mess


def qualified_column(text: str):
    def mess(book: Book) -> Truth:
        book.label("certificates", "holders", text)
        return Truth(records={"certificates": NOBODY_CAN_TELL})

    return mess


def dressed(*labels: str):
    """The labels of the sheet 学生, line by line, in another dress."""

    def mess(book: Book) -> None:
        for row, label in enumerate(labels, start=2):
            book["学生"].set(row, 0, label)

    return mess


def dressed_columns(edit):
    def mess(book: Book) -> None:
        for sheet in ("培训服务", "职业技能证书", "校企合作"):
            row = book[sheet].rows[1]
            row[:] = [edit(number, label) for number, label in enumerate(row, start=1)]

    return mess


OWN = ("招生数", "在校生数", "职业技能等级证书获证人数", "体质测试人数", "体质测试合格人数")
CHINESE = "一二三四五"


def each(edit) -> tuple[str, ...]:
    return tuple(edit(number, label) for number, label in enumerate(OWN))


def good(name: str, mess, formats=ALL) -> Case:
    return Case("labels", name, mess, formats, is_good=True)


def other(name: str, mess, formats=ALL) -> Case:
    return Case("qualifiers", name, mess, formats)


CASES = [
    good("numbered 1.", dressed(*each(lambda n, label: f"{n + 1}. {label}"))),
    good("numbered 1、", dressed(*each(lambda n, label: f"{n + 1}、{label}")), ("xlsx", "ods")),
    good("numbered （一）", dressed(*each(lambda n, label: f"（{CHINESE[n]}）{label}")), SHEETS),
    good(
        "numbered 一、", dressed(*each(lambda n, label: f"{CHINESE[n]}、{label}")), ("xlsx", "xls")
    ),
    good("numbered ①", dressed(*each(lambda n, label: f"{chr(0x2460 + n)}{label}")), ("xlsx",)),
    good(
        "numbered 1.1", dressed(*each(lambda n, label: f"1.{n + 1} {label}")), ("xlsx", "csv.zip")
    ),
    good("spaces inside", dressed(*each(lambda n, label: " ".join(label))), ("xlsx", "xls")),
    good("wide spaces in front", dressed(*each(lambda n, label: f"\u3000\u3000{label}"))),
    good("zero-width spaces", dressed(*each(lambda n, label: f"{label}\u200b*"))),
    good(
        "zero-width spaces inside", dressed(*each(lambda n, label: "\u200b".join(label))), ("xlsx",)
    ),
    good("byte order mark", dressed(*each(lambda n, label: f"\ufeff{label}")), ("xlsx", "csv.zip")),
    good("no-break spaces", dressed(*each(lambda n, label: f"{label}\u00a0")), SHEETS),
    good("line breaks", dressed(*each(lambda n, label: f"{label[:2]}\n{label[2:]}"))),
    good("colons", dressed(*each(lambda n, label: f"{label}：")), ("xlsx",)),
    good("wide stars", dressed(*each(lambda n, label: f"＊{label}")), ("xlsx", "ods")),
    good("（人）", dressed(*each(lambda n, label: f"{label}（人）")), ("xlsx", "csv.zip")),
    good("(人)", dressed(*each(lambda n, label: f"{label}(人)")), ("xlsx",)),
    good("（必填）", dressed(*each(lambda n, label: f"{label}（必填）")), ("xlsx", "xls")),
    good("（选填）", dressed(*each(lambda n, label: f"{label}（选填）")), ("xlsx",)),
    good("columns numbered", dressed_columns(lambda n, label: f"{n}.{label}"), ("xlsx", "csv.zip")),
    good("columns with spaces", dressed_columns(lambda n, label: f" {label} "), ("xlsx", "ods")),
    good("columns with breaks", dressed_columns(lambda n, label: f"{label[:2]}\n{label[2:]}")),
    good("columns with zero-width", dressed_columns(lambda n, label: f"{label}\u200b"), ("xlsx",)),
    *(
        other(text, qualified(*EXTERNAL, text), formats)
        for text, formats in (
            ("校外兼职教师数（上年）", ALL),
            ("校外兼职教师数（2023年）", ("xlsx", "xls")),
            ("校外兼职教师数（累计）", ("xlsx", "csv.zip")),
            ("校外兼职教师数(计划)", ("xlsx", "ods")),
            ("校外兼职教师数【上年】", ("xlsx",)),
            ("校外兼职教师数[上年]", ("xlsx",)),
            ("校外兼职教师数〔上年〕", ("xlsx",)),
            ("校外兼职教师数-上年", ("xlsx",)),
            ("上年校外兼职教师数", ("xlsx", "csv.zip")),
            ("校外兼职教师数（其中女教师）", ("xlsx", "xls")),
            ("其中：校外兼职教师数", ("xlsx",)),
        )
    ),
    other("在校生数（其中女生）", qualified(*ENROLLED, "在校生数（其中女生）")),
    other(
        "在校生数（不含五年制）", qualified(*ENROLLED, "在校生数（不含五年制）"), ("xlsx", "ods")
    ),
    other(
        "财政拨款（预算数）",
        qualified("finance", "fiscal_appropriation_10k_cny", "财政拨款（预算数）"),
    ),
    other(
        "财政拨款（万元）（预算数）",
        qualified("finance", "fiscal_appropriation_10k_cny", "财政拨款（万元）（预算数）"),
        ("xlsx", "csv.zip"),
    ),
    other("column 获证人数（上年）", qualified_column("获证人数（上年）*")),
    other(
        "column 获证人数（其中女生）", qualified_column("获证人数（其中女生）"), ("xlsx", "csv.zip")
    ),
    other("（上年） below the form's own", qualified_beside("校外兼职教师数（上年）")),
    other("（上年） above the form's own", qualified_above("校外兼职教师数（上年）")),
    other("another wording", qualified(*ENROLLED, "在校学生总人数"), ("xlsx", "csv.zip")),
]
