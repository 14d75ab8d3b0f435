"""Notes that leave the figures what the form asks for: all that they say is known to do so.

What belongs here: the words that change no figure, the phrases made of others, and remarks that
say that all was looked at. What does not:
which texts are notes (row_words.py), what titles and heads say (other_figures.py). A note with any
other word is asked about, so that nobody need think of all that people may write.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from orchestration.intake.layout.labels import is_hint
from orchestration.intake.layout.other_figures import (
    is_day_of_another_year,
    is_other_head,
    without_periods,
)
from orchestration.intake.layout.row_words import (
    asked_and_said,
    is_closing,
    is_signer,
    row_word,
)
from orchestration.intake.layout.unit_words import is_unit
from orchestration.intake.normalise import Normalisation, means_blank
from orchestration.intake.plain_text import narrow
from orchestration.intake.receipt import Mark, Outcome
from orchestration.intake.workbook.problems import ProblemKind
from orchestration.intake.workbook.sheet import Unread

_LONGEST, _LONGEST_CLAUSE, _LONGEST_TITLE = 400, 60, 60
_SENTENCE = re.compile("[,，。;；]")
# A new line, several blanks, one before a label: what stands behind says something else.
_APART = re.compile(r"\n|\s{2,}|\s(?=[^\s:]{2,10}:)")
_CLAUSES = re.compile(r"[,;。!]|(?<!\d)\.")
_NO_WORDS = re.compile(r"[\s:：、/|()\[\]【】〔〕<>“”\"'‘’*＊★※#—–~-]+")
# In any order they say where figures come from, how to fill a line in, that all is well.
_WORDS = """
注 备注 说明 以上 上述 本表 此表 表 表中 表内 表格 各项 所有 全部 全体 全校 数据 数字 数 数值
总数 信息 内容 资料 材料 情况 指标 项目 栏 本栏 此栏 各栏 栏目 单元格 行 列 人数 人次 金额
面积 学校 名称 报到 支付 发票 凭证 均 都 皆 由 根据 依据 来源 来源于 来自 取自 源自 出自 和 及
以及 与 的 之 在 于 中 所 其 此 该 本 我 各 本校 我校 本单位 我单位 等 到 至 截至 截止 截止到
学籍 学籍系统 系统 平台 报表 年报 决算 决算报表 财务 固定资产 台账 账面 账簿 教育 事业 职教
职成 管理 中职 中等职业学校 职业教育 质量 年度报告 报告 国家 全国 教育部 教育厅 省教育厅
教育局 市教育局 教体局 人社局 财政局 编办 市编办 机构 部门 单位 文 文件 通知 规定 要求 办法
标准 口径 统计口径 范围 时间 日期 期间 统计 填写 填报 填 上报 报送 采集 录入 提供 整理 汇总
计算 核算 换算 折算 四舍五入 取得 签订 执行 为准 相符 参见 见 详见 备查 留存 附件 附后 扫描件
复印件 盖章 公章 签字 签章 真实 准确 完整 有效 属实 无误 可靠 如实 认真 逐项 仔细 核对 审核
核实 确认 完毕 已 全称 规范 正确 全年 全年累计 本年 本年度 今年 当年 年度 年末 年底 期末 学年
本学年 实际 实有 时点 必填 必填项 选填 带 标 打 星号 有 黄色 红色 灰色 蓝色 绿色 空白 整数
小数 小数点 两位 位 保留 精确 精确到 格式 下拉 选择 请 须 需 应 必须 务必 需要 人民币 币种 计
计价 合计 公式 自动 排序 专业代码 代码 序号 用 计算后 换算后 折算后 核对后
审核后 元 万元 千元 亿元 亩 平方米 兆
其余 一致 营业执照 本页 年报表
"""
# What figures may be of. Behind one of the others they would say of which ones only: 以上为毕业生.
_SUBJECTS = """
学生 学生数 教师 教职工 企业 企业名称 校企合作 合作 协议 合作协议 在校生 在校生数 在籍 注册
招生 招生数 毕业生 毕业生数 就业 就业数据 编制 编制数 设备 捐赠 捐赠设备值 培训 证书 获证 课程
专业 专业设置 大赛 案例 典型案例 经费 资金 财政 财政拨款 学费 收入 支出 奖补资金
"""
_LIMITS = re.compile("为(?!准)|是|系(?!统)|即|按照?|以(?![上及])|限|指(?!标)")
_ALL = re.compile(rf"(?:全校|全体|所有|全部|各项)(?:{'|'.join(_SUBJECTS.split())})*")
# Whole clauses, of words that say something else elsewhere.
_N = r"\d+(?:\.\d+)?"
_BEFORE = r"(?:上年|去年|20\d\d年)(?:度|同期|末|底)*"
_OFFICE = r"[^\W\d_]{0,8}(?:处|科|室|办|部门|中心|局|厅|学校|系统|平台)"
_PHRASES = re.compile(
    # Only how much more it was: the figure stands where it is due.
    rf"[^\d,。;]{{0,10}}?(?:比|较){_BEFORE}(?:相比)?(?:增[加长多]?|减少?|多|少|上升|下降|提高|降低)了?{_N}[人名个%元家]?"
    r"|其中(?:女生?|男生?|女教师|女学生)\d+[人名]|(?:其中)?少数民族(?:学生|教师)?\d+[人名]"
    rf"|[^\d,。;为]{{0,8}}?不?(?:含|包[含括])?有?{_BEFORE}?(?:结转|结余)(?:资金|经费)?(?:{_N}[万亿]?元)?|(?:金额|经费)?(?:不?含|价)(?:增值)?税(?:合计)?"
    rf"|(?:以上|各项|数据|本表|此表|均|都)*(?:由|来源于|来自){_OFFICE}(?:负责)?"
    r"(?:提供|填[报写]|统计|整理|汇总|核算|计算|核对|审核|核实|确认|无误|并)*"
    # Whom to ask, and what not to do: none of it says that anything is wrong.
    r"|(?:如果?|若|凡|倘)[^\d,。;]{0,4}(?:有|存在|发现)[^\d,。;]{0,4}(?:疑[问义]|问题|不明|更正|有?误|出入)[^\d,。;]{0,4}?(?:的|者)?(?:请.{0,20})?"
    r"|(?:数据)?有(?:误|疑问)(?:的|者)请.{0,20}|请?(?:及时|随时|与|先)*[^\d,。;]{0,6}(?:联系|咨询|致电)(?:电话)?[^\d]{0,10}[\d-]{0,13}"
    r"|请?(?:认真核对)?(?:请勿|切勿|勿|不得|不要|不能|不可|严禁|禁止|避免|防止|以免)"
    r"(?:[漏错重虚瞒多少]报|漏填|错填|重复|填[写报]?|修改|改动|删除?|合并|增[加行]|调整|空着?|留空|[预概估]算数?|预计数|计划数?"
    r"|估计数?|按|[万千]?元|公式|单元格|表[样格头]|格式|或|、|及|和)+"
    r"|同一[^\d,。;]{1,4}(?:请勿|不得|不要|可以?)重复[填统计报写入]*"
    r"|(?:如?没有|无|如无)(?:的|此项|的?项目|则|内容|数据|该项)*(?:请|应|须|可|均)?(?:不填|未填|填写?[“\"]?[0无零/—-]+[”\"]?|留空|空着?)"
    r"|[此本该][栏表项列]?[只仅](?:需|能)?填[写报]?(?:数字|整数|黄色单元格)|已注销(?:企业|单位)?不填"
    r"|(?:比例|百分比|占比|比率)应[为在]0%?[至到-]100%?之间|(?:金额|数据)?(?:保留|应填|精确到)(?:小数点后)?\d位小数?"
    rf"|已?[剔扣]除了?重复(?:人数|人次|项)?|[^\d,。;]{{0,8}}自20\d\d年[^\d,。;]{{0,4}}(?:以来|后|起)?未变"
    r"|原始凭证金额单位:?元|合计[壹贰叁肆伍陆柒捌玖拾佰仟万亿]+元整?|(?:不[是按]|而非|并非)(?:预算|计划|估计)数?|无|没有"
    r"|(?:本表)?一式.份|加?盖(?:单位|学校)?(?:公章|章)后?(?:报|上报|报送|交)?.{0,12}|请?于[^\d]{0,3}前(?:报送|上报|填报|提交|交|报).{0,10}"
    r"|[^\d,。;]{0,10}填[写报]?[“\"']?是[”\"']?[或/、][“\"']?否[”\"']?|如有(?:虚假|不实).{0,6}|愿?承担.{0,6}责任"
)
_DOCUMENTS = re.compile(
    r"《[^》]{0,60}》|[^\W\d]{0,10}[\[(〔【]20\d\d[\])〕】]第?\d{1,4}号(?:文件?)?"
)
_HOUR = re.compile(r"(?<=\d)\s\d{1,2}:\d{2}(?::\d{2})?")
_A_DAY = re.compile(r"\d{1,2}月\d{1,2}日")
_COUNTED_DAY = re.compile(r"(?<!\d)(?:9|1[0-2])月\d{1,2}日")
_ORDINAL = re.compile(r"^[(（]?(?:\d{1,2}|[①-⑳]|[一二三四五六七八九十])[)）.、:：]")
# Who or what somebody answers for, behind a label for it. What is no name: 未完成, 不通过, 三年级.
_PERSON = re.compile(r"人|[者员]$|负责|领导|校长|院长|审[核批]|复核|经办|承办|签[字名章]|制表|编制")
_NO_NAME = "不未待无退请删重暂预估上去本以只仅已三二一四五六七八九十半旧原初草另其各男女再需"
_NAME = re.compile(
    rf"(?![{_NO_NAME}])[^\W\d_]{{2,4}}(?<![部系班级])(?:·[^\W\d_]{{1,8}})?(?:\([^()\d]{{2,6}}\))?"
)
_PHONE = re.compile(r"[,\s]*(?:电话|手机|联系电话)?:?[\d-]{7,13}$")
_NAMES_BETWEEN = re.compile(r"[、,，/\s]+")
_SCHOOL = re.compile(
    r"[^\W\d_]{2,26}(?:学校|职[高专]|中专|[校院]|中心|[局厅])(?:[(（](?:盖章|公章|签章|章)[)）])?"
)
_IS_OFFICE = re.compile(rf"(?:{_OFFICE}|[^\W\d_]{{2,6}}组)")
_OF_SCHOOLS = re.compile(r"单位|学校|机关|部门|科室|来源")
_OF_WHICH = re.compile("范围|对象|口径")
_NUMBERED = re.compile(r"电话|联系方式|代码|标识码|表号|文号|机关|页[码次]")
_A_NUMBER = re.compile(r"[^\W_]{0,12}[\d/ -]{1,24}[^\W\d_]{0,3}(?:号|页)?|[^\W_]{2,10}")
_STATE = re.compile(r"状态")
_DONE = re.compile(r"已?(?:完成|提交|上报|填报|审核|通过|定稿|确认)+|正常|完整|无误")

# -- remarks ---------------------------------------------------------------------------------------

ASIDE = Mark(Outcome.passed_over, Normalisation.note_row)

_LOOKED = r"(?:核对|核实|复核|审核|审阅|校对|确认|检查)"
_RIGHT = r"(?:完毕|无误|通过|属实|过)"
_VOWS = r"(?:(?:本校|我校|学校|(?:本|我)单位|本人)?(?:郑重)?(?:承诺|保证|声明)[,，:：]?)?"
_OF_WHAT = r"(?:以上|本表)?(?:所填|填报|上报)?的?(?:数据|情况|内容|信息|材料)?"
_TRUE = r"(?:真实|准确|完整|有效|无误|属实|可靠)"
_WORD = (
    rf"(?:{_OF_WHAT}(?:均?已经?){_LOOKED}{_RIGHT}?|{_LOOKED}{_RIGHT}|均?已[核审阅]"
    rf"|{_VOWS}{_OF_WHAT}均?{_TRUE}|正确|同意(?:报送|上报)?|OK|[√✓✔☑])"
)
_CONFIRMS = re.compile(
    rf"(?:([\w·]{{1,12}})\s*[:：]\s*)?{_WORD}(?:[\s,，、;；。.和且]*{_WORD})*[\s。.!！]*",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def only_confirms(text: str) -> bool:
    """Tell whether a remark says that something was checked and is right, and nothing else.

    Who or what was is said before a colon; 上年数：无误 says that figures are last year's.
    """
    found = _CONFIRMS.fullmatch(text.strip())
    what = found[1] if found else None
    is_other = what is not None and (is_other_head(what) or any(map(str.isdigit, what)))
    return found is not None and not is_other


def is_aside(value: Any) -> bool:
    """Tell whether a cell off the table is a picture, says that all is right, or says nothing."""
    if isinstance(value, Unread):
        return value.kind == ProblemKind.cell_is_a_picture
    return says_blank(value) or (isinstance(value, str) and only_confirms(value))


def says_blank(value: Any) -> bool:
    """Tell whether a cell holds no more than a word or a dash for nothing."""
    return isinstance(value, str) and means_blank(narrow(value))


# -- notes -----------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def is_note(text: str) -> bool:
    """Tell whether a text says something of a table, by its first word or in sentences."""
    is_sentence = len(text) > _LONGEST_TITLE or _SENTENCE.search(text) is not None
    return is_sentence or row_word(text) == Normalisation.note_row


@lru_cache(maxsize=4096)
def is_harmless_note(text: str, year: int) -> bool:
    """Tell whether all of a note is known to leave the figures of a year what the form asks for."""
    if len(text) > _LONGEST or is_day_of_another_year(text, year):
        return False
    own = re.compile(rf"{year}(?:年度?|学年)?|{year - 1}-{year}学年")
    for piece in _APART.split(_HOUR.sub("", narrow(text))):
        said = without_periods(piece, year)
        if is_closing(piece) or _A_DAY.fullmatch(piece):
            continue
        if said is None or not _is_harmless(own.sub("", said)):
            return False
    return True


def _is_harmless(said: str) -> bool:
    if is_closing(said) or is_signer(said) or is_hint(said):
        return True
    label, answer = asked_and_said(said)
    if label:
        answer, _, rest = answer.partition(":")
        if _is_answered(label, answer) and (not rest or _is_harmless(rest)):
            return True
    return all(map(_changes_nothing, _CLAUSES.split(_DOCUMENTS.sub("", said))))


def _is_answered(label: str, said: str) -> bool:
    """Tell whether what stands behind a label is no more than what the label asks for."""
    if not said or only_confirms(said):
        return True
    if _STATE.search(label):
        return _DONE.fullmatch(said) is not None
    if _NUMBERED.search(label) and _A_NUMBER.fullmatch(said):
        return True
    is_person, is_office = _PERSON.search(label), _OF_SCHOOLS.search(label)
    if not is_person and not is_office:
        return False
    if _SCHOOL.fullmatch(said) or _IS_OFFICE.fullmatch(said):
        return True
    return all(map(_NAME.fullmatch, _NAMES_BETWEEN.split(_PHONE.sub("", said))))


def _changes_nothing(clause: str) -> bool:
    """Tell whether a clause is a phrase that is known, or of words of which none does harm."""
    label, clause = asked_and_said(_ORDINAL.sub("", clause))
    clause = _ORDINAL.sub("", clause)
    if label and asked_and_said(clause)[0]:
        return _changes_nothing(clause)  # 注：统计范围：
    if label and _is_answered(label, clause):
        return True
    clause = f"为{clause}" if _OF_WHICH.search(label) else clause
    if len(clause) > _LONGEST_CLAUSE:
        return False
    if not clause or _PHRASES.fullmatch(clause) or only_confirms(clause) or is_closing(clause):
        return True
    if is_unit(clause):
        return True  # which one is due is asked elsewhere
    of, *what = _LIMITS.split(_ALL.sub("", _NO_WORDS.sub("", _COUNTED_DAY.sub("", clause))))
    words, subjects = _words()
    return is_made_of(of, words | subjects) and all(is_made_of(text, words) for text in what)


@lru_cache
def _words() -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(_WORDS.split()), frozenset(_SUBJECTS.split())


def names_a_subject(text: str) -> bool:
    """Tell whether a text names what figures may be of."""
    return any(subject in text for subject in _words()[1])


def is_made_of(text: str, words: frozenset[str]) -> bool:
    """Tell whether a text is nothing but words of a list, one behind the other."""
    ends, longest = {0}, max(map(len, words))
    for start in range(len(text)):
        if start in ends:
            ends |= {e for e in range(start + 1, start + longest + 1) if text[start:e] in words}
    return len(text) in ends
