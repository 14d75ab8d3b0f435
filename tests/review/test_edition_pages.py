"""Editions and traces on the pages: who sees what, who signs, what is refused and how."""

import csv
import hashlib
import io
import json
import re
import shutil
import threading
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from browsers import SITE, Browser
from crafted_gate import MINE, SCRIPT, finding
from offices import Office
from story import CITY, CORRECTED, YEAR, sign

from orchestration.editions import history
from orchestration.editions.history import city_year
from orchestration.gate.findings import as_frame
from orchestration.ground.ledger import Ledger, open_ledger
from orchestration.publishing.publish import release_due

EDITION = f"/{YEAR}/editions/{CITY}"
TRACE = f"/{YEAR}/trace/{CITY}"
ROLES = ("viewer", "steward", "approver", "administrator")


def crafted(office, table=None, change=None, said=None, without=()):
    """Let the first edition have been published otherwise: a table's rows, or what it says."""
    folder = office.home.editions(CITY, YEAR) / "v1"
    manifest = folder / "manifest.json"
    text = json.loads(manifest.read_text(encoding="utf-8")) | (said or {})
    text = {name: value for name, value in text.items() if name not in without}
    if table:
        path = folder / "tables" / f"{table}.parquet"
        before = pq.read_table(path)
        rows = [dict.fromkeys(before.schema.names) | row for row in change(before.to_pylist())]
        path.chmod(0o644)
        pq.write_table(pa.Table.from_pylist(rows, schema=before.schema), path)
        text["files"][f"tables/{table}.parquet"] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.chmod(0o644)
    manifest.write_text(json.dumps(text), encoding="utf-8")
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    with open_ledger(office.home) as ledger:
        (*_, event) = ledger.events(history.PUBLISHED)
        ledger.append(history.PUBLISHED, event["payload"] | {"manifest_hash": digest}, "annual_run")


@pytest.fixture(scope="module")
def office(story, tmp_path_factory):
    """Four editions: provisional, final, provisional, revised. Tests only look."""
    office = Office(tmp_path_factory.mktemp("office"), story.home)
    yield office
    office.accounts.close()


@pytest.fixture
def unsigned(story, tmp_path):
    """Nothing but the first, provisional edition."""
    office = Office(tmp_path, story.before_release)
    yield office
    office.accounts.close()


@pytest.fixture
def to_revise(story, tmp_path):
    """A final edition, and a later provisional one in which figures moved."""
    office = Office(tmp_path, story.before_revision)
    yield office
    office.accounts.close()


def english(browser):
    browser.post("/language", data={"language": "en"}, headers={"origin": SITE})
    return browser


def act(browser, number, act="approve", step="confirm", **fields):
    return browser.submit(f"{EDITION}/v{number}/{act}", step=step, **fields)


# Looking


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "path",
    [
        *(f"/{YEAR}", f"/{YEAR}/editions", "/latest/editions", f"{EDITION}/v1", f"{EDITION}/v4"),
        *(f"{TRACE}/graduate_destination_rate", f"{TRACE}/graduates?edition=1"),
        *(f"{EDITION}/v4?q=nothing-like-it", f"{TRACE}/graduates?page=99999999999999999999"),
    ],
)
def test_every_role_reads_every_page_in_both_languages(office, role, language, path):
    browser = office.browser(role)
    if language == "en":
        english(browser)
    page = browser.get(path)
    assert page.status_code == 200
    shown = re.sub(r"<[^>]+>", " ", page.text)
    assert not re.search(r"\b(None|undefined|nan)\b", shown)


def test_a_years_editions_are_listed_with_state_signer_note_and_what_they_were_made_of(office):
    text = office.browser("viewer").get(f"/{YEAR}/editions").text
    for said in ("暂定", "定稿", "修订", "李批准", "一所学校补报，一所学校更正。", "由 v3 定稿"):
        assert said in text
    assert f'<a href="{EDITION}/v4">现行：v4</a>' in text
    assert "还没有版次" in text, "the other city's"


def test_the_overview_says_in_which_state_the_newest_edition_is(office):
    text = office.browser("viewer").get(f"/{YEAR}").text
    assert re.search(rf'href="{EDITION}/v4"><span class="badge revised">修订</span> v4</a>', text)


