"""When rules changed, from the ledger; what came of their findings, from the states."""

import pandas as pd
import pytest

from orchestration.gate.findings import FINDING_COLUMNS, as_frame
from orchestration.gate.history import (
    OUTCOMES,
    changed_at,
    record_rules,
    rule_digest,
    rule_outcomes,
)
from orchestration.gate.rules import Bound, Rule, load_rules
from orchestration.ground.home import REPOSITORY
from orchestration.ground.ledger import Ledger
from orchestration.ground.terms import Stage

RULES = {rule.id: rule for rule in load_rules([REPOSITORY / "expectations"], Stage.submission)}
FIRST = RULES["entrants_are_among_the_enrolled"]
SECOND = RULES["fitness_passed_are_among_the_tested"]


@pytest.fixture
def ledger(tmp_path):
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as opened:
        yield opened


def changes(ledger):
    return [event["payload"]["rules"] for event in ledger.events("rules_changed")]


def test_a_rule_has_one_digest_and_another_wording_another():
    again = Rule.model_validate(FIRST.model_dump())
    assert rule_digest(again) == rule_digest(FIRST)
    reworded = [
        {"zh": FIRST.zh + "。"},
        {"severity": "info"},
        {"kwargs": {**FIRST.kwargs, "mostly": 0.9}},
        {"bound": Bound(count=3)},
    ]
    others = {rule_digest(FIRST.model_copy(update=change)) for change in reworded}
    assert len(others - {rule_digest(FIRST)}) == len(reworded)


def test_the_order_of_keys_in_the_file_is_no_change():
    turned = dict(reversed(FIRST.kwargs.items()))
    assert rule_digest(FIRST.model_copy(update={"kwargs": turned})) == rule_digest(FIRST)


def test_only_what_is_new_changed_or_gone_is_recorded(ledger):
    record_rules(ledger, [FIRST, SECOND])
    changed = FIRST.model_copy(update={"zh": "另一句"})
    record_rules(ledger, [changed, SECOND])
    record_rules(ledger, [changed])
    record_rules(ledger, [changed, SECOND])
    assert changes(ledger) == [
        {rule.id: rule_digest(rule) for rule in sorted([FIRST, SECOND], key=lambda r: r.id)},
        {FIRST.id: rule_digest(changed)},
        {SECOND.id: None},
        {SECOND.id: rule_digest(SECOND)},
    ]
    assert {event["actor"] for event in ledger.events()} == {"annual_run"}


def test_nothing_is_recorded_where_nothing_changed(ledger):
    record_rules(ledger, [])
    record_rules(ledger, [FIRST])
    record_rules(ledger, [FIRST])
    assert len(changes(ledger)) == 1
    record_rules(ledger, [])
    record_rules(ledger, [])
    assert changes(ledger)[1:] == [{FIRST.id: None}]


def test_the_latest_change_counts(ledger):
    assert changed_at(ledger) == {}
    times = iter(["2023-09-01T00:00:00+00:00", "2024-09-01T00:00:00+00:00"])
    payloads = [{FIRST.id: "a", SECOND.id: "b"}, {FIRST.id: "c"}]
    events = [{"at": next(times), "payload": {"rules": rules}} for rules in payloads]
    ledger.events = lambda *kinds: iter(events)
    assert changed_at(ledger) == {
        FIRST.id: "2024-09-01T00:00:00+00:00",
        SECOND.id: "2023-09-01T00:00:00+00:00",
    }


# -- outcomes ----------------------------------------------------------------------------------

HIT = {"rule_id": "r", "city": "c", "year": 2024, "school_code": "01", "cell": "学生!B3"}


def outcomes(*rows):
    blank = dict.fromkeys(FINDING_COLUMNS)
    findings = as_frame(
        {**blank, **HIT, "values_typed": "5", "finding_id": str(n), "submission_id": str(n), **row}
        for n, row in enumerate(rows)
    )
    return rule_outcomes(findings)


def counted(*rows):
    (only,) = outcomes(*rows).to_dict("records")
    assert only.pop("rule_id") == "r"
    only.pop("year")
    return {name: number for name, number in only.items() if number}


@pytest.mark.parametrize("state", ["open", "asked", "explained", "returned", "refused"])
def test_a_finding_is_counted_in_its_state(state):
    assert counted({"state": state}) == {"hits": 1, state: 1}


def test_a_superseded_finding_whose_figures_fail_no_more_is_corrected():
    assert counted({"state": "superseded"}) == {"hits": 1, "corrected": 1}
    other = {"state": "open", "values_typed": "6"}
    assert counted({"state": "superseded"}, other) == {"hits": 2, "corrected": 1, "open": 1}


@pytest.mark.parametrize("elsewhere", [{"school_code": "02"}, {"city": "d"}, {"school_code": None}])
def test_another_schools_same_figures_do_not_make_it_uncorrected(elsewhere):
    found = counted({"state": "superseded"}, {"state": "open", **elsewhere})
    assert found == {"hits": 2, "corrected": 1, "open": 1}


def test_the_same_figures_in_the_newer_file_are_repeated_and_one_hit():
    found = counted({"state": "superseded"}, {"state": "superseded"}, {"state": "explained"})
    assert found == {"hits": 1, "repeated": 1, "explained": 1}


def test_the_same_figures_in_a_row_that_moved_are_repeated():
    moved = {"state": "open", "cell": "学生!B9"}
    assert counted({"state": "superseded"}, moved) == {"hits": 2, "repeated": 1, "open": 1}


def test_rules_and_years_are_counted_apart():
    found = outcomes(
        {"state": "superseded"},
        {"state": "open", "year": 2023},
        {"state": "open", "rule_id": "q"},
        {"state": "open", "year": None},
    )
    assert list(zip(found["rule_id"], found["year"], strict=True))[:3] == [
        ("q", 2024),
        ("r", 2023),
        ("r", 2024),
    ]
    assert found["hits"].tolist() == [1, 1, 1, 1]
    assert found["corrected"].tolist() == [0, 0, 1, 0]
    assert found["year"].isna().tolist() == [False, False, False, True]


def test_no_findings_have_no_outcomes():
    found = outcomes()
    assert found.empty
    assert list(found.columns) == ["rule_id", "year", "hits", *OUTCOMES]


def test_findings_of_the_bureau_are_counted_too():
    bureau = {"school_code": None, "state": "superseded"}
    assert counted(bureau, {**bureau, "state": "open"}) == {"hits": 1, "repeated": 1, "open": 1}


def test_a_hundred_thousand_findings_take_no_time():
    rows = pd.DataFrame({"school_code": [str(n) for n in range(100_000)]})
    found = rows.assign(**{k: v for k, v in HIT.items() if k != "school_code"})
    found = found.assign(values_typed="5", state="open").convert_dtypes()
    assert rule_outcomes(found)["hits"].tolist() == [100_000]
