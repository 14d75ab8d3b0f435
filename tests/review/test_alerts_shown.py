"""What a run could not do stands on the year's overview, for those whom it concerns."""

from orchestration.ground.alerts import Kind, Run, Trouble, tell
from orchestration.ground.text import Text

BLOCKED = Trouble(
    Kind.city_blocked, "baoji", Text("宝鸡市关卡未通过，未发布。", "Baoji: not published.")
)
BROKEN = Trouble(
    Kind.run_failed,
    "city_gate",
    Text("步骤 city_gate 失败。", "Step city_gate failed."),
    "<b>bad</b>",
)


def test_the_overview_shows_what_stands_in_the_visitors_language(home, judged, signed_in):
    tell(home, Run("a", "annual_run", 2024), [BLOCKED])
    browser = signed_in("viewer")
    assert "宝鸡市关卡未通过，未发布。" in browser.get("/2024").text
    browser.submit("/language", language="en", next="/2024")
    assert "Baoji: not published." in browser.get("/2024").text
    tell(home, Run("b", "annual_run", 2024), [])
    assert "not published." not in browser.get("/2024").text


def test_a_city_held_back_is_told_to_those_who_may_see_it(home, judged, signed_in):
    tell(home, Run("a", "annual_run", 2024), [BLOCKED, BROKEN])
    text = signed_in("steward", ["qingyang"]).get("/2024").text
    assert "宝鸡市关卡未通过" not in text
    assert "步骤 city_gate 失败。" in text


def test_the_machines_own_words_are_for_administrators_and_are_text(home, judged, signed_in):
    tell(home, Run("a", "annual_run", 2024), [BROKEN])
    assert "&gt;bad" not in signed_in("steward").get("/2024").text
    assert "&lt;b&gt;bad&lt;/b&gt;" in signed_in("administrator").get("/2024").text


def test_what_was_told_last_stands_first(home, judged, signed_in):
    tell(home, Run("a", "release_when_due", None), [BROKEN])
    tell(home, Run("b", "annual_run", 2024), [BLOCKED])
    text = signed_in("viewer").get("/2024").text
    assert text.index("宝鸡市关卡未通过") < text.index("步骤 city_gate 失败。")
