"""Of how many schools each figure is, as every published file and SQL say it."""

import base64
import csv
import io
import re
import zipfile
from html import unescape

from lxml import html
from python_calamine import CalamineWorkbook

from orchestration.editions.contents import read_tables
from orchestration.warehouse.dbt import reading

COUNTS = r"（\d+/\d+所）"
_SQL = """
select 'editions' as place, indicator_id, schools_counted, schools_expected from fct_edition_metric
where city = $1 and year = $2 and edition = $3
union all
select 'years' as place, indicator_id, schools_counted, schools_expected from fct_indicator_trend
where city = $1 and year = $2
"""


def lacking_schools(edition):
    """Each published figure that does not cover its population: its row, by indicator."""
    rows = read_tables(edition.folder)["city_yearly_metrics"].to_pylist()
    return {
        row["indicator_id"]: row
        for row in rows
        if row["schools_counted"] < row["schools_expected"] and row["value"] is not None
    }


def said_everywhere(home, edition):
    """What each file and table says of how many schools a figure is: by place and indicator."""
    return {
        "csv": _in_csv(edition, "metrics.csv", "indicator_id"),
        "sdmx": _in_csv(edition, "metrics.sdmx.csv", "INDICATOR"),
        "printed": _on_the_sheet_to_print(edition),
        "sheet": {
            row["indicator_id"]: (row["schools_counted"], row["schools_expected"])
            for row in _sheet(edition, "指标 Indicators")
        },
        **_on_the_sheet_of_schools(edition),
        **_in_sql(home, edition),
    }


def _in_csv(edition, name, indicator):
    with (edition.folder / name).open(encoding="utf-8-sig", newline="") as file:
        rows = [{key.lower(): value for key, value in row.items()} for row in csv.DictReader(file)]
    counts = ("schools_counted", "schools_expected")
    return {
        row[indicator.lower()]: tuple(int(row[n]) for n in counts)
        for row in rows
        if row[counts[0]].isdigit()  # what a bureau filed is of no number of schools
    }


def _sheet(edition, name):
    """The rows of a sheet of metrics.xlsx by the last word of its headings."""
    book = CalamineWorkbook.from_path(str(edition.folder / "metrics.xlsx"))
    header, *rows = book.get_sheet_by_name(name).to_python()
    return [dict(zip([h.split()[-1] for h in header], row, strict=True)) for row in rows]


def _on_the_sheet_to_print(edition):
    rows = read_tables(edition.folder)["city_yearly_metrics"].to_pylist()
    ids = {row["name_zh"]: row["indicator_id"] for row in rows}
    found = [(ids[r["Indicator"]], r["Schools"]) for r in _sheet(edition, "打印 To print")]
    return {
        name: tuple(map(int, re.fullmatch(r"(\d+)/(\d+) 所", text).groups()))
        for name, text in found
        if "/" in text
    }


def _on_the_sheet_of_schools(edition):
    found = {}
    for row in _sheet(edition, "各校 Schools"):
        part = found.setdefault(f"schools of a {row['part']}", {})
        counted, expected = part.get(row["indicator_id"], (0, 0))
        is_out = row["not_counted_because"].startswith("不在应报范围")
        counted += not row["not_counted_because"]
        part[row["indicator_id"]] = (counted, expected + (not is_out))
    return found


def _in_sql(home, edition):
    with reading(home.analyst_database) as connection:
        rows = connection.execute(_SQL, [edition.city, edition.year, edition.number]).fetchall()
    found = {}
    for place, name, *counts in rows:
        found.setdefault(place, {})[name] = tuple(counts)
    return found


class Page:
    """The report's page, and what its figures and charts say of schools."""

    def __init__(self, edition):
        self.tree = html.fromstring((edition.folder / "page.html").read_text(encoding="utf-8"))
        (self.main,) = self.tree.xpath("//main")

    def figures(self):
        """Each figure that is printed: its indicator, and what stands behind it."""
        for link in self.main.xpath(".//a[@class='figure']"):
            yield link.get("href").removeprefix("#trace-"), link.tail or ""

    def trace(self, name):
        return self.tree.get_element_by_id(f"trace-{name}").text_content()

    def chart(self, name):
        """A chart's description, its table, and the table as it is saved."""
        (chart,) = self.main.xpath(f".//figure[@id='chart-{name}']")
        (link,) = chart.xpath(".//a[@download]")
        saved = base64.b64decode(link.get("href").partition("base64,")[2]).decode("utf-8-sig")
        table = [[cell.text_content() for cell in row] for row in chart.xpath(".//tr")]
        return chart.xpath("./img/@alt")[0], table, list(csv.reader(io.StringIO(saved)))

    def counts(self):
        """Of how many schools figures are, in the order of the text without its charts."""
        for block in self.main.xpath(".//figure | .//p[@class='download']"):
            block.drop_tree()
        return re.findall(COUNTS, self.main.text_content())


def word(edition):
    """The report in Word: its text, and with what is said of its pictures."""
    with zipfile.ZipFile(edition.folder / "report.docx") as archive:
        xml = archive.read("word/document.xml").decode()
    return re.sub("<[^>]+>", "", xml), unescape(xml)


def hold_each_figure_to_its_schools(home, edition):
    """Hold that a figure without all of its schools says so wherever it is; return these."""
    lacking = lacking_schools(edition)
    expected = {n: (r["schools_counted"], r["schools_expected"]) for n, r in lacking.items()}
    for place, said in said_everywhere(home, edition).items():
        of_them = {name: said[name] for name in expected if name in said}
        assert of_them.items() <= expected.items(), place
        assert place == "schools of a denominator" or of_them == expected, place

    page, (text, pictures) = Page(edition), word(edition)
    printed = [(name, tail) for name, tail in page.figures() if name in expected]
    for name, tail in printed:
        behind = "（{}/{}所）".format(*expected[name])
        assert behind in tail[: len(behind) + 3], (name, tail)
        assert "统计学校：{}/{} 所".format(*expected[name]) in page.trace(name), name
    assert len({name for name, _ in printed}) > 20
    for name in ("trend", "teachers", "categories", "conditions"):
        described, table, saved = page.chart(name)
        assert table == saved and described in pictures, name
    described, table, _ = page.chart("trend")
    for row in (lacking["enrolled"], lacking["graduates"]):
        counted = "{}/{}".format(*expected[row["indicator_id"]])
        assert f"{row['name_zh']} {row['value_printed']}（{counted}所）" in described
        assert table[-1].count(counted) >= 1 and counted not in table[-2]
    # Word says it as often as the page, whose charts are pictures there.
    assert page.counts() == re.findall(COUNTS, text)
    return expected
