"""Nothing in an inbox is unaccounted for, and equal bytes handed in again are handed in."""

import json
import os
import time
from types import SimpleNamespace

import pytest
from inboxes import LONG_AGO, YEAR, drop, problems, school, table
from typer.testing import CliRunner
from workbooks import CITY, CODE, OTHER, Book

from orchestration.cli import app
from orchestration.ground.home import Home
from orchestration.intake import inbox
from orchestration.intake.batch import IntakeReport, take_in, waiting_files
from orchestration.intake.declared import snapshot
from orchestration.intake.received import BadChoice, choices, inbox_of, this_one_counts
from orchestration.publishing.rebuild import _take_in_again

# Made once: a workbook holds when it was saved.
FIRST, SECOND = school(), school(enrolled=176)


def told(home, ledger):
    """What is said of each file, by its path."""
    return {
        one.path: (one.fate.value, one.why.value if one.why else None)
        for one in inbox_of(home, ledger, YEAR)
    }


def newest(home):
    """The file of each school that was received last."""
    return {row["school_code"]: row["file_name"] for row in table(home, "submissions")}


# -- every file is accounted for -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        *(("New folder", "new"), ("Golden County", "new"), ("新建文件夹", "new")),
        *(("旧州镇", "new"), ("退回后重报", "new"), ("存档中心", "new")),
        *(("Old", "set_aside"), ("backup2", "set_aside"), ("已作废", "set_aside")),
        *(("2024旧", "set_aside"), ("旧版（1）", "set_aside"), ("甲县_退回", "set_aside")),
        *(("历史", "set_aside"), ("废弃", "set_aside"), ("已删除", "set_aside")),
        *(("回收站", "set_aside"), ("作废件", "set_aside"), ("老版本", "set_aside")),
        *(("历史版本", "set_aside"), ("存档备查", "set_aside"), ("不用的", "set_aside")),
        *(("已退回学校", "set_aside"), ("Trash", "set_aside"), ("草稿", "set_aside")),
        *(("测试", "set_aside"), ("历史系", "new"), ("老城区", "new"), ("测试中心", "new")),
        *(("@eaDir", "hidden"), ("#recycle", "hidden"), ("$RECYCLE.BIN", "hidden")),
        *(("年报.numbers", "package"), ("Numbers", "new")),
    ],
)
def test_only_a_folder_that_is_called_so_is_put_aside(home, ledger, folder, why):
    drop(home, f"{folder}/{CODE}.xlsx", b"x")
    at = f"2024/{folder}/{CODE}.xlsx" if why == "new" else f"2024/{folder}"
    assert told(home, ledger) == {at: ("left" if why == "new" else "ignored", why)}


@pytest.mark.parametrize(
    "name",
    [
        *("~", ".bak", ".xltd", ".td", ".aria2", ".baiduyun.p.downloading", ".BAK"),
    ],
)
def test_a_download_under_way_and_a_backup_are_not_read(home, ledger, name):
    drop(home, f"{CODE}.xlsx{name}", b"x")
    assert told(home, ledger) == {f"2024/{CODE}.xlsx{name}": ("ignored", "temporary")}


@pytest.mark.parametrize("name", ["Desktop.ini", "Icon\r", "THUMBS.DB"])
def test_what_a_system_leaves_in_a_folder_is_not_read(home, ledger, name):
    drop(home, name, b"x")
    assert [*told(home, ledger).values()] == [("ignored", "hidden")]


def test_a_years_folder_that_is_a_link_is_not_looked_into(home, ledger, tmp_path):
    (tmp_path / "别处").mkdir()
    (tmp_path / "别处" / f"{CODE}.xlsx").write_bytes(FIRST)
    home.inbox.mkdir(parents=True, exist_ok=True)
    home.inbox_year(YEAR).symlink_to(tmp_path / "别处")
    take_in(home, [YEAR], ledger)
    assert told(home, ledger) == {"2024": ("ignored", "link")}


