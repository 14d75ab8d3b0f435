"""The words that make a row a total, a note or an example, and the texts that name a record.

What belongs here: those words. What does not: what labels and heads say (labels.py), what becomes
of a row (rows/) and whether a total is one (intake/reading/totals.py).
"""

from __future__ import annotations

import re
from functools import lru_cache

from orchestration.intake.layout.labels import is_numbered, plain
from orchestration.intake.normalise import Normalisation, means_blank
from orchestration.intake.plain_text import narrow, without_unseen

_SHORT = 28

# -- totals ----------------------------------------------------------------------------------------

_OLD_SIGNS = str.maketrans("計總額數轉頁彙", "计总额数转页汇")
_NO_WORD = re.compile(r"[^\w()\[\]Σ∑:]|_")
_IN_BRACKETS = re.compile(r"[(\[](.*)[)\]]")
_SUM = r"(?:合计|总计|小计|共计|总和|总合|累计|汇总|求和|(?:sub|grand)?totals?|ttl|sum|[Σ∑])"
_SUM_OF = r"(?:数据|情况|数量|总?数|金额|人数|值|额|人次)?"
_HOW_MANY = (
    r"(?:\d+(?:\.\d+)?|[一二三四五六七八九十百]+)[家个所户项人名次种门台套条件期班万千元]{0,3}"
)
# What says that it is a total and nothing else, wherever in a row it stands.
_PLAIN_TOTAL = re.compile(
    rf"{_SUM}+{_SUM_OF}(?:企业|单位|公司)?(?:[(\[].{{0,12}}[)\]])?:?(?:{_HOW_MANY}.{{0,2}})?"
    rf"|本页(?:小计|合计|累计)|[承接]前页|[过转接]次页|[转接]下页|上页结转|结转[上下次]页"
    rf"|[(]?(?:小计|合计)[)]?:.{{0,12}}|.{{1,12}}[(\[](?:合计|小计|总计|共计|汇总)[)\]]"
    r"|.{1,6}小计|[初中高]级合计",
    re.IGNORECASE,
)
# What may be part of a name, or a word of its own, and says so only where a row begins.
_MAY_BE_TOTAL = re.compile(
    rf".{{0,20}}(?:合计|总计|小计|共计|汇总|累计|总和|求和|加总){_SUM_OF}|{_HOW_MANY}.{{0,4}}合计"
    r"|.{0,8}(?:总额|总数|总量|总值|总人数|总价值|总金额|总家数|总户数)|总捐赠.{0,3}|累计捐赠.{0,4}"
    rf"|计|总|共|全部|[承接]前页|[过转接]次页|[转接]下页|页计|(?:总共|一共|共有?|计)(?:{_HOW_MANY}.{{0,2}})?"
    r"|其中(?::.{0,12})?|其中[男女].{0,6}|平均数?|平均值|均值|人均",
    re.IGNORECASE,
)

_SUMS_UP = re.compile(rf".{{0,20}}(?:合计|总计|小计|共计|总和){_SUM_OF}:?")
# Of figures; a course may well be called so.
_SUMS_FIGURES_UP = re.compile(
    rf".{{0,20}}(?:汇总|累计|求和|加总|总数|总人数|[Σ∑]){_SUM_OF}:?|.{{0,8}}共\d+[家所个项]:?"
)


def _total_text(text: str) -> str:
    """Return a text without what dresses a total: dashes, stars, spaces, brackets around all."""
    bare = _NO_WORD.sub(
        "", narrow(text).translate(_OLD_SIGNS).replace("【", "[").replace("】", "]")
    )
    around = _IN_BRACKETS.fullmatch(bare)
    return around[1] if around else bare


@lru_cache(maxsize=65536)
def is_plain_total(text: str) -> bool:
    """Tell whether a text says that its row is a total, and could be no part of a name."""
    return len(text) <= _SHORT and _PLAIN_TOTAL.fullmatch(_total_text(text)) is not None


