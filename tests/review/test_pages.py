"""Pages on data: what came out of a workbook is text, and a city's findings are that city's."""

from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.decisions import Proposal, decide, propose, read_decisions
from orchestration.gate.findings import FINDING_COLUMNS, as_frame
from orchestration.intake.raw import SUBMISSIONS
from orchestration.intake.reference import write_reference
from orchestration.ledger import open_ledger

SCHOOL, OTHER = "9962100201", "9961030201"  # of Qingyang and of Baoji
SCRIPT = "<script>alert(1)</script>"
LINK = '=HYPERLINK("http://evil.example","点这里")'
MINE, THEIRS, MUST = "f" * 16, "e" * 16, "d" * 16


def finding(finding_id, city, school, kind="explain", **changes):
    return {
        **dict.fromkeys(FINDING_COLUMNS),
        **{"finding_id": finding_id, "case_id": finding_id, "values_hash": finding_id},
        **{"rule_id": "school_name_is_as_on_the_roster", "class": kind, "stage": "submission"},
        **{"city": city, "year": 2024, "school_code": school, "submission_id": f"s{finding_id}"},
        **{"file_name": f"{SCRIPT}.xlsx", "sheet": SCRIPT, "cell": f"{SCRIPT}!A3"},
        **{"values_typed": '{"major_code": "<img src=x onerror=alert(1)>"}'},
        **{"sentence_zh": f"专业 {SCRIPT} 不在目录中", "sentence_en": f"{SCRIPT} is unknown"},
        **{"explanation": LINK, "hits": 1, "rows_judged": 1, "state": "asked"},
        **changes,
    }


@pytest.fixture
def judged(home):
    """A home as a run left it: a finding of each city, whose cells are hostile."""
    write_reference(home)
    frame = as_frame(
        [
            finding(MINE, "qingyang", SCHOOL),
            finding(THEIRS, "baoji", OTHER),
            finding(MUST, "qingyang", SCHOOL, "must", explanation=None, state="open"),
        ]
    )
    frame.to_parquet(home.gate / "findings.parquet", index=False)
    filed = pd.DataFrame(
        [
            (f"s{MINE}", "qingyang", SCHOOL, 1),
            (f"s{THEIRS}", "baoji", OTHER, 2),
            (f"s{MUST}", "qingyang", SCHOOL, 3),
        ],
        columns=["submission_id", "city", "school_code", "received_seq"],
    ).assign(
        year=2024,
        filed_by="school",
        is_read=True,
        file_hash="0" * 64,
        file_name=f"{SCRIPT}.xlsx",
        received_at="2025-01-02T03:04:05+00:00",
    )
    folder = home.raw / "submissions" / "year=2024"
    folder.mkdir(parents=True)
    rows = [dict.fromkeys(SUBMISSIONS.names) | row for row in filed.to_dict("records")]
    pq.write_table(pa.Table.from_pylist(rows, schema=SUBMISSIONS), folder / "run.parquet")
    verdicts = filed[["submission_id"]].assign(verdict="waiting")
    verdicts.to_parquet(home.gate / "verdicts.parquet", index=False)
    return home


PAGES = [
    *("/2024", "/2024/cases", f"/2024/findings/{MINE}", f"/2024/schools/{SCHOOL}"),
    *(f"/2024/decide?id={MINE}", "/2024/decisions", "/rules", "/rules/major_is_in_the_catalogue"),
    *("/ledger", "/2024/deadlines"),
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
    "path",
    [
        *(f"/2024/findings/{THEIRS}", f"/2024/schools/{OTHER}", f"/submissions/s{THEIRS}/original"),
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


def decision(browser, *ids, step="confirm", seen="0", **fields):
    given = {"verb": "accept", "reason_code": "verified_with_school", "reason": "已核实"}
    return browser.submit("/2024/decide", id=list(ids), seen=seen, step=step, **given | fields)


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
