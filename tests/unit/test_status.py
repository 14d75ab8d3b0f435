"""How a year ended: which file of a school counts, and that a printed table loses nothing."""

import json

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner
from workbooks import CITY, CODE, OTHER

from orchestration.cli import app, terminal
from orchestration.forms.headings import HEADINGS
from orchestration.gate.current import current_state
from orchestration.gate.findings import FINDING_COLUMNS, as_frame
from orchestration.gate.verdicts import with_excluded
from orchestration.ground.text import Language, Text
from orchestration.intake.declared.exclusions import BadExclusion, exclusions, write_exclusions
from orchestration.intake.declared.reference import write_reference
from orchestration.intake.raw import SUBMISSIONS, write_table
from orchestration.line.outcome import NothingRunYet, city_status, open_findings
from orchestration.schools.excluding import exclude_school

COUNTS = (
    *("accepted", "waiting", "returned", "missing", "excluded"),
    *("newer_returned", "newer_waiting"),
)


@pytest.fixture
def ended(home):
    """Return a function that leaves a run's results: verdicts of files, oldest first, by filer."""
    write_reference(home)
    for name in ("findings", "city_findings"):
        as_frame([]).to_parquet(home.gate / f"{name}.parquet")
    place = {"city": CITY, "year": 2024, "verdict": "passed"}
    pd.DataFrame([place]).to_parquet(home.gate / "city_verdicts.parquet")
    with duckdb.connect(str(home.analyst_database)) as connection:
        names = "claim_id printed computed compare verdict note cause_zh cause_en indicator_id"
        columns = ", ".join(f"{n} varchar" for n in f"{names} label_zh label_en unit".split())
        connection.execute(f"create table fct_claim (city varchar, year integer, {columns})")

    def leave(*files, filed_by="school"):
        rows = [
            dict.fromkeys(SUBMISSIONS.names)
            | {"submission_id": f"s{number}", "city": CITY, "year": 2024, "school_code": code}
            | {"filed_by": filed_by, "received_seq": number, "is_read": True}
            for number, (code, _) in enumerate(files, start=1)
        ]
        folder = home.raw / "submissions" / "year=2024"
        folder.mkdir(parents=True, exist_ok=True)
        write_table(folder / "run.parquet", pa.Table.from_pylist(rows, schema=SUBMISSIONS))
        said = [(row["submission_id"], v) for row, (_, v) in zip(rows, files, strict=True)]
        verdicts = pd.DataFrame(said, columns=["submission_id", "verdict"], dtype="string")
        verdicts.to_parquet(home.gate / "verdicts.parquet")
        return home

    return leave


def counts(home):
    (row,) = city_status(home, 2024)
    assert row.expected == 2
    return {name: getattr(row, name) for name in COUNTS if getattr(row, name)}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], {"missing": 2}),
        (["accepted"], {"accepted": 1, "missing": 1}),
        (["returned"], {"returned": 1, "missing": 1}),
        (["waiting"], {"waiting": 1, "missing": 1}),
        (["returned", "waiting"], {"waiting": 1, "missing": 1}),
        (["waiting", "returned"], {"returned": 1, "missing": 1}),
        (["returned", "accepted"], {"accepted": 1, "missing": 1}),
        (["accepted", "accepted"], {"accepted": 1, "missing": 1}),
        (["accepted", "returned"], {"accepted": 1, "newer_returned": 1, "missing": 1}),
        (["accepted", "waiting"], {"accepted": 1, "newer_waiting": 1, "missing": 1}),
        (["accepted", "returned", "waiting"], {"accepted": 1, "newer_waiting": 1, "missing": 1}),
        (["accepted", "returned", "accepted"], {"accepted": 1, "missing": 1}),
    ],
)
def test_a_school_is_counted_once_by_the_file_that_counts(ended, said, expected):
    assert counts(ended(*((CODE, verdict) for verdict in said))) == expected