def test_an_edition_shows_what_moved_by_how_much_why_and_through_whom(office):
    text = office.browser("viewer").get(f"{EDITION}/v4").text
    moved = text[text.index('id="revisions"') : text.index('id="decisions"')]
    assert "学校补报" in moved and "学校更正填报" in moved
    assert "v2" in moved and "图书" in moved
    first = office.browser("viewer").get(f"{EDITION}/v1").text
    assert "此前没有可对比的版次" in first


def test_figures_are_found_by_a_part_of_a_name(office):
    browser = office.browser("viewer")
    text = browser.get(f"{EDITION}/v4?q=就业").text
    table = text[text.index('id="figures"') : text.index('id="revisions"')]
    assert f"{TRACE}/" in table and "graduates</small>" not in table
    by_id = browser.get(f"{EDITION}/v4?q=GRADUATE_DESTINATION_RATE").text
    assert f'href="{TRACE}/graduate_destination_rate?edition=4"' in by_id
    assert "没有这样的指标" in browser.get(f"{EDITION}/v4?q=no such").text


def test_withheld_figures_come_first_and_have_no_value(unsigned):
    held = {"status": "withheld", "value": None, "value_printed": None, "schools_counted": 3}
    crafted(
        *(unsigned, "city_yearly_metrics"),
        lambda rows: [row | held if row["indicator_id"] == "graduates" else row for row in rows],
    )
    text = unsigned.browser("viewer").get(f"{EDITION}/v1").text
    table = text[text.index('id="figures"') : text.index('id="revisions"')]
    first = table[table.index("<tbody>") :].partition("</tr>")[0]
    assert "<small>graduates</small>" in first and "不予公布" in first and "3/14 所" in first
    assert "不予公布 1" in table
    assert "不予公布，或" in unsigned.browser("viewer").get(f"{TRACE}/graduates").text


def test_where_the_template_stopped_the_report_its_places_are_said_and_nothing_is_signed(unsigned):
    place = {"zh": f"第三章：没有指标 {SCRIPT}。", "en": f"Chapter 3: no figure {SCRIPT}."}
    crafted(unsigned, said={"report": {"state": "stopped", "places": [place]}})
    wu = unsigned.browser("approver", name="wu")
    page = wu.get(f"{EDITION}/v1")
    assert "模板中的这些地方须改" in page.text and "第三章：没有指标 &lt;script&gt;" in page.text
    assert SCRIPT not in page.text
    assert "Chapter 3: no figure" in english(wu).get(f"{EDITION}/v1").text
    assert act(wu, 1).status_code == 409
    assert not unsigned.events(history.APPROVED)


def test_what_the_report_lacks_is_listed_on_the_edition_and_the_overview(unsigned):
    gap = {"zh": f"“毕业生数”不予公布 {SCRIPT}。", "en": f"“Graduates” is withheld {SCRIPT}."}
    place = gap | {"heading": "第二章", "where": "段落", "placeholder": "{{ graduates }}"}
    report = {"state": "made", "places": [], "lacks": [place, place | {"where": "表1"}]}
    crafted(unsigned, said={"report": report})
    browser = unsigned.browser("viewer")
    edition, overview = browser.get(f"{EDITION}/v1").text, browser.get(f"/{YEAR}").text
    assert "报告中缺的数字：1" in edition and edition.count("“毕业生数”不予公布 &lt;script") == 2
    assert "报告缺 1 项" in overview and overview.count("“毕业生数”不予公布 &lt;script") == 1
    assert SCRIPT not in edition + overview
    assert "The report lacks 1" in english(browser).get(f"/{YEAR}").text


def test_every_file_that_is_offered_comes_down_as_it_was_published(office):
    browser = office.browser("viewer")
    offered = re.findall(rf'href="({EDITION}/v4/files/([^"]+))"', browser.get(f"{EDITION}/v4").text)
    names = {name for _, name in offered}
    assert {"report.docx", "metrics.xlsx", "metrics.sdmx.csv", "manifest.json"} <= names
    assert "tables/city_yearly_metrics.parquet" in names
    for address, name in offered:
        answer = browser.get(address)
        published = office.home.editions(CITY, YEAR) / "v4" / name
        assert answer.content == published.read_bytes(), name
        assert answer.headers["content-disposition"].startswith("attachment"), name


def test_the_reports_page_is_served_with_no_part_in_the_session(office):
    answer = office.browser("viewer").get(f"{EDITION}/v4/page")
    assert answer.status_code == 200 and "庆阳" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "style-src" in policy
    assert "allow-same-origin" not in policy and "allow-scripts" not in policy
    assert answer.headers["cross-origin-opener-policy"] == "unsafe-none"


