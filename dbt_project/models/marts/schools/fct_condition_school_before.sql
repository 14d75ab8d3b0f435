with

schools as (

    select * from {{ ref('fct_condition_school') }}

),

rosters as (

    select * from {{ ref('fct_roster') }}

),

city_years as (

    select distinct
        city,
        year,
        year_date
    from rosters

)

select
    schools.city,
    city_years.year,
    city_years.year_date,
    schools.year as checked_year,
    schools.school_code,
    schools.county_code,
    schools.city_code,
    schools.province_code,
    schools.is_monitored as was_monitored,
    schools.is_meeting_all as was_meeting_all
from schools
inner join city_years on schools.city = city_years.city and schools.year = city_years.year - 1
