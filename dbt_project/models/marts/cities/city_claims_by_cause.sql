with

claims as (

    select * from {{ ref('fct_claim') }}
    where verdict in ('incomplete', 'decided', 'revised')

)

select
    city,
    year,
    verdict,
    cause_zh,
    cause_en,
    count(*) as claims,
    {{ listed(
        "claim_id || ' ' || label_zh || ' ' || printed || '→' || coalesce(computed, '—')",
        'claim_id',
        separator='、'
    ) }} as figures_zh,
    {{ listed(
        "claim_id || ' ' || label_en || ' ' || printed || '→' || coalesce(computed, '—')",
        'claim_id',
        separator=', '
    ) }} as figures_en
from claims
group by city, year, verdict, cause_zh, cause_en
