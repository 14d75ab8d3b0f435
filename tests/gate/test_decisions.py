"""Decisions: who may decide what, what binds them, and what they do to findings."""

import threading
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.gate.decisions import (
    DecidedMeanwhile,
    DecisionRefused,
    Proposal,
    decide,
    newest_seq,
    propose,
    read_decisions,
    reasons,
    settle,
    touching,
    withdraw,
    years_of,
)
from orchestration.gate.findings import FINDING_COLUMNS, as_frame
from orchestration.gate.rules import Bound
from orchestration.gate.verdicts import states_after, states_and_verdicts
from orchestration.ground import clock
from orchestration.ground.ledger import Ledger

TODAY = date(2025, 3, 1)
ACCEPT = Proposal("accept", "verified_with_school", "已电话核实")


def finding(**changes):
    return {
        **dict.fromkeys(FINDING_COLUMNS),
        **{"finding_id": "f1", "rule_id": "r", "class": "explain", "stage": "submission"},
        **{"city": "qingyang", "year": 2024, "school_code": "9962100201"},
        **{"submission_id": "s1", "values_hash": "v1", "hits": 1, "rows_judged": 1},
        **{"explanation": "属实", "state": "asked"},
        **changes,
    }


@pytest.fixture
def ledger(tmp_path):
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        yield opened


def made(ledger, *findings, proposal=ACCEPT, actor="li", bounds=None, seen=0):
    decision = propose(findings or [finding()], proposal, actor, bounds or {}, TODAY)
    return decide(ledger, decision, seen)


def state(decisions, today=TODAY, **changes):
    return states_after(as_frame([finding(**changes)]), decisions, today)["state"].iloc[0]


def test_an_explanation_that_a_steward_accepts_settles_the_finding(ledger):
    decision = made(ledger)
    assert (decision.asked_by, decision.decided_by, decision.state) == ("school", "li", "in_force")
    after = states_after(as_frame([finding()]), read_decisions(ledger), TODAY).iloc[0]
    assert (after["state"], after["decision_id"], after["answer"]) == (
        *("explained", decision.decision_id, "已电话核实"),
    )


def test_it_holds_for_a_new_file_with_the_same_values_and_for_no_other(ledger):
    made(ledger)
    decisions = read_decisions(ledger)
    assert state(decisions, submission_id="s2", finding_id="f2") == "explained"
    assert state(decisions, values_hash="v2") == "asked"
    assert state(decisions, values_hash="v2", explanation=None) == "open"


def test_a_must_is_never_decided_away(ledger):
    with pytest.raises(DecisionRefused, match="必须更正"):
        made(ledger, finding(**{"class": "must"}))
    made(ledger)
    # A rule that became a must since then opens what was accepted.
    assert state(read_decisions(ledger), **{"class": "must"}) == "open"


@pytest.mark.parametrize(
    ("proposal", "said"),
    [
        (replace(ACCEPT, verb="delete"), "没有这种决定"),
        (replace(ACCEPT, reason_code="figure_needs_correction"), "请选择理由"),
        (replace(ACCEPT, reason="  "), "请写明理由"),
        (replace(ACCEPT, bound={"count": -1}), "上限"),
        (replace(ACCEPT, bound={"per_cent": 101}), "上限"),
        (replace(ACCEPT, bound={"share": 1}), "上限"),
        (replace(ACCEPT, bound={"count": 1.5}), "上限"),
        (replace(ACCEPT, bound={"count": float("inf")}), "上限"),
        (replace(ACCEPT, bound={"per_cent": float("nan")}), "上限"),
        (replace(ACCEPT, expires_on="明天"), "2025-06-30"),
        (replace(ACCEPT, expires_on="2025-02-28"), "已经过去"),
    ],
)
def test_a_decision_that_is_not_whole_is_refused_with_its_reason(ledger, proposal, said):
    with pytest.raises(DecisionRefused, match=said):
        made(ledger, proposal=proposal)
    assert not list(ledger.events())


def test_findings_of_two_cities_or_none_are_refused(ledger):
    with pytest.raises(DecisionRefused, match="一个城市"):
        made(ledger, finding(), finding(city="baoji"))
    with pytest.raises(DecisionRefused, match="已不存在"):
        propose([], ACCEPT, "li", {}, TODAY)