def test_a_school_that_is_excluded_by_name_is_neither_missing_nor_returned(ended, ledger):
    """Of one that is accepted the exclusion says nothing, and each counts from the next run on."""
    home = ended((OTHER, "returned"))
    for code in (CODE, OTHER):
        exclude_school(ledger, home, (CITY, 2024, code), "停办", "该校未报送。", "王排除")
    assert counts(home) == {"returned": 1, "missing": 1}
    write_exclusions(home, ledger)
    assert counts(home) == {"excluded": 2}
    assert counts(ended((CODE, "accepted"))) == {"accepted": 1, "excluded": 1}


def test_that_an_excluded_school_filed_nothing_is_no_open_finding_and_a_fault_in_a_file_is(
    ended, ledger
):
    home = ended((OTHER, "returned"))
    must = {"class": "must", "city": CITY, "year": 2024, "stage": "submission", "state": "open"}
    lacks = {**must, "rule_id": "school_has_handed_in", "finding_id": "f1", "school_code": CODE}
    fault = {**must, "rule_id": "faulty", "finding_id": "f2", "school_code": OTHER}
    found = as_frame([lacks, {**fault, "submission_id": "s1"}])
    for code in (CODE, OTHER):
        exclude_school(ledger, home, (CITY, 2024, code), "停办", "该校未报送。", "王排除")
    judged = with_excluded(found, exclusions(ledger))
    assert dict(zip(judged["rule_id"], judged["state"], strict=True)) == {
        **{"school_has_handed_in": "excluded", "faulty": "open"},
    }
    found.to_parquet(home.gate / "findings.parquet")
    # Before the next run pages say what it will find.
    now = current_state(home).findings.set_index("rule_id")
    assert now["state"].to_dict() == {"school_has_handed_in": "open", "faulty": "open"}
    assert now["is_unsettled"].to_dict() == {"school_has_handed_in": False, "faulty": True}
    judged.to_parquet(home.gate / "findings.parquet")
    assert [row["rule_id"] for row in open_findings(home, 2024)] == ["faulty"]
    (row,) = city_status(home, 2024)
    assert row.must == 1


def test_every_school_is_counted_for_itself(ended):
    home = ended((CODE, "accepted"), (OTHER, "accepted"), (CODE, "returned"), (OTHER, "waiting"))
    assert counts(home) == {"accepted": 2, "newer_returned": 1, "newer_waiting": 1}


def test_the_bureaus_file_and_a_school_of_no_roster_are_no_expected_filer(ended):
    assert counts(ended((None, "accepted"), filed_by="bureau")) == {"missing": 2}
    assert counts(ended(("9999999999", "accepted"))) == {"missing": 2}


def test_before_the_first_run_there_is_nothing_to_count(home):
    with pytest.raises(NothingRunYet, match="还没有运行结果"):
        city_status(home, 2024)


def test_the_command_says_how_many_have_a_newer_file_that_is_not_accepted(ended, monkeypatch):
    home = ended((CODE, "accepted"), (OTHER, "accepted"), (CODE, "returned"))
    monkeypatch.setenv("NIANBAO_HOME", str(home.root))
    status = ["status", "--year", "2024"]
    zh = CliRunner().invoke(app, status).output
    assert (
        "示例市已通过的 2 所中，更新的文件被退回的 1 所、待说明的 0 所，仍按已通过的文件计。" in zh
    )
    en = CliRunner().invoke(app, [*status, "--lang", "en"]).output
    assert "Sample: of 2 accepted, 1 with a newer file returned, 0 with one waiting;" in en
    (row,) = json.loads(CliRunner().invoke(app, [*status, "--format", "json"]).output)
    assert (row["accepted"], row["newer_returned"]) == (2, 1)
    ended((CODE, "returned"), (OTHER, "accepted"), (CODE, "accepted"))
    assert "更新的文件" not in CliRunner().invoke(app, status).output


