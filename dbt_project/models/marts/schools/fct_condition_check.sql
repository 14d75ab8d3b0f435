with

schools as (

    select * from {{ ref('dim_school') }}
    where is_accepted

),

checks as (

    select * from {{ ref('int_conditions_checked') }}

)

select
    schools.city,
    schools.year,
    schools.year_date,
    schools.school_code,
    schools.county_code,
    schools.city_code,
    schools.province_code,
    checks.school_class,
    schools.is_monitored,
    checks.condition,
    checks.condition_name,
    checks.unit,
    checks.value,
    checks.direction,
    checks.threshold,
    checks.evidence,
    checks.is_met
from schools
inner join checks on schools.submission_id = checks.submission_id
