import io
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from docx import Document
from lxml import etree
from reports import edition, frames, template, text_of
from typer.testing import CliRunner
from workbooks import CITY

from orchestration.cli import app
from orchestration.editions.history import PUBLISHED
from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.ledger import open_ledger
from orchestration.ground.terms import SYNTHETIC
from orchestration.ground.text import Text
from orchestration.report.charts import CHARTS, chart
from orchestration.report.content import COVERED, END
from orchestration.report.context import ReportContext
from orchestration.report.drawing import png
from orchestration.report.figure import Reason, after_units, schools_behind
from orchestration.report.template import paragraphs
from orchestration.report.word import (
    GENERIC_TEMPLATE,
    ReportStopped,
    check_template,
    render_report,
    report_template,
)


def printed(text, content=None):
    """What one paragraph of a template becomes."""
    report = render_report(template("首段", text), content or edition())
    return text_of(report).splitlines()[2]


@pytest.mark.parametrize(
    ("placeholder", "expected"),
    [
        ("毕业生{{ graduates }}人", "毕业生1843人"),
        ("{{ graduates.unit }}，{{ graduates.unit_en }}", "人，persons"),
        ("{{ rate }}", "97.78%"),
        ("{{ rate.bare }}", "97.78"),
        ("{{ rate.at(1) }}", "97.8%"),
        ("{{ funds }}万元", "1600.00万元"),
        ("{{ funds.at(0) }}{{ funds.unit }}", "1600万元"),
        ("{{ trainees.in_ten_thousands }}万人次", "4.7266万人次"),
        ("上年{{ graduates.previous }}人", "上年1775人"),
        ("{{ graduates.change }}", "增加68人"),
        ("{{ graduates.difference }}", "+68"),
        ("{{ rate.change }}", "下降0.13个百分点"),
        ("{{ funds.change }}", "与上年持平"),
        ("{{ city.name_zh }}{{ year }}", "示例市2024"),
        ("{{ school_year }}", "2023—2024学年"),
        ("{{ edition.number }}{{ edition.status }}", "3暂定"),
        ("{{ edition.released }}", "2025年1月20日"),
        ("{{ top_enrolled_categories }}", "电子与信息、装备制造"),
        ("{{ names.private }}", "=乙校"),
        ("{% if absent.is_known %}{{ absent }}{% else %}未报{% endif %}", "未报"),
        ("{% if entrants.previous.is_known %}{{ entrants.change }}{% endif %}", ""),
        ("{{ hidden }}人，{{ absent }}人", "—（不予公布）人，—（无数据）人"),
        ("上年{{ entrants.previous }}人", "上年—（无上年数据）人"),
        ("{{ entrants.change }}，{{ hidden.difference }}", "—（无上年数据），—（不予公布）"),
        ("{% for note in notes %}{{ note }}{% endfor %}", ""),
        ("{{“引号”}}", "引号"),
    ],
)
def test_a_placeholder_prints(placeholder, expected):
    assert printed(placeholder) == expected


@pytest.mark.parametrize(
    ("status", "word"), [("final", "定稿"), ("revised", "修订"), ("provisional", "暂定")]
)
def test_the_editions_status_is_said_in_chinese(status, word):
    assert printed("{{ edition.status }}", edition(status=status)) == word


def test_a_tag_that_word_split_over_runs_is_filled():
    document = Document()
    paragraph = document.add_paragraph("毕业生")
    for piece in ("{", "{ grad", "uates", " }", "}人"):
        paragraph.add_run(piece).bold = piece == "uates"
    written = io.BytesIO()
    document.save(written)
    assert "毕业生1843人" in text_of(render_report(written.getvalue(), edition()))


def test_names_from_workbooks_do_not_become_xml_or_tags():
    evil = frames()["dim_school"].assign(
        school_name=["甲<w:p/>&{{ graduates }}\x0b\ufdd0", "乙\ufdd2"]
    )
    report = render_report(
        template(
            "x",
            rows=[["{%tr for s in table.schools %}"], ["{{ s.name }}"], ["{%tr endfor %}"]],
        ),
        edition(dim_school=evil),
    )
    document = Document(io.BytesIO(report))
    cells = [row.cells[0].text for row in document.tables[0].rows]
    assert cells == ["甲<w:p/>&{{ graduates }}", "乙"]