def test_what_older_software_saw_is_taken_in(home, ledger):
    drop(home, f"{CODE}.xlsx", FIRST)
    take_in(home, [YEAR], ledger)
    path = home.raw / "inbox" / f"{YEAR}.json"
    path.write_text(json.dumps([row[:4] for row in json.loads(path.read_text("utf-8"))]), "utf-8")
    assert told(home, ledger) == {f"2024/{CODE}.xlsx": ("taken_in", None)}
    assert waiting_files(home, ledger) == {}


def test_a_sign_that_nobody_sees_is_written_out_in_a_name(home, ledger):
    for name in (f"{CODE}\t甲\n乙.xlsx", f"{OTHER}\u202exslx.exe.xlsx"):
        drop(home, name, FIRST)
    assert {*told(home, ledger)} == {
        rf"2024/{CODE}\u0009甲\u000a乙.xlsx",
        rf"2024/{OTHER}\u202exslx.exe.xlsx",
    }
    take_in(home, [YEAR], ledger)
    assert newest(home) == {
        CODE: rf"{CODE}\u0009甲\u000a乙.xlsx",
        OTHER: rf"{OTHER}\u202exslx.exe.xlsx",
    }


def test_a_folder_that_is_passed_over_tells_what_lies_in_it(home, ledger):
    for name in ("旧版/a.xlsx", "旧版/b/c.xlsx", "旧版/d.xlsx", "旧版/e.xlsx"):
        drop(home, name, b"x")
    outside = home.inbox / "２０２４"
    outside.mkdir()
    (outside / "f.xlsx").write_bytes(b"x")
    lying = {one.path: one for one in inbox_of(home, ledger, YEAR)}
    assert lying["2024/旧版"].reason.zh.endswith("内有 4 个文件：a.xlsx、c.xlsx、d.xlsx 等")
    assert lying["２０２４"].why == "outside"
    assert lying["２０２４"].reason.zh.endswith("内有 1 个文件：f.xlsx")


def test_every_file_in_the_inbox_is_taken_in_left_or_ignored_and_says_why(home, ledger, tmp_path):
    data = FIRST
    drop(home, f"{CODE}.xlsx", data)
    drop(home, f"{CODE} - 副本.xlsx", data, at=LONG_AGO + 1)
    drop(home, f"甲县/第二批/{OTHER}.xlsx", school(OTHER))
    drop(home, "说明.txt", b"\xe8\xaf\xb4\xe6\x98\x8e")
    drop(home, f"{CODE}.xlsx", data, year=2022)
    drop(home, "a/b/c/d/e/f.xlsx", b"x")
    drop(home, f"旧版/{CODE}.xlsx", school(enrolled=1))
    drop(home, "正在复制.xlsx", b"PK", at=time.time())
    for name in ("~$示例.xlsx", ".DS_Store", "__MACOSX/._a.xlsx", "示例.xlsx.part", "x.CRDOWNLOAD"):
        drop(home, name, b"x")
    (tmp_path / "别处.xlsx").write_bytes(school(OTHER, enrolled=5))
    (home.inbox_year(YEAR) / "链接.xlsx").symlink_to(tmp_path / "别处.xlsx")
    (home.inbox_year(YEAR) / "别处").symlink_to(tmp_path)
    (home.inbox / "放错了.xlsx").write_bytes(b"x")
    (home.inbox / "2024年").mkdir()

    assert told(home, ledger)["2024/甲县/第二批/9900000002.xlsx"] == ("left", "new")
    assert take_in(home, [YEAR], ledger) == IntakeReport(3, 3, 1, 1)
    assert told(home, ledger) == {
        "2022": ("ignored", "no_form"),
        "2024/说明.txt": ("taken_in", "nobodys"),
        f"2024/{CODE}.xlsx": ("taken_in", None),
        f"2024/{CODE} - 副本.xlsx": ("taken_in", "bytes_known"),
        f"2024/甲县/第二批/{OTHER}.xlsx": ("taken_in", None),
        "2024/a/b/c/d/e": ("ignored", "too_deep"),
        "2024/旧版": ("ignored", "set_aside"),
        "2024/正在复制.xlsx": ("left", "being_written"),
        "2024/~$示例.xlsx": ("ignored", "lock_file"),
        "2024/.DS_Store": ("ignored", "hidden"),
        "2024/__MACOSX": ("ignored", "hidden"),
        "2024/示例.xlsx.part": ("ignored", "temporary"),
        "2024/x.CRDOWNLOAD": ("ignored", "temporary"),
        "2024/链接.xlsx": ("ignored", "link"),
        "2024/别处": ("ignored", "link"),
        "放错了.xlsx": ("ignored", "outside"),
        "2024年": ("ignored", "outside"),
    }
    (copy,) = (one for one in inbox_of(home, ledger, YEAR) if one.same_as)
    assert copy.same_as == f"2024/{CODE}.xlsx"


