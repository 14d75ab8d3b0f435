"""Words that schools, bureau and readers meet in lists, pages and files alike.

What belongs here: the classes of rules, and what stands above a column wherever it is shown. What
does not: the labels of the forms' own columns, which are declared in forms/<year>/.
"""

from __future__ import annotations

from collections.abc import Iterable

from orchestration.ground.text import Term, Text


class RuleClass(Term):
    """What a rule asks of a school: to be right, to be right or explained, or nothing."""

    must = "must", "逻辑校验", "must"
    explain = "explain", "经验校验", "explain"
    info = "info", "提示", "info"


_HEADINGS = {
    "aggregation": ("汇总方式", "aggregation"),
    "approved_at": ("批准时间", "approved at"),
    "approved_by": ("批准人", "approved by"),
    "asked_by": ("提请人", "asked by"),
    "bound_count": ("个数上限", "at most, cases"),
    "bound_per_cent": ("比例上限（%）", "at most, %"),
    "cause": ("原因代码", "cause code"),
    "cause_en": ("原因（英文）", "cause"),
    "cause_zh": ("原因", "cause in Chinese"),
    "cell": ("单元格", "cell"),
    "change": ("该原因引起的变动", "change by this cause"),
    "cities": ("印刷该指标的城市", "cities that print it"),
    "city": ("城市", "city"),
    "city_code": ("城市代码", "city code"),
    "class": ("类别", "class"),
    "column_name": ("列", "column"),
    "compared_with": ("对比版次", "compared with"),
    "contribution": ("计入值", "adds"),
    "data_origin": ("数据来源", "origin of the data"),
    "days_left": ("剩余天数", "days left"),
    "decided_at": ("决定时间", "decided at"),
    "decided_by": ("决定人", "decided by"),
    "decimals": ("小数位", "decimals"),
    "decision_id": ("决定编号", "decision"),
    "denominator": ("分母", "denominator"),
    "denominator_formula": ("分母算式", "formula of the denominator"),
    "denominator_name_en": ("分母英文名称", "denominator in English"),
    "denominator_name_zh": ("分母名称", "denominator in Chinese"),
    "difference": ("差额", "difference"),
    "due_on": ("截止日期", "due date"),
    "edition": ("版次", "edition"),
    "expires_on": ("有效期至", "valid until"),
    "explanation": ("学校说明", "explanation"),
    "extension_reason": ("延期理由", "extended because"),
    "fact": ("事实表", "fact table"),
    "file_hash": ("文件哈希", "hash of the file"),
    "file_name": ("文件名", "file"),
    "filed_by": ("填报者", "filed by"),
    "filed_year": ("填报年度", "year filed"),
    "finding_id": ("疑点编号", "finding"),
    "first_received_on": ("首次收到", "first received"),
    "fix": ("怎样改", "how to mend"),
    "form_columns": ("报表栏目", "columns of the form"),
    "form_table": ("报表", "table of the form"),
    "hits": ("疑点", "hits"),
    "indicator_id": ("指标编号", "indicator"),
    "kind": ("类型", "kind"),
    "label": ("栏目名称", "label"),
    "measure": ("统计量", "measure"),
    "message": ("提醒内容", "message"),
    "minimum_coverage_pct": ("最低填报比例（%）", "least share that filed, %"),
    "name_en": ("英文名称", "name in English"),
    "name_zh": ("指标名称", "name in Chinese"),
    "numerator": ("分子", "numerator"),
    "numerator_formula": ("分子算式", "formula of the numerator"),
    "numerator_name_en": ("分子英文名称", "numerator in English"),
    "numerator_name_zh": ("分子名称", "numerator in Chinese"),
    "open_findings": ("未解决疑点", "open findings"),
    "part": ("分子或分母", "numerator or denominator"),
    "place": ("位置", "place"),
    "previous_value": ("上年数值", "value of the year before"),
    "printed_after": ("新印刷数值", "printed now"),
    "printed_before": ("原印刷数值", "printed before"),
    "range_high": ("上限", "at most"),
    "range_low": ("下限", "at least"),
    "reason": ("理由说明", "reason"),
    "reason_code": ("理由代码", "reason code"),
    "reason_name_en": ("理由（英文）", "reason in English"),
    "reason_name_zh": ("理由", "reason in Chinese"),
    "row_no": ("行", "row"),
    "rule_id": ("规则", "rule"),
    "scale": ("倍数", "times"),
    "school_code": ("学校标识码", "school code"),
    "school_name": ("学校名称", "school"),
    "schools": ("涉及学校", "schools concerned"),
    "schools_counted": ("统计学校数", "schools counted"),
    "schools_expected": ("应统计学校数", "schools that could be counted"),
    "section": ("年报章节", "section of the report"),
    "sentence": ("问题", "what is wrong"),
    "sheet": ("工作表", "sheet"),
    "state": ("状态", "state"),
    "status": ("状态", "status"),
    "submission_id": ("填报编号", "submission"),
    "typed": ("学校所填", "as typed"),
    "unit": ("单位", "unit"),
    "value": ("数值", "value"),
    "value_after": ("新数值", "value now"),
    "value_before": ("原数值", "value before"),
    "value_printed": ("印刷数值", "as printed"),
    "value_read": ("读作", "read as"),
    "values_hash": ("疑点数值哈希", "hash of the values"),
    "verb": ("处理", "decision"),
    "year": ("年度", "year"),
    "yoy_band_pct": ("年度变动幅度上限（%）", "most change in a year, %"),
}
HEADINGS = {name: Text(zh, en) for name, (zh, en) in _HEADINGS.items()}


def headings(names: Iterable[str]) -> dict[str, Text]:
    """Return what stands above columns, in their order; `KeyError` for one that has no words."""
    return {name: HEADINGS[name] for name in names}
