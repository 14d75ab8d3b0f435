"""Formulas whose kept results are those of other operands, or hang on what is not in the file."""

from grids import NAME, Book, Cell
from truth import NOBODY_CAN_TELL, SHEETS, Case, Truth

FUNDS, SHEET = ("finance", "special_funds_10k_cny"), "经费"
# What was computed last, and the formula: a program filled other cells in and computed nothing.
STALE = (
    *((0, "1000+119.03"), (500, "SUM(B3,B5)"), (1, "B3-B5"), (7, "(B3+B5)*2/4"), (2, "-B5^2")),
    *((3, "SUM(学生!B3:B4)"), (9, "AVERAGE(B3:B5)"), (42.8, "ROUND(B5*1.005,2)"), (4, "B3")),
    *((0, "B5%"), (0, "MAX(B5:B6,1)"), (500, "SUM(B3:B3)"), (0, "(2300*1.065)")),
    *((7, "IF(B5>0,B3,0)"), (0, "IF(B3>=B5,B3-B5,0)"), (9, "SUM(学生!B1:B65536)")),
    *((8, 'SUMIF(培训服务!C3:C9,">1",培训服务!F3:F9)'), (2, "SUMPRODUCT(学生!B3:B4,学生!B3:B4)")),
    *((3, "COUNTA(校企合作!A3:A22)"), (1, 'COUNTIF(校企合作!E3:E22,"是")')),
)
# Of these another cell tells: nothing in that workbook was computed.
NOT_KNOWN = ("LARGE(B3:B5,1)", "INDEX(B3:B5,1)")
ELSEWHERE = ("RAND()*1119", "TODAY()-45000")
OTHER_FILE, OTHER_FILE_IN_ODS = "'[2023年报.xlsx]学生'!B4", "['file:///D:/2023.xlsx'#$学生.B4]"
OWN = (
    *((1119.03, "1000+119.03"), (1834.12, "SUM(B3,B5)"), (1748.86, "B3-B5"), (0.4263, "B5%")),
    *((0.3, "0.1+0.2"), (2.68, "ROUND(2.675,2)"), (1817.3169, "B5^2")),
    *((3960, "SUM(学生!$B$3:B4)"), (917.06, "AVERAGE(B3,B5)"), (42.63, "MIN(B3,B5,B99+50)")),
    *(
        (0, "D9"),
        (1791.49, "IF(B5>0,B3,0)"),
        (0, 'IF(B9="",0,B9)'),
        (20, "COUNTA(校企合作!A3:A22)"),
    ),
    *((15, 'COUNTIF(校企合作!E3:E22,"是")'), (18.6, 'SUMIF(培训服务!C3:C9,">1",培训服务!F3:F9)')),
    *((1791.49, "VLOOKUP(A3,A3:B5,2,0)"), (12, "LARGE(B3:B5,1)")),
)
OWN_UNKNOWN_TO_XLWT = (
    *((1834.12, "+B3+B5"), (1791.49, "VLOOKUP(A3,A:B,2,0)"), (3.5, "SUM(B3:B9")),
    (18.6, "SUM(培训服务!F:F)"),
)
STALE_UNKNOWN_TO_XLWT = ((12, "VLOOKUP(A3,A:B,2,0)"), (5, "SUM(培训服务!F:F)"))


def stale(result, text: str):
    def mess(book: Book) -> Truth:
        book.put(*FUNDS, Cell(result, formula=text))
        return Truth({FUNDS: NOBODY_CAN_TELL})

    return mess


def elsewhere(text: str):
    def mess(book: Book) -> Truth:
        book.put(*FUNDS, Cell(1119.03, formula=text))
        return Truth(asked={SHEET})

    return mess


def own(result, text: str):
    def mess(book: Book) -> Truth:
        book.put(*FUNDS, Cell(result, formula=text))
        return Truth({FUNDS: result})

    return mess


def sum_of_stale(book: Book) -> Truth:
    """The students are the sum of the programmes', of which one was not computed."""
    book.put("programmes", "enrolled", Cell(229, formula="400+29"))
    book.put("students", "enrolled", Cell(2450, formula="SUM(专业设置!F3:F18)"))
    enrolled = ("students", "enrolled")
    return Truth({enrolled: NOBODY_CAN_TELL}, {"programmes": NOBODY_CAN_TELL})


def sum_of_own(book: Book) -> None:
    book.put("programmes", "enrolled", Cell(229, formula="200+29"))
    book.put("students", "enrolled", Cell(2450, formula="SUM(专业设置!F3:F18)"))


def beside_stale(text: str):
    """A formula that is not computed here, in a workbook where another result is stale."""

    def mess(book: Book) -> Truth:
        book.put("students", "enrolled", Cell(2000, formula="SUM(专业设置!F3:F18)"))
        return stale(1119.03, text)(book)

    return mess


def another_text(book: Book) -> Truth:
    book.put("cover", "school_name", Cell(NAME, formula="B3"))
    return Truth({("cover", "school_name"): NOBODY_CAN_TELL})


CASES = [
    *(Case("computed", f"{text} kept as {v}", stale(v, text), SHEETS) for v, text in STALE),
    *(
        Case("computed", f"{text} kept as {v}", stale(v, text), ("xlsx", "ods"))
        for v, text in STALE_UNKNOWN_TO_XLWT
    ),
    *(Case("computed", f"{t} beside a stale one", beside_stale(t), SHEETS) for t in NOT_KNOWN),
    *(Case("computed", text, elsewhere(text), SHEETS) for text in ELSEWHERE),
    *(Case("computed", text, own(v, text), SHEETS, is_good=True) for v, text in OWN),
    *(
        Case("computed", text, own(v, text), ("xlsx", "ods"), is_good=True)
        for v, text in OWN_UNKNOWN_TO_XLWT
    ),
    Case("computed", "another file", elsewhere(OTHER_FILE), ("xlsx",)),
    Case("computed", "a numbered file", elsewhere("[1]学生!B4+1"), ("xlsx",)),
    Case("computed", "another file in OpenDocument", elsewhere(OTHER_FILE_IN_ODS), ("ods",)),
    Case("computed", "a sum of what was not computed", sum_of_stale, SHEETS),
    Case("computed", "a sum of formulas", sum_of_own, SHEETS, is_good=True),
    Case("computed", "a text of another cell", another_text, ("xlsx", "ods")),
]
