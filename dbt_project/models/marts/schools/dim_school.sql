with

rosters as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

cities as (

    select * from {{ ref('stg_nianbao__cities') }}

),

accepted as (

    select * from {{ ref('int_submissions_accepted') }}

),

profiles as (

    select * from {{ ref('stg_nianbao__profile') }}

),

divisions as (

    select * from {{ ref('divisions') }}

),

ownerships as (

    select * from {{ ref('stg_nianbao__codes') }}
    where list_name = 'ownership'

),

school_classes as (

    select * from {{ ref('stg_nianbao__codes') }}
    where list_name = 'school_class'

)

select
    rosters.city,
    rosters.year,
    make_date(rosters.year, 12, 31) as year_date,
    rosters.school_code,
    rosters.school_name,
    rosters.county_code,
    divisions.name as county_name,
    cities.city_code,
    cities.province_code,
    rosters.is_monitored,
    accepted.submission_id,
    accepted.submission_id is not null as is_accepted,
    coalesce(rosters.ownership, profiles.ownership) as ownership,
    ownerships.name_zh as ownership_name,
    profiles.school_class,
    school_classes.name_zh as school_class_name,
    profiles.founded_year,
    profiles.is_national_demonstration,
    profiles.is_provincial_demonstration,
    profiles.is_national_key,
    profiles.is_provincial_key,
    profiles.is_provincial_quality,
    profiles.is_education_group_member
from rosters
inner join cities on rosters.city = cities.city
left join accepted
    on
        rosters.city = accepted.city
        and rosters.school_code = accepted.school_code
        and rosters.year = accepted.year
left join profiles on accepted.submission_id = profiles.submission_id
left join divisions on rosters.county_code = divisions.code
left join ownerships on coalesce(rosters.ownership, profiles.ownership) = ownerships.code
left join school_classes on profiles.school_class = school_classes.code