def test_rows_and_columns_repeat_and_what_was_not_filed_is_a_dash():
    rows = [
        ["学校", "{%tc for s in table.standards %}", "{{ s.name }}", "{%tc endfor %}"],
        ["{%tr for c in table.conditions %}"],
        ["{{ c.name }}", "{%tc for v in c.cells %}", "{{ v.value }}{{ v.mark }}", "{%tc endfor %}"],
        ["{%tr endfor %}"],
    ]
    table = Document(io.BytesIO(render_report(template("x", rows=rows), edition()))).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["学校", "生均图书", "生师比"],
        ["甲<校>&", "41.81√", "12.00√"],
        ["=乙校", "——", "21.50×"],
    ]
    rows = [["{%tr for s in table.schools %}"], ["{{ s.name }}:{{ s.enrolled }}"]]
    report = render_report(template("x", rows=[*rows, ["{%tr endfor %}"]]), edition())
    assert "=乙校:—" in text_of(report)


def test_the_checklist_fills_only_what_an_indicator_is_and_says_how_well_a_row_is_known():
    rows = [
        ["{%tr for i in table.checklist %}"],
        ["{{ i.table_number }} {{ i.number }}|{{ i.value }}|{{ i.is_filled }}|{{ i.evidence }}"],
        ["{%tr endfor %}"],
    ]
    text = text_of(render_report(template("x", rows=rows), edition()))
    assert "表1 1|1843|√|表述凭记忆，数量见于年报" in text
    assert "表1 4|—||" in text
    assert {line[:2] for line in text.splitlines() if "|" in line} == {
        f"表{n}" for n in range(1, 7)
    }


def test_accepted_explanations_are_listed_and_refused_ones_are_not():
    decisions = pd.DataFrame(
        [
            ["accept", "01", "rule_a", "学校新迁", "情况属实", "有批文", "school", None, "steward"],
            ["accept", "02", "rule_c", None, "特殊情况", "台账遗失", "李审核", "王复核", "李审核"],
            ["return", "02", "rule_b", "填错", None, None, "steward", None, "steward"],
        ],
        columns=[
            *("verb", "school_code", "rule_id", "explanation", "reason_name_zh", "reason"),
            *("asked_by", "approved_by", "decided_by"),
        ],
    ).assign(approved_at=None, decided_at="2025-01-02")
    rows = [
        ["{%tr for e in table.explanations %}"],
        [
            "{{ e.name }}|{{ e.explained_by }}：{{ e.explanation }}|{{ e.reason }}|"
            "{{ e.decided_by }}|{{ e.decided_on }}"
        ],
        ["{%tr endfor %}"],
    ]
    text = text_of(render_report(template("x", rows=rows), edition(fct_decision=decisions)))
    assert "甲<校>&|学校：学校新迁|情况属实：有批文|steward|2025-01-02" in text
    said = "|李审核（主管部门）：学校未说明|特殊情况：台账遗失|王复核|2025-01-02"
    assert said in text and "填错" not in text


def test_a_decision_is_of_the_day_that_it_was_in_the_homes_zone():
    decisions = pd.DataFrame(
        [
            {
                **{
                    "verb": "accept",
                    "school_code": "01",
                    "rule_id": "r",
                    "explanation": "学校新迁",
                },
                **{
                    "reason_name_zh": "属实",
                    "reason": "",
                    "approved_by": None,
                    "decided_by": "steward",
                },
                **{"approved_at": None, "decided_at": "2025-01-02T16:30:00+00:00"},
            }
        ]
    )
    rows = [["{%tr for e in table.explanations %}"], ["{{ e.decided_on }}"], ["{%tr endfor %}"]]
    content = edition(fct_decision=decisions)
    assert "2025-01-03" in text_of(render_report(template("x", rows=rows), content))
    elsewhere = replace(content, zone=ZoneInfo("America/New_York"))
    assert "2025-01-02" in text_of(render_report(template("x", rows=rows), elsewhere))


