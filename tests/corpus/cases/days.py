"""Days that a spreadsheet made of what was typed, and texts in colours that nobody sees."""

from grids import Book, Cell
from truth import NOBODY_CAN_TELL, Case, Truth

HOLDERS = ("students", "certificate_holders")
BOTH = ("xlsx", "xls")
DAY = 45293  # 2024-01-02


def class_shown(code: str, says):
    """The name of a class that was taken for a day: 1-2 is kept as the second of January."""

    def mess(book: Book) -> Truth:
        from judge import untouched

        book.put("partnerships", "named_class", Cell(DAY, code))
        own = [dict(record) for record in untouched("school")["partnerships"]]
        own[0]["named_class"] = says
        return Truth(records={"partnerships": NOBODY_CAN_TELL if says is None else own})

    return mess


def day(place, code: str, says):
    def mess(book: Book) -> Truth:
        book.put(*place, Cell(DAY, code))
        return Truth({place: says})

    return mess


def hidden(code: str):
    def mess(book: Book) -> Truth:
        book.put(*HOLDERS, Cell(155, code))
        return Truth({HOLDERS: NOBODY_CAN_TELL})

    return mess


def good(name: str, mess) -> Case:
    return Case("days", name, mess, BOTH, is_good=True)


CASES = [
    good("a class shown 1-2", class_shown("m-d", "1-2")),
    good("a class shown 1月2日", class_shown('m"月"d"日";@', "1月2日")),
    Case("days", "a class shown 2024-01-02", class_shown("yyyy-mm-dd", None), BOTH),
    Case("days", "a class shown 2-Jan", class_shown("d-mmm", None), BOTH),
    good("a day shown 1月2日", day(("cover", "filled_on"), 'm"月"d"日"', "2024-01-02")),
    good("a year shown 2024年", day(("cover", "year"), 'yyyy"年"', "2024")),
    Case("days", "a count shown 2", day(HOLDERS, "d", NOBODY_CAN_TELL), BOTH),
    *(
        Case("days", f"155 as {code}", hidden(code), BOTH)
        for code in ("[white]0", "[Color2]0", "0.00*元")
    ),
]