def test_what_no_school_explained_is_asked_by_the_steward_and_approved_by_another(ledger):
    decision = made(ledger, finding(explanation=None))
    assert (decision.state, decision.asked_by) == ("proposed", "li")
    assert state(read_decisions(ledger), explanation=None) == "open"
    for same in ("li", " li", "Li", "l\u200bi", "li（审批）", "Li 科长"):
        with pytest.raises(DecisionRefused, match="同一人"):
            settle(
                ledger, decision.decision_id, approve=True, text="", actor=same, is_approver=True
            )
    with pytest.raises(DecisionRefused, match="审批人"):
        settle(ledger, decision.decision_id, approve=True, text="", actor="wu", is_approver=False)
    settled = settle(
        ledger, decision.decision_id, approve=True, text="同意", actor="wu", is_approver=True
    )
    assert (settled.state, settled.settled_by) == ("in_force", "wu")
    assert state(read_decisions(ledger), explanation=None) == "explained"
    with pytest.raises(DecidedMeanwhile):
        settle(ledger, decision.decision_id, approve=False, text="x", actor="wu", is_approver=True)


def test_what_a_later_decision_overtook_cannot_be_approved_while_that_is_in_force(ledger):
    unexplained = finding(explanation=None)
    accepted = made(ledger, unexplained)
    other = made(ledger, finding(explanation=None, values_hash="v2"))
    sent_back = made(
        ledger,
        unexplained,
        proposal=Proposal("return", "figure_needs_correction", "请核对"),
        actor="zhao",
        seen=newest_seq(read_decisions(ledger)),
    )
    by = {"text": "同意", "actor": "wu", "is_approver": True}
    when = clock.shown(sent_back.decided_at)
    with pytest.raises(DecidedMeanwhile, match=f"zhao 已于北京时间 {when} .*退回.*不能再批准"):
        settle(ledger, accepted.decision_id, approve=True, **by)
    assert not list(ledger.events("approved"))
    assert settle(ledger, other.decision_id, approve=True, **by).state == "in_force"
    withdraw(ledger, sent_back.decision_id, text="点错了", actor="zhao")
    assert state(read_decisions(ledger), explanation=None) == "open", "nothing comes alive"
    assert settle(ledger, accepted.decision_id, approve=True, **by).state == "in_force"


def test_what_a_later_decision_overtook_can_be_declined(ledger):
    unexplained = finding(explanation=None)
    accepted = made(ledger, unexplained)
    back = Proposal("return", "figure_needs_correction", "请核对")
    seen = newest_seq(read_decisions(ledger))
    made(ledger, unexplained, proposal=back, actor="zhao", seen=seen)
    by = {"text": "已退回", "actor": "wu", "is_approver": True}
    assert settle(ledger, accepted.decision_id, approve=False, **by).state == "declined"


def test_beyond_the_rules_bound_a_second_person_approves(ledger):
    within = made(ledger, finding(hits=2), bounds={"r": Bound(count=2)})
    assert within.state == "in_force"
    beyond = made(ledger, finding(hits=3, values_hash="v9"), bounds={"r": Bound(count=2)})
    assert beyond.state == "proposed"
    share = made(
        ledger,
        finding(hits=2, rows_judged=10, values_hash="v8"),
        bounds={"r": Bound(per_cent=19.9)},
    )
    assert share.state == "proposed"


def test_one_finding_beyond_its_bound_is_enough_for_a_second_person(ledger):
    both = made(
        ledger,
        finding(hits=1),
        finding(hits=3, rule_id="s", finding_id="f2", values_hash="v2"),
        bounds={"r": Bound(count=2), "s": Bound(count=2)},
    )
    assert both.state == "proposed"


def test_a_declined_proposal_changes_nothing_and_needs_a_reason(ledger):
    decision = made(ledger, finding(explanation=None))
    with pytest.raises(DecisionRefused, match="理由"):
        settle(ledger, decision.decision_id, approve=False, text="", actor="wu", is_approver=True)
    settle(ledger, decision.decision_id, approve=False, text="再核", actor="wu", is_approver=True)
    assert state(read_decisions(ledger), explanation=None) == "open"


