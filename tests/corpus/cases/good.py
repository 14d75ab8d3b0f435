"""Workbooks as they should be, and as they may be: another layout, nothing that is in doubt."""

from grids import Book, Cell
from judge import untouched as values_of
from truth import ALL, SHEETS, Case, Truth


def untouched(book: Book) -> None:
    """The sample as it is."""


def moved_down(book: Book) -> None:
    for sheet in ("学生", "教职工", "培训服务"):
        book[sheet].insert_row(1, None)
        book[sheet].insert_row(1, "填表单位（盖章）：西峰职业中等专业学校")


def moved_right(book: Book) -> None:
    for sheet in ("学生", "办学条件", "校企合作"):
        book[sheet].insert_column(0, {})


def without_head(book: Book) -> None:
    del book["经费"].rows[1]


def without_units(book: Book) -> None:
    for row in book["教职工"].rows:
        del row[2:]


def without_stars(book: Book) -> None:
    for row in book["学生"].rows:
        row[0] = row[0].rstrip("*")


def blank_column_before_value(book: Book) -> None:
    book["学生"].insert_column(1, {})


def two_blocks(book: Book) -> None:
    """Labels, values and units stand in two blocks side by side."""
    grid = book["教职工"]
    title, head, *lines = grid.rows
    half = (len(lines) + 1) // 2
    right = [*lines[half:], *[[None] * 3] * (2 * half - len(lines))]
    grid.rows = [title, head * 2, *[a + b for a, b in zip(lines[:half], right, strict=True)]]


def another_order(book: Book) -> None:
    for sheet in ("教职工", "学生", "培训服务"):
        rows = book[sheet].rows
        book[sheet].rows = rows[:2] + rows[:1:-1]


def columns_in_another_order(book: Book) -> None:
    for sheet in ("培训服务", "职业技能证书"):
        rows = book[sheet].rows
        book[sheet].rows = [rows[0], *[row[::-1] for row in rows[1:]]]


def blank_rows_between(book: Book) -> None:
    for sheet in ("校企合作", "职业技能证书"):
        book[sheet].insert_row(3)
        book[sheet].insert_row(4, None, None, None)


def formatted_blank_rows(book: Book) -> None:
    book["校企合作"].formatted_rows = 3000


def merged_title(book: Book) -> None:
    book["学生"].merged.append((0, 0, 0, 2))
    book["培训服务"].merged.append((0, 0, 0, 7))


def merged_value(book: Book) -> None:
    """The value's cell reaches over the unit's, which is blank."""
    for row in range(2, 7):
        book["学生"].set(row, 2, None)
        book["学生"].merged.append((row, 1, row, 2))


def merged_label(book: Book) -> None:
    book["学生"].insert_column(1, {})
    book["学生"].merged += [(row, 0, row, 1) for row in range(2, 7)]


def hidden_blank_rows(book: Book) -> None:
    grid = book["校企合作"]
    grid.rows += [[None] * 5, [None] * 5]
    grid.hidden_rows |= {len(grid.rows) - 2, len(grid.rows) - 1}


def hidden_blank_column(book: Book) -> None:
    book["学生"].set(1, 4, None)
    book["学生"].hidden_columns.add(4)


def bold_and_red(book: Book) -> None:
    book.put("students", "certificate_holders", Cell(parts=(("1", "bold"), ("55", ""))))
    book.put("students", "fitness_tested", Cell(parts=(("2380", "red"),)))
    book.label(
        "students", "fitness_passed", Cell(parts=(("体质测试", "bold"), ("合格人数", "red")))
    )


def plain_formats(book: Book) -> None:
    book.put("conditions", "books", Cell(102438, "#,##0"))
    book.put("conditions", "campus_area_m2", Cell(120730, "#,##0.00"))
    book.put("finance", "fiscal_appropriation_10k_cny", Cell(1791.49, "0.00"))
    book.put("students", "enrolled", Cell(2450, "0"))


def accounting_formats(book: Book) -> None:
    accounting = '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '
    book.put("finance", "special_funds_10k_cny", Cell(1119.03, accounting))
    book.put("conditions", "equipment_value_10k_cny", Cell(988.4, accounting))


def coloured_format(book: Book) -> None:
    book.put("students", "entrants", Cell(1510, "[Red]0;[Blue]-0"))


def text_format(book: Book) -> None:
    book.put("students", "entrants", Cell("1510", "@"))


def binary_fraction(book: Book) -> Truth:
    book.put("finance", "internship_funds_10k_cny", 0.1 + 0.2)
    return Truth({("finance", "internship_funds_10k_cny"): "0.3"})


def computed(book: Book) -> None:
    book.put("students", "entrants", Cell(1510, formula="1500+10"))
    book.put("finance", "internship_funds_10k_cny", Cell(42.63, formula="30+12.63"))


def numbered_sheets(book: Book) -> None:
    book["学生"].name = "3.学生"
    book["教职工"].name = "四、教职工"
    book["经费"].name = " 经费 "


def blank_extra_sheets(book: Book) -> None:
    for name in ("Sheet1", "Sheet2", "新建工作表"):
        book.add(name, [])


def blank_hidden_sheet(book: Book) -> None:
    book.add("Sheet1", []).is_hidden = True


