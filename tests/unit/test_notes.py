"""Notes and titles: what is known to change no figure is passed, and everything else is asked."""

import pytest

from orchestration.forms.contract import load_form
from orchestration.ground.home import REPOSITORY
from orchestration.intake.layout.notes import is_harmless_note
from orchestration.intake.layout.titles import is_harmless_title

YEAR = 2024
HARMLESS = (
    *(
        "注：以上数据均由教务处核对无误",
        "注：1.以上数据真实有效；2.金额单位万元",
        "注：数据由教务处提供",
    ),
    *("填报单位：示例学校  单位：元  填报日期：2024-12-01", "审核人：张三、李四", "填表人：教务处"),
    *("统计对象：全体学生", "注：以学籍系统为准", "注：请勿填写预算数", "数据来源：学校招生就业处"),
    *("注：本表数据截至2024年12月31日", "联系电话：0934-8612345", "校长：李明（党总支书记）"),
    *("填报说明：1、企业名称须与营业执照一致。2、签订协议填“是”或“否”。", "注：已剔除重复人数"),
)
ASKED = (
    *(
        "注：以上为毕业生",
        "注：本表为本科教师",
        "注：不含教师",
        "注：以上为市内企业",
        "注：未签协议",
    ),
    *("统计范围：毕业生", "注：数据有误", "注：按合同统计", "注：数据由三年级提供", "审核：退回"),
    *(
        "数据来源：上年年报",
        "注：招生1510人",
        "注：截至2024年6月",
        "经办：退回修改",
        "注：与去年一致",
    ),
    *("填报状态：未完成", "注：" + "以上数据真实有效。" * 60, "注：9月1日后注册的学生"),
)


@pytest.mark.parametrize("text", HARMLESS)
def test_a_note_of_words_that_change_no_figure_asks_nobody(text):
    assert is_harmless_note(text, YEAR)


@pytest.mark.parametrize("text", ASKED)
def test_a_note_with_any_other_word_is_asked_about(text):
    assert not is_harmless_note(text, YEAR)


@pytest.mark.parametrize("word", ["未", "非", "外", "估", "三年级", "2023年", "10", "部分", "女"])
def test_one_foreign_word_anywhere_in_a_harmless_note_is_asked_about(word):
    note = "注：以上数据均根据学籍系统填写"
    odd = [note[:at] + word + note[at:] for at in range(2, len(note) + 1)]
    assert [text for text in odd if is_harmless_note(text, YEAR)] == []


def harmless_titles(texts, table="students"):
    form = load_form(YEAR, [REPOSITORY / "forms"])
    return [text for text in texts if is_harmless_title(text, form.tables[table], YEAR)]


def test_a_title_says_the_name_of_its_sheet_whose_it_is_and_the_year():
    titles = [
        *(
            "学生",
            "2024年学生情况表",
            "附表4 学生",
            "（2023—2024学年）",
            "审核意见",
            "填报单位：示例学校",
        ),
        *("庆阳市中等职业学校学生情况统计表", "西峰职业中等专业学校2024年学生情况表", "单位：人"),
    ]
    assert harmless_titles(titles) == titles


def test_a_title_that_says_anything_else_is_asked_about():
    titles = [
        *(
            "男学生情况",
            "2024年抽样学生情况",
            "校外学生情况表",
            "拟招学生",
            "2023年学生情况",
            "东校区学生",
        ),
        *(
            "教师情况表",
            "农村学生",
            "学生（旧）",
            "近三年学生",
            "三年级学生情况",
            "2024年上半年学生",
        ),
    ]
    assert harmless_titles(titles) == []
