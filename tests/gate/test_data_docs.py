"""Great Expectations' own pages: whole, capped, escaped, and readable without a network."""

import re
from html.parser import HTMLParser

import duckdb
import pandas as pd
import pytest
from test_rules import RULES, cases, frame_of, rows_of
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.gate import data_docs
from orchestration.gate.data_docs import SHOWN, build_data_docs, write_pages
from orchestration.gate.replay import NothingToReplay, outcome_of
from orchestration.gate.suites import failing_rows
from orchestration.ground.home import Home

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"
ENTRANTS = RULES["entrants_are_among_the_enrolled"]


class Page(HTMLParser):
    """A page's tags with their attributes, and its text as a reader sees it."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.text = [], ""
        self.html = path.read_text(encoding="utf-8")
        self.feed(self.html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def values(self, name):
        return [attrs[name] for _, attrs in self.tags if name in attrs]


def pages(folder):
    return {path.name: Page(path) for path in sorted(folder.glob("*.html"))}


def page_of(tmp_path, rows, rule=ENTRANTS):
    outcome = outcome_of(rule.stage, rule.frame, [rule], pd.DataFrame(rows))
    write_pages(tmp_path, [outcome])
    return Page(tmp_path / f"{rule.stage}.{rule.frame}.html")


def entrants(typed, count=1, **changes):
    row = {"city": "qingyang", "year": 2024, "school_code": "9962100201", "submission_id": "s1"}
    row |= {"students__entrants": 5.0, "students__entrants__typed": typed}
    row |= {"students__enrolled": 4.0, "students__entrants__cell": "学生!B3"}
    return [{**row, **changes} for _ in range(count)]


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    """The pages of all rules, each failing on its known-bad rows."""
    folder, outcomes = tmp_path_factory.mktemp("data_docs"), []
    for stage, name in dict.fromkeys((rule.stage, rule.frame) for rule in RULES.values()):
        suite = [r for r in RULES.values() if (r.stage, r.frame) == (stage, name)]
        bad = [row for rule in suite for row in rows_of(cases()[rule.id])[1]]
        columns = dict.fromkeys([c for r in suite for c in r.columns] + [c for b in bad for c in b])
        outcomes.append(outcome_of(stage, name, suite, frame_of(bad).reindex(columns=[*columns])))
    write_pages(folder, outcomes)
    return folder


def test_every_rule_is_on_its_page_with_id_class_and_sentence(every):
    made = pages(every)
    classes = {"must": "逻辑校验 must", "explain": "经验校验 explain", "info": "提示 info"}
    for rule in RULES.values():
        page = made[f"{rule.stage}.{rule.frame}.html"]
        assert rule.id in page.text
        assert classes[rule.rule_class] in page.text
        assert rule.zh in page.text


def test_the_pages_are_great_expectations_own(every):
    page = pages(every)["submission.submissions.html"]
    for words in ("Expectation Suite:", "Evaluated Expectations", "Observed Value", "Run Info"):
        assert words in page.text
    assert "rows must satisfy: students__entrants <= students__enrolled" in page.text


def test_every_page_is_reached_from_the_index_which_speaks_both_languages(every):
    made = pages(every)
    index = made.pop("index.html")
    assert sorted(index.values("href")) == sorted(["data_docs.css", *made])
    for page in made.values():
        assert "index.html" in page.values("href")
    assert "每个规则集一页" in index.text
    assert "one a suite" in index.text


def test_the_pages_need_no_script_and_no_network(every):
    for name, page in pages(every).items():
        anchors = {f"#{id_}" for id_ in page.values("id")}
        links = {*page.values("href"), *page.values("src")}
        assert links - anchors <= {"data_docs.css", *(p.name for p in every.iterdir())}, name
        assert "script" not in {tag for tag, _ in page.tags}
        assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")], name
    assert "url(" not in (every / "data_docs.css").read_text(encoding="utf-8")


def test_what_a_failing_row_holds_is_shown_with_its_place(tmp_path):
    page = page_of(tmp_path, entrants("5人"))
    assert "students__entrants=5人, students__enrolled=4" in page.text
    assert "招生数 5人 大于在校生数 4，见 学生!B3" in page.text
    assert "9962100201" in page.text
    assert "1 unexpected values found" in page.text


def test_a_rule_that_holds_is_shown_as_held(tmp_path):
    page = page_of(tmp_path, entrants("3", students__entrants=3.0))
    assert "unexpected values found" not in page.text
    assert ENTRANTS.id in page.text
    assert "fa-check-circle" in page.html


@pytest.mark.parametrize(
    "place", ["students__entrants__typed", "school_code", "city", "students__entrants__cell"]
)
def test_what_comes_out_of_a_workbook_is_only_text(tmp_path, place):
    page = page_of(tmp_path, entrants("5", **{place: EVIL}))
    assert not {"script", "img"} & {tag for tag, _ in page.tags}
    assert EVIL in page.text


@pytest.mark.parametrize(
    "text", ["{{ 7 * 7 }}", "{% raw %}", "$condition ${template}", "a & b &lt; c", '"\'><b x="']
)
def test_no_text_is_taken_for_a_template(tmp_path, text):
    page = page_of(tmp_path, entrants(text))
    assert text in page.text
    assert "b" not in {tag for tag, _ in page.tags}


def test_a_rule_file_is_only_text_as_well(tmp_path):
    changes = {"zh": f"`{EVIL}` [x](javascript:alert)", "id": "r"}
    kwargs = {"column": "city", "value_set": [EVIL]}
    rule = ENTRANTS.model_copy(
        update={**changes, "type": "expect_column_values_to_not_be_in_set", "kwargs": kwargs}
    )
    page = page_of(tmp_path, entrants("5"), rule)
    columns = ["city", "school_code"]
    condition = {"condition": "city != '<script>x</script>'", "column_list": columns}
    other = page_of(tmp_path, entrants("5"), ENTRANTS.model_copy(update={"kwargs": condition}))
    for made in (page, other):
        assert not {"script", "img"} & {tag for tag, _ in made.tags}
        assert not any("javascript" in link for link in made.values("href"))
    assert condition["condition"] in other.text


def test_thousands_of_failing_rows_make_no_larger_page_than_twenty(tmp_path):
    rows = [entrants(f"{n}" + "长" * 900, school_code=str(n))[0] for n in range(3000)]
    page = page_of(tmp_path, rows)
    assert page.text.count("长" * 200) <= 2 * SHOWN
    assert "Sampled Unexpected Values" in page.text
    assert "3000 unexpected values found" in page.text
    assert len(page.html) < 100_000


def test_a_suite_without_rows_is_no_success(tmp_path):
    write_pages(tmp_path, [outcome_of("city", "claims", [ENTRANTS], pd.DataFrame())])
    assert list(pages(tmp_path)) == ["index.html"]
    index = Page(tmp_path / "index.html")
    assert "claims 没有数据可查 nothing to check" in index.text
    assert index.values("href") == ["data_docs.css"]


def test_results_are_handed_over_without_changing_what_fails():
    rows, seen = pd.DataFrame(entrants("5", count=3)), []
    plain = failing_rows(rows, [ENTRANTS])
    collected = failing_rows(rows, [ENTRANTS], collect=seen.extend)
    assert plain[ENTRANTS.id].equals(collected[ENTRANTS.id])
    assert [result.result["unexpected_count"] for result in seen] == [3]


# -- the folder ------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home whose warehouse yields one suite."""
    outcome = outcome_of("submission", "submissions", [ENTRANTS], pd.DataFrame(entrants("5")))
    monkeypatch.setattr(data_docs, "run_again", lambda *_: iter([outcome]))
    made = Home(tmp_path / "home")
    made.create()
    duckdb.connect(str(made.warehouse)).close()
    return made


