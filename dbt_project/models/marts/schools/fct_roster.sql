with

schools as (

    select * from {{ ref('dim_school') }}

),

years_before as (

    select * from {{ ref('stg_nianbao__rosters') }}

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
    schools.is_monitored,
    years_before.is_monitored as was_monitored
from schools
inner join city_years on schools.city = city_years.city and schools.year = city_years.year
left join years_before
    on
        schools.city = years_before.city
        and schools.school_code = years_before.school_code
        and schools.year = years_before.year + 1
