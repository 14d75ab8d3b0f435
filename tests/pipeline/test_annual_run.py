"""The whole line on the healthy samples: what a new user sees after `make run`, and again."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime

import duckdb
import pandas as pd
import pytest
from commands import nianbao

from orchestration.analysts.sql_query import Queries
from orchestration.ground.home import REPOSITORY, Home
from orchestration.web.sql.questions import shipped_questions

QUESTIONS = re.findall(
    r"^## (\d+)\. .*?```sql\n(.*?)```\n(.*?)(?=^## |\Z)",
    (REPOSITORY / "docs" / "sql.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)
# A block, and the table below it where there is one.
GUIDE = re.findall(
    r"```(sql|python)\n(.*?)```\n\n?((?:\|[^\n]*\n)*)",
    (REPOSITORY / "docs" / "analysts.md").read_text(encoding="utf-8"),
    re.DOTALL,
)
# The command without the short way out that `main` takes.
TO_THE_END = "from orchestration.cli import app; app()"
CITIES = {"qingyang": (15, 108), "baoji": (17, 49)}
CONTRADICTIONS = {
    "qingyang": [
        "全市招生数 8895 超过在校生数 14813 的 50%",
        "全市市级学生技能大赛参赛院校数 16 大于中等职业学校数 15",
        "全市专业课教师数 1044 + 体育课专任教师数 61 + 美育课专任教师数 68 + 思政课教师数 94 "
        "大于专任教师数 1246",
    ],
    "baoji": [
        "全市职教集团数 3 大于牵头高职院校数 2",
        "全市走访企业数 752 不等于活动走访企业数 63",
        "全市走访企业的院校数 36 大于中等职业学校数 17",
    ],
}


@pytest.fixture(scope="module")
def first(ran, healthy):
    return healthy.root.with_name("said.txt").read_text(encoding="utf-8")


@pytest.fixture
def status(deployment, first):
    text = deployment.nianbao("status", "--year", "2024", "--format", "json")
    return {row["city"]: row for row in json.loads(text)}


@pytest.mark.parametrize("city", CITIES)
def test_every_school_is_accepted_and_the_city_published(status, city):
    row = status[city]
    assert (row["accepted"], row["expected"]) == (CITIES[city][0], CITIES[city][0])
    assert (row["waiting"], row["returned"], row["missing"]) == (0, 0, 0)
    assert (row["must"], row["explain"]) == (0, len(CONTRADICTIONS[city]))
    assert (row["gate"], row["edition"]) == ("passed", 1)


@pytest.mark.parametrize("city", CITIES)
def test_what_a_printed_report_contradicts_is_asked_about_with_both_figures(
    deployment, first, city
):
    findings = pd.read_parquet(deployment.root / "gate" / "city_findings.parquet")
    asked = findings[findings["class"].eq("explain") & findings["year"].eq(2024)]
    assert sorted(asked.loc[asked["city"] == city, "sentence_zh"]) == sorted(CONTRADICTIONS[city])


@pytest.mark.parametrize("city", CITIES)
def test_every_printed_figure_comes_out(deployment, first, city):
    text = deployment.nianbao("claims", "--city", city, "--year", "2024", "--format", "json")
    claims = json.loads(text)
    assert len(claims) == CITIES[city][1]
    wrong = [claim for claim in claims if claim["verdict"] not in {"matched", "flagged"}]
    assert wrong == []
    keys = {"claim_id", "printed", "computed", "compare", "verdict", "note"}
    assert all(keys <= claim.keys() for claim in claims)


def test_the_first_run_says_what_it_does_in_both_languages(deployment, first):
    assert "✓ raw_workbooks" in first
    assert "庆阳市" in first
    assert "合成数据" in first
    english = deployment.nianbao("status", "--year", "2024", "--lang", "en")
    assert "Qingyang" in english
    assert "synthetic" in english


@pytest.fixture(scope="module")
def second(deployment, first):
    """A run without news, while a reader has the database open: raw files, figures, before, after.

    Each is what it was before the run and is after it; the reader's, what it sees meanwhile; and
    how the command ended, in a process of its own.
    """

    def raw_files():
        return {
            path: path.stat().st_mtime_ns
            for path in (deployment.root / "raw").rglob("year=2*/*.parquet")
        }

    def figures(reader):
        exact = "select count(*), sum(cast(value as decimal(18, 4))) from fct_indicator"
        return reader.sql(exact).fetchall()

    database = deployment.root / "published" / "nianbao.duckdb"
    files = raw_files()
    with duckdb.connect(str(database), read_only=True) as reader:
        before = figures(reader)
        deployment.settle()
        done = subprocess.run(
            [sys.executable, "-c", TO_THE_END, "run", "--year", "2024"],
            env={**os.environ, "NIANBAO_HOME": str(deployment.root)},
            capture_output=True,
            text=True,
        )
        meanwhile = figures(reader)
    with duckdb.connect(str(database), read_only=True) as reader:
        seen = [before, meanwhile, figures(reader)]
    return {"files": [files, raw_files()], "figures": seen, "done": done}


def test_a_run_that_is_taken_apart_to_the_end_leaves_nothing_that_complains(second):
    done = second["done"]
    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ raw_workbooks" in done.stdout


def test_a_second_run_parses_nothing_and_publishes_nothing(deployment, second):
    before, after = second["files"]
    assert before and after == before
    editions = deployment.root / "published"
    assert sorted(path.name for path in editions.glob("*/2024/v*")) == ["v1", "v1"]


@pytest.mark.parametrize("city", CITIES)
def test_the_edition_carries_its_own_proof(deployment, first, city):
    folder = deployment.root / "published" / city / "2024" / "v1"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    schools = [row for row in manifest["inputs"] if row["school_code"] and row["year"] == 2024]
    assert len(schools) == CITIES[city][0]
    assert "合成" in (folder / "README.txt").read_text(encoding="utf-8")
    metrics = pd.read_parquet(folder / "metrics.parquet")
    assert len(pd.read_csv(folder / "metrics.csv")) == len(metrics) > 40
    sheets = pd.read_excel(folder / "metrics.xlsx", sheet_name=None, engine="calamine")
    assert "合成" in sheets["说明 Notes"].to_string()
    assert len(sheets["指标 Indicators"]) == len(metrics)
    assert "指标名称 name_zh" in sheets["指标定义 Definitions"].columns


def test_a_reader_may_hold_the_database_open_while_it_is_swapped(second):
    before, meanwhile, after = second["figures"]
    assert before == meanwhile == after


def test_every_published_table_and_column_is_commented(deployment, first):
    with duckdb.connect(
        str(deployment.root / "published" / "nianbao.duckdb"), read_only=True
    ) as reader:
        tables = reader.sql("select table_name, comment from duckdb_tables()").fetchall()
        bare = reader.sql(
            "select table_name, column_name from duckdb_columns() "
            "where comment is null and not internal"
        ).fetchall()
    assert len(tables) > 20
    assert [name for name, comment in tables if not comment] == []
    assert bare == []


def as_markdown(columns, rows):
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def test_the_docs_answer_a_dozen_questions():
    assert len(QUESTIONS) >= 12


@pytest.mark.parametrize(
    ("query", "answer"), [(q, a) for _, q, a in QUESTIONS], ids=[n for n, _, _ in QUESTIONS]
)
def test_a_query_of_the_docs_gives_the_answer_below_it(deployment, first, query, answer):
    database = deployment.root / "published" / "nianbao.duckdb"
    with duckdb.connect(str(database), read_only=True) as reader:
        result = reader.execute(query)
        found = as_markdown([name for name, *_ in result.description], result.fetchall())
    assert found == answer.strip()


def test_the_guide_for_analysts_shows_both_languages_of_the_machine():
    kinds = [kind for kind, _, _ in GUIDE]
    assert (kinds.count("sql"), kinds.count("python")) == (6, 2)


@pytest.mark.parametrize("answer_of", [b for b in GUIDE if b[0] == "sql"], ids=lambda b: b[1][:40])
def test_the_sql_of_the_guide_runs_and_gives_the_answer_below_it(deployment, first, answer_of):
    _, query, answer = answer_of
    database = deployment.root / "published" / "nianbao.duckdb"
    with duckdb.connect(str(database), read_only=True) as reader:
        result = reader.execute(query)
        columns = [name for name, *_ in result.description]
        found = as_markdown(columns, result.fetchall())
    assert columns
    assert found == answer.strip() or not answer


def test_the_python_of_the_guide_runs(deployment, first):
    blocks = [code for kind, code, _ in GUIDE if kind == "python"]
    code = "\n".join(blocks).replace('"home/', f'"{deployment.root}/')
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "97.78" in done.stdout
    assert done.stdout.splitlines()[-1].endswith(" 1246")


def test_the_ledger_is_whole_and_says_what_was_published(deployment, first):
    assert "完整" in deployment.nianbao("ledger", "verify")


def test_a_template_for_each_school_is_written(deployment, first, tmp_path):
    deployment.nianbao(
        *("template", "--city", "qingyang", "--year", "2024", "--output", str(tmp_path))
    )
    assert len(list(tmp_path.glob("*.xlsx"))) == 16


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("claims", "--city", "nowhere", "--year", "2024"), "nowhere"),
        (("template", "--city", "qingyang", "--year", "2019", "--output", "x"), "2019"),
    ],
)
def test_a_wrong_word_gets_a_sentence(deployment, first, arguments, said, tmp_path):
    done = nianbao(*arguments, home=deployment.root, cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_late_correction_makes_one_new_edition_of_its_city(deployment, first):
    """One school corrects one figure: only that file is read, only that city is published again."""
    import openpyxl

    roster = deployment.root / "cities" / "qingyang" / "schools.csv"
    with roster.open(encoding="utf-8-sig") as file:
        code = next(row["school_code"] for row in csv.DictReader(file) if row["year"] == "2024")
    path = next((deployment.root / "inbox" / "2024").glob(f"{code}_*.xlsx"))
    book = openpyxl.load_workbook(path)
    sheet = book["办学条件"]
    cell = next(row[1] for row in sheet.iter_rows() if str(row[0].value).startswith("图书册数"))
    cell.value += 1
    book["封面"]["B10"] = "2024-12-20"  # the principal confirms what was changed
    book.save(path)
    deployment.run()
    published = deployment.root / "published"
    assert len(list((published / "qingyang" / "2024").glob("v*"))) == 2
    assert len(list((published / "baoji" / "2024").glob("v*"))) == 1
    batches = list((deployment.root / "raw" / "conditions" / "year=2024").glob("*.parquet"))
    assert sorted(len(pd.read_parquet(path)) for path in batches)[0] == 1


@pytest.mark.parametrize("question", shipped_questions(), ids=lambda question: question.id)
def test_every_shipped_question_has_an_answer(deployment, first, question):
    table = Queries(Home(deployment.root)).table(question.sql)
    cities = {row[0] for row in table.rows}
    assert len(table.rows) > 1 and not table.is_cut
    assert cities == set(CITIES) or table.columns[0][0] != "city"


@pytest.mark.parametrize("city", CITIES)
def test_a_published_figure_traces_to_cells_of_archived_workbooks(deployment, first, city):
    figures = ("trace", city, "2024", "graduate_destination_rate")
    assert "毕业生去向!" in deployment.nianbao(*figures)
    cells = list(csv.DictReader(deployment.nianbao(*figures, "--csv").splitlines()))
    files = {path.stem for path in (deployment.root / "archive").glob("*/*.xlsx")}
    # Either side is of the schools that filed both, and so hangs on the three cells of each.
    assert len(cells) == 2 * 3 * CITIES[city][0]
    assert {cell["file_hash"] for cell in cells} <= files


def test_a_signed_edition_becomes_final_in_a_run_of_its_own(deployment, first, monkeypatch):
    """As the daemon runs it, days after the annual run if need be."""
    import dagster

    monkeypatch.setenv("NIANBAO_HOME", str(deployment.root))
    from orchestration.definitions import build_definitions
    from orchestration.editions import history, signing
    from orchestration.editions.checklist import may_be_signed
    from orchestration.ground.ledger import open_ledger

    home = Home(deployment.root)
    with open_ledger(home) as ledger:
        edition = history.city_year(home, ledger, "baoji", 2024).numbered(1)
        check = may_be_signed(home, ledger, edition, "李批准", "")
        release = signing.release_time("2025-03-01 09:00", datetime.now(UTC))
        signing.approve(home, ledger, edition, "李批准", "", release, check)
        assert [e.city for e in history.waiting_for_release(home, ledger)] == ["baoji"]
        done = (
            build_definitions(home)
            .resolve_job_def("release_job")
            .execute_in_process(
                partition_key="2024",
                asset_selection=[dagster.AssetKey(["baoji", "final_edition"])],
            )
        )
        assert done.success
        states = [
            (e.number, e.state) for e in history.city_year(home, ledger, "baoji", 2024).editions
        ]
    assert states == [(1, "provisional"), (2, "final")]
    with duckdb.connect(str(home.analyst_database), read_only=True) as reader:
        rows = reader.sql("select distinct status from indicator_final('baoji', 2024)").fetchall()
    assert rows == [("final",)]
