import base64
import csv
import io
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from lxml import html
from reports import edition, frames, template

from orchestration.ground.terms import SYNTHETIC
from orchestration.report.page import render_both, render_page
from orchestration.report.word import ReportStopped, render_report

FIRST, SECOND = [("甲.xlsx", "aa")], [("乙.xlsx", "bb")]
TRACE = pd.DataFrame(
    [
        ("rate", "numerator", "01", 1000.0, ["毕业生去向!C5 = <i>1000人</i>"], FIRST),
        ("rate", "numerator", "02", 802.0, ["毕业生去向!C5 = 802"], SECOND),
        ("rate", "denominator", "02", None, [], SECOND),
        ("graduates", "numerator", "01", 1843.0, ["毕业生去向!C4 = 1843"], FIRST),
        ("enrolled", "numerator", "01", 1.0, ["not on this page"], [("甲.xlsx", "cc")]),
    ],
    columns=["indicator_id", "part", "school_code", "value", "cells", "files"],
)
TRACE["is_counted"] = TRACE["value"].notna()
TRACE["not_counted_because"] = TRACE["value"].map(lambda value: "blank" if value != value else None)
TRACE["school_name"] = TRACE["school_code"].map({"01": "甲<校>&", "02": "=乙校"})
SCHOOL_ROWS = [
    ["学校", "在校生"],
    ["{%tr for s in table.schools %}"],
    ["{{ s.name }}", "{{ s.enrolled }}"],
    ["{%tr endfor %}"],
]


def page(*paragraphs, content=None, trace=TRACE, **parts):
    return render_page(template(*paragraphs, **parts), content or edition(), trace)


def by_id(text, name):
    (found,) = html.document_fromstring(text).xpath("//*[@id=$name]", name=name)
    return found


def test_each_figure_links_to_its_trace_and_the_trace_back_to_each_of_its_places():
    text = page("#1 就业", "毕业生{{ graduates }}人，就业率{{ rate }}。", "仍是{{ graduates }}人")
    tree = html.document_fromstring(text)
    links = tree.xpath("//main//a[@class='figure']")
    assert [(a.text, a.get("href")) for a in links] == [
        ("1843", "#trace-graduates"),
        ("97.78%", "#trace-rate"),
        ("1843", "#trace-graduates"),
    ]
    back = by_id(text, "trace-graduates").xpath(".//a[starts-with(@href, '#at-')]/@href")
    assert back == [f"#{links[0].get('id')}", f"#{links[2].get('id')}"]
    assert by_id(text, "trace-graduates").getparent().tag == "details"


def test_a_trace_shows_formula_parts_schools_values_cells_and_file_hashes():
    text = page("{{ rate }}")
    said = by_id(text, "trace-rate").text_content()
    for part in ("numerator rate", "denominator rate", "1802", "1843", "统计学校：2/2 所"):
        assert part in said
    assert "甲<校>&" in said and "毕业生去向!C5 = <i>1000人</i>" in said
    assert "—" in said and said.count("未计入：有空白") == 1
    files = html.document_fromstring(text).xpath("//li[@id]")
    assert [list(li.itertext()) for li in files] == [["乙.xlsx", "bb"], ["甲.xlsx", "aa"]]
    assert "not on this page" not in text


def test_the_schools_behind_a_figure_stand_behind_its_unit_and_its_link():
    metrics = edition().tables["city_yearly_metrics"].assign(schools_counted=1)
    text = page("毕业生{{ graduates }}人", content=edition(city_yearly_metrics=metrics))
    (link,) = html.document_fromstring(text).xpath("//main//a[@class='figure']")
    assert (link.text, link.tail) == ("1843", "人（1/2所）")
    assert not re.search("[\ufdd0-\ufdef]", text)


@pytest.mark.parametrize("names", [("甲.xlsx", "甲.xlsx"), ("甲；乙.xlsx", "甲.xlsx")])
def test_a_school_that_filed_in_two_files_links_to_both(names):
    two = TRACE.head(1).assign(files=[list(zip(names, ("aa", "bb"), strict=True))])
    text = page("{{ rate }}", trace=two)
    links = by_id(text, "trace-rate").xpath(".//a[starts-with(@href, '#file-')]")
    assert [(a.get("title"), by_id(text, a.get("href")[1:])[-1].text) for a in links] == [
        (names[0], "aa"),
        (names[1], "bb"),
    ]


