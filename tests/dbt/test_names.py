"""What a name is counted by: the same however it is spelt, another for another name."""

import duckdb
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.ground.home import REPOSITORY

MACROS = REPOSITORY / "dbt_project" / "macros"
LETTERS = st.text("甲乙丙陇东能化工电子技术学院abcXYZ059&+#", min_size=1, max_size=12)
UNCOUNTED = ' \u3000\u00a0\t\u200b\ufeff\u2060()（）[]【】《》“”"·•'


@pytest.fixture(scope="module")
def key():
    text = "".join((MACROS / f"{name}.sql").read_text() for name in ("literals", "names"))
    expression = jinja2.Environment().from_string(text).module.name_key("name")
    connection = duckdb.connect()
    return lambda name: connection.execute(
        f"select {expression} from (select cast(? as varchar) as name)", [name]
    ).fetchone()[0]


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