def test_a_locked_file_and_one_that_changed_are_left_and_say_so(home, ledger, monkeypatch):
    locked = drop(home, f"{CODE}.xlsx", FIRST)
    changed = drop(home, f"{OTHER}.xlsx", school(OTHER))
    seen = inbox.Path.open

    def opened(self, *args, **kwargs):
        if self == locked:
            raise PermissionError(13, "locked by its editor")
        return seen(self, *args, **kwargs)

    monkeypatch.setattr(inbox.Path, "open", opened)
    monkeypatch.setattr("orchestration.intake.runs.keep_file", lambda *_: None)
    assert take_in(home, [YEAR], ledger) == IntakeReport(1, 0, 2, 0)
    assert told(home, ledger) == {
        f"2024/{CODE}.xlsx": ("left", "locked"),
        f"2024/{OTHER}.xlsx": ("left", "changed"),
    }
    changed.write_bytes(b"another")
    os.utime(changed, (LONG_AGO, LONG_AGO))
    assert told(home, ledger)[f"2024/{OTHER}.xlsx"] == ("left", "new")


def test_every_fate_and_reason_is_said_in_both_languages():
    for term in (*inbox.Fate, *inbox.Why):
        assert term.zh and term.en


# -- handed in again -------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["copied beside", "over the newer one", "taken away and put back"])
def test_equal_bytes_handed_in_again_after_a_newer_file_are_the_newest(home, ledger, way):
    old = drop(home, "甲.xlsx", FIRST)
    take_in(home, [YEAR], ledger)
    name = "甲.xlsx" if way == "over the newer one" else "乙.xlsx"
    drop(home, name, SECOND, at=LONG_AGO + 100)
    take_in(home, [YEAR], ledger)
    assert waiting_files(home, ledger) == {}
    if way == "copied beside":
        # A copy keeps the date of what it was copied from.
        drop(home, "甲 - 副本.xlsx", FIRST)
    elif way == "over the newer one":
        drop(home, "甲.xlsx", FIRST)
    else:
        old.unlink()
        take_in(home, [YEAR], ledger)
        drop(home, "甲.xlsx", FIRST)
    assert list(waiting_files(home, ledger)) == [YEAR]
    for _ in range(2):
        assert take_in(home, [YEAR], ledger) == IntakeReport(0, 0, 0, 0)
        assert newest(home) == {CODE: "甲.xlsx"}
        assert [row["received_seq"] for row in table(home, "submissions")] == [2, 3]
    assert waiting_files(home, ledger) == {}
    (event,) = ledger.events("received_again")
    assert (event["actor"], event["payload"]["received_seq"]) == ("intake", 3)
    assert event["payload"]["file_name"] == "甲.xlsx"

    # What comes after that is newer again.
    drop(home, "丙.xlsx", school(enrolled=177), at=LONG_AGO + 200)
    take_in(home, [YEAR], ledger)
    assert newest(home) == {CODE: "丙.xlsx"}
    assert table(home, "submissions")[-1]["received_seq"] == 4


