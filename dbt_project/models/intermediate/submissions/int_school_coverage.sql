with

rosters as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

filed as (

    select distinct
        city,
        school_code,
        year
    from {{ ref('stg_nianbao__submissions') }}
    where filed_by = 'school'

)

select
    rosters.city,
    rosters.year,
    rosters.school_code,
    rosters.school_name,
    filed.school_code is not null as has_submission
from rosters
left join filed
    on rosters.city = filed.city and rosters.school_code = filed.school_code and rosters.year = filed.year
