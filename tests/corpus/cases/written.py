"""Values as programs and other hands write them: blanks, yes and no, days, digits with a mark."""

from grids import Book
from judge import untouched as values_of
from truth import ALL, NOBODY_CAN_TELL, Case, Truth

KIND = "as programs write"
BLANKS = ("nan", "NaN", "NaT", "<NA>", "Null", "nil", "undefined", "\\N", "(空)", "(blank)", "空白")
# Nobody sees a name in these.
NOTHING = {"Hangul filler": "\u3164", "blank Braille": "\u2800", "tags": "\U000e0041\U000e007f"}
MARKED = {"circled": "1510㊱", "circled fifty": "151㊿", "with a comma": "\U0001f102000"}


def blank_row(text: str):
    """A program filled up the table; nothing is filed in its last row."""

    def mess(book: Book) -> None:
        book["校企合作"].append(text, text, text, text, text)

    return mess


def no_name(text: str):
    """Where an enterprise belongs stands what is none; of what is filed nobody can tell."""

    def mess(book: Book) -> Truth:
        book["校企合作"].append(text, "是", None, None, "是")
        return Truth(records={"partnerships": NOBODY_CAN_TELL})

    return mess


def certificates(text: str):
    def mess(book: Book) -> Truth:
        book.put("students", "certificate_holders", text)
        return Truth({("students", "certificate_holders"): NOBODY_CAN_TELL})

    return mess


def true_and_false(book: Book) -> None:
    """Yes and no as pandas writes them as text."""
    for row in book["校企合作"].rows[2:]:
        row[1:5:3] = [{"是": "True", "否": "False"}.get(value, value) for value in row[1:5:3]]


def stamp(behind: str):
    """The day of the cover as a program writes it."""

    def mess(book: Book) -> None:
        day = values_of("school")["cover"][0]["filled_on"]
        book.put("cover", "filled_on", f"{day}{behind}")

    return mess


CASES = [
    *(Case(KIND, f"blanks {text}", blank_row(text), is_good=True) for text in BLANKS),
    *(Case(KIND, f"a name {text}", no_name(text)) for text in ("nan", "True", "0.0")),
    *(Case(KIND, f"a name of {how}", no_name(t)) for how, t in NOTHING.items()),
    *(Case(KIND, f"digits {how}", certificates(t)) for how, t in MARKED.items()),
    Case(KIND, "True and False", true_and_false, ALL, is_good=True),
    *(
        Case(KIND, f"a day with {behind}", stamp(behind), is_good=True)
        for behind in ("T00:00:00", "T00:00:00Z", "T00:00:00+08:00", " 00:00:00")
    ),
]
