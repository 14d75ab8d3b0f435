"""A home of two cities, its web app, a clock that the tests set, and browsers that signed in."""

import shutil

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from argon2 import PasswordHasher
from browsers import PASSWORD, Browser, Clock
from crafted_gate import MINE, MUST, OTHER, SCHOOL, SCRIPT, THEIRS, finding

from orchestration.gate.findings import as_frame
from orchestration.ground.home import REPOSITORY, Home
from orchestration.intake.declared.reference import write_reference
from orchestration.intake.raw import RECEIPT_SHEETS, RECEIPTS, SUBMISSIONS
from orchestration.web.accounts import passwords
from orchestration.web.accounts.store import Accounts
from orchestration.web.app import build_app


@pytest.fixture(autouse=True)
def fast_hashes(monkeypatch):
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheap)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    for city in ("qingyang", "baoji"):
        shutil.copytree(REPOSITORY / "cities" / city, home.cities / city)
    return home


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def accounts(home, clock):
    accounts = Accounts(home, clock)
    yield accounts
    accounts.close()


@pytest.fixture
def app(home, accounts):
    return build_app(home, accounts=accounts)


@pytest.fixture
def browser(app):
    return Browser(app)


@pytest.fixture
def member(accounts):
    """Return a function that adds an account whose password is `PASSWORD`."""

    def add(name, role, cities=("*",), display_name=""):
        once = accounts.add(name, role, list(cities), "test", display_name)
        token = accounts.sign_in(name, once, "zh")
        accounts.change_password(token, once, PASSWORD)
        accounts.sign_out(token)
        return name

    return add


@pytest.fixture
def signed_in(app, member):
    """Return a function that gives a browser signed in with a role: `signed_in("steward")`."""

    def open_browser(role, cities=("*",), name=None, display_name=""):
        browser = Browser(app)
        browser.sign_in(member(name or f"a.{role}", role, cities, display_name))
        return browser

    return open_browser


@pytest.fixture
def judged(home):
    """A home as a run left it: a finding of each city, whose cells are hostile."""
    write_reference(home)
    frame = as_frame(
        [
            finding(MINE, "qingyang", SCHOOL),
            finding(THEIRS, "baoji", OTHER),
            finding(MUST, "qingyang", SCHOOL, "must", explanation=None, state="open"),
        ]
    )
    frame.to_parquet(home.gate / "findings.parquet", index=False)
    filed = pd.DataFrame(
        [
            (f"s{MINE}", "qingyang", SCHOOL, 1),
            (f"s{THEIRS}", "baoji", OTHER, 2),
            (f"s{MUST}", "qingyang", SCHOOL, 3),
        ],
        columns=["submission_id", "city", "school_code", "received_seq"],
    ).assign(
        year=2024,
        filed_by="school",
        is_read=True,
        file_hash="0" * 64,
        file_name=f"{SCRIPT}.xlsx",
        received_at="2025-01-02T03:04:05+00:00",
    )
    folder = home.raw / "submissions" / "year=2024"
    folder.mkdir(parents=True)
    rows = [dict.fromkeys(SUBMISSIONS.names) | row for row in filed.to_dict("records")]
    pq.write_table(pa.Table.from_pylist(rows, schema=SUBMISSIONS), folder / "run.parquet")
    rows = [(f"s{MINE}", "学生", *([7] * 5)), (f"s{MINE}", SCRIPT, 0, 0, 0, 0, 2)]
    rows += [(f"s{THEIRS}", "学生", *([3] * 5))]
    kept = ("enrolled", "12人", "12", "converted", "unit_suffix")
    listed = [("学生", "B3", *kept), ("学生", "B4", *kept)]
    listed += [(SCRIPT, "A1:B1", "", SCRIPT, None, "not_read", "content_is_not_read")]
    tables = {"receipt_sheets": (RECEIPT_SHEETS, rows)}
    tables["receipts"] = (RECEIPTS, [(f"s{MINE}", *entry) for entry in listed])
    for name, (schema, lines) in tables.items():
        path = home.raw / name / "year=2024" / "run-0.parquet"
        path.parent.mkdir(parents=True)
        named = [dict(zip(schema.names, line, strict=True)) for line in lines]
        pq.write_table(pa.Table.from_pylist(named, schema=schema), path)
    verdicts = filed[["submission_id"]].assign(verdict="waiting")
    verdicts.to_parquet(home.gate / "verdicts.parquet", index=False)
    return home
