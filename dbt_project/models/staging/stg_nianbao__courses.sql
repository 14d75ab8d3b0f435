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
    kind__read as kind,
    kind__typed,
    sheet || '!' || kind__cell as kind__cell,
    level__read as level,
    level__typed,
    sheet || '!' || level__cell as level__cell
from {{ source('raw', 'courses') }}
