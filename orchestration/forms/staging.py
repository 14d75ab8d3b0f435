"""From the form to dbt: sources, staging models and the facts that a sheet becomes as it stands.

What belongs here: the text of those files. What does not: where a home keeps them
(warehouse/project.py), and models that compute something (dbt_project/).
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import yaml

from orchestration.forms.contract import Column, Filer, Form, Table

STAGED = PurePosixPath("models/staging/forms")
SUBMISSIONS = PurePosixPath("models/intermediate/submissions")
FILED = PurePosixPath("models/marts/filed")
_NOTICE = "Made from forms/ whenever the project is parsed; change the form instead."
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
    "cases": ("fct_filed_case", "one case that a school describes, of a year"),
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
_READING = {
    "submissions": "Every file that was taken in, one row a file and year",
    "problems": "What could not be read for sure, one row a place in a file",
    "receipts": "What became of cells that were not just read, one row a range in a file",
    "receipt_sheets": "How many cells were read, converted, left, one row a sheet of a file",
}
# Intake writes all tables of a run at once, and only a submission says when it came in. For months
# nothing comes: late is what misses a whole year.
_FRESHNESS = {"warn_after": {"count": 400, "period": "day"}}


def sql_type(column: Column) -> str:
    """Return the warehouse's type of a form column."""
    return _TYPES.get(column.type, "string")


def staged_name(column: Column) -> str:
    """Return a column's name in staging: `filed_…` where the row's own key has that name.

    What a cover says of school and year is not always what the row was placed under.
    """
    return f"filed_{column.id}" if column.id in _META else column.id


def generated_files(form: Form) -> dict[PurePosixPath, str]:
    """Return every file that dbt gets of the form, by its path in a dbt project."""
    files = {STAGED / "_forms.yml": _staging_yml(form)}
    for table in form.tables.values():
        files[STAGED / f"stg_nianbao__{table.id}.sql"] = _staging_sql(table)
    files[STAGED / "stg_nianbao__cells.sql"] = _cells_sql(form)
    files[SUBMISSIONS / "int_submission_fields_joined.sql"] = _fields_sql(form)
    files[SUBMISSIONS / "int_names_filed.sql"] = _names_sql(form)
    files[SUBMISSIONS / "_fields.yml"] = _fields_yml()
    for table_id, (model, _) in FACTS.items():
        files[FILED / f"{model}.sql"] = _fact_sql(form.tables[table_id])
    files[FILED / "_filed.yml"] = _facts_yml(form)
    return files


def _dump(document: dict[str, Any]) -> str:
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=1000)
    return f"# {_NOTICE}\n{text}"


def _raw_source(form: Form) -> dict[str, Any]:
    place = "read_parquet('{{ env_var('NIANBAO_HOME') }}/raw/%s/year=*/*.parquet'"
    place += ", union_by_name=true, hive_partitioning=false)"
    sheets = {t.id: f"{t.sheet} {t.sheet_en}, as it was filled" for t in form.tables.values()}
    query = f"select max(cast(received_at as timestamp)) from {place % 'submissions'}"
    return {
        "name": "raw",
        "description": "What was read from the workbooks: text as typed, text as read, cell.",
        "config": {
            "meta": {"external_location": place % "{name}"},
            "loaded_at_query": query,
            "freshness": _FRESHNESS,
        },
        "tables": _described({**sheets, **_READING}),
    }


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
        if column.is_name:
            lines.append(f"    {{{{ name_key('{read}') }}}} as {name}_key,")
    body = "\n".join(lines).removesuffix(",")
    return f"-- {_NOTICE}\nselect\n{body}\nfrom {{{{ source('raw', '{table.id}') }}}}\n"


def _described(texts: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "description": text} for name, text in texts.items()]


def _label(column: Column) -> str:
    unit = f", {column.unit}" if column.unit else ""
    return f"{column.label} {column.label_en}{unit}"


def _key_label(column: Column) -> str:
    return f"{column.label}（不计空格、括号、全半角、大小写） {column.label_en}, however spelt"


