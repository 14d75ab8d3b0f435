"""What a cell shows and what it stores: pieces of text, number formats, formulas."""

from grids import Book, Cell
from truth import NOBODY_CAN_TELL, SHEETS, Case, Truth

HOLDERS = ("students", "certificate_holders")
INTERNSHIP = ("finance", "internship_funds_10k_cny")
SPECIAL = ("finance", "special_funds_10k_cny")
EQUIPMENT = ("conditions", "equipment_value_10k_cny")
BOOKS = ("conditions", "books")
# A format's comma divides by a thousand, whatever is written behind it.
OF_ANOTHER_SIZE = ((12345, '#,##0.0,"万"'), (12345, '0.0,"万元"'), (9000000, '0.0,,"亿"'))
OF_ITS_SIZE = (
    (426300, '0!.0000"万"', "42.63"),
    (42630, '0.00,"千元"', "4.263"),
    (45.2, '0.0"万"', "45.2"),
)


def pieces(*parts: tuple[str, str], place=HOLDERS, says="155"):
    """A value in pieces, some of which say nothing; `says` is what is left."""

    def mess(book: Book) -> Truth:
        book.put(*place, Cell(parts=parts))
        return Truth({place: says})

    return mess


def inline(mess):
    def written(book: Book):
        book.has_inline_text = True
        return mess(book)

    return written


def struck(value, place=HOLDERS):
    """The whole cell is struck out: nothing is filed."""

    def mess(book: Book) -> Truth:
        book.put(*place, Cell(value, is_struck=True))
        return Truth({place: NOBODY_CAN_TELL})

    return mess


def struck_label(book: Book) -> Truth:
    book.label(*HOLDERS, Cell(parts=(("职业技能等级证书获证人数", "struck"),)))
    return Truth({HOLDERS: NOBODY_CAN_TELL})


def struck_in_a_name(book: Book) -> Truth:
    book.put("training", "project", Cell(parts=(("农民工", "struck"), ("企业职工培训", ""))))
    from judge import untouched

    own = [dict(record) for record in untouched("school")["training"]]
    own[0]["project"] = "企业职工培训"
    return Truth(records={"training": own})


def struck_in_records(book: Book) -> Truth:
    book.put("training", "person_times", Cell(parts=(("400", "struck"), ("420", ""))))
    return Truth()


def format_of(stored, number_format: str, *says, place=INTERNSHIP):
    """A number whose format shows something else; `says` is what is seen, in the form's unit."""

    def mess(book: Book) -> Truth:
        book.put(*place, Cell(stored, number_format))
        return Truth({place: tuple(says) or NOBODY_CAN_TELL})

    return mess


def code_with_zeros(book: Book) -> Truth:
    from judge import untouched

    book.put("programmes", "major_code", Cell(10203, "000000"))
    own = [dict(record) for record in untouched("school")["programmes"]]
    own[0]["major_code"] = "010203"
    return Truth(records={"programmes": own})


def format_of_records(book: Book) -> Truth:
    from judge import untouched

    book.put("training", "funds_10k_cny", Cell(186000, '0!.0,"万元"'))
    own = [dict(record) for record in untouched("school")["training"]]
    own[0]["funds_10k_cny"] = "18.6"
    return Truth(records={"training": own})


# -- formulas --------------------------------------------------------------------------------------


def formulas(result, calculation: str = ""):
    """Three formulas with what was computed last."""

    def mess(book: Book) -> Truth:
        book.calculation = calculation
        places = [HOLDERS, INTERNSHIP, ("finance", "fiscal_appropriation_10k_cny")]
        for place, formula in zip(places, ("100+55", "30+12.63", "SUM(B4:B5)+600"), strict=True):
            book.put(*place, Cell(result, formula=formula))
        return Truth(dict.fromkeys(places, NOBODY_CAN_TELL))

    return mess


def stale(calculation: str):
    """A formula over cells that have changed since it was computed: 10+2 shows 36."""

    def mess(book: Book) -> Truth:
        book.calculation = calculation
        book.put("staff", "external_teachers", Cell(36, formula="B9+2"))
        return Truth({("staff", "external_teachers"): NOBODY_CAN_TELL})

    return mess


def never_computed_record(book: Book) -> Truth:
    book.put("training", "person_times", Cell(None, formula="400+20"))
    return Truth(records={"training": NOBODY_CAN_TELL})


def error(text: str, formula: str):
    def mess(book: Book) -> Truth:
        book.put(*HOLDERS, Cell(text, formula=formula))
        return Truth({HOLDERS: NOBODY_CAN_TELL})

    return mess


def empty_text(book: Book) -> Truth:
    book.put(*HOLDERS, Cell("", formula='IF(B3>0,"","")'))
    return Truth({HOLDERS: None})


def case(kind: str, name: str, mess, formats=SHEETS, **more) -> Case:
    return Case(kind, name, mess, formats, **more)


