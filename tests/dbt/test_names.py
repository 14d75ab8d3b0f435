"""What a name is counted by: the same however it is spelt, another for another name."""

import duckdb
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.ground.home import REPOSITORY
from orchestration.intake.plain_text import narrow

MACROS = REPOSITORY / "dbt_project" / "macros"
LETTERS = st.text("甲乙丙陇东能化工电子技术学院abcXYZ059&+#", min_size=1, max_size=12)
DRESSING = set('()（）[]［］【】〔〕〖〗{}｛｝<>＜＞〈〉《》「」『』﹙﹚"“”„＂‘’＇·•・･‧∙')
UNCOUNTED = ' \u3000\u00a0\t\u200b\ufeff\u2060()（）[]【】《》“”"·•'


@pytest.fixture(scope="module")
def keys():
    """Return the keys of many names at once."""
    text = "".join((MACROS / f"{name}.sql").read_text() for name in ("literals", "names"))
    expression = jinja2.Environment().from_string(text).module.name_key("name")
    connection = duckdb.connect()
    names = "select cast(unnest(?) as varchar) as name"
    return lambda names_: [
        found
        for (found,) in connection.execute(
            f"select {expression} from ({names})", [names_]
        ).fetchall()
    ]


@pytest.fixture(scope="module")
def key(keys):
    return lambda name: keys([name])[0]


def wide(text):
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@given(name=LETTERS, strewn=st.lists(st.tuples(st.integers(0, 12), st.sampled_from(UNCOUNTED))))
def test_width_case_spaces_brackets_and_unseen_signs_do_not_count(key, name, strewn):
    spelt = name
    for at, sign in strewn:
        spelt = spelt[:at] + sign + spelt[at:]
    assert {key(spelt), key(wide(name)), key(name.upper()), key(name.lower())} == {key(name)}


@given(one=LETTERS, other=LETTERS)
def test_other_names_have_other_keys(key, one, other):
    assert (key(one) == key(other)) == (one.lower() == other.lower())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("陇东（庆阳）能化有限公司", "陇东(庆阳)能化有限公司"),
        ("ＡＢＢ电气", "abb 电气"),
        ("甲\u200b公司", "甲公司"),
        *((f"甲{wide(sign)}乙", f"甲{sign}乙") for sign in "!#$%&*+,-./:;=?@^_`|~"),
    ],
)
def test_spellings_of_one_name(key, one, other):
    assert key(one) == key(other)


@pytest.mark.parametrize("nothing", [None, "", " ", "（）", "\u200b"])
def test_no_name_has_no_key(key, nothing):
    assert key(nothing) is None


@pytest.mark.parametrize(
    "one, other", [("C++程序设计", "C程序设计"), ("一厂", "二厂"), ("3+2", "32")]
)
def test_what_tells_names_apart_stays(key, one, other):
    assert key(one) != key(other)


def test_what_nobody_sees_is_the_same_to_the_key_and_to_the_reading_of_a_cell(keys):
    planes = [range(1, 0xD800), range(0xE000, 0x11000), range(0xE0000, 0xE1000)]
    signs = [chr(number) for plane in planes for number in plane]
    uncounted = {sign for sign, found in zip(signs, keys(signs), strict=True) if found is None}
    assert uncounted - DRESSING == {sign for sign in signs if narrow(sign) == ""}
    assert uncounted >= DRESSING
