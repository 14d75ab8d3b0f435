"""From failing rows to findings and verdicts, without the engine."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.gate.decisions import Proposal, propose
from orchestration.gate.findings import (
    FINDING_COLUMNS,
    answers_frame,
    as_frame,
    finding_rows,
    findings_of,
    is_unsettled,
    shown,
    with_context,
    with_explanations,
)
from orchestration.gate.frames import read_frame
from orchestration.gate.rules import BadRule, Rule, load_rules
from orchestration.gate.run import decisions_frame
from orchestration.gate.verdicts import (
    city_verdicts,
    states_after,
    states_and_verdicts,
    submission_verdicts,
    with_excluded,
    with_superseded,
)
from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.terms import FindingState, RuleClass, Stage
from orchestration.warehouse.standing import standing_submissions

TODAY = date(2025, 3, 1)
EXPECTATIONS = REPOSITORY / "expectations"
FILED = pd.DataFrame(columns=["submission_id", "received_at", "file_name"])
RULES = {rule.id: rule for rule in load_rules([EXPECTATIONS], Stage.submission)}
MEASURE = "destinations__own_field_employed"
GRADUATES = RULES["own_field_employed_are_among_the_employed"]
ROW = {
    "city": "qingyang",
    "year": 2024,
    "school_code": "9962100201",
    "submission_id": "s1",
    "file_name": "甲.xlsx",
    "destinations__own_field_employed": 61.0,
    "destinations__own_field_employed__typed": "61人",
    "destinations__own_field_employed__cell": "毕业生去向!B11",
    "destinations__directly_employed": 51.0,
    "destinations__directly_employed__typed": None,
    "destinations__directly_employed__cell": "毕业生去向!B4",
}


def finding(**changes):
    return findings_of(GRADUATES, pd.DataFrame([{**ROW, **changes}]))[0]


def test_two_things_of_a_kind_at_one_place_are_two_findings_and_one_said_twice_is_one():
    place = {"kind": "unit_is_not_known", "place__cell": "经费!C3", "typed": "元"}
    unit = {"detail_zh": "万元", "detail_en": "10k CNY"}
    one, other = (
        {**ROW, **place, **dict.fromkeys(("label", "label_en"), name), **unit}
        for name in ("fiscal", "special")
    )
    found = findings_of(RULES["unit_is_not_known"], pd.DataFrame([one, other, one]))
    assert len({finding["sentence_zh"] for finding in found}) == 2
    for name in ("finding_id", "values_hash"):
        assert len({finding[name] for finding in found}) == 2
    assert findings_of(RULES["unit_is_not_known"], pd.DataFrame([other, one])) == found


def test_a_finding_says_what_was_typed_and_where():
    found = finding()
    assert found["sentence_zh"] == (
        "对口就业人数 61人 大于直接就业人数 51，见 毕业生去向!B11、毕业生去向!B4"
    )
    assert "61人" in found["sentence_en"]
    assert (found["sheet"], found["cell"]) == ("毕业生去向", "毕业生去向!B11、毕业生去向!B4")
    assert list(json.loads(found["values_typed"]).items()) == [
        *[(MEASURE, "61人"), ("destinations__directly_employed", "51")],
    ]
    assert set(found) < set(FINDING_COLUMNS)


def test_a_finding_is_unsettled_until_it_is_accepted_or_replaced_and_an_info_asks_for_nothing():
    assert {state for state in FindingState if not state.is_unsettled} == {
        "explained",
        "superseded",
        "excluded",
    }
    every = pd.DataFrame(
        [
            {"class": c, "state": s, "next_state": "explained"}
            for c in RuleClass
            for s in FindingState
        ]
    )
    asking = every[is_unsettled(every)]
    assert set(asking["class"]) == {"must", "explain"}
    assert set(asking["state"]) == {"open", "asked", "returned", "refused"}
    assert len(asking) == 2 * 4
    assert set(every.loc[is_unsettled(every, RuleClass.info), "class"]) == {"info"}
    assert len(every[is_unsettled(every, *RuleClass)]) == 3 * 4
    assert not is_unsettled(every, by="next_state").any()


def test_a_finding_keeps_its_id_while_nothing_changes():
    assert finding()["finding_id"] == finding()["finding_id"]
    typed = {"destinations__own_field_employed__typed": "62人"}
    assert finding()["finding_id"] != finding(**typed)["finding_id"]
    assert finding()["finding_id"] != finding(submission_id="s2")["finding_id"]
    moved = {f"{MEASURE}__cell": "毕业生去向!B12"}
    assert finding()["finding_id"] != finding(**moved)["finding_id"]


def test_a_decision_is_bound_to_the_values_and_not_to_the_file_or_the_cell():
    same = finding(submission_id="s2", destinations__own_field_employed__cell="毕业生去向!C11")
    assert finding()["values_hash"] == same["values_hash"]
    for change in (
        {"destinations__own_field_employed__typed": "62人"},
        {"school_code": "9962102102"},
        {"year": 2023},
    ):
        assert finding()["values_hash"] != finding(**change)["values_hash"]


def test_a_decision_on_a_cell_is_bound_to_what_stands_in_it():
    rule = RULES["major_is_in_the_catalogue"]
    row = {**ROW, "catalogue__is_listed": False, "major_name": "甲"}
    first, other = (
        findings_of(rule, pd.DataFrame([{**row, "major_code": code, "major_code__typed": code}]))[0]
        for code in ("999901", "999902")
    )
    assert first["values_hash"] != other["values_hash"]


def test_findings_on_two_figures_of_a_city_are_never_one():
    two = [finding(indicator_id=name, submission_id=None) for name in ("enrolled", "staff")]
    assert len({f["finding_id"] for f in two}) == len({f["values_hash"] for f in two}) == 2


def test_a_finding_knows_when_its_values_were_first_seen_and_how_often_its_rule_fails():
    findings = found(
        {"submission_id": "new", "rule_id": "r", "values_hash": "v"},
        {"submission_id": "new", "rule_id": "r", "values_hash": "w"},
        {"submission_id": "old", "rule_id": "r", "values_hash": "v"},
        {"submission_id": None, "rule_id": "c", "values_hash": "x"},
    )
    filed = pd.DataFrame(
        {
            "submission_id": ["old", "new"],
            "received_at": ["2025-01-01T00:00:00+00:00", "2025-02-01T00:00:00+00:00"],
            "file_name": ["旧.xlsx", "新.xlsx"],
        }
    )
    at = with_context(findings, filed).set_index("finding_id")
    assert at["first_seen"].str[:7].fillna("").to_dict() == {
        **{"0": "2025-01", "1": "2025-02", "2": "2025-01", "3": ""},
    }
    assert at["hits"].to_dict() == {"0": 2, "1": 2, "2": 1, "3": 1}
    assert at["file_name"]["2"] == "旧.xlsx"


def test_an_acceptance_of_one_hit_of_a_city_holds_though_other_years_have_hits_as_well():
    """A rule on cities sees every year at once; what it finds in one is nothing to another."""
    every_year = found(
        *(
            {"rule_id": "r", "city": "qingyang", "class": "explain", "values_hash": str(year)}
            | {"year": year, "explanation": "属实"}
            for year in (2022, 2023, 2024)
        )
    )
    at = with_context(every_year, FILED)
    accepted = propose(
        at[at["year"] == 2024].to_dict("records"),
        Proposal("accept", "verified_with_school", "已核实", bound={"count": 1}),
        "li",
        {},
        TODAY,
    )
    after = states_after(at, [accepted], TODAY).set_index("year")["state"]
    assert after.to_dict() == {2022: "asked", 2023: "asked", 2024: "explained"}


FILERS = st.fixed_dictionaries(
    {
        "submission_id": st.sampled_from([None, "s1", "s2"]),
        "rule_id": st.sampled_from(["r", "q"]),
        "city": st.sampled_from(["a", "b"]),
        "year": st.sampled_from([2023, 2024]),
        "school_code": st.sampled_from([None, "01", "02"]),
    }
)


@settings(deadline=None)
@given(st.lists(FILERS, max_size=12))
def test_hits_count_a_rules_findings_on_one_filer_and_year(filers):
    at = with_context(found(*filers), FILED)
    for number, filer in enumerate(filers):
        (hits,) = at.loc[at["finding_id"] == str(number), "hits"]
        assert hits == filers.count(filer)


IDENTITY = {
    "city": st.sampled_from(["qingyang", "baoji"]),
    "year": st.sampled_from([2023, 2024]),
    "school_code": st.sampled_from(["9962100201", "9962102102", None]),
    "submission_id": st.sampled_from(["s1", "s2"]),
    MEASURE: st.sampled_from([61.0, 62.0]),
    f"{MEASURE}__typed": st.sampled_from(["61人", "62", None]),
    f"{MEASURE}__cell": st.sampled_from(["甲!B11", "甲!C11", None]),
    "indicator_id": st.sampled_from(["enrolled", None]),
}
TWIN = GRADUATES.model_copy(update={"id": "another_rule"})


def bound_to(row):
    value = row[f"{MEASURE}__typed"] or f"{row[MEASURE]:.0f}"
    return [value, *(row[name] for name in ("city", "year", "school_code", "indicator_id"))]


def stands_at(row):
    return [row["submission_id"], row[f"{MEASURE}__cell"]]


def identity(row, rule=GRADUATES):
    found = findings_of(rule, pd.DataFrame([{**ROW, **row}], dtype=object))[0]
    return found["finding_id"], found["values_hash"]


@settings(deadline=None)
@given(st.fixed_dictionaries(IDENTITY), st.fixed_dictionaries(IDENTITY))
def test_findings_are_one_if_rule_filer_file_values_and_cells_are_one(row, other):
    finding_id, values_hash = identity(row)
    for name in IDENTITY:
        changed = row | {name: other[name]}
        changed_id, changed_hash = identity(changed)
        is_bound_alike = bound_to(row) == bound_to(changed)
        assert (changed_hash == values_hash) == is_bound_alike
        is_same = is_bound_alike and stands_at(row) == stands_at(changed)
        assert (changed_id == finding_id) == is_same
    assert not {finding_id, values_hash} & {*identity(row, TWIN)}


@pytest.mark.parametrize(
    ("value", "text"),
    [(12.0, "12"), (0.3, "0.3"), (33.333, "33.33"), (None, ""), (float("nan"), ""), ("约", "约")],
)
def test_values_are_shown_as_a_person_writes_them(value, text):
    assert shown(value) == text


def test_a_cell_that_looks_like_a_template_is_only_text():
    typed = {"destinations__own_field_employed__typed": "{school_code}<script>"}
    assert "{school_code}<script>" in finding(**typed)["sentence_zh"]


def test_a_sentence_that_names_no_column_stops_the_gate_and_says_where():
    rule = GRADUATES.model_copy(update={"en": "{graduates} of them"})
    with pytest.raises(BadRule, match=r"own_field_employed_are_among_the_employed：.*graduates"):
        findings_of(rule, pd.DataFrame([ROW]))


def found(*rows):
    blank = dict.fromkeys(FINDING_COLUMNS)
    return as_frame(
        {**blank, "state": "open", "finding_id": str(number), "year": 2024, **row}
        for number, row in enumerate(rows)
    )


def submissions(**is_read):
    return pd.DataFrame({"submission_id": list(is_read), "is_read": list(is_read.values())})


def verdicts(findings, **is_read):
    judged = submission_verdicts(submissions(**is_read), findings)
    return dict(zip(judged["submission_id"], judged["verdict"], strict=True))


def test_a_must_returns_an_open_explain_waits_and_info_does_neither():
    findings = found(
        {"submission_id": "a", "class": "must"},
        {"submission_id": "a", "class": "explain"},
        {"submission_id": "b", "class": "explain"},
        {"submission_id": "c", "class": "info"},
    )
    assert verdicts(findings, a=True, b=True, c=True, d=True) == {
        **{"a": "returned", "b": "waiting", "c": "accepted", "d": "accepted"},
    }


def test_a_file_that_was_not_read_is_never_accepted():
    assert verdicts(found(), a=False) == {"a": "returned"}


def explanations(*rows):
    columns = ["submission_id", "rule_id", "place", "explanation"]
    return pd.DataFrame(rows, columns=columns).astype("string")


def test_what_a_school_explains_is_a_request_and_a_must_is_never_explained():
    findings = found(
        {"submission_id": "a", "class": "explain", "rule_id": "r"},
        {"submission_id": "a", "class": "must", "rule_id": "m"},
        {"submission_id": "b", "class": "explain", "rule_id": "r"},
    )
    answers = explanations(
        ("a", "r", None, "属实"),
        ("a", "r", None, "已核实"),
        ("a", "m", None, "属实"),
        ("b", "r", None, None),
        ("c", "r", None, "属实"),
    )
    said = states_after(with_explanations(findings, answers), [], TODAY).set_index("finding_id")
    assert said["state"].to_dict() == {"0": "asked", "1": "open", "2": "open"}
    assert said["explanation"]["0"] == "属实；已核实"
    assert said["explanation"].isna()[["1", "2"]].all()
    assert verdicts(said.reset_index(), a=True, b=True) == {"a": "returned", "b": "waiting"}


def test_an_empty_explanation_asks_nobody():
    findings = found({"submission_id": "a", "class": "explain", "rule_id": "r"})
    said = states_after(findings.assign(explanation=""), [], TODAY)
    assert list(said["state"]) == ["open"]


def test_an_explanation_with_a_place_speaks_of_that_place_only():
    findings = found(
        {"submission_id": "a", "class": "explain", "rule_id": "r", "cell": "专业设置!A3"},
        {"submission_id": "a", "class": "explain", "rule_id": "r", "cell": "专业设置!A4"},
    )
    said = with_explanations(findings, explanations(("a", "r", "专业设置!A4", "新专业")))
    assert list(said["explanation"].fillna("")) == ["", "新专业"]


def test_an_explanation_that_answers_nothing_is_told_and_one_that_does_is_not():
    findings = found(
        {"submission_id": "a", "class": "explain", "rule_id": "r", "cell": "专业设置!A3"},
        {"submission_id": "a", "class": "must", "rule_id": "m"},
    )
    answers = explanations(
        ("a", "r", None, "甲"), ("a", "r", "专业设置!A9", "乙"), ("a", "m", None, "丙")
    )
    classes = answers_frame(findings, answers)["finding_class"]
    assert list(classes.fillna("")) == ["explain", "", "must"]


def test_findings_rest_once_a_newer_file_of_the_same_filer_is_accepted():
    filed = pd.DataFrame(
        [
            ("old", "9962100201", 1, True),
            ("rival", "9962102102", 2, True),
            ("new", "9962100201", 3, True),
            ("other", "9962102102", 4, True),
        ],
        columns=["submission_id", "school_code", "received_seq", "is_read"],
    ).assign(city="qingyang", year=2024, filed_by="school")
    findings = found(
        {"submission_id": "old", "class": "must"},
        {"submission_id": "rival", "class": "must"},
        {"submission_id": "new", "class": "info"},
        {"submission_id": "other", "class": "must"},
    )
    judged = submission_verdicts(filed, findings)
    rested = with_superseded(findings, standing_submissions(filed, judged))
    rested = rested.set_index("submission_id")["state"]
    assert rested.to_dict() == {
        **{"old": "superseded", "rival": "open", "new": "open", "other": "open"},
    }
    # The old file stays returned: it was not corrected, it was replaced.
    assert judged.set_index("submission_id")["verdict"]["old"] == "returned"


def test_what_was_decided_on_a_replaced_file_is_listed_nowhere_and_again_once_it_counts():
    """A steward accepts what a school explains; the school hands in another figure instead."""
    filed = pd.DataFrame(
        [("old", 1, True), ("new", 2, True)], columns=["submission_id", "received_seq", "is_read"]
    ).assign(city="qingyang", year=2024, filed_by="school", school_code="9962100201")
    of_old = {"submission_id": "old", "class": "explain", "explanation": "属实", "values_hash": "v"}
    findings = found(of_old)
    (row,) = finding_rows(findings)
    reason = Proposal("accept", "verified_with_school", "已核实")
    decision = propose([row], reason, "li", {}, date(2025, 3, 1))

    def after(submissions):
        rows, _ = states_and_verdicts(findings, submissions, [decision], date(2025, 3, 1))
        (state,), (answer,) = rows["state"], rows["answer"]
        said = None if pd.isna(answer) else answer
        return state, said, list(decisions_frame(rows, [decision])["verb"])

    assert after(filed.iloc[:1]) == ("explained", "已核实", ["accept"])
    assert after(filed) == ("superseded", None, [])
    assert after(filed.assign(is_read=[True, False])) == ("explained", "已核实", ["accept"])


def test_of_an_excluded_school_what_it_did_not_file_rests_and_what_is_wrong_in_its_file_stays():
    """That nothing was handed in is settled by the exclusion; a must in a returned file is not."""
    place = {"city": "qingyang", "year": 2024, "class": "must"}
    school = {**place, "school_code": "9962100201"}
    findings = found(
        {**school, "rule_id": "filed_nothing", "submission_id": None},
        {**school, "rule_id": "faulty", "submission_id": "returned"},
        {**school, "rule_id": "year_before", "submission_id": None, "year": 2023},
        {**place, "rule_id": "of_city", "submission_id": None, "school_code": None},
    )
    judged = with_excluded(findings, {("qingyang", 2024, "9962100201")})
    assert judged.set_index("rule_id")["state"].to_dict() == {
        **{"filed_nothing": "excluded", "faulty": "open", "year_before": "open", "of_city": "open"},
    }


def test_a_bureau_may_be_the_only_one_accepted():
    filed = pd.DataFrame(
        [("b", None, "bureau", 1, True)],
        columns=["submission_id", "school_code", "filed_by", "received_seq", "is_read"],
    ).assign(city="qingyang", year=2024)
    judgement = submission_verdicts(filed, found())
    assert with_superseded(found(), standing_submissions(filed, judgement)).empty


def test_a_finding_sent_back_returns_the_submission():
    findings = found({"submission_id": "a", "class": "explain", "state": "returned"})
    assert verdicts(findings, a=True) == {"a": "returned"}


def test_a_city_is_blocked_by_a_must_alone_and_its_neighbour_is_not():
    places = pd.DataFrame({"city": ["a", "b", "c"], "year": 2024, "is_without_schools": False})
    findings = found({"city": "a", "class": "must"}, {"city": "b", "class": "explain"})
    judged = city_verdicts(places, findings)
    assert list(judged["verdict"]) == ["blocked", "passed", "passed"]
    assert list(judged["explain_open"]) == [0, 1, 0]


def test_a_city_that_is_declared_without_schools_neither_passes_nor_is_blocked():
    places = pd.DataFrame({"city": ["a", "b"], "year": 2024, "is_without_schools": [True, False]})
    judged = city_verdicts(places, found())
    assert list(judged["verdict"]) == ["without schools", "passed"]


def test_of_a_city_that_is_declared_without_schools_no_rule_asks_anything():
    with duckdb.connect() as connection:
        connection.execute(
            "create table city_coverage as from (values ('a', 0, true), ('b', 0, false)) "
            "as t (city, schools_expected, is_without_schools)"
        )
        judged = read_frame(connection, Home(Path()), "city_coverage")
    assert list(judged["city"]) == ["b"]


def test_a_code_that_left_the_roster_is_told_with_the_school_that_has_its_name(tmp_path):
    with duckdb.connect() as connection:
        connection.execute(
            "create table stg_nianbao__problems as select 2024 as year, code as typed, "
            "'school_is_unknown' as kind, '封面' as sheet, 'B3' as cell, "
            "'school_code' as column_id, null as school_code, 's' as submission_id, "
            "'x.xlsx' as file_name, null as detail_zh, "
            "null as detail_en from (values ('01 '), ('02'), ('03'), ('04')) as typed (code)"
        )
        connection.execute(
            "create table int_roster_codes_left as select 2024 as year, * from (values "
            "('01', '甲校', null, null, '甲 校', '11'), "
            "('02', '乙校', '12', '乙职校', null, '12'), "
            "('03', '丙校', null, null, null, null)) as left_behind (former_code, former_name, "
            "successor_code, successor_name, alike_name, school_code)"
        )
        frame = read_frame(connection, Home(tmp_path), "problems")
    rule = RULES["school_is_unknown"]
    found = {row["values_typed"]: row for row in findings_of(rule, frame)}
    zh = "".join(row["sentence_zh"] for row in found.values())
    en = "".join(row["sentence_en"] for row in found.values())
    assert "2023 年名册上它是“甲校”，本年已不在名册，现在名册上的是“甲 校”，代码 11" in zh
    assert "On the roster of 2023 it was that of “甲校”, and it has left it; “甲 校” with" in en
    assert "它是“乙校”，本年已不在名册，现在名册上的是“乙职校”，代码 12" in zh
    assert "它是“丙校”，本年已不在名册，" in zh + "，"
    (unknown,) = [r for r in found.values() if "“04”" in r["sentence_zh"]]
    assert unknown["sentence_zh"].startswith("封面上的代码“04”不在本年度名册中，文件没有采用")
    assert "名册上它是" not in unknown["sentence_zh"]


# -- rule files ------------------------------------------------------------------------------------

GOOD = """
frame: submissions
family: units
since: 2024
expectations:
  - type: expect_column_values_to_be_between
    kwargs: {column: students__enrolled, max_value: 10}
    severity: warning
    meta: {id: enrolment_is_small, zh: 大, en: large, why: {zh: 一, en: a}, fix: {zh: 二, en: b}}
