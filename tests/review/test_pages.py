"""Pages on data: what came out of a workbook is text, and a city's findings are that city's."""

import html
import json
import re
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crafted_gate import LINK, MINE, MUST, OTHER, RETURN, SCHOOL, THEIRS, decision, finding

from orchestration.gate.decisions import Proposal, decide, propose, read_decisions
from orchestration.gate.findings import as_frame
from orchestration.gate.rules import load_rules
from orchestration.ground import clock
from orchestration.ground.ledger import open_ledger
from orchestration.intake.declared.deadlines import extend
from orchestration.intake.raw import SUBMISSIONS

PAGES = [
    *("/2024", "/2024/cases", f"/2024/findings/{MINE}", f"/2024/schools/{SCHOOL}"),
    *(f"/2024/decide?id={MINE}", "/2024/decisions", "/rules", "/rules/major_is_in_the_catalogue"),
    *("/ledger", "/2024/deadlines", f"/submissions/s{MINE}", f"/submissions/s{MUST}"),
]


@pytest.mark.parametrize("path", PAGES)
def test_what_came_out_of_a_workbook_is_text(judged, signed_in, path):
    page = signed_in("steward").get(path)
    assert page.status_code == 200
    assert (
        "<script" not in page.text and "<img" not in page.text and "<a href=http" not in page.text
    )


def test_the_hostile_text_is_shown_as_it_was_typed(judged, signed_in):
    page = signed_in("steward").get(f"/2024/findings/{MINE}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "=HYPERLINK(" in page.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ["读取回执", "2 处", "换算后读入", "去单位", "未读"]),
        ("en", ["Reading receipt", "2 places", "read after conversion", "its unit taken off"]),
    ],
)
def test_a_files_page_says_what_became_of_its_cells_folded(judged, signed_in, language, said):
    browser = signed_in("steward")
    browser.submit("/language", language=language, next="/2024")
    assert f'href="/submissions/s{MINE}"' in browser.get(f"/2024/schools/{SCHOOL}").text
    page = browser.get(f"/submissions/s{MINE}").text
    assert [words for words in said if words not in page] == []
    folded = r"<details class=.receipt.>.*?</details>"
    unfolded = re.sub(folded, "", page, flags=re.DOTALL)
    assert "12人" in page and "12人" not in unfolded
    assert '<td class="number">7</td>' in unfolded


def test_the_overview_says_how_the_bureaus_own_file_stands_and_leads_to_it(judged, signed_in):
    folder = judged.raw / "submissions" / "year=2024"
    assert overview_of_bureau(signed_in("steward").get("/2024").text) == ["未报", "未报"]
    own = dict.fromkeys(SUBMISSIONS.names) | {
        **{"submission_id": "bureau", "city": "qingyang", "year": 2024, "filed_by": "bureau"},
        **{"is_read": True, "received_seq": 9, "file_name": "市级填报.xlsx"},
        **{"received_at": "2025-01-02T03:04:05+00:00", "file_hash": "0" * 64},
    }
    pq.write_table(pa.Table.from_pylist([own], schema=SUBMISSIONS), folder / "bureau.parquet")
    verdicts = pd.read_parquet(judged.gate / "verdicts.parquet")
    verdicts.loc[len(verdicts)] = {"submission_id": "bureau", "verdict": "accepted"}
    verdicts.to_parquet(judged.gate / "verdicts.parquet", index=False)
    page = signed_in("steward", name="a.second").get("/2024").text
    assert overview_of_bureau(page) == ["未报", "已通过"]
    assert 'href="/submissions/bureau"' in page
    assert signed_in("steward", name="a.third").get("/submissions/bureau").status_code == 200
    assert "仍按较早的文件计" not in page
    newer = {"submission_id": "newer", "received_seq": 10, "is_read": False}
    pq.write_table(
        pa.Table.from_pylist([own | newer], schema=SUBMISSIONS), folder / "newer.parquet"
    )
    verdicts.loc[len(verdicts)] = {"submission_id": "newer", "verdict": "returned"}
    verdicts.to_parquet(judged.gate / "verdicts.parquet", index=False)
    page = signed_in("steward", name="a.fourth").get("/2024").text
    assert 'href="/submissions/newer"' in page and "仍按较早的文件计" in page


