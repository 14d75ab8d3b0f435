"""Which submission stands: said once, and the same wherever people read it."""

import re
from datetime import date

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from workbooks import CITY, CODE, OTHER

from orchestration.gate.current import current_state
from orchestration.gate.findings import as_frame
from orchestration.gate.verdicts import with_superseded
from orchestration.ground.home import REPOSITORY
from orchestration.intake.declared.reference import write_reference
from orchestration.intake.raw import SUBMISSIONS, write_table
from orchestration.line.outcome import city_status
from orchestration.schools.reminders import reminders
from orchestration.schools.returned import write_returned
from orchestration.warehouse.project import WRITTEN
from orchestration.warehouse.standing import standing_submissions, submissions_of

# In the order of intake. Of last year, the file before the newest stands.
FILES = [
    ("last_accepted", 2023, "accepted"),
    ("last_returned", 2023, "returned"),
    ("first", 2024, "returned"),
    ("accepted", 2024, "accepted"),
    ("returned", 2024, "returned"),
    ("waiting", 2024, "waiting"),
]


@pytest.fixture
def filed(home):
    """A home in which a school handed in each of `FILES`, and what the gate said of them."""
    write_reference(home)
    for number, (name, year, _) in enumerate(FILES, start=1):
        row = dict.fromkeys(SUBMISSIONS.names) | {
            **{"submission_id": name, "city": CITY, "year": year, "school_code": CODE},
            **{"school_name": "示例", "file_name": f"{name}.xlsx", "file_hash": name},
            **{"filed_by": "school", "received_seq": number, "is_read": True},
            "received_at": f"2025-01-0{number}T00:00:00+00:00",
        }
        folder = home.raw / "submissions" / f"year={year}"
        folder.mkdir(parents=True, exist_ok=True)
        table = pa.Table.from_pylist([row], schema=SUBMISSIONS)
        write_table(folder / f"{number}.parquet", table)
    verdicts = [{"submission_id": name, "verdict": verdict} for name, _, verdict in FILES]
    pd.DataFrame(verdicts).to_parquet(home.gate / "verdicts.parquet")
    findings = [
        {"finding_id": name, "submission_id": name, "state": "open", "rule_id": "r"}
        | {"class": "must" if verdict == "returned" else "explain", "city": CITY, "year": year}
        | {"school_code": CODE, "values_hash": name, "stage": "submission"}
        for name, year, verdict in FILES
        if verdict != "accepted"
    ]
    as_frame(findings).to_parquet(home.gate / "findings.parquet")
    as_frame([]).to_parquet(home.gate / "city_findings.parquet")
    city = {"city": CITY, "year": 2024, "verdict": "passed"}
    pd.DataFrame([city]).to_parquet(home.gate / "city_verdicts.parquet")
    texts = {name: ["示例"] for name in ("why_zh", "why_en", "fix_zh", "fix_en")}
    pd.DataFrame({"rule_id": ["r"], **texts}).to_parquet(home.gate / "rules.parquet")
    with duckdb.connect(str(home.analyst_database)) as connection:
        names = ("city", "claim_id", "printed", "computed", "compare", "verdict", "note")
        texts = ("cause_zh", "cause_en", "indicator_id", "label_zh", "label_en")
        names = ", ".join(f"{n} varchar" for n in (*names, *texts))
        connection.execute(f"create table fct_claim ({names}, unit varchar, year integer)")
    return home


def of(frame, flag):
    return set(frame.loc[frame[flag].fillna(False).astype(bool), "submission_id"])


def test_the_newest_accepted_stands_and_what_is_older_is_superseded(filed):
    submissions = submissions_of(filed)
    assert of(submissions, "is_standing") == {"last_accepted", "accepted"}
    assert of(submissions, "is_superseded") == {"first"}
    assert of(submissions, "is_newest") == {"last_returned", "waiting"}


def test_findings_of_what_was_replaced_rest_and_no_others(filed):
    findings = pd.read_parquet(filed.gate / "findings.parquet")
    rested = with_superseded(findings, submissions_of(filed))
    assert set(rested.loc[rested["state"] == "superseded", "submission_id"]) == {"first"}


def test_the_pages_and_the_command_count_the_school_by_what_stands(filed):
    now = current_state(filed)
    (school,) = now.schools[
        now.schools["school_code"].eq(CODE) & now.schools["year"].eq(2024)
    ].to_dict("records")
    assert (school["state"], school["newest_verdict"]) == ("accepted", "waiting")
    assert school["standing_submission_id"] == "accepted"
    (row,) = city_status(filed, 2024)
    assert (row.accepted, row.waiting, row.newer_waiting, row.missing) == (1, 0, 1, 1)


def test_last_years_file_beside_a_case_is_the_one_that_stood(filed):
    schools = current_state(filed).schools
    last = schools[schools["school_code"].eq(CODE) & schools["year"].eq(2023)]
    assert list(last["standing_submission_id"]) == ["last_accepted"]


def test_a_school_is_told_of_its_newest_file_whatever_stands(filed):
    (written,) = write_returned(filed, 2024)
    assert written.name.startswith(CODE)
    messages = reminders(filed, CITY, 2024, date(2025, 2, 1)).set_index("school_code")
    assert dict(messages["state"]) == {CODE: "waiting", OTHER: "missing"}
    assert messages.loc[CODE, "open_findings"] == 1


def test_a_supposed_verdict_moves_what_stands(filed):
    submissions = submissions_of(filed)
    supposed = submissions[["submission_id"]].assign(verdict="returned")
    supposed.loc[submissions["submission_id"].eq("waiting"), "verdict"] = "accepted"
    handed_in = submissions.drop(columns="verdict")
    assert of(standing_submissions(handed_in, supposed), "is_standing") == {"waiting"}


def test_what_no_run_has_judged_stands_for_nothing(filed):
    (filed.gate / "verdicts.parquet").unlink()
    submissions = submissions_of(filed)
    assert not of(submissions, "is_standing") and not of(submissions, "is_newest_judged")
    assert of(submissions, "is_newest") == {"last_returned", "waiting"}


# -- one home --------------------------------------------------------------------------------------

# Who may look at the order of intake, and what for.
ORDERED = {
    "warehouse/standing.py": "hands it to the model",
    "schools/timeliness.py": "lists the files of a city, oldest first",
    "schools/about_school.py": "lists the files of a school, newest first",
    "publishing/rebuild.py": "takes files in again in the same order",
}
MODELS = {
    "int_submissions_compared.sql": "says which file a principal's sign-off first came with",
    "int_submissions_received.sql": "says which file is a filer's newest",
    "int_submissions_standing.sql": "says which one stands",
    "fct_submission.sql": "shows the order to analysts",
}


def test_no_other_code_orders_the_files_of_a_filer():
    """Without the order of intake nobody can tell which file is newer, and so which stands."""
    code = REPOSITORY / "orchestration"
    found = {
        str(path.relative_to(code))
        for path in code.rglob("*.py")
        if "received_seq" in path.read_text(encoding="utf-8")
        and path.relative_to(code).parts[0] != "intake"
    }
    assert found == set(ORDERED)
    models = {
        path.name
        for path in (WRITTEN / "models").rglob("*.sql")
        if "received_seq" in path.read_text(encoding="utf-8")
    }
    assert models == set(MODELS)


def test_no_other_model_picks_by_verdict():
    picking = re.compile(r"verdict\w* *(=|in|<>) *\(?'(accepted|waiting|returned)'")
    found = {
        path.name
        for path in (WRITTEN / "models").rglob("*.sql")
        if picking.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"int_submissions_standing.sql"}
