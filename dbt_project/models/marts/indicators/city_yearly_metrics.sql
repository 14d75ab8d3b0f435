with

indicators as (

    select
        city,
        year,
        area_code,
        indicator_id,
        case when status = 'withheld' then null else value end as value,
        case when status = 'withheld' then null else numerator end as numerator,
        case when status = 'withheld' then null else denominator end as denominator,
        schools_counted,
        schools_expected,
        weight_covered_pct,
        has_coverage_note,
        status
    from {{ ref('fct_indicator') }}
    where area_level = 'city'

),

definitions as (

    select * from {{ ref('dim_indicator') }}

)

select
    indicators.city,
    indicators.year,
    indicators.area_code as city_code,
    indicators.indicator_id,
    definitions.name_zh,
    definitions.name_en,
    indicators.value,
    {{ half_up('indicators.value', 'definitions.decimals') }} as value_printed,
    indicators.numerator,
    indicators.denominator,
    definitions.unit,
    definitions.decimals,
    definitions.filed_by,
    indicators.schools_counted,
    indicators.schools_expected,
    indicators.weight_covered_pct,
    indicators.has_coverage_note,
    year_before.value as previous_value,
    case when year_before.value is not null then year_before.schools_counted end as previous_schools_counted,
    case when year_before.value is not null then year_before.schools_expected end as previous_schools_expected,
    indicators.status
from indicators
inner join definitions on indicators.indicator_id = definitions.indicator_id
left join indicators as year_before
    on
        indicators.city = year_before.city
        and indicators.indicator_id = year_before.indicator_id
        and indicators.year = year_before.year + 1