def overview_of_bureau(page):
    return re.findall(r"<b>([^<]*)</b><span>主管部门</span>", page)


def test_a_file_without_a_receipt_says_so(judged, signed_in):
    assert "没有读取回执" in signed_in("steward").get(f"/submissions/s{MUST}").text


@pytest.mark.parametrize(
    "path",
    [
        *(f"/2024/findings/{THEIRS}", f"/2024/schools/{OTHER}", f"/submissions/s{THEIRS}/original"),
        *(f"/submissions/s{THEIRS}", "/submissions/none"),
        *(f"/2024/decide?id={THEIRS}", "/2024/reminders/baoji.csv"),
        *(f"/2024/schools/{OTHER}/returned", f"/2024/schools/{OTHER}/difference?before=a&after=b"),
    ],
)
def test_another_citys_school_is_not_found(judged, signed_in, path):
    assert signed_in("steward", ["qingyang"]).get(path).status_code == 404


def test_lists_hold_ones_own_cities_only(judged, signed_in):
    browser = signed_in("steward", ["qingyang"])
    for path in ("/2024", "/2024/cases"):
        text = browser.get(path).text
        assert SCHOOL in text and OTHER not in text
    assert browser.get("/ledger").status_code == 403


def test_a_decision_is_an_event_with_its_user(judged, signed_in):
    page = decision(signed_in("steward"), MINE)
    assert page.status_code == 200 and "下一次运行生效" in page.text
    with open_ledger(judged) as ledger:
        (made,) = read_decisions(ledger)
    assert (made.decided_by, made.verb, made.findings[0]["explanation"]) == (
        *("a.steward", "accept", LINK),
    )


def test_what_may_not_be_decided_is_refused_with_its_reason(judged, signed_in):
    steward = signed_in("steward", ["qingyang"])
    assert "必须更正" in decision(steward, MUST).text
    assert decision(steward, THEIRS).status_code == 409, "another city's"
    assert decision(steward, "0" * 16).status_code == 409, "changed meanwhile"
    assert "请写明理由" in decision(steward, MINE, reason=" ").text
    assert decision(signed_in("viewer"), MINE).status_code == 403
    assert not list(open_ledger(judged).events("decided"))


def test_a_forged_post_changes_nothing(judged, signed_in):
    fields = {"id": MINE, "verb": "accept", "reason_code": "verified_with_school", "reason": "x"}
    page = signed_in("steward").post("/2024/decide", data={**fields, "step": "confirm"})
    assert page.status_code == 403
    assert not list(open_ledger(judged).events("decided"))


def test_who_decides_second_is_told(judged, signed_in):
    first, second = signed_in("steward", name="li"), signed_in("steward", name="zhao")
    assert decision(first, MINE).status_code == 200
    page = decision(second, MINE)
    assert page.status_code == 409
    with open_ledger(judged) as ledger:
        assert [made.decided_by for made in read_decisions(ledger)] == ["li"]


def test_who_decides_on_what_was_sent_back_meanwhile_is_told_by_whom(judged, signed_in):
    first, second = signed_in("steward", name="li"), signed_in("steward", name="zhao")
    decision(first, MINE, **RETURN)
    page = decision(second, MINE)
    assert page.status_code == 409
    assert "<p>li 刚刚对同一疑点作出了决定，请重新查看。</p>" in page.text


def test_a_dry_run_without_a_warehouse_says_so_and_writes_nothing(judged, signed_in):
    page = decision(signed_in("steward"), MINE, step="preview")
    assert page.status_code in {400, 409}
    assert not list(open_ledger(judged).events("decided"))


def test_a_proposal_waits_for_another_person(judged, signed_in):
    with open_ledger(judged) as ledger:
        asks = [finding(MINE, "qingyang", SCHOOL, explanation=None)]
        proposal = Proposal("accept", "verified_with_school", "已核实")
        made = decide(ledger, propose(asks, proposal, "a.approver", {}, date.today()), 0)
    own, other = signed_in("approver"), signed_in("approver", name="wu")
    path = f"/decisions/{made.decision_id}"
    assert own.submit(path, act="approve", text="").status_code == 403
    assert signed_in("steward").submit(path, act="approve", text="").status_code == 403
    elsewhere = signed_in("approver", ["baoji"], name="he")
    assert elsewhere.submit(path, act="approve", text="").status_code == 404
    assert other.submit(path, act="approve", text="同意").status_code == 200
    with open_ledger(judged) as ledger:
        assert read_decisions(ledger)[0].settled_by == "wu"


