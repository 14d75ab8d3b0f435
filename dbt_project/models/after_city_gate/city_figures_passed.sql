with

passed as (

    select * from {{ ref('city_years_passed') }}

),

indicators as (

    select * from {{ ref('dim_indicator') }}

)

select
    passed.city,
    passed.year,
    indicators.indicator_id
from passed
cross join indicators
left join passed as passed_before
    on
        passed.city = passed_before.city
        and passed.year - 1 = passed_before.year
-- A figure of the year before is that year's, whoever prints it.
where indicators.years_before = 0 or passed_before.city is not null
