-- Generated from forms/ by `python -m orchestration.staging`; change the form instead.
select
    submission_id,
    city,
    school_code,
    year,
    file_hash,
    sheet,
    row_no,
    respondent__read as respondent,
    respondent__typed,
    sheet || '!' || respondent__cell as respondent__cell,
    try_cast(surveyed__read as bigint) as surveyed,
    surveyed__typed,
    sheet || '!' || surveyed__cell as surveyed__cell,
    try_cast(satisfied__read as bigint) as satisfied,
    satisfied__typed,
    sheet || '!' || satisfied__cell as satisfied__cell
from {{ source('raw', 'satisfaction') }}