@pytest.mark.parametrize(
    "path",
    [
        *(f"{EDITION}/v9", f"{EDITION}/v0", f"/{YEAR}/editions/nowhere/v1", "/1999/editions"),
        *(f"{EDITION}/v4/files/../v3/manifest.json", f"{EDITION}/v4/files/..%2f..%2feditions.csv"),
        *(f"{EDITION}/v4/files/none.csv", f"{EDITION}/v9/page", f"{EDITION}/v9/approve"),
        *(f"{TRACE}/graduates?edition=9", f"{TRACE}/graduates?edition=x"),
    ],
)
def test_what_is_not_there_is_not_found(office, path):
    assert office.browser("approver").get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        *(f"{EDITION}/v4", f"{EDITION}/v4/page", f"{EDITION}/v4/files/metrics.csv"),
        *(f"{EDITION}/v4/approve", f"{EDITION}/v4/withdraw"),
        *(f"{TRACE}/graduates", f"{TRACE}/graduates.csv", f"{TRACE}/nothing"),
    ],
)
def test_another_citys_editions_are_not_found(office, path):
    browser = office.browser("approver", ["baoji"])
    assert browser.get(path).status_code == 404
    assert "庆阳" not in browser.get(f"/{YEAR}/editions").text


def test_a_stranger_is_asked_to_sign_in(office):
    for path in (f"{EDITION}/v4", f"{TRACE}/graduates", f"{EDITION}/v4/page"):
        answer = Browser(office.app).get(path, follow_redirects=False)
        assert answer.headers["location"].startswith("/login")


# From a figure to its cells


def test_a_figures_trace_names_formula_values_cells_and_files(office):
    browser = office.browser("viewer")
    text = browser.get(f"{TRACE}/graduate_destination_rate").text
    for said in ("97.78", "100 × ", " ÷ ", "西峰职业中等专业学校", "毕业生去向!", "sum("):
        assert said in text, said
    counted, expected = re.search(r"统计学校</dt><dd>(\d+)/(\d+) 所", text).groups()
    assert counted == expected in {"14", "15"}
    of_bureau = browser.get(f"{TRACE}/flagship_major_groups").text
    assert "统计学校</dt><dd>市级填报" in of_bureau
    address = re.search(r'href="(/submissions/[^"]+/original)"', text)[1]
    content = browser.get(address).content
    assert hashlib.sha256(content).hexdigest() in text, "the file's hash stands on the page"
    cells = list(csv.DictReader(io.StringIO(browser.get(f"{TRACE}/graduates.csv").text[1:])))
    assert sum(float(row["contribution"] or 0) for row in cells) > 1000
    assert {row["cell"].partition("!")[0] for row in cells} == {"毕业生去向"}


def test_a_trace_can_be_of_one_school_and_of_an_older_edition(office):
    browser = office.browser("viewer")
    text = browser.get(f"{TRACE}/graduates?school={CORRECTED}&edition=1").text
    cells = text[text.index('id="cells"') :].partition("</section>")[0]
    assert "v1</a>" in text and "西峰职业中等专业学校</th>" in cells
    assert cells.count('<tr><th scope="row"') == 1


def test_conditions_come_with_their_thresholds(office):
    office_pages = office.browser("viewer")
    found = office_pages.get(f"{EDITION}/v4?q=达标").text
    links = re.findall(rf'href="({TRACE}/[^"]+)"', found[found.index('id="figures"') :])
    assert any("所用标准" in office_pages.get(link).text for link in links)


def test_a_misspelt_indicator_is_not_found_and_near_names_are_said(office):
    answer = office.browser("viewer").get(f"{TRACE}/graduate_destination_rat")
    assert answer.status_code == 404 and "graduate_destination_rate" in answer.text
    answer = office.browser("viewer").get(f"{TRACE}/{SCRIPT.replace('/', '')}")
    assert answer.status_code == 404 and "<script" not in answer.text


