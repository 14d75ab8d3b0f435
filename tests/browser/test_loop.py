"""The stewards' loop, walked in Chromium: from a faulty workbook to a published city."""

import io
import re

import openpyxl
import pandas as pd
import pytest
from conftest import PASSWORD, Site
from playwright.sync_api import expect
from sample_workbooks import write_samples

from orchestration.ground.home import Home

pytestmark = pytest.mark.usefixtures("faulty")
ASKED = "9962102102"  # explained the short form of its name in its own workbook
CATALOGUE = "9962102405"  # a major outside the catalogue, not explained
BOOKS = "9962102607"
RIVALS = "9962102713"
SIGNED = "9962100210"  # its principal had confirmed the file that it corrects


@pytest.fixture(scope="module")
def faulty(deployment):
    deployment.nianbao("init")
    deployment.nianbao("sample", "--faulty")
    deployment.run(expect=1)


@pytest.fixture(scope="module")
def site(deployment, faulty, browser, pictures):
    started = Site(deployment.root, browser, pictures)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def people(site):
    """A steward and an approver, whose accounts the administrator of the first start made."""
    admin = site.sign_in("admin", site.first_password())
    issued = {}
    for name, role in (("li", "steward"), ("wu", "approver"), ("zhao", "viewer")):
        admin.goto(f"{site.address}/accounts")
        form = admin.locator("form[action='/accounts/add']")
        form.locator("[name=name]").fill(name)
        form.locator("[name=role]").select_option(role)
        form.locator("[name=city][value=qingyang]").check()
        form.locator("button.primary").click()
        issued[name] = admin.locator(".secret code").inner_text()
    site.picture(admin, "accounts")
    return {name: site.sign_in(name, password) for name, password in issued.items()}


def open_case(site, page, rule, school):
    page.goto(f"{site.address}/2024/cases?rule={rule}&school={school}")
    page.click("td.wide a")
    return page.url


def decide(site, page, verb, reason_code, reason, picture=None):
    """Fill in a decision, look at what it would do, and confirm it."""
    page.click("text=作决定…")
    page.select_option("[name=verb]", verb)
    page.select_option("[name=reason_code]", reason_code)
    page.fill("[name=reason]", reason)
    page.click("button[value=preview]")
    expect(page.locator("main")).to_contain_text("试算")
    if picture:
        site.picture(page, picture)
    page.click("button[value=confirm]")
    expect(page.locator(".notice")).to_be_visible()
    return page.locator(".notice").inner_text()


def status(deployment):
    import json

    text = deployment.nianbao("status", "--year", "2024", "--format", "json")
    return {row["city"]: row for row in json.loads(text)}["qingyang"]


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The schools' workbooks without faults."""
    home = Home(tmp_path_factory.mktemp("good"))
    write_samples(home, cities=["qingyang"], years=[2024])
    return home


def hand_in(deployment, good, code, name, change=None):
    """Hand in a school's good workbook, changed in one cell if `change` says so."""
    (source,) = good.inbox_year(2024).glob(f"{code}_*.xlsx")
    inbox = deployment.root / "inbox" / "2024"
    target = inbox / f"{code}_{name}.xlsx"
    if change is None:
        # Of two files for one school it takes the wrong one away.
        for filed in inbox.glob(f"{code}_*"):
            if code == RIVALS and filed.read_bytes() != source.read_bytes():
                filed.unlink()
        target.write_bytes(source.read_bytes())
        return
    book = openpyxl.load_workbook(source)
    sheet, cell, value = change
    book[sheet][cell] = value
    book["封面"]["B10"] = "2024-12-20"  # the principal confirms what was changed
    book.save(target)


