-- Generated from forms/ by `python -m orchestration.staging`; change the form instead.
select
    submission_id,
    city,
    school_code,
    year,
    file_hash,
    sheet,
    row_no,
    level__read as level,
    level__typed,
    sheet || '!' || level__cell as level__cell,
    try_cast(sessions__read as bigint) as sessions,
    sessions__typed,
    sheet || '!' || sessions__cell as sessions__cell,
    try_cast(person_times__read as bigint) as person_times,
    person_times__typed,
    sheet || '!' || person_times__cell as person_times__cell
from {{ source('raw', 'teacher_training') }}
