"""Schools that a city is published without: who registers it, what is refused, what a run knows."""

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner
from workbooks import CITY, CODE, OTHER

from orchestration.cli import app
from orchestration.intake.batch import take_in
from orchestration.intake.declared.exclusions import (
    BadExclusion,
    end_exclusion,
    exclusions,
)
from orchestration.schools.excluding import exclude_school

YEAR = 2024
KEY = (CITY, YEAR, CODE)


def kept(home, ledger):
    take_in(home, [YEAR], ledger)
    return pq.read_table(home.raw / "exclusions" / "exclusions.parquet").to_pylist()


def test_a_run_knows_who_excluded_which_school_and_what_readers_are_told(home, ledger):
    assert kept(home, ledger) == []
    exclude_school(ledger, home, KEY, "学校停办", "该校已停止招生。", "wu")
    (row,) = kept(home, ledger)
    told = {name: row[name] for name in ("city", "year", "school_code", "reason", "excluded_by")}
    assert told == dict(zip(told, (*KEY, "学校停办", "wu"), strict=True))
    assert row["public_note"] == "该校已停止招生。" and row["excluded_at"]


def test_an_exclusion_is_taken_back_by_a_new_event_and_the_ledger_keeps_both(home, ledger):
    exclude_school(ledger, home, KEY, "收不到", "该校未报送。", "wu")
    end_exclusion(ledger, home, KEY, "已报送", "li")
    assert exclusions(ledger) == {} and kept(home, ledger) == []
    assert [event["actor"] for event in ledger.events()][:2] == ["wu", "li"]
    exclude_school(ledger, home, KEY, "又收不到", "该校未报送。", "wu")
    assert exclusions(ledger)[KEY].reason == "又收不到"


@pytest.mark.parametrize(
    ("key", "texts", "said"),
    [
        (("nowhere", YEAR, CODE), ("r", "n", "wu"), "没有城市"),
        ((CITY, YEAR, "1234567890"), ("r", "n", "wu"), "名册中没有学校"),
        ((CITY, 1999, CODE), ("r", "n", "wu"), "名册中没有学校"),
        (KEY, (" ", "n", "wu"), "理由和公开说明"),
        (KEY, ("r", " ", "wu"), "理由和公开说明"),
        (KEY, ("r", "n", " "), "登记人"),
    ],
)
def test_what_is_not_whole_is_refused_and_nothing_is_written(home, ledger, key, texts, said):
    with pytest.raises(BadExclusion, match=said):
        exclude_school(ledger, home, key, *texts)
    assert not list(ledger.events())


def test_what_is_not_excluded_cannot_be_taken_back(home, ledger):
    exclude_school(ledger, home, KEY, "r", "n", "wu")
    with pytest.raises(BadExclusion, match="没有被排除"):
        end_exclusion(ledger, home, (CITY, YEAR, OTHER), "r", "wu")
    with pytest.raises(BadExclusion, match="理由"):
        end_exclusion(ledger, home, KEY, " ", "wu")
    assert list(exclusions(ledger)) == [KEY]


def test_the_command_registers_and_takes_back(home, monkeypatch):
    monkeypatch.setenv("NIANBAO_HOME", str(home.root))

    def typed(*more):
        words = [
            "exclude",
            "--city",
            CITY,
            "--year",
            str(YEAR),
            "--school",
            CODE,
            "--by",
            "wu",
            *more,
        ]
        return CliRunner().invoke(app, words)

    done = typed("--reason", "停办", "--note", "该校已停办。")
    assert (
        done.exit_code == 0
        and "已登记排除" in done.output
        and "from the next run on" in done.output
    )
    assert typed("--reason", "停办").exit_code == 1
    assert "已撤销排除" in typed("--reason", "又办了", "--take-back").output
