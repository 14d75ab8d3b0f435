with

submissions as (

    select * from {{ ref('stg_nianbao__submissions') }}

),

standing as (

    select submission_id from {{ ref('int_submissions_standing') }}
    where is_standing

),

rosters as (

    select * from {{ ref('stg_nianbao__rosters') }}

),

cities as (

    select * from {{ ref('stg_nianbao__cities') }}

)

select
    submissions.city,
    submissions.year,
    make_date(submissions.year, 12, 31) as year_date,
    submissions.school_code,
    rosters.school_name,
    rosters.county_code,
    rosters.is_monitored,
    cities.city_code,
    cities.province_code,
    submissions.submission_id,
    submissions.filed_by,
    submissions.file_name,
    submissions.file_hash
from submissions
inner join standing on submissions.submission_id = standing.submission_id
inner join cities on submissions.city = cities.city
left join rosters
    on
        submissions.city = rosters.city
        and submissions.school_code = rosters.school_code
        and submissions.year = rosters.year
