"""docs/editions.md: its commands, typed as they stand there, do what the page says."""

import re
import shlex
import shutil

import pandas as pd
import pytest
from commands import nianbao
from story import CITY, YEAR

from orchestration.editions.history import city_year
from orchestration.editions.revisions import Cause
from orchestration.ground.home import REPOSITORY, Home
from orchestration.ground.ledger import open_ledger
from orchestration.intake import raw
from orchestration.intake.declared.exclusions import exclusions
from orchestration.web.editions.edition_pages import FILES

PAGE = (REPOSITORY / "docs" / "editions.md").read_text(encoding="utf-8")
COMMANDS = re.search(r"```sh\n(.*?)```", PAGE, re.DOTALL)[1].splitlines()


@pytest.fixture(scope="module")
def walked(story, tmp_path_factory):
    """A home with a provisional edition after the page's commands, and what each of them said."""
    home = Home(tmp_path_factory.mktemp("docs") / "home")
    shutil.copytree(story.before_release.root, home.root)
    said = {}
    for command in COMMANDS:
        program, name, *rest = shlex.split(command)
        assert program == "nianbao"
        done = nianbao(name, *rest, home=home.root)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        said[name] = done.stdout
    return home, said


def test_the_commands_lead_from_a_provisional_edition_to_a_withdrawn_final_one(walked):
    home, said = walked
    with open_ledger(home) as ledger:
        found = city_year(home, ledger, CITY, YEAR).editions
    assert [(e.number, e.state) for e in found] == [(1, "provisional"), (2, "withdrawn")]
    assert "暂定" in said["editions"] and "v1" in said["editions"]
    assert "Published as final" in said["approve"]
    assert "2 editions are as they were published" in said["verify"]
    equal, files = map(int, re.search(r"(\d+)/(\d+) 个文件逐字节一致", said["rebuild"]).groups())
    assert equal == files > 20


def test_the_command_that_excludes_a_school_names_it_with_reason_and_note(walked):
    home, _ = walked
    (command,) = [line for line in PAGE.splitlines() if line.startswith("nianbao exclude")]
    _, name, *rest = shlex.split(command)
    code = "9962100215"
    # Whose own file counts is not excluded.
    assert nianbao(name, *rest, home=home.root).returncode == 1
    verdicts = pd.read_parquet(home.gate / "verdicts.parquet")
    own = [r["submission_id"] for r in raw.submission_rows(home, YEAR) if r["school_code"] == code]
    verdicts.loc[verdicts["submission_id"].isin(own), "verdict"] = "returned"
    verdicts.to_parquet(home.gate / "verdicts.parquet", index=False)
    done = nianbao(name, *rest, home=home.root)
    assert done.returncode == 0 and "已登记排除：9962100215" in done.stdout
    with open_ledger(home) as ledger:
        named = exclusions(ledger)[CITY, YEAR, "9962100215"]
    assert (named.excluded_by, named.public_note) == ("王主任", "该校已停办，未报送数据。")


def test_the_page_names_every_file_and_each_cause_in_its_order(story):
    folder = story.revised.folder
    assert {path.name for path in folder.iterdir()} <= {*FILES, "page.html", "tables", "README.txt"}
    for name in FILES:
        assert name in PAGE or name.removeprefix("metrics") in PAGE, name
    words = ("程序", "名册", "校验规则", "决定", "学校更正", "学校补报", "原因不明")
    assert len(words) == len(Cause)
    for word, cause in zip(words, Cause, strict=True):
        assert word in cause.zh
    order = PAGE[PAGE.index("程序与口径 →") :]
    places = [order.index(word) for word in words]
    assert places == sorted(places)
