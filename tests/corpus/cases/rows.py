"""Rows that are no records, records that look like none, hidden and merged ones."""

from typing import Any

from grids import Book, Cell
from judge import untouched
from truth import ALL, NOBODY_CAN_TELL, SHEETS, Case, Truth

NEW = {
    "project": "电工培训",
    "kind": "enterprise",
    "sessions": "2",
    "person_times": "80",
    "hours": "16",
    "funds_10k_cny": "4",
    "cumulative_trained": None,
    "cumulative_employed": None,
}
TYPED = ("电工培训", "企业委托", 2, 80, 16, 4, None, None)
SUMS = (8, 500, 56, 22.6)


def records(table: str) -> list[dict[str, Any]]:
    return [dict(record) for record in untouched("school")[table]]


def with_new(book: Book) -> Truth:
    """Add a second training, so that a total has something to add up."""
    book["培训服务"].append(*TYPED)
    own = records("training")
    return Truth(records={"training": [*own, NEW | {"kind": own[0]["kind"]}]})


def total(word: str, sums=SUMS, column: int = 0):
    """A row of totals below two trainings."""

    def mess(book: Book) -> Truth:
        truth = with_new(book)
        row: list[Any] = [None, None, *sums, None, None]
        row[column] = word
        book["培训服务"].append(*row)
        return truth

    return mess


def total_above(book: Book) -> Truth:
    truth = with_new(book)
    book["培训服务"].insert_row(2, "合计", None, *SUMS, None, None)
    return truth


def total_and_subtotals(book: Book) -> Truth:
    truth = with_new(book)
    grid = book["培训服务"]
    grid.insert_row(3, "小计", None, 6, 420, 40, 18.6, None, None)
    grid.append("小计", None, 2, 80, 16, 4, None, None)
    grid.append("合计", None, *SUMS, None, None)
    return truth


def total_with_a_kind(book: Book) -> Truth:
    """A total whose category is typed as well: 全部 | 企业委托."""
    truth = with_new(book)
    book["培训服务"].append("全年合计", "企业委托", *SUMS, None, None)
    return truth


def total_of_one(book: Book) -> None:
    book["培训服务"].append("合计", None, 6, 420, 40, 18.6, None, None)


def total_of_programmes(word: str, column: int):
    def mess(book: Book) -> None:
        own = records("programmes")
        sums = [
            sum(int(record[name] or 0) for record in own)
            for name in (
                *("entrants", "enrolled", "enrolled_grade_1", "enrolled_grade_2"),
                *("enrolled_grade_3", "graduates"),
            )
        ]
        row: list[Any] = [None] * 4 + sums
        row[column] = word
        book["专业设置"].append(*row)

    return mess


def donations(word: str, donated: float = 14.5):
    def mess(book: Book) -> Truth:
        own = records("partnerships")
        for row, value in ((0, 12.5), (3, 2)):
            book.put("partnerships", "donated_value_10k_cny", value, row)
            own[row]["donated_value_10k_cny"] = str(value)
        book["校企合作"].append(word, None, donated, None, None)
        return Truth(records={"partnerships": own})

    return mess


def total_computed(book: Book) -> Truth:
    truth = with_new(book)
    grid, line = book["培训服务"], len(book["培训服务"].rows)
    sums = [
        Cell(value, formula=f"SUM({letter}3:{letter}{line})")
        for letter, value in zip("CDEF", SUMS, strict=True)
    ]
    grid.append("合计", None, *sums)
    return truth


def example(first: str, at: int = 2):
    """An example row above the records, or below them."""

    def mess(book: Book) -> None:
        row = (first, "企业委托", 10, 500, 100, 10, None, None)
        grid = book["培训服务"]
        grid.insert_row(at, *row) if at < len(grid.rows) else grid.append(*row)

    return mess


def example_enterprise(first: str):
    def mess(book: Book) -> None:
        book["校企合作"].insert_row(2, first, "是", 10, "某某班", "是")

    return mess


def numbering_row(*numbers: Any):
    def mess(book: Book) -> None:
        book["培训服务"].insert_row(2, *numbers)

    return mess


def hidden(kind: str):
    """Old records that nobody sees."""

    def mess(book: Book) -> Truth:
        grid = book["培训服务"]
        rows = {grid.append(f"旧项目{n}", "企业委托", 5, 400, 40, 9, None, None) for n in (4, 5)}
        setattr(grid, kind, rows)
        return Truth(records={"training": NOBODY_CAN_TELL})

    return mess


def hidden_field(book: Book) -> Truth:
    book["教职工"].hidden_rows.add(book.place("staff", "external_teachers")[0])
    return Truth({("staff", "external_teachers"): NOBODY_CAN_TELL})


