with

checks as (

    select * from {{ ref('fct_condition_check') }}

),

schools as (

    select distinct
        city,
        year,
        school_code
    from checks

)

select
    schools.city,
    schools.year,
    checks.year as checked_year,
    schools.school_code,
    checks.school_class,
    checks.condition,
    checks.condition_name,
    checks.unit,
    checks.value,
    checks.direction,
    checks.threshold,
    checks.evidence,
    checks.is_met
from schools
inner join checks
    on
        schools.city = checks.city
        and schools.school_code = checks.school_code
        and schools.year = checks.year + 1
