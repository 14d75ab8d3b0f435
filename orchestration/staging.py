"""From the form to dbt: sources, staging models and the facts that a sheet becomes as it stands.

What belongs here: writing those files, and telling whether the committed ones are fresh
(`python -m orchestration.staging [--check]`). What does not: models that compute something.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from orchestration.forms import Column, Form, Table, load_form
from orchestration.home import REPOSITORY

YEAR = 2024
MODELS = REPOSITORY / "dbt_project" / "models"
_NOTICE = "Generated from forms/ by `python -m orchestration.staging`; change the form instead."
# dbt's own names of types, which every adapter knows.
_TYPES = {"integer": "bigint", "decimal": "double", "boolean": "boolean", "date": "date"}
# The sheets that become a fact as they stand: form table to model and grain.
FACTS = {
    "students": ("fct_student", "one school and year"),
    "staff": ("fct_staff", "one school and year"),
    "conditions": ("fct_condition", "one school and year"),
    "destinations": ("fct_destination", "one school and year"),
    "contests": ("fct_contest", "one contest entry of a school and year"),
    "certificates": ("fct_certificate", "one certificate of a school and year"),
    "training": ("fct_training", "one training project of a school and year"),
    "partnerships": ("fct_partnership", "one partner enterprise of a school and year"),
    "articulation": ("fct_articulation", "one articulated programme of a school and year"),
    "international": ("fct_international", "one project of a school and year"),
    "courses": ("fct_course", "one course or result of a school and year"),
    "teacher_training": ("fct_teacher_training", "one level of training, school and year"),
    "finance": ("fct_finance", "one school and year"),
    "satisfaction": ("fct_satisfaction", "one group of respondents of a school and year"),
    "bureau": ("fct_bureau", "one city and year, filed by its bureau"),
}
_AREA = {
    "city": ("string", "City, as its folder is named"),
    "year": ("integer", "Reporting year"),
    "year_date": ("date", "Last day of the reporting year, the time dimension of the metrics"),
    "school_code": ("string", "学校标识码 ten-digit code of the school; null for a bureau"),
    "county_code": ("string", "County (division code) the school is rostered in"),
    "city_code": ("string", "City (division code)"),
    "province_code": ("string", "Province (division code)"),
    "submission_id": ("string", "The accepted submission the row was filed in"),
    "sheet": ("string", "Sheet of the workbook"),
    "row_no": ("integer", "Row on the sheet; 1 for sheets of labelled cells"),
}
_META = {
    "submission_id": "One file handed in for one year",
    "city": "City, as its folder is named",
    "school_code": "学校标识码 ten-digit code of the school",
    "year": "Reporting year",
    "file_hash": "SHA-256 of the file",
    "sheet": "Sheet of the workbook",
    "row_no": "Row on the sheet",
}
_REFERENCE = ("rosters", "cities", "claims", "standards", "deadlines", "form_columns")
_READING = ("submissions", "problems", "normalisations")


def sql_type(column: Column) -> str:
    """Return the warehouse's type of a form column."""
    return _TYPES.get(column.type, "string")


def staged_name(column: Column) -> str:
    """Return a column's name in staging: `filed_…` where the row's own key has that name.

    What a cover says of school and year is not always what the row was placed under.
    """
    return f"filed_{column.id}" if column.id in _META else column.id


def generated_files(form: Form) -> dict[Path, str]:
    """Return every generated file with its text."""
    files = {MODELS / "staging" / "_sources.yml": _sources(form)}
    for table in form.tables.values():
        files[MODELS / "staging" / f"stg_nianbao__{table.id}.sql"] = _staging_sql(table)
    files[MODELS / "staging" / "_staging.yml"] = _staging_yml(form)
    for table_id, (model, _) in FACTS.items():
        files[MODELS / "marts" / "filed" / f"{model}.sql"] = _fact_sql(form.tables[table_id])
    files[MODELS / "marts" / "filed" / "_filed.yml"] = _facts_yml(form)
    files[MODELS.parent / "macros" / "filed_cells.sql"] = _cells_macro(form)
    fields = [t for t in form.filed_by("school") if t.kind == "fields"]
    gate = MODELS / "intermediate" / "gate"
    files[gate / "int_submission_fields_joined.sql"] = _fields_sql(fields)
    return files


def _dump(document: dict[str, Any]) -> str:
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=1000)
    return f"# {_NOTICE}\n{text}"


def _sources(form: Form) -> str:
    home = "{{ env_var('NIANBAO_HOME') }}"

    def tables(names: Any) -> list[dict[str, str]]:
        return [{"name": name} for name in names]

    def source(name: str, pattern: str, names: Any, text: str) -> dict[str, Any]:
        options = ", union_by_name=true, hive_partitioning=false" if "*" in pattern else ""
        location = f"read_parquet('{home}/{pattern}'{options})"
        return {
            "name": name,
            "description": text,
            "config": {"meta": {"external_location": location}},
            "tables": tables(names),
        }

    return _dump(
        {
            "version": 2,
            "sources": [
                source(
                    "raw",
                    "raw/{name}/year=*/*.parquet",
                    [*form.tables, *_READING],
                    "What was read from the workbooks: text as typed, text as read, cell.",
                ),
                source("reference", "raw/{name}/{name}.parquet", _REFERENCE, "Cities and forms."),
                source(
                    "gate",
                    "gate/{name}.parquet",
                    ("verdicts", "findings", "rules", "decisions"),
                    "What the submission gate said.",
                ),
            ],
        }
    )


