"""An edition that older software published is verified, traced, shown and compared as before."""

import duckdb
import pandas as pd
import pytest
from older import CITY, FIGURE, YEAR, write_older_edition

from orchestration.analysts.edition_tables import add_editions
from orchestration.editions.checklist import checklist
from orchestration.editions.history import city_year, every_city_year
from orchestration.editions.revisions import earlier
from orchestration.editions.trace import opened_edition, trace_of
from orchestration.editions.verify import verify_all
from orchestration.gate.run import city_outcome
from orchestration.ground.clock import CHINA
from orchestration.ground.ledger import open_ledger
from orchestration.publishing.imprint import imprint_of


@pytest.fixture
def older(judged):
    """A home with one edition of before, as its ledger knows it."""
    verdict = {"city": CITY, "year": YEAR, "verdict": "passed"}
    counts = {"must_open": 0, "explain_open": 0, "explained": 0}
    pd.DataFrame([verdict | counts]).to_parquet(judged.gate / "city_verdicts.parquet")
    findings = pd.read_parquet(judged.gate / "findings.parquet")
    findings.iloc[:0].to_parquet(judged.gate / "city_findings.parquet")
    assert city_outcome(judged, CITY, YEAR)[0] == "passed"
    with open_ledger(judged) as ledger:
        write_older_edition(judged, ledger)
        yield judged, ledger


def test_it_is_as_it_was_published_and_stands(older):
    assert verify_all(*older) == (1, [])
    edition = city_year(*older, CITY, YEAR).current
    assert (edition.number, edition.state) == (1, "provisional")
    file = edition.folder / "tables" / "fct_cell.parquet"
    file.write_bytes(file.read_bytes() + b"\n")
    ((fault,), count) = verify_all(*older)[::-1]
    assert count == 1 and fault.file == "tables/fct_cell.parquet"


def test_its_figures_are_traced_to_their_cells(older):
    edition = city_year(*older, CITY, YEAR).current
    with opened_edition(edition.folder) as connection:
        found = trace_of(connection, CITY, YEAR, FIGURE)
    assert found.value_printed == "97.78"
    assert [(part.measure, part.value) for part in found.parts] == [
        *(("graduates_with_destination", 1802.0), ("graduates", 1843.0)),
    ]
    assert len(found.cells) == 6 and found.cells["school_code"].nunique() == 2
    assert found.cells["cell"].str.startswith("毕业生去向!").all()


def test_its_pages_open(older, signed_in):
    browser = signed_in("approver")
    page = browser.get(f"/{YEAR}/editions/{CITY}/v1")
    assert page.status_code == 200 and "就业率" in page.text and "97.78" in page.text
    trace = browser.get(f"/{YEAR}/trace/{CITY}/{FIGURE}")
    assert trace.status_code == 200 and "毕业生去向!" in trace.text
    assert "现行：v1" in browser.get(f"/{YEAR}/editions").text


def test_it_can_be_signed_compared_with_and_made_again(older):
    home, ledger = older
    edition = city_year(home, ledger, CITY, YEAR).current
    unmet = [i.id for i in checklist(home, ledger, edition) if i.is_blocking and not i.is_met]
    assert unmet == []
    assert earlier(edition).number == 1
    imprint = imprint_of(edition.manifest())
    assert imprint.status.zh == "暂定" and imprint.software["nianbao"] == "0.1.0"


def test_analysts_find_its_figures(older):
    with duckdb.connect() as connection:
        add_editions(connection, every_city_year(*older), CHINA)
        found = connection.sql(
            "select m.value_printed, e.is_current from fct_edition_metric as m "
            "inner join fct_edition as e using (city, year, edition)"
        ).fetchall()
    assert found == [("97.78", True)]