def _staging_yml(form: Form) -> str:
    models = []
    for table in form.tables.values():
        described = dict(_META)
        for column in table.columns:
            name = staged_name(column)
            described[name] = _label(column)
            described[f"{name}__typed"] = f"{column.label} as typed"
            described[f"{name}__cell"] = f"{column.label}: sheet and cell"
            if column.is_name:
                described[f"{name}_key"] = _key_label(column)
        grain = "one submission" if table.kind == "fields" else "one filled row"
        sheet = f"{table.sheet} {table.sheet_en}"
        models.append(
            {
                "name": f"stg_nianbao__{table.id}",
                "description": f"{sheet}, typed, all submissions. Grain: {grain}.",
                "data_tests": [_grain(_key(table))],
                "columns": _described(described),
            }
        )
    models.append(
        {
            "name": "stg_nianbao__cells",
            "description": "Every cell, as typed and as read; blank ones too. Grain: one cell.",
            "columns": [
                {
                    "name": "form_table",
                    "description": "The sheet, as forms/ names it",
                    "data_tests": [{"accepted_values": {"arguments": {"values": [*form.tables]}}}],
                }
            ],
        }
    )
    return _dump({"version": 2, "sources": [_raw_source(form)], "models": models})


def _key(table: Table) -> list[str]:
    return ["submission_id"] if table.kind == "fields" else ["submission_id", "row_no"]


def _grain(columns: list[str]) -> dict[str, Any]:
    return {"has_grain": {"arguments": {"columns": columns}}}


def _fact_sql(table: Table) -> str:
    area = "\n".join(f"    accepted.{name}," for name in list(_AREA)[:8])
    names = [n for c in table.columns for n in (c.id, *([f"{c.id}_key"] if c.is_name else []))]
    values = "\n".join(f"    filed.{name}," for name in names).removesuffix(",")
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
        for c in table.columns:
            columns.append({"name": c.id, "data_type": sql_type(c), "description": _label(c)})
            if c.is_name:
                key = {"name": f"{c.id}_key", "data_type": "string", "description": _key_label(c)}
                columns.append({**key, "config": {"meta": {"cells": [f"{table_id}.{c.id}"]}}})
        sheet = f"{table.sheet} {table.sheet_en}"
        models.append(
            {
                "name": model,
                "description": f"{sheet}, accepted submissions. Grain: {grain}.",
                "config": {"contract": {"enforced": True}, "meta": {"form_tables": [table_id]}},
                "constraints": [{"type": "primary_key", "columns": _key(table)}],
                "data_tests": [_grain(_key(table))],
                "columns": columns,
            }
        )
    return _dump({"version": 2, "models": models})


def _cells_sql(form: Form) -> str:
    sheets = []
    for table in form.tables.values():
        columns = "".join(f"    '{column.id}',\n" for column in table.columns)
        sheets.append(f"{{{{ cells_of('{table.id}', [\n{columns}]) }}}}\n")
    return f"-- {_NOTICE}\n" + "union all\n".join(sheets)


def _fields_yml() -> str:
    model = {
        "name": "int_submission_fields_joined",
        "description": "All labelled cells of a submission in one row, with typed text and cell. "
        "Grain: one submission.",
        "data_tests": [_grain(["submission_id"])],
    }
    names = {
        "name": "int_names_filed",
        "description": "Every name that counts by its key and not by its spelling, of all "
        "submissions. Grain: one filled cell.",
        "data_tests": [_grain(["submission_id", "column_id", "row_no"])],
    }
    return _dump({"version": 2, "models": [model, names]})


def _names_sql(form: Form) -> str:
    """Return the cells of all columns that say `is_name`, under each other."""
    named = [(t, c) for t in form.filed_by(Filer.school) for c in t.columns if c.is_name]
    selects = [
        f"""select
    submission_id,
    city,
    year,
    school_code,
    row_no,
    '{table.id}.{column.id}' as column_id,
    {{{{ text({column.label!r}) }}}} as label_zh,
    {{{{ text({column.label_en!r}) }}}} as label_en,
    {staged_name(column)} as name,
    {staged_name(column)}_key as name_key,
    {staged_name(column)}__cell as cell
from {{{{ ref('stg_nianbao__{table.id}') }}}}
where {staged_name(column)}_key is not null and city is not null
"""
        for table, column in named
    ]
    return f"-- {_NOTICE}\n" + "union all\n".join(selects)


def _fields_sql(form: Form) -> str:
    """Return the wide row of a school's submission: each field with its typed text and cell."""
    tables = [table for table in form.filed_by(Filer.school) if table.kind == "fields"]
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
