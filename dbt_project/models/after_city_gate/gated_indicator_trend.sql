with

trend as (

    select * from {{ ref('fct_indicator_trend') }}

),

passed as (

    select * from {{ ref('city_years_passed') }}

)

select
    trend.* replace (
        case
            when passed_before.city is not null then trend.previous_year_value
        end as previous_year_value,
        case when passed_before.city is not null then trend.change end as change,
        case when passed_before.city is not null then trend.change_pct end as change_pct,
        case
            when passed_before.city is not null then trend.is_comparable
            else nullif(trend.is_comparable, true)
        end as is_comparable
    )
from trend
inner join passed
    on
        trend.city = passed.city
        and trend.year = passed.year
left join passed as passed_before
    on
        trend.city = passed_before.city
        and trend.year - 1 = passed_before.year
