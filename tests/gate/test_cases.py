"""Findings with one cause are one case."""

import pandas as pd
import pytest

from orchestration.gate.cases import cases_of, cells_named


def cases(*rows):
    columns = ["submission_id", "rule_id", "cell"]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.assign(
        finding_id=[f"f{n:02d}" for n in range(len(frame))], city="c", year=2024, school_code="s"
    )
    made = cases_of(frame)
    return list(made["case_id"]), [c if isinstance(c, str) else None for c in made["cause"]]


def test_a_wrong_total_that_breaks_five_rules_is_one_case_with_five_findings():
    total = "毕业生去向!B3"
    rows = [("a", f"r{n}", f"毕业生去向!B{n + 4}、{total}") for n in range(4)]
    ids, causes = cases(*rows, ("a", "r5", f"专业设置!J3:J18、{total}"))
    assert ids == ["f00"] * 5
    assert causes == [total] * 5


def test_a_bad_cell_in_a_column_and_the_sum_it_spoils_are_one_case():
    ids, causes = cases(
        ("a", "sum", "专业设置!J3:J18、毕业生去向!B3"), ("a", "negative", "专业设置!J5")
    )
    assert ids == ["f00", "f00"]
    assert causes[0] == "专业设置!J5"


def test_findings_that_share_nothing_are_cases_of_their_own():
    ids, _ = cases(("a", "r", "学生!B3"), ("a", "q", "教职工!B3"))
    assert ids == ["f00", "f01"]


def test_one_rule_failing_in_many_rows_is_one_case():
    ids, causes = cases(("a", "r", "专业设置!A3"), ("a", "r", "专业设置!A4"), ("a", "q", None))
    assert ids == ["f00", "f00", "f02"]
    assert causes == [None, None, None]


def test_two_submissions_never_share_a_case():
    ids, _ = cases(("a", "r", "学生!B3"), ("b", "r", "学生!B3"))
    assert ids == ["f00", "f01"]


def test_a_lone_finding_names_its_only_cell_as_cause():
    assert cases(("a", "r", "学生!B3"))[1] == ["学生!B3"]


@pytest.mark.parametrize(
    ("cell", "cells"),
    [
        (None, []),
        ("学生!B3", ["学生!B3"]),
        ("专业设置!J3:J5、学生!B4", ["专业设置!J3", "专业设置!J4", "专业设置!J5", "学生!B4"]),
        ("学生", ["学生"]),
    ],
)
def test_ranges_are_written_out(cell, cells):
    assert cells_named(cell) == cells