def test_filters_find_and_lose(judged, signed_in):
    browser = signed_in("steward")
    assert SCHOOL in browser.get("/2024/cases?class=explain").text
    assert "没有符合条件的疑点" in browser.get("/2024/cases?q=nothing-like-it").text
    assert browser.get("/2024/cases?page=99999999999999999999").status_code == 200
    assert browser.get("/1999").status_code == 404


# Which file counts


def verdicts(home, **by_finding):
    rows = [{"submission_id": f"s{name}", "verdict": said} for name, said in by_finding.items()]
    pd.DataFrame(rows).to_parquet(home.gate / "verdicts.parquet", index=False)


@pytest.mark.parametrize(
    ("older", "newer", "state"),
    [
        ("accepted", "returned", "accepted"),
        ("accepted", "waiting", "accepted"),
        ("returned", "accepted", "accepted"),
        ("waiting", "returned", "returned"),
        ("returned", "waiting", "waiting"),
    ],
)
def test_a_school_counts_as_accepted_by_any_file_of_it_that_is(
    judged, signed_in, older, newer, state
):
    verdicts(judged, **{MINE: older, MUST: newer, THEIRS: "waiting"})
    browser = signed_in("steward", ["qingyang"])
    for shown in ("missing", "returned", "waiting", "accepted"):
        listed = SCHOOL in browser.get(f"/2024?state={shown}").text
        assert listed == (shown == state), shown
    is_newer_named = "更新的文件" in browser.get(f"/2024?state={state}").text
    assert is_newer_named == (newer != state)


SECOND, UNREAD = "c" * 16, "b" * 16


@pytest.fixture
def weighed(judged):
    """A gate whose findings move figures: one a little, one much, and one file was not read."""
    findings = [
        finding(MINE, "qingyang", SCHOOL),
        finding(MUST, "qingyang", SCHOOL, "must", explanation=None, state="open"),
        finding(SECOND, "qingyang", SCHOOL),
        finding(UNREAD, "qingyang", "9962102102", "must", cell=None, state="open"),
        finding(THEIRS, "baoji", OTHER),
    ]
    as_frame(findings).to_parquet(judged.gate / "findings.parquet", index=False)
    moves = [
        (MINE, "majors", 1, -10.0, None, False, "若删去此行：专业数由 10 变为 9"),
        (MINE, "programme_offerings", 2, -2.0, None, False, "若删去此行：专业点数由 50 变为 49"),
        (SECOND, "enrolled", 1, -5.0, None, False, "由 100 变为 60；若按合计改正：95"),
        (UNREAD, "enrolled", 1, None, 0.8, True, "整份未能读取：该校约占 0.8%"),
    ]
    columns = [
        *("finding_id", "indicator_id", "place", "change_pct", "lacking_pct", "is_unread"),
        "sentence_zh",
    ]
    frame = pd.DataFrame(moves, columns=columns)
    frame = frame.assign(
        sentence_en="in English: " + frame["sentence_zh"],
        impact_pct=frame["change_pct"].abs().fillna(frame["lacking_pct"]),
    )
    frame.to_parquet(judged.gate / "finding_impact.parquet", index=False)
    return judged


def test_findings_come_by_what_they_move_and_files_that_were_not_read_first(weighed, signed_in):
    browser = signed_in("steward", ["qingyang"])
    page = browser.get("/2024/cases").text
    listed = re.findall(r'href="/2024/findings/([a-f]{16})"', page)
    assert listed == [UNREAD, MINE, SECOND, MUST], "what moves no figure comes last"
    assert "专业数由 10 变为 9" in page and "若按合计改正：95" in page
    assert "专业点数由 50 变为 49" not in page, "of one finding what moves most"
    browser.submit("/language", language="en", next="/2024")
    assert "in English: 若删去此行：专业数由 10 变为 9" in browser.get("/2024/cases").text


def test_a_findings_own_page_says_every_figure_that_it_moves(weighed, signed_in):
    browser = signed_in("steward", ["qingyang"])
    page = browser.get(f"/2024/findings/{MINE}").text
    assert page.index("专业数由 10 变为 9") < page.index("专业点数由 50 变为 49")
    assert "-10.0%" in page and "若按合计改正：95" not in page
    assert "<dt>影响</dt>" not in browser.get(f"/2024/findings/{MUST}").text