@pytest.mark.parametrize("way", ["untouched", "moved", "touched with no newer one", "both"])
def test_what_did_not_come_again_stays_the_older_file(home, ledger, way):
    path = drop(home, "甲.xlsx", FIRST)
    take_in(home, [YEAR], ledger)
    if way != "touched with no newer one":
        drop(home, "乙.xlsx", SECOND)
        take_in(home, [YEAR], ledger)
    if way == "moved":
        (path.parent / "已核").mkdir()
        path.rename(path.parent / "已核" / "甲（第一版）.xlsx")
    elif way == "touched with no newer one":
        drop(home, "甲2.xlsx", FIRST)
    elif way == "both":
        # A folder that was away and came back with both files says nothing.
        contents = {path: path.read_bytes() for path in path.parent.iterdir()}
        for path in contents:
            path.unlink()
        take_in(home, [YEAR], ledger)
        for path, data in contents.items():
            drop(home, path.name, data)
    assert waiting_files(home, ledger) == {}
    take_in(home, [YEAR], ledger)
    assert list(ledger.events("received_again")) == []
    assert newest(home) == {CODE: "甲.xlsx" if way == "touched with no newer one" else "乙.xlsx"}


def test_an_older_file_beside_a_new_one_is_not_taken_for_the_newer(home, ledger):
    drop(home, "甲.xlsx", FIRST)
    take_in(home, [YEAR], ledger)
    drop(home, "甲2.xlsx", FIRST)
    drop(home, "乙.xlsx", SECOND)
    take_in(home, [YEAR], ledger)
    assert newest(home) == {CODE: "乙.xlsx"}


def test_the_raw_zone_is_rebuilt_with_what_came_again_and_what_was_chosen(home, ledger, tmp_path):
    drop(home, "甲.xlsx", FIRST)
    take_in(home, [YEAR], ledger)
    drop(home, "乙.xlsx", SECOND, at=LONG_AGO + 100)
    rivals = [school(OTHER, enrolled=number) for number in (1, 2)]
    for number, data in enumerate(rivals):
        drop(home, f"{OTHER}_{number}.xlsx", data, at=LONG_AGO + number)
    take_in(home, [YEAR], ledger)
    this_one_counts(home, ledger, YEAR, f"{OTHER}_0.xlsx", "学校来电确认", "王科长")
    drop(home, "甲 - 副本.xlsx", FIRST)
    take_in(home, [YEAR], ledger)
    assert newest(home) == {CODE: "甲.xlsx", OTHER: f"{OTHER}_0.xlsx"}

    again = Home(tmp_path / "again")
    known = {
        step: {"seq": ledger.position()["seq"], "today": "2025-01-01"}
        for step in ("intake", "submissions", "cities")
    }
    imprint = SimpleNamespace(ledger=known, reference_hash=snapshot.keep_reference(home))
    _take_in_again(home, ledger, again, imprint)
    assert table(again, "submissions") == table(home, "submissions")
    assert table(again, "problems") == table(home, "problems")


# -- this one counts -------------------------------------------------------------------------------


@pytest.fixture
def rivals(home, ledger):
    drop(home, f"{CODE}.xlsx", FIRST)
    drop(home, f"{CODE}（2）.xlsx", SECOND, at=LONG_AGO + 1)
    take_in(home, [YEAR], ledger)
    assert len(problems(home, "two_files_for_one_school")) == 2
    return [row["submission_id"] for row in table(home, "submissions")]


@pytest.mark.parametrize("number", [0, 1])
def test_a_person_says_which_of_two_files_counts_and_it_is_on_record(home, ledger, rivals, number):
    this_one_counts(home, ledger, YEAR, rivals[number], " 学校来电确认 ", "王科长")
    take_in(home, [YEAR], ledger)
    names = [f"{CODE}.xlsx", f"{CODE}（2）.xlsx"]
    assert problems(home, "two_files_for_one_school") == [names[1 - number]]
    assert newest(home) == {CODE: names[number]}
    (choice,) = choices(ledger, YEAR)
    assert (choice.submission_id, choice.by) == (rivals[number], "王科长")
    assert (choice.reason, choice.at[:2]) == ("学校来电确认", "20")
    assert choices(ledger, YEAR - 1) == []
    (event,) = ledger.events("rival_settled")
    assert event["payload"]["city"] == CITY and event["payload"]["school_code"] == CODE