def hidden_column(book: Book) -> Truth:
    book["培训服务"].hidden_columns.add(3)
    return Truth(records={"training": NOBODY_CAN_TELL})


def hidden_values(book: Book) -> Truth:
    """The column that is filled is hidden; another year's stands beside it."""
    grid = book["学生"]
    grid.insert_column(2, {1: "上年数"} | dict(enumerate((1410, 2350, 141, 2290, 2166), start=2)))
    grid.hidden_columns.add(1)
    columns = untouched("school")["students"][0]
    return Truth({("students", column): NOBODY_CAN_TELL for column in columns})


def struck_row(book: Book) -> Truth:
    grid = book["培训服务"]
    values = ("旧项目", "企业委托", 5, 400, 40, 9)
    grid.append(*[Cell(value, is_struck=True) for value in values])
    return Truth(records={"training": records("training")})


def struck_text_row(book: Book) -> Truth:
    """Struck through where the text is, piece by piece."""
    grid = book["校企合作"]
    grid.append(Cell(parts=(("已终止合作企业", "struck"),)), Cell(parts=(("是", "struck"),)))
    return Truth(records={"partnerships": records("partnerships")})


def second_table(book: Book) -> Truth:
    """Last year's table stands below this year's, with its own header."""
    grid = book["培训服务"]
    grid.rows += [[], ["2023年"], list(grid.rows[1])]
    grid.append("旧项目", "企业委托", 5, 400, 40, 9, None, None)
    return Truth(records={"training": NOBODY_CAN_TELL})


def repeated_header(book: Book) -> Truth:
    """A printed page's header comes again in the middle."""
    grid = book["校企合作"]
    grid.insert_row(12, *grid.rows[1])
    return Truth(records={"partnerships": records("partnerships")})


def alone(name: str):
    """An enterprise with nothing but a name that begins like a note."""

    def mess(book: Book) -> Truth:
        book["校企合作"].append(name, None, None, None, None)
        blank = dict.fromkeys(records("partnerships")[0])
        own = [*records("partnerships"), blank | {"enterprise": name}]
        return Truth(records={"partnerships": own})

    return mess


def note_without_colon(book: Book) -> Truth:
    book["培训服务"].append("注 以上数据截至年底")
    return Truth(records={"training": records("training")})


def figures_below(book: Book) -> Truth:
    """Figures stand below the records in a column that is not the form's."""
    book["培训服务"].set(4, 10, 1234)
    return Truth(asked={"培训服务"})


# -- merged ----------------------------------------------------------------------------------------


def merged_categories(book: Book) -> None:
    """赛道 and 级别 are merged downwards over records of one kind."""
    grid = book["技能大赛"]
    for first, last, columns in ((2, 4, (0, 1, 2)), (7, 15, (0, 1, 2)), (16, 24, (0,))):
        for column in columns:
            for row in range(first + 1, last + 1):
                grid.set(row, column, None)
            grid.merged.append((first, column, last, column))


def merged_partner_kind(book: Book) -> None:
    grid = book["贯通培养"]
    for row in (5, 6):
        grid.set(row, 0, None)
    grid.merged.append((4, 0, 6, 0))


def merged_numbers(book: Book) -> Truth:
    """One number stands for two records together."""
    grid = book["专业设置"]
    grid.set(3, 4, None)
    grid.merged.append((2, 4, 3, 4))
    return Truth(records={"programmes": NOBODY_CAN_TELL})


def merged_fields(book: Book) -> Truth:
    """One number stands beside two labels."""
    grid = book["学生"]
    grid.set(6, 1, None)
    grid.merged.append((5, 1, 6, 1))
    names = ("fitness_tested", "fitness_passed")
    return Truth({("students", name): NOBODY_CAN_TELL for name in names})


def merged_header(book: Book) -> None:
    """一年级, 二年级 and 三年级 stand under 在校生数, which spans them."""
    grid = book["专业设置"]
    lower = list(grid.rows[1])
    grid.insert_row(2, *[None] * 10)
    for column, label in enumerate(lower):
        if column in (6, 7, 8):
            grid.set(2, column, label)
            grid.set(1, column, "其中" if column == 6 else None)
        else:
            grid.merged.append((1, column, 2, column))
    grid.merged.append((1, 6, 1, 8))


def good(kind: str, name: str, mess, formats=ALL) -> Case:
    return Case(kind, name, mess, formats, is_good=True)


def odd(kind: str, name: str, mess, formats=ALL) -> Case:
    return Case(kind, name, mess, formats)


