with

submissions as (

    select * from {{ ref('stg_nianbao__submissions') }}

),

verdicts as (

    select * from {{ source('gate', 'verdicts') }}

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
    cast(verdicts.must_open as bigint) as must_open,
    cast(verdicts.explain_open as bigint) as explain_open,
    cast(verdicts.explained as bigint) as explained
from submissions
left join verdicts on submissions.submission_id = verdicts.submission_id
