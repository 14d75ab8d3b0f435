with

schools as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

schools_standing as (

    select * from {{ ref('int_schools_standing') }}
    where state <> 'accepted'

),

cities as (

    select * from {{ ref('stg_nianbao__cities') }}

),

bureaus_accepted as (

    select * from {{ ref('int_submissions_accepted') }}
    where filed_by = 'bureau'

),

years as (

    select distinct
        city,
        year
    from schools

)

select
    schools.city,
    schools.year,
    'school' as filed_by,
    schools.school_code,
    schools.county_code,
    schools.school_name as name_zh,
    schools.school_name as name_en,
    schools_standing.state
from schools
inner join schools_standing
    on
        schools.city = schools_standing.city
        and schools.year = schools_standing.year
        and schools.school_code = schools_standing.school_code
union all
select
    years.city,
    years.year,
    'bureau' as filed_by,
    {{ text(none) }} as school_code,
    {{ text(none) }} as county_code,
    '市级填报' as name_zh,
    'the bureau''s own form' as name_en,
    'missing' as state
from years
inner join cities on years.city = cities.city
left join bureaus_accepted
    on years.city = bureaus_accepted.city and years.year = bureaus_accepted.year
where bureaus_accepted.city is null
