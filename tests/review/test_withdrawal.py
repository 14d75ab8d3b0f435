"""After a withdrawal everybody names the same edition: pages, commands, files, database."""

import csv
import io
import json
import re

import duckdb
import pytest
from docx import Document
from offices import Office
from story import CITY, YEAR, sign
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.editions.history import city_year
from orchestration.ground import clock
from orchestration.ground.ledger import open_ledger
from orchestration.line.outcome import city_status
from orchestration.publishing.publish import publish_edition, release_due

FIGURE = "graduates"


@pytest.fixture
def office(story, tmp_path):
    """Four editions: provisional, final, provisional, revised; the last ones say the same."""
    office = Office(tmp_path, story.home)
    yield office
    office.accounts.close()


@pytest.fixture
def nianbao(office, monkeypatch):
    monkeypatch.setenv("NIANBAO_HOME", str(office.home.root))

    def run(*arguments, expect=0):
        done = CliRunner().invoke(app, [*map(str, arguments)])
        assert done.exit_code == expect, done.output
        return done.output

    return run


def withdraw(nianbao, number):
    nianbao("withdraw", CITY, YEAR, f"v{number}", "--by", "李批准", "--note", "数字有误。")


def number(text):
    found = re.search(r"\bv([0-9]+)", text)
    return int(found[1]) if found else None


def analysts_say(home, query):
    with duckdb.connect(str(home.analyst_database), read_only=True) as reader:
        rows = reader.sql(query).fetchall()
    assert len(rows) <= 1, rows
    return rows[0][0] if rows else None


def current_by_everybody(office, nianbao):
    """Which edition stands, by who is asked."""
    home, browser = office.home, office.browser("viewer")
    with open_ledger(home) as ledger:
        editions = city_year(home, ledger, CITY, YEAR)
    with (home.editions(CITY, YEAR) / "editions.csv").open(encoding="utf-8-sig") as file:
        listed = [row["edition"] for row in csv.DictReader(file) if row["is_current"] == "true"]
    rows = json.loads(nianbao("editions", CITY, YEAR, "--format", "json"))
    (status,) = [row for row in city_status(home, YEAR) if row.city == CITY]
    stands = editions.current is not None
    page = browser.get(f"/{YEAR}/trace/{CITY}/{FIGURE}")
    assert (page.status_code == 200) is stands
    listing, link = browser.get(f"/{YEAR}/editions").text, rf"/{CITY}/v[0-9]+\">现行：(v[0-9]+)"
    overview = browser.get(f"/{YEAR}").text
    badge = re.search(rf'/{YEAR}/editions/{CITY}/v([0-9]+)"><span class="badge (\w+)', overview)
    assert (badge[2] != "withdrawn") is stands
    return {
        "the class": editions.current.number if editions.current else None,
        "editions.csv": number("".join(listed)),
        "nianbao editions": number("".join(r["edition"] for r in rows if r["is_current"])),
        "status": status.edition,
        "trace": number(nianbao("trace", CITY, YEAR, FIGURE, expect=0 if stands else 1))
        if stands
        else None,
        "report": number(
            nianbao("report", "--city", CITY, "--year", YEAR, expect=0 if stands else 1)
        )
        if stands
        else None,
        "the overview": int(badge[1]) if stands else None,
        "the page of editions": number(" ".join(re.findall(link, listing))),
        "the page of a trace": number(re.search(r"v[0-9]+</a>", page.text)[0] if stands else ""),
        "fct_edition": analysts_say(
            home, f"select edition from fct_edition where is_current and city = '{CITY}'"
        ),
        "indicator_as_of": analysts_say(
            home, f"select distinct edition from indicator_as_of('{CITY}', {YEAR}, now())"
        ),
    }


