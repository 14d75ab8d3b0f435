with

figures as (

    select * from {{ ref('fct_indicator') }}

)

select
    city,
    year,
    area_level,
    area_code,
    indicator_id,
    case when status <> 'withheld' then value end as value,
    case when status <> 'withheld' then numerator end as numerator,
    case when status <> 'withheld' then denominator end as denominator,
    schools_counted,
    schools_expected,
    weight_covered_pct,
    cities_counted,
    cities_expected,
    cities_without_schools,
    has_coverage_note,
    unit,
    status
from figures
