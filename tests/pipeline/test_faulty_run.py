"""The line on workbooks with planted faults: each is found at its cell, and stops only itself."""

import json

import pandas as pd
import pytest
import yaml

from tests.pipeline.conftest import REPOSITORY

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
    assert outcome["qingyang"]["returned"] > 0
    assert not (deployment.root / "published" / "qingyang").exists()


def test_findings_speak_both_languages_and_name_a_place(findings):
    assert findings["sentence_zh"].str.len().min() > 5
    assert findings["sentence_en"].str.len().min() > 5
    assert not findings["sentence_zh"].str.contains(r"\{\w+\}").any()
