with

received as (

    select * from {{ ref('int_submissions_received') }}

),

verdicts as (

    select
        submission_id,
        verdict
    from {{ ref('stg_gate__verdicts') }}

),

judged as (

    select
        received.*,
        verdicts.verdict,
        -- A file that could not be read holds no figures and replaces none, whatever the gate said of it.
        received.has_filer and received.is_read and coalesce(verdicts.verdict = 'accepted', false) as is_accepted
    from received
    left join verdicts on received.submission_id = verdicts.submission_id

),

compared as (

    select
        *,
        max(case when verdict is not null then received_seq end)
            over (partition by city, year, filed_by, school_code)
            as newest_judged_seq,
        max(case when is_accepted then received_seq end)
            over (partition by city, year, filed_by, school_code)
            as standing_seq
    from judged

)

select
    submission_id,
    city,
    year,
    filed_by,
    school_code,
    received_seq,
    is_read,
    has_filer,
    verdict,
    is_newest,
    is_newest_read,
    verdict is not null and (not has_filer or received_seq = newest_judged_seq) as is_newest_judged,
    is_accepted and received_seq = standing_seq as is_standing,
    has_filer and coalesce(received_seq < standing_seq, false) as is_superseded
from compared