def test_a_year_of_which_there_is_nothing_is_said_and_no_empty_table_is_printed(ended, monkeypatch):
    monkeypatch.setenv("NIANBAO_HOME", str(ended((CODE, "accepted")).root))
    for typed in (["status", "--year", "2019"], ["claims", "--city", CITY, "--year", "2019"]):
        for format in ("table", "json"):
            done = CliRunner().invoke(app, [*typed, "--format", format])
            assert done.exit_code == 1
            assert "没有" in done.output and "There " in done.output and "2019" in done.output


# -- tables ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["疑" * 300, "a_rule_of_many_words_" * 20, "短"])
def test_a_piped_table_shows_every_character(capsys, monkeypatch, text):
    rows = [{"place": text, "hits": 12345, "note": text} for _ in range(2)]
    monkeypatch.setitem(HEADINGS, "note", Text("说明" * 60, "again"))
    terminal.show("标题", rows, ("place", "hits", "note"), Language.zh)
    shown = capsys.readouterr().out
    assert "…" not in shown
    lost = {c for c in set(text) if shown.count(c) < text.count(c) * 4}
    assert not lost
    assert shown.count("说明"[0]) >= 60


def test_open_findings_of_no_impact_are_told_by_city_and_rule_what_must_be_right_first(ended):
    home = ended((CODE, "returned"))
    found = [
        *(
            ("a", CITY, "explain", "open"),
            ("b", CITY, "explain", "asked"),
            ("b", CITY, "must", "open"),
        ),
        *(
            ("c", CITY, "explain", "explained"),
            ("d", CITY, "info", "open"),
            ("a", None, "must", "open"),
        ),
        ("a", CITY, "explain", "returned"),
    ]
    rows = [
        {"finding_id": str(n), "rule_id": rule, "city": city, "class": kind, "state": state}
        | {"year": 2024, "sentence_zh": f"示例 {n}", "sentence_en": f"sample {n}"}
        for n, (rule, city, kind, state) in enumerate(found)
    ]
    as_frame([dict.fromkeys(FINDING_COLUMNS) | row for row in rows]).to_parquet(
        home.gate / "city_findings.parquet"
    )
    told = [
        (r["class"], r["rule_id"], r["hits"], r["one_of_them"].en)
        for r in open_findings(home, 2024)
    ]
    assert told == [
        ("must", "a", 1, "sample 5"),  # of no city that is known
        *(("must", "b", 1, "sample 2"), ("explain", "a", 2, "sample 0")),
        ("explain", "b", 1, "sample 1"),
    ]


@pytest.mark.parametrize("verdicts", [["accepted"], ["accepted", "returned"]])
def test_a_school_whose_file_counts_cannot_be_excluded(ended, ledger, monkeypatch, verdicts):
    home = ended(*((CODE, verdict) for verdict in verdicts), (OTHER, "waiting"))
    said = "已通过并计入，不能排除.*cannot be excluded.*accepted and counts"
    with pytest.raises(BadExclusion, match=said):
        exclude_school(ledger, home, (CITY, 2024, CODE), "停办", "该校未报送。", "王排除")
    monkeypatch.setenv("NIANBAO_HOME", str(home.root))
    words = ["exclude", "--city", CITY, "--year", "2024", "--school", CODE, "--by", "王排除"]
    typed = CliRunner().invoke(app, [*words, "--reason", "停办", "--note", "该校未报送。"])
    assert typed.exit_code == 1 and "不能排除" in typed.stderr
    assert exclusions(ledger) == {}
    # One whose file does not count can be, and so can this one once its file was sent back.
    exclude_school(ledger, home, (CITY, 2024, OTHER), "停办", "该校未报送。", "王排除")
    home = ended((CODE, "returned"))
    exclude_school(ledger, home, (CITY, 2024, CODE), "停办", "该校未报送。", "王排除")
    assert {code for _, _, code in exclusions(ledger)} == {CODE, OTHER}