def test_an_acceptance_is_void_beyond_its_own_bound(ledger):
    made(ledger, proposal=replace(ACCEPT, bound={"count": 1}))
    assert state(read_decisions(ledger), hits=1) == "explained"
    assert state(read_decisions(ledger), hits=2) == "asked"
    made(ledger, finding(values_hash="v2"), proposal=replace(ACCEPT, bound={"per_cent": 10}))
    assert state(read_decisions(ledger), values_hash="v2", hits=1, rows_judged=10) == "explained"
    assert state(read_decisions(ledger), values_hash="v2", hits=2, rows_judged=10) == "asked"


def test_an_acceptance_ends_with_its_last_day(ledger):
    made(ledger, proposal=replace(ACCEPT, expires_on="2025-03-31"))
    decisions = read_decisions(ledger)
    assert state(decisions, today=date(2025, 3, 31)) == "explained"
    assert state(decisions, today=date(2025, 4, 1)) == "asked"


def test_a_refused_explanation_stays_refused_until_the_school_says_something_else(ledger):
    made(ledger, proposal=Proposal("refuse", "explanation_insufficient", "请附文件"))
    decisions = read_decisions(ledger)
    assert state(decisions) == "refused"
    assert state(decisions, submission_id="s2") == "refused"
    assert state(decisions, explanation="见附件") == "asked"


def test_what_no_school_explained_can_be_returned_but_not_refused(ledger):
    with pytest.raises(DecisionRefused, match="可以退回"):
        made(
            ledger,
            finding(explanation=None),
            proposal=Proposal("refuse", "explanation_insufficient", "无"),
        )
    made(
        ledger,
        finding(explanation=None),
        proposal=Proposal("return", "figure_needs_correction", "请核对"),
    )
    assert state(read_decisions(ledger), explanation=None) == "returned"


def test_a_return_sends_the_submission_back(ledger):
    made(ledger, proposal=Proposal("return", "figure_needs_correction", "请核对"))
    submissions = pd.DataFrame(
        [("s1", "qingyang", 2024, "school", "9962100201", 1, True)],
        columns=[
            *("submission_id", "city", "year", "filed_by", "school_code"),
            *("received_seq", "is_read"),
        ],
    )
    findings = as_frame([finding()])
    _, before = states_and_verdicts(findings, submissions, [], TODAY)
    _, after = states_and_verdicts(findings, submissions, read_decisions(ledger), TODAY)
    assert (before["verdict"].iloc[0], after["verdict"].iloc[0]) == ("waiting", "returned")


def test_the_newest_decision_counts_and_a_withdrawn_one_does_not(ledger):
    made(ledger)
    seen = newest_seq(read_decisions(ledger))
    second = made(
        ledger, proposal=Proposal("return", "figure_needs_correction", "请核对"), seen=seen
    )
    assert state(read_decisions(ledger)) == "returned"
    with pytest.raises(DecisionRefused, match="理由"):
        withdraw(ledger, second.decision_id, text="", actor="li")
    withdraw(ledger, second.decision_id, text="点错了", actor="li")
    assert state(read_decisions(ledger)) == "explained"
    with pytest.raises(DecidedMeanwhile):
        withdraw(ledger, second.decision_id, text="再来", actor="li")


def test_who_has_not_seen_another_decision_is_told(ledger):
    made(ledger)
    with pytest.raises(DecidedMeanwhile, match="li"):
        made(ledger, actor="zhao", seen=0)
    assert len(list(ledger.events("decided"))) == 1


