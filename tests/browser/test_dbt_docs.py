"""dbt's own page of the marts, opened in Chromium as a file: it asks nobody for anything."""

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def page(ran, browser):
    ran.nianbao("dbt-docs")
    opened = browser.new_page(viewport={"width": 1400, "height": 900})
    opened.set_default_timeout(60_000)
    return opened


def test_exposures_and_tables_are_shown_without_any_request(deployment, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url.split(":")[0]))
    address = (deployment.root / "published" / "dbt_docs.html").as_uri()
    page.goto(f"{address}#!/exposure/exposure.nianbao.editions")
    expect(page.locator("h1").first).to_contain_text("版次 Editions")
    expect(page.get_by_role("link", name="fct_indicator_trend").first).to_be_visible()
    page.goto(f"{address}#!/model/model.nianbao.fct_indicator_trend")
    expect(page.locator("h1").first).to_contain_text("fct_indicator_trend")
    expect(page.get_by_text("is_comparable").first).to_be_visible()
    assert set(asked) <= {"file", "data", "blob"}
