"""What a report printed, while schools are missing, decided on, and corrected after the print.

One home with the claims of the two real reports: a first run without one school and with a slip in
the draft; then that school, and a new major that a steward accepts; then, after the first edition,
another school's correction.
"""

import os
import shutil
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest
from sample_workbooks import write_samples
from shared import made_once
from story import CITY, CORRECTED, LATE, YEAR, add_to, inbox_file

from orchestration.analysts.database import publish_database
from orchestration.editions.contents import read_tables
from orchestration.gate.decisions import Proposal, decide, propose, settle
from orchestration.gate.findings import finding_rows
from orchestration.gate.run import city_outcome, judge_all_cities, judge_all_submissions
from orchestration.ground import clock
from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.ledger import open_ledger
from orchestration.intake.batch import take_in
from orchestration.line.outcome import city_status, claims
from orchestration.publishing.publish import publish_edition
from orchestration.warehouse import dbt as warehouse

WITH_NEW_MAJOR = "9962100210"
DRAFT = "QY087,4.1,职业教育活动周重点活动数"  # a figure of the bureau's own form: 10


def judged(home, ledger):
    take_in(home, [2023, YEAR], ledger)
    warehouse.parse(home)
    warehouse.require_success(warehouse.build(home, warehouse.BEFORE_GATE))
    return judge_all_submissions(home, ledger)


def accept_everything_asked_of(home, ledger, found, code):
    """Let one steward accept what the gate asks a school, and another person approve it."""
    asked = found[found["school_code"].eq(code) & found["class"].eq("explain")]
    rows = finding_rows(asked[asked["state"].eq("open") & asked["year"].eq(YEAR)])
    proposal = Proposal("accept", "registered_outside_catalogue", "已备案的新专业")
    made = decide(ledger, propose(rows, proposal, "李审核", {}, clock.today()), 0)
    settle(ledger, made.decision_id, approve=True, text="", actor="王批准", is_approver=True)
    judge_all_submissions(home, ledger)


def finish(home, ledger):
    """Go on from the submission gate to the analysts' database, and say what there is then."""
    warehouse.require_success(warehouse.build(home, warehouse.AFTER_GATE))
    judge_all_cities(home, ledger)
    verdict, found = city_outcome(home, CITY, YEAR)
    if verdict == "passed":
        publish_edition(home, ledger, CITY, YEAR)
    publish_database(home, ledger)
    with warehouse.reading(home.warehouse) as connection:
        built = connection.sql("from fct_claim where city = 'qingyang' and year = 2024").df()
    with warehouse.reading(home.analyst_database) as connection:
        sentences = connection.sql(
            "from fct_finding where city = 'qingyang' and stage = 'city' and year = 2024"
        )
        sentences = sentences.df()
    (status,) = [one for one in city_status(home, YEAR) if one.city == CITY]
    return {
        "verdict": verdict,
        "findings": found,
        "built": built.set_index("claim_id"),
        "published": pd.DataFrame(claims(home, CITY, YEAR)).set_index("claim_id"),
        "sentences": sentences,
        "status": vars(status),
    }


