with

classes as (

    select * from {{ ref('fct_indicator_breakdown') }}

)

select
    city,
    year,
    area_level,
    area_code,
    indicator_id,
    breakdown,
    class_code,
    name_zh,
    name_en,
    breakdown_name_zh,
    breakdown_name_en,
    class_name_zh,
    class_name_en,
    class_position,
    case when status <> 'withheld' then value end as value,
    case when status <> 'withheld' then numerator end as numerator,
    case when status <> 'withheld' then denominator end as denominator,
    case when status <> 'withheld' then share_pct end as share_pct,
    case when status <> 'withheld' then value_rank end as value_rank,
    schools_counted,
    schools_expected,
    weight_covered_pct,
    cities_counted,
    cities_expected,
    cities_without_schools,
    has_coverage_note,
    unit,
    status
from classes