CASES = [
    case("rich text", "120 struck, 130", pieces(("120", "struck"), ("130", ""), says="130")),
    case("rich text", "155 with ¹ raised", pieces(("155", ""), ("1", "raised"))),
    case("rich text", "155 with ① raised", pieces(("155", ""), ("①", "raised")), ("xlsx", "ods")),
    case(
        "rich text", "155 with 注 raised", pieces(("155", ""), ("注1", "raised")), ("xlsx", "xls")
    ),
    case("rich text", "struck behind", pieces(("130", ""), ("120", "struck"), says="130")),
    case(
        *("rich text", "struck in the middle"),
        pieces(("1", ""), ("9", "struck"), ("55", "")),
    ),
    case(
        *("rich text", "inline 120 struck, 130"),
        inline(pieces(("120", "struck"), ("130", ""), says="130")),
        ("xlsx",),
    ),
    case(
        *("rich text", "inline 155 with ¹ raised"),
        inline(pieces(("155", ""), ("1", "raised"))),
        ("xlsx",),
    ),
    case("rich text", "struck in a record", struck_in_records),
    case("rich text", "struck in a name", struck_in_a_name),
    case("struck", "a number", struck(155)),
    case("struck", "a text", struck("155")),
    case("struck", "a number of a text's pieces", pieces(("155", "struck"), says=NOBODY_CAN_TELL)),
    case("struck", "a label", struck_label, ("xlsx", "ods")),
    case(
        "formats", "380000 shown 38.0万元", format_of(380000, '0!.0,"万元"', "38"), ("xlsx", "xls")
    ),
    *(
        case("formats", f"{n} as {code}", format_of(n, code), ("xlsx", "xls"))
        for n, code in OF_ANOTHER_SIZE
    ),
    *(
        case("formats", f"{n} as {code}", format_of(n, code, read), ("xlsx", "xls"))
        for n, code, read in OF_ITS_SIZE
    ),
    case("formats", "380000 shown 38.0万", format_of(380000, '0!.0,"万"', "38"), ("xlsx",)),
    case("formats", "380000 shown 38.0", format_of(380000, "0!.0,", "38"), ("xlsx", "xls")),
    case("formats", "a record shown 18.6万元", format_of_records, ("xlsx", "xls")),
    case("formats", "426300 shown 426300元", format_of(426300, '0"元"', "42.63")),
    case("formats", "426 shown 426千元", format_of(426, '0"千元"', "42.6")),
    case("formats", "42.63 shown 42.63万元", format_of(42.63, '0.00"万元"', "42.63"), is_good=True),
    case("formats", "42.63 shown 43", format_of(42.63, "0", "43")),
    case("formats", "42.63 shown 42.6", format_of(42.63, "0.0", "42.6")),
    case("formats", "0.4263 shown 43%", format_of(0.4263, "0%")),
    case("formats", "1.55 shown 155%", format_of(1.55, "0%", place=HOLDERS)),
    case("formats", "155.4 shown 155", format_of(155.4, "0", "155", place=HOLDERS)),
    case("formats", "102438 shown 102", format_of(102438, "#,##0,", "102", place=BOOKS)),
    case("formats", "102438 shown 1.02E+05", format_of(102438, "0.00E+00", "102438", place=BOOKS)),
    case("formats", "155 shown as nothing", format_of(155, ";;;", place=HOLDERS)),
    case("formats", "155 shown as a day", format_of(155, "yyyy-mm-dd", place=HOLDERS)),
    case("formats", "0 shown as nothing", format_of(0, "0;-0;;@", place=HOLDERS), ("xlsx", "xls")),
    case("formats", "155 shown -155", format_of(155, '"-"0', place=HOLDERS), ("xlsx",)),
    case("formats", "155 shown 1155", format_of(155, '"1"0', place=HOLDERS), ("xlsx", "xls")),
    case(
        *("formats", "27530000 shown as no day"),
        format_of(27530000, "yyyy-mm-dd", place=SPECIAL),
        ("xlsx", "xls"),
    ),
    case("formats", "a code shown with zeros", code_with_zeros, ("xlsx", "xls"), is_good=True),
    case("formats", "155 shown 约155", format_of(155, '"约"0', place=HOLDERS), ("xlsx", "xls")),
    case("formats", "155 shown 155人", format_of(155, '0"人"', "155", place=HOLDERS), is_good=True),
    case("formats", "155 shown 155班", format_of(155, '0"班"', place=HOLDERS), ("xlsx",)),
    case("formats", "155 shown 无", format_of(155, '"无"', place=HOLDERS), ("xlsx", "xls")),
    case("formats", "155 shown 00155", format_of(155, "00000", "155", place=HOLDERS), ("xlsx",)),
    case(
        "formats", "988.4 shown with commas", format_of(988.4, "#,##0.00", "988.4", place=EQUIPMENT)
    ),
    case(
        "formats",
        "1119.03 shown 1 1/8",
        format_of(1119.125, "# ?/?", "1119.125", place=SPECIAL),
        ("xlsx",),
    ),
    case("formulas", "never computed", formulas(None), ("xls", "ods")),
    case("formulas", "0 until opened", formulas(0, "on_load"), ("xlsx",)),
    case("formulas", "0 everywhere in an old file", formulas(None, "manual"), ("xls",)),
    case("formulas", "computed by hand, not at saving", stale("manual"), ("xlsx", "xls")),
    case("formulas", "never computed in a record", never_computed_record, ("xls", "ods")),
    case("formulas", "#DIV/0!", error("#DIV/0!", "1/0"), ("xlsx",)),
    case("formulas", "#REF!", error("#REF!", "#REF!+1"), ("xlsx",)),
    case("formulas", "#N/A", error("#N/A", "NA()"), ("xlsx",)),
    case("formulas", "an empty text without its kind", empty_text, ("xlsx",)),
]