@lru_cache(maxsize=65536)
def sums_up(text: str, *, beside_figures: bool) -> bool:
    """Tell whether a text ends in a word of totals behind what is summed: 高职院校合计."""
    bare = _total_text(text)
    is_sum = _SUMS_UP.fullmatch(bare) is not None
    return is_sum or (beside_figures and _SUMS_FIGURES_UP.fullmatch(bare) is not None)


# -- examples --------------------------------------------------------------------------------------

_EXAMPLE_WORD = "例|示例|样例|范例|举例|样表|(?:填写|填报|填表|参考)(?:示例|样例|范例|参考|样式)"
_EXAMPLE = re.compile(
    rf"例\s*[:、.)]|例如|[比譬]?如\s*:|[(【\[〔]\s*(?:{_EXAMPLE_WORD})"
    rf"|(?:{_EXAMPLE_WORD})\d*\s*(?:[:]|行|数据|仅供参考)"
    r"|(?:样例|范例|举例|样表|例|(?:填写|填报|填表|参考)(?:示例|样例|范例|样式|要求))\s*\d?\s*$"
    r"|e\.?g\.?\b|[某×xX*○]{2,}|某(?:学校|企业|公司|单位|项目)|[“\"]?示例[”\"]?\d*\s*(?:$|[:,])"
    r"|(?:[※*]|\d\s*[.、])\s*(?:例|示例)\s*:|例\s*\d?\s*:|例\s|此行(?:为|是)(?:示例|例)"
    r"|(?:参考|例子|示范|样本|模板|格式|格式如下)\s*:|[<《]\s*示例\s*[>》]|示例[一二三四五\s。—-]"
    r"|[(](?:参考|填写时删除|企业全称)[)]|模板$|测试$|example\b|demo\b|sample\b|企业全称$"
    r"|[△□▲_#?…]{2,}\s*\w|OO|[(]?此行|请(?:输入|选择|填写|删除)|[比譬]如|如.{0,6}某|例[一二三四]$"
    r"|(?:填[写报])?(?:范例|样例|示例|测试|演示|模板|ABC)(?:公司|企业|单位|数据|行)$|(?:举例说明|样式|test)$"
    r"|填[写报]示范$",
    re.IGNORECASE,
)
_EXAMPLE_BEHIND = re.compile(
    rf"[(【\[]\s*(?:{_EXAMPLE_WORD}|以此为例)\s*[)】\]]\s*$|[-—–\s](?:示例|样例|范例|例)$"
)

# -- notes -----------------------------------------------------------------------------------------

