"""The analysts' database: what the city gate adds to the marts after dbt has built them."""

from datetime import date

import duckdb
import pytest

from orchestration.analysts.database import publish_database
from orchestration.gate.decisions import Proposal, decide, propose, settle
from orchestration.gate.run import judge_all_cities
from orchestration.ground.ledger import open_ledger
from orchestration.warehouse import dbt as warehouse

RULE = "figure_changes_little_in_a_year"
RATE = ("qingyang", 2024, "graduate_destination_rate")
ACCEPT = Proposal("accept", "exceptional_year", "去年统计口径不同，已核对台账")
TODAY = date(2025, 3, 1)
LISTED = """
select d.verb, d.reason, d.asked_by, d.decided_by, d.approved_by, d.school_code, f.stage, f.state
from fct_decision as d
inner join fct_finding as f using (finding_id, decision_id, city, year)
where d.city = 'qingyang' and d.year = 2024 and d.rule_id = ?
"""


@pytest.fixture
def home(samples, tmp_path):
    """A home in which one figure of a city has doubled in a year, which wants an explanation."""
    home = samples.copy(tmp_path)
    last_year_was(home, 2)
    return home


def last_year_was(home, times_less):
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "update city_metrics_compared set previous_value = value / $1, "
            "change_pct = 100 * ($1 - 1) where city = $2 and year = $3 and indicator_id = $4",
            [times_less, *RATE],
        )


def judged(home, ledger):
    """Judge the cities and publish as a run does; return the findings of the rule to decide on."""
    findings, _ = judge_all_cities(home, ledger, TODAY)
    publish_database(home, ledger)
    asks = findings[findings["rule_id"].eq(RULE) & findings["year"].eq(2024)].astype(object)
    return asks.where(asks.notna(), None).to_dict("records")


def listed(home):
    with warehouse.reading(home.analyst_database) as connection:
        gate = connection.execute(
            "select verdict, explain_open, explained from fct_city_gate "
            "where city = 'qingyang' and year = 2024"
        ).fetchone()
        return gate, connection.execute(LISTED, [RULE]).fetchall()


def test_a_decision_on_a_citys_own_finding_is_listed_once_it_is_approved(home):
    with open_ledger(home) as ledger:
        (finding,) = judged(home, ledger)
        assert (finding["rule_id"], finding["stage"], finding["state"]) == (RULE, "city", "open")
        assert listed(home) == (("passed", 4, 0), [])

        decision = decide(ledger, propose([finding], ACCEPT, "li", {}, TODAY), 0)
        assert decision.state == "proposed"
        judged(home, ledger)
        assert listed(home) == (("passed", 4, 0), [])

        settle(
            ledger, decision.decision_id, approve=True, text="同意", actor="wu", is_approver=True
        )
        judged(home, ledger)
    said = ("accept", ACCEPT.reason, "li", "li", "wu", None, "city", "explained")
    assert listed(home) == (("passed", 3, 1), [said])


def test_a_decision_on_other_values_of_the_figure_is_not_listed(home):
    with open_ledger(home) as ledger:
        (finding,) = judged(home, ledger)
        decision = decide(ledger, propose([finding], ACCEPT, "li", {}, TODAY), 0)
        settle(ledger, decision.decision_id, approve=True, text="", actor="wu", is_approver=True)
        last_year_was(home, 3)
        (changed,) = judged(home, ledger)
    assert changed["finding_id"] != finding["finding_id"]
    assert listed(home) == (("passed", 4, 0), [])
