"""The line on workbooks with planted faults: each is found at its cell, and stops only itself."""

import json

import pandas as pd
import pytest
import yaml

from orchestration.home import REPOSITORY

PLANTED = yaml.safe_load((REPOSITORY / "samples" / "faulty.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def outcome(deployment):
    deployment.nianbao("init")
    deployment.nianbao("sample", "--faulty")
    deployment.run(expect=1)
    text = deployment.nianbao("status", "--year", "2024", "--format", "json")
    return {row["city"]: row for row in json.loads(text)}


@pytest.fixture
def findings(deployment, outcome):
    frame = pd.read_parquet(deployment.root / "gate" / "findings.parquet")
    return frame[(frame["year"] == 2024) & (frame["class"] != "info")]


def test_the_healthy_city_is_published(deployment, outcome):
    assert outcome["baoji"]["gate"] == "passed"
    assert (deployment.root / "published" / "baoji" / "2024" / "v1").is_dir()


def test_the_faulty_city_is_not(deployment, outcome):
    assert outcome["qingyang"]["gate"] == "blocked"
    counts = {
        name: outcome["qingyang"][name] for name in ("accepted", "waiting", "returned", "missing")
    }
    assert counts == {"accepted": 3, "waiting": 2, "returned": 10, "missing": 0}
    assert not (deployment.root / "published" / "qingyang").exists()


def test_exactly_the_planted_faults_are_found_each_at_its_cell(findings):
    planted = {
        (
            None if fault.get("fault") == "unknown_school" else fault["school_code"],
            *(rule, cell, fault.get("state", "open")),
        )
        for fault in [*PLANTED["cells"], *PLANTED["files"]]
        for rule, cell in fault["findings"].items()
    }
    columns = ["school_code", "rule_id", "cell", "state"]
    found = findings[columns].astype(object).where(findings[columns].notna(), None)
    assert set(found.itertuples(index=False, name=None)) == planted


def test_verdicts_follow_from_the_classes(deployment, outcome, findings):
    verdicts = pd.read_parquet(deployment.root / "gate" / "verdicts.parquet")
    verdicts = verdicts.set_index("submission_id")["verdict"]
    is_open = findings["state"].eq("open")
    returned = set(findings.loc[is_open & findings["class"].eq("must"), "submission_id"])
    waiting = set(findings.loc[is_open & findings["class"].eq("explain"), "submission_id"])
    assert set(verdicts[verdicts == "returned"].index) == returned
    assert set(verdicts[verdicts == "waiting"].index) == waiting - returned
    assert len(waiting - returned) == 2
    assert len(returned) >= 10


def test_a_corrected_workbook_is_accepted_and_the_old_findings_rest(deployment, outcome):
    """The school hands in its workbook without the fault; what was returned stays on record."""
    from orchestration.home import Home
    from orchestration.samples import write_samples

    code, good = "9962102203", Home(deployment.root.parent / "good")
    write_samples(good, cities=["qingyang"], years=[2024])
    (corrected,) = good.inbox_year(2024).glob(f"{code}_*.xlsx")
    target = deployment.root / "inbox" / "2024" / f"{code}_更正.xlsx"
    target.write_bytes(corrected.read_bytes())
    deployment.run(expect=1)
    text = deployment.nianbao("status", "--year", "2024", "--format", "json")
    status = {row["city"]: row for row in json.loads(text)}["qingyang"]
    assert (status["accepted"], status["returned"]) == (4, 9)
    found = pd.read_parquet(deployment.root / "gate" / "findings.parquet")
    own = found[(found["school_code"] == code) & (found["year"] == 2024)]
    assert set(own["state"]) == {"superseded"}
    assert "3.5" not in deployment.nianbao("status", "--year", "2024")


def test_findings_speak_both_languages_and_name_a_place(findings):
    assert findings["sentence_zh"].str.len().min() > 5
    assert findings["sentence_en"].str.len().min() > 5
    assert not findings["sentence_zh"].str.contains(r"\{\w+\}").any()