_SIGNED = "签字|签名|签章|盖章|公章"
_FILED = "填表|填报|制表|编制|统计|审核|复核|审批|经办|承办|报送|上报|打印"
# Of these a note says something; the others say who files, where and when.
_REMARK = "注|备注|说明|填表说明|填报说明|注意|注意事项|提示|数据来源|来源|统计口径|口径|附件|附"
_NOTE_WORD = (
    rf"{_REMARK}|(?:统计|填报|数据)(?:口径|范围|对象|时段|期间|周期|依据|状态)|统计期|币种"
    rf"|(?:{_FILED}|责任|牵头)(?:人员?|者|员|单位|部门|科室)?|(?:{_FILED}|数据)?(?:截[止至])?(?:日期|时间)"
    r"|表\s*号|文号|(?:制定|批准|备案)(?:机关|文号)|(?:学校|单位)(?:名称|代码|标识码)|单位|部门|报告期|统计(?:时[点期]|年[度份])"
    "|(?:(?:填报|填表)?单位|部门|学校|科室|统计|财务|教务|项目|填表|填报)?(?:主管)?(?:负责人|领导)|联系人|联系方式|联系电话|电话"
    rf"|(?:分管|主管)?副?(?:校长|院长)|分管(?:校|院)?领导|页[码次]|(?:单位|学校)?(?:{_SIGNED})"
    "|金额单位|货币单位|计量单位|面积单位"
    "|法定代表人|法人代表|(?:联系|填报|填表)人及电话|(?:电子|联系)?邮箱|邮编|邮政编码|(?:学校|单位)?(?:地址|网址)|传真|QQ群?|微信"
    "|(?:填报|数据)?咨询电话|技术支持|(?:业务|技术)咨询|职务|(?:上级)?主管(?:部门|单位)(?:审[核批])?|配合部门|(?:数据)?提供(?:部门)?|审核部门|制表机关"
    "|(?:批准|备案)文号|有效期至?|(?:学校|主管部门|教育局)?(?:审[核批])?意见|导出(?:人|时间)|报出日期|依据|学校"
    r"|(?:所在)?(?:县区|区县|县市区|县\(区\)|市州|市\(州\)|地市|省份)|所在(?:地区?|[省市县区])|(?:统一)?社会信用代码|(?:组织)?机构代码"
    "|[主抄呈]送|[抄呈]?报|报送"
)
_CODE = re.compile(
    r"(?:(?:学校|单位|(?:组织)?机构)(?:代码|标识码)|(?:统一)?社会信用代码)\s?[A-Z\d]{6,20}"
)
_NUMBER_OF_NOTE = r"\s*(?:[(][^()]*[)])?\s*(?:\d{1,2}|[①-⑳])?\s*:"
_NOTE = re.compile(rf"[*※]?\s*(?:{_NOTE_WORD})(?:{_SIGNED})?{_NUMBER_OF_NOTE}")
# One line of a list of those with whom the school works, not who files: 单位：庆阳市福利院.
_SAYS_A_FIRM = re.compile(
    r"(?:(?:合作|用人|责任|牵头)?单位|部门):\s*\S{2,}(?:公司|集团|[工药车]厂|合作社|医院|福利院|养老院|酒店|银行)"
)
_NUMBERED_NOTE = re.compile(r"[*※]?\s*(?:注|备注|说明)\s*(?:\d{1,2}|[①-⑳一二三四五])\s*[.、\s]")
# What ends a table and is no record of it: a date, a seal, a page, that nothing follows.
_N = "[\\d〇○零一二三四五六七八九十]"
_DAY = rf"{_N}{{4}}[-/.年]\s*{_N}{{1,3}}(?:[-/.月]\s*{_N}{{1,3}}日?|月)"
_TIME = r"(?:日?\s*\d{1,2}:\d{2}(?::\d{2})?)?"
_FILED_ON = r"(?:(?:填表|填报|制表|编制|打印|报送|上报)(?:日期|时间)?)?\s*"
_FILLED = r"(?:填报?|填写|填表|制表?)"
_OFFICE = (
    rf"(?:教务|学生|招生|就业|招生就业|实训|财务|总务|政教|培训|科研|人事|教学|校企合作)[处科]{_FILLED}?"
    rf"|(?:校|党政)?办公?室{_FILLED}?"
)
_SIGNER = rf"(?:{_FILED})(?:人|日期|时间)|审核|复核|(?:分管)?副?校长|负责人|经办|日期"
_CLOSING = re.compile(
    r"[(（]?(?:以下(?:空白|无正文|无内容)|(?:本?[页表])?完|填报完毕|填写完毕|续表?|接上页"
    rf"|[接续]下页|end|eof|(?![不仅只部各])[^,。;:()]{{0,22}}(?:学校|单位|职[高专]|中专|职校|[院局厅]|中心|[处科室])\((?:盖章|公章|签章|章)\)|此页无正文|年\s*月\s*日|\d/\d|{_OFFICE}"
    rf"|{_SIGNED}|{_FILED_ON}{_DAY}{_TIME}{_FILLED}?|[带标有注打]?[*＊星]?号?的?[栏项]?[为是均]?(?:必填项?|必须填写)|附?[表件]{_N}{{1,2}}"
    rf"|(?:学校|(?:填报|填表)?单位)[(（]?(?:{_SIGNED})|{_SIGNER}"
    rf"|第{_N}+页(?:\W*共?{_N}+页)?|page\d+(?:\W{{0,3}}(?:of|/)?\W*\d*))[)）]?",
    re.IGNORECASE,
)
_IS_SIGNER = re.compile(_SIGNER)
_LINES = re.compile(r"^[\W_]*?(?=[(（\w])|[-—–─=*…~。.]+$|\s")
_PAGE = re.compile(r"[-—–─]+\s*\d{1,3}\s*[-—–─]+")
_RULED = re.compile(r"[=_*~—–─-]{3,}")
_NOTHING = re.compile(
    r"空表|(?:我校|本校|学校|我单位|本单位|[本此][年表]度?|今年度?|当年|该年度?|20\d\d年度?|目前|暂时|尚|均|暂|[,，])*"
    r"(?:无$|[无没]有?(?:此|该|本|相关|任何|国际|对外|境外|合作|校企|培训|企业|贯通|课程|成果|案例|证书|大赛|赛项|技能大赛|参赛"
    r"|典型|内容|数据|开展|以上|上述|新增)|未(?:开展|组织|实施|设立?|举办|参加|建立|发生|进行|承担|涉及)|不涉及|不适用).{0,14}"
)


