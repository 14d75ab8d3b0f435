with

checks as (

    select * from {{ ref('fct_condition_check') }}

),

rosters as (

    select * from {{ ref('fct_roster') }}

),

city_years as (

    select distinct
        city,
        year
    from rosters

)

select
    checks.city,
    city_years.year,
    checks.year as checked_year,
    checks.school_code,
    checks.school_class,
    checks.condition,
    checks.condition_name,
    checks.unit,
    checks.value,
    checks.direction,
    checks.threshold,
    checks.evidence,
    checks.is_met
from checks
inner join city_years on checks.city = city_years.city and checks.year = city_years.year - 1
