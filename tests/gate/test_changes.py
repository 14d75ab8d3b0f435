"""A school beside its own year before: what is compared with is what stands of that year."""

from datetime import date

import pandas as pd
import pytest

from orchestration.gate.findings import as_frame
from orchestration.gate.rules import load_rules
from orchestration.gate.run import Filed, SubmissionGate
from orchestration.ground.home import REPOSITORY
from orchestration.ground.terms import Stage

RULE = "entrants_change_little_in_a_year"
PLACE = {"city": "c", "school_code": "01"}
FILES = [("before_good", 2023), ("before_slip", 2023), ("now", 2024), ("year_after", 2025)]
# How many entrants each file says.
ENTRANTS = {"before_good": 300, "before_slip": 30, "now": 310, "year_after": 320}
NOTHING_EXPLAINED = pd.DataFrame(
    columns=["submission_id", "rule_id", "place", "explanation"], dtype="string"
)


@pytest.fixture(scope="module")
def gate():
    rules = load_rules([REPOSITORY / "expectations"], Stage.submission)
    return SubmissionGate(rules, [], date(2025, 3, 1))


def filed():
    rows = [
        {**PLACE, "submission_id": name, "year": year, "filed_by": "school", "is_read": True}
        | {"received_seq": number, "file_name": f"{name}.xlsx", "received_at": "2025-01-01"}
        for number, (name, year) in enumerate(FILES)
    ]
    return Filed(pd.DataFrame(rows), NOTHING_EXPLAINED)


def changes(gate):
    """Return the rows of `int_submission_changes_compared`: each file beside each of last year."""
    years = dict(FILES)
    columns = {column for rule in gate.on_changes for column in rule.columns}
    blank = dict.fromkeys(columns)
    rows = [
        {**PLACE, **blank, "submission_id": name, "year": years[name]}
        | {"previous__submission_id": before, "file_name": f"{name}.xlsx"}
        | {"students__entrants": ENTRANTS[name]}
        | {"previous__students__entrants": ENTRANTS[before]}
        for name in years
        for before in years
        if years[before] == years[name] - 1
    ]
    frame = pd.DataFrame(rows)
    empty = [column for column in columns if frame[column].isna().all()]
    return frame.astype(dict.fromkeys(empty, "float64"))


def returned(*names):
    years = dict(FILES)
    return as_frame(
        {**PLACE, "finding_id": n, "rule_id": "m", "class": "must", "state": "open"}
        | {"submission_id": n, "year": years[n], "values_hash": n, "stage": "submission"}
        for n in names
    )


def compared(gate, *sent_back):
    """Return which files the rule on entrants finds fault with, if a gate returns some files."""
    found = gate.with_changes(returned(*sent_back), changes(gate), filed())
    return set(found.loc[found["rule_id"] == RULE, "submission_id"])


def test_a_newer_file_that_was_sent_back_is_compared_with_nothing(gate):
    assert compared(gate, "before_slip") == set()


def test_the_newest_accepted_file_is_what_a_school_is_compared_with(gate):
    assert compared(gate) == {"now"}
    assert compared(gate, "before_good") == {"now"}


def test_a_school_of_which_nothing_stood_last_year_is_not_compared(gate):
    assert compared(gate, "before_good", "before_slip") == set()


def test_a_file_that_waits_for_its_own_change_is_none_to_compare_the_next_year_with(gate):
    """While its change on 2023 wants an explanation, 2024 does not stand for 2025."""
    slip = {**ENTRANTS, "year_after": 31}
    rows = changes(gate).assign(students__entrants=lambda f: f["submission_id"].map(slip))
    found = gate.with_changes(returned(), rows, filed())
    assert set(found.loc[found["rule_id"] == RULE, "submission_id"]) == {"now"}
    found = gate.with_changes(returned("before_slip"), rows, filed())
    assert set(found.loc[found["rule_id"] == RULE, "submission_id"]) == {"year_after"}
