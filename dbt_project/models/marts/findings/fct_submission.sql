with

submissions as (

    select * from {{ ref('stg_nianbao__submissions') }}

),

verdicts as (

    select * from {{ ref('stg_gate__verdicts') }}

)

select
    submissions.submission_id,
    submissions.city,
    submissions.year,
    submissions.school_code,
    submissions.filed_by,
    submissions.file_name,
    submissions.file_hash,
    submissions.form_version,
    submissions.received_at,
    submissions.received_seq,
    verdicts.verdict,
    verdicts.must_open,
    verdicts.explain_open,
    verdicts.explained
from submissions
left join verdicts on submissions.submission_id = verdicts.submission_id
