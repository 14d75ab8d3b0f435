"""What is told twice about a city agrees: claims with their indicators, rosters with divisions."""

import csv
import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
CITIES = sorted(path.parent for path in (REPOSITORY / "cities").glob("*/city.yml"))


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def declared_metrics():
    names = set()
    for path in (REPOSITORY / "dbt_project" / "models").rglob("*.yml"):
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        names |= {metric["name"] for metric in document.get("metrics", [])}
    return names


@pytest.mark.parametrize("city", CITIES, ids=lambda path: path.name)
def test_each_claim_names_a_declared_indicator(city):
    claims = read(city / "claims_2024.csv")
    numeric = {row["indicator_id"] for row in claims if row["compare"] != "set"}
    assert numeric - declared_metrics() == set()
    assert len({row["claim_id"] for row in claims}) == len(claims)


@pytest.mark.parametrize("city", CITIES, ids=lambda path: path.name)
def test_flagged_claims_say_why(city):
    flagged = [row for row in read(city / "claims_2024.csv") if row["is_flagged"] == "true"]
    assert flagged
    assert all(row["note"] for row in flagged)


@pytest.mark.parametrize("city", CITIES, ids=lambda path: path.name)
def test_rosters_lie_in_the_citys_counties(city):
    facts = yaml.safe_load((city / "city.yml").read_text(encoding="utf-8"))
    divisions = read(REPOSITORY / "dbt_project" / "seeds" / "divisions.csv")
    counties = {row["code"] for row in divisions if row["city_code"] == facts["city_code"]}
    schools = read(city / "schools.csv")
    assert {row["county_code"] for row in schools} <= counties
    assert all(re.fullmatch(r"\d{10}", row["school_code"]) for row in schools)
    keys = [(row["year"], row["school_code"]) for row in schools]
    assert len(keys) == len(set(keys))
