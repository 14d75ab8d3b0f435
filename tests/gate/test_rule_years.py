"""A rule judges the years that it is for; what each year brought is listed."""

import runpy

import pandas as pd
import pytest
from pydantic import ValidationError

from orchestration.gate.rules import load_rules
from orchestration.gate.run import findings_in
from orchestration.ground.home import REPOSITORY
from orchestration.ground.text import Text

RULES = {rule.id: rule for rule in load_rules([REPOSITORY / "expectations"])}
ENTRANTS = RULES["entrants_are_among_the_enrolled"]
SCRIPT = runpy.run_path(str(REPOSITORY / "docs" / "rules_by_year.py"))


def rule(**changes):
    return ENTRANTS.model_validate(ENTRANTS.model_dump() | {"file": "", **changes})


def years_found(judge, *years):
    rows = pd.DataFrame({"year": pd.array(years, dtype="Int64")})
    rows = rows.assign(city="qingyang", school_code="9962100201", file_name="甲.xlsx")
    rows["submission_id"] = [f"s{number}" for number in range(len(rows))]
    rows = rows.assign(students__entrants=5, students__enrolled=4)
    found = findings_in(rows, [judge])["year"]
    return sorted(found.dropna()), int(found.isna().sum())


@pytest.mark.parametrize(
    ("since", "until", "judged"),
    [
        (2023, None, [2023, 2024, 2025]),
        (2024, None, [2024, 2025]),
        (2023, 2024, [2023, 2024]),
        (2024, 2024, [2024]),
        (2026, None, []),
    ],
)
def test_a_rule_judges_the_years_that_it_is_for_and_files_of_no_year(since, until, judged):
    years = (2023, 2024, 2025, None)
    assert years_found(rule(since=since, until=until), *years) == (judged, 1)


@pytest.mark.parametrize(
    "years", [{"since": 2025, "until": 2024}, {"since": 2024, "changed": {2023: ENTRANTS.why}}]
)
def test_years_that_do_not_follow_one_another_are_refused(years):
    with pytest.raises(ValidationError, match="one after the other"):
        rule(**years)


def test_each_change_is_a_version():
    assert rule().version == 1
    assert rule(changed={2025: ENTRANTS.why, 2026: ENTRANTS.why}).version == 3


def test_the_list_names_what_a_year_brought_changed_and_retired():
    made = [
        rule(id="a", since=2024),
        rule(id="b", since=2023, changed={2024: Text("改为户籍口径", "by household")}),
        rule(id="c", since=2023, until=2023),
    ]
    of_2024, of_2023 = SCRIPT["text"](made).split("## 2024")[1].split("## 2023")
    assert "**新增 New** (1)\n\n- `a`" in of_2024
    assert "- `b` 逻辑校验 must：改为户籍口径 by household" in of_2024
    assert "**停用 Retired** (1)\n\n- `c`" in of_2024
    assert "`a`" not in of_2023 and "`b`" in of_2023 and "`c`" in of_2023


def test_the_list_in_docs_is_of_these_rules():
    assert SCRIPT["LIST"].read_text(encoding="utf-8") == SCRIPT["text"](RULES.values())
