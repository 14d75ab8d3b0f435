"""Raised signs: marks of footnotes go, what says something stays, and nobody guesses a number."""

import pytest

from orchestration.intake.workbook.marks import raised, without_marks


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("155^1^", "155"),
        ("155^注1^", "155"),
        ("155^①^", "155"),
        ("155^*^\n", "155\n"),
        ("在校生数^2^", "在校生数"),
        ("在校生数^1^（人）", "在校生数（人）"),
        ("1^9^\n30", "1\n30"),
        ("m^2^", "m²"),
        ("校园面积（m^2^）", "校园面积（m²）"),
        ("CO^2^", "CO2"),
        ("实习经费^（元）^", "实习经费（元）"),
        ("体质测试人数^上年^", "体质测试人数上年"),
        ("^155^", "155"),
        ("42^0^5", None),
        ("^1^55", None),
        ("155^万^", None),
        ("155^.5^", None),
        ("155^123^", None),
        ("3×10^2^", None),
        ("155", "155"),
    ],
)
def test_a_raised_sign_is_dropped_only_where_it_marks_what_stands_before_it(written, read_as):
    pieces = written.split("^")
    pieces[1::2] = map(raised, pieces[1::2])
    assert without_marks("".join(pieces)) == read_as
