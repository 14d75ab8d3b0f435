with

schools as (

    select * from {{ ref('dim_school') }}

),

-- A year of which nothing is accepted yet has no figures, and so none of its roster either.
city_years as (

    select distinct
        city,
        year
    from {{ ref('int_submissions_accepted') }}

)

select
    schools.city,
    schools.year,
    schools.year_date,
    schools.school_code,
    schools.county_code,
    schools.city_code,
    schools.province_code,
    schools.ownership,
    schools.is_monitored
from schools
inner join city_years on schools.city = city_years.city and schools.year = city_years.year
