-- Generated from forms/ by `python -m orchestration.staging`; change the form instead.
select
    submission_id,
    city,
    school_code,
    year,
    file_hash,
    sheet,
    row_no,
    programme__read as programme,
    programme__typed,
    sheet || '!' || programme__cell as programme__cell,
    partner__read as partner,
    partner__typed,
    sheet || '!' || partner__cell as partner__cell,
    partner_level__read as partner_level,
    partner_level__typed,
    sheet || '!' || partner_level__cell as partner_level__cell,
    try_cast(entrants__read as bigint) as entrants,
    entrants__typed,
    sheet || '!' || entrants__cell as entrants__cell
from {{ source('raw', 'articulation') }}
