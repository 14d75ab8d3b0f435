select
    finding_id,
    rule_id,
    class,
    stage,
    city,
    cast(year as integer) as year,
    school_code,
    submission_id,
    file_name,
    sheet,
    cell,
    values_typed,
    sentence_zh,
    sentence_en,
    state
from {{ source('gate', 'findings') }}
