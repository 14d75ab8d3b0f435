"""A run going on while somebody decides: pages answer, and what is decided is kept whole."""

import subprocess
import sys
import threading
import time

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crafted_gate import LINK, MINE, MUST, SCHOOL, decision, finding

from orchestration.gate.decisions import Proposal, decide, propose, read_decisions
from orchestration.ground import clock
from orchestration.ground.ledger import LedgerBusy, open_ledger
from orchestration.intake.raw import SUBMISSIONS
from orchestration.web.findings import decision_pages


@pytest.fixture
def running(judged):
    """The home with its warehouse held open by another process, as a run holds it."""
    (judged.target / "compiled.json").write_text("{}", encoding="utf-8")
    places = pd.DataFrame(columns=["city", "year", "verdict"])
    places.to_parquet(judged.gate / "city_verdicts.parquet")
    write = f"import duckdb; c = duckdb.connect({str(judged.warehouse)!r}); print(); input()"
    with subprocess.Popen(
        [sys.executable, "-uc", write], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as run:
        run.stdout.readline()
        yield judged
        run.communicate(b"\n")


def test_pages_answer_while_a_run_writes_the_warehouse(running, signed_in):
    browser = signed_in("steward")
    for path in (
        *("/2024", "/2024/cases", f"/2024/findings/{MINE}", f"/2024/schools/{SCHOOL}"),
        *(f"/2024/decide?id={MINE}", "/2024/decisions", "/2024/deadlines", "/rules"),
    ):
        assert browser.get(path).status_code == 200, path


def test_a_dry_run_says_that_a_run_is_writing_and_one_can_decide_without_it(running, signed_in):
    browser = signed_in("steward")
    page = decision(browser, MINE, step="preview", reason="校名简称")
    assert page.status_code == 503
    assert "年度运行正在写入数据仓库，请稍后再试。" in page.text
    assert "A run is writing" not in page.text
    assert 'value="confirm"' in page.text and "校名简称" in page.text
    browser.post("/language", data={"language": "en"})
    page = decision(browser, MINE, step="preview")
    assert page.status_code == 503
    assert "A run is writing the warehouse; try again in a minute." in page.text
    assert "年度运行正在" not in page.text
    assert not list(open_ledger(running).events("decided"))


def test_what_is_decided_meanwhile_is_in_the_ledger_whole(running, signed_in):
    page = decision(signed_in("steward"), MINE)
    assert page.status_code == 200 and "下一次运行生效" in page.text
    with open_ledger(running) as ledger:
        (made,) = read_decisions(ledger)
        assert ledger.verify() == len(list(ledger.events()))
    assert (made.verb, made.city, made.year, made.state) == ("accept", "qingyang", 2024, "in_force")
    assert (made.reason, made.decided_by, made.asked_by) == ("已核实", "a.steward", "school")
    assert made.findings == (
        {
            **{"finding_id": MINE, "rule_id": "school_name_is_as_on_the_roster"},
            **{"school_code": SCHOOL, "submission_id": f"s{MINE}", "values_hash": MINE},
            "explanation": LINK,
        },
    )


def test_a_run_and_a_steward_append_to_one_ledger_and_nothing_is_lost(home):
    received, is_over = [], threading.Event()
    open_ledger(home).close()  # both come to a ledger that there is already

    def take_in():
        with open_ledger(home) as ledger:
            while not is_over.is_set():
                received.append(f"s{len(received)}")
                ledger.append("received", {"submission_id": received[-1]}, "annual_run")
                time.sleep(0.001)

    run = threading.Thread(target=take_in)
    run.start()
    accept, made = Proposal("accept", "verified_with_school", "已核实"), []
    try:
        with open_ledger(home) as ledger:
            for number in range(20):
                rows = [finding(f"{number:016x}", "qingyang", SCHOOL)]
                made.append(
                    decide(ledger, propose(rows, accept, "li", {}, clock.today()), 0).decision_id
                )
    finally:
        is_over.set()
        run.join()
    with open_ledger(home) as ledger:
        assert [decided.decision_id for decided in read_decisions(ledger)] == made
        told = [event["payload"]["submission_id"] for event in ledger.events("received")]
        assert told == received
        assert ledger.verify() == len(made) + len(received)


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "账本正被写入，请重试。"), ("en", "is being written; try again.")]
)
def test_a_ledger_that_others_keep_writing_is_no_error_of_the_page(
    judged, signed_in, monkeypatch, language, said
):
    def busy(*_):
        raise LedgerBusy("账本正被写入，请重试。", "The ledger is being written; try again.")

    monkeypatch.setattr(decision_pages, "decide", busy)
    browser = signed_in("steward")
    browser.post("/language", data={"language": language})
    page = decision(browser, MINE)
    assert (page.status_code, said in page.text) == (503, True)


def test_a_file_that_no_run_has_judged_yet_changes_no_finding(judged, signed_in):
    newer = dict.fromkeys(SUBMISSIONS.names) | {
        **{"submission_id": "newer", "city": "qingyang", "year": 2024, "school_code": SCHOOL},
        **{"filed_by": "school", "is_read": True, "received_seq": 9, "file_name": "更正.xlsx"},
        **{"file_hash": "1" * 64, "received_at": "2025-01-03T03:04:05+00:00"},
    }
    table = pa.Table.from_pylist([newer], schema=SUBMISSIONS)
    pq.write_table(table, judged.raw / "submissions" / "year=2024" / "later.parquet")
    browser = signed_in("steward")
    assert "更正.xlsx" in browser.get(f"/2024/schools/{SCHOOL}").text
    assert SCHOOL in browser.get("/2024?state=waiting").text
    for path in ("/2024", f"/2024/schools/{SCHOOL}", f"/2024/findings/{MUST}"):
        text = browser.get(path).text
        assert "badge accepted" not in text and "badge superseded" not in text, path
    assert decision(browser, MINE).status_code == 200
