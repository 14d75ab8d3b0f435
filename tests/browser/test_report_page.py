"""The report's page as a reader has it: a file in Chromium, on a screen, a phone, on paper."""

import base64
import csv
import io
import re

import pandas as pd
import pytest

from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.terms import SYNTHETIC

SIZES = {"desktop": (1200, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def folder(healthy):
    """Qingyang's sample edition as the annual run leaves it."""
    return Home(healthy.root).editions("qingyang", 2024) / "v1"


@pytest.fixture(scope="module")
def address(folder):
    """Where the page lies: a plain file, nothing serves it."""
    return (folder / "page.html").as_uri()


@pytest.fixture(params=SIZES)
def reader(request, browser, address):
    """A page opened in a window of one size, with what it asked for and complained of."""
    width, height = SIZES[request.param]
    context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": height})
    page = context.new_page()
    page.size, page.asked, page.said = request.param, [], []
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on("console", lambda said: page.said.append(said.text))
    page.goto(address)
    yield page
    context.close()


def test_the_page_fits_its_window_and_asks_for_nothing(reader, address, pictures):
    assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert str(SYNTHETIC) in reader.locator(".notice").inner_text()
    assert reader.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert {url for url in reader.asked if not url.startswith("data:")} == {address}
    assert reader.said == []
    reader.screenshot(path=pictures / f"page-{reader.size}.png")
    reader.locator("#chart-destinations").scroll_into_view_if_needed()
    reader.screenshot(path=pictures / f"page-{reader.size}-chart.png")


def test_a_click_on_a_figure_opens_what_it_comes_from_and_a_click_leads_back(reader, pictures):
    trace = reader.locator("#trace-graduate_destination_rate")
    assert not trace.is_visible()
    figure = reader.locator("main a.figure[href='#trace-graduate_destination_rate']").first
    assert figure.inner_text() == "97.78%"
    figure.click()
    trace.wait_for(state="visible")
    assert "西峰职业中等专业学校" in trace.inner_text()
    assert "毕业生去向!B4 = 124；毕业生去向!B5 = 189" in trace.inner_text()
    assert "then directly_employed + further_study end)" in trace.inner_text()
    assert reader.evaluate(
        "document.querySelector('#trace-graduate_destination_rate').getBoundingClientRect().top"
        " < innerHeight"
    )
    reader.screenshot(path=pictures / f"page-{reader.size}-trace.png")
    trace.locator("a[href^='#at-']").first.click()
    top = figure.bounding_box()["y"]
    assert 0 <= top <= SIZES[reader.size][1]


def test_a_wide_table_scrolls_within_itself(reader):
    table = reader.locator(".table[aria-label*='办学条件']")
    inside, outside = table.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert outside <= SIZES[reader.size][0]
    assert inside > outside or reader.size == "desktop"


def test_the_frame_speaks_one_language_where_the_reader_wants_it(reader):
    chinese, english = reader.locator(".bar .zh"), reader.locator(".bar .en")
    assert chinese.is_visible() and english.is_visible()
    reader.locator("label[for=lang-en]").click()
    assert english.is_visible() and not chinese.is_visible()
    reader.locator("label[for=lang-zh]").click()
    assert chinese.is_visible() and not english.is_visible()


def test_in_english_the_frames_around_the_bureaus_text_hold_no_chinese_but_names(reader):
    """What schools are called and what they typed stays as it is."""
    reader.locator("label[for=lang-en]").click()
    trace = reader.locator("#traces details", has=reader.locator("#trace-graduates"))
    trace.locator("summary").click()
    frames = [
        *(".bar", "nav summary", "#traces h1", "figcaption"),
        *("figure summary", ".download", "#traces summary", "#trace-graduates h4"),
        "#trace-graduates th",
    ]
    for place in frames:
        shown = reader.locator(place).all_inner_texts()
        assert shown and not [
            text for text in shown if re.search("[\u4e00-\u9fff]", text.replace("中文", ""))
        ], place


def test_a_table_saved_from_the_page_holds_the_figures(reader, folder):
    link = reader.locator(".table[aria-label*='基本情况'] + .download a")
    with reader.expect_download() as saved:
        link.click()
    assert saved.value.suggested_filename.endswith(".csv")
    raw = saved.value.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    filed = pd.read_parquet(folder / "tables" / "fct_school.parquet")
    assert sum(int(row["在校生"]) for row in rows) == filed["enrolled"].sum() == 14813
    assert base64.b64encode(raw).decode() in link.get_attribute("href")


def test_the_page_prints_without_what_is_for_the_screen_only(reader):
    paper = reader.pdf(format="A4")
    assert paper.startswith(b"%PDF")
    reader.emulate_media(media="print")
    assert not reader.locator("nav").is_visible()
    assert not reader.locator("#traces").is_visible()
    assert reader.locator("#chart-categories img").is_visible()


def test_the_repository_has_a_template_for_each_seed_city():
    assert {path.parent.name for path in (REPOSITORY / "cities").glob("*/report.docx")} == {
        *("qingyang", "baoji"),
    }
