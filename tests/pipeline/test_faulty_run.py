"""The line on workbooks with planted faults: each is found at its cell, and stops only itself."""

import json

import openpyxl
import pandas as pd
import pytest
import yaml

from orchestration.ground.alerts import Kind, standing
from orchestration.ground.home import REPOSITORY, Home
from orchestration.intake.reading.problem_list import COLUMNS

PLANTED = yaml.safe_load((REPOSITORY / "samples" / "faulty.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def outcome(deployment):
    deployment.nianbao("init")
    deployment.nianbao("sample", "--faulty")
    deployment.run(expect=1)
    text = deployment.nianbao("status", "--year", "2024", "--format", "json")
    return {row["city"]: row for row in json.loads(text)}


@pytest.fixture
def findings(deployment, outcome):
    frame = pd.read_parquet(deployment.root / "gate" / "findings.parquet")
    return frame[(frame["year"] == 2024) & (frame["class"] != "info")]


def test_the_healthy_city_is_published(deployment, outcome):
    assert outcome["baoji"]["gate"] == "passed"
    assert (deployment.root / "published" / "baoji" / "2024" / "v1").is_dir()


def test_the_faulty_city_is_not(deployment, outcome):
    assert outcome["qingyang"]["gate"] == "blocked"
    counts = {
        name: outcome["qingyang"][name] for name in ("accepted", "waiting", "returned", "missing")
    }
    assert counts == {"accepted": 2, "waiting": 3, "returned": 10, "missing": 0}
    assert not (deployment.root / "published" / "qingyang").exists()


def test_somebody_is_told_which_city_was_held_back_and_why(deployment, outcome):
    (alert,) = standing(Home(deployment.root), 2024)
    assert (alert.trouble.kind, alert.trouble.subject) == (Kind.city_blocked, "qingyang")
    assert "庆阳市 2024 年度未发布" in alert.trouble.text.zh
    assert "Qingyang 2024 is not published" in alert.trouble.text.en
    assert alert.trouble.detail
    log = (deployment.root / "logs" / "nianbao.log").read_text(encoding="utf-8")
    assert "庆阳市 2024 年度未发布" in log and "✓ raw_workbooks" in log


def test_exactly_the_planted_faults_are_found_each_at_its_cell(findings):
    planted = {
        (
            None if fault.get("fault") == "unknown_school" else fault["school_code"],
            *(rule, cell, fault.get("state", "open")),
        )
        for fault in [*PLANTED["cells"], *PLANTED["files"]]
        for rule, cell in fault["findings"].items()
    }
    columns = ["school_code", "rule_id", "cell", "state"]
    found = findings[columns].astype(object).where(findings[columns].notna(), None)
    assert set(found.itertuples(index=False, name=None)) == planted


def test_verdicts_follow_from_the_classes(deployment, outcome, findings):
    verdicts = pd.read_parquet(deployment.root / "gate" / "verdicts.parquet")
    verdicts = verdicts.set_index("submission_id")["verdict"]
    is_open = findings["state"].isin(["open", "asked"])
    returned = set(findings.loc[is_open & findings["class"].eq("must"), "submission_id"])
    waiting = set(findings.loc[is_open & findings["class"].eq("explain"), "submission_id"])
    assert set(verdicts[verdicts == "returned"].index) == returned
    assert set(verdicts[verdicts == "waiting"].index) == waiting - returned
    assert len(waiting - returned) == 3
    assert len(returned) >= 10


def test_each_school_with_open_findings_gets_its_own_workbook_back_marked(deployment, outcome):
    folder = deployment.root / "returned" / "2024"
    assert len(list(folder.glob("*.xlsx"))) == 13
    path = next(folder.glob("9962102203_*.xlsx"))
    book, filed = (
        openpyxl.load_workbook(path),
        openpyxl.load_workbook(
            next((deployment.root / "inbox" / "2024").glob("9962102203_*.xlsx"))
        ),
    )
    assert book.sheetnames == ["问题清单", "读取回执", *filed.sheetnames]
    bad = book["教职工"]["B8"]
    assert bad.value == filed["教职工"]["B8"].value == 3.5
    assert bad.fill.start_color.rgb == "FFF2A900"
    assert "3.5" in bad.comment.text and "whole" in bad.comment.text
    marked = [
        f"{sheet.title}!{cell.coordinate}"
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    ]
    assert sorted(marked) == sorted(["专业设置!I3", "教职工!B3", "教职工!B8"])
    listed = [
        dict(zip((column.id for column in COLUMNS), row, strict=True))
        for row in book["问题清单"].iter_rows(min_row=2)
        if row[-1].value
    ]
    assert {row["rule_id"].value for row in listed} == {
        *("count_has_decimals", "number_is_negative", "required_cell_is_empty"),
    }
    assert "'教职工'!B8" in {row["place"].hyperlink.location for row in listed}
    signed = {"封面!B8": "是", "封面!B9": "校长（合成示例）", "封面!B10": "2024-12-05"}
    for sheet in filed:
        for row in sheet.iter_rows():
            for cell in row:
                sent_back = book[sheet.title][cell.coordinate].value
                if f"{sheet.title}!{cell.coordinate}" in signed:
                    assert sent_back is None, "the sign-off is of the file that came in"
                    assert str(cell.value)[:10] == signed[f"{sheet.title}!{cell.coordinate}"]
                    continue
                # Excel has two ways to say that a cell is blank.
                assert (sent_back or "") == (cell.value or "")
    notes = [str(cell.value) for cell in book["问题清单"]["A"] if cell.value]
    assert any("校长确认已清空" in note and "is cleared" in note for note in notes)


def test_a_file_that_cannot_be_opened_goes_back_as_a_list(deployment, outcome):
    path = next((deployment.root / "returned" / "2024").glob("9962100215_*.xlsx"))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["问题清单"]
    assert "损坏" in book["问题清单"]["D2"].value


def test_a_corrected_workbook_is_accepted_and_the_old_findings_rest(deployment, outcome):
    """The school hands in its workbook without the fault; what was returned stays on record."""
    from sample_workbooks import write_samples

    code, good = "9962102203", Home(deployment.root.parent / "good")
    write_samples(good, cities=["qingyang"], years=[2024])
    (corrected,) = good.inbox_year(2024).glob(f"{code}_*.xlsx")
    target = deployment.root / "inbox" / "2024" / f"{code}_更正.xlsx"
    target.write_bytes(corrected.read_bytes())
    deployment.run(expect=1)
    text = deployment.nianbao("status", "--year", "2024", "--format", "json")
    status = {row["city"]: row for row in json.loads(text)}["qingyang"]
    assert (status["accepted"], status["returned"]) == (3, 9)
    found = pd.read_parquet(deployment.root / "gate" / "findings.parquet")
    own = found[(found["school_code"] == code) & (found["year"] == 2024)]
    assert set(own["state"]) == {"superseded"}
    assert not list((deployment.root / "returned" / "2024").glob(f"{code}_*.xlsx"))
    assert "3.5" not in deployment.nianbao("status", "--year", "2024")


def test_findings_speak_both_languages_and_name_a_place(findings):
    assert findings["sentence_zh"].str.len().min() > 5
    assert findings["sentence_en"].str.len().min() > 5
    assert not findings["sentence_zh"].str.contains(r"\{\w+\}").any()


def test_status_ranks_what_is_open_by_what_it_moves_and_says_so(deployment, outcome):
    """Files that were not read come first; a figure is recomputed here from the cells as typed."""
    text = deployment.nianbao("status", "--year", "2024")
    text = text[text.index("未解决的疑点") :]
    assert text.index("file_is_broken") < text.index("equipment_value_is_in_10k_cny")
    assert text.index("equipment_value_is_in_10k_cny") < text.index("graduates_are_all_accounted")
    assert "整份未能读取" in text and "若删去此行" in text


def test_a_finding_says_what_its_figure_would_be_without_it_and_corrected(deployment, outcome):
    root = deployment.root
    findings = pd.read_parquet(root / "gate" / "findings.parquet").set_index("finding_id")
    impact = pd.read_parquet(root / "gate" / "finding_impact.parquet")
    moves = impact.join(findings[["rule_id", "values_typed"]], on="finding_id")
    (row,) = moves[
        moves["rule_id"].eq("teachers_by_title_are_all_teachers")
        & moves["indicator_id"].eq("full_time_teachers")
    ].to_dict("records")
    typed = {name: float(said) for name, said in json.loads(row["values_typed"]).items()}
    whole = typed.pop("staff__full_time_teachers")
    assert whole != sum(typed.values()) and len(typed) == 4
    assert row["value_without"] == row["value"] - whole
    assert row["value_corrected"] == row["value"] - whole + sum(typed.values())
    assert row["change_pct"] == pytest.approx(100 * (sum(typed.values()) - whole) / row["value"])
    # Without its value the school is not behind the figure, which says so.
    schools = ("schools_counted", "schools_expected", "schools_counted_without")
    counted, expected, without = (int(row[name]) for name in schools)
    assert without == counted - 1 < expected == row["schools_expected_without"]
    note = f"（{counted}/{expected}所）" if counted < expected else ""
    assert row["sentence_zh"] == (
        f"若不计此项：专任教师数由 {row['value']:.0f}{note} 变为 {row['value_without']:.0f}"
        f"（{without}/{expected}所）"
        f"；若按合计改正：{row['value_corrected']:.0f}{note}"
    )
    # The finding is of a returned school: its value is in the figure that the sentence begins with.
    verdicts = pd.read_parquet(root / "gate" / "verdicts.parquet").set_index("submission_id")
    submission = findings.loc[row["finding_id"], "submission_id"]
    assert verdicts.loc[submission, "verdict"] == "returned"


def test_a_date_that_no_figure_is_made_from_moves_none(deployment, outcome, findings):
    impact = pd.read_parquet(deployment.root / "gate" / "finding_impact.parquet")
    dates = findings.loc[findings["rule_id"] == "cell_is_not_a_date", "finding_id"]
    assert len(dates) and not dates.isin(impact["finding_id"]).any()
    unread = findings.loc[findings["rule_id"].str.startswith("file_is_"), "finding_id"]
    rows = impact.set_index("finding_id").loc[unread]
    assert rows["is_unread"].all() and rows["lacking_pct"].between(0.1, 10).all()