def test_a_school_is_ranked_by_its_weightiest_open_finding(weighed, signed_in):
    browser = signed_in("steward", ["qingyang"])
    own = browser.get(f"/2024/schools/{SCHOOL}").text
    assert own.index("专业数由 10 变为 9") < own.index("若按合计改正：95")
    year = browser.get("/2024").text
    assert ">10.0<" in year and "若删去此行：专业数由 10 变为 9" in year and ">5.0<" not in year
    missing = browser.get("/2024?state=missing").text
    codes = re.findall(r"<small>(99\d{8})</small>", missing)
    assert codes[0] == "9962102102" and len(codes) > 2, "the file that was not read"
    settled = finding(MINE, "qingyang", SCHOOL, state="open") | {"class": "info"}
    as_frame([settled]).to_parquet(weighed.gate / "findings.parquet", index=False)
    assert "若删去此行" not in browser.get("/2024").text, "an info asks for nothing"


# A decision that sends something back after the deadline

LATE = "截止日期已过，须先延期才能重新报送"
LINK_THERE = '<a href="/2024/deadlines">'


@pytest.fixture
def due(judged):
    def write(due_on):
        path = judged.cities / "qingyang" / "deadlines.csv"
        path.write_text(f"year,due_on\n2024,{due_on}\n", encoding="utf-8")

    return write


PAST, TODAY, FAR = "2025-01-31", clock.today().isoformat(), "2099-12-31"


def test_who_sends_back_after_the_deadline_reads_where_to_extend_it(due, signed_in):
    due(PAST)
    page = decision(signed_in("steward"), MINE, **RETURN)
    assert page.status_code == 200 and "下一次运行生效" in page.text
    assert page.text.count(LATE) == 1 and f"{LINK_THERE}登记延期</a>" in page.text


def test_the_page_that_asks_for_confirmation_says_it_too_and_in_english(due, signed_in):
    due(PAST)
    browser = signed_in("steward")
    page = decision(browser, MINE, step="preview", **RETURN)
    assert LATE in page.text and LINK_THERE in page.text
    browser.post("/language", data={"language": "en"})
    page = decision(browser, MINE, step="preview", **RETURN)
    assert "nothing can be handed in again without an extension." in page.text
    assert f"{LINK_THERE}Extend the deadline</a>" in page.text


@pytest.mark.parametrize("due_on", [TODAY, FAR, None])
def test_before_the_deadline_or_without_one_nothing_is_said_of_it(due, signed_in, due_on):
    if due_on:
        due(due_on)
    browser = signed_in("steward")
    for step in ("preview", "confirm"):
        page = decision(browser, MINE, step=step, **RETURN)
        assert "截止日期已过" not in page.text and LINK_THERE not in page.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_a_person_typed_with_a_full_stop_in_it_stays_in_its_own_sentence(
    judged, due, signed_in, language
):
    due(PAST)
    browser = signed_in("steward")
    browser.post("/language", data={"language": language})
    fields = {"city": "qingyang", "school": "甲。乙", "until": FAR, "reason": "学校搬迁"}
    page = browser.submit("/2024/deadlines/extend", **fields)
    assert page.status_code == 400
    said = {
        "zh": "<p>qingyang 2024 年的名册中没有学校 甲。乙。</p>",
        "en": "<p>School 甲。乙 is not on the roster of qingyang for 2024.</p>",
    }
    assert [one for one in said if said[one] in page.text] == [language]


def test_an_extension_or_an_acceptance_needs_no_such_sentence(judged, due, signed_in):
    due(PAST)
    with open_ledger(judged) as ledger:
        extend(ledger, judged, "qingyang", 2024, SCHOOL, FAR, "学校搬迁", "王科长")
    assert LATE not in decision(signed_in("steward"), MINE, step="preview", **RETURN).text
    with open_ledger(judged) as ledger:
        extend(ledger, judged, "qingyang", 2024, SCHOOL, PAST, "收回", "王科长")
    browser = signed_in("steward", name="wang")
    assert LATE in decision(browser, MINE, step="preview", **RETURN).text
    assert LATE not in decision(browser, MINE).text


