"""The tables of a report: one row a school, category, checklist item or decision.

What belongs here: choosing and naming what an edition's tables already hold. What does not: the
figures of the text (context.py), how a table looks: that is the template's.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orchestration.forms.contract import read_yaml
from orchestration.ground.terms import DecisionVerb
from orchestration.report.content import (
    ABSENT,
    ReportContent,
    Row,
    half_up,
    is_withheld,
    records,
)
from orchestration.report.figure import COVERAGE, Figure, partly
from orchestration.warehouse.project import WRITTEN

_MINISTRY = "2023-2024 表"  # the six tables of the ministry's outline, among others of the seed
_DESIGNATIONS = {
    "is_national_demonstration": "国家示范",
    "is_provincial_demonstration": "省级示范",
    "is_national_key": "国家级重点",
    "is_provincial_key": "省级重点",
    "is_provincial_quality": "省级优质",
}
_NAMED = {"county": "county_code", "ownership": "ownership", "school_class": "school_class"}
_SIZES = ("enrolled", "staff", "full_time_teachers", "graduates")
_MET = {True: "√", False: "×", None: ABSENT}


class _Blank(dict[str, Any]):
    """A row that has nothing in any column."""

    def __missing__(self, name: str) -> None:
        return None


class Rows(list[Any]):
    """The rows of one table; `sample` is one of them, also where there is none.

    A template is checked against the sample before there is a row to print.
    """

    def __init__(self, shown: Callable[[Any], Any], given: Iterable[Any]) -> None:
        """Take how a row is shown and what there is to show."""
        super().__init__(map(shown, given))
        self.sample = self[0] if self else shown(_Blank())


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
        "checklist": _checklist(figures),
        "explanations": _explanations(content),
        "cases": _cases(content),
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


def _named(school: Row, code: str) -> str:
    """Return what a code is called, the code itself where nobody says, — where there is none."""
    return school.get(f"{code.removesuffix('_code')}_name") or school[code] or ABSENT


def _schools(content: ReportContent) -> Rows:
    """Return one row a rostered school: what it is and its sizes, — where nothing is accepted."""
    sizes = {row["school_code"]: row for row in content.rows("fct_school")}
    entrants = {row["school_code"]: row["entrants"] for row in content.rows("fct_student")}

    def shown(school: Row) -> Row:
        size = sizes.get(school["school_code"], {})
        marks = [name for flag, name in _DESIGNATIONS.items() if school[flag]]
        return {
            "number": school["number"],
            "code": school["school_code"],
            "name": school["school_name"],
            **{key: _named(school, code) for key, code in _NAMED.items()},
            "ownership_id": school["ownership"],
            "designations": "、".join(marks) or ABSENT,
            **{flag: bool(school[flag]) for flag in _DESIGNATIONS},
            "entrants": _shown(entrants.get(school["school_code"])),
            **{key: _shown(size.get(key)) for key in _SIZES},
        }

    schools = enumerate(content.rows("dim_school"), start=1)
    return Rows(shown, [{**school, "number": number} for number, school in schools])


_DESTINATIONS = (
    *("graduates", "directly_employed", "contract_employed", "own_field_employed", "enlisted"),
    *("self_employed", "flexibly_employed", "further_study", "to_bachelor", "to_associate"),
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
    figures = content.tables["fct_indicator"]
    is_rate = figures["indicator_id"].isin(list(_SCHOOL_RATES.values()))
    of_schools = records(figures[is_rate & figures["area_level"].eq("school")])
    rates = {(r["area_code"], r["indicator_id"]): r["value"] for r in of_schools}

    def shown(row: Row) -> Row:
        return {
            "name": content.school_name(row["school_code"]),
            **{key: _shown(row[key]) for key in _DESTINATIONS},
            **{
                key: _shown(rates.get((row["school_code"], rate)), decimals[rate])
                for key, rate in _SCHOOL_RATES.items()
            },
        }

    return Rows(shown, content.rows("fct_destination"))


def _standards(content: ReportContent) -> Rows:
    """Return one row a condition that any school is held to, with its thresholds."""
    found: dict[str, Row] = {}
    for check in content.rows("fct_condition_check"):
        sign = "≥" if check["direction"] == "min" else "≤"
        standard = found.setdefault(check["condition"], {**check, "thresholds": {}})
        standard["thresholds"][f"{sign}{_shown(check['threshold'])}"] = None

    def shown(standard: Row) -> Row:
        return {
            "condition": standard["condition"],
            "name": standard["condition_name"],
            "unit": standard["unit"],
            # Classes of schools have thresholds of their own: ≥40000/≥30000.
            "threshold": "/".join(standard["thresholds"] or ()),
        }

    return Rows(shown, [found[key] for key in sorted(found)])


def _conditions(content: ReportContent, standards: Rows) -> Rows:
    """Return one row a school held to a standard: `cells` in the order of the standards."""
    overall = {row["school_code"]: row for row in content.rows("fct_condition_school")}
    checks: dict[str | None, dict[str, Row]] = {}
    for row in content.rows("fct_condition_check"):
        checks.setdefault(row["school_code"], {})[row["condition"]] = row

    def shown(row: Row) -> Row:
        school = overall.get(row["school_code"], {})
        own = checks.get(row["school_code"], {})
        return {
            "name": content.school_name(row["school_code"]),
            "is_monitored": _MET[school.get("is_monitored")],
            "cells": Rows(_cell, [own.get(one["condition"], {}) for one in standards]),
            "is_meeting_all": _MET[school.get("is_meeting_all")],
            "missed": _shown(school.get("conditions_missed")),
        }

    return Rows(shown, [{"school_code": code} for code in checks])


def _cell(check: Row) -> dict[str, str]:
    if not check:
        return {"value": ABSENT, "mark": ""}
    decimals = 2 if "per" in check["unit"].split() else None
    return {"value": _shown(check["value"], decimals), "mark": _MET[check["is_met"]]}


def _categories(content: ReportContent) -> Rows:
    """Return one row a 专业大类 of the city, those with the most students first."""
    top = read_yaml(WRITTEN / "dbt_project.yml")["vars"]["top_categories"]
    entrants, offerings = (
        {row["class_code"]: row for row in content.by_class(indicator, "major_category")}
        for indicator in ("entrants", "programme_offerings")
    )

    def shown(row: Row) -> Row:
        return {
            "name": row["class_name_zh"],
            "enrolled": _shown_with_coverage(row),
            "entrants": _shown_with_coverage(entrants.get(row["class_code"])),
            "offerings": _shown_with_coverage(offerings.get(row["class_code"])),
            "share": _shown_with_coverage(row, "share_pct", 2),
            "coverage": partly(*(row[part] for part in COVERAGE)),
            "is_top": row["value_rank"] is not None and row["value_rank"] <= top,
        }

    return Rows(shown, content.largest_first("enrolled", "major_category"))


def _shown_with_coverage(row: Row | None, part: str = "value", decimals: int | None = None) -> str:
    """Return a class's value as text, with the schools counted where they are not all."""
    if not row or is_withheld(row) or row[part] is None:
        return ABSENT
    return _shown(row[part], decimals) + partly(*(row[count] for count in COVERAGE))