def test_of_two_stewards_who_decide_at_once_one_wins_and_the_other_is_told(tmp_path):
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    Ledger(url).close()
    start, outcomes = threading.Barrier(4), []

    def one(name):
        with Ledger(url) as ledger:
            start.wait()
            try:
                outcomes.append(made(ledger, actor=name).decided_by)
            except DecidedMeanwhile:
                outcomes.append("told")

    threads = [threading.Thread(target=one, args=(f"steward{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("told") == 3
    with Ledger(url) as ledger:
        assert len(read_decisions(ledger)) == 1
        ledger.verify()


# -- who asks, who approves, how long it holds -----------------------------------------------------

FINDINGS = st.lists(
    st.fixed_dictionaries(
        {
            "rule_id": st.sampled_from(["bounded_by_count", "bounded_by_share", "unbounded"]),
            "explanation": st.sampled_from(["属实", None, ""]),
            "hits": st.integers(1, 4),
            "rows_judged": st.sampled_from([None, 4, 10]),
        }
    ),
    min_size=1,
    max_size=4,
)
BOUNDS = {
    **{"bounded_by_count": Bound(count=2), "bounded_by_share": Bound(per_cent=20)},
    **{"unbounded": None},
}
REASON = {
    **{"accept": "verified_with_school", "return": "figure_needs_correction"},
    **{"refuse": "explanation_insufficient"},
}


def is_beyond(row):
    if row["rule_id"] == "bounded_by_count":
        return row["hits"] > 2
    is_of_share = row["rule_id"] == "bounded_by_share" and row["rows_judged"] is not None
    return is_of_share and row["hits"] / row["rows_judged"] > 0.2


@settings(deadline=None)
@given(FINDINGS, st.sampled_from(["accept", "return", "refuse"]))
def test_schools_ask_if_all_explained_and_one_alone_accepts_if_all_is_within_bounds(rows, verb):
    chosen = [finding(values_hash=str(n), **row) for n, row in enumerate(rows)]
    proposal = Proposal(verb, REASON[verb], "已核实")
    all_explained = all(row["explanation"] for row in rows)
    if verb == "refuse" and not all_explained:
        with pytest.raises(DecisionRefused, match="无可拒绝"):
            propose(chosen, proposal, "li", BOUNDS, TODAY)
        return
    decision = propose(chosen, proposal, "li", BOUNDS, TODAY)
    assert decision.asked_by == ("school" if all_explained else "li")
    needs_another = not all_explained or any(is_beyond(row) for row in rows)
    assert decision.state == ("proposed" if verb == "accept" and needs_another else "in_force")


@settings(deadline=None)
@given(
    st.sampled_from([{}, {"count": 2}, {"per_cent": 25}, {"count": 2, "per_cent": 25}]),
    st.sampled_from([None, "2025-03-01", "2025-03-31"]),
    st.dates(TODAY, date(2025, 4, 2)),
    st.integers(1, 4),
    st.sampled_from([None, 4, 10]),
    st.sampled_from([{}, {"values_hash": "v2"}, {"class": "must"}, {"class": "info"}]),
    st.sampled_from([{}, {"submission_id": "s2"}, {"finding_id": "f2"}, {"explanation": "另一句"}]),
)
def test_an_acceptance_holds_within_its_bound_to_its_last_day_for_these_values_of_an_explain(
    bound, expires_on, day, hits, rows, voids, leaves
):
    accept = replace(ACCEPT, bound=bound, expires_on=expires_on)
    accepted = propose([finding()], accept, "li", {}, TODAY)
    is_within = hits <= bound.get("count", hits) and (
        "per_cent" not in bound or rows is None or hits / rows <= 0.25
    )
    is_on_time = expires_on is None or day.isoformat() <= expires_on
    holds = is_within and is_on_time and not voids
    changes = {"hits": hits, "rows_judged": rows, **voids, **leaves}
    assert (state([accepted], today=day, **changes) == "explained") == holds


@settings(deadline=None)
@given(
    st.sampled_from(["proposed", "in_force", "declined", "withdrawn"]),
    st.booleans(),
    st.sampled_from(["li", "wu"]),
    st.booleans(),
    st.sampled_from(["", "再核"]),
)
def test_only_another_person_who_may_approve_settles_what_is_proposed(
    state_of_it, approve, actor, is_approver, text
):
    with Ledger("sqlite://") as ledger:
        is_proposed = state_of_it == "proposed"
        decision = made(ledger, finding(explanation=None if is_proposed else "属实"))
        if state_of_it == "withdrawn":
            withdraw(ledger, decision.decision_id, text="点错了", actor="li")
        if state_of_it == "declined":
            other = made(ledger, finding(explanation=None, values_hash="v2"))
            said = {"text": "再核", "actor": "zhao", "is_approver": True}
            decision = settle(ledger, other.decision_id, approve=False, **said)
        may = is_proposed and is_approver and actor != "li" and (approve or text)
        before = len(list(ledger.events()))
        how = {"approve": approve, "text": text, "actor": actor, "is_approver": is_approver}
        if may:
            settled = settle(ledger, decision.decision_id, **how)
            assert settled.state == ("in_force" if approve else "declined")
            assert (settled.decided_by, settled.settled_by) == ("li", "wu")
        else:
            with pytest.raises(DecisionRefused):
                settle(ledger, decision.decision_id, **how)
            assert len(list(ledger.events())) == before


def test_who_proposed_may_not_approve_though_the_school_asked(ledger):
    decision = made(ledger, finding(hits=3), bounds={"r": Bound(count=2)})
    assert (decision.asked_by, decision.decided_by) == ("school", "li")
    with pytest.raises(DecisionRefused, match="同一人"):
        settle(ledger, decision.decision_id, approve=True, text="", actor="li", is_approver=True)


def test_one_must_among_the_findings_or_another_year_refuses_them_all():
    with pytest.raises(DecisionRefused, match="必须更正"):
        propose([finding(), finding(**{"class": "must"})], ACCEPT, "li", {}, TODAY)
    with pytest.raises(DecisionRefused, match="一个年度"):
        propose([finding(), finding(year=2023)], ACCEPT, "li", {}, TODAY)


def test_a_decision_on_one_of_several_findings_is_seen_by_who_decides_on_it_alone(ledger):
    made(ledger, finding(), finding(values_hash="v2"))
    with pytest.raises(DecidedMeanwhile):
        made(ledger, finding(values_hash="v2"), actor="zhao", seen=0)


def test_spaces_are_no_reason_and_none_are_kept_around_one(ledger):
    decision = made(ledger, finding(explanation=None), proposal=replace(ACCEPT, reason=" 已核实 "))
    assert decision.reason == "已核实"
    with pytest.raises(DecisionRefused, match="驳回须写明理由"):
        settle(ledger, decision.decision_id, approve=False, text=" ", actor="wu", is_approver=True)
    with pytest.raises(DecisionRefused, match="撤回须写明理由"):
        withdraw(ledger, decision.decision_id, text=" ", actor="li")


def test_a_proposal_that_nobody_has_approved_can_be_withdrawn(ledger):
    decision = made(ledger, finding(explanation=None))
    assert withdraw(ledger, decision.decision_id, text="点错了", actor="li").state == "withdrawn"


def test_a_decision_comes_out_of_the_ledger_as_it_was_proposed(ledger):
    proposal = replace(ACCEPT, bound={"count": 1, "per_cent": 12.5}, expires_on="2025-06-30")
    proposed = propose([finding(), finding(values_hash="v2")], proposal, "li", {}, TODAY)
    kept = decide(ledger, proposed, 0)
    assert kept == replace(proposed, seq=1, decided_at=kept.decided_at)
    assert read_decisions(ledger) == [kept]


def test_a_bound_with_decimals_of_an_earlier_time_still_binds(ledger):
    made(ledger, proposal=replace(ACCEPT, bound={"count": 1}))
    (event,) = ledger.events("decided")
    payload = event["payload"] | {"decision_id": "older", "bound": {"count": 2.5}}
    ledger.append("decided", payload, "li")
    assert state(read_decisions(ledger), hits=2) == "explained"
    assert state(read_decisions(ledger), hits=3) == "asked"


def test_who_decided_on_other_findings_is_no_bar(ledger):
    made(ledger)
    assert made(ledger, finding(values_hash="v2"), seen=0).state == "in_force"


def test_what_a_page_has_seen_is_the_newest_event_on_its_findings(ledger):
    first, other = made(ledger), made(ledger, finding(values_hash="v2"))
    withdrawn = withdraw(ledger, first.decision_id, text="点错了", actor="li")
    decisions = read_decisions(ledger)
    assert newest_seq(touching(decisions, {"v1"})) == withdrawn.seq == 3
    assert newest_seq(touching(decisions, {"v2"})) == other.seq == 2
    assert newest_seq(touching(decisions, {"v1", "v2"})) == 3
    assert newest_seq(touching(decisions, {"v3"})) == 0


def test_an_approval_is_of_its_decisions_year(ledger):
    decision = made(ledger, finding(explanation=None, year=2023))
    settle(ledger, decision.decision_id, approve=True, text="", actor="wu", is_approver=True)
    made(ledger, finding(values_hash="v2"))
    events = list(ledger.events())
    assert years_of(ledger, events) == {2023, 2024}
    assert years_of(ledger, events[1:2]) == {2023}


def test_every_verb_has_reasons_in_both_languages():
    assert {row["verb"] for row in reasons().values()} == {"accept", "return", "refuse"}
    assert all(row["name_zh"] and row["name_en"] for row in reasons().values())
