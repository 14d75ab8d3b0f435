with

submissions as (

    select * from {{ ref('stg_nianbao__submissions') }}

),

standing as (

    select * from {{ ref('int_submissions_standing') }}

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
    standing.verdict,
    standing.is_standing,
    standing.is_superseded,
    verdicts.must_open,
    verdicts.explain_open,
    verdicts.explained
from submissions
inner join standing on submissions.submission_id = standing.submission_id
left join verdicts on submissions.submission_id = verdicts.submission_id