def put_into(home, code, change):
    path = inbox_file(home, code)
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def tell(folder):
    home = Home(folder / "home")
    home.create()
    for city in (CITY, "baoji"):
        shutil.copytree(REPOSITORY / "cities" / city, home.cities / city)
    write_samples(home)
    late = inbox_file(home, LATE)
    shutil.move(late, folder / "late.xlsx")
    file = home.cities / CITY / f"claims_{YEAR}.csv"
    text = file.read_text(encoding="utf-8")
    assert f"{DRAFT}," in text
    lines = [
        line.replace(",eq,10,", ",eq,11,") if line.startswith(DRAFT) else line
        for line in text.splitlines()
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    told = {}
    with open_ledger(home) as ledger:
        judged(home, ledger)
        told["without_a_school"] = finish(home, ledger)
        file.write_text(text, encoding="utf-8")
        shutil.move(folder / "late.xlsx", late)
        os.utime(late, (1_700_000_000, 1_700_000_000))
        majors = ("999901", "示例新专业", None, "否", 0, 0, 0, 0, 0, 0)
        put_into(home, WITH_NEW_MAJOR, lambda book: book["专业设置"].append(majors))
        found, _ = judged(home, ledger)
        accept_everything_asked_of(home, ledger, found, WITH_NEW_MAJOR)
        told["with_a_decision"] = finish(home, ledger)
        told["again"] = publish_edition(home, ledger, CITY, YEAR).is_new
        before = add_to(inbox_file(home, CORRECTED), "教职工", "校外兼职教师数", 1)
        os.utime(inbox_file(home, CORRECTED), (1_700_000_000, 1_700_000_000))
        judged(home, ledger)
        told["corrected"] = finish(home, ledger)
    assert before == 5
    pd.to_pickle(told, folder / "told.pickle")


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    folder = made_once(tmp_path_factory, "claims", tell)
    told = pd.read_pickle(folder / "told.pickle")
    steps = {n: SimpleNamespace(**s) if isinstance(s, dict) else s for n, s in told.items()}
    return SimpleNamespace(home=Home(folder / "home"), **steps)


def of_claims(found):
    """Return the findings about printed figures that ask for something or name a cause."""
    rules = {
        *("printed_figure_comes_out", "printed_figures_lack_no_filer"),
        *("printed_figures_hang_on_no_decision", "figures_in_print_still_come_out"),
    }
    return found[found["rule_id"].isin(rules)].set_index("rule_id")


# -- before the first print, one school missing --------------------------------------------------


def test_what_only_echoes_a_missing_school_is_one_finding_that_names_it(printed):
    run = printed.without_a_school
    found = of_claims(run.findings)
    echo = found.loc[["printed_figures_lack_no_filer"]]
    assert len(echo) == 1
    assert "庆城县职业中等专业学校（未报）" in echo["sentence_zh"].iloc[0]
    number = int(run.built["verdict"].eq("incomplete").sum())
    assert number > 40
    assert echo["sentence_zh"].iloc[0].startswith(f"{number} 个")
    assert echo["class"].eq("info").all()
    assert run.findings["case_id"].nunique() < 15


def test_a_figure_that_no_missing_school_is_part_of_is_wrong_before_the_first_print(printed):
    run = printed.without_a_school
    wrong = of_claims(run.findings).loc[["printed_figure_comes_out"]]
    (sentence,) = wrong["sentence_zh"]
    assert sentence == "QY087 职业教育活动周重点活动数：年报（稿）印 11，计算得 10"
    assert wrong["class"].eq("must").all()
    assert run.built.loc["QY087", "verdict"] == "wrong"
    assert run.status["claims_wrong"] == 1


def test_nothing_that_is_published_shows_the_figures_of_a_blocked_city(printed):
    run = printed.without_a_school
    assert run.verdict == "blocked"
    assert run.published["computed"].isna().all()
    assert set(run.published["verdict"]) == {"withheld"}
    assert run.published["cause_zh"].isna().all()
    assert len(run.sentences) == len(run.findings)
    assert set(run.sentences["sentence_zh"]) == {"本市2024年关卡未通过，不公布涉及的数字"}
    assert run.sentences["values_typed"].isna().all()


# -- before the first print, a decision ----------------------------------------------------------


def test_a_decision_that_moves_printed_figures_is_named_and_holds_nothing_up(printed):
    run = printed.with_a_decision
    assert run.verdict == "passed"
    moved = run.built[run.built["verdict"].eq("decided")]
    assert moved.loc["QY010", ["printed", "computed"]].tolist() == ["53", "54"]
    found = of_claims(run.findings)
    assert list(found.index) == ["printed_figures_hang_on_no_decision"]
    (sentence,) = found["sentence_zh"]
    assert "西峰北辰职业技术学校" in sentence
    assert "999901" in sentence
    assert "李审核说明通过" in sentence
    assert "QY010 专业数 53→54" in sentence
    assert not run.built["verdict"].isin({"wrong", "incomplete", "revised"}).any()


def test_a_run_without_news_makes_no_edition_although_figures_differ_from_print(printed):
    assert printed.again is False


# -- after the print -----------------------------------------------------------------------------


def test_a_correction_after_the_print_makes_a_revised_edition_and_leaves_the_claims_alone(printed):
    run = printed.corrected
    assert run.verdict == "passed"
    assert run.built.loc["QY030", ["printed", "computed", "verdict"]].tolist() == [
        *("36", "37", "revised")
    ]
    asked = of_claims(run.findings).loc["figures_in_print_still_come_out"]
    assert asked["class"] == "explain"
    assert asked["sentence_zh"] == "1 个已印发的数字现在不同：QY030 校外兼职教师数 36→37"
    assert run.status["claims_wrong"] == 0
    assert (
        run.status["claims_explained"] == (run.built["verdict"].isin({"decided", "revised"})).sum()
    )
    edition = printed.home.editions(CITY, YEAR) / "v2"
    (row,) = read_tables(edition)["revision"].to_pylist()
    assert (row["printed_before"], row["printed_after"]) == ("36", "37")
    assert row["cause"] == "corrected_submission"
    assert row["schools"] == "西峰职业中等专业学校"
    told = (printed.home.cities / CITY / f"claims_{YEAR}.csv").read_bytes()
    assert told == (REPOSITORY / "cities" / CITY / f"claims_{YEAR}.csv").read_bytes()


def test_the_edition_that_printed_a_figure_keeps_it_as_matching(printed):
    first = read_tables(printed.home.editions(CITY, YEAR) / "v1")["fct_claim"].to_pylist()
    (own,) = [row for row in first if row["claim_id"] == "QY030"]
    assert (own["computed"], own["verdict"]) == ("36", "matched")
