"""Each rule fails on its known-bad row and passes its known-good one, through Great Expectations.

The cases are data: tests/gate/cases/<stage>/<file>.yml beside expectations/<stage>/<file>.yml. The
rules on what intake could not read have one shape, and their cases are made from it.
"""

import functools
import re

import pandas as pd
import pytest
import yaml

from orchestration.forms import identities
from orchestration.forms.contract import load_form
from orchestration.gate import suites
from orchestration.gate.findings import findings_of
from orchestration.gate.rules import load_rules
from orchestration.gate.suites import RuleDidNotRun, failing_rows
from orchestration.ground.home import REPOSITORY
from orchestration.ground.terms import Stage
from orchestration.intake.workbook.problems import ProblemKind

CASES = REPOSITORY / "tests" / "gate" / "cases"
RULES = {rule.id: rule for rule in load_rules([REPOSITORY / "expectations"])}
FAMILIES = {
    *("completeness", "files", "codes", "types", "units", "within_table", "across_tables"),
    *("conditions", "year_on_year", "outliers", "privacy"),
    *("coverage", "identities", "ranges", "claims"),
}


IDENTITIES = {
    made.entry["meta"]["id"]: made
    for made in identities.rendered(
        REPOSITORY / "expectations" / identities.FILE, [REPOSITORY / "forms"]
    )
}


def case_of(made):
    """Return rows in which parts have exactly their whole, and one more than that."""
    relation, (first, *others) = made.relation, made.larger
    share = relation.at_most_pct or 100
    good = dict.fromkeys(made.smaller, share) | {first: 100 * len(made.smaller)}
    good |= dict.fromkeys(others, 0) | ({relation.row: "甲"} if relation.row else {})
    return {"good": good, "bad": {made.smaller[0]: share + 1}}


@functools.cache
def cases():
    found = {id_: case_of(made) for id_, made in IDENTITIES.items()}
    for path in sorted(CASES.glob("*/*.yml")):
        found |= yaml.safe_load(path.read_text(encoding="utf-8"))
    for rule in RULES.values():
        if rule.frame == "problems":
            row = {
                "kind": "another_kind",
                "file_name": "甲.xlsx",
                "label": "招生数",
                "label_en": "Entrants",
                "sheet": "学生",
            }
            row |= {"kind__typed": "约120", "typed": "约120", "kind__cell": "学生!B3"}
            row |= {"detail_zh": "详情", "detail_en": "detail", "former_zh": "", "former_en": ""}
            found[rule.id] = {"good": row, "bad": {"kind": rule.id}}
        behind = [column for column in rule.columns if column.endswith("__schools")]
        if behind:  # of parts and wholes over a city: the same schools
            found[rule.id]["good"] |= dict.fromkeys(behind, 15)
    return found


def rows_of(case):
    """Return the good and the bad rows; a change is made on a good row, a list is whole."""
    if isinstance(case["good"], list):
        return case["good"], case["bad"]
    return [case["good"]], [{**case["good"], **case["bad"]}]


def frame_of(rows):
    """Return the rows as the warehouse would: a column without any value is a column of numbers."""
    frame = pd.DataFrame(rows).convert_dtypes()
    empty = [column for column in frame.columns if frame[column].isna().all()]
    return frame.astype(dict.fromkeys(empty, "float64"))


def failing(rule, rows):
    return failing_rows(frame_of(rows), [rule]).get(rule.id, pd.DataFrame())


def test_there_are_enough_rules_of_every_family():
    assert len(RULES) >= 80
    assert {rule.family for rule in RULES.values()} == FAMILIES
    assert {rule.rule_class for rule in RULES.values()} == {"must", "explain", "info"}


def test_every_rule_has_its_cases_and_every_case_its_rule():
    assert set(cases()) == set(RULES)