def test_before_and_after_withdrawals_everybody_names_the_same_edition(office, nianbao):
    """The newest, then the one before, until none is left.

    What v4 and v2 were made of says the same as they do, and does not stand without them.
    """
    for stands in (4, 2):
        found = current_by_everybody(office, nianbao)
        assert set(found.values()) == {stands}, found
        withdraw(nianbao, stands)
    found = current_by_everybody(office, nianbao)
    assert set(found.values()) == {None}, found
    for command in (("trace", CITY, YEAR, FIGURE), ("report", "--city", CITY, "--year", YEAR)):
        said = nianbao(*command, expect=1)
        assert "都已撤回" in said and "is withdrawn" in said
    assert "没有现行版次" in office.browser("viewer").get(f"/{YEAR}/editions").text
    named = nianbao("trace", CITY, YEAR, FIGURE, "--edition", "v4")
    assert "v4" in named, "a withdrawn edition can still be traced by its number"


def test_what_is_shown_and_saved_of_a_withdrawn_edition_says_so_and_its_files_stay(office, nianbao):
    folder = office.home.editions(CITY, YEAR) / "v4"
    before = (folder / "page.html").read_bytes()
    browser, at = office.browser("viewer"), f"/{YEAR}/editions/{CITY}/v4"

    def saved(address):
        return browser.get(address).headers["content-disposition"]

    addresses = [f"{at}/files/report.docx", f"{at}/files/metrics.csv"]
    addresses.append(f"/{YEAR}/trace/{CITY}/{FIGURE}.csv?edition=4")
    assert browser.get(f"{at}/page").content == before
    assert not [address for address in addresses if "withdrawn" in saved(address)]
    nianbao("withdraw", CITY, YEAR, "v4", "--by", "李批准", "--note", "<b>有误</b>")
    shown = browser.get(f"{at}/page").text
    head, _, rest = shown.partition('<div class="wrap">')
    assert "撤回：&lt;b&gt;有误&lt;/b&gt;" in head and "This edition was withdrawn on" in head
    assert before.decode().endswith(rest)
    assert [address for address in addresses if "_v4_withdrawn_" in saved(address)] == addresses
    assert (folder / "page.html").read_bytes() == before
    document = Document(io.BytesIO(browser.get(f"{at}/files/report.docx").content))
    mark = f"此版次已于 {clock.day(clock.stamp())} 撤回：<b>有误</b>"
    assert mark in document.paragraphs[0].text
    assert mark in document.sections[0].header.paragraphs[0].text
    assert mark not in Document(folder / "report.docx").paragraphs[0].text
    beside = folder.with_name("v4_已撤回_withdrawn")
    assert mark in Document(beside / "report.docx").paragraphs[0].text
    assert head in (beside / "page.html").read_text(encoding="utf-8")
    nianbao("verify")


def test_an_older_edition_withdrawn_leaves_the_current_one_as_it_is(office, nianbao):
    withdraw(nianbao, 2)
    found = current_by_everybody(office, nianbao)
    assert set(found.values()) == {4}, found


def test_what_is_final_is_asked_of_the_editions_that_stand(office, nianbao):
    final = f"select distinct edition from indicator_final('{CITY}', {YEAR})"
    assert analysts_say(office.home, final) == 4
    withdraw(nianbao, 4)
    assert analysts_say(office.home, final) == 2
    withdraw(nianbao, 2)
    assert analysts_say(office.home, final) is None


def test_after_a_withdrawal_the_same_data_make_a_new_edition_which_can_be_signed(office, nianbao):
    home = office.home
    with open_ledger(home) as ledger:
        assert not publish_edition(home, ledger, CITY, YEAR).is_new
        withdraw(nianbao, 4)
        made = publish_edition(home, ledger, CITY, YEAR)
        assert (made.is_new, made.edition.number, made.edition.state) == (True, 5, "provisional")
        assert not publish_edition(home, ledger, CITY, YEAR).is_new, "once is enough"
        sign(home, ledger, 5, note="重新发布")
        (final,) = release_due(home, ledger, clock.now())
        assert (final.number, final.state) == (6, "revised")
        assert city_year(home, ledger, CITY, YEAR).current == final


def test_a_number_is_never_used_again_not_even_that_of_a_folder(office, nianbao):
    home = office.home
    (home.editions(CITY, YEAR) / "v8").mkdir()
    withdraw(nianbao, 4)
    with open_ledger(home) as ledger:
        assert publish_edition(home, ledger, CITY, YEAR).edition.number == 9
