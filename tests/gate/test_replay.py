"""A new or changed rule over a small finished warehouse, beside what the last run kept."""

import json
import subprocess
import sys

import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.gate.findings import FINDING_COLUMNS, as_frame
from orchestration.gate.replay import (
    NothingToReplay,
    changes_by_rule,
    compared,
    replay,
    retired_rules,
)
from orchestration.gate.rules import BadRule, Rule, load_file, load_paths
from orchestration.gate.suites import RuleDidNotRun, failing_rows
from orchestration.ground.home import Home
from orchestration.ground.terms import Stage

RULES = """
frame: {frame}
family: units
since: 2023
expectations:
  - type: expect_column_values_to_be_between
    kwargs: {{column: sessions, max_value: {limit}}}
    severity: warning
    meta: {{id: {id}, zh: "期数 {{sessions}}", en: "{{sessions}} sessions", why: {{zh: 一, en: a}}, fix: {{zh: 二, en: b}}}}
"""  # noqa: E501
SUBMISSIONS = [("s1", "甲.xlsx", "2024-09-01"), ("s2", "乙.xlsx", "2024-09-02")]
ROWS = [
    ("c", 2023, "01", "s1", 4.0, "4", "教师培训!B2"),
    ("c", 2024, "01", "s2", 9.0, "9次", "教师培训!B2"),
]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home with a warehouse of two rows, and no rules but its own."""
    monkeypatch.setattr(Home, "expectations", property(lambda self: [self.root / "expectations"]))
    made = Home(tmp_path / "home")
    made.create()
    columns = ["city", "year", "school_code", "submission_id", "sessions"]
    tables = {
        "stg_nianbao__submissions": pd.DataFrame(
            SUBMISSIONS, columns=["submission_id", "file_name", "received_at"]
        ),
        "stg_nianbao__explanations": pd.DataFrame(
            [("s2", "few_sessions", None, "属实")],
            columns=["submission_id", "rule_id", "place", "explanation"],
        ).astype("string"),
        "stg_nianbao__teacher_training": pd.DataFrame(
            ROWS, columns=[*columns, "sessions__typed", "sessions__cell"]
        ),
        "fct_claim": pd.DataFrame([("c", 2024, 50.0)], columns=["city", "year", "sessions"]),
    }
    with duckdb.connect(str(made.warehouse)) as connection:
        for name, frame in tables.items():  # noqa: B007 — DuckDB reads it by its name
            connection.execute(f'create table "{name}" as select * from frame')
    rule_file(made, "submission", "few_sessions", limit=5)
    return made


def rule_file(home, stage, id_, limit=5, frame="teacher_training"):
    path = home.root / "expectations" / stage / f"{id_}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(RULES.format(frame=frame, id=id_, limit=limit), encoding="utf-8")
    return path


def run_of(home, *paths):
    """Keep what the rules find, as a run does."""
    rules = load_paths(paths)
    found = replay(home, rules).drop(columns="change")
    by_stage = {"submission": "findings", "city": "city_findings"}
    for stage, name in by_stage.items():
        found[found["stage"] == stage].to_parquet(home.gate / f"{name}.parquet", index=False)
    kept = pd.DataFrame([(rule.id, rule.stage) for rule in rules], columns=["rule_id", "stage"])
    kept.to_parquet(home.gate / "rules.parquet", index=False)


def changes(found):
    return list(zip(found["rule_id"], found["year"], found["change"], strict=True))


def test_what_a_new_rule_finds_in_any_year_is_new(home):
    found = replay(home, load_paths([rule_file(home, "submission", "few_sessions", limit=3)]))
    assert list(found.columns) == [*FINDING_COLUMNS, "change"]
    assert changes(found) == [("few_sessions", 2023, "new"), ("few_sessions", 2024, "new")]
    assert found["file_name"].tolist() == ["甲.xlsx", "乙.xlsx"]
    assert found["sentence_zh"].tolist()[1] == "期数 9次，见 教师培训!B2"
    assert found["state"].tolist() == ["open", "open"]


def test_a_rule_that_did_not_change_changes_nothing(home):
    path = rule_file(home, "submission", "few_sessions")
    run_of(home, path)
    assert changes(replay(home, load_paths([path]))) == [("few_sessions", 2024, "same")]


def test_a_wider_rule_finds_more_and_a_narrower_one_less(home):
    run_of(home, rule_file(home, "submission", "few_sessions"))
    wider = replay(home, load_paths([rule_file(home, "submission", "few_sessions", limit=3)]))
    assert changes(wider) == [("few_sessions", 2023, "new"), ("few_sessions", 2024, "same")]
    narrower = replay(home, load_paths([rule_file(home, "submission", "few_sessions", limit=99)]))
    assert changes(narrower) == [("few_sessions", 2024, "vanished")]


def test_findings_of_rules_that_are_not_replayed_are_left_alone(home):
    run_of(home, rule_file(home, "submission", "few_sessions"))
    other = rule_file(home, "submission", "other")
    assert changes(replay(home, load_paths([other]))) == [("other", 2024, "new")]


def test_a_rule_that_was_taken_off_shows_what_vanishes(home):
    path = rule_file(home, "submission", "few_sessions")
    run_of(home, path, rule_file(home, "submission", "other"))
    rules = load_paths([path])
    retired = retired_rules(home, rules, Stage)
    assert retired == ["other"]
    assert retired_rules(home, rules, [Stage.city]) == []
    assert changes(replay(home, rules, retired)) == [
        ("few_sessions", 2024, "same"),
        ("other", 2024, "vanished"),
    ]


def test_rules_of_the_city_stage_are_replayed_too(home):
    path = rule_file(home, "city", "claims_are_small", frame="claims")
    assert changes(replay(home, load_paths([path]))) == [("claims_are_small", 2024, "new")]
    run_of(home, path)
    assert changes(replay(home, load_paths([path]))) == [("claims_are_small", 2024, "same")]


def test_answers_are_held_against_the_findings_as_they_would_be(home):
    """An explanation of a rule that would find nothing any more answers nothing."""
    path = rule_file(home, "submission", "few_sessions")
    answers = rule_file(home, "submission", "answers_fit", frame="answers")
    text = answers.read_text(encoding="utf-8").replace(
        "expect_column_values_to_be_between", "expect_column_values_to_not_be_null"
    )
    text = text.replace("column: sessions, max_value: 5", "column: finding_class")
    answers.write_text(text.replace("{sessions}", "{rule_id}"), encoding="utf-8")
    rules = load_paths([answers, path])
    assert changes(replay(home, rules)) == [("few_sessions", 2024, "new")]
    run_of(home, path, answers)
    assert len(replay(home, load_paths([answers]))) == 0
    rule_file(home, "submission", "few_sessions", limit=99)
    assert len(replay(home, load_paths([answers, path])).query("rule_id == 'answers_fit'")) == 1


# -- comparing, without a warehouse ----------------------------------------------------------------

PLACE = {"rule_id": "r", "city": "c", "year": 2024, "school_code": "01", "submission_id": "s"}


def found(*rows):
    blank = dict.fromkeys(FINDING_COLUMNS)
    return as_frame(
        {**blank, **PLACE, "cell": "学生!B3", "values_typed": "5", "state": "open", **row}
        for row in rows
    )


@pytest.mark.parametrize(
    ("name", "other"),
    [
        *[("rule_id", "q"), ("city", "d"), ("year", 2023), ("school_code", None)],
        *[("submission_id", "t"), ("cell", "学生!B9"), ("values_typed", "6")],
    ],
)
def test_a_finding_is_another_where_one_part_of_it_differs(name, other):
    both = compared(found({name: other}), found({}))
    assert sorted(both["change"]) == ["new", "vanished"]


@pytest.mark.parametrize(
    "row", [{}, {"school_code": None}, {"submission_id": None, "cell": None}, {"year": None}]
)
def test_a_finding_is_the_same_where_nothing_differs_missing_or_not(row):
    assert compared(found(row), found(row))["change"].tolist() == ["same"]


def test_a_new_sentence_or_class_is_the_same_finding_and_keeps_what_was_said_of_it():
    before = found({"class": "must", "sentence_zh": "旧", "state": "asked", "explanation": "属实"})
    (row,) = compared(found({"class": "explain", "sentence_zh": "新"}), before).to_dict("records")
    assert (row["change"], row["class"], row["sentence_zh"]) == ("same", "explain", "新")
    assert (row["state"], row["explanation"]) == ("asked", "属实")


def test_findings_that_are_equal_are_counted_one_by_one():
    changes_of = compared(found({}, {}, {}), found({}))["change"].value_counts()
    assert changes_of.to_dict() == {"new": 2, "same": 1}
    assert compared(found({}), found({}, {}))["change"].tolist() == ["same", "vanished"]


def test_nothing_compared_with_nothing_is_nothing():
    assert compared(found(), found()).empty


def test_changes_are_counted_by_rule_and_year_silent_rules_too(home):
    rules = load_paths([rule_file(home, "submission", "silent")])
    both = compared(found({}, {"year": 2023}), found({}, {"cell": None}))
    counts = changes_by_rule(rules, both).astype(object)
    assert counts.where(counts.notna(), None).to_numpy().tolist() == [
        ["r", 2023, 1, 1, 0],
        ["r", 2024, 1, 0, 1],
        ["silent", None, 0, 0, 0],
    ]


# -- what cannot be replayed -----------------------------------------------------------------------


def test_a_warehouse_that_is_not_there_is_said_in_both_languages(tmp_path):
    with pytest.raises(NothingToReplay, match=r"还没有数据仓库.*no warehouse"):
        replay(Home(tmp_path), [])


def test_a_warehouse_that_a_run_is_writing_is_said_in_both_languages(home):
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    writing = subprocess.Popen(
        [sys.executable, "-c", code, str(home.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        writing.stdout.readline()
        with pytest.raises(NothingToReplay, match=r"正在写入.*A run is writing"):
            replay(home, load_paths([home.root / "expectations"]))
    finally:
        writing.communicate(b"\n")


def test_a_frame_that_is_not_there_is_said_in_both_languages(home):
    path = rule_file(home, "submission", "misspelt", frame="techer_training")
    with pytest.raises(NothingToReplay, match=r"没有规则所查的表.*techer_training"):
        replay(home, load_paths([path]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("expectations:", "expectation:"),
        ("expectations:", "expectations: ["),
        ("severity: warning", "severity: grave"),
        ("column: sessions, max_value: 3", "condition: 'sessions <<< 3'"),
        ("    kwargs:", "    arguments:"),
    ],
)
def test_a_file_that_is_not_in_the_shape_of_rules_is_a_bad_rule(home, old, new):
    path = rule_file(home, "submission", "r", limit=3)
    text = path.read_text(encoding="utf-8").replace(old, new)
    if "condition" in new:
        text = text.replace("expect_column_values_to_be_between", "expect_rows_to_satisfy")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadRule, match=r"r\.yml"):
        load_file(path, Stage.submission)


@pytest.mark.parametrize("content", [b"", b"just words", b"\xff\xfe", b"[1, 2]"])
def test_a_file_of_something_else_is_a_bad_rule(tmp_path, content):
    path = tmp_path / "r.yml"
    path.write_bytes(content)
    with pytest.raises(BadRule, match=r"r\.yml"):
        load_file(path, Stage.submission)


def test_rules_of_no_stage_no_file_and_the_same_id_twice_are_refused(home, tmp_path):
    path = rule_file(home, "submission", "r")
    stray = tmp_path / "r.yml"
    stray.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(BadRule, match="--stage"):
        load_paths([stray])
    assert [rule.stage for rule in load_paths([stray], Stage.city)] == ["city"]
    with pytest.raises(BadRule, match=r"submission/r\.yml r：规则编号重复"):
        load_paths([stray, path], Stage.submission)
    assert len(load_paths([path, path])) == 1
    with pytest.raises(BadRule, match="There is no rule file"):
        load_paths([home.archive])


def rule(**changes):
    parts = {"id": "r", "stage": Stage.submission, "frame": "f", "family": "units", "since": 2024}
    parts |= {"severity": "info", "zh": "", "en": "", "at": ()}
    text = {"zh": "", "en": ""}
    return Rule.model_validate({**parts, "why": text, "fix": text, **changes})


@pytest.mark.parametrize(
    ("type_", "kwargs"),
    [
        ("expect_the_unknown", {"column": "a"}),
        ("expect_column_values_to_be_between", {"column": "a", "colour": "red"}),
        ("expect_column_mean_to_be_between", {"column": "a", "max_value": 1}),
    ],
)
def test_a_rule_that_cannot_name_failing_rows_never_passes(type_, kwargs):
    with pytest.raises(RuleDidNotRun, match=r"^r："):
        failing_rows(pd.DataFrame({"a": [5.0]}), [rule(type=type_, kwargs=kwargs)])


# -- the command -----------------------------------------------------------------------------------


def nianbao(home, *arguments, expect=0):
    done = CliRunner().invoke(app, [*arguments, "--home", str(home.root)])
    assert done.exit_code == expect, done.output
    return done.output


def test_the_command_counts_and_lists_what_changes(home):
    path = rule_file(home, "submission", "few_sessions", limit=3)
    text = nianbao(home, "rules", "replay", str(path))
    assert "规则试运行" in text
    assert text.count("期数 ") == 2
    assert "未列出 0 处" in text
    english = nianbao(home, "rules", "replay", str(path), "--lang", "en")
    assert "9次 sessions" in english
    assert not set("规则疑点") & set(english)


def test_the_command_lists_the_first_findings_and_all_if_asked(home, monkeypatch):
    monkeypatch.setattr("orchestration.cli.commands.rules._FIRST", 1)
    path = str(rule_file(home, "submission", "few_sessions", limit=3))
    first = nianbao(home, "rules", "replay", path)
    assert first.count("期数 ") == 1
    assert "未列出 1 处" in first
    assert nianbao(home, "rules", "replay", path, "--all").count("期数 ") == 2


def test_without_a_path_the_command_says_what_changed_since_the_last_run(home):
    run_of(home, rule_file(home, "submission", "gone"), home.root / "expectations")
    (home.root / "expectations" / "submission" / "gone.yml").unlink()
    text = nianbao(home, "rules", "replay", "--format", "json")
    changed = {row["rule_id"]: row["change"] for row in json.loads(text)}
    assert changed == {"few_sessions": "same", "gone": "vanished"}
    shown = nianbao(home, "rules", "replay")
    assert "few_sessions" not in shown
    assert "共 2 条规则，1 条的疑点有变化" in shown


def test_what_stops_the_command_is_said_in_both_languages(home, tmp_path):
    assert "没有" in nianbao(home, "rules", "replay", str(tmp_path / "none.yml"), expect=1)
    bad = rule_file(home, "submission", "bad")
    bad.write_text("expectations: 5", encoding="utf-8")
    text = nianbao(home, "rules", "replay", str(bad), expect=1)
    assert "submission/bad.yml：不是规则文件" in text and "Not a rule file" in text
    assert "bad.yml" in nianbao(home, "rules", "list", expect=1)
    empty = Home(tmp_path / "empty")
    path = str(rule_file(home, "submission", "few_sessions"))
    assert "还没有数据仓库" in nianbao(empty, "rules", "replay", path, expect=1)
    unknown = rule_file(home, "submission", "few_sessions")
    text = unknown.read_text(encoding="utf-8").replace("column: sessions", "column: lessons")
    unknown.write_text(text, encoding="utf-8")
    assert "teacher_training 表没有列 lessons" in nianbao(
        home, "rules", "replay", str(unknown), expect=1
    )


def test_the_command_lists_the_rules(home):
    assert "经验校验" in nianbao(home, "rules", "list")
    (listed,) = json.loads(nianbao(home, "rules", "list", "--format", "json"))
    assert listed == {
        **{"rule_id": "few_sessions", "class": "explain", "stage": "submission"},
        **{"family": "units", "since": 2023, "until": None, "version": 1},
    }


def test_values_of_a_workbook_are_only_text_on_the_terminal(home):
    with duckdb.connect(str(home.warehouse)) as connection:
        sql = 'update "stg_nianbao__teacher_training" set sessions__typed = $typed'
        connection.execute(sql, {"typed": "[bold red]9[/] \\[x] {city}"})
    text = nianbao(home, "rules", "replay", str(rule_file(home, "submission", "r", limit=3)))
    assert "[bold red]9[/] \\[x] {city}" in text
