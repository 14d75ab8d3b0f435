"""`nianbao check`: a school hears before it hands in what it would hear afterwards."""

import json
import shutil

import openpyxl
import pytest
import yaml
from commands import nianbao
from sample_workbooks import planted_faults, write_samples

from orchestration.ground.home import Home
from orchestration.intake.reading.problem_list import PROBLEM_LIST

GOOD, FAULTY, EXPLAINABLE = "9962100201", "9962102708", "9962102405"


def check(*arguments):
    """Run the command as a school would: nothing but the file, and no home anywhere."""
    # The bureau's ledger, if the environment names one, is nobody's business here.
    nowhere = {"NIANBAO_LEDGER_URL": "sqlite:////nowhere/ledger.sqlite"}
    return nianbao("check", *arguments, env=nowhere)


def findings(done, expect=1):
    assert done.returncode == expect, done.stdout + done.stderr
    return json.loads(done.stdout)["findings"]


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Two inboxes of Qingyang, one of them with the planted faults."""
    root = tmp_path_factory.mktemp("check")
    for faulty in (False, True):
        write_samples(Home(root / str(faulty)), ["qingyang"], faulty, years=[2023, 2024])

    def workbook(code, faulty=False, year=2024):
        (path,) = Home(root / str(faulty)).inbox_year(year).glob(f"{code}_*.xlsx")
        return path

    return workbook


@pytest.mark.parametrize("year", [2023, 2024])
def test_a_good_workbook_is_ready_whatever_its_year(samples, year):
    done = check(samples(GOOD, year=year))
    assert done.returncode == 0, done.stdout + done.stderr
    ready, blank, title, *lines = done.stdout.splitlines()
    assert (ready, blank, title) == ("可以报送。Ready to be handed in.", "", "读取回执")
    assert [line for line in lines if "学生: 已读" in line and "，未读 0" in line]
    assert done.stderr == ""


def test_the_faults_are_those_of_the_gate_and_the_workbook_comes_back_marked(samples, tmp_path):
    marked = tmp_path / "标注.xlsx"
    done = check(samples(FAULTY, faulty=True), "--format", "json", "--output", marked)
    planted = [f["findings"] for f in planted_faults()["cells"] if f["school_code"] == FAULTY]
    wanted = {(rule, cell) for found in planted for rule, cell in found.items()}
    found = findings(done)
    assert {(f["rule_id"], f["cell"]) for f in found if f["class"] != "info"} == wanted
    assert all(f["sentence_zh"] and f["sentence_en"] and f["fix_zh"] for f in found)
    assert all(f["sheet"] == f["cell"].split("!")[0] for f in found if f["cell"])
    filed = openpyxl.load_workbook(samples(FAULTY, faulty=True))
    (cover,) = [f for f in found if f["cell"] == "封面!B8"]
    assert cover["typed"] == cover["shown"] == filed["封面"]["B8"].value
    book = openpyxl.load_workbook(marked)
    assert book.sheetnames[0] == PROBLEM_LIST
    assert book["封面"]["B8"].comment
    assert "封面!B8" in {cell.value for cell in book[PROBLEM_LIST]["C"]}


def test_what_is_explained_on_the_list_makes_it_ready(samples, tmp_path):
    """The whole round: checked, marked, explained on its list, and checked again."""
    marked = tmp_path / "标注.xlsx"
    before = findings(
        check(samples(EXPLAINABLE, faulty=True), "--output", marked, "--format", "json")
    )
    assert {f["class"] for f in before} == {"explain"}
    book = openpyxl.load_workbook(marked)
    for row in book[PROBLEM_LIST].iter_rows(min_row=2):
        for cell in row:
            if not cell.protection.locked:
                cell.value = "合成示例：已向主管部门备案"
    book.save(marked)
    after = findings(check(marked, "--format", "json"), expect=0)
    assert [(f["rule_id"], f["state"]) for f in after] == [(f["rule_id"], "asked") for f in before]
    assert {f["explanation"] for f in after} == {"合成示例：已向主管部门备案"}


def test_the_receipt_says_what_became_of_the_cells(samples, tmp_path):
    path = tmp_path / "示例.xlsx"
    book = openpyxl.load_workbook(samples(GOOD))
    enrolled = str(book["学生"]["B4"].value)
    book["学生"]["B4"].value = f"{enrolled}人"
    book.save(path)
    (students,) = [
        sheet
        for sheet in json.loads(check(path, "--format", "json").stdout)["receipt"]
        if sheet["sheet"] == "学生"
    ]
    assert set(students["counts"]) == {"label", "read", "converted", "passed_over", "not_read"}
    (entry,) = students["entries"]
    assert entry["column_id"] == "enrolled"
    assert (entry["range"], entry["typed"], entry["read"]) == ("B4", f"{enrolled}人", enrolled)
    assert (entry["outcome"], entry["kind"], entry["kind_en"]) == (
        *("converted", "unit_suffix", "its unit taken off"),
    )
    said = {"zh": "换算后读入（去单位）：", "en": "read after conversion (its unit taken off): "}
    for language, words in said.items():
        line = f"  学生!B4 {words}{enrolled}人 → {enrolled}"
        assert line in check(path, "--lang", language).stdout.splitlines()


def test_the_bureaus_workbook_is_checked_as_well(samples, tmp_path):
    path = tmp_path / "市级填报.xlsx"
    shutil.copy(next(samples(GOOD).parent.glob("qingyang_*.xlsx")), path)
    book = openpyxl.load_workbook(path)
    book["封面"]["B8"].value = "待定"
    book.save(path)
    found = findings(check(path, "--format", "json"))
    assert [(f["rule_id"], f["cell"]) for f in found] == [("cell_is_not_yes_or_no", "封面!B8")]


def test_a_bureaus_code_with_another_citys_name_is_contradicted(samples, tmp_path):
    path = tmp_path / "市级填报.xlsx"
    shutil.copy(next(samples(GOOD).parent.glob("qingyang_*.xlsx")), path)
    book = openpyxl.load_workbook(path)
    book["封面"]["B3"].value = "610300"
    book.save(path)
    found = findings(check(path, "--format", "json"))
    assert [(f["rule_id"], f["cell"]) for f in found] == [("filer_is_contradicted", "封面!B3")]


def test_a_home_adds_its_own_rules(samples, tmp_path):
    own = tmp_path / "home" / "expectations" / "submission"
    own.mkdir(parents=True)
    text = {"zh": "示例", "en": "a sample"}
    meta = {"id": "own_rule", "family": "types", "why": text, "fix": text}
    meta |= {"zh": "示例规则：在校生 {students__enrolled}", "en": "A rule of the home's own"}
    rule = {"type": "expect_column_values_to_be_between", "severity": "critical", "meta": meta}
    rule |= {"kwargs": {"column": "students__enrolled", "max_value": 0}}
    rules = {"frame": "submissions", "since": 2024, "expectations": [rule]}
    (own / "own.yml").write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
    done = check(samples(GOOD), "--home", tmp_path / "home", "--format", "json")
    assert [f["rule_id"] for f in findings(done)] == ["own_rule"]
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["expectations"]


def test_junk_gets_the_sentence_of_its_finding_in_either_language(tmp_path):
    path = tmp_path / "示例.xlsx"
    path.write_bytes(b"junk")
    for language, words in {"zh": "不是可读的工作簿", "en": "is no workbook"}.items():
        done = check(path, "--lang", language)
        assert done.returncode == 1
        assert words in done.stdout.replace("\n", "")
        assert "1 处须更正" in done.stdout and "1 to be corrected" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["没有.xlsx"], "没有文件"),
        (["示例.xlsx", "--output", "x.pdf"], "--output"),
        (["示例.xlsx", "--output", "示例.xlsx"], "不能覆盖原文件"),
        (["示例.xlsx", "--home", "nowhere"], "没有部署目录"),
        (["示例.xlsx", "--year", "1999"], "没有 1999 年的报表"),
        (["~$示例.xlsx"], "收件箱不读取"),
    ],
)
def test_what_cannot_be_checked_is_told_in_both_languages(tmp_path, arguments, said):
    for name in ("示例.xlsx", "~$示例.xlsx"):
        (tmp_path / name).write_bytes(b"junk")
    placed = [a if a.startswith("--") or a.isdigit() else tmp_path / a for a in arguments]
    done = check(*placed)
    assert done.returncode == 1
    assert said in done.stderr
    assert any(word in done.stderr for word in ("There is", "--output", "The inbox"))
    assert "Traceback" not in done.stderr
