with

metrics as (

    select * from {{ ref('city_yearly_metrics') }}

),

years_passed as (

    select * from {{ ref('city_years_passed') }}

),

passed as (

    select * from {{ ref('city_figures_passed') }}

)

select
    metrics.* replace (
        case when passed.city is not null then metrics.value end as value,
        case when passed.city is not null then metrics.value_printed end as value_printed,
        case when passed.city is not null then metrics.numerator end as numerator,
        case when passed.city is not null then metrics.denominator end as denominator,
        case when passed.city is not null then metrics.status else 'withheld' end as status,
        -- What is not published of a year is not published as the year before another.
        case when passed_before.city is not null then metrics.previous_value end as previous_value,
        case when passed_before.city is not null then metrics.previous_schools_counted end
            as previous_schools_counted,
        case when passed_before.city is not null then metrics.previous_schools_expected end
            as previous_schools_expected
    )
from metrics
inner join years_passed
    on
        metrics.city = years_passed.city
        and metrics.year = years_passed.year
left join passed
    on
        metrics.city = passed.city
        and metrics.year = passed.year
        and metrics.indicator_id = passed.indicator_id
left join passed as passed_before
    on
        metrics.city = passed_before.city
        and metrics.year - 1 = passed_before.year
        and metrics.indicator_id = passed_before.indicator_id
