-- Generated from forms/ by `python -m orchestration.staging`; change the form instead.
select
    submission_id,
    city,
    school_code,
    year,
    file_hash,
    sheet,
    row_no,
    title__read as title,
    title__typed,
    sheet || '!' || title__cell as title__cell,
    body__read as body,
    body__typed,
    sheet || '!' || body__cell as body__cell
from {{ source('raw', 'cases') }}