def test_a_figure_at_other_decimals_still_links_and_one_of_last_year_does_not():
    text = page("{{ rate.at(1) }}，上年{{ rate.previous }}，{{ rate.change }}")
    links = html.document_fromstring(text).xpath("//main//a[@class='figure']")
    assert [a.text for a in links] == ["97.8%"]
    assert "上年97.91%，下降0.13个百分点" in text


def test_names_from_workbooks_stay_text_everywhere():
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 7 }}"
    schools = frames()["dim_school"].assign(school_name=[evil, "乙"])
    listed = {"cells": [[evil]] * len(TRACE), "files": [[(evil, "aa")]] * len(TRACE)}
    trace = TRACE.assign(school_name=evil, **listed)
    text = page(
        "{{ rate }}{{ chart.destinations }}",
        rows=SCHOOL_ROWS,
        content=edition(notes=[evil], dim_school=schools),
        trace=trace,
    )

    class Found(HTMLParser):
        def handle_starttag(self, tag, attributes):
            assert tag != "script"
            assert not [name for name, _ in attributes if name.startswith("on")]
            for name, value in attributes:
                assert name not in ("src", "href") or value.startswith(("data:", "#"))

    Found().feed(text)
    assert text.count("&lt;/script&gt;") >= 4


def test_the_page_asks_for_nothing_outside_itself():
    text = page("{{ graduates }}{{ chart.trend }}", rows=SCHOOL_ROWS)
    assert "default-src 'none'" in text
    tree = html.document_fromstring(text)
    assert not tree.xpath("//script | //link | //iframe | //object | //form")
    assert all(s.startswith("data:image/png") for s in tree.xpath("//@src"))
    assert not re.search(r"url\(|@import", text)
    assert tree.xpath("//meta[@name='viewport']")
    assert tree.get("lang") == "zh-CN"


def saved(link):
    raw = base64.b64decode(link.get("href").partition("base64,")[2])
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


def test_a_table_can_be_saved_as_csv_without_a_formula_in_it():
    text = page("x", rows=SCHOOL_ROWS)
    (link,) = html.document_fromstring(text).xpath("//a[@download]")
    assert saved(link) == [["学校", "在校生"], ["甲<校>&", "14813"], ["'=乙校", "—"]]


def test_a_chart_is_a_picture_with_words_and_its_data_to_save():
    text = page("图前", "{{ chart.categories }}", "图后")
    tree = html.document_fromstring(text)
    (picture,) = tree.xpath("//figure/img")
    assert "电子与信息大类 4131" in picture.get("alt")
    (link,) = tree.xpath("//figure//a[@download]")
    assert saved(link) == [
        ["", "在校生数（人） Enrolled (persons)", "统计学校 Schools counted"],
        ["电子与信息大类", "4131", "2/2"],
        ["装备制造大类", "2671", "2/2"],
    ]
    assert [e.tag for e in tree.xpath("//main/*")] == ["p", "figure", "p"]


def test_each_value_of_a_chart_has_its_own_schools_beside_it():
    trend = frames()["fct_indicator_trend"]
    of_students = trend["indicator_id"] == "enrolled"
    trend.loc[of_students & (trend["year"] == 2023), "schools_counted"] = 1
    text = page("{{ chart.trend }}", content=edition(fct_indicator_trend=trend))
    tree = html.document_fromstring(text)
    (link,) = tree.xpath("//figure//a[@download]")
    table = [[cell.text_content() for cell in row] for row in tree.xpath("//figure//tr")]
    assert saved(link) == table
    header, *rows = table
    assert header[1:3] == [
        "在校生数（人） Enrolled (persons)",
        "在校生数统计学校 Schools counted: Enrolled",
    ]
    assert rows == [
        ["2023", "14388", "1/2", "—", "2/2", "1775", "2/2"],
        ["2024", "14813", "2/2", "8895", "2/2", "1843", "2/2"],
    ]


