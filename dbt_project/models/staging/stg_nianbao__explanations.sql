-- Generated from forms/ by `python -m orchestration.staging`; change the form instead.
select
    submission_id,
    city,
    school_code,
    year,
    file_hash,
    sheet,
    row_no,
    rule_id__read as rule_id,
    rule_id__typed,
    sheet || '!' || rule_id__cell as rule_id__cell,
    place__read as place,
    place__typed,
    sheet || '!' || place__cell as place__cell,
    explanation__read as explanation,
    explanation__typed,
    sheet || '!' || explanation__cell as explanation__cell
from {{ source('raw', 'explanations') }}
