"""An edition's way to the public, walked in Chromium: looked at, signed, read, traced."""

import pytest
from conftest import Site
from playwright.sync_api import expect

EDITION = "/2024/editions/qingyang"


@pytest.fixture(scope="module")
def site(ran, browser, pictures):
    started = Site(ran.root, browser, pictures)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def wu(site):
    """The city's approver."""
    admin = site.sign_in("admin", site.first_password())
    admin.goto(f"{site.address}/accounts")
    form = admin.locator("form[action='/accounts/add']")
    form.locator("[name=name]").fill("wu")
    form.locator("[name=role]").select_option("approver")
    form.locator("[name=city][value=qingyang]").check()
    form.locator("button.primary").click()
    return site.sign_in("wu", admin.locator(".secret code").inner_text())


def test_an_approver_signs_an_edition_and_a_reader_goes_from_its_page_to_the_cells(site, wu):
    wu.goto(site.address)
    wu.click("a:has-text('暂定')")
    assert wu.url == f"{site.address}{EDITION}/v1"
    wu.click("text=批准…")
    wu.fill("[name=note]", "2024 年度首次发布。")
    wu.click("button[value=preview]")
    expect(wu.locator(".checklist .unmet")).to_have_count(0)
    site.picture(wu, "approve")
    wu.click("button[value=confirm]")
    wu.click(".notice a")
    assert wu.url == f"{site.address}{EDITION}/v2"
    expect(wu.locator("dl.facts .badge")).to_have_text("定稿")
    site.picture(wu, "edition")

    # The report's page opens beside the site, without any part in it.
    with wu.expect_popup() as opened:
        wu.click("text=打开报告网页")
    report = opened.value
    asked = []
    report.on("request", lambda request: asked.append(request.url))
    expect(report.locator("main")).to_contain_text("庆阳")
    assert report.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert report.evaluate("origin") == "null"
    trace = report.locator("#trace-graduate_destination_rate")
    assert not trace.is_visible()
    report.locator("main a.figure[href='#trace-graduate_destination_rate']").first.click()
    expect(trace).to_be_visible()
    expect(trace).to_contain_text("西峰职业中等专业学校")
    with report.expect_download() as saved:
        report.locator(".download a").first.click()
    assert saved.value.path().read_bytes().startswith(b"\xef\xbb\xbf")
    assert {url for url in asked if not url.startswith("data:")} <= {report.url.partition("#")[0]}
    report.close()

    # The same figure on the site, down to the workbook.
    wu.fill("[name=q]", "graduate_destination_rate")
    wu.click("button:has-text('查找')")
    wu.click("#figures a[href^='/2024/trace/qingyang/graduate_destination_rate']")
    expect(wu.locator(".formula")).to_contain_text("97.78")
    expect(wu.locator("#cells")).to_contain_text("毕业生去向!")
    wu.click("a:has-text('西峰职业中等专业学校')")
    # Either side of the rate hangs on the three cells of each school that filed them all.
    expect(wu.locator("#cells tbody tr")).to_have_count(6)
    wu.evaluate("scrollTo(0, 0)")
    site.picture(wu, "trace")
    with wu.expect_download() as original:
        wu.locator("#cells td a").first.click()
    assert original.value.path().read_bytes().startswith(b"PK")
    wu.goto(f"{site.address}/latest/editions")
    expect(wu.locator("main")).to_contain_text("2024 年度首次发布。")
    site.picture(wu, "editions")


def test_the_pages_of_editions_fit_a_phone(site, wu):
    wu.set_viewport_size({"width": 390, "height": 844})
    for path in (f"{EDITION}/v2", "/2024/editions", "/2024/trace/qingyang/graduates"):
        wu.goto(f"{site.address}{path}")
        assert wu.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    wu.set_viewport_size({"width": 1200, "height": 900})
