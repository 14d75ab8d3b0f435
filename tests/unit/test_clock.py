"""What hangs on the day it is: right at every hour, at a year's end, on a machine of any zone.

The clock is given. A moment is turned into China's day by adding eight hours, which is how these
tests know what is right without the code that they test.
"""

import itertools
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import pytest
from inboxes import YEAR, drop, school
from older import write_older_edition
from workbooks import CITY, CODE, OTHER

from orchestration.analysts.edition_tables import add_editions
from orchestration.editions.history import Approval, every_city_year
from orchestration.editions.signing import release_time
from orchestration.gate.decisions import Decision
from orchestration.ground import clock
from orchestration.ground.clock import CHINA
from orchestration.ground.home import Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.settings import zone_of
from orchestration.ground.terms import DecisionVerb
from orchestration.intake.batch import take_in
from orchestration.schools.reminders import reminders
from orchestration.schools.timeliness import city_timeliness, timeliness

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
# 16:00 UTC is midnight in China; 5:00 UTC is midnight in New York's winter.
TIMES = ("00:30", "07:59", "08:01", "15:59", "16:01", "23:59")
DATES = ("2025-12-31", "2026-01-01")
MOMENTS = [
    datetime.fromisoformat(f"{day}T{time_of_day}:00+00:00")
    for day, time_of_day in itertools.product(DATES, TIMES)
]


def day_in_china(moment):
    return (moment.replace(tzinfo=None) + timedelta(hours=8)).date()


