"""docs/metricflow.md: the commands, typed as they stand there, give the answers below them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from gates import judge_cities_as

from orchestration.analysts.database import publish_database
from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.ledger import open_ledger

BLOCKS = re.findall(
    r"```(sh)?\n(.*?)```",
    (REPOSITORY / "docs" / "metricflow.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


@pytest.fixture(scope="module")
def said(samples, tmp_path_factory):
    """Return what each of the commands says, run one after another in one shell."""
    place = tmp_path_factory.mktemp("metricflow")
    home = Home(place / "home")
    home.create()
    shutil.copytree(samples.home.gate, home.gate, dirs_exist_ok=True)
    shutil.copy(samples.home.warehouse, home.warehouse)
    for name in ("semantic_manifest.json", "compiled.json"):
        shutil.copy(samples.home.target / name, home.target)
    judge_cities_as(home, blocked=set())
    with open_ledger(home) as ledger:
        publish_database(home, ledger)
    (place / "docs").symlink_to(REPOSITORY / "docs")
    (place / ".venv").mkdir()
    (place / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    commands = [text for kind, text in BLOCKS if kind == "sh"]
    done = subprocess.run(
        ["bash", "-ec", "echo '<<<'\n".join(commands)],
        cwd=place,
        env={k: v for k, v in os.environ.items() if k != "NIANBAO_HOME"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split("<<<\n")


def test_each_command_gives_the_answer_below_it(said):
    answers = [text for kind, text in BLOCKS if not kind]
    assert len(answers) == 2
    found = [[line.rstrip() for line in text.splitlines()] for text in said if text.strip()]
    assert found == [text.splitlines() for text in answers]
