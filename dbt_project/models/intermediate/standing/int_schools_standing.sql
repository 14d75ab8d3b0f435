with

rosters as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

submissions as (

    select * from {{ ref('int_submissions_standing') }}
    where filed_by = 'school' and has_filer

),

exclusions as (

    select * from {{ ref('stg_nianbao__exclusions') }}

),

filed as (

    select
        city,
        year,
        school_code,
        max(case when is_standing then submission_id end) as standing_submission_id,
        max(case when is_newest_judged then submission_id end) as newest_submission_id,
        max(case when is_newest_judged then verdict end) as newest_verdict
    from submissions
    group by city, year, school_code

)

select
    rosters.city,
    rosters.year,
    rosters.school_code,
    case
        when filed.standing_submission_id is not null then 'accepted'
        when exclusions.school_code is not null then 'excluded'
        else coalesce(filed.newest_verdict, 'missing')
    end as state,
    filed.newest_verdict,
    filed.newest_submission_id,
    filed.standing_submission_id
from rosters
left join filed
    on
        rosters.city = filed.city
        and rosters.year = filed.year
        and rosters.school_code = filed.school_code
left join exclusions
    on
        rosters.city = exclusions.city
        and rosters.year = exclusions.year
        and rosters.school_code = exclusions.school_code