def test_each_kind_of_problem_is_a_rule_and_no_other():
    rules = {rule.id for rule in RULES.values() if rule.frame == "problems"}
    assert rules == set(ProblemKind)
    assert all(rule.kwargs["value_set"] == [id_] for id_, rule in RULES.items() if id_ in rules)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_known_good_passes_and_the_known_bad_is_found(rule):
    good, bad = rows_of(cases()[rule.id])
    assert failing(rule, good).empty
    assert len(failing(rule, bad)) == len(bad)


@pytest.mark.parametrize("frame", sorted({rule.frame for rule in RULES.values()}))
def test_a_whole_suite_finds_what_each_rule_finds_alone(frame):
    """A suite that quietly drops a rule that looks like another must not pass for it."""
    suite = [rule for rule in RULES.values() if rule.frame == frame]
    owners, rows = [], []
    for rule in suite:
        bad = rows_of(cases()[rule.id])[1]
        owners += [rule.id] * len(bad)
        rows += bad
    columns = {column for rule in suite for column in rule.columns}
    found = failing_rows(frame_of(rows).reindex(columns=sorted(columns)), suite)
    for row, owner in enumerate(owners):
        assert row in found[owner].index, owner


@pytest.mark.parametrize("made", IDENTITIES.values(), ids=IDENTITIES)
def test_parts_and_wholes_are_judged_where_they_are_all_there_and_over_the_same_schools(made):
    rule = RULES[made.entry["meta"]["id"]]
    good, bad = case_of(made)["good"], case_of(made)["bad"]
    behind = dict.fromkeys((c for c in rule.columns if c.endswith("__schools")), 15)
    worse = {**good, **behind, **bad}
    assert len(failing(rule, [worse])) == 1
    for column in (*made.smaller, *made.larger):
        rows = pd.DataFrame([worse]).assign(**{column: float("nan")})
        assert failing_rows(rows, [rule]) == {}, "missing is not zero"
    if behind:
        assert failing(rule, [{**worse, f"{made.larger[0]}__schools": 14}]).empty


def test_a_partition_fails_both_ways():
    rule = RULES["graduates_are_all_accounted_for"]
    columns = ("directly_employed", "further_study", "without_destination")
    row = {f"destinations__{name}": 10 for name in columns}
    assert failing(rule, [{**row, "destinations__graduates": 30}]).empty
    for graduates in (29, 31):
        assert len(failing(rule, [{**row, "destinations__graduates": graduates}])) == 1


def test_every_relation_is_judged_wherever_its_figures_are():
    """None is declared and rendered nowhere; one of columns with indicators is judged at both."""
    declared = identities.relations(REPOSITORY / "expectations" / identities.FILE)
    assert {made.relation.id for made in IDENTITIES.values()} == {one.id for one in declared}
    for one in declared:
        stages = {made.stage for made in IDENTITIES.values() if made.relation.id == one.id}
        is_filed = all("." in name for name in one.figures)
        has_indicators = all(identities.city_figure(name) for name in one.figures)
        expected = {*(["submission"] if is_filed else []), *(["city"] if has_indicators else [])}
        assert stages == (set(one.stages) or expected), one.id


def test_no_rule_that_is_typed_says_what_a_relation_says():
    typed = [rule for rule in RULES.values() if rule.file != identities.FILE]
    rendered = {
        (made.stage, tuple(sorted(made.entry["kwargs"].items()))) for made in IDENTITIES.values()
    }
    said = {
        (
            rule.stage,
            tuple(
                sorted(
                    (k, v)
                    for k, v in rule.kwargs.items()
                    if isinstance(v, (str, bool)) and k != "ignore_row_if"
                )
            ),
        )
        for rule in typed
    }
    assert not said & rendered


def test_rules_that_say_the_same_both_speak():
    rule = RULES["entrants_are_among_the_enrolled"]
    twin = rule.model_copy(update={"id": "the_same_again"})
    rows = pd.DataFrame({"students__entrants": [5], "students__enrolled": [4]})
    assert set(failing_rows(rows, [rule, twin])) == {rule.id, twin.id}


