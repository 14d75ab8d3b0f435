with

impact as (

    select * from {{ ref('fct_finding_impact') }}

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
    impact.finding_id,
    impact.indicator_id,
    impact.school_code,
    case when withheld.city is null then impact.value end as value,
    case when withheld.city is null then impact.value_without end as value_without,
    case when withheld.city is null then impact.value_corrected end as value_corrected,
    impact.schools_counted,
    impact.schools_expected,
    impact.schools_counted_without,
    impact.schools_expected_without,
    -- A share of a figure that the school's own value gives back.
    case when withheld.city is null then impact.change_pct end as change_pct,
    impact.lacking_pct,
    case when withheld.city is null then impact.impact_pct else impact.lacking_pct end as impact_pct,
    impact.is_unread,
    impact.place,
    case when withheld.city is null then impact.sentence_zh end as sentence_zh,
    case when withheld.city is null then impact.sentence_en end as sentence_en
from impact
left join withheld
    on
        impact.city = withheld.city
        and impact.year = withheld.year
        and impact.indicator_id = withheld.indicator_id