def blank_twin(book: Book) -> None:
    book.add("学生 ", [])


def without_instructions(book: Book) -> None:
    book.sheets = [sheet for sheet in book.sheets if sheet.name != "填报说明"]


def other_sheet_order(book: Book) -> None:
    book.sheets.reverse()


def numbering_column(book: Book) -> None:
    """A column 序号 that counts the records stands before the form's columns."""
    for sheet in ("校企合作", "培训服务"):
        grid = book[sheet]
        numbers = {row: row - 1 for row in range(2, len(grid.rows))}
        grid.insert_column(0, {0: None, 1: "序号"} | numbers)


def note_below(book: Book) -> None:
    book["培训服务"].append("注：以上数据截至2024年12月31日。")
    book["校企合作"].append("填表说明：企业名称填写全称")


def signed_below(book: Book) -> None:
    book["校企合作"].append("填表人：张三")
    book["职业技能证书"].append("单位负责人（签字）：李四")


def note_below_fields(book: Book) -> None:
    book["学生"].append("注：在校生数以学籍系统为准。")
    book["经费"].append("填表人：张三")


def enterprises_that_sound_like_notes(book: Book) -> Truth:
    names = ["注安职业健康有限公司", "审核通企业管理有限公司", "联系达物流有限公司"]
    names += ["说明书印刷有限公司", "备注科技有限公司"]
    for name in names:
        book["校企合作"].append(name, "是", None, None, "否")
    return Truth(records={"partnerships": [*_partnerships(), *map(_partner, names)]})


def enterprises_that_sound_like_totals(book: Book) -> Truth:
    names = ["合计划（庆阳）科技有限公司", "共计算机服务有限公司", "总额宝金融服务有限公司"]
    for name in names:
        book["校企合作"].append(name, "是", 1.5, None, "否")
    own = [_partner(name) | {"donated_value_10k_cny": "1.5"} for name in names]
    return Truth(records={"partnerships": [*_partnerships(), *own]})


def _partnerships() -> list[dict[str, str | None]]:
    return values_of("school")["partnerships"]


def _partner(name: str) -> dict[str, str | None]:
    blank = {"donated_value_10k_cny": None, "named_class": None}
    return {"enterprise": name, "has_agreement": "true", "is_practice_base": "false", **blank}


def inline_texts(book: Book) -> None:
    book.has_inline_text = True


def is_good(name: str, mess, formats=ALL, **more) -> Case:
    return Case("good", name, mess, formats, is_good=True, **more)


def format_says_the_unit(book: Book) -> None:
    book.put("finance", "internship_funds_10k_cny", Cell(42.63, '0.00"万元"'))
    book.put("students", "entrants", Cell(1510, '0"人"'))


def blank_sheet_of_the_bureau(book: Book) -> None:
    book.add("市级填报", [[None]])


CASES = [
    is_good("untouched", untouched),
    is_good("the bureau's, untouched", untouched, filer="bureau"),
    is_good("moved down", moved_down),
    is_good("moved right", moved_right),
    is_good("no header", without_head),
    is_good("no units", without_units),
    is_good("no stars", without_stars),
    is_good("a blank column before the value", blank_column_before_value),
    is_good("two blocks side by side", two_blocks, ("xlsx", "ods")),
    is_good("another order of lines", another_order, SHEETS),
    is_good("another order of columns", columns_in_another_order, ("xlsx", "ods")),
    is_good("blank rows between", blank_rows_between),
    is_good("formatted blank rows", formatted_blank_rows, SHEETS),
    is_good("title merged", merged_title, SHEETS),
    is_good("value merged over the unit", merged_value, SHEETS),
    is_good("label merged", merged_label, SHEETS),
    is_good("hidden rows that are blank", hidden_blank_rows, SHEETS),
    is_good("a hidden column that is blank", hidden_blank_column, SHEETS),
    is_good("bold and red pieces", bold_and_red, SHEETS),
    is_good("plain number formats", plain_formats, SHEETS),
    is_good("accounting formats", accounting_formats, ("xlsx", "xls")),
    is_good("a coloured format", coloured_format, ("xlsx", "xls")),
    is_good("digits as text", text_format, ("xlsx", "xls")),
    is_good("a binary fraction", binary_fraction, SHEETS),
    is_good("formulas that were computed", computed, SHEETS),
    is_good("sheets that are numbered", numbered_sheets),
    is_good("blank sheets too many", blank_extra_sheets),
    is_good("a blank hidden sheet", blank_hidden_sheet, SHEETS),
    is_good("a blank sheet with a name of the form", blank_twin, SHEETS),
    is_good("no instructions", without_instructions),
    is_good("sheets in another order", other_sheet_order),
    is_good("a column that counts the records", numbering_column, ("xlsx", "csv.zip")),
    is_good("a note below the records", note_below),
    is_good("a signature below the records", signed_below),
    is_good("a note below the fields", note_below_fields),
    is_good("enterprises that sound like notes", enterprises_that_sound_like_notes),
    is_good("enterprises that sound like totals", enterprises_that_sound_like_totals),
    is_good("texts inside their cells", inline_texts, ("xlsx",)),
    is_good("number formats that say the form's unit", format_says_the_unit, SHEETS),
    is_good("a blank sheet with the bureau's name", blank_sheet_of_the_bureau),
]
