"""The text that a number format makes of a number, as spreadsheets show it."""

import pytest

from orchestration.intake.workbook.number_format import BUILT_IN, picture
from orchestration.intake.workbook.sheet import Unread, number_as_shown


@pytest.mark.parametrize(
    ("number", "code", "is_told"),
    [
        *((12345, '#,##0.0,"万"', False), (12345, '0.0,"万元"', False), (9e6, '0.0,,"亿"', False)),
        *((12345, '0!.0,"万"', True), (12345, '0.00"万元"', True), (1200, '0.0,"千元"', True)),
        *((2e8, '0.0,,"百万元"', True), (2000, '0.0,"千万元"', True), (0, '0.0,"万"', True)),
    ],
)
def test_a_number_is_no_value_where_its_format_writes_another_size_behind_it(number, code, is_told):
    assert isinstance(number_as_shown(str(number), code), Unread) is not is_told


@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [
        (380000, '0!.0,"万元"', "38.0万元"),
        (12345678, '0!.0000"万"', "1234.5678万"),
        (42.631, "0.00", "42.63"),
        (0.125, "0.00", "0.13"),
        (-0.125, "0.00", "-0.13"),
        (2.5, "0", "3"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (999999.5, "#,##0", "1,000,000"),
        (0.853, "0%", "85%"),
        (0.8536, "0.0%", "85.4%"),
        (12, '0"人"', "12人"),
        (12, "0人", "12人"),
        (1500, "[$¥-804]#,##0.00", "¥1,500.00"),
        (1234567, "#,##0,", "1,235"),
        (1234567, '0.00,,"百万"', "1.23百万"),
        (0, "0;-0;;@", ""),
        (5, ";;;", ""),
        (-7, "0_);(0)", "(7)"),
        (7, "0_);(0)", "7 "),
        (1.5, "#.##", "1.5"),
        (2, "#.##", "2."),
        (0, "#", ""),
        (7, "000", "007"),
        (3, '"约"0', "约3"),
        (5, "[Red]0", "5"),
        (5, "[红色]0", "5"),
        (1500, '[>=1000]0.0,"千";0', "1.5千"),
        (150, '[>=1000]0.0,"千";0', "150"),
        (1791.49, "General", "1791.49"),
        (3, 'General"人"', "3人"),
        (3, 'G/通用格式"人"', "3人"),
        (0.1 + 0.2, "General", "0.3"),
        (-3, "General", "-3"),
        (4, '"见附表"', "见附表"),
        (1510, "0." + "0" * 30, "1510." + "0" * 30),
        (1e28, "#,##0.0", "10" + ",000" * 9 + ".0"),
        (1e30, "0", "1" + "0" * 30),
    ],
)
def test_a_number_is_shown_as_its_format_says(number, code, shown):
    assert picture(number, code) == shown


@pytest.mark.parametrize(
    "code",
    [
        "# ?/?",
        "0.00E+00",
        "yyyy-mm-dd",
        "[h]:mm",
        "[<5]0",
        "[DBNum2]0",
        '"1"0',
        "0." + "0" * 700,
        "[>1.2.3]0;0",
    ],
)
def test_a_picture_that_cannot_be_told_is_unknown(code):
    assert picture(7.5, code) is None


@pytest.mark.parametrize("number", [0, 1, 12, 1234, 0.5])
@pytest.mark.parametrize("code", [41, 42, 43, 44])
def test_an_accountants_format_shows_the_number(number, code):
    shown = picture(number, BUILT_IN[code]).strip().replace(",", "").replace("¥", "").strip()
    assert shown == "-" if number == 0 else float(shown) == round(number + 1e-9, 2 * (code > 42))