"""


def rules_of(tmp_path, *texts):
    roots = []
    for number, text in enumerate(texts):
        root = tmp_path / str(number)
        (root / "submission").mkdir(parents=True)
        (root / "submission" / "students.yml").write_text(text, encoding="utf-8")
        roots.append(root)
    return load_rules(roots, Stage.submission)


def test_a_rule_file_reads_as_it_is_written(tmp_path):
    (rule,) = rules_of(tmp_path, GOOD)
    assert isinstance(rule, Rule)
    assert (rule.id, rule.rule_class) == ("enrolment_is_small", "explain")
    assert rule.at == ("students__enrolled",)


def test_a_condition_names_its_columns_itself(tmp_path):
    text = GOOD.replace("expect_column_values_to_be_between", "expect_rows_to_satisfy")
    text = text.replace("column: students__enrolled, max_value: 10", 'condition: "abs(a - b) <= a"')
    (rule,) = rules_of(tmp_path, text)
    assert rule.kwargs["column_list"] == ["a", "b"]


def test_a_home_may_replace_a_rule_by_its_id(tmp_path):
    (rule,) = rules_of(tmp_path, GOOD, GOOD.replace("max_value: 10", "max_value: 20"))
    assert rule.kwargs["max_value"] == 20


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("severity: warning", "severity: grave", "severity"),
        ("en: large, ", "", "en"),
        ("meta: {", "meta: {colour: red, ", "colour"),
    ],
)
def test_a_bad_rule_file_is_named_with_what_is_wrong(tmp_path, old, new, said):
    with pytest.raises(BadRule, match=rf"students.yml.*\n?(.*\n)*.*{said}"):
        rules_of(tmp_path, GOOD.replace(old, new))


def test_a_rule_given_twice_is_refused(tmp_path):
    twice = GOOD + GOOD[GOOD.index("  - type") :]
    with pytest.raises(BadRule, match="enrolment_is_small"):
        rules_of(tmp_path, twice)