@lru_cache(maxsize=65536)
def row_word(text: str) -> Normalisation | None:
    """Return what a text in a row makes of the row, if it makes it no record."""
    bare = narrow(without_unseen(text))
    if _SAYS_A_FIRM.fullmatch(bare):
        return None
    if _NOTE.match(bare) or _NUMBERED_NOTE.match(bare) or bare in ("备注", "说明", "注"):
        return Normalisation.note_row
    if _EXAMPLE.match(bare) or _EXAMPLE_BEHIND.search(bare):
        return Normalisation.example_row
    is_total = len(bare) <= _SHORT and _MAY_BE_TOTAL.fullmatch(_total_text(plain(bare)))
    if is_total or is_plain_total(bare):
        return Normalisation.total_row
    return None


def asked_and_said(text: str) -> tuple[str, str]:
    """Return the label that a note in ordinary width begins with, and what it says behind it."""
    found = _NOTE.match(text) or _NUMBERED_NOTE.match(text)
    return (found.group(), text[found.end() :]) if found else ("", text)


def is_a_code(text: str) -> bool:
    """Tell whether a text in ordinary width gives a code without a colon: 学校代码9962100201."""
    return _CODE.fullmatch(text) is not None


def is_signature(text: str) -> bool:
    """Tell whether a text asks for a name or a date that stands in the next cell: 填表人：."""
    bare = text.strip()
    is_note = bare.startswith(("注", "备注", "说明", "填报说明"))
    return (bare.endswith((":", "：")) and not is_note) or is_signer(text)


@lru_cache(maxsize=4096)
def is_signer(text: str) -> bool:
    """Tell whether a text says who signs or when, and the name or day stands beside: 填表人."""
    return _IS_SIGNER.fullmatch(narrow(text)) is not None


@lru_cache(maxsize=4096)
def is_closing(text: str) -> bool:
    """Tell whether a text is what stands below a table that has ended: a seal, a date, a page."""
    bare = _LINES.sub("", narrow(text))
    if _RULED.fullmatch(text.strip()) or _PAGE.fullmatch(text.strip()):
        return True
    return len(bare) <= _SHORT and _CLOSING.fullmatch(bare) is not None


@lru_cache(maxsize=65536)
def says_none(text: str) -> bool:
    """Tell whether a text says in words that there is nothing to file: 无, 未开展."""
    bare = narrow(text).rstrip("。!！.")
    is_word = means_blank(bare) and any(map(str.isalpha, bare))
    return is_word or (len(bare) <= _SHORT and _NOTHING.fullmatch(bare) is not None)


