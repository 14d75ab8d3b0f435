"""Notes below a table that leave figures out, give others or doubt them, and notes that do not."""

from typing import Any

from grids import Book
from truth import Case, Truth

FEW = ("xlsx", "csv.zip")
ONE = ("xlsx",)
SHEETS = ("学生", "职业技能证书")
OTHERS = (
    *("注：在校生数不含三年级", "注：本表未包括技工部学生", "注：三年级未统计", "注：护理专业未报"),
    *("注：多统计5人", "注：差5人", "注：剔除休学学生", "注：准确数为1600", "注：1510→1600"),
    *("注：此表已废止", "注：此表停用", "注：旧数据", "注：沿用旧数据", "注：与去年一致"),
    *("注：仅供参考", "注：含往届毕业生", "注：获证人数为报名人数"),
)
ORDINARY = (
    *("注：在校生数与去年一致", "注：招生数较上年多5人", "注：少数民族学生20人", "注：金额不含税"),
    *("注：学生数含附设中职班", "注：数据由教务处提供", "注：已剔除重复人数", "注：如有疑问请联系"),
    *("注：不包括上年结转", "注：没有的项目未填", "注：如数据有误请联系"),
)


def below(text: str, *, is_asked: bool):
    def mess(book: Book) -> Truth:
        for sheet in SHEETS:
            book[sheet].append(text)
        return Truth(asked=set(SHEETS) if is_asked else set())

    return mess


def figure(text: str, *, is_asked: bool):
    def mess(book: Book) -> Truth:
        value = book["学生"].rows[2][1]
        book["学生"].append(text.format(value))
        return Truth(asked={"学生"} if is_asked else set())

    return mess


def holders(number: int | None):
    """A note says how many hold certificates: one row's number, the sum, or another."""

    def mess(book: Book) -> Truth:
        own: list[Any] = [row[2] for row in book["职业技能证书"].rows[2:]]
        book["职业技能证书"].append(f"注：获证人数{sum(own) if number is None else number}人")
        return Truth(asked=set() if number is None else {"职业技能证书"})

    return mess


CASES = [
    *(Case("noted", t, below(t, is_asked=True), ONE) for t in OTHERS),
    *(Case("noted", t, below(t, is_asked=False), ONE, is_good=True) for t in ORDINARY),
    *(
        Case("noted", f"another figure {t}", figure(t, is_asked=True), FEW)
        for t in ("注：招生数1600", "注：招生1600人")
    ),
    *(
        Case("noted", t, figure(t, is_asked=False), ONE, is_good=True)
        for t in (
            "注：招生数为{}人",
            "注：招生{}人",
            "注：上年招生数1600",
            "注：春季招生数20",
            "注：招生数含2024年春季",
        )
    ),
    Case("noted", "another number of holders", holders(160), FEW),
    Case("noted", "the number of all holders", holders(None), ONE, is_good=True),
]
