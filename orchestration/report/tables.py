"""The tables of a report: one row a school, category, checklist item or decision.

What belongs here: choosing and naming what an edition's tables already hold. What does not: the
figures of the text (context.py), how a table looks: that is the template's.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from orchestration.forms.contract import load_codes, read_yaml
from orchestration.ground.home import REPOSITORY
from orchestration.report.content import (
    ABSENT,
    ReportContent,
    Row,
    half_up,
    is_withheld,
    records,
)
from orchestration.report.figure import Figure

_SEEDS = REPOSITORY / "dbt_project" / "seeds"
_MINISTRY = "2023-2024 表"  # the six tables of the ministry's outline, among others of the seed
_DESIGNATIONS = {
    "is_national_demonstration": "国家示范",
    "is_provincial_demonstration": "省级示范",
    "is_national_key": "国家级重点",
    "is_provincial_key": "省级重点",
    "is_provincial_quality": "省级优质",
}
_SIZES = ("enrolled", "staff", "full_time_teachers", "graduates")
_MET = {True: "√", False: "×", None: ABSENT}


class Rows(list[Any]):
    """The rows of one table; `sample` is one of them, also where there is none.

    A template is checked against the sample before there is a row to print.
    """

    def __init__(self, rows: list[Any], sample: Any) -> None:
        """Take the rows and what one looks like."""
        super().__init__(rows)
        self.sample = rows[0] if rows else sample


def report_tables(content: ReportContent, figures: Mapping[str, Figure]) -> dict[str, Rows]:
    """Return the tables by the name that templates use, `{%tr for s in table.schools %}`.

    schools, destinations, conditions (one row a school, its `cells` in the order of
    standards), standards, categories, checklist (the ministry's six tables), explanations.
    """
    standards = _standards(content)
    return {
        "schools": _schools(content),
        "destinations": _destinations(content),
        "standards": standards,
        "conditions": _conditions(content, standards),
        "categories": _categories(content),
        "checklist": _checklist(content, figures),
        "explanations": _explanations(content),
    }


def _shown(value: Any, decimals: int | None = None) -> str:
    """Return a school's value as text; a whole number without decimals, a missing one as —."""
    if value is None:
        return ABSENT
    if isinstance(value, float):
        if decimals is None and value.is_integer():
            return str(int(value))
        return half_up(value, 2 if decimals is None else decimals)
    return str(value)


def _codes(name: str) -> dict[str, str]:
    return {code.code: code.zh for code in load_codes([REPOSITORY / "forms"])[name]}


@lru_cache
def _seed(name: str) -> tuple[dict[str, str], ...]:
    with (_SEEDS / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(csv.DictReader(file))


def _schools(content: ReportContent) -> Rows:
    """Return one row a rostered school: what it is and its sizes, — where nothing is accepted."""
    counties = {row["code"]: row["name"] for row in _seed("divisions")}
    ownerships, classes = _codes("ownership"), _codes("school_class")
    sizes = {row["school_code"]: row for row in content.rows("fct_school")}
    entrants = {row["school_code"]: row["entrants"] for row in content.rows("fct_student")}
    rows = []
    for number, school in enumerate(content.rows("dim_school"), start=1):
        size = sizes.get(school["school_code"], {})
        marks = [name for flag, name in _DESIGNATIONS.items() if school[flag]]
        rows.append(
            {
                "number": number,
                "code": school["school_code"],
                "name": school["school_name"],
                "county": counties.get(school["county_code"] or "", ABSENT),
                "ownership": ownerships.get(school["ownership"] or "", ABSENT),
                "ownership_id": school["ownership"],
                "school_class": classes.get(school["school_class"] or "", ABSENT),
                "designations": "、".join(marks) or ABSENT,
                **{flag: bool(school[flag]) for flag in _DESIGNATIONS},
                "entrants": _shown(entrants.get(school["school_code"])),
                **{key: _shown(size.get(key)) for key in _SIZES},
            }
        )
    keys = [
        "number",
        "code",
        "name",
        "county",
        "ownership",
        "ownership_id",
        "school_class",
        "designations",
        *_DESIGNATIONS,
        "entrants",
        *_SIZES,
    ]
    return Rows(rows, dict.fromkeys(keys, ""))


_DESTINATIONS = (
    "graduates",
    "directly_employed",
    "contract_employed",
    "own_field_employed",
    "enlisted",
    "self_employed",
    "flexibly_employed",
    "further_study",
    "to_bachelor",
    "to_associate",
    "without_destination",
)
_SCHOOL_RATES = {
    "rate": "graduate_destination_rate",
    "own_field_rate": "own_field_employment_rate",
    "further_rate": "further_study_rate",
}


def _destinations(content: ReportContent) -> Rows:
    """Return one row a school: its graduates' destinations, and its rates in per cent."""
    decimals = {r["indicator_id"]: int(r["decimals"]) for r in content.rows("dim_indicator")}
    of_schools = content.tables["fct_indicator"]
    of_schools = of_schools[
        (of_schools["area_level"] == "school")
        & of_schools["indicator_id"].isin(list(_SCHOOL_RATES.values()))
    ]
    rates = {(r["area_code"], r["indicator_id"]): r["value"] for r in records(of_schools)}
    rows = [
        {
            "name": content.school_name(row["school_code"]),
            **{key: _shown(row[key]) for key in _DESTINATIONS},
            **{
                key: _shown(rates.get((row["school_code"], rate)), decimals[rate])
                for key, rate in _SCHOOL_RATES.items()
            },
        }
        for row in content.rows("fct_destination")
    ]
    return Rows(rows, dict.fromkeys(["name", *_DESTINATIONS, *_SCHOOL_RATES], ""))


def _standards(content: ReportContent) -> Rows:
    """Return one row a condition that any school is held to, with its thresholds."""
    found: dict[str, Row] = {}
    for row in content.rows("fct_condition_check"):
        sign = "≥" if row["direction"] == "min" else "≤"
        threshold = f"{sign}{_shown(row['threshold'])}"
        seen = found.setdefault(
            row["condition"],
            {
                "condition": row["condition"],
                "name": row["condition_name"],
                "unit": row["unit"],
                "threshold": threshold,
            },
        )
        # Classes of schools have thresholds of their own: 40000/30000.
        if threshold not in seen["threshold"].split("/"):
            seen["threshold"] = f"{seen['threshold']}/{threshold}"
    rows = [found[key] for key in sorted(found)]
    return Rows(rows, dict.fromkeys(["condition", "name", "unit", "threshold"], ""))


def _conditions(content: ReportContent, standards: Rows) -> Rows:
    """Return one row a school held to a standard: `cells` in the order of the standards."""
    overall = {row["school_code"]: row for row in content.rows("fct_condition_school")}
    checks: dict[str, dict[str, Row]] = {}
    for row in content.rows("fct_condition_check"):
        checks.setdefault(row["school_code"], {})[row["condition"]] = row
    rows = []
    for code, of_school in checks.items():
        cells = [of_school.get(standard["condition"]) for standard in standards]
        school = overall.get(code, {})
        rows.append(
            {
                "name": content.school_name(code),
                "is_monitored": _MET[school.get("is_monitored")],
                "cells": Rows([_cell(cell) for cell in cells], {"value": "", "mark": ""}),
                "is_meeting_all": _MET[school.get("is_meeting_all")],
                "missed": _shown(school.get("conditions_missed")),
            }
        )
    sample = dict.fromkeys(["name", "is_monitored", "is_meeting_all", "missed"], "")
    return Rows(rows, {**sample, "cells": Rows([], {"value": "", "mark": ""})})


def _cell(check: Row | None) -> dict[str, str]:
    if check is None:
        return {"value": ABSENT, "mark": ""}
    decimals = 2 if "per" in check["unit"].split() else None
    return {"value": _shown(check["value"], decimals), "mark": _MET[check["is_met"]]}


def _categories(content: ReportContent) -> Rows:
    """Return one row a 专业大类 of the city, those with the most students first."""
    top = read_yaml(REPOSITORY / "dbt_project" / "dbt_project.yml")["vars"]["top_categories"]
    entrants, offerings = (
        {row["class_code"]: row for row in content.by_class(indicator, "major_category")}
        for indicator in ("entrants", "programme_offerings")
    )
    rows = [
        {
            "name": row["class_name_zh"],
            "enrolled": _shown_with_coverage(row),
            "entrants": _shown_with_coverage(entrants.get(row["class_code"])),
            "offerings": _shown_with_coverage(offerings.get(row["class_code"])),
            "share": ABSENT if is_withheld(row) else _shown(row["share_pct"], 2),
            "is_top": row["value_rank"] is not None and row["value_rank"] <= top,
        }
        for row in content.largest_first("enrolled", "major_category")
    ]
    keys = ["name", "enrolled", "entrants", "offerings", "share", "is_top"]
    return Rows(rows, dict.fromkeys(keys, ""))


def _shown_with_coverage(row: Row | None) -> str:
    """Return a class's value as text, with the schools counted where they are not all."""
    if row is None or is_withheld(row):
        return ABSENT
    counted, expected = row["schools_counted"], row["schools_expected"]
    partly = f"（{counted}/{expected}所）" if counted < expected else ""
    return _shown(row["value"]) + partly


def _checklist(content: ReportContent, figures: Mapping[str, Figure]) -> Rows:
    """Return one row an item of the ministry's six tables, with our figure where it is that."""
    rows = []
    for item in _seed("annual_report_tables"):
        if not item["table_name"].startswith(_MINISTRY):
            continue
        figure = figures.get(item["indicator_id"])
        is_filled = figure is not None and figure.is_known
        rows.append(
            {
                "table": item["table_name"].split(" ", 1)[1],
                "table_number": item["table_name"].split(" ")[1],
                "number": item["row_no"],
                "name": item["name_zh"],
                "unit": item["unit"] or ABSENT,
                "value": figure if is_filled else ABSENT,
                "indicator": figure.name if figure else ABSENT,
                "is_filled": "√" if is_filled else "",
                "evidence": item["evidence_zh"],
            }
        )
    keys = ["table", "table_number", "number", "name", "unit", "value", "indicator"]
    return Rows(rows, dict.fromkeys([*keys, "is_filled", "evidence"], ""))


def _explanations(content: ReportContent) -> Rows:
    """Return one row a finding whose explanation was accepted: who said what, who decided."""
    rows = [
        {
            "name": content.school_name(row["school_code"], content.place["name_zh"]),
            "rule": row["rule_id"],
            "explanation": row["explanation"] or ABSENT,
            "reason": row["reason_name_zh"] or row["reason"] or ABSENT,
            "decided_by": row["approved_by"] or row["decided_by"] or ABSENT,
            "decided_on": (row["approved_at"] or row["decided_at"] or ABSENT)[:10],
        }
        for row in content.rows("fct_decision")
        if row["verb"] == "accept"
    ]
    keys = ["name", "rule", "explanation", "reason", "decided_by", "decided_on"]
    return Rows(rows, dict.fromkeys(keys, ""))