@lru_cache(maxsize=65536)
def says_more(text: str) -> bool:
    """Tell whether a text has any word that may make its row no record; most have none."""
    return row_word(text) is not None or is_closing(text) or says_none(text)


# -- names -----------------------------------------------------------------------------------------

_SENTENCE = re.compile(r"[，。；:：]")
_ENDS_A_NAME = (
    "公司|集团|厂|店|院|校|大学|中学|小学|园|中心|协会|学会|商会|联合会|委员会|村委会|居委会|合作社|联社|社|所"
    "|室|站|馆|[银支分总车商]行|超市|[商市农林牧]场|广场|基地|处|局|政府|(?:经营|服务|门市|项目|俱乐|指挥|运营|分|总)部|台|楼|[景园矿]区|油田"
)
_NAME = re.compile(rf"(.*(?:{_ENDS_A_NAME}))(?:[(（][^()（）]{{1,12}}[)）])?")
# Words that by themselves say which kind of institution stands below, and name none.
_OF_A_KIND = re.compile(
    r"(?:第?[一二三四五六七八九十\d]+[类批级]|有限|股份|责任|及其|下属|子|行业|企业|上市|国有|国营|民营|私营|外资|合资|个体|新增|新签|签约"
    r"|合作|紧密|深度|长期|短期|稳定|本地|当地|外地|本[省市县区]|[省市县区校境国][内外属级]|龙头|骨干|知名|大型|中型|小型|小微"
    r"|重点|一般|普通|主要|其[他它]|制造|服务|农业|工业|商业|建筑|旅游|餐饮|物流|信息|科技|医疗|养老|教育|培训|连锁|建档"
    r"|[原现已]有|相关|有关|各类|所有|全部|公[办立]|民办|私立|星级|\d{4}年|实习|实训|就业|用人|校企|校办|招生|产教|融合|实践|名称|捐赠|冠名|工(?=厂)|[酒饭商](?=店)|[型性业类的])*"
    rf"(?:{_ENDS_A_NAME})"
)
_NO_NAME = re.compile(
    r"(?:有限|股份|责任|集团|分)+公司$|本校|本单位|暂[无缺未]|无(?:合作|企业|公司|此|相关)|没有(?:合作|企业|公司|签)|合作(?:企业|单位|公司|院校|学校|机构)"
    r"|市[内外](?:企业|公司|单位|$)|以[上下](?!.*(?:公司|集团|厂)$)|以[上下](?:企业|单位|公司|各|所有|均|为|\d)"
    r"|另[有外]|其[他它](?:企业|公司|单位|\d|均|$)|见(?:附|上|下|表|第)|共(?:\d+\s*[家个所户项]|[一二三四五六七八九十]+[家个所户项]|有|计(?!算))"
    r"|已(?:终止|停止?|撤销?|取消|解除|退出|注销|到期)|合计|主要(?:合作|企业|为|有)|学校[(（]|盖章|签字|意见|名单|名称|终止"
    r"|(?:19|20)\d{2}年(?:度|新增|签约|合作|企业|公司|$)"
)


@lru_cache(maxsize=4096)
def is_a_name(text: str) -> bool:
    """Tell whether a text that stands alone in its row is surely what a record is about.

    Any other may be a note, a title of what stands below, or a count, and only a person can tell.
    """
    bare = text.strip()
    if len(bare) > 40 or _SENTENCE.search(bare) or is_numbered(bare) or _NO_NAME.match(bare):
        return False
    named = _NAME.fullmatch(bare)
    return named is not None and len(named[1]) > 3 and not _OF_A_KIND.fullmatch(named[1])


_GROUP = re.compile(r".+(?:系|部|类|组|年级|专业群|校区)(?:企业|单位|公司|院校|证书|项目|课程)?")