def test_a_figure_that_lacks_schools_says_so_wherever_it_is_printed():
    metrics = edition().tables["city_yearly_metrics"].copy()
    metrics.loc[metrics["indicator_id"].isin(["graduates", "rate"]), "schools_counted"] = 1
    texts = [
        *("毕业生{{ graduates }}人", "率{{ rate }}", "整{{ rate.at(0) }}", "裸{{ rate.bare }}"),
        *(
            "万{{ graduates.in_ten_thousands }}",
            "上年{{ graduates.previous }}人",
            "在校{{ enrolled }}人",
        ),
    ]
    printed = text_of(render_report(template(*texts), edition(city_yearly_metrics=metrics)))
    for said in (
        "毕业生1843人（1/2所）",
        "率97.78%（1/2所）",
        "整98%（1/2所）",
        "裸97.78（1/2所）",
    ):
        assert said in printed
    assert "万0.1843（1/2所）" in printed
    assert "上年1775人" in printed and "在校14813人" in printed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("学校{{ schools }}所，其中", "学校2所（1/2所），其中"),
        ("有{{ graduates }}名学生参加", "有1843名（1/2所）学生参加"),
        ("培训{{ trainees.in_ten_thousands }}万人次。", "培训4.7266万人次（1/2所）。"),
        ("资金{{ funds.at(0) }}万元", "资金1600万元（1/2所）"),
        ("占{{ rate }}，", "占97.78%（1/2所），"),
        ("{{ graduates }}{{ graduates.unit }}", "1843人（1/2所）"),
        ("{{ graduates }} 人、{{ entrants }}", "1843 人（1/2所）、8895（1/2所）"),
        ("{{ graduates.change }}", "增加68人（1/2所）"),
    ],
)
def test_the_schools_behind_a_figure_stand_behind_its_unit(text, said):
    metrics = edition().tables["city_yearly_metrics"].assign(schools_counted=1)
    content = edition(city_yearly_metrics=metrics)
    assert printed(text, content) == said


def test_a_unit_that_another_run_or_the_next_paragraph_holds_is_told_apart():
    covered = f"240{COVERED}（7/8所）{END}"
    run = "</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>"
    assert after_units(f"{covered}{run}人次。") == f"240{run}人次（7/8所）。"
    for apart in ("</w:t></w:r></w:p><w:p><w:r><w:t>", "</w:t><w:tab/><w:t>"):
        assert after_units(f"{covered}{apart}人") == f"240（7/8所）{apart}人"


def test_a_bureaus_own_figure_says_so_and_is_of_no_number_of_schools():
    row = {"schools_counted": 1, "schools_expected": 1, "filed_by": "bureau"}
    assert schools_behind(row) == Text("市级填报", "filed by the bureau")
    of_schools = {"schools_counted": 7.0, "schools_expected": 8, "filed_by": "school"}
    assert schools_behind(of_schools) == Text("7/8 所", "7/8 schools")


def test_filed_cases_are_a_list_and_an_edition_without_them_has_none():
    filed = pd.DataFrame([{"school_code": "01", "title": "产教融合", "body": "正文=1"}])
    paragraphs = [
        "{% if table.cases %}有{% else %}无{% endif %}",
        "{%p for c in table.cases %}",
        "{{ c.name }}：{{ c.title }} {{ c.body }}",
        "{%p endfor %}",
    ]
    text = text_of(render_report(template(*paragraphs), edition(fct_filed_case=filed)))
    assert "有" in text and "甲<校>&：产教融合 正文=1" in text
    older = text_of(render_report(template(*paragraphs), edition()))
    assert "无" in older and "：" not in older.partition("无")[2]


def test_the_notice_of_synthetic_data_stands_first_and_only_where_data_is_synthetic():
    content = edition()
    first = Document(io.BytesIO(render_report(template("首段"), content))).paragraphs[0]
    assert first.text == str(SYNTHETIC)
    real = edition(city=content.tables["city"].assign(is_synthetic=False))
    assert "合成" not in text_of(render_report(template("首段"), real))


# -- places that stop it ---------------------------------------------------------------------------


def stopped(*paragraphs, content=None, **parts):
    places = check_template(template(*paragraphs, **parts), content or edition()).stops
    if places:
        with pytest.raises(ReportStopped) as caught:
            render_report(template(*paragraphs, **parts), content or edition())
        assert caught.value.places == places
        assert all(place.said.zh and place.said.en and place.where for place in places)
    return places


def test_a_sound_template_has_no_place_that_stops_it():
    assert stopped("#标题", "{{ graduates }}", rows=[["{{ rate }}"]], footer="{{ year }}") == []


def test_every_place_is_named_at_once_with_its_heading_cell_and_near_names():
    places = stopped(
        "#1 基本情况",
        "毕业生{{ graduate }}人",
        "#2 就业",
        "{{ hidde }}与{{ absen }}",
        rows=[["好", "{{ graduates }}"], ["坏", "{{ graduates.unti }}"]],
        footer="{{ edition.nummer }}",
    )
    assert [(p.heading, p.placeholder) for p in places] == [
        ("1 基本情况", "{{ graduate }}"),
        ("2 就业", "{{ hidde }}"),
        ("2 就业", "{{ absen }}"),
        ("2 就业", "{{ graduates.unti }}"),
        ("页脚 footer", "{{ edition.nummer }}"),
    ]
    assert "graduates" in places[0].said.zh and "graduates" in places[0].said.en
    assert places[0].where == "段落 paragraph“毕业生{{ graduate }}人”"
    assert places[3].where.startswith("表1第2行第2列 table 1 row 2 column 2")
    assert "unit" in places[3].said.en


