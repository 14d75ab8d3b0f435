"""Units: in the cell, beside it, in the label, in the header, in a line above, in the format."""

from grids import Book, Cell
from truth import ALL, NOBODY_CAN_TELL, SHEETS, Case, Truth

MONEY = ("finance", "special_funds_10k_cny")
FUNDS = [
    ("finance", name) for name in ("fiscal_appropriation", "special_funds", "internship_funds")
]
FUNDS = [(table, f"{name}_10k_cny") for table, name in FUNDS]
AMOUNTS = ("1791.49", "1119.03", "42.63")
PER_UNIT = {"元": 10_000, "千元": 10, "百万元": 0.01, "亿元": 0.0001, "万元": 1, "人民币元": 10_000}


def in_unit(amount: str, unit: str) -> float:
    return round(float(amount) * PER_UNIT[unit], 8)


def unit_cell(unit: str):
    def mess(book: Book) -> None:
        for (table, column), amount in zip(FUNDS, AMOUNTS, strict=True):
            book.put(table, column, in_unit(amount, unit))
            book.unit(table, column, unit)

    return mess


def label_says(unit: str):
    def mess(book: Book) -> None:
        book.put(*MONEY, in_unit("1119.03", unit))
        book.label(*MONEY, f"财政专项经费（{unit}）")
        book.unit(*MONEY, None)

    return mess


def head_says(unit: str):
    def mess(book: Book) -> None:
        grid = book["经费"]
        grid.set(1, 1, f"填报值（{unit}）")
        for place, amount in zip(FUNDS, AMOUNTS, strict=True):
            book.put(*place, in_unit(amount, unit))
            book.unit(*place, None)

    return mess


def line_above_says(unit: str):
    def mess(book: Book) -> None:
        grid = book["经费"]
        for place, amount in zip(FUNDS, AMOUNTS, strict=True):
            book.put(*place, in_unit(amount, unit))
            book.unit(*place, None)
        grid.insert_row(1, None, f"单位：{unit}")

    return mess


def cell_says(unit: str):
    def mess(book: Book) -> None:
        for place, amount in zip(FUNDS, AMOUNTS, strict=True):
            book.put(*place, f"{in_unit(amount, unit):.10g}{unit}")

    return mess


def column_says(unit: str):
    """The header of a column of records says another unit."""

    def mess(book: Book) -> None:
        book.put("training", "funds_10k_cny", in_unit("18.6", unit))
        book.label("training", "funds_10k_cny", f"项目资金（{unit}）")

    return mess


def line_above_records_says(unit: str):
    def mess(book: Book) -> None:
        book.put("training", "funds_10k_cny", in_unit("18.6", unit))
        book.label("training", "funds_10k_cny", "项目资金")
        book["培训服务"].insert_row(1, *[None] * 6, f"单位：{unit}")

    return mess


def measured(table: str, column: str, typed: float, unit: str, label: str = ""):
    """One value in another unit, which its unit cell or its label says."""

    def mess(book: Book) -> None:
        book.put(table, column, typed)
        if label:
            book.label(table, column, f"{label}（{unit}）")
            book.unit(table, column, None)
        else:
            book.unit(table, column, unit)

    return mess


def strange(table: str, column: str, unit: str):
    """A unit that the form's cannot be had from."""

    def mess(book: Book) -> Truth:
        book.unit(table, column, unit)
        return Truth({(table, column): NOBODY_CAN_TELL})

    return mess


def label_contradicts_cell(book: Book) -> Truth:
    book.label(*MONEY, "财政专项经费（元）")
    return Truth({MONEY: NOBODY_CAN_TELL})


def head_contradicts_cell(book: Book) -> Truth:
    book["经费"].set(1, 1, "填报值（元）")
    return Truth(dict.fromkeys(FUNDS, NOBODY_CAN_TELL))


def cell_contradicts_unit_cell(book: Book) -> None:
    """The unit in the cell is nearer than the one beside it: 11190300元 beside 万元."""
    book.put(*MONEY, "11190300元")


def yuan_sign(book: Book) -> Truth:
    book.put(*MONEY, Cell(11190300, '"¥"#,##0.00'))
    return Truth({MONEY: NOBODY_CAN_TELL})


def bureau_in(unit: str):
    def mess(book: Book) -> None:
        for column, amount in (
            ("award_subsidy_funds", 2753),
            ("award_subsidy_building_funds", 1600),
        ):
            book.put("bureau", f"{column}_10k_cny", in_unit(str(amount), unit))
            book.unit("bureau", f"{column}_10k_cny", unit)

    return mess


def mixed_units(book: Book) -> None:
    """Each line of a sheet has a unit of its own."""
    for place, amount, unit in zip(FUNDS, AMOUNTS, ("元", "千元", "万元"), strict=True):
        book.put(*place, in_unit(amount, unit))
        book.unit(*place, unit)


def converted(name: str, mess, formats=ALL, **more) -> Case:
    """The unit is known, so that the value is read in the form's, and nobody is asked."""
    return Case("units", name, mess, formats, is_good=True, **more)


def doubtful(name: str, mess, formats=ALL, **more) -> Case:
    return Case("units", name, mess, formats, **more)