def listed(home):
    return sorted(path.name for path in home.gate.iterdir())


def test_the_folder_is_replaced_whole(home):
    assert build_data_docs(home) == home.gate / "data_docs" / "index.html"
    (home.gate / "data_docs" / "submission.gone.html").touch()
    done = CliRunner().invoke(app, ["data-docs", "--home", str(home.root)])
    assert str(home.gate / "data_docs" / "index.html") in re.sub(r"\s", "", done.output)
    assert listed(home) == ["data_docs"]
    assert sorted(pages(home.gate / "data_docs")) == ["index.html", "submission.submissions.html"]


def test_a_crash_leaves_the_pages_as_they_were(home, monkeypatch):
    index = build_data_docs(home)
    before = index.read_text(encoding="utf-8")

    def crash(folder, outcomes):
        (folder / "index.html").write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(data_docs, "write_pages", crash)
    with pytest.raises(OSError, match="disk full"):
        build_data_docs(home)
    assert index.read_text(encoding="utf-8") == before
    assert listed(home) == ["data_docs"]


def test_without_a_warehouse_both_languages_say_so(tmp_path):
    with pytest.raises(NothingToReplay, match=r"还没有数据仓库.*no warehouse"):
        build_data_docs(Home(tmp_path))
    done = CliRunner().invoke(app, ["data-docs", "--home", str(tmp_path)])
    assert done.exit_code == 1
    assert "还没有数据仓库" in done.output
    assert not (tmp_path / "gate").exists()
