with

metrics as (

    select * from {{ ref('city_yearly_metrics') }}

),

passed as (

    select * from {{ ref('city_years_passed') }}

)

select
    metrics.* replace (
        -- What is not published of a year is not published as the year before another.
        case when passed_before.city is not null then metrics.previous_value end as previous_value,
        case when passed_before.city is not null then metrics.previous_schools_counted end
            as previous_schools_counted,
        case when passed_before.city is not null then metrics.previous_schools_expected end
            as previous_schools_expected
    )
from metrics
inner join passed
    on
        metrics.city = passed.city
        and metrics.year = passed.year
left join passed as passed_before
    on
        metrics.city = passed_before.city
        and metrics.year - 1 = passed_before.year
