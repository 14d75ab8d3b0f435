"""A made-up edition of two schools (合成示例), and Word templates of a few paragraphs."""

import io

import pandas as pd
from docx import Document

from orchestration.report.word import ReportContent

CITY = {
    **{"city": "sample", "city_code": "990100", "name_zh": "示例市", "name_en": "Sample"},
    **{"province_name_zh": "示例省", "province_name_en": "Sample province", "is_synthetic": True},
}
# indicator, name, unit, decimals, value, printed, numerator, denominator, last year, status
INDICATORS = [
    ("schools", "学校数", "school", 0, 2, "2", 2, None, 2, "provisional"),
    ("graduates", "毕业生数", "person", 0, 1843, "1843", 1843, None, 1775, "provisional"),
    ("enrolled", "在校生数", "person", 0, 14813, "14813", 14813, None, 14388, "provisional"),
    ("entrants", "招生数", "person", 0, 8895, "8895", 8895, None, None, "provisional"),
    ("rate", "就业率", "percent", 2, 97.775, "97.78", 1802, 1843, 97.905, "provisional"),
    ("funds", "资金", "10k CNY", 2, 1600, "1600.00", 1600, None, 1600, "provisional"),
    ("trainees", "培训人次", "person-time", 0, 47266, "47266", 47266, None, None, "provisional"),
    ("hidden", "暂缓的数", "person", 0, 5, "5", 5, None, None, "withheld"),
    ("absent", "没有的数", "person", 0, None, None, None, None, None, None),
]
SCHOOLS = [("01", "甲<校>&"), ("02", "=乙校")]


# indicator, breakdown, its name, then its classes: code, name, value, schools counted
BREAKDOWNS = [
    ("enrolled", "major_category", "专业大类", [("71", "电子与信息大类", 4131, 2)]),
    ("enrolled", "major_category", "专业大类", [("66", "装备制造大类", 2671, 2)]),
    ("entrants", "major_category", "专业大类", [("71", "电子与信息大类", 2, 2)]),
    ("programme_offerings", "major_category", "专业大类", [("71", "电子与信息大类", 3, 2)]),
    ("full_time_teachers", "title", "职称", [("a", "正高级", 3, 2), ("b", "副高级", 5, 2)]),
    ("full_time_teachers", "degree", "学历", [("c", "研究生", 7, 2)]),
    ("full_time_teachers", "age", "年龄", [("d", "35岁以下", None, 1), ("e", "35—44岁", 4, 1)]),
    ("conditions_met", "condition", "办学条件", [("books", "生均图书", 1, 2)]),
    ("conditions_missed", "condition", "办学条件", [("books", "生均图书", 0, 2)]),
    ("conditions_undefined", "condition", "办学条件", [("books", "生均图书", 1, 2)]),
]


def breakdowns():
    """The city's figures by class, of two schools of which one left the ages blank."""
    rows = [
        {
            **{"area_level": "city", "indicator_id": indicator, "breakdown": breakdown},
            **{"name_zh": "在校生数", "name_en": "Enrolled", "unit": "person"},
            **{"breakdown_name_zh": name, "breakdown_name_en": breakdown.title()},
            **{"class_code": code, "class_name_zh": label, "value": value},
            **{"class_name_en": {"35—44岁": "35 to 44", "35岁以下": "Under 35"}.get(label)},
            **{"schools_counted": counted, "schools_expected": 2, "status": "provisional"},
        }
        for indicator, breakdown, name, classes in BREAKDOWNS
        for code, label, value, counted in classes
    ]
    frame = pd.DataFrame(rows)
    by = frame.groupby(["indicator_id", "breakdown"])
    frame["class_position"] = by.cumcount() + 1
    frame["value_rank"] = by["value"].rank(ascending=False)
    frame["share_pct"] = 100 * frame["value"] / by["value"].transform("sum")
    return frame


def trend():
    """Two years of the figures that have a year before."""
    rows = [
        {"year": year, "indicator_id": indicator, "value": value, "status": "provisional"}
        for indicator, *_, now, _, _, _, before, _ in INDICATORS
        for year, value in ((2023, before), (2024, now))
        if now is not None
    ]
    whole = {"schools_counted": 2, "schools_expected": 2}
    return pd.DataFrame(rows).assign(is_comparable=True, break_zh=None, break_en=None, **whole)