WORDS = ("合计", "总计", "小计", "共计", "合 计", "合计：", "总额", "总数", "全年合计", "年度总计")
CASES = [
    *(
        good(
            "totals",
            word,
            total(word),
            ALL if word in {"合计", "全年合计"} else ("xlsx", "csv.zip"),
        )
        for word in WORDS
    ),
    good("totals", "累计", total("累计"), ("xlsx",)),
    good("totals", "blank", total("合计", (None,) * 4), ("xlsx", "ods")),
    good("totals", "in the second column", total("合计", column=1), ("xlsx", "xls")),
    good("totals", "above the records", total_above, ("xlsx", "csv.zip")),
    good("totals", "subtotals", total_and_subtotals),
    good("totals", "of one record", total_of_one, ("xlsx",)),
    good("totals", "computed", total_computed, SHEETS),
    good("totals", "of programmes", total_of_programmes("合计", 0), ("xlsx", "xls")),
    good(
        "totals", "of programmes by name", total_of_programmes("全校合计", 1), ("xlsx", "csv.zip")
    ),
    good("totals", "捐赠总额", donations("捐赠总额")),
    good("totals", "捐赠合计", donations("捐赠合计"), ("xlsx",)),
    odd("totals", "捐赠总额 that differs", donations("捐赠总额", 20), ("xlsx", "ods")),
    odd(
        "totals", "全年合计 that differs", total("全年合计", (9, 510, 60, 25)), ("xlsx", "csv.zip")
    ),
    odd("totals", "合计 that differs", total("合计", (9, 510, 60, 25))),
    odd("totals", "with a category", total_with_a_kind),
    odd("totals", "TOTAL", total("Total"), ("xlsx",)),
    odd("examples", "例：", example("例：电工培训")),
    odd("examples", "（示例）", example("（示例）电工培训")),
    odd("examples", "（示例） behind", example("电工培训（示例）"), ("xlsx", "ods")),
    odd("examples", "例如", example("例如：电工培训"), ("xlsx", "xls")),
    odd("examples", "样例", example("样例"), ("xlsx",)),
    odd("examples", "填写示例", example("填写示例"), ("xlsx", "csv.zip")),
    odd("examples", "示例 below", example("示例：电工培训", 99), ("xlsx",)),
    odd("examples", "某某", example_enterprise("某某有限公司")),
    odd("examples", "例：某某", example_enterprise("例：某某有限公司"), ("xlsx", "xls")),
    odd("examples", "XX", example_enterprise("XX有限公司"), ("xlsx", "csv.zip")),
    odd("examples", "××", example_enterprise("××公司"), ("xlsx",)),
    good("numbering rows", "甲 乙 1 2", numbering_row("甲", "乙", 1, 2, 3, 4, 5, 6)),
    good("numbering rows", "1 2 3 4", numbering_row(*range(1, 9))),
    good(
        "numbering rows", "（1）（2）", numbering_row(*[f"({n})" for n in range(1, 9)]), ("xlsx",)
    ),
    good("numbering rows", "A B C", numbering_row(*"ABCDEFGH"), ("xlsx", "ods")),
    good("numbering rows", "as text", numbering_row(*"12345678"), ("xlsx", "xls")),
    odd("hidden", "rows", hidden("hidden_rows"), SHEETS),
    odd("hidden", "filtered rows", hidden("filtered"), SHEETS),
    odd("hidden", "a field", hidden_field, SHEETS),
    odd("hidden", "a column of records", hidden_column, SHEETS),
    odd("hidden", "the column of values", hidden_values, SHEETS),
    odd("struck", "a row", struck_row, SHEETS),
    odd("struck", "a row's texts", struck_text_row, SHEETS),
    odd("records", "last year's table below", second_table),
    odd("records", "the header again", repeated_header, ("xlsx", "csv.zip")),
    odd("records", "figures beside them", figures_below, ("xlsx", "xls")),
    odd("notes", "an enterprise 注安", alone("注安职业健康有限公司")),
    odd("notes", "an enterprise 审核", alone("审核通企业管理有限公司"), ("xlsx", "xls")),
    odd("notes", "an enterprise 联系", alone("联系达物流有限公司"), ("xlsx", "ods")),
    odd("notes", "no colon", note_without_colon, ("xlsx", "csv.zip")),
    good("merged", "categories", merged_categories, SHEETS),
    good("merged", "a programme's kind", merged_partner_kind, SHEETS),
    good("merged", "a header of two rows", merged_header, SHEETS),
    odd("merged", "numbers of records", merged_numbers, SHEETS),
    odd("merged", "numbers of fields", merged_fields, SHEETS),
    odd("merged", "categories without their cells", merged_categories, ("csv.zip",)),
]