def test_a_steward_walks_from_a_faulty_workbook_to_a_published_city(deployment, site, people, good):
    li, wu = people["li"], people["wu"]
    li.goto(site.address)
    expect(li.locator("main")).to_contain_text("关卡未通过")
    site.picture(li, "year")
    expect(li.locator("main")).not_to_contain_text("宝鸡")
    li.goto(f"{site.address}/2024/cases")
    expect(li.locator("main")).to_contain_text("毕业生数 332")
    # What nobody could read comes first, then what moves the city's figures most.
    rows = li.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [row.innerText, row.querySelector('td.number').innerText])"
    )
    unread = ["整份未能读取" in text for text, _ in rows]
    assert any(unread) and unread == sorted(unread, reverse=True)
    moves = [float(number) for text, number in rows[sum(unread) :] if number]
    assert len(moves) > 10 and moves == sorted(moves, reverse=True)
    site.picture(li, "triage")

    # A wrong total: two findings, one case, its cells in their surroundings, and nothing to decide.
    open_case(site, li, "graduates_are_all_accounted_for", "9962100201")
    expect(li.locator("section.panel h2").filter(has_text="332")).to_have_count(2)
    assert "332" in li.locator("td.bad").all_inner_texts()
    expect(li.locator("text=作决定…")).to_have_count(0)
    site.picture(li, "case")

    # Sent back: the school reads why in its own workbook.
    open_case(site, li, "books_change_little_in_a_year", BOOKS)
    decide(site, li, "return", "figure_needs_correction", "请核对图书册数", picture="decide")

    # The school explained: one steward accepts.
    open_case(site, li, "school_name_is_as_on_the_roster", ASKED)
    said = decide(site, li, "accept", "verified_with_school", "校名简称，已核实")
    assert "下一次运行生效" in said

    # Nobody explained: the steward proposes, another person approves.
    case = open_case(site, li, "major_is_in_the_catalogue", CATALOGUE)
    said = decide(site, li, "accept", "registered_outside_catalogue", "已备案的新专业")
    assert "另一人批准" in said
    li.goto(f"{site.address}/2024/decisions")
    expect(li.locator("button[value=approve]")).to_have_count(0)
    wu.goto(f"{site.address}/2024/decisions")
    site.picture(wu, "decisions")
    wu.click("button[value=approve]")
    expect(wu.locator(".notice")).to_be_visible()

    deployment.run(expect=1)
    after = status(deployment)
    assert (after["accepted"], after["waiting"], after["returned"]) == (4, 1, 10)

    # The marked workbook, downloaded as the school gets it.
    li.goto(f"{site.address}/2024/schools/{BOOKS}")
    site.picture(li, "school")
    with li.expect_download() as download:
        li.click("text=下载退回的工作簿")
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert book.sheetnames[0] == "问题清单"
    assert book["办学条件"]["B6"].comment is not None
    texts = [str(c.value) for row in book["问题清单"].iter_rows() for c in row if c.value]
    assert any("请核对图书册数" in text for text in texts)

    # Another value: the acceptance is void, the finding open again with its history.
    hand_in(deployment, good, CATALOGUE, "再报", ("专业设置", "A3", "999902"))
    deployment.run(expect=1)
    # The school's earlier file stays accepted, and counts until another one is.
    after = status(deployment)
    assert (after["accepted"], after["waiting"], after["newer_waiting"]) == (4, 1, 1)
    reopened = open_case(site, li, "major_is_in_the_catalogue", CATALOGUE)
    assert reopened != case
    expect(li.locator("main")).to_contain_text("已备案的新专业")
    expect(li.locator("main")).to_contain_text("数值已变，不再有效")
    expect(li.locator("text=作决定…")).to_have_count(1)
    site.picture(li, "voided")

    # What differs between the school's submissions.
    li.goto(f"{site.address}/2024/schools/{CATALOGUE}")
    li.click("text=比较两次填报")
    expect(li.locator("main")).to_contain_text("999902")

    # Everybody else corrects, and the city is published.
    codes = {path.name[:10] for path in (deployment.root / "inbox" / "2024").glob("99621*")}
    for code in sorted(codes - {ASKED, "9962109999"}):
        again = ("封面", "B10", "2024-12-20") if code == SIGNED else None
        hand_in(deployment, good, code, "更正", change=again)
    deployment.run()
    after = status(deployment)
    # A school hands its good file in again, of which it had handed in two: the same bytes, which
    # count as handed in, so that nothing of its newest file is returned.
    counts = (after["accepted"], after["returned"], after["newer_returned"], after["newer_waiting"])
    assert (*counts, after["gate"], after["claims_wrong"]) == (15, 0, 0, 0, "passed", 0)
    folder = deployment.root / "published" / "qingyang" / "2024" / "v1" / "tables"
    listed = pd.read_parquet(folder / "fct_decision.parquet")
    assert set(listed["decided_by"]) == {"li"}
    assert "校名简称，已核实" in set(listed["reason"])
    li.goto(site.address)
    expect(li.locator("main")).to_contain_text("关卡通过")
    site.picture(li, "published")
    assert "whole" in deployment.nianbao("ledger", "verify")


def test_a_viewer_looks_and_decides_nothing(site, people):
    page = people["zhao"]
    page.goto(f"{site.address}/2024/decide?rule=major_is_in_the_catalogue")
    expect(page.locator("main")).to_contain_text("角色不能")


def test_pages_are_in_english_by_switch(site, people):
    page = people["zhao"]
    page.goto(f"{site.address}/2024/cases?state=explained")
    page.click("button[lang=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Findings of 2024")
    assert not re.search(r"undefined|None", page.locator("main").inner_text())


def test_no_page_is_wider_than_a_phone(site, people):
    page = people["li"]
    page.set_viewport_size({"width": 390, "height": 800})
    case = open_case(site, page, "graduates_are_all_accounted_for&state=superseded", "9962100201")
    paths = [
        *("/2024", "/2024/cases", "/2024/decisions", "/2024/deadlines", "/2024/editions"),
        *("/2024/schools/9962100201", "/rules", "/rules/graduates_are_all_accounted_for", "/sql"),
    ]
    for address in [case, *(f"{site.address}{path}" for path in paths)]:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    page.set_viewport_size({"width": 1200, "height": 900})


def test_nothing_of_the_pages_needs_script(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.address)
    page.fill("[name=name]", "li")
    page.fill("[name=password]", PASSWORD)
    page.click("main button.primary")
    expect(page.locator("h1")).to_contain_text("2024")
    context.close()


def test_an_analyst_asks_the_published_database_and_takes_the_answer_along(site, people):
    zhao = people["zhao"]
    zhao.goto(f"{site.address}/sql")
    if zhao.locator("button[lang=zh-CN]").count():
        zhao.click("button[lang=zh-CN]")
    zhao.click("text=一个数字由哪些学校构成")
    expect(zhao.locator("table.result")).to_have_count(0)
    zhao.click("main button.primary")
    expect(zhao.locator("table.result")).to_contain_text("凤翔区职教中心")
    site.picture(zhao, "sql")
    with zhao.expect_download() as download:
        zhao.click("text=下载 CSV")
    assert "凤翔区职教中心" in download.value.path().read_text(encoding="utf-8-sig")