def test_of_several_schools_past_their_deadline_one_is_named_and_all_are_counted(
    judged, due, signed_in
):
    due(PAST)
    path, also = judged.gate / "findings.parquet", finding("c" * 16, "qingyang", "9962102102")
    rows = [*pd.read_parquet(path).to_dict("records"), also]
    as_frame(rows).to_parquet(path, index=False)
    page = decision(signed_in("steward"), MINE, "c" * 16, **RETURN)
    assert f"等 2 所学校的{LATE}" in page.text


# Navigation

CURRENT = re.compile(r'<a href="[^"]*" aria-current="page">([^<]+)</a>')


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/", "总览"),
        ("/2024", "总览"),
        (f"/2024/schools/{SCHOOL}", "总览"),
        ("/latest/cases", "疑点"),
        ("/2023/cases", "疑点"),
        (f"/2024/findings/{MINE}", "疑点"),
        (f"/2024/decide?id={MINE}", "疑点"),
        ("/latest/decisions", "决定"),
        ("/2024/decisions", "决定"),
        ("/latest/deadlines", "期限"),
        ("/rules", "规则"),
        ("/rules/major_is_in_the_catalogue", "规则"),
        ("/ledger", "账本"),
    ],
)
def test_the_navigation_marks_the_page_that_is_open_and_no_other(judged, signed_in, path, entry):
    (judged.inbox / "2024").mkdir()
    page = signed_in("steward").get(path)
    assert page.status_code == 200
    nav = page.text[page.text.index("<nav") : page.text.index("</nav>")]
    assert CURRENT.findall(nav) == [entry]


@pytest.mark.parametrize("path", ["/password", "/2024/nowhere", "/nowhere", "/2024x"])
def test_a_page_that_no_entry_leads_to_marks_none(judged, signed_in, path):
    assert "aria-current" not in signed_in("steward").get(path).text


def test_every_rules_page_says_its_class_its_sentence_and_what_is_checked(judged, signed_in):
    browser = signed_in("steward")
    classes = {"must": "逻辑校验", "explain": "经验校验", "info": "提示"}
    for rule in load_rules(judged.expectations):
        page = html.unescape(browser.get(f"/rules/{rule.id}").text)
        assert rule.type in page and rule.zh in page and rule.fix.zh in page, rule.id
        assert classes[rule.rule_class] in page, rule.id
        checked = page[page.index("<pre>") + len("<pre>") : page.index("</pre>")]
        assert json.loads(checked) == rule.kwargs, rule.id


def test_the_years_page_leads_to_the_rules(judged, signed_in):
    page = signed_in("steward").get("/2024").text
    assert 'href="/rules"' in page[page.index("<main") :]


def test_the_first_page_is_of_a_year_that_there_is(judged, signed_in):
    for year in ("2024", "2025"):
        (judged.inbox / year).mkdir(parents=True, exist_ok=True)
    answer = signed_in("steward").get("/")
    assert (answer.status_code, answer.url.path) == (200, "/2024")


def test_a_decision_on_a_replaced_file_is_shown_as_resting_and_not_as_in_force(judged, signed_in):
    browser = signed_in("steward")
    assert decision(browser, MINE).status_code == 200
    findings = pd.read_parquet(judged.gate / "findings.parquet")
    assert "已被新文件替代" not in browser.get("/2024/decisions").text
    findings.loc[findings["finding_id"] == MINE, "state"] = "superseded"
    findings.to_parquet(judged.gate / "findings.parquet", index=False)
    submissions = judged.raw / "submissions" / "year=2024"
    (file,) = submissions.glob("*.parquet")
    rows = pq.read_table(file).to_pylist()
    (mine,) = [row for row in rows if row["submission_id"] == f"s{MINE}"]
    newer = mine | {"submission_id": "newer", "received_seq": 99}
    pq.write_table(pa.Table.from_pylist([newer], schema=SUBMISSIONS), submissions / "n.parquet")
    verdicts = pd.read_parquet(judged.gate / "verdicts.parquet")
    verdicts.loc[len(verdicts)] = {"submission_id": "newer", "verdict": "accepted"}
    verdicts.to_parquet(judged.gate / "verdicts.parquet", index=False)
    page = browser.get("/2024/decisions").text
    assert "所针对的文件已被新文件替代，不再计入" in page and "数值已变" not in page
