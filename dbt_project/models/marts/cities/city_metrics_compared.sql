with

metrics as (

    select * from {{ ref('city_yearly_metrics') }}

),

definitions as (

    select * from {{ ref('dim_indicator') }}

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
    100 * abs(metrics.value - metrics.previous_value) / nullif(metrics.previous_value, 0) as change_pct
from metrics
inner join definitions on metrics.indicator_id = definitions.indicator_id
left join coverage on metrics.city = coverage.city and metrics.year = coverage.year
