"""Whose a file is: its cover, its name and the form's own codes agree, or somebody is asked."""

from grids import OTHER, OTHER_CITY_CODE, Book
from truth import ALL, NOBODY_CAN_TELL, Case, Truth


def other_code(book: Book) -> Truth:
    """The cover's code is another school's; its name and the file's are not."""
    book.put("cover", "school_code", OTHER)
    return Truth({("cover", "school_code"): NOBODY_CAN_TELL})


def other_name(book: Book) -> Truth:
    book.put("cover", "school_name", "庆城县职业中等专业学校")
    return Truth({("cover", "school_name"): NOBODY_CAN_TELL})


def other_file_name(book: Book) -> Truth:
    book.file_name = f"{OTHER}_庆城县职业中等专业学校.xlsx"
    return Truth({("cover", "school_code"): NOBODY_CAN_TELL})


def other_bureau_code(book: Book) -> Truth:
    book.put("bureau_cover", "city_code", OTHER_CITY_CODE)
    return Truth({("bureau_cover", "city_code"): NOBODY_CAN_TELL})


def other_bureau_name(book: Book) -> Truth:
    book.put("bureau_cover", "city_name", "宝鸡市")
    return Truth({("bureau_cover", "city_name"): NOBODY_CAN_TELL})


def renamed_file(name: str):
    def mess(book: Book) -> None:
        book.file_name = name

    return mess


def case(name: str, mess, formats=ALL, **more) -> Case:
    return Case("filers", name, mess, formats, **more)


def other_bureau_file(book: Book) -> Truth:
    book.file_name = "baoji_市级填报.xlsx"
    return Truth({("bureau_cover", "city_code"): NOBODY_CAN_TELL})


CASES = [
    case("another school's code", other_code),
    case("another school's name", other_name, ("xlsx", "xls")),
    case("another school's file name", other_file_name, ("xlsx", "csv.zip")),
    case("another city's code", other_bureau_code, filer="bureau"),
    case("another city's name", other_bureau_name, ("xlsx", "ods"), filer="bureau"),
    case("a file of any name", renamed_file("年报.xlsx"), ("xlsx", "ods"), is_good=True),
    case(
        "a file named after the school",
        renamed_file("西峰职业中等专业学校2024.xlsx"),
        ("xlsx",),
        is_good=True,
    ),
    case("another city's file name", other_bureau_file, ("xlsx",), filer="bureau"),
]