def test_one_fault_does_not_hide_the_next():
    places = stopped(
        "{{ graduate }}和{{ hidde }}和{ rate }",
        "{% for s in table.schools %}",
        "{{ absen }}",
        "{% if %}",
        "{{ s.name }}{{ enroled }}",
    )
    named = ["{ rate }", "{{ graduate }}", "{{ hidde }}", "{% … %}", "{{ absen }}", "{% … %}"]
    assert [place.placeholder for place in places] == [*named, "{{ enroled }}"]


def lacking(*paragraphs, content=None):
    """The places where a dash stands for a figure, in a report that is made all the same."""
    document, content = template(*paragraphs), content or edition()
    checked = check_template(document, content)
    assert checked.stops == []
    assert all(p.said.zh and p.said.en and p.where for p in checked.lacks)
    assert text_of(render_report(document, content)).count("—（") >= len(checked.lacks)
    return checked.lacks


def test_figures_that_are_withheld_or_not_there_leave_a_dash_and_are_all_named():
    places = lacking("#2 就业", "{{ hidden }}与{{ absent }}", "{{ entrants.change }}")
    assert [p.placeholder for p in places] == ["{{ hidden }}", "{{ absent }}", "{{ entrants }}"]
    assert "不予公布" in places[0].said.zh and "withheld" in places[0].said.en
    assert "没有" in places[1].said.zh and "no value" in places[1].said.en
    assert "上年" in places[2].said.zh and "last year" in places[2].said.en


def test_last_years_figure_has_no_trace_and_is_missed_as_last_years():
    missed = []

    def missing(figure, reason):
        missed.append((figure.indicator_id, reason))

    figures = ReportContext(edition(), missing, str, (), is_marked=True).figures
    assert "\ufdd0graduates\ufdd1" in str(figures["graduates"])
    assert str(figures["graduates"].previous) == "1775"
    assert str(figures["entrants"].previous) == "—（无上年数据）"
    assert missed == [("entrants", Reason.no_previous)]
    (place,) = lacking("{{ entrants.previous }}")
    assert place.said == Reason.no_previous.of(figures["entrants"])


@pytest.mark.parametrize(("length", "ends"), [(60, "字”"), (61, "字…”")])
def test_a_place_shows_the_first_sixty_characters_of_its_paragraph(length, ends):
    tag = "{{ graduate }}"
    (place,) = stopped(tag + "字" * (length - len(tag)))
    assert place.where == f"段落 paragraph“{tag}{'字' * (60 - len(tag))}" + ends.removeprefix("字")


def test_schools_are_told_with_their_countys_name_ownership_and_class_as_the_warehouse_names_them():
    rows = [
        ["{%tr for s in table.schools %}"],
        ["{{ s.name }}|{{ s.county }}|{{ s.ownership }}|{{ s.school_class }}"],
        ["{%tr endfor %}"],
    ]
    named = frames()["dim_school"].assign(
        ownership_name=["自有名称", None],
        school_class=["general", None],
        school_class_name=["甲类", None],
    )
    text = text_of(render_report(template("x", rows=rows), edition(dim_school=named)))
    assert "甲<校>&|西峰区|自有名称|甲类" in text
    assert "=乙校|西峰区|private|—" in text, "a code without a name is told as it is"


def test_a_figure_in_a_branch_that_is_not_taken_stops_nothing_but_an_unknown_name_does():
    assert stopped("{% if false %}{{ hidden }}{% endif %}") == []
    assert len(stopped("{% if false %}{{ hidde }}{% endif %}")) == 1


