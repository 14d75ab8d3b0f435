with

impact as (

    select * from {{ ref('fct_impact') }}

),

withheld as (

    select
        city,
        year,
        indicator_id
    from {{ ref('fct_indicator') }}
    where area_level = 'city' and status = 'withheld'

)

select
    impact.city,
    impact.year,
    impact.school_code,
    impact.indicator_id,
    case when withheld.city is null then impact.value end as value,
    case when withheld.city is null then impact.value_without end as value_without,
    case when withheld.city is null then impact.change end as change,
    -- A share of a figure that the school's own value gives back.
    case when withheld.city is null then impact.change_pct end as change_pct
from impact
left join withheld
    on
        impact.city = withheld.city
        and impact.year = withheld.year
        and impact.indicator_id = withheld.indicator_id
