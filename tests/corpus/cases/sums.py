"""Lines that add up the records beside them and do not say so, and records that only seem to."""

from typing import Any

from grids import Book
from truth import ALL, NOBODY_CAN_TELL, Case, Truth

from cases.rows import records

FEW = ("xlsx", "csv.zip")
ADDED = ("entrants", "enrolled", "enrolled_grade_1", "enrolled_grade_2", "enrolled_grade_3")
COUNTS = (*ADDED, "graduates")


def category(*words: Any, first: int = 0, last: int = 4, below: bool = False, columns=COUNTS):
    """A line over specialities, or below them, with their sums in some of the columns."""

    def mess(book: Book) -> Truth:
        own = records("programmes")[first : last + 1]
        sums = [sum(int(r[name] or 0) for r in own) if name in columns else None for name in COUNTS]
        line = [*words, *[None] * (4 - len(words)), *sums]
        book["专业设置"].insert_row(2 + (last + 1 if below else first), *line)
        return Truth(records={"programmes": NOBODY_CAN_TELL})

    return mess


def nested(book: Book) -> Truth:
    """A department's line stands over two categories' lines."""
    for first, last in ((5, 6), (0, 4)):
        category(f"7{first}", "大类", first=first, last=last)(book)
    own = records("programmes")[:7]
    sums = [sum(int(record[name] or 0) for record in own) for name in COUNTS]
    book["专业设置"].insert_row(2, "01", "信息工程", None, None, *sums)
    return Truth(records={"programmes": NOBODY_CAN_TELL}, asked={"专业设置"})


def rows_of(sheet: str, *rows: tuple[Any, ...], is_asked: bool = True):
    """A sheet's records typed anew; `is_asked` where only a person can tell one from a total."""

    def mess(book: Book) -> Truth | None:
        table = next(t for t in book.form.tables.values() if t.sheet == sheet)
        grid = book[sheet]
        grid.rows = [*grid.rows[:2], *map(list, rows)]
        if is_asked:
            return Truth(records={table.id: NOBODY_CAN_TELL})
        read = [
            {
                column.id: None if value is None else str(value)
                for column, value in zip(table.columns, row, strict=True)
            }
            for row in rows
        ]
        return Truth(records={table.id: read})

    return mess


def programme(code: str, name: str, *counts: int | None):
    return (code, name, None, None, *counts)


NETWORK, MEDIA = (40, 118, 40, 41, 37, 33), (38, 109, 38, 35, 36, 29)
BOTH = tuple(one + other for one, other in zip(NETWORK, MEDIA, strict=True))
CASES = [
    Case("sums", "a category by its code", category("7102", "信息技术类"), ALL),
    Case("sums", "below its specialities", category("7102", "信息技术类", below=True), ALL),
    Case("sums", "of two columns", category("7102", "信息技术类", columns=ADDED[:2]), FEW),
    Case("sums", "of one column", category("7102", "信息技术类", columns=ADDED[1:2]), FEW),
    Case("sums", "in the midst", category("6603", "加工制造", first=5, last=6), FEW),
    Case("sums", "a name in front", category("信息技术", "信息技术"), FEW),
    Case("sums", "a name without a code", category(None, "信息技术"), FEW),
    Case("sums", "with a full code", category("710200", "信息技术", None, "否"), ALL),
    Case("sums", "of sums", nested, FEW),
    Case(
        "sums",
        "a speciality over its directions",
        rows_of(
            "专业设置",
            programme("710201", "计算机应用", *BOTH),
            programme("710201", "计算机应用（网络方向）", *NETWORK),
            programme("710201", "计算机应用（媒体方向）", *MEDIA),
            programme("720201", "护理", 45, 131, 45, 44, 42, 40),
        ),
        FEW,
    ),
    Case(
        "sums",
        "a department's training",
        rows_of(
            "培训服务",
            ("焊工培训", "企业委托", 2, 86, 48, 4.3, None, None),
            ("电工培训", "企业委托", 3, 112, 64, 5.9, None, None),
            ("机电系", "企业委托", 5, 198, 112, 10.2, None, None),
            ("护理培训", "企业委托", 1, 41, 16, 1.7, None, None),
        ),
        ALL,
    ),
    Case(
        "sums",
        "a group's certificates",
        rows_of(
            "职业技能证书",
            ("保育师", "初级", 83),
            ("育婴员", "初级", 46),
            ("幼教类", "初级", 129),
            ("汽修工", "初级", 31),
        ),
        FEW,
    ),
    # Left silent, as they may well be records: a sum of one number among full words, of small or
    # round numbers, of rows that do not follow one another, of some of its columns only.
    Case(
        "sums",
        "as many holders as of two other certificates",
        rows_of(
            "职业技能证书",
            ("汽修工", None, 31),
            ("保育师", None, 83),
            ("育婴员", None, 46),
            ("茶艺师", None, 129),
            is_asked=False,
        ),
        FEW,
        is_good=True,
    ),
    Case(
        "sums",
        "classes of one size",
        rows_of(
            "专业设置",
            programme("730301", "会计事务", 35, 98, 35, 33, 30, 31),
            programme("710201", "计算机应用", 40, 120, 40, 40, 40, 40),
            programme("720201", "护理", 40, 120, 40, 40, 40, 40),
            programme("770101", "幼儿保育", 80, 240, 80, 80, 80, 80),
            is_asked=False,
        ),
        FEW,
        is_good=True,
    ),
    Case(
        "sums",
        "not beside one another",
        rows_of(
            "专业设置",
            programme("710201", "计算机应用", *NETWORK),
            programme("720201", "护理", 45, 131, 45, 44, 42, 40),
            programme("710204", "数字媒体技术应用", *MEDIA),
            programme("730301", "会计事务", 35, 98, 35, 33, 30, 31),
            programme("770101", "幼儿保育", *BOTH),
            is_asked=False,
        ),
        ("xlsx",),
        is_good=True,
    ),
    Case(
        "sums",
        "of some columns only",
        rows_of(
            "专业设置",
            programme("710201", "计算机应用", *NETWORK),
            programme("710204", "数字媒体技术应用", *MEDIA),
            programme("770101", "幼儿保育", *BOTH[:5], BOTH[5] + 1),
            programme("730301", "会计事务", 35, 98, 35, 33, 30, 31),
            is_asked=False,
        ),
        FEW,
        is_good=True,
    ),
]