def test_a_change_across_a_break_in_the_series_is_refused():
    trend = pd.DataFrame(
        {
            "city": "sample",
            "year": [2023, 2024],
            "indicator_id": "graduates",
            "value": [1775.0, 1843.0],
            "status": "provisional",
            "schools_counted": 2,
            "schools_expected": 2,
            "is_comparable": [True, False],
            "break_zh": [None, "两校合并"],
            "break_en": [None, "two schools merged"],
        }
    )
    broken = edition(fct_indicator_trend=trend)
    (place,) = lacking("毕业生{{ graduates.change }}", content=broken)
    assert "不可比" in place.said.zh
    guarded = "{% if graduates.is_comparable %}{{ graduates.change }}{% else %}不可比{% endif %}"
    assert stopped(guarded, content=broken) == []


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ((2, 2), (2, 2), "增加68人，+68，上年1775"),
        ((7, 8), (7, 8), "增加68人（7/8所），+68（7/8所），上年1775（7/8所）"),
        # The same seven schools, of eight a year ago.
        ((7, 7), (7, 8), "增加68人（7/8所），+68（7/8所），上年1775（7/8所）"),
        # Other schools are not compared, and each year says of how many it is.
        ((8, 8), (7, 8), "—（与上年不可比），—（与上年不可比），上年1775（7/8所）"),
    ],
)
def test_a_change_says_of_how_many_schools_it_is(now, before, said):
    counts = ("schools_counted", "schools_expected")
    figures = frames()["city_yearly_metrics"]
    figures[list(counts)] = figures[list(counts)].astype("float")
    figures.loc[figures["indicator_id"].eq("graduates"), list(counts)] = now
    trend = frames()["fct_indicator_trend"].assign(
        previous_year_schools_counted=before[0],
        previous_year_schools_expected=before[1],
        is_comparable="不可比" not in said,
    )
    content = edition(city_yearly_metrics=figures, fct_indicator_trend=trend)
    text = "{{ graduates.change }}，{{ graduates.difference }}，上年{{ graduates.previous }}"
    assert said in text_of(render_report(template(text), content))


@pytest.mark.parametrize(
    "text",
    [
        "{{ graduates }",
        "{ graduates }}",
        "{ graduates }",
        "｛｛ graduates ｝｝",
        "{{ graduates {{ rate }}",
        "{{ graduates",
        "{% if schools",
        "{{ graduates | no_such_filter }}",
        "{{ graduates graduates }}",
        "{% for s in table.schools %}",
        "{% endfor %}",
        "{%p if schools %}",
        "{%tr for s in table.schools %}",
        "{{ 1 + 1 }}",
        "{{ graduates.number * 2 }}",
        "{{ city.__class__.__mro__ }}",
        "{{ table.nothing }}",
        "{{ chart.nothing }}",
        "{% for s in table.schools %}{{ s.nothing }}{% endfor %}",
        "{% unknown %}",
    ],
)
def test_a_template_broken_in_word_is_stopped_at_its_place(text):
    places = stopped("#标题", "好的段落{{ graduates }}", text)
    assert places
    assert all(place.heading == "标题" for place in places)
    assert any(text[:9] in place.where for place in places)


def test_a_tag_over_two_paragraphs_is_named_at_both():
    assert len(stopped("毕业生{{ gradu", "ates }}人")) == 2


def members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return written.getvalue()


def with_macros():
    files = members(template("x")) | {"word/vbaProject.bin": b"macro"}
    kind = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    macro = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    files["[Content_Types].xml"] = files["[Content_Types].xml"].replace(kind, macro)
    return packed(files)


def with_linked_picture():
    files = members(template("x"))
    relation = (
        b'<Relationship Id="rId99" TargetMode="External" Target="http://example.com/a.png" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"/>'
    )
    name = "word/_rels/document.xml.rels"
    files[name] = files[name].replace(b"</Relationships>", relation + b"</Relationships>")
    return packed(files)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "docx"),
        (b"just text", "docx"),
        (b"\xd0\xcf\x11\xe0 an old .doc", "docx"),
        (template("x")[:-200], "docx"),
        (packed({"a.txt": "not a document"}), "Word"),
        (packed(members(template("x")) | {"word/document.xml": b"<w:document"}), "Word"),
        (packed(members(template("x")) | {"bomb": b"0" * 60_000_000}), "docx"),
        (with_macros(), "宏"),
        (with_linked_picture(), "example.com"),
    ],
    ids=["empty", "text", "doc", "cut", "zip", "xml", "bomb", "macros", "linked"],
)
def test_a_file_that_is_no_plain_docx_is_stopped(data, said):
    with pytest.raises(ReportStopped) as caught:
        render_report(data, edition())
    (place,) = caught.value.places
    assert said in place.said.zh
    assert place.where == "文件 file"


# -- bytes -----------------------------------------------------------------------------------------

RENDER = """
import sys, hashlib
sys.path.insert(0, "tests/unit")
from reports import edition, template
from orchestration.report.word import render_report
rows = [["{%tr for s in table.schools %}"], ["{{ s.name }}"], ["{%tr endfor %}"]]
report = render_report(template("{{ graduates }}", "{{ chart.trend }}", rows=rows), edition())
print(hashlib.sha256(report).hexdigest())
"""