@lru_cache(maxsize=4096)
def names_a_group(text: str) -> bool:
    """Tell whether a text is what people head several records with: 机电系, 汽车类企业."""
    return _GROUP.fullmatch(text.strip()) is not None


_FIRM = "(?:公司|集团|学院|学校|大学|厂)"
# In a bracket behind a name: that it is not one of this year's, or none at all.
_OF_NONE = (
    r"[^()（）]{0,6}?(?:[不未拟待已停暂]|去年|上年|往年|(?:19|20)\d\d"
    r"|意向|计划|洽谈|终止|注销|历史|核减|取消|试$|[?？])"
)
# Beside filled cells as well: several in one, the rest of them, parts of them, void ones, figures.
_ODD_NAME = re.compile(
    r"(?:其他|其它|另有?|本表|合计|加总|总数量|注\d|待定)(?:$|[:：,，、\d]|企业|均|捐赠)"
    r"|以[上下](?!.*(?:公司|集团|厂)$)|其余|[(（]?(?:详?见|另)[附上下]|(?:名单|清单)[另见附]|[(（]?从?略[)）。.]*$"
    rf"|[(（]?(?:同\s*[上前]|上\s*同)(?:[一]?[行栏格家]|公司|企业|单位)?[)）。.]*$|(?:\d+|[一二三四五六七八九十]+|各.{{0,4}}|若干)[家个所户区县]?(?:企业|单位|公司|[院学]校)?(?:若干|多家)?[)）。.]*$"
    rf"|.*{_FIRM}\s*[/／和与及暨]以?及?\s*.*{_FIRM}$|.*{_FIRM}\s+(?!有限|股份|责任).*(?<![分支])(?:公司|集团|厂)$"
    rf"|.*{_FIRM}等(?:企业|单位|公司)?$|1[.、．].+\s2[.、．]"
    r"|(?:企业|单位|公司|[院学]校)(?:若干|多家)|.{2,10}共\d+[家所个项]|(?:同左?|ditto|do)\.?$|[\"'′″〃↓⋯…｜|]+$"
    rf"|.*(?:{_ENDS_A_NAME})\d*\s*[、；;/／\n]\s*.*(?:{_ENDS_A_NAME})\d*$"
    r"|[※*]?其中(?:[:：,，]|市|软件)|.*等\s*\d+\s*[家所个]"
    r"|.*(?:公司|集团|学院|学校|大学|厂)\s*[、,，;；\n]\s*.*(?:公司|集团|学院|学校|大学|厂)"
    r"|.*[(（【](?:作废|重复|不计入?|删除?|同第?\d+行|同上.{0,4}|停用|注销|已?终止.{0,4})[)）】]"
    rf"|.*{_FIRM}(?:[(（【\[]{_OF_NONE}|\s*(?:[:：]|[?？×✗]|[-—–]+(?:{_OF_NONE})))"
    r"|(?:作废|重复|删除|停用|不计入?)\s*$|[^\w\s/\\—–-]+$",
    re.DOTALL,
)
_FIGURE = re.compile(
    r"(?:(?:19|20)\d{2}年|[上去前往]年|上期|[本今全]年|本期)(?:度|数|值|底|同期)*|(?:增减|同比|环比|增长|比上年).{0,4}"
    r"|增幅|差[额异]|校[验核]|核对数?|验算|检查|占比|比例|最[大小]值|中位数|全[校县市区]|总体|总?(?:家|户)数|企业数"
    r"|数量|金额|(?:所有|全部|上述)(?:企业|单位)|统计数?"
)


@lru_cache(maxsize=65536)
def may_be_no_name(text: str) -> bool:
    """Tell whether a text, in the column that says what a record is about, may be no one's name."""
    bare = text.strip()
    if _ODD_NAME.match(bare) is not None or _OF_A_KIND.fullmatch(bare) is not None:
        return True
    return _FIGURE.fullmatch(narrow(bare)) is not None