def _checklist(figures: Mapping[str, Figure]) -> Rows:
    """Return one row an item of the ministry's six tables, with our figure where it is that."""

    def shown(item: Row) -> Row:
        figure = figures.get(item["indicator_id"])
        is_filled = figure is not None and figure.is_known
        _, _, table = (item["table_name"] or "").partition(" ")
        return {
            "table": table,
            "table_number": table.partition(" ")[0],
            "number": item["row_no"],
            "name": item["name_zh"],
            "unit": item["unit"] or ABSENT,
            "value": figure if is_filled else ABSENT,
            "indicator": figure.name if figure else ABSENT,
            "is_filled": "√" if is_filled else "",
            "evidence": item["evidence_zh"],
        }

    seed = WRITTEN / "seeds" / "annual_report_tables.csv"
    with seed.open(encoding="utf-8-sig", newline="") as file:
        items = [row for row in csv.DictReader(file) if row["table_name"].startswith(_MINISTRY)]
    return Rows(shown, items)


def _explanations(content: ReportContent) -> Rows:
    """Return one row a finding that was accepted: who explained it and how, why, who decided.

    Where the school said nothing, whoever of the bureau asked for it explains it by the reason.
    """

    def shown(row: Row) -> Row:
        return {
            "name": content.school_name(row["school_code"], content.place["name_zh"]),
            "rule": row["rule_id"],
            "explained_by": "学校" if row["explanation"] else f"{row['asked_by']}（主管部门）",
            "explanation": row["explanation"] or "学校未说明",
            "reason": "：".join(filter(None, (row["reason_name_zh"], row["reason"]))) or ABSENT,
            "decided_by": row["approved_by"] or row["decided_by"] or ABSENT,
            "decided_on": content.day(row["approved_at"] or row["decided_at"]),
        }

    accepted = (row for row in content.rows("fct_decision") if row["verb"] == DecisionVerb.accept)
    return Rows(shown, accepted)


def _cases(content: ReportContent) -> Rows:
    """Return one row a case (典型案例) that a school filed: whose it is, title and text."""

    def shown(row: Row) -> Row:
        return {
            "name": content.school_name(row["school_code"]),
            "title": row["title"] or ABSENT,
            "body": row["body"] or ABSENT,
        }

    filed = content.rows("fct_filed_case") if "fct_filed_case" in content.tables else ()
    return Rows(shown, filed)