def test_the_same_content_gives_the_same_bytes_in_any_process():
    digests = {
        subprocess.run(
            [sys.executable, "-c", RENDER],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    }
    assert len(digests) == 1


def test_the_documents_properties_and_dates_come_from_the_content():
    report = render_report(template("x"), edition())
    properties = Document(io.BytesIO(report)).core_properties
    assert properties.title == "示例市2024年中等职业教育质量报告"
    assert properties.author == "示例市教育局"
    assert properties.modified.isoformat().startswith("2025-01-20T23:30:00")
    assert properties.revision == 3
    with zipfile.ZipFile(io.BytesIO(report)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"


# -- charts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_a_chart_is_drawn_with_an_alternative_text_and_the_same_bytes(name):
    report = render_report(template(f"{{{{ chart.{name} }}}}"), edition())
    document = etree.fromstring(members(report)["word/document.xml"])
    (described,) = document.xpath("//*[local-name()='docPr']/@descr")
    drawn = chart(name, edition())
    assert described == drawn.alternative
    assert drawn.title.zh in described
    picture = png(drawn)
    png.cache_clear()
    assert png(drawn) == picture
    assert len(picture) > 5_000


@pytest.mark.filterwarnings("error")
def test_chinese_names_are_drawn_with_the_fonts_that_are_installed():
    png.cache_clear()
    assert png(chart("categories", edition()))


@pytest.mark.parametrize("name", ["categories", "teachers", "conditions"])
def test_a_chart_without_data_says_so_and_has_no_picture(name):
    content = edition(fct_indicator_breakdown=frames()["fct_indicator_breakdown"].iloc[:0])
    report = render_report(template(f"{{{{ chart.{name} }}}}"), content)
    assert "没有数据" in text_of(report)
    assert not [member for member in members(report) if "media" in member]


def test_a_class_that_no_school_filed_is_absent_and_not_zero():
    drawn = chart("teachers", edition())
    values = dict(zip(drawn.rows, drawn.series[0].values, strict=True))
    assert values["正高级"] == 3
    assert values["35岁以下"] is None


def test_a_withheld_figure_is_not_drawn_either():
    trend = frames()["fct_indicator_trend"]
    of_year = (trend["indicator_id"] == "graduates") & (trend["year"] == 2024)
    trend.loc[of_year, "status"] = "withheld"
    series = chart("trend", edition(fct_indicator_trend=trend)).series
    drawn = {found.name.zh: found.values for found in series}
    assert drawn["毕业生数"] == (1775, None)
    assert drawn["在校生数"] == (14388, 14813)
    note = chart("trend", edition(fct_indicator_trend=trend)).note
    assert note.zh == "2024年毕业生数不予公布。"
    assert note.en == "2024 Graduates: withheld."


def test_each_year_of_a_chart_says_of_how_many_schools_its_own_value_is():
    trend = frames()["fct_indicator_trend"]
    trend.loc[trend["year"] == 2023, ["schools_counted", "schools_expected"]] = 1, 3
    trend.loc[trend["indicator_id"] == "enrolled", "schools_counted"] = 1
    drawn = chart("trend", edition(fct_indicator_trend=trend))
    assert "2023 在校生数 14388（1/3所），招生数 —，毕业生数 1775（1/3所）" in drawn.alternative
    assert "2024 在校生数 14813（1/2所），招生数 8895，毕业生数 1843" in drawn.alternative
    assert [series.coverage for series in drawn.series] == [
        ("1/3", "1/2"),
        ("1/3", "2/2"),
        ("1/3", "2/2"),
    ]
    whole = chart("trend", edition())
    assert "所）" not in whole.alternative
    assert png(drawn) != png(whole)


def test_classes_that_lack_a_school_say_of_how_many_they_are():
    drawn = chart("teachers", edition())
    assert drawn.note.zh == "年龄：2所学校中统计1所。"
    assert drawn.note.en == "Age: 1 of 2 schools."
    (series,) = drawn.series
    assert dict(zip(drawn.rows, series.coverage, strict=True)) == {
        "正高级": "2/2",
        "副高级": "2/2",
        "研究生": "2/2",
        "35岁以下": "1/2",
        "35—44岁": "1/2",
    }
    assert drawn.note.zh in drawn.alternative
    assert "研究生 7；35岁以下 —；35—44岁 4（1/2所）" in drawn.alternative
    assert chart("categories", edition()).note.zh == ""


def test_a_withheld_breakdown_is_not_drawn_and_says_so():
    rows = frames()["fct_indicator_breakdown"]
    rows.loc[rows["breakdown"] == "age", "status"] = "withheld"
    drawn = chart("teachers", edition(fct_indicator_breakdown=rows))
    values = dict(zip(drawn.rows, drawn.series[0].values, strict=True))
    assert values["35—44岁"] is None
    assert values["正高级"] == 3
    assert drawn.note.zh == "年龄不予公布：2所学校中统计1所。"
    assert drawn.note.en == "Age, withheld: 1 of 2 schools."


def test_classes_that_lack_different_schools_are_named():
    rows = frames()["fct_indicator_breakdown"]
    rows.loc[rows["class_name_zh"] == "35岁以下", "schools_counted"] = 0
    drawn = chart("teachers", edition(fct_indicator_breakdown=rows))
    assert drawn.note.zh == "年龄 35岁以下：2所学校中统计0所；年龄 35—44岁：2所学校中统计1所。"
    assert drawn.note.en == "Age, Under 35: 0 of 2 schools; Age, 35 to 44: 1 of 2 schools."
    rows.loc[rows["class_name_zh"] == "35—44岁", "schools_counted"] = 2
    drawn = chart("teachers", edition(fct_indicator_breakdown=rows))
    assert drawn.note.zh == "年龄 35岁以下：2所学校中统计0所。"
    rows.loc[rows["breakdown"] == "age", "status"] = "withheld"
    drawn = chart("teachers", edition(fct_indicator_breakdown=rows))
    assert drawn.note.zh == "年龄不予公布，35岁以下：2所学校中统计0所。"


def test_classes_without_a_rank_are_drawn_largest_first_all_the_same():
    rows = frames()["fct_indicator_breakdown"]
    of_students = rows["indicator_id"] == "enrolled"
    rows.loc[of_students, "value_rank"] = None
    rows.loc[of_students & (rows["class_code"] == "66"), "value"] = 5000
    content = edition(fct_indicator_breakdown=rows)
    assert chart("categories", content).rows == ("装备制造大类", "电子与信息大类")
    named = render_report(template("最多的是{{ top_enrolled_categories }}。"), content)
    assert "最多的是—。" in text_of(named)


def test_a_table_of_classes_says_beside_a_number_how_many_schools_it_lacks():
    rows = frames()["fct_indicator_breakdown"]
    rows.loc[rows["indicator_id"] == "entrants", "schools_counted"] = 1
    rows.loc[rows["indicator_id"] == "programme_offerings", "status"] = "withheld"
    cells = ["{{ c.name }}|{{ c.enrolled }}|{{ c.share }}|{{ c.entrants }}|{{ c.offerings }}"]
    table = [["{%tr for c in table.categories %}"], cells, ["{%tr endfor %}"]]
    content = edition(fct_indicator_breakdown=rows)
    text = text_of(render_report(template("x", rows=table), content))
    assert "电子与信息大类|4131|60.73|2（1/2所）|—" in text
    assert "装备制造大类|2671|39.27|—|—" in text


def test_a_share_and_what_ranks_first_say_how_many_schools_they_are_of():
    rows = frames()["fct_indicator_breakdown"]
    of_students = rows["indicator_id"] == "enrolled"
    cells = ["{{ c.name }}|{{ c.share }}"]
    table = [["{%tr for c in table.categories %}"], cells, ["{%tr endfor %}"]]
    asked = template("最多的是{{ top_enrolled_categories }}。", rows=table)

    def printed():
        return text_of(render_report(asked, edition(fct_indicator_breakdown=rows)))

    assert "电子与信息大类|60.73" in printed() and "最多的是电子与信息、装备制造。" in printed()
    rows.loc[of_students, "schools_counted"] = 1
    assert "电子与信息大类|60.73（1/2所）" in printed()
    assert "最多的是电子与信息、装备制造（1/2所）。" in printed()
    rows.loc[of_students & (rows["class_code"] == "66"), "schools_counted"] = 2
    assert "最多的是电子与信息（1/2所）、装备制造。" in printed()


def test_a_break_in_a_series_is_drawn_apart_and_noted():
    trend = pd.DataFrame(
        {
            "year": [2023, 2024],
            "indicator_id": "graduates",
            "value": [1775.0, 1843.0],
            "status": "provisional",
            "schools_counted": 2,
            "schools_expected": 2,
            "is_comparable": [True, False],
            "break_zh": [None, "两校合并"],
            "break_en": [None, "two schools merged"],
        }
    )
    broken = chart("trend", edition(fct_indicator_trend=trend))
    assert "两校合并" in broken.note.zh and "two schools merged" in broken.note.en
    assert broken.rows == ("2023", "2024")
    (series,) = [found for found in broken.series if found.name.zh == "毕业生数"]
    assert series.breaks == (1,)
    whole = replace(
        broken, series=tuple(replace(s, breaks=()) for s in broken.series), note=Text("", "")
    )
    assert png(broken) != png(whole)


def counted_by_schools(**schools):
    """Rows of fct_indicator that say which schools figures count."""
    rows = [
        {"area_level": "school", "area_code": code, "indicator_id": name, "schools_counted": 1}
        for name, codes in schools.items()
        for code in codes
    ]
    return pd.DataFrame(rows).assign(value=1.0)


@pytest.mark.parametrize(
    ("lacking", "counted", "is_comparable"),
    [
        ([], {"graduates": "1", "enrolled": "2"}, True),
        (["graduates"], {"graduates": "1", "enrolled": "12"}, False),
        (["graduates", "enrolled"], {"graduates": "1", "enrolled": "2"}, False),
        (["graduates", "enrolled"], {"graduates": "1", "enrolled": "1"}, True),
    ],
)
def test_two_figures_are_compared_over_all_schools_or_the_same(lacking, counted, is_comparable):
    metrics = frames()["city_yearly_metrics"]
    metrics.loc[metrics["indicator_id"].isin(lacking), "schools_counted"] = 1
    content = edition(city_yearly_metrics=metrics, fct_indicator=counted_by_schools(**counted))
    asked = "{% if graduates.is_comparable_with(enrolled) %}可比{% else %}不可比{% endif %}"
    of_none = "{% if graduates.is_comparable_with(hidden) %}可比{% else %}没有{% endif %}"
    text = text_of(render_report(template(asked, of_none), content)).splitlines()
    assert ("可比" if is_comparable else "不可比") in text and "没有" in text


TEMPLATES = [
    *(REPOSITORY / "cities" / city / "report.docx" for city in ("qingyang", "baoji")),
    GENERIC_TEMPLATE,
]


@pytest.mark.parametrize("path", TEMPLATES)
def test_a_sentence_about_last_year_asks_whether_the_years_can_be_compared(path):
    texts = [p.text for part in paragraphs(path.read_bytes()) for p in part]
    sentences = [s for text in texts for s in text.split("。") if re.search("上年|去年|同比", s)]
    assert all("is_comparable" in sentence for sentence in sentences)
    if "qingyang" in str(path):
        assert len(sentences) == 2


# -- where templates come from ---------------------------------------------------------------------


@pytest.fixture
def nianbao(tmp_path, monkeypatch):
    monkeypatch.setenv("NIANBAO_HOME", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_a_new_home_has_each_citys_template_and_a_new_city_a_short_one(nianbao, tmp_path):
    assert nianbao("init").exit_code == 0
    assert nianbao("init", "--city", "newtown").exit_code == 0
    for city in ("qingyang", "baoji"):
        own = (REPOSITORY / "cities" / city / "report.docx").read_bytes()
        assert (tmp_path / "cities" / city / "report.docx").read_bytes() == own
        assert report_template(Home(tmp_path), city) == own
    short = GENERIC_TEMPLATE.read_bytes()
    assert report_template(Home(tmp_path), "newtown") == short
    (tmp_path / "cities" / "newtown" / "report.docx").unlink()
    assert report_template(Home(tmp_path), "newtown") == short


def published(home):
    """An edition on disk, as far as a report reads it."""
    folder = home.editions(CITY, 2024) / "v3"
    (folder / "tables").mkdir(parents=True)
    for name, frame in frames().items():
        frame.to_parquet(folder / "tables" / f"{name}.parquet")
    manifest = {"status": "final", "published_at": "2025-01-20T09:00:00+00:00"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with open_ledger(home) as ledger:
        named = {
            "city": CITY,
            "year": 2024,
            "edition": 3,
            "content_hash": "c",
            "manifest_hash": "m",
            "made_from": None,
        }
        ledger.append(PUBLISHED, {**manifest, **named}, actor="annual_run")


def test_a_bureau_can_try_its_template_on_the_newest_edition(home, tmp_path, monkeypatch):
    monkeypatch.setenv("NIANBAO_HOME", str(home.root))

    def nianbao(*more):
        command = ["report", "--city", CITY, "--year", "2024", *more]
        return CliRunner().invoke(app, command)

    assert "尚无版次" in nianbao().output
    published(home)
    own = home.cities / CITY / "report.docx"
    own.write_bytes(template("毕业生{{ graduates }}人，{{ edition.status }}"))
    done = nianbao("--output", str(tmp_path / "out.docx"))
    assert done.exit_code == 0, done.output
    assert "毕业生1843人，定稿" in text_of((tmp_path / "out.docx").read_bytes())
    bad = tmp_path / "bad.docx"
    bad.write_bytes(template("{{ graduats }}"))
    refused = nianbao("--template", str(bad), "--lang", "en")
    assert refused.exit_code == 1
    assert "Did you mean graduates?" in refused.output
