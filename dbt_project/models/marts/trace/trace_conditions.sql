with

this_year as (

    select * from {{ ref('fct_condition_check') }}

),

year_before as (

    select * from {{ ref('fct_condition_check_before') }}

)

select
    city,
    year,
    year as checked_year,
    0 as years_before,
    school_code,
    condition,
    condition_name,
    unit,
    value,
    direction,
    threshold,
    evidence,
    is_met
from this_year
union all
select
    city,
    year,
    checked_year,
    1 as years_before,
    school_code,
    condition,
    condition_name,
    unit,
    value,
    direction,
    threshold,
    evidence,
    is_met
from year_before