def test_a_chart_without_data_says_so():
    empty = edition(fct_indicator_breakdown=frames()["fct_indicator_breakdown"].iloc[:0])
    text = page("{{ chart.categories }}", content=empty)
    assert "没有数据。<" in text and "No data for this chart.<" in text
    assert "<img" not in text


def test_headings_are_in_the_contents_and_the_notice_is_above_all():
    text = page("#1 基本情况", "x", "#2 就业", "y")
    tree = html.document_fromstring(text)
    entries = tree.xpath("//nav//li/a[starts-with(@href, '#section')]")
    assert [a.text for a in entries] == ["1 基本情况", "2 就业"]
    assert all(tree.get_element_by_id(a.get("href")[1:]) is not None for a in entries)
    assert text.index(SYNTHETIC.zh) < text.index("<main>")
    real = edition(city=frames()["city"].assign(is_synthetic=False))
    assert "合成" not in page("x", content=real)


def test_the_frames_own_words_are_chinese_and_english_and_can_be_switched_without_script():
    text = page("{{ graduates }}", rows=SCHOOL_ROWS)
    tree = html.document_fromstring(text)
    assert len(tree.xpath("//input[@type='radio'][@name='language']")) == 3
    for english in tree.xpath("//*[contains(@class, 'en')][@lang='en']"):
        assert english.text_content().strip()
    assert "Graduates" in by_id(text, "trace-graduates").getparent().text_content()


def test_the_page_says_the_same_as_the_document_and_stops_where_it_stops():
    with pytest.raises(ReportStopped):
        page("{{ graduats }}")
    sound = template("毕业生{{ graduates }}人", rows=SCHOOL_ROWS)
    assert render_page(sound, edition(), TRACE) == render_page(sound, edition(), TRACE)
    assert render_report(sound, edition())


def test_marks_of_our_own_in_a_workbook_make_no_link():
    schools = frames()["dim_school"].assign(school_name=["\ufdd0rate\ufdd1假\ufdd2", "乙"])
    text = page("x", rows=SCHOOL_ROWS, content=edition(dim_school=schools))
    assert not html.document_fromstring(text).xpath("//a[@class='figure']")
    assert "rate假" in text


def test_an_address_in_the_template_that_runs_something_is_taken_out():
    from docx import Document
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    document = Document()
    for target in ("javascript:alert(1)", "https://example.org/"):
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
        rid = document.part.relate_to(target, kind, is_external=True)
        document.add_paragraph()._p.append(
            parse_xml(
                f'<w:hyperlink {nsdecls("w", "r")} r:id="{rid}">'
                "<w:r><w:t>链接</w:t></w:r></w:hyperlink>"
            )
        )
    written = io.BytesIO()
    document.save(written)
    text = render_page(written.getvalue(), edition(), TRACE)
    assert html.document_fromstring(text).xpath("//main//a/@href") == ["https://example.org/"]


def test_both_at_once_are_what_each_is_alone_and_the_charts_leave_the_order_of_tables():
    rows = [["{%tr for s in table.destinations %}"], ["{{ s.name }}"], ["{%tr endfor %}"]]
    given = template("{{ rate }} {{ chart.destinations }} {{ chart.categories }}", rows=rows)
    larger_last = frames()["fct_destination"].assign(graduates=[843, 1000])

    def content():
        return edition(fct_destination=larger_last)

    document, shown, lacks = render_both(given, content(), TRACE)
    assert lacks == []
    assert document == render_report(given, content())
    assert shown == render_page(given, content(), TRACE)
    assert shown.index("甲&lt;校&gt;&amp;</p>") < shown.index("<p>=乙校</p>")


def test_a_template_that_stops_the_report_stops_both():
    with pytest.raises(ReportStopped, match="hidde"):
        render_both(template("{{ hidde }}"), edition(), TRACE)


def test_a_withheld_figure_leaves_a_dash_in_both_and_no_link():
    made = render_both(template("{{ hidden }}人，毕业生{{ graduates }}人"), edition(), TRACE)
    (place,) = made.lacks
    assert place.placeholder == "{{ hidden }}" and "不予公布" in place.said.zh
    assert "—（不予公布）人" in made.page and "trace-hidden" not in made.page
