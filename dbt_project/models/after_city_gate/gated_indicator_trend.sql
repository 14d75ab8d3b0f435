with

trend as (

    select * from {{ ref('fct_indicator_trend') }}

),

years_passed as (

    select * from {{ ref('city_years_passed') }}

),

passed as (

    select * from {{ ref('city_figures_passed') }}

)

select
    trend.* replace (
        case when passed.city is not null then trend.value end as value,
        case when passed.city is not null then trend.value_printed end as value_printed,
        case
            when passed.city is not null or trend.status is null then trend.status
            else 'withheld'
        end as status,
        case when passed_before.city is not null then trend.previous_year_value end as previous_year_value,
        case when passed.city is not null and passed_before.city is not null then trend.change end as change,
        case
            when passed.city is not null and passed_before.city is not null then trend.change_pct
        end as change_pct,
        case
            when passed.city is not null and passed_before.city is not null then trend.is_comparable
            else nullif(trend.is_comparable, true)
        end as is_comparable
    )
from trend
inner join years_passed
    on
        trend.city = years_passed.city
        and trend.year = years_passed.year
left join passed
    on
        trend.city = passed.city
        and trend.year = passed.year
        and trend.indicator_id = passed.indicator_id
left join passed as passed_before
    on
        trend.city = passed_before.city
        and trend.year - 1 = passed_before.year
        and trend.indicator_id = passed_before.indicator_id
