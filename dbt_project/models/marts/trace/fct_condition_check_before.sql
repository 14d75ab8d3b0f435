with

checks as (

    select * from {{ ref('fct_condition_check') }}

)

select
    city,
    year + 1 as year,
    year as checked_year,
    school_code,
    school_class,
    condition,
    condition_name,
    unit,
    value,
    direction,
    threshold,
    evidence,
    is_met
from checks
