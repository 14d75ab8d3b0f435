"""The command as a whole: its documentation is its help, and what stops it is told in one place."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.forms.contract import BrokenYaml
from orchestration.ground.home import REPOSITORY
from orchestration.intake.declared.reference import city_facts

PAGE = REPOSITORY / "docs" / "commands.md"


def test_the_page_of_commands_is_what_help_says(tmp_path):
    made = tmp_path / "commands.md"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "typer", "orchestration.cli", "utils", "docs"),
            *("--name", "nianbao", "--output", str(made)),
        ],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert PAGE.read_text(encoding="utf-8") == made.read_text(encoding="utf-8"), (
        "make docs/commands.md"
    )


def test_every_command_is_on_the_page():
    text = PAGE.read_text(encoding="utf-8")
    for name in ("run", "status", "trace", "rules replay", "ledger verify", "account add"):
        assert f"\n### `nianbao {name}`\n" in text or f"\n## `nianbao {name}`\n" in text


@pytest.mark.parametrize(
    ("settings", "command"),
    [("time_zone: Mars\n", ["deadlines", "--city", "shilishi", "--year", "2024"])],
)
def test_what_stops_a_command_is_a_sentence_in_both_languages(home, monkeypatch, settings, command):
    monkeypatch.setenv("NIANBAO_HOME", str(home.root))
    home.settings.write_text(settings, encoding="utf-8")
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    assert "没有时区“Mars”" in done.output and "No time zone 'Mars'" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("typed", "zh", "en"),
    [
        (["--statu"], "没有这个选项：--statu。", "No such option: --statu"),
        (["status", "--yea", "2024"], "没有这个选项：--yea。", "No such option: --yea"),
        (["status"], "缺少必填的 '--year'。", "Missing option '--year'."),
        (["editions"], "缺少必填的 'city'。", "Missing argument 'city'."),
        (["status", "--year", "last"], "'--year' 的值无效。", "Invalid value for '--year'"),
        (["status", "--lang", "fr"], "'--lang' 的值无效。", "'fr' is not one of 'zh', 'en'"),
        (["status", "--year"], "选项 --year 用法有误。", "Option '--year' requires an argument."),
        (["statu"], "命令或参数有误。", "No such command 'statu'."),
        (["rules", "lst"], "命令或参数有误。", "No such command 'lst'."),
    ],
)
def test_what_is_mistyped_is_told_in_both_languages(home, monkeypatch, typed, zh, en):
    monkeypatch.setenv("NIANBAO_HOME", str(home.root))
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", 200)
    done = CliRunner().invoke(app, typed)
    assert done.exit_code == 2
    assert zh in done.output and en in done.output, done.output


@pytest.mark.parametrize("typed", [["account"], ["rules"], []])
def test_a_group_without_a_command_is_its_help_alone(typed):
    done = CliRunner().invoke(app, typed)
    assert "Usage" in done.output and "有误" not in done.output


def test_a_home_named_by_mistake_is_not_made(tmp_path, monkeypatch):
    monkeypatch.setenv("NIANBAO_HOME", str(tmp_path / "nowhere"))
    assert CliRunner().invoke(app, ["status", "--year", "2024"]).exit_code == 1
    assert not (tmp_path / "nowhere").exists()


def test_a_city_file_that_is_no_yaml_is_named_with_its_line(home, monkeypatch):
    monkeypatch.setenv("NIANBAO_HOME", str(home.root))
    facts = home.cities / "shilishi" / "city.yml"
    facts.write_text("city: shilishi\nname_zh: [示例\n", encoding="utf-8")
    with pytest.raises(BrokenYaml) as stopped:
        city_facts(home, "shilishi")
    for said in (stopped.value.text.zh, stopped.value.text.en):
        assert "city.yml" in said and "3" in said
    assert "不是可读的 YAML" in str(stopped.value) and "Not YAML" in str(stopped.value)
