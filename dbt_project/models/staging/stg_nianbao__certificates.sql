-- Generated from forms/ by `python -m orchestration.staging`; change the form instead.
select
    submission_id,
    city,
    school_code,
    year,
    file_hash,
    sheet,
    row_no,
    certificate__read as certificate,
    certificate__typed,
    sheet || '!' || certificate__cell as certificate__cell,
    level__read as level,
    level__typed,
    sheet || '!' || level__cell as level__cell,
    try_cast(holders__read as bigint) as holders,
    holders__typed,
    sheet || '!' || holders__cell as holders__cell
from {{ source('raw', 'certificates') }}
