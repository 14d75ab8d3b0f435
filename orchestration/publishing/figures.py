"""An edition's figures as the files that readers open: csv, a workbook, SDMX-CSV.

What belongs here: how figures, definitions, revisions and traces look in these files. What does
not: what the figures are (editions/contents.py), and the report (report/word.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# What a reader of the workbook sees above a column, beside its id.
HEADINGS = {
    "city": "城市",
    "year": "年度",
    "city_code": "城市代码",
    "indicator_id": "指标编号",
    "name_zh": "指标名称",
    "name_en": "英文名称",
    "value": "数值",
    "value_printed": "印刷数值",
    "numerator": "分子",
    "denominator": "分母",
    "unit": "单位",
    "decimals": "小数位",
    "schools_counted": "统计学校数",
    "schools_expected": "应统计学校数",
    "previous_value": "上年数值",
    "status": "状态",
    "data_origin": "数据来源",
    "section": "年报章节",
    "cities": "印刷该指标的城市",
    "filed_by": "填报者",
    "fact": "事实表",
    "kind": "类型",
    "numerator_name_zh": "分子名称",
    "numerator_name_en": "分子英文名称",
    "numerator_formula": "分子算式",
    "denominator_name_zh": "分母名称",
    "denominator_name_en": "分母英文名称",
    "denominator_formula": "分母算式",
    "scale": "倍数",
    "range_low": "下限",
    "range_high": "上限",
    "yoy_band_pct": "年度变动幅度上限（%）",
    "minimum_coverage_pct": "最低填报比例（%）",
    "form_columns": "报表栏目",
    "compared_with": "对比版次",
    "value_before": "原数值",
    "value_after": "新数值",
    "printed_before": "原印刷数值",
    "printed_after": "新印刷数值",
    "difference": "差额",
    "cause": "原因代码",
    "cause_zh": "原因",
    "cause_en": "原因（英文）",
    "change": "该原因引起的变动",
    "schools": "涉及学校",
    "part": "分子或分母",
    "measure": "统计量",
    "school_code": "学校标识码",
    "school_name": "学校名称",
    "submission_id": "填报编号",
    "contribution": "计入值",
    "sheet": "工作表",
    "cell": "单元格",
    "column_name": "列",
    "typed": "学校所填",
    "file_name": "文件名",
    "file_hash": "文件哈希",
    "rule_id": "规则",
    "filed_year": "填报年度",
    "form_table": "报表",
    "row_no": "行",
    "label": "栏目名称",
    "value_read": "读作",
    "aggregation": "汇总方式",
    "explanation": "学校说明",
    "decision_id": "决定编号",
    "finding_id": "疑点编号",
    "values_hash": "疑点数值哈希",
    "verb": "处理",
    "reason_code": "理由代码",
    "reason_name_en": "理由（英文）",
    "asked_by": "提请人",
    "reason_name_zh": "理由",
    "reason": "理由说明",
    "decided_by": "决定人",
    "decided_at": "决定时间",
    "approved_by": "批准人",
    "approved_at": "批准时间",
    "bound_count": "个数上限",
    "bound_per_cent": "比例上限（%）",
    "expires_on": "有效期至",
}


def write_workbook(path: Path, title: str, notes: list[str], sheets: Mapping[str, Any]) -> None:
    """Write frames as sheets of a workbook a reader can open, after a sheet of notes.

    The same frames give the same bytes.
    """
    import xlsxwriter

    # Text that looks like a formula or an address stays text.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"title": title, "created": datetime(2000, 1, 1)})
        head = workbook.add_format({"bold": True, "bg_color": "#DDE7F3", "border": 1})
        note = workbook.add_worksheet("说明 Notes")
        note.set_column(0, 0, 100)
        note.write_string(0, 0, title, head)
        for row, text in enumerate(notes, start=1):
            note.write_string(row, 0, text)
        for name, frame in sheets.items():
            sheet = workbook.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(frame.columns), 18)
            sheet.autofilter(0, 0, len(frame), max(len(frame.columns) - 1, 0))
            for column, label in enumerate(frame.columns):
                sheet.write_string(0, column, f"{HEADINGS.get(label, '')} {label}".strip(), head)
            for row, values in enumerate(frame.itertuples(index=False), start=1):
                for column, value in enumerate(values):
                    _write_cell(sheet, row, column, value)


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or value != value:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        sheet.write_string(row, column, str(value))
    else:
        sheet.write_number(row, column, value)


# The observation status of the SDMX code list CL_OBS_STATUS.
_OBSERVATION = {"provisional": "P", "final": "A", "revised": "A", "withheld": "Q"}


def write_sdmx(path: Path, metrics: pd.DataFrame) -> None:
    """Write the figures as SDMX-CSV 2.0, one observation a line.

    Dimensions: reference area (行政区划代码), indicator, year. A withheld figure has status Q and
    no value.
    """
    import pandas as pd
    from pysdmx.io import write_sdmx as write
    from pysdmx.io.format import Format
    from pysdmx.io.pd import PandasDataset

    data = pd.DataFrame(
        {
            "REF_AREA": metrics["city_code"],
            "INDICATOR": metrics["indicator_id"],
            "TIME_PERIOD": metrics["year"].astype(str),
            "OBS_VALUE": metrics["value_printed"].fillna(""),
            "OBS_STATUS": metrics["status"].map(_OBSERVATION),
            "UNIT_MEASURE": metrics["unit"],
            "DECIMALS": metrics["decimals"].astype(str),
        }
    )
    dataset = PandasDataset(structure=_structure(), data=data)
    write(dataset, Format.DATA_SDMX_CSV_2_0_0, output_path=str(path))


def _structure() -> Any:
    from pysdmx.model import Component, Components, Concept, DataType, Role, Schema

    def component(name: str, role: Role) -> Component:
        level = None if role is not Role.ATTRIBUTE else "O"
        return Component(
            name, True, role, Concept(name, dtype=DataType.STRING), attachment_level=level
        )

    return Schema(
        context="datastructure",
        agency="NIANBAO",
        id="CITY_YEARLY_METRICS",
        version="1.0",
        components=Components(
            [
                component("REF_AREA", Role.DIMENSION),
                component("INDICATOR", Role.DIMENSION),
                component("TIME_PERIOD", Role.DIMENSION),
                component("OBS_VALUE", Role.MEASURE),
                component("OBS_STATUS", Role.ATTRIBUTE),
                component("UNIT_MEASURE", Role.ATTRIBUTE),
                component("DECIMALS", Role.ATTRIBUTE),
            ]
        ),
    )