def test_a_finding_leads_to_the_figures_that_it_moves(unsigned):
    asked = as_frame([finding(MINE, CITY, CORRECTED)])
    asked.to_parquet(unsigned.home.gate / "findings.parquet", index=False)
    moved = {"finding_id": MINE, "indicator_id": "graduates", "place": 1, "change_pct": -12.0}
    said = {"impact_pct": 12.0, "is_unread": False, "sentence_zh": "由 1 变为 0", "sentence_en": ""}
    pd.DataFrame([moved | said]).to_parquet(unsigned.home.gate / "finding_impact.parquet")
    browser = unsigned.browser("steward")
    text = browser.get(f"/{YEAR}/findings/{MINE}").text
    (address,) = re.findall(rf'href="({TRACE}/graduates#s-{CORRECTED})"', text)
    assert f'id="s-{CORRECTED}"' in browser.get(address).text


# Signing


def test_an_approver_looks_at_the_checklist_confirms_and_the_final_edition_is_there(unsigned):
    wu = unsigned.browser("approver", [CITY], name="wu")
    assert "批准…" in wu.get(f"{EDITION}/v1").text
    page = act(wu, 1, step="preview", note="首次发布")
    assert page.status_code == 200 and "确认批准" in page.text and "首次发布" in page.text
    assert unsigned.editions() == [(1, "provisional")], "looking signs nothing"
    page = act(wu, 1, note="首次发布")
    assert page.status_code == 200 and "已批准并发布为 v2" in page.text
    assert unsigned.editions() == [(1, "provisional"), (2, "final")]
    (event,) = unsigned.events(history.APPROVED)
    assert (event["actor"], event["payload"]["note"]) == ("wu", "首次发布")
    assert "wu" in wu.get(f"{EDITION}/v2").text
    assert "批准…" not in wu.get(f"{EDITION}/v1").text


def test_an_edition_with_a_later_release_time_waits_for_it(unsigned):
    wu = unsigned.browser("approver", [CITY], name="wu")
    page = act(wu, 1, release_at="2999-03-01T09:00")
    assert "定于 2999-03-01 09:00（北京时间）自动发布" in page.text
    assert unsigned.editions() == [(1, "provisional")]
    assert "待发布" in wu.get(f"/{YEAR}/editions").text
    with open_ledger(unsigned.home) as ledger:
        now = datetime.now(UTC)
        assert release_due(unsigned.home, ledger, now + timedelta(days=9)) == []
        later = datetime(2999, 3, 1, 1, 1, tzinfo=UTC)
        assert [e.number for e in release_due(unsigned.home, ledger, later)] == [2]


@pytest.mark.parametrize(
    "fields",
    [
        *({"release_at": text} for text in ("soon", "2025-13-01", "0001-01-01T00:00", "9" * 40)),
        *({"release_at": "9999-12-31T23:59+00:00"}, {"note": "x\x00y"}, {"note": "长" * 1001}),
    ],
)
@pytest.mark.parametrize("step", ["preview", "confirm"])
def test_a_release_time_or_note_that_cannot_be_is_said_and_signs_nothing(to_revise, fields, step):
    page = act(to_revise.browser("approver"), 3, step=step, **{"note": "x", **fields})
    assert page.status_code == 422 and 'role="alert"' in page.text
    assert "确认批准" not in page.text
    assert len(to_revise.events(history.APPROVED)) == 1, "that of the story"


def test_figures_that_were_final_are_revised_with_a_note_only(to_revise):
    wu = to_revise.browser("approver", [CITY], name="wu")
    page = act(wu, 3, step="preview")
    assert "修订已定稿的数字须写明公开说明" in page.text and "确认批准" not in page.text
    page = act(wu, 3)
    assert page.status_code == 409 and "没有批准" in page.text
    assert "确认批准" in act(wu, 3, step="preview", note="更正").text
    assert "已批准并发布为 v4" in act(wu, 3, note="更正").text
    assert to_revise.editions()[-1] == (4, "revised")


def test_an_older_edition_cannot_be_signed(to_revise):
    page = act(to_revise.browser("approver"), 2, note="x")
    assert page.status_code == 409
    assert english(to_revise.browser("approver")).get(f"{EDITION}/v2/approve").status_code == 200
    assert to_revise.editions()[-1] == (3, "provisional")


@pytest.mark.parametrize("role", ["viewer", "steward", "administrator"])
@pytest.mark.parametrize("what", ["approve", "withdraw"])
def test_who_is_no_approver_sees_no_button_and_is_refused(unsigned, role, what):
    browser = unsigned.browser(role)
    assert f"/{what}" not in browser.get(f"{EDITION}/v1").text
    assert browser.get(f"{EDITION}/v1/{what}").status_code == 403
    assert act(browser, 1, what, note="x").status_code == 403
    assert not unsigned.events(history.APPROVED) + unsigned.events(history.WITHDRAWN)