def test_a_choice_is_made_once_and_a_later_correction_is_newer(home, ledger, rivals):
    this_one_counts(home, ledger, YEAR, f"{CODE}.xlsx", "学校来电确认", "王科长")
    take_in(home, [YEAR], ledger)
    drop(home, f"{CODE}（更正）.xlsx", school(enrolled=177))
    for _ in range(2):
        take_in(home, [YEAR], ledger)
        assert newest(home) == {CODE: f"{CODE}（更正）.xlsx"}
    assert len(list(ledger.events("received_again"))) == 1


def test_another_choice_may_follow_and_the_last_one_counts(home, ledger, rivals):
    this_one_counts(home, ledger, YEAR, rivals[1], "先收到", "王科长")
    take_in(home, [YEAR], ledger)
    this_one_counts(home, ledger, YEAR, rivals[0], "学校更正了说法", "李科长")
    take_in(home, [YEAR], ledger)
    assert newest(home) == {CODE: f"{CODE}.xlsx"}


@pytest.mark.parametrize(
    ("named", "reason", "by", "said"),
    [
        ("没有.xlsx", "理由", "王科长", "待选定的有"),
        (f"{CODE}.xlsx", " ", "王科长", "理由"),
        (f"{CODE}.xlsx", "理由", "", "选定人"),
    ],
)
def test_a_choice_that_says_too_little_is_refused(home, ledger, rivals, named, reason, by, said):
    with pytest.raises(BadChoice) as refused:
        this_one_counts(home, ledger, YEAR, named, reason, by)
    assert said in refused.value.text.zh
    assert list(ledger.events("rival_settled")) == []


def test_the_school_may_choose_by_handing_the_right_one_in_again(home, ledger, rivals):
    drop(home, f"{CODE}（就是这份）.xlsx", FIRST)
    take_in(home, [YEAR], ledger)
    assert problems(home, "two_files_for_one_school") == [f"{CODE}（2）.xlsx"]
    assert newest(home) == {CODE: f"{CODE}.xlsx"}


def test_rivals_of_the_same_file_name_are_told_by_their_id(home, ledger):
    for number, folder in enumerate(("一", "二")):
        book = Book().set("students", "enrolled", 175 + number)
        drop(home, f"{folder}/{CODE}.xlsx", book.xlsx())
    take_in(home, [YEAR], ledger)
    with pytest.raises(BadChoice) as refused:
        this_one_counts(home, ledger, YEAR, f"{CODE}.xlsx", "理由", "王科长")
    assert table(home, "submissions")[0]["submission_id"] in refused.value.text.zh


# -- what is shown ---------------------------------------------------------------------------------


def test_the_command_lists_every_file_and_a_choice_is_registered(home, ledger, rivals):
    drop(home, "~$示例.xlsx", b"x")
    drop(home, f"{CODE} - 副本.xlsx", FIRST, at=LONG_AGO + 9)
    at = ["--home", str(home.root), "--year", str(YEAR)]
    shown = CliRunner().invoke(app, ["inbox", *at]).output
    assert "已收 2，待收 1，不收 1" in shown
    assert "锁定文件" in shown
    files = json.loads(CliRunner().invoke(app, ["inbox", *at, "--format", "json"]).output)
    assert {file["path"]: file["fate"] for file in files} == {
        f"2024/{CODE}.xlsx": "taken_in",
        f"2024/{CODE}（2）.xlsx": "taken_in",
        f"2024/{CODE} - 副本.xlsx": "left",
        "2024/~$示例.xlsx": "ignored",
    }
    chosen = ["--file", f"{CODE}（2）.xlsx", "--reason", "学校来电", "--by", "王科长"]
    assert "下次运行起生效" in CliRunner().invoke(app, ["choose", *at, *chosen]).output
    assert [choice.by for choice in choices(ledger, YEAR)] == ["王科长"]
    wrong = CliRunner().invoke(app, ["choose", *at, "--file", "x", *chosen[2:]])
    assert wrong.exit_code == 1