def _staging_sql(table: Table) -> str:
    lines = [f"    {name}," for name in _META]
    for column in table.columns:
        read, name = f"{column.id}__read", staged_name(column)
        kind = sql_type(column)
        value = read if kind == "string" else f"try_cast({read} as {kind})"
        typed = f"{column.id}__typed"
        lines += [
            f"    {value} as {name},",
            f"    {typed}," if name == column.id else f"    {typed} as {name}__typed,",
            f"    sheet || '!' || {column.id}__cell as {name}__cell,",
        ]
    body = "\n".join(lines).removesuffix(",")
    return f"-- {_NOTICE}\nselect\n{body}\nfrom {{{{ source('raw', '{table.id}') }}}}\n"


def _columns(described: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "description": text} for name, text in described.items()]


def _label(column: Column) -> str:
    unit = f", {column.unit}" if column.unit else ""
    return f"{column.label} {column.label_en}{unit}"


def _staging_yml(form: Form) -> str:
    models = []
    for table in form.tables.values():
        described = dict(_META)
        for column in table.columns:
            name = staged_name(column)
            described[name] = _label(column)
            described[f"{name}__typed"] = f"{column.label} as typed"
            described[f"{name}__cell"] = f"{column.label}: sheet and cell"
        grain = "one submission" if table.kind == "fields" else "one filled row"
        sheet = f"{table.sheet} {table.sheet_en}"
        models.append(
            {
                "name": f"stg_nianbao__{table.id}",
                "description": f"{sheet}, typed, all submissions. Grain: {grain}.",
                "columns": _columns(described),
            }
        )
    return _dump({"version": 2, "models": models})


def _fact_sql(table: Table) -> str:
    area = "\n".join(f"    accepted.{name}," for name in list(_AREA)[:8])
    values = "\n".join(f"    filed.{c.id}," for c in table.columns).removesuffix(",")
    return f"""-- {_NOTICE}
with

accepted as (

    select * from {{{{ ref('int_submissions_accepted') }}}}

),

filed as (

    select * from {{{{ ref('stg_nianbao__{table.id}') }}}}

)

select
{area}
    filed.sheet,
    filed.row_no,
{values}
from filed
inner join accepted on filed.submission_id = accepted.submission_id
"""


def _facts_yml(form: Form) -> str:
    models = []
    for table_id, (model, grain) in FACTS.items():
        table = form.tables[table_id]
        columns: list[dict[str, Any]] = [
            {"name": name, "data_type": kind, "description": text}
            for name, (kind, text) in _AREA.items()
        ]
        if table.filed_by == "school":
            by_name = {column["name"]: column for column in columns}
            by_name["school_code"]["config"] = {"meta": {"cells": ["cover.school_code"]}}
        columns += [
            {"name": c.id, "data_type": sql_type(c), "description": _label(c)}
            for c in table.columns
        ]
        sheet = f"{table.sheet} {table.sheet_en}"
        key = ["submission_id"] if table.kind == "fields" else ["submission_id", "row_no"]
        models.append(
            {
                "name": model,
                "description": f"{sheet}, accepted submissions. Grain: {grain}.",
                "config": {"contract": {"enforced": True}, "meta": {"form_tables": [table_id]}},
                "constraints": [{"type": "primary_key", "columns": key}],
                "columns": columns,
            }
        )
    return _dump({"version": 2, "models": models})


def _cells_macro(form: Form) -> str:
    """Return what macros/trace.sql has to know of the form: every sheet with its columns."""
    sheets = "\n    union all\n".join(
        f"    {{{{ cells_of('{table.id}', {[column.id for column in table.columns]}) }}}}"
        for table in form.tables.values()
    )
    return f"{{#- {_NOTICE} -#}}\n{{%- macro filed_cells() -%}}\n{sheets}\n{{%- endmacro -%}}\n"


def _fields_sql(tables: list[Table]) -> str:
    """Return the wide row of a submission: each field with its typed text and cell."""
    columns = [
        f"    {t.id}.{staged_name(c)}{part} as {t.id}__{c.id}{part},"
        for t in tables
        for c in t.columns
        for part in ("", "__typed", "__cell")
    ]
    joins = [
        f"left join {{{{ ref('stg_nianbao__{t.id}') }}}} as {t.id}\n"
        f"    on submissions.submission_id = {t.id}.submission_id"
        for t in tables
    ]
    body, joined = "\n".join(columns).removesuffix(","), "\n".join(joins)
    return f"""-- {_NOTICE}
select
    submissions.submission_id,
{body}
from {{{{ ref('stg_nianbao__submissions') }}}} as submissions
{joined}
where submissions.is_read and submissions.filed_by = 'school'
"""


def main() -> None:
    """Write the generated files, or with --check name those that are stale and exit 1."""
    files = generated_files(load_form(YEAR, [REPOSITORY / "forms"]))
    stale = [
        path
        for path, text in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv:
        for path in stale:
            print(f"stale: {path.relative_to(REPOSITORY)}")
        sys.exit(bool(stale))
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")


if __name__ == "__main__":
    main()
