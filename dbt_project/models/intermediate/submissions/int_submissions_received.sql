with

submissions as (

    select
        submission_id,
        city,
        year,
        filed_by,
        school_code,
        received_seq,
        is_read,
        -- Nobody knows whose a file without a code is: it replaces none, and none replaces it.
        city is not null and (filed_by = 'bureau' or school_code is not null) as has_filer
    from {{ ref('stg_nianbao__submissions') }}

),

newest as (

    select
        *,
        max(received_seq) over (partition by city, year, filed_by, school_code) as newest_seq,
        max(case when is_read then received_seq end)
            over (partition by city, year, filed_by, school_code)
            as newest_read_seq
    from submissions

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
    not has_filer or received_seq = newest_seq as is_newest,
    has_filer and coalesce(received_seq = newest_read_seq, false) as is_newest_read
from newest
