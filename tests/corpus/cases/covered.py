"""Pictures that lie over cells, which show another figure than the cells hold, or beside them."""

from grids import Book
from truth import Case, Truth

FORMATS = ("xlsx", "ods")


def picture(table: str, *range_: int, is_asked: bool):
    """A picture over a range, as in `merged`; the values of the form stand in column B."""

    def mess(book: Book) -> Truth | None:
        top, left, bottom, right = range_
        book.sheet(table).pictures.append((top, left, bottom, right))
        return Truth(asked={book.form.tables[table].sheet}) if is_asked else None

    return mess


def case(name: str, table: str, *range_: int, is_asked: bool = True) -> Case:
    mess = picture(table, *range_, is_asked=is_asked)
    return Case("covered", name, mess, FORMATS, is_good=not is_asked)


CASES = [
    case("a figure", "finance", 3, 1, 3, 1),
    case("figures and what is beside them", "students", 2, 1, 5, 6),
    case("figures of records", "programmes", 4, 4, 6, 7),
    case("a whole table", "conditions", 0, 0, 20, 5),
    case("a name of a record", "partnerships", 5, 0, 5, 0),
    case("beside a table", "finance", 2, 4, 8, 6, is_asked=False),
    case("below a table", "finance", 8, 0, 14, 2, is_asked=False),
    case("in the title", "students", 0, 0, 0, 2, is_asked=False),
    case("blank cells of records", "partnerships", 5, 2, 9, 3, is_asked=False),
]
