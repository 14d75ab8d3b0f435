import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from orchestration.ground import ledger as module
from orchestration.ground.ledger import Ledger, LedgerBroken, LedgerBusy, is_same_person


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'ledger.sqlite'}"


def test_events_come_back_in_order_with_what_was_said(url):
    ledger = Ledger(url)
    ledger.append("received", {"文件": "甲.xlsx"}, actor="intake")
    ledger.append_many([("published", {"edition": n}, "annual_run") for n in (1, 2)])
    assert [event["kind"] for event in ledger.events()] == ["received", "published", "published"]
    assert next(ledger.events("received"))["payload"] == {"文件": "甲.xlsx"}
    assert ledger.verify() == 3


@pytest.mark.parametrize(
    "harm",
    [
        "update events set payload = '{}' where seq = 2",
        "update events set actor = 'nobody' where seq = 2",
        "update events set at = '2000-01-01T00:00:00+00:00' where seq = 2",
        "delete from events where seq = 2",
    ],
)
def test_a_changed_or_missing_event_is_named(url, harm):
    ledger = Ledger(url)
    ledger.append_many([("received", {"n": n}, "intake") for n in range(4)])
    with create_engine(url).begin() as connection:
        connection.execute(text(harm))
    with pytest.raises(LedgerBroken, match="Event 2"):
        ledger.verify()


def test_writers_at_the_same_time_make_one_chain(url):
    Ledger(url).close()

    def write(name):
        ledger = Ledger(url)
        for n in range(5):
            ledger.append("received", {"n": n}, actor=name)
        ledger.close()

    threads = [threading.Thread(target=write, args=(f"writer {n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Ledger(url).verify() == 15


WRITER = """
import sys
from orchestration.ground.ledger import Ledger
ledger = Ledger(sys.argv[1])
print("ready", flush=True)
input()
for number in range(10):
    ledger.append("received", {"number": number}, actor=sys.argv[2])
"""


def test_processes_that_append_at_the_same_time_all_get_in(url):
    Ledger(url).close()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, f"writer {number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    ledger = Ledger(url)
    assert ledger.verify() == 20
    told = [(event["actor"], event["payload"]["number"]) for event in ledger.events()]
    assert sorted(told) == [(f"writer {w}", n) for w in range(2) for n in range(10)]


def others_get_in_first(url, times):
    """Return a check during which another writer appends, as often as `times` says."""
    left = iter(range(times))

    def check():
        if next(left, None) is not None:
            Ledger(url).append("received", {}, actor="another")

    return check


def test_who_collides_with_another_writer_comes_again_and_gets_in_after_it(url, monkeypatch):
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0)
    ledger = Ledger(url)
    ledger.append("received", {}, actor="me", check=others_get_in_first(url, 5))
    assert [event["actor"] for event in ledger.events()] == ["another"] * 5 + ["me"]
    assert ledger.verify() == 6


def test_where_others_get_in_first_every_time_the_ledger_is_busy_and_nothing_is_written(
    url, monkeypatch
):
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0)
    ledger = Ledger(url)
    with pytest.raises(LedgerBusy) as busy:
        ledger.append("received", {}, actor="me", check=others_get_in_first(url, 1000))
    assert busy.value.text.zh == "账本正被写入，请重试。"
    assert busy.value.text.en == "The ledger is being written; try again."
    assert {event["actor"] for event in ledger.events()} == {"another"}


def test_a_ledger_that_another_process_holds_locked_is_busy_and_no_error(url, monkeypatch):
    monkeypatch.setattr(module, "_SQLITE_WAITS_SECONDS", 0.1)
    ledger = Ledger(url)
    with create_engine(url).connect() as other:
        other.exec_driver_sql("begin exclusive")
        with pytest.raises(LedgerBusy):
            ledger.append("received", {}, actor="me")
        other.rollback()
    ledger.append("received", {}, actor="me")
    assert ledger.verify() == 1


@given(st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(), max_size=3)))
def test_any_payload_keeps_the_chain_whole(payloads):
    ledger = Ledger("sqlite://")
    ledger.append_many([("received", payload, "intake") for payload in payloads])
    assert ledger.verify() == len(payloads)
    assert [event["payload"] for event in ledger.events()] == payloads


def test_two_that_open_a_ledger_which_is_not_there_yet_both_find_it(tmp_path):
    for number in range(20):
        url = f"sqlite:///{tmp_path / str(number)}"
        opened = []

        def open_one(url=url, opened=opened):
            opened.append(Ledger(url))

        several = [threading.Thread(target=open_one) for _ in range(4)]
        for one in several:
            one.start()
        for one in several:
            one.join()
        assert len(opened) == 4


def test_a_ledger_as_of_an_event_shows_nothing_later_and_is_appended_to_at_its_end(url):
    ledger = Ledger(url)
    for number in range(3):
        ledger.append("received", {"number": number}, "intake")
    then = ledger.as_of(2)
    assert [event["seq"] for event in then.events()] == [1, 2]
    assert then.position()["seq"] == 2
    then.append("received", {"number": 3}, "intake")
    assert ledger.verify() == 4
    assert ledger.position()["seq"] == 4


def test_a_copied_ledger_is_the_same_chain_up_to_an_event(url, tmp_path):
    ledger = Ledger(url)
    assert ledger.position() == {"seq": 0, "hash": "0" * 64}
    for number in range(3):
        ledger.append("received", {"number": number}, "intake")
    ledger.copy_to(f"sqlite:///{tmp_path / 'copy.sqlite'}", until=2)
    copy = Ledger(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    assert copy.verify() == 2
    assert copy.position() == ledger.as_of(2).position()


@pytest.mark.parametrize(
    "typed",
    [
        *("王复核", " 王 复核", "王复核（审批）", "王复核(审批", "王复核【处】", "王复核科长"),
        *(
            "王复核副主任",
            "王复核 老师",
            "王复核主任科员",
            "王复核（审批）处长",
            "王复核副处长（代）",
        ),
    ],
)
def test_a_person_is_the_same_with_a_title_or_a_remark_behind_the_name(typed):
    assert is_same_person("王复核", typed) and is_same_person(typed, "王复核")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("王复核", "王复合"), ("王复核", "李复核"), ("wang.wei", "wangwei")),
        *(("（审批）", "（复核）"), ("主任", "老师"), ("李批准", "李"), ("王长", "王")),
    ],
)
def test_two_names_are_two_persons(one, other):
    assert not is_same_person(one, other)
