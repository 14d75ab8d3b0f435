"""What stands around a form's tables and changes what they say: instructions, merged cells."""

from grids import Book
from truth import ALL, NOBODY_CAN_TELL, SHEETS, Case, Truth

INSTRUCTIONS, LIST = "填报说明", "问题清单"
REMARKS = ("注：本工作簿金额单位均为元", "本表各项均为2023年数据", "3. 金额用元，面积用亩")


def instructions(row: int, column: int, text):
    def mess(book: Book) -> Truth:
        book[INSTRUCTIONS].set(row, column, text)
        return Truth(asked={INSTRUCTIONS})

    return mess


def a_copy_named(name: str):
    """The form's sheet once more, in the place of one that was sent."""

    def mess(book: Book) -> Truth:
        grid = book.copy_of("学生", "")
        for row, value in enumerate(("1520", "2460", "160", "2390", "2260"), start=2):
            grid.set(row, 1, value)
        book.sheets = [sheet for sheet in book.sheets if sheet.name != name]
        grid.name = name
        return Truth(asked={name})

    return mess


def earlier_template(book: Book) -> None:
    """As a template said that went out before, its spaces lost."""
    book[INSTRUCTIONS].set(
        *(4, 0),
        "3.金额单位为万元，面积单位为平方米，人数填整数。Moneyin10kCNY,areasinm²,wholepersons.",
    )


def hidden_instructions(book: Book) -> None:
    book[INSTRUCTIONS].is_hidden = True


def merged(sheet: str, row: int, left: int, right: int):
    """One number for several columns."""

    def mess(book: Book) -> Truth:
        grid = book[sheet]
        for column in range(left + 1, right + 1):
            grid.set(row, column, None)
        grid.merged.append((row, left, row, right))
        table = next(t.id for t in book.form.tables.values() if t.sheet == sheet)
        return Truth(records={table: NOBODY_CAN_TELL})

    return mess


def merged_heading(book: Book) -> None:
    """A total and a note below, each merged as clerks do."""
    grid = book["培训服务"]
    row = grid.append("注：以上均为全年数据")
    grid.merged.append((row, 0, row, 3))


CASES = [
    *(Case("instructions", text, instructions(9, 0, text), ALL) for text in REMARKS),
    Case("instructions", "a line changed", instructions(4, 0, REMARKS[2]), ALL),
    Case("instructions", "a figure beside", instructions(4, 1, 2500), ALL),
    *(Case("instructions", f"a copy in {n}", a_copy_named(n), ALL) for n in (INSTRUCTIONS, LIST)),
    Case("instructions", "of an earlier template", earlier_template, ALL, is_good=True),
    Case("instructions", "hidden", hidden_instructions, SHEETS, is_good=True),
    Case("merged", "two numbers", merged("培训服务", 2, 2, 3), SHEETS),
    Case("merged", "three grades", merged("专业设置", 2, 6, 8), SHEETS),
    Case("merged", "a note", merged_heading, SHEETS, is_good=True),
]
