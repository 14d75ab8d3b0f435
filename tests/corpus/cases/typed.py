"""What a clerk types into a cell of numbers."""

from grids import Book
from truth import ALL, NOBODY_CAN_TELL, Case, Truth

HOLDERS = ("students", "certificate_holders")
ENTRANTS = ("students", "entrants")


def typed(text, says="155", place=HOLDERS):
    def mess(book: Book) -> Truth:
        book.put(*place, text)
        return Truth({place: says})

    return mess


def good(name: str, mess, formats=ALL) -> Case:
    return Case("typed", name, mess, formats, is_good=True)


def vague(text, formats=("xlsx", "csv.zip")) -> Case:
    return Case("typed", repr(text), typed(text, NOBODY_CAN_TELL), formats)


CASES = [
    good("full width", typed("１５５")),
    good("thousands", typed("1,510", "1510", ENTRANTS)),
    good("full-width thousands", typed("１，５１０", "1510", ENTRANTS), ("xlsx", "ods")),
    good("155人", typed("155人")),
    good("155 人", typed("155 人"), ("xlsx", "xls")),
    good("155名", typed("155名"), ("xlsx",)),
    good("155.0", typed("155.0"), ("xlsx", "csv.zip")),
    good("spaces around", typed("  155  ")),
    good("a line break behind", typed("155\n"), ("xlsx", "csv.zip")),
    good("a no-break space", typed("155\u00a0"), ("xlsx", "xls")),
    good("a zero-width space", typed("155\u200b"), ("xlsx", "ods")),
    good("+155", typed("+155"), ("xlsx",)),
    good("0155", typed("0155"), ("xlsx",)),
    *(
        good(repr(word), typed(word, None), ("xlsx", "csv.zip"))
        for word in ("—", "-", "/", "无", "——")
    ),
    good("zero", typed(0, "0")),
    vague("约155", ALL),
    *(vague(text) for text in ("155左右", "150-160", "150~160", "≥155", "155+", "近155", "155余")),
    *(vague(text) for text in ("一百五十五", "155（含复读）", "120+35", "1,55", "1.5.5", "155？")),
    *(vague(text) for text in ("155人次", "155%", "15S", "1O5", "155、", "155元")),
    *(
        vague(text, ("xlsx",))
        for text in ("2024-05-01", "155 160", "155/160", "155↑", True, 155.5, -155)
    ),
    *(
        vague(text, ("xlsx",))
        for text in ("155²", "①55", "见附件", "同上", "待定", "未统计", "155万", "1亿")
    ),
]
