with

submissions as (

    select
        *,
        -- Intake writes UTC; a due date is a day where the home's people live.
        {{ day_of('received_at') }} as received_day
    from {{ ref('stg_nianbao__submissions') }}
    where filed_by = 'school'

),

deadlines as (

    select * from {{ ref('stg_nianbao__deadlines') }}

)

select
    submissions.submission_id,
    submissions.city,
    submissions.year,
    submissions.school_code,
    submissions.received_at,
    deadlines.extension_reason,
    -- Days as text, which compare alike and are said to the school as they are.
    cast(submissions.received_day as string) as received_on,
    cast(deadlines.due_on as string) as due_on
from submissions
left join deadlines
    on
        submissions.city = deadlines.city
        and submissions.year = deadlines.year
        and submissions.school_code = deadlines.school_code