def test_a_rule_without_a_result_raises(monkeypatch):
    validate = suites._validate
    monkeypatch.setattr(suites, "_validate", lambda frame, rules: validate(frame, rules)[1:])
    rule = RULES["entrants_are_among_the_enrolled"]
    rows = pd.DataFrame({"students__entrants": [5], "students__enrolled": [6]})
    with pytest.raises(RuleDidNotRun, match=rule.id):
        failing_rows(rows, [rule])


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_sentences_say_what_was_typed_in_both_languages(rule):
    _, bad = rows_of(cases()[rule.id])
    finding = findings_of(rule, frame_of(bad))[0]
    assert re.search(r"[一-鿿]", finding["sentence_zh"])
    assert len(finding["sentence_en"].split()) >= 3
    assert not re.search(r"[{}]|nan|<NA>|None", finding["sentence_zh"] + finding["sentence_en"])
    said = (rule.why.zh, rule.why.en, rule.fix.zh, rule.fix.en)
    assert all(said) and not any("{" in text for text in said)  # these are shown as they stand


@pytest.mark.parametrize("stage", Stage)
def test_coverage_comes_first(stage):
    """Nothing to check is a failure, not a pass: a rule that is a must sees that rows are there."""
    coverage = [r for r in RULES.values() if r.frame in {"coverage", "city_coverage"}]
    assert any(rule.stage == stage and rule.rule_class == "must" for rule in coverage)


def test_a_rule_on_a_column_that_is_not_there_raises():
    rule = RULES["entrants_are_among_the_enrolled"]
    with pytest.raises(RuleDidNotRun, match="students__enrolled"):
        failing_rows(pd.DataFrame([{"students__entrants": 1}]), [rule])


def test_no_rule_is_capped():
    rule = RULES["entrants_are_among_the_enrolled"]
    rows = pd.DataFrame({"students__entrants": range(1, 1201), "students__enrolled": 0})
    assert len(failing_rows(rows, [rule])[rule.id]) == 1200


def test_missing_is_not_zero():
    rule = RULES["entrants_are_among_the_enrolled"]
    rows = pd.DataFrame({"students__entrants": [5, 5], "students__enrolled": [None, 0]})
    assert list(failing_rows(rows, [rule])[rule.id].index) == [1]


def test_every_figure_of_a_bureau_is_held_against_last_years():
    figures = load_form(2024, [REPOSITORY / "forms"]).tables["bureau"].columns
    numeric = [c for c in figures if c.type in ("integer", "decimal")]
    assert len(numeric) == 29
    for column in numeric:
        pair = {f"bureau__{column.id}", f"previous__bureau__{column.id}"}
        compared = [rule for rule in RULES.values() if pair <= set(rule.columns)]
        sentences = [rule.zh for rule in compared if column.label in rule.zh]
        assert any("相差超过" in zh for zh in sentences), column.id
        assert any("本年度空白" in zh for zh in sentences), column.id


def test_a_bureaus_cell_that_could_not_be_read_is_not_blank():
    rule = RULES["bureau_lead_colleges_is_filed_again"]
    row = {"bureau__lead_colleges": None, "previous__bureau__lead_colleges": 2}
    assert failing(rule, [{**row, "bureau__lead_colleges__typed": "二三所"}]).empty
    assert len(failing(rule, [{**row, "bureau__lead_colleges__typed": None}])) == 1


def test_a_figure_is_compared_with_last_year_where_its_change_is_one():
    rule = RULES["figure_changes_little_in_a_year"]
    row = {"value": 50, "previous_value": 100, "yoy_band_pct": 30}
    assert len(failing(rule, [{**row, "change_pct": 50.0}])) == 1
    # Over other schools there is no change, see city_metrics_compared.
    assert failing(rule, [{**row, "change_pct": None}]).empty
