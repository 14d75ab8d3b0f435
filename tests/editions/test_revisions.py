"""Every figure that moved has its causes, and their parts add up to the whole."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from story import CORRECTED, LATE, YEAR

from orchestration.editions.contents import METRICS, read_tables
from orchestration.editions.revisions import Cause, Declarations, _steps, earlier, revisions


@pytest.fixture(scope="module")
def rows(story):
    return pq.read_table(story.second.edition.folder / "tables" / "revision.parquet").to_pylist()


def test_every_figure_that_is_printed_otherwise_is_listed(story, rows):
    def printed(edition):
        table = read_tables(edition.folder)["city_yearly_metrics"]
        return {row["indicator_id"]: row["value_printed"] for row in table.to_pylist()}

    before, after = printed(story.final), printed(story.second.edition)
    differing = {i for i in before.keys() | after.keys() if before.get(i) != after.get(i)}
    assert differing <= {row["indicator_id"] for row in rows}
    assert {row["compared_with"] for row in rows} == {2}


def test_the_parts_of_all_causes_add_up_to_the_difference(rows):
    parts = {}
    for row in rows:
        if row["difference"] is not None:
            parts.setdefault(row["indicator_id"], []).append(row)
    assert len(parts) > 50
    for indicator, several in parts.items():
        whole = several[0]["difference"]
        assert sum(row["change"] for row in several) == pytest.approx(whole), indicator


def test_a_figure_that_two_causes_move_is_split_between_them(story, rows):
    found = {row["cause"]: row for row in rows if row["indicator_id"] == "books"}
    assert list(found) == ["corrected_submission", "late_school"]
    assert found["corrected_submission"]["change"] == 7
    tables = read_tables(story.second.edition.folder)
    filed = {r["school_code"]: r["books"] for r in tables["fct_condition"].to_pylist()}
    assert found["late_school"]["change"] == filed[LATE]
    assert filed[CORRECTED] == story.books + 7
    names = {r["school_code"]: r["school_name"] for r in tables["dim_school"].to_pylist()}
    assert found["corrected_submission"]["schools"] == names[CORRECTED]
    assert found["late_school"]["schools"] == names[LATE]


def test_nothing_is_left_unexplained(rows):
    # How many schools there are the roster says, which the late school was added to.
    of_roster = {row["indicator_id"] for row in rows if row["cause"] == "reference_change"}
    assert "schools" in of_roster and not of_roster & {"graduates", "enrolled"}
    of_files = {row["cause"] for row in rows} - {"reference_change"}
    assert of_files == {"corrected_submission", "late_school"}
    assert all(row["cause_zh"] == Cause(row["cause"]).zh for row in rows)


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_figure_that_was_or_is_withheld_is_listed_without_a_value(story, steps, side):
    def withheld(tables):
        metrics = tables[METRICS].to_pylist()
        for row in metrics:
            if row["indicator_id"] == "enrolled":
                row |= {"value": None, "value_printed": None, "status": "withheld"}
        return {**tables, METRICS: pa.Table.from_pylist(metrics, schema=tables[METRICS].schema)}

    before, tables = steps.before, steps.tables
    if side == "before":
        before = replace(before, tables=withheld(before.tables))
    else:
        tables = withheld(tables)
    made = Declarations(steps.definitions, steps.reference)
    found = revisions(story.home, story.ledger, tables, made, before).to_pylist()
    rows = [row for row in found if row["indicator_id"] == "enrolled"]
    (known,) = {"before", "after"} - {side}
    for row in rows:
        assert row[f"value_{side}"] is row[f"printed_{side}"] is row["difference"] is None
        assert row[f"value_{known}"] > 0 and int(row[f"printed_{known}"])
    assert rows


class Steps:
    """The causes between the story's second and third edition, one thing told otherwise."""

    def __init__(self, story):
        self.story = story
        self.before = earlier(story.final)
        self.tables = read_tables(story.second.edition.folder)
        made = story.second.edition.manifest()
        self.definitions, self.reference = dict(made["definitions"]), made["reference_hash"]
        self.before.manifest["definitions"] = dict(self.definitions)
        self.before.manifest["reference_hash"] = self.reference

    def causes(self, ledger=None):
        made = Declarations(self.definitions, self.reference)
        steps = _steps(ledger or self.story.ledger, self.tables, made, self.before)
        return {cause: sorted(filer[2] for filer in filers) for cause, filers in steps.items()}


@pytest.fixture
def steps(story):
    return Steps(story)


def test_a_school_that_filed_nothing_before_came_late_and_another_corrected(steps):
    assert steps.causes() == {
        "corrected_submission": [CORRECTED],
        "late_school": [LATE],
        "unexplained": [],
    }


def test_other_software_comes_first_and_takes_what_a_new_roster_does(steps):
    steps.definitions["dbt_project"] = "other"
    steps.reference = "other"
    assert next(iter(steps.causes())) == "code_change"
    assert "reference_change" not in steps.causes()


def test_another_roster_is_a_cause_of_its_own(steps):
    steps.reference = "other"
    assert next(iter(steps.causes())) == "reference_change"


@pytest.mark.parametrize(("has_other_rules", "cause"), [(True, "rule_change"), (False, "decision")])
def test_files_that_were_there_already_count_by_a_rule_or_a_decision(steps, has_other_rules, cause):
    """Where no rule changed, a decision was made, taken back, or has expired."""
    steps.before.manifest["ledger"] = {"cities": {"seq": 10**9}}
    if has_other_rules:
        steps.definitions["expectations"] = "other"
    assert steps.causes()[cause] == sorted([CORRECTED, LATE])


def test_a_decision_on_a_school_is_the_cause_although_rules_changed_as_well(steps):
    class Decided:
        def __init__(self, real):
            self.real = real

        def events(self, *kinds):
            yield from self.real.events(*kinds)
            if "decided" in kinds:
                bound_to = {"school_code": LATE, "submission_id": "x"}
                payload = {"decision_id": "d", "findings": [bound_to]}
                yield {"kind": "decided", "seq": 10**9 + 1, "payload": payload}

    steps.before.manifest["ledger"] = {"cities": {"seq": 10**9}}
    steps.definitions["expectations"] = "other"
    found = steps.causes(Decided(steps.story.ledger))
    assert (found["decision"], found["rule_change"]) == ([LATE], [CORRECTED])


def test_a_school_that_left_the_roster_is_a_change_of_reference(steps):
    for name in ("input", "dim_school"):
        rows = steps.tables[name].to_pylist()
        kept = [r for r in rows if (r["year"], r["school_code"]) != (YEAR, CORRECTED)]
        steps.tables[name] = pa.Table.from_pylist(kept, schema=steps.tables[name].schema)
    assert steps.causes()["reference_change"] == [CORRECTED]
