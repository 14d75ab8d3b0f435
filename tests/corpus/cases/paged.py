"""Headers and footers of pages that make the figures others, and such that do not."""

from grids import NAME, OTHER_NAME, Book
from truth import SHEETS, Case, Truth

SHEET = "经费"
OTHERS = (
    *("&R单位：千元", "&C预算数", '&C&"宋体,Bold"&14 2023年数据', "&L&KFF0000作废", "&C作&B废"),
    *(f"&C{OTHER_NAME}", f"&L{NAME}&R征求意见稿", "&L单位：万元"),
)
ORDINARY = (
    *("&C第 &P 页，共 &N 页", "&L&A&R&P/&N", f"&L{NAME}&R第&P页", "&C经费", "&C2024年度质量年报"),
    *("&C2024年中等职业学校质量年报", "&L填报单位（盖章）：&R联系电话："),
)


def paged(text: str, part: str, *, is_asked: bool):
    def mess(book: Book) -> Truth:
        setattr(book[SHEET], part, text)
        return Truth(asked={SHEET} if is_asked else set())

    return mess


CASES = [
    Case("paged", f"{part} {text}", paged(text, part, is_asked=is_asked), SHEETS, not is_asked)
    for texts, is_asked in ((OTHERS, True), (ORDINARY, False))
    for text in texts
    for part in ("header", "footer")
]