AREA, BUILDING = ("conditions", "campus_area_m2"), ("conditions", "building_area_m2")
BANDWIDTH, ENROLLED = ("conditions", "bandwidth_mbps"), ("students", "enrolled")
BOOKS = ("conditions", "books")


def said_once(*units: str | None):
    """The unit cells of 经费, of which some are blank and another is not the form's."""

    def mess(book: Book) -> Truth:
        for row, unit in enumerate(units, start=2):
            book["经费"].set(row, 2, unit)
        names = [column.id for column in book.form.tables["finance"].columns]
        blank = [name for name, unit in zip(names, units, strict=True) if unit is None]
        return Truth({("finance", name): NOBODY_CAN_TELL for name in blank}, asked={"经费"})

    return mess


def in_one_cell(of_fields: bool, typed: str, bare: float):
    """A unit typed in one cell, and a bare number in another of the kind."""

    def mess(book: Book) -> Truth:
        if not of_fields:
            book["校企合作"].append("甲公司", "是", typed, None, "否")
            book["校企合作"].append("乙公司", "是", bare, None, "否")
            return Truth(asked={"校企合作"}, records={"partnerships": NOBODY_CAN_TELL})
        for row in (2, 3, 4):
            book["经费"].set(row, 2, None)
        book["经费"].set(2, 1, typed)
        book["经费"].set(3, 1, bare)
        return Truth({MONEY: NOBODY_CAN_TELL}, asked={"经费"})

    return mess


CASES = [
    Case("units", "千元 in one cell, others bare", in_one_cell(True, "17914.9千元", 1719.0), ALL),
    Case("units", "元 in one cell, others bare", in_one_cell(False, "50000元", 30000), ALL),
    Case("units", "千元 in the first line alone", said_once("千元", None, None)),
    Case("units", "元 and a blank", said_once("元", None, "万元")),
    Case("units", "千元 in the last line alone", said_once(None, None, "千元")),
    *(converted(f"unit cell {unit}", unit_cell(unit)) for unit in ("元", "千元", "百万元", "亿元")),
    converted("unit cell 人民币元", unit_cell("人民币元"), ("xlsx",)),
    *(
        converted(f"label （{u}）", label_says(u), ("xlsx", "csv.zip"))
        for u in ("元", "千元", "万元")
    ),
    *(converted(f"head （{unit}）", head_says(unit), ("xlsx", "ods")) for unit in ("元", "千元")),
    *(
        converted(f"line above 单位：{u}", line_above_says(u), ("xlsx", "xls"))
        for u in ("元", "千元")
    ),
    *(
        converted(f"in the cell {u}", cell_says(u), ("xlsx", "csv.zip"))
        for u in ("元", "亿元", "万元")
    ),
    *(converted(f"column （{unit}）", column_says(unit)) for unit in ("元", "千元")),
    converted(
        "line above the records 单位：元", line_above_records_says("元"), ("xlsx", "csv.zip")
    ),
    converted("unit in the cell, another beside", cell_contradicts_unit_cell, ("xlsx", "ods")),
    converted("a unit a line", mixed_units),
    converted("bureau in 元", bureau_in("元"), SHEETS, filer="bureau"),
    converted("bureau in 亿元", bureau_in("亿元"), ("xlsx",), filer="bureau"),
    converted("Gbps", measured(*BANDWIDTH, 1, "Gbps"), ("xlsx", "xls")),
    converted(
        "label （Gbps）", measured(*BANDWIDTH, 1, "Gbps", "互联网出口带宽"), ("xlsx", "csv.zip")
    ),
    converted("kbps", measured(*BANDWIDTH, 1_000_000, "kbps"), ("xlsx",)),
    converted("公顷", measured(*AREA, 12.073, "公顷"), ("xlsx", "ods")),
    converted("万平方米", measured(*BUILDING, 5.9313, "万平方米"), ("xlsx",)),
    converted("万人", measured(*ENROLLED, 0.245, "万人"), ("xlsx", "csv.zip")),
    converted("label （万人）", measured(*ENROLLED, 0.245, "万人", "在校生数"), ("xlsx",)),
    converted("万册", measured(*BOOKS, 10.2438, "万册"), ("xlsx", "xls")),
    converted("亩", lambda book: _acres(book), ("xlsx", "ods")),
    doubtful("美元", strange(*MONEY, "美元")),
    doubtful("万美元", strange(*MONEY, "万美元"), ("xlsx",)),
    doubtful("money in 人", strange(*MONEY, "人"), ("xlsx", "csv.zip")),
    doubtful("area in 万元", strange(*AREA, "万元"), ("xlsx",)),
    doubtful("persons in 班", strange(*ENROLLED, "班"), ("xlsx", "ods")),
    doubtful("bandwidth in MB/s", strange(*BANDWIDTH, "MB/s"), ("xlsx",)),
    doubtful("the label says another than the unit cell", label_contradicts_cell),
    doubtful("the head says another than the unit cells", head_contradicts_cell, ("xlsx", "xls")),
    doubtful("a format with ¥", yuan_sign, SHEETS),
]


def _acres(book: Book) -> Truth:
    """15 亩 are a hectare."""
    book.put(*AREA, 181.095)
    book.unit(*AREA, "亩")
    return Truth({AREA: ("120730", "120730.0", "120730.00")})