def frames(**changed):
    """The edition's tables, with some replaced."""
    columns = ["indicator_id", "name_zh", "unit", "decimals", "value", "value_printed"]
    columns += ["numerator", "denominator", "previous_value", "status"]
    metrics = pd.DataFrame(INDICATORS, columns=columns)
    metrics["name_en"] = metrics["indicator_id"].str.title()
    metrics["schools_counted"], metrics["schools_expected"] = 2, 2
    metrics["filed_by"] = "school"
    declared = metrics[["indicator_id", "name_zh", "name_en", "unit", "decimals"]].copy()
    for part in ("numerator", "denominator"):
        here = metrics[part].notna()
        declared[part] = declared["indicator_id"].where(here)
        for suffix in ("name_zh", "name_en", "formula"):
            declared[f"{part}_{suffix}"] = (part + " " + declared["indicator_id"]).where(here)
    school = pd.DataFrame(SCHOOLS, columns=["school_code", "school_name"])
    school["county_code"], school["county_name"] = "621002", "西峰区"
    school["ownership"], school["ownership_name"] = ["public", "private"], ["公办", "民办"]
    school["school_class"], school["school_class_name"] = "general", "普通中专"
    school["is_monitored"] = True
    for flag in ("national_demonstration", "provincial_demonstration", "national_key"):
        school[f"is_{flag}"] = [True, False]
    school["is_provincial_key"], school["is_provincial_quality"] = False, None
    destination = pd.DataFrame({"school_code": ["01", "02"], "graduates": [1000, 843]})
    destination["further_study"], destination["directly_employed"] = [600, 543], [380, 279]
    destination["without_destination"] = [20, 21]
    for key in ("contract_employed", "own_field_employed", "enlisted", "self_employed"):
        destination[key] = pd.array([1, None], dtype="Int64")
    for key in ("flexibly_employed", "to_bachelor", "to_associate"):
        destination[key] = 3
    check = pd.DataFrame(
        {
            "school_code": ["01", "01", "02", "02"],
            "condition": ["books", "ratio", "books", "ratio"],
            "condition_name": ["生均图书", "生师比", "生均图书", "生师比"],
            "unit": ["volumes per student", "students per teacher"] * 2,
            "value": [41.811, 12.0, None, 21.5],
            "direction": ["min", "max", "min", "max"],
            "threshold": [30.0, 20.0, 30.0, 20.0],
            "is_met": pd.array([True, True, None, False], dtype="boolean"),
            "is_monitored": True,
        }
    )
    tables = {
        "city": pd.DataFrame([CITY]),
        "city_yearly_metrics": metrics[metrics["indicator_id"] != "absent"],
        "dim_indicator": declared,
        "dim_school": school,
        "fct_school": pd.DataFrame(
            {
                **{"school_code": ["01"], "enrolled": [14813], "staff": [1413]},
                **{"full_time_teachers": [1246], "graduates": [1843]},
            }
        ),
        "fct_student": pd.DataFrame({"school_code": ["01"], "entrants": [8895]}),
        "fct_destination": destination,
        "fct_condition_check": check,
        "fct_condition_school": pd.DataFrame(
            {
                "school_code": ["01", "02"],
                "is_monitored": True,
                "is_meeting_all": [True, False],
                "conditions_missed": [0, 1],
            }
        ),
        "fct_indicator_breakdown": breakdowns(),
        "fct_indicator_trend": trend(),
        "fct_indicator": pd.DataFrame(
            {
                **{"area_level": ["school"], "area_code": ["01"]},
                **{"indicator_id": ["graduate_destination_rate"], "value": [98.0]},
                "schools_counted": [1],
            }
        ),
        "fct_decision": pd.DataFrame(
            columns=[
                *("verb", "school_code", "rule_id", "explanation", "reason_name_zh", "reason"),
                *("approved_by", "decided_by", "approved_at", "decided_at"),
            ]
        ),
        "fct_submission": pd.DataFrame(columns=["school_code", "file_name", "file_hash"]),
    }
    rates = ["graduate_destination_rate", "own_field_employment_rate", "further_study_rate"]
    more = pd.DataFrame({"indicator_id": rates, "name_zh": rates, "name_en": rates})
    more["unit"], more["decimals"] = "percent", 2
    kinds = ["further_study", "directly_employed", "without_destination"]
    counts = pd.DataFrame({"indicator_id": kinds, "name_zh": kinds, "name_en": kinds})
    counts["unit"], counts["decimals"] = "person", 0
    tables["dim_indicator"] = pd.concat([declared, more, counts], ignore_index=True)
    return tables | changed


def edition(notes=(), status="provisional", **changed):
    """The edition's content."""
    return ReportContent(
        "sample", 2024, 3, status, "2025-01-20T23:30:00+08:00", frames(**changed), notes
    )


def template(*paragraphs, rows=(), footer=""):
    """A template of paragraphs (a heading where it starts with #) and one table, as bytes."""
    document = Document()
    for text in paragraphs:
        if text.startswith("#"):
            document.add_heading(text[1:], level=1)
        else:
            document.add_paragraph(text)
    if rows:
        table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=False):
                cell.text = text
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def text_of(report):
    """All the text of a .docx: paragraphs, then cells, then footers, a line each."""
    document = Document(io.BytesIO(report))
    lines = [paragraph.text for paragraph in document.paragraphs]
    lines += [cell.text for t in document.tables for row in t.rows for cell in row.cells]
    lines += [p.text for section in document.sections for p in section.footer.paragraphs]
    return "\n".join(lines)