@pytest.fixture(params=["UTC", "America/New_York"], autouse=True)
def machine(request, monkeypatch):
    """The zone that the machine is set to."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.fixture(params=MOMENTS, ids=lambda moment: f"{moment:%Y-%m-%d_%H:%M}")
def now(request, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: request.param)
    return request.param


# The clock itself


def test_today_is_the_day_of_the_people_and_what_is_stored_is_utc(now):
    assert clock.today() == day_in_china(now)
    assert clock.stamp() == now.replace(tzinfo=None).isoformat() + "+00:00"
    assert clock.day(clock.stamp()) == day_in_china(now) == clock.day(now.timestamp())
    in_china = now.replace(tzinfo=None) + timedelta(hours=8)
    assert clock.shown(clock.stamp()) == f"{in_china:%Y-%m-%d %H:%M}"


def test_another_zone_has_another_day():
    late = "2025-12-31T23:59:00+00:00"
    assert clock.day(late) == date(2026, 1, 1)
    assert clock.day(late, NEW_YORK) == date(2025, 12, 31)
    assert clock.shown(late, NEW_YORK) == "2025-12-31 18:59"


def test_an_event_of_the_ledger_is_stored_in_utc(now, tmp_path, home):
    with open_ledger(home) as ledger:
        ledger.append("tried", {}, "test")
        (event,) = ledger.events("tried")
    assert event["at"] == now.replace(tzinfo=None).isoformat() + "+00:00"


# Deadlines and reminders


@pytest.mark.parametrize(("days", "state"), [(-1, "late"), (0, "in time"), (1, "in time")])
def test_a_due_date_lasts_to_the_end_of_its_day_in_china(now, days, state):
    key = {"city": CITY, "year": YEAR, "school_code": CODE}
    schools = pd.DataFrame([key | {"school_name": "学校"}])
    due_on = day_in_china(now) + days * DAY
    due = pd.DataFrame([key | {"due_on": due_on, "extension_reason": None}])
    received = pd.DataFrame([key | {"received_at": clock.stamp()}])
    (row,) = timeliness(schools, due, received, clock.today()).to_dict("records")
    assert row["state"].replace("_", " ") == state
    assert row["first_received_on"] == day_in_china(now)
    assert row["days_left"] == days
    none = received.iloc[:0]
    (row,) = timeliness(schools, due, none, clock.today()).to_dict("records")
    assert row["state"] == ("overdue" if days < 0 else "missing")


def test_who_hands_in_on_the_last_day_is_in_time_and_the_other_is_not_overdue_yet(now, home):
    last = day_in_china(now)
    (home.cities / CITY / "deadlines.csv").write_text(
        f"year,due_on\n{YEAR},{last}\n", encoding="utf-8"
    )
    drop(home, f"{CODE}.xlsx", school())
    with open_ledger(home) as ledger:
        take_in(home, [YEAR], ledger)
        states = [
            city_timeliness(home, ledger, CITY, YEAR, clock.today() + days * DAY)
            .set_index("school_code")["state"]
            .to_dict()
            for days in (0, 1)
        ]
    assert [found[OTHER] for found in states] == ["missing", "overdue"]
    assert states[0][CODE] == states[1][CODE] != "late"
    due_today = reminders(home, CITY, YEAR, clock.today()).set_index("school_code")
    assert due_today.loc[OTHER, "days_left"] == 0


def test_a_home_elsewhere_counts_its_own_days(home, monkeypatch):
    """On 1 January at 3:00 in London it is still the last day of the year in New York."""
    home.settings.write_text("time_zone: America/New_York\n", encoding="utf-8")
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 1, 1, 3, tzinfo=UTC))
    assert clock.today(zone_of(home)) == date(2025, 12, 31)


# Release times


def test_a_release_time_is_one_in_china_and_is_due_from_its_second_on(now):
    typed = f"{now.replace(tzinfo=None) + timedelta(hours=8):%Y-%m-%d %H:%M}"
    release = release_time(typed, clock.now())
    assert release == now
    approval = Approval(1, 1, "李批准", clock.stamp(), "", release.astimezone(UTC).isoformat())
    assert approval.is_due(now) and approval.is_due(now + DAY)
    assert not approval.is_due(now - timedelta(seconds=1))


def test_a_release_time_is_one_of_the_homes_zone():
    when = release_time("2025-12-31 23:30", datetime.now(UTC), NEW_YORK)
    assert when.astimezone(UTC) == datetime(2026, 1, 1, 4, 30, tzinfo=UTC)


# Decisions


@pytest.mark.parametrize(("days", "is_in_force"), [(-1, False), (0, True), (1, True)])
def test_a_decision_counts_to_the_end_of_its_last_day_in_china(now, days, is_in_force):
    decision = Decision(
        *("d", 1, DecisionVerb.accept, CITY, YEAR, (), "other", "", "wang", clock.stamp()),
        asked_by="school",
        expires_on=(day_in_china(now) + days * DAY).isoformat(),
    )
    assert decision.is_in_force(clock.today()) is is_in_force


# Figures as of a day


@pytest.fixture(scope="module", params=[CHINA, NEW_YORK], ids=str)
def database(request, tmp_path_factory):
    """The tables over all editions of a home in a zone; it has one edition."""
    home = Home(tmp_path_factory.mktemp("zones") / "home")
    home.create()
    with open_ledger(home) as ledger, duckdb.connect() as connection:
        write_older_edition(home, ledger)
        add_editions(connection, every_city_year(home, ledger), request.param)
        yield connection, request.param


@pytest.fixture
def asked(database, now):
    """Return a function: which edition stood on a day, or at a moment, asked in some session."""
    connection, zone = database

    def ask(when, published_at, stood_until=None, session="UTC"):
        connection.execute(
            "update fct_edition set published_at = ?, stood_until = ?",
            [published_at, stood_until],
        )
        connection.execute(f"set TimeZone = '{session}'")
        rows = connection.sql(
            f"select distinct edition from indicator_as_of('qingyang', 2024, {when})"
        ).fetchall()
        return [number for (number,) in rows]

    # New York is five hours behind in winter.
    hours = 8 if zone == CHINA else -5
    ask.day = (now.replace(tzinfo=None) + timedelta(hours=hours)).date()
    return ask


@pytest.mark.parametrize("session", ["UTC", "America/New_York", "Asia/Shanghai"])
def test_an_edition_stands_from_its_day_on_in_every_session(now, asked, session):
    """The day is that of the home's people, who may live in China or elsewhere."""
    assert asked(f"date '{asked.day}'", now, session=session) == [1]
    assert asked(f"'{asked.day}'", now, session=session) == [1]
    assert asked(f"date '{asked.day - DAY}'", now, session=session) == []
    assert asked(f"timestamptz '{now}'", now, session=session) == [1]
    assert asked(f"timestamptz '{now - DAY}'", now, session=session) == []


def test_an_edition_withdrawn_on_a_day_does_not_stand_at_its_end(now, asked):
    published = now - 2 * DAY
    assert asked(f"date '{asked.day - DAY}'", published, now) == [1]
    assert asked(f"date '{asked.day}'", published, now) == []
