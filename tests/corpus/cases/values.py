"""The value's column: another year beside it, two of them, codes, notes, no head, over the unit."""

from grids import Book
from truth import ALL, NOBODY_CAN_TELL, Case, Truth

STUDENTS = ("entrants", "enrolled", "certificate_holders", "fitness_tested", "fitness_passed")
BEFORE = (1410, 2350, 141, 2290, 2166)


def all_of(table: str, columns: tuple[str, ...]) -> Truth:
    return Truth({(table, column): NOBODY_CAN_TELL for column in columns})


def beside(head: str, own: str | None, at: int):
    """A column of last year's values before (1) or behind (2, 3) this year's."""

    def mess(book: Book) -> None:
        grid = book["学生"]
        grid.insert_column(at, {1: head} | dict(enumerate(BEFORE, start=2)))
        if own is not None:
            grid.set(1, 2 if at == 1 else 1, own)

    return mess


def two_fill_columns(book: Book) -> None:
    beside("填报值（2023年）", "填报值（2024年）", 1)(book)


def two_equal_heads(book: Book) -> Truth:
    beside("填报值", None, 1)(book)
    return all_of("students", STUDENTS)


def two_values_without_head(book: Book) -> Truth:
    grid = book["学生"]
    del grid.rows[1]
    grid.insert_column(1, dict(enumerate(BEFORE, start=1)))
    return all_of("students", STUDENTS)


def code_column(head: str, own: str):
    def mess(book: Book) -> None:
        grid = book["学生"]
        grid.insert_column(1, {1: head} | {row: 101 + row for row in range(2, 7)})
        grid.set(1, 2, own)

    return mess


def code_column_without_head(book: Book) -> Truth:
    """label | 103 | 1510, and nothing says which is the value."""
    grid = book["学生"]
    del grid.rows[1]
    grid.insert_column(1, {row: 101 + row for row in range(1, 6)})
    return all_of("students", STUDENTS)


def over_the_unit(book: Book) -> Truth:
    book.put("students", "certificate_holders", None)
    book.unit("students", "certificate_holders", 155)
    return Truth({("students", "certificate_holders"): ("155",)})


def over_the_unit_as_well(book: Book) -> Truth:
    book.unit("students", "certificate_holders", 160)
    return Truth({("students", "certificate_holders"): NOBODY_CAN_TELL})


def behind_the_unit(book: Book) -> Truth:
    book.put("students", "certificate_holders", None)
    book["学生"].set(4, 3, 155)
    return Truth({("students", "certificate_holders"): ("155",)})


def number_in_the_notes(book: Book) -> Truth:
    """No head, the value is blank, and a number stands where notes do."""
    grid = book["教职工"]
    grid.set(1, 0, None)
    grid.set(1, 1, None)
    grid.set(1, 2, None)
    row, _ = book.place("staff", "external_teachers")
    grid.set(row, 1, None)
    grid.set(row, 3, "去年68人")
    grid.set(row - 1, 3, 13)
    return Truth(
        {("staff", "external_teachers"): NOBODY_CAN_TELL, ("staff", "arts_teachers"): "17"}
    )


def blank_without_head(book: Book) -> Truth:
    """No head, no unit, the value blank, a number farther on: that is no value."""
    grid = book["教职工"]
    del grid.rows[1]
    for line in grid.rows:
        line[2:] = [None]
    row, _ = book.place("staff", "external_teachers")
    grid.set(row - 1, 1, None)
    grid.set(row - 1, 3, 36)
    return Truth({("staff", "external_teachers"): NOBODY_CAN_TELL})


def note_column(book: Book) -> None:
    """A column 备注 with words says nothing of the values."""
    book["学生"].set(1, 3, "备注")
    book["学生"].set(4, 3, "含中级工")


def figure_in_a_note_column(book: Book) -> Truth:
    book["学生"].set(1, 3, "备注")
    book["学生"].set(4, 3, "另有退役军人38人")
    return Truth(asked={"学生"})


def value_on_the_line_below(book: Book) -> Truth:
    grid = book["学生"]
    book.put("students", "certificate_holders", None)
    grid.insert_row(5, None, 155, None)
    return Truth({("students", "certificate_holders"): ("155",)})


def values_below_labels(book: Book) -> Truth:
    """The labels stand in a row and the values below them."""
    grid = book["学生"]
    title, _, *lines = grid.rows
    grid.rows = [title, [line[0] for line in lines], [line[1] for line in lines]]
    return Truth({})


def only_last_year(book: Book) -> Truth:
    """The one column of values is last year's by its head."""
    book["学生"].set(1, 1, "上年数")
    return all_of("students", STUDENTS)


def planned(book: Book) -> None:
    grid = book["经费"]
    grid.insert_column(1, {1: "预算数", 2: 1800, 3: 1100, 4: 50})
    grid.set(1, 2, "决算数")


def label_twice(book: Book) -> Truth:
    book["学生"].append("在校生数*", 2400, "人")
    return Truth({("students", "enrolled"): NOBODY_CAN_TELL})


def extra_line(book: Book) -> Truth:
    book["学生"].append("其中女生", 1200, "人")
    return Truth(asked={"学生"})


def other_head(head: str):
    def mess(book: Book) -> None:
        for sheet in ("学生", "教职工", "经费"):
            book[sheet].set(1, 1, head)

    return mess


def case(name: str, mess, formats=ALL, **more) -> Case:
    return Case("value columns", name, mess, formats, **more)


CASES = [
    case("上年数 | 本年数", beside("上年数", "本年数", 1)),
    case("本年数 | 上年数", beside("上年数", "本年数", 2)),
    case("填报值 | 单位 | 上年数", beside("上年数", None, 3), ("xlsx", "csv.zip")),
    case("2023年 | 2024年", beside("2023年", "2024年", 1), ("xlsx", "ods")),
    case("2024年 | 2023年", beside("2023年", "2024年", 2), ("xlsx",)),
    case("去年 | 填报值", beside("去年", None, 1), ("xlsx", "xls")),
    case("上年同期 | 填报值", beside("上年同期", None, 1), ("xlsx",)),
    case("填报值（2023年） | 填报值（2024年）", two_fill_columns),
    case("填报值 | 填报值", two_equal_heads),
    case("two values, no head", two_values_without_head),
    case("预算数 | 决算数", planned, ("xlsx", "xls")),
    case("代码 | 2024年实有", code_column("代码", "2024年实有")),
    case("行次 | 填报值", code_column("行次", "填报值"), ("xlsx", "csv.zip")),
    case("指标编码 | 数值", code_column("指标编码", "数值"), ("xlsx", "ods")),
    case("codes, no head", code_column_without_head, ("xlsx", "csv.zip")),
    case("over the unit", over_the_unit),
    case("over the unit as well", over_the_unit_as_well, ("xlsx", "xls")),
    case("behind the unit", behind_the_unit),
    case("on the line below", value_on_the_line_below, ("xlsx", "csv.zip")),
    case("a number in the notes, no head", number_in_the_notes),
    case("blank, no head, a number farther on", blank_without_head),
    case("a figure in a note column", figure_in_a_note_column, ("xlsx", "ods")),
    case("a note column with words", note_column, ("xlsx",)),
    case("values below their labels", values_below_labels, ("xlsx",)),
    case("only last year's column", only_last_year),
    case("a label twice", label_twice),
    case("a line too many", extra_line),
    *(
        case(f"head {head}", other_head(head), ("xlsx", "csv.zip"), is_good=True)
        for head in ("数值", "本年数", "2024年", "填报数", "本年实际")
    ),
]
