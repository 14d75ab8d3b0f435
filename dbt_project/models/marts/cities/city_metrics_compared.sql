with

metrics as (

    select * from {{ ref('city_yearly_metrics') }}

),

definitions as (

    select * from {{ ref('dim_indicator') }}

),

trend as (

    select * from {{ ref('fct_indicator_trend') }}

),

coverage as (

    select * from {{ ref('city_coverage') }}

)

select
    metrics.city,
    metrics.year,
    metrics.indicator_id,
    metrics.name_zh,
    metrics.name_en,
    metrics.value,
    metrics.value_printed,
    metrics.numerator,
    metrics.denominator,
    metrics.schools_counted,
    metrics.schools_expected,
    coverage.schools_excluded,
    metrics.previous_value,
    metrics.status,
    definitions.kind,
    definitions.range_low,
    definitions.range_high,
    definitions.yoy_band_pct,
    definitions.minimum_coverage_pct,
    -- Over other schools, or by another definition, a change is none of the figure's own.
    case when trend.is_comparable then abs(trend.change_pct) end as change_pct
from metrics
inner join definitions on metrics.indicator_id = definitions.indicator_id
left join trend
    on
        metrics.city = trend.city
        and metrics.year = trend.year
        and metrics.indicator_id = trend.indicator_id
left join coverage on metrics.city = coverage.city and metrics.year = coverage.year
