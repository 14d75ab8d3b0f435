"""The commands over editions, as a person types them."""

import json
import shutil

import pytest
from commands import nianbao as command
from story import CITY, YEAR


@pytest.fixture
def nianbao(story, tmp_path):
    """Return the command over a home whose only edition is provisional."""
    root = tmp_path / "home"
    shutil.copytree(story.before_release.root, root)

    def run(*arguments, expect=0):
        done = command(*arguments, home=root)
        assert done.returncode == expect, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    run.root = root
    return run


def listed(nianbao):
    return json.loads(nianbao("editions", CITY, YEAR, "--format", "json"))


def test_an_edition_is_signed_released_and_withdrawn_from_the_command_line(nianbao):
    said = nianbao("approve", CITY, YEAR, "v1", "--by", "李批准")
    assert "✓ 城市关卡须通过。" in said
    assert "· 合成数据不可对外发布。" in said
    assert "Published as final" in said
    assert [(row["edition"], row["state"]) for row in listed(nianbao)] == [
        *(("v1", "暂定"), ("v2", "定稿"))
    ]
    assert "2 个版次与发布时一致" in nianbao("verify")
    nianbao("withdraw", CITY, YEAR, "v2", "--by", "李批准", "--note", "数字有误")
    assert listed(nianbao)[1]["state"] == "已撤回"
    assert (nianbao.root / "published" / CITY / str(YEAR) / "v2" / "report.docx").exists()


def test_an_edition_signed_for_later_waits_for_its_release(nianbao):
    said = nianbao(
        *("approve", CITY, YEAR, "v1", "--by", "李批准"),
        *("--release-at", "2999-01-01 09:00", "--lang", "en"),
    )
    assert "Signed, to be released then" in said
    assert "The city gate has to be green." in said
    assert "Nothing is due" in nianbao("release")
    assert [row["edition"] for row in listed(nianbao)] == ["v1"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("approve", CITY, YEAR, "v7", "--by", "李批准"), "v7"),
        (("approve", CITY, YEAR, "seven", "--by", "李批准"), "v1"),
        (("approve", CITY, YEAR, "v1", "--by", "李", "--release-at", "明天"), "2025-03-01 09:00"),
        (("withdraw", CITY, YEAR, "v1", "--by", "李", "--note", " "), "公开说明"),
        (("rebuild", CITY, YEAR, "v7"), "v7"),
        (("editions", "nowhere", YEAR), "nowhere"),
    ],
)
def test_a_wrong_word_gets_a_sentence(nianbao, arguments, said):
    assert said in nianbao(*arguments, expect=1)