@pytest.mark.parametrize("what", ["approve", "withdraw"])
def test_another_citys_approver_signs_nothing_here(unsigned, what):
    browser = unsigned.browser("approver", ["baoji"])
    assert act(browser, 1, what, note="x").status_code == 404
    assert not unsigned.events(history.APPROVED) + unsigned.events(history.WITHDRAWN)


@pytest.mark.parametrize("what", ["approve", "withdraw"])
def test_a_forged_post_signs_nothing(unsigned, what):
    browser, path = unsigned.browser("approver"), f"{EDITION}/v1/{what}"
    fields = {"step": "confirm", "note": "x"}
    assert browser.post(path, data=fields, headers={"origin": SITE}).status_code == 403
    fields["csrf"] = browser.token("/password")
    elsewhere = {"origin": "http://evil.example"}
    assert browser.post(path, data=fields, headers=elsewhere).status_code == 403
    assert not unsigned.events(history.APPROVED) + unsigned.events(history.WITHDRAWN)


def test_of_two_approvers_at_once_one_signs_and_the_other_is_told_who(unsigned):
    people = [unsigned.browser("approver", [CITY], name=name) for name in ("wu", "zheng")]
    answers = {}
    both = threading.Barrier(2)

    def sign_now(browser, name):
        fields = {"csrf": browser.token("/password"), "step": "confirm"}
        both.wait()
        answers[name] = browser.post(f"{EDITION}/v1/approve", data=fields, headers={"origin": SITE})

    threads = [
        threading.Thread(target=sign_now, args=pair)
        for pair in zip(people, ("wu", "zheng"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (event,) = unsigned.events(history.APPROVED)
    loser = ({"wu", "zheng"} - {event["actor"]}).pop()
    assert answers[event["actor"]].status_code == 200
    assert answers[loser].status_code == 409
    assert f"此版次已由 {event['actor']} 于 " in answers[loser].text
    assert unsigned.editions() == [(1, "provisional"), (2, "final")]


def test_who_accepted_explanations_is_told_that_another_has_to_sign(unsigned):
    accept = {"verb": "accept", "decided_by": "wu"}
    accept |= {"reason": SCRIPT, "explanation": SCRIPT, "school_code": SCRIPT}
    crafted(unsigned, "fct_decision", lambda rows: [*rows, accept])
    page = act(unsigned.browser("approver", name="wu"), 1)
    assert page.status_code == 409 and "签署人不能是说明通过的提出人、决定人或批准人" in page.text
    page = unsigned.browser("approver", name="wu").get(f"{EDITION}/v1")
    assert SCRIPT not in page.text and "&lt;script&gt;" in page.text


def test_names_and_cells_that_are_hostile_are_text(unsigned):
    crafted(
        *(unsigned, "dim_school"),
        lambda rows: [row | {"school_name": f"{SCRIPT}{row['school_code']}"} for row in rows],
    )
    formula = '=HYPERLINK("http://evil.example","点这里")'
    crafted(
        *(unsigned, "fct_cell"),
        lambda rows: [row | {"typed": formula, "file_name": SCRIPT} for row in rows],
    )
    browser = unsigned.browser("viewer")
    page = browser.get(f"{TRACE}/graduates")
    assert page.status_code == 200
    assert "<script" not in page.text and "&lt;script&gt;" in page.text
    assert "=HYPERLINK(" in page.text and "<a href=http" not in page.text
    rows = csv.DictReader(io.StringIO(browser.get(f"{TRACE}/graduates.csv").text[1:]))
    assert {row["typed"] for row in rows} == {f"'{formula}"}


def test_a_hostile_note_is_text_wherever_it_is_shown(unsigned):
    wu = unsigned.browser("approver", name="wu")
    note = f'{SCRIPT} =HYPERLINK("http://evil.example")'
    assert act(wu, 1, note=note).status_code == 200
    for path in (f"/{YEAR}/editions", f"{EDITION}/v2", f"{EDITION}/v2/page"):
        text = wu.get(path).text
        assert "<script" not in text and "&lt;script&gt;alert(1)&lt;/script&gt;" in text, path


def test_an_edition_of_older_software_shows_its_files_and_cannot_be_signed(unsigned):
    crafted(unsigned, without=("ledger", "report", "compared_with", "definitions", "software"))
    wu = unsigned.browser("approver", name="wu")
    page = wu.get(f"{EDITION}/v1")
    assert page.status_code == 200
    assert "由旧版程序生成" in page.text and "批准…" not in page.text
    assert wu.get(f"{EDITION}/v1/files/metrics.csv").status_code == 200
    assert wu.get(f"/{YEAR}").status_code == wu.get(f"/{YEAR}/editions").status_code == 200
    assert act(wu, 1).status_code == 409


# Withdrawing


def test_a_withdrawal_needs_a_note_and_is_confirmed_and_its_files_stay(unsigned):
    wu = unsigned.browser("approver", [CITY], name="wu")
    for step in ("preview", "confirm"):
        page = act(wu, 1, "withdraw", step=step, note=" ")
        assert page.status_code == 422 and "撤回须写明公开说明" in page.text
    assert "确认撤回" in act(wu, 1, "withdraw", step="preview", note="数字有误").text
    assert unsigned.editions() == [(1, "provisional")]
    page = act(wu, 1, "withdraw", note="数字有误")
    assert "已撤回，文件保留" in page.text and "数字有误" in page.text
    assert unsigned.editions() == [(1, "withdrawn")]
    (event,) = unsigned.events(history.WITHDRAWN)
    assert event["actor"] == "wu"
    assert wu.get(f"{EDITION}/v1/files/metrics.csv").status_code == 200
    assert "已撤回" in wu.get(f"{TRACE}/graduates").text
    page = act(wu, 1, "withdraw", note="又一次")
    assert page.status_code == 409 and "此版次已由 wu 于 " in page.text
    assert act(wu, 1).status_code == 409, "a withdrawn edition cannot be signed"


# Faults


def test_a_file_that_was_altered_is_named_not_served_and_stops_the_approval(unsigned):
    path = unsigned.home.editions(CITY, YEAR) / "v1" / "metrics.csv"
    path.chmod(0o644)
    path.write_text("altered", encoding="utf-8")
    wu = unsigned.browser("approver", name="wu")
    for browser in (wu, english(unsigned.browser("viewer"))):
        page = browser.get(f"{EDITION}/v1")
        assert page.status_code == 200 and "v1/metrics.csv" in page.text
    assert wu.get(f"{EDITION}/v1/files/metrics.csv").status_code == 409
    assert wu.get(f"{EDITION}/v1/files/report.docx").status_code == 200
    assert wu.get(f"{TRACE}/graduates").status_code == 409
    assert act(wu, 1).status_code == 409
    assert not unsigned.events(history.APPROVED)


@pytest.mark.parametrize("gone", ["manifest.json", "tables/city_yearly_metrics.parquet", ""])
def test_a_file_or_folder_that_is_gone_is_named(unsigned, gone):
    folder = unsigned.home.editions(CITY, YEAR) / "v1"
    shutil.rmtree(folder) if not gone else (folder / gone).unlink()
    browser = unsigned.browser("approver")
    page = browser.get(f"{EDITION}/v1")
    assert page.status_code == 200 and 'role="alert"' in page.text
    # Without manifest no file is known to be as it was; one table says nothing of the page.
    assert browser.get(f"{EDITION}/v1/page").status_code == (200 if "tables" in gone else 409)
    assert browser.get(f"{TRACE}/graduates").status_code == 409


def test_a_disk_that_is_full_when_the_edition_is_published_loses_no_approval(unsigned, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("orchestration.publishing.publish.write_folder", full)
    page = act(unsigned.browser("approver", name="wu"), 1)
    assert page.status_code == 200 and "调度会再试" in page.text
    monkeypatch.undo()
    with open_ledger(unsigned.home) as ledger:
        assert len(release_due(unsigned.home, ledger, datetime.now(UTC))) == 1
    assert unsigned.editions() == [(1, "provisional"), (2, "final")]


def test_what_the_command_signed_the_pages_show(unsigned):
    with Ledger(f"sqlite:///{unsigned.home.ledger}") as ledger:
        sign(unsigned.home, ledger, 1, by="李批准", release_at=datetime(2999, 1, 1, tzinfo=UTC))
        assert city_year(unsigned.home, ledger, CITY, YEAR).numbered(1).approval.by == "李批准"
    text = unsigned.browser("approver").get(f"{EDITION}/v1").text
    assert "李批准" in text and "待发布" in text and "批准…" not in text
