"""Of several files of one school a steward says which counts; the inbox is shown file by file."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crafted_gate import MINE, MUST, SCHOOL

from orchestration.gate.current import current_state
from orchestration.ground.ledger import open_ledger
from orchestration.intake.inbox import Fate, Lying
from orchestration.intake.raw import PROBLEMS
from orchestration.intake.received import choices
from orchestration.web.schools.overview import _own_part

PAGE = f"/2024/schools/{SCHOOL}"


@pytest.fixture
def rivals(judged):
    folder = judged.raw / "problems" / "year=2024"
    folder.mkdir(parents=True)
    rows = [
        dict.fromkeys(PROBLEMS.names)
        | {"submission_id": f"s{name}", "city": "qingyang", "school_code": SCHOOL, "year": 2024}
        for name in (MINE, MUST)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=PROBLEMS), folder / "run-rivals.parquet")
    return judged


def test_a_steward_chooses_one_of_two_files_and_the_page_says_who_and_why(rivals, signed_in):
    browser = signed_in("steward", name="wang")
    assert "以此份为准" in browser.get(PAGE).text
    page = browser.submit(f"{PAGE}/choose", submission=f"s{MINE}", reason="学校来电<b>确认")
    assert page.status_code == 200
    with open_ledger(rivals) as ledger:
        (choice,) = choices(ledger, 2024)
    assert (choice.submission_id, choice.by) == (f"s{MINE}", "wang")
    text = browser.get(PAGE).text
    assert "选定以此份为准" in text and "学校来电&lt;b&gt;确认" in text


@pytest.mark.parametrize(
    ("submission", "reason", "status"),
    [("s" + "e" * 16, "理由", 404), (f"s{MINE}", " ", 400), ("", "理由", 404)],
)
def test_another_schools_file_or_no_reason_is_refused(
    rivals, signed_in, submission, reason, status
):
    browser = signed_in("steward")
    page = browser.submit(f"{PAGE}/choose", submission=submission, reason=reason)
    assert page.status_code == status
    with open_ledger(rivals) as ledger:
        assert choices(ledger, 2024) == []


def test_only_a_steward_of_the_city_may_choose(rivals, signed_in):
    viewer = signed_in("viewer")
    assert "以此份为准" not in viewer.get(PAGE).text
    given = {"submission": f"s{MINE}", "reason": "理由"}
    assert viewer.submit(f"{PAGE}/choose", **given).status_code == 403
    other = signed_in("steward", ["baoji"], name="li")
    assert other.submit(f"{PAGE}/choose", **given).status_code == 404


def test_a_school_with_one_file_has_nothing_to_choose(judged, signed_in):
    assert "以此份为准" not in signed_in("steward").get(PAGE).text


def test_the_overview_shows_every_file_of_the_inbox_to_whom_it_concerns(judged, signed_in):
    folder = judged.inbox_year(2024)
    folder.mkdir(parents=True)
    for name in (f"{SCHOOL}_<b>.xlsx", "9961030201.xlsx", "~$a.xlsx"):
        (folder / name).write_bytes(b"x")
    text = signed_in("steward").get("/2024").text
    assert f"2024/{SCHOOL}_&lt;b&gt;.xlsx" in text and "2024/~$a.xlsx" in text
    assert "锁定文件" in text
    own = signed_in("steward", ["qingyang"], name="li").get("/2024").text
    assert SCHOOL in own and "9961030201.xlsx" not in own


def test_a_city_sees_its_own_files_however_they_are_called_and_no_others(judged, signed_in):
    name = judged_name(judged)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in SCHOOL)
    mine = [f"{wide}.xlsx", f"{SCHOOL[:6]}/{name} - 副本.xlsx", f"作废/{SCHOOL}_old.xlsx"]
    for path in [*mine, "作废/9961030201.xlsx", "别处.xlsx"]:
        at = judged.inbox_year(2024) / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(path.encode())
    own = signed_in("steward", ["qingyang"], name="li").get("/2024").text
    assert wide in own and f"{name} - 副本" in own and f"内有 1 个文件：{SCHOOL}_old.xlsx" in own
    assert "9961030201" not in own and "别处" not in own


def test_a_file_that_was_taken_for_a_city_is_that_citys_whatever_its_folder_says():
    names = {"庆阳市", SCHOOL}
    other = Lying("2024/庆阳市各校/x.xlsx", Fate.taken_in, city="baoji")
    assert _own_part(other, {"qingyang"}, names) is None
    mine = Lying("2024/x.xlsx", Fate.taken_in, city="qingyang")
    assert _own_part(mine, {"qingyang"}, names) == mine


def judged_name(home):
    schools = current_state(home).schools
    return schools.loc[schools["school_code"] == SCHOOL, "school_name"].iloc[0]
